//! Ids, handed in like time.

use uuid::{NoContext, Uuid};

use crate::clock::Clock;

/// Makes ids that sort by the time they were made.
#[derive(Clone, Debug)]
pub struct Ids {
    clock: Clock,
}

impl Ids {
    /// Returns a maker of ids stamped by `clock`.
    pub fn new(clock: Clock) -> Self {
        Self { clock }
    }

    /// Returns a new UUID of version 7.
    pub fn uuid(&self) -> Uuid {
        let now = self.clock.now();
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
        Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanos))
    }
}
