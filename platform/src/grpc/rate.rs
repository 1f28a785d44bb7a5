//! How often a caller may call.
//!
//! Each process counts for itself: with three replicas of a service a caller gets three times its rate.

use std::num::NonZeroU32;
use std::time::Duration;

use anyhow::Context as _;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

/// More than this in a period is no limit.
const COUNT_MAX: u32 = 1_000_000;

/// What an entry says: so many in so long, so many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    count: NonZeroU32,
    period: Duration,
    burst: NonZeroU32,
}

/// Counts the calls of one key.
#[derive(Debug)]
pub(super) struct RateLimit<C: Clock = DefaultClock> {
    rate: Rate,
    clock: C,
    limiter: RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>,
}

impl Rate {
    /// Reads `100/s` and `20`.
    pub(super) fn parse(rate: Option<&str>, burst: Option<&str>) -> anyhow::Result<Option<Self>> {
        let Some(rate) = rate else {
            anyhow::ensure!(burst.is_none(), "`burst=` needs a `rate=`");
            return Ok(None);
        };
        let (count, unit) = rate.split_once('/').context("rate is not like 100/s, 100/min or 100/h")?;
        let count: NonZeroU32 = count.parse().ok().context("rate is not a whole number above zero, as in 100/s")?;
        anyhow::ensure!(count.get() <= COUNT_MAX, "rate is above {COUNT_MAX}");
        let period = match unit {
            "s" => Duration::from_secs(1),
            "min" => Duration::from_mins(1),
            "h" => Duration::from_hours(1),
            _ => anyhow::bail!("rate is not per s, min or h"),
        };
        let burst = match burst {
            Some(burst) => burst.parse().ok().context("burst is not a whole number above zero")?,
            None => count,
        };
        Ok(Some(Self { count, period, burst }))
    }
}

impl RateLimit {
    pub(super) fn new(rate: Rate) -> Self {
        Self::on(rate, DefaultClock::default())
    }
}

impl<C: Clock + Clone> RateLimit<C> {
    fn on(rate: Rate, clock: C) -> Self {
        let quota = Quota::with_period(rate.period / rate.count.get())
            .expect("a second by at most a million is above zero")
            .allow_burst(rate.burst);
        Self { rate, limiter: RateLimiter::direct_with_clock(quota, clock.clone()), clock }
    }

    pub(super) fn rate(&self) -> Rate {
        self.rate
    }

    /// Counts a call, or says after what time there may be one.
    pub(super) fn check(&self) -> Result<(), Duration> {
        self.limiter.check().map_err(|early| early.wait_time_from(self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn limit(rate: &str, burst: Option<&str>) -> (RateLimit<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (RateLimit::on(Rate::parse(Some(rate), burst).unwrap().unwrap(), clock.clone()), clock)
    }

    #[test]
    fn as_many_as_the_burst_go_at_once_and_then_one_by_one() {
        let (limit, clock) = limit("10/s", Some("3"));

        for _ in 0..3 {
            limit.check().unwrap();
        }
        assert_eq!(limit.check(), Err(Duration::from_millis(100)));
        clock.advance(Duration::from_millis(99));
        assert_eq!(limit.check(), Err(Duration::from_millis(1)));
        clock.advance(Duration::from_millis(1));
        limit.check().unwrap();
        assert!(limit.check().is_err());
    }

    #[test]
    fn a_burst_that_is_not_said_is_the_rate_and_fills_up_again() {
        let (limit, clock) = limit("60/min", None);

        assert_eq!((0..100).filter(|_| limit.check().is_ok()).count(), 60);
        clock.advance(Duration::from_mins(10));
        assert_eq!((0..100).filter(|_| limit.check().is_ok()).count(), 60);
    }

    #[test]
    fn a_rate_that_lets_nobody_in_is_no_rate() {
        for rate in ["0/s", "5", "5/day", "-1/s", "/s", "1.5/s", "1000001/s"] {
            assert!(Rate::parse(Some(rate), None).is_err(), "{rate}");
        }
        assert!(Rate::parse(Some("5/s"), Some("0")).is_err());
        assert!(Rate::parse(None, None).unwrap().is_none());
    }
}
