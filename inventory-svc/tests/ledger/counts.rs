//! A count is a wall: what belongs before it does not move it.

use jiff::SignedDuration;
use proto::inventory::v1 as pb;

use crate::world::{Shop, World, add, count, sell, text};

/// A request about something that happened a while ago.
pub(crate) fn late(
    shop: &Shop,
    request_id: &str,
    ago: SignedDuration,
    line: pb::OperationLine,
) -> pb::PostOperationRequest {
    let mut request = shop.request(request_id, vec![line]);
    let then = shop.now() - ago;
    request.occur_time = Some(prost_types::Timestamp { seconds: then.as_second(), nanos: then.subsec_nanosecond() });
    request
}

#[tokio::test]
async fn a_count_posts_the_difference_and_tells_what_the_book_said() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("50", "coke 2l")]).await.unwrap();

    let counted = shop.line("2", count("47", "coke 2l")).await;

    assert_eq!(text(counted.expected.as_ref()), "50");
    assert_eq!(text(counted.delta.as_ref()), "-3");
    assert_eq!(text(counted.balance_after.as_ref()), "47");
    world.finish().await;
}

#[tokio::test]
async fn a_count_without_a_difference_is_kept_and_moves_nothing() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("50", "coke")]).await.unwrap();

    let answer = shop.post("2", vec![count("50", "coke")]).await.unwrap();

    assert_eq!(text(answer.results[0].delta.as_ref()), "0");
    let operation = answer.operation.unwrap();
    assert_eq!(operation.kind(), pb::OperationKind::Count);
    assert_eq!(operation.movements.len(), 0);
    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM count_line").fetch_one(&mut world.owner().await).await.unwrap();
    assert_eq!(kept, 1);
    world.finish().await;
}

#[tokio::test]
async fn the_first_count_of_something_new_creates_it() {
    let world = World::start().await;
    let shop = world.shop().await;

    let counted = shop.line("1", count("40", "screws")).await;

    assert!(counted.item_created);
    assert_eq!(text(counted.delta.as_ref()), "40");
    assert_eq!(shop.on_hand("screws").await, "40");
    world.finish().await;
}

#[tokio::test]
async fn a_late_line_is_recorded_and_absorbed() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("100", "coke")]).await.unwrap();
    world.pass(SignedDuration::from_hours(2));
    shop.post("2", vec![count("90", "coke")]).await.unwrap();

    let request = late(&shop, "3", SignedDuration::from_hours(1), sell("4", "coke"));
    let sold = shop.send(request.clone()).await.unwrap();
    let again = shop.send(request).await.unwrap();

    assert_eq!(text(sold.results[0].delta.as_ref()), "-4");
    assert_eq!(text(sold.results[0].balance_after.as_ref()), "90");
    assert!(sold.results[0].absorbed);
    assert_eq!(again, pb::PostOperationResponse { replayed: true, ..sold.clone() });
    let movements = sold.operation.unwrap().movements;
    assert_eq!(movements.iter().map(|line| text(line.delta.as_ref())).collect::<Vec<_>>(), ["-4", "4"]);
    assert_eq!(shop.on_hand("coke").await, "90");

    // Undoing the late line takes both back.
    shop.undo("4").await.unwrap();
    assert_eq!(shop.on_hand("coke").await, "90");
    world.finish().await;
}

#[tokio::test]
async fn a_late_count_keeps_what_happened_after_it() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("100", "coke")]).await.unwrap();
    world.pass(SignedDuration::from_hours(2));
    shop.post("2", vec![sell("10", "coke")]).await.unwrap();

    let counted = shop.send(late(&shop, "3", SignedDuration::from_hours(1), count("98", "coke"))).await.unwrap();

    assert_eq!(text(counted.results[0].expected.as_ref()), "100");
    assert_eq!(text(counted.results[0].balance_after.as_ref()), "88", "98 were there, 10 were sold since");
    world.finish().await;
}

#[tokio::test]
async fn a_count_older_than_the_newest_moves_nothing() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("100", "coke")]).await.unwrap();
    world.pass(SignedDuration::from_hours(2));
    shop.post("2", vec![count("90", "coke")]).await.unwrap();

    let older = shop.send(late(&shop, "3", SignedDuration::from_hours(1), count("95", "coke"))).await.unwrap();

    assert_eq!(text(older.results[0].delta.as_ref()), "0");
    assert_eq!(shop.on_hand("coke").await, "90");
    world.finish().await;
}

#[tokio::test]
async fn what_happened_in_the_second_of_the_count_is_not_late() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("100", "coke")]).await.unwrap();
    world.pass(SignedDuration::from_millis(1500));
    shop.post("2", vec![count("90", "coke")]).await.unwrap();
    let mut sale = shop.request("3", vec![sell("1", "coke")]);
    sale.occur_time = Some(prost_types::Timestamp { seconds: shop.now().as_second(), nanos: 0 }); // as Meta tells it

    shop.send(sale).await.unwrap();

    assert_eq!(shop.on_hand("coke").await, "89");
    world.finish().await;
}

#[tokio::test]
async fn only_the_late_lines_of_an_operation_are_called_absorbed() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("100", "coke"), add("20", "milk")]).await.unwrap();
    world.pass(SignedDuration::from_hours(2));
    shop.post("2", vec![count("90", "coke")]).await.unwrap();

    let mut request = late(&shop, "3", SignedDuration::from_hours(1), sell("4", "coke"));
    request.lines = vec![sell("1", "milk"), sell("4", "coke"), add("2", "gold"), sell("1", "coke")];
    let sold = shop.send(request).await.unwrap();
    let now = shop.post("4", vec![sell("4", "coke")]).await.unwrap();

    let absorbed: Vec<_> = sold.results.iter().map(|result| result.absorbed).collect();
    assert_eq!(absorbed, [false, true, false, true]);
    assert!(!now.results[0].absorbed);
    assert_eq!((shop.on_hand("coke").await, shop.on_hand("milk").await), ("86".to_owned(), "19".to_owned()));
    world.finish().await;
}
