//! Answers that say neither yes nor no.

use jiff::SignedDuration;
use proto::messenger::v1::DeliveryState;

use crate::graph::Reply;
use crate::world::{NUMBER, World, eventually, receipt};

const IN_DOUBT: &str = "in doubt: a receipt may settle it";

#[tokio::test(flavor = "multi_thread")]
async fn html_502_is_a_doubt_that_a_receipt_settles_and_the_next_message_goes_at_once() {
    let world = World::start(&[]).await;
    world.graph.script([Reply::Raw(502, "<html>Bad Gateway</html>")]);
    let first = world.send("r1", "27820000001", "1").await;
    let second = world.send("r2", "27820000001", "2").await;

    world.until(&first, DeliveryState::InDoubt).await;
    world.until_waiting(1, IN_DOUBT).await;
    assert_eq!(world.get(&second).await.state(), DeliveryState::Queued);
    let recorded = world.record(vec![receipt("wamid.EDGE", "sent", &first)]).await;

    assert_eq!(recorded.applied_count, 1);
    let first = world.until(&first, DeliveryState::Sent).await;
    assert_eq!((first.whatsapp_message_id.as_str(), first.attempt_count), ("wamid.EDGE", 1));
    world.until(&second, DeliveryState::Accepted).await;
    assert_eq!(world.graph.texts(), ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn doubt_without_a_receipt_is_sent_once_more_after_the_settle_time_and_not_before() {
    for doubt in [Reply::Raw(502, "<html>"), Reply::Raw(200, "{}"), Reply::CutOff] {
        let world = World::start_frozen(&[]).await;
        world.graph.script([doubt]);
        let message = world.send("r1", "27820000001", "1").await;
        world.until_waiting(1, IN_DOUBT).await;

        let claims = claims(&world).await;
        world.advance(SignedDuration::from_secs(59)).await;
        eventually("the lane was looked at", || async { (claims_at_rest(&world).await? > claims).then_some(()) }).await;
        assert_eq!(world.graph.calls().len(), 1);
        world.advance(SignedDuration::from_secs(1)).await;

        let message = world.until(&message, DeliveryState::Accepted).await;
        assert_eq!(message.attempt_count, 2);
        assert_eq!(world.graph.calls().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_that_comes_too_late_is_a_doubt() {
    let world = World::start(&["--graph-timeout-ms=200"]).await;
    world.graph.script([Reply::Hang]);
    let message = world.send("r1", "27820000001", "1").await;

    world.until_waiting(1, IN_DOUBT).await;
    world.record(vec![receipt("wamid.SLOW", "delivered", &message)]).await;

    world.until(&message, DeliveryState::Delivered).await;
    let next = world.send("r2", "27820000001", "2").await;
    world.until(&next, DeliveryState::Accepted).await;
    assert_eq!(world.graph.texts(), ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_that_overtakes_the_answer_stands() {
    let world = World::start(&[]).await;
    world.graph.script([Reply::Hang]);
    let message = world.send("r1", "27820000001", "1").await;
    world.until_calls(1).await;

    world.record(vec![receipt("wamid.OUT1", "read", &message)]).await;
    world.graph.release();

    let events = eventually("the answer is recorded", || async {
        let message = world.get(&message).await;
        (message.events.len() == 3).then_some(message)
    })
    .await;
    assert_eq!(events.state(), DeliveryState::Read);
    assert_eq!(events.whatsapp_message_id, "wamid.OUT1");
}

#[tokio::test(flavor = "multi_thread")]
async fn server_that_cannot_be_reached_leaves_no_doubt() {
    // A port that was free a moment ago.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("--graph-api-url=http://{address}");
    let world = World::start(&[&url]).await;

    let message = world.send("r1", "27820000001", "1").await;

    let message = eventually("it was tried", || async {
        let message = world.get(&message).await;
        (message.attempt_count == 1 && message.state() == DeliveryState::Queued).then_some(message)
    })
    .await;
    assert_eq!(message.error_detail, "the Graph API could not be reached");
    assert_eq!(message.error_code, 0);
    assert!(world.graph.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn message_that_nobody_waits_for_any_more_is_given_up_and_the_lane_goes_on() {
    let world = World::start_frozen(&[]).await;
    world.graph.always(NUMBER, Reply::Error(503, 2));
    let old = world.send("r1", "27820000001", "1").await;
    world.until_calls(1).await;

    world.graph.always(NUMBER, Reply::Accept);
    world.clock.advance(SignedDuration::from_hours(25));
    let fresh = world.send("r2", "27820000001", "2").await;
    world.advance(SignedDuration::ZERO).await;

    let old = world.until(&old, DeliveryState::Failed).await;
    assert_eq!(old.error_code, 2);
    world.until(&fresh, DeliveryState::Accepted).await;
    assert_eq!(world.graph.texts(), ["1", "2"]);
}

async fn claims(world: &World) -> i64 {
    sqlx::query_scalar("SELECT sum(token)::bigint FROM lane").fetch_one(&world.pool).await.unwrap()
}

async fn claims_at_rest(world: &World) -> Option<i64> {
    let sql = "SELECT sum(token)::bigint FROM lane HAVING NOT bool_or(held)";
    sqlx::query_scalar(sql).fetch_optional(&world.pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn send_that_is_cut_off_after_its_receipt_came_is_settled_and_the_lane_goes_on() {
    let world = World::start(&[]).await;
    world.graph.script([Reply::HangThen(Box::new(Reply::CutOff))]);
    let first = world.send("r1", "27820000001", "1").await;
    let second = world.send("r2", "27820000001", "2").await;
    world.until_calls(1).await;

    world.record(vec![receipt("wamid.OUT1", "sent", &first)]).await;
    world.graph.release();

    world.until(&second, DeliveryState::Accepted).await;
    assert_eq!(world.get(&first).await.state(), DeliveryState::Sent);
    assert_eq!(world.graph.texts(), ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusal_of_an_earlier_send_leaves_a_later_one_in_doubt() {
    let world = World::start(&[]).await;
    world.graph.script([Reply::HangThen(Box::new(Reply::Error(400, 131_026)))]);
    let message = world.send("r1", "27820000001", "1").await;
    world.until_calls(1).await;

    // Somebody who got the lane meanwhile handed it over once more.
    sqlx::query("UPDATE message SET attempts = attempts + 1").execute(&world.pool).await.unwrap();
    world.graph.release();

    world.until_waiting(1, "it was handed over once more in the meantime").await;
    let message = world.get(&message).await;
    assert_eq!((message.state(), message.error_code), (DeliveryState::InDoubt, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn message_that_ends_its_senders_is_failed_and_the_lane_goes_on() {
    let world = World::start(&[]).await;
    world.graph.script([Reply::Error(400, 131_000)]);
    let first = world.send("r1", "27820000001", "1").await;
    world.until_waiting(1, "unknown failure").await;
    let second = world.send("r2", "27820000001", "2").await;

    sqlx::query("UPDATE lane SET head_claims = 1000, ready_at = now()").execute(&world.pool).await.unwrap();

    let first = world.until(&first, DeliveryState::Failed).await;
    assert!(first.error_detail.starts_with("given up"), "{}", first.error_detail);
    world.until(&second, DeliveryState::Accepted).await;
}
