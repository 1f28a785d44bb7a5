//! A message changes stock exactly once, whatever is repeated.

use std::time::Duration;

use proto::inventory::v1 as pb;
use tokio::task::JoinSet;

use crate::world::{World, add, reason, sell, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_twins_at_once_count_once() {
    let world = World::start().await;
    let shop = world.shop().await;
    let request = shop.request("wamid.1", vec![add("50", "screws")]);

    let mut twins = JoinSet::new();
    for _ in 0..20 {
        let (shop, request) = (shop.clone(), request.clone());
        twins.spawn(async move { shop.send(request).await.unwrap() });
    }
    let answers = twins.join_all().await;

    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1, "exactly one posts");
    let first = pb::PostOperationResponse { replayed: false, ..answers[0].clone() };
    for answer in answers {
        assert_eq!(pb::PostOperationResponse { replayed: false, ..answer }, first, "the others answer the same");
    }
    assert_eq!(shop.on_hand("screws").await, "50");
    world.finish().await;
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_not_the_current_one() {
    let world = World::start().await;
    let shop = world.shop().await;
    let request = shop.request("wamid.1", vec![add("50", "screws")]);
    let first = shop.send(request.clone()).await.unwrap();
    shop.post("wamid.2", vec![sell("7", "screws")]).await.unwrap();

    let repeat = shop.send(request).await.unwrap();

    assert!(repeat.replayed && !first.replayed);
    assert_eq!(repeat.results, first.results);
    assert_eq!(repeat.operation, first.operation);
    assert_eq!(shop.on_hand("screws").await, "43");
    world.finish().await;
}

#[tokio::test]
async fn a_repeat_is_answered_also_when_its_time_is_long_ago_by_then() {
    let world = World::start().await;
    let shop = world.shop().await;
    let at = shop.now();
    let occur_time = Some(prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() });
    let request = pb::PostOperationRequest { occur_time, ..shop.request("wamid.1", vec![add("50", "screws")]) };
    let first = shop.send(request.clone()).await.unwrap();
    world.pass(jiff::SignedDuration::from_hours(48));

    let repeat = shop.send(request.clone()).await.unwrap();
    let dry_repeat = shop.send(pb::PostOperationRequest { dry_run: true, ..request.clone() }).await.unwrap();

    assert_eq!(repeat, pb::PostOperationResponse { replayed: true, ..first });
    assert_eq!(dry_repeat, repeat);
    let other = pb::PostOperationRequest { lines: vec![add("51", "screws")], ..request.clone() };
    assert_eq!(reason(&shop.send(other).await.unwrap_err()), "ERROR_REASON_REQUEST_ID_REUSED");
    let new = pb::PostOperationRequest { request_id: "wamid.2".to_owned(), ..request.clone() };
    assert_eq!(reason(&shop.send(new).await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    let stranger = pb::PostOperationRequest { member_id: shop.id.clone(), ..request };
    assert_eq!(reason(&shop.send(stranger).await.unwrap_err()), "ERROR_REASON_MEMBER_NOT_FOUND");
    assert_eq!(shop.on_hand("screws").await, "50");
    world.finish().await;
}

#[tokio::test]
async fn other_content_under_the_same_id_is_an_error() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("wamid.1", vec![add("50", "screws")]).await.unwrap();

    let refused = shop.post("wamid.1", vec![add("51", "screws")]).await.unwrap_err();
    let undone = shop.undo("wamid.1").await.unwrap_err();

    assert_eq!(reason(&refused), "ERROR_REASON_REQUEST_ID_REUSED");
    assert_eq!(refused.code(), tonic::Code::FailedPrecondition);
    assert_eq!(reason(&undone), "ERROR_REASON_REQUEST_ID_REUSED");
    assert_eq!(shop.on_hand("screws").await, "50");
    world.finish().await;
}

#[tokio::test]
async fn each_source_has_ids_of_its_own() {
    let world = World::start().await;
    let shop = world.shop().await;
    let mut request = shop.request("1", vec![add("5", "screws")]);
    shop.send(request.clone()).await.unwrap();
    request.source = pb::Source::Grpc.into();

    assert!(!shop.send(request).await.unwrap().replayed);
    assert_eq!(shop.on_hand("screws").await, "10");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_leaves_between_effect_and_answer_repeats_safely() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("first", vec![add("100", "screws")]).await.unwrap();

    for round in 0..30_u64 {
        let request = shop.request(&format!("wamid.{round}"), vec![sell("1", "screws")]);
        // The call is cut off at another moment in each round: before, within or after the transaction.
        let cut = Duration::from_micros(round * 200);
        let _ = tokio::time::timeout(cut, shop.send(request.clone())).await;
        let answer = shop.send(request).await.unwrap();
        assert_eq!(text(answer.results[0].balance_after.as_ref()), (99 - round).to_string());
    }

    assert_eq!(shop.on_hand("screws").await, "70");
    world.finish().await;
}

#[tokio::test]
async fn a_dry_run_says_what_would_happen_and_stores_nothing() {
    let world = World::start().await;
    let shop = world.shop().await;
    let mut request = shop.request("wamid.1", vec![add("50", "screws")]);
    request.dry_run = true;

    let dry = shop.send(request.clone()).await.unwrap();

    assert_eq!(text(dry.results[0].balance_after.as_ref()), "50");
    assert!(dry.results[0].item_created);
    assert_eq!(dry.operation.unwrap().operation_id, "");
    assert!(shop.stock("screws").await.candidates.is_empty());
    request.dry_run = false;
    let done = shop.send(request).await.unwrap();
    assert!(!done.replayed, "asking first does not use the request up");
    assert_eq!(shop.on_hand("screws").await, "50");

    let mut undo = shop.reversal("wamid.2", None);
    undo.dry_run = true;
    let dry = shop.send_reversal(undo).await.unwrap();
    assert_eq!(text(dry.operation.unwrap().movements[0].balance_after.as_ref()), "0");
    assert_eq!(shop.on_hand("screws").await, "50");
    world.finish().await;
}

#[tokio::test]
async fn a_dry_run_is_refused_for_the_reason_the_deed_would_be() {
    let world = World::start().await;
    let shop = world.shop().await;
    world.execute("UPDATE shop SET shortage_policy = 'block'").await;
    let added = shop.post("wamid.1", vec![add("50", "screws")]).await.unwrap().operation.unwrap();
    let mut sale = shop.request("wamid.2", vec![sell("51", "screws")]);
    let mut undo = shop.reversal("wamid.3", Some(&added.operation_id));

    for dry_run in [true, false] {
        sale.dry_run = dry_run;
        let refused = shop.send(sale.clone()).await.unwrap_err();
        assert_eq!(reason(&refused), "ERROR_REASON_INSUFFICIENT_STOCK");
    }
    shop.send_reversal(undo.clone()).await.unwrap();
    undo.request_id = "wamid.4".to_owned();
    for dry_run in [true, false] {
        undo.dry_run = dry_run;
        let refused = shop.send_reversal(undo.clone()).await.unwrap_err();
        assert_eq!(reason(&refused), "ERROR_REASON_ALREADY_REVERSED");
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_undos_of_one_request_undo_once() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("50", "screws")]).await.unwrap();
    shop.post("2", vec![add("10", "screws")]).await.unwrap();
    let request = shop.reversal("undo", None);

    let mut twins = JoinSet::new();
    for _ in 0..20 {
        let (shop, request) = (shop.clone(), request.clone());
        twins.spawn(async move { shop.send_reversal(request).await.unwrap() });
    }
    let answers = twins.join_all().await;

    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert_eq!(shop.on_hand("screws").await, "50");
    world.finish().await;
}
