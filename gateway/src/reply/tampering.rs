//! A message that was changed or deleted after it was handled, in words.

use rust_decimal::Decimal;

use super::language::Language;
use super::number::signed;
use crate::conversation::Tampering;

/// Changes that are named; the rest is counted.
const NAMED_MAX: usize = 5;

/// Says that what the message did stands.
pub(super) fn stands(language: Language, tampering: Tampering, lines: &[(String, Decimal)]) -> String {
    let happened = match tampering {
        Tampering::Changed => language.pick("⚠️ You changed a message. Stock was not changed with it.", "⚠️ Jy het 'n boodskap verander. Voorraad het nie saam verander nie."),
        Tampering::Deleted => language.pick("⚠️ You deleted a message. Stock was not changed back.", "⚠️ Jy het 'n boodskap uitgevee. Voorraad is nie terugverander nie."),
        Tampering::ChangedOrDeleted => language.pick(
            "⚠️ You changed or deleted a message. Stock was not changed back.",
            "⚠️ Jy het 'n boodskap verander of uitgevee. Voorraad is nie terugverander nie.",
        ),
        Tampering::Unclear => language.pick(
            "❓ I could not read that. If you changed or deleted a message: stock was not changed back.",
            "❓ Ek kon dit nie lees nie. As jy 'n boodskap verander of uitgevee het: voorraad is nie terugverander nie.",
        ),
    };
    let last = language.pick("Last saved", "Laas gestoor");
    let still = language.pick("Still counts", "Tel nog");
    let label = if tampering == Tampering::Unclear { last } else { still };
    let mut named: Vec<String> =
        lines.iter().take(NAMED_MAX).map(|(name, delta)| format!("{} {name}", signed(*delta))).collect();
    if lines.len() > NAMED_MAX {
        named.push(format!("… {}", lines.len() - NAMED_MAX));
    }
    let named = if named.is_empty() { language.pick("a count", "'n telling").to_owned() } else { named.join(", ") };
    format!("{happened}\n{label}: {named}")
}
