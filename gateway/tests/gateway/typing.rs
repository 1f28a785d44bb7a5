//! The read tick and "typing…".

use serde_json::json;

use crate::world::{NUMBER, World, eventually, message, notification};

#[tokio::test(flavor = "multi_thread")]
async fn typing_is_shown_once_while_somebody_thinks_and_never_for_a_quick_answer() {
    let world = World::start().await;
    world.say("27820000001", "wamid.quick", "add 5 milk").await;
    let slow = message("27820000002", "wamid.slow", "text", &json!({ "body": "slow question" }));
    assert_eq!(world.post(&notification(&[slow])).await, 200);

    eventually("typing is shown", || async { !world.messenger.marked().is_empty() }).await;
    assert!(world.answers("27820000002").is_empty(), "while it is thought about");
    world.parser.enough.notify_one();
    world.until_idle().await;

    let marked = world.messenger.marked();
    let [shown] = marked.as_slice() else { panic!("{marked:?}") };
    assert!(shown.show_typing);
    assert_eq!(shown.whatsapp_message_id, "wamid.slow");
    assert_eq!(shown.business_phone_number_id, NUMBER);
    assert_eq!(world.answers("27820000002").len(), 1);
}
