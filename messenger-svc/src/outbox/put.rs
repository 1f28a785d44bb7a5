//! Into the outbox: concurrent requests share a commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use platform::Process;
use platform::batch::{BatchError, BatchOptions, Batcher};
use platform::lanes::{self, NewJob, Waker};
use platform::{db, telemetry};
use sqlx::PgPool;
use tracing::Instrument as _;

use crate::domain::message::{NewMessage, lane_name};
use crate::domain::recipient::Recipient;
use crate::flush;
use crate::store::messages::{self, Put, Row};

/// Why a message was not put in.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// The outbox holds as much as it may.
    #[error("the outbox is full")]
    Full,
    /// The database did not take it.
    #[error("the database did not take the message: {0}")]
    Database(Arc<sqlx::Error>),
    /// The process is leaving.
    #[error("the process is leaving")]
    Leaving,
}

/// Takes messages in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Outbox {
    batcher: Batcher<Row, Put, sqlx::Error>,
    process: Process,
    lane_key: Arc<[u8]>,
    default_number: Arc<str>,
    fill: Fill,
    waker: Waker,
}

/// Where a message stands in the outbox.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its lane.
    pub lane: String,
    /// The number it is sent from.
    pub phone_number_id: String,
}

/// How full the outbox is: counted now and then, and counted up in between. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Fill {
    pending: Arc<AtomicI64>,
    pending_max: i64,
}

impl Fill {
    /// Starts at zero; the first count comes from housekeeping.
    pub fn new(pending_max: i64) -> Self {
        Self { pending: Arc::default(), pending_max }
    }

    /// Returns up to where counting is of interest.
    pub fn limit(&self) -> i64 {
        self.pending_max.saturating_add(1)
    }

    /// Replaces the count.
    pub fn set(&self, pending: i64) {
        self.pending.store(pending, Ordering::Relaxed);
    }

    fn is_full(&self) -> bool {
        self.pending.load(Ordering::Relaxed) >= self.pending_max
    }

    fn add_one(&self) {
        self.pending.fetch_add(1, Ordering::Relaxed);
    }
}

/// What the outbox is made of.
#[derive(Debug)]
pub struct OutboxParts {
    /// The database.
    pub pool: PgPool,
    /// Time and ids.
    pub process: Process,
    /// The key under which people become lane names.
    pub lane_key: Vec<u8>,
    /// The number that sends when the request names none.
    pub default_number: String,
    /// How full the outbox is.
    pub fill: Fill,
    /// Wakes the sender of this process.
    pub waker: Waker,
}

impl Outbox {
    /// Starts it.
    pub fn new(parts: OutboxParts) -> Self {
        let OutboxParts { pool, process, lane_key, default_number, fill, waker } = parts;
        let options = BatchOptions { max_items: 256, max_queue: 8192, flushes_at_once: 2 };
        let batcher = Batcher::new("put_messages", options, move |rows: Vec<Row>| {
            let pool = pool.clone();
            let span = flush::span("put_messages", rows.len(), rows.iter().map(|row| row.traceparent.as_deref()));
            async move { put_all(&pool, rows).await }.instrument(span)
        });
        Self { batcher, process, lane_key: lane_key.into(), default_number: default_number.into(), fill, waker }
    }

    /// Returns the place of a message that somebody puts in by a transaction of their own.
    pub fn place(&self, recipient: &Recipient) -> Result<Place, PutError> {
        if self.fill.is_full() {
            return Err(PutError::Full);
        }
        let phone_number_id = self.default_number.as_ref().to_owned();
        Ok(Place { lane: lane_name(&self.lane_key, &phone_number_id, recipient), phone_number_id })
    }

    /// Takes note of a message that somebody put in, once that is committed.
    pub fn note_put(&self) {
        self.fill.add_one();
        self.waker.wake();
    }

    /// Puts one message in; durable when it returns.
    pub async fn put(&self, message: NewMessage) -> Result<Put, PutError> {
        if self.fill.is_full() {
            return Err(PutError::Full);
        }
        let phone_number_id =
            message.phone_number_id.clone().unwrap_or_else(|| self.default_number.as_ref().to_owned());
        let now = self.process.clock.now();
        // A time that has not come yet would keep the window open for too long.
        let message = NewMessage { inbound_at: message.inbound_at.map(|at| at.min(now)), ..message };
        let row = Row {
            id: self.process.ids.uuid(),
            digest: message.digest(),
            lane: lane_name(&self.lane_key, &phone_number_id, &message.recipient),
            phone_number_id,
            traceparent: telemetry::current_traceparent(),
            created_at: now,
            message,
        };
        let put = self.batcher.submit(row).await.map_err(|error| match error {
            BatchError::Full => PutError::Full,
            BatchError::Failed(error) => PutError::Database(error),
            BatchError::Closed => PutError::Leaving,
        })?;
        if matches!(put, Put::New(_)) {
            self.note_put();
        }
        Ok(put)
    }
}

async fn put_all(pool: &PgPool, rows: Vec<Row>) -> Result<Vec<Put>, sqlx::Error> {
    let rows = &rows;
    db::transact(pool, "put_messages", |mut tx| async move {
        let puts = messages::insert(&mut tx, rows).await?;
        let jobs: Vec<NewJob> = rows
            .iter()
            .zip(&puts)
            .filter(|(_, put)| matches!(put, Put::New(_)))
            .map(|(row, _)| NewJob {
                lane: row.lane.clone(),
                dedup_key: row.id.to_string(),
                kind: super::JOB_KIND.to_owned(),
                payload: Vec::new(), // the message stands in its own table
                sort_key: row.created_at.as_millisecond(),
                traceparent: row.traceparent.clone(),
            })
            .collect();
        if !jobs.is_empty() {
            lanes::enqueue(&mut tx, &jobs).await?;
        }
        Ok(tx.done(puts))
    })
    .await
}
