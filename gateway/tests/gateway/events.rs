//! Notifications about the account.

use gateway::events;
use jiff::Timestamp;
use serde_json::json;

use crate::world::{World, change};

#[tokio::test(flavor = "multi_thread")]
async fn what_meta_says_of_the_account_is_listed_newest_first_with_its_alert() {
    let world = World::start().await;
    let paused = json!({ "event": "PAUSED", "message_template_id": 12, "message_template_name": "login_code", "message_template_language": "en_US" });
    let approved =
        json!({ "event": "APPROVED", "message_template_name": "login_code", "message_template_language": "en_US" });
    let mut later = change("message_template_status_update", &paused);
    later["entry"][0]["time"] = json!(1_790_500_000);
    for notification in [
        change("message_template_status_update", &paused),
        change("message_template_status_update", &paused),
        change("message_template_status_update", &approved),
        later,
        change("messages", &json!({ "metadata": { "phone_number_id": "2000" }, "errors": [{ "code": 190 }] })),
    ] {
        assert_eq!(world.post(&notification).await, 200);
    }

    let listed = events::list(&world.pool, Timestamp::UNIX_EPOCH, 10).await.unwrap();

    let lines: Vec<(&str, Option<&str>)> =
        listed.iter().map(|event| (event.summary.as_str(), event.alert.map(events::Alert::word))).collect();
    assert_eq!(
        lines,
        [
            ("Meta reports error 190", Some("token_invalid")),
            ("template login_code (en_US): PAUSED, reason not said", Some("template_paused")),
            ("template login_code (en_US): APPROVED, reason not said", None),
            ("template login_code (en_US): PAUSED, reason not said", Some("template_paused")),
        ],
        "a repeat is the same event, the same on another day is another"
    );
    let raw: serde_json::Value = serde_json::from_slice(&listed[3].raw).unwrap();
    assert_eq!(raw["changes"][0]["value"]["message_template_id"], 12);
    assert_eq!(events::list(&world.pool, Timestamp::UNIX_EPOCH, 1).await.unwrap().len(), 1);
    assert!(events::list(&world.pool, Timestamp::MAX, 10).await.unwrap().is_empty());
}
