//! What is asked of some days: reports, what happened to an item, why a number is what it is, and files.

use jiff::ToSpan as _;
use jiff::civil::Date;
use proto::parser::v1 as parsed;
use proto::parser::v1::ReportKind;
use serde::{Deserialize, Serialize};

use super::dates;
use super::plan::{Item, Saying, Step};
use super::read::{Known, item_of};
use super::upkeep::Upkeep;

/// Days that a file of movements is of when nobody said which.
const FILE_DAYS: i64 = 30;

/// Days of a shop, from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Days {
    /// The first day.
    pub first: Date,
    /// The last day, which is part of it.
    pub last: Date,
    /// What they are called, when there is a word for them.
    pub called: Option<Called>,
}

/// Days that have a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Called {
    /// The day of the message.
    Today,
    /// The day before.
    Yesterday,
    /// From Monday to the day of the message.
    ThisWeek,
    /// From the first of the month to the day of the message.
    ThisMonth,
}

impl Days {
    /// Places a period in canonical English on the shop's calendar; `None`: it is none, or has not come yet.
    pub fn of(period: &str, sent_at: i64, time_zone: &str) -> Option<Self> {
        let today = dates::local(sent_at, time_zone)?.date();
        let back = |days: i64| today.checked_sub(days.days()).ok();
        let monday = back(i64::from(today.weekday().to_monday_zero_offset()))?;
        let month = |date: Date| date.first_of_month();
        let (first, last, called) = match period {
            "" | "today" => (today, today, Some(Called::Today)),
            "yesterday" => (back(1)?, back(1)?, Some(Called::Yesterday)),
            "this_week" => (monday, today, Some(Called::ThisWeek)),
            "last_week" => (monday.checked_sub(7.days()).ok()?, monday.yesterday().ok()?, None),
            "this_month" => (month(today), today, Some(Called::ThisMonth)),
            "last_month" => {
                let last = month(today).yesterday().ok()?;
                (month(last), last, None)
            }
            "this_year" => (today.first_of_year(), today, None),
            day => {
                let day = dates::date(&day.replace('_', " "), today)?;
                (day, day, None)
            }
        };
        Some(Self { first, last, called })
    }

    /// Returns how many days it is.
    pub fn count(self) -> i32 {
        self.first.until(self.last).map_or(0, |between| between.get_days()) + 1
    }

    /// Returns whether the newest of them is the day of the message.
    pub fn ends_today(self) -> bool {
        self.called.is_some_and(|called| called != Called::Yesterday)
    }

    /// Returns those with a name that are fewer, most days first.
    pub fn shorter(self, sent_at: i64, time_zone: &str) -> Vec<Self> {
        let mut shorter: Vec<Self> = ["today", "this_week", "this_month"]
            .into_iter()
            .filter_map(|period| Self::of(period, sent_at, time_zone))
            .filter(|days| days.count() < self.count())
            .collect();
        // On a Monday this week is today, and is called so.
        shorter.dedup_by_key(|days| days.count());
        shorter.reverse();
        shorter
    }
}

/// What is told of some days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// What it is about.
    pub about: About,
    /// Which days; of what the stock is worth, none matters.
    pub days: Days,
    /// Only of this item.
    pub item: Option<Item>,
}

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum About {
    /// Everything in short.
    Everything,
    /// What was sold.
    Sales,
    /// Money taken.
    Revenue,
    /// Money earned.
    Profit,
    /// What sells best.
    Best,
    /// What the stock cost.
    Worth,
}

/// A file that is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Export {
    /// What happened in these days; `None`: what there is.
    pub movements: Option<Days>,
    /// Whether it is plain text with commas and not a workbook.
    pub is_csv: bool,
}

/// Returns what is done about words that ask for a report.
pub(super) fn report(said: &parsed::Report, known: &Known) -> Step {
    let item = item_of(said.item.as_ref());
    let days = Days::of(&said.period, known.sent_at, &known.time_zone);
    let about = match said.kind() {
        ReportKind::Unspecified | ReportKind::Summary => About::Everything,
        ReportKind::Sales => About::Sales,
        ReportKind::Revenue => About::Revenue,
        ReportKind::Profit => About::Profit,
        ReportKind::Top => About::Best,
        ReportKind::Valuation => About::Worth,
        ReportKind::History => return history(said, item, days),
        ReportKind::Export => return export(said, days, known),
    };
    match days {
        Some(days) => Step::Report(Report { about, days, item: item.filter(|_| about == About::Sales) }),
        None => Step::Say(Saying::WhichDays),
    }
}

fn history(said: &parsed::Report, item: Option<Item>, days: Option<Days>) -> Step {
    let Some(item) = item else { return Step::Say(Saying::NotUnderstood) };
    match days {
        _ if said.why => Step::Upkeep(Upkeep::Explain { item }),
        None => Step::Say(Saying::WhichDays),
        days => Step::Upkeep(Upkeep::History { item, days: days.filter(|_| !said.period.is_empty()) }),
    }
}

fn export(said: &parsed::Report, days: Option<Days>, known: &Known) -> Step {
    let is_csv = said.format == "csv";
    if !said.movements {
        return Step::Export(Export { movements: None, is_csv });
    }
    let newest = || {
        let today = Days::of("today", known.sent_at, &known.time_zone)?;
        Some(Days { first: today.last.checked_sub((FILE_DAYS - 1).days()).ok()?, called: None, ..today })
    };
    match if said.period.is_empty() { newest() } else { days } {
        Some(days) => Step::Export(Export { movements: Some(days), is_csv }),
        None => Step::Say(Saying::WhichDays),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wednesday 15 April 2026, 00:30 in Johannesburg: the day before in UTC.
    const SENT: i64 = 1_776_205_800;
    const ZONE: &str = "Africa/Johannesburg";

    fn days(period: &str) -> Option<(String, String)> {
        Days::of(period, SENT, ZONE).map(|days| (days.first.to_string(), days.last.to_string()))
    }

    fn asked(said: &parsed::Report) -> Step {
        report(said, &Known { sent_at: SENT, time_zone: ZONE.to_owned(), ..Known::default() })
    }

    #[test]
    fn periods_are_days_of_the_shops_calendar_up_to_today() {
        for (period, first, last) in [
            ("", "2026-04-15", "2026-04-15"),
            ("yesterday", "2026-04-14", "2026-04-14"),
            ("day_before_yesterday", "2026-04-13", "2026-04-13"),
            ("this_week", "2026-04-13", "2026-04-15"),
            ("last_week", "2026-04-06", "2026-04-12"),
            ("this_month", "2026-04-01", "2026-04-15"),
            ("last_month", "2026-03-01", "2026-03-31"),
            ("this_year", "2026-01-01", "2026-04-15"),
            ("monday", "2026-04-13", "2026-04-13"),
            ("3_april", "2026-04-03", "2026-04-03"),
        ] {
            assert_eq!(days(period), Some((first.to_owned(), last.to_owned())), "{period}");
        }
        for period in ["tomorrow", "3_december", "the_rains"] {
            assert_eq!(days(period), None, "{period}");
        }
    }

    #[test]
    fn what_is_shorter_has_fewer_days_and_a_name() {
        let of = |period: &str| Days::of(period, SENT, ZONE).unwrap();
        let shorter = |days: Days| days.shorter(SENT, ZONE).iter().map(|days| days.count()).collect::<Vec<_>>();

        assert_eq!(shorter(of("this_year")), [15, 3, 1]);
        assert_eq!(shorter(of("this_week")), [1]);
        assert!(shorter(of("today")).is_empty());
        let monday = of("this_year").shorter(SENT - 2 * 24 * 60 * 60, ZONE);
        assert_eq!(
            monday.iter().map(|days| days.called).collect::<Vec<_>>(),
            [Some(Called::ThisMonth), Some(Called::Today)]
        );
    }

    #[test]
    fn a_report_asks_for_days_that_it_knows_and_a_history_for_its_item() {
        let said = |kind: ReportKind, period: &str| parsed::Report {
            kind: kind as i32,
            period: period.to_owned(),
            ..parsed::Report::default()
        };

        assert!(matches!(asked(&said(ReportKind::Profit, "")), Step::Report(Report { about: About::Profit, .. })));
        assert_eq!(asked(&said(ReportKind::Sales, "tomorrow")), Step::Say(Saying::WhichDays));
        assert_eq!(asked(&said(ReportKind::History, "")), Step::Say(Saying::NotUnderstood));
    }

    #[test]
    fn a_file_of_movements_is_of_the_days_that_were_said_or_of_the_newest_thirty() {
        let said = |period: &str| parsed::Report {
            kind: ReportKind::Export as i32,
            period: period.to_owned(),
            movements: true,
            ..parsed::Report::default()
        };
        let count = |step| match step {
            Step::Export(Export { movements: Some(days), is_csv: false }) => days.count(),
            step => panic!("{step:?}"),
        };

        assert_eq!(count(asked(&said(""))), 30);
        assert_eq!(count(asked(&said("last_month"))), 31);
        assert_eq!(asked(&said("tomorrow")), Step::Say(Saying::WhichDays));
    }
}
