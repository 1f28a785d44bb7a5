//! A thought in two messages is one line; half of one alone is asked about; nothing is counted twice when somebody dies.

use platform::error::Situation;
use serde_json::json;

use crate::world::{World, eventually, message, notification};

const PHONE: &str = "27820000001";

fn text(wamid: &str, body: &str) -> serde_json::Value {
    message(PHONE, wamid, "text", &json!({ "body": body }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_and_its_item_are_one_line_and_one_answer() {
    let world = World::start_with(&["--join-within-ms=10000"]).await;

    world.take(&[text("wamid.1", "50"), text("wamid.2", "screws came in")]).await;

    assert_eq!(world.answers(PHONE), ["✅ Added 50 screws to inventory\nNow 50"]);
    assert_eq!(world.inventory.state().posted[0].request_id, "wamid.2");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_halves_wait_for_a_ledger_that_is_down() {
    let world = World::start_with(&["--join-within-ms=10000"]).await;
    world.inventory.state().refusals =
        vec![(Situation::Unavailable, "ERROR_REASON_DATABASE_UNAVAILABLE"); 1_000].into();
    assert_eq!(world.post(&notification(&[text("wamid.1", "50"), text("wamid.2", "screws came in")])).await, 200);
    eventually("it was tried", || async { world.inventory.state().refusals.len() < 999 }).await;

    world.inventory.state().refusals.clear();
    world.until_idle().await;

    assert_eq!(world.answers(PHONE), ["✅ Added 50 screws to inventory\nNow 50"]);
    assert_eq!(world.inventory.state().posted.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_after_both_halves_were_saved_counts_nothing_twice() {
    let world = World::start_with(&["--join-within-ms=10000"]).await;
    world.inventory.state().lost.push("PostOperation");

    world.take(&[text("wamid.1", "50"), text("wamid.2", "screws came in")]).await;

    assert_eq!(world.answers(PHONE), ["✅ Added 50 screws to inventory\nNow 50"]);
    assert_eq!(world.inventory.state().posted.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_by_itself_is_not_read_into_the_half_before_it() {
    let world = World::start_with(&["--join-within-ms=10000"]).await;

    world.take(&[text("wamid.1", "50"), text("wamid.2", "add 3 bread")]).await;

    let answers = world.answers(PHONE);
    assert_eq!(answers.len(), 2, "{answers:?}");
    assert!(answers[0].starts_with('❓'), "the half is asked about: {answers:?}");
    assert!(answers[1].starts_with("✅ Added 3 bread"));
}

#[tokio::test(flavor = "multi_thread")]
async fn half_of_something_that_stays_alone_is_answered_after_its_time() {
    let world = World::start_with(&["--join-within-ms=1"]).await;

    world.take(&[text("wamid.1", "50")]).await;

    assert_eq!(world.answers(PHONE).len(), 1);
    assert!(world.inventory.state().posted.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_half_does_not_answer_the_question_that_both_led_to() {
    let world = World::start_with(&["--join-within-ms=10000"]).await;
    let names = ["coke 2l", "coke can"].map(str::to_owned).to_vec();
    world.inventory.state().alike.insert("coke".to_owned(), names);
    // The question is open by then, and its answer is on its way again.
    world.messenger.refuse(2);

    world.take(&[text("wamid.1", "2"), text("wamid.2", "coke came in")]).await;

    assert_eq!(world.answers(PHONE).len(), 1);
    assert!(world.answers(PHONE)[0].starts_with("❓ Which \"coke\"?"), "{:?}", world.answers(PHONE));
    assert!(world.inventory.state().posted.is_empty(), "nobody chose");
}
