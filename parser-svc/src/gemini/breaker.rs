//! Keeps calls back while a quota is used up.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use platform::clock::Clock;

/// Where the quota of the day is counted.
const QUOTA_ZONE: &str = "America/Los_Angeles";

/// Open while there is no point in calling.
#[derive(Debug)]
pub struct Breaker {
    clock: Clock,
    open_until: Mutex<Option<Timestamp>>,
}

impl Breaker {
    /// Returns one that lets calls through.
    pub fn new(clock: Clock) -> Self {
        Self { clock, open_until: Mutex::new(None) }
    }

    /// Returns how long it stays open, if it is.
    pub fn open_for(&self) -> Option<Duration> {
        let until = (*self.open_until.lock().unwrap_or_else(PoisonError::into_inner))?;
        Duration::try_from(until.duration_since(self.clock.now())).ok().filter(|left| !left.is_zero())
    }

    /// Opens until the quota of the day comes back, and returns how long that is.
    pub fn open_until_midnight_pacific(&self) -> Duration {
        self.open(next_midnight(self.clock.now()))
    }

    /// Opens for a while.
    pub fn open_for_at_least(&self, delay: Duration) -> Duration {
        let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::from_hours(24));
        self.open(self.clock.now().checked_add(delay).unwrap_or(Timestamp::MAX))
    }

    fn open(&self, until: Timestamp) -> Duration {
        let mut open_until = self.open_until.lock().unwrap_or_else(PoisonError::into_inner);
        let until = open_until.map_or(until, |earlier| earlier.max(until));
        *open_until = Some(until);
        Duration::try_from(until.duration_since(self.clock.now())).unwrap_or_default()
    }
}

fn next_midnight(now: Timestamp) -> Timestamp {
    // A machine without time zone data waits by winter time: at worst an hour too long, never a call too early.
    let zone = TimeZone::get(QUOTA_ZONE).unwrap_or_else(|_| TimeZone::fixed(Offset::constant(-8)));
    now.to_zoned(zone)
        .tomorrow()
        .and_then(|tomorrow| tomorrow.start_of_day())
        .map_or(now, |midnight| midnight.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn midnight_pacific_follows_daylight_saving() {
        assert_eq!(next_midnight(at("2026-07-01T12:00:00Z")), at("2026-07-02T07:00:00Z"));
        assert_eq!(next_midnight(at("2026-12-01T12:00:00Z")), at("2026-12-02T08:00:00Z"));
    }

    #[test]
    fn breaker_closes_by_itself_when_its_time_has_passed() {
        let clock = Clock::manual(at("2026-12-01T12:00:00Z"));
        let breaker = Breaker::new(clock.clone());

        assert_eq!(breaker.open_until_midnight_pacific(), Duration::from_hours(20));
        assert!(breaker.open_for().is_some());
        clock.advance(SignedDuration::from_hours(20));

        assert_eq!(breaker.open_for(), None);
    }
}
