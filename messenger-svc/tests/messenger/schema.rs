//! A schema that is brought up while others send, and what an older version leaves behind.

use platform::clock::Clock;
use proto::messenger::v1 as pb;
use proto::messenger::v1::DeliveryState;

use crate::graph::GraphStandIn;
use crate::world::{World, eventually, template, text};

const PHONE: &str = "27820000001";

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_at_once_on_an_empty_database_all_come_up() {
    let database_url = local_postgres::fresh_database("messenger").await;
    let graph = GraphStandIn::start().await;
    let start = || World::join(database_url.clone(), graph.clone(), Clock::system(), &[]);

    let worlds = futures::future::join_all([start(), start(), start()]).await;

    for (i, world) in worlds.iter().enumerate() {
        let message = world.send(&format!("r{i}"), PHONE, "x").await;
        world.until(&message, DeliveryState::Accepted).await;
    }
    let sql = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";
    let unfinished: i64 = sqlx::query_scalar(sql).fetch_one(&worlds[0].pool).await.unwrap();
    assert_eq!(unfinished, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn index_whose_building_was_cut_short_is_built_once_more() {
    let world = World::start(&[]).await;
    let message = world.send("r1", PHONE, "x").await;
    world.until(&message, DeliveryState::Accepted).await;
    // As a process leaves it that dies in the middle.
    for sql in [
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'message_cost'::regclass",
        "DELETE FROM _sqlx_migrations WHERE version = 8",
    ] {
        sqlx::query(sql).execute(&world.pool).await.unwrap();
    }

    let _next = world.replica(&[]).await;

    eventually("the index is whole", || async {
        let sql = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('message_cost') \
                   AND EXISTS (SELECT 1 FROM _sqlx_migrations WHERE version = 8 AND success)";
        sqlx::query_scalar::<_, bool>(sql).fetch_optional(&world.pool).await.unwrap().filter(|is_valid| *is_valid)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fallback_that_the_eraser_of_an_older_version_left_is_erased() {
    let world = World::start(&["--content-retention-seconds=0"]).await;
    let alert = pb::SendMessageRequest { fallback: Some(template("stock", "screws")), ..text("r1", PHONE, "x") };
    let message = world.put(alert).await;
    world.until(&message, DeliveryState::Accepted).await;
    sqlx::query("UPDATE message SET content = NULL").execute(&world.pool).await.unwrap();

    let _cleaner = world.replica(&["--content-retention-seconds=0"]).await; // a process that starts cleans up

    eventually("the fallback is gone", || async {
        let sql = "SELECT count(*) FROM message WHERE fallback IS NOT NULL";
        let left: i64 = sqlx::query_scalar(sql).fetch_one(&world.pool).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
}
