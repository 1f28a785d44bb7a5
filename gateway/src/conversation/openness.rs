//! Whether a reading stands by itself, or what stands before and after the message has to be looked at. Pure.

use proto::parser::v1::action::Intent;
use proto::parser::v1::{Action, ModelOutcome, ParseMessageResponse, UndoTarget};

use super::asked::any_line;

/// Returns whether something is left open that the conversation, the shop or a model may know.
pub(crate) fn leaves_open(reading: &ParseMessageResponse) -> bool {
    reading.model_outcome() == ModelOutcome::NotAsked
        || !reading.uncovered.is_empty()
        || reading.actions.is_empty()
        || reading.actions.iter().any(is_open)
}

/// Returns the actions, those that change stock behind a yes when words stayed unread beside them and nothing is asked.
pub(crate) fn doubted(reading: &ParseMessageResponse) -> Vec<Action> {
    let mut actions = reading.actions.clone();
    if reading.uncovered.is_empty() || actions.iter().any(is_open) {
        return actions;
    }
    for action in &mut actions {
        action.confirm |= matches!(action.intent, Some(Intent::Add(_) | Intent::Remove(_) | Intent::SetStock(_)));
    }
    actions
}

fn is_open(action: &Action) -> bool {
    match &action.intent {
        None | Some(Intent::Unknown(_) | Intent::Correct(_) | Intent::CountSession(_)) => true,
        // The last one is the last one; for the rest it is looked up which it was.
        Some(Intent::Undo(undo)) => {
            action.confirm
                || !matches!(undo.target(), UndoTarget::Unspecified | UndoTarget::Last | UndoTarget::LastUndo)
        }
        // What is done about people asks by itself, and is in no conversation.
        Some(Intent::ChangeMember(_)) => action.clarification != 0,
        // What needs a yes by itself may be plain beside what was done before.
        Some(_) => action.clarification != 0 || action.confirm,
    }
}

/// Returns whether a text is only a number or only an item: half of what somebody is about to say, perhaps.
pub(crate) fn is_fragment(text: &str, actions: &[Action]) -> bool {
    let [action] = actions else { return false };
    let text = text.trim();
    if text.contains(['\n', '?']) {
        return false;
    }
    match &action.intent {
        Some(Intent::Query(query)) => {
            // "coke" asks how much coke there is, unless a number follows.
            let said = query.item.as_ref().map(|item| [item.said.as_str(), item.name.as_str()]);
            query.when.is_none()
                && query.minus.is_none()
                && query.check.is_none()
                && said.is_some_and(|names| names.iter().any(|name| name.eq_ignore_ascii_case(text)))
        }
        Some(Intent::Unknown(_) | Intent::Add(_) | Intent::Remove(_) | Intent::SetStock(_)) => {
            if super::asked::bare_number(text).is_some() {
                return true;
            }
            any_line(action).is_some_and(|line| {
                let is_item = line.item.is_some() && line.quantity.is_none();
                let names = line.item.as_ref().map(|item| [item.said.clone(), item.name.clone()]).unwrap_or_default();
                is_item && names.iter().any(|name| !name.is_empty() && name.eq_ignore_ascii_case(text))
            })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proto::common::v1::Decimal;
    use proto::parser::v1::{Add, ItemMention, Query, StockLine, TextSpan, Undo, Unknown};

    use super::*;

    fn reading(intent: Intent) -> ParseMessageResponse {
        let actions = vec![Action { intent: Some(intent), ..Action::default() }];
        ParseMessageResponse { actions, ..ParseMessageResponse::default() }
    }

    fn line(name: &str, quantity: &str) -> StockLine {
        StockLine {
            item: (!name.is_empty()).then(|| ItemMention { said: name.into(), ..ItemMention::default() }),
            quantity: (!quantity.is_empty()).then(|| Decimal { value: quantity.into() }),
            ..StockLine::default()
        }
    }

    #[test]
    fn what_is_whole_needs_no_second_look() {
        let add = Intent::Add(Add { line: Some(line("screws", "50")), reason: 1 });
        assert!(!leaves_open(&reading(add.clone())));
        let mut open = reading(add);
        open.actions[0].clarification = 1;
        assert!(leaves_open(&open));
        assert!(!leaves_open(&reading(Intent::Undo(Undo::default()))));
        let by_item = Undo { target: UndoTarget::Item as i32, ..Undo::default() };
        assert!(leaves_open(&reading(Intent::Undo(by_item))));
        assert!(leaves_open(&reading(Intent::Unknown(Unknown::default()))));
    }

    #[test]
    fn words_that_stay_unread_beside_a_write_are_not_passed_over() {
        let add = Intent::Add(Add { line: Some(line("screws", "50")), reason: 1 });
        let mut whole = reading(add);
        assert!(!doubted(&whole)[0].confirm);
        whole.uncovered.push(TextSpan::default());
        assert!(leaves_open(&whole) && doubted(&whole)[0].confirm);
        let asks = Action { intent: Some(Intent::Unknown(Unknown::default())), ..Action::default() };
        whole.actions.push(asks);
        assert!(!doubted(&whole)[0].confirm, "what is not understood is said");
        let mut query = reading(Intent::Query(Query::default()));
        query.uncovered.push(TextSpan::default());
        assert!(!doubted(&query)[0].confirm, "looking changes nothing");
    }

    #[test]
    fn a_bare_number_and_a_bare_item_are_halves() {
        let number = reading(Intent::Unknown(Unknown::default())).actions;
        assert!(is_fragment("50", &number) && is_fragment(" 2.5 ", &number));
        assert!(!is_fragment("hello there", &number));
        let item = ItemMention { said: "coke 2l".into(), ..ItemMention::default() };
        let query = reading(Intent::Query(Query { item: Some(item), ..Query::default() })).actions;
        assert!(is_fragment("Coke 2l", &query));
        assert!(!is_fragment("coke 2l?", &query) && !is_fragment("how many coke 2l", &query));
        let add = reading(Intent::Add(Add { line: Some(line("screws", "50")), reason: 1 })).actions;
        assert!(!is_fragment("add 50 screws", &add));
    }
}
