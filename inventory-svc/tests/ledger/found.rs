//! What random programs and reading found wrong in this ledger: it stays found.

use std::time::Duration;

use jiff::SignedDuration;
use proto::inventory::v1 as pb;

use crate::world::{Shop, World, add, count, decimal, reason};

async fn item(shop: &Shop, quantity: &str, name: &str) -> String {
    shop.line(&format!("first-{name}"), add(quantity, name)).await.item.expect("it is there").item_id
}

fn merge(shop: &Shop, item_id: &str, into_item_id: &str) -> pb::MergeItemsRequest {
    pb::MergeItemsRequest {
        shop_id: shop.id.clone(),
        request_id: format!("merge-{item_id}"),
        source: pb::Source::Whatsapp.into(),
        member_id: shop.member_id.clone(),
        item_id: item_id.to_owned(),
        into_item_id: into_item_id.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_is_claimed_while_its_item_comes_back_stays_with_it() {
    let world = World::start().await;
    let shop = world.shop().await;
    let soap = item(&shop, "5", "soap").await;
    let archive = pb::ArchiveItemRequest {
        shop_id: shop.id.clone(),
        request_id: "archive".to_owned(),
        source: pb::Source::Whatsapp.into(),
        member_id: shop.member_id.clone(),
        item_id: soap.clone(),
    };
    shop.client.clone().archive_item(archive).await.unwrap();

    // Somebody brings it back, and is not done yet.
    let mut owner = world.owner().await;
    sqlx::raw_sql("BEGIN").execute(&mut owner).await.unwrap();
    sqlx::query("SELECT unarchive_item($1::uuid, 'grpc', 'back', '\\x00', NULL, $2::uuid, now())")
        .bind(&shop.id)
        .bind(&soap)
        .execute(&mut owner)
        .await
        .unwrap();
    let create = pb::CreateItemRequest {
        shop_id: shop.id.clone(),
        request_id: "create".to_owned(),
        source: pb::Source::Whatsapp.into(),
        member_id: shop.member_id.clone(),
        display_name: "soap".to_owned(),
        ..Default::default()
    };
    let mut client = shop.client.clone();
    let claim = tokio::spawn(async move { client.create_item(create).await });
    let mut watcher = world.owner().await;
    loop {
        let waiting: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .fetch_one(&mut watcher)
        .await
        .unwrap();
        if waiting > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sqlx::raw_sql("COMMIT").execute(&mut owner).await.unwrap();

    assert_eq!(reason(&claim.await.unwrap().unwrap_err()), "ERROR_REASON_NAME_TAKEN");
    assert_eq!(shop.on_hand("soap").await, "5");
    world.finish().await;
}

#[tokio::test]
async fn the_history_of_an_item_is_also_that_of_what_it_was_in_another_unit() {
    let world = World::start().await;
    let shop = world.shop().await;
    let (buns, rolls) = (item(&shop, "5", "buns").await, item(&shop, "7", "rolls").await);
    shop.client.clone().merge_items(merge(&shop, &buns, &rolls)).await.unwrap();
    let change = pb::ChangeBaseUnitRequest {
        shop_id: shop.id.clone(),
        request_id: "unit".to_owned(),
        source: pb::Source::Whatsapp.into(),
        member_id: shop.member_id.clone(),
        item_id: rolls.clone(),
        unit: "slice".to_owned(),
        factor: Some(decimal("2")),
    };
    let changed = shop.client.clone().change_base_unit(change).await.unwrap().into_inner();
    let item_id = changed.merge.unwrap().item.unwrap().item_id;

    let asked = pb::ListMovementsRequest { shop_id: shop.id.clone(), item_id, ..Default::default() };
    let history = shop.client.clone().list_movements(asked).await.unwrap().into_inner().movements;

    assert_eq!(history.len(), shop.movements().await.len(), "what came in as buns and rolls too");
    world.finish().await;
}

#[tokio::test]
async fn a_merge_by_a_slower_clock_takes_the_whole_balance_over() {
    let world = World::start().await;
    let shop = world.shop().await;
    let (buns, rolls) = (item(&shop, "5", "buns").await, item(&shop, "7", "rolls").await);
    shop.post("count", vec![count("6", "buns"), count("8", "rolls")]).await.unwrap();

    world.pass(SignedDuration::from_secs(-3));
    shop.client.clone().merge_items(merge(&shop, &buns, &rolls)).await.unwrap();

    assert_eq!(shop.on_hand("rolls").await, "14");
    world.finish().await;
}
