//! Which item a name means, and what becomes of new names.

use proto::inventory::v1 as pb;
use proto::inventory::v1::LineOutcome::{HeldBack, ItemAmbiguous, ItemNotFound, Posted};
use proto::inventory::v1::item_reference::Reference;

use crate::world::{World, add, count, named, sell, text};

#[tokio::test]
async fn the_first_mention_creates_and_keeps_the_name_as_it_was_said() {
    let world = World::start().await;
    let shop = world.shop().await;

    let added = shop.line("1", add("50", "Wood Screws")).await;

    assert!(added.item_created);
    assert_eq!(added.item.unwrap().display_name, "Wood Screws");
    let again = shop.line("2", add("1", "wood screw")).await;
    assert!(!again.item_created);
    assert_eq!(again.item.unwrap().display_name, "Wood Screws");
    assert_eq!(shop.on_hand("WOOD SCREWS!").await, "51");
    world.finish().await;
}

#[tokio::test]
async fn sizes_are_compared_as_amounts() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("10", "coke 2l"), add("20", "coke 500ml")]).await.unwrap();

    shop.post("2", vec![sell("1", "2 litre cokes"), sell("2", "coke 0.5L")]).await.unwrap();

    assert_eq!(shop.on_hand("coke 2l").await, "9");
    assert_eq!(shop.on_hand("coke 500ml").await, "18");
    world.finish().await;
}

#[tokio::test]
async fn removals_never_create() {
    let world = World::start().await;
    let shop = world.shop().await;

    let answer = shop.post("1", vec![sell("3", "bread")]).await.unwrap();

    assert_eq!(answer.results[0].outcome(), pb::LineOutcome::ItemNotFound);
    assert!(answer.operation.is_none());
    let not_allowed = pb::OperationLine { create_item: false, ..add("3", "bread") };
    assert_eq!(shop.line("2", not_allowed).await.outcome(), pb::LineOutcome::ItemNotFound);
    let not_allowed = pb::OperationLine { create_item: false, ..count("3", "bread") };
    assert_eq!(shop.line("3", not_allowed).await.outcome(), pb::LineOutcome::ItemNotFound);
    assert!(shop.stock("bread").await.candidates.is_empty());
    world.finish().await;
}

#[tokio::test]
async fn a_write_asks_when_two_fit_and_a_read_shows_all() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("31", "coke 2l"), add("14", "coke 500ml"), add("9", "bread")]).await.unwrap();

    let sold = shop.line("2", sell("1", "coke")).await;
    let asked = shop.stock("coke").await;

    assert_eq!(sold.outcome(), pb::LineOutcome::ItemAmbiguous);
    assert_eq!(sold.candidates.len(), 2);
    assert_eq!(text(sold.candidates[0].on_hand.as_ref()), "31");
    assert_eq!(asked.candidates.len(), 2);
    assert!(!asked.exact);
    assert!(shop.stock("bread").await.exact);
    world.finish().await;
}

#[tokio::test]
async fn good_lines_are_posted_and_bad_ones_are_explained() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("10", "bread"), add("5", "coke 2l"), add("5", "coke 1l")]).await.unwrap();
    let lines = vec![sell("1", "bread"), sell("1", "fish"), sell("1", "coke")];

    let mut held = shop.request("2", lines.clone());
    held.all_or_nothing = true;
    let held = shop.send(held).await.unwrap();
    let posted = shop.post("3", lines).await.unwrap();

    let outcomes =
        |answer: &pb::PostOperationResponse| answer.results.iter().map(pb::LineResult::outcome).collect::<Vec<_>>();
    assert_eq!(outcomes(&held), [HeldBack, ItemNotFound, ItemAmbiguous]);
    assert!(held.operation.is_none());
    assert_eq!(outcomes(&posted), [Posted, ItemNotFound, ItemAmbiguous]);
    assert_eq!(posted.operation.unwrap().movements.len(), 1);
    assert_eq!(shop.on_hand("bread").await, "9");
    world.finish().await;
}

#[tokio::test]
async fn the_english_name_finds_and_becomes_an_alias() {
    let world = World::start().await;
    let shop = world.shop().await;
    let both = |name: &str, english: &str| Some(pb::ItemReference { english_name: english.to_owned(), ..named(name) });
    let added = shop.line("1", pb::OperationLine { item: both("isinkwa", "bread"), ..add("10", "") }).await;
    assert_eq!(added.item.unwrap().display_name, "isinkwa");

    shop.post("2", vec![sell("1", "bread")]).await.unwrap();
    let known = shop.line("3", pb::OperationLine { item: both("brood", "bread"), ..add("5", "") }).await;

    assert!(!known.item_created);
    assert_eq!(shop.on_hand("isinkwa").await, "14");
    world.finish().await;
}

#[tokio::test]
async fn two_lines_that_name_the_same_new_thing_create_it_once() {
    let world = World::start().await;
    let shop = world.shop().await;
    let zulu = pb::OperationLine {
        item: Some(pb::ItemReference { english_name: "bread".to_owned(), ..named("isinkwa") }),
        ..add("10", "")
    };

    let answer = shop.post("1", vec![zulu, add("5", "Bread"), add("1", "breads")]).await.unwrap();

    assert_eq!(answer.operation.unwrap().movements.len(), 3);
    assert_eq!(shop.on_hand("bread").await, "16");
    world.finish().await;
}

#[tokio::test]
async fn an_item_is_named_by_its_id_too() {
    let world = World::start().await;
    let shop = world.shop().await;
    let item = shop.line("1", add("10", "bread")).await.item.unwrap();
    let by_id =
        |id: &str| Some(pb::ItemReference { reference: Some(Reference::ItemId(id.to_owned())), ..Default::default() });

    shop.post("2", vec![pb::OperationLine { item: by_id(&item.item_id), ..sell("3", "") }]).await.unwrap();
    let unknown = pb::OperationLine { item: by_id("0190b2c4-0000-7000-8000-000000000000"), ..sell("3", "") };

    assert_eq!(shop.on_hand("bread").await, "7");
    assert_eq!(shop.line("3", unknown).await.outcome(), pb::LineOutcome::ItemNotFound);
    let request = pb::GetStockRequest { shop_id: shop.id.clone(), item: by_id(&item.item_id), ..Default::default() };
    assert!(shop.client.clone().get_stock(request).await.unwrap().into_inner().exact);
    world.finish().await;
}

#[tokio::test]
async fn all_of_it_goes() {
    use pb::operation_line::Effect;
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("10", "bread")]).await.unwrap();
    let all = pb::OperationLine {
        effect: Some(Effect::Change(pb::Change { kind: pb::MovementKind::Sale.into(), quantity: None, all: true })),
        ..sell("1", "bread")
    };

    let sold = shop.line("2", all.clone()).await;
    let none = shop.line("3", all).await;

    assert_eq!(text(sold.delta.as_ref()), "-10");
    assert_eq!(text(none.delta.as_ref()), "0");
    assert_eq!(shop.on_hand("bread").await, "0");
    world.finish().await;
}

#[tokio::test]
async fn a_count_asks_before_it_takes_a_kind_of_what_was_said() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("10", "diet coke")]).await.unwrap();

    let counted = shop.line("2", count("4", "coke")).await;
    let sold = shop.line("3", sell("1", "coke")).await;

    assert_eq!(counted.outcome(), ItemAmbiguous);
    assert_eq!(counted.candidates.len(), 1);
    assert_eq!(sold.outcome(), Posted);
    assert_eq!(shop.on_hand("diet coke").await, "9");
    world.finish().await;
}

#[tokio::test]
async fn a_new_thing_with_nearly_the_name_of_another_is_created_once_the_shop_says_so() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("10", "toaster")]).await.unwrap();

    let asked = shop.line("2", add("6", "coaster")).await;
    let meant = pb::OperationLine { create_item: false, create_despite_similar: true, ..add("6", "coaster") };
    let created = shop.line("3", meant.clone()).await;
    let again = shop.line("4", meant).await;

    assert_eq!(asked.outcome(), ItemAmbiguous);
    assert_eq!(asked.candidates[0].item.as_ref().unwrap().display_name, "toaster");
    assert!(created.item_created && !again.item_created);
    assert_eq!(shop.on_hand("coaster").await, "12");
    assert_eq!(shop.on_hand("toaster").await, "10");
    world.finish().await;
}

#[tokio::test]
async fn what_was_merged_is_followed_and_what_was_put_away_is_not_found() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("10", "bread"), add("5", "loafs"), add("1", "fish")]).await.unwrap();
    world
        .execute(
            "UPDATE item SET archived_at = now(), merged_into = (SELECT id FROM item WHERE display_name = 'bread') \
             WHERE display_name = 'loafs'; UPDATE item SET archived_at = now() WHERE display_name = 'fish'",
        )
        .await;

    let sold = shop.line("2", sell("1", "loafs")).await;
    let gone = shop.line("3", sell("1", "fish")).await;
    let anew = shop.line("4", add("7", "fish")).await;

    assert_eq!(sold.item.unwrap().display_name, "bread");
    assert_eq!(gone.outcome(), ItemNotFound);
    assert!(anew.item_created);
    assert_eq!(text(anew.balance_after.as_ref()), "7");
    world.finish().await;
}
