//! A verb and a line make an action.

use rust_decimal::Decimal;

use crate::domain::{Action, AddReason, Clarification, Intent, Line, RemoveReason, SetReason, Span};
use crate::grammar::adjunct::Adjuncts;
use crate::grammar::entry::Entry;
use crate::grammar::lexicon::Verb;
use crate::grammar::verb::VerbHit;

/// Makes the action of a line whose direction was asked for and answered.
pub fn directed(line: Line, verb: Verb, span: Span) -> Action {
    let entry = Entry { line, span, ..Entry::default() };
    Action { span, ..compose(entry, &VerbHit::inherited(verb, span), &Adjuncts::default()) }
}

/// Makes the action of a verb and a line.
pub(super) fn compose(entry: Entry, verb: &VerbHit, adjuncts: &Adjuncts) -> Action {
    let Entry {
        mut line, clarification, numbers, confirm, sign, is_spoilt, is_last, is_vague, is_all, is_left, ..
    } = entry;
    adjuncts.apply(&mut line);
    if clarification == Some(Clarification::WhichNumber) {
        return Action { numbers, ..Action::question(line, Clarification::WhichNumber) };
    }
    let kind = match verb.verb {
        _ if adjuncts.is_sent => Verb::ReturnOut,
        // "got 5 left" counts what is there.
        Verb::Add if is_left => Verb::Count,
        said => said,
    };
    let is_incoming = matches!(kind, Verb::Add | Verb::ReturnIn);
    let disagrees = match sign {
        Some('-') => is_incoming || matches!(kind, Verb::Sale | Verb::Count | Verb::Has),
        Some('+') => !is_incoming && !matches!(kind, Verb::Count | Verb::Has),
        _ => false,
    };
    // "milk sold 3 left": sold, or left?
    let is_either = is_left && line.quantity.is_some() && !matches!(kind, Verb::Count | Verb::Has | Verb::Opening);
    if disagrees || is_either {
        return Action::question(line, Clarification::Direction);
    }
    let question = clarification.or_else(|| open_question(&line, is_vague, adjuncts));
    let mut is_risky = confirm || verb.is_guess;
    let intent = match kind {
        Verb::Add => Intent::Add { line, reason: AddReason::Receipt },
        Verb::ReturnIn => Intent::Add { line, reason: AddReason::Return },
        Verb::Count | Verb::Has | Verb::Opening => {
            let reason = if kind == Verb::Opening { SetReason::Opening } else { SetReason::Count };
            Intent::SetStock { line, reason }
        }
        Verb::Move => {
            let mut action = Action::question(line, Clarification::Direction);
            action.confirm = true;
            return action;
        }
        removal => compose_removal(line, removal, is_spoilt, is_last, is_all && !is_left, &mut is_risky),
    };
    let mut action = Action { confirm: is_risky, clarification: question, ..Action::new(intent) };
    if let Some(item) = action.intent.item()
        && item.everything
    {
        action.confirm = true;
    }
    action
}

pub(super) fn compose_removal(
    mut line: Line,
    verb: Verb,
    is_spoilt: bool,
    is_last: bool,
    is_all: bool,
    is_risky: &mut bool,
) -> Intent {
    let reason = match verb {
        Verb::Sale => Some(RemoveReason::Sale),
        Verb::Waste => Some(RemoveReason::Waste),
        Verb::Theft => Some(RemoveReason::Theft),
        Verb::OwnUse => Some(RemoveReason::OwnUse),
        Verb::Gift => Some(RemoveReason::Gift),
        Verb::ReturnOut => Some(RemoveReason::Return),
        _ => is_spoilt.then_some(RemoveReason::Waste),
    };
    // Sold although spoilt: which of the two counts is for the person to say.
    *is_risky |= is_spoilt && matches!(verb, Verb::Sale | Verb::Gift);
    if line.credit {
        return Intent::Remove { line, reason: Some(RemoveReason::Sale), all: false };
    }
    if is_last && line.quantity.is_some() {
        line.quantity_after = Some(Decimal::ZERO);
    }
    let takes_all = is_all && line.quantity.is_none();
    if takes_all && verb == Verb::Sale {
        line.quantity = Some(Decimal::ZERO);
        return Intent::SetStock { line, reason: SetReason::Sale };
    }
    Intent::Remove { line, reason, all: takes_all }
}

pub(super) fn open_question(line: &Line, is_vague: bool, adjuncts: &Adjuncts) -> Option<Clarification> {
    if adjuncts.is_date_loose {
        return Some(Clarification::DateOrder);
    }
    if is_vague && line.quantity.is_none() {
        return Some(Clarification::Quantity);
    }
    let price = line.price.as_ref()?;
    let is_several = line.quantity.is_none_or(|quantity| quantity != Decimal::ONE);
    (price.basis.is_none() && is_several).then_some(Clarification::PriceBasis)
}
