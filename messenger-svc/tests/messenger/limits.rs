//! The limits of a pair and of a number, from both sides, on a clock that stands still.

use std::collections::HashSet;
use std::time::Duration;

use jiff::SignedDuration;
use proto::messenger::v1::DeliveryState;

use crate::world::{World, reaction};

const PAIR: &str = "the pair limit is used up";
const RATE: &str = "the rate of the number is used up";

#[tokio::test(flavor = "multi_thread")]
async fn person_gets_45_at_once_and_then_one_per_six_seconds() {
    let world = World::start_frozen(&[]).await;
    // Reactions, because they are never merged.
    for i in 0..47 {
        let request = reaction(&format!("r{i}"), "27820000001", &format!("wamid.{i}"), "👍");
        world.client.clone().send_message(request).await.unwrap();
    }
    let other = world.send("other", "27820000002", "other").await;

    world.until(&other, DeliveryState::Accepted).await;
    world.until_waiting(1, PAIR).await;
    assert_eq!(world.graph.calls().len(), 46);

    world.advance(SignedDuration::from_millis(5_999)).await;
    world.until_waiting(1, PAIR).await;
    assert_eq!(world.graph.calls().len(), 46);

    world.advance(SignedDuration::from_millis(1)).await;
    world.until_calls(47).await;
    world.until_waiting(1, PAIR).await;
    assert_eq!(world.graph.calls().len(), 47);

    world.advance(SignedDuration::from_secs(6)).await;
    world.until_calls(48).await;
    let calls = world.graph.calls();
    let ids: Vec<&str> = calls.iter().filter_map(|call| call.body["reaction"]["message_id"].as_str()).collect();
    assert_eq!(ids, (0..47).map(|i| format!("wamid.{i}")).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn number_sends_80_in_a_second_and_not_one_more() {
    let world = World::start_frozen(&[]).await;
    for i in 0..90 {
        world.send(&format!("r{i}"), &format!("278200000{i:02}"), &i.to_string()).await;
    }

    world.until_calls(80).await;
    world.until_waiting(10, RATE).await;
    assert_eq!(world.graph.calls().len(), 80);

    world.advance(SignedDuration::from_secs(1)).await;
    world.until_calls(90).await;
    let texts: HashSet<String> = world.graph.texts().into_iter().collect();
    assert_eq!((texts.len(), world.graph.calls().len()), (90, 90));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_share_80_per_second_and_send_each_message_once() {
    let first = World::start(&[]).await;
    let second = first.replica(&[]).await;
    let sends = (0..240).map(|i| {
        let world = if i % 2 == 0 { &first } else { &second };
        async move { world.send(&format!("r{i}"), &format!("27820000{:03}", i / 2), &i.to_string()).await }
    });
    let messages = futures::future::join_all(sends).await;

    for message in &messages {
        first.until(message, DeliveryState::Accepted).await;
    }

    let calls = first.graph.calls();
    let texts: HashSet<String> = calls.iter().map(crate::graph::Call::text).collect();
    assert_eq!((calls.len(), texts.len()), (240, 240));
    // 240 slots 12.5 ms apart span 2,987 ms, and half of it when each replica had a rate of its own; arrivals may bunch when
    // the machine is busy.
    let span = calls.last().unwrap().at - calls[0].at;
    assert!(span > Duration::from_secs(2), "{span:?}");
}
