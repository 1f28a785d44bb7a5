//! When it happened, from the words that say so: placed on the shop's calendar, in the past, or not at all.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned};
use proto::parser::v1 as parsed;

/// Days back that a date without a year may lie; what is older was hardly remembered just now.
const DAYS_BACK_MAX: i32 = 90;

/// What was said of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placed {
    /// Nothing, or now.
    Now,
    /// Then, in unix seconds.
    At(i64),
    /// Something that is no time in the past: it has to be asked.
    Unclear,
}

/// Places what was said. A day without a time is that day at the time of the message.
pub(crate) fn placed(when: Option<&parsed::When>, sent_at: i64, time_zone: &str) -> Placed {
    let Some(when) = when.filter(|when| !when.phrase.trim().is_empty()) else { return Placed::Now };
    let Some(now) = local(sent_at, time_zone) else { return Placed::Unclear };
    let phrase = when.phrase.trim().to_lowercase();
    let (day, time) = match phrase.rsplit_once(' ') {
        Some((day, last)) if last.contains(':') => (day, clock(last)),
        None if phrase.contains(':') => ("today", clock(&phrase)),
        _ => (phrase.as_str(), None),
    };
    let Some(date) = date(day, now.date()) else { return Placed::Unclear };
    if date == now.date() && time.is_none() {
        return Placed::Now;
    }
    let Ok(at) = date.to_datetime(time.unwrap_or_else(|| now.time())).to_zoned(now.time_zone().clone()) else {
        return Placed::Unclear;
    };
    // A time later today is a time somebody did not wait for: it happened, so it happened now.
    if at > now {
        return if date == now.date() { Placed::Now } else { Placed::Unclear };
    }
    Placed::At(at.timestamp().as_second())
}

/// Returns both days that "3/4" may be: as it was read, and with day and month the other way round.
pub(crate) fn both_ways(phrase: &str, sent_at: i64, time_zone: &str) -> Vec<(i64, Date)> {
    let Some(now) = local(sent_at, time_zone) else { return Vec::new() };
    let Some(first) = date(phrase, now.date()) else { return Vec::new() };
    let second = Date::new(first.year(), first.day(), first.month()).ok().filter(|second| *second != first);
    let at = |date: Date| {
        let at = date.to_datetime(now.time()).to_zoned(now.time_zone().clone()).ok()?;
        (at <= now).then(|| (at.timestamp().as_second(), date))
    };
    [Some(first), second].into_iter().flatten().filter_map(at).collect()
}

/// Returns midday of a day so many days before the message.
pub(crate) fn days_before(sent_at: i64, days: i64) -> i64 {
    sent_at - days * 24 * 60 * 60
}

pub(super) fn local(sent_at: i64, time_zone: &str) -> Option<Zoned> {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    Some(Timestamp::from_second(sent_at).ok()?.to_zoned(zone))
}

/// Returns the newest day of that name that has come.
pub(super) fn date(day: &str, today: Date) -> Option<Date> {
    let day = day.trim_start_matches("last ");
    match day {
        "today" | "now" | "this morning" | "this afternoon" | "tonight" => return Some(today),
        "yesterday" | "night" => return today.checked_sub(1.day()).ok(),
        "day before yesterday" | "the day before yesterday" => return today.checked_sub(2.days()).ok(),
        _ => {}
    }
    if let Some(weekday) = weekday(day) {
        // The newest of that name; "monday" on a Monday is a week ago, today is called today.
        let back = (1..=7).find(|back| today.checked_sub(back.days()).is_ok_and(|date| date.weekday() == weekday))?;
        return today.checked_sub(back.days()).ok();
    }
    let mut parts = day.split_whitespace();
    let number: i8 = parts.next()?.parse().ok()?;
    let month = month(parts.next()?)?;
    let year = parts.next().map(str::parse::<i16>);
    if parts.next().is_some() {
        return None;
    }
    if let Some(year) = year {
        return Date::new(year.ok()?, month, number).ok().filter(|date| *date <= today);
    }
    let date = [today.year(), today.year() - 1]
        .into_iter()
        .filter_map(|year| Date::new(year, month, number).ok())
        .find(|date| *date <= today)?;
    (today.since(date).ok()?.get_days() <= DAYS_BACK_MAX).then_some(date)
}

fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    MONTHS.iter().zip(1..).find(|(name, _)| **name == word).map(|(_, number)| number)
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wednesday 15 April 2026, 12:00 in Johannesburg.
    const SENT: i64 = 1_776_247_200;
    const DAY: i64 = 24 * 60 * 60;
    const ZONE: &str = "Africa/Johannesburg";

    fn at(phrase: &str) -> Placed {
        placed(Some(&parsed::When { phrase: phrase.to_owned() }), SENT, ZONE)
    }

    #[test]
    fn days_are_placed_on_the_calendar_of_the_shop() {
        assert_eq!(at(""), Placed::Now);
        assert_eq!(at("today"), Placed::Now);
        assert_eq!(at("yesterday"), Placed::At(SENT - DAY));
        assert_eq!(at("monday"), Placed::At(SENT - 2 * DAY));
        assert_eq!(at("wednesday"), Placed::At(SENT - 7 * DAY), "today is called today");
        assert_eq!(at("3 april"), Placed::At(SENT - 12 * DAY));
        assert_eq!(at("3 april 2026"), Placed::At(SENT - 12 * DAY));
        assert_eq!(at("today 08:30"), Placed::At(SENT - 3 * 3600 - 1800));
        assert_eq!(at("yesterday 17:00"), Placed::At(SENT - DAY + 5 * 3600));
    }

    #[test]
    fn a_time_that_has_not_come_is_now_and_a_day_that_has_not_is_asked() {
        assert_eq!(at("today 17:00"), Placed::Now);
        for phrase in ["16 april", "3 december", "32 april", "tomorrow", "soon", "3 april 2027"] {
            assert_eq!(at(phrase), Placed::Unclear, "{phrase}");
        }
    }

    #[test]
    fn a_date_may_be_read_two_ways() {
        let days = |phrase| both_ways(phrase, SENT, ZONE).into_iter().map(|(_, date)| (date.day(), date.month()));
        assert_eq!(days("3 april").collect::<Vec<_>>(), [(3, 4), (4, 3)]);
        assert_eq!(days("13 april").collect::<Vec<_>>(), [(13, 4)]);
        assert_eq!(days("4 april").collect::<Vec<_>>(), [(4, 4)]);
    }
}
