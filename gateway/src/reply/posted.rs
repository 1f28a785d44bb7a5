//! What was saved or undone, in words.

use proto::inventory::v1::MovementKind;
use rust_decimal::Decimal;

use super::catalogue::{Count, Message, Name, words};
use super::language::Language;
use super::number::{quantity, signed};
use super::outcome::PostedLine;
use super::unit::{measure, plural};
use super::upkeep::{LowItem, warning};
use crate::conversation::Effect;

/// Warnings of one answer.
const WARNINGS_MAX: usize = 3;

pub(super) fn posted(language: Language, lines: &[PostedLine]) -> String {
    let [line] = lines else { return several(language, lines) };
    let what = amount(language, line);
    let what = what.as_str();
    let (Effect::Change { kind, .. } | Effect::All { kind }) = &line.line.effect else {
        return counted(language, line, what);
    };
    let first = match MovementKind::try_from(*kind).unwrap_or(MovementKind::Unspecified) {
        MovementKind::Receipt | MovementKind::Opening if has_pack(line) => {
            words(language, Message::AddedPacks { what })
        }
        MovementKind::Receipt | MovementKind::Opening => words(language, Message::Added { what }),
        MovementKind::ReturnIn => words(language, Message::TookBack { what }),
        MovementKind::Sale => words(language, Message::Sold { what }),
        kind => match reason(kind) {
            Some(reason) => words(language, Message::TookOffBecause { what, reason: &words(language, reason) }),
            None => words(language, Message::TookOff { what }),
        },
    };
    let balance = format!(
        "{}{}{}",
        quantity(line.balance),
        measure(language, &line.base_unit, line.balance),
        in_packs(language, line)
    );
    let balance = balance.as_str();
    let second = match shortfall(language, lines).or_else(|| low(language, line)) {
        // The warning carries the balance.
        Some(warning) => warning,
        None if line.is_absorbed => words(language, Message::Absorbed { balance }),
        None if line.delta.is_sign_negative() => words(language, Message::Left { balance }),
        None => words(language, Message::Now { balance }),
    };
    let third = line.is_new.then(|| words(language, Message::NewItem));
    [first, second].into_iter().chain(third).collect::<Vec<_>>().join("\n")
}

fn counted(language: Language, line: &PostedLine, what: &str) -> String {
    if line.is_new {
        return words(language, Message::CountedNew { what });
    }
    let expected = quantity(line.expected.unwrap_or(line.balance - line.delta));
    let first = words(language, Message::Counted { what, expected: &expected, difference: &difference(line.delta) });
    [first].into_iter().chain(low(language, line)).collect::<Vec<_>>().join("\n")
}

fn several(language: Language, lines: &[PostedLine]) -> String {
    let each: Vec<String> = lines
        .iter()
        .map(|line| {
            let new = if line.is_new { " 🆕" } else { "" };
            format!("{} {} → {}{new}", name_of(line), signed(line.delta), quantity(line.balance))
        })
        .chain(shortfall(language, lines))
        .chain(lines.iter().filter_map(|line| low(language, line)).take(WARNINGS_MAX))
        .chain(lines.iter().filter_map(|line| absorbed(language, line)).take(WARNINGS_MAX))
        .collect();
    let (count, amount) = (Count::of(lines.len()), lines.len().to_string());
    words(language, Message::Saved { count, amount: &amount, lines: &each.join("\n") })
}

pub(super) fn undone(language: Language, lines: &[(String, Decimal, Decimal)]) -> String {
    let what: Vec<String> = lines.iter().map(|(name, delta, _)| format!("{} {name}", signed(*delta))).collect();
    let balance: Vec<String> = match lines {
        [(_, _, balance)] => vec![quantity(*balance)],
        _ => lines.iter().map(|(name, _, balance)| format!("{name} {}", quantity(*balance))).collect(),
    };
    words(language, Message::Undone { what: &what.join(", "), balance: &balance.join(", ") })
}

/// Warns of the first line that went below zero.
fn shortfall(language: Language, lines: &[PostedLine]) -> Option<String> {
    let line = lines.iter().find(|line| line.balance < Decimal::ZERO && line.delta < Decimal::ZERO)?;
    Some(words(language, Message::BelowZero { balance: &quantity(line.balance), item: Name(&line.name) }))
}

/// Warns of an item that came down to its level.
fn low(language: Language, line: &PostedLine) -> Option<String> {
    let (name, base_unit) = (line.name.clone(), line.base_unit.clone());
    let level = Some(line.level_crossed?);
    Some(warning(language, &LowItem { name, on_hand: line.balance, level, base_unit }))
}

/// Says why a line of before a count did not change what is there.
fn absorbed(language: Language, line: &PostedLine) -> Option<String> {
    let balance = &format!("{} {}", name_of(line), quantity(line.balance));
    line.is_absorbed.then(|| words(language, Message::Absorbed { balance }))
}

fn reason(kind: MovementKind) -> Option<Message<'static>> {
    match kind {
        MovementKind::Waste => Some(Message::ReasonWaste),
        MovementKind::OwnUse => Some(Message::ReasonOwnUse),
        MovementKind::Theft => Some(Message::ReasonTheft),
        MovementKind::Gift => Some(Message::ReasonGift),
        MovementKind::ReturnOut => Some(Message::ReasonReturn),
        _ => None,
    }
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

/// Writes what is on hand in the packs that were spoken of, and what is over: " (5 cases + 1)".
fn in_packs(language: Language, line: &PostedLine) -> String {
    let unit = &line.line.unit;
    let said = said_quantity(line).unwrap_or_default().abs();
    let pack = line.delta.abs().checked_div(said).unwrap_or_default();
    if unit.is_empty() || pack <= Decimal::ONE || !pack.is_integer() || line.balance < pack {
        return String::new();
    }
    let (packs, over) = ((line.balance / pack).floor(), line.balance % pack);
    let packs = format!("{} {}", quantity(packs), plural(language, unit, packs));
    if over.is_zero() { format!(" ({packs})") } else { format!(" ({packs} + {})", quantity(over)) }
}

/// Writes "50 screws", "1.5 kg cheese", "2 cases (12) coke 2l".
fn amount(language: Language, line: &PostedLine) -> String {
    let name = name_of(line);
    let said = said_quantity(line).unwrap_or(line.delta).abs();
    let unit = &line.line.unit;
    let is_count = matches!(line.line.effect, Effect::Count { .. });
    match (unit.is_empty(), !is_count && has_pack(line)) {
        (true, _) => format!("{} {name}", quantity(said)),
        (false, true) => {
            format!("{} {} ({}) {name}", quantity(said), plural(language, unit, said), quantity(line.delta.abs()))
        }
        (false, false) => format!("{} {} {name}", quantity(said), plural(language, unit, said)),
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
            level_crossed: None,
            is_absorbed: false,
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
    fn a_line_that_came_down_to_its_level_warns_once_and_not_more_than_three_do() {
        let mut sale = line(change(MovementKind::Sale, 3), "bread", -3, 4, false);
        sale.level_crossed = Some(5.into());
        let warned = "⚠️ bread 4 left (you asked for a warning at 5)";

        let one = render(Language::English, &[Outcome::Posted(vec![sale.clone()])]);
        assert_eq!(one, format!("✅ Sold 3 bread\n{warned}"));
        let many = render(Language::English, &[Outcome::Posted(vec![sale; 5])]);
        assert_eq!(many.matches(warned).count(), WARNINGS_MAX);
        let mut short = line(change(MovementKind::Sale, 3), "bread", -3, -2, false);
        short.level_crossed = Some(5.into());
        let short = render(Language::English, &[Outcome::Posted(vec![short])]);
        assert!(short.contains("now −2") && !short.contains("warning"), "below zero says enough: {short}");
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
