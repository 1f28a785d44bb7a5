//! What Meta says of its limits is honoured.

use proto::messenger::v1::DeliveryState;

use crate::graph::Reply;
use crate::world::World;

const RATE: &str = "the rate of the number is used up";

#[tokio::test(flavor = "multi_thread")]
async fn limit_that_is_used_up_holds_the_number_back_for_as_long_as_meta_says() {
    let world = World::start_frozen(&[]).await;
    let business = r#"{"1":[{"type":"messaging","call_count":100,"estimated_time_to_regain_access":2}]}"#;
    world.graph.header(Some(("x-business-use-case-usage", business)));
    let first = world.send("r1", "27820000001", "1").await;
    world.until(&first, DeliveryState::Accepted).await;
    world.graph.header(None);

    let second = world.send("r2", "27820000002", "2").await;
    world.until_waiting(1, RATE).await;
    world.advance(jiff::SignedDuration::from_secs(119)).await;
    world.until_waiting(1, RATE).await;
    assert_eq!(world.graph.calls().len(), 1);
    world.advance(jiff::SignedDuration::from_secs(1)).await;

    world.until(&second, DeliveryState::Accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_below_the_limit_holds_nobody_back() {
    let world = World::start_frozen(&[]).await;
    world.graph.header(Some(("x-app-usage", r#"{"call_count":99,"total_cputime":1,"total_time":1}"#)));

    for i in 0..3 {
        let message = world.send(&format!("r{i}"), &format!("2782000000{i}"), "x").await;
        world.until(&message, DeliveryState::Accepted).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_lengthens_the_wait() {
    let world = World::start(&[]).await;
    world.graph.header(Some(("retry-after", "40")));
    world.graph.script([Reply::Error(429, 130_429)]);

    let message = world.send("r1", "27820000001", "1").await;

    world.until_calls(1).await;
    let delay = world.delay(&message).await;
    // A second more: the wait may have been stored after the instant from which this is counted.
    assert!((30.0..41.0).contains(&delay), "{delay}");
}
