//! Who watches a shop has exactly what was committed, whatever happens to them, and slows nobody.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use proto::common::v1::WhatsAppUser;
use proto::inventory::v1 as pb;
use tokio::task::JoinSet;
use tonic::Streaming;

use crate::world::{Shop, World, add, client_at, reason, sell};

async fn watch(shop: &Shop, cursor: &str) -> Streaming<pb::WatchStockResponse> {
    let request = pb::WatchStockRequest { shop_id: shop.id.clone(), cursor: cursor.to_owned(), only_new: false };
    shop.client.clone().watch_stock(request).await.expect("it can be watched").into_inner()
}

/// Waits for what is going to happen on the slowest machine too, so that a test fails and never hangs.
async fn soon<T>(what: &str, happens: impl Future<Output = T>) -> T {
    let Ok(happened) = tokio::time::timeout(Duration::from_mins(1), happens).await else {
        panic!("waited a minute for {what}");
    };
    happened
}

/// Returns the next operation with the cursor after it. What is not settled yet is waited for: the tests beside this one
/// write in the same server.
async fn next_operation(changes: &mut Streaming<pb::WatchStockResponse>) -> (pb::Operation, String) {
    soon("an operation to be told", async {
        loop {
            let response = changes.message().await.expect("the stream goes on").expect("nobody drains");
            if let Some(operation) = response.change.and_then(|change| change.operation) {
                return (operation, response.cursor);
            }
        }
    })
    .await
}

/// What is sold; some writers share a shelf.
const GOODS: [&str; 4] = ["milk", "bread", "salt", "tea"];

/// Puts goods on the shelves, as the first operation.
async fn stock_up(shop: &Shop) {
    let lines = GOODS.iter().chain(&["eggs"]).map(|item| add("100", item)).collect();
    shop.post("start", lines).await.expect("it works");
}

/// Writes from many sides at once, on a connection each; every fifth is taken back, and every tenth meets all others.
fn writers(world: &World, shop: &Shop, writer_count: usize, operation_count: usize) -> JoinSet<()> {
    let mut writers = JoinSet::new();
    for writer in 0..writer_count {
        let mut shop = shop.clone();
        shop.client = client_at(&world.address);
        writers.spawn(async move {
            for round in 0..operation_count {
                let mut lines = vec![sell("1", GOODS[writer % GOODS.len()])];
                if round % 10 == 0 {
                    lines.push(add("2", "eggs"));
                }
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

/// Watches while others write, is killed and goes on, and compares with what was committed in the end.
async fn watch_killed(writer_count: usize, operation_count: usize) {
    let world = World::start().await;
    let (shop, elsewhere) = (world.shop().await, world.shop().await);
    stock_up(&shop).await;
    stock_up(&elsewhere).await;
    let mut writers = writers(&world, &shop, writer_count, operation_count);
    let mut noise = self::writers(&world, &elsewhere, 1, operation_count);

    // The cursor is kept with what was taken in; a stream ends after any number of changes, also in the middle of a page.
    let (mut seen, mut cursor, mut life) = (Vec::new(), String::new(), 1_usize);
    let expected = 1 + writer_count * (operation_count + operation_count.div_ceil(5));
    while seen.len() < expected {
        let mut changes = watch(&shop, &cursor).await;
        life = (life * 7 + 3) % 41 + 1;
        for _ in 0..life.min(expected - seen.len()) {
            let (operation, after) = next_operation(&mut changes).await;
            cursor = after;
            seen.push(operation);
        }
    }
    for writers in [&mut writers, &mut noise] {
        while let Some(done) = soon("the writers to be done", writers.join_next()).await {
            done.expect("it works");
        }
    }

    let ids: HashSet<&str> = seen.iter().map(|operation| operation.operation_id.as_str()).collect();
    assert_eq!((seen.len(), ids.len()), (expected, expected), "none twice");
    let committed: Vec<String> = sqlx::query_scalar("SELECT id::text FROM operation WHERE shop_id = $1::uuid")
        .bind(&shop.id)
        .fetch_all(&mut world.owner().await)
        .await
        .expect("the owner may read");
    assert!(committed.len() == expected && committed.iter().all(|id| ids.contains(id.as_str())), "none left out");
    // Of each shelf: the numbers of the movements have no gap.
    let mut next = HashMap::new();
    for movement in seen.iter().flat_map(|operation| &operation.movements) {
        let place = next.entry(movement.item_id.clone()).or_insert_with(HashSet::new);
        assert!(place.insert(movement.sequence_number), "a movement came twice");
    }
    for numbers in next.values() {
        assert_eq!(numbers.iter().max().copied(), i64::try_from(numbers.len()).ok());
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_killed_among_a_thousand_changes_has_each_of_them_once() {
    watch_killed(8, 105).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes, so once a night: cargo test -p inventory-svc --test shop -- --ignored"]
async fn who_is_killed_among_ten_thousand_changes_has_each_of_them_once() {
    watch_killed(8, 1045).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_that_does_not_read_slows_nobody_and_misses_nothing() {
    let world = World::start().await;
    let shop = world.shop().await;
    stock_up(&shop).await;
    let mut slow: Vec<_> = Vec::new();
    for _ in 0..20 {
        // More than there are connections to the database, and none on the writers' own: what is not read fills the window
        // of its connection.
        let mut watching = shop.clone();
        watching.client = client_at(&world.address);
        slow.push(watch(&watching, "").await);
    }

    soon("the writers, whom nobody holds up", writers(&world, &shop, 8, 105).join_all()).await;

    let mut changes = slow.pop().unwrap();
    let (expected, mut seen) = (1 + 8 * (105 + 21), HashSet::new());
    for _ in 0..expected {
        seen.insert(next_operation(&mut changes).await.0.operation_id);
    }
    assert_eq!(seen.len(), expected, "none twice");
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
    assert_eq!(next_operation(&mut changes).await.0.movements.len(), 2);
    let early = tokio::time::timeout(Duration::from_millis(300), changes.message()).await;
    assert!(early.is_err(), "the quick one waits for what may come before it");
    sqlx::raw_sql("COMMIT").execute(&mut late).await.unwrap();

    assert_eq!(next_operation(&mut changes).await.0.public_reference, "LATE");
    assert_eq!(next_operation(&mut changes).await.0.movements.len(), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_is_let_go_when_the_service_is_drained_and_goes_on_at_the_next_one() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("5", "milk")]).await.unwrap();
    let next = World::start_on(&world.database_url, &[]).await;
    let mut changes = watch(&shop, "").await;
    let (_, cursor) = next_operation(&mut changes).await;

    world.clone().finish().await;
    assert!(soon("the stream to end", changes.message()).await.unwrap().is_none());

    let shop = next.as_member(&shop.id, &shop.member_id);
    shop.post("2", vec![sell("1", "milk")]).await.unwrap();
    let (operation, _) = next_operation(&mut watch(&shop, &cursor).await).await;
    assert_eq!(operation.movements[0].kind(), pb::MovementKind::Sale);
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
    let (mut operation, mut cursor) = next_operation(&mut changes).await;
    while operation.movements[0].kind() != pb::MovementKind::Sale {
        (operation, cursor) = next_operation(&mut changes).await;
    }

    let stolen = pb::WatchStockRequest { shop_id: elsewhere.id.clone(), cursor, only_new: false };
    assert_eq!(reason(&shop.client.clone().watch_stock(stolen).await.unwrap_err()), "ERROR_REASON_INVALID_PAGE_TOKEN");
    let nowhere =
        pb::WatchStockRequest { shop_id: "0190b2c4-0000-7000-8000-000000000000".into(), ..Default::default() };
    assert_eq!(reason(&shop.client.clone().watch_stock(nowhere).await.unwrap_err()), "ERROR_REASON_SHOP_NOT_FOUND");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_that_is_closed_ends_what_watches_it() {
    let world = World::start().await;
    let here = world.identify("ZA.watch.before", "").await.unwrap();
    let closed = world.identify("ZA.watch.after", "").await.unwrap();
    let shop = world.as_member(&closed.shop.unwrap().shop_id, &closed.member.unwrap().member_id);
    let mut changes = watch(&shop, "").await;

    // Somebody known before is behind the new name: the shop that was made for it goes.
    let name = |user_id: &str| Some(WhatsAppUser { user_id: user_id.to_owned(), ..Default::default() });
    let request = pb::LinkIdentityRequest { previous: name("ZA.watch.before"), current: name("ZA.watch.after") };
    let linked = shop.client.clone().link_identity(request).await.unwrap().into_inner();
    assert_eq!(linked.shop.unwrap().shop_id, here.shop.unwrap().shop_id);

    let ended = soon("the stream to end", async {
        loop {
            match changes.message().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the stream says why it ends"),
                Err(status) => return status,
            }
        }
    })
    .await;
    assert_eq!(reason(&ended), "ERROR_REASON_SHOP_NOT_FOUND");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_heard_in_its_own_process_and_in_another() {
    let world = World::start().await;
    let shop = world.shop().await;
    stock_up(&shop).await;
    let other = World::start_on(&world.database_url, &[]).await;
    let far = other.as_member(&shop.id, &shop.member_id);
    let mut near = (watch(&shop, "").await, Vec::new());
    let mut far = (watch(&far, "").await, Vec::new());
    next_operation(&mut near.0).await;
    next_operation(&mut far.0).await;

    for round in 0..20 {
        // At rest, so that whoever looks again looks seldom.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let id = shop.post(&round.to_string(), vec![sell("1", "milk")]).await.unwrap().operation.unwrap().operation_id;
        let posted = Instant::now();
        let (a, b) = tokio::join!(
            async {
                let (operation, _) = next_operation(&mut near.0).await;
                (operation, posted.elapsed())
            },
            async {
                let (operation, _) = next_operation(&mut far.0).await;
                (operation, posted.elapsed())
            },
        );
        assert_eq!((&a.0.operation_id, &b.0.operation_id), (&id, &id));
        near.1.push(a.1);
        far.1.push(b.1);
    }

    // Told, not held against the machine.
    for (what, mut times) in [("hinted", near.1), ("found by looking again", far.1)] {
        times.sort();
        println!(
            "{what}: median {:?}, slowest {:?} after the answer to the post",
            times[times.len() / 2],
            times[times.len() - 1]
        );
    }
    other.finish().await;
    world.finish().await;
}
