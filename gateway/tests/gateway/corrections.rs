//! Lines that are put right, and operations that are taken back: the last, a quoted one, one of an item, several.

use serde_json::json;

use crate::world::{World, message, with};

const PHONE: &str = "27820000001";

async fn last(world: &World, wamid: &str, text: &str) -> String {
    world.say(PHONE, wamid, text).await.pop().unwrap()
}

/// Says something about the answer that was sent as the one with this number.
async fn quoting(world: &World, wamid: &str, answer: usize, text: &str) -> String {
    let said = message(PHONE, wamid, "text", &json!({ "body": text }));
    world.take(&[with(said, "context", &json!({ "id": format!("out.{answer}") }))]).await;
    world.newest(PHONE).0
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_and_another_item_replace_the_newest_line() {
    let world = World::start().await;
    world.say(PHONE, "wamid.1", "add 50 screws").await;

    assert_eq!(last(&world, "wamid.2", "no 40").await, "✅ Fixed: screws 50 → 40\nNow 40");
    assert_eq!(last(&world, "wamid.3", "meant nails").await, "✅ Fixed: screws 40 → nails 40\nNow 40");
    assert_eq!(last(&world, "wamid.4", "no 40").await, "👍 It says so already. Nothing changed.");
    assert_eq!(world.newest(PHONE).1.len(), 0);
    assert_eq!(world.inventory.state().posted.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_put_right_where_nothing_was_saved() {
    let world = World::start().await;

    assert!(last(&world, "wamid.1", "no 40").await.starts_with("Nothing of yours from today to fix."));

    world.say(PHONE, "wamid.2", "add 50 screws").await;
    world.say(PHONE, "wamid.3", "undo").await;
    assert_eq!(
        quoting(&world, "wamid.4", 1, "40").await,
        "↩️ That was undone or fixed since. Nothing changed.",
        "the line is there no more"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_whose_answer_was_lost_is_made_once() {
    let world = World::start().await;
    world.say(PHONE, "wamid.1", "add 50 screws").await;
    world.inventory.state().lost.push("CorrectOperation");

    assert_eq!(last(&world, "wamid.2", "no 40").await, "✅ Fixed: screws 50 → 40\nNow 40");

    assert_eq!(world.answers(PHONE).len(), 2);
    assert_eq!(world.inventory.state().posted.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quoted_answer_says_which_line_is_meant() {
    let world = World::start().await;
    world.say(PHONE, "wamid.1", "add 50 screws").await;
    world.say(PHONE, "wamid.2", "add 6 milk").await;

    assert_eq!(quoting(&world, "wamid.3", 0, "40").await, "✅ Fixed: screws 50 → 40\nNow 40");
    // The answer that was quoted is put right once more, by what it says now.
    assert_eq!(quoting(&world, "wamid.4", 0, "30").await, "✅ Fixed: screws 40 → 30\nNow 30");
    assert!(quoting(&world, "wamid.5", 1, "undo").await.starts_with("↩️ Undone: +6 milk."));
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_goes_by_item_and_further_back_and_several_wait_for_a_yes() {
    let world = World::start().await;
    for (number, item) in ["screws", "milk", "bread", "nails"].iter().enumerate() {
        world.say(PHONE, &format!("wamid.{number}"), &format!("add 5 {item}")).await;
    }

    assert!(last(&world, "wamid.5", "undo item milk").await.starts_with("↩️ Undone: +5 milk."));
    assert!(last(&world, "wamid.6", "undo").await.starts_with("↩️ Undone: +5 nails."));
    assert!(last(&world, "wamid.7", "undo item milk").await.starts_with("Nothing of yours with milk to undo."));
    assert_eq!(last(&world, "wamid.8", "undo 2").await, "❓ Undo your last 2?");
    let said = world.tap(PHONE, "wamid.9", "Yes").await;
    assert!(said.contains("+5 bread") && said.contains("+5 screws"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_a_day_is_taken_back_after_a_yes() {
    let world = World::start().await;
    world.inventory.state().age_seconds = 25 * 60 * 60;
    world.say(PHONE, "wamid.1", "add 5 milk").await;

    assert_eq!(last(&world, "wamid.2", "undo item milk").await, "❓ That is more than a day old. Undo +5 milk?");
    assert!(world.tap(PHONE, "wamid.3", "Yes").await.starts_with("↩️ Undone: +5 milk."));
}
