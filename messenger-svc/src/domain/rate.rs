//! Rates: a burst and then one at a time (pairs), and an even pace shared by replicas (numbers).

use jiff::{SignedDuration, Timestamp};

/// A rate with a burst, as a generic cell rate algorithm: its whole memory is one point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    period: SignedDuration,
    burst: i32,
}

impl Rate {
    /// Allows `burst` at once and one more for each `period` that passes.
    pub fn new(burst: u32, period: SignedDuration) -> Self {
        Self { period, burst: i32::try_from(burst.max(1)).unwrap_or(i32::MAX) }
    }

    /// Takes one. `full_at` is what the last taking returned; the new value comes back, or how long to wait.
    pub fn take(self, full_at: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, SignedDuration> {
        let base = full_at.map_or(now, |full_at| full_at.max(now));
        let wait = base.duration_since(now) - self.period * (self.burst - 1);
        if wait.is_positive() { Err(wait) } else { Ok(base + self.period) }
    }

    /// Returns whether less than half of the burst is left after a taking that returned `full_at`.
    pub fn is_below_half(self, full_at: Timestamp, now: Timestamp) -> bool {
        full_at.duration_since(now) * 2 > self.period * self.burst
    }
}

/// An even pace: slots one period apart, handed out in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    period_us: i64,
    horizon: SignedDuration,
}

impl Pace {
    /// Paces `per_second` and hands out no slot further ahead than `horizon`.
    pub fn new(per_second: u32, horizon: SignedDuration) -> Self {
        Self { period_us: 1_000_000 / i64::from(per_second.clamp(1, 1_000_000)), horizon }
    }

    /// Returns the time between two slots in microseconds.
    pub fn period_us(self) -> i64 {
        self.period_us
    }

    /// Returns the `n`th slot counted from `next_slot_at`, or how long to wait when it lies beyond the horizon.
    pub fn slot(self, next_slot_at: Option<Timestamp>, n: usize, now: Timestamp) -> Result<Timestamp, SignedDuration> {
        let first = next_slot_at.map_or(now, |next| next.max(now));
        let slot =
            first + SignedDuration::from_micros(self.period_us * i64::try_from(n).unwrap_or(i64::MAX / 2_000_000));
        let wait = slot.duration_since(now);
        if wait < self.horizon { Ok(slot) } else { Err(wait) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: SignedDuration = SignedDuration::from_secs(1);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn pair_takes_45_at_once_and_then_one_per_six_seconds() {
        let rate = Rate::new(45, SECOND * 6);
        let mut full_at = None;
        for _ in 0..45 {
            full_at = Some(rate.take(full_at, at(0)).unwrap());
        }

        assert_eq!(rate.take(full_at, at(0)), Err(SECOND * 6));
        assert_eq!(rate.take(full_at, at(5)), Err(SECOND));
        full_at = Some(rate.take(full_at, at(6)).unwrap());
        assert_eq!(rate.take(full_at, at(6)), Err(SECOND * 6));
    }

    #[test]
    fn pair_at_rest_has_its_whole_burst_again() {
        let rate = Rate::new(45, SECOND * 6);
        let mut full_at = None;
        for _ in 0..45 {
            full_at = Some(rate.take(full_at, at(0)).unwrap());
        }

        for _ in 0..45 {
            full_at = Some(rate.take(full_at, at(45 * 6)).unwrap());
        }

        assert!(rate.take(full_at, at(45 * 6)).is_err());
    }

    #[test]
    fn burst_is_below_half_from_the_23rd_of_45_on() {
        let rate = Rate::new(45, SECOND * 6);
        let (mut full_at, mut is_below) = (None, Vec::new());
        for _ in 0..45 {
            let taken = rate.take(full_at, at(0)).unwrap();
            is_below.push(rate.is_below_half(taken, at(0)));
            full_at = Some(taken);
        }

        assert_eq!(is_below.iter().position(|is_below| *is_below), Some(22));
        assert!(is_below[22..].iter().all(|is_below| *is_below));
        assert!(Rate::new(1, SECOND).is_below_half(at(1), at(0)));
        assert!(!Rate::new(2, SECOND).is_below_half(at(1), at(0)));
    }

    #[test]
    fn no_second_has_more_than_80_slots() {
        let pace = Pace::new(80, SECOND);
        let slots: Vec<_> = (0..200).map_while(|n| pace.slot(None, n, at(0)).ok()).collect();

        assert_eq!(slots.len(), 80);
        assert!(slots.iter().all(|slot| *slot < at(1)));
        assert_eq!(pace.slot(None, 80, at(0)), Err(SECOND));
        assert_eq!(pace.slot(Some(at(1)), 0, at(1)), Ok(at(1)));
    }
}
