//! What the service's role can and cannot do, by raw SQL: the promises hold below the service too.

use sqlx::postgres::PgDatabaseError;
use sqlx::{Connection as _, PgConnection, Row as _};

use crate::world::{World, add, count};

/// The SQLSTATE of a missing privilege.
const DENIED: &str = "42501";
/// Every table that belongs to a shop.
const TABLES: [&str; 11] = [
    "location",
    "member",
    "item",
    "item_key",
    "item_unit",
    "operation",
    "stock",
    "movement",
    "count_line",
    "operation_result",
    "paper",
];

async fn rows(connection: &mut PgConnection, table: &'static str) -> i64 {
    sqlx::query(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
        .fetch_one(connection)
        .await
        .expect("the role may read it")
        .get(0)
}

async fn refusal(connection: &mut PgConnection, statement: &'static str) -> String {
    let error = sqlx::raw_sql(statement).execute(connection).await.expect_err(statement);
    error.as_database_error().expect("a refusal").downcast_ref::<PgDatabaseError>().code().to_owned()
}

#[tokio::test]
async fn the_role_sees_one_shop_and_without_one_nothing() {
    let world = World::start().await;
    let (mine, theirs) = (world.shop().await, world.shop().await);
    let pack = crate::world::in_unit(add("5", "milk"), "case", Some("6"));
    for (shop, request_id) in [(&mine, "1"), (&theirs, "1"), (&theirs, "2")] {
        let mut request = shop.request(request_id, vec![pack.clone(), count("3", "eggs")]);
        let paper = proto::inventory::v1::Paper { supplier: "Jumbo".to_owned(), number: request_id.to_owned() };
        request.paper = Some(paper);
        shop.send(request).await.unwrap();
    }

    for table in TABLES {
        let all = rows(&mut world.owner().await, table).await;
        let one = rows(&mut world.service_role(&mine.id).await, table).await;
        let other = rows(&mut world.service_role(&theirs.id).await, table).await;
        assert_eq!(rows(&mut world.service_role("").await, table).await, 0, "{table} without a shop");
        assert!(one > 0 && other > 0 && one + other == all, "{table}: {one} + {other} of {all}");
    }
    assert_eq!(rows(&mut world.service_role(&mine.id).await, "shop").await, 1);
    world.finish().await;
}

#[tokio::test]
async fn the_role_cannot_write_into_another_shop() {
    let world = World::start().await;
    let (mine, theirs) = (world.shop().await, world.shop().await);
    let mut connection = world.service_role(&mine.id).await;

    let error = sqlx::query(
        "INSERT INTO item (shop_id, id, display_name, created_at) VALUES ($1::uuid, gen_random_uuid(), 'x', now())",
    )
    .bind(&theirs.id)
    .execute(&mut connection)
    .await
    .unwrap_err();

    assert!(error.to_string().contains("row-level security"), "{error}");
    world.finish().await;
}

#[tokio::test]
async fn the_role_cannot_change_the_past() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("5", "milk"), count("3", "eggs")]).await.unwrap();
    let mut connection = world.service_role(&shop.id).await;

    for statement in [
        "UPDATE movement SET delta = delta + 1",
        "DELETE FROM movement",
        "TRUNCATE movement",
        "UPDATE operation SET occurred_at = now()",
        "DELETE FROM operation",
        "UPDATE count_line SET counted = 1",
        "DELETE FROM count_line",
        "UPDATE operation_result SET answer = '{}'",
        "DELETE FROM operation_result",
        "UPDATE stock SET on_hand = 1000",
        "INSERT INTO stock SELECT * FROM stock",
        "DELETE FROM stock",
        "UPDATE shop SET shortage_policy = 'warn'",
        "UPDATE member SET role = 'owner'",
        "DELETE FROM item",
        "SELECT * FROM identity",
        "SELECT * FROM other_shop",
        "SELECT find_person('ZA.1', NULL)",
        "SELECT remove_unused_shop(gen_random_uuid())",
        "UPDATE paper SET is_booked = false",
        "DELETE FROM paper",
        "UPDATE correction SET corrects = op_id",
        "DELETE FROM correction",
        "UPDATE kept_answer SET answer = '{}'",
        "DELETE FROM kept_answer",
        "ALTER TABLE movement DISABLE TRIGGER ALL",
        "CREATE TABLE mine ()",
    ] {
        assert_eq!(refusal(&mut connection, statement).await, DENIED, "{statement}");
    }

    // And not the owner either, short of taking the triggers off.
    let mut owner = world.owner().await;
    for statement in [
        "UPDATE movement SET delta = delta + 1",
        "DELETE FROM movement",
        "TRUNCATE operation CASCADE",
        "DELETE FROM count_line",
        "UPDATE operation_result SET answer = '{}'",
    ] {
        assert_eq!(refusal(&mut owner, statement).await, "23001", "{statement}");
    }
    world.finish().await;
}

#[tokio::test]
async fn the_alarm_rings_when_a_balance_is_tampered_with() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("5", "milk")]).await.unwrap();
    let discrepancies = async || {
        let row = sqlx::query("SELECT count(*) FROM ledger_discrepancy").fetch_one(&mut world.owner().await).await;
        row.unwrap().get::<i64, _>(0)
    };

    world.execute("UPDATE stock SET on_hand = on_hand + 1").await;
    assert_eq!(discrepancies().await, 1);

    world.execute("UPDATE stock SET on_hand = on_hand - 1").await;
    assert_eq!(discrepancies().await, 0);
    world.finish().await;
}

#[tokio::test]
async fn the_service_runs_with_a_login_that_owns_nothing() {
    let world = World::start().await;
    world.shop().await; // so the owner has migrated
    // Unique in the server, which all tests of this process share and which ends with it.
    world.execute("CREATE ROLE app_login LOGIN PASSWORD 'a password'; GRANT backroom_inventory TO app_login").await;
    let (_, address) = world.database_url.rsplit_once('@').unwrap();
    let url = format!("postgres://app_login:a%20password@{address}");

    let app = World::start_on(&url, &["--migrate", "never"]).await;
    let shop = app.shop().await;
    shop.post("1", vec![add("5", "milk")]).await.unwrap();

    assert_eq!(shop.on_hand("milk").await, "5");
    world.finish().await;
}

#[tokio::test]
async fn the_owner_of_the_schema_need_not_be_a_superuser() {
    World::start().await.shop().await; // so the role is there, as a superuser made it
    let url = local_postgres::fresh_database("inventory_owned").await;
    let (_, address) = url.rsplit_once('@').unwrap();
    let database = url.rsplit_once('/').unwrap().1;
    let mut superuser = PgConnection::connect(&url).await.unwrap();
    let statement = format!(
        "CREATE ROLE schema_owner LOGIN PASSWORD 'a password'; GRANT backroom_inventory TO schema_owner;
         ALTER DATABASE {database} OWNER TO schema_owner"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut superuser).await.unwrap();

    let world = World::start_on(&format!("postgres://schema_owner:a%20password@{address}"), &[]).await;
    let shop = world.shop().await;
    shop.post("1", vec![add("5", "milk"), count("3", "eggs")]).await.unwrap();
    shop.undo("2").await.unwrap();

    assert_eq!(shop.on_hand("milk").await, "0");
    world.finish().await;
}
