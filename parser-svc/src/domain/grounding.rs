//! The grounding rule: what a reader claims must occur in what was said. A model that invents an item or a number is refused.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::{Action, Clarification, Intent, Item, Line, Paper, Reading};

/// What a text really holds, after normalisation and after number words were read.
#[derive(Default)]
pub struct Said {
    /// Every word, as it stands and in the singular.
    pub words: HashSet<String>,
    /// Every unit, in English.
    pub units: HashSet<String>,
    /// Every number that may count something, whether in digits or in words.
    pub numbers: Vec<Decimal>,
    /// Every number that was said as money: a quantity is none of these.
    pub amounts: Vec<Decimal>,
    /// Every number with a measure on it, "2l": a quantity only of that measure, and only when it is not part of a name.
    pub sizes: Vec<Size>,
    /// Every run of letters and digits as it is printed, lower case: numbers of papers are no numbers.
    pub print: HashSet<String>,
}

/// A number with a measure on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// The number.
    pub value: Decimal,
    /// The measure in English; `None` when the lexicon does not know it.
    pub unit: Option<String>,
    /// As it stands in the text, without spaces: `2l`.
    pub text: String,
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

/// Holds the lines of a text one by one against what was said, and turns what was not into a question.
///
/// A number that was not said asks how many, a name asks which item, a unit asks in which; a price, party or place that was
/// not said goes, and the rest wants a yes. Says what was wrong first, so that the caller trusts the other lines less.
pub fn ground_lines(reading: &mut Reading, said: &Said) -> Result<(), Ungrounded> {
    let mut first_wrong = None;
    for action in &mut reading.actions {
        let Err(wrong) = ground_action(action, said) else { continue };
        first_wrong = first_wrong.or(Some(wrong));
        let is_item_said = action.intent.item().is_none_or(|item| said.holds_item(item).is_ok());
        let Some(line) = action.intent.line_mut() else {
            // A look, a report, a new name: without its item nothing is left of it.
            *action = Action {
                clarification: Some(Clarification::Item),
                flags: std::mem::take(&mut action.flags),
                ..Action::default()
            };
            continue;
        };
        if !is_item_said {
            line.item = None;
        }
        let ask = strip(line, said).or((!is_item_said).then_some(Clarification::Item));
        action.clarification = action.clarification.or(ask);
        action.confirm = true;
    }
    first_wrong.map_or(Ok(()), Err)
}

/// Takes everything off a line that was not said, and returns what has to be asked for it.
fn strip(line: &mut Line, said: &Said) -> Option<Clarification> {
    let mut ask = None;
    if !line.unit.is_empty() && !said.units.contains(&line.unit) {
        line.unit.clear();
        ask = Some(Clarification::Unit);
    }
    for number in [&mut line.pack_size, &mut line.quantity_after] {
        if number.is_some_and(|value| !value.is_zero() && !said.numbers.contains(&value)) {
            *number = None;
            ask = Some(Clarification::Quantity);
        }
    }
    if !said.holds_quantity(line) {
        line.quantity = None;
        ask = Some(Clarification::Quantity);
    }
    line.price = line.price.take().filter(|price| said.holds_amount(price.amount));
    for name in [&mut line.party, &mut line.location] {
        if said.holds_name(name).is_err() {
            name.clear();
        }
    }
    ask
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
            line.price = line.price.take().filter(|price| said.holds_amount(price.amount));
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
    paper.total = paper.total.filter(|total| said.holds_amount(*total));
    match first_wrong {
        Some(wrong) if !has_line => Err(wrong),
        _ => Ok(()),
    }
}

fn ground_action(action: &Action, said: &Said) -> Result<(), Ungrounded> {
    if let Some(item) = action.intent.item() {
        said.holds_item(item)?;
    }
    match &action.intent {
        Intent::Query { minus, check, .. } => {
            let is_said = |number: &Option<Decimal>| number.is_none_or(|value| said.numbers.contains(&value));
            if !is_said(minus) || !is_said(check) {
                return Err(Ungrounded::Number);
            }
        }
        Intent::SetPrice { price: Some(price), .. } if !said.holds_amount(price.amount) => {
            return Err(Ungrounded::Number);
        }
        _ => {}
    }
    action.intent.line().map_or(Ok(()), |line| ground_line(line, said))
}

fn ground_line(line: &Line, said: &Said) -> Result<(), Ungrounded> {
    for number in [line.pack_size, line.quantity_after].into_iter().flatten() {
        // "None left" says zero without a number.
        if !number.is_zero() && !said.numbers.contains(&number) {
            return Err(Ungrounded::Number);
        }
    }
    if !said.holds_quantity(line) || line.price.as_ref().is_some_and(|price| !said.holds_amount(price.amount)) {
        return Err(Ungrounded::Number);
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

    /// Whether the quantity of a line is a number that may be one: not a price, and not the size in the name of the item.
    fn holds_quantity(&self, line: &Line) -> bool {
        let Some(quantity) = line.quantity.filter(|quantity| !quantity.is_zero()) else { return true };
        let name = line.item.as_ref().map_or("", |item| &item.name);
        let is_measure = |size: &Size| {
            size.value == quantity
                && size.unit.as_ref() == Some(&line.unit)
                && !name.split_whitespace().any(|word| word == size.text)
        };
        self.numbers.contains(&quantity) || self.sizes.iter().any(is_measure)
    }

    /// Whether an amount of money was said, with or without its currency.
    fn holds_amount(&self, amount: Decimal) -> bool {
        self.amounts.contains(&amount) || self.numbers.contains(&amount)
    }

    fn holds_item(&self, item: &Item) -> Result<(), Ungrounded> {
        if item.everything {
            return Ok(());
        }
        self.holds_name(&item.name)?;
        self.holds_name(&item.barcode)
    }

    fn holds_name(&self, name: &str) -> Result<(), Ungrounded> {
        let missing = name.split_whitespace().any(|word| !self.words.contains(word));
        if missing { Err(Ungrounded::Name) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AddReason, Price, PriceBasis};

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

    fn coke() -> Said {
        // "the coke 2l went for R12, milk 500 ml"
        Said {
            words: ["coke", "2l", "milk", "500ml"].into_iter().map(String::from).collect(),
            units: ["l", "ml"].into_iter().map(String::from).collect(),
            amounts: vec![12.into()],
            sizes: vec![
                Size { value: 2.into(), unit: Some("l".to_owned()), text: "2l".to_owned() },
                Size { value: 500.into(), unit: Some("ml".to_owned()), text: "500ml".to_owned() },
            ],
            ..Said::default()
        }
    }

    fn line_of(name: &str, quantity: i64, unit: &str) -> Line {
        Line {
            item: Some(Item::named(name)),
            quantity: Some(quantity.into()),
            unit: unit.to_owned(),
            ..Line::default()
        }
    }

    #[test]
    fn a_price_or_the_size_in_a_name_is_no_quantity() {
        for (name, quantity, unit, is_grounded) in [
            ("coke 2l", 12, "", false),
            ("coke 2l", 2, "", false),
            ("coke 2l", 2, "l", false),
            ("coke", 2, "ml", false),
            ("milk", 500, "ml", true),
        ] {
            let is_held = ground_line(&line_of(name, quantity, unit), &coke()).is_ok();
            assert_eq!(is_held, is_grounded, "{quantity} {unit} {name}");
        }
    }

    #[test]
    fn a_price_may_be_said_with_or_without_its_currency() {
        let at = |amount: i64| Line {
            price: Some(Price { amount: amount.into(), basis: Some(PriceBasis::Each) }),
            ..line_of("screw", 50, "")
        };
        let said = Said { amounts: vec![12.into()], ..said() };

        assert_eq!(ground_line(&at(12), &said), Ok(()));
        assert_eq!(ground_line(&at(50), &said), Ok(()));
        assert_eq!(ground_line(&at(13), &said), Err(Ungrounded::Number));
    }

    #[test]
    fn what_was_not_said_becomes_the_question_about_it() {
        for (name, quantity, unit, asks) in [
            ("screw", 500, "", Clarification::Quantity),
            ("gold", 50, "", Clarification::Item),
            ("screw", 50, "case", Clarification::Unit),
            ("gold", 500, "", Clarification::Quantity),
        ] {
            let action = Action::new(Intent::Add { line: line_of(name, quantity, unit), reason: AddReason::Receipt });
            let mut reading = Reading { actions: vec![action], ..Reading::default() };

            assert!(ground_lines(&mut reading, &said()).is_err());

            let action = &reading.actions[0];
            assert_eq!(action.clarification, Some(asks), "{quantity} {unit} {name}");
            assert!(!action.is_write());
            let line = action.intent.line().expect("a line");
            assert!(line.item.as_ref().is_none_or(|item| item.name == "screw"));
            assert!(line.quantity.is_none_or(|quantity| quantity == 50.into()));
        }
    }

    #[test]
    fn an_invented_party_goes_and_the_line_wants_a_yes() {
        let line = Line { party: "evil supplies".to_owned(), ..line_of("screw", 50, "") };
        let action = Action::new(Intent::Add { line, reason: AddReason::Receipt });
        let mut reading = Reading { actions: vec![action], ..Reading::default() };

        assert_eq!(ground_lines(&mut reading, &said()), Err(Ungrounded::Name));
        assert!(reading.actions[0].confirm && reading.actions[0].clarification.is_none());
        assert_eq!(reading.actions[0].intent.line().expect("a line").party, "");
    }
}
