//! What is refused, with which reason, and that nothing happens then.

use jiff::SignedDuration;
use platform::error::metadata_of;
use proto::inventory::v1 as pb;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::{World, add, count, in_unit, reason, sell};

#[tokio::test]
async fn every_wrong_field_is_named_with_its_path() {
    let world = World::start().await;
    let shop = world.shop().await;
    let mut request =
        shop.request("has space", vec![sell("-1", "bread"), in_unit(add("1", " !? "), "case", Some("0"))]);
    request.source = 0;
    request.member_id = "nobody".to_owned();

    let refused = shop.send(request).await.unwrap_err();

    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(reason(&refused), "ERROR_REASON_INVALID_FIELD");
    let violations = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<_> = violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(
        fields,
        ["request_id", "source", "member_id", "lines[0].change.quantity", "lines[1].item.name", "lines[1].pack_size"]
    );
    world.finish().await;
}

#[tokio::test]
async fn malformed_requests_are_refused() {
    let world = World::start().await;
    let shop = world.shop().await;
    let ordinary = || shop.request("1", vec![add("1", "bread")]);
    let with = |change: &dyn Fn(&mut pb::PostOperationRequest)| {
        let mut request = ordinary();
        change(&mut request);
        request
    };
    let at = |offset: SignedDuration| {
        let time = shop.now() + offset;
        Some(prost_types::Timestamp { seconds: time.as_second(), nanos: 0 })
    };
    for (what, request) in [
        ("no lines", with(&|request| request.lines.clear())),
        ("too many lines", with(&|request| request.lines = vec![add("1", "bread"); 101])),
        ("no effect", with(&|request| request.lines[0].effect = None)),
        ("no item", with(&|request| request.lines[0].item = None)),
        ("long name", with(&|request| request.lines[0] = add("1", &"x".repeat(201)))),
        ("nul", with(&|request| request.lines[0] = add("1", "a\0b"))),
        ("zero", with(&|request| request.lines[0] = add("0", "bread"))),
        ("exponent", with(&|request| request.lines[0] = add("1e3", "bread"))),
        ("count below zero", with(&|request| request.lines[0] = count("-1", "bread"))),
        (
            "a kind of ours",
            with(&|request| {
                request.lines[0] = crate::world::change(pb::MovementKind::Reversal, "1", "bread");
            }),
        ),
        ("ahead", with(&|request| request.occur_time = at(SignedDuration::from_hours(1)))),
        ("long ago", with(&|request| request.occur_time = at(SignedDuration::from_hours(-25)))),
        ("place", with(&|request| request.lines[0].location_id = "0190b2c4-0000-7000-8000-000000000000".to_owned())),
        ("long request id", with(&|request| request.request_id = "x".repeat(257))),
        (
            "too much",
            with(&|request| {
                request.lines = vec![add("999999999999999", "bread"), add("999999999999999", "bread")];
            }),
        ),
    ] {
        let refused = shop.send(request).await.expect_err(what);
        assert_eq!(reason(&refused), "ERROR_REASON_INVALID_FIELD", "{what}");
    }
    let refused = shop.post("1", vec![add("1.2345", "bread")]).await.unwrap_err();
    assert_eq!(reason(&refused), "ERROR_REASON_SCALE_EXCEEDED");
    assert_eq!(shop.movements().await.len(), 0);

    let mut backdated = ordinary();
    backdated.occur_time = at(SignedDuration::from_hours(-7 * 24));
    backdated.backdated = true;
    shop.send(backdated).await.unwrap();
    let mut slightly_ahead = shop.request("2", vec![add("1", "bread")]);
    slightly_ahead.occur_time = at(SignedDuration::from_secs(60));
    let posted = shop.send(slightly_ahead).await.unwrap().operation.unwrap();
    assert_eq!(posted.occur_time, posted.record_time, "a clock that is ahead means now");
    world.finish().await;
}

#[tokio::test]
async fn another_shop_is_the_same_as_no_shop() {
    let world = World::start().await;
    let (mine, theirs) = (world.shop().await, world.shop().await);
    let operation = theirs.post("1", vec![add("5", "milk")]).await.unwrap().operation.unwrap();
    let nowhere = world.as_member("0190b2c4-0000-7000-8000-000000000000", &mine.member_id);
    let stranger = world.as_member(&theirs.id, &mine.member_id);

    assert_eq!(reason(&nowhere.post("1", vec![add("1", "x")]).await.unwrap_err()), "ERROR_REASON_SHOP_NOT_FOUND");
    assert_eq!(reason(&nowhere.undo("1").await.unwrap_err()), "ERROR_REASON_SHOP_NOT_FOUND");
    let request = pb::ListStockRequest { shop_id: nowhere.id.clone(), ..Default::default() };
    let refused = nowhere.client.clone().list_stock(request).await.unwrap_err();
    assert_eq!((reason(&refused).as_str(), refused.code()), ("ERROR_REASON_SHOP_NOT_FOUND", Code::NotFound));
    assert_eq!(reason(&stranger.post("2", vec![add("1", "x")]).await.unwrap_err()), "ERROR_REASON_MEMBER_NOT_FOUND");
    let foreign = mine.send_reversal(mine.reversal("1", Some(&operation.operation_id))).await.unwrap_err();
    assert_eq!(reason(&foreign), "ERROR_REASON_OPERATION_NOT_FOUND");
    let absent = mine.send_reversal(mine.reversal("1", Some(&nowhere.id))).await.unwrap_err();
    assert_eq!(reason(&absent), "ERROR_REASON_OPERATION_NOT_FOUND");
    assert_eq!(foreign.message(), absent.message());
    assert_eq!(mine.stock("milk").await.candidates.len(), 0);
    world.finish().await;
}

#[tokio::test]
async fn a_strict_shop_refuses_to_go_below_zero() {
    let world = World::start().await;
    let shop = world.shop().await;
    world.execute("UPDATE shop SET shortage_policy = 'block'").await;
    shop.post("1", vec![add("2", "bread"), add("9", "milk")]).await.unwrap();

    let refused = shop.post("2", vec![sell("1", "milk"), sell("5", "bread")]).await.unwrap_err();

    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert_eq!(reason(&refused), "ERROR_REASON_INSUFFICIENT_STOCK");
    assert_eq!(metadata_of(&refused, "onHand").unwrap(), "2");
    assert_eq!(metadata_of(&refused, "asked").unwrap(), "5");
    assert_eq!(shop.on_hand("milk").await, "9", "all of it or nothing");
    world.finish().await;
}

#[tokio::test]
async fn a_viewer_looks() {
    let world = World::start().await;
    let owner = world.shop().await;
    let viewer = world.as_member(&owner.id, &crate::people::join(&world, &owner.id, "viewer").await);

    let refused = viewer.post("1", vec![add("1", "bread")]).await.unwrap_err();

    assert_eq!(reason(&refused), "ERROR_REASON_ROLE_NOT_ALLOWED");
    assert_eq!(reason(&viewer.undo("2").await.unwrap_err()), "ERROR_REASON_ROLE_NOT_ALLOWED");
    world.finish().await;
}

#[tokio::test]
async fn a_caller_without_a_key_is_refused() {
    let world = World::start().await;
    let channel = world.plain_channel();
    let mut client = proto::inventory::v1::inventory_service_client::InventoryServiceClient::new(channel);

    let refused = client.list_stock(pb::ListStockRequest::default()).await.unwrap_err();

    assert_eq!(refused.code(), Code::Unauthenticated);
    assert_eq!(reason(&refused), "ERROR_REASON_UNKNOWN_CALLER");
    world.finish().await;
}
