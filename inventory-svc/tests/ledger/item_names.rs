//! What the items of a shop are called, for whoever reads what people write.

use jiff::SignedDuration;
use proto::common::v1::WhatsAppUser;
use proto::inventory::v1 as pb;

use crate::world::{Shop, World, add, in_unit, sell};

async fn identify(world: &World, user_id: &str, with_items: bool) -> pb::IdentifyMemberResponse {
    let user = Some(WhatsAppUser { user_id: user_id.to_owned(), phone_number: String::new() });
    let request = pb::IdentifyMemberRequest { user, with_items, ..Default::default() };
    world.client.clone().identify_member(request).await.expect("sign-up is open").into_inner()
}

async fn shop_of(world: &World, user_id: &str) -> Shop {
    let identified = identify(world, user_id, false).await;
    assert!(identified.items.is_empty());
    let (shop, member) = (identified.shop.expect("a shop"), identified.member.expect("a member"));
    world.as_member(&shop.shop_id, &member.member_id)
}

#[tokio::test]
async fn items_come_with_their_names_and_units_those_that_moved_last_first() {
    let world = World::start().await;
    let shop = shop_of(&world, "ZA.names").await;
    for name in ["bread", "Coke 2L", "eggs"] {
        world.pass(SignedDuration::from_secs(1));
        shop.post(&name.replace(' ', "-"), vec![add("10", name)]).await.unwrap();
    }
    world.pass(SignedDuration::from_secs(1));
    shop.post("tray", vec![in_unit(add("1", "bread"), "tray", Some("12"))]).await.unwrap();
    let english = pb::OperationLine {
        item: Some(pb::ItemReference { english_name: "milk".to_owned(), ..crate::world::named("ubisi") }),
        ..add("1", "")
    };
    shop.post("milk", vec![english]).await.unwrap();

    let items = identify(&world, "ZA.names", true).await.items;

    let told: Vec<_> =
        items.iter().map(|item| format!("{} {:?} {:?}", item.display_name, item.aliases, item.units)).collect();
    assert_eq!(
        told,
        [r#"ubisi ["milk"] ["each"]"#, r#"bread [] ["each", "tray"]"#, r#"eggs [] ["each"]"#, r#"Coke 2L [] ["each"]"#,]
    );
    world.finish().await;
}

#[tokio::test]
async fn barcodes_and_archived_items_are_left_out_and_other_shops_unseen() {
    let world = World::start().await;
    let (shop, other) = (shop_of(&world, "ZA.left").await, shop_of(&world, "ZA.other").await);
    shop.post("1", vec![add("10", "bread"), add("10", "milk")]).await.unwrap();
    other.post("1", vec![add("10", "fish")]).await.unwrap();
    let ids: Vec<_> = identify(&world, "ZA.left", true).await.items.into_iter().map(|item| item.item_id).collect();
    let source = pb::Source::Whatsapp.into();
    let (shop_id, member_id) = (shop.id.clone(), shop.member_id.clone());
    let barcode = pb::AddItemNameRequest {
        shop_id: shop_id.clone(),
        request_id: "barcode".to_owned(),
        source,
        member_id: member_id.clone(),
        item_id: ids[0].clone(),
        name: Some(pb::add_item_name_request::Name::Barcode("6001234567890".to_owned())),
    };
    shop.client.clone().add_item_name(barcode).await.unwrap();
    let archive = pb::ArchiveItemRequest {
        shop_id,
        request_id: "archive".to_owned(),
        source,
        member_id,
        item_id: ids[1].clone(),
    };
    shop.client.clone().archive_item(archive).await.unwrap();

    let items = identify(&world, "ZA.left", true).await.items;

    assert_eq!(items.len(), 1);
    assert_eq!((items[0].item_id.as_str(), items[0].aliases.len()), (ids[0].as_str(), 0));
    world.finish().await;
}

#[tokio::test]
async fn at_most_a_thousand_items_are_told() {
    let world = World::start().await;
    let shop = shop_of(&world, "ZA.many").await;
    for batch in 0..11 {
        world.pass(SignedDuration::from_secs(1));
        let lines = (0..91).map(|place| add("1", &format!("thing number {}", batch * 91 + place))).collect();
        shop.post(&format!("{batch}"), lines).await.unwrap();
    }
    world.pass(SignedDuration::from_secs(1));
    shop.post("sold", vec![sell("1", "thing number 0")]).await.unwrap();

    let items = identify(&world, "ZA.many", true).await.items;

    assert_eq!(items.len(), 1_000);
    assert_eq!(items[0].display_name, "thing number 0");
    world.finish().await;
}
