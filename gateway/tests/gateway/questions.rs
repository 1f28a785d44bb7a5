//! Questions that wait: interrupted, repeated once, replaced, answered late, and what their answers teach.

use serde_json::json;

use crate::world::{World, message, with};

const PHONE: &str = "27820000001";

async fn last(world: &World, wamid: &str, text: &str) -> String {
    world.say(PHONE, wamid, text).await.pop().unwrap()
}

fn coke(world: &World) {
    let names = ["coke 2l", "coke can"].map(str::to_owned).to_vec();
    world.inventory.state().alike.insert("coke".to_owned(), names);
}

#[tokio::test(flavor = "multi_thread")]
async fn how_many_are_in_a_case_is_asked_once_and_remembered() {
    let world = World::start().await;

    assert!(last(&world, "wamid.1", "sold 2 case milk").await.starts_with("❓ How many milk are in a case?"));
    world.inventory.state().lost.push("PostOperation");
    assert_eq!(last(&world, "wamid.2", "12").await.lines().next(), Some("✅ Sold 2 cases (24) milk"));
    assert_eq!(last(&world, "wamid.3", "sold 1 case milk").await.lines().next(), Some("✅ Sold 1 case (12) milk"));
    assert_eq!(world.inventory.state().posted.len(), 2, "the answer that was lost was the first one's");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_teaches_what_the_person_calls_an_item_also_when_that_dies_in_between() {
    let world = World::start().await;
    coke(&world);
    world.say(PHONE, "wamid.1", "sold 3 coke").await;
    world.inventory.state().shelf.is_lost = true;

    assert_eq!(last(&world, "wamid.2", "2").await.lines().next(), Some("✅ Sold 3 coke can"));

    let state = world.inventory.state();
    assert_eq!(state.posted.len(), 1);
    assert_eq!(state.shelf.done.len(), 1, "one name: {:?}", state.shelf.done);
    assert!(state.shelf.done[0].0.starts_with("wamid.2/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn something_else_in_between_is_done_and_the_question_is_repeated_once() {
    let world = World::start().await;
    coke(&world);
    world.say(PHONE, "wamid.1", "sold 3 coke").await;

    let between = last(&world, "wamid.2", "add 5 milk").await;
    assert!(between.starts_with("✅ Added 5 milk") && between.contains("Still open: Which \"coke\"?"), "{between}");
    let again = last(&world, "wamid.3", "add 6 milk").await;
    assert!(!again.contains("Still open"), "{again}");
    assert_eq!(last(&world, "wamid.4", "1").await.lines().next(), Some("✅ Sold 3 coke 2l"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_it_in_full_instead_closes_the_question() {
    let world = World::start().await;
    coke(&world);
    world.say(PHONE, "wamid.1", "sold 3 coke").await;
    let (_, taps) = world.newest(PHONE);

    let full = last(&world, "wamid.2", "sold 3 coke can").await;
    assert!(!full.contains("Still open"), "{full}");

    let reply = json!({ "type": "button_reply", "button_reply": { "id": taps[1].0, "title": "coke can" } });
    world.take(&[message(PHONE, "wamid.3", "interactive", &reply)]).await;
    assert_eq!(world.inventory.state().posted.len(), 1, "not counted twice: {}", world.newest(PHONE).0);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_buttons_are_told_what_became_of_their_question() {
    let world = World::start().await;
    coke(&world);
    world.say(PHONE, "wamid.1", "sold 3 coke").await;
    let (_, old) = world.newest(PHONE);
    let tap = |id: &str| json!({ "type": "button_reply", "button_reply": { "id": id, "title": "x" } });
    world.say(PHONE, "wamid.2", "sold 4 coke").await;

    world.take(&[message(PHONE, "wamid.3", "interactive", &tap(&old[0].0))]).await;
    assert!(world.newest(PHONE).0.starts_with("A newer question took its place."), "{}", world.newest(PHONE).0);
    assert_eq!(last(&world, "wamid.4", "1").await.lines().next(), Some("✅ Sold 4 coke 2l"));

    // By quoting the question, too.
    let late = with(message(PHONE, "wamid.5", "text", &json!({ "body": "1" })), "context", &json!({ "id": "out.1" }));
    world.take(&[late]).await;
    assert!(world.inventory.state().posted.len() <= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_times_the_usual_waits_for_a_yes() {
    let world = World::start().await;
    world.inventory.state().usual.insert("screws".to_owned(), 200);

    assert_eq!(
        last(&world, "wamid.1", "add 2000 screws").await.lines().next(),
        Some("✅ Added 2000 screws to inventory")
    );
    assert_eq!(last(&world, "wamid.2", "add 2001 screws").await, "❓ Add 2001 screws? You usually add 200.");
    assert_eq!(world.inventory.state().posted.len(), 1);
    assert!(last(&world, "wamid.3", "yes").await.starts_with("✅ Added 2001 screws"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_in_the_list_is_an_answer_only_while_it_is_open() {
    let world = World::start_with(&["--join-within-ms=0"]).await;
    coke(&world);
    world.say(PHONE, "wamid.1", "sold 3 coke").await;

    assert_eq!(last(&world, "wamid.2", "the second one").await.lines().next(), Some("✅ Sold 3 coke can"));
    assert!(last(&world, "wamid.3", "2").await.starts_with('❓'), "no question is open any more");
    assert_eq!(world.inventory.state().posted.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn restock_is_asked_about_the_first_time_and_remembered() {
    let world = World::start().await;
    world.say(PHONE, "wamid.0", "add 10 screws").await;

    let question = last(&world, "wamid.1", "restock 50 screws").await;
    assert_eq!(question, "❓ Restock screws 50: did that come in on top, or is that what there is now?");
    assert_eq!(world.inventory.state().posted.len(), 1);
    world.inventory.state().lost.push("PostOperation");
    let counted = world.tap(PHONE, "wamid.2", "Counted").await;
    assert!(counted.starts_with("✅ Counted 50 screws"), "{counted}");

    let again = last(&world, "wamid.3", "restock 70 screws").await;
    assert!(again.starts_with("✅ Counted 70 screws"), "{again}");
    let other = world.say("27820000002", "wamid.4", "restock 5 screws").await;
    assert!(other[0].starts_with("❓ Restock screws 5"), "everybody means their own: {other:?}");
    assert!(world.tap("27820000002", "wamid.5", "Came in").await.starts_with("✅ Added 5 screws"));
    let added = world.say("27820000002", "wamid.6", "restock 6 screws").await;
    assert!(added.last().unwrap().starts_with("✅ Added 6 screws"), "{added:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_stay_unread_beside_a_write_ask_for_a_yes() {
    let world = World::start().await;

    let question = last(&world, "wamid.1", "add 5 milk unread").await;

    assert!(question.starts_with("❓ Add 5 milk"), "{question}");
    assert!(world.inventory.state().posted.is_empty());
    assert!(world.tap(PHONE, "wamid.2", "Yes").await.starts_with("✅ Added 5 milk"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_that_is_used_up_is_said_with_what_still_works() {
    let world = World::start().await;

    let text = last(&world, "wamid.1", "budget").await;

    assert!(text.starts_with("❓ I did not get that. Until tomorrow I only read plain sentences"), "{text}");
    assert!(last(&world, "wamid.2", "af: budget").await.starts_with("❓ Ek het dit nie gekry nie. Tot môre"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_shop_keeps_is_asked_for_once_a_minute_and_not_with_every_message() {
    let world = World::start().await;

    for number in 1..=3 {
        world.say(PHONE, &format!("wamid.{number}"), "help").await;
    }

    assert_eq!(world.inventory.state().item_lists, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_was_emptied_is_said_to_be_also_when_the_answer_was_lost() {
    let world = World::start().await;
    world.inventory.state().shelf.put("bread", 12);
    world.inventory.state().shelf.put("milk", 5);

    assert!(last(&world, "wamid.1", "clear everything").await.starts_with('❓'));
    world.inventory.state().lost.push("PostOperation");
    let answer = world.tap(PHONE, "wamid.2", "Yes").await;

    assert!(!answer.contains("Nothing changed") && answer.contains("bread"), "{answer}");
    assert_eq!(world.inventory.state().posted.len(), 1);
}
