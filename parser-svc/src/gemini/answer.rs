//! What the model wrote into the form, as our own actions. What does not fit the form is no answer.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::error::CallError;
use crate::domain::{
    Act, Action, AddReason, Clarification, CorrectTarget, GreetingKind, Intent, Item, Line, Paper, Price, PriceBasis,
    QueryField, Reading, RemoveReason, SetReason, UndoTarget,
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

#[derive(Deserialize, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
enum Asked {
    Add,
    Remove,
    Set,
    Correct,
    Threshold,
    Query,
    List,
    LowStock,
    Undo,
    Help,
    Greeting,
    Nothing,
    Unclear,
}

#[derive(Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
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

#[derive(Deserialize, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
enum Basis {
    Each,
    Total,
    Unit,
    Unknown,
}

#[derive(Deserialize, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
enum Question {
    Item,
    Quantity,
    Direction,
    WhichNumber,
    PackSize,
    Unit,
    PriceBasis,
    AlreadyRecorded,
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
    let question = filled.question.and_then(Question::clarification);
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
        Asked::Correct => {
            let target = if item.is_some() { CorrectTarget::Item } else { CorrectTarget::Last };
            Intent::Correct { line, target }
        }
        Asked::Threshold => Intent::Threshold { line, off: false },
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
    let confirm = matches!(intent, Intent::Undo(_) | Intent::Correct { .. });
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

impl Question {
    fn clarification(self) -> Option<Clarification> {
        Some(match self {
            Self::Item => Clarification::Item,
            Self::Quantity => Clarification::Quantity,
            Self::Direction => Clarification::Direction,
            Self::WhichNumber => Clarification::WhichNumber,
            Self::PackSize => Clarification::PackSize,
            Self::Unit => Clarification::Unit,
            Self::PriceBasis => Clarification::PriceBasis,
            Self::AlreadyRecorded => Clarification::AlreadyRecorded,
            Self::None => return None,
        })
    }
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

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::Value;

    use super::*;
    use crate::domain::{check, ground};
    use crate::gemini::request::{MEDIA_SCHEMA, SCHEMA, examples};

    /// What the schema offers for a property of an action.
    fn offered(schema: &str, property: &str) -> Vec<String> {
        let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
        let values = &schema["properties"]["actions"]["items"]["properties"][property]["enum"];
        values.as_array().expect("a list").iter().map(|value| value.as_str().expect("a word").to_owned()).collect()
    }

    /// What the form takes for it, as serde lists it in its refusal.
    fn taken<T: DeserializeOwned>() -> Vec<String> {
        let refusal = serde_json::from_value::<T>("?".into()).err().expect("no such word").to_string();
        refusal.split('`').skip(3).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn the_schemas_offer_what_the_form_takes_and_nothing_else() {
        for schema in [SCHEMA, MEDIA_SCHEMA] {
            assert_eq!(offered(schema, "intent"), taken::<Asked>());
            assert_eq!(offered(schema, "reason"), taken::<Reason>());
            assert_eq!(offered(schema, "price_basis"), taken::<Basis>());
            assert_eq!(offered(schema, "question"), taken::<Question>());
        }
    }

    #[test]
    fn every_reason_to_take_stock_off_can_be_told() {
        let reasons: Vec<RemoveReason> = offered(SCHEMA, "reason")
            .into_iter()
            .filter_map(|word| removal(serde_json::from_value(word.into()).expect("a reason")))
            .collect();

        assert_eq!(
            reasons,
            [
                RemoveReason::Sale,
                RemoveReason::Waste,
                RemoveReason::Theft,
                RemoveReason::OwnUse,
                RemoveReason::Gift,
                RemoveReason::Return
            ]
        );
    }

    #[test]
    fn every_property_of_the_schemas_is_required_and_read() {
        for schema in [SCHEMA, MEDIA_SCHEMA] {
            let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
            let action = &schema["properties"]["actions"]["items"];
            for object in [&schema, action] {
                let names: Vec<&String> = object["properties"].as_object().expect("an object").keys().collect();
                let required = object["required"].as_array().expect("a list");
                assert_eq!(names.len(), required.len());
                assert!(names.iter().all(|name| required.contains(&Value::from(name.as_str()))));
            }
        }
    }

    #[test]
    fn the_examples_are_what_we_would_believe() {
        let examples = examples();

        assert!(!examples.is_empty());
        for example in examples {
            let told = read(example.form.get()).unwrap_or_else(|error| panic!("{}: {error}", example.message));
            let before = told.reading.actions.clone();
            let reading = check(told.reading);
            assert_eq!(ground(&reading, &grammar::said(&example.message)), Ok(()), "{}", example.message);
            assert_eq!(reading.actions, before, "{} fails a check", example.message);
        }
    }

    #[test]
    fn a_model_takes_nothing_back_and_corrects_nothing_without_a_yes() {
        for intent in ["undo", "correct"] {
            let form = format!(r#"{{"language": "en", "actions": [{{"intent": "{intent}", "quantity": "5"}}]}}"#);

            assert!(read(&form).expect("a form").reading.actions[0].confirm, "{intent}");
        }
    }
}
