//! A line that the ledger did not post: it leads to a question, with what every answer does, or to a hint.

use proto::inventory::v1::{LineOutcome, LineResult};
use proto::parser::v1::{Action, Clarification};
use rust_decimal::Decimal;

use super::post::may_be_new;
use super::question::ask;
use super::{Acted, decimal};
use crate::conversation::{Asked, Choice, Effect, Item, Line, Plan, Saying, Step, Talk, action_of, is_measure};
use crate::pipeline::inbound::Inbound;
use crate::reply::Outcome;

/// Items that are offered.
const ITEMS_MAX: usize = 10;

/// What becomes of the line once it is clear.
pub(super) trait Again: Fn(Line, bool) -> Step {}
impl<F: Fn(Line, bool) -> Step> Again for F {}

/// Asks about a line, or says what is wrong with it. `again` does what was asked for with a line that is clear; its second
/// argument is whether somebody said yes to it.
pub(super) fn unposted(
    inbound: &Inbound,
    plan: &Plan,
    line: &Line,
    result: &LineResult,
    again: &impl Again,
    acted: &mut Acted,
) {
    let said = line.item.said.clone();
    match result.outcome() {
        LineOutcome::ItemAmbiguous if !result.candidates.is_empty() => {
            which(inbound, plan, line, result, again, acted);
        }
        LineOutcome::UnitUnknown if is_measure(&line.unit) => {
            // Bread by the kilo: how many pieces it was is all that can be kept.
            let mut asked = asked_of(Clarification::Quantity, &Line { unit: String::new(), ..line.clone() }, result);
            asked.clear_quantity();
            ask(inbound, plan, &Saying::HowMany { said }, &[], Some(&asked), acted);
        }
        LineOutcome::UnitUnknown => {
            let saying = Saying::Talk(Talk::HowManyIn { said, unit: line.unit.clone() });
            ask(inbound, plan, &saying, &[], Some(&asked_of(Clarification::PackSize, line, result)), acted);
        }
        LineOutcome::ScaleExceeded => {
            let name = result.item.as_ref().map_or(said, |item| item.display_name.clone());
            let mut asked = asked_of(Clarification::WholeUnits, line, result);
            asked.clear_quantity();
            ask(inbound, plan, &Saying::Talk(Talk::HowManyWhole { name }), &[], Some(&asked), acted);
        }
        LineOutcome::Unusual => {
            let usual = decimal(result.usual.as_ref());
            let choices = [
                Choice { title: String::new(), steps: vec![again(line.clone(), true)] },
                Choice { title: String::new(), steps: vec![Step::Say(Saying::Dropped)] },
            ];
            let saying = Saying::Talk(Talk::ReallySoMuch { line: Box::new(line.clone()), usual });
            let asked = asked_of(Clarification::Unspecified, line, result);
            ask(inbound, plan, &saying, &choices, Some(&asked), acted);
        }
        LineOutcome::ItemNotFound
        | LineOutcome::ItemAmbiguous
        | LineOutcome::HeldBack
        | LineOutcome::Posted
        | LineOutcome::Unspecified => {
            let quantity = match &line.effect {
                Effect::Change { quantity, .. } | Effect::Count { quantity } => Some(quantity.abs()),
                Effect::All { .. } => None,
            };
            acted
                .outcomes
                .push(Outcome::NoSuchItem { said, quantity: quantity.filter(|number| *number > Decimal::ZERO) });
        }
    }
}

/// Which of several items: an answer is remembered as what the person calls it.
fn which(inbound: &Inbound, plan: &Plan, line: &Line, result: &LineResult, again: &impl Again, acted: &mut Acted) {
    let said = line.item.said.clone();
    let candidates = result.candidates.iter().filter_map(|candidate| candidate.item.as_ref()).take(ITEMS_MAX);
    let mut choices: Vec<Choice> = candidates
        .map(|item| {
            let chosen = Item { id: Some(item.item_id.clone()), said: item.display_name.clone(), ..Item::default() };
            let mut steps = vec![again(Line { item: chosen, ..line.clone() }, false)];
            if !said.is_empty() {
                steps.push(Step::Teach { item_id: item.item_id.clone(), name: said.clone() });
            }
            Choice { title: item.display_name.clone(), steps }
        })
        .collect();
    let is_of_count = matches!(again(line.clone(), false), Step::Count(_));
    if is_of_count || may_be_new(&line.effect) {
        // What comes in may be something else that is only spelt alike.
        let steps = vec![again(Line { is_new: true, ..line.clone() }, false)];
        choices.push(Choice { title: format!("🆕 {said}"), steps });
    }
    let names: Vec<String> = choices.iter().map(|choice| choice.title.clone()).collect();
    let mut asked = asked_of(Clarification::Item, line, result);
    asked.options.clone_from(&names);
    ask(inbound, plan, &Saying::WhichOf { said, names }, &choices, Some(&asked), acted);
}

/// Keeps the line as what waits for the answer, with the item that the ledger found.
fn asked_of(asks: Clarification, line: &Line, result: &LineResult) -> Asked {
    let draft = Action { clarification: asks as i32, ..action_of(line) };
    let found = result.item.as_ref().filter(|item| !item.item_id.is_empty() && !result.item_created);
    let item =
        found.map(|item| Item { id: Some(item.item_id.clone()), said: item.display_name.clone(), ..Item::default() });
    Asked { item, ..Asked::new(asks, &[draft], Vec::new()) }
}
