//! Asking for one operation.

use proto::inventory::v1 as pb;
use proto::inventory::v1::get_operation_request::Key;
use tonic::{Code, Status};

use crate::world::{Shop, World, add, reason, sell};

async fn get(shop: &Shop, key: impl Into<Option<Key>>) -> Result<pb::GetOperationResponse, Status> {
    let request = pb::GetOperationRequest { shop_id: shop.id.clone(), key: key.into() };
    Ok(shop.client.clone().get_operation(request).await?.into_inner())
}

fn by_id(id: &str) -> Key {
    Key::OperationId(id.to_owned())
}

fn by_request(source: pb::Source, request_id: &str) -> Key {
    Key::Request(pb::RequestKey { source: source.into(), request_id: request_id.to_owned() })
}

#[tokio::test]
async fn an_operation_is_found_by_its_id_and_by_its_request() {
    let world = World::start().await;
    let shop = world.shop().await;
    let posted = shop.post("wamid.1", vec![add("5", "milk"), sell("2", "milk")]).await.unwrap().operation.unwrap();

    for key in [by_id(&posted.operation_id), by_request(pb::Source::Whatsapp, "wamid.1")] {
        let found = get(&shop, key).await.unwrap();
        assert_eq!(found.operation.as_ref(), Some(&posted));
        assert_eq!(found.reversed_by_operation_id, "");
    }

    let undone = shop.undo("wamid.2").await.unwrap().operation.unwrap();
    let found = get(&shop, by_id(&posted.operation_id)).await.unwrap();
    assert_eq!(found.reversed_by_operation_id, undone.operation_id);
    let reversal = get(&shop, by_request(pb::Source::Whatsapp, "wamid.2")).await.unwrap();
    assert_eq!(reversal.operation, Some(undone));
    world.finish().await;
}

#[tokio::test]
async fn not_yours_is_the_same_as_not_there() {
    let world = World::start().await;
    let (mine, theirs) = (world.shop().await, world.shop().await);
    let posted = theirs.post("wamid.1", vec![add("5", "milk")]).await.unwrap().operation.unwrap();
    let nowhere = "0190b2c4-0000-7000-8000-000000000000";

    let not_yours = get(&mine, by_id(&posted.operation_id)).await.unwrap_err();
    let not_there = get(&mine, by_id(nowhere)).await.unwrap_err();
    let not_your_request = get(&mine, by_request(pb::Source::Whatsapp, "wamid.1")).await.unwrap_err();
    let other_source = get(&theirs, by_request(pb::Source::Grpc, "wamid.1")).await.unwrap_err();

    for refused in [&not_yours, &not_there, &not_your_request, &other_source] {
        assert_eq!((refused.code(), reason(refused).as_str()), (Code::NotFound, "ERROR_REASON_OPERATION_NOT_FOUND"));
    }
    assert_eq!(not_yours.message(), not_there.message());
    assert!(!not_your_request.message().contains("wamid"));
    let no_shop = world.as_member(nowhere, &mine.member_id);
    assert_eq!(reason(&get(&no_shop, by_id(nowhere)).await.unwrap_err()), "ERROR_REASON_SHOP_NOT_FOUND");
    assert_eq!(reason(&get(&mine, None).await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    for wrong in [by_id("1"), by_request(pb::Source::Unspecified, "1"), by_request(pb::Source::Grpc, "")] {
        assert_eq!(reason(&get(&mine, wrong).await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    }
    world.finish().await;
}
