//! Stock as of a moment of the past, by what happened and by what was known.

use jiff::{SignedDuration, Timestamp};
use proto::inventory::v1 as pb;
use proto::inventory::v1::past_moment::Moment;

use crate::world::{Shop, World, add, count, named, reason, sell, text};

fn proto_time(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
}

fn occurred(at: Timestamp) -> pb::PastMoment {
    pb::PastMoment { moment: Some(Moment::OccurTime(proto_time(at))) }
}

fn recorded(at: Timestamp) -> pb::PastMoment {
    pb::PastMoment { moment: Some(Moment::RecordTime(proto_time(at))) }
}

async fn on_hand(shop: &Shop, name: &str, as_of: impl Into<Option<pb::PastMoment>>) -> String {
    let as_of = as_of.into();
    let request = pb::GetStockRequest { shop_id: shop.id.clone(), item: Some(named(name)), as_of };
    let stock = shop.client.clone().get_stock(request).await.expect("stock can be asked").into_inner();
    text(stock.candidates[0].on_hand.as_ref())
}

async fn post_at(shop: &Shop, request_id: &str, line: pb::OperationLine, at: Timestamp) {
    let request = pb::PostOperationRequest { occur_time: Some(proto_time(at)), ..shop.request(request_id, vec![line]) };
    shop.send(request).await.expect("it is posted");
}

#[tokio::test]
async fn what_was_there_counts_late_lines_and_what_the_book_said_does_not() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("10", "bread")]).await.unwrap();
    let before = shop.now();
    world.pass(SignedDuration::from_hours(1));
    let noon = shop.now();
    world.pass(SignedDuration::from_hours(1));
    shop.post("2", vec![sell("3", "bread")]).await.unwrap();
    post_at(&shop, "late", sell("2", "bread"), before).await;

    assert_eq!(on_hand(&shop, "bread", None).await, "5");
    assert_eq!(on_hand(&shop, "bread", occurred(noon)).await, "8");
    assert_eq!(on_hand(&shop, "bread", recorded(noon)).await, "10");
    assert_eq!(on_hand(&shop, "bread", occurred(shop.now())).await, "5");
    assert_eq!(on_hand(&shop, "bread", recorded(shop.now())).await, "5");
    let long_ago = noon - SignedDuration::from_hours(48);
    assert_eq!(on_hand(&shop, "bread", occurred(long_ago)).await, "0");
    assert_eq!(on_hand(&shop, "bread", recorded(long_ago)).await, "0");
    world.finish().await;
}

#[tokio::test]
async fn what_was_taken_back_was_not_there_and_was_in_the_book() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("10", "bread")]).await.unwrap();
    shop.post("wrong", vec![add("500", "bread")]).await.unwrap();
    let then = shop.now();
    world.pass(SignedDuration::from_hours(1));
    shop.undo("undo").await.unwrap();

    assert_eq!(on_hand(&shop, "bread", occurred(then)).await, "10");
    assert_eq!(on_hand(&shop, "bread", recorded(then)).await, "510");
    world.finish().await;
}

#[tokio::test]
async fn a_late_line_behind_a_count_does_not_change_what_was_counted() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("10", "bread")]).await.unwrap();
    let before = shop.now();
    world.pass(SignedDuration::from_hours(1));
    shop.post("count", vec![count("7", "bread")]).await.unwrap();
    let counted = shop.now();
    world.pass(SignedDuration::from_hours(1));
    post_at(&shop, "late", sell("2", "bread"), before).await;

    assert_eq!(on_hand(&shop, "bread", occurred(counted)).await, "7");
    assert_eq!(on_hand(&shop, "bread", None).await, "7");
    world.finish().await;
}

#[tokio::test]
async fn lists_of_the_past_hold_every_item_and_their_pages_the_moment() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("10", "bread"), add("4", "milk")]).await.unwrap();
    let then = shop.now();
    world.pass(SignedDuration::from_hours(1));
    shop.post("2", vec![sell("3", "bread"), add("9", "zips")]).await.unwrap();
    let ask = |page_token: &str, as_of: Option<pb::PastMoment>| pb::ListStockRequest {
        shop_id: shop.id.clone(),
        page_size: 2,
        page_token: page_token.to_owned(),
        as_of,
    };
    let mut client = shop.client.clone();

    let first = client.list_stock(ask("", Some(occurred(then)))).await.unwrap().into_inner();
    let second = client.list_stock(ask(&first.next_page_token, Some(occurred(then)))).await.unwrap().into_inner();
    let misused = client.list_stock(ask(&first.next_page_token, Some(recorded(then)))).await.unwrap_err();

    let levels: Vec<_> = first.stock_levels.iter().chain(&second.stock_levels).collect();
    let told: Vec<_> = levels.iter().map(|level| text(level.on_hand.as_ref())).collect();
    assert_eq!(told, ["10", "4", "0"]);
    assert!(levels.iter().all(|level| level.change_time.is_none()));
    assert_eq!(reason(&misused), "ERROR_REASON_INVALID_PAGE_TOKEN");
    world.finish().await;
}

#[tokio::test]
async fn the_future_is_not_known_and_a_moment_has_a_clock() {
    let world = World::start().await;
    let shop = world.shop().await;
    let ahead = shop.now() + SignedDuration::from_mins(6);

    for as_of in [occurred(ahead), recorded(ahead), pb::PastMoment { moment: None }] {
        let request = pb::GetStockRequest { shop_id: shop.id.clone(), item: Some(named("bread")), as_of: Some(as_of) };
        let refused = shop.client.clone().get_stock(request).await.unwrap_err();
        assert_eq!(reason(&refused), "ERROR_REASON_INVALID_FIELD");
    }

    world.finish().await;
}
