//! How often a shop may ask the model on one day of its own calendar, and for how much money.
//!
//! Kept in memory: each replica counts by itself, so that several together may spend the limit once each, and a restart
//! begins at nothing. The limit is a fence against runaway cost, not an invoice.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use platform::clock::Clock;
use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};

use super::Usage;

/// The zone of a shop that named none.
const HOME_ZONE: &str = "Africa/Johannesburg";
/// Most shops that are counted at once, about 10 MB. One more is not asked for before a day ends somewhere.
const MAX_SHOPS: usize = 100_000;

/// For whom the model is asked.
#[derive(Debug, Clone)]
pub struct Payer {
    /// The shop.
    pub shop_id: String,
    /// Its time zone, IANA name; empty for the zone of most shops.
    pub time_zone: String,
}

/// What a shop may use in a day; `None`: as much as it likes.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Calls.
    pub calls: Option<u32>,
    /// US dollars.
    pub cost: Option<Decimal>,
}

/// What every shop has used of its day.
#[derive(Debug)]
pub struct Budgets {
    clock: Clock,
    limits: Limits,
    most_shops: usize,
    days: Mutex<HashMap<ShopKey, Day>>,
}

/// A digest: an id may be of any length.
type ShopKey = [u8; 32];

#[derive(Debug)]
struct Day {
    ends_at: Timestamp,
    calls: u32,
    cost: Decimal,
}

/// One call that was set aside for a message.
#[must_use = "what was used is settled afterwards"]
pub struct Reserved<'a> {
    budgets: &'a Budgets,
    key: ShopKey,
    ends_at: Timestamp,
}

impl Budgets {
    /// Returns untouched ones.
    pub fn new(clock: Clock, limits: Limits) -> Self {
        Self { clock, limits, most_shops: MAX_SHOPS, days: Mutex::default() }
    }

    /// Sets one call aside, or says how long the shop has to wait for its next day.
    ///
    /// Messages at once cannot take more calls than there are; money is known only afterwards, so that those under way
    /// may go over it.
    pub fn reserve(&self, payer: &Payer) -> Result<Reserved<'_>, Duration> {
        let now = self.clock.now();
        let key: ShopKey = Sha256::digest(payer.shop_id.as_bytes()).into();
        let mut days = self.lock();
        if days.len() >= self.most_shops && !days.contains_key(&key) {
            days.retain(|_, day| day.ends_at > now);
            if days.len() >= self.most_shops {
                tracing::warn!("more shops ask the model than are counted: the grammar reads alone for the others");
                return Err(until(now, next_midnight(now, &payer.time_zone)));
            }
        }
        let day = days.entry(key).or_insert_with(|| Day::new(now, payer));
        if day.ends_at <= now {
            *day = Day::new(now, payer);
        }
        let is_spent = self.limits.calls.is_some_and(|most| day.calls >= most)
            || self.limits.cost.is_some_and(|most| day.cost >= most);
        if is_spent {
            return Err(until(now, day.ends_at));
        }
        day.calls += 1;
        Ok(Reserved { budgets: self, key, ends_at: day.ends_at })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ShopKey, Day>> {
        self.days.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Day {
    fn new(now: Timestamp, payer: &Payer) -> Self {
        Self { ends_at: next_midnight(now, &payer.time_zone), calls: 0, cost: Decimal::ZERO }
    }
}

impl Reserved<'_> {
    /// Counts what was really used. Not called for a message whose sender hung up: its call stays counted.
    pub fn settle(self, usage: &Usage) {
        let mut days = self.budgets.lock();
        // A call that ends after midnight was made on the day before.
        if let Some(day) = days.get_mut(&self.key).filter(|day| day.ends_at == self.ends_at) {
            day.calls = (day.calls - 1).saturating_add(usage.call_count);
            day.cost = day.cost.saturating_add(usage.cost.unwrap_or_default());
        }
    }
}

fn until(now: Timestamp, then: Timestamp) -> Duration {
    Duration::try_from(then.duration_since(now)).unwrap_or_default()
}

/// The end of the day that it is there.
fn next_midnight(now: Timestamp, zone: &str) -> Timestamp {
    let zone = TimeZone::get(zone)
        .or_else(|_| TimeZone::get(HOME_ZONE))
        .unwrap_or_else(|_| TimeZone::fixed(Offset::constant(2)));
    now.to_zoned(zone)
        .tomorrow()
        .and_then(|tomorrow| tomorrow.start_of_day())
        .map_or(now, |midnight| midnight.timestamp())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn budgets(calls: Option<u32>, cost: Option<&str>) -> (Budgets, Clock) {
        let clock = Clock::manual("2026-12-01T12:00:00Z".parse().expect("a timestamp"));
        let cost = cost.map(|cost| cost.parse().expect("a decimal"));
        (Budgets::new(clock.clone(), Limits { calls, cost }), clock)
    }

    fn shop(name: &str, zone: &str) -> Payer {
        Payer { shop_id: name.to_owned(), time_zone: zone.to_owned() }
    }

    fn used(calls: u32, cost: Option<&str>) -> Usage {
        let cost = cost.map(|cost| cost.parse().expect("a decimal"));
        Usage { call_count: calls, cost, ..Usage::default() }
    }

    #[test]
    fn both_sides_of_the_last_call_of_a_day() {
        let (budgets, _) = budgets(Some(2), None);
        let payer = shop("a", "");

        for _ in 0..2 {
            budgets.reserve(&payer).expect("within the limit").settle(&used(1, None));
        }

        // 14:00 in Johannesburg.
        assert_eq!(budgets.reserve(&payer).err(), Some(Duration::from_hours(10)));
        assert!(budgets.reserve(&shop("b", "")).is_ok(), "another shop has its own");
    }

    #[test]
    fn messages_at_once_cannot_take_more_calls_than_there_are() {
        let (budgets, _) = budgets(Some(2), None);
        let payer = shop("a", "");

        let under_way = [budgets.reserve(&payer), budgets.reserve(&payer), budgets.reserve(&payer)];

        assert_eq!(under_way.iter().filter(|reserved| reserved.is_ok()).count(), 2);
    }

    #[test]
    fn retries_count_and_what_was_never_called_does_not() {
        let (budgets, _) = budgets(Some(3), None);
        let payer = shop("a", "");

        budgets.reserve(&payer).expect("within the limit").settle(&used(0, None));
        budgets.reserve(&payer).expect("within the limit").settle(&used(3, None));

        assert!(budgets.reserve(&payer).is_err());
    }

    #[test]
    fn both_sides_of_the_last_cent() {
        let (budgets, _) = budgets(None, Some("0.01"));
        let payer = shop("a", "");

        budgets.reserve(&payer).expect("within the limit").settle(&used(1, Some("0.0099")));
        budgets.reserve(&payer).expect("a little is left").settle(&used(1, Some("0.0001")));

        assert!(budgets.reserve(&payer).is_err());
    }

    #[test]
    fn a_new_day_begins_at_midnight_where_the_shop_is() {
        for (zone, hours) in [("", 10), ("Africa/Johannesburg", 10), ("Europe/London", 12), ("Nowhere/Land", 10)] {
            let (budgets, clock) = budgets(Some(1), None);
            let payer = shop("a", zone);
            budgets.reserve(&payer).expect("the first").settle(&used(1, None));

            clock.advance(SignedDuration::from_hours(hours) - SignedDuration::from_secs(1));
            assert_eq!(budgets.reserve(&payer).err(), Some(Duration::from_secs(1)), "{zone}");
            clock.advance(SignedDuration::from_secs(1));
            assert!(budgets.reserve(&payer).is_ok(), "{zone}");
        }
    }

    #[test]
    fn a_call_over_midnight_is_of_the_day_before() {
        let (budgets, clock) = budgets(Some(1), None);
        let payer = shop("a", "");

        let late = budgets.reserve(&payer).expect("the first");
        clock.advance(SignedDuration::from_hours(11));
        let early = budgets.reserve(&payer).expect("the first of the next day");
        late.settle(&used(3, None));
        early.settle(&used(0, None));

        assert!(budgets.reserve(&payer).is_ok());
    }

    #[test]
    fn shops_of_days_past_make_room_and_others_do_not() {
        let (mut budgets, clock) = budgets(Some(1), None);
        budgets.most_shops = 2;
        for name in ["a", "b"] {
            budgets.reserve(&shop(name, "")).expect("there is room").settle(&used(1, None));
        }

        assert!(budgets.reserve(&shop("c", "")).is_err(), "nobody is forgotten before the day is over");
        clock.advance(SignedDuration::from_hours(10));
        assert!(budgets.reserve(&shop("c", "")).is_ok());
    }
}
