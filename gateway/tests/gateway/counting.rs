//! Stock-takes through the door: known in every process, told apart from what is sold, done once, and free for everybody else.

use proto::inventory::v1::CountSessionState;
use serde_json::json;

use crate::world::{World, message};

const PHONE: &str = "27820000001";

async fn last(world: &World, wamid: &str, text: &str) -> String {
    world.say(PHONE, wamid, text).await.pop().unwrap()
}

fn seen(world: &World) -> Vec<(String, String)> {
    world.inventory.state().count.lines.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_of_a_stock_take_is_done_once_also_when_its_answer_is_lost() {
    let world = World::start().await;
    for (wamid, text, method, answer) in [
        ("wamid.1", "start count", "StartCountSession", "📋 Counting."),
        ("wamid.2", "milk 12", "RecordCountLines", "✅ milk 12 · 1 counted"),
        (
            "wamid.3",
            "count done",
            "",
            "📋 1 counted, 1 not as the book says:\nmilk: 12, book 10 (+2)\n❓ Save this count?",
        ),
    ] {
        if !method.is_empty() {
            world.inventory.state().lost.push(method);
        }
        let said = last(&world, wamid, text).await;
        assert!(said.starts_with(answer), "{said}");
    }
    world.inventory.state().lost.push("FinishCountSession");

    let saved = world.tap(PHONE, "wamid.4", "Yes, save").await;

    assert_eq!(saved, "✅ Count saved: 1 counted, 1 changed");
    assert_eq!(seen(&world), [("milk".to_owned(), "12".to_owned())]);
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM counting").fetch_one(&world.pool).await.unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_take_goes_on_after_a_restart_and_in_every_process() {
    let mut world = World::start().await;
    world.say(PHONE, "wamid.0", "help").await;
    let other = world.another().await;
    // This one believes to know that nothing is open.
    world.say(PHONE, "wamid.00", "help").await;
    last(&world, "wamid.1", "start count").await;

    let other = world.turn_to(other);
    last(&world, "wamid.2", "milk 12").await;
    other.1.begin();
    let (_, before) = world.another().await;
    before.begin();
    let sold = last(&world, "wamid.3", "sold 2 bread").await;
    last(&world, "wamid.4", "bread 3").await;

    assert!(sold.starts_with("✅ Sold 2 bread"), "{sold}");
    assert_eq!(world.inventory.state().posted.len(), 1);
    assert_eq!(seen(&world).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_in_the_ledger_is_over_in_the_chat() {
    let world = World::start().await;
    last(&world, "wamid.1", "start count").await;
    world.inventory.state().count.state = CountSessionState::Expired;

    let late = last(&world, "wamid.2", "milk 12").await;

    assert!(late.starts_with("📋 That count is over"), "{late}");
    assert!(seen(&world).is_empty());
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM counting").fetch_one(&world.pool).await.unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shown_before_more_was_counted_is_not_saved() {
    let world = World::start().await;
    last(&world, "wamid.1", "start count").await;
    last(&world, "wamid.2", "milk 12").await;
    last(&world, "wamid.3", "count done").await;
    let (_, taps) = world.newest(PHONE);
    last(&world, "wamid.4", "bread 3").await;

    let save = json!({ "type": "button_reply", "button_reply": { "id": taps[0].0, "title": taps[0].1 } });
    world.take(&[message(PHONE, "wamid.5", "interactive", &save)]).await;

    let (late, _) = world.newest(PHONE);
    assert!(late.starts_with("A newer question took its place."), "{late}");
    assert_eq!(world.inventory.state().count.state, CountSessionState::Open);
    let again = last(&world, "wamid.6", "yes").await;
    assert!(again.starts_with("📋 2 counted"), "{again}");
    assert_eq!(last(&world, "wamid.7", "save").await, "✅ Count saved: 2 counted, 2 changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_count_is_looked_up_once() {
    let world = World::start().await;
    world.say(PHONE, "wamid.0", "help").await;
    // Without the table a look at it would fail.
    sqlx::query("ALTER TABLE counting RENAME TO counting_away").execute(&world.pool).await.unwrap();

    let answer = last(&world, "wamid.1", "add 50 screws").await;

    sqlx::query("ALTER TABLE counting_away RENAME TO counting").execute(&world.pool).await.unwrap();
    assert!(answer.starts_with("✅ Added 50 screws"), "{answer}");
}
