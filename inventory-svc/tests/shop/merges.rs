//! Items that become one, that are kept in another unit, that come into the lists.

use jiff::SignedDuration;
use proto::inventory::v1 as pb;
use tokio::task::JoinSet;
use tonic::{Code, Status};

use crate::world::{Shop, World, add, count, decimal, in_unit, reason, sell, text};
use crate::{ask, join};

const NOBODY: &str = "0190b2c4-0000-7000-8000-000000000000";

async fn item(shop: &Shop, quantity: &str, name: &str) -> String {
    let posted = shop.line(&format!("first-{name}"), add(quantity, name)).await;
    posted.item.expect("it is there").item_id
}

async fn merge(shop: &Shop, request_id: &str, item: &str, into: &str) -> Result<pb::MergeItemsResponse, Status> {
    shop.request("", Vec::new()); // a moment passes
    let request = ask!(shop, request_id, MergeItemsRequest { item_id: item.to_owned(), into_item_id: into.to_owned() });
    Ok(shop.client.clone().merge_items(request).await?.into_inner())
}

async fn change_unit(
    shop: &Shop,
    request_id: &str,
    item: &str,
    unit: &str,
    factor: &str,
) -> Result<pb::ChangeBaseUnitResponse, Status> {
    shop.request("", Vec::new());
    let request = ask!(
        shop,
        request_id,
        ChangeBaseUnitRequest { item_id: item.to_owned(), unit: unit.to_owned(), factor: Some(decimal(factor)) }
    );
    Ok(shop.client.clone().change_base_unit(request).await?.into_inner())
}

fn operation_id(answer: &pb::PostOperationResponse) -> String {
    answer.operation.as_ref().expect("it was posted").operation_id.clone()
}

#[tokio::test]
async fn merged_items_have_one_balance_all_names_and_both_histories() {
    let world = World::start().await;
    let shop = world.shop().await;
    let (buns, rolls) = (item(&shop, "5", "buns").await, item(&shop, "7", "rolls").await);

    let merged = merge(&shop, "merge", &buns, &rolls).await.unwrap();
    let again = merge(&shop, "merge", &buns, &rolls).await.unwrap();

    let operation = merged.merge.clone().unwrap().operation.unwrap();
    let deltas: Vec<_> = operation.movements.iter().map(|line| text(line.delta.as_ref())).collect();
    assert_eq!(deltas, ["-5", "5"]);
    assert!(operation.movements.iter().all(|line| line.kind() == pb::MovementKind::Transfer));
    assert!(!merged.replayed && again.replayed);
    assert_eq!(merged.merge, again.merge);
    for name in ["buns", "rolls"] {
        assert_eq!(shop.on_hand(name).await, "12");
    }
    shop.post("sale", vec![sell("2", "buns")]).await.unwrap();
    assert_eq!(shop.on_hand("rolls").await, "10");
    assert_eq!(shop.movements().await.iter().filter(|line| line.item_id == buns).count(), 2);
    let other = merge(&shop, "merge", &rolls, &buns).await.unwrap_err();
    assert_eq!(reason(&other), "ERROR_REASON_REQUEST_ID_REUSED");
    world.finish().await;
}

#[tokio::test]
async fn what_is_taken_back_of_before_a_merge_goes_to_the_item_that_stays() {
    let world = World::start().await;
    let shop = world.shop().await;
    let (buns, rolls) = (item(&shop, "5", "buns").await, item(&shop, "7", "rolls").await);
    let sold = operation_id(&shop.post("sale", vec![sell("2", "buns")]).await.unwrap());
    merge(&shop, "merge", &buns, &rolls).await.unwrap();
    assert_eq!(shop.on_hand("buns").await, "10");

    let undone = shop.send_reversal(shop.reversal("undo", Some(&sold))).await.unwrap().operation.unwrap();
    assert_eq!(shop.on_hand("buns").await, "12");
    shop.send_reversal(shop.reversal("redo", Some(&undone.operation_id))).await.unwrap();
    assert_eq!(shop.on_hand("buns").await, "10");

    // Who counted the one that stays has seen what became of both.
    world.pass(SignedDuration::from_mins(1));
    shop.post("count", vec![count("9", "rolls")]).await.unwrap();
    let first = shop.movements().await.into_iter().min_by_key(|line| line.movement_id).unwrap().operation_id;
    shop.send_reversal(shop.reversal("undo-first", Some(&first))).await.unwrap();
    assert_eq!(shop.on_hand("rolls").await, "9");
    world.finish().await;
}

#[tokio::test]
async fn a_count_of_before_a_merge_is_taken_back_where_the_balance_is() {
    let world = World::start().await;
    let shop = world.shop().await;
    let (buns, rolls) = (item(&shop, "5", "buns").await, item(&shop, "7", "rolls").await);
    let counted = operation_id(&shop.post("count", vec![count("3", "buns")]).await.unwrap());
    merge(&shop, "merge", &buns, &rolls).await.unwrap();
    assert_eq!(shop.on_hand("buns").await, "10");

    shop.send_reversal(shop.reversal("undo", Some(&counted))).await.unwrap();

    assert_eq!(shop.on_hand("buns").await, "12");
    world.finish().await;
}

#[tokio::test]
async fn a_merge_that_is_taken_back_parts_the_items_and_can_be_done_again() {
    let world = World::start().await;
    let shop = world.shop().await;
    let (buns, rolls) = (item(&shop, "5", "buns").await, item(&shop, "7", "rolls").await);
    merge(&shop, "merge", &buns, &rolls).await.unwrap();
    shop.post("sale", vec![sell("2", "buns")]).await.unwrap();
    let merged = shop.movements().await.into_iter().find(|line| line.kind() == pb::MovementKind::Transfer).unwrap();

    let undone = shop.send_reversal(shop.reversal("undo", Some(&merged.operation_id))).await.unwrap();
    assert_eq!((shop.on_hand("buns").await, shop.on_hand("rolls").await), ("5".to_owned(), "5".to_owned()));
    shop.post("sale-2", vec![sell("1", "buns")]).await.unwrap();
    shop.send_reversal(shop.reversal("redo", Some(&undone.operation.unwrap().operation_id))).await.unwrap();

    assert_eq!((shop.on_hand("buns").await, shop.on_hand("rolls").await), ("9".to_owned(), "9".to_owned()));
    world.finish().await;
}

#[tokio::test]
async fn merges_go_on_through_merges() {
    let world = World::start().await;
    let shop = world.shop().await;
    let (one, two, three) =
        (item(&shop, "1", "ones").await, item(&shop, "2", "twos").await, item(&shop, "4", "fours").await);
    let sold = operation_id(&shop.post("sale", vec![sell("1", "ones")]).await.unwrap());
    merge(&shop, "1", &one, &two).await.unwrap();
    merge(&shop, "2", &two, &three).await.unwrap();
    assert_eq!(shop.on_hand("ones").await, "6");

    shop.send_reversal(shop.reversal("undo", Some(&sold))).await.unwrap();

    for name in ["ones", "twos", "fours"] {
        assert_eq!(shop.on_hand(name).await, "7");
    }
    world.finish().await;
}

#[tokio::test]
async fn what_cannot_be_one_is_refused() {
    let world = World::start().await;
    let (shop, elsewhere) = (world.shop().await, world.shop().await);
    let (buns, rolls) = (item(&shop, "5", "buns").await, item(&shop, "7", "rolls").await);
    let flour = shop.line("flour", in_unit(add("5", "flour"), "kg", None)).await.item.unwrap().item_id;
    let theirs = item(&elsewhere, "5", "buns").await;

    let differ = merge(&shop, "1", &buns, &flour).await.unwrap_err();
    assert_eq!((differ.code(), reason(&differ).as_str()), (Code::FailedPrecondition, "ERROR_REASON_UNITS_DIFFER"));
    assert_eq!(reason(&merge(&shop, "1", &buns, &buns).await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    let (not_yours, not_there) =
        (merge(&shop, "1", &buns, &theirs).await.unwrap_err(), merge(&shop, "1", &buns, NOBODY).await.unwrap_err());
    assert_eq!((reason(&not_yours), not_yours.message()), (reason(&not_there), not_there.message()));
    assert_eq!(reason(&not_yours), "ERROR_REASON_ITEM_NOT_FOUND");
    assert_eq!(reason(&merge(&elsewhere, "1", &buns, &theirs).await.unwrap_err()), "ERROR_REASON_ITEM_NOT_FOUND");
    // A refusal keeps nothing: the id is free.
    merge(&shop, "1", &buns, &rolls).await.unwrap();
    assert_eq!(reason(&merge(&shop, "2", &buns, &rolls).await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_that_race_with_a_merge_are_in_the_balance_of_the_item_that_stays() {
    let world = World::start().await;
    let shop = world.shop().await;
    for round in 0..4 {
        let names = [format!("bun {round}"), format!("roll {round}")];
        let first = shop.post(&format!("{round}/first"), names.iter().map(|name| add("100", name)).collect()).await;
        let ids: Vec<_> = first.unwrap().results.into_iter().map(|result| result.item.unwrap().item_id).collect();
        let mut calls = JoinSet::new();
        for writer in 0..6 {
            let (shop, names) = (shop.clone(), names.clone());
            calls.spawn(async move {
                for sale in 0..10 {
                    let lines = vec![sell("1", &names[writer % 2]), add("3", &names[(writer + 1) % 2])];
                    shop.post(&format!("{round}/{writer}/{sale}"), lines).await.unwrap();
                }
            });
        }
        let merging = shop.clone();
        calls.spawn(async move {
            merge(&merging, &format!("{round}/merge"), &ids[0], &ids[1]).await.unwrap();
        });
        calls.join_all().await;

        for name in &names {
            assert_eq!(shop.on_hand(name).await, "320");
        }
    }
    let left: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM stock s JOIN item i ON i.id = s.item_id WHERE i.moved_to IS NOT NULL AND s.on_hand <> 0",
    )
    .fetch_one(&mut world.owner().await)
    .await
    .unwrap();
    assert_eq!(left, 0, "nothing is left on the shelf of what was merged");
    world.finish().await;
}

#[tokio::test]
async fn an_item_in_another_unit_keeps_its_history_in_the_one_of_before() {
    let world = World::start().await;
    let shop = world.shop().await;
    let eggs = shop.line("1", in_unit(add("5", "eggs"), "tray", None)).await.item.unwrap();
    assert_eq!(eggs.base_unit, "tray");
    let sold = operation_id(&shop.post("2", vec![sell("1", "eggs")]).await.unwrap());

    let changed = change_unit(&shop, "unit", &eggs.item_id, "each", "30").await.unwrap();

    let after = changed.merge.unwrap().item.unwrap();
    assert_eq!((after.base_unit.as_str(), after.display_name.as_str()), ("each", "eggs"));
    assert_eq!(shop.on_hand("eggs").await, "120");
    shop.post("3", vec![sell("7", "eggs"), in_unit(add("1", "eggs"), "tray", None)]).await.unwrap();
    assert_eq!(shop.on_hand("eggs").await, "143");
    let before: Vec<_> = shop.movements().await.into_iter().filter(|line| line.item_id == eggs.item_id).collect();
    assert!(before.iter().all(|line| line.base_unit == "tray"));
    // A tray that was not sold after all is thirty eggs.
    shop.send_reversal(shop.reversal("undo", Some(&sold))).await.unwrap();
    assert_eq!(shop.on_hand("eggs").await, "173");
    // Whoever still has the id of before thinks in trays: they are told that it is gone.
    let line = pb::OperationLine {
        item: Some(pb::ItemReference {
            reference: Some(pb::item_reference::Reference::ItemId(eggs.item_id.clone())),
            ..Default::default()
        }),
        ..sell("1", "eggs")
    };
    assert_eq!(shop.line("4", line).await.outcome(), pb::LineOutcome::ItemNotFound);
    for (unit, factor, refused) in [
        ("each", "2", "ERROR_REASON_INVALID_FIELD"),
        ("", "2", "ERROR_REASON_INVALID_FIELD"),
        ("box", "0", "ERROR_REASON_INVALID_FIELD"),
        ("box", "0.0001", "ERROR_REASON_SCALE_EXCEEDED"),
    ] {
        assert_eq!(reason(&change_unit(&shop, "5", &after.item_id, unit, factor).await.unwrap_err()), refused);
    }
    world.finish().await;
}

#[tokio::test]
async fn a_correction_of_before_is_posted_in_the_unit_of_now() {
    let world = World::start().await;
    let shop = world.shop().await;
    let eggs = shop.line("1", in_unit(add("5", "eggs"), "tray", None)).await.item.unwrap();
    shop.post("2", vec![add("2", "milk"), in_unit(add("3", "eggs"), "tray", None)]).await.unwrap();
    change_unit(&shop, "unit", &eggs.item_id, "each", "30").await.unwrap();

    let request = ask!(
        shop,
        "correct",
        CorrectOperationRequest {
            target: Some(pb::correct_operation_request::Target::Latest(pb::Latest {})),
            corrections: vec![pb::LineCorrection { line_number: 1, line: Some(add("4", "milk")) }],
        }
    );
    shop.client.clone().correct_operation(request).await.unwrap();

    assert_eq!((shop.on_hand("milk").await, shop.on_hand("eggs").await), ("4".to_owned(), "240".to_owned()));
    world.finish().await;
}

#[tokio::test]
async fn an_item_is_created_once_and_comes_back_from_the_archive() {
    let world = World::start().await;
    let (shop, elsewhere) = (world.shop().await, world.shop().await);
    let request = ask!(shop, "1", CreateItemRequest { display_name: "Brown  flour".into(), unit: "kg".into() });
    let mut twins = JoinSet::new();
    for _ in 0..8 {
        let (mut client, request) = (shop.client.clone(), request.clone());
        twins.spawn(async move { client.create_item(request).await.unwrap().into_inner().item.unwrap() });
    }
    let items = twins.join_all().await;
    assert!(items.iter().all(|item| *item == items[0]));
    assert_eq!((items[0].display_name.as_str(), items[0].base_unit.as_str(), items[0].scale), ("Brown flour", "kg", 3));
    assert_eq!(shop.on_hand("brown flour").await, "0");
    let taken = ask!(shop, "2", CreateItemRequest { display_name: "brown flour".into() });
    assert_eq!(reason(&shop.client.clone().create_item(taken).await.unwrap_err()), "ERROR_REASON_NAME_TAKEN");

    let archive = ask!(shop, "3", ArchiveItemRequest { item_id: items[0].item_id.clone() });
    shop.client.clone().archive_item(archive).await.unwrap();
    let back = |shop: &Shop, id: &str, item: &str| ask!(shop, id, UnarchiveItemRequest { item_id: item.to_owned() });
    let foreign = elsewhere.client.clone().unarchive_item(back(&elsewhere, "1", &items[0].item_id)).await.unwrap_err();
    assert_eq!(reason(&foreign), "ERROR_REASON_ITEM_NOT_FOUND");
    for _ in 0..2 {
        let answer = shop.client.clone().unarchive_item(back(&shop, "4", &items[0].item_id)).await.unwrap();
        assert_eq!(answer.into_inner().item.unwrap(), items[0]);
    }
    assert_eq!(shop.on_hand("brown flour").await, "0");
    let clerk = join(&world, &shop, "clerk").await;
    let refused = clerk.client.clone().unarchive_item(back(&clerk, "5", &items[0].item_id)).await.unwrap_err();
    assert_eq!(reason(&refused), "ERROR_REASON_ROLE_NOT_ALLOWED");
    world.finish().await;
}
