//! Times that a better reader than the grammar does not tell: its form has no place for them.

use super::suspicion::inspect;
use super::tag::{Names, tag, untangle};
use super::token::tokenise;
use crate::domain::Reading;

/// Words for the present, which a line without a time means anyway.
const PRESENT: [&str; 2] = ["today", "now"];

/// Asks for a yes where the text speaks of another day and a line of the reading has no time: "yesterday" is not today.
pub fn doubt_time(reading: &mut Reading, text: &str) {
    let tokens = inspect(&untangle(tokenise(text))).tokens;
    let is_other_day = |when: &str| !PRESENT.iter().any(|present| when.starts_with(present));
    let names_another_day =
        tag(&tokens, &Names::default()).iter().filter_map(|lexeme| lexeme.when.as_deref()).any(is_other_day);
    for action in reading.actions.iter_mut().filter(|_| names_another_day) {
        let has_time = action.intent.line().is_some_and(|line| line.when.is_some());
        action.confirm |= action.intent.changes_stock() && !has_time;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Action, AddReason, Intent, Item, Line};

    #[test]
    fn a_line_of_another_day_wants_a_yes() {
        for (text, asks) in [
            ("the fridge guy brought 12 milk yesterday", true),
            ("die koeldrank man het gister 12 melk gebring", true),
            ("the fridge guy brought 12 milk today", false),
            ("the fridge guy brought 12 milk", false),
        ] {
            let line = Line { item: Some(Item::named("milk")), quantity: Some(12.into()), ..Line::default() };
            let action = Action::new(Intent::Add { line, reason: AddReason::Receipt });
            let mut reading = Reading { actions: vec![action], ..Reading::default() };

            doubt_time(&mut reading, text);

            assert_eq!(reading.actions[0].confirm, asks, "{text}");
        }
    }
}
