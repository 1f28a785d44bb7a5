//! What is said about voice notes, photos and documents. The words are in `reply`.

use std::str::FromStr as _;

use proto::parser::v1::Action;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::read::line_of;

/// Returns the numbers that an action turns on, as they should be said back.
pub(crate) fn numbers_of(action: &Action) -> Vec<Decimal> {
    let line = line_of(action);
    let said = line.into_iter().flat_map(|line| [line.quantity.as_ref(), line.pack_size.as_ref()]).flatten();
    said.chain(&action.numbers).filter_map(|number| Decimal::from_str(&number.value).ok()).collect()
}

/// A sentence about a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum FileSaying {
    /// What was heard, with its numbers.
    Heard {
        /// Word for word.
        said: String,
        /// The numbers that count.
        numbers: Vec<Decimal>,
    },
    /// Files of this kind are not read here: no model is configured.
    NotConfigured(FileKind),
    /// Whoever reads it cannot now.
    Busy(FileKind),
    /// It was refused, or nothing could be made of it.
    Unclear(FileKind),
    /// Nothing was said, or nothing of use is to be seen.
    Nothing(FileKind),
    /// Meta does not have it any more.
    Gone,
    /// It is too large.
    TooLarge {
        /// How many mebibytes it may have.
        mebibytes: u32,
    },
    /// A document of a kind that is not read.
    UnknownKind,
    /// The paper holds more lines than can be approved at once.
    TooManyLines,
    /// How to change a line of a draft.
    HowToFix,
    /// The draft has no such line.
    NoSuchLine {
        /// How many it has.
        count: usize,
    },
    /// A draft whose last line was taken out.
    NothingLeft,
    /// The draft, to approve. Its text is made of what the ledger says.
    Approve,
}

/// What kind of file it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum FileKind {
    /// A voice note.
    Voice,
    /// A photo.
    Photo,
    /// A document.
    Document,
}
