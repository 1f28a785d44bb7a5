//! Places, and stock that goes from one to another.

use proto::inventory::v1 as pb;
use tokio::task::JoinSet;
use tonic::{Code, Status};

use crate::ask;
use crate::world::{Shop, World, add, decimal, named, reason, sell, text};

async fn place(shop: &Shop, request_id: &str, name: &str) -> Result<pb::Location, Status> {
    shop.request("", Vec::new()); // a moment passes: places are listed as they came
    let request = ask!(shop, request_id, CreateLocationRequest { display_name: name.to_owned() });
    Ok(shop.client.clone().create_location(request).await?.into_inner().location.expect("a place"))
}

fn transfer(shop: &Shop, request_id: &str, from: &str, into: &str, lines: &[(&str, &str)]) -> pb::TransferStockRequest {
    shop.request("", Vec::new()); // a moment passes
    ask!(
        shop,
        request_id,
        TransferStockRequest {
            from_location_id: from.to_owned(),
            to_location_id: into.to_owned(),
            lines: lines
                .iter()
                .map(|(quantity, name)| pb::TransferLine { item: Some(named(name)), quantity: Some(decimal(quantity)) })
                .collect(),
        }
    )
}

async fn send(shop: &Shop, request: pb::TransferStockRequest) -> Result<pb::TransferStockResponse, Status> {
    Ok(shop.client.clone().transfer_stock(request).await?.into_inner())
}

async fn at(world: &World, shop: &Shop, place: &str) -> String {
    let on_hand: Option<rust_decimal::Decimal> =
        sqlx::query_scalar("SELECT sum(on_hand) FROM stock WHERE shop_id = $1::uuid AND location_id = $2::uuid")
            .bind(&shop.id)
            .bind(place)
            .fetch_one(&mut world.owner().await)
            .await
            .expect("a sum");
    on_hand.unwrap_or_default().normalize().to_string()
}

#[tokio::test]
async fn a_transfer_makes_and_loses_nothing_and_is_taken_back_at_both_places() {
    let world = World::start().await;
    let shop = world.shop().await;
    let back = place(&shop, "1", "Back room").await.unwrap().location_id;
    shop.post("2", vec![add("10", "milk"), add("4", "bread")]).await.unwrap();

    let request = transfer(&shop, "3", "", &back, &[("3", "milk"), ("4", "bread")]);
    let dry = send(&shop, pb::TransferStockRequest { dry_run: true, ..request.clone() }).await.unwrap();
    assert!(dry.operation.unwrap().operation_id.is_empty());
    assert_eq!(at(&world, &shop, &back).await, "0");
    let moved = send(&shop, request.clone()).await.unwrap();
    let again = send(&shop, request).await.unwrap();

    assert!(again.replayed && again.operation == moved.operation);
    let deltas: Vec<_> = moved.operation.unwrap().movements.iter().map(|line| text(line.delta.as_ref())).collect();
    assert_eq!(deltas, ["-3", "3", "-4", "4"]);
    assert_eq!((shop.on_hand("milk").await, at(&world, &shop, &back).await), ("10".to_owned(), "7".to_owned()));
    let there = pb::OperationLine { location_id: back.clone(), ..sell("1", "milk") };
    assert_eq!(text(shop.line("4", there).await.balance_after.as_ref()), "2");
    shop.undo("5").await.unwrap();
    let undone = shop.undo("6").await.unwrap().operation.unwrap();
    assert_eq!((undone.movements.len(), at(&world, &shop, &back).await), (4, "0".to_owned()));
    shop.send_reversal(shop.reversal("7", Some(&undone.operation_id))).await.unwrap();
    assert_eq!(at(&world, &shop, &back).await, "7");
    let correction = ask!(
        shop,
        "8",
        CorrectOperationRequest {
            target: Some(pb::correct_operation_request::Target::Latest(pb::Latest {})),
            corrections: vec![pb::LineCorrection { line_number: 1, line: None }],
        }
    );
    let refused = shop.client.clone().correct_operation(correction).await.unwrap_err();
    assert_eq!(reason(&refused), "ERROR_REASON_INVALID_FIELD");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_both_ways_at_once_lose_nothing() {
    let world = World::start().await;
    let shop = world.shop().await;
    let back = place(&shop, "1", "Back room").await.unwrap().location_id;
    shop.post("2", vec![add("1000", "milk"), add("1000", "bread")]).await.unwrap();

    let mut writers = JoinSet::new();
    for writer in 0..8 {
        let (shop, back) = (shop.clone(), back.clone());
        writers.spawn(async move {
            for round in 0..10 {
                let (from, into) = if writer % 2 == 0 { ("", back.as_str()) } else { (back.as_str(), "") };
                let lines =
                    if writer % 3 == 0 { [("2", "milk"), ("1", "bread")] } else { [("1", "bread"), ("2", "milk")] };
                send(&shop, transfer(&shop, &format!("{writer}/{round}"), from, into, &lines)).await.unwrap();
            }
        });
    }
    writers.join_all().await;

    assert_eq!((shop.on_hand("milk").await, shop.on_hand("bread").await), ("1000".to_owned(), "1000".to_owned()));
    assert_eq!(at(&world, &shop, &back).await, "0");
    world.finish().await;
}

#[tokio::test]
async fn a_transfer_is_told_again_also_when_it_is_long_ago_by_then() {
    let world = World::start().await;
    let shop = world.shop().await;
    let back = place(&shop, "1", "Back room").await.unwrap().location_id;
    shop.post("2", vec![add("10", "milk")]).await.unwrap();
    let occur_time = Some(prost_types::Timestamp { seconds: shop.now().as_second(), nanos: 0 });
    let request = pb::TransferStockRequest { occur_time, ..transfer(&shop, "3", "", &back, &[("3", "milk")]) };
    let first = send(&shop, request.clone()).await.unwrap();
    world.pass(jiff::SignedDuration::from_hours(25));

    let repeat = send(&shop, request.clone()).await.unwrap();

    assert_eq!(repeat, pb::TransferStockResponse { replayed: true, ..first });
    let new = pb::TransferStockRequest { request_id: "4".to_owned(), ..request };
    assert_eq!(reason(&send(&shop, new).await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    world.finish().await;
}

#[tokio::test]
async fn wrong_places_and_transfers_are_refused() {
    let world = World::start().await;
    let (shop, elsewhere) = (world.shop().await, world.shop().await);
    let back = place(&shop, "1", "Back room").await.unwrap();
    assert_eq!(place(&shop, "1", "Back room").await.unwrap(), back, "a repeat makes no second one");
    let theirs = place(&elsewhere, "1", "Back room").await.unwrap().location_id;
    assert_eq!(reason(&place(&shop, "2", "BACK room").await.unwrap_err()), "ERROR_REASON_NAME_TAKEN");
    assert_eq!(reason(&place(&shop, "2", " ").await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    assert_eq!(reason(&place(&shop, "1", "Garage").await.unwrap_err()), "ERROR_REASON_REQUEST_ID_REUSED");
    let rename = async |shop: &Shop, id: &str, place: &str, name: &str| {
        let request =
            ask!(shop, id, RenameLocationRequest { location_id: place.to_owned(), display_name: name.to_owned() });
        shop.client.clone().rename_location(request).await.map(|answer| answer.into_inner().location.unwrap())
    };
    assert_eq!(rename(&shop, "3", &back.location_id, "Store").await.unwrap().display_name, "Store");
    assert_eq!(reason(&rename(&shop, "4", &theirs, "Mine").await.unwrap_err()), "ERROR_REASON_LOCATION_NOT_FOUND");
    assert_eq!(reason(&rename(&shop, "4", &back.location_id, "shop").await.unwrap_err()), "ERROR_REASON_NAME_TAKEN");
    let list = pb::ListLocationsRequest { shop_id: shop.id.clone(), page_size: 1, ..Default::default() };
    let first = shop.client.clone().list_locations(list.clone()).await.unwrap().into_inner();
    let next = pb::ListLocationsRequest { page_token: first.next_page_token.clone(), ..list };
    let second = shop.client.clone().list_locations(next).await.unwrap().into_inner();
    assert!(first.locations[0].default && second.locations[0].display_name == "Store");
    assert_eq!(second.next_page_token, "");

    shop.post("5", vec![add("5", "milk")]).await.unwrap();
    for (from, into, lines, refused) in [
        ("", "", &[("1", "milk")][..], "ERROR_REASON_INVALID_FIELD"),
        ("", &back.location_id, &[], "ERROR_REASON_INVALID_FIELD"),
        ("", &back.location_id, &[("0", "milk")], "ERROR_REASON_INVALID_FIELD"),
        ("", &back.location_id, &[("0.5", "milk")], "ERROR_REASON_SCALE_EXCEEDED"),
        ("", &back.location_id, &[("1", "gold")], "ERROR_REASON_ITEM_NOT_FOUND"),
        ("", &theirs, &[("1", "milk")], "ERROR_REASON_LOCATION_NOT_FOUND"),
    ] {
        assert_eq!(reason(&send(&shop, transfer(&shop, "6", from, into, lines)).await.unwrap_err()), refused);
    }
    world.execute("UPDATE shop SET shortage_policy = 'block'").await;
    let short = send(&shop, transfer(&shop, "6", "", &back.location_id, &[("6", "milk")])).await.unwrap_err();
    assert_eq!((short.code(), reason(&short).as_str()), (Code::FailedPrecondition, "ERROR_REASON_INSUFFICIENT_STOCK"));
    assert_eq!(shop.on_hand("milk").await, "5");
    world.finish().await;
}
