//! The questions that a reading leads to, each with what every answer does.

use proto::inventory::v1::MovementKind;
use proto::parser::v1::{Action, Clarification, PriceBasis, StockLine};
use rust_decimal::Decimal;

use super::line::{decimal, line, priced};
use super::{Known, item_of};
use crate::conversation::asked::{Asked, any_line, line_mut, pb};
use crate::conversation::dates;
use crate::conversation::plan::{Choice, Effect, Item, Line, Saying, Step};
use crate::conversation::talk::Talk;

/// Items that are offered when somebody named none.
const ITEMS_OFFERED: usize = 3;

/// Numbers that are offered.
const NUMBERS_MAX: usize = 10;

/// Yes does it, no leaves it.
pub(super) fn really(saying: Saying, drafts: &[Action], steps: Vec<Step>) -> Step {
    Step::Ask {
        saying,
        choices: vec![
            Choice { title: String::new(), steps },
            Choice { title: String::new(), steps: vec![Step::Say(Saying::Dropped)] },
        ],
        asked: Some(Asked::new(Clarification::Unspecified, drafts, Vec::new())),
    }
}

/// How many.
pub(super) fn how_many(action: &Action) -> Step {
    let said = item_said(action);
    let asked = Asked::new(Clarification::Quantity, std::slice::from_ref(action), Vec::new());
    Step::Ask { saying: Saying::HowMany { said }, choices: Vec::new(), asked: Some(asked) }
}

/// Which of several numbers.
pub(super) fn which_number(action: &Action, known: &Known, occurred_at: Option<i64>) -> Step {
    let numbers: Vec<Decimal> =
        action.numbers.iter().filter_map(|number| decimal(Some(number))).take(NUMBERS_MAX).collect();
    let choice = |number: &Decimal| {
        let mut draft = action.clone();
        draft.clarification = 0;
        line_mut(&mut draft)?.quantity = Some(pb(*number));
        let said = any_line(&draft)?.clone();
        let line = line(&draft, &said, item_of(said.item.as_ref())?, known)?;
        Some(Choice { title: number.normalize().to_string(), steps: vec![post(vec![line], occurred_at)] })
    };
    let choices: Option<Vec<Choice>> = numbers.iter().map(choice).collect();
    let options = numbers.iter().map(|number| number.normalize().to_string()).collect();
    let asked = Asked::new(Clarification::WhichNumber, std::slice::from_ref(action), options);
    Step::Ask {
        saying: Saying::WhichNumber { said: item_said(action), numbers },
        choices: choices.unwrap_or_default(),
        asked: Some(asked),
    }
}

/// Of which item: those that moved last are offered.
pub(super) fn which_item(action: &Action, known: &Known, occurred_at: Option<i64>) -> Step {
    let said = any_line(action);
    let choices: Vec<Choice> = known
        .recent
        .iter()
        .take(ITEMS_OFFERED)
        .filter_map(|recent| {
            let item = Item { id: Some(recent.id.clone()), said: recent.name.clone(), ..Item::default() };
            let line = line(action, said?, item, known)?;
            Some(Choice { title: recent.name.clone(), steps: vec![post(vec![line], occurred_at)] })
        })
        .collect();
    let options = choices.iter().map(|choice| choice.title.clone()).collect();
    let asked = Asked::new(Clarification::Item, std::slice::from_ref(action), options);
    let quantity = said.and_then(|said| decimal(said.quantity.as_ref()));
    Step::Ask { saying: Saying::WhichItem { quantity }, choices, asked: Some(asked) }
}

/// A line of which only what and how many are known.
pub(super) struct Directionless {
    pub item: Item,
    pub quantity: Decimal,
    pub unit: String,
    pub pack_size: Option<Decimal>,
    pub action: Action,
}

/// Came in, sold or counted: one question for the whole list.
pub(super) fn which_direction(lines: &[Directionless], occurred_at: Option<i64>) -> Step {
    let post_as = |effect: &dyn Fn(Decimal) -> Effect| {
        let lines = lines.iter().map(|line| Line {
            item: line.item.clone(),
            effect: effect(line.quantity),
            unit: line.unit.clone(),
            pack_size: line.pack_size,
            unit_price: None,
            is_new: false,
        });
        vec![post(lines.collect(), occurred_at)]
    };
    let change = |kind: MovementKind| move |quantity| Effect::Change { kind: kind as i32, quantity };
    let drafts: Vec<Action> = lines.iter().map(|line| line.action.clone()).collect();
    Step::Ask {
        saying: Saying::WhichDirection {
            lines: lines.iter().map(|line| (line.item.said.clone(), line.quantity)).collect(),
        },
        // The titles are words, so they are filled in by `reply`.
        choices: vec![
            Choice { title: String::new(), steps: post_as(&change(MovementKind::Receipt)) },
            Choice { title: String::new(), steps: post_as(&change(MovementKind::Sale)) },
            Choice { title: String::new(), steps: post_as(&|quantity| Effect::Count { quantity }) },
        ],
        asked: Some(Asked::new(Clarification::Direction, &drafts, Vec::new())),
    }
}

/// Whether it comes on top of what is there, or is what is there. The answer is remembered for the next time.
pub(super) fn set_or_add(restocked: Vec<(Line, Action)>, occurred_at: Option<i64>) -> Step {
    let (lines, drafts): (Vec<Line>, Vec<Action>) = restocked.into_iter().unzip();
    let counted = |line: &Line| match &line.effect {
        Effect::Change { quantity, .. } => {
            Line { effect: Effect::Count { quantity: *quantity }, unit_price: None, ..line.clone() }
        }
        _ => line.clone(),
    };
    let choice =
        |adds, lines| Choice { title: String::new(), steps: vec![Step::Restock { adds }, post(lines, occurred_at)] };
    let choices = vec![choice(true, lines.clone()), choice(false, lines.iter().map(counted).collect())];
    let asked = Asked::new(Clarification::Direction, &drafts, Vec::new());
    Step::Ask { saying: Saying::Talk(Talk::SetOrAdd { lines }), choices, asked: Some(asked) }
}

/// Whether a price is for each or for all; `None`: the line has none to ask about.
pub(super) fn each_or_all(action: &Action, line: &Line, known: &Known, occurred_at: Option<i64>) -> Option<Step> {
    let said = any_line(action)?;
    let money = said.price.as_ref()?.money.as_ref()?;
    let amount = decimal(money.amount.as_ref())?;
    let currency = if money.currency_code.is_empty() { &known.currency } else { &money.currency_code };
    let choice = |basis| {
        let line =
            Line { unit_price: priced(said, basis, decimal(said.quantity.as_ref()), &known.currency), ..line.clone() };
        Choice { title: String::new(), steps: vec![post(vec![line], occurred_at)] }
    };
    let saying = Talk::EachOrAll { amount, currency: currency.clone(), said: line.item.said.clone() };
    Some(Step::Ask {
        saying: Saying::Talk(saying),
        choices: vec![choice(PriceBasis::Each), choice(PriceBasis::Total)],
        asked: Some(Asked::new(Clarification::PriceBasis, std::slice::from_ref(action), Vec::new())),
    })
}

/// On which day: both ways to read a date, else today or yesterday.
pub(super) fn which_day(lines: Vec<Line>, phrase: &str, known: &Known) -> Step {
    let both = dates::both_ways(phrase, known.sent_at, &known.time_zone);
    let days = both.iter().map(|(_, date)| (date.day(), date.month())).collect();
    let at: Vec<Option<i64>> = if both.is_empty() {
        vec![None, Some(dates::days_before(known.sent_at, 1))]
    } else {
        both.iter().map(|(at, _)| Some(*at)).collect()
    };
    let choices = at.into_iter().map(|at| Choice { title: String::new(), steps: vec![post(lines.clone(), at)] });
    let choices = choices.collect();
    Step::Ask { saying: Saying::Talk(Talk::WhichDay { lines, days }), choices, asked: None }
}

/// Whether the shop is really to be emptied. Anything else with everything is a stock-take, not a line.
pub(super) fn everything(action: &Action, said: &StockLine, known: &Known, occurred_at: Option<i64>) -> Step {
    let named = said.item.as_ref().map(|item| [&item.said, &item.name].into_iter().find(|name| !name.is_empty()));
    let item = Item { said: named.flatten().cloned().unwrap_or_default(), ..Item::default() };
    let line = line(action, said, item, known);
    let is_emptied = |line: &Line| match line.effect {
        Effect::Count { quantity } => quantity.is_zero(),
        Effect::All { .. } => true,
        Effect::Change { .. } => false,
    };
    let Some(line) = line.filter(is_emptied) else { return Step::Say(Saying::NotYet) };
    let steps = vec![Step::PostEverything { effect: line.effect.clone(), occurred_at }];
    really(Saying::ReallyDo { lines: vec![line] }, std::slice::from_ref(action), steps)
}

pub(super) fn post(lines: Vec<Line>, occurred_at: Option<i64>) -> Step {
    Step::Post { lines, occurred_at, is_confirmed: false }
}

fn item_said(action: &Action) -> String {
    any_line(action).and_then(|line| item_of(line.item.as_ref())).map(|item| item.said).unwrap_or_default()
}
