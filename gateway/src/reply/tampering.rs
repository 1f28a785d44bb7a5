//! A message that was changed or deleted after it was handled, in words.

use rust_decimal::Decimal;

use super::catalogue::{Message, words};
use super::language::Language;
use super::number::signed;
use crate::conversation::Tampering;

/// Changes that are named; the rest is counted.
const NAMED_MAX: usize = 5;

/// Says that what the message did stands.
pub(super) fn stands(language: Language, tampering: Tampering, lines: &[(String, Decimal)]) -> String {
    let happened = match tampering {
        Tampering::Changed => Message::StandsChanged,
        Tampering::Deleted => Message::StandsDeleted,
        Tampering::ChangedOrDeleted => Message::StandsChangedOrDeleted,
        Tampering::Unclear => Message::StandsUnclear,
    };
    let mut named: Vec<String> =
        lines.iter().take(NAMED_MAX).map(|(name, delta)| format!("{} {name}", signed(*delta))).collect();
    if lines.len() > NAMED_MAX {
        named.push(format!("… {}", lines.len() - NAMED_MAX));
    }
    let named = if named.is_empty() { words(language, Message::ACount) } else { named.join(", ") };
    let label = if tampering == Tampering::Unclear {
        Message::LastSaved { lines: &named }
    } else {
        Message::StillCounts { lines: &named }
    };
    format!("{}\n{}", words(language, happened), words(language, label))
}
