//! What was read against what should have been.

use proto::parser::v1 as pb;
use serde_json::{Map, Value};

use super::Utterance;
use super::words::{self, Fields, plain};

/// What a message was judged to be.
#[expect(clippy::struct_excessive_bools, reason = "findings about one message that do not exclude each other")]
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// The same actions with the same intent, item, quantity and unit, and reason, price, target and question where given.
    pub is_exact: bool,
    /// Exact, and everything else the file says of it: who, when, where, on credit.
    pub is_complete: bool,
    /// Whether stock would change in a way that nobody asked for.
    pub has_wrong_write: bool,
    /// Whether something was asked that the words had answered.
    pub has_needless_question: bool,
    /// Whether something was written that should have been asked.
    pub has_missed_question: bool,
    /// What was read, for people.
    pub read: Vec<String>,
}

/// Compares an answer with what the utterance must become.
pub fn judge(utterance: &Utterance, answer: &pb::ParseMessageResponse) -> Verdict {
    let wanted: Vec<Fields> = utterance.expect.iter().map(wanted).collect();
    let read: Vec<Fields> = answer.actions.iter().flat_map(words::fields).collect();
    let is_paired = wanted.len() == read.len();
    let pairs = || wanted.iter().zip(&read);
    let is_exact = is_paired && pairs().all(|(wanted, read)| is_exact(wanted, read));
    let asks = |fields: &Fields| fields.contains_key("clarify") || fields.contains_key("confirm");
    let wants_question = wanted.iter().any(asks);
    let has_wrong_write =
        read.iter().any(|read| is_write(read) && !wanted.iter().any(|wanted| is_wanted(wanted, read)));
    Verdict {
        is_exact,
        is_complete: is_exact && pairs().all(|(wanted, read)| is_complete(wanted, read)),
        has_wrong_write,
        // What holds an attack may always be asked about.
        has_needless_question: !wants_question
            && read.iter().any(|read| (asks(read) && !read.contains_key("flag")) || is_not_understood(read)),
        has_missed_question: wants_question && read.iter().any(is_write) && !is_exact && !read.iter().any(asks),
        read: read.iter().map(in_words).collect(),
    }
}

/// The fields of the file as they are compared.
fn wanted(fields: &Map<String, Value>) -> Fields {
    let mut wanted = Fields::new();
    for (key, value) in fields {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Bool(true) => "true".to_owned(),
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(join_of(key)),
            _ => continue,
        };
        let is_number = ["quantity", "pack_size", "price", "minus", "check", "assert_after"].contains(&key.as_str());
        let value = if is_number { plain(&value) } else { value };
        if let Some(key) = KEYS.iter().find(|known| *known == key) {
            wanted.insert(key, value);
        }
    }
    wanted
}

/// Every field that the contract carries. `currency` is the shop's, `create` the ledger's.
const KEYS: [&str; 42] = [
    "intent",
    "item",
    "item_en",
    "quantity",
    "unit",
    "pack_size",
    "price",
    "price_basis",
    "reason",
    "party",
    "when",
    "location",
    "credit",
    "approx",
    "assert_after",
    "ref",
    "pay",
    "target",
    "line",
    "n",
    "field",
    "minus",
    "check",
    "act",
    "topic",
    "shop",
    "phone",
    "what",
    "period",
    "format",
    "action",
    "mode",
    "clarify",
    "confirm",
    "flag",
    "numbers",
    "options",
    "code",
    "kind",
    "level",
    "to",
    "all",
];

fn join_of(key: &str) -> &'static str {
    if key == "options" { ", " } else { " " }
}

fn is_exact(wanted: &Fields, read: &Fields) -> bool {
    let same = |key: &str| wanted.get(key) == read.get(key);
    let same_if_given = |key: &str| !wanted.contains_key(key) || same(key);
    let is_question_fair =
        same("clarify") && (same("confirm") || (read.contains_key("flag") && wanted.contains_key("flag")));
    same("intent")
        && is_item(wanted, read)
        && same("quantity")
        && same("unit")
        && ["reason", "price", "target", "act", "field", "mode", "action"].into_iter().all(same_if_given)
        && is_question_fair
}

fn is_item(wanted: &Fields, read: &Fields) -> bool {
    let name = wanted.get("item");
    name == read.get("item")
        || (name.is_some() && (wanted.get("item_en") == read.get("item") || name == read.get("item_en")))
        || (wanted.contains_key("item_en") && wanted.get("item_en") == read.get("item_en"))
}

fn is_complete(wanted: &Fields, read: &Fields) -> bool {
    let said = |key: &&str| !["intent", "item", "item_en"].contains(key);
    let hushed = |key: &str| wanted.get("clarify").is_some_and(|asked| asked == key) && key == "price_basis";
    let stray = ["reason", "when", "pack_size", "price", "approx", "credit", "all"];
    let is_stray = |key: &str| read.contains_key(key) && !wanted.contains_key(key) && read["intent"] != "set";
    wanted.keys().copied().filter(|key| said(key) && !hushed(key)).all(|key| wanted.get(key) == read.get(key))
        && !stray.into_iter().any(is_stray)
}

fn is_write(fields: &Fields) -> bool {
    let changes = matches!(fields.get("intent").map(String::as_str), Some("add" | "remove" | "set" | "correct"));
    let is_stock = !fields.contains_key("mode") && !fields.contains_key("field");
    changes && is_stock && !fields.contains_key("clarify") && !fields.contains_key("confirm")
}

/// Whether a write does what was wanted: a question somebody should have answered first is counted elsewhere.
fn is_wanted(wanted: &Fields, read: &Fields) -> bool {
    let same = |key: &str| wanted.get(key) == read.get(key);
    !wanted.contains_key("clarify")
        && same("intent")
        && is_item(wanted, read)
        && ["quantity", "unit", "pack_size", "all"].into_iter().all(same)
}

fn is_not_understood(fields: &Fields) -> bool {
    fields["intent"] == "unknown" && !fields.contains_key("act")
}

fn in_words(fields: &Fields) -> String {
    let pairs: Vec<String> = fields.iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join(" ")
}
