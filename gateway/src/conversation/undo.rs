//! What is to be taken back: the last, the last few, one by its item, one line, a quoted one, or the taking back itself.

use jiff::SignedDuration;
use proto::parser::v1 as parsed;
use proto::parser::v1::UndoTarget;

use super::correct::without;
use super::past::Past;
use super::plan::{Choice, Saying, Step};
use super::read::{Known, item_of};
use super::talk::Talk;

/// What is older is asked about first.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// Most operations that are taken back by one yes.
const COUNT_MAX: i32 = 20;

/// Decides what to do.
pub(crate) fn undo(undo: &parsed::Undo, confirm: bool, known: &Known) -> Step {
    let target = match undo.target() {
        UndoTarget::Unspecified | UndoTarget::Last if known.quotes => UndoTarget::Reply,
        target => target,
    };
    match target {
        UndoTarget::Unspecified | UndoTarget::Last => last(confirm, known),
        UndoTarget::LastN => match undo.count.min(COUNT_MAX) {
            ..=1 => last(confirm, known),
            count => {
                let times = usize::try_from(count).unwrap_or(1);
                really(Saying::Talk(Talk::ReallyUndoMany { count: times }), vec![Step::UndoLast; times])
            }
        },
        UndoTarget::Item => by_item(undo, confirm, known),
        UndoTarget::Reply => match &known.quoted {
            None => Step::Say(Saying::UndoWhich),
            Some(past) if past.is_undone => Step::Say(Saying::StandsNoMore),
            Some(past) => ask_if_old(Step::Undo { operation_id: past.operation_id.clone() }, past, confirm, known),
        },
        UndoTarget::Line => line(undo, confirm, known),
        UndoTarget::LastUndo => Step::Redo,
        UndoTarget::DeletedMessage => Step::Say(Saying::UndoWhich),
    }
}

fn last(confirm: bool, known: &Known) -> Step {
    match &known.newest {
        // It is said which one, and that one it will be, whatever comes in between.
        Some(past) if confirm => {
            let step = Step::Undo { operation_id: past.operation_id.clone() };
            really(Saying::Talk(Talk::ReallyUndoThese { lines: past.changes(), is_old: false }), vec![step])
        }
        _ if confirm => really(Saying::ReallyUndo, vec![Step::UndoLast]),
        _ => Step::UndoLast,
    }
}

fn by_item(undo: &parsed::Undo, confirm: bool, known: &Known) -> Step {
    let Some(item) = item_of(undo.item.as_ref()) else { return Step::Say(Saying::UndoWhich) };
    let Some(past) = &known.with_item else {
        return Step::Say(Saying::Talk(Talk::NothingToUndoOf { said: item.said }));
    };
    let step = match past.lines_of(&item.said).as_slice() {
        [line] => without(past, line),
        // The name that the ledger found it by is not the item's own; or all lines are of that item.
        [] if past.lines.len() > 1 => return which_line(past),
        [_, ..] if past.lines_of(&item.said).len() < past.lines.len() => return which_line(past),
        _ => Step::Undo { operation_id: past.operation_id.clone() },
    };
    ask_if_old(step, past, confirm, known)
}

fn which_line(past: &Past) -> Step {
    let choices = past
        .lines
        .iter()
        .take(10)
        .map(|line| Choice { title: line.line.item.said.clone(), steps: vec![without(past, line)] });
    let choices: Vec<Choice> = choices.collect();
    let lines = past.changes().into_iter().take(choices.len()).collect();
    Step::Ask { saying: Saying::Talk(Talk::WhichLine { lines }), choices, asked: None }
}

fn line(undo: &parsed::Undo, confirm: bool, known: &Known) -> Step {
    let past = if known.quotes { &known.quoted } else { &known.newest };
    let Some(past) = past else { return Step::Say(Saying::UndoWhich) };
    if past.is_undone {
        return Step::Say(Saying::StandsNoMore);
    }
    let at = usize::try_from(undo.line_number).ok().and_then(|number| number.checked_sub(1));
    match at.and_then(|at| past.lines.get(at)) {
        Some(line) => ask_if_old(without(past, line), past, confirm, known),
        None => Step::Say(Saying::Talk(Talk::NoSuchLine { count: past.lines.len() })),
    }
}

fn ask_if_old(step: Step, past: &Past, confirm: bool, known: &Known) -> Step {
    let is_old = known.sent_at - past.recorded_at > FRESH.as_secs();
    if !is_old && !confirm {
        return step;
    }
    let lines = match &step {
        Step::DropLine { line_number, .. } => past
            .lines
            .iter()
            .filter(|line| line.number == *line_number)
            .map(|line| (line.line.item.said.clone(), line.delta))
            .collect(),
        _ => past.changes(),
    };
    really(Saying::Talk(Talk::ReallyUndoThese { lines, is_old }), vec![step])
}

fn really(saying: Saying, steps: Vec<Step>) -> Step {
    let choices = vec![
        Choice { title: String::new(), steps },
        Choice { title: String::new(), steps: vec![Step::Say(Saying::Dropped)] },
    ];
    Step::Ask { saying, choices, asked: None }
}

#[cfg(test)]
mod tests {
    use proto::inventory::v1::{Movement, MovementKind, Operation, OperationKind};

    use super::*;
    use crate::conversation::asked::pb;

    const NOW: i64 = 1_776_247_200;

    fn past(names: &[&str], recorded_at: i64) -> Past {
        let movements = names.iter().zip(1..).map(|(name, line_number)| Movement {
            line_number,
            item_name: (*name).to_owned(),
            kind: MovementKind::Receipt as i32,
            delta: Some(pb(5.into())),
            ..Movement::default()
        });
        let operation = Operation {
            operation_id: "op".into(),
            kind: OperationKind::Post as i32,
            record_time: Some(prost_types::Timestamp { seconds: recorded_at, nanos: 0 }),
            movements: movements.collect(),
            ..Operation::default()
        };
        Past::read(&operation, false)
    }

    fn of(target: UndoTarget) -> parsed::Undo {
        let item = parsed::ItemMention { said: "milk".into(), name: "milk".into(), ..Default::default() };
        parsed::Undo { target: target as i32, count: 3, item: Some(item), line_number: 2 }
    }

    #[test]
    fn one_item_of_a_list_goes_alone() {
        let known = Known { sent_at: NOW, with_item: Some(past(&["bread", "milk"], NOW)), ..Known::default() };
        assert!(matches!(undo(&of(UndoTarget::Item), false, &known), Step::DropLine { line_number: 2, .. }));
        let known = Known { sent_at: NOW, with_item: Some(past(&["milk"], NOW)), ..Known::default() };
        assert_eq!(undo(&of(UndoTarget::Item), false, &known), Step::Undo { operation_id: "op".into() });
        let nothing = Saying::Talk(Talk::NothingToUndoOf { said: "milk".into() });
        assert_eq!(undo(&of(UndoTarget::Item), false, &Known::default()), Step::Say(nothing));
    }

    #[test]
    fn what_is_older_than_a_day_is_asked_about() {
        for (age, asks) in [(24 * 60 * 60, false), (24 * 60 * 60 + 1, true)] {
            let known = Known { sent_at: NOW, with_item: Some(past(&["milk"], NOW - age)), ..Known::default() };
            assert_eq!(matches!(undo(&of(UndoTarget::Item), false, &known), Step::Ask { .. }), asks, "{age}");
        }
    }

    #[test]
    fn several_at_once_wait_for_a_yes() {
        let Step::Ask { saying, choices, .. } = undo(&of(UndoTarget::LastN), false, &Known::default()) else {
            panic!("it asks")
        };
        assert_eq!(saying, Saying::Talk(Talk::ReallyUndoMany { count: 3 }));
        assert_eq!(choices[0].steps, vec![Step::UndoLast; 3]);
    }

    #[test]
    fn a_line_goes_by_its_number_and_a_quoted_message_by_itself() {
        let list = Some(past(&["bread", "milk"], NOW));
        let known = Known { sent_at: NOW, newest: list.clone(), ..Known::default() };
        assert!(matches!(undo(&of(UndoTarget::Line), false, &known), Step::DropLine { line_number: 2, .. }));
        let quoting = Known { sent_at: NOW, quotes: true, quoted: list, ..Known::default() };
        assert_eq!(undo(&of(UndoTarget::Last), false, &quoting), Step::Undo { operation_id: "op".into() });
        let unknown = Known { quotes: true, ..Known::default() };
        assert_eq!(undo(&of(UndoTarget::Last), false, &unknown), Step::Say(Saying::UndoWhich));
        assert_eq!(undo(&of(UndoTarget::LastUndo), false, &Known::default()), Step::Redo);
    }
}
