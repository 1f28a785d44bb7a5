//! Who a WhatsApp user is.

use tokio::task::JoinSet;

use crate::world::{World, reason};

/// Puts somebody into a shop.
pub(crate) async fn join(world: &World, shop_id: &str, role: &str) -> String {
    let member_id: uuid::Uuid = sqlx::query_scalar(
        "INSERT INTO member (shop_id, id, role, created_at) VALUES ($1::uuid, gen_random_uuid(), $2, now()) RETURNING id",
    )
    .bind(shop_id)
    .bind(role)
    .fetch_one(&mut world.owner().await)
    .await
    .expect("a member");
    member_id.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_first_messages_of_a_stranger_open_one_shop() {
    let world = World::start().await;
    for (user_id, phone) in [("ZA.7", "27820000007"), ("ZA.8", ""), ("", "27820000009")] {
        let mut calls = JoinSet::new();
        for _ in 0..20 {
            let (mut client, user_id, phone) = (world.client.clone(), user_id.to_owned(), phone.to_owned());
            calls.spawn(async move {
                let request = proto::inventory::v1::IdentifyMemberRequest {
                    user: Some(proto::common::v1::WhatsAppUser { user_id, phone_number: phone }),
                    ..Default::default()
                };
                client.identify_member(request).await.unwrap().into_inner()
            });
        }
        let answers = calls.join_all().await;

        assert_eq!(answers.iter().filter(|answer| answer.created).count(), 1);
        assert!(answers.iter().all(|answer| answer.shop == answers[0].shop && answer.member == answers[0].member));
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_who_comes_by_number_and_by_id_at_once_has_one_shop() {
    let world = World::start().await;
    for round in 0..10 {
        let (user_id, phone) = (format!("ZA.9{round}"), format!("2782000010{round}"));
        let (both, by_number) = tokio::join!(world.identify(&user_id, &phone), world.identify("", &phone));

        assert_eq!(both.unwrap().shop, by_number.unwrap().shop);
    }
    world.finish().await;
}

#[tokio::test]
async fn the_missing_name_is_learned() {
    let world = World::start().await;
    let first = world.identify("", "27820000001").await.unwrap();
    assert!(first.created);
    assert_eq!(first.member.clone().unwrap().display_name, "Thandi");

    let both = world.identify("ZA.100", "27820000001").await.unwrap();
    let hidden = world.identify("ZA.100", "").await.unwrap();

    for answer in [both, hidden] {
        assert!(!answer.created);
        assert_eq!(answer.member, first.member);
    }
    world.finish().await;
}

#[tokio::test]
async fn a_new_number_of_a_known_person_replaces_the_old_one() {
    let world = World::start().await;
    let first = world.identify("ZA.100", "27820000001").await.unwrap();

    let moved = world.identify("ZA.100", "27820000002").await.unwrap();
    let by_number = world.identify("", "27820000002").await.unwrap();
    let by_old_number = world.identify("", "27820000001").await.unwrap();

    assert_eq!(moved.member, first.member);
    assert_eq!(by_number.member, first.member);
    assert!(by_old_number.created);
    world.finish().await;
}

#[tokio::test]
async fn a_number_that_was_handed_out_again_does_not_hand_over_the_shop() {
    let world = World::start().await;
    let first = world.identify("ZA.100", "27820000001").await.unwrap();

    let other = world.identify("ZA.200", "27820000001").await.unwrap();

    assert!(other.created);
    assert_ne!(other.shop, first.shop);
    assert_eq!(world.identify("", "27820000001").await.unwrap().shop, other.shop);
    assert_eq!(world.identify("ZA.100", "").await.unwrap().shop, first.shop);
    world.finish().await;
}

#[tokio::test]
async fn a_phone_number_is_never_read_out_of_a_user_id() {
    let world = World::start().await;
    let by_number = world.identify("", "27820000001").await.unwrap();

    let by_id = world.identify("ZA.27820000001", "").await.unwrap();

    assert!(by_id.created);
    assert_ne!(by_id.shop, by_number.shop);
    let refused = world.identify("", "ZA.27820000001").await.unwrap_err();
    assert_eq!(reason(&refused), "ERROR_REASON_INVALID_FIELD");
    world.finish().await;
}

#[tokio::test]
async fn strangers_stay_outside_when_sign_up_is_by_invitation() {
    let world = World::start_with(&["--signup", "invite"]).await;

    let refused = world.identify("ZA.1", "27820000001").await.unwrap_err();

    assert_eq!(reason(&refused), "ERROR_REASON_NOT_INVITED");
    assert!(!refused.message().contains("2782"), "a number is in no error");
    world.finish().await;
}
