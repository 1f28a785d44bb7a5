//! A number that may not send keeps its queue and goes on by itself.

use std::collections::HashMap;

use jiff::SignedDuration;
use proto::messenger::v1::DeliveryState;

use crate::graph::Reply;
use crate::world::{NUMBER, World, eventually, failed, happened, receipt};

const HALTED: &str = "the number is halted";

async fn is_halted(world: &World) -> bool {
    let sql = "SELECT count(*) > 0 FROM number_state WHERE halted_at IS NOT NULL";
    sqlx::query_scalar(sql).fetch_one(&world.pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn number_halted_by_its_token_loses_nothing_and_sends_each_once_after_the_file_changes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "withdrawn\n").unwrap();
    let path = file.to_str().unwrap();
    let world = World::start(&[
        "--whatsapp-access-token-file",
        path,
        "--number-rate-per-second=10000",
        "--halt-probe-seconds=3600",
    ])
    .await;
    world.graph.accept_tokens(&["renewed"]);
    let mut messages = Vec::new();
    for i in 0..200 {
        let phone = format!("2782000{:04}", i % 150);
        messages.push(world.send(&format!("r{i}"), &phone, &i.to_string()).await);
    }
    eventually("the number is halted", || async { is_halted(&world).await.then_some(()) }).await;
    eventually("every lane waits", || async {
        let sql = "SELECT count(*) FROM lane WHERE held OR (pending > 0 AND ready_at <= now())";
        let busy: i64 = sqlx::query_scalar(sql).fetch_one(&world.pool).await.unwrap();
        (busy == 0).then_some(())
    })
    .await;
    assert!(world.graph.calls().len() <= 64, "no more than were in hand: {}", world.graph.calls().len());

    std::fs::write(folder.path().join("new"), "renewed\n").unwrap();
    std::fs::rename(folder.path().join("new"), &file).unwrap();

    for message in &messages {
        world.until(message, DeliveryState::Accepted).await;
    }
    assert!(!is_halted(&world).await);
    let taken = world.graph.calls().into_iter().filter(|call| call.authorization == "Bearer renewed");
    let mut per_text: HashMap<String, usize> = HashMap::new();
    let mut per_person: HashMap<String, Vec<usize>> = HashMap::new();
    for call in taken {
        *per_text.entry(call.text()).or_default() += 1;
        let person = call.body["to"].as_str().unwrap().to_owned();
        per_person.entry(person).or_default().push(call.text().parse().unwrap());
    }
    assert_eq!(per_text.len(), 200);
    assert!(per_text.values().all(|count| *count == 1));
    assert!(per_person.values().all(|texts| texts.is_sorted()));
}

#[tokio::test(flavor = "multi_thread")]
async fn halted_number_is_tried_by_one_message_at_a_time_and_goes_on_when_one_comes_through() {
    let world = World::start(&["--halt-probe-seconds=1"]).await;
    world.graph.always(NUMBER, Reply::Error(400, 131_042));
    let first = world.send("r0", "27820000000", "0").await;
    eventually("the number is halted", || async { is_halted(&world).await.then_some(()) }).await;
    let mut messages = vec![first];
    for i in 1..10 {
        messages.push(world.send(&format!("r{i}"), &format!("2782000000{i}"), &i.to_string()).await);
    }
    world.until_calls(4).await;
    let calls = world.graph.calls();
    // Two pauses of a second, less what the first of the three calls was longer on its way than the last.
    assert!(calls[3].at - calls[1].at > std::time::Duration::from_secs(1));
    assert!(messages.len() > calls.len());

    world.graph.always(NUMBER, Reply::Accept);

    for message in &messages {
        let message = world.until(message, DeliveryState::Accepted).await;
        assert_eq!(message.error_code, 0);
    }
    assert!(!is_halted(&world).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_halted_number_leaves_the_others_alone() {
    let world = World::start(&[]).await;
    world.graph.always(NUMBER, Reply::Error(403, 131_031));
    world.send("r1", "27820000001", "held back").await;
    world.until_waiting(1, "the account is locked").await;
    world.send("r2", "27820000002", "held back").await;
    world.until_waiting(1, HALTED).await;

    let other = proto::messenger::v1::SendMessageRequest {
        business_phone_number_id: "999".to_owned(),
        ..crate::world::text("r3", "27820000001", "sent")
    };
    let id = world.client.clone().send_message(other).await.unwrap().into_inner().message_id;

    world.until(&id, DeliveryState::Accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn end_of_a_halt_wakes_who_waits_for_it_and_nobody_else() {
    let world = World::start(&["--halt-probe-seconds=1"]).await;
    world.graph.script([Reply::Error(400, 131_000)]);
    let other = world.send("r1", "27820000001", "waits a minute").await;
    world.until_waiting(1, "unknown failure").await;
    world.graph.script([Reply::Error(403, 131_031)]);
    let probe = world.send("r2", "27820000002", "halts").await;
    let held_back = world.send("r3", "27820000003", "held back").await;

    world.until(&probe, DeliveryState::Accepted).await;
    world.until(&held_back, DeliveryState::Accepted).await;

    assert!(world.delay(&other).await > 30.0);
    assert_eq!(world.get(&other).await.attempt_count, 1);
}

/// A number that takes its messages and fails them later, on a clock that stands still.
async fn halted_by_a_receipt(world: &World) {
    let first = world.send("first", "27820000000", "first").await;
    let first = world.until(&first, DeliveryState::Accepted).await;
    let late = happened(failed(&first.whatsapp_message_id, 131_042, ""), world.clock.now());
    world.record(vec![late]).await;
    eventually("the number is halted", || async { is_halted(world).await.then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn number_halted_by_receipts_loses_one_message_per_try_and_not_its_queue() {
    let world = World::start_frozen(&[]).await;
    halted_by_a_receipt(&world).await;
    for i in 0..10 {
        world.send(&format!("r{i}"), &format!("2782000010{i}"), &i.to_string()).await;
    }
    world.until_waiting(10, HALTED).await;

    for tries in 1..=3 {
        world.advance(SignedDuration::from_mins(5)).await;
        world.until_calls(1 + tries).await;
        let probe = world.graph.calls()[tries].message_id();
        let probe = world.until(&probe, DeliveryState::Accepted).await;
        assert!(is_halted(&world).await, "accepted says nothing");
        let late = happened(failed(&probe.whatsapp_message_id, 131_042, ""), world.clock.now());
        world.record(vec![late]).await;
        world.until_waiting(i64::try_from(10 - tries).unwrap(), HALTED).await;
    }

    assert_eq!(world.graph.calls().len(), 4);
    assert!(is_halted(&world).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn number_halted_by_receipts_goes_on_when_the_receipt_of_a_try_says_that_it_was_sent() {
    let world = World::start_frozen(&[]).await;
    halted_by_a_receipt(&world).await;
    let mut messages = Vec::new();
    for i in 0..10 {
        messages.push(world.send(&format!("r{i}"), &format!("2782000010{i}"), &i.to_string()).await);
    }
    world.until_waiting(10, HALTED).await;
    world.advance(SignedDuration::from_mins(5)).await;
    world.until_calls(2).await;
    let probe = world.until(&world.graph.calls()[1].message_id(), DeliveryState::Accepted).await;
    world.until_waiting(9, HALTED).await;

    world.record(vec![happened(receipt(&probe.whatsapp_message_id, "sent", ""), world.clock.now())]).await;

    for message in &messages {
        eventually("it was sent", || async {
            let state = world.get(message).await.state();
            matches!(state, DeliveryState::Accepted | DeliveryState::Sent).then_some(())
        })
        .await;
    }
    assert!(!is_halted(&world).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn number_halted_by_receipts_goes_on_after_quiet_and_not_before() {
    let world = World::start_frozen(&["--halt-quiet-seconds=100"]).await;
    halted_by_a_receipt(&world).await;
    let (first, second) = (world.send("r1", "27820000101", "1").await, world.send("r2", "27820000102", "2").await);
    world.until_waiting(2, HALTED).await;
    world.advance(SignedDuration::from_secs(100)).await;
    world.until_calls(2).await;
    world.until_waiting(1, HALTED).await;

    world.advance(SignedDuration::from_secs(99)).await;
    world.until_waiting(1, HALTED).await;
    assert!(is_halted(&world).await);
    assert_eq!(world.graph.calls().len(), 2);
    world.advance(SignedDuration::from_secs(1)).await;

    for message in [&first, &second] {
        world.until(message, DeliveryState::Accepted).await;
    }
    assert!(!is_halted(&world).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn number_that_does_not_exist_is_halted_and_not_its_messages_failed_one_by_one() {
    let world = World::start(&["--halt-probe-seconds=1"]).await;
    world.graph.always(NUMBER, Reply::Suberror(400, 100, 33));
    let message = world.send("r1", "27820000001", "1").await;
    world.until_waiting(1, "the business number does not exist or the token may not see it").await;
    assert!(is_halted(&world).await);

    world.graph.always(NUMBER, Reply::Accept);

    world.until(&message, DeliveryState::Accepted).await;
}
