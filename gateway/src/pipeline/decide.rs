//! From a message to a plan.

use proto::inventory::v1::ListMovementsRequest;
use proto::parser::v1::{Action, ParseMessageRequest, parse_message_request};
use uuid::Uuid;

use super::act;
use super::failure::Failure;
use super::inbound::Inbound;
use super::message::{Sender, member_id};
use super::{Pipeline, contacts, media, tampering, typing};
use crate::conversation::{self, FileSaying, Fix, Known, KnownItem, Plan, Saying, ShortAnswer, Step, Tap};
use crate::store::{self, Claimed};
use crate::webhook::{MediaKind, MessageBody};

/// Decides what is going to be done about a message. `docs/inbound.md` is this as a table.
pub(super) async fn make_plan(pipeline: &Pipeline, inbound: &Inbound, sender: &Sender) -> Result<Plan, Failure> {
    let language = sender.member.language_code.clone();
    let only = |step| Plan { language: language.clone(), steps: vec![step] };
    match &inbound.body {
        MessageBody::Text(text) => read_words(pipeline, inbound, sender, text).await,
        MessageBody::Tap(id) => match Tap::read(id) {
            Some(tap) => take_tap(pipeline, inbound, sender, tap).await,
            None => Ok(only(Step::Say(Saying::QuestionGone))),
        },
        MessageBody::TemplateButton { payload, text } => match Tap::read(payload) {
            Some(tap) => take_tap(pipeline, inbound, sender, tap).await,
            // What the button said is what the person says by tapping it.
            None => read_words(pipeline, inbound, sender, text).await,
        },
        MessageBody::Media(file) => match file.kind {
            MediaKind::Sticker => Ok(only(Step::Silence)),
            MediaKind::Video if file.caption.trim().is_empty() => Ok(only(Step::Say(Saying::NoVideo))),
            MediaKind::Video => read_words(pipeline, inbound, sender, &file.caption).await,
            MediaKind::Audio { .. } | MediaKind::Image | MediaKind::Document => {
                media::plan(pipeline, inbound, sender, file).await
            }
        },
        MessageBody::Contacts { cards, is_requested } => Ok(contacts::plan(inbound, sender, cards, *is_requested)),
        MessageBody::Location => Ok(only(Step::Say(Saying::NoLocation))),
        MessageBody::Order => Ok(only(Step::Say(Saying::NoOrders))),
        MessageBody::Edit { .. } | MessageBody::Revoke { .. } | MessageBody::Unsupported { .. } => {
            tampering::plan(pipeline, inbound, sender).await
        }
        MessageBody::Unknown(_) => Ok(only(Step::Say(Saying::CannotRead))),
        MessageBody::Reaction | MessageBody::System(_) | MessageBody::OtherInteractive => Ok(only(Step::Silence)),
    }
}

async fn read_words(pipeline: &Pipeline, inbound: &Inbound, sender: &Sender, text: &str) -> Result<Plan, Failure> {
    if inbound.riders.is_forwarded {
        // Somebody else's words: they answer no question, and change nothing before the sender makes them their own.
        return Ok(conversation::forwarded(parse(pipeline, inbound, sender, text).await?));
    }
    if let Some(plan) = short_answer(pipeline, inbound, sender, text).await? {
        return Ok(plan);
    }
    parse(pipeline, inbound, sender, text).await
}

async fn take_tap(pipeline: &Pipeline, inbound: &Inbound, sender: &Sender, tap: Tap) -> Result<Plan, Failure> {
    match tap {
        Tap::Undo { operation_id } => {
            Ok(Plan { language: sender.member.language_code.clone(), steps: vec![Step::Undo { operation_id }] })
        }
        Tap::Answer { question, choice } => answer(pipeline, inbound, sender, question, choice).await,
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
    let mut parser = pipeline.services.parser.clone();
    let reading = typing::shown_while(pipeline, inbound, parser.parse_message(request));
    let parsed = reading.await.map_err(Failure::of("parse"))?.into_inner();
    understood(pipeline, inbound, sender, &parsed.actions, &parsed.language_code).await
}

/// Makes the plan for what was read or heard.
pub(super) async fn understood(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    actions: &[Action],
    language: &str,
) -> Result<Plan, Failure> {
    let mut known = Known {
        sent_at: inbound.sent_at.as_second(),
        quotes: inbound.riders.quoted_message_id.is_some(),
        currency: sender.shop.currency_code.clone(),
        ..Known::default()
    };
    if conversation::needs_known_items(actions) {
        (known.recent, known.is_all) = recent_items(pipeline, sender).await?;
    }
    Ok(conversation::plan(actions, language, &known))
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
    if let Some(fixes) = Fix::read_all(text) {
        return fix_paper(pipeline, inbound, sender, &fixes).await;
    }
    let Some(short) = ShortAnswer::read(text) else { return Ok(None) };
    let member = member_id(sender)?;
    let Some((question, draft)) =
        store::open_question(&pipeline.pool, member, &inbound.wamid, pipeline.clock.now()).await?
    else {
        return Ok(None);
    };
    let draft = act::Draft::read(draft)?;
    let choice = match short {
        // A number is a line of a paper that is shown, and no button under it.
        ShortAnswer::Number(_) if draft.paper().is_some() => {
            let saying = Saying::File(FileSaying::HowToFix);
            return Ok(Some(Plan { language: draft.language, steps: vec![Step::Say(saying)] }));
        }
        ShortAnswer::Yes | ShortAnswer::Save if draft.paper().is_some() => 0,
        ShortAnswer::Fix if draft.paper().is_some() => 1,
        ShortAnswer::Cancel if draft.paper().is_some() => 2,
        ShortAnswer::Number(number) => number - 1,
        ShortAnswer::Yes if draft.is_yes_or_no => 0,
        ShortAnswer::No if draft.is_yes_or_no => 1,
        ShortAnswer::No => usize::MAX,
        // No answer to this question: the parser knows what else it means.
        ShortAnswer::Yes | ShortAnswer::Save | ShortAnswer::Fix | ShortAnswer::Cancel => return Ok(None),
    };
    if choice >= draft.choices.len() && choice != usize::MAX {
        return Ok(None);
    }
    answer(pipeline, inbound, sender, question, choice).await.map(Some)
}

/// Changes the lines of a paper that waits for approval, and shows it again.
async fn fix_paper(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    fixes: &[Fix],
) -> Result<Option<Plan>, Failure> {
    let member = member_id(sender)?;
    let open = store::open_question(&pipeline.pool, member, &inbound.wamid, pipeline.clock.now()).await?;
    let Some((question, draft)) = open else { return Ok(None) };
    let open = act::Draft::read(draft)?;
    let Some(draft) = open.paper() else { return Ok(None) };
    let plan = |step| Some(Plan { language: open.language.clone(), steps: vec![step] });
    let Some(changed) = draft.fixed(fixes) else {
        let saying = FileSaying::NoSuchLine { count: draft.lines.len() };
        return Ok(plan(Step::Say(Saying::File(saying))));
    };
    // What is shown now takes the place of what was shown before: an old Save all is of no use any more.
    let now = pipeline.clock.now();
    Ok(match store::answer_question(&pipeline.pool, question, member, &inbound.wamid, now).await? {
        Claimed::Yours(_) if changed.lines.is_empty() => plan(Step::Say(Saying::File(FileSaying::NothingLeft))),
        Claimed::Yours(_) => plan(Step::ShowPaper { draft: changed }),
        Claimed::Answered => plan(Step::Say(Saying::AlreadyAnswered)),
        Claimed::Gone => plan(Step::Say(Saying::QuestionGone)),
    })
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
