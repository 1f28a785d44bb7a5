//! A message of a person, hop by hop.

use jiff::{SignedDuration, Timestamp};
use platform::lanes::{ClaimedLane, Job};
use proto::common::v1::WhatsAppUser;
use proto::inventory::v1::{IdentifyMemberRequest, IdentifyMemberResponse, ListMovementsRequest, Member, Shop};
use proto::messenger::v1::{Content, ReplyButton, ReplyButtons, SendMessageRequest, Text, content};
use proto::parser::v1::{ParseMessageRequest, parse_message_request};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tonic::Code;
use uuid::Uuid;

use super::Pipeline;
use super::act::{self, Acted};
use super::failure::Failure;
use super::media;
use crate::conversation::{self, Known, KnownItem, Plan, Saying, ShortAnswer, Step, Tap};
use crate::reply::{self, Language};
use crate::store::{self, Claimed};
use crate::webhook::{Message, MessageBody, Riders, StoredMessage};

/// Meta's limit of a text with buttons, in UTF-16 units.
const BODY_WITH_BUTTONS_MAX: usize = 1024;
/// An answer that is later than this quotes what it answers.
const QUOTE_AFTER: SignedDuration = SignedDuration::from_secs(10);
/// Meta's limit of a text.
const BODY_MAX: usize = 4096;

/// A message that was read.
pub(super) struct Inbound {
    pub wamid: String,
    pub sent_at: Timestamp,
    pub sender: WhatsAppUser,
    pub profile_name: String,
    pub phone_number_id: String,
    pub riders: Riders,
    pub body: MessageBody,
}

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
    question: Option<act::Question>,
}

/// Handles one message. Safe to repeat from any point.
pub(super) async fn process(pipeline: &Pipeline, lane: &ClaimedLane, job: &Job) -> Result<(), Failure> {
    let mut inbound = read(job)?;
    if needs_no_answer(&inbound.body) {
        tracing::info!(job.id = job.id, "message {} is of a kind that needs no answer", job.id);
        return Ok(());
    }
    let Some(mut sender) = identify(pipeline, &inbound).await? else {
        let text = reply::render(Language::English, &[reply::Outcome::Said(Saying::Stranger)]);
        return send(pipeline, &inbound, text, Vec::new(), "stranger", lane, job).await;
    };
    let kept = lane.progress_of(job).and_then(|bytes| serde_json::from_slice::<Progress>(&bytes).ok());
    let mut progress = if let Some(progress) = kept {
        progress
    } else {
        let plan = make_plan(pipeline, &inbound, &sender).await?;
        let (shop_id, member_id) = (sender.shop.shop_id.clone(), sender.member.member_id.clone());
        let progress = Progress { plan, shop_id, member_id, sent_at: inbound.sent_at.as_second(), reply: None };
        if progress.plan.steps.iter().any(Step::changes_stock) {
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
    let buttons = reply.buttons.into_iter().map(|(button_id, title)| ReplyButton { button_id, title }).collect();
    send(pipeline, &inbound, reply.text, buttons, "answer", lane, job).await
}

async fn save(lane: &ClaimedLane, job: &Job, progress: &Progress) -> Result<(), Failure> {
    let bytes = serde_json::to_vec(progress).expect("plans and answers serialise");
    Ok(lane.save_progress(job.id, bytes).await?)
}

fn write_reply(plan: &Plan, acted: Acted) -> Reply {
    let language = Language::of(&plan.language);
    let buttons = match (&acted.question, acted.undo) {
        (Some(question), _) => act::buttons_of(language, question),
        (None, Some(operation_id)) => vec![(Tap::Undo { operation_id }.id(), reply::title(language).to_owned())],
        (None, None) => Vec::new(),
    };
    Reply { text: reply::render(language, &acted.outcomes), buttons, question: acted.question }
}

pub(super) fn read(job: &Job) -> Result<Inbound, Failure> {
    let unreadable = |_| Failure::Unreadable("the stored message cannot be read by this version".to_owned());
    let stored: StoredMessage = serde_json::from_slice(&job.payload).map_err(unreadable)?;
    let message = Message::read(stored.message.get())
        .ok_or_else(|| Failure::Unreadable("the stored message cannot be read by this version".to_owned()))?;
    let sent_at = message
        .timestamp
        .as_deref()
        .and_then(|seconds| seconds.parse::<i64>().ok())
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        // Meta's clock may be ahead of ours; nothing happened in the future.
        .map_or(job.created_at, |sent_at| sent_at.min(job.created_at));
    let sender = WhatsAppUser {
        user_id: message.from_user_id.clone().unwrap_or_default(),
        phone_number: message.from.clone().unwrap_or_default(),
    };
    Ok(Inbound {
        wamid: request_id_of(message.id.as_deref(), job),
        sent_at,
        sender,
        profile_name: stored
            .contact
            .and_then(|contact| contact.profile)
            .and_then(|profile| profile.name)
            .unwrap_or_default(),
        phone_number_id: stored.phone_number_id,
        riders: message.riders,
        body: message.body,
    })
}

/// Names everything this message does. Meta's id, or its digest when it is not 1 to 200 visible ASCII characters.
fn request_id_of(wamid: Option<&str>, job: &Job) -> String {
    match wamid {
        Some(id) if !id.is_empty() && id.len() <= 200 && id.bytes().all(|byte| byte.is_ascii_graphic()) => {
            id.to_owned()
        }
        _ => format!("sha256.{}", hex::encode(Sha256::digest(job.dedup_key.as_bytes()))),
    }
}

fn needs_no_answer(body: &MessageBody) -> bool {
    match body {
        MessageBody::Reaction | MessageBody::System(_) => true,
        MessageBody::Unknown(kind) => matches!(kind.as_str(), "request_welcome" | "unknown" | "ephemeral"),
        _ => false,
    }
}

async fn identify(pipeline: &Pipeline, inbound: &Inbound) -> Result<Option<Sender>, Failure> {
    let request = IdentifyMemberRequest {
        user: Some(inbound.sender.clone()),
        profile_name: inbound.profile_name.chars().take(200).collect(),
        business_phone_number_id: inbound.phone_number_id.clone(),
        ..IdentifyMemberRequest::default()
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
        Err(status) => Err(Failure::of("identify")(status)),
    }
}

async fn make_plan(pipeline: &Pipeline, inbound: &Inbound, sender: &Sender) -> Result<Plan, Failure> {
    let language = sender.member.language_code.clone();
    let say = |saying| Plan { language: language.clone(), steps: vec![Step::Say(saying)] };
    match &inbound.body {
        MessageBody::Tap(id) => match Tap::read(id) {
            Some(Tap::Undo { operation_id }) => Ok(Plan { language, steps: vec![Step::Undo { operation_id }] }),
            Some(Tap::Answer { question, choice }) => answer(pipeline, inbound, sender, question, choice).await,
            None => Ok(say(Saying::QuestionGone)),
        },
        MessageBody::Media(file) => media::plan(pipeline, inbound, sender, file).await,
        MessageBody::TemplateButton { .. }
        | MessageBody::Contacts { .. }
        | MessageBody::Location
        | MessageBody::Order
        | MessageBody::Unsupported { .. }
        | MessageBody::Edit { .. }
        | MessageBody::Revoke { .. }
        | MessageBody::OtherInteractive(_)
        | MessageBody::Unknown(_) => Ok(say(Saying::TextOnly)),
        MessageBody::Reaction | MessageBody::System(_) => Ok(Plan { language, steps: vec![Step::Silence] }),
        MessageBody::Text(text) => {
            if let Some(plan) = short_answer(pipeline, inbound, sender, text).await? {
                return Ok(plan);
            }
            parse(pipeline, inbound, sender, text).await
        }
    }
}

async fn parse(pipeline: &Pipeline, inbound: &Inbound, sender: &Sender, text: &str) -> Result<Plan, Failure> {
    if text.trim().is_empty() {
        return Ok(Plan {
            language: sender.member.language_code.clone(),
            steps: vec![Step::Say(Saying::NotUnderstood)],
        });
    }
    let request = ParseMessageRequest {
        shop_id: sender.shop.shop_id.clone(),
        content: Some(parse_message_request::Content::Text(text.to_owned())),
        send_time: Some(prost_types::Timestamp { seconds: inbound.sent_at.as_second(), nanos: 0 }),
        time_zone: sender.shop.time_zone.clone(),
        language_code: sender.member.language_code.clone(),
        ..ParseMessageRequest::default()
    };
    let parsed =
        pipeline.services.parser.clone().parse_message(request).await.map_err(Failure::of("parse"))?.into_inner();
    let mut known = Known {
        sent_at: inbound.sent_at.as_second(),
        quotes: inbound.riders.quoted_message_id.is_some(),
        currency: sender.shop.currency_code.clone(),
        ..Known::default()
    };
    if conversation::needs_known_items(&parsed.actions) {
        (known.recent, known.is_all) = recent_items(pipeline, sender).await?;
    }
    Ok(conversation::plan(&parsed.actions, &parsed.language_code, &known))
}

/// Returns the items that moved last, newest first, and whether the shop has no others.
async fn recent_items(pipeline: &Pipeline, sender: &Sender) -> Result<(Vec<KnownItem>, bool), Failure> {
    let mut inventory = pipeline.services.inventory.clone();
    let movements = inventory
        .list_movements(ListMovementsRequest {
            shop_id: sender.shop.shop_id.clone(),
            page_size: 50,
            ..Default::default()
        })
        .await
        .map_err(Failure::of("list movements"))?
        .into_inner();
    let mut recent: Vec<KnownItem> = Vec::new();
    for movement in &movements.movements {
        if !recent.iter().any(|known| known.id == movement.item_id) {
            recent.push(KnownItem { id: movement.item_id.clone(), name: movement.item_name.clone() });
        }
    }
    let is_all = recent.len() <= 1 && act::item_count_up_to(pipeline, sender, 2).await? <= 1;
    Ok((recent, is_all))
}

/// Takes a bare "2" or "yes" as an answer, only while a question is open.
async fn short_answer(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    text: &str,
) -> Result<Option<Plan>, Failure> {
    let Some(short) = ShortAnswer::read(text) else { return Ok(None) };
    let member = member_id(sender)?;
    let Some((question, draft)) =
        store::open_question(&pipeline.pool, member, &inbound.wamid, pipeline.clock.now()).await?
    else {
        return Ok(None);
    };
    let draft = act::Draft::read(draft)?;
    let choice = match short {
        ShortAnswer::Number(number) => number - 1,
        ShortAnswer::Yes if draft.is_yes_or_no => 0,
        ShortAnswer::No if draft.is_yes_or_no => 1,
        ShortAnswer::No => usize::MAX,
        ShortAnswer::Yes => return Ok(None),
    };
    if choice >= draft.choices.len() && choice != usize::MAX {
        return Ok(None);
    }
    answer(pipeline, inbound, sender, question, choice).await.map(Some)
}

async fn answer(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    question: Uuid,
    choice: usize,
) -> Result<Plan, Failure> {
    let member = member_id(sender)?;
    let claimed =
        store::answer_question(&pipeline.pool, question, member, &inbound.wamid, pipeline.clock.now()).await?;
    let say = |language: &str, saying| Plan { language: language.to_owned(), steps: vec![Step::Say(saying)] };
    Ok(match claimed {
        Claimed::Yours(draft) => {
            let draft = act::Draft::read(draft)?;
            match draft.choices.get(choice) {
                Some(choice) => Plan { language: draft.language, steps: choice.steps.clone() },
                None => say(&draft.language, Saying::Dropped),
            }
        }
        Claimed::Answered => say(&sender.member.language_code, Saying::AlreadyAnswered),
        Claimed::Gone => say(&sender.member.language_code, Saying::QuestionGone),
    })
}

pub(super) fn member_id(sender: &Sender) -> Result<Uuid, Failure> {
    Uuid::parse_str(&sender.member.member_id).map_err(|_| {
        Failure::of("identify")(tonic::Status::internal("inventory-svc named a member whose id is no UUID"))
    })
}

async fn send(
    pipeline: &Pipeline,
    inbound: &Inbound,
    text: String,
    buttons: Vec<ReplyButton>,
    kind: &'static str,
    lane: &ClaimedLane,
    job: &Job,
) -> Result<(), Failure> {
    if text.is_empty() {
        return Ok(());
    }
    let took = pipeline.clock.now().duration_since(job.created_at);
    // Alone and at once, an answer speaks for itself; late or among others it names what it answers.
    let needs_quote = (lane.jobs.len() > 1 || took > QUOTE_AFTER) && !inbound.wamid.starts_with("sha256.");
    let kind_of_content = if buttons.is_empty() {
        content::Kind::Text(Text { body: reply::shorten(text, BODY_MAX) })
    } else {
        content::Kind::ReplyButtons(ReplyButtons { body: reply::shorten(text, BODY_WITH_BUTTONS_MAX), buttons })
    };
    let request = SendMessageRequest {
        request_id: format!("{}/reply", inbound.wamid),
        recipient: Some(inbound.sender.clone()),
        content: Some(Content { kind: Some(kind_of_content) }),
        quoted_message_id: if needs_quote { inbound.wamid.clone() } else { String::new() },
        business_phone_number_id: inbound.phone_number_id.clone(),
        ..SendMessageRequest::default()
    };
    put(pipeline, request).await?;
    crate::metrics::get().answer(kind, took.try_into().unwrap_or_default());
    Ok(())
}

pub(super) async fn put(pipeline: &Pipeline, request: SendMessageRequest) -> Result<(), Failure> {
    match pipeline.services.messenger.clone().send_message(request).await {
        Ok(_) => Ok(()),
        // An answer to this message is in the outbox already. Its words may differ (a balance moved on); one is enough.
        Err(status) if platform::error::reason_of(&status).as_deref() == Some("ERROR_REASON_REQUEST_ID_REUSED") => {
            Ok(())
        }
        Err(status) => Err(Failure::of("send")(status)),
    }
}
