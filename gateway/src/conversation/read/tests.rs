//! From actions to plans.

use proto::inventory::v1::MovementKind;
use proto::parser::v1::{Add, ItemMention, Price, Remove, StockLine, Undo, UndoTarget, Unknown, When};
use rust_decimal::Decimal;

use super::*;
use crate::conversation::plan::Effect;
use crate::conversation::talk::Talk;

fn stock_line(item: Option<&str>, quantity: &str) -> StockLine {
    StockLine {
        item: item.map(|said| ItemMention { said: said.to_owned(), ..ItemMention::default() }),
        quantity: Some(proto::common::v1::Decimal { value: quantity.to_owned() }),
        ..StockLine::default()
    }
}

fn action(intent: Intent) -> Action {
    Action { intent: Some(intent), ..Action::default() }
}

#[test]
fn all_clear_lines_of_a_message_are_one_operation() {
    let actions = [
        action(Intent::Add(Add { line: Some(stock_line(Some("milk"), "12")), reason: 1 })),
        action(Intent::Remove(Remove { line: Some(stock_line(Some("bread"), "2")), ..Remove::default() })),
    ];

    let plan = plan(&actions, "en", &Known::default());

    let [Step::Post { lines, .. }] = plan.steps.as_slice() else { panic!("{plan:?}") };
    assert_eq!(lines.len(), 2);
    assert_eq!(
        lines[1].effect,
        Effect::Change { kind: MovementKind::Adjustment as i32, quantity: Decimal::from(-2) },
        "a removal without a reason is no sale"
    );
}

#[test]
fn a_missing_item_is_asked_for_unless_the_shop_keeps_one_thing() {
    let sold = Action {
        clarification: Clarification::Item as i32,
        ..action(Intent::Remove(Remove { line: Some(stock_line(None, "3")), reason: 1, all: false }))
    };
    let screws = KnownItem { id: "1".into(), name: "screws".into() };
    let nails = KnownItem { id: "2".into(), name: "nails".into() };
    assert!(needs_known_items(std::slice::from_ref(&sold)));

    let one = Known { recent: vec![screws.clone()], is_all: true, ..Known::default() };
    let two = Known { recent: vec![screws, nails], is_all: true, ..Known::default() };

    assert!(matches!(plan(std::slice::from_ref(&sold), "en", &one).steps.as_slice(), [Step::Post { .. }]));
    let asked = plan(std::slice::from_ref(&sold), "en", &two);
    assert!(matches!(asked.steps.as_slice(), [Step::Ask { choices, .. }] if choices.len() == 2));
}

#[test]
fn lines_without_a_verb_lead_to_one_question() {
    let bare = |item, quantity| Action {
        clarification: Clarification::Direction as i32,
        ..action(Intent::Unknown(Unknown { line: Some(stock_line(Some(item), quantity)), ..Unknown::default() }))
    };

    let plan = plan(&[bare("bread", "12"), bare("milk", "6")], "en", &Known::default());

    assert!(matches!(plan.steps.as_slice(), [Step::Ask { choices, .. }] if choices.len() == 3), "{plan:?}");
}

#[test]
fn nothing_that_was_said_is_dropped_without_a_word() {
    let vague = |item| Action {
        clarification: Clarification::Quantity as i32,
        ..action(Intent::Remove(Remove { line: Some(stock_line(Some(item), "")), reason: 1, all: false }))
    };
    let hello = action(Intent::Greeting(proto::parser::v1::Greeting { kind: 1 }));

    let plan = plan(&[hello, vague("bread"), vague("milk")], "en", &Known::default());

    let said: Vec<&str> = plan
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Ask { saying: Saying::HowMany { said }, asked: Some(_), .. } => Some(said.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(said, ["bread", "milk"]);
    assert_eq!(plan.steps.len(), 2, "the greeting gives way");
}

#[test]
fn steps_keep_the_order_in_which_they_were_said() {
    let undo = action(Intent::Undo(Undo { target: UndoTarget::Last as i32, ..Undo::default() }));
    let sold = action(Intent::Remove(Remove { line: Some(stock_line(Some("milk"), "2")), reason: 1, all: false }));

    let undo_first = plan(&[undo.clone(), sold.clone()], "en", &Known::default());
    let sold_first = plan(&[sold, undo], "en", &Known::default());

    assert!(matches!(undo_first.steps.as_slice(), [Step::UndoLast, Step::Post { .. }]));
    assert!(matches!(sold_first.steps.as_slice(), [Step::Post { .. }, Step::UndoLast]));
}

#[test]
fn what_needs_a_yes_is_not_posted() {
    let risky = Action {
        confirm: true,
        ..action(Intent::Add(Add { line: Some(stock_line(Some("gold"), "9999")), reason: 1 }))
    };

    let plan = plan(&[risky], "en", &Known::default());

    assert!(matches!(plan.steps.as_slice(), [Step::Ask { .. }]));
}

#[test]
fn undo_of_a_quoted_message_does_not_take_back_the_last() {
    let undo = action(Intent::Undo(Undo { target: UndoTarget::Last as i32, ..Undo::default() }));

    let quoting = Known { quotes: true, ..Known::default() };

    assert_eq!(plan(std::slice::from_ref(&undo), "en", &quoting).steps, [Step::Say(Saying::UndoWhich)]);
    assert_eq!(plan(std::slice::from_ref(&undo), "en", &Known::default()).steps, [Step::UndoLast]);
}

#[test]
fn lines_of_two_days_are_two_posts_and_a_day_that_nobody_can_place_is_asked() {
    let on = |item, phrase: &str| {
        let mut line = stock_line(Some(item), "3");
        line.when = Some(When { phrase: phrase.to_owned() });
        action(Intent::Add(Add { line: Some(line), reason: 1 }))
    };
    let known = Known { sent_at: 1_776_247_200, time_zone: "Africa/Johannesburg".into(), ..Known::default() };

    let two = plan(&[on("bread", "yesterday"), on("milk", "today")], "en", &known);
    let [Step::Post { occurred_at: Some(_), .. }, Step::Post { occurred_at: None, .. }] = two.steps.as_slice() else {
        panic!("{two:?}")
    };

    let unclear = plan(&[on("bread", "next tuesday")], "en", &known);
    let [Step::Ask { saying: Saying::Talk(Talk::WhichDay { days, .. }), choices, .. }] = unclear.steps.as_slice()
    else {
        panic!("{unclear:?}")
    };
    assert!(days.is_empty() && choices.len() == 2);

    let mut loose = on("milk", "3 april");
    loose.set_clarification(Clarification::DateOrder);
    let both = plan(&[loose], "en", &known);
    let [Step::Ask { saying: Saying::Talk(Talk::WhichDay { days, .. }), .. }] = both.steps.as_slice() else {
        panic!("{both:?}")
    };
    assert_eq!(days.as_slice(), [(3, 4), (4, 3)]);
}

#[test]
fn a_price_of_one_or_of_all_is_asked_with_both_as_answers() {
    let mut line = stock_line(Some("bread"), "10");
    line.price = Some(Price {
        money: Some(proto::common::v1::Money {
            amount: Some(proto::common::v1::Decimal { value: "20".into() }),
            currency_code: String::new(),
        }),
        basis: 0,
    });
    let add = Action {
        clarification: Clarification::PriceBasis as i32,
        ..action(Intent::Add(Add { line: Some(line), reason: 1 }))
    };
    let known = Known { currency: "ZAR".into(), ..Known::default() };

    let asked = plan(&[add], "en", &known);

    let [Step::Ask { choices, .. }] = asked.steps.as_slice() else { panic!("{asked:?}") };
    let price = |choice: usize| {
        let [Step::Post { lines, .. }] = choices[choice].steps.as_slice() else { panic!("{choices:?}") };
        lines[0].unit_price.clone()
    };
    assert_eq!(price(0), Some((20.into(), "ZAR".into())));
    assert_eq!(price(1), Some((2.into(), "ZAR".into())));
}

#[test]
fn good_lines_are_posted_at_once_and_the_rest_is_asked() {
    let vague = Action {
        clarification: Clarification::Quantity as i32,
        ..action(Intent::Add(Add { line: Some(stock_line(Some("milk"), "")), reason: 1 }))
    };
    let clear = action(Intent::Add(Add { line: Some(stock_line(Some("bread"), "10")), reason: 1 }));

    let plan = plan(&[vague, clear], "en", &Known::default());

    assert!(matches!(plan.steps.as_slice(), [Step::Post { .. }, Step::Ask { .. }]), "{plan:?}");
}
