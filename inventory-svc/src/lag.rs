//! Tells when those who watch hear nothing although shops go on.
//!
//! They are told what is committed once every transaction that began before has ended, in the whole database server (see
//! `docs/data-model.md`). One that writes and is left open holds all of it back, and nobody else notices: so it is measured,
//! and after a minute somebody is woken.

use std::time::Duration;

use jiff::Timestamp;
use platform::Process;

use crate::metrics;
use crate::store::{Progress, Store};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// What is longer than this is no long transaction but a forgotten one.
const ALERT_AFTER: Duration = Duration::from_mins(1);

/// Looks how far the news of watchers lags behind.
#[derive(Debug)]
pub(crate) struct Lag {
    store: Store,
    process: Process,
    held: Option<Held>,
}

/// News that are held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    /// The transaction that they wait for.
    by: i64,
    /// When it was first seen to be the oldest.
    since: Timestamp,
    is_told: bool,
}

impl Lag {
    pub(crate) fn new(store: Store, process: Process) -> Self {
        Self { store, process, held: None }
    }

    /// Works until the drain begins.
    pub(crate) async fn run(mut self) {
        while !self.process.shutdown.is_draining() {
            // A database that is away holds nothing back, and is told of elsewhere.
            if let Ok(progress) = self.store.read_progress().await {
                let now = self.process.clock.now();
                self.held = next(self.held, progress, now);
                metrics::get().watch_lag.record(lag(self.held, now).as_secs(), &[]);
                self.tell(now);
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = self.process.shutdown.draining() => {}
            }
        }
    }

    /// Wakes somebody, once for each transaction that is left open.
    fn tell(&mut self, now: Timestamp) {
        let Some(held) = &mut self.held else { return };
        let lag = lag(Some(*held), now);
        if held.is_told || lag < ALERT_AFTER {
            return;
        }
        held.is_told = true;
        metrics::get().operator_alerts.add(1, &[opentelemetry::KeyValue::new("alert", "watch_held_back")]);
        tracing::error!(
            event.name = "operator_alert",
            alert = "watch_held_back",
            transaction.id = held.by,
            "operator_alert watch_held_back: transaction {} of the database server has been open for {} seconds, and watchers hear nothing until it ends",
            held.by,
            lag.as_secs()
        );
    }
}

/// Returns what holds the news back, after another look.
fn next(held: Option<Held>, progress: Progress, now: Timestamp) -> Option<Held> {
    if progress.settled_before >= progress.next {
        return None;
    }
    match held {
        Some(held) if held.by == progress.settled_before => Some(held),
        _ => Some(Held { by: progress.settled_before, since: now, is_told: false }),
    }
}

fn lag(held: Option<Held>, now: Timestamp) -> Duration {
    held.map_or(Duration::ZERO, |held| now.duration_since(held.since).try_into().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn look(held: Option<Held>, settled_before: i64, next_one: i64, seconds: i64) -> Option<Held> {
        next(held, Progress { settled_before, next: next_one }, at(seconds))
    }

    #[test]
    fn news_lag_for_as_long_as_one_transaction_stays_the_oldest() {
        let first = look(None, 7, 9, 0);
        assert_eq!(lag(first, at(0)), Duration::ZERO);
        let still = look(first, 7, 5_000, 65);
        assert_eq!(lag(still, at(65)), Duration::from_secs(65));
        assert!(lag(still, at(65)) >= ALERT_AFTER);

        let another = look(still, 4_999, 5_010, 70);
        assert_eq!(lag(another, at(70)), Duration::ZERO, "others are as busy as ever");
    }

    #[test]
    fn a_server_at_rest_holds_nothing_back() {
        let held = look(None, 7, 9, 0);

        assert_eq!(look(held, 9, 9, 3_600), None);
        assert_eq!(look(None, 9, 9, 7_200), None);
        assert_eq!(lag(None, at(7_200)), Duration::ZERO);
    }

    #[test]
    fn a_clock_that_is_set_back_is_no_lag() {
        let held = look(None, 7, 9, 100);

        assert_eq!(lag(look(held, 7, 9, 40), at(40)), Duration::ZERO);
    }
}
