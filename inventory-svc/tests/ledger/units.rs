//! Units, packs and decimals.

use proto::inventory::v1 as pb;

use crate::world::{World, add, count, in_unit, sell, text};

#[tokio::test]
async fn a_dozen_is_twelve() {
    let world = World::start().await;
    let shop = world.shop().await;

    shop.post("1", vec![in_unit(add("2", "eggs"), "dozen", None)]).await.unwrap();
    shop.post("2", vec![in_unit(sell("0.5", "eggs"), "dozen", None)]).await.unwrap();

    assert_eq!(shop.on_hand("eggs").await, "18");
    world.finish().await;
}

#[tokio::test]
async fn a_pack_is_learned_and_remembered_and_changed_for_new_lines_only() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("5", "coke 2l")]).await.unwrap();
    let unknown = shop.line("2", in_unit(add("2", "coke 2l"), "case", None)).await;
    assert_eq!(unknown.outcome(), pb::LineOutcome::UnitUnknown);
    assert_eq!(unknown.item.unwrap().display_name, "coke 2l");

    let told = shop.post("3", vec![in_unit(add("2", "coke 2l"), "case", Some("6"))]).await.unwrap();
    shop.post("4", vec![in_unit(sell("1", "coke 2l"), "case", None)]).await.unwrap();
    assert_eq!(shop.on_hand("coke 2l").await, "11");
    shop.post("5", vec![in_unit(add("1", "coke 2l"), "case", Some("8"))]).await.unwrap();
    shop.send_reversal(shop.reversal("6", Some(&told.operation.unwrap().operation_id))).await.unwrap();

    assert_eq!(shop.on_hand("coke 2l").await, "7", "the two cases were of six");
    let said = shop.movements().await.into_iter().find(|line| line.kind() == pb::MovementKind::Sale).unwrap();
    assert_eq!(said.said_unit, "case");
    assert_eq!(text(said.said_quantity.as_ref()), "1");
    world.finish().await;
}

#[tokio::test]
async fn a_new_item_said_in_packs_is_kept_in_packs() {
    let world = World::start().await;
    let shop = world.shop().await;

    let added = shop.line("1", in_unit(add("3", "A4 paper"), "box", None)).await;

    let item = added.item.unwrap();
    assert_eq!((item.base_unit.as_str(), item.scale), ("box", 0));
    shop.post("2", vec![sell("1", "a4 paper")]).await.unwrap();
    assert_eq!(shop.on_hand("A4 paper").await, "2");
    world.finish().await;
}

#[tokio::test]
async fn measures_convert() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![in_unit(add("10", "flour"), "kg", None)]).await.unwrap();

    shop.post("2", vec![in_unit(sell("250", "flour"), "g", None)]).await.unwrap();
    let counted = shop.line("3", in_unit(count("9500", "flour"), "g", None)).await;

    assert_eq!(text(counted.expected.as_ref()), "9.75");
    assert_eq!(text(counted.delta.as_ref()), "-0.25");
    let other = shop.line("4", in_unit(sell("1", "flour"), "l", None)).await;
    assert_eq!(other.outcome(), pb::LineOutcome::UnitUnknown);
    let dozen = shop.line("5", in_unit(sell("1", "flour"), "dozen", None)).await;
    assert_eq!(dozen.outcome(), pb::LineOutcome::UnitUnknown);
    let fine = shop.line("6", in_unit(sell("0.5", "flour"), "g", None)).await;
    assert_eq!(fine.outcome(), pb::LineOutcome::ScaleExceeded);
    world.finish().await;
}

#[tokio::test]
async fn what_is_counted_in_whole_units_is_not_sold_in_parts() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("10", "bread"), add("1.5", "rope")]).await.unwrap();

    assert_eq!(shop.line("2", sell("0.5", "bread")).await.outcome(), pb::LineOutcome::ScaleExceeded);
    assert_eq!(shop.line("3", sell("0.5", "rope")).await.outcome(), pb::LineOutcome::Posted);
    assert_eq!(shop.on_hand("bread").await, "10");
    assert_eq!(shop.on_hand("rope").await, "1");
    world.finish().await;
}

#[tokio::test]
async fn a_price_is_kept_and_never_needed() {
    let world = World::start().await;
    let shop = world.shop().await;
    let priced = pb::OperationLine {
        unit_price: Some(proto::common::v1::Money {
            amount: Some(crate::world::decimal("18.5")),
            currency_code: "ZAR".to_owned(),
        }),
        ..add("10", "bread")
    };

    let posted = shop.post("1", vec![priced]).await.unwrap();

    let price = posted.operation.unwrap().movements[0].unit_price.clone().unwrap();
    assert_eq!((text(price.amount.as_ref()).as_str(), price.currency_code.as_str()), ("18.5", "ZAR"));
    world.finish().await;
}

#[tokio::test]
async fn a_dozen_of_what_is_kept_in_boxes_is_not_twelve_boxes() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![in_unit(add("3", "eggs"), "boxes", None)]).await.unwrap();

    let dozen = shop.line("2", in_unit(add("1", "eggs"), "dozen", None)).await;

    assert_eq!(dozen.outcome(), pb::LineOutcome::UnitUnknown);
    assert_eq!(dozen.item.unwrap().base_unit, "box");
    world.finish().await;
}
