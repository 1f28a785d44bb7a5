//! What Meta reports, in every order, once and again, early and late.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use proto::messenger::v1 as pb;
use proto::messenger::v1::DeliveryState;
use tonic::Code;

use crate::graph::Reply;
use crate::world::{World, eventually, failed, happened, receipt, text, user};

async fn accepted(world: &World, count: usize) -> Vec<pb::Message> {
    let mut messages = Vec::new();
    for i in 0..count {
        let id = world.send(&format!("r{i}"), &format!("2782{i:07}"), "hello").await;
        messages.push(world.until(&id, DeliveryState::Accepted).await);
    }
    messages
}

#[tokio::test(flavor = "multi_thread")]
async fn message_moves_up_only_and_shows_its_history() {
    let world = World::start(&[]).await;
    let message = accepted(&world, 1).await.remove(0);
    let wamid = message.whatsapp_message_id.as_str();

    let first = world.record(vec![receipt(wamid, "delivered", ""), receipt(wamid, "sent", "")]).await;
    let again = world.record(vec![receipt(wamid, "delivered", ""), failed(wamid, 131_026, "")]).await;
    let unknown = world.record(vec![receipt(wamid, "warning", "")]).await;

    assert_eq!((first.applied_count, first.ignored_count), (1, 1));
    assert_eq!((again.applied_count, again.ignored_count), (0, 2));
    assert_eq!((unknown.applied_count, unknown.ignored_count), (0, 1));
    let message = world.get(&message.message_id).await;
    assert_eq!(message.state(), DeliveryState::Delivered);
    assert_eq!((message.error_code, message.error_detail.as_str()), (0, ""));
    let mut states: Vec<i32> = message.events.iter().map(|event| event.state).collect();
    states.sort_unstable();
    assert_eq!(states, [1, 3, 4, 5]);
}

fn price() -> pb::Pricing {
    pb::Pricing {
        billable: true,
        pricing_model: "PMP".to_owned(),
        pricing_type: "regular".to_owned(),
        category: "service".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_in_every_order_end_the_same() {
    const WORDS: [&str; 5] = ["sent", "failed", "delivered", "read", "played"];
    const STATES: [DeliveryState; 5] = [
        DeliveryState::Sent,
        DeliveryState::Failed,
        DeliveryState::Delivered,
        DeliveryState::Read,
        DeliveryState::Played,
    ];
    let world = World::start(&["--number-rate-per-second=10000"]).await;
    let ids: Vec<String> = futures::future::join_all((0..400).map(|i| {
        let (world, phone) = (&world, format!("2782{i:07}"));
        async move { world.send(&format!("r{i}"), &phone, "hello").await }
    }))
    .await;
    let mut left = Vec::new();
    for id in &ids {
        left.push(world.until(id, DeliveryState::Accepted).await);
    }
    let left = std::sync::Mutex::new(left);
    let reports = prop::collection::vec(prop::sample::select(vec![0_usize, 1, 2, 3, 4]), 1..9).prop_shuffle();
    let plan = prop::collection::vec((reports, any::<bool>()), 4);

    // Reports of several messages mixed, cut into calls of three.
    let result = tokio::task::block_in_place(|| {
        TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() }).run(&plan, |plan| {
            let messages: Vec<pb::Message> = {
                let mut left = left.lock().unwrap();
                let at = left.len().saturating_sub(plan.len());
                left.split_off(at)
            };
            let mut mixed = Vec::new();
            for turn in 0..9 {
                for (message, (reports, by_callback)) in messages.iter().zip(&plan) {
                    if let Some(report) = reports.get(turn) {
                        let callback = if *by_callback { message.message_id.as_str() } else { "" };
                        mixed.push(match WORDS[*report] {
                            "failed" => failed(&message.whatsapp_message_id, 131_026, callback),
                            "played" => receipt(&message.whatsapp_message_id, "played", callback),
                            status => pb::Receipt {
                                pricing: Some(price()),
                                ..receipt(&message.whatsapp_message_id, status, callback)
                            },
                        });
                    }
                }
            }
            tokio::runtime::Handle::current().block_on(async {
                for call in mixed.chunks(3) {
                    world.record(call.to_vec()).await;
                }
                for (message, (reports, _)) in messages.iter().zip(&plan) {
                    let expected = STATES[*reports.iter().max().unwrap()];
                    let is = world.get(&message.message_id).await;
                    prop_assert_eq!(is.state(), expected);
                    let is_priced =
                        reports.iter().any(|report| matches!(WORDS[*report], "sent" | "delivered" | "read"));
                    prop_assert_eq!(&is.pricing, &is_priced.then(price));
                    // What was reported stands in the history once, whatever overtook it; a failure only where it counted.
                    let mut states: Vec<i32> = is.events.iter().map(|event| event.state).collect();
                    let known = states.len();
                    states.sort_unstable();
                    states.dedup();
                    prop_assert_eq!(states.len(), known);
                    for report in reports.iter().filter(|report| WORDS[**report] != "failed") {
                        prop_assert!(states.contains(&i32::from(STATES[*report])));
                    }
                }
                Ok::<(), TestCaseError>(())
            })
        })
    });
    result.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_of_an_unknown_message_is_parked_and_matched_once_its_id_is_known() {
    let world = World::start(&[]).await;

    let parked =
        world.record(vec![receipt("wamid.OUT1", "delivered", ""), receipt("wamid.NOBODY", "sent", "not a uuid")]).await;
    let again = world.record(vec![receipt("wamid.OUT1", "delivered", "")]).await;
    let id = world.send("r1", "27820000001", "hello").await;

    assert_eq!((parked.parked_count, again.parked_count), (2, 1));
    world.until(&id, DeliveryState::Delivered).await;
    let left: Vec<String> =
        sqlx::query_scalar("SELECT whatsapp_id FROM parked_receipt").fetch_all(&world.pool).await.unwrap();
    assert_eq!(left, ["wamid.NOBODY"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn price_is_recorded_once() {
    let world = World::start(&[]).await;
    let message = accepted(&world, 1).await.remove(0);
    let priced = |status: &str, category: &str| pb::Receipt {
        pricing: Some(pb::Pricing {
            billable: true,
            pricing_model: "PMP".to_owned(),
            pricing_type: "regular".to_owned(),
            category: category.to_owned(),
        }),
        ..receipt(&message.whatsapp_message_id, status, "")
    };

    world.record(vec![priced("sent", "service")]).await;
    world.record(vec![priced("delivered", "utility"), priced("read", "utility")]).await;

    let message = world.get(&message.message_id).await;
    assert_eq!(
        message.pricing,
        Some(pb::Pricing {
            billable: true,
            pricing_model: "PMP".to_owned(),
            pricing_type: "regular".to_owned(),
            category: "service".to_owned(),
        })
    );
    assert_eq!(
        message.events.iter().map(pb::DeliveryEvent::state).collect::<Vec<_>>().len(),
        5,
        "queued, accepted, sent, delivered, read"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn late_failure_is_judged_like_a_refusal() {
    let world = World::start(&[]).await;
    let messages = accepted(&world, 2).await;

    world.record(vec![failed(&messages[0].whatsapp_message_id, 131_047, &messages[0].message_id)]).await;
    world.record(vec![happened(failed(&messages[1].whatsapp_message_id, 131_042, ""), world.clock.now())]).await;

    let closed = world.get(&messages[0].message_id).await;
    assert_eq!((closed.state(), closed.error_code), (DeliveryState::Failed, 131_047));
    assert!(!closed.error_detail.is_empty() && !closed.error_detail.contains("2782"));
    assert!(closed.events.iter().any(|event| event.state() == DeliveryState::Failed && event.error_code == 131_047));
    eventually("the payment problem halts the number", || async {
        let sql = "SELECT halt_code FROM number_state WHERE halted_at IS NOT NULL";
        let code: Option<i32> = sqlx::query_scalar(sql).fetch_optional(&world.pool).await.unwrap();
        (code == Some(131_042)).then_some(())
    })
    .await;
}

async fn halted_count(world: &World) -> i64 {
    let sql = "SELECT count(*) FROM number_state WHERE halted_at IS NOT NULL";
    sqlx::query_scalar(sql).fetch_one(&world.pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_without_a_code_or_from_long_ago_says_nothing_of_the_number_today() {
    let world = World::start_frozen(&[]).await;
    let messages = accepted(&world, 3).await;
    let wamid = |i: usize| messages[i].whatsapp_message_id.as_str();
    let now = world.clock.now();

    let codeless = pb::Receipt { errors: Vec::new(), ..failed(wamid(0), 0, "") };
    world.record(vec![happened(codeless, now), happened(failed(wamid(1), 0, ""), now)]).await;
    world.record(vec![happened(failed(wamid(2), 131_042, ""), now - jiff::SignedDuration::from_mins(11))]).await;

    for message in &messages {
        assert_eq!(world.get(&message.message_id).await.state(), DeliveryState::Failed);
    }
    assert_eq!(halted_count(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_from_before_the_number_was_mended_does_not_halt_it_again() {
    let world = World::start_frozen(&[]).await;
    let messages = accepted(&world, 2).await;
    sqlx::query("UPDATE number_state SET resumed_at = $1::timestamptz")
        .bind(world.clock.now().to_string())
        .execute(&world.pool)
        .await
        .unwrap();
    let failure = |i: usize| failed(&messages[i].whatsapp_message_id, 131_042, "");
    let second = jiff::SignedDuration::from_secs(1);

    world.record(vec![happened(failure(0), world.clock.now() - second)]).await;
    assert_eq!(halted_count(&world).await, 0);
    world.record(vec![happened(failure(1), world.clock.now() + second)]).await;
    assert_eq!(halted_count(&world).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_of_the_first_send_gives_way_to_the_second_that_is_accepted() {
    let world = World::start_frozen(&[]).await;
    world.graph.script([Reply::CutOff, Reply::Hang]);
    let id = world.send("r1", "27820000001", "1").await;
    world.until_waiting(1, "in doubt: a receipt may settle it").await;
    world.advance(jiff::SignedDuration::from_secs(60)).await;
    world.until_calls(2).await;

    world.record(vec![failed("wamid.FIRST", 131_026, &id)]).await;
    assert_eq!(world.get(&id).await.state(), DeliveryState::Failed);
    world.graph.release();

    let message = world.until(&id, DeliveryState::Accepted).await;
    assert_eq!((message.whatsapp_message_id.as_str(), message.error_code), ("wamid.OUT2", 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_receipts_fit_and_one_more_does_not() {
    let world = World::start(&[]).await;
    let many = |count: usize| (0..count).map(|i| receipt(&format!("wamid.{i}"), "sent", "")).collect::<Vec<_>>();

    assert_eq!(world.record(many(1000)).await.parked_count, 1000);
    for receipts in [many(1001), Vec::new(), vec![receipt("", "sent", "")], vec![receipt("wamid.1", "", "")]] {
        let request = pb::RecordReceiptsRequest { receipts };
        let status = world.client.clone().record_receipts(request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_about_the_same_messages_at_once_do_not_lock_each_other_out() {
    let world = World::start(&["--number-rate-per-second=10000"]).await;
    let other = world.replica(&["--number-rate-per-second=10000"]).await;
    let messages = accepted(&world, 30).await;

    futures::future::join_all((0..24_usize).map(|i| {
        let mut receipts: Vec<_> = messages
            .iter()
            .map(|message| {
                receipt(&message.whatsapp_message_id, ["sent", "delivered", "read"][i % 3], &message.message_id)
            })
            .collect();
        if i % 2 == 0 {
            receipts.reverse();
        }
        let world = if i % 4 < 2 { &world } else { &other };
        async move { world.record(receipts).await }
    }))
    .await;

    for message in &messages {
        assert_eq!(world.get(&message.message_id).await.state(), DeliveryState::Read);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_is_erased_some_time_after_the_message_is_settled_and_its_history_stays() {
    let world = World::start(&["--content-retention-seconds=0"]).await;
    world.graph.script([Reply::Accept]);
    let hidden = pb::SendMessageRequest { recipient: Some(user("ZA.1", "")), ..text("r1", "", "hello") };
    let id = world.client.clone().send_message(hidden.clone()).await.unwrap().into_inner().message_id;
    world.until(&id, DeliveryState::Accepted).await;

    // The clean-up of a replica that starts now.
    let other = world.replica(&["--content-retention-seconds=0"]).await;
    eventually("the content is gone", || async {
        let content: Option<serde_json::Value> =
            sqlx::query_scalar("SELECT content FROM message").fetch_one(&other.pool).await.unwrap();
        content.is_none().then_some(())
    })
    .await;

    assert_eq!(world.get(&id).await.events.len(), 2);
    assert!(world.client.clone().send_message(hidden).await.unwrap().into_inner().replayed);
}
