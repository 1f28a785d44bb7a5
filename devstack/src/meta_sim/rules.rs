//! Meta's limits: the 24 hours, messages to one person, messages of one number. Sections 4.5 and 7.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long after a person's newest message they can be written to without a template.
pub(crate) const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Which limits hold. Tests that are faster than Meta allows leave them off.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// What becomes of a message outside the 24 hours.
    pub window: WindowRule,
    /// Whether people who never wrote can be written to by template alone, as with the real one.
    pub strangers_need_templates: bool,
    /// Whether edits and deletions come as such, as on numbers that are used in the app too; else as `unsupported`.
    pub tells_edits: bool,
    /// Whether numbers are left out of messages, as with people who have usernames.
    pub hides_phones: bool,
    /// Messages to one person; `None`: as many as come.
    pub pair: Option<PairLimit>,
    /// Messages in and out in one second; `None`: as many as come.
    pub messages_per_second: Option<usize>,
}

/// How Meta says that the 24 hours are over. Both happen.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum WindowRule {
    /// With error 131047 at once.
    #[default]
    Refuse,
    /// With 200, and a receipt that says `failed` with code 131047.
    FailLater,
}

/// How many messages one person may get.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct PairLimit {
    /// How many at once.
    pub burst: u32,
    /// After how many seconds one more may follow.
    pub period_s: u32,
}

impl Default for PairLimit {
    fn default() -> Self {
        Self { burst: 45, period_s: 6 }
    }
}

impl Rules {
    /// Returns the rules without the limits on speed: the window alone, for those who wrote.
    pub fn lenient() -> Self {
        Self {
            window: WindowRule::default(),
            strangers_need_templates: false,
            tells_edits: false,
            hides_phones: false,
            pair: None,
            messages_per_second: None,
        }
    }

    /// Returns every rule that Meta has, with its numbers.
    pub fn metas() -> Self {
        Self {
            strangers_need_templates: true,
            pair: Some(PairLimit::default()),
            messages_per_second: Some(80),
            ..Self::lenient()
        }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::lenient()
    }
}

/// What is left of one person's burst: the time at which the bucket would be full again.
#[derive(Debug, Default)]
pub(crate) struct PairMeter(Mutex<Option<Timestamp>>);

impl PairMeter {
    /// Takes one message, or returns that there may be none now.
    pub(crate) fn take(&self, limit: PairLimit, now: Timestamp) -> bool {
        let period = SignedDuration::from_secs(i64::from(limit.period_s));
        let burst = period * i32::try_from(limit.burst).unwrap_or(i32::MAX);
        let mut full_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = full_at.unwrap_or(now).max(now) + period;
        if next.duration_since(now) > burst {
            return false;
        }
        *full_at = Some(next);
        true
    }
}

/// The messages of the last second.
#[derive(Debug, Default)]
pub(crate) struct NumberMeter(Mutex<VecDeque<Timestamp>>);

impl NumberMeter {
    /// Counts one message, or returns that there may be none now.
    pub(crate) fn take(&self, per_second: usize, now: Timestamp) -> bool {
        let mut recent = self.recent(now);
        if recent.len() >= per_second {
            return false;
        }
        recent.push_back(now);
        true
    }

    /// Counts one message that nobody can refuse: people write when they like.
    pub(crate) fn count(&self, now: Timestamp) {
        self.recent(now).push_back(now);
    }

    fn recent(&self, now: Timestamp) -> std::sync::MutexGuard<'_, VecDeque<Timestamp>> {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while recent.front().is_some_and(|at| now.duration_since(*at) >= SignedDuration::from_secs(1)) {
            recent.pop_front();
        }
        recent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn forty_five_at_once_and_then_one_every_six_seconds() {
        let (meter, limit) = (PairMeter::default(), PairLimit::default());

        assert_eq!((0..60).filter(|_| meter.take(limit, at(0))).count(), 45);
        assert!(!meter.take(limit, at(5)));
        assert!(meter.take(limit, at(6)));
        assert!(!meter.take(limit, at(6)));
        assert!(meter.take(limit, at(12)));
        assert_eq!((0..60).filter(|_| meter.take(limit, at(12 + 45 * 6))).count(), 45);
    }

    #[test]
    fn eighty_in_any_second_in_and_out() {
        let meter = NumberMeter::default();

        (0..30).for_each(|_| meter.count(at(0)));
        assert_eq!((0..80).filter(|_| meter.take(80, at(0))).count(), 50);
        assert!(meter.take(80, at(1)));
    }
}
