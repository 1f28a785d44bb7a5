//! Checks that every reading passes before it leaves this service, whoever read it. What fails becomes a question.

use rust_decimal::Decimal;

use super::{Action, Clarification, Intent, Line, Price, Reading};

/// Most actions one message may hold. A delivery note has 15 to 30 lines; a paste of a whole catalogue has hundreds.
pub const MAX_ACTIONS: usize = 60;
/// Most digits after the point that a quantity may have: the ledger keeps three.
const MAX_SCALE: u32 = 3;
/// Above this a quantity is either a typo or worth a yes.
const CONFIRM_ABOVE: i64 = 10_000;
/// Above this no shop of ours counts; it is a phone number, a barcode or a joke.
const REFUSE_ABOVE: i64 = 10_000_000;
/// Most digits after the point that a price may have: the ledger keeps four.
const MAX_PRICE_SCALE: u32 = 4;
/// Above this nothing in our shops costs; it is a phone number or a joke.
const MAX_PRICE: i64 = 10_000_000;
/// Longest name of an item, in characters and in words.
const MAX_NAME_CHARS: usize = 80;
const MAX_NAME_WORDS: usize = 8;

/// Returns the reading with every implausible action turned into a question.
#[must_use]
pub fn check(mut reading: Reading) -> Reading {
    if reading.actions.len() > MAX_ACTIONS {
        let span = reading.actions.iter().fold(reading.actions[0].span, |all, action| all.joined(action.span));
        let mut question = Action::question(Line::default(), Clarification::TooLong);
        question.span = span;
        reading.actions = vec![question];
        return reading;
    }
    for action in &mut reading.actions {
        let confirm = action.confirm;
        check_action(action);
        if reading.is_affirmed {
            action.confirm = confirm;
        }
    }
    if reading.actions.is_empty() {
        reading.actions.push(Action::default());
    }
    reading
}

fn check_action(action: &mut Action) {
    let is_change = action.intent.changes_stock();
    let is_set = matches!(action.intent, Intent::SetStock { .. });
    let is_correction = matches!(action.intent, Intent::Correct { .. });
    let takes_all = matches!(action.intent, Intent::Remove { all: true, .. });
    let mut ask = None;
    let mut confirm = false;
    if let Some(line) = action.intent.line_mut() {
        if line.item.as_ref().is_some_and(|item| !item.everything && item.barcode.is_empty() && !is_name(&item.name)) {
            line.item = None;
        }
        for number in [&mut line.quantity, &mut line.pack_size, &mut line.quantity_after] {
            let Some(value) = *number else { continue };
            if value.is_sign_negative() || value.normalize().scale() > MAX_SCALE || value > Decimal::from(REFUSE_ABOVE)
            {
                *number = None;
                ask = Some(Clarification::Quantity);
            }
        }
        if line.pack_size.is_some_and(|size| size.is_zero()) {
            line.pack_size = None;
        }
        if line.price.as_ref().is_some_and(|price| !is_price(price)) {
            // The stock may be right all the same: it is shown without the price and wants a yes.
            line.price = None;
            confirm = true;
        }
        let quantity = line.quantity;
        confirm |= quantity.is_some_and(|value| value > Decimal::from(CONFIRM_ABOVE));
        if is_change && !is_correction {
            if line.item.is_none() {
                ask = Some(Clarification::Item);
            } else if !takes_all && (quantity.is_none() || (!is_set && quantity.is_some_and(|value| value.is_zero()))) {
                ask = Some(Clarification::Quantity);
            }
            confirm |= line.item.as_ref().is_some_and(|item| item.everything);
        }
    }
    if let Intent::SetPrice { price, .. } = &mut action.intent {
        *price = price.take().filter(is_price);
    }
    if is_change {
        action.confirm |= confirm || !action.flags.is_empty();
        action.clarification = action.clarification.or(ask);
    }
}

/// Whether this can be a price: not negative, in money that exists, and not beyond all measure.
fn is_price(price: &Price) -> bool {
    !price.amount.is_sign_negative()
        && price.amount.normalize().scale() <= MAX_PRICE_SCALE
        && price.amount <= Decimal::from(MAX_PRICE)
}

/// Whether this can be the name of an item: short, and with at least one letter.
fn is_name(name: &str) -> bool {
    name.chars().count() <= MAX_NAME_CHARS
        && name.split_whitespace().count() <= MAX_NAME_WORDS
        && name.chars().any(char::is_alphabetic)
        && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AddReason, Item};

    fn add(name: &str, quantity: &str) -> Action {
        let line = Line {
            item: Some(Item::named(name)),
            quantity: Some(quantity.parse().expect("a decimal")),
            ..Line::default()
        };
        Action::new(Intent::Add { line, reason: AddReason::Receipt })
    }

    fn checked(action: Action) -> Action {
        check(Reading { actions: vec![action], ..Reading::default() }).actions.remove(0)
    }

    #[test]
    fn plain_add_passes_untouched() {
        assert_eq!(checked(add("screw", "50")), add("screw", "50"));
    }

    #[test]
    fn four_decimals_ask_for_the_quantity() {
        let action = checked(add("cheese", "1.2345"));

        assert_eq!(action.clarification, Some(Clarification::Quantity));
    }

    #[test]
    fn trailing_zeros_are_not_decimals() {
        assert!(checked(add("cheese", "1.50000")).is_write());
    }

    #[test]
    fn adding_nothing_asks_how_many() {
        assert_eq!(checked(add("bread", "0")).clarification, Some(Clarification::Quantity));
    }

    #[test]
    fn fifty_thousand_wants_a_yes_first() {
        assert!(checked(add("screw", "50000")).confirm);
    }

    #[test]
    fn both_sides_of_a_price_that_can_be() {
        for (amount, is_sane) in
            [("0", true), ("-1", false), ("0.1234", true), ("0.12345", false), ("10000000", true), ("10000001", false)]
        {
            let mut action = add("screw", "50");
            let line = action.intent.line_mut().expect("a line");
            line.price = Some(Price { amount: amount.parse().expect("a decimal"), basis: None });

            let action = checked(action);

            assert_eq!(action.is_write(), is_sane, "{amount}");
            assert_eq!(action.intent.line().expect("a line").price.is_some(), is_sane, "{amount}");
        }
    }

    #[test]
    fn name_without_a_letter_is_no_name() {
        assert_eq!(checked(add("--;", "5")).clarification, Some(Clarification::Item));
    }

    #[test]
    fn more_actions_than_a_delivery_note_has_become_one_question() {
        let reading = Reading { actions: vec![add("nail", "1"); MAX_ACTIONS + 1], ..Reading::default() };

        let actions = check(reading).actions;

        assert_eq!(actions.len(), 1);
        assert_eq!(actions[0].clarification, Some(Clarification::TooLong));
    }
}
