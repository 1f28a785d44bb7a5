//! Several texts that wait for one person, when the pair limit is running out: they go out as one message.
//!
//! The leader takes the words, its followers are settled, and the leader is put in doubt, in one transaction. So a sender
//! that lost its lane either finds the leader taken or takes it with all of its words.

use std::collections::HashMap;

use jiff::Timestamp;
use opentelemetry::KeyValue;
use platform::db;
use sqlx::PgPool;
use uuid::Uuid;

use crate::domain::content::Content;
use crate::domain::delivery::State;
use crate::metrics;
use crate::store::merging::{self, Merge, Waiting};
use crate::store::sending::{self, Start};

/// A message that may take the words of others.
#[derive(Clone, Debug)]
pub(super) struct Leader {
    pub(super) id: Uuid,
    pub(super) attempts: u32,
    pub(super) lane: String,
    pub(super) content: Content,
}

/// Finds what waits behind leaders and fits into them. Returns the merges with the content that each makes.
pub(super) async fn find(pool: &PgPool, leaders: &[Leader]) -> Result<Vec<(Merge, Content)>, sqlx::Error> {
    let lanes: Vec<String> = leaders.iter().map(|leader| leader.lane.clone()).collect();
    let mut by_lane: HashMap<String, Vec<Waiting>> = HashMap::new();
    for waiting in db::statement(pool, "read_waiting_messages", || merging::read_waiting(pool, &lanes)).await? {
        by_lane.entry(waiting.lane.clone()).or_default().push(waiting);
    }
    Ok(leaders.iter().filter_map(|leader| gather(leader, by_lane.get(&leader.lane)?)).collect())
}

fn gather(leader: &Leader, waiting: &[Waiting]) -> Option<(Merge, Content)> {
    // Jobs that are done and not yet settled still stand before it.
    let mut unsettled = waiting.iter().filter(|message| !message.state.is_settled());
    if unsettled.next()?.id != leader.id {
        return None;
    }
    let (mut words, mut followers) = (leader.content.clone(), Vec::new());
    for message in unsettled {
        // Order is kept: what comes after the first that cannot be taken waits, too.
        if message.state != State::Queued || message.has_fallback {
            break;
        }
        let Some(next) = message.content.clone().and_then(|json| serde_json::from_value::<Content>(json).ok()) else {
            break;
        };
        let Some(merged) = words.merged_with(&next) else { break };
        words = merged;
        followers.push(message.id);
    }
    if followers.is_empty() {
        return None;
    }
    let content = serde_json::to_value(&words).expect("strings and lists always become JSON");
    Some((Merge { leader: leader.id, attempts: leader.attempts, content, followers }, words))
}

/// Merges, and starts every send of the round. A leader with which something happened meanwhile is not started.
pub(super) async fn start(
    pool: &PgPool,
    starts: &[Start],
    merges: &[Merge],
    now: Timestamp,
    slot_period_us: i64,
) -> Result<Vec<(Uuid, Timestamp)>, sqlx::Error> {
    let ids: Vec<Uuid> = starts.iter().map(|start| start.id).collect();
    let (slots, taken) = db::transact(pool, "start_merged_sends", |mut tx| {
        let ids = &ids;
        async move {
            let taken = merging::merge(&mut tx, merges, ids, now).await?;
            let is_refused =
                |start: &Start| merges.iter().any(|merge| merge.leader == start.id) && !taken.contains(&start.id);
            let rest: Vec<Start> = starts.iter().filter(|start| !is_refused(start)).cloned().collect();
            let slots = sending::start(&mut *tx, &rest, now, slot_period_us).await?;
            Ok::<_, sqlx::Error>(tx.done((slots, taken)))
        }
    })
    .await?;
    let count: usize =
        merges.iter().filter(|merge| taken.contains(&merge.leader)).map(|merge| merge.followers.len()).sum();
    metrics::get().merges.add(u64::try_from(count).unwrap_or(u64::MAX), &[KeyValue::new("reason", "pair_limit")]);
    Ok(slots)
}
