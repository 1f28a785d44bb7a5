//! A message of a person, hop by hop.

use jiff::Timestamp;
use platform::error::reason_of;
use platform::lanes::{ClaimedLane, Job};
use proto::inventory::v1::{IdentifyMemberRequest, IdentifyMemberResponse, Member, Shop};
use serde::{Deserialize, Serialize};
use tonic::Code;
use uuid::Uuid;

use super::Pipeline;
use super::act::{self, Acted, Row, Ways};
use super::decide::make_plan;
use super::failure::Failure;
use super::identity;
use super::inbound::{self, Inbound};
use super::send::{Words, send};
use crate::conversation::{Plan, Saying, Step, Tap};
use crate::reply::{self, Language};
use crate::webhook::MessageBody;

/// Who sent it.
pub(super) struct Sender {
    pub shop: Shop,
    pub member: Member,
}

/// What is kept with the job between attempts.
#[derive(Serialize, Deserialize)]
pub(super) struct Progress {
    /// What was decided.
    pub plan: Plan,
    shop_id: String,
    member_id: String,
    /// When the message was written, unix seconds.
    sent_at: i64,
    /// What came of it, once it is known: a retry says the same.
    reply: Option<Reply>,
}

/// An answer that is ready to be sent.
#[derive(Clone, Serialize, Deserialize)]
struct Reply {
    text: String,
    /// Id and title of each button.
    buttons: Vec<(String, String)>,
    /// Rows of a list, and what the button says that opens it.
    #[serde(default)]
    rows: Vec<Row>,
    #[serde(default)]
    rows_title: String,
    question: Option<act::Question>,
}

/// Handles one message. Safe to repeat from any point.
pub(super) async fn process(pipeline: &Pipeline, lane: &ClaimedLane, job: &Job) -> Result<(), Failure> {
    let mut inbound = inbound::read(job)?;
    if let MessageBody::System(notice) = &inbound.body {
        return identity::take_notice(pipeline, &inbound, notice).await;
    }
    if inbound.needs_no_answer() {
        tracing::info!(job.id = job.id, "message {} is of a kind that needs no answer", job.id);
        return Ok(());
    }
    let Some(mut sender) = identify(pipeline, &inbound).await? else {
        if inbound.is_about_a_message() {
            return Ok(());
        }
        let text = reply::render(Language::English, &[reply::Outcome::Said(Saying::Stranger)]);
        return send(pipeline, &inbound, Words { text, ..Words::default() }, "stranger", lane, job).await;
    };
    let kept = lane.progress_of(job).and_then(|bytes| serde_json::from_slice::<Progress>(&bytes).ok());
    let mut progress = if let Some(progress) = kept {
        progress
    } else {
        let plan = make_plan(pipeline, &inbound, &sender).await?;
        let (shop_id, member_id) = (sender.shop.shop_id.clone(), sender.member.member_id.clone());
        let progress = Progress { plan, shop_id, member_id, sent_at: inbound.sent_at.as_second(), reply: None };
        if progress.plan.steps.iter().any(Step::has_effect) || matches!(inbound.body, MessageBody::Media(_)) {
            // From here on a retry does what was decided now, whatever a model or the shop would say then.
            save(lane, job, &progress).await?;
        }
        progress
    };
    // What was begun for one shop is finished there, also when the person has moved since.
    sender.shop.shop_id.clone_from(&progress.shop_id);
    sender.member.member_id.clone_from(&progress.member_id);
    inbound.sent_at = Timestamp::from_second(progress.sent_at).unwrap_or(inbound.sent_at);
    if progress.plan.steps == [Step::Silence] {
        return Ok(());
    }
    let reply = if let Some(reply) = progress.reply.clone() {
        reply
    } else {
        let acted = act::carry_out(pipeline, &inbound, &sender, &progress.plan).await?;
        let reply = write_reply(&progress.plan, acted);
        progress.reply = Some(reply.clone());
        // And says what came of it now: a second look at a ledger that moved on must not contradict an answer on its way.
        save(lane, job, &progress).await?;
        reply
    };
    if let Some(question) = reply.question {
        act::open_question(pipeline, &sender, question).await?;
    }
    let words = Words { text: reply.text, buttons: reply.buttons, rows: reply.rows, rows_title: reply.rows_title };
    send(pipeline, &inbound, words, "answer", lane, job).await
}

async fn save(lane: &ClaimedLane, job: &Job, progress: &Progress) -> Result<(), Failure> {
    let bytes = serde_json::to_vec(progress).expect("plans and answers serialise");
    Ok(lane.save_progress(job.id, bytes).await?)
}

fn write_reply(plan: &Plan, acted: Acted) -> Reply {
    let language = Language::of(&plan.language);
    let Ways { buttons, rows } = match (&acted.question, acted.undo) {
        (Some(question), _) => act::ways_to_answer(language, question),
        (None, Some(operation_id)) => Ways {
            buttons: vec![(Tap::Undo { operation_id }.id(), reply::title(language).to_owned())],
            rows: Vec::new(),
        },
        (None, None) => Ways::default(),
    };
    let mut text = reply::render(language, &acted.outcomes);
    if plan.is_heard() && acted.question.is_none() {
        text = reply::six_lines(text);
    }
    Reply { text, buttons, rows, rows_title: reply::list_title(language).to_owned(), question: acted.question }
}

async fn identify(pipeline: &Pipeline, inbound: &Inbound) -> Result<Option<Sender>, Failure> {
    let request = IdentifyMemberRequest {
        user: Some(inbound.sender.clone()),
        profile_name: inbound.profile_name.chars().take(200).collect(),
        business_phone_number_id: inbound.phone_number_id.clone(),
        // Nobody signs up by deleting a message.
        lookup_only: inbound.is_about_a_message(),
    };
    match pipeline.services.inventory.clone().identify_member(request).await {
        Ok(response) => {
            let IdentifyMemberResponse { shop, member, .. } = response.into_inner();
            match (shop, member) {
                (Some(shop), Some(member)) => Ok(Some(Sender { shop, member })),
                _ => Err(Failure::of("identify")(tonic::Status::internal("inventory-svc named no shop or no member"))),
            }
        }
        Err(status) if status.code() == Code::FailedPrecondition => Ok(None),
        Err(status) if reason_of(&status).as_deref() == Some("ERROR_REASON_MEMBER_NOT_FOUND") => Ok(None),
        Err(status) => Err(Failure::of("identify")(status)),
    }
}

pub(super) fn member_id(sender: &Sender) -> Result<Uuid, Failure> {
    Uuid::parse_str(&sender.member.member_id).map_err(|_| {
        Failure::of("identify")(tonic::Status::internal("inventory-svc named a member whose id is no UUID"))
    })
}
