//! "Restock 50" may add fifty or say that there are fifty now. Pure.

use proto::parser::v1::action::Intent;
use proto::parser::v1::{Action, Clarification, SetReason, SetStock};

/// What a number means that stands beside "restock".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Restock {
    /// That much came in: every other word says so.
    #[default]
    Adds,
    /// That much is there now.
    Sets,
    /// The person has not said yet.
    Unknown,
}

/// Returns whether it hangs on what the person means by "restock". What was restocked, came in.
pub(crate) fn speaks_of_restock(text: &str, actions: &[Action]) -> bool {
    actions.iter().any(|action| matches!(action.intent, Some(Intent::Add(_))))
        && text.split(|letter: char| !letter.is_alphabetic()).any(|word| word.eq_ignore_ascii_case("restock"))
}

/// Returns the same lines as what is there now.
pub(super) fn counted(action: &Action) -> Action {
    match &action.intent {
        Some(Intent::Add(add)) => Action {
            intent: Some(Intent::SetStock(SetStock { line: add.line.clone(), reason: SetReason::Unspecified as i32 })),
            ..action.clone()
        },
        _ => action.clone(),
    }
}

/// Returns whether such a line has to wait until the person said what they mean.
pub(super) fn is_to_be_asked(action: &Action, restock: Restock) -> bool {
    restock == Restock::Unknown
        && matches!(action.intent, Some(Intent::Add(_)))
        && action.clarification() == Clarification::Unspecified
        && !action.confirm
}

#[cfg(test)]
mod tests {
    use proto::parser::v1::{Add, Query};

    use super::*;

    #[test]
    fn only_the_bare_word_beside_an_addition_is_open() {
        let add = [Action { intent: Some(Intent::Add(Add::default())), ..Action::default() }];
        assert!(speaks_of_restock("Restock 50 screws", &add) && speaks_of_restock("restock: bread 5\nmilk 3", &add));
        assert!(!speaks_of_restock("restocked 50 screws", &add) && !speaks_of_restock("add 50 screws", &add));
        let query = [Action { intent: Some(Intent::Query(Query::default())), ..Action::default() }];
        assert!(!speaks_of_restock("what must I restock", &query));
    }
}
