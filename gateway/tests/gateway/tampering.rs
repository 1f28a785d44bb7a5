//! Messages that were changed or deleted after they were handled.

use serde_json::{Value, json};

use crate::world::{World, message, with};

const PHONE: &str = "27820000001";

fn edited(wamid: &str, original: &str) -> Value {
    message(PHONE, wamid, "edit", &json!({ "original_message_id": original, "message": { "type": "text" } }))
}

fn revoked(wamid: &str, original: &str) -> Value {
    message(PHONE, wamid, "revoke", &json!({ "original_message_id": original }))
}

fn unsupported(wamid: &str) -> Value {
    let bare = message(PHONE, wamid, "unsupported", &Value::Null);
    with(bare, "errors", &json!([{ "code": 131_051, "title": "Message type unknown" }]))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_changed_or_deleted_message_did_stands_and_can_be_undone_once() {
    for (notice, words) in [
        (
            edited("wamid.N", "wamid.1"),
            "⚠️ You changed a message. Stock was not changed with it.\nStill counts: +50 screws",
        ),
        (
            revoked("wamid.N", "wamid.1"),
            "⚠️ You deleted a message. Stock was not changed back.\nStill counts: +50 screws",
        ),
        // As it comes on most numbers: without a word, under the id of the message itself.
        (
            unsupported("wamid.1"),
            "⚠️ You changed or deleted a message. Stock was not changed back.\nStill counts: +50 screws",
        ),
        // Under an id of its own, quoting the message.
        (
            with(unsupported("wamid.N"), "context", &json!({ "id": "wamid.1" })),
            "⚠️ You changed or deleted a message. Stock was not changed back.\nStill counts: +50 screws",
        ),
    ] {
        let world = World::start().await;
        world.say(PHONE, "wamid.1", "add 50 screws").await;

        world.take(std::slice::from_ref(&notice)).await;

        let (text, taps) = world.newest(PHONE);
        assert_eq!(text, words);
        assert_eq!(taps[0].1, "Undo");
        assert_eq!(world.inventory.state().posted.len(), 1, "stock stands");
        let undone = world.tap(PHONE, "wamid.T", "Undo").await;
        assert_eq!(undone, "↩️ Undone: +50 screws. Back to 0");
        assert!(!world.inventory.posted_by("wamid.1").unwrap().reversed_by.is_empty());

        // Changed once more: it is told that nothing of it is left.
        world.take(&[with(notice, "timestamp", &json!("1790416801"))]).await;
        assert_eq!(world.newest(PHONE).0, "↩️ What that message saved was undone before. Nothing changed.");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_under_the_id_of_the_message_is_a_message_of_its_own_each_time() {
    let world = World::start().await;
    world.say(PHONE, "wamid.1", "add 50 screws").await;
    let first = with(unsupported("wamid.1"), "timestamp", &json!("1790416801"));
    let second = with(unsupported("wamid.1"), "timestamp", &json!("1790416802"));

    world.take(&[first.clone(), first.clone(), second]).await;
    world.take(&[first]).await;

    assert_eq!(world.answers(PHONE).len(), 3, "one for the message and one for each notice, a repeat adds none");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_leads_to_what_was_done_by_its_answer() {
    let world = World::start().await;
    world.inventory.state().alike.insert("coke".to_owned(), vec!["coke 2l".to_owned(), "coke can".to_owned()]);
    world.say(PHONE, "wamid.1", "sold 3 coke").await;
    world.tap(PHONE, "wamid.2", "coke can").await;

    world.take(&[revoked("wamid.N", "wamid.1")]).await;

    let (text, _) = world.newest(PHONE);
    assert_eq!(text, "⚠️ You deleted a message. Stock was not changed back.\nStill counts: −3 coke can");
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_that_led_to_questions_are_followed_to_what_was_done() {
    let world = World::start().await;
    world.inventory.state().alike.insert("coke".to_owned(), vec!["coke 2l".to_owned(), "coke can".to_owned()]);
    let words = message(PHONE, "wamid.1", "text", &json!({ "body": "sold 3 coke" }));
    world.take(&[with(words, "context", &json!({ "forwarded": true }))]).await;
    world.tap(PHONE, "wamid.2", "Yes").await;
    world.tap(PHONE, "wamid.3", "coke can").await;

    world.take(&[revoked("wamid.N", "wamid.1")]).await;

    let (text, _) = world.newest(PHONE);
    assert_eq!(text, "⚠️ You deleted a message. Stock was not changed back.\nStill counts: −3 coke can");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_name_only_what_is_recent_is_offered() {
    for (age_seconds, words) in [
        (
            0,
            "❓ I could not read that. If you changed or deleted a message: stock was not changed back.\nLast saved: +50 screws",
        ),
        (
            3_500,
            "❓ I could not read that. If you changed or deleted a message: stock was not changed back.\nLast saved: +50 screws",
        ),
        (3_700, "❓ I cannot read that kind of message. Nothing changed. Write it like \"add 20 milk\""),
    ] {
        let world = World::start().await;
        world.inventory.state().age_seconds = age_seconds;
        world.say(PHONE, "wamid.1", "add 50 screws").await;

        world.take(&[unsupported("wamid.N")]).await;

        assert_eq!(world.newest(PHONE).0, words, "{age_seconds} seconds old");
        let sent = world.messenger.sent_to(PHONE).pop().unwrap();
        assert!(sent.inbound_time.is_none(), "nobody knows whether it opens the 24 hours");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_signs_up_by_deleting_a_message() {
    let world = World::start().await;

    world.take(&[unsupported("wamid.1"), edited("wamid.2", "wamid.0"), revoked("wamid.3", "wamid.0")]).await;

    assert!(world.inventory.state().members.is_empty());
    assert!(world.messenger.sent().is_empty());
}
