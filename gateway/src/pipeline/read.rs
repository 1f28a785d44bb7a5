//! Reading words: the grammar with the shop's names first, and what it leaves open once more, with what the conversation
//! holds and a model allowed.

use std::time::Duration;

use proto::inventory::v1::{ItemReference, ListMovementsRequest, item_reference};
use proto::parser::v1::{
    Action, ModelOutcome, ParseMessageRequest, ParseMessageResponse, UndoTarget, action, parse_message_request,
};
use uuid::Uuid;

use super::answer::{short_answer, take_words};
use super::context::{Context, gather};
use super::failure::Failure;
use super::inbound::Inbound;
use super::message::{Sender, member_id};
use super::{Pipeline, act, items, quoted, typing};
use crate::conversation::{self, Known, KnownItem, Plan, Restock, Saying, Step, Talk};
use crate::reply::Language;
use crate::store;

/// Where a message stands among those that came with it.
#[derive(Clone, Copy, Default)]
pub(super) struct Place<'a> {
    /// The text of the message before, which said only half of something.
    pub previous_text: Option<&'a str>,
    /// The text that came so soon after it that the two may be one.
    pub next: Option<Next<'a>>,
}

/// A text that follows at once.
#[derive(Clone, Copy)]
pub(super) struct Next<'a> {
    /// What it says.
    pub text: &'a str,
    /// Whether it was begun, which it only was together with the one before.
    pub is_begun: bool,
}

/// What is going to become of a message.
pub(super) enum Decision {
    /// This.
    Plan(Plan),
    /// It is read together with the next one.
    WithNext,
}

impl From<Plan> for Decision {
    fn from(plan: Plan) -> Self {
        Self::Plan(plan)
    }
}

/// Decides what a text comes to.
pub(super) async fn read_words(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    text: &str,
    place: Place<'_>,
) -> Result<Decision, Failure> {
    if text.trim().is_empty() {
        let steps = vec![Step::Say(Saying::NotUnderstood)];
        return Ok(Plan { language: sender.member.language_code.clone(), steps }.into());
    }
    if place.next.is_some_and(|next| next.is_begun) {
        // What was begun with the other half is finished with it: the question that is open now may be its own.
        return Ok(Decision::WithNext);
    }
    if inbound.riders.is_forwarded {
        // Somebody else's words: they answer no question, and change nothing before the sender makes them their own.
        let reading = parse(pipeline, inbound, sender, text, None, false).await?;
        let plan = understood(pipeline, inbound, sender, &reading.actions, &reading.language_code, text, None).await?;
        return Ok(conversation::forwarded(plan).into());
    }
    // While a question is open, "6 in a case" may be its answer, whatever else it could mean.
    let is_asked = is_asked(pipeline, inbound, member_id(sender)?).await?;
    let needs_context = inbound.riders.quoted_message_id.is_some() || place.previous_text.is_some() || is_asked;
    let context =
        if needs_context { Some(gather(pipeline, inbound, sender, place.previous_text).await?) } else { None };
    if place.previous_text.is_none()
        && let Some(plan) = short_answer(pipeline, inbound, sender, text, context.as_ref()).await?
    {
        return Ok(context.map_or(plan.clone(), |context| context.fit_answer(plan)).into());
    }
    // What nobody asked for and what quotes nothing is read by itself first.
    let stands_before = |context: &Context| {
        context.question.is_some()
            || context.quoted.is_some()
            || !context.previous_text.is_empty()
            || context.counting.is_some()
    };
    let context = if let Some(context) = context.filter(stands_before) {
        context
    } else {
        let reading = parse(pipeline, inbound, sender, text, None, true).await?;
        let is_half = conversation::is_fragment(text, &reading.actions);
        if !is_half && !conversation::leaves_open(&reading) {
            let (actions, language) = (&reading.actions, &reading.language_code);
            return Ok(understood(pipeline, inbound, sender, actions, language, text, None).await?.into());
        }
        let context = gather(pipeline, inbound, sender, None).await?;
        // Half of something may be the whole of an answer; only without a question it waits for the rest.
        if is_half && context.question.is_none() && goes_with_next(pipeline, inbound, sender, place.next).await? {
            return Ok(Decision::WithNext);
        }
        context
    };
    let reading = parse(pipeline, inbound, sender, text, Some(&context), false).await?;
    if let Some((id, draft)) = &context.question
        && let Some(asked) = &draft.asked
        && let Some(taken) =
            asked.take(&reading.actions, draft.choices.len()).or_else(|| asked.take_name(known_name(sender, text)?))
    {
        let plan = take_words(pipeline, inbound, sender, *id, draft, taken, text).await?;
        return Ok(context.fit_answer(plan).into());
    }
    let (actions, language) = (&conversation::doubted(&reading), &reading.language_code);
    let mut plan = understood(pipeline, inbound, sender, actions, language, text, Some(&context)).await?;
    if reading.model_outcome() == ModelOutcome::Budget {
        for step in plan.steps.iter_mut().filter(|step| **step == Step::Say(Saying::NotUnderstood)) {
            *step = Step::Say(Saying::Talk(Talk::PlainWordsOnly));
        }
    }
    Ok(plan.into())
}

/// Returns whether a question of the person may be open, or a stock-take. Looked up when this process cannot know, and not otherwise.
pub(super) async fn is_asked(pipeline: &Pipeline, inbound: &Inbound, member: Uuid) -> Result<bool, Failure> {
    if let Some(is_asked) = pipeline.asked.is_asked(member) {
        return Ok(is_asked);
    }
    let open = store::what_is_open(&pipeline.pool, member, &inbound.wamid, pipeline.clock.now()).await?;
    let is_asked = open.question.is_some() || open.counting.is_some();
    pipeline.asked.note(member, is_asked);
    Ok(is_asked)
}

/// Returns the item that the text names and nothing else.
fn known_name<'a>(sender: &'a Sender, text: &str) -> Option<&'a str> {
    sender.items.as_ref()?.iter().find(|item| item.is_called(text)).map(|item| item.name.as_str())
}

/// Returns whether half a message is read with the next one. While it is young and nothing follows, it waits.
async fn goes_with_next(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    next: Option<Next<'_>>,
) -> Result<bool, Failure> {
    if let Some(next) = next {
        // What stands by itself is not read into something else.
        return Ok(conversation::leaves_open(&parse(pipeline, inbound, sender, next.text, None, true).await?));
    }
    if pipeline.join_within.is_zero() || pipeline.waited.contains_key(&inbound.wamid) {
        return Ok(false);
    }
    pipeline.waited.insert(inbound.wamid.clone(), ());
    // Clocks of ours and of the database's may differ; it waits once, and never longer than it should.
    let age = Duration::try_from(pipeline.clock.now().duration_since(inbound.received_at)).unwrap_or_default();
    match pipeline.join_within.checked_sub(age) {
        Some(left) if !left.is_zero() => Err(Failure::NotYet(left)),
        _ => Ok(false),
    }
}

async fn parse(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    text: &str,
    context: Option<&Context>,
    grammar_only: bool,
) -> Result<ParseMessageResponse, Failure> {
    let previous = context.map(|context| context.previous_text.as_str()).unwrap_or_default();
    let catalogue = match &sender.items {
        Some(items) if previous.is_empty() => items::catalogue(items, text),
        Some(items) => items::catalogue(items, &format!("{previous}\n{text}")),
        None => Vec::new(),
    };
    let request = ParseMessageRequest {
        shop_id: sender.shop.shop_id.clone(),
        content: Some(parse_message_request::Content::Text(text.to_owned())),
        send_time: Some(prost_types::Timestamp { seconds: inbound.sent_at.as_second(), nanos: 0 }),
        time_zone: sender.shop.time_zone.clone(),
        language_code: sender.member.language_code.clone(),
        context: context.map(Context::wire),
        catalogue,
        grammar_only,
        ..ParseMessageRequest::default()
    };
    let mut parser = pipeline.services.parser.clone();
    let reading = typing::shown_while(pipeline, inbound, parser.parse_message(request));
    Ok(reading.await.map_err(Failure::of("parse"))?.into_inner())
}

/// Makes the plan for what was read or heard.
pub(super) async fn understood(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    actions: &[Action],
    language: &str,
    text: &str,
    context: Option<&Context>,
) -> Result<Plan, Failure> {
    let mut known = Known { text: text.to_owned(), ..known_of(inbound, sender) };
    if conversation::needs_known_items(actions) {
        (known.recent, known.is_all) = recent_items(pipeline, sender).await?;
    }
    match context {
        Some(context) => {
            known.newest.clone_from(&context.newest);
            known.quoted = context.quoted.as_ref().and_then(|quoted| quoted.past.clone());
            known.counting = context.counting_id();
        }
        None if actions.iter().any(speaks_of_last) => known.newest = quoted::newest(pipeline, sender, None).await?,
        None => {}
    }
    if conversation::speaks_of_restock(text, actions) {
        known.restock = match store::restock_adds(&pipeline.pool, member_id(sender)?).await? {
            Some(true) => Restock::Adds,
            Some(false) => Restock::Sets,
            None => Restock::Unknown,
        };
    }
    if let Some(name) = actions.iter().find_map(undone_item) {
        let reference = Some(item_reference::Reference::Name(name.chars().take(200).collect()));
        let item = ItemReference { reference, ..ItemReference::default() };
        known.with_item = quoted::newest(pipeline, sender, Some(item)).await?;
    }
    let plan = conversation::plan(actions, language_for(sender, language), &known);
    Ok(context.map_or(plan.clone(), |context| context.fit(plan, text)))
}

/// Returns the language to answer in: the message's, else the person's, when we have words in it.
fn language_for<'a>(sender: &'a Sender, language: &'a str) -> &'a str {
    let own = sender.member.language_code.as_str();
    if Language::known(language).is_none() && Language::known(own).is_some() { own } else { language }
}

/// Returns what is known of every message.
pub(super) fn known_of(inbound: &Inbound, sender: &Sender) -> Known {
    Known {
        sent_at: inbound.sent_at.as_second(),
        time_zone: sender.shop.time_zone.clone(),
        quotes: inbound.riders.quoted_message_id.is_some(),
        currency: sender.shop.currency_code.clone(),
        ..Known::default()
    }
}

fn speaks_of_last(action: &Action) -> bool {
    match &action.intent {
        Some(action::Intent::Correct(_)) => true,
        Some(action::Intent::Undo(undo)) => action.confirm || undo.target() == UndoTarget::Line,
        _ => false,
    }
}

/// Returns the item whose newest operation is to be taken back.
fn undone_item(action: &Action) -> Option<&str> {
    match &action.intent {
        Some(action::Intent::Undo(undo)) if undo.target() == UndoTarget::Item => {
            let item = undo.item.as_ref()?;
            [&item.name, &item.said].into_iter().find(|name| !name.is_empty()).map(String::as_str)
        }
        _ => None,
    }
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
