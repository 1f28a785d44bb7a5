//! Receipts applied to their messages, in a few statements however many there are.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use platform::{lanes, telemetry};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::delivery::State;
use crate::domain::receipt::{Failure, Fate, Pricing, Receipt, Track};
use crate::domain::verdict;
use crate::store::receipts::{self, Change, Event, Known, Parked};

/// What became of receipts.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// What became of each, in their order.
    pub(super) fates: Vec<Fate>,
    /// Messages that turned out to have failed.
    pub(super) failures: Vec<Failure>,
    /// Halted numbers whose probe came through.
    pub(super) mended: Vec<String>,
    /// Whether a lane that waited on a doubt may go on.
    pub(super) is_lane_woken: bool,
}

/// Applies receipts in the caller's transaction.
pub(super) async fn apply(tx: &mut PgConnection, receipts: &[Receipt], now: Timestamp) -> Result<Applied, sqlx::Error> {
    let ids: Vec<Uuid> = receipts.iter().filter_map(|receipt| receipt.message_id).collect();
    let whatsapp_ids: Vec<&str> = receipts.iter().map(|receipt| receipt.whatsapp_id.as_str()).collect();
    let known: BTreeMap<Uuid, Known> =
        receipts::lock_known(tx, &ids, &whatsapp_ids).await?.into_iter().map(|known| (known.id, known)).collect();
    let by_whatsapp_id: HashMap<&str, Uuid> =
        known.values().filter_map(|known| Some((known.whatsapp_id.as_deref()?, known.id))).collect();
    let mut tracks: BTreeMap<Uuid, Track> = known.iter().map(|(id, known)| (*id, track(known))).collect();

    let (mut fates, mut events, mut parked) = (Vec::with_capacity(receipts.len()), Vec::new(), Vec::new());
    for receipt in receipts {
        // Our own id first: it is known before WhatsApp's is.
        let ours = receipt.message_id.filter(|id| known.contains_key(id));
        let id = ours.or_else(|| by_whatsapp_id.get(receipt.whatsapp_id.as_str()).copied());
        let Some((known, track)) = id.and_then(|id| Some((known.get(&id)?, tracks.get_mut(&id)?))) else {
            parked.push(park(receipt));
            fates.push(Fate::Parked);
            continue;
        };
        let fate = track.apply(receipt);
        if fate == Fate::Applied || receipt.state != State::Failed {
            events.push(Event {
                message_id: known.id,
                state: receipt.state,
                occurred_at: receipt.occurred_at,
                error_code: receipt.error_code,
            });
        }
        trace(receipt, known, fate);
        fates.push(fate);
    }

    let mut applied = Applied { fates, ..Applied::default() };
    let (changes, waiting) = settle(&known, tracks, &mut applied);
    if !changes.is_empty() {
        receipts::change(tx, &changes, now).await?;
    }
    if !events.is_empty() {
        receipts::note(tx, &events, now).await?;
    }
    if !parked.is_empty() {
        receipts::park(tx, &parked, now).await?;
    }
    if !waiting.is_empty() {
        lanes::make_ready(tx, &waiting).await?;
        applied.is_lane_woken = true;
    }
    Ok(applied)
}

/// Compares what is with what was. Returns the changes, and the lanes that waited on a doubt which is settled now.
fn settle(
    known: &BTreeMap<Uuid, Known>,
    tracks: BTreeMap<Uuid, Track>,
    applied: &mut Applied,
) -> (Vec<Change>, Vec<String>) {
    let (mut changes, mut waiting) = (Vec::new(), HashSet::new());
    for (id, track) in tracks {
        let Some(before) = known.get(&id) else { continue };
        let is_moved = track.state != before.state;
        if is_moved && !before.state.is_settled() && track.state.is_settled() {
            waiting.insert(before.lane.clone());
        }
        if is_moved && before.is_probe && track.state != State::Failed {
            applied.mended.push(before.phone_number_id.clone());
        }
        if is_moved && track.state == State::Failed {
            applied.failures.push(Failure {
                message_id: id,
                lane: before.lane.clone(),
                phone_number_id: before.phone_number_id.clone(),
                error_code: track.error_code,
                occurred_at: track.failed_at.unwrap_or(Timestamp::UNIX_EPOCH),
            });
        }
        let is_changed = is_moved
            || track.new_pricing.is_some()
            || track.whatsapp_id != before.whatsapp_id
            || track.delivered_month != before.delivered_month;
        if is_changed {
            let is_failed = track.state == State::Failed;
            changes.push(Change {
                id,
                state: track.state,
                whatsapp_id: track.whatsapp_id,
                error_code: if is_failed { track.error_code } else { 0 },
                // Meta's explanation may repeat the message, so ours is kept.
                error_detail: if is_failed {
                    verdict::judge_receipt(track.error_code).meaning.to_owned()
                } else {
                    String::new()
                },
                pricing: track.new_pricing,
                market: track.delivered_month.and_then(|_| before.market.clone()),
                delivered_month: track.delivered_month,
            });
        }
    }
    (changes, waiting.into_iter().collect())
}

fn track(known: &Known) -> Track {
    Track {
        state: known.state,
        whatsapp_id: known.whatsapp_id.clone(),
        error_code: 0,
        failed_at: None,
        new_pricing: None,
        is_priced: known.is_priced,
        delivered_month: known.delivered_month,
    }
}

fn park(receipt: &Receipt) -> Parked {
    Parked {
        whatsapp_id: receipt.whatsapp_id.clone(),
        status: receipt.state.status().unwrap_or_default().to_owned(),
        occurred_at: receipt.occurred_at,
        error_code: receipt.error_code,
        pricing: receipt.pricing.as_ref().map(Pricing::to_json),
    }
}

/// A span in the trace of the webhook, linked to the trace of the message: the receipt belongs to the one and is about
/// the other.
fn trace(receipt: &Receipt, known: &Known, fate: Fate) {
    let span = tracing::info_span!(
        parent: None,
        "receipt",
        otel.kind = "consumer",
        message.id = %known.id,
        receipt.status = receipt.state.status(),
        receipt.applied = fate == Fate::Applied,
    );
    if let Some(traceparent) = &receipt.traceparent {
        telemetry::set_parent(&span, traceparent);
    }
    if let Some(traceparent) = &known.traceparent {
        telemetry::link(&span, traceparent);
    }
    span.in_scope(|| ());
}
