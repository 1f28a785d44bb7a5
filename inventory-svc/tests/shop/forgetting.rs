//! Somebody asked to be forgotten: names go, in every shop, and the ledger stays.

use proto::common::v1::WhatsAppUser;
use proto::inventory::v1 as pb;
use tonic::Status;

use crate::ask;
use crate::world::{Shop, World, add, reason, sell};

fn user(user_id: &str, phone: &str) -> WhatsAppUser {
    WhatsAppUser { user_id: user_id.to_owned(), phone_number: phone.to_owned() }
}

async fn send(world: &World, user: WhatsAppUser, dry_run: bool) -> Result<pb::ForgetPersonResponse, Status> {
    let request = pb::ForgetPersonRequest { user: Some(user), dry_run };
    Ok(world.client.clone().forget_person(request).await?.into_inner())
}

async fn forget(world: &World, user: WhatsAppUser) -> pb::ForgetPersonResponse {
    send(world, user, false).await.unwrap()
}

async fn invite(shop: &Shop, request_id: &str, phone: &str, name: &str) -> pb::Member {
    let request = ask!(
        shop,
        request_id,
        AddMemberRequest { user: Some(user("", phone)), display_name: name.to_owned(), role: pb::Role::Clerk.into() }
    );
    shop.client.clone().add_member(request).await.unwrap().into_inner().member.unwrap()
}

/// Returns the tables of which a row, written as text, holds a word.
async fn tables_with(world: &World, text: &str) -> Vec<String> {
    let mut owner = world.owner().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations'",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let mut found = Vec::new();
    for table in tables {
        let sql = format!("SELECT EXISTS (SELECT FROM {table} AS row WHERE position($1 IN row::text) > 0)");
        if sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(text).fetch_one(&mut owner).await.unwrap() {
            found.push(table);
        }
    }
    found
}

#[tokio::test]
async fn names_go_from_every_table_and_the_ledger_stays() {
    let world = World::start().await;
    let shop = world.shop().await;
    let member = invite(&shop, "1", "27820000001", "Sipho Forgetme").await;
    world.identify("ZA.1349sipho", "27820000001").await.unwrap();
    let clerk = world.as_member(&shop.id, &member.member_id);
    let posted = clerk.post("2", vec![add("5", "milk")]).await.unwrap();
    let promoted = ask!(
        shop,
        "3",
        ChangeMemberRoleRequest { subject_member_id: member.member_id.clone(), role: pb::Role::Manager.into() }
    );
    shop.client.clone().change_member_role(promoted).await.unwrap();

    let preview = send(&world, user("", "27820000001"), true).await.unwrap();
    assert_eq!(tables_with(&world, "27820000001").await, ["identity"], "a dry run forgets nothing");
    let forgotten = forget(&world, user("", "27820000001")).await;

    assert_eq!(preview, forgotten);
    assert_eq!(
        forgotten.members,
        [pb::ForgottenMember {
            shop_id: shop.id.clone(),
            member_id: member.member_id.clone(),
            shop_without_owner: false
        }]
    );
    assert_eq!(forgotten.names, [user("", "27820000001"), user("ZA.1349sipho", "")]);
    for word in ["27820000001", "ZA.1349sipho", "Sipho"] {
        assert_eq!(tables_with(&world, word).await, Vec::<String>::new(), "{word}");
    }
    // The member may do nothing any more, and what they did is as it was.
    let refused = clerk.post("4", vec![sell("1", "milk")]).await.unwrap_err();
    assert_eq!(reason(&refused), "ERROR_REASON_ROLE_NOT_ALLOWED");
    assert_eq!(shop.on_hand("milk").await, "5");
    let key = pb::get_operation_request::Key::OperationId(posted.operation.clone().unwrap().operation_id);
    let read = pb::GetOperationRequest { shop_id: shop.id.clone(), key: Some(key), ..Default::default() };
    let read = shop.client.clone().get_operation(read).await.unwrap().into_inner();
    assert_eq!(read.operation.unwrap().member_id, member.member_id);
    world.finish().await;
}

#[tokio::test]
async fn a_repeat_finds_nobody_and_repeats_of_what_named_them_change_nothing() {
    let world = World::start().await;
    let shop = world.shop().await;
    let member = invite(&shop, "1", "27820000001", "Sipho").await;
    let clerk = world.as_member(&shop.id, &member.member_id);
    clerk.post("2", vec![add("5", "milk")]).await.unwrap();
    forget(&world, user("", "27820000001")).await;

    assert_eq!(forget(&world, user("", "27820000001")).await, pb::ForgetPersonResponse::default());
    assert_eq!(forget(&world, user("ZA.nobody", "")).await, pb::ForgetPersonResponse::default());

    // The invitation comes once more: it is known as done, and invites nobody.
    let again = invite(&shop, "1", "27820000001", "Sipho").await;
    assert_eq!((again.member_id.as_str(), again.display_name.as_str()), (member.member_id.as_str(), ""));
    assert_eq!(tables_with(&world, "27820000001").await, Vec::<String>::new());
    clerk.post("2", vec![add("5", "milk")]).await.ok();
    assert_eq!(shop.on_hand("milk").await, "5");
    // Who writes again is a stranger.
    let stranger = world.identify("ZA.1349", "27820000001").await.unwrap();
    assert!(stranger.created && stranger.shop.unwrap().shop_id != shop.id);
    world.finish().await;
}

#[tokio::test]
async fn a_shop_that_is_left_without_an_owner_is_told() {
    let world = World::start().await;
    let owner = world.identify("ZA.77", "27820000077").await.unwrap();
    let shop = world.as_member(&owner.shop.unwrap().shop_id, &owner.member.unwrap().member_id);
    invite(&shop, "1", "27820000001", "Sipho").await;
    shop.post("2", vec![add("5", "milk")]).await.unwrap();

    let clerk = forget(&world, user("", "27820000001")).await;
    let last = forget(&world, user("ZA.77", "")).await;

    assert!(!clerk.members[0].shop_without_owner);
    assert!(last.members[0].shop_without_owner);
    assert_eq!(shop.on_hand("milk").await, "5");
    world.finish().await;
}

#[tokio::test]
async fn whoever_was_removed_or_changed_names_is_found_by_them_still() {
    let world = World::start().await;
    let shop = world.shop().await;
    let member = invite(&shop, "1", "525512345678", "Sipho").await;
    world.identify("MX.1", "5215512345678").await.unwrap();
    let news =
        pb::LinkIdentityRequest { previous: Some(user("MX.1", "")), current: Some(user("MX.2", "525512345678")) };
    world.client.clone().link_identity(news).await.unwrap();
    let removal = ask!(shop, "2", RemoveMemberRequest { subject_member_id: member.member_id.clone() });
    shop.client.clone().remove_member(removal).await.unwrap();
    let elsewhere = world.identify("MX.2", "5215512345678").await.unwrap();

    let replaced = send(&world, user("MX.1", ""), true).await.unwrap();
    let forgotten = forget(&world, user("", "5215512345678")).await;

    assert_eq!(replaced, forgotten);
    let mut members: Vec<_> = forgotten.members.iter().map(|member| member.member_id.as_str()).collect();
    let elsewhere = elsewhere.member.unwrap();
    let mut expected = [member.member_id.as_str(), elsewhere.member_id.as_str()];
    members.sort_unstable();
    expected.sort_unstable();
    assert_eq!(members, expected);
    for word in ["5512345678", "MX.1", "MX.2", "Sipho"] {
        assert_eq!(tables_with(&world, word).await, Vec::<String>::new(), "{word}");
    }
    world.finish().await;
}

#[tokio::test]
async fn who_has_a_number_now_is_forgotten_and_not_who_had_it_before() {
    let world = World::start().await;
    let shop = world.shop().await;
    let before = invite(&shop, "1", "27820000001", "Sipho").await;
    world.identify("ZA.before", "27820000001").await.unwrap();
    let removal = ask!(shop, "2", RemoveMemberRequest { subject_member_id: before.member_id.clone() });
    shop.client.clone().remove_member(removal).await.unwrap();
    // He has a shop of his own and another number, and his old number is somebody else's.
    let elsewhere = world.identify("ZA.before", "27820000002").await.unwrap().member.unwrap();
    let now = world.identify("ZA.now", "27820000001").await.unwrap().member.unwrap();
    let members = |forgotten: &pb::ForgetPersonResponse| {
        forgotten.members.iter().map(|member| member.member_id.clone()).collect::<std::collections::BTreeSet<_>>()
    };

    let older = send(&world, user("ZA.before", ""), true).await.unwrap();
    let forgotten = forget(&world, user("", "27820000001")).await;

    assert_eq!(members(&older), [before.member_id.clone(), elsewhere.member_id.clone()].into());
    assert_eq!(older.names, [user("", "27820000002"), user("ZA.before", "")], "the number is another person's now");
    assert_eq!(members(&forgotten), [now.member_id.clone()].into());
    assert_eq!(world.identify("ZA.before", "").await.unwrap().member.unwrap().member_id, elsewhere.member_id);
    // To do it again is harmless, and who had the number before is found by what is theirs.
    assert_eq!(forget(&world, user("", "27820000001")).await, pb::ForgetPersonResponse::default());
    let forgotten = forget(&world, user("ZA.before", "")).await;
    assert_eq!(members(&forgotten), [before.member_id, elsewhere.member_id].into());
    for word in ["2782000000", "ZA.before", "ZA.now", "Sipho"] {
        assert_eq!(tables_with(&world, word).await, Vec::<String>::new(), "{word}");
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_writes_at_the_moment_they_are_forgotten_is_a_stranger_or_gone() {
    let world = World::start().await;
    for round in 0..12 {
        let (user_id, phone) = (format!("ZA.race{round}"), format!("278300{round:05}"));
        let before = world.identify(&user_id, "").await.unwrap().member.unwrap();

        // The message brings a number that was not known.
        let (forgotten, _) = tokio::join!(forget(&world, user(&user_id, "")), world.identify(&user_id, &phone));

        assert_eq!(forgotten.members.len(), 1);
        let nameless: i64 = sqlx::query_scalar("SELECT count(*) FROM identity WHERE member_id = $1::uuid")
            .bind(&before.member_id)
            .fetch_one(&mut world.owner().await)
            .await
            .unwrap();
        assert_eq!(nameless, 0, "nobody gives a name to who is forgotten");
        let after = world.identify(&user_id, &phone).await.unwrap().member.unwrap();
        assert_ne!(after.member_id, before.member_id);
    }
    world.finish().await;
}

#[tokio::test]
async fn nonsense_is_refused() {
    let world = World::start().await;
    for wrong in [user("", ""), user("", "+27820000001"), user("", "ZA.1")] {
        assert_eq!(reason(&send(&world, wrong, false).await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    }
    world.finish().await;
}
