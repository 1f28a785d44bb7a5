//! What Meta reports of messages: concurrent calls share one transaction.

mod apply;

use std::sync::Arc;

use opentelemetry::KeyValue;
use platform::batch::{BatchError, BatchOptions, Batcher};
use platform::db;
use platform::lanes::Waker;
use sqlx::PgPool;
use tracing::Instrument as _;

use self::apply::{Applied, apply};
use crate::domain::delivery::State;
use crate::domain::receipt::{Fate, Pricing, Receipt};
use crate::domain::verdict::{self, Action};
use crate::flush;
use crate::metrics;
use crate::outbox::numbers::Numbers;
use crate::store::{receipts, windows};

/// Takes receipts in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Receipts {
    batcher: Batcher<Vec<Receipt>, Vec<Fate>, sqlx::Error>,
    recorder: Recorder,
}

#[derive(Clone, Debug)]
struct Recorder {
    pool: PgPool,
    numbers: Numbers,
    waker: Waker,
}

impl Receipts {
    /// Starts it.
    pub fn new(pool: PgPool, numbers: Numbers, waker: Waker) -> Self {
        let recorder = Recorder { pool, numbers, waker };
        let options = BatchOptions { max_items: 64, max_queue: 4096, flushes_at_once: 1 };
        let batcher = Batcher::new("record_receipts", options, {
            let recorder = recorder.clone();
            move |calls: Vec<Vec<Receipt>>| {
                let recorder = recorder.clone();
                let traces = calls.iter().flatten().map(|receipt| receipt.traceparent.as_deref());
                let span = flush::span("record_receipts", calls.iter().map(Vec::len).sum(), traces);
                async move { recorder.record(calls).await }.instrument(span)
            }
        });
        Self { batcher, recorder }
    }

    /// Records receipts of one call. Returns what became of each.
    pub async fn record(&self, receipts: Vec<Receipt>) -> Result<Vec<Fate>, BatchError<sqlx::Error>> {
        self.batcher.submit(receipts).await
    }

    /// Applies parked receipts whose message is known by now.
    pub async fn match_parked(&self) -> Result<(), sqlx::Error> {
        let now = self.recorder.numbers.clock.now();
        let applied = db::transact(&self.recorder.pool, "match_parked_receipts", |mut tx| async move {
            let parked = receipts::take_matched(&mut tx).await?;
            let matched: Vec<Receipt> = parked.into_iter().filter_map(unpark).collect();
            let applied = if matched.is_empty() { Applied::default() } else { apply(&mut tx, &matched, now).await? };
            Ok::<_, sqlx::Error>(tx.done((matched, applied)))
        })
        .await?;
        self.recorder.follow_up(&applied.0, &applied.1).await;
        Ok(())
    }
}

impl Recorder {
    async fn record(&self, calls: Vec<Vec<Receipt>>) -> Result<Vec<Vec<Fate>>, sqlx::Error> {
        let sizes: Vec<usize> = calls.iter().map(Vec::len).collect();
        let all: Arc<Vec<Receipt>> = Arc::new(calls.into_iter().flatten().collect());
        let now = self.numbers.clock.now();
        let applied = db::transact(&self.pool, "record_receipts", |mut tx| {
            let all = Arc::clone(&all);
            async move {
                let applied = apply(&mut tx, &all, now).await?;
                Ok::<_, sqlx::Error>(tx.done(applied))
            }
        })
        .await?;
        self.follow_up(&all, &applied).await;
        let mut fates = applied.fates.into_iter();
        Ok(sizes.into_iter().map(|size| fates.by_ref().take(size).collect()).collect())
    }

    /// What follows from receipts outside of their transaction.
    async fn follow_up(&self, receipts: &[Receipt], applied: &Applied) {
        if applied.is_lane_woken {
            self.waker.wake();
        }
        for (receipt, fate) in receipts.iter().zip(&applied.fates) {
            let (status, result) = (receipt.state.status().unwrap_or("other"), fate.label());
            metrics::get().receipts.add(1, &[KeyValue::new("status", status), KeyValue::new("result", result)]);
        }
        for failure in &applied.failures {
            let verdict = verdict::judge_receipt(failure.error_code);
            tracing::warn!(
                message.id = %failure.message_id,
                graph.error.code = failure.error_code,
                graph.error.action = verdict.action.label(),
                "message {} failed after it was accepted: {}",
                failure.message_id,
                verdict.meaning,
            );
            let noted = match verdict.action {
                Action::HaltNumber(halt) => self.numbers.halt_reported(failure, halt).await,
                Action::PauseNumber { seconds } => self.numbers.pause(&failure.phone_number_id, seconds).await,
                Action::WindowClosed => windows::close(&self.pool, &failure.lane, failure.occurred_at).await,
                Action::Retry | Action::FewTries | Action::Never | Action::PairBackoff => Ok(()),
            };
            note(noted);
        }
        for phone_number_id in &applied.mended {
            note(self.numbers.resume(phone_number_id).await);
        }
    }
}

// The receipts stand; what follows from them is found out again by the next send.
fn note(result: Result<(), sqlx::Error>) {
    if let Err(error) = result {
        tracing::error!(%error, "the state of a number or a window was not recorded");
    }
}

impl Fate {
    fn label(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Ignored => "ignored",
            Self::Parked => "parked",
        }
    }
}

fn unpark(parked: receipts::Parked) -> Option<Receipt> {
    Some(Receipt {
        state: State::from_status(&parked.status)?,
        whatsapp_id: parked.whatsapp_id,
        message_id: None,
        occurred_at: parked.occurred_at,
        error_code: parked.error_code,
        pricing: parked.pricing.and_then(|value| serde_json::from_value::<Pricing>(value).ok()),
        traceparent: None,
    })
}
