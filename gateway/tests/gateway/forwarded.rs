//! Words that somebody else wrote.

use serde_json::{Value, json};

use crate::world::{World, message, with};

const PHONE: &str = "27820000001";

fn forwarded(wamid: &str, text: &str, rider: &Value) -> Value {
    with(message(PHONE, wamid, "text", &json!({ "body": text })), "context", rider)
}

#[tokio::test(flavor = "multi_thread")]
async fn forwarded_words_change_stock_only_after_a_yes() {
    for (place, rider) in
        [json!({ "forwarded": true }), json!({ "frequently_forwarded": true })].into_iter().enumerate()
    {
        let world = World::start().await;
        world.take(&[forwarded("wamid.1", "add 50 screws", &rider)]).await;
        assert_eq!(world.newest(PHONE).0, "❓ You forwarded this. Should I record it?\nAdd 50 screws");
        assert!(world.inventory.state().posted.is_empty());

        if place == 0 {
            assert_eq!(world.tap(PHONE, "wamid.2", "Yes").await, "✅ Added 50 screws to inventory\nNow 50");
            assert!(world.inventory.posted_by("wamid.2").is_some());
        } else {
            assert_eq!(world.tap(PHONE, "wamid.2", "No").await, "👍 Left as it was. Nothing changed.");
            assert!(world.inventory.state().posted.is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forwarded_yes_answers_no_question_and_a_forwarded_undo_waits() {
    let world = World::start().await;
    let rider = json!({ "forwarded": true });
    world.take(&[forwarded("wamid.1", "add 50 screws", &rider)]).await;

    world.take(&[forwarded("wamid.2", "yes", &rider)]).await;
    assert!(world.inventory.state().posted.is_empty());
    world.say(PHONE, "wamid.3", "yes").await;
    assert_eq!(world.inventory.state().posted.len(), 1);
    world.take(&[forwarded("wamid.4", "undo", &rider)]).await;

    assert_eq!(world.newest(PHONE).0, "❓ You forwarded this. Should I record it?");
    assert!(world.inventory.state().posted[0].reversed_by.is_empty());
    world.take(&[forwarded("wamid.5", "help", &rider)]).await;
    assert!(world.newest(PHONE).0.starts_with("I keep your stock."), "what changes nothing is answered");
}
