//! The scenario of clients/README.md, in Rust. Tells what the ledger answers, a line for each step.

use std::collections::BTreeSet;

use proto::inventory::v1 as pb;
use proto::inventory::v1::item_reference::Reference;
use tonic::Status;
use tonic_types::StatusExt as _;

use crate::ledger::violations;
use crate::till::{Till, line, reason};

/// What was answered so far.
#[derive(Default)]
pub struct Told(pub Vec<String>);

impl Told {
    fn say(&mut self, step: &str, answer: &str) {
        self.0.push(format!("{step}: {answer}"));
    }
}

fn value(number: Option<&proto::common::v1::Decimal>) -> &str {
    number.map_or("", |number| &number.value)
}

pub fn balance(answer: &pb::PostOperationResponse) -> String {
    let left = value(answer.results[0].balance_after.as_ref());
    if answer.replayed { format!("{left}, replayed") } else { left.to_owned() }
}

fn why(refused: &Status) -> &'static str {
    reason(refused).map_or("", |reason| reason.as_str_name())
}

/// Sells, is refused and puts right.
pub async fn trade(till: &mut Till, stranger: &mut Till, told: &mut Told) -> Result<(), Status> {
    told.say("a key that is not listed", why(&stranger.on_hand("bread").await.unwrap_err()));

    for (delivery, item, quantity) in [("delivery-1", "brown bread", "50"), ("delivery-2", "white bread", "20")] {
        let delivered = till.receive(delivery, item, quantity).await?;
        assert!(delivered.results[0].item_created);
        told.say(&format!("{delivery}, {quantity} {item}"), &balance(&delivered));
    }
    let sold = till.sell("receipt-1", "brown bread", "3").await?;
    told.say("receipt-1, 3 brown bread", &balance(&sold));
    let again = till.sell("receipt-1", "brown bread", "3").await?;
    assert_eq!(again.operation, sold.operation);
    told.say("the same again", &balance(&again));
    told.say("the same id for 4", why(&till.sell("receipt-1", "brown bread", "4").await.unwrap_err()));
    let malformed = till.sell("receipt 2", "brown bread", "-1").await.unwrap_err();
    told.say("a malformed sale", &format!("{} in {}", why(&malformed), violations(&malformed).join(", ")));

    let unclear = till.sell("receipt-2", "bread", "2").await?.results.remove(0);
    let found: Vec<&pb::Item> = unclear.candidates.iter().filter_map(|candidate| candidate.item.as_ref()).collect();
    let mut names: Vec<&str> = found.iter().map(|item| item.display_name.as_str()).collect();
    names.sort_unstable();
    told.say("receipt-2, 2 bread", &format!("{}, {}", unclear.outcome().as_str_name(), names.join(" or ")));
    let brown = found.iter().find(|item| item.display_name == "brown bread").expect("it is a candidate");
    let by_id = pb::ItemReference { reference: Some(Reference::ItemId(brown.item_id.clone())), ..Default::default() };
    let chosen = pb::OperationLine { item: Some(by_id), ..line("", pb::MovementKind::Sale, "2") };
    told.say("receipt-2 with what was chosen", &balance(&till.post_line("receipt-2", chosen).await?));

    let would = till.preview("receipt-3", "brown bread", "5").await?;
    told.say("what receipt-3 of 5 would leave", value(would.balance_after.as_ref()));
    let seen = till.on_hand("brown bread").await?;
    told.say("on hand", &seen.value);
    told.say("receipt-3, 1 brown bread", &balance(&till.sell("receipt-3", "brown bread", "1").await?));
    let changed = till.take("take-1", "brown bread", seen.clone()).await.unwrap_err();
    let on_hand = changed.get_details_error_info().map(|info| info.metadata["onHand"].clone()).unwrap_or_default();
    told.say(&format!("take-1, expecting {}", seen.value), &format!("{}, onHand {on_hand}", why(&changed)));
    told.say("take-1, read again", &balance(&till.take_all("take-1", "brown bread").await?));
    let counted = till.count("count-1", "brown bread", "40").await?;
    let (delta, expected) = (value(counted.delta.as_ref()), value(counted.expected.as_ref()));
    told.say("count-1, 40 brown bread", &format!("{delta}, the book said {expected}"));

    let wrong = till.sell("receipt-4", "brown bread", "10").await?;
    told.say("receipt-4, 10 brown bread", &balance(&wrong));
    let wrong = wrong.operation.unwrap_or_default().operation_id;
    let corrected = till.put_right("right-4", &wrong, line("brown bread", pb::MovementKind::Sale, "1")).await?;
    assert_eq!(corrected.corrected.unwrap_or_default().operation_id, wrong);
    told.say("right-4, it was 1", &till.on_hand("brown bread").await?.value);
    let correction = corrected.operation.unwrap_or_default().operation_id;
    let reversal = till.take_back("back-4", &correction).await?;
    assert_eq!(reversal.reverses_operation_id, correction);
    told.say("back-4, it was none", &till.on_hand("brown bread").await?.value);
    Ok(())
}

/// Reads all of it, by pages and as it was committed.
pub async fn read(till: &mut Till, told: &mut Told) -> Result<(), Status> {
    let movements = till.movements(200).await?;
    assert_eq!(till.movements(2).await?, movements, "pages hold what one page holds");
    told.say("movements", &movements.len().to_string());
    for movement in movements.iter().rev() {
        let (delta, left) = (value(movement.delta.as_ref()), value(movement.balance_after.as_ref()));
        let step = format!("{} {}", movement.item_name, movement.sequence_number);
        told.say(&step, &format!("{} {delta}, {left}", movement.kind().as_str_name()));
    }

    let mut followed: Vec<(String, pb::Operation)> = Vec::new();
    let mut cursor = String::new();
    let operations: BTreeSet<&str> = movements.iter().map(|movement| movement.operation_id.as_str()).collect();
    for count in [3, operations.len()] {
        till.follow(&cursor, |cursor, operation| {
            followed.push((cursor.to_owned(), operation));
            followed.len() < count
        })
        .await?;
        followed.last().expect("something was committed").0.clone_into(&mut cursor);
    }
    let ids = |movements: &[pb::Movement]| movements.iter().map(|movement| movement.movement_id).collect::<Vec<_>>();
    let mut seen: Vec<i64> = followed.iter().flat_map(|(_, operation)| ids(&operation.movements)).collect();
    let count = seen.len();
    seen.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
    assert_eq!(seen, ids(&movements), "each once, none left out");
    told.say("followed, with a pause after the third", &format!("{} operations, {count} movements", followed.len()));
    Ok(())
}
