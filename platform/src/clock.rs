//! Time, handed in: the system's in production, a hand-moved one in tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Tells the time. Cheap to clone; clones of a manual clock move together.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// Returns the machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// Returns a clock that stands at `start` until it is moved.
    pub fn manual(start: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(start.as_microsecond()))))
    }

    /// Returns the current time, in microseconds precision (what Postgres keeps).
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => {
                #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
                let now = Timestamp::now();
                Timestamp::from_microsecond(now.as_microsecond()).expect("a timestamp's own microseconds are in range")
            }
            Source::Manual(at) => {
                Timestamp::from_microsecond(at.load(Ordering::SeqCst)).expect("moved only by valid durations")
            }
        }
    }

    /// Moves a manual clock forward; the system's clock does not listen.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Manual(at) = &self.0 {
            let micros = i64::try_from(by.as_micros()).expect("tests move clocks by less than 292,000 years");
            at.fetch_add(micros, Ordering::SeqCst);
        }
    }
}
