//! The 24 hours after a person's message, from both sides, on a clock that stands still.

use jiff::{SignedDuration, Timestamp};
use proto::messenger::v1 as pb;
use proto::messenger::v1::DeliveryState;

use crate::graph::Reply;
use crate::world::{self, World, eventually, failed, happened, template, user, wire};

const PHONE: &str = "27820000001";
const DAY: SignedDuration = SignedDuration::from_hours(24);
const MARGIN: SignedDuration = SignedDuration::from_mins(5);
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// To somebody whose user id is known, too.
fn named(request: pb::SendMessageRequest, phone: &str) -> pb::SendMessageRequest {
    pb::SendMessageRequest { recipient: Some(user(&format!("ZA.{phone}"), phone)), ..request }
}

fn text(request_id: &str, phone: &str, body: &str) -> pb::SendMessageRequest {
    named(world::text(request_id, phone, body), phone)
}

fn written_at(request: pb::SendMessageRequest, at: Timestamp) -> pb::SendMessageRequest {
    pb::SendMessageRequest { inbound_time: Some(wire(at)), ..request }
}

fn with_fallback(request: pb::SendMessageRequest) -> pb::SendMessageRequest {
    pb::SendMessageRequest { fallback: Some(template("stock_alert", "screws")), ..request }
}

/// Closed windows that are stored.
async fn closed_count(world: &World) -> i64 {
    let sql = "SELECT count(*) FROM service_window WHERE closed_at IS NOT NULL";
    sqlx::query_scalar(sql).fetch_one(&world.pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn text_goes_until_five_minutes_before_the_24_hours_are_over_and_fails_from_then_on() {
    let world = World::start_frozen(&[]).await;
    let now = world.clock.now();

    let last = world.put(written_at(text("r1", PHONE, "in time"), now - DAY + MARGIN + SECOND)).await;
    let late = world.put(written_at(text("r2", "27820000002", "too late"), now - DAY + MARGIN)).await;

    world.until(&last, DeliveryState::Accepted).await;
    let late = world.until(&late, DeliveryState::Failed).await;
    assert_eq!((late.error_code, late.attempt_count), (131_047, 0));
    assert!(late.error_detail.starts_with("not handed to Meta"), "{}", late.error_detail);
    assert!(late.events.iter().any(|event| event.state() == DeliveryState::Failed && event.error_code == 131_047));
    assert_eq!(world.graph.texts(), ["in time"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn newest_inbound_time_of_the_pair_counts_whoever_brought_it() {
    let world = World::start_frozen(&[]).await;
    let now = world.clock.now();

    let fresh = world.put(written_at(text("r1", PHONE, "1"), now)).await;
    let stale = world.put(written_at(text("r2", PHONE, "2"), now - DAY)).await;
    let silent = world.put(text("r3", PHONE, "3")).await;
    for message in [&fresh, &stale, &silent] {
        world.until(message, DeliveryState::Accepted).await;
    }

    world.clock.advance(DAY);
    let later = world.put(text("r4", PHONE, "4")).await;
    world.until(&later, DeliveryState::Failed).await;
    let again = world.put(written_at(text("r5", PHONE, "5"), world.clock.now() - SECOND)).await;
    world.until(&again, DeliveryState::Accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_is_written_only_when_it_moves_by_more_than_a_minute() {
    let world = World::start_frozen(&[]).await;
    let now = world.clock.now();
    let stored = || async {
        let sql = "SELECT xmin::text, extract(epoch FROM inbound_at)::bigint FROM service_window";
        sqlx::query_as::<_, (String, i64)>(sql).fetch_one(&world.pool).await.unwrap()
    };

    world.put(written_at(text("r1", PHONE, "1"), now - SECOND * 200)).await;
    let first = stored().await;
    world.put(written_at(text("r2", PHONE, "2"), now - SECOND * 140)).await;
    let second = stored().await;
    world.put(written_at(text("r3", PHONE, "3"), now - SECOND * 139)).await;
    let third = stored().await;

    assert_eq!(first, second);
    assert_ne!(second.0, third.0);
    assert_eq!(third.1, now.as_second() - 139);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_that_has_not_come_yet_opens_no_longer_window() {
    let world = World::start_frozen(&[]).await;
    let first = world.put(written_at(text("r1", PHONE, "1"), world.clock.now() + DAY)).await;
    world.until(&first, DeliveryState::Accepted).await;

    world.clock.advance(DAY);

    let late = world.put(text("r2", PHONE, "2")).await;
    world.until(&late, DeliveryState::Failed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn template_always_goes_and_stands_in_when_the_window_is_closed() {
    let world = World::start_frozen(&[]).await;
    let long_ago = world.clock.now() - DAY;

    let kind = pb::content::Kind::Template(template("order_ready", "now"));
    let own = world.put(written_at(named(world::sending("r1", PHONE, kind), PHONE), long_ago)).await;
    let standing_in = world.put(with_fallback(text("r2", PHONE, "low on screws"))).await;
    let nails = with_fallback(text("r3", "27820000002", "low on nails"));
    let open = world.put(written_at(nails, world.clock.now())).await;
    let closed = world.put(named(world::reaction("r4", PHONE, "wamid.IN", "👍"), PHONE)).await;

    for message in [&own, &standing_in, &open] {
        world.until(message, DeliveryState::Accepted).await;
    }
    world.until(&closed, DeliveryState::Failed).await;
    let sent: Vec<String> = world
        .graph
        .calls()
        .iter()
        .map(|call| call.body["template"]["name"].as_str().map_or_else(|| call.text(), str::to_owned))
        .collect();
    assert_eq!(sent.len(), 3);
    for expected in ["order_ready", "stock_alert", "low on nails"] {
        assert!(sent.iter().any(|sent| sent == expected), "{sent:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_known_meta_decides_and_its_refusal_closes_the_window() {
    let world = World::start_frozen(&[]).await;
    world.graph.script([Reply::Error(400, 131_047)]);

    let refused = world.put(text("r1", PHONE, "1")).await;
    let refused = world.until(&refused, DeliveryState::Failed).await;
    let next = world.put(text("r2", PHONE, "2")).await;
    let next = world.until(&next, DeliveryState::Failed).await;

    assert_eq!((refused.error_code, refused.attempt_count), (131_047, 1));
    assert_eq!((next.error_code, next.attempt_count), (131_047, 0));
    assert!(next.error_detail.contains("it refused an earlier message"), "{}", next.error_detail);
    assert_eq!(world.graph.calls().len(), 1);

    // A message from before does not open it; one of the same second does.
    world.clock.advance(SignedDuration::from_millis(900));
    let stale = world.put(written_at(text("r3", PHONE, "3"), world.clock.now() - SECOND)).await;
    world.until(&stale, DeliveryState::Failed).await;
    let answer = world.put(written_at(text("r4", PHONE, "4"), world.clock.now())).await;
    world.until(&answer, DeliveryState::Accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusal_of_a_closed_window_has_the_template_sent_at_once() {
    let world = World::start_frozen(&[]).await;
    world.graph.script([Reply::Error(400, 131_047)]);

    // In this very second, so that the window alone would not tell.
    let message = with_fallback(text("r1", PHONE, "low on screws"));
    let message = world.put(written_at(message, world.clock.now())).await;

    let message = world.until(&message, DeliveryState::Accepted).await;
    assert_eq!(message.attempt_count, 2);
    let calls = world.graph.calls();
    assert_eq!(calls[0].text(), "low on screws");
    assert_eq!(calls[1].body["template"]["name"], "stock_alert");
}

#[tokio::test(flavor = "multi_thread")]
async fn late_receipt_closes_the_window_too_and_a_message_written_since_keeps_it_open() {
    let world = World::start_frozen(&[]).await;
    let now = world.clock.now();
    let first = world.put(written_at(text("r1", PHONE, "1"), now - SECOND * 90)).await;
    let other = world.put(written_at(text("s1", "27820000002", "1"), now)).await;
    let (first, other) =
        (world.until(&first, DeliveryState::Accepted).await, world.until(&other, DeliveryState::Accepted).await);

    let minute_ago = now - SECOND * 60;
    world
        .record(vec![
            happened(failed(&first.whatsapp_message_id, 131_047, ""), minute_ago),
            happened(failed(&other.whatsapp_message_id, 131_047, ""), minute_ago),
        ])
        .await;
    eventually("both are told", || async { (closed_count(&world).await == 2).then_some(()) }).await;

    let next = world.put(text("r2", PHONE, "2")).await;
    let fresh = world.put(text("s2", "27820000002", "2")).await;
    world.until(&next, DeliveryState::Failed).await;
    world.until(&fresh, DeliveryState::Accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_known_the_template_goes_if_there_is_one() {
    let world = World::start_frozen(&[]).await;

    let message = world.put(with_fallback(text("r1", PHONE, "low on screws"))).await;

    let message = world.until(&message, DeliveryState::Accepted).await;
    assert_eq!(message.attempt_count, 1);
    assert_eq!(world.graph.calls()[0].body["template"]["name"], "stock_alert");
}

#[tokio::test(flavor = "multi_thread")]
async fn meta_is_asked_where_only_the_phone_is_known_because_the_person_may_have_written_under_the_user_id() {
    let world = World::start_frozen(&[]).await;
    let long_ago = world.clock.now() - DAY;

    let message = world.put(written_at(world::text("r1", PHONE, "1"), long_ago)).await;
    world.until(&message, DeliveryState::Accepted).await;
    world.graph.script([Reply::Error(400, 131_047)]);
    let refused = world.put(world::text("r2", PHONE, "2")).await;
    let refused = world.until(&refused, DeliveryState::Failed).await;

    assert_eq!(refused.attempt_count, 1);
    let next = world.put(world::text("r3", PHONE, "3")).await;
    world.until(&next, DeliveryState::Accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_are_kept_as_long_as_messages() {
    let world = World::start_frozen(&[]).await;
    let message = world.put(text("r1", PHONE, "no window")).await;
    world.until(&message, DeliveryState::Accepted).await;
    let sql = "INSERT INTO service_window (lane, inbound_at) VALUES ('400 days', $1), ('longer', $2)";
    let oldest = world.clock.now() - DAY * 400;
    sqlx::query(sql)
        .bind(jiff_sqlx::Timestamp::from(oldest))
        .bind(jiff_sqlx::Timestamp::from(oldest - SECOND))
        .execute(&world.pool)
        .await
        .unwrap();

    let _cleaner = world.replica(&[]).await; // a process that starts cleans up

    eventually("the older one is forgotten", || async {
        let left: Vec<String> =
            sqlx::query_scalar("SELECT lane FROM service_window").fetch_all(&world.pool).await.unwrap();
        (left == ["400 days"]).then_some(())
    })
    .await;
}
