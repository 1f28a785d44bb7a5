//! A message of a person, hop by hop.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use platform::error::reason_of;
use platform::lanes::{ClaimedLane, Job};
use proto::common::v1::WhatsAppUser;
use proto::inventory::v1::{IdentifyMemberRequest, IdentifyMemberResponse, ItemNames, Member, Shop};
use serde::{Deserialize, Serialize};
use tonic::Code;
use uuid::Uuid;

use super::Pipeline;
use super::act::{self, Acted, Row, Ways};
use super::decide::make_plan;
use super::failure::Failure;
use super::identity;
use super::inbound::{self, Inbound};
use super::items::Items;
use super::read::{Decision, Next, Place};
use super::reminder::remind;
use super::send::{Words, send};
use crate::conversation::{Plan, Saying, Step, Tap};
use crate::inbox::KIND_MESSAGE;
use crate::reply::{self, Language};
use crate::webhook::MessageBody;

/// How long a message is left to the version that planned it, while both run.
const NEWER_VERSION_PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// When to look whether it has.
const NEWER_VERSION_PAUSE: Duration = Duration::from_secs(5);

/// Who sent it.
pub(super) struct Sender {
    pub shop: Shop,
    pub member: Member,
    /// Whether this message made them a member.
    pub is_new: bool,
    /// What the shop keeps, as far as it was asked for.
    pub items: Option<Items>,
}

/// What came of a message.
pub(super) enum Processed {
    /// It is done.
    Done,
    /// It is read together with the next one.
    WithNext,
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

impl Progress {
    /// Returns whether the person belongs to another shop now, or is another member of it.
    fn is_elsewhere(&self, present: &Sender) -> bool {
        present.shop.shop_id != self.shop_id || present.member.member_id != self.member_id
    }
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
///
/// `half` is the message before, when that is the first half of this one.
pub(super) async fn process(
    pipeline: &Pipeline,
    lane: &ClaimedLane,
    at: usize,
    half: Option<&Job>,
) -> Result<Processed, Failure> {
    let job = &lane.jobs[at];
    let mut inbound = inbound::read(job)?;
    if let MessageBody::System(notice) = &inbound.body {
        return identity::take_notice(pipeline, &inbound, notice).await.map(|()| Processed::Done);
    }
    if inbound.needs_no_answer() {
        tracing::info!(job.id = job.id, "message {} is of a kind that needs no answer", job.id);
        return Ok(Processed::Done);
    }
    let Some(mut sender) = identify(pipeline, &inbound).await? else {
        if inbound.is_about_a_message() {
            return Ok(Processed::Done);
        }
        let text = reply::render(Language::English, &[reply::Outcome::Said(Saying::Stranger)]);
        send(pipeline, &inbound, Words { text, ..Words::default() }, "stranger", lane, job).await?;
        return Ok(Processed::Done);
    };
    let member = member_id(&sender)?;
    pipeline.asked.enter(lane, member);
    if sender.is_new {
        // Nobody asked them anything yet.
        pipeline.asked.note(member, false);
    }
    let age = pipeline.clock.now().duration_since(job.created_at);
    let kept = lane.progress_of(job).map(|bytes| read_progress(&bytes, age)).transpose()?;
    let mut progress = if let Some(progress) = kept {
        progress
    } else {
        let following =
            lane.jobs.get(at + 1).and_then(|next| Following::read(lane, next, job, &inbound, pipeline.join_within));
        let previous_text = half.and_then(text_of);
        let place = Place {
            previous_text: previous_text.as_deref(),
            next: following.as_ref().map(|next| Next { text: &next.text, is_begun: next.is_begun }),
        };
        let plan = match make_plan(pipeline, &inbound, &sender, place).await? {
            Decision::Plan(plan) => plan,
            Decision::WithNext => return Ok(Processed::WithNext),
        };
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
        return Ok(Processed::Done);
    }
    let mut file = None;
    let reply = if let Some(reply) = progress.reply.clone() {
        reply
    } else {
        let mut acted = match act::carry_out(pipeline, &inbound, &sender, &progress.plan).await {
            Err(failure) if is_gone(&failure) => {
                // Unless that shop went up in another one: it was never used, so nothing can have been saved there.
                let Some(present) =
                    identify(pipeline, &inbound).await?.filter(|present| progress.is_elsewhere(present))
                else {
                    return Err(failure);
                };
                sender = present;
                progress.shop_id.clone_from(&sender.shop.shop_id);
                progress.member_id.clone_from(&sender.member.member_id);
                save(lane, job, &progress).await?;
                act::carry_out(pipeline, &inbound, &sender, &progress.plan).await?
            }
            acted => acted?,
        };
        remind(pipeline, &inbound, &sender, &mut acted).await?;
        file = acted.file.take();
        let reply = write_reply(&progress.plan, &sender.member.language_code, acted);
        if file.is_none() {
            progress.reply = Some(reply.clone());
            // And says what came of it now: a second look at a ledger that moved on must not contradict an answer on its way.
            save(lane, job, &progress).await?;
        }
        reply
    };
    if let Some(question) = reply.question {
        act::open_question(pipeline, &sender, question).await?;
    }
    let (buttons, rows) = (reply.buttons, reply.rows);
    let words = Words { text: reply.text, buttons, rows, rows_title: reply.rows_title, file };
    send(pipeline, &inbound, words, "answer", lane, job).await?;
    Ok(Processed::Done)
}

/// A text of the same person that came so soon after another one that the two may be one.
struct Following {
    text: String,
    is_begun: bool,
}

impl Following {
    fn read(lane: &ClaimedLane, next: &Job, job: &Job, inbound: &Inbound, within: Duration) -> Option<Self> {
        let text = text_of(next)?;
        let other = inbound::read(next).ok()?;
        let apart =
            |one: Timestamp, other: Timestamp| Duration::try_from(other.duration_since(one)).unwrap_or_default();
        // Meta tells whole seconds.
        let is_soon = apart(job.created_at, next.created_at) <= within
            && apart(inbound.sent_at, other.sent_at) <= within + Duration::from_secs(1);
        is_soon.then(|| Self { text, is_begun: lane.progress_of(next).is_some() })
    }
}

/// Returns the text of a message that may be half of another one.
fn text_of(job: &Job) -> Option<String> {
    if job.kind != KIND_MESSAGE {
        return None;
    }
    let inbound = inbound::read(job).ok()?;
    let stands_alone = inbound.riders.is_forwarded || inbound.riders.quoted_message_id.is_some();
    match inbound.body {
        MessageBody::Text(text) if !stands_alone => Some(text),
        _ => None,
    }
}

/// Reads what was decided. What is there and cannot be read is never decided anew, because it may be half done: a newer
/// version wrote it and takes it up again, or an operator replays it by that version.
fn read_progress(bytes: &[u8], age: SignedDuration) -> Result<Progress, Failure> {
    serde_json::from_slice(bytes).map_err(|_| {
        if age < NEWER_VERSION_PATIENCE {
            tracing::warn!("what was decided about a message cannot be read by this version: left to another");
            return Failure::NotYet(NEWER_VERSION_PAUSE);
        }
        Failure::Unreadable("what was decided about it cannot be read by this version".to_owned())
    })
}

/// Returns whether the shop or the member is not there any more.
fn is_gone(failure: &Failure) -> bool {
    let Failure::Hop { status, .. } = failure else { return false };
    matches!(reason_of(status).as_deref(), Some("ERROR_REASON_SHOP_NOT_FOUND" | "ERROR_REASON_MEMBER_NOT_FOUND"))
}

async fn save(lane: &ClaimedLane, job: &Job, progress: &Progress) -> Result<(), Failure> {
    let bytes = serde_json::to_vec(progress).expect("plans and answers serialise");
    Ok(lane.save_progress(job.id, bytes).await?)
}

fn write_reply(plan: &Plan, members_language: &str, acted: Acted) -> Reply {
    // The language of the message, else the one that the person speaks, else English.
    let language = Language::known(&plan.language).unwrap_or(Language::of(members_language));
    let Ways { mut buttons, mut rows } = match (&acted.question, acted.undo) {
        (Some(question), _) => act::ways_to_answer(language, question),
        (None, Some(operation_id)) => {
            Ways { buttons: vec![(Tap::Undo { operation_id }.id(), reply::title(language))], rows: Vec::new() }
        }
        (None, None) => Ways::default(),
    };
    let mut text = reply::render(language, &acted.outcomes);
    if plan.is_heard() && acted.question.is_none() {
        text = reply::six_lines(text);
    }
    let is_paper = acted.question.as_ref().is_some_and(act::Question::is_paper);
    if is_paper && reply::units(&text) > reply::BODY_WITH_CHOICES_MAX {
        // What does not fit above buttons is shown whole and answered in words: nobody approves a line they did not see.
        text = reply::answered_in_words(language, text);
        (buttons, rows) = (Vec::new(), Vec::new());
    }
    Reply { text, buttons, rows, rows_title: reply::list_title(language), question: acted.question }
}

async fn identify(pipeline: &Pipeline, inbound: &Inbound) -> Result<Option<Sender>, Failure> {
    let reads_words = inbound.reads_words();
    let known = if reads_words { pipeline.items.get(inbound) } else { None };
    let request = IdentifyMemberRequest {
        user: Some(inbound.sender.clone()),
        profile_name: inbound.profile_name.chars().take(200).collect(),
        business_phone_number_id: inbound.phone_number_id.clone(),
        // Nobody signs up by deleting a message.
        lookup_only: inbound.is_about_a_message(),
        with_items: reads_words && known.is_none(),
    };
    let wants_items = request.with_items;
    let Some((mut sender, items)) = ask(pipeline, request).await? else { return Ok(None) };
    sender.items = known.or_else(|| wants_items.then(|| pipeline.items.put(inbound, items)));
    Ok(Some(sender))
}

/// Returns whom these names belong to, and makes nobody a member.
pub(super) async fn lookup(
    pipeline: &Pipeline,
    inbound: &Inbound,
    user: WhatsAppUser,
) -> Result<Option<Sender>, Failure> {
    let business_phone_number_id = inbound.phone_number_id.clone();
    let request = IdentifyMemberRequest {
        user: Some(user),
        business_phone_number_id,
        lookup_only: true,
        ..IdentifyMemberRequest::default()
    };
    Ok(ask(pipeline, request).await?.map(|(sender, _)| sender))
}

async fn ask(pipeline: &Pipeline, request: IdentifyMemberRequest) -> Result<Option<(Sender, Vec<ItemNames>)>, Failure> {
    match pipeline.services.inventory.clone().identify_member(request).await {
        Ok(response) => {
            let IdentifyMemberResponse { shop, member, items, created } = response.into_inner();
            match (shop, member) {
                (Some(shop), Some(member)) => Ok(Some((Sender { shop, member, is_new: created, items: None }, items))),
                _ => Err(Failure::of("identify")(tonic::Status::internal("inventory-svc named no shop or no member"))),
            }
        }
        Err(status) if status.code() == Code::FailedPrecondition => Ok(None),
        Err(status) if reason_of(&status).as_deref() == Some("ERROR_REASON_MEMBER_NOT_FOUND") => Ok(None),
        Err(status) => Err(Failure::of("identify")(status)),
    }
}

/// Returns the time zone of the sender's shop.
pub(super) fn time_zone(sender: &Sender) -> TimeZone {
    TimeZone::get(&sender.shop.time_zone).unwrap_or(TimeZone::UTC)
}

pub(super) fn member_id(sender: &Sender) -> Result<Uuid, Failure> {
    Uuid::parse_str(&sender.member.member_id).map_err(|_| {
        Failure::of("identify")(tonic::Status::internal("inventory-svc named a member whose id is no UUID"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_cannot_be_read_is_left_to_another_version_and_then_given_up() {
        let newer = br#"{"plan":{"language":"en","steps":[{"Teleport":{}}]},"shop_id":"","member_id":"","sent_at":0,"reply":null}"#;
        let at = |age| read_progress(newer, age);

        assert!(matches!(at(NEWER_VERSION_PATIENCE - SignedDuration::from_secs(1)), Err(Failure::NotYet(_))));
        assert!(matches!(at(NEWER_VERSION_PATIENCE), Err(Failure::Unreadable(_))));
    }

    #[test]
    fn a_plan_of_the_first_version_is_read() {
        let older = br#"{"plan":{"language":"en","steps":[{"Say":"TextOnly"}]},"shop_id":"","member_id":"","sent_at":0,"reply":null}"#;

        let progress = read_progress(older, SignedDuration::ZERO).ok().unwrap();

        assert_eq!(progress.plan.steps, [Step::Say(Saying::CannotRead)]);
    }
}
