//! The grounding rule: what a reader claims must occur in what was said. A model that invents an item or a number is refused.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::{Action, Line, Reading};

/// What a text really holds, after normalisation and after number words were read.
#[derive(Default)]
pub struct Said {
    /// Every word, as it stands and in the singular.
    pub words: HashSet<String>,
    /// Every unit, in English.
    pub units: HashSet<String>,
    /// Every number, whether in digits or in words.
    pub numbers: Vec<Decimal>,
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
    fn item_that_was_not_said_is_refused() {
        assert_eq!(ground(&add("gold screw", 50), &said()), Err(Ungrounded::Name));
    }
}
