//! Messages as shopkeepers write them, with what each must become: a line of JSON for each, read and judged here.
//!
//! The golden tests and the benchmark of understanding share this folder, so that both mean the same by "exact".

mod request;
mod score;
mod words;

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

pub use request::request;
pub use score::{Verdict, judge};

/// One message and what it must become.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Utterance {
    /// Its name, for people.
    #[serde(default)]
    pub id: String,
    /// What was written, heard or read from a photo.
    pub text: String,
    /// Language or languages: `en`, `en+zu`.
    #[serde(default = "english")]
    pub lang: String,
    /// Where the text comes from: `voice`, `image`, typed when absent.
    #[serde(default)]
    channel: String,
    /// What the conversation already holds.
    #[serde(default)]
    pub context: Context,
    /// What it must become.
    pub expect: Vec<Map<String, Value>>,
    /// For people who read the file.
    #[serde(default, rename = "tags")]
    _tags: Vec<String>,
    #[serde(default, rename = "note")]
    _note: String,
    #[serde(default, rename = "native_review")]
    _native_review: bool,
}

fn english() -> String {
    "en".to_owned()
}

/// What the conversation already holds.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Context {
    /// The last operation: one line, or several.
    #[serde(default)]
    last: Value,
    /// The open question.
    #[serde(default)]
    pending: Value,
    /// The message that this one quotes.
    #[serde(default)]
    reply_to: Value,
    /// Names of the shop's items.
    #[serde(default)]
    catalogue: Vec<String>,
    /// Units of items by their name.
    #[serde(default)]
    units: Map<String, Value>,
    /// `count` while a stock-take is going on.
    #[serde(default)]
    session: String,
    /// A paper that is already booked.
    #[serde(default)]
    seen_ref: String,
    /// What became of an earlier message: `revoke` or `edit`.
    #[serde(default)]
    event: String,
    /// What that message had done.
    #[serde(default)]
    original: Value,
    /// What is on hand by the name of the item.
    #[serde(default)]
    on_hand: Map<String, Value>,
    /// What the same person wrote just before.
    #[serde(default)]
    previous_text: String,
    /// Facts about the chat and the ledger that are none of the parser's business.
    #[serde(flatten)]
    _other: Map<String, Value>,
}

/// Reads a file of messages, or says which line is not one.
pub fn load(path: &Path) -> Result<Vec<Utterance>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|error| format!("{}:{}: {error}", path.display(), index + 1))
        })
        .collect()
}
