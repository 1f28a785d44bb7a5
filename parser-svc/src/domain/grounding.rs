//! The grounding rule: what a reader claims must occur in what was said. A model that invents an item or a number is refused.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::{Action, Clarification, Intent, Line, Paper, Reading};

/// What a text really holds, after normalisation and after number words were read.
#[derive(Default)]
pub struct Said {
    /// Every word, as it stands and in the singular.
    pub words: HashSet<String>,
    /// Every unit, in English.
    pub units: HashSet<String>,
    /// Every number, whether in digits or in words.
    pub numbers: Vec<Decimal>,
    /// Every run of letters and digits as it is printed, lower case: numbers of papers are no numbers.
    pub print: HashSet<String>,
}

/// A claim that nothing in the text bears out.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Ungrounded {
    /// A number that was not said.
    #[error("a number of the answer does not occur in the text")]
    Number,
    /// A word of an item, a party or a place that was not said.
    #[error("a name of the answer does not occur in the text")]
    Name,
}

/// Refuses a reading that names things which were not said.
pub fn ground(reading: &Reading, said: &Said) -> Result<(), Ungrounded> {
    reading.actions.iter().try_for_each(|action| ground_action(action, said))
}

/// Holds a paper's lines one by one against what is printed: thirty lines are not lost for one that was misread.
///
/// A price that is not printed is dropped; a line whose number or name is not becomes a question. Refuses what is left
/// when nothing is.
pub fn ground_paper(reading: &mut Reading, paper: &mut Paper, said: &Said) -> Result<(), Ungrounded> {
    let mut first_wrong = None;
    let mut has_line = false;
    for action in &mut reading.actions {
        if let Some(line) = action.intent.line_mut() {
            line.price = line.price.take().filter(|price| said.numbers.contains(&price.amount));
            if said.holds_name(&line.party).is_err() {
                line.party.clear();
            }
        }
        match ground_action(action, said) {
            Ok(()) => has_line |= action.intent.changes_stock(),
            Err(wrong) => {
                first_wrong = first_wrong.or(Some(wrong));
                *action = Action { intent: Intent::default(), ..std::mem::take(action) };
                action.clarification = Some(Clarification::Quantity);
            }
        }
    }
    let is_printed = |text: &str| said.holds_words(text);
    if !is_printed(&paper.number) {
        paper.number.clear();
    }
    if !is_printed(&paper.supplier) {
        paper.supplier.clear();
    }
    paper.total = paper.total.filter(|total| said.numbers.contains(total));
    match first_wrong {
        Some(wrong) if !has_line => Err(wrong),
        _ => Ok(()),
    }
}

fn ground_action(action: &Action, said: &Said) -> Result<(), Ungrounded> {
    if let Some(item) = action.intent.item()
        && !item.everything
    {
        said.holds_name(&item.name)?;
        if !item.barcode.is_empty() {
            said.holds_name(&item.barcode)?;
        }
    }
    if let Some(line) = action.intent.line() {
        ground_line(line, said)?;
    }
    Ok(())
}

fn ground_line(line: &Line, said: &Said) -> Result<(), Ungrounded> {
    let price = line.price.as_ref().map(|price| price.amount);
    for number in [line.quantity, line.pack_size, line.quantity_after, price].into_iter().flatten() {
        // "None left" says zero without a number.
        if !number.is_zero() && !said.numbers.contains(&number) {
            return Err(Ungrounded::Number);
        }
    }
    if !line.unit.is_empty() && !said.units.contains(&line.unit) {
        return Err(Ungrounded::Name);
    }
    said.holds_name(&line.party)?;
    said.holds_name(&line.location)
}

impl Said {
    /// Whether every word occurs, however it is punctuated: `INV-88213`, `Jumbo (Pty) Ltd.`
    fn holds_words(&self, text: &str) -> bool {
        let letters = |word: &str| -> String {
            word.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        text.split(|letter: char| !letter.is_alphanumeric())
            .map(letters)
            .filter(|word| !word.is_empty())
            .all(|word| self.words.contains(&word) || self.print.contains(&word))
    }

    fn holds_name(&self, name: &str) -> Result<(), Ungrounded> {
        let missing = name.split_whitespace().any(|word| !self.words.contains(word));
        if missing { Err(Ungrounded::Name) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AddReason, Intent, Item};

    fn said() -> Said {
        Said {
            words: ["add", "50", "screws", "screw"].into_iter().map(String::from).collect(),
            numbers: vec![Decimal::from(50)],
            ..Said::default()
        }
    }

    fn add(name: &str, quantity: i64) -> Reading {
        let line = Line { item: Some(Item::named(name)), quantity: Some(Decimal::from(quantity)), ..Line::default() };
        let action = Action::new(Intent::Add { line, reason: AddReason::Receipt });
        Reading { actions: vec![action], ..Reading::default() }
    }

    #[test]
    fn what_was_said_is_grounded() {
        assert_eq!(ground(&add("screw", 50), &said()), Ok(()));
    }

    #[test]
    fn number_that_was_not_said_is_refused() {
        assert_eq!(ground(&add("screw", 500), &said()), Err(Ungrounded::Number));
    }

    #[test]
    fn a_paper_keeps_its_good_lines_and_asks_about_the_others() {
        let mut reading = add("screw", 50);
        reading.actions.extend(add("screw", 500).actions);
        let mut paper =
            Paper { number: "INV-1".into(), supplier: "Add (Screws)".into(), total: Some(Decimal::from(7)) };

        assert_eq!(ground_paper(&mut reading, &mut paper, &said()), Ok(()));
        assert_eq!(reading.actions[0], add("screw", 50).actions[0]);
        assert_eq!(reading.actions[1].clarification, Some(Clarification::Quantity));
        assert_eq!((paper.number.as_str(), paper.supplier.as_str(), paper.total), ("", "Add (Screws)", None));
        assert_eq!(ground_paper(&mut add("screw", 500), &mut paper, &said()), Err(Ungrounded::Number));
    }

    #[test]
    fn item_that_was_not_said_is_refused() {
        assert_eq!(ground(&add("gold screw", 50), &said()), Err(Ungrounded::Name));
    }
}
