//! Two readings of one voice note: what the model made of the sound, and what the grammar makes of the model's transcript.
//! Where they agree nothing has to be asked. Where they do not, nobody knows which is right, so the person is asked.

use rust_decimal::Decimal;

use super::{Action, Clarification, Intent, Reading};

/// Above this many pieces a number that was only heard, or that only a model read, wants a yes.
const HEARD_CONFIRM_ABOVE: i64 = 500;

/// What two readings come to.
pub struct Agreed {
    /// What is left of them, with questions where they differ.
    pub reading: Reading,
    /// Whether they say the same.
    pub is_same: bool,
}

/// Holds one against the other. `by_grammar` says that something is missing only where it covers the whole transcript.
#[must_use]
pub fn agree(mut by_model: Reading, by_grammar: Reading) -> Agreed {
    if is_same(&by_model, &by_grammar) {
        // The grammar knows where each line stands, what was said of time and what needs care.
        return Agreed { reading: Reading { language: by_model.language, ..by_grammar }, is_same: true };
    }
    let is_whole = by_grammar.is_whole();
    let mut is_found = vec![false; by_grammar.actions.len()];
    for action in by_model.actions.iter_mut().filter(|action| action.intent.changes_stock()) {
        let twin = by_grammar
            .actions
            .iter()
            .enumerate()
            .find(|(at, other)| !is_found[*at] && has_same_item(action, other) && other.intent.line().is_some());
        let Some((at, twin)) = twin else {
            // The grammar read everything and saw no such line.
            action.confirm |= is_whole;
            continue;
        };
        is_found[at] = true;
        compare(action, twin);
    }
    let is_missed = |(found, other): (&bool, &Action)| !found && other.is_write();
    if is_whole && is_found.iter().zip(&by_grammar.actions).any(is_missed) {
        // Something was said that the model left out.
        by_model.actions.iter_mut().for_each(|action| action.confirm |= action.intent.changes_stock());
    }
    Agreed { reading: by_model, is_same: false }
}

fn compare(action: &mut Action, twin: &Action) {
    let quantity = |action: &Action| action.intent.line().and_then(|line| line.quantity);
    match (quantity(action), quantity(twin)) {
        (Some(heard), Some(read)) if heard != read => {
            action.clarification = Some(Clarification::WhichNumber);
            action.numbers = vec![heard, read];
        }
        _ => {
            // One pack or another, in or out, sure or not: a yes settles it.
            let pack = |action: &Action| action.intent.line().and_then(|line| line.pack_size);
            let differs = pack(action) != pack(twin)
                || std::mem::discriminant(&action.intent) != std::mem::discriminant(&twin.intent);
            action.confirm |= differs || twin.confirm || twin.clarification.is_some();
        }
    }
    for flag in &twin.flags {
        if !action.flags.contains(flag) {
            action.flags.push(*flag);
        }
    }
}

/// Whether both say the same of the same things in the same order.
fn is_same(by_model: &Reading, by_grammar: &Reading) -> bool {
    let is_same_line = |(one, other): (&Action, &Action)| {
        let both = (one.intent.line(), other.intent.line());
        std::mem::discriminant(&one.intent) == std::mem::discriminant(&other.intent)
            && one.clarification == other.clarification
            && match both {
                (Some(one_line), Some(other_line)) => {
                    has_same_item(one, other)
                        && one_line.quantity == other_line.quantity
                        && one_line.unit == other_line.unit
                        && one_line.pack_size == other_line.pack_size
                }
                _ => matches!(one.intent, Intent::List | Intent::LowStock { .. } | Intent::Query { .. }),
            }
    };
    by_grammar.is_whole()
        && by_model.actions.len() == by_grammar.actions.len()
        && by_model.actions.iter().zip(&by_grammar.actions).all(is_same_line)
}

/// Whether one name holds the other, word for word, whatever its ending: "loaves" is left to the ledger.
pub(super) fn has_same_item(one: &Action, other: &Action) -> bool {
    let words = |action: &Action| -> Vec<String> {
        let item = action.intent.item();
        item.map(|item| item.name.split_whitespace().map(stem).collect()).unwrap_or_default()
    };
    let (one, other) = (words(one), words(other));
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    !short.is_empty() && short.iter().all(|word| long.contains(word))
}

fn stem(word: &str) -> String {
    let lower = word.to_lowercase();
    let stem = lower.trim_end_matches(['s', 'e']);
    if stem.is_empty() { lower } else { stem.to_owned() }
}

/// Asks for a yes where a number is so large that a mistake would hurt: "fifteen hundred" may have been "fifty".
pub fn ask_about_large_numbers(reading: &mut Reading) {
    for action in &mut reading.actions {
        let pieces = action.intent.line().and_then(|line| {
            let pack = line.pack_size.unwrap_or(Decimal::ONE);
            line.quantity.map(|quantity| quantity.checked_mul(pack).unwrap_or(Decimal::MAX))
        });
        let is_large = pieces.is_some_and(|pieces| pieces > Decimal::from(HEARD_CONFIRM_ABOVE));
        action.confirm |= is_large && action.intent.changes_stock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AddReason, Item, Line, RemoveReason};

    fn line(name: &str, quantity: i64) -> Line {
        Line { item: Some(Item::named(name)), quantity: Some(quantity.into()), ..Line::default() }
    }

    fn sold(name: &str, quantity: i64) -> Action {
        Action::new(Intent::Remove { line: line(name, quantity), reason: Some(RemoveReason::Sale), all: false })
    }

    fn added(name: &str, quantity: i64) -> Action {
        Action::new(Intent::Add { line: line(name, quantity), reason: AddReason::Receipt })
    }

    fn reading(actions: Vec<Action>) -> Reading {
        Reading { actions, ..Reading::default() }
    }

    /// What the first action comes to.
    fn agreed(by_model: Vec<Action>, by_grammar: Vec<Action>) -> Action {
        agree(reading(by_model), reading(by_grammar)).reading.actions.remove(0)
    }

    #[test]
    fn what_both_read_is_written() {
        assert!(agreed(vec![sold("chip", 15)], vec![sold("chips", 15)]).is_write());
    }

    #[test]
    fn fifteen_or_fifty_is_a_question() {
        let asked = agreed(vec![sold("chip", 50)], vec![sold("chip", 15)]);

        assert_eq!(asked.clarification, Some(Clarification::WhichNumber));
        assert_eq!(asked.numbers, [50.into(), 15.into()]);
    }

    #[test]
    fn in_or_out_or_something_else_wants_a_yes() {
        assert!(agreed(vec![sold("chip", 15)], vec![added("chip", 15)]).confirm);
        assert!(agreed(vec![sold("chip", 15)], vec![sold("bread", 15)]).confirm);
    }

    #[test]
    fn a_line_that_the_model_left_out_wants_a_yes() {
        assert!(agreed(vec![sold("chip", 15)], vec![sold("chip", 15), sold("milk", 2)]).confirm);
    }

    #[test]
    fn both_sides_of_a_large_number() {
        for (quantity, asks) in [(500, false), (501, true)] {
            let mut heard = reading(vec![added("screw", quantity)]);
            ask_about_large_numbers(&mut heard);
            assert_eq!(heard.actions[0].confirm, asks, "{quantity}");
        }
    }
}
