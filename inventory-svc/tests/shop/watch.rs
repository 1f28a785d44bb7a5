//! Who watches a shop has exactly what was committed, whatever happens to them, and slows nobody.

use std::collections::HashSet;
use std::time::Duration;

use proto::inventory::v1 as pb;
use tokio::task::JoinSet;
use tonic::Streaming;

use crate::world::{Shop, World, add, client_at, reason, sell};

async fn watch(shop: &Shop, cursor: &str) -> Streaming<pb::WatchStockResponse> {
    let request = pb::WatchStockRequest { shop_id: shop.id.clone(), cursor: cursor.to_owned(), only_new: false };
    shop.client.clone().watch_stock(request).await.expect("it can be watched").into_inner()
}

/// Writes from many sides at once; `reverse` takes some back.
fn writers(shop: &Shop, writer_count: usize, operation_count: usize) -> JoinSet<()> {
    let mut writers = JoinSet::new();
    for writer in 0..writer_count {
        let shop = shop.clone();
        writers.spawn(async move {
            for round in 0..operation_count {
                let lines = vec![sell("1", ["milk", "bread"][writer % 2]), add("2", "eggs")];
                let posted = shop.post(&format!("{writer}/{round}"), lines).await.expect("it is posted");
                if round % 5 == 0 {
                    let id = posted.operation.expect("it was posted").operation_id;
                    let reversal = shop.reversal(&format!("{writer}/{round}/undo"), Some(&id));
                    shop.send_reversal(reversal).await.expect("it is taken back");
                }
            }
        });
    }
    writers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_killed_and_goes_on_has_exactly_what_was_committed() {
    let world = World::start().await;
    let (shop, elsewhere) = (world.shop().await, world.shop().await);
    shop.post("start", vec![add("100", "milk"), add("100", "bread"), add("1", "eggs")]).await.unwrap();
    elsewhere.post("start", vec![add("100", "milk")]).await.unwrap();
    let mut writers = writers(&shop, 8, 150);

    // The cursor is kept with what was taken in; a stream ends after any number of changes, also in the middle of a page.
    let (mut seen, mut cursor, mut life) = (Vec::new(), String::new(), 1_usize);
    let expected = 1 + 8 * 150 + 8 * 30;
    while seen.len() < expected {
        let mut changes = watch(&shop, &cursor).await;
        life = (life * 7 + 3) % 41 + 1;
        for _ in 0..life {
            let response = changes.message().await.unwrap().expect("nobody drains");
            cursor = response.cursor;
            seen.extend(response.change.and_then(|change| change.operation));
        }
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }

    let ids: HashSet<&str> = seen.iter().map(|operation| operation.operation_id.as_str()).collect();
    assert_eq!((seen.len(), ids.len()), (expected, expected), "none twice");
    let committed: Vec<String> = sqlx::query_scalar("SELECT id::text FROM operation WHERE shop_id = $1::uuid")
        .bind(&shop.id)
        .fetch_all(&mut world.owner().await)
        .await
        .unwrap();
    assert!(committed.len() == expected && committed.iter().all(|id| ids.contains(id.as_str())), "none left out");
    // In the order of each shelf: the numbers of the movements have no gap.
    let mut next = std::collections::HashMap::new();
    for movement in seen.iter().flat_map(|operation| &operation.movements) {
        let place = next.entry(movement.item_id.clone()).or_insert(HashSet::new());
        assert!(place.insert(movement.sequence_number), "a movement came twice");
    }
    for numbers in next.values() {
        assert_eq!(numbers.iter().max().copied(), i64::try_from(numbers.len()).ok());
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_that_does_not_read_slows_nobody_and_misses_nothing() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("start", vec![add("100", "milk"), add("100", "bread"), add("1", "eggs")]).await.unwrap();
    let mut slow: Vec<_> = Vec::new();
    for _ in 0..30 {
        // More than there are connections to the database, and none on the writers' own: what is not read fills the window
        // of its connection.
        let mut watching = shop.clone();
        watching.client = client_at(&world.address);
        slow.push(watch(&watching, "").await);
    }

    writers(&shop, 4, 100).join_all().await;

    let expected = 1 + 4 * 100 + 4 * 20;
    let mut changes = slow.pop().unwrap();
    let mut count = 0;
    while count < expected {
        count += usize::from(changes.message().await.unwrap().expect("nobody drains").change.is_some());
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_commits_late_is_not_missed_behind_what_was_quicker() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("start", vec![add("100", "milk"), add("100", "bread")]).await.unwrap();
    // A transaction that began first and holds its commit back.
    let mut late = world.owner().await;
    sqlx::raw_sql("BEGIN").execute(&mut late).await.unwrap();
    sqlx::query(
        "INSERT INTO operation (shop_id, id, public_reference, source, request_id, request_hash, kind, occurred_at, recorded_at)
         VALUES ($1::uuid, gen_random_uuid(), 'LATE', 'system', 'late', '', 'post', now(), now())",
    )
    .bind(&shop.id)
    .execute(&mut late)
    .await
    .unwrap();
    shop.post("quick", vec![sell("1", "milk")]).await.unwrap();

    let mut changes = watch(&shop, "").await;
    let first = changes.message().await.unwrap().unwrap();
    assert_eq!(first.change.unwrap().operation.unwrap().movements.len(), 2);
    let early = tokio::time::timeout(Duration::from_millis(300), changes.message()).await;
    assert!(early.is_err(), "the quick one waits for what may come before it");
    sqlx::raw_sql("COMMIT").execute(&mut late).await.unwrap();

    let mut references = Vec::new();
    while references.len() < 2 {
        let response = changes.message().await.unwrap().unwrap();
        references.extend(response.change.map(|change| change.operation.unwrap().public_reference));
    }
    assert_eq!(references[0], "LATE");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_is_let_go_when_the_service_is_drained_and_goes_on_at_the_next_one() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("5", "milk")]).await.unwrap();
    let next = World::start_on(&world.database_url, &[]).await;
    let mut changes = watch(&shop, "").await;
    let cursor = changes.message().await.unwrap().unwrap().cursor;

    world.clone().finish().await;
    assert!(changes.message().await.unwrap().is_none());

    let shop = next.as_member(&shop.id, &shop.member_id);
    shop.post("2", vec![sell("1", "milk")]).await.unwrap();
    let response = watch(&shop, &cursor).await.message().await.unwrap().unwrap();
    assert_eq!(response.change.unwrap().operation.unwrap().movements.len(), 1);
    next.finish().await;
}

#[tokio::test]
async fn who_wants_only_what_is_new_gets_that_and_a_cursor_is_good_for_its_shop() {
    let world = World::start().await;
    let (shop, elsewhere) = (world.shop().await, world.shop().await);
    shop.post("1", vec![add("5", "milk")]).await.unwrap();
    let request = pb::WatchStockRequest { shop_id: shop.id.clone(), cursor: String::new(), only_new: true };
    let mut changes = shop.client.clone().watch_stock(request).await.unwrap().into_inner();
    shop.post("2", vec![sell("1", "milk")]).await.unwrap();

    // Begins with what is not settled yet: while an older transaction runs, that may be what was committed a moment ago.
    let is_sale = |response: &pb::WatchStockResponse| {
        let operation = response.change.as_ref().and_then(|change| change.operation.as_ref());
        operation.is_some_and(|operation| operation.movements[0].kind() == pb::MovementKind::Sale)
    };
    let mut response = changes.message().await.unwrap().unwrap();
    while !is_sale(&response) {
        response = changes.message().await.unwrap().unwrap();
    }

    let stolen = pb::WatchStockRequest { shop_id: elsewhere.id.clone(), cursor: response.cursor, only_new: false };
    assert_eq!(reason(&shop.client.clone().watch_stock(stolen).await.unwrap_err()), "ERROR_REASON_INVALID_PAGE_TOKEN");
    let nowhere =
        pb::WatchStockRequest { shop_id: "0190b2c4-0000-7000-8000-000000000000".into(), ..Default::default() };
    assert_eq!(reason(&shop.client.clone().watch_stock(nowhere).await.unwrap_err()), "ERROR_REASON_SHOP_NOT_FOUND");
    world.finish().await;
}
