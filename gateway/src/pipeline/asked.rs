//! Who may have a question or a stock-take open, remembered so that nobody is looked up in vain.
//!
//! What this process remembers of a person is true only while no other one handles the person's lane. Each claim of a lane
//! has a number: a gap in the numbers is somebody else's claim, and then the question is looked up once.

use std::time::Duration;

use moka::sync::Cache;
use platform::lanes::ClaimedLane;
use uuid::Uuid;

use super::act::QUESTION_OPEN;

/// People and lanes that are remembered; each takes about a hundred bytes.
const REMEMBERED_MAX: u64 = 200_000;

/// The memory of one process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct AskedMemory {
    /// Whether a question of the person may be open. Who is not here may have one.
    people: Cache<Uuid, bool>,
    /// The newest claim of a lane that was this process's.
    claims: Cache<String, i64>,
}

impl AskedMemory {
    /// Begins with nothing.
    pub fn new() -> Self {
        let open = Duration::try_from(QUESTION_OPEN).unwrap_or_default();
        Self {
            people: Cache::builder().max_capacity(REMEMBERED_MAX).time_to_live(open).build(),
            claims: Cache::builder().max_capacity(REMEMBERED_MAX).time_to_live(open).build(),
        }
    }

    /// Forgets what is known of the person when somebody else may have had the lane in hand since.
    pub(super) fn enter(&self, lane: &ClaimedLane, member: Uuid) {
        self.enter_claim(&lane.name, lane.number(), member);
    }

    fn enter_claim(&self, lane: &str, number: i64, member: Uuid) {
        let last = self.claims.get(lane);
        if last == Some(number) {
            return;
        }
        self.claims.insert(lane.to_owned(), number);
        if last != Some(number - 1) {
            self.people.invalidate(&member);
        }
    }

    /// Returns whether a question of the person may be open; `None`: it is not known here.
    pub(super) fn is_asked(&self, member: Uuid) -> Option<bool> {
        self.people.get(&member)
    }

    /// Remembers whether a question of the person may be open.
    pub(super) fn note(&self, member: Uuid, is_asked: bool) {
        self.people.insert(member, is_asked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_true_only_while_nobody_else_has_the_lane() {
        let memory = AskedMemory::new();
        let member = Uuid::from_u128(1);
        let after = |number| {
            memory.enter_claim("m/1", number, member);
            memory.is_asked(member)
        };

        assert_eq!(after(1), None, "somebody may have asked before this process began");
        memory.note(member, false);
        assert_eq!((after(1), after(2)), (Some(false), Some(false)), "our own claims follow each other");
        memory.note(member, true);
        assert_eq!(after(3), Some(true));
        assert_eq!(after(5), None, "claim 4 was somebody else's");
        memory.note(member, false);
        assert_eq!(after(1), None, "the lane was deleted and begun anew");
    }
}
