//! Word to a shopkeeper whose message was given up: never silence, never "nothing changed" when something may have.

use std::time::Duration;

use platform::db;
use platform::lanes::{self, ClaimedLane, Job, NewJob};
use proto::common::v1::WhatsAppUser;
use proto::messenger::v1::{Content, SendMessageRequest, Text, content};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Pipeline;
use super::failure::Failure;
use super::message::Progress;
use super::{inbound, send};
use crate::conversation::Step;
use crate::inbox::{KIND_APOLOGY, KIND_MESSAGE};
use crate::reply::{self, Language};
use crate::store::{self, Fate};

/// How long to wait for the end of a message whose apology is ready.
const FATE_WAIT: Duration = Duration::from_secs(2);

/// What is kept of it in the inbox.
#[derive(Serialize, Deserialize)]
struct Apology {
    /// The job that was given up.
    for_key: String,
    wamid: String,
    user_id: String,
    phone_number: String,
    phone_number_id: String,
    language: String,
    may_have_happened: bool,
    /// When the message was written, unix seconds; absent in apologies of the version before.
    #[serde(default)]
    sent_at: Option<i64>,
}

/// Puts it into the inbox, in a lane of its own: it must not wait behind what failed.
pub(super) async fn leave(pipeline: &Pipeline, lane: &ClaimedLane, job: &Job) -> Result<(), sqlx::Error> {
    let (KIND_MESSAGE, Ok(inbound)) = (job.kind.as_str(), inbound::read(job)) else {
        // Nobody to tell: what is stored is no message, or names no sender that this version can read.
        return Ok(());
    };
    if inbound.needs_no_answer() || inbound.is_about_a_message() {
        // Whoever sent it expects nothing.
        return Ok(());
    }
    let kept = lane.progress_of(job);
    let progress: Option<Progress> = kept.as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok());
    // What was decided and cannot be read may have been done.
    let may_have_happened = match &progress {
        Some(progress) => progress.plan.steps.iter().any(Step::changes_stock),
        None => kept.is_some(),
    };
    let sent_at = Some(inbound.sent_at.as_second());
    let apology = Apology {
        sent_at,
        for_key: job.dedup_key.clone(),
        wamid: inbound.wamid,
        user_id: inbound.sender.user_id,
        phone_number: inbound.sender.phone_number,
        phone_number_id: inbound.phone_number_id,
        language: progress.as_ref().map(|progress| progress.plan.language.clone()).unwrap_or_default(),
        may_have_happened,
    };
    let jobs = [NewJob {
        lane: format!("a/{}", lane.name),
        dedup_key: format!("a/{}", job.dedup_key),
        kind: KIND_APOLOGY.to_owned(),
        payload: serde_json::to_vec(&apology).expect("strings serialise"),
        sort_key: 0,
        traceparent: job.traceparent.clone(),
    }];
    let jobs = &jobs;
    db::statement(&pipeline.pool, "store_apology", || async move {
        let mut connection = pipeline.pool.acquire().await?;
        lanes::enqueue(&mut connection, jobs).await.map(|_| ())
    })
    .await
}

/// Sends it, once the message is really given up: whoever left it may have died before, and the message been saved after all.
pub(super) async fn apologise(pipeline: &Pipeline, job: &Job) -> Result<(), Failure> {
    let apology: Apology = serde_json::from_slice(&job.payload)
        .map_err(|_| Failure::Unreadable("the stored apology cannot be read by this version".to_owned()))?;
    match store::fate_of(&pipeline.pool, &apology.for_key).await? {
        Fate::Dead => {}
        Fate::Waiting => return Err(Failure::NotYet(FATE_WAIT)),
        Fate::Done => return Ok(()),
    }
    let text = reply::apology(Language::of(&apology.language), apology.may_have_happened, &reference(&apology.wamid));
    send::put(
        pipeline,
        SendMessageRequest {
            request_id: format!("{}/apology", apology.wamid),
            recipient: Some(WhatsAppUser { user_id: apology.user_id, phone_number: apology.phone_number }),
            content: Some(Content { kind: Some(content::Kind::Text(Text { body: text })) }),
            quoted_message_id: String::new(),
            business_phone_number_id: apology.phone_number_id,
            inbound_time: apology.sent_at.map(|seconds| prost_types::Timestamp { seconds, nanos: 0 }),
            ..SendMessageRequest::default()
        },
    )
    .await
}

/// Returns four characters that people can say aloud and an operator can search for.
pub(crate) fn reference(wamid: &str) -> String {
    const LETTERS: &[u8; 31] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ".first_chunk().expect("31 of 32");
    let digest = Sha256::digest(wamid.as_bytes());
    digest.iter().take(4).map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn references_can_be_said_aloud() {
        let reference = super::reference("wamid.A");
        assert_eq!(reference.len(), 4);
        assert!(!reference.contains(['0', 'O', '1', 'I']));
    }
}
