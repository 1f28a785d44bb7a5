//! Why a balance is what it is, what an item is, what a name means, and the alarm.

use jiff::SignedDuration;
use proto::inventory::v1::{self as pb, ItemNameMeaning};
use tonic::Status;

use crate::world::{Shop, World, add, count, decimal, in_unit, named, reason, sell, text};

const NOBODY: &str = "0190a000-0000-7000-8000-000000000000";

async fn explain(shop: &Shop, item: pb::ItemReference) -> Result<pb::StockExplanation, Status> {
    let request =
        pb::GetStockExplanationRequest { shop_id: shop.id.clone(), item: Some(item), location_id: String::new() };
    let answer = shop.client.clone().get_stock_explanation(request).await?.into_inner();
    Ok(answer.stock_explanation.expect("there is always one"))
}

fn by_id(item_id: &str) -> pb::ItemReference {
    let reference = Some(pb::item_reference::Reference::ItemId(item_id.to_owned()));
    pb::ItemReference { reference, ..Default::default() }
}

fn deltas(movements: &[pb::Movement]) -> Vec<String> {
    movements.iter().map(|line| text(line.delta.as_ref())).collect()
}

#[tokio::test]
async fn below_zero_is_explained_by_the_chain_since_the_last_count() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("50", "bread")]).await.unwrap();
    let counted = shop.post("2", vec![count("4", "bread")]).await.unwrap().operation.unwrap();
    world.pass(SignedDuration::from_mins(5));
    for (request_id, quantity) in [("3", "3"), ("4", "2"), ("5", "2")] {
        shop.post(request_id, vec![sell(quantity, "bread")]).await.unwrap();
    }

    let explanation = explain(&shop, named("bread")).await.unwrap();

    assert_eq!(text(explanation.on_hand.as_ref()), "-3");
    let last_count = explanation.last_count.unwrap();
    assert_eq!(last_count.operation_id, counted.operation_id);
    assert_eq!(
        (text(last_count.counted.as_ref()), text(last_count.expected.as_ref())),
        ("4".to_owned(), "50".to_owned())
    );
    assert_eq!(last_count.member_name, "Thandi");
    assert_eq!(deltas(&explanation.movements), ["-3", "-2", "-2"]);
    let below_zero = explanation.below_zero.unwrap();
    assert_eq!(below_zero.movement_id, explanation.movements[1].movement_id);
    assert_eq!(text(below_zero.balance_before.as_ref()), "1");
    assert_eq!(explanation.omitted_count, 0);
    world.finish().await;
}

#[tokio::test]
async fn what_went_below_zero_and_came_back_is_explained_by_the_last_crossing() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("1", "bread")]).await.unwrap();
    for (request_id, line) in [("2", sell("3", "bread")), ("3", add("5", "bread")), ("4", sell("9", "bread"))] {
        shop.post(request_id, vec![line]).await.unwrap();
    }

    let below = explain(&shop, named("bread")).await.unwrap();
    shop.post("5", vec![add("20", "bread")]).await.unwrap();
    let above = explain(&shop, named("bread")).await.unwrap();

    assert_eq!(text(below.below_zero.unwrap().delta.as_ref()), "-9");
    assert!(below.last_count.is_none());
    assert_eq!(deltas(&below.movements), ["1", "-3", "5", "-9"]);
    assert!(above.below_zero.is_none());
    world.finish().await;
}

#[tokio::test]
async fn a_first_sale_of_nothing_and_a_count_that_was_taken_back_are_explained() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("5", "bread")]).await.unwrap();
    shop.post("2", vec![count("5", "bread")]).await.unwrap();
    shop.post("3", vec![count("0", "bread")]).await.unwrap();
    shop.undo("undo").await.unwrap();

    let explanation = explain(&shop, named("bread")).await.unwrap();

    assert_eq!(text(explanation.last_count.unwrap().counted.as_ref()), "5");
    assert_eq!(text(explanation.on_hand.as_ref()), "5");
    world.finish().await;
}

#[tokio::test]
async fn a_long_chain_is_told_from_its_end() {
    let world = World::start().await;
    let shop = world.shop().await;
    let lines = |count: usize| (0..count).map(|_| sell("1", "bread")).collect::<Vec<_>>();
    shop.post("1", vec![add("1", "bread")]).await.unwrap();
    shop.post("2", lines(100)).await.unwrap();

    let full = explain(&shop, named("bread")).await.unwrap();

    assert_eq!((full.movements.len(), full.omitted_count), (100, 1));
    assert_eq!(text(full.movements[99].balance_after.as_ref()), "-99");
    assert_eq!(text(full.below_zero.unwrap().balance_after.as_ref()), "-1");
    world.finish().await;
}

#[tokio::test]
async fn what_is_not_there_and_what_is_another_shops_get_the_same_answer() {
    let world = World::start().await;
    let (shop, other) = (world.shop().await, world.shop().await);
    let fish = other.line("1", add("3", "fish")).await.item.unwrap().item_id;
    shop.post("1", vec![add("5", "bread")]).await.unwrap();

    for item in [by_id(&fish), by_id(NOBODY), named("fish")] {
        assert_eq!(reason(&explain(&shop, item).await.unwrap_err()), "ERROR_REASON_ITEM_NOT_FOUND");
    }
    for item_id in [fish.as_str(), NOBODY] {
        let refused = item(&shop, item_id).await.unwrap_err();
        assert_eq!(reason(&refused), "ERROR_REASON_ITEM_NOT_FOUND");
    }
    assert_eq!(meaning(&shop, by_id(&fish), true, false).await.0, ItemNameMeaning::NotFound);
    let nowhere = world.as_member(NOBODY, &shop.member_id);
    assert_eq!(reason(&explain(&nowhere, by_id(&fish)).await.unwrap_err()), "ERROR_REASON_SHOP_NOT_FOUND");
    assert_eq!(reason(&item(&nowhere, &fish).await.unwrap_err()), "ERROR_REASON_SHOP_NOT_FOUND");
    assert_eq!(reason(&item(&shop, "fish").await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    let location_id = NOBODY.to_owned();
    let no_place = pb::GetStockExplanationRequest { shop_id: shop.id.clone(), item: Some(named("bread")), location_id };
    let refused = shop.client.clone().get_stock_explanation(no_place).await.unwrap_err();
    assert_eq!(reason(&refused), "ERROR_REASON_INVALID_FIELD");
    world.finish().await;
}

async fn item(shop: &Shop, item_id: &str) -> Result<pb::ItemDetail, Status> {
    let request = pb::GetItemRequest { shop_id: shop.id.clone(), item_id: item_id.to_owned() };
    Ok(shop.client.clone().get_item(request).await?.into_inner().item_detail.expect("there is one"))
}

#[tokio::test]
async fn an_item_tells_its_names_packs_and_places_also_when_it_is_out_of_the_lists() {
    let world = World::start().await;
    let shop = world.shop().await;
    let milk = pb::OperationLine {
        item: Some(pb::ItemReference { english_name: "milk".to_owned(), ..named("ubisi") }),
        ..in_unit(add("2", ""), "case", Some("6"))
    };
    let item_id = shop.line("1", milk).await.item.unwrap().item_id;
    let source = pb::Source::Whatsapp.into();
    let (shop_id, member_id) = (shop.id.clone(), shop.member_id.clone());
    let barcode = pb::AddItemNameRequest {
        shop_id: shop_id.clone(),
        request_id: "barcode".to_owned(),
        source,
        member_id: member_id.clone(),
        item_id: item_id.clone(),
        name: Some(pb::add_item_name_request::Name::Barcode("6001234567890".to_owned())),
    };
    shop.client.clone().add_item_name(barcode).await.unwrap();

    let kept = item(&shop, &item_id).await.unwrap();
    let request_id = "archive".to_owned();
    let archive = pb::ArchiveItemRequest { shop_id, request_id, source, member_id, item_id: item_id.clone() };
    shop.client.clone().archive_item(archive).await.unwrap();
    let archived = item(&shop, &item_id).await.unwrap();

    assert_eq!((kept.aliases, kept.barcodes), (vec!["milk".to_owned()], vec!["6001234567890".to_owned()]));
    assert_eq!(kept.packs, [pb::ItemPack { unit: "case".to_owned(), pack_size: Some(decimal("6")) }]);
    assert_eq!(text(kept.stock_level.unwrap().on_hand.as_ref()), "12");
    assert_eq!(kept.places.len(), 1);
    assert!(kept.create_time.is_some() && kept.archive_time.is_none());
    assert!(archived.archive_time.is_some());
    world.finish().await;
}

async fn meaning(
    shop: &Shop,
    item: pb::ItemReference,
    may_be_new: bool,
    whole: bool,
) -> (ItemNameMeaning, Vec<String>) {
    let request = pb::ParseItemNameRequest { shop_id: shop.id.clone(), item: Some(item), may_be_new, whole };
    let answer = shop.client.clone().parse_item_name(request).await.expect("it can be asked").into_inner();
    let names = answer.candidates.iter().filter_map(|candidate| candidate.item.clone()).map(|item| item.display_name);
    (answer.meaning(), names.collect())
}

#[tokio::test]
async fn a_name_means_what_a_line_with_it_would_post_to() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("5", "bread"), add("5", "coke 2l"), add("5", "coke 500ml")]).await.unwrap();

    let bread = meaning(&shop, named("breads"), false, false).await;
    let coke = meaning(&shop, named("coke"), false, false).await;
    let new = meaning(&shop, named("screws"), true, false).await;
    let unknown = meaning(&shop, named("screws"), false, false).await;

    assert_eq!(bread, (ItemNameMeaning::Item, vec!["bread".to_owned()]));
    assert_eq!((coke.0, coke.1.len()), (ItemNameMeaning::Ambiguous, 2));
    assert_eq!(new.0, ItemNameMeaning::New);
    assert_eq!(unknown, (ItemNameMeaning::NotFound, Vec::new()));
    world.finish().await;
}

async fn discrepancies(shop: &Shop, page_token: &str) -> pb::ListDiscrepanciesResponse {
    let page_token = page_token.to_owned();
    let request = pb::ListDiscrepanciesRequest { shop_id: shop.id.clone(), page_size: 1, page_token };
    shop.client.clone().list_discrepancies(request).await.expect("it can be listed").into_inner()
}

#[tokio::test]
async fn discrepancies_are_empty_until_somebody_tampers_and_then_of_their_shop() {
    let world = World::start().await;
    let (shop, other) = (world.shop().await, world.shop().await);
    shop.post("1", vec![add("5", "bread"), add("5", "milk")]).await.unwrap();
    other.post("1", vec![add("5", "bread")]).await.unwrap();
    assert!(discrepancies(&shop, "").await.discrepancies.is_empty());

    world.execute("UPDATE stock SET on_hand = 6 WHERE seq = 1").await;

    let first = discrepancies(&shop, "").await;
    let second = discrepancies(&shop, &first.next_page_token).await;
    let mut names: Vec<_> = first.discrepancies.iter().chain(&second.discrepancies).map(|row| &row.item_name).collect();
    names.sort();
    assert_eq!(names, ["bread", "milk"]);
    assert!(second.next_page_token.is_empty());
    let row = &first.discrepancies[0];
    assert_eq!((text(row.on_hand.as_ref()), text(row.movement_sum.as_ref())), ("6".to_owned(), "5".to_owned()));
    assert_eq!(discrepancies(&other, "").await.discrepancies.len(), 1);
    world.execute("UPDATE stock SET on_hand = 5").await;
    let nowhere = pb::ListDiscrepanciesRequest { shop_id: NOBODY.to_owned(), ..Default::default() };
    let refused = shop.client.clone().list_discrepancies(nowhere).await.unwrap_err();
    assert_eq!(reason(&refused), "ERROR_REASON_SHOP_NOT_FOUND");
    world.finish().await;
}
