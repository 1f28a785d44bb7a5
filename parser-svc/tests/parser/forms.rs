//! Whatever form a model fills in: what is written without a question was said, and the parser never falls over.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use proto::parser::v1 as pb;
use proto::parser::v1::action::Intent;
use serde_json::{Value, json};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer};

use crate::script::{form, ok, said};
use crate::world::{World, in_words};

/// Two lines in words that the grammar leaves open, and a price.
const TEXT: &str = "the fridge guy swapped 14 milk and then whatever blorped 23 bread for R31 because of whatnot";

/// What a model may put anywhere a text belongs.
fn word() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "milk",
        "bread",
        "gold",
        "the fridge guy",
        "coke 2l",
        "",
        " ",
        "14",
        "*",
        "everything",
        "MILK",
        "milk bread",
        "'; DROP TABLE stock; --",
        "\u{202e}klim",
        "kg",
        "case",
        "cases",
        "R31",
    ]);
    prop_oneof![8 => words.prop_map(|word| json!(word)), 1 => any::<String>().prop_map(|word| json!(word)), 2 => Just(Value::Null)]
}

/// What a model may put anywhere a number belongs.
fn number() -> impl Strategy<Value = Value> {
    let numbers = prop::sample::select(vec![
        "14",
        "23",
        "31",
        "37",
        "1423",
        "0",
        "-14",
        "14.0",
        "014",
        "1e3",
        "+14",
        "99999999999999999999999999999",
        "0.00001",
        "",
        "1400",
    ]);
    prop_oneof![8 => numbers.prop_map(|number| json!(number)), 1 => any::<i64>().prop_map(|number| json!(number.to_string())), 2 => Just(Value::Null)]
}

fn filled() -> impl Strategy<Value = Value> {
    let intents = prop::sample::select(vec![
        "add",
        "remove",
        "set",
        "correct",
        "threshold",
        "query",
        "list",
        "low_stock",
        "undo",
        "help",
        "greeting",
        "nothing",
        "unclear",
    ]);
    let reasons = prop::sample::select(vec!["sale", "waste", "receipt", "count", "unknown"]);
    let questions = prop::sample::select(vec!["none", "none", "none", "item", "quantity", "direction", "which_number"]);
    let numbers = (number(), number(), number());
    (intents, word(), numbers, word(), word(), reasons, questions).prop_map(
        |(intent, item, (quantity, pack_size, price), unit, party, reason, question)| {
            json!({"intent": intent, "item": item, "quantity": quantity, "unit": unit, "pack_size": pack_size,
                "reason": reason, "price": price, "price_basis": "each", "party": party, "question": question})
        },
    )
}

/// The line that would be written as it stands.
fn written(action: &pb::Action) -> Option<&pb::StockLine> {
    if action.confirm || action.clarification() != pb::Clarification::Unspecified {
        return None;
    }
    match action.intent.as_ref()? {
        Intent::Add(add) => add.line.as_ref(),
        Intent::Remove(remove) => remove.line.as_ref(),
        Intent::SetStock(set) => set.line.as_ref(),
        Intent::Correct(correct) => correct.line.as_ref(),
        Intent::Transfer(transfer) => transfer.line.as_ref(),
        _ => None,
    }
}

#[test]
fn whatever_a_model_fills_in_only_what_was_said_is_written() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let answer = Arc::new(Mutex::new(String::new()));
    let (gemini, world) = runtime.block_on(async {
        let gemini = MockServer::start().await;
        let told = Arc::clone(&answer);
        let respond = move |_: &wiremock::Request| ok(&said(&told.lock().unwrap()));
        Mock::given(method("POST")).respond_with(respond).mount(&gemini).await;
        let flags = ["--gemini-cache-actions", "0", "--gemini-budget-per-shop-per-day", "0"];
        let world = World::with_gemini(&gemini, &flags).await;
        (gemini, world)
    });
    let mut runner = TestRunner::new(Config { cases: 100, failure_persistence: None, ..Config::default() });

    let result = runner.run(&prop::collection::vec(filled(), 1..4), |actions| {
        *answer.lock().unwrap() = form(&Value::from(actions));
        let read = runtime.block_on(world.read(TEXT));
        prop_assert!(!read.actions.is_empty());
        for (action, line) in read.actions.iter().filter_map(|action| Some((action, written(action)?))) {
            let said = in_words(action);
            let quantity = line.quantity.as_ref().map(|quantity| quantity.value.as_str());
            let zero = matches!(action.intent, Some(Intent::SetStock(_))) && quantity == Some("0");
            prop_assert!(zero || quantity.is_some_and(|quantity| ["14", "23"].contains(&quantity)), "{}", said);
            let name = line.item.as_ref().map(|item| item.name.clone()).unwrap_or_default();
            prop_assert!(!name.is_empty() && name.split(' ').all(|word| TEXT.contains(word)), "{}", said);
            prop_assert!(
                line.unit.is_empty()
                    && line
                        .price
                        .as_ref()
                        .is_none_or(|_| said.contains("R14") || said.contains("R23") || said.contains("R31")),
                "{}",
                said
            );
        }
        Ok(())
    });

    drop(gemini);
    result.unwrap();
}
