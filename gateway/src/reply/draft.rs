//! A draft to approve, and a paper that was booked before.

use proto::inventory::v1::MovementKind;
use rust_decimal::Decimal;

use super::catalogue::{Count, Message, words};
use super::language::Language;
use super::limit::{BODY_MAX, BODY_WITH_CHOICES_MAX, cut, shorten, units};
use super::number::{money, quantity};
use super::unit::plural;
use crate::conversation::{DraftLine, Effect, PaperDraft};

/// UTF-16 units that are kept free for the answers in words.
const WORDS_MAX: usize = 96;
/// How long a draft may be, and the names in it, the best first. Every line is shown: nobody approves what they cannot see.
const SIZES: [(usize, usize); 6] = [
    (BODY_WITH_CHOICES_MAX, 40),
    (BODY_WITH_CHOICES_MAX, 24),
    (BODY_MAX - WORDS_MAX, 40),
    (BODY_MAX - WORDS_MAX, 24),
    (BODY_MAX - WORDS_MAX, NAME_MIN),
    (BODY_MAX - WORDS_MAX, 8),
];
/// Beside names as short as this nothing but the line itself is said.
const NAME_MIN: usize = 16;
/// UTF-16 units of an amount beside such a name.
const AMOUNT_MAX: usize = 24;

/// What came of a paper.
#[derive(Clone, Debug)]
pub(crate) enum PaperOutcome {
    /// It waits for approval.
    Draft {
        /// What it holds.
        draft: PaperDraft,
        /// What the ledger makes of each line.
        found: Vec<Found>,
    },
    /// Lines that were not saved with the rest of it wait for approval.
    Rest {
        /// What is left.
        draft: PaperDraft,
        /// What the ledger makes of each line.
        found: Vec<Found>,
    },
    /// It was booked before.
    Booked {
        /// Its number.
        number: String,
        /// The operation, as people say it.
        reference: String,
        /// Day and month of it in the shop.
        date: Option<(i8, i8)>,
    },
}

/// What the ledger makes of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// An item of the shop, by its name.
    Item(String),
    /// It would be a new item.
    New,
    /// One of several items.
    OneOf(Vec<String>),
    /// The shop has no such item, and it cannot be begun this way.
    Missing,
    /// How many pieces the unit holds is not known.
    Unit,
    /// The item is counted in whole pieces.
    Fraction,
}

/// Adds how a draft is answered that is too long to stand above buttons.
pub(crate) fn answered_in_words(language: Language, text: String) -> String {
    format!("{}\n{}", shorten(text, BODY_MAX - WORDS_MAX), words(language, Message::AnswerInWords))
}

pub(super) fn paper(language: Language, outcome: &PaperOutcome) -> String {
    match outcome {
        PaperOutcome::Draft { draft, found } => shown(language, "🧾", draft, found),
        PaperOutcome::Rest { draft, found } => shown(language, &words(language, Message::NotSavedYet), draft, found),
        PaperOutcome::Booked { number, reference, date } => {
            let number = if number.is_empty() { String::new() } else { format!(" {number}") };
            let number = number.as_str();
            let Some((day, month)) = date else { return words(language, Message::PaperBooked { number, reference }) };
            let month = words(language, Message::Month { count: Count::amount(Decimal::from(*month)) });
            words(language, Message::PaperBookedOn { number, reference, day: &day.to_string(), month: &month })
        }
    }
}

fn shown(language: Language, title: &str, draft: &PaperDraft, found: &[Found]) -> String {
    let mut text = String::new();
    for (units_max, name_max) in SIZES {
        text = sized(language, title, draft, found, name_max);
        if units(&text) <= units_max {
            break;
        }
    }
    text
}

fn sized(language: Language, title: &str, draft: &PaperDraft, found: &[Found], name_max: usize) -> String {
    let count = draft.lines.len();
    let what = [draft.supplier.as_str(), draft.number.as_str()].into_iter().filter(|part| !part.is_empty());
    let what = cut(&what.collect::<Vec<_>>().join(" "), 80);
    let lines = words(language, Message::LineCount { count: Count::of(count), amount: &count.to_string() });
    let total = draft.total.map(|total| money(&draft.currency, total));
    let mut directions = draft.lines.iter().map(|line| direction(language, &line.line.effect));
    let first = directions.next().unwrap_or_default();
    // One direction is said once, in the head; several are said of each line.
    let common = directions.all(|other| other == first).then(|| first.clone());
    let is_mixed = common.is_none();
    let head: Vec<String> =
        common.into_iter().chain([what, lines]).chain(total).filter(|part| !part.is_empty()).collect();
    let mut text = vec![format!("{title} {}", head.join(", "))];
    text.extend(warnings(language, draft));
    for (index, (line, found)) in draft.lines.iter().zip(found).enumerate() {
        let mut numbered = numbered(language, index + 1, line, found, name_max);
        if is_mixed {
            numbered.extend([" · ", &direction(language, &line.line.effect)]);
        }
        text.push(numbered);
    }
    text.join("\n")
}

/// What should be known before the lines are read, and is never cut off with them.
fn warnings(language: Language, draft: &PaperDraft) -> Vec<String> {
    let mut text = Vec::new();
    if draft.unread_count > 0 {
        let unread = draft.unread_count;
        let (count, amount) = (Count::of(unread), unread.to_string());
        text.push(words(language, Message::CouldNotRead { count, amount: &amount }));
    }
    if let Some((sum, total)) = draft.mismatch() {
        let (sum, total) = (money(&draft.currency, sum), money(&draft.currency, total));
        text.push(words(language, Message::Mismatch { sum: &sum, total: &total }));
    }
    text
}

fn direction(language: Language, effect: &Effect) -> String {
    let message = match effect {
        Effect::Count { .. } => Message::WasCounted,
        Effect::Change { kind, .. } | Effect::All { kind } => match MovementKind::try_from(*kind) {
            Ok(MovementKind::Receipt | MovementKind::Opening) => Message::CameIn,
            Ok(MovementKind::Sale) => Message::WasSold,
            Ok(MovementKind::ReturnIn) => Message::CameBack,
            _ => Message::TakenOff,
        },
    };
    words(language, message)
}

/// Writes `1 coke 2l 2 cases 🆕`.
fn numbered(language: Language, number: usize, line: &DraftLine, found: &Found, name_max: usize) -> String {
    let is_short = name_max <= NAME_MIN;
    let said = &line.line.item.said;
    let name = match found {
        Found::Item(name) if name.to_lowercase() != said.to_lowercase() => {
            format!("{} → {}", cut(said, name_max), cut(name, name_max))
        }
        _ => cut(said, name_max),
    };
    let amount = match &line.line.effect {
        Effect::Change { quantity, .. } | Effect::Count { quantity } => held(language, &line.line.unit, quantity.abs()),
        Effect::All { .. } => words(language, Message::AllOfIt),
    };
    let amount = if is_short { cut(&amount, AMOUNT_MAX) } else { amount };
    let note = match found {
        Found::Item(_) => String::new(),
        Found::New => " 🆕".to_owned(),
        _ if is_short => " ❓".to_owned(),
        Found::OneOf(names) => {
            let names: Vec<String> = names.iter().take(3).map(|name| cut(name, name_max)).collect();
            let or = format!(" {} ", words(language, Message::Or));
            format!(" ❓ {}?", names.join(&or))
        }
        Found::Missing => format!(" ❓ {}", words(language, Message::LineMissing)),
        Found::Unit => format!(" ❓ {}", words(language, Message::LineUnit)),
        Found::Fraction => format!(" ❓ {}", words(language, Message::LineFraction)),
    };
    format!("{number} {name} {amount}{note}")
}

fn held(language: Language, unit: &str, number: Decimal) -> String {
    let amount = quantity(number);
    if unit.is_empty() { amount } else { format!("{amount} {}", plural(language, unit, number)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Item, Line};

    fn line(name: &str, number: i64, unit: &str, amount: &str) -> DraftLine {
        let item = Item { said: name.to_owned(), ..Item::default() };
        let effect = Effect::Change { kind: MovementKind::Receipt as i32, quantity: number.into() };
        let line = Line { item, effect, unit: unit.to_owned(), pack_size: None, unit_price: None, is_new: false };
        DraftLine { line, amount: amount.parse().ok() }
    }

    fn jumbo() -> PaperDraft {
        PaperDraft {
            lines: vec![line("COKE 2L", 2, "case", "216.00"), line("BROWN BREAD", 10, "", "116.50")],
            supplier: "Jumbo".to_owned(),
            number: "88213".to_owned(),
            total: "332.50".parse().ok(),
            currency: "ZAR".to_owned(),
            unread_count: 0,
        }
    }

    #[test]
    fn a_draft_reads_as_it_should() {
        let found = vec![Found::Item("coke 2l".to_owned()), Found::New];
        let mut wrong = jumbo();
        wrong.lines.push(line("RICE", 3, "", "100"));
        wrong.unread_count = 1;
        let doubtful = vec![
            Found::Item("coca cola 2l".to_owned()),
            Found::New,
            Found::OneOf(vec!["tastic 2kg".to_owned(), "spekko 2kg".to_owned()]),
        ];
        let long = PaperDraft { lines: vec![line("milk", 1, "", ""); 30], ..PaperDraft::default() };
        let of = |draft, found| paper(Language::English, &PaperOutcome::Draft { draft, found });

        insta::assert_snapshot!(
            [
                of(jumbo(), found),
                of(wrong, doubtful),
                of(long, vec![Found::New; 30]),
                paper(
                    Language::English,
                    &PaperOutcome::Booked { number: "88213".into(), reference: "K7Q2".into(), date: Some((3, 3)) }
                ),
                paper(
                    Language::Afrikaans,
                    &PaperOutcome::Booked { number: String::new(), reference: "K7Q2".into(), date: None }
                ),
            ]
            .join("\n--\n")
        );
    }

    #[test]
    fn every_line_of_a_draft_is_shown_however_many_there_are() {
        type Each = fn(usize) -> Found;
        let name = |letters: usize, each: usize| format!("{} {each}", "a".repeat(letters));
        let renamed: Each = |each| Found::Item(format!("{} {each}", "b".repeat(200)));
        let one_of: Each = |each| Found::OneOf(vec![format!("{} {each}", "c".repeat(200)); 10]);
        let (new, missing): (Each, Each) = (|_| Found::New, |_| Found::Missing);
        for count in [1, 12, 13, 60] {
            for (letters, found) in [(3, new), (200, new), (200, renamed), (200, one_of), (200, missing)] {
                let mut draft = PaperDraft {
                    lines: (0..count)
                        .map(|each| line(&name(letters, each), 9_999_999, "packet", "9999999.99"))
                        .collect(),
                    supplier: "s".repeat(200),
                    number: "n".repeat(100),
                    total: "1.00".parse().ok(),
                    currency: "ZAR".to_owned(),
                    unread_count: 3,
                };
                let sale = Effect::Change { kind: MovementKind::Sale as i32, quantity: 9_999_999.into() };
                draft.lines[0].line.effect = sale;
                let found = (0..count).map(found).collect();
                let text = paper(Language::Afrikaans, &PaperOutcome::Draft { draft, found });

                assert!(units(&text) <= BODY_MAX - WORDS_MAX, "{count} of {letters}: {}", units(&text));
                let lines: Vec<&str> = text.lines().collect();
                assert!(lines[1].starts_with("❓ 3 kon ek nie lees") && lines[2].starts_with("⚠️ Die lyne"), "{text}");
                for (number, line) in (1..=count).zip(&lines[3..]) {
                    assert!(line.starts_with(&format!("{number} aaa")) && line.contains("pakkies"), "{line}");
                }
                assert_eq!(lines.len(), count + 3);
                let whole = answered_in_words(Language::Afrikaans, text.clone());
                assert!(whole.starts_with(&text) && units(&whole) <= BODY_MAX);
            }
        }
    }

    #[test]
    fn a_draft_of_several_directions_says_each() {
        let mut draft = jumbo();
        draft.lines[1].line.effect = Effect::Count { quantity: 10.into() };
        let text = paper(Language::English, &PaperOutcome::Draft { draft, found: vec![Found::New; 2] });

        assert_eq!(
            text,
            "🧾 Jumbo 88213, 2 lines, R332.50\n1 COKE 2L 2 cases 🆕 · Came in\n2 BROWN BREAD 10 🆕 · Counted"
        );
    }
}
