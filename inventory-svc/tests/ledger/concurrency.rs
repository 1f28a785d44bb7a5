//! Many at once: exact sums, no deadlock, one of each thing.

use platform::error::reason_of;
use proto::inventory::v1 as pb;
use tokio::task::JoinSet;

use crate::world::{World, add, sell};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_writers_on_two_items_in_opposite_order_lose_nothing() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("start", vec![add("1000", "bread"), add("1000", "milk")]).await.unwrap();

    let mut writers = JoinSet::new();
    for writer in 0..16 {
        let shop = shop.clone();
        writers.spawn(async move {
            for round in 0..20 {
                let mut lines = vec![sell("1", "bread"), add("2", "milk")];
                if writer % 2 == 0 {
                    lines.reverse();
                }
                shop.post(&format!("{writer}/{round}"), lines).await.unwrap();
            }
        });
    }
    writers.join_all().await;

    assert_eq!(shop.on_hand("bread").await, "680");
    assert_eq!(shop.on_hand("milk").await, "1640");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_first_mentions_create_one_item() {
    let world = World::start().await;
    let shop = world.shop().await;

    let mut writers = JoinSet::new();
    for writer in 0..20 {
        let shop = shop.clone();
        writers.spawn(async move {
            let mut lines = vec![add("1", "screws"), add("1", "nails")];
            if writer % 2 == 0 {
                lines.reverse();
            }
            shop.post(&format!("{writer}"), lines).await.unwrap()
        });
    }
    let answers = writers.join_all().await;

    let created = answers.iter().flat_map(|answer| &answer.results).filter(|result| result.item_created).count();
    assert_eq!(created, 2);
    assert_eq!(shop.on_hand("screws").await, "20");
    assert_eq!(shop.on_hand("nails").await, "20");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_is_reversed_at_most_once_however_many_ask() {
    let world = World::start().await;
    let shop = world.shop().await;
    let added = shop.post("add", vec![add("50", "screws")]).await.unwrap().operation.unwrap();

    let mut askers = JoinSet::new();
    for asker in 0..10 {
        let shop = shop.clone();
        let request = shop.reversal(&format!("undo/{asker}"), Some(&added.operation_id));
        askers.spawn(async move { shop.send_reversal(request).await });
    }
    let answers = askers.join_all().await;

    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refused in answers.into_iter().filter_map(Result::err) {
        assert_eq!(reason_of(&refused).as_deref(), Some("ERROR_REASON_ALREADY_REVERSED"));
    }
    assert_eq!(shop.on_hand("screws").await, "0");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_compares_before_setting_loses_to_who_was_first() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("add", vec![add("10", "screws")]).await.unwrap();

    let mut writers = JoinSet::new();
    for writer in 0..10 {
        let shop = shop.clone();
        let line = pb::OperationLine { expected_balance: Some(crate::world::decimal("10")), ..sell("1", "screws") };
        writers.spawn(async move { shop.post(&format!("{writer}"), vec![line]).await });
    }
    let answers = writers.join_all().await;

    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refused in answers.into_iter().filter_map(Result::err) {
        assert_eq!(refused.code(), tonic::Code::Aborted);
        assert_eq!(reason_of(&refused).as_deref(), Some("ERROR_REASON_BALANCE_CHANGED"));
    }
    assert_eq!(shop.on_hand("screws").await, "9");
    world.finish().await;
}
