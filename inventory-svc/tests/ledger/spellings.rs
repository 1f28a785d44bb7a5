//! One number, however it is spelt, finds one person; a user id is no number.

use std::borrow::Cow;

use proto::common::v1::WhatsAppUser;
use proto::inventory::v1 as pb;
use sqlx::migrate::Migrator;
use sqlx::{Connection as _, PgConnection};
use tonic::{Code, Status};

use crate::world::{World, reason};

async fn look_up(world: &World, user_id: &str, phone: &str) -> Result<pb::IdentifyMemberResponse, Status> {
    let request = pb::IdentifyMemberRequest {
        user: Some(WhatsAppUser { user_id: user_id.to_owned(), phone_number: phone.to_owned() }),
        lookup_only: true,
        ..Default::default()
    };
    Ok(world.client.clone().identify_member(request).await?.into_inner())
}

/// Numbers that are one.
const SAME: [(&str, &str); 8] = [
    ("5215512345678", "525512345678"),   // Mexico
    ("5491123456789", "541123456789"),   // Argentina, with the 9 of mobiles
    ("54111533456789", "5491133456789"), // with 15 after an area code of two digits
    ("54351152345678", "543512345678"),  // of three
    ("54295415234567", "5492954234567"), // of four
    ("549111543456789", "541143456789"), // with both
    ("5511987654321", "551187654321"),   // Brazil
    ("5585961234567", "558561234567"),
];

/// Numbers that look as if they were.
const DIFFERENT: [(&str, &str); 6] = [
    ("521551234567", "52551234567"),   // one digit short of a mobile of Mexico
    ("549112345678", "54112345678"),   // of Argentina
    ("5511951234567", "551151234567"), // the eight digits are a landline's
    ("551198765432", "55118765432"),   // one digit short of a mobile of Brazil
    ("27821234567", "2721234567"),     // elsewhere nothing is folded
    ("5415113345678", "54113345678"),  // 15 where an area code stands
];

#[tokio::test]
async fn both_spellings_of_a_number_find_one_person() {
    let world = World::start().await;
    for (one, other) in SAME {
        let first = world.identify("", one).await.unwrap();
        let again = world.identify("", other).await.unwrap();

        assert!(first.created && !again.created, "{one} {other}");
        assert_eq!(again.member, first.member, "{one} {other}");
    }
    for (one, other) in DIFFERENT {
        let first = world.identify("", one).await.unwrap();
        let second = world.identify("", other).await.unwrap();

        assert!(first.created && second.created, "{one} {other}");
    }
    world.finish().await;
}

#[tokio::test]
async fn what_is_sent_to_is_what_meta_sent_last() {
    let world = World::start().await;
    let sent_as = async || {
        sqlx::query_as::<_, (String, String)>("SELECT value, sent_as FROM identity WHERE kind = 'phone'")
            .fetch_one(&mut world.owner().await)
            .await
            .unwrap()
    };
    world.identify("", "525512345678").await.unwrap();
    assert_eq!(sent_as().await, ("525512345678".to_owned(), "525512345678".to_owned()));

    world.identify("MX.1", "5215512345678").await.unwrap();

    assert_eq!(sent_as().await, ("525512345678".to_owned(), "5215512345678".to_owned()));
    world.finish().await;
}

#[tokio::test]
async fn looking_up_creates_nobody_and_learns_nothing() {
    let world = World::start().await;

    let unknown = look_up(&world, "ZA.1", "27820000001").await.unwrap_err();

    assert_eq!((unknown.code(), reason(&unknown).as_str()), (Code::NotFound, "ERROR_REASON_MEMBER_NOT_FOUND"));
    let known = world.identify("", "27820000001").await.unwrap();
    assert!(known.created);
    let found = look_up(&world, "ZA.1", "27820000001").await.unwrap();
    assert_eq!((found.member, found.shop, found.created), (known.member, known.shop, false));
    let still_unknown = look_up(&world, "ZA.1", "").await.unwrap_err();
    assert_eq!(reason(&still_unknown), "ERROR_REASON_MEMBER_NOT_FOUND");
    assert!(!still_unknown.message().contains("ZA.1"), "a name is in no error");
    world.finish().await;
}

#[tokio::test]
async fn a_user_id_in_the_field_of_the_number_is_refused() {
    let world = World::start().await;
    for wrong in
        ["ZA.27820000001", "US.ENT.1349", "+27820000001", "27 820 000 001", "0820000001", "12345", "1234567890123456"]
    {
        let refused = world.identify("ZA.1", wrong).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "ERROR_REASON_INVALID_FIELD"));
        assert!(!refused.message().contains(wrong));
    }
    for right in ["123456", "123456789012345"] {
        world.identify("", right).await.unwrap();
    }
    world.finish().await;
}

#[tokio::test]
async fn people_who_were_known_before_numbers_had_one_spelling_are_found_under_each() {
    let url = local_postgres::fresh_database("inventory").await;
    let mut owner = PgConnection::connect(&url).await.unwrap();
    let all = sqlx::migrate!();
    let released = all.iter().filter(|migration| migration.version <= 10).cloned().collect();
    Migrator { migrations: Cow::Owned(released), ..Migrator::DEFAULT }.run(&mut owner).await.unwrap();
    // As the binary of that time asks.
    let mut asked_as_before = async |user_id: Option<&str>, phone: Option<&str>| {
        sqlx::query_scalar::<_, uuid::Uuid>(
            "SELECT shop_id FROM identify_member($1, $2, 'Thandi', true, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now())",
        )
        .bind(user_id)
        .bind(phone)
        .fetch_one(&mut owner)
        .await
        .unwrap()
    };
    let mexican = asked_as_before(Some("MX.1"), Some("5215512345678")).await;
    let plain = asked_as_before(None, Some("27820000001")).await;
    // Two shops of one person, who came under both spellings; nothing tells which is used, so the older one stays.
    let brazilian = asked_as_before(None, Some("5511987654321")).await;
    let split_off = asked_as_before(None, Some("551187654321")).await;
    assert_ne!(brazilian, split_off);

    let world = World::start_on(&url, &[]).await;

    for (phone, shop) in [
        ("5215512345678", mexican),
        ("525512345678", mexican),
        ("27820000001", plain),
        ("5511987654321", brazilian),
        ("551187654321", brazilian),
    ] {
        let found = look_up(&world, "", phone).await.unwrap();
        assert_eq!(found.shop.unwrap().shop_id, shop.to_string(), "{phone}");
    }
    // And the binary of that time works beside this one.
    assert_eq!(asked_as_before(None, Some("525512345678")).await, mexican);
    assert_eq!(asked_as_before(None, Some("551187654321")).await, brazilian);
    let parted: (uuid::Uuid, uuid::Uuid) =
        sqlx::query_as("SELECT shop_id, other_shop_id FROM other_shop").fetch_one(&mut owner).await.unwrap();
    assert_eq!(parted, (brazilian, split_off), "what was split is on record");
    world.finish().await;
}
