//! What may change about an item, and what a shop is short of.

use proto::inventory::v1 as pb;
use proto::inventory::v1::add_item_name_request::Name;
use tokio::task::JoinSet;
use tonic::{Code, Status};

use crate::people::join;
use crate::world::{Shop, World, add, count, decimal, in_unit, reason, sell, text};

/// Adds some of an item and returns its id.
async fn item(shop: &Shop, quantity: &str, name: &str) -> String {
    shop.line(&format!("first {name}").replace(' ', "."), add(quantity, name)).await.item.expect("it is there").item_id
}

fn renaming(shop: &Shop, request_id: &str, item_id: &str, name: &str) -> pb::RenameItemRequest {
    pb::RenameItemRequest {
        shop_id: shop.id.clone(),
        request_id: request_id.to_owned(),
        source: pb::Source::Whatsapp.into(),
        member_id: shop.member_id.clone(),
        item_id: item_id.to_owned(),
        display_name: name.to_owned(),
    }
}

async fn rename(shop: &Shop, request_id: &str, item_id: &str, name: &str) -> Result<pb::Item, Status> {
    let answer = shop.client.clone().rename_item(renaming(shop, request_id, item_id, name)).await?;
    Ok(answer.into_inner().item.expect("an item"))
}

async fn name(shop: &Shop, request_id: &str, item_id: &str, name: Name) -> Result<pb::Item, Status> {
    let renaming = renaming(shop, request_id, item_id, "");
    let request = pb::AddItemNameRequest {
        shop_id: renaming.shop_id,
        request_id: renaming.request_id,
        source: renaming.source,
        member_id: renaming.member_id,
        item_id: renaming.item_id,
        name: Some(name),
    };
    Ok(shop.client.clone().add_item_name(request).await?.into_inner().item.expect("an item"))
}

async fn archive(shop: &Shop, request_id: &str, item_id: &str) -> Result<pb::Item, Status> {
    let renaming = renaming(shop, request_id, item_id, "");
    let request = pb::ArchiveItemRequest {
        shop_id: renaming.shop_id,
        request_id: renaming.request_id,
        source: renaming.source,
        member_id: renaming.member_id,
        item_id: renaming.item_id,
    };
    Ok(shop.client.clone().archive_item(request).await?.into_inner().item.expect("an item"))
}

async fn set_level(shop: &Shop, request_id: &str, item_id: &str, level: Option<&str>) -> Result<pb::Item, Status> {
    let renaming = renaming(shop, request_id, item_id, "");
    let request = pb::SetLowLevelRequest {
        shop_id: renaming.shop_id,
        request_id: renaming.request_id,
        source: renaming.source,
        member_id: renaming.member_id,
        item_id: renaming.item_id,
        low_level: level.map(decimal),
    };
    Ok(shop.client.clone().set_low_level(request).await?.into_inner().item.expect("an item"))
}

async fn set_pack(shop: &Shop, request_id: &str, item_id: &str, unit: &str, size: &str) -> Result<pb::Item, Status> {
    let renaming = renaming(shop, request_id, item_id, "");
    let request = pb::SetItemPackRequest {
        shop_id: renaming.shop_id,
        request_id: renaming.request_id,
        source: renaming.source,
        member_id: renaming.member_id,
        item_id: renaming.item_id,
        unit: unit.to_owned(),
        pack_size: Some(decimal(size)),
    };
    Ok(shop.client.clone().set_item_pack(request).await?.into_inner().item.expect("an item"))
}

async fn low(shop: &Shop, page_size: i32, page_token: &str) -> Result<pb::ListLowStockResponse, Status> {
    let request = pb::ListLowStockRequest { shop_id: shop.id.clone(), page_size, page_token: page_token.to_owned() };
    Ok(shop.client.clone().list_low_stock(request).await?.into_inner())
}

fn names(levels: &[pb::StockLevel]) -> Vec<&str> {
    levels.iter().filter_map(|level| level.item.as_ref()).map(|item| item.display_name.as_str()).collect()
}

#[tokio::test]
async fn a_renamed_item_is_found_under_both_names_and_keeps_its_history() {
    let world = World::start().await;
    let shop = world.shop().await;
    let bread = item(&shop, "5", "bread").await;

    let renamed = rename(&shop, "1", &bread, "Brown  bread 700g").await.unwrap();

    assert_eq!((renamed.item_id.as_str(), renamed.display_name.as_str()), (bread.as_str(), "Brown bread 700g"));
    shop.post("2", vec![sell("1", "bread"), sell("1", "brown bread 700g")]).await.unwrap();
    assert_eq!(shop.on_hand("bread").await, "3");
    assert!(shop.movements().await.iter().all(|movement| movement.item_name == "Brown bread 700g"));
    // And back, and to another spelling of itself.
    rename(&shop, "3", &bread, "bread").await.unwrap();
    assert_eq!(rename(&shop, "4", &bread, "BREAD").await.unwrap().display_name, "BREAD");
    assert_eq!(shop.on_hand("brown bread 700g").await, "3");
    world.finish().await;
}

#[tokio::test]
async fn a_name_means_one_item() {
    let world = World::start().await;
    let shop = world.shop().await;
    let (bread, milk) = (item(&shop, "5", "bread").await, item(&shop, "5", "milk").await);

    for refused in [
        rename(&shop, "1", &bread, "Milk").await.unwrap_err(),
        name(&shop, "1", &bread, Name::Alias("milks".into())).await.unwrap_err(),
    ] {
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::AlreadyExists, "ERROR_REASON_NAME_TAKEN"));
        assert_eq!(platform::error::metadata_of(&refused, "itemId").as_ref(), Some(&milk));
    }
    name(&shop, "2", &bread, Name::Alias("isonka".into())).await.unwrap();
    name(&shop, "3", &bread, Name::Barcode("6001240100011".into())).await.unwrap();
    shop.post("4", vec![sell("1", "isonka"), sell("1", "6001240100011")]).await.unwrap();
    assert_eq!(shop.on_hand("bread").await, "3");
    // What is put away gives its names free.
    archive(&shop, "5", &milk).await.unwrap();
    rename(&shop, "6", &bread, "milk").await.unwrap();
    assert_eq!(shop.on_hand("milk").await, "3");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_changes_once_and_of_two_who_want_a_name_one_gets_it() {
    let world = World::start().await;
    let shop = world.shop().await;
    let items = [item(&shop, "5", "bread").await, item(&shop, "5", "milk").await];
    let mut calls = JoinSet::new();
    for call in 0..8 {
        let (shop, item_id) = (shop.clone(), items[call / 4].clone());
        calls.spawn(async move { (call / 4, rename(&shop, &format!("{}", call / 4), &item_id, "cream").await) });
    }
    let answers = calls.join_all().await;

    let winners: Vec<_> = answers.iter().filter(|(_, answer)| answer.is_ok()).map(|(item, _)| *item).collect();
    assert_eq!(winners.len(), 4, "all twins of one");
    assert!(winners.iter().all(|winner| *winner == winners[0]));
    for (_, refused) in answers.iter().filter(|(_, answer)| answer.is_err()) {
        assert_eq!(reason(refused.as_ref().unwrap_err()), "ERROR_REASON_NAME_TAKEN");
    }
    let other = rename(&shop, &format!("{}", winners[0]), &items[winners[0]], "butter").await.unwrap_err();
    assert_eq!(reason(&other), "ERROR_REASON_REQUEST_ID_REUSED");
    world.finish().await;
}

#[tokio::test]
async fn an_archived_item_is_out_of_the_lists_and_its_history_stays() {
    let world = World::start().await;
    let shop = world.shop().await;
    let (bread, _) = (item(&shop, "5", "bread").await, item(&shop, "0.5", "flour").await);

    archive(&shop, "1", &bread).await.unwrap();

    assert!(shop.stock("bread").await.candidates.is_empty());
    assert_eq!(shop.movements().await.len(), 2);
    let again = archive(&shop, "2", &bread).await.unwrap_err();
    assert_eq!(reason(&again), "ERROR_REASON_ITEM_NOT_FOUND");
    let new = shop.line("3", add("2", "bread")).await;
    assert!(new.item_created, "the name is free for another one");
    assert_eq!(shop.on_hand("bread").await, "2");
    world.finish().await;
}

#[tokio::test]
async fn a_pack_is_for_lines_from_now_on() {
    let world = World::start().await;
    let shop = world.shop().await;
    let coke = item(&shop, "1", "coke").await;
    set_pack(&shop, "1", &coke, "case", "6").await.unwrap();
    shop.post("2", vec![in_unit(add("1", "coke"), "case", None)]).await.unwrap();

    set_pack(&shop, "3", &coke, "cases", "12").await.unwrap();
    shop.post("4", vec![in_unit(add("1", "coke"), "case", None)]).await.unwrap();

    assert_eq!(shop.on_hand("coke").await, "19");
    let deltas: Vec<_> = shop.movements().await.iter().map(|movement| text(movement.delta.as_ref())).collect();
    assert_eq!(deltas, ["12", "6", "1"]);
    for (unit, size) in [("", "6"), ("each", "6"), ("case", "0"), ("case", "-1")] {
        let refused = set_pack(&shop, "5", &coke, unit, size).await.unwrap_err();
        assert_eq!(reason(&refused), "ERROR_REASON_INVALID_FIELD", "{unit} of {size}");
    }
    world.finish().await;
}

#[tokio::test]
async fn a_crossing_is_told_once_and_a_refill_arms_it_again() {
    let world = World::start().await;
    let shop = world.shop().await;
    let bread = item(&shop, "10", "bread").await;
    assert_eq!(text(set_level(&shop, "level", &bread, Some("5")).await.unwrap().low_level.as_ref()), "5");

    for (place, (line, crosses)) in [
        (sell("4", "bread"), false), // 6
        (sell("1", "bread"), true),  // 5: at the level
        (sell("1", "bread"), false), // 4
        (add("1", "bread"), false),  // 5: not above it
        (sell("2", "bread"), false), // 3
        (add("9", "bread"), false),  // 12: armed again
        (sell("20", "bread"), true), // -8: far below at once
        (count("30", "bread"), false),
        (count("2", "bread"), true), // a count crosses as well
    ]
    .into_iter()
    .enumerate()
    {
        let request = shop.request(&format!("{place}"), vec![line]);
        let answer = shop.send(request.clone()).await.unwrap();
        assert_eq!(answer.results[0].low_level_crossed, crosses, "line {place}");
        assert_eq!(shop.send(request).await.unwrap().results, answer.results, "a repeat says the same");
    }
    set_level(&shop, "none", &bread, None).await.unwrap();
    shop.post("refill", vec![add("20", "bread")]).await.unwrap();
    assert!(!shop.line("last", sell("22", "bread")).await.low_level_crossed);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_sales_at_once_one_crosses_the_level() {
    let world = World::start().await;
    let shop = world.shop().await;
    let bread = item(&shop, "20", "bread").await;
    set_level(&shop, "level", &bread, Some("10")).await.unwrap();

    let mut sales = JoinSet::new();
    for sale in 0..20 {
        let shop = shop.clone();
        sales.spawn(async move { shop.line(&format!("{sale}"), sell("1", "bread")).await });
    }

    assert_eq!(sales.join_all().await.iter().filter(|result| result.low_level_crossed).count(), 1);
    world.finish().await;
}

#[tokio::test]
async fn what_is_low_is_listed_by_name_in_pages() {
    let world = World::start().await;
    let (shop, elsewhere) = (world.shop().await, world.shop().await);
    elsewhere.post("1", vec![count("0", "other")]).await.unwrap();
    let (bread, milk) = (item(&shop, "5", "bread").await, item(&shop, "6", "milk").await);
    let tea = item(&shop, "1", "tea").await;
    for (request_id, id) in [("1", &bread), ("2", &milk), ("3", &tea)] {
        set_level(&shop, request_id, id, Some("5")).await.unwrap();
    }
    shop.post("4", vec![count("0", "eggs"), add("3", "sugar")]).await.unwrap();
    archive(&shop, "5", &tea).await.unwrap();

    // At its level, above it, nothing left without a level, something left without one.
    assert_eq!(names(&low(&shop, 0, "").await.unwrap().low_stock_levels), ["bread", "eggs"]);
    let first = low(&shop, 1, "").await.unwrap();
    let second = low(&shop, 1, &first.next_page_token).await.unwrap();
    assert_eq!((names(&first.low_stock_levels), names(&second.low_stock_levels)), (vec!["bread"], vec!["eggs"]));
    assert_eq!(second.next_page_token, "");
    let foreign = low(&elsewhere, 1, &first.next_page_token).await.unwrap_err();
    assert_eq!(reason(&foreign), "ERROR_REASON_INVALID_PAGE_TOKEN");
    assert_eq!(reason(&low(&shop, -1, "").await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    world.finish().await;
}

#[tokio::test]
async fn who_may_not_and_what_is_not_there_is_refused() {
    let world = World::start().await;
    let (shop, elsewhere) = (world.shop().await, world.shop().await);
    let bread = item(&shop, "5", "bread").await;
    let theirs = item(&elsewhere, "5", "bread").await;
    let clerk = world.as_member(&shop.id, &join(&world, &shop.id, "clerk").await);
    let viewer = world.as_member(&shop.id, &join(&world, &shop.id, "viewer").await);
    let manager = world.as_member(&shop.id, &join(&world, &shop.id, "manager").await);

    for refused in [
        rename(&clerk, "1", &bread, "loaf").await,
        archive(&clerk, "1", &bread).await,
        set_level(&clerk, "1", &bread, Some("1")).await,
        name(&viewer, "1", &bread, Name::Alias("loaf".into())).await,
        set_pack(&viewer, "1", &bread, "tray", "12").await,
    ] {
        let refused = refused.unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::PermissionDenied, "ERROR_REASON_ROLE_NOT_ALLOWED")
        );
    }
    name(&clerk, "2", &bread, Name::Alias("loaf".into())).await.unwrap();
    set_pack(&clerk, "3", &bread, "tray", "12").await.unwrap();
    set_level(&manager, "4", &bread, Some("2")).await.unwrap();

    let not_yours = rename(&shop, "5", &theirs, "loaf").await.unwrap_err();
    let not_there = rename(&shop, "5", "0190b2c4-0000-7000-8000-000000000000", "loaf").await.unwrap_err();
    for refused in [&not_yours, &not_there] {
        assert_eq!((refused.code(), reason(refused).as_str()), (Code::NotFound, "ERROR_REASON_ITEM_NOT_FOUND"));
    }
    assert_eq!(not_yours.message(), not_there.message());
    for refused in [
        rename(&shop, "6", &bread, " ").await,
        rename(&shop, "6", "bread", "loaf").await,
        rename(&shop, "", &bread, "loaf").await,
        name(&shop, "6", &bread, Name::Barcode("600-124".into())).await,
        name(&shop, "6", &bread, Name::Barcode("123".into())).await,
        name(&shop, "6", &bread, Name::Alias("?".into())).await,
        set_level(&shop, "6", &bread, Some("-1")).await,
    ] {
        assert_eq!(reason(&refused.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    }
    let too_fine = set_level(&shop, "6", &bread, Some("1.5")).await.unwrap_err();
    assert_eq!(reason(&too_fine), "ERROR_REASON_SCALE_EXCEEDED");
    world.finish().await;
}
