//! At least once in, once through: what came is committed before Meta is answered.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use platform::batch::{BatchError, BatchOptions, Batcher};
use platform::lanes::{self, NewJob, Waker};
use platform::{Process, db, telemetry};
use sha2::Sha256;
use sqlx::PgPool;
use tracing::Instrument as _;

use crate::webhook::Entry;
use crate::{events, metrics, store};

/// A message of a person.
pub(crate) const KIND_MESSAGE: &str = "message";
/// A delivery status.
pub(crate) const KIND_STATUS: &str = "status";
/// Word to a person that their message was given up.
pub(crate) const KIND_APOLOGY: &str = "apology";

/// Statuses need no order among messages, so a few lanes carry them all, many at a time.
const STATUS_LANES: u8 = 16;

/// Tombstones outlive Meta's redelivery of seven days.
const TOMBSTONES_KEPT: Duration = Duration::from_hours(24 * 9);

/// Rows in one statement at most: a body of 3 MiB holds about a thousand updates.
const ROWS_PER_STATEMENT: usize = 2_000;

/// Takes what came in. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Inbox {
    batcher: Batcher<Arrival, (), sqlx::Error>,
    waker: Waker,
    salt: [u8; 32],
}

/// Rows of one request.
struct Arrival {
    jobs: Vec<NewJob>,
    kept: Vec<store::KeptEvent>,
}

/// Why a request was not stored. Meta sends it again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotStored {
    /// More is waiting for its commit than may.
    #[error("the inbox sheds load")]
    Overloaded,
    /// The database did not take it.
    #[error("the inbox could not commit: {0}")]
    Failed(String),
}

impl Inbox {
    /// Opens the inbox. `salt` keys the names of lanes.
    pub fn new(pool: PgPool, salt: [u8; 32], queue_max: usize, waker: Waker) -> Self {
        // One flush at a time: what arrives while it commits shares the next commit.
        let options = BatchOptions { max_items: 512, max_queue: queue_max, flushes_at_once: 1 };
        let batcher = Batcher::new("inbox", options, move |arrivals: Vec<Arrival>| {
            let pool = pool.clone();
            async move { flush(&pool, arrivals).await }
        });
        Self { batcher, waker, salt }
    }

    /// Stores what one request brought and returns after its commit.
    pub async fn accept(&self, entries: Vec<Entry>) -> Result<(), NotStored> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut arrival = Arrival { jobs: Vec::with_capacity(entries.len()), kept: Vec::new() };
        // One message is one trace: a batch of many gets one for each, linked to the request.
        let shared_trace = if entries.len() == 1 { telemetry::current_traceparent() } else { None };
        for entry in entries {
            match entry {
                Entry::Message { dedup_key, sender, sent_at_ms, stored } => arrival.jobs.push(NewJob {
                    lane: self.lane("m", &sender),
                    dedup_key,
                    kind: KIND_MESSAGE.to_owned(),
                    payload: serde_json::to_vec(&stored).expect("strings and raw JSON serialise"),
                    sort_key: sent_at_ms.unwrap_or(0),
                    traceparent: shared_trace.clone().or_else(own_trace),
                }),
                Entry::Status { dedup_key, wamid, stored } => arrival.jobs.push(NewJob {
                    lane: self.status_lane(&wamid),
                    dedup_key,
                    kind: KIND_STATUS.to_owned(),
                    payload: serde_json::to_vec(&stored).expect("raw JSON serialises"),
                    sort_key: 0,
                    traceparent: shared_trace.clone(),
                }),
                Entry::Other { dedup_key, field, raw } => {
                    arrival.kept.push(store::KeptEvent { dedup_key, field, payload: raw });
                }
            }
        }
        let alerts: Vec<_> = arrival
            .kept
            .iter()
            .filter_map(|event| {
                let reading = events::read(&event.field, &event.payload);
                Some((reading.alert?, event.field.clone(), reading.summary))
            })
            .collect();
        let span = tracing::info_span!("inbox commit", otel.name = "inbox commit");
        self.batcher.submit(arrival).instrument(span).await.map_err(|error| match error {
            BatchError::Full | BatchError::Closed => NotStored::Overloaded,
            BatchError::Failed(error) => NotStored::Failed(error.to_string()),
        })?;
        // Before Meta is answered: whoever dies in between gets the notification again, so that no alert is lost.
        for (alert, field, summary) in alerts {
            alert.raise(&field, &summary);
        }
        self.waker.wake();
        Ok(())
    }

    fn lane(&self, kind: &str, sender: &str) -> String {
        lane_of(&self.salt, kind, sender)
    }

    fn status_lane(&self, wamid: &str) -> String {
        format!("s/{}", keyed(&self.salt, wamid)[0] % STATUS_LANES)
    }
}

/// Returns the name of a lane: a keyed hash, so that it holds no phone number.
pub(crate) fn lane_of(salt: &[u8], kind: &str, sender: &str) -> String {
    format!("{kind}/{}", hex::encode(&keyed(salt, sender)[..16]))
}

fn keyed(salt: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

fn own_trace() -> Option<String> {
    let request = telemetry::current_traceparent()?;
    let span = tracing::info_span!(parent: None, "receive", otel.name = "receive message", otel.kind = "consumer");
    telemetry::link(&span, &request);
    telemetry::traceparent_of(&span)
}

async fn flush(pool: &PgPool, arrivals: Vec<Arrival>) -> Result<Vec<()>, sqlx::Error> {
    let count = arrivals.len();
    let jobs: Vec<NewJob> = arrivals.iter().flat_map(|arrival| arrival.jobs.iter().cloned()).collect();
    let kept: Vec<store::KeptEvent> = arrivals.into_iter().flat_map(|arrival| arrival.kept).collect();
    if kept.is_empty() && jobs.len() <= ROWS_PER_STATEMENT {
        // The usual case: one statement that commits by itself.
        db::statement(pool, "store_inbox", || async {
            let mut connection = pool.acquire().await?;
            lanes::enqueue(&mut connection, &jobs).await
        })
        .await?;
    } else {
        let (jobs, kept) = (&jobs, &kept);
        db::transact(pool, "store_inbox", |mut tx| async move {
            for rows in jobs.chunks(ROWS_PER_STATEMENT) {
                lanes::enqueue(&mut tx, rows).await?;
            }
            if !kept.is_empty() {
                store::keep_events(&mut tx, kept).await?;
            }
            Ok::<_, sqlx::Error>(tx.done(()))
        })
        .await?;
    }
    Ok(vec![(); count])
}

/// Forgets, once an hour, what nobody will ask about again.
pub(crate) async fn keep_house(pool: PgPool, process: Process, keep: store::Retention) {
    loop {
        match store::remove_old(&pool, keep, process.clock.now()).await {
            Ok(removed) => metrics::get().removed(&removed),
            Err(error) => tracing::warn!(%error, "old questions, events and dead letters were not cleaned"),
        }
        match lanes::purge(&pool, TOMBSTONES_KEPT).await {
            Ok(0) => {}
            Ok(count) => tracing::info!("forgot {count} messages that were done more than nine days ago"),
            Err(error) => tracing::warn!(%error, "the inbox was not cleaned"),
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_hours(1)) => {}
            () = process.shutdown.draining() => return,
        }
    }
}
