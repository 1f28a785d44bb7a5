//! Taking back: whose, which, how far, and what counts do to it.

use jiff::SignedDuration;
use platform::error::metadata_of;
use proto::inventory::v1 as pb;

use crate::world::{World, add, count, reason, sell, text};

#[tokio::test]
async fn a_reversal_mirrors_each_line_exactly() {
    let world = World::start().await;
    let shop = world.shop().await;
    let posted = shop.post("1", vec![add("5", "milk"), add("7", "bread")]).await.unwrap().operation.unwrap();

    let reversal = shop.undo("2").await.unwrap().operation.unwrap();

    assert_eq!(reversal.kind(), pb::OperationKind::Reversal);
    assert_eq!(reversal.reverses_operation_id, posted.operation_id);
    for (mirror, line) in reversal.movements.iter().zip(&posted.movements) {
        assert_eq!(mirror.reverses_movement_id, line.movement_id);
        assert_eq!(mirror.line_number, line.line_number);
        assert_eq!(text(mirror.delta.as_ref()), format!("-{}", text(line.delta.as_ref())));
        assert_eq!(mirror.kind(), pb::MovementKind::Reversal);
    }
    world.finish().await;
}

#[tokio::test]
async fn a_second_reversal_names_the_first() {
    let world = World::start().await;
    let shop = world.shop().await;
    let posted = shop.post("1", vec![add("5", "milk")]).await.unwrap().operation.unwrap();
    let first = shop.undo("2").await.unwrap().operation.unwrap();

    let refused = shop.send_reversal(shop.reversal("3", Some(&posted.operation_id))).await.unwrap_err();

    assert_eq!(reason(&refused), "ERROR_REASON_ALREADY_REVERSED");
    assert_eq!(refused.code(), tonic::Code::FailedPrecondition);
    assert_eq!(metadata_of(&refused, "operationId").unwrap(), posted.operation_id);
    assert_eq!(metadata_of(&refused, "reversedBy").unwrap(), first.operation_id);
    world.finish().await;
}

#[tokio::test]
async fn there_is_nothing_to_undo_after_a_day() {
    let world = World::start().await;
    let shop = world.shop().await;
    assert_eq!(reason(&shop.undo("1").await.unwrap_err()), "ERROR_REASON_NOTHING_TO_REVERSE");
    let posted = shop.post("2", vec![add("5", "milk")]).await.unwrap().operation.unwrap();
    world.pass(SignedDuration::from_hours(25));

    assert_eq!(reason(&shop.undo("3").await.unwrap_err()), "ERROR_REASON_NOTHING_TO_REVERSE");

    // By name it can still be taken back.
    shop.send_reversal(shop.reversal("4", Some(&posted.operation_id))).await.unwrap();
    assert_eq!(shop.on_hand("milk").await, "0");
    world.finish().await;
}

#[tokio::test]
async fn members_undo_their_own_and_owners_anyones() {
    let world = World::start().await;
    let owner = world.shop().await;
    let clerk = world.as_member(&owner.id, &crate::people::join(&world, &owner.id, "clerk").await);
    let by_owner = owner.post("1", vec![add("5", "milk")]).await.unwrap().operation.unwrap();
    let by_clerk = clerk.post("2", vec![sell("1", "milk")]).await.unwrap().operation.unwrap();

    let refused = clerk.send_reversal(clerk.reversal("3", Some(&by_owner.operation_id))).await.unwrap_err();
    assert_eq!(reason(&refused), "ERROR_REASON_ROLE_NOT_ALLOWED");
    assert_eq!(refused.code(), tonic::Code::PermissionDenied);

    // The latest of the owner is the owner's own, also when the clerk came later.
    let undone = owner.undo("4").await.unwrap();
    assert_eq!(undone.reversed.unwrap().operation_id, by_owner.operation_id);
    owner.send_reversal(owner.reversal("5", Some(&by_clerk.operation_id))).await.unwrap();
    assert_eq!(owner.on_hand("milk").await, "0");
    world.finish().await;
}

#[tokio::test]
async fn undoing_a_count_brings_the_book_back() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("50", "coke")]).await.unwrap();
    shop.post("2", vec![count("47", "coke")]).await.unwrap();
    shop.post("3", vec![sell("2", "coke")]).await.unwrap();
    let counted = shop.movements().await.into_iter().find(|line| line.kind() == pb::MovementKind::Count).unwrap();

    shop.send_reversal(shop.reversal("4", Some(&counted.operation_id))).await.unwrap();

    assert_eq!(shop.on_hand("coke").await, "48");
    world.finish().await;
}

#[tokio::test]
async fn a_count_that_was_taken_back_is_no_wall() {
    let world = World::start().await;
    let shop = world.shop().await;
    let added = shop.post("1", vec![add("50", "coke")]).await.unwrap().operation.unwrap();
    world.pass(SignedDuration::from_mins(1));
    shop.post("2", vec![count("47", "coke")]).await.unwrap();
    let undo = shop.undo("3").await.unwrap().operation.unwrap();

    let late = crate::counts::late(&shop, "4", SignedDuration::from_secs(30), sell("5", "coke"));
    shop.send(late).await.unwrap();
    assert_eq!(shop.on_hand("coke").await, "45", "nothing was counted, so nothing is absorbed");

    // Redone, it is one again: the line from before it no longer changes what was seen.
    shop.send_reversal(shop.reversal("5", Some(&undo.operation_id))).await.unwrap();
    let before = shop.on_hand("coke").await;
    shop.send_reversal(shop.reversal("6", Some(&added.operation_id))).await.unwrap();
    assert_eq!(shop.on_hand("coke").await, before);
    world.finish().await;
}

#[tokio::test]
async fn undoing_a_line_from_before_a_count_does_not_move_the_count() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("50", "coke")]).await.unwrap();
    let sold = shop.post("2", vec![sell("5", "coke")]).await.unwrap().operation.unwrap();
    world.pass(SignedDuration::from_mins(1));
    shop.post("3", vec![count("40", "coke")]).await.unwrap();

    let undone = shop.send_reversal(shop.reversal("4", Some(&sold.operation_id))).await.unwrap().operation.unwrap();

    assert_eq!(shop.on_hand("coke").await, "40", "what a person saw stays");
    assert_eq!(undone.movements.len(), 2, "the mirror, and what absorbs it");

    // Back and forth, each pair adds up to nothing.
    let mut last = undone.operation_id;
    for round in 5..9 {
        let next = shop.send_reversal(shop.reversal(&format!("{round}"), Some(&last))).await.unwrap();
        last = next.operation.unwrap().operation_id;
        assert_eq!(shop.on_hand("coke").await, "40");
    }
    world.finish().await;
}

#[tokio::test]
async fn a_strict_shop_refuses_an_undo_that_goes_below_zero() {
    let world = World::start().await;
    let shop = world.shop().await;
    world.execute("UPDATE shop SET shortage_policy = 'block'").await;
    let added = shop.post("1", vec![add("5", "milk")]).await.unwrap().operation.unwrap();
    shop.post("2", vec![sell("3", "milk")]).await.unwrap();

    let refused = shop.send_reversal(shop.reversal("3", Some(&added.operation_id))).await.unwrap_err();

    assert_eq!(reason(&refused), "ERROR_REASON_INSUFFICIENT_STOCK");
    assert_eq!(metadata_of(&refused, "onHand").unwrap(), "2");
    assert_eq!(metadata_of(&refused, "asked").unwrap(), "5");
    assert_eq!(shop.on_hand("milk").await, "2");
    world.finish().await;
}

#[tokio::test]
async fn what_a_count_absorbed_counts_again_when_the_count_is_taken_back() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("100", "coke")]).await.unwrap();
    world.pass(SignedDuration::from_hours(4));
    shop.post("2", vec![count("90", "coke")]).await.unwrap();
    let counted = latest(&shop).await;
    world.pass(SignedDuration::from_hours(1));
    let late = crate::counts::late(&shop, "3", SignedDuration::from_hours(2), sell("3", "coke"));
    let sold = shop.send(late).await.unwrap().operation.unwrap();
    assert_eq!(shop.on_hand("coke").await, "90");

    let undone = shop.send_reversal(shop.reversal("4", Some(&counted))).await.unwrap().operation.unwrap();
    assert_eq!(shop.on_hand("coke").await, "97");

    // Both ways, whatever is taken back in between.
    let unsold = shop.send_reversal(shop.reversal("5", Some(&sold.operation_id))).await.unwrap().operation.unwrap();
    assert_eq!(shop.on_hand("coke").await, "100");
    shop.send_reversal(shop.reversal("6", Some(&undone.operation_id))).await.unwrap();
    assert_eq!(shop.on_hand("coke").await, "90");
    shop.send_reversal(shop.reversal("7", Some(&unsold.operation_id))).await.unwrap();
    assert_eq!(shop.on_hand("coke").await, "90");
    world.finish().await;
}

#[tokio::test]
async fn an_addition_that_was_taken_back_behind_a_count_stays_away_without_the_count() {
    let world = World::start().await;
    let shop = world.shop().await;
    let added = shop.post("1", vec![add("10", "coke")]).await.unwrap().operation.unwrap();
    world.pass(SignedDuration::from_mins(1));
    shop.post("2", vec![count("8", "coke")]).await.unwrap();
    let counted = latest(&shop).await;
    shop.send_reversal(shop.reversal("3", Some(&added.operation_id))).await.unwrap();
    assert_eq!(shop.on_hand("coke").await, "8");

    shop.send_reversal(shop.reversal("4", Some(&counted))).await.unwrap();

    assert_eq!(shop.on_hand("coke").await, "0");
    world.finish().await;
}

#[tokio::test]
async fn the_count_before_stands_when_the_newest_is_taken_back() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("100", "coke")]).await.unwrap();
    world.pass(SignedDuration::from_hours(3));
    shop.post("2", vec![count("90", "coke")]).await.unwrap();
    let counted = latest(&shop).await;
    world.pass(SignedDuration::from_hours(1));
    shop.send(crate::counts::late(&shop, "3", SignedDuration::from_hours(2), count("95", "coke"))).await.unwrap();
    assert_eq!(shop.on_hand("coke").await, "90");

    let undone = shop.send_reversal(shop.reversal("4", Some(&counted))).await.unwrap().operation.unwrap();

    assert_eq!(shop.on_hand("coke").await, "95");
    shop.send_reversal(shop.reversal("5", Some(&undone.operation_id))).await.unwrap();
    assert_eq!(shop.on_hand("coke").await, "90");
    world.finish().await;
}

#[tokio::test]
async fn the_latest_is_the_newest_that_stands_also_when_it_was_done_again() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("5", "milk")]).await.unwrap();
    shop.post("2", vec![add("3", "milk")]).await.unwrap();
    let undone = shop.undo("3").await.unwrap().operation.unwrap();
    shop.send_reversal(shop.reversal("4", Some(&undone.operation_id))).await.unwrap();
    assert_eq!(shop.on_hand("milk").await, "8");

    shop.undo("5").await.unwrap();
    assert_eq!(shop.on_hand("milk").await, "5");
    shop.undo("6").await.unwrap();
    assert_eq!(shop.on_hand("milk").await, "0");
    world.finish().await;
}

async fn latest(shop: &crate::world::Shop) -> String {
    shop.movements().await.into_iter().max_by_key(|line| line.movement_id).expect("a movement").operation_id
}
