//! Adding people to a shop before they first write.

use proto::common::v1::WhatsAppUser;
use proto::inventory::v1 as pb;
use tokio::task::JoinSet;
use tonic::{Code, Status};

use crate::people::join;
use crate::world::{Shop, World, add, reason};

fn request(shop: &Shop, request_id: &str, phone: &str, role: pb::Role) -> pb::AddMemberRequest {
    pb::AddMemberRequest {
        shop_id: shop.id.clone(),
        request_id: request_id.to_owned(),
        source: pb::Source::Whatsapp.into(),
        member_id: shop.member_id.clone(),
        user: Some(WhatsAppUser { user_id: String::new(), phone_number: phone.to_owned() }),
        display_name: "Thabo".to_owned(),
        role: role.into(),
    }
}

async fn send(shop: &Shop, request: pb::AddMemberRequest) -> Result<pb::AddMemberResponse, Status> {
    Ok(shop.client.clone().add_member(request).await?.into_inner())
}

async fn invite(shop: &Shop, request_id: &str, phone: &str, role: pb::Role) -> Result<pb::AddMemberResponse, Status> {
    send(shop, request(shop, request_id, phone, role)).await
}

#[tokio::test]
async fn who_was_added_belongs_to_the_shop_from_the_first_message() {
    let world = World::start_with(&["--signup", "open"]).await;
    let shop = world.shop().await;

    let added = invite(&shop, "1", "525512345678", pb::Role::Clerk).await.unwrap();
    let first = world.identify("MX.7", "5215512345678").await.unwrap();

    assert!(!added.existed && !first.created);
    assert_eq!(first.shop.unwrap().shop_id, shop.id);
    assert_eq!(first.member, added.member);
    let member = added.member.unwrap();
    assert_eq!((member.display_name.as_str(), member.role()), ("Thabo", pb::Role::Clerk));
    assert_eq!(world.identify("MX.7", "").await.unwrap().member.unwrap().member_id, member.member_id);
    let clerk = world.as_member(&shop.id, &member.member_id);
    clerk.post("2", vec![add("5", "milk")]).await.unwrap();
    world.finish().await;
}

#[tokio::test]
async fn a_repeat_adds_nobody_and_answers_the_same() {
    let world = World::start().await;
    let shop = world.shop().await;
    let wanted = request(&shop, "1", "27820000001", pb::Role::Clerk);

    let mut twins = JoinSet::new();
    for _ in 0..10 {
        let (shop, wanted) = (shop.clone(), wanted.clone());
        twins.spawn(async move { send(&shop, wanted).await.unwrap() });
    }
    let answers = twins.join_all().await;

    assert!(answers.iter().all(|answer| *answer == answers[0] && !answer.existed));
    let other = invite(&shop, "1", "27820000002", pb::Role::Clerk).await.unwrap_err();
    assert_eq!((other.code(), reason(&other).as_str()), (Code::FailedPrecondition, "ERROR_REASON_REQUEST_ID_REUSED"));
    let again = invite(&shop, "2", "27820000001", pb::Role::Manager).await.unwrap();
    assert!(again.existed, "under another id");
    assert_eq!(again.member, answers[0].member, "and nothing was changed");
    world.finish().await;
}

#[tokio::test]
async fn owners_add_everybody_and_managers_those_below_them() {
    let world = World::start().await;
    let shop = world.shop().await;
    let all = [pb::Role::Owner, pb::Role::Manager, pb::Role::Clerk, pb::Role::Viewer];
    for (place, (role, allowed)) in [("owner", 4), ("manager", 2), ("clerk", 0), ("viewer", 0)].into_iter().enumerate()
    {
        let asking = world.as_member(&shop.id, &join(&world, &shop.id, role).await);
        for (number, wanted) in all.into_iter().rev().enumerate() {
            let answer = invite(&asking, &format!("{role}/{number}"), &format!("2782000{place}{number}"), wanted).await;
            if number < allowed {
                assert_eq!(answer.unwrap().member.unwrap().role(), wanted, "{role} adds {wanted:?}");
            } else {
                let refused = answer.unwrap_err();
                assert_eq!(
                    (refused.code(), reason(&refused).as_str()),
                    (Code::PermissionDenied, "ERROR_REASON_ROLE_NOT_ALLOWED"),
                    "{role} adds {wanted:?}"
                );
            }
        }
    }
    let service = world.as_member(&shop.id, "");
    invite(&service, "service", "27820000077", pb::Role::Owner).await.unwrap();
    world.finish().await;
}

#[tokio::test]
async fn who_has_a_shop_in_use_stays_in_it_whoever_adds_them() {
    let world = World::start().await;
    let shop = world.shop().await;
    let neighbour = world.identify("NA.101", "27820000002").await.unwrap();
    let (theirs, member) = (neighbour.shop.clone().unwrap(), neighbour.member.clone().unwrap());
    world.as_member(&theirs.shop_id, &member.member_id).post("1", vec![add("5", "salt")]).await.unwrap();
    let by_id = pb::AddMemberRequest {
        user: Some(WhatsAppUser { user_id: "NA.101".to_owned(), phone_number: String::new() }),
        ..request(&shop, "3", "", pb::Role::Clerk)
    };

    for refused in [
        invite(&shop, "2", "27820000002", pb::Role::Clerk).await,
        send(&shop, by_id).await,
        invite(&world.as_member(&shop.id, ""), "4", "27820000002", pb::Role::Owner).await,
    ] {
        let refused = refused.unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::FailedPrecondition, "ERROR_REASON_MEMBER_ELSEWHERE")
        );
    }

    assert_eq!(world.identify("NA.101", "27820000002").await.unwrap().shop, neighbour.shop);
    world.finish().await;
}

#[tokio::test]
async fn who_was_added_is_not_added_elsewhere_before_or_after_their_first_message() {
    let world = World::start().await;
    let (shop, elsewhere) = (world.shop().await, world.shop().await);
    let both_names = pb::AddMemberRequest {
        user: Some(WhatsAppUser { user_id: "NA.1".to_owned(), phone_number: "27820000001".to_owned() }),
        ..request(&shop, "1", "", pb::Role::Clerk)
    };
    let added = send(&shop, both_names).await.unwrap();

    let before = invite(&elsewhere, "1", "27820000001", pb::Role::Clerk).await.unwrap_err();
    // They write under one of the names; nobody has them by the other.
    let first = world.identify("NA.1", "").await.unwrap();
    let after = invite(&elsewhere, "2", "27820000001", pb::Role::Clerk).await.unwrap_err();

    for refused in [before, after] {
        assert_eq!(reason(&refused), "ERROR_REASON_MEMBER_ELSEWHERE");
    }
    assert_eq!((first.shop.unwrap().shop_id, first.member), (shop.id.clone(), added.member));
    assert_eq!(world.identify("NA.1", "27820000001").await.unwrap().shop.unwrap().shop_id, shop.id);
    world.finish().await;
}

#[tokio::test]
async fn an_unused_shop_that_kept_answers_is_closed_when_its_person_joins_another() {
    let world = World::start().await;
    let shop = world.shop().await;
    let own = world.identify("NA.100", "27820000001").await.unwrap();
    let theirs = world.as_member(&own.shop.unwrap().shop_id, &own.member.unwrap().member_id);
    assert!(invite(&theirs, "1", "27820000001", pb::Role::Owner).await.unwrap().existed);
    invite(&shop, "1", "27820000002", pb::Role::Clerk).await.unwrap();

    let news = pb::LinkIdentityRequest {
        previous: Some(WhatsAppUser { user_id: "NA.100".into(), phone_number: String::new() }),
        current: Some(WhatsAppUser { user_id: "NA.101".into(), phone_number: "27820000002".into() }),
    };
    world.client.clone().link_identity(news).await.unwrap();

    assert_eq!(world.identify("NA.101", "").await.unwrap().shop.unwrap().shop_id, shop.id);
    let closed = invite(&theirs, "2", "27820000003", pb::Role::Clerk).await.unwrap_err();
    assert_eq!(reason(&closed), "ERROR_REASON_SHOP_NOT_FOUND");
    world.finish().await;
}

#[tokio::test]
async fn the_name_on_whatsapp_is_taken_when_none_was_given() {
    let world = World::start().await;
    let shop = world.shop().await;
    let wanted =
        pb::AddMemberRequest { display_name: String::new(), ..request(&shop, "1", "27820000001", pb::Role::Clerk) };
    assert_eq!(send(&shop, wanted).await.unwrap().member.unwrap().display_name, "");

    let first = world.identify("ZA.1", "27820000001").await.unwrap();

    assert_eq!(first.member.unwrap().display_name, "Thandi");
    world.finish().await;
}

#[tokio::test]
async fn wrong_requests_and_other_shops_are_refused() {
    let world = World::start().await;
    let (mine, theirs) = (world.shop().await, world.shop().await);
    let ordinary = || request(&mine, "1", "27820000001", pb::Role::Clerk);
    for wrong in [
        pb::AddMemberRequest { user: None, ..ordinary() },
        pb::AddMemberRequest {
            user: Some(WhatsAppUser { phone_number: "ZA.1".into(), ..Default::default() }),
            ..ordinary()
        },
        pb::AddMemberRequest { role: 0, ..ordinary() },
        pb::AddMemberRequest { source: 0, ..ordinary() },
        pb::AddMemberRequest { request_id: String::new(), ..ordinary() },
        pb::AddMemberRequest { display_name: "x".repeat(201), ..ordinary() },
    ] {
        assert_eq!(reason(&send(&mine, wrong).await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    }
    let stranger = pb::AddMemberRequest { member_id: theirs.member_id.clone(), ..ordinary() };
    assert_eq!(reason(&send(&mine, stranger).await.unwrap_err()), "ERROR_REASON_MEMBER_NOT_FOUND");
    let nowhere = pb::AddMemberRequest { shop_id: "0190b2c4-0000-7000-8000-000000000000".into(), ..ordinary() };
    assert_eq!(reason(&send(&mine, nowhere).await.unwrap_err()), "ERROR_REASON_SHOP_NOT_FOUND");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_and_the_first_message_at_the_same_moment_end_in_one_person() {
    let world = World::start().await;
    let shop = world.shop().await;
    for round in 0..15 {
        let phone = format!("278300{round:05}");
        let (request_id, user_id) = (format!("{round}"), format!("ZA.new{round}"));
        let (added, _) =
            tokio::join!(invite(&shop, &request_id, &phone, pb::Role::Clerk), world.identify(&user_id, &phone));

        // Who was added first joins; who wrote first and no more than that is taken along.
        let found = world.identify(&user_id, &phone).await.unwrap();
        assert_eq!(found.member, added.unwrap().member);
        assert_eq!(found.shop.unwrap().shop_id, shop.id);
    }
    world.finish().await;
}

#[tokio::test]
async fn who_was_asked_to_join_by_the_new_number_joins_when_the_news_of_it_comes() {
    let world = World::start().await;
    let shop = world.shop().await;
    let own = world.identify("ZA.50", "27820000050").await.unwrap();
    let added = invite(&shop, "1", "27820000051", pb::Role::Clerk).await.unwrap();

    let news = pb::LinkIdentityRequest {
        previous: Some(WhatsAppUser { user_id: "ZA.50".into(), phone_number: String::new() }),
        current: Some(WhatsAppUser { user_id: "ZA.51".into(), phone_number: "27820000051".into() }),
    };
    let linked = world.client.clone().link_identity(news).await.unwrap().into_inner();

    assert_eq!((linked.member, linked.other_shop_id.as_str()), (added.member, ""));
    assert_ne!(own.shop, linked.shop);
    assert_eq!(world.identify("ZA.51", "").await.unwrap().shop, linked.shop);
    world.finish().await;
}
