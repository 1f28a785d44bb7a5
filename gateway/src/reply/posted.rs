//! What was saved or undone, in words.

use proto::inventory::v1::MovementKind;
use rust_decimal::Decimal;

use super::language::Language;
use super::number::{quantity, signed};
use super::outcome::PostedLine;
use super::unit::{measure, plural};
use crate::conversation::Effect;

pub(super) fn posted(language: Language, lines: &[PostedLine]) -> String {
    let [line] = lines else {
        let each: Vec<String> = lines
            .iter()
            .map(|line| {
                let new = if line.is_new { " 🆕" } else { "" };
                format!("{} {} → {}{new}", name_of(line), signed(line.delta), quantity(line.balance))
            })
            .collect();
        let saved = language.pick("saved", "gestoor");
        return format!("✅ {} {saved}: {}{}", lines.len(), each.join("\n"), shortfall(language, lines));
    };
    let what = amount(line);
    let balance = quantity(line.balance);
    let unit = measure(&line.base_unit);
    let first = match (&line.line.effect, language) {
        (Effect::Count { .. }, _) => {
            let expected = line.expected.unwrap_or(line.balance - line.delta);
            return match (line.is_new, language) {
                (true, Language::English) => format!("✅ Counted {what} 🆕"),
                (true, Language::Afrikaans) => format!("✅ {what} getel 🆕"),
                (false, Language::English) => {
                    format!("✅ Counted {what} (book said {}, {})", quantity(expected), difference(line.delta))
                }
                (false, Language::Afrikaans) => {
                    format!("✅ {what} getel (boek sê {}, {})", quantity(expected), difference(line.delta))
                }
            };
        }
        (Effect::Change { kind, .. } | Effect::All { kind }, _) => {
            let kind = MovementKind::try_from(*kind).unwrap_or(MovementKind::Unspecified);
            match (kind, language) {
                (MovementKind::Receipt | MovementKind::Opening, Language::English) if !has_pack(line) => {
                    format!("✅ Added {what} to inventory")
                }
                (MovementKind::Receipt | MovementKind::Opening, Language::English) => format!("✅ Added {what}"),
                (MovementKind::Receipt | MovementKind::Opening, Language::Afrikaans) => format!("✅ {what} bygevoeg"),
                (MovementKind::ReturnIn, Language::English) => format!("✅ Took back {what}"),
                (MovementKind::ReturnIn, Language::Afrikaans) => format!("✅ {what} teruggekry"),
                (MovementKind::Sale, Language::English) => format!("✅ Sold {what}"),
                (MovementKind::Sale, Language::Afrikaans) => format!("✅ {what} verkoop"),
                (kind, Language::English) => format!("✅ Took off {what}{}", reason(language, kind)),
                (kind, Language::Afrikaans) => format!("✅ {what} afgetrek{}", reason(language, kind)),
            }
        }
    };
    let short = shortfall(language, lines);
    let second = if !short.is_empty() {
        // The warning carries the balance.
        short.trim_start().to_owned()
    } else if line.delta.is_sign_negative() {
        format!("{balance}{unit} {}", language.pick("left", "oor"))
    } else {
        format!("{} {balance}{unit}", language.pick("Now", "Nou"))
    };
    let third = if line.is_new { language.pick("\n🆕 New item", "\n🆕 Nuwe item") } else { "" };
    format!("{first}\n{second}{third}")
}

pub(super) fn undone(language: Language, lines: &[(String, Decimal, Decimal)]) -> String {
    let what: Vec<String> = lines.iter().map(|(name, delta, _)| format!("{} {name}", signed(*delta))).collect();
    let back: Vec<String> = match lines {
        [(_, _, balance)] => vec![quantity(*balance)],
        _ => lines.iter().map(|(name, _, balance)| format!("{name} {}", quantity(*balance))).collect(),
    };
    let (what, back) = (what.join(", "), back.join(", "));
    match language {
        Language::English => format!("↩️ Undone: {what}. Back to {back}"),
        Language::Afrikaans => format!("↩️ Ontdoen: {what}. Terug na {back}"),
    }
}

/// Warns of the first line that went below zero.
fn shortfall(language: Language, lines: &[PostedLine]) -> String {
    let Some(line) = lines.iter().find(|line| line.balance < Decimal::ZERO && line.delta < Decimal::ZERO) else {
        return String::new();
    };
    let (balance, name) = (quantity(line.balance), &line.name);
    match language {
        Language::English => {
            format!("\nnow {balance}. Something was not written down. When you can, send \"counted 0 {name}\"")
        }
        Language::Afrikaans => {
            format!("\nnou {balance}. Iets is nie neergeskryf nie. Wanneer jy kan, stuur \"getel 0 {name}\"")
        }
    }
}

fn reason(language: Language, kind: MovementKind) -> String {
    let word = match kind {
        MovementKind::Waste => language.pick("waste", "afval"),
        MovementKind::OwnUse => language.pick("own use", "eie gebruik"),
        MovementKind::Theft => language.pick("stolen", "gesteel"),
        MovementKind::Gift => language.pick("given away", "weggegee"),
        MovementKind::ReturnOut => language.pick("sent back", "teruggestuur"),
        _ => return String::new(),
    };
    format!(" ({word})")
}

/// Returns the name to say: as it was said, unless the ledger took it for an item of another name. Then that one is told.
fn name_of(line: &PostedLine) -> &str {
    let said = &line.line.item.said;
    if said.is_empty() || !is_same_name(said, &line.name) { &line.name } else { said }
}

/// Returns whether two names differ in case, spaces or a plural ending at most.
fn is_same_name(said: &str, name: &str) -> bool {
    let stem = |text: &str| -> String {
        let letters: String = text.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
        letters.trim_end_matches(['s', 'e', 'y', 'i']).to_owned()
    };
    stem(said) == stem(name)
}

fn has_pack(line: &PostedLine) -> bool {
    said_quantity(line).is_some_and(|said| said.abs() != line.delta.abs())
}

fn said_quantity(line: &PostedLine) -> Option<Decimal> {
    match &line.line.effect {
        Effect::Change { quantity, .. } | Effect::Count { quantity } => Some(*quantity),
        Effect::All { .. } => None,
    }
}

/// Writes "50 screws", "1.5 kg cheese", "2 cases (12) coke 2l".
fn amount(line: &PostedLine) -> String {
    let name = name_of(line);
    let said = said_quantity(line).unwrap_or(line.delta).abs();
    let unit = &line.line.unit;
    let is_count = matches!(line.line.effect, Effect::Count { .. });
    match (unit.is_empty(), !is_count && has_pack(line)) {
        (true, _) => format!("{} {name}", quantity(said)),
        (false, true) => format!("{} {} ({}) {name}", quantity(said), plural(unit, said), quantity(line.delta.abs())),
        (false, false) => format!("{} {} {name}", quantity(said), plural(unit, said)),
    }
}

fn difference(delta: Decimal) -> String {
    if delta.is_zero() { "=".to_owned() } else { signed(delta) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Line;
    use crate::reply::{Outcome, render};

    fn line(effect: Effect, said: &str, delta: i64, balance: i64, is_new: bool) -> PostedLine {
        let item = crate::conversation::Item { said: said.to_owned(), ..Default::default() };
        PostedLine {
            line: Line { item, effect, unit: String::new(), pack_size: None, unit_price: None, is_new: false },
            name: said.to_owned(),
            delta: delta.into(),
            balance: balance.into(),
            expected: None,
            base_unit: "each".to_owned(),
            is_new,
        }
    }

    fn change(kind: MovementKind, quantity: i64) -> Effect {
        Effect::Change { kind: kind as i32, quantity: quantity.into() }
    }

    #[test]
    fn answers_read_as_they_should() {
        let english = |outcome: Outcome| render(Language::English, &[outcome]);
        let add = line(change(MovementKind::Receipt, 50), "screws", 50, 230, false);
        let sale = line(change(MovementKind::Sale, 3), "bread", -3, 9, false);
        let short = line(change(MovementKind::Sale, 14), "bread", -14, -2, false);
        let loss = line(change(MovementKind::Waste, 3), "eggs", -3, 57, false);
        let count = line(Effect::Count { quantity: 47.into() }, "coke 2l", -3, 47, false);
        let first = line(change(MovementKind::Receipt, 12), "milk", 12, 12, true);
        let second = line(change(MovementKind::Receipt, 2), "bread", 2, 11, false);
        let mut pack = line(change(MovementKind::Receipt, 2), "coke 2l", 12, 31, false);
        pack.line.unit = "case".to_owned();

        insta::assert_snapshot!(
            [
                english(Outcome::Posted(vec![add])),
                english(Outcome::Posted(vec![sale])),
                english(Outcome::Posted(vec![short])),
                english(Outcome::Posted(vec![loss])),
                english(Outcome::Posted(vec![count])),
                english(Outcome::Posted(vec![pack])),
                english(Outcome::Posted(vec![first, second])),
                english(Outcome::Undone(vec![("screws".to_owned(), 50.into(), 180.into())])),
                english(Outcome::Stock {
                    said: "coke".to_owned(),
                    found: vec![("coke 2l".to_owned(), 31.into()), ("coke can".to_owned(), 0.into())],
                    minus: None
                }),
            ]
            .join("\n--\n")
        );
    }

    #[test]
    fn an_item_of_another_name_is_told_by_its_own() {
        let mut sale = line(change(MovementKind::Sale, 3), "coke", -3, 9, false);
        sale.name = "diet coke".to_owned();
        assert_eq!(render(Language::English, &[Outcome::Posted(vec![sale])]), "✅ Sold 3 diet coke\n9 left");
        assert!(
            is_same_name("Screws", "screw") && is_same_name("batteries", "battery") && is_same_name("boxes", "box")
        );
    }
}
