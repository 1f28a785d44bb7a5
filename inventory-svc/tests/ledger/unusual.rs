//! A line of more than ten times what is usual waits for somebody to be asked, when the caller wants that.

use proto::inventory::v1::LineOutcome::{self, HeldBack, Posted, Unusual};
use proto::inventory::v1::{self as pb};

use crate::world::{Shop, World, add, change, count, in_unit, sell, text};

/// Posts lines of which the unusual ones are held back.
async fn held(shop: &Shop, request_id: &str, lines: Vec<pb::OperationLine>) -> pb::PostOperationResponse {
    let request = pb::PostOperationRequest { hold_unusual: true, ..shop.request(request_id, lines) };
    shop.send(request).await.expect("it is posted or explained")
}

async fn outcome(shop: &Shop, request_id: &str, line: pb::OperationLine) -> (LineOutcome, String) {
    let answer = held(shop, request_id, vec![line]).await;
    (answer.results[0].outcome(), text(answer.results[0].usual.as_ref()))
}

/// A shop that got bread three times, ten each, and sold it three times, two each: 24 are left.
async fn bakery(world: &World) -> Shop {
    let shop = world.shop().await;
    for place in 0..3 {
        shop.post(&format!("in/{place}"), vec![add("10", "bread")]).await.expect("it is posted");
        shop.post(&format!("out/{place}"), vec![sell("2", "bread")]).await.expect("it is posted");
    }
    shop
}

#[tokio::test]
async fn exactly_ten_times_is_posted_and_more_is_held_back() {
    let world = World::start().await;
    let shop = bakery(&world).await;

    assert_eq!(outcome(&shop, "1", sell("21", "bread")).await, (Unusual, "2".to_owned()));
    assert_eq!(outcome(&shop, "2", add("101", "bread")).await, (Unusual, "10".to_owned()));
    assert_eq!(shop.on_hand("bread").await, "24");
    assert_eq!(outcome(&shop, "3", sell("20", "bread")).await, (Posted, String::new()));
    assert_eq!(outcome(&shop, "4", add("100", "bread")).await, (Posted, String::new()));

    assert_eq!(shop.on_hand("bread").await, "104");
    world.finish().await;
}

#[tokio::test]
async fn what_counts_is_the_quantity_in_base_units() {
    let world = World::start().await;
    let shop = bakery(&world).await;

    let cases = in_unit(add("5", "bread"), "case", Some("24"));
    assert_eq!(outcome(&shop, "1", cases).await.0, Unusual);
    let case = in_unit(add("4", "bread"), "case", Some("24"));
    assert_eq!(outcome(&shop, "2", case).await.0, Posted);

    world.finish().await;
}

#[tokio::test]
async fn a_pack_of_a_line_that_is_held_back_is_not_learned() {
    let world = World::start().await;
    let shop = bakery(&world).await;

    assert_eq!(outcome(&shop, "1", in_unit(add("5", "bread"), "case", Some("24"))).await.0, Unusual);

    assert_eq!(outcome(&shop, "2", in_unit(add("1", "bread"), "case", None)).await.0, LineOutcome::UnitUnknown);
    world.finish().await;
}

#[tokio::test]
async fn a_count_is_as_usual_as_the_book_or_a_delivery() {
    let world = World::start().await;
    let shop = bakery(&world).await;

    assert_eq!(outcome(&shop, "1", count("241", "bread")).await, (Unusual, "24".to_owned()));
    assert_eq!(outcome(&shop, "2", count("0", "bread")).await.0, Posted);
    assert_eq!(outcome(&shop, "3", count("101", "bread")).await, (Unusual, "10".to_owned()));
    assert_eq!(outcome(&shop, "4", count("100", "bread")).await.0, Posted);

    assert_eq!(shop.on_hand("bread").await, "100");
    world.finish().await;
}

#[tokio::test]
async fn nothing_is_unusual_before_three_lines_of_the_direction() {
    let world = World::start().await;
    let shop = world.shop().await;
    for place in 0..2 {
        shop.post(&format!("in/{place}"), vec![add("1", "milk")]).await.unwrap();
    }

    assert_eq!(outcome(&shop, "1", add("1000", "milk")).await.0, Posted);
    assert_eq!(outcome(&shop, "2", sell("900", "milk")).await.0, Posted);

    world.finish().await;
}

#[tokio::test]
async fn a_new_item_of_over_ten_thousand_pieces_is_unusual() {
    let world = World::start().await;
    let shop = world.shop().await;

    assert_eq!(outcome(&shop, "1", add("10001", "screws")).await, (Unusual, String::new()));
    assert!(shop.stock("screws").await.candidates.is_empty());
    assert_eq!(outcome(&shop, "2", add("10000", "screws")).await.0, Posted);
    assert_eq!(outcome(&shop, "3", in_unit(add("50000", "flour"), "g", None)).await.0, Posted);

    world.finish().await;
}

#[tokio::test]
async fn other_lines_are_posted_unless_it_is_all_or_nothing() {
    let world = World::start().await;
    let shop = bakery(&world).await;
    let lines = || vec![sell("500", "bread"), add("3", "milk")];

    let request = pb::PostOperationRequest { hold_unusual: true, all_or_nothing: true, ..shop.request("1", lines()) };
    let none = shop.send(request).await.unwrap();
    let some = held(&shop, "2", lines()).await;

    let outcomes =
        |answer: &pb::PostOperationResponse| -> Vec<_> { answer.results.iter().map(pb::LineResult::outcome).collect() };
    assert_eq!(outcomes(&none), [Unusual, HeldBack]);
    assert!(none.operation.is_none());
    assert_eq!(outcomes(&some), [Unusual, Posted]);
    assert_eq!((shop.on_hand("bread").await, shop.on_hand("milk").await), ("24".to_owned(), "3".to_owned()));
    world.finish().await;
}

#[tokio::test]
async fn without_the_wish_nothing_is_held_back() {
    let world = World::start().await;
    let shop = bakery(&world).await;

    assert_eq!(shop.line("1", add("5000", "bread")).await.outcome(), Posted);

    world.finish().await;
}

#[tokio::test]
async fn a_repeat_is_answered_the_same_with_and_without_the_wish() {
    let world = World::start().await;
    let shop = bakery(&world).await;
    let lines = vec![sell("500", "bread"), sell("1", "bread")];
    let request = pb::PostOperationRequest { hold_unusual: true, ..shop.request("1", lines) };
    let first = shop.send(request.clone()).await.unwrap();

    let again = shop.send(request.clone()).await.unwrap();
    // As it was sent by a caller that did not know of it.
    let before = shop.send(pb::PostOperationRequest { hold_unusual: false, ..request }).await.unwrap();

    for repeat in [again, before] {
        assert!(repeat.replayed);
        assert_eq!(repeat.results, first.results);
    }
    assert_eq!(shop.on_hand("bread").await, "23");
    world.finish().await;
}

#[tokio::test]
async fn a_line_held_back_alone_can_be_posted_under_the_same_id() {
    let world = World::start().await;
    let shop = bakery(&world).await;
    let request = shop.request("1", vec![add("500", "bread")]);
    let asked = shop.send(pb::PostOperationRequest { hold_unusual: true, ..request.clone() }).await.unwrap();

    let posted = shop.send(request).await.unwrap();

    assert!(asked.operation.is_none());
    assert_eq!((posted.results[0].outcome(), posted.replayed), (Posted, false));
    world.finish().await;
}

#[tokio::test]
async fn what_was_taken_back_is_not_usual() {
    let world = World::start().await;
    let shop = bakery(&world).await;
    shop.post("wrong", vec![sell("500", "bread")]).await.unwrap();
    assert_eq!(outcome(&shop, "1", sell("21", "bread")).await.0, Posted);
    shop.undo("undo/1").await.unwrap();
    shop.undo("undo/2").await.unwrap();

    assert_eq!(outcome(&shop, "2", sell("21", "bread")).await, (Unusual, "2".to_owned()));

    world.finish().await;
}

#[tokio::test]
async fn counts_and_reversals_teach_nothing() {
    let world = World::start().await;
    let shop = bakery(&world).await;
    for place in 0..5 {
        shop.post(&format!("count/{place}"), vec![count(["500", "24"][place % 2], "bread")]).await.unwrap();
    }
    shop.post("waste", vec![change(pb::MovementKind::Waste, "2", "bread")]).await.unwrap();

    assert_eq!(outcome(&shop, "1", sell("21", "bread")).await, (Unusual, "2".to_owned()));

    world.finish().await;
}

#[tokio::test]
async fn of_many_at_once_only_the_usual_ones_are_posted() {
    let world = World::start().await;
    let shop = bakery(&world).await;
    let mut posts = tokio::task::JoinSet::new();
    for place in 0..32 {
        let shop = shop.clone();
        let quantity = if place % 2 == 0 { "2" } else { "2000" };
        posts.spawn(async move { outcome(&shop, &format!("post/{place}"), sell(quantity, "bread")).await.0 });
    }

    let outcomes = posts.join_all().await;

    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Unusual).count(), 16);
    assert_eq!(shop.on_hand("bread").await, "-8");
    world.finish().await;
}
