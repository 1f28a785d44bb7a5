//! What happened in a shop, by what people ask for.

use jiff::{SignedDuration, Timestamp};
use proto::inventory::v1::{self as pb, MovementKind};
use tonic::Status;

use crate::world::{Shop, World, add, change, count, in_unit, reason, sell, text};

const NOBODY: &str = "0190a000-0000-7000-8000-000000000000";

fn all(shop: &Shop) -> pb::ListMovementsRequest {
    pb::ListMovementsRequest { shop_id: shop.id.clone(), ..Default::default() }
}

async fn list(shop: &Shop, request: pb::ListMovementsRequest) -> Result<pb::ListMovementsResponse, Status> {
    Ok(shop.client.clone().list_movements(request).await?.into_inner())
}

/// Lists all pages, two movements each, and returns what changed by each movement.
async fn deltas(shop: &Shop, request: pb::ListMovementsRequest) -> Vec<String> {
    let (mut deltas, mut request) = (Vec::new(), pb::ListMovementsRequest { page_size: 2, ..request });
    loop {
        let page = list(shop, request.clone()).await.expect("movements can be listed");
        deltas.extend(page.movements.iter().map(|line| text(line.delta.as_ref())));
        if page.next_page_token.is_empty() {
            return deltas;
        }
        request.page_token = page.next_page_token;
    }
}

fn time(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
}

#[tokio::test]
async fn a_movement_tells_who_what_was_said_before_and_after() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("10", "bread")]).await.unwrap();
    let posted = shop.post("2", vec![in_unit(add("2", "bread"), "tray", Some("12"))]).await.unwrap().operation.unwrap();

    let newest = list(&shop, all(&shop)).await.unwrap().movements.remove(0);

    assert_eq!((newest.member_id, newest.member_name.as_str()), (shop.member_id.clone(), "Thandi"));
    assert_eq!((text(newest.said_quantity.as_ref()), newest.said_unit.as_str()), ("2".to_owned(), "tray"));
    assert_eq!(text(newest.balance_before.as_ref()), "10");
    assert_eq!(text(newest.balance_after.as_ref()), "34");
    assert_eq!(newest.public_reference, posted.public_reference);
    assert_eq!(newest.reversed_by_operation_id, "");
    world.finish().await;
}

#[tokio::test]
async fn a_movement_tells_what_took_it_back_unless_it_was_done_again() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("10", "bread")]).await.unwrap();
    let undo = shop.undo("undo").await.unwrap().operation.unwrap();

    let undone = list(&shop, all(&shop)).await.unwrap().movements.remove(1);
    shop.send_reversal(shop.reversal("redo", Some(&undo.operation_id))).await.unwrap();
    let redone = list(&shop, all(&shop)).await.unwrap().movements.remove(2);

    assert_eq!(undone.reversed_by_operation_id, undo.operation_id);
    assert_eq!(undone.reversed_by_public_reference, undo.public_reference);
    assert_eq!(redone.movement_id, undone.movement_id);
    assert_eq!(redone.reversed_by_operation_id, "");
    world.finish().await;
}

#[tokio::test]
async fn movements_are_filtered_by_kind_member_place_and_item() {
    let world = World::start().await;
    let shop = world.shop().await;
    let bread = shop.line("1", add("10", "bread")).await.item.unwrap().item_id;
    for (place, quantity) in ["1", "2", "3"].into_iter().enumerate() {
        shop.post(&format!("sale/{place}"), vec![sell(quantity, "bread")]).await.unwrap();
    }
    shop.post("waste", vec![change(MovementKind::Waste, "1", "bread")]).await.unwrap();
    shop.post("milk", vec![add("7", "milk")]).await.unwrap();
    let by_service =
        pb::PostOperationRequest { member_id: String::new(), ..shop.request("5", vec![sell("4", "bread")]) };
    shop.send(by_service).await.unwrap();
    shop.post("count", vec![count("5", "milk")]).await.unwrap();
    let location_id = list(&shop, all(&shop)).await.unwrap().movements[0].location_id.clone();

    let kinds = |kinds: &[MovementKind]| pb::ListMovementsRequest {
        kinds: kinds.iter().map(|kind| i32::from(*kind)).collect(),
        ..all(&shop)
    };
    assert_eq!(deltas(&shop, kinds(&[MovementKind::Sale])).await, ["-4", "-3", "-2", "-1"]);
    assert_eq!(deltas(&shop, kinds(&[MovementKind::Waste, MovementKind::Count])).await, ["-2", "-1"]);
    let member = pb::ListMovementsRequest { member_id: shop.member_id.clone(), ..kinds(&[MovementKind::Sale]) };
    assert_eq!(deltas(&shop, member).await, ["-3", "-2", "-1"]);
    let item = pb::ListMovementsRequest { item_id: bread.clone(), ..kinds(&[MovementKind::Receipt]) };
    assert_eq!(deltas(&shop, item).await, ["10"]);
    assert_eq!(deltas(&shop, pb::ListMovementsRequest { location_id, ..all(&shop) }).await.len(), 8);
    for nothing in [
        pb::ListMovementsRequest { item_id: NOBODY.to_owned(), ..all(&shop) },
        pb::ListMovementsRequest { member_id: NOBODY.to_owned(), ..all(&shop) },
        pb::ListMovementsRequest { location_id: NOBODY.to_owned(), ..all(&shop) },
    ] {
        assert!(deltas(&shop, nothing).await.is_empty());
    }
    world.finish().await;
}

#[tokio::test]
async fn of_a_time_movements_come_as_they_happened_and_the_end_is_left_out() {
    let world = World::start().await;
    let shop = world.shop().await;
    let start = shop.now();
    let at = |minutes: i64| start + SignedDuration::from_mins(minutes);
    world.pass(SignedDuration::from_hours(3));
    for (request_id, quantity, minutes) in [("1", "1", 60), ("2", "2", 0), ("3", "3", 120), ("4", "4", 60)] {
        let request = shop.request(request_id, vec![add(quantity, "bread")]);
        shop.send(pb::PostOperationRequest { occur_time: Some(time(at(minutes))), ..request }).await.unwrap();
    }
    let between = |from: i64, until: i64| pb::ListMovementsRequest {
        start_time: Some(time(at(from))),
        end_time: Some(time(at(until))),
        ..all(&shop)
    };

    assert_eq!(deltas(&shop, between(0, 121)).await, ["3", "4", "1", "2"]);
    assert_eq!(deltas(&shop, between(0, 120)).await, ["4", "1", "2"]);
    assert_eq!(deltas(&shop, between(1, 120)).await, ["4", "1"]);
    assert_eq!(deltas(&shop, pb::ListMovementsRequest { end_time: Some(time(at(60))), ..all(&shop) }).await, ["2"]);
    assert_eq!(deltas(&shop, all(&shop)).await, ["4", "3", "2", "1"]);
    world.finish().await;
}

#[tokio::test]
async fn filters_that_make_no_sense_and_tokens_of_others_are_refused() {
    let world = World::start().await;
    let shop = world.shop().await;
    for place in 0..3 {
        shop.post(&format!("{place}"), vec![add("1", "bread")]).await.unwrap();
    }
    let now = Some(time(shop.now()));
    let page = list(&shop, pb::ListMovementsRequest { page_size: 1, ..all(&shop) }).await.unwrap();

    let backwards = pb::ListMovementsRequest { start_time: now, end_time: now, ..all(&shop) };
    let no_kind = pb::ListMovementsRequest { kinds: vec![0], ..all(&shop) };
    let unknown_kind = pb::ListMovementsRequest { kinds: vec![99], ..all(&shop) };
    let no_id = pb::ListMovementsRequest { member_id: "me".to_owned(), ..all(&shop) };
    for request in [backwards, no_kind, unknown_kind, no_id] {
        assert_eq!(reason(&list(&shop, request).await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    }
    let page_token = page.next_page_token;
    let other_filter = pb::ListMovementsRequest { kinds: vec![1], page_token, ..all(&shop) };
    assert_eq!(reason(&list(&shop, other_filter).await.unwrap_err()), "ERROR_REASON_INVALID_PAGE_TOKEN");
    world.finish().await;
}

#[tokio::test]
async fn another_shops_item_and_member_are_as_those_that_are_not_there() {
    let world = World::start().await;
    let (shop, other) = (world.shop().await, world.shop().await);
    let fish = other.line("1", add("3", "fish")).await.item.unwrap().item_id;

    assert!(deltas(&shop, pb::ListMovementsRequest { item_id: fish, ..all(&shop) }).await.is_empty());
    let member_id = other.member_id.clone();
    assert!(deltas(&shop, pb::ListMovementsRequest { member_id, ..all(&shop) }).await.is_empty());
    let nowhere = pb::ListMovementsRequest { shop_id: NOBODY.to_owned(), ..Default::default() };
    assert_eq!(reason(&list(&shop, nowhere).await.unwrap_err()), "ERROR_REASON_SHOP_NOT_FOUND");

    world.finish().await;
}
