//! Earlier answers of the model, for the same words of the same shop in the same place of a conversation.
//!
//! Kept in memory, by each replica for itself, under a digest: no text and no shop can be read from it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use moka::future::Cache;
use platform::clock::Clock;
use sha2::{Digest as _, Sha256};

use super::Proposal;

/// What makes two questions one.
pub type Key = [u8; 32];

/// Earlier answers, bounded in number and age.
pub struct Readings {
    clock: Clock,
    most_age: SignedDuration,
    kept: Cache<Key, Kept>,
}

#[derive(Clone)]
struct Kept {
    proposal: Arc<Proposal>,
    at: Timestamp,
}

impl Readings {
    /// Returns an empty one for so many actions in all; with none nothing is kept.
    pub fn new(clock: Clock, most_actions: u64, most_age: Duration) -> Self {
        let kept = Cache::builder()
            .max_capacity(most_actions)
            .weigher(|_, kept: &Kept| u32::try_from(kept.proposal.reading.actions.len()).unwrap_or(u32::MAX).max(1))
            // Frees memory by the machine's clock; whether an answer may be used is decided by ours.
            .time_to_live(most_age)
            .build();
        Self { clock, most_age: SignedDuration::try_from(most_age).unwrap_or(SignedDuration::MAX), kept }
    }

    /// Returns what is kept under the key, or what `ask` brings; that is kept when it is good.
    ///
    /// Of those who ask the same at once one asks and the others wait for its answer, whatever it is. Should the one go
    /// away meanwhile, the next of them asks.
    pub async fn get_or<E: Send + Sync + 'static>(
        &self,
        key: Key,
        ask: impl Future<Output = Result<Proposal, E>>,
    ) -> Result<Arc<Proposal>, Arc<E>> {
        let now = self.clock.now();
        let is_old = self.kept.get(&key).await.is_some_and(|kept| now.duration_since(kept.at) >= self.most_age);
        if is_old {
            self.kept.invalidate(&key).await;
        }
        let asked = async { ask.await.map(|proposal| Kept { proposal: Arc::new(proposal), at: self.clock.now() }) };
        self.kept.try_get_with(key, asked).await.map(|kept| kept.proposal)
    }
}

/// Digests the parts of a question; lengths go in, so that no two lists of parts meet in one key.
pub fn key(parts: &[&str]) -> Key {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Action, Paper, Reading};

    fn proposal(actions: usize) -> Proposal {
        let reading = Reading { actions: vec![Action::default(); actions], ..Reading::default() };
        Proposal { reading, transcript: String::new(), paper: Paper::default() }
    }

    fn readings(most_actions: u64) -> (Readings, Clock) {
        let clock = Clock::manual("2026-12-01T12:00:00Z".parse().expect("a timestamp"));
        (Readings::new(clock.clone(), most_actions, Duration::from_hours(24)), clock)
    }

    /// Whether it has to be asked for.
    async fn asks(readings: &Readings, name: &str, actions: usize) -> bool {
        let mut asked = false;
        let ask = async {
            asked = true;
            Ok::<_, ()>(proposal(actions))
        };
        readings.get_or(key(&[name]), ask).await.expect("it is good");
        readings.kept.run_pending_tasks().await;
        asked
    }

    #[tokio::test]
    async fn both_sides_of_the_age_of_an_answer() {
        let (readings, clock) = readings(10);

        assert!(asks(&readings, "a", 1).await);
        clock.advance(SignedDuration::from_hours(24) - SignedDuration::from_secs(1));
        assert!(!asks(&readings, "a", 1).await);
        clock.advance(SignedDuration::from_secs(1));
        assert!(asks(&readings, "a", 1).await);
        assert!(!asks(&readings, "a", 1).await);
    }

    #[tokio::test]
    async fn no_more_is_kept_than_there_is_room_for() {
        let (readings, _) = readings(10);

        for number in 0..100 {
            asks(&readings, &number.to_string(), 2).await;
        }

        readings.kept.run_pending_tasks().await;
        assert!(readings.kept.weighted_size() <= 10 && readings.kept.entry_count() > 0);
    }

    #[tokio::test]
    async fn without_room_nothing_is_kept() {
        let (readings, _) = readings(0);

        assert!(asks(&readings, "a", 1).await);
        assert!(asks(&readings, "a", 1).await);
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let (readings, _) = readings(10);

        let failed = readings.get_or(key(&["a"]), async { Err("no") }).await;

        assert_eq!(failed.err().as_deref(), Some(&"no"));
        assert!(asks(&readings, "a", 1).await);
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_ne!(key(&["ab"]), key(&["ab", ""]));
    }
}
