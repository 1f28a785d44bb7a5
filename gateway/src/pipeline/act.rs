//! Carries a plan out: the ledger's answers become the facts of the reply.

use std::str::FromStr as _;

use jiff::{SignedDuration, Timestamp};
use platform::db;
use platform::error::reason_of;
use proto::common::v1::{Decimal as PbDecimal, Money};
use proto::inventory::v1::{
    Change, Count, GetStockRequest, ItemReference, Latest, LineOutcome, LineResult, ListStockRequest, MovementKind,
    OperationLine, PostOperationRequest, ReverseOperationRequest, Source, item_reference, operation_line,
    reverse_operation_request,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tonic::Status;
use uuid::Uuid;

use super::Pipeline;
use super::failure::Failure;
use super::message::{Inbound, Sender, member_id};
use crate::conversation::{Choice, Effect, Item, Line, Plan, Saying, Step, Tap};
use crate::reply::{self, Language, Outcome, PostedLine};
use crate::store::{self, NewQuestion};

/// How long a question stays open.
const QUESTION_OPEN: SignedDuration = SignedDuration::from_hours(12);
/// WhatsApp shows at most this many buttons.
const BUTTONS_MAX: usize = 3;
/// UTF-16 units of a button's title.
const TITLE_MAX: usize = 20;
/// Items that a list shows at once.
const LIST_MAX: i32 = 40;

/// What came of a plan.
#[derive(Default)]
pub(super) struct Acted {
    /// The facts, in the order of the steps.
    pub outcomes: Vec<Outcome>,
    /// A question to be opened with the answer.
    pub question: Option<Question>,
    /// The operation that the Undo button takes back.
    pub undo: Option<String>,
}

/// A question with its answers.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Question {
    id: Uuid,
    saying: Saying,
    draft: Draft,
}

/// What is kept of a question.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Draft {
    /// The language it was asked in.
    pub language: String,
    /// Whether the answers are yes and no.
    pub is_yes_or_no: bool,
    /// The answers.
    pub choices: Vec<Choice>,
}

impl Draft {
    /// Reads what was kept.
    pub fn read(value: serde_json::Value) -> Result<Self, Failure> {
        serde_json::from_value(value)
            .map_err(|_| Failure::Unreadable("the open question cannot be read by this version".to_owned()))
    }
}

/// Does every step. Repeating it has no further effect: each change carries a request id made from the message.
pub(super) async fn carry_out(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    plan: &Plan,
) -> Result<Acted, Failure> {
    let mut acted = Acted::default();
    let mut undo_count = 0;
    for step in &plan.steps {
        match step {
            // A plan posts at most once, so the message's own id names it.
            Step::Post { lines, occurred_at } => {
                post(pipeline, inbound, sender, plan, lines, *occurred_at, &mut acted).await?;
            }
            Step::UndoLast | Step::Undo { .. } => {
                let target = match step {
                    Step::Undo { operation_id } => reverse_operation_request::Target::OperationId(operation_id.clone()),
                    _ => reverse_operation_request::Target::Latest(Latest {}),
                };
                undo_count += 1;
                let request_id = format!("{}/undo/{undo_count}", inbound.wamid);
                acted.outcomes.push(reverse(pipeline, request_id, sender, target).await?);
            }
            Step::Stock { item, minus } => acted.outcomes.push(stock(pipeline, sender, item, *minus).await?),
            Step::List => acted.outcomes.push(list(pipeline, sender).await?),
            Step::Ask { saying, choices } => ask(inbound, plan, saying, choices, &mut acted),
            Step::Say(saying) => acted.outcomes.push(Outcome::Said(saying.clone())),
            Step::Silence => {}
        }
    }
    Ok(acted)
}

async fn post(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    plan: &Plan,
    lines: &[Line],
    occurred_at: Option<i64>,
    acted: &mut Acted,
) -> Result<(), Failure> {
    let occurred = occurred_at.and_then(|seconds| Timestamp::from_second(seconds).ok()).unwrap_or(inbound.sent_at);
    let request = PostOperationRequest {
        shop_id: sender.shop.shop_id.clone(),
        request_id: inbound.wamid.clone(),
        source: Source::Whatsapp as i32,
        member_id: sender.member.member_id.clone(),
        occur_time: Some(prost_types::Timestamp { seconds: occurred.as_second(), nanos: 0 }),
        lines: lines.iter().map(operation_line).collect(),
        dry_run: false,
        all_or_nothing: false,
        // Always allowed: Meta delivers up to seven days late, and a retry after a day must be the same request.
        backdated: true,
        ..PostOperationRequest::default()
    };
    let response = match pipeline.services.inventory.clone().post_operation(request).await {
        Ok(response) => response.into_inner(),
        Err(status) if reason_of(&status).as_deref() == Some("ERROR_REASON_ROLE_NOT_ALLOWED") => {
            acted.outcomes.push(Outcome::NotAllowed);
            return Ok(());
        }
        Err(status) => {
            acted.outcomes.push(refused(status)?);
            return Ok(());
        }
    };
    let mut posted = Vec::new();
    let mut open: Vec<(&Line, &LineResult)> = Vec::new();
    for (line, result) in lines.iter().zip(&response.results) {
        if result.outcome() == LineOutcome::Posted {
            posted.push(posted_line(line, result));
        } else {
            open.push((line, result));
        }
    }
    if !posted.is_empty() {
        acted.outcomes.push(Outcome::Posted(posted));
        acted.undo = response.operation.map(|operation| operation.operation_id).filter(|id| !id.is_empty());
    }
    for (line, result) in open {
        unposted(inbound, plan, line, result, occurred_at, acted);
    }
    Ok(())
}

fn posted_line(line: &Line, result: &LineResult) -> PostedLine {
    let item = result.item.clone().unwrap_or_default();
    PostedLine {
        line: line.clone(),
        name: item.display_name,
        delta: decimal(result.delta.as_ref()),
        balance: decimal(result.balance_after.as_ref()),
        expected: result.expected.as_ref().map(|value| decimal(Some(value))),
        base_unit: item.base_unit,
        is_new: result.item_created,
    }
}

/// A line that was not posted leads to a question or a hint.
fn unposted(
    inbound: &Inbound,
    plan: &Plan,
    line: &Line,
    result: &LineResult,
    occurred_at: Option<i64>,
    acted: &mut Acted,
) {
    let said = line.item.said.clone();
    match result.outcome() {
        LineOutcome::ItemAmbiguous if !result.candidates.is_empty() => {
            let candidates: Vec<_> =
                result.candidates.iter().filter_map(|candidate| candidate.item.as_ref()).take(10).collect();
            let choices: Vec<Choice> = candidates
                .iter()
                .map(|item| {
                    let chosen = Item {
                        id: Some(item.item_id.clone()),
                        said: item.display_name.clone(),
                        english: String::new(),
                    };
                    let line = Line { item: chosen, ..line.clone() };
                    Choice {
                        title: item.display_name.clone(),
                        steps: vec![Step::Post { lines: vec![line], occurred_at }],
                    }
                })
                .collect();
            let mut names: Vec<String> = candidates.iter().map(|item| item.display_name.clone()).collect();
            let mut choices = choices;
            if may_be_new(&line.effect) {
                // What comes in may be something else that is only spelt alike.
                let line = Line { is_new: true, ..line.clone() };
                let title = format!("🆕 {said}");
                choices
                    .push(Choice { title: title.clone(), steps: vec![Step::Post { lines: vec![line], occurred_at }] });
                names.push(title);
            }
            ask(inbound, plan, &Saying::WhichOf { said, names }, &choices, acted);
        }
        LineOutcome::UnitUnknown => acted.outcomes.push(Outcome::UnknownUnit { said, unit: line.unit.clone() }),
        LineOutcome::ScaleExceeded => {
            let name = result.item.as_ref().map_or(said, |item| item.display_name.clone());
            acted.outcomes.push(Outcome::WholeUnits { name });
        }
        LineOutcome::ItemNotFound
        | LineOutcome::ItemAmbiguous
        | LineOutcome::HeldBack
        | LineOutcome::Posted
        | LineOutcome::Unspecified => {
            let quantity = match &line.effect {
                Effect::Change { quantity, .. } | Effect::Count { quantity } => Some(quantity.abs()),
                Effect::All { .. } => None,
            };
            acted.outcomes.push(Outcome::NoSuchItem { said, quantity });
        }
    }
}

/// Keeps the first question of a message: one open question per person. A second one is said without buttons.
fn ask(inbound: &Inbound, plan: &Plan, saying: &Saying, choices: &[Choice], acted: &mut Acted) {
    acted.outcomes.push(Outcome::Asked(saying.clone()));
    if choices.is_empty() || acted.question.is_some() {
        return;
    }
    acted.question = Some(Question {
        id: question_id(&inbound.wamid),
        saying: saying.clone(),
        draft: Draft {
            language: plan.language.clone(),
            is_yes_or_no: matches!(saying, Saying::ReallyDo { .. } | Saying::ReallyUndo),
            choices: choices.to_vec(),
        },
    });
}

/// Made from the message, so that a replay asks the same question.
fn question_id(wamid: &str) -> Uuid {
    let digest = Sha256::digest(format!("{wamid}/question"));
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// Returns the buttons of a question; more than three choices are answered by number.
pub(super) fn buttons_of(language: Language, question: &Question) -> Vec<(String, String)> {
    let choices = &question.draft.choices;
    if choices.len() > BUTTONS_MAX {
        return Vec::new();
    }
    let words = reply::buttons_for(language, &question.saying);
    let mut buttons: Vec<(String, String)> = Vec::new();
    for (index, choice) in choices.iter().enumerate() {
        let title = words.get(index).map_or_else(|| reply::cut(&choice.title, TITLE_MAX), |word| (*word).to_owned());
        if title.is_empty() || buttons.iter().any(|(_, other)| *other == title) {
            // WhatsApp wants different titles; two that are cut to the same are answered by number.
            return Vec::new();
        }
        let tap = Tap::Answer { question: question.id, choice: index };
        buttons.push((tap.id(), title));
    }
    buttons
}

/// Opens the question, in place of the one before.
pub(super) async fn open_question(pipeline: &Pipeline, sender: &Sender, question: Question) -> Result<(), Failure> {
    let shop_id = Uuid::parse_str(&sender.shop.shop_id)
        .map_err(|_| Failure::of("identify")(Status::internal("inventory-svc named a shop whose id is no UUID")))?;
    let question = NewQuestion {
        id: question.id,
        member_id: member_id(sender)?,
        shop_id,
        draft: serde_json::to_value(&question.draft).expect("plans serialise"),
        expires_at: pipeline.clock.now() + QUESTION_OPEN,
    };
    let question = &question;
    db::transact(&pipeline.pool, "ask_question", |mut tx| async move {
        store::ask_question(&mut tx, question).await?;
        Ok::<_, Failure>(tx.done(()))
    })
    .await
}

async fn reverse(
    pipeline: &Pipeline,
    request_id: String,
    sender: &Sender,
    target: reverse_operation_request::Target,
) -> Result<Outcome, Failure> {
    let request = ReverseOperationRequest {
        shop_id: sender.shop.shop_id.clone(),
        request_id,
        source: Source::Whatsapp as i32,
        member_id: sender.member.member_id.clone(),
        target: Some(target),
        dry_run: false,
    };
    match pipeline.services.inventory.clone().reverse_operation(request).await {
        Ok(response) => {
            let reversal = response.into_inner().operation.unwrap_or_default();
            Ok(Outcome::Undone(
                reversal
                    .movements
                    .iter()
                    // What was undone is the mirror of the reversal; a line that a later count absorbed has none.
                    .filter(|movement| movement.reverses_movement_id != 0)
                    .map(|movement| {
                        let balance = reversal
                            .movements
                            .iter()
                            .rev()
                            .find(|last| last.item_id == movement.item_id && last.location_id == movement.location_id)
                            .unwrap_or(movement);
                        (
                            movement.item_name.clone(),
                            -decimal(movement.delta.as_ref()),
                            decimal(balance.balance_after.as_ref()),
                        )
                    })
                    .collect(),
            ))
        }
        Err(status) => refused(status),
    }
}

/// A rule of the ledger that said no is an answer, anything else a failure.
fn refused(status: Status) -> Result<Outcome, Failure> {
    match reason_of(&status).as_deref() {
        Some("ERROR_REASON_NOTHING_TO_REVERSE" | "ERROR_REASON_OPERATION_NOT_FOUND") => Ok(Outcome::NothingToUndo),
        Some("ERROR_REASON_ALREADY_REVERSED") => Ok(Outcome::AlreadyUndone),
        Some("ERROR_REASON_ROLE_NOT_ALLOWED") => Ok(Outcome::NotYoursToUndo),
        Some("ERROR_REASON_INSUFFICIENT_STOCK") => Ok(Outcome::NotEnough),
        _ => Err(Failure::of("ledger")(status)),
    }
}

async fn stock(pipeline: &Pipeline, sender: &Sender, item: &Item, minus: Option<Decimal>) -> Result<Outcome, Failure> {
    let request = GetStockRequest { shop_id: sender.shop.shop_id.clone(), item: Some(reference(item)) };
    let response =
        pipeline.services.inventory.clone().get_stock(request).await.map_err(Failure::of("get stock"))?.into_inner();
    let found = response
        .candidates
        .into_iter()
        .take(20)
        .map(|candidate| (candidate.item.unwrap_or_default().display_name, decimal(candidate.on_hand.as_ref())))
        .collect();
    Ok(Outcome::Stock { said: item.said.clone(), found, minus })
}

async fn list(pipeline: &Pipeline, sender: &Sender) -> Result<Outcome, Failure> {
    let request =
        ListStockRequest { shop_id: sender.shop.shop_id.clone(), page_size: LIST_MAX, page_token: String::new() };
    let response =
        pipeline.services.inventory.clone().list_stock(request).await.map_err(Failure::of("list stock"))?.into_inner();
    let levels = response
        .stock_levels
        .into_iter()
        .map(|level| (level.item.unwrap_or_default().display_name, decimal(level.on_hand.as_ref())))
        .collect();
    Ok(Outcome::List { levels, has_more: !response.next_page_token.is_empty() })
}

/// Returns how many items the shop has, up to `limit`.
pub(super) async fn item_count_up_to(pipeline: &Pipeline, sender: &Sender, limit: i32) -> Result<usize, Failure> {
    let request =
        ListStockRequest { shop_id: sender.shop.shop_id.clone(), page_size: limit, page_token: String::new() };
    let response =
        pipeline.services.inventory.clone().list_stock(request).await.map_err(Failure::of("list stock"))?.into_inner();
    Ok(response.stock_levels.len())
}

fn reference(item: &Item) -> ItemReference {
    ItemReference {
        reference: Some(match &item.id {
            Some(id) => item_reference::Reference::ItemId(id.clone()),
            None => item_reference::Reference::Name(item.said.chars().take(200).collect()),
        }),
        english_name: item.english.clone(),
    }
}

fn operation_line(line: &Line) -> OperationLine {
    let (effect, create_item) = match &line.effect {
        Effect::Change { kind, quantity } => (
            operation_line::Effect::Change(Change { kind: *kind, quantity: Some(pb(*quantity)), all: false }),
            // What comes in may be new; what goes out or is counted must be known, or a misspelling makes an item.
            may_be_new(&line.effect),
        ),
        Effect::All { kind } => {
            (operation_line::Effect::Change(Change { kind: *kind, quantity: None, all: true }), false)
        }
        Effect::Count { quantity } => (operation_line::Effect::Count(Count { quantity: Some(pb(*quantity)) }), false),
    };
    OperationLine {
        item: Some(reference(&line.item)),
        effect: Some(effect),
        unit: line.unit.clone(),
        pack_size: line.pack_size.map(pb),
        unit_price: line
            .unit_price
            .as_ref()
            .map(|(amount, currency)| Money { amount: Some(pb(*amount)), currency_code: currency.clone() }),
        location_id: String::new(),
        expected_balance: None,
        create_item,
        create_despite_similar: line.is_new,
    }
}

/// Returns whether the item of such a line may be new to the shop: what comes in may, what goes out or is counted may not.
fn may_be_new(effect: &Effect) -> bool {
    let brings_in = [MovementKind::Receipt as i32, MovementKind::Opening as i32, MovementKind::ReturnIn as i32];
    matches!(effect, Effect::Change { kind, .. } if brings_in.contains(kind))
}

fn pb(value: Decimal) -> PbDecimal {
    PbDecimal { value: value.normalize().to_string() }
}

fn decimal(value: Option<&PbDecimal>) -> Decimal {
    value.and_then(|value| Decimal::from_str(&value.value).ok()).unwrap_or_default()
}
