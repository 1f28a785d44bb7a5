//! What the model wrote into the form, as our own actions. What does not fit the form is no answer.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::error::CallError;
use crate::domain::{
    Act, Action, AddReason, Clarification, GreetingKind, Intent, Item, Line, Paper, Price, PriceBasis, QueryField,
    Reading, RemoveReason, SetReason, UndoTarget,
};
use crate::grammar;

/// The form of `prompt/schema.json`, and what `prompt/media-schema.json` has beside it.
#[derive(Deserialize)]
struct Form {
    transcript: Option<String>,
    language: Option<String>,
    document_number: Option<String>,
    supplier: Option<String>,
    total: Option<String>,
    actions: Vec<Filled>,
}

#[derive(Deserialize)]
struct Filled {
    intent: Asked,
    item: Option<String>,
    quantity: Option<String>,
    unit: Option<String>,
    pack_size: Option<String>,
    reason: Option<Reason>,
    price: Option<String>,
    price_basis: Option<Basis>,
    party: Option<String>,
    question: Option<Question>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Asked {
    Add,
    Remove,
    Set,
    Query,
    List,
    LowStock,
    Undo,
    Help,
    Greeting,
    Nothing,
    Unclear,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Reason {
    Sale,
    Waste,
    Theft,
    OwnUse,
    Gift,
    Return,
    Receipt,
    Count,
    Unknown,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Basis {
    Each,
    Total,
    Unit,
    Unknown,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Question {
    Item,
    Quantity,
    Direction,
    WhichNumber,
    None,
}

/// Text that is no number where one belongs.
struct NoNumber;

/// What the form says.
pub struct Told {
    /// Its actions.
    pub reading: Reading,
    /// What was heard or read.
    pub transcript: String,
    /// What the paper says of itself.
    pub paper: Paper,
}

/// Reads the form.
pub fn read(text: &str) -> Result<Told, CallError> {
    let form: Form = serde_json::from_str(text).map_err(|_| CallError::BadJson)?;
    if form.actions.is_empty() {
        return Err(CallError::Empty("no actions".to_owned()));
    }
    let actions = form.actions.into_iter().map(action).collect::<Option<Vec<_>>>().ok_or(CallError::BadJson)?;
    let language = form.language.map(|code| code.to_lowercase()).filter(|code| is_ours(code)).unwrap_or_default();
    let paper = Paper {
        number: within(form.document_number, 100),
        supplier: within(form.supplier, 200),
        // A total that is no number is no reason to lose the lines.
        total: number(form.total).unwrap_or_default(),
    };
    Ok(Told {
        paper,
        reading: Reading { actions, language, ..Reading::default() },
        transcript: form.transcript.unwrap_or_default(),
    })
}

/// Text of at most so many characters; longer is not what was asked for.
fn within(text: Option<String>, most: usize) -> String {
    text.map(|text| text.trim().to_owned()).filter(|text| text.chars().count() <= most).unwrap_or_default()
}

fn is_ours(code: &str) -> bool {
    ["en", "af", "zu", "xh", "st"].contains(&code)
}

/// Makes the action. `None` when a number is none.
fn action(filled: Filled) -> Option<Action> {
    let reason = filled.reason;
    let question = match filled.question {
        Some(Question::Item) => Some(Clarification::Item),
        Some(Question::Quantity) => Some(Clarification::Quantity),
        Some(Question::Direction) => Some(Clarification::Direction),
        Some(Question::WhichNumber) => Some(Clarification::WhichNumber),
        Some(Question::None) | None => None,
    };
    let intent = filled.intent;
    let (line, has_odd_unit) = line(filled)?;
    let item = line.item.clone();
    let unknown = |act, line| Intent::Unknown { act, line, topic: String::new(), shop: String::new() };
    let intent = match intent {
        Asked::Add => {
            let reason = if reason == Some(Reason::Return) { AddReason::Return } else { AddReason::Receipt };
            Intent::Add { line, reason }
        }
        Asked::Remove => Intent::Remove { line, reason: reason.and_then(removal), all: false },
        Asked::Set => Intent::SetStock { line, reason: SetReason::Count },
        Asked::Query => match item {
            Some(item) => Intent::Query { item, field: QueryField::Stock, when: None, minus: None, check: None },
            None => Intent::List,
        },
        Asked::List => Intent::List,
        Asked::LowStock => Intent::LowStock { out_only: false },
        Asked::Undo => Intent::Undo(UndoTarget::Last),
        Asked::Help => Intent::Help { topic: String::new() },
        Asked::Greeting => Intent::Greeting(GreetingKind::Hello),
        Asked::Nothing => unknown(Some(Act::None), Line::default()),
        Asked::Unclear => unknown(None, line),
    };
    // A model that takes something back on a guess would undo what was right: always ask.
    let confirm = matches!(intent, Intent::Undo(_));
    let clarification = question.or(has_odd_unit.then_some(Clarification::Unit));
    Some(Action { clarification, confirm, ..Action::new(intent) })
}

fn line(filled: Filled) -> Option<(Line, bool)> {
    let said_unit = filled.unit.filter(|unit| !unit.is_empty());
    let unit = said_unit.as_deref().map(grammar::unit_of);
    let price = match number(filled.price).ok()? {
        Some(amount) => {
            let basis = match filled.price_basis {
                Some(Basis::Each) => Some(PriceBasis::Each),
                Some(Basis::Total) => Some(PriceBasis::Total),
                Some(Basis::Unit) => Some(PriceBasis::Unit),
                Some(Basis::Unknown) | None => None,
            };
            Some(Price { amount, basis })
        }
        None => None,
    };
    let item = filled
        .item
        .filter(|item| !item.trim().is_empty())
        .map(|said| Item { said: said.clone(), ..Item::named(grammar::name_of(&said)) });
    let line = Line {
        item,
        quantity: number(filled.quantity).ok()?,
        unit: unit.clone().flatten().unwrap_or_default(),
        pack_size: number(filled.pack_size).ok()?,
        price,
        party: filled.party.map(|party| grammar::normalised(&party)).unwrap_or_default(),
        ..Line::default()
    };
    Some((line, matches!(unit, Some(None))))
}

/// A number, if one was filled in.
fn number(text: Option<String>) -> Result<Option<Decimal>, NoNumber> {
    text.filter(|text| !text.is_empty()).map(|text| text.parse().map_err(|_| NoNumber)).transpose()
}

fn removal(reason: Reason) -> Option<RemoveReason> {
    match reason {
        Reason::Sale => Some(RemoveReason::Sale),
        Reason::Waste => Some(RemoveReason::Waste),
        Reason::Theft => Some(RemoveReason::Theft),
        Reason::OwnUse => Some(RemoveReason::OwnUse),
        Reason::Gift => Some(RemoveReason::Gift),
        Reason::Return => Some(RemoveReason::Return),
        Reason::Receipt | Reason::Count | Reason::Unknown => None,
    }
}
