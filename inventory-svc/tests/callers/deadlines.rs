//! What nobody waits for any more is given up, in the database too.

use std::time::Duration;

use sqlx::PgConnection;
use tonic::{Code, Request};

use crate::door::eventually;
use crate::world::{Shop, World, add, reason, sell};

/// Returns which connections of the service wait for a lock.
async fn stuck(world: &World) -> Vec<i32> {
    sqlx::query_scalar(
        "SELECT pid FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'inventory-svc' AND wait_event_type = 'Lock'",
    )
    .fetch_all(&mut world.owner().await)
    .await
    .unwrap()
}

/// Returns whether connections are gone, and with them what they did. Those that only gave up their statement are not.
async fn are_gone(world: &World, connections: &[i32]) -> bool {
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY($1)")
        .bind(connections)
        .fetch_one(&mut world.owner().await)
        .await
        .unwrap();
    left == 0
}

/// Holds every shelf of a shop.
async fn hold_shelves(world: &World, shop: &Shop) -> PgConnection {
    let mut holder = world.owner().await;
    sqlx::raw_sql("BEGIN").execute(&mut holder).await.unwrap();
    let held = sqlx::query("SELECT 1 FROM stock WHERE shop_id = $1::uuid FOR UPDATE")
        .bind(&shop.id)
        .fetch_all(&mut holder)
        .await
        .unwrap();
    assert!(!held.is_empty());
    holder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_its_deadline_a_call_leaves_no_statement_behind_and_its_repeat_counts_once() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("50", "milk")]).await.unwrap();
    let mut holder = hold_shelves(&world, &shop).await;
    let post = shop.request("2", vec![sell("1", "milk")]);
    // Once more if it ended before anybody saw it wait, as on a machine that stood still.
    let (connections, late) = loop {
        let (mut client, mut request) = (shop.client.clone(), Request::new(post.clone()));
        request.set_timeout(Duration::from_secs(3));
        let waiting = tokio::spawn(async move { client.post_operation(request).await });
        let mut connections = Vec::new();
        eventually("the call to wait or to end", async || {
            connections = stuck(&world).await;
            !connections.is_empty() || waiting.is_finished()
        })
        .await;
        let late = waiting.await.unwrap().unwrap_err();
        if !connections.is_empty() {
            break (connections, late);
        }
    };

    // Cancelled: the caller's own clock was quicker than the answer.
    assert!(matches!(late.code(), Code::DeadlineExceeded | Code::Cancelled), "{late:?}");
    // By itself it would end at the limit for locks, and its connection stay.
    eventually("the statement to be given up", async || are_gone(&world, &connections).await).await;
    assert!(stuck(&world).await.is_empty());
    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.unwrap();
    assert_eq!(shop.on_hand("milk").await, "50", "it was not done");
    shop.send(post).await.unwrap();
    assert_eq!(shop.on_hand("milk").await, "49");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_caller_who_went_away_asked_for_is_given_up_and_holds_up_nobody() {
    let world = World::start().await;
    let (shop, other) = (world.shop().await, world.shop().await);
    shop.post("1", vec![add("50", "milk")]).await.unwrap();
    let mut holder = hold_shelves(&world, &shop).await;

    // More than there are connections to the database.
    let mut callers = tokio::task::JoinSet::new();
    for number in 0..30 {
        let shop = shop.clone();
        callers.spawn(async move { shop.post(&format!("gone/{number}"), vec![sell("1", "milk")]).await.map(drop) });
    }
    let mut connections = Vec::new();
    eventually("calls to wait", async || {
        connections = stuck(&world).await;
        connections.len() >= 6
    })
    .await;
    callers.shutdown().await;

    other.post("1", vec![add("1", "bread")]).await.expect("a connection is free again");
    eventually("the statements to be given up", async || are_gone(&world, &connections).await).await;
    assert!(stuck(&world).await.is_empty());
    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.unwrap();
    assert_eq!(shop.on_hand("milk").await, "50");
    world.finish().await;
}

#[tokio::test]
async fn a_call_whose_time_is_up_before_it_begins_is_told_so() {
    let world = World::start().await;
    let shop = world.shop().await;
    let mut request = Request::new(shop.request("1", vec![add("5", "milk")]));
    request.set_timeout(Duration::from_nanos(1));

    let late = shop.client.clone().post_operation(request).await.unwrap_err();

    assert!(matches!(late.code(), Code::DeadlineExceeded | Code::Cancelled), "{late:?}");
    if late.details().is_empty() {
        // The caller's own clock was quicker than the answer.
        return world.finish().await;
    }
    assert_eq!(reason(&late), "ERROR_REASON_OUT_OF_TIME");
    world.finish().await;
}
