//! A stock-take in words. Blind until its end: then what differs is told, the biggest first.

use rust_decimal::Decimal;

use super::catalogue::{Message, Name, words};
use super::language::Language;
use super::number::{quantity, signed};
use super::unit::{measure, plural};
use crate::conversation::CountSaying;

/// Items without a count that are named.
const UNCOUNTED_MAX: usize = 10;

/// What came of a step of a stock-take.
#[derive(Clone, Debug)]
pub(crate) enum Counted {
    /// It began, or goes on.
    Started {
        /// Whether it was open before.
        is_resumed: bool,
        /// How many items were counted so far.
        count: i32,
    },
    /// Lines were written down.
    Written {
        /// What was seen.
        lines: Vec<CountedLine>,
        /// How many items were counted so far.
        count: i32,
    },
    /// What differs from the book.
    Review {
        /// How many items were counted.
        total: i32,
        /// How many of them differ.
        variance_count: i32,
        /// Those that differ most.
        differing: Vec<Difference>,
        /// Items with stock that were not counted.
        uncounted: Vec<String>,
        /// How many there are.
        uncounted_count: i32,
    },
    /// What is not counted yet.
    Missing {
        /// Items with stock.
        uncounted: Vec<String>,
        /// How many there are.
        count: i32,
    },
    /// Stock is what was seen.
    Saved {
        /// How many items were counted.
        count: usize,
        /// How many of them changed.
        changed: usize,
    },
}

/// A line that was written down.
#[derive(Clone, Debug)]
pub(crate) struct CountedLine {
    /// The item's name as the shop wrote it.
    pub name: String,
    /// What was seen, as it was said.
    pub quantity: Decimal,
    /// The unit as it was said.
    pub unit: String,
    /// Whether the item is new.
    pub is_new: bool,
}

/// What was seen, and what the book says.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    /// The item's name.
    pub name: String,
    /// Its base unit.
    pub base_unit: String,
    /// What was seen.
    pub counted: Decimal,
    /// What the book says.
    pub expected: Decimal,
}

/// Writes what came of a step.
pub(super) fn counted(language: Language, counted: &Counted) -> String {
    match counted {
        Counted::Started { is_resumed: false, .. } => words(language, Message::CountStarted),
        Counted::Started { count, .. } => words(language, Message::CountResumed { amount: &count.to_string() }),
        Counted::Written { lines, count } => {
            let lines: Vec<String> = lines.iter().map(|line| written(language, line)).collect();
            words(language, Message::CountWritten { lines: &lines.join("\n"), amount: &count.to_string() })
        }
        Counted::Review { total, variance_count, differing, uncounted, uncounted_count } => {
            review(language, *total, *variance_count, differing, uncounted, *uncounted_count)
        }
        Counted::Missing { uncounted, .. } if uncounted.is_empty() => words(language, Message::CountNoneMissing),
        Counted::Missing { uncounted, count } => {
            let items = &some(language, uncounted, *count);
            words(language, Message::CountMissing { amount: &count.to_string(), items })
        }
        Counted::Saved { count, changed } => {
            words(language, Message::CountSaved { amount: &count.to_string(), changed: &changed.to_string() })
        }
    }
}

fn review(
    language: Language,
    total: i32,
    variance_count: i32,
    differing: &[Difference],
    uncounted: &[String],
    uncounted_count: i32,
) -> String {
    let total = &total.to_string();
    let first = if variance_count == 0 {
        words(language, Message::CountAllRight { amount: total })
    } else {
        words(language, Message::CountDiffers { amount: total, differing: &variance_count.to_string() })
    };
    let hidden = usize::try_from(variance_count).unwrap_or_default().saturating_sub(differing.len());
    let more = (hidden > 0).then(|| words(language, Message::CountMore { amount: &hidden.to_string() }));
    let rest = (!uncounted.is_empty())
        .then(|| words(language, Message::CountUncounted { items: &some(language, uncounted, uncounted_count) }));
    let lines = differing.iter().map(|line| difference(language, line));
    [first].into_iter().chain(lines).chain(more).chain(rest).collect::<Vec<_>>().join("\n")
}

fn difference(language: Language, line: &Difference) -> String {
    let amount = |value: Decimal| format!("{}{}", quantity(value), measure(language, &line.base_unit, value));
    words(
        language,
        Message::CountDifference {
            item: Name(&line.name),
            counted: &amount(line.counted),
            expected: &amount(line.expected),
            difference: &signed(line.counted - line.expected),
        },
    )
}

fn written(language: Language, line: &CountedLine) -> String {
    let new = if line.is_new { " 🆕" } else { "" };
    let amount = quantity(line.quantity);
    if line.unit.is_empty() {
        return format!("{} {amount}{new}", line.name);
    }
    format!("{} {amount} {}{new}", line.name, plural(language, &line.unit, line.quantity))
}

/// Names some of so many.
fn some(language: Language, names: &[String], count: i32) -> String {
    let shown = &names[..names.len().min(UNCOUNTED_MAX)];
    let hidden = usize::try_from(count).unwrap_or_default().saturating_sub(shown.len());
    let more = (hidden > 0).then(|| words(language, Message::CountMore { amount: &hidden.to_string() }));
    shown.iter().cloned().chain(more).collect::<Vec<_>>().join(", ")
}

/// Returns the titles of the buttons under a question, where they are not yes and no.
pub(super) fn count_buttons(language: Language, saying: CountSaying) -> Vec<String> {
    let titles: &[Message<'_>] = match saying {
        CountSaying::ReallySave => &[Message::ButtonSaveCount, Message::ButtonGoOn, Message::ButtonThrowAway],
        saying if saying.is_yes_or_no() => &[Message::ButtonYes, Message::ButtonNo],
        _ => &[],
    };
    titles.iter().map(|title| words(language, *title)).collect()
}

/// Says it.
pub(super) fn about_count(language: Language, saying: CountSaying) -> String {
    words(
        language,
        match saying {
            CountSaying::NotCounting => Message::CountNone,
            CountSaying::NothingYet => Message::CountNothingYet,
            CountSaying::GoOn => Message::CountGoOn,
            CountSaying::Skip => Message::CountSkip,
            CountSaying::Blind => Message::CountBlind,
            CountSaying::SendAgain => Message::CountSendAgain,
            CountSaying::ReallySave => Message::CountReallySave,
            CountSaying::ReallyCancel => Message::CountReallyCancel,
            CountSaying::Cancelled => Message::CountCancelled,
            CountSaying::Expired => Message::CountExpired,
            CountSaying::Over => Message::CountOver,
            CountSaying::Full => Message::CountFull,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_tells_the_biggest_and_how_many_more_there_are() {
        let differing: Vec<Difference> = (1..=10)
            .map(|number| Difference {
                name: format!("item {number}"),
                base_unit: "each".to_owned(),
                counted: Decimal::from(10 - number),
                expected: 10.into(),
            })
            .collect();
        let uncounted: Vec<String> = (1..=20).map(|number| format!("left {number}")).collect();
        let said = |variance_count, uncounted_count| {
            counted(
                Language::English,
                &Counted::Review {
                    total: 40,
                    variance_count,
                    differing: differing.clone(),
                    uncounted: uncounted.clone(),
                    uncounted_count,
                },
            )
        };

        let many = said(13, 25);
        assert!(many.contains("item 10: 0, book 10 (−10)\nand 3 more\n"), "{many}");
        assert!(many.ends_with("left 10, and 15 more"), "{many}");
        assert!(!said(10, 10).contains("more"));
    }
}
