//! What was found wrong in other people's ledgers. Each test is one of their faults; those that are not here have a better
//! place.
//!
//! | Fault | Test |
//! | --- | --- |
//! | undo writes the old total back | `undo_after_a_later_sale_keeps_the_sale` |
//! | the second undo is a redo | `undo_twice_goes_one_further_back` |
//! | a sale is clamped at zero | `a_sale_below_zero_is_not_clamped`; the sums by `World::finish` after every test |
//! | clamped, and undone in full | `selling_five_of_two_and_undoing_leaves_two` |
//! | decimals are cut off, and a sale needs a price | `a_kilo_and_a_half_sold_takes_a_kilo_and_a_half_off` |
//! | the total of an earlier read is written | `concurrency::sixteen_writers_on_two_items_in_opposite_order_lose_nothing` |
//! | correcting a sale goes the wrong way | `corrections`, and every program of `tests/model` |
//! | two deliveries of one message count twice | `idempotency::twenty_twins_at_once_count_once` |
//! | undo of a part of the effects | `undo_restores_every_effect_of_the_operation` |
//! | a caller reaches what is of other shops | `every_rpc::what_is_of_another_shop_is_answered_like_what_is_nowhere` |
//! | `restock` sets and `add` adds | `the_sign_follows_the_kind_and_undo_goes_the_other_way` |
//! | one threshold hides what was meant | `every_item_containing_the_word_is_offered` |
//! | an alert on every sale under the level | `items`: said once for each crossing |
//! | a repair job for balances | `isolation::the_alarm_rings_when_a_balance_is_tampered_with` |
//! | two long lists deadlock | `concurrency::sixteen_writers_on_two_items_in_opposite_order_lose_nothing` |

use proto::inventory::v1 as pb;

use crate::world::{World, add, change, sell, text};

#[tokio::test]
async fn undo_after_a_later_sale_keeps_the_sale() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("add", vec![add("50", "screws")]).await.unwrap();
    let added = shop.post("add-more", vec![add("10", "screws")]).await.unwrap().operation.unwrap();
    shop.post("sale", vec![sell("3", "screws")]).await.unwrap();

    let undone = shop.send_reversal(shop.reversal("undo", Some(&added.operation_id))).await.unwrap();

    assert_eq!(shop.on_hand("screws").await, "47");
    assert_eq!(undone.reversed.unwrap().operation_id, added.operation_id);
    world.finish().await;
}

#[tokio::test]
async fn undo_twice_goes_one_further_back() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("50", "screws")]).await.unwrap();
    shop.post("2", vec![add("10", "screws")]).await.unwrap();

    shop.undo("3").await.unwrap();
    assert_eq!(shop.on_hand("screws").await, "50");
    shop.undo("4").await.unwrap();

    assert_eq!(shop.on_hand("screws").await, "0");
    world.finish().await;
}

#[tokio::test]
async fn a_sale_below_zero_is_not_clamped() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("add", vec![add("2", "bread")]).await.unwrap();

    let sold = shop.line("sale", sell("5", "bread")).await;

    assert_eq!(text(sold.balance_after.as_ref()), "-3");
    assert_eq!(shop.on_hand("bread").await, "-3");
    world.finish().await;
}

#[tokio::test]
async fn selling_five_of_two_and_undoing_leaves_two() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("add", vec![add("2", "bread")]).await.unwrap();
    shop.post("sale", vec![sell("5", "bread")]).await.unwrap();

    shop.undo("undo").await.unwrap();

    assert_eq!(shop.on_hand("bread").await, "2");
    world.finish().await;
}

#[tokio::test]
async fn a_kilo_and_a_half_sold_takes_a_kilo_and_a_half_off() {
    let world = World::start().await;
    let shop = world.shop().await;
    let flour = |line| crate::world::in_unit(line, "kg", None);
    shop.post("add", vec![flour(add("10", "flour"))]).await.unwrap();

    let sold = shop.line("sale", flour(sell("1.5", "flour"))).await; // and no price is asked for

    assert_eq!(text(sold.delta.as_ref()), "-1.5");
    assert_eq!(shop.on_hand("flour").await, "8.5");
    world.finish().await;
}

#[tokio::test]
async fn tenths_add_up_exactly() {
    let world = World::start().await;
    let shop = world.shop().await;
    for place in 0..10 {
        shop.post(&format!("add/{place}"), vec![add("0.1", "sugar")]).await.unwrap();
    }

    assert_eq!(shop.on_hand("sugar").await, "1");
    world.finish().await;
}

#[tokio::test]
async fn undo_restores_every_effect_of_the_operation() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("add", vec![add("10", "bread"), add("6", "milk"), add("4", "jik")]).await.unwrap();
    shop.post("sale", vec![sell("1", "bread"), sell("2", "milk"), sell("3", "jik")]).await.unwrap();

    let undone = shop.undo("undo").await.unwrap();

    assert_eq!(undone.operation.unwrap().movements.len(), 3);
    for (name, balance) in [("bread", "10"), ("milk", "6"), ("jik", "4")] {
        assert_eq!(shop.on_hand(name).await, balance);
    }
    world.finish().await;
}

#[tokio::test]
async fn every_item_containing_the_word_is_offered() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("add", vec![add("3", "rice bran oil"), add("4", "sunflower oil 2l"), add("5", "bread")]).await.unwrap();

    let sold = shop.line("sale", sell("1", "oil")).await;
    let asked = shop.stock("oil").await;

    assert_eq!(sold.outcome(), pb::LineOutcome::ItemAmbiguous);
    let offered: Vec<_> = sold.candidates.into_iter().map(|fit| fit.item.unwrap().display_name).collect();
    assert_eq!(offered, ["rice bran oil", "sunflower oil 2l"]);
    assert_eq!(asked.candidates.len(), 2);
    assert!(!asked.exact);
    assert_eq!(shop.movements().await.len(), 3, "nothing was guessed");
    world.finish().await;
}

#[tokio::test]
async fn the_sign_follows_the_kind_and_undo_goes_the_other_way() {
    use pb::MovementKind as Kind;
    let world = World::start().await;
    let shop = world.shop().await;
    for (place, (kind, quantity, balance)) in [
        (Kind::Opening, "20", "20"),
        (Kind::Receipt, "5", "25"),
        (Kind::ReturnIn, "1", "26"),
        (Kind::Sale, "2", "24"),
        (Kind::Waste, "2", "22"),
        (Kind::OwnUse, "2", "20"),
        (Kind::Theft, "2", "18"),
        (Kind::Gift, "2", "16"),
        (Kind::ReturnOut, "2", "14"),
        (Kind::Adjustment, "-4", "10"),
        (Kind::Adjustment, "3", "13"),
    ]
    .into_iter()
    .enumerate()
    {
        let before = if place == 0 { "0".to_owned() } else { shop.on_hand("eggs").await };
        let posted = shop.line(&format!("{place}"), change(kind, quantity, "eggs")).await;
        assert_eq!(text(posted.balance_after.as_ref()), balance, "{kind:?}");

        let operation = shop.undo(&format!("{place}/undo")).await.unwrap().operation.unwrap();
        assert_eq!(shop.on_hand("eggs").await, before, "{kind:?}");
        // And redo, to go on: the reversal of the reversal.
        shop.send_reversal(shop.reversal(&format!("{place}/redo"), Some(&operation.operation_id))).await.unwrap();
        assert_eq!(shop.on_hand("eggs").await, balance, "{kind:?}");
    }
    world.finish().await;
}
