//! The Graph API failing in each class of the table: answers are sent once, later, or given up and never block a lane.
#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

use std::time::Duration;

use devstack::meta_sim::{ReceiptMode, SendFault};
use devstack::script::When;
use stories::{House, HouseOptions, MESSENGER, eventually, people};

fn quick() -> HouseOptions {
    HouseOptions {
        environment: vec![
            (MESSENGER, "SETTLE_AFTER_SECONDS", "3".to_owned()),
            (MESSENGER, "HALT_PROBE_SECONDS", "1".to_owned()),
            (MESSENGER, "GRAPH_TIMEOUT_MS", "1500".to_owned()),
        ],
        ..HouseOptions::default()
    }
}

async fn error_codes(house: &House) -> Vec<i32> {
    sqlx::query_scalar("SELECT error_code FROM message WHERE state = 8 ORDER BY error_code")
        .fetch_all(&house.pool(MESSENGER).await)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn passing_faults_are_outlasted_and_the_answer_is_sent_once() {
    let house = House::start(quick()).await;
    let thandi = people(&house.meta, 1).remove(0);

    // Temporary, throughput, pair limit, maintenance, unknown, edge pages: each twice, then the send goes through.
    let faults = [
        SendFault::error(2),
        SendFault::error(130_429),
        SendFault::error(131_056),
        SendFault::error(131_057),
        SendFault::error(131_016),
    ];
    for (index, fault) in faults.into_iter().enumerate() {
        house.meta.fail_sends(When::Next(1), fault.clone());
        let answer = house.ask(&thandi, "add 1 screws").await;
        assert!(answer.text.ends_with(&format!("Now {}", index + 1)) || index == 0, "{fault:?}: {}", answer.text);
        assert_eq!(house.meta.sent_count(), index + 1, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_for_good_is_recorded_and_the_next_answer_goes_out() {
    let house = House::start(quick()).await;
    let thandi = people(&house.meta, 1).remove(0);

    // The closed window last: what is said before it became known is not sent at all, and would leave a refusal over.
    for code in [131_026, 100, 131_009, 131_051, 131_047] {
        house.meta.fail_sends(When::Next(1), SendFault::error(code));
    }
    for _ in 0..5 {
        house.meta.say(&thandi, "add 1 screws");
    }
    let pool = house.pool(MESSENGER).await;
    eventually("five are given up", || async {
        let failed: i64 =
            sqlx::query_scalar("SELECT count(*) FROM message WHERE state = 8").fetch_one(&pool).await.unwrap();
        failed == 5
    })
    .await;
    let answer = house.ask(&thandi, "how many screws").await;

    assert_eq!(answer.text, "📦 screws 5", "stock moved although the answers could not be told");
    let codes = error_codes(&house).await;
    assert_eq!(codes, [100, 131_009, 131_026, 131_047, 131_051]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_halted_number_keeps_its_queue_and_sends_each_once_when_it_may_again() {
    let house = House::start(quick()).await;
    let everybody = people(&house.meta, 5);

    house.meta.fail_sends(When::Always, SendFault::error(190));
    for person in &everybody {
        house.meta.say(person, "Added 50 screws");
    }
    let pool = house.pool(MESSENGER).await;
    eventually("all answers wait in the outbox", || async {
        let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM message").fetch_one(&pool).await.unwrap();
        waiting == 5 && !house.meta.refusals().is_empty()
    })
    .await;
    house.meta.clear_faults();

    eventually("all are sent", || async { house.meta.sent_count() == 5 }).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(house.meta.sent_count(), 5, "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_without_an_answer_is_settled_by_its_receipt_and_not_sent_again() {
    let house = House::start(quick()).await;
    let thandi = people(&house.meta, 1).remove(0);

    house.meta.fail_sends(When::Next(1), SendFault::AcceptThenCut);
    let answer = house.ask(&thandi, "Added 50 screws").await;
    assert!(answer.text.starts_with("✅ Added 50 screws"));
    let pool = house.pool(MESSENGER).await;
    eventually("the receipt settles it", || async {
        let state: i16 = sqlx::query_scalar("SELECT max(state) FROM message").fetch_one(&pool).await.unwrap();
        (4..=6).contains(&state)
    })
    .await;
    house.ask(&thandi, "how many screws").await;

    assert_eq!(house.meta.sent_count(), 2, "one send for each of the two answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_without_an_answer_or_a_receipt_is_sent_once_more() {
    let house = House::start(quick()).await;
    let thandi = people(&house.meta, 1).remove(0);
    house.meta.set_receipts(ReceiptMode::Off);

    house.meta.fail_sends(When::Next(1), SendFault::html_502());
    let answer = house.ask(&thandi, "Added 50 screws").await;

    assert!(answer.text.starts_with("✅ Added 50 screws"));
    assert_eq!(house.meta.sent_count(), 1);
}
