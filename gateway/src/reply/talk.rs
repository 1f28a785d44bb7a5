//! What was said before, in words: corrections, what is taken back, and questions about a line.

use proto::inventory::v1::MovementKind;
use rust_decimal::Decimal;

use super::catalogue::{Count, Message, Name, words};
use super::language::Language;
use super::number::{money, quantity, signed};
use super::saying::{asked, say};
use super::unit::plural;
use crate::conversation::{Effect, Line, Talk};

/// Lines that are named; the rest is counted.
const NAMED_MAX: usize = 5;

/// Returns the titles of the buttons under a question, where they are words.
pub(super) fn talk_buttons(language: Language, talk: &Talk) -> Vec<String> {
    let titles: &[Message<'_>] = match talk {
        talk if talk.is_yes_or_no() => &[Message::ButtonYes, Message::ButtonNo],
        Talk::WhichDay { days, .. } if days.is_empty() => &[Message::ButtonToday, Message::ButtonYesterday],
        Talk::WhichDay { days, .. } => return days.iter().map(|day| date(language, *day)).collect(),
        Talk::EachOrAll { .. } => &[Message::ButtonEach, Message::ButtonForAll],
        Talk::SetOrAdd { .. } => &[Message::ButtonCameIn, Message::ButtonCounted],
        _ => &[],
    };
    titles.iter().map(|title| words(language, *title)).collect()
}

/// Says it.
pub(super) fn about_talk(language: Language, talk: &Talk) -> String {
    let fixed = match talk {
        Talk::NothingToCorrect => Message::NothingToCorrect,
        Talk::FixedBefore => Message::FixedBefore,
        Talk::CannotRedate => Message::CannotRedate,
        Talk::SaysSoAlready => Message::SaysSoAlready,
        Talk::QuestionReplaced => Message::QuestionReplaced,
        Talk::PlainWordsOnly => Message::PlainWordsOnly,
        Talk::NothingToRedo => Message::NothingToRedo,
        Talk::NothingToUndoOf { said } => Message::NothingToUndoOf { item: Name(said) },
        Talk::HowManyWhole { name } => Message::WholePieces { item: Name(name) },
        Talk::HowManyIn { said, unit } => {
            let unit = plural(language, unit, Decimal::ONE);
            return words(language, Message::HowManyIn { item: Name(said), unit: &unit });
        }
        Talk::NoSuchLine { count } => {
            return words(language, Message::NoSuchLine { count: Count::of(*count), amount: &count.to_string() });
        }
        Talk::WhichLine { lines } => {
            let lines: Vec<String> = lines
                .iter()
                .enumerate()
                .map(|(index, (name, delta))| format!("{} {name} {}", index + 1, signed(*delta)))
                .collect();
            return words(language, Message::WhichLine { lines: &lines.join("\n") });
        }
        Talk::ReallyUndoMany { count } => {
            return words(language, Message::ReallyUndoMany { amount: &count.to_string() });
        }
        Talk::ReallyUndoThese { lines, is_old } => {
            let lines = &changes(lines);
            let message = if *is_old { Message::ReallyUndoOld { lines } } else { Message::ReallyUndoThese { lines } };
            return words(language, message);
        }
        Talk::WhichDay { lines, .. } => {
            let lines: Vec<String> = lines.iter().take(NAMED_MAX).map(|line| asked(language, line)).collect();
            return words(language, Message::WhichDay { lines: &lines.join(", ") });
        }
        Talk::SetOrAdd { lines } => {
            let lines: Vec<String> = lines
                .iter()
                .take(NAMED_MAX)
                .map(|line| format!("{} {}", line.item.said, amount(language, line)))
                .collect();
            return words(language, Message::SetOrAdd { lines: &lines.join(", ") });
        }
        Talk::EachOrAll { amount, currency, said } => {
            let price = money(currency, *amount);
            return words(language, Message::EachOrAll { price: &price, item: Name(said) });
        }
        Talk::ReallySoMuch { line, usual } => {
            let (what, usual) = (&asked(language, line), &quantity(*usual));
            let adds = matches!(&line.effect, Effect::Change { kind, .. } if *kind == MovementKind::Receipt as i32);
            let message =
                if adds { Message::ReallySoMuch { what, usual } } else { Message::ReallySoMuchElse { what, usual } };
            return words(language, message);
        }
        Talk::Fixed { was, line, name, balance } => return fixed_line(language, was, line, name, *balance),
        Talk::Redone { lines } => {
            let what: Vec<(String, Decimal)> = lines.iter().map(|(name, delta, _)| (name.clone(), *delta)).collect();
            let balance: Vec<String> = match lines.as_slice() {
                [(_, _, balance)] => vec![quantity(*balance)],
                _ => lines.iter().map(|(name, _, balance)| format!("{name} {}", quantity(*balance))).collect(),
            };
            return words(language, Message::Redone { what: &changes(&what), balance: &balance.join(", ") });
        }
        Talk::StillOpen { question } => {
            let question = say(language, question);
            return words(language, Message::StillOpen { question: question.trim_start_matches("❓ ") });
        }
    };
    words(language, fixed)
}

fn date(language: Language, (day, month): (i8, i8)) -> String {
    let month = usize::try_from(month).unwrap_or(1);
    format!("{day} {}", words(language, Message::Month { count: Count::of(month) }))
}

fn changes(lines: &[(String, Decimal)]) -> String {
    let mut named: Vec<String> =
        lines.iter().take(NAMED_MAX).map(|(name, delta)| format!("{} {name}", signed(*delta))).collect();
    if lines.len() > NAMED_MAX {
        named.push(format!("… {}", lines.len() - NAMED_MAX));
    }
    named.join(", ")
}

/// The name once when it stays, twice when it changes; then what is on hand.
fn fixed_line(language: Language, was: &Line, line: &Line, name: &str, balance: Decimal) -> String {
    let before = format!("{} {}", was.item.said, amount(language, was));
    let after = if was.item.id == line.item.id && line.item.id.is_some() {
        amount(language, line)
    } else {
        format!("{name} {}", amount(language, line))
    };
    let fixed = words(language, Message::Fixed { before: &before, after: &after });
    let now = words(language, Message::Now { balance: &quantity(balance) });
    format!("{fixed}\n{now}")
}

fn amount(language: Language, line: &Line) -> String {
    let number = match &line.effect {
        Effect::Change { quantity, .. } | Effect::Count { quantity } => quantity.abs(),
        Effect::All { .. } => return String::new(),
    };
    if line.unit.is_empty() {
        return quantity(number);
    }
    format!("{} {}", quantity(number), plural(language, &line.unit, number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Item, Saying};

    fn line(id: &str, name: &str, quantity: i64) -> Line {
        let item = Item { id: Some(id.to_owned()), said: name.to_owned(), ..Item::default() };
        let effect = Effect::Change { kind: MovementKind::Receipt as i32, quantity: quantity.into() };
        Line { item, effect, unit: String::new(), pack_size: None, unit_price: None, is_new: false }
    }

    #[test]
    fn what_was_said_before_reads_as_it_should() {
        let (screws, forty, nails) = (line("1", "screws", 50), line("1", "screws", 40), line("2", "nails", 50));
        let fixed = |line: &Line, name: &str| Talk::Fixed {
            was: Box::new(screws.clone()),
            line: Box::new(line.clone()),
            name: name.to_owned(),
            balance: 220.into(),
        };
        let which_day = Talk::WhichDay { lines: vec![forty.clone()], days: vec![(3, 4), (4, 3)] };
        let price = Talk::EachOrAll { amount: 20.into(), currency: "ZAR".into(), said: "bread".into() };
        let open = Talk::StillOpen { question: Box::new(Saying::HowMany { said: "milk".into() }) };
        let said = |talk: &Talk| {
            let buttons = talk_buttons(Language::English, talk).join("] [");
            let text = about_talk(Language::English, talk);
            if buttons.is_empty() { text } else { format!("{text}\n[{buttons}]") }
        };

        insta::assert_snapshot!(
            [
                said(&fixed(&forty, "screws")),
                said(&fixed(&nails, "nails")),
                said(&Talk::WhichLine { lines: vec![("bread".into(), 10.into()), ("milk".into(), 6.into())] }),
                said(&Talk::ReallyUndoMany { count: 3 }),
                said(&Talk::ReallyUndoThese { lines: vec![("milk".into(), 6.into())], is_old: true }),
                said(&Talk::ReallySoMuch { line: Box::new(line("1", "screws", 50_000)), usual: 200.into() }),
                said(&Talk::HowManyIn { said: "coke 2l".into(), unit: "case".into() }),
                said(&which_day),
                said(&price),
                said(&Talk::Redone { lines: vec![("screws".into(), 50.into(), 230.into())] }),
                said(&open),
            ]
            .join("\n--\n")
        );
    }
}
