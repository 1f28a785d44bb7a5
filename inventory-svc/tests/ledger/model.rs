//! Random programs against balances kept in memory.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use proto::inventory::v1 as pb;
use rust_decimal::Decimal;

use crate::world::{Shop, World, add, count, reason, sell, text};

const NAMES: [&str; 3] = ["bread", "milk", "eggs"];

#[derive(Clone, Debug)]
enum Step {
    Add(Vec<(usize, i64)>),
    Sell(Vec<(usize, i64)>),
    Count(usize, i64),
    Undo,
    /// Takes back the operation that many steps ago, whatever it was.
    Reverse(usize),
    /// Sends the last post again.
    Repeat,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let lines = || prop::collection::vec((0..NAMES.len(), 1..200_000_i64), 1..4);
    let step = prop_oneof![
        4 => lines().prop_map(Step::Add),
        4 => lines().prop_map(Step::Sell),
        2 => (0..NAMES.len(), 0..200_000_i64).prop_map(|(item, quantity)| Step::Count(item, quantity)),
        2 => Just(Step::Undo),
        2 => (0..6_usize).prop_map(Step::Reverse),
        1 => Just(Step::Repeat),
    ];
    prop::collection::vec(step, 1..40)
}

/// An operation as the model remembers it.
struct Past {
    operation_id: String,
    deltas: Vec<(usize, Decimal)>,
    is_reversal: bool,
    is_reversed: bool,
}

fn quantity(thousandths: i64) -> Decimal {
    Decimal::new(thousandths, 3)
}

fn milli(kind: fn(&str, &str) -> pb::OperationLine, (item, thousandths): (usize, i64)) -> pb::OperationLine {
    crate::world::in_unit(kind(&quantity(thousandths).to_string(), NAMES[item]), "kg", None)
}

async fn run(shop: &Shop, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut balances: HashMap<usize, Decimal> = HashMap::new();
    let mut past: Vec<Past> = Vec::new();
    let mut last: Option<pb::PostOperationRequest> = None;
    // All items exist from the start, so that a sale finds its own.
    let opening = (0..NAMES.len()).map(|item| milli(add, (item, 1000))).collect();
    let mut opening = shop.request("opening", opening);
    opening.member_id = String::new(); // not the member's, so that no undo of theirs takes it back
    shop.send(opening).await.expect("the opening is posted");
    for item in 0..NAMES.len() {
        balances.insert(item, Decimal::ONE);
    }

    for (place, step) in steps.iter().enumerate() {
        let request_id = format!("step/{place}");
        match step {
            Step::Add(lines) | Step::Sell(lines) => {
                let is_sale = matches!(step, Step::Sell(_));
                let kind = if is_sale { sell } else { add };
                let request = shop.request(&request_id, lines.iter().map(|line| milli(kind, *line)).collect());
                let posted = shop.send(request.clone()).await.expect("it is posted");
                let sign = if is_sale { -Decimal::ONE } else { Decimal::ONE };
                let deltas: Vec<_> = lines.iter().map(|(item, amount)| (*item, sign * quantity(*amount))).collect();
                remember(&mut balances, &mut past, &posted.operation.expect("posted").operation_id, deltas, false);
                last = Some(request);
            }
            Step::Count(item, amount) => {
                let request = shop.request(&request_id, vec![milli(count, (*item, *amount))]);
                let posted = shop.send(request.clone()).await.expect("it is posted");
                let delta = quantity(*amount) - balances[item];
                let deltas = if delta.is_zero() { Vec::new() } else { vec![(*item, delta)] };
                remember(&mut balances, &mut past, &posted.operation.expect("posted").operation_id, deltas, false);
                last = Some(request);
            }
            Step::Undo => {
                let target = past.iter().rposition(|past| !past.is_reversal && !past.is_reversed);
                let answer = shop.undo(&request_id).await;
                check_reversal(&mut balances, &mut past, target, answer, "ERROR_REASON_NOTHING_TO_REVERSE")?;
            }
            Step::Reverse(back) => {
                let Some(target) = past.len().checked_sub(back + 1) else { continue };
                let answer = shop.send_reversal(shop.reversal(&request_id, Some(&past[target].operation_id))).await;
                let target = (!past[target].is_reversed).then_some(target);
                check_reversal(&mut balances, &mut past, target, answer, "ERROR_REASON_ALREADY_REVERSED")?;
            }
            Step::Repeat => {
                let Some(request) = last.clone() else { continue };
                prop_assert!(shop.send(request).await.expect("it is answered").replayed);
            }
        }
    }
    for (item, balance) in balances {
        prop_assert_eq!(shop.on_hand(NAMES[item]).await, balance.normalize().to_string());
    }
    Ok(())
}

fn remember(
    balances: &mut HashMap<usize, Decimal>,
    past: &mut Vec<Past>,
    operation_id: &str,
    deltas: Vec<(usize, Decimal)>,
    is_reversal: bool,
) {
    for (item, delta) in &deltas {
        *balances.entry(*item).or_default() += delta;
    }
    past.push(Past { operation_id: operation_id.to_owned(), deltas, is_reversal, is_reversed: false });
}

fn check_reversal(
    balances: &mut HashMap<usize, Decimal>,
    past: &mut Vec<Past>,
    target: Option<usize>,
    answer: Result<pb::ReverseOperationResponse, tonic::Status>,
    refused: &str,
) -> Result<(), TestCaseError> {
    match (target, answer) {
        (Some(target), Ok(answer)) => {
            prop_assert_eq!(&answer.reversed.expect("there is one").operation_id, &past[target].operation_id);
            let operation = answer.operation.expect("there is one");
            past[target].is_reversed = true;
            let mirrored = past[target].deltas.iter().map(|(item, delta)| (*item, -delta)).collect();
            for (movement, (_, delta)) in operation.movements.iter().zip(&past[target].deltas) {
                prop_assert_eq!(text(movement.delta.as_ref()), (-delta).normalize().to_string());
            }
            remember(balances, past, &operation.operation_id, mirrored, true);
        }
        (None, Err(status)) => {
            prop_assert_eq!(reason(&status), refused);
        }
        (target, answer) => prop_assert!(false, "expected {:?}, got {:?}", target, answer.map(|_| ())),
    }
    Ok(())
}

#[test]
fn random_programs_end_in_the_balances_of_the_model() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::start());
    let mut runner =
        TestRunner::new(Config { cases: 40, max_shrink_iters: 200, failure_persistence: None, ..Config::default() });

    runner
        .run(&steps(), |steps| {
            runtime.block_on(async {
                let shop = world.shop().await;
                run(&shop, &steps).await
            })
        })
        .unwrap();

    runtime.block_on(world.finish());
}
