//! What a member did last, as `GetOperation` tells it.

use jiff::SignedDuration;
use proto::inventory::v1 as pb;
use proto::inventory::v1::get_operation_request::Key;
use tonic::Status;

use crate::world::{Shop, World, add, count, named, reason, sell};

async fn latest(shop: &Shop, item: Option<pb::ItemReference>) -> Result<pb::GetOperationResponse, Status> {
    latest_of(shop, &shop.member_id, item).await
}

async fn latest_of(
    shop: &Shop,
    member_id: &str,
    item: Option<pb::ItemReference>,
) -> Result<pb::GetOperationResponse, Status> {
    let key = Some(Key::Latest(pb::LatestOperation { member_id: member_id.to_owned(), item }));
    let request = pb::GetOperationRequest { shop_id: shop.id.clone(), key };
    Ok(shop.client.clone().get_operation(request).await?.into_inner())
}

async fn post(shop: &Shop, request_id: &str, line: pb::OperationLine) -> String {
    shop.post(request_id, vec![line]).await.expect("it is posted").operation.expect("it has a line").operation_id
}

fn id(answer: Result<pb::GetOperationResponse, Status>) -> String {
    answer.expect("it is found").operation.expect("it is there").operation_id
}

#[tokio::test]
async fn the_latest_is_the_newest_that_stands_and_is_no_reversal() {
    let world = World::start().await;
    let shop = world.shop().await;
    let first = post(&shop, "1", add("5", "bread")).await;
    let second = post(&shop, "2", add("7", "milk")).await;
    assert_eq!(id(latest(&shop, None).await), second);

    shop.undo("undo").await.unwrap();

    let answer = latest(&shop, None).await.unwrap();
    assert_eq!(answer.reversed_by_operation_id, "");
    assert_eq!(answer.operation.unwrap().operation_id, first);
    shop.undo("undo-again").await.unwrap();
    assert_eq!(reason(&latest(&shop, None).await.unwrap_err()), "ERROR_REASON_NOTHING_TO_REVERSE");
    world.finish().await;
}

#[tokio::test]
async fn without_an_item_it_is_of_the_last_day_and_with_one_of_any_age() {
    let world = World::start().await;
    let shop = world.shop().await;
    let bread = post(&shop, "1", add("5", "bread")).await;
    world.pass(SignedDuration::from_hours(24));
    assert_eq!(id(latest(&shop, None).await), bread);

    world.pass(SignedDuration::from_millis(1));

    assert_eq!(reason(&latest(&shop, None).await.unwrap_err()), "ERROR_REASON_NOTHING_TO_REVERSE");
    world.pass(SignedDuration::from_hours(24 * 400));
    assert_eq!(id(latest(&shop, Some(named("bread"))).await), bread);
    world.finish().await;
}

#[tokio::test]
async fn of_an_item_only_operations_with_a_line_of_it_are_meant() {
    let world = World::start().await;
    let shop = world.shop().await;
    let bread = post(&shop, "1", add("5", "bread")).await;
    post(&shop, "2", add("7", "milk")).await;
    let counted = post(&shop, "3", count("5", "bread")).await;
    post(&shop, "4", sell("1", "milk")).await;

    assert_eq!(id(latest(&shop, Some(named("breads"))).await), counted);
    shop.send_reversal(shop.reversal("undo", Some(&counted))).await.unwrap();
    assert_eq!(id(latest(&shop, Some(named("bread"))).await), bread);
    let unknown = latest(&shop, Some(named("fish"))).await.unwrap_err();
    assert_eq!(reason(&unknown), "ERROR_REASON_NOTHING_TO_REVERSE");
    world.finish().await;
}

#[tokio::test]
async fn where_several_items_fit_the_newest_of_them_is_meant() {
    let world = World::start().await;
    let shop = world.shop().await;
    post(&shop, "1", add("5", "coke 2l")).await;
    let small = post(&shop, "2", add("5", "coke 500ml")).await;
    post(&shop, "3", add("5", "bread")).await;

    assert_eq!(id(latest(&shop, Some(named("coke"))).await), small);

    world.finish().await;
}

#[tokio::test]
async fn what_was_taken_back_and_done_again_stands_and_a_correction_is_the_latest() {
    let world = World::start().await;
    let shop = world.shop().await;
    let first = post(&shop, "1", add("5", "bread")).await;
    let undo = shop.undo("undo").await.unwrap().operation.unwrap().operation_id;
    shop.send_reversal(shop.reversal("redo", Some(&undo))).await.unwrap();
    assert_eq!(id(latest(&shop, None).await), first);

    let request = pb::CorrectOperationRequest {
        shop_id: shop.id.clone(),
        request_id: "correct".to_owned(),
        source: pb::Source::Whatsapp.into(),
        member_id: shop.member_id.clone(),
        target: Some(pb::correct_operation_request::Target::Latest(pb::Latest {})),
        corrections: vec![pb::LineCorrection { line_number: 1, line: Some(add("6", "bread")) }],
        dry_run: false,
    };
    let corrected = shop.client.clone().correct_operation(request).await.unwrap().into_inner().operation.unwrap();

    let answer = latest(&shop, Some(named("bread"))).await.unwrap().operation.unwrap();
    assert_eq!(answer.operation_id, corrected.operation_id);
    assert_eq!(answer.kind(), pb::OperationKind::Correction);
    world.finish().await;
}

#[tokio::test]
async fn the_latest_is_the_members_own_and_of_this_shop() {
    let world = World::start().await;
    let (shop, other) = (world.shop().await, world.shop().await);
    post(&shop, "1", add("5", "bread")).await;
    let item_id = shop.stock("bread").await.candidates[0].item.clone().unwrap().item_id;

    let stranger = latest_of(&shop, &other.member_id, None).await.unwrap_err();
    let nobody = latest_of(&shop, "0190a000-0000-7000-8000-000000000000", None).await.unwrap_err();
    let not_theirs = latest(
        &other,
        Some(pb::ItemReference {
            reference: Some(pb::item_reference::Reference::ItemId(item_id)),
            ..Default::default()
        }),
    )
    .await
    .unwrap_err();

    assert_eq!(reason(&stranger), "ERROR_REASON_MEMBER_NOT_FOUND");
    assert_eq!(reason(&nobody), "ERROR_REASON_MEMBER_NOT_FOUND");
    assert_eq!(reason(&not_theirs), "ERROR_REASON_NOTHING_TO_REVERSE");
    let malformed = latest_of(&shop, "me", None).await.unwrap_err();
    assert_eq!(reason(&malformed), "ERROR_REASON_INVALID_FIELD");
    world.finish().await;
}
