//! Keys that are taken away, narrowed, or call too often.

use proto::inventory::v1 as pb;
use tonic::{Code, Status, Streaming};
use tonic_types::StatusExt as _;

use crate::door::{Caller, Door, entry, eventually, soon};
use crate::world::{Shop, World, add, reason, sell};

async fn watch(caller: &mut Caller, shop: &Shop) -> Streaming<pb::WatchStockResponse> {
    let request = pb::WatchStockRequest { shop_id: shop.id.clone(), ..Default::default() };
    caller.watch_stock(request).await.expect("it can be watched").into_inner()
}

async fn next_operation(changes: &mut Streaming<pb::WatchStockResponse>) -> pb::Operation {
    soon("an operation to be told", async {
        loop {
            let response = changes.message().await.expect("the stream goes on").expect("nobody drains");
            if let Some(operation) = response.change.and_then(|change| change.operation) {
                return operation;
            }
        }
    })
    .await
}

async fn end_of(mut changes: Streaming<pb::WatchStockResponse>) -> Status {
    soon("the stream to end", async {
        loop {
            match changes.message().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the stream says why it ends"),
                Err(status) => return status,
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_taken_out_of_the_file_counts_for_nothing_also_in_what_is_open() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("5", "milk")]).await.unwrap();
    let list = |held: &str, words: &str| format!("{}\n{}\n{held}", entry("stays", "*"), entry("narrowed", words));
    let door = Door::open(&world, &list(&entry("goes", &format!("* shops={}", shop.id)), "*")).await;
    let (mut stays, mut goes, mut narrowed) = (door.caller("stays"), door.caller("goes"), door.caller("narrowed"));
    let (mut kept, mut cut, mut changed) =
        (watch(&mut stays, &shop).await, watch(&mut goes, &shop).await, watch(&mut narrowed, &shop).await);
    for changes in [&mut kept, &mut cut, &mut changed] {
        next_operation(changes).await;
    }

    door.rewrite(&list("", "* shops=0190b2c4-0000-7000-8000-000000000000"));
    let ended = end_of(cut).await;
    assert_eq!((ended.code(), reason(&ended).as_str()), (Code::Unauthenticated, "ERROR_REASON_UNKNOWN_CALLER"));
    let ended = end_of(changed).await;
    assert_eq!(ended.code(), Code::Unavailable, "held to other shops now: it may ask again, and is told");
    let request = pb::WatchStockRequest { shop_id: shop.id.clone(), ..Default::default() };
    assert_eq!(reason(&narrowed.watch_stock(request).await.unwrap_err()), "ERROR_REASON_SHOP_NOT_FOUND");
    let request = pb::ListStockRequest { shop_id: shop.id.clone(), ..Default::default() };
    assert_eq!(reason(&goes.list_stock(request).await.unwrap_err()), "ERROR_REASON_UNKNOWN_CALLER");

    shop.post("2", vec![sell("1", "milk")]).await.unwrap();
    assert_eq!(next_operation(&mut kept).await.movements[0].kind(), pb::MovementKind::Sale);
    door.close(world).await;
}

#[tokio::test]
async fn a_method_that_is_taken_from_a_key_ends_what_it_opened() {
    let world = World::start().await;
    let shop = world.shop().await;
    let door = Door::open(&world, &entry("view", "*")).await;
    let mut view = door.caller("view");
    let changes = watch(&mut view, &shop).await;

    door.rewrite(&entry("view", "thebackroom.inventory.v1.InventoryService/ListStock"));

    assert_eq!(reason(&end_of(changes).await), "ERROR_REASON_METHOD_NOT_ALLOWED");
    let request = pb::ListStockRequest { shop_id: shop.id.clone(), ..Default::default() };
    assert!(view.list_stock(request).await.is_ok());
    door.close(world).await;
}

#[tokio::test]
async fn a_list_that_cannot_be_read_changes_nothing_and_the_next_one_counts() {
    let world = World::start().await;
    let shop = world.shop().await;
    let door = Door::open(&world, &entry("old", "*")).await;
    let request = pb::ListStockRequest { shop_id: shop.id.clone(), ..Default::default() };
    let (mut old, mut new) = (door.caller("old"), door.caller("new"));
    old.list_stock(request.clone()).await.unwrap();

    door.rewrite("old this-is-no-hash *");
    door.rewrite(&[entry("old", "* shop"), entry("new", "*")].join("\n"));
    assert!(old.list_stock(request.clone()).await.is_ok());
    assert!(new.list_stock(request.clone()).await.is_err());

    door.rewrite(&entry("new", "*"));
    eventually("the new list to count", async || new.list_stock(request.clone()).await.is_ok()).await;
    assert_eq!(reason(&old.list_stock(request).await.unwrap_err()), "ERROR_REASON_UNKNOWN_CALLER");
    door.close(world).await;
}

#[tokio::test]
async fn a_key_calls_as_often_as_it_may_and_the_gateway_as_often_as_it_likes() {
    let world = World::start().await;
    let shop = world.shop().await;
    // So slow that no call comes back while the test runs: the numbers are exact.
    let keys = [entry("till", "* rate=1/h burst=5"), entry("gateway", "*")].join("\n");
    let door = Door::open(&world, &keys).await;
    let request = pb::ListStockRequest { shop_id: shop.id.clone(), ..Default::default() };
    let (mut till, mut gateway) = (door.caller("till"), door.caller("gateway"));

    for _ in 0..5 {
        till.list_stock(request.clone()).await.unwrap();
    }
    let refused = till.list_stock(request.clone()).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::ResourceExhausted, "ERROR_REASON_RATE_LIMITED"));
    assert!(refused.get_details_retry_info().and_then(|info| info.retry_delay).is_some_and(|delay| !delay.is_zero()));
    for _ in 0..50 {
        gateway.list_stock(request.clone()).await.unwrap();
    }

    // Reading the list again forgives nothing; a higher rate begins anew.
    door.rewrite(&[entry("till", "* rate=1/h burst=5"), entry("other", "*")].join("\n"));
    eventually("the other to be known", async || door.caller("other").list_stock(request.clone()).await.is_ok()).await;
    assert_eq!(reason(&till.list_stock(request.clone()).await.unwrap_err()), "ERROR_REASON_RATE_LIMITED");
    door.rewrite(&entry("till", "* rate=2/h burst=6"));
    eventually("the new rate to count", async || till.list_stock(request.clone()).await.is_ok()).await;
    door.close(world).await;
}
