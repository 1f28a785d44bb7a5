//! Clients in Python and TypeScript do what the one in Rust does: they are told the same and leave the same behind.
//!
//! Their stubs are made from the protos here, by the ordinary tools of each language.

use std::collections::BTreeMap;
use std::path::Path;

use proto::inventory::v1 as pb;

use crate::ledger::{KEY, Ledger};
use crate::scenario::{self, Told};
use crate::till::Till;
use crate::tools::{Client, python, typescript};

/// What the scenario's steps are answered, as clients/README.md prints it.
fn expected() -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../clients/README.md");
    let page = std::fs::read_to_string(&page).unwrap();
    let block = page.split("\n```text\n").nth(1).and_then(|rest| rest.split_once("\n```")).expect("it is printed").0;
    block.lines().map(str::to_owned).collect()
}

/// A shop's book without what differs from shop to shop: ids and times.
type Book = (BTreeMap<String, String>, Vec<[String; 8]>);

async fn book(till: &mut Till) -> Book {
    let mut balances = BTreeMap::new();
    for item in ["brown bread", "white bread"] {
        balances.insert(item.to_owned(), till.on_hand(item).await.unwrap().value);
    }
    let number = |number: &Option<proto::common::v1::Decimal>| number.clone().unwrap_or_default().value;
    let row = |movement: &pb::Movement| {
        [
            movement.item_name.clone(),
            movement.sequence_number.to_string(),
            movement.kind().as_str_name().to_owned(),
            number(&movement.balance_before),
            number(&movement.delta),
            number(&movement.balance_after),
            number(&movement.said_quantity),
            (!movement.reversed_by_operation_id.is_empty()).to_string(),
        ]
    };
    (balances, till.movements(200).await.unwrap().iter().map(row).collect())
}

async fn does_the_same(client: Client) {
    let ledger = Ledger::start().await;
    let mut till = ledger.till(&ledger.url);
    let mut stranger = Till::new(&ledger.url, "no key of theirs", &ledger.shop_id).unwrap();
    let mut told = Told::default();
    scenario::trade(&mut till, &mut stranger, &mut told).await.unwrap();
    scenario::read(&mut till, &mut told).await.unwrap();
    assert_eq!(told.0, expected(), "of the client in Rust");

    let shop_id = ledger.shop_of("ZA.1002").await;
    let theirs = client.run(&ledger.url, KEY, &shop_id, &[]).await;
    assert_eq!(theirs, expected());
    assert_eq!(book(&mut Ledger::till_of(&ledger.url, &shop_id)).await, book(&mut till).await);

    // An answer is lost on the way, and asked for again.
    let (url, hang_up) = ledger.deaf_once().await;
    let asking = tokio::spawn({
        let shop_id = shop_id.clone();
        async move { client.run(&url, KEY, &shop_id, &["lost-answer"]).await }
    });
    ledger.wait_for_operation_of(&shop_id, "receipt-5").await;
    hang_up.cancel();
    assert_eq!(asking.await.unwrap(), ["receipt-5, 7 brown bread: 33, replayed"]);
    till.sell("receipt-5", "brown bread", "7").await.unwrap();
    assert_eq!(book(&mut Ledger::till_of(&ledger.url, &shop_id)).await, book(&mut till).await);
    ledger.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_in_rust_is_told_what_is_printed() {
    let ledger = Ledger::start().await;
    let mut till = ledger.till(&ledger.url);
    let mut stranger = Till::new(&ledger.url, "no key of theirs", &ledger.shop_id).unwrap();
    let mut told = Told::default();

    scenario::trade(&mut till, &mut stranger, &mut told).await.unwrap();
    scenario::read(&mut till, &mut told).await.unwrap();

    assert_eq!(told.0, expected());
    ledger.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_in_python_does_what_the_one_in_rust_does() {
    if let Some(client) = python().await {
        does_the_same(client).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_in_typescript_does_what_the_one_in_rust_does() {
    if let Some(client) = typescript().await {
        does_the_same(client).await;
    }
}
