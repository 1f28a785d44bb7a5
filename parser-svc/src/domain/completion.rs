//! Two readings of one text: what the grammar is sure of, and what the model made of the whole. The model fills in what the
//! grammar left open; where it contradicts what the grammar surely read, the person is asked.

use std::mem::discriminant;

use super::agreement::has_same_item;
use super::{Act, Action, Clarification, Intent, Line, Reading};

/// Puts the two together. `by_model` has been checked and grounded.
#[must_use]
pub fn complete(by_model: Reading, by_grammar: Reading) -> Reading {
    let is_telling = is_telling(&by_model);
    let language = if by_model.language.is_empty() { by_grammar.language.clone() } else { by_model.language };
    if !is_telling {
        // "I do not know" is no reason to drop the grammar's question.
        return Reading { language, ..by_grammar };
    }
    let mut open: Vec<Option<Action>> = by_grammar.actions.into_iter().map(Some).collect();
    let mut actions = Vec::with_capacity(by_model.actions.len());
    for action in by_model.actions {
        let of_same = |is_twin: fn(&Action, &Action) -> bool| {
            open.iter().position(|other| other.as_ref().is_some_and(|other| is_twin(&action, other)))
        };
        let at = of_same(says_the_same).or_else(|| of_same(speaks_of_the_same));
        let twin = at.and_then(|at| open[at].take());
        actions.push(match twin {
            Some(twin) => reconciled(action, twin),
            None => action,
        });
    }
    for mut missed in open.into_iter().flatten() {
        if missed.is_write() {
            // Surely read, and the model saw nothing of the kind: nobody knows who is right.
            missed.confirm = true;
            actions.push(missed);
        } else if is_request(&missed) {
            actions.push(missed);
        }
    }
    if actions.iter().any(|action| !is_nothing(action)) {
        actions.retain(|action| !is_nothing(action));
    }
    Reading { actions, language, ..Reading::default() }
}

/// Asks for a yes before anything changes.
pub fn confirm_all(reading: &mut Reading) {
    for action in &mut reading.actions {
        action.confirm |= action.intent.changes_stock();
    }
}

/// Whether anything was understood.
pub fn is_telling(reading: &Reading) -> bool {
    !reading.actions.iter().all(is_shrug)
}

/// Whether it says that nothing was understood and asks nothing either.
fn is_shrug(action: &Action) -> bool {
    action.clarification.is_none() && matches!(action.intent, Intent::Unknown { act: None, .. })
}

/// Whether it says that there is nothing to do.
fn is_nothing(action: &Action) -> bool {
    let is_silent = matches!(action.intent, Intent::Unknown { act: None | Some(Act::None), .. });
    is_silent && action.clarification.is_none() && action.flags.is_empty()
}

/// Whether it asks for something that is no line of stock: a look, a report, an undo.
fn is_request(action: &Action) -> bool {
    let is_talk = matches!(action.intent, Intent::Unknown { .. } | Intent::Greeting(_) | Intent::Help { .. });
    !is_talk && !action.intent.changes_stock() && action.clarification.is_none()
}

fn quantity_of(action: &Action) -> Option<rust_decimal::Decimal> {
    action.intent.line().and_then(|line| line.quantity)
}

fn says_the_same(one: &Action, other: &Action) -> bool {
    speaks_of_the_same(one, other)
        && discriminant(&one.intent) == discriminant(&other.intent)
        && quantity_of(one) == quantity_of(other)
}

/// Whether both are lines of one item, or both the same request.
fn speaks_of_the_same(one: &Action, other: &Action) -> bool {
    let is_same_kind = discriminant(&one.intent) == discriminant(&other.intent);
    match (one.intent.line(), other.intent.line()) {
        (Some(_), Some(_)) => has_same_item(one, other),
        (None, None) => is_same_kind && (one.intent.item().is_none() || has_same_item(one, other)),
        _ => false,
    }
}

/// What is left of the model's line beside the grammar's line about the same.
fn reconciled(action: Action, twin: Action) -> Action {
    if twin.is_write() { held_against(&action, twin) } else { filled_in(action, twin) }
}

/// The grammar was sure: its line stands, or is asked about.
fn held_against(action: &Action, mut twin: Action) -> Action {
    let (read, told) = (quantity_of(&twin), quantity_of(action));
    if let (Some(read), Some(told)) = (read, told)
        && read != told
    {
        twin.numbers = vec![read, told];
        return twin.asking(Clarification::WhichNumber);
    }
    if discriminant(&action.intent) != discriminant(&twin.intent) {
        if is_direction(&action.intent) && is_direction(&twin.intent) {
            return directionless(twin);
        }
        twin.confirm = true;
        return twin;
    }
    let (Some(told), Some(read)) = (action.intent.line(), twin.intent.line_mut()) else { return twin };
    let differs = read.quantity.is_some() != told.quantity.is_some()
        || read.pack_size != told.pack_size
        || read.unit != told.unit
        || (read.price.is_some() && told.price.is_some() && read.price != told.price);
    take_what_is_missing(read, told);
    twin.confirm |= differs || action.confirm || action.clarification.is_some();
    twin
}

/// The grammar left something open: the model's line stands, with what only the person can know still asked.
fn filled_in(mut action: Action, twin: Action) -> Action {
    action.clarification = action.clarification.or(twin.clarification.filter(|asks| only_the_person_knows(*asks)));
    if is_direction(&action.intent)
        && is_direction(&twin.intent)
        && discriminant(&action.intent) != discriminant(&twin.intent)
    {
        action = directionless(action);
    }
    // That the grammar was not sure of a line is settled by another reader who says the same, and by nobody else.
    let is_read = twin.intent.changes_stock() && twin.clarification.is_none();
    action.confirm |= !twin.flags.is_empty() || (is_read && !says_the_same(&action, &twin));
    action.span = twin.span;
    if action.numbers.is_empty() {
        action.numbers = twin.numbers;
    }
    if action.options.is_empty() {
        action.options = twin.options;
    }
    for flag in twin.flags {
        if !action.flags.contains(&flag) {
            action.flags.push(flag);
        }
    }
    action
}

/// The words that the grammar did not cover may say a price or from whom.
fn take_what_is_missing(read: &mut Line, told: &Line) {
    if read.price.is_none() {
        read.price.clone_from(&told.price);
    }
    if read.party.is_empty() {
        read.party.clone_from(&told.party);
    }
}

fn is_direction(intent: &Intent) -> bool {
    matches!(intent, Intent::Add { .. } | Intent::Remove { .. } | Intent::SetStock { .. })
}

/// The same line, asking whether it came in, went out or was counted.
fn directionless(mut action: Action) -> Action {
    let line = action.intent.line_mut().map(std::mem::take).unwrap_or_default();
    Action { span: action.span, flags: action.flags, ..Action::question(line, Clarification::Direction) }
}

/// Whether no reader, however good, can settle it from the words.
fn only_the_person_knows(asks: Clarification) -> bool {
    match asks {
        Clarification::PackSize
        | Clarification::PriceBasis
        | Clarification::SignOrDash
        | Clarification::ZeroOrCancel
        | Clarification::Repeat
        | Clarification::AlreadyRecorded
        | Clarification::WholeUnits
        | Clarification::DateOrder
        | Clarification::RequestOrAdd
        | Clarification::TooLong
        | Clarification::Attachment => true,
        Clarification::Item
        | Clarification::Quantity
        | Clarification::Direction
        | Clarification::WhichNumber
        | Clarification::Unit => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AddReason, Flag, Item, Price, PriceBasis, QueryField, RemoveReason, Span};

    fn line(name: &str, quantity: i64) -> Line {
        Line { item: Some(Item::named(name)), quantity: Some(quantity.into()), ..Line::default() }
    }

    fn sold(name: &str, quantity: i64) -> Action {
        Action::new(Intent::Remove { line: line(name, quantity), reason: Some(RemoveReason::Sale), all: false })
    }

    fn added(name: &str, quantity: i64) -> Action {
        Action::new(Intent::Add { line: line(name, quantity), reason: AddReason::Receipt })
    }

    fn asked(name: &str, asks: Clarification) -> Action {
        Action::question(line(name, 5), asks)
    }

    fn unclear() -> Action {
        Action::default()
    }

    fn completed(by_model: Vec<Action>, by_grammar: Vec<Action>) -> Vec<Action> {
        let reading = |actions| Reading { actions, uncovered: vec![Span::default()], ..Reading::default() };
        complete(reading(by_model), reading(by_grammar)).actions
    }

    #[test]
    fn what_the_grammar_left_open_is_filled_in() {
        let actions =
            completed(vec![sold("bread", 5), sold("milk", 2)], vec![asked("bread", Clarification::Direction)]);

        assert_eq!(actions.len(), 2);
        assert!(actions.iter().all(Action::is_write));
    }

    #[test]
    fn another_quantity_than_was_surely_read_is_a_question() {
        let actions = completed(vec![sold("bread", 50)], vec![sold("bread", 5)]);

        assert_eq!(actions[0].clarification, Some(Clarification::WhichNumber));
        assert_eq!(actions[0].numbers, [5.into(), 50.into()]);
        assert_eq!(actions.len(), 1);
    }

    #[test]
    fn another_direction_than_was_surely_read_is_a_question() {
        let actions = completed(vec![added("bread", 5)], vec![sold("breads", 5)]);

        assert_eq!(actions, [Action::question(line("breads", 5), Clarification::Direction)]);
    }

    #[test]
    fn what_the_model_left_out_wants_a_yes_and_is_not_lost() {
        for told in [vec![added("milk", 2)], vec![Action::turn(Act::None)]] {
            let actions = completed(told, vec![sold("bread", 5)]);

            assert!(actions.contains(&sold("bread", 5).confirmed_first()), "{actions:?}");
            assert!(!actions.iter().any(|action| action.intent == Action::turn(Act::None).intent));
        }
    }

    #[test]
    fn the_same_line_is_the_grammars_with_what_the_model_adds() {
        let price = Price { amount: 12.into(), basis: Some(PriceBasis::Each) };
        let mut told = sold("bread", 5);
        told.intent.line_mut().expect("a line").price = Some(price.clone());
        let mut read = sold("bread", 5);
        read.intent.line_mut().expect("a line").when = Some("yesterday".to_owned());

        let actions = completed(vec![told], vec![read]);

        let line = actions[0].intent.line().expect("a line");
        assert!(actions[0].is_write());
        assert_eq!((line.price.as_ref(), line.when.as_deref()), (Some(&price), Some("yesterday")));
    }

    #[test]
    fn a_model_that_does_not_know_drops_no_question() {
        let question = asked("bread", Clarification::Direction);

        assert_eq!(completed(vec![unclear()], vec![question.clone()]), [question]);
    }

    #[test]
    fn what_only_the_person_knows_stays_asked() {
        let actions = completed(vec![sold("bread", 5)], vec![asked("bread", Clarification::AlreadyRecorded)]);

        assert_eq!(actions[0].clarification, Some(Clarification::AlreadyRecorded));
    }

    #[test]
    fn what_the_grammar_was_not_sure_of_is_settled_by_a_reader_who_says_the_same() {
        for (told, wants_a_yes) in [(5, false), (50, true)] {
            let actions = completed(vec![sold("bread", told)], vec![sold("bread", 5).confirmed_first()]);

            assert_eq!(actions.len(), 1);
            assert_eq!(actions[0].confirm, wants_a_yes, "{told}");
        }
        let unsure = sold("fridge", 12).confirmed_first();
        assert_eq!(completed(vec![sold("milk", 12)], vec![unsure]), [sold("milk", 12)], "it was a misreading");
    }

    #[test]
    fn a_flag_of_the_grammar_and_its_yes_stay() {
        let mut read = asked("bread", Clarification::Direction).confirmed_first();
        read.flags.push(Flag::Injection);

        let actions = completed(vec![sold("bread", 5)], vec![read]);

        assert!(actions[0].confirm);
        assert_eq!(actions[0].flags, [Flag::Injection]);
    }

    #[test]
    fn a_look_beside_a_line_is_not_lost() {
        let look = Action::new(Intent::Query {
            item: Item::named("egg"),
            field: QueryField::Stock,
            when: None,
            minus: None,
            check: None,
        });

        let actions = completed(vec![sold("bread", 5)], vec![look.clone()]);

        assert_eq!(actions, [sold("bread", 5), look]);
    }

    #[test]
    fn two_lines_of_one_item_find_their_twins() {
        let actions = completed(vec![sold("bread", 3), sold("bread", 5)], vec![sold("bread", 5), sold("bread", 3)]);

        assert!(actions.iter().all(Action::is_write), "{actions:?}");
    }
}
