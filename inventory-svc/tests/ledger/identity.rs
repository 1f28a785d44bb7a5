//! People change their number and their user id, and the news of it comes before, after and between their messages.

use jiff::SignedDuration;
use proto::common::v1::WhatsAppUser;
use proto::inventory::v1 as pb;
use tokio::task::JoinSet;
use tonic::{Code, Status};

use crate::world::{World, add, reason};

fn user((user_id, phone): (&str, &str)) -> WhatsAppUser {
    WhatsAppUser { user_id: user_id.to_owned(), phone_number: phone.to_owned() }
}

async fn link(
    world: &World,
    previous: (&str, &str),
    current: (&str, &str),
) -> Result<pb::LinkIdentityResponse, Status> {
    let request = pb::LinkIdentityRequest { previous: Some(user(previous)), current: Some(user(current)) };
    Ok(world.client.clone().link_identity(request).await?.into_inner())
}

/// Writes a first message and, with stock, a second one that changes something.
async fn came(world: &World, user_id: &str, phone: &str, stock: Option<&str>) -> pb::IdentifyMemberResponse {
    world.pass(SignedDuration::from_secs(1));
    let answer = world.identify(user_id, phone).await.expect("sign-up is open");
    if let Some(item) = stock {
        let (shop, member) = answer.shop.clone().zip(answer.member.clone()).expect("a shop and a member");
        let shop = world.as_member(&shop.shop_id, &member.member_id);
        shop.post(&format!("{user_id}{phone}/{item}"), vec![add("5", item)]).await.expect("it is posted");
    }
    answer
}

async fn shops(world: &World) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM shop")
        .fetch_one(&mut world.owner().await)
        .await
        .expect("it can be counted")
}

#[tokio::test]
async fn the_news_before_the_first_message_under_the_new_names() {
    let world = World::start().await;
    let before = came(&world, "ZA.1", "27820000001", Some("bread")).await;

    let linked = link(&world, ("ZA.1", ""), ("ZA.2", "27820000002")).await.unwrap();

    assert_eq!((linked.shop.as_ref(), linked.member.as_ref()), (before.shop.as_ref(), before.member.as_ref()));
    assert_eq!(linked.other_shop_id, "");
    for (user_id, phone) in [("ZA.2", "27820000002"), ("ZA.2", ""), ("", "27820000002")] {
        let after = world.identify(user_id, phone).await.unwrap();
        assert_eq!((after.created, after.member), (false, before.member.clone()));
    }
    assert!(world.identify("", "27820000001").await.unwrap().created, "the old number may be somebody else's now");
    world.finish().await;
}

#[tokio::test]
async fn the_news_after_the_first_message_closes_the_shop_that_grew() {
    let world = World::start().await;
    let before = came(&world, "ZA.1", "27820000001", Some("bread")).await;
    let grown = came(&world, "ZA.2", "27820000002", None).await;
    assert_ne!(grown.shop, before.shop);

    for _ in 0..3 {
        let linked = link(&world, ("ZA.1", ""), ("ZA.2", "27820000002")).await.unwrap();
        assert_eq!((linked.shop, linked.member), (before.shop.clone(), before.member.clone()));
        assert_eq!(linked.other_shop_id, "");
    }

    assert_eq!(shops(&world).await, 1);
    assert_eq!(world.identify("ZA.2", "27820000002").await.unwrap().member, before.member);
    // What was on its way into the closed shop is refused, not lost in it.
    let closed = world.as_member(&grown.shop.unwrap().shop_id, &grown.member.unwrap().member_id);
    let refused = closed.post("late", vec![add("1", "bread")]).await.unwrap_err();
    assert_eq!(reason(&refused), "ERROR_REASON_SHOP_NOT_FOUND");
    world.finish().await;
}

#[tokio::test]
async fn an_old_message_that_comes_late_finds_the_person() {
    let world = World::start().await;
    let before = came(&world, "ZA.1", "27820000001", Some("bread")).await;
    link(&world, ("ZA.1", "27820000001"), ("ZA.2", "27820000002")).await.unwrap();

    let late = world.identify("ZA.1", "27820000001").await.unwrap();

    assert_eq!((late.created, late.member), (false, before.member.clone()));
    assert_eq!(world.identify("", "27820000002").await.unwrap().member, before.member, "and takes no name back");
    world.finish().await;
}

#[tokio::test]
async fn two_shops_in_use_are_both_kept_and_the_older_one_has_the_names() {
    let world = World::start().await;
    let before = came(&world, "ZA.1", "27820000001", Some("bread")).await;
    let grown = came(&world, "ZA.2", "27820000002", Some("milk")).await;
    let other = grown.shop.clone().unwrap().shop_id;

    for _ in 0..2 {
        let linked = link(&world, ("ZA.1", ""), ("ZA.2", "27820000002")).await.unwrap();
        assert_eq!(linked.member, before.member);
        assert_eq!(linked.other_shop_id, other, "a repeat says it again");
    }

    assert_eq!(world.identify("ZA.2", "").await.unwrap().shop, before.shop);
    let kept = world.as_member(&other, &grown.member.unwrap().member_id);
    assert_eq!(kept.on_hand("milk").await, "5", "no operation is lost");
    world.finish().await;
}

#[tokio::test]
async fn the_shop_in_use_is_kept_when_the_older_one_was_never_used() {
    let world = World::start().await;
    let before = came(&world, "ZA.1", "27820000001", None).await;
    let grown = came(&world, "ZA.2", "27820000002", Some("milk")).await;

    let linked = link(&world, ("ZA.1", ""), ("ZA.2", "")).await.unwrap();

    assert_eq!((linked.shop, linked.other_shop_id.as_str()), (grown.shop.clone(), ""));
    assert_eq!(shops(&world).await, 1);
    assert_eq!(world.identify("ZA.1", "").await.unwrap().member, grown.member);
    assert_ne!(before.shop, grown.shop);
    world.finish().await;
}

#[tokio::test]
async fn a_shop_is_not_handed_over_with_the_number() {
    let world = World::start().await;
    let stranger = came(&world, "", "27820000009", Some("gold")).await;
    let before = came(&world, "ZA.1", "27820000001", Some("bread")).await;

    let linked = link(&world, ("ZA.1", "27820000001"), ("ZA.2", "27820000009")).await.unwrap();

    assert_eq!(linked.member, before.member);
    assert_eq!(linked.other_shop_id, stranger.shop.unwrap().shop_id, "on record, because it may be theirs");
    // Nor by news that is repeated when the number before was handed out again.
    let neighbour = came(&world, "", "27820000001", Some("salt")).await;
    assert!(neighbour.created);
    for previous in [("ZA.1", "27820000001"), ("", "27820000001")] {
        let again = link(&world, previous, ("ZA.2", "27820000009")).await.unwrap();
        assert_eq!(again.member, before.member);
    }
    assert_eq!(world.identify("", "27820000001").await.unwrap().member, neighbour.member);
    world.finish().await;
}

#[tokio::test]
async fn changes_in_a_row_and_their_repeats_end_in_the_last_names() {
    let world = World::start().await;
    let before = came(&world, "ZA.1", "27820000001", Some("bread")).await;
    let news = [(("ZA.1", "27820000001"), ("ZA.2", "27820000002")), (("ZA.2", "27820000002"), ("ZA.3", "27820000003"))];
    for (previous, current) in news {
        link(&world, previous, current).await.unwrap();
    }

    for (previous, current) in news {
        assert_eq!(link(&world, previous, current).await.unwrap().member, before.member);
    }

    assert_eq!(world.identify("", "27820000003").await.unwrap().member, before.member);
    let current: Vec<String> =
        sqlx::query_scalar("SELECT value FROM identity WHERE replaced_at IS NULL ORDER BY kind DESC")
            .fetch_all(&mut world.owner().await)
            .await
            .unwrap();
    assert_eq!(current, ["ZA.3", "27820000003"]);
    assert_eq!(shops(&world).await, 1);
    world.finish().await;
}

#[tokio::test]
async fn a_name_that_is_not_told_is_kept_and_both_spellings_are_one() {
    let world = World::start().await;
    let before = came(&world, "MX.1", "5215512345678", None).await;

    link(&world, ("MX.1", ""), ("MX.2", "")).await.unwrap();
    link(&world, ("", "525512345678"), ("", "5215599999999")).await.unwrap();

    assert_eq!(world.identify("", "525599999999").await.unwrap().member, before.member);
    assert_eq!(world.identify("MX.2", "").await.unwrap().member, before.member);
    world.finish().await;
}

#[tokio::test]
async fn news_of_nobody_and_news_without_names_are_refused() {
    let world = World::start().await;

    let unknown = link(&world, ("ZA.1", "27820000001"), ("ZA.2", "27820000002")).await.unwrap_err();
    let nameless = link(&world, ("", ""), ("ZA.2", "US.1349")).await.unwrap_err();

    assert_eq!((unknown.code(), reason(&unknown).as_str()), (Code::NotFound, "ERROR_REASON_MEMBER_NOT_FOUND"));
    assert_eq!(reason(&nameless), "ERROR_REASON_INVALID_FIELD");
    assert_eq!(shops(&world).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_and_first_messages_at_the_same_moment_end_in_one_person() {
    let world = World::start().await;
    for round in 0..15 {
        let (old, new) = (format!("ZA.{round}.1"), format!("ZA.{round}.2"));
        let (number, new_number) = (format!("278200{round:05}"), format!("278300{round:05}"));
        let before = came(&world, &old, &number, Some("bread")).await;

        let mut calls = JoinSet::new();
        for call in 0..6 {
            let (world, old, new, new_number) = (world.clone(), old.clone(), new.clone(), new_number.clone());
            calls.spawn(async move {
                if call % 2 == 0 {
                    link(&world, (&old, ""), (&new, &new_number)).await.unwrap();
                } else {
                    world.identify(&new, &new_number).await.unwrap();
                }
            });
        }
        calls.join_all().await;
        // Whoever was first, the news is told once more by Meta or was heard after the message.
        let linked = link(&world, (&old, ""), (&new, &new_number)).await.unwrap();

        assert_eq!((linked.member, linked.other_shop_id.as_str()), (before.member.clone(), ""));
        assert_eq!(world.identify(&new, &new_number).await.unwrap().member, before.member);
        assert_eq!(shops(&world).await, round + 1);
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_on_its_way_into_the_shop_that_grew_counts_or_is_refused() {
    let world = World::start().await;
    for round in 0..15 {
        let (old, new) = (format!("ZA.{round}.1"), format!("ZA.{round}.2"));
        let before = came(&world, &old, "", Some("bread")).await;
        let grown = came(&world, &new, "", None).await;
        let theirs = world.as_member(&grown.shop.clone().unwrap().shop_id, &grown.member.unwrap().member_id);

        let (posted, linked) =
            tokio::join!(theirs.post("1", vec![add("7", "milk")]), link(&world, (&old, ""), (&new, "")));

        let linked = linked.unwrap();
        assert_eq!(linked.member, before.member);
        match posted {
            Ok(_) => {
                assert_eq!(linked.other_shop_id, theirs.id, "what was posted is kept and told");
                assert_eq!(theirs.on_hand("milk").await, "7");
            }
            Err(refused) => {
                assert_eq!(reason(&refused), "ERROR_REASON_SHOP_NOT_FOUND");
                assert_eq!(linked.other_shop_id, "");
            }
        }
    }
    world.finish().await;
}
