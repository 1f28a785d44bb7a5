//! From a message to a plan.

use proto::inventory::v1::ListMovementsRequest;
use proto::parser::v1::{ParseMessageRequest, parse_message_request};
use uuid::Uuid;

use super::act;
use super::failure::Failure;
use super::inbound::Inbound;
use super::message::{Sender, member_id};
use super::{Pipeline, media};
use crate::conversation::{self, Known, KnownItem, Plan, Saying, ShortAnswer, Step, Tap};
use crate::store::{self, Claimed};
use crate::webhook::MessageBody;

pub(super) async fn make_plan(pipeline: &Pipeline, inbound: &Inbound, sender: &Sender) -> Result<Plan, Failure> {
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
