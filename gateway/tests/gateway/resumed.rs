//! Messages that were begun and are taken up again, when something changed meanwhile.

use platform::error::Situation;
use serde_json::json;

use crate::world::{World, eventually, message, notification};

const PHONE: &str = "27820000001";

/// A world in which a message was planned, and the ledger is down.
async fn begun() -> World {
    let world = World::start().await;
    world.inventory.state().refusals =
        vec![(Situation::Unavailable, "ERROR_REASON_DATABASE_UNAVAILABLE"); 1_000].into();
    let text = message(PHONE, "wamid.1", "text", &json!({ "body": "add 50 screws" }));
    assert_eq!(world.post(&notification(&[text])).await, 200);
    eventually("it was tried", || async { world.inventory.state().refusals.len() < 1_000 }).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_this_version_cannot_read_is_not_decided_anew() {
    let world = begun().await;
    // A newer version was at it, an hour ago.
    sqlx::query("UPDATE job SET progress = '{\"plan\":7}', created_at = created_at - interval '1 hour'")
        .execute(&world.pool)
        .await
        .unwrap();

    eventually("the person is told", || async { !world.answers(PHONE).is_empty() }).await;

    let answers = world.answers(PHONE);
    assert!(answers[0].contains("see if it was saved"), "it is not known: {answers:?}");
    let dead: i64 = sqlx::query_scalar("SELECT count(*) FROM job WHERE dead").fetch_one(&world.pool).await.unwrap();
    assert_eq!(dead, 1, "kept for the version that can read it");
    assert!(world.inventory.state().posted.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_in_a_shop_that_is_gone_is_done_in_the_present_one() {
    let world = begun().await;
    {
        let mut state = world.inventory.state();
        state.members[0].id = uuid::Uuid::from_u128(7);
        state.refusals.clear();
    }

    world.until_idle().await;

    assert_eq!(world.answers(PHONE), ["✅ Added 50 screws to inventory\nNow 50"]);
    assert_eq!(world.inventory.state().posted.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_saved_before_under_the_id_of_the_message_was_done() {
    let world = World::start().await;
    world.say(PHONE, "wamid.0", "add 50 screws").await;
    {
        // Another version saved it, in other words.
        let mut state = world.inventory.state();
        state.posted[0].request_id = "wamid.1".to_owned();
        state.refusals.push_back((Situation::RuleSaysNo, "ERROR_REASON_REQUEST_ID_REUSED"));
    }

    world.say(PHONE, "wamid.1", "add 60 screws").await;

    let (text, taps) = world.newest(PHONE);
    assert_eq!(text, "✅ Added 50 screws to inventory\nNow 50");
    assert_eq!(taps[0].1, "Undo");
    assert_eq!(world.inventory.state().posted.len(), 1);
}
