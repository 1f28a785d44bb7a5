//! A key that is held to shops touches these and learns of no others, by any method there is.

use std::collections::BTreeSet;

use prost::Message as _;
use prost_types::{FileDescriptorSet, MethodDescriptorProto};
use proto::inventory::v1 as pb;
use tonic::{Code, Status};

use crate::door::{Door, entry};
use crate::world::{World, add, named, reason};

const SERVICE: &str = "thebackroom.inventory.v1.InventoryService";
/// Nobody's.
const NOWHERE: &str = "0190b2c4-0000-7000-8000-000000000000";

/// Any request that names a shop, as far as that goes.
#[derive(Clone, PartialEq, prost::Message)]
struct Naming {
    #[prost(string, tag = "1")]
    shop_id: String,
}

/// The same, one message further in.
#[derive(Clone, PartialEq, prost::Message)]
struct NamingWithin {
    #[prost(message, optional, tag = "1")]
    inner: Option<Naming>,
}

fn methods() -> Vec<MethodDescriptorProto> {
    let set = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).unwrap();
    let files = set.file.into_iter().filter(|file| file.package() == "thebackroom.inventory.v1");
    files.flat_map(|file| file.service).flat_map(|service| service.method).collect()
}

/// Calls a method with nothing but a shop.
async fn call(door: &Door, key: &str, method: &MethodDescriptorProto, shop_id: &str) -> Result<(), Status> {
    let mut client = tonic::client::Grpc::new(door.channel(key));
    client.ready().await.map_err(|error| Status::unknown(error.to_string()))?;
    let path = format!("/{SERVICE}/{}", method.name()).parse().unwrap();
    let naming = Naming { shop_id: shop_id.to_owned() };
    // What an import is comes in a message of its first one.
    if method.client_streaming() {
        let request = tonic::Request::new(NamingWithin { inner: Some(naming) });
        let codec = tonic_prost::ProstCodec::<NamingWithin, ()>::default();
        return client.unary(request, path, codec).await.map(drop);
    }
    let (request, codec) = (tonic::Request::new(naming), tonic_prost::ProstCodec::<Naming, ()>::default());
    if method.server_streaming() {
        return client.server_streaming(request, path, codec).await.map(drop);
    }
    client.unary(request, path, codec).await.map(drop)
}

/// Returns all that a refusal says, with one id for another of the same length.
fn told(status: &Status, shop_id: &str) -> (Code, String, Vec<u8>) {
    let details = status.details().to_vec();
    let (from, to) = (shop_id.as_bytes(), b"................ any shop .............");
    let mut told = Vec::new();
    let mut rest = details.as_slice();
    while let Some((first, others)) = rest.split_first() {
        if rest.starts_with(from) {
            told.extend_from_slice(&to[..from.len()]);
            rest = &rest[from.len()..];
        } else {
            told.push(*first);
            rest = others;
        }
    }
    (status.code(), status.message().replace(shop_id, "a shop"), told)
}

#[tokio::test]
async fn at_every_method_a_shop_out_of_reach_is_no_shop() {
    let world = World::start().await;
    let (mine, theirs) = (world.shop().await, world.shop().await);
    let door = Door::open(&world, &entry("till", &format!("* shops={}", mine.id))).await;
    let (mut refused, mut held) = (BTreeSet::new(), 0);

    for method in methods() {
        let name = method.name();
        let not_yours = call(&door, "till", &method, &theirs.id).await.expect_err(name);
        if reason(&not_yours) == "ERROR_REASON_METHOD_NOT_ALLOWED" {
            refused.insert(name.to_owned());
            continue;
        }
        let not_there = call(&door, "till", &method, NOWHERE).await.expect_err(name);
        assert_eq!(reason(&not_yours), "ERROR_REASON_SHOP_NOT_FOUND", "{name}");
        assert_eq!(told(&not_yours, &theirs.id), told(&not_there, NOWHERE), "{name}");
        // And its own is let through, to whatever else is missing in the request.
        if let Err(status) = call(&door, "till", &method, &mine.id).await {
            let reason = reason(&status);
            assert!(
                !["ERROR_REASON_SHOP_NOT_FOUND", "ERROR_REASON_METHOD_NOT_ALLOWED"].contains(&reason.as_str()),
                "{name}: {status:?}"
            );
        }
        held += 1;
    }

    // What names no shop, and is about whoever it names: not for a key that is held to some.
    let about_people = ["ForgetPerson", "IdentifyMember", "LinkIdentity"].map(str::to_owned);
    assert_eq!(refused, BTreeSet::from(about_people));
    assert!(held > 35, "{held}");
    door.close(world).await;
}

#[tokio::test]
async fn a_shop_out_of_reach_is_answered_as_one_that_is_not_there_is_answered_to_anybody() {
    let world = World::start().await;
    let (mine, theirs) = (world.shop().await, world.shop().await);
    let keys = [entry("till", &format!("* shops={}", mine.id)), entry("all", "*")].join("\n");
    let door = Door::open(&world, &keys).await;
    let (mut till, mut all) = (door.caller("till"), door.caller("all"));
    macro_rules! same {
        ($method:ident, $request:expr) => {{
            let request = $request;
            let ask = |shop_id: &str| {
                let mut asked = request.clone();
                asked.shop_id = shop_id.to_owned();
                asked
            };
            let not_yours = till.$method(ask(&theirs.id)).await.map(drop).unwrap_err();
            let not_there = all.$method(ask(NOWHERE)).await.map(drop).unwrap_err();
            assert_eq!(told(&not_yours, &theirs.id), told(&not_there, NOWHERE), stringify!($method));
            assert!(till.$method(ask(&mine.id)).await.is_ok(), stringify!($method));
        }};
    }

    same!(post_operation, mine.request("1", vec![add("5", "milk")]));
    same!(get_stock, pb::GetStockRequest { item: Some(named("milk")), ..Default::default() });
    same!(list_stock, pb::ListStockRequest::default());
    same!(list_movements, pb::ListMovementsRequest::default());
    same!(get_stock_value, pb::GetStockValueRequest::default());
    same!(list_members, pb::ListMembersRequest::default());
    same!(list_locations, pb::ListLocationsRequest::default());
    same!(watch_stock, pb::WatchStockRequest::default());
    // Malformed is malformed, whoever asks.
    for caller in [&mut till, &mut all] {
        let request = pb::ListStockRequest { shop_id: "all of them".to_owned(), ..Default::default() };
        assert_eq!(reason(&caller.list_stock(request).await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    }
    // An id has more than one spelling.
    let shouted = pb::ListStockRequest { shop_id: mine.id.to_uppercase(), ..Default::default() };
    assert!(till.list_stock(shouted).await.is_ok());
    door.close(world).await;
}

#[tokio::test]
async fn a_key_of_two_shops_opens_both_and_a_key_without_a_word_opens_all() {
    let world = World::start().await;
    let (first, second, third) = (world.shop().await, world.shop().await, world.shop().await);
    let keys = [entry("two", &format!("* shops={},{}", first.id, second.id)), entry("all", "*")].join(";");
    let door = Door::open(&world, &keys).await;
    let list = async |key: &str, shop_id: &str| {
        let request = pb::ListStockRequest { shop_id: shop_id.to_owned(), ..Default::default() };
        door.caller(key).list_stock(request).await.is_ok()
    };

    assert_eq!(
        (list("two", &first.id).await, list("two", &second.id).await, list("two", &third.id).await),
        (true, true, false)
    );
    assert_eq!(
        (list("all", &first.id).await, list("all", &second.id).await, list("all", &third.id).await),
        (true, true, true)
    );
    door.close(world).await;
}
