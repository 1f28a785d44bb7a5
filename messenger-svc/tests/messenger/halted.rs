//! A number that may not send keeps its queue and goes on by itself.

use std::collections::HashMap;

use proto::messenger::v1::DeliveryState;

use crate::graph::Reply;
use crate::world::{NUMBER, World, eventually};

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
    assert!(calls[1..4].windows(2).all(|pair| pair[1].at - pair[0].at > std::time::Duration::from_millis(700)));
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
