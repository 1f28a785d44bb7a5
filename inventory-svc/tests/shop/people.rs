//! Who belongs to a shop, and what is so of the shop.

use proto::common::v1::WhatsAppUser;
use proto::inventory::v1 as pb;
use tonic::{Code, Status};

use crate::world::{Shop, World, add, decimal, reason, sell};
use crate::{ask, join};

async fn members(shop: &Shop, with_removed: bool) -> Vec<pb::ShopMember> {
    let request = pb::ListMembersRequest { shop_id: shop.id.clone(), with_removed, ..Default::default() };
    shop.client.clone().list_members(request).await.expect("a list").into_inner().members
}

async fn remove(shop: &Shop, request_id: &str, who: &str) -> Result<pb::ShopMember, Status> {
    let request = ask!(shop, request_id, RemoveMemberRequest { subject_member_id: who.to_owned() });
    Ok(shop.client.clone().remove_member(request).await?.into_inner().member.expect("a member"))
}

async fn set_role(shop: &Shop, request_id: &str, who: &str, role: pb::Role) -> Result<pb::Member, Status> {
    let request =
        ask!(shop, request_id, ChangeMemberRoleRequest { subject_member_id: who.to_owned(), role: role.into() });
    Ok(shop.client.clone().change_member_role(request).await?.into_inner().member.expect("a member"))
}

#[tokio::test]
async fn who_was_removed_changes_nothing_any_more_and_history_keeps_them() {
    let world = World::start().await;
    let shop = world.shop().await;
    let invitation = ask!(
        shop,
        "1",
        AddMemberRequest {
            user: Some(WhatsAppUser { user_id: String::new(), phone_number: "27820000001".into() }),
            display_name: "Thabo".into(),
            role: pb::Role::Clerk.into(),
        }
    );
    let added = shop.client.clone().add_member(invitation).await.unwrap().into_inner().member.unwrap();
    assert!(members(&shop, false).await.iter().any(|member| member.invited));
    world.identify("ZA.thabo", "27820000001").await.unwrap();
    assert!(members(&shop, false).await.iter().all(|member| !member.invited));
    let clerk = world.as_member(&shop.id, &added.member_id);
    clerk.post("2", vec![add("5", "milk")]).await.unwrap();

    let removed = remove(&shop, "3", &added.member_id).await.unwrap();
    assert_eq!(remove(&shop, "3", &added.member_id).await.unwrap(), removed, "a repeat says the same");

    assert!(removed.remove_time.is_some());
    let refused = clerk.post("4", vec![sell("1", "milk")]).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::PermissionDenied, "ERROR_REASON_ROLE_NOT_ALLOWED"));
    assert_eq!(reason(&clerk.undo("5").await.unwrap_err()), "ERROR_REASON_ROLE_NOT_ALLOWED");
    assert_eq!(shop.on_hand("milk").await, "5");
    assert_eq!((members(&shop, false).await.len(), members(&shop, true).await.len()), (1, 2));
    assert!(members(&shop, true).await.iter().any(|gone| gone.member.as_ref().unwrap().display_name == "Thabo"));
    // They are nobody here now, by either name.
    assert_ne!(world.identify("ZA.thabo", "27820000001").await.unwrap().shop.unwrap().shop_id, shop.id);
    assert_eq!(reason(&remove(&shop, "6", &added.member_id).await.unwrap_err()), "ERROR_REASON_MEMBER_NOT_FOUND");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_always_has_an_owner() {
    let world = World::start().await;
    let shop = world.shop().await;
    for refused in [
        remove(&shop, "1", &shop.member_id).await.map(|_| ()).unwrap_err(),
        set_role(&shop, "2", &shop.member_id, pb::Role::Clerk).await.map(|_| ()).unwrap_err(),
    ] {
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "ERROR_REASON_LAST_OWNER"));
    }
    // Of two who remove each other, one stays.
    for round in 0..8 {
        let shop = world.shop().await;
        let other = join(&world, &shop, "owner").await;
        let (one, two) = (format!("{round}/1"), format!("{round}/2"));
        let (first, second) =
            tokio::join!(remove(&shop, &one, &other.member_id), remove(&other, &two, &shop.member_id));
        assert!(first.is_ok() != second.is_ok());
        assert_eq!(members(&shop, false).await.len(), 1);
    }
    world.finish().await;
}

#[tokio::test]
async fn managers_manage_those_below_them_and_other_shops_are_as_if_not_there() {
    let world = World::start().await;
    let (shop, elsewhere) = (world.shop().await, world.shop().await);
    let (manager, clerk) = (join(&world, &shop, "manager").await, join(&world, &shop, "clerk").await);

    assert_eq!(set_role(&manager, "1", &clerk.member_id, pb::Role::Viewer).await.unwrap().role(), pb::Role::Viewer);
    for refused in [
        set_role(&manager, "2", &clerk.member_id, pb::Role::Manager).await.unwrap_err(),
        set_role(&manager, "2", &shop.member_id, pb::Role::Clerk).await.unwrap_err(),
        set_role(&clerk, "2", &manager.member_id, pb::Role::Viewer).await.unwrap_err(),
    ] {
        assert_eq!(reason(&refused), "ERROR_REASON_ROLE_NOT_ALLOWED");
    }
    let foreign = set_role(&elsewhere, "1", &clerk.member_id, pb::Role::Owner).await.unwrap_err();
    assert_eq!((foreign.code(), reason(&foreign).as_str()), (Code::NotFound, "ERROR_REASON_MEMBER_NOT_FOUND"));
    let reused = set_role(&manager, "1", &clerk.member_id, pb::Role::Clerk).await.unwrap_err();
    assert_eq!(reason(&reused), "ERROR_REASON_REQUEST_ID_REUSED");
    assert_eq!(
        reason(&set_role(&shop, "3", &clerk.member_id, pb::Role::Unspecified).await.unwrap_err()),
        "ERROR_REASON_INVALID_FIELD"
    );
    assert_eq!(members(&elsewhere, true).await.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn a_shop_changes_its_name_zone_policy_and_its_currency_before_the_first_price() {
    let world = World::start().await;
    let shop = world.shop().await;
    let update = async |request: pb::UpdateShopRequest| shop.client.clone().update_shop(request).await;

    let all = ask!(
        shop,
        "1",
        UpdateShopRequest {
            display_name: Some("Thandi's".into()),
            time_zone: Some("Africa/Maputo".into()),
            shortage_policy: Some(pb::ShortagePolicy::Block.into()),
            currency_code: Some("MZN".into()),
        }
    );
    let changed = update(all).await.unwrap().into_inner().shop.unwrap();
    assert_eq!((changed.display_name.as_str(), changed.time_zone.as_str()), ("Thandi's", "Africa/Maputo"));
    assert_eq!((changed.currency_code.as_str(), changed.shortage_policy()), ("MZN", pb::ShortagePolicy::Block));
    shop.post("2", vec![add("1", "milk")]).await.unwrap();
    let short = shop.post("2/sale", vec![sell("5", "milk")]).await.unwrap_err();
    assert_eq!(reason(&short), "ERROR_REASON_INSUFFICIENT_STOCK");
    let priced = pb::OperationLine {
        unit_price: Some(proto::common::v1::Money { amount: Some(decimal("18")), currency_code: "MZN".into() }),
        ..add("5", "milk")
    };
    shop.post("3", vec![priced]).await.unwrap();
    let other = ask!(shop, "4", UpdateShopRequest { currency_code: Some("ZAR".into()) });
    assert_eq!(reason(&update(other).await.unwrap_err()), "ERROR_REASON_CURRENCY_IN_USE");
    for wrong in [
        ask!(shop, "5", UpdateShopRequest { time_zone: Some("Mars/Base".into()) }),
        ask!(shop, "5", UpdateShopRequest { currency_code: Some("rand".into()) }),
        ask!(shop, "5", UpdateShopRequest { shortage_policy: Some(0) }),
    ] {
        assert_eq!(reason(&update(wrong).await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    }
    let stays = ask!(shop, "6", UpdateShopRequest { currency_code: Some("MZN".into()) });
    assert_eq!(update(stays).await.unwrap().into_inner().shop.unwrap(), changed);
    world.finish().await;
}

async fn invite(shop: &Shop, request_id: &str, phone: &str) -> Result<pb::AddMemberResponse, Status> {
    let request = ask!(
        shop,
        request_id,
        AddMemberRequest {
            user: Some(WhatsAppUser { user_id: String::new(), phone_number: phone.to_owned() }),
            display_name: "Thabo".into(),
            role: pb::Role::Clerk.into(),
        }
    );
    Ok(shop.client.clone().add_member(request).await?.into_inner())
}

#[tokio::test]
async fn who_only_said_hello_joins_the_shop_that_asks_them_and_their_own_is_closed() {
    let world = World::start().await;
    let shop = world.shop().await;
    let hello = world.identify("ZA.hello", "27820000001").await.unwrap();
    let (own, alone) = (hello.shop.unwrap(), hello.member.unwrap());

    let added = invite(&shop, "1", "27820000001").await.unwrap();
    let again = invite(&shop, "1", "27820000001").await.unwrap();

    assert!(!added.existed);
    assert_eq!(added, again);
    for (user_id, phone) in [("ZA.hello", ""), ("ZA.hello", "27820000001"), ("", "27820000001")] {
        let found = world.identify(user_id, phone).await.unwrap();
        assert_eq!(
            (found.created, found.shop.unwrap().shop_id, found.member),
            (false, shop.id.clone(), added.member.clone())
        );
    }
    let late = world.as_member(&own.shop_id, &alone.member_id).post("2", vec![add("1", "milk")]).await.unwrap_err();
    assert_eq!(reason(&late), "ERROR_REASON_SHOP_NOT_FOUND");
    // They have written: nobody waits for them.
    assert!(members(&shop, false).await.iter().all(|member| !member.invited));
    world.finish().await;
}

#[tokio::test]
async fn nobody_is_taken_out_of_a_shop_in_which_anything_is() {
    let world = World::start().await;
    let shop = world.shop().await;
    for (number, begun) in ["an operation", "an item", "another person", "a name"].into_iter().enumerate() {
        let phone = format!("2782000000{number}");
        let hello = world.identify(&format!("ZA.begun{number}"), &phone).await.unwrap();
        let own = world.as_member(&hello.shop.unwrap().shop_id, &hello.member.clone().unwrap().member_id);
        match begun {
            "an operation" => drop(own.post("1", vec![add("1", "milk")]).await.unwrap()),
            "an item" => {
                let item = ask!(own, "1", CreateItemRequest { display_name: "milk".into() });
                own.client.clone().create_item(item).await.unwrap();
            }
            "another person" => drop(invite(&own, "1", "27830000000").await.unwrap()),
            _ => {
                let name = ask!(own, "1", UpdateShopRequest { display_name: Some("Thandi's".into()) });
                own.client.clone().update_shop(name).await.unwrap();
            }
        }

        let refused = invite(&shop, &phone, &phone).await.unwrap_err();

        assert_eq!(reason(&refused), "ERROR_REASON_MEMBER_ELSEWHERE", "{begun}");
        assert_eq!(world.identify("", &phone).await.unwrap().member, hello.member, "{begun}");
    }
    assert_eq!(members(&shop, true).await.len(), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_invitation_and_a_first_post_at_the_same_moment_one_wins_and_nothing_is_lost() {
    let world = World::start().await;
    let shop = world.shop().await;
    for round in 0..20 {
        let phone = format!("278300{round:05}");
        let hello = world.identify(&format!("ZA.race{round}"), &phone).await.unwrap();
        let own = world.as_member(&hello.shop.unwrap().shop_id, &hello.member.unwrap().member_id);

        let (added, posted) = tokio::join!(invite(&shop, &phone, &phone), own.post("1", vec![add("5", "milk")]));

        let found = world.identify("", &phone).await.unwrap();
        match (added, posted) {
            (Ok(added), Err(refused)) => {
                assert_eq!(found.member, added.member);
                assert_eq!(reason(&refused), "ERROR_REASON_SHOP_NOT_FOUND");
                // The gateway posts it where the person is now.
                world
                    .as_member(&shop.id, &added.member.unwrap().member_id)
                    .post(&phone, vec![add("5", "milk")])
                    .await
                    .unwrap();
            }
            (Err(refused), Ok(_)) => {
                assert_eq!(reason(&refused), "ERROR_REASON_MEMBER_ELSEWHERE");
                assert_eq!((found.shop.unwrap().shop_id, own.on_hand("milk").await.as_str()), (own.id.clone(), "5"));
            }
            (added, posted) => panic!("one of both wins: {added:?} {posted:?}"),
        }
    }
    world.finish().await;
}
