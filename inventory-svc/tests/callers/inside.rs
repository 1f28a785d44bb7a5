//! What errors do not tell: nothing of how the service is made, whatever breaks in it.

use local_postgres::{LocalPostgres, Options};
use proto::inventory::v1 as pb;
use tonic::{Code, Status};

use crate::door::eventually;
use crate::world::{Shop, World, add, named, reason};

/// What only somebody on the inside has a use for.
const INSIDE: [&str; 22] = [
    "select",
    "insert",
    "relation",
    "column",
    "sqlstate",
    "42p01",
    "42501",
    "57p01",
    "postgres",
    "sqlx",
    "127.0.0.1",
    "localhost",
    ".rs",
    "src/",
    "/tmp",
    "backroom_inventory",
    "password",
    "connection",
    "pool",
    "os error",
    "panicked",
    "schema",
];

/// What is called, in this order.
const METHODS: [&str; 10] = [
    "PostOperation",
    "ReverseOperation",
    "IdentifyMember",
    "GetStock",
    "ListStock",
    "ListMovements",
    "ListMembers",
    "GetStockValue",
    "ListDiscrepancies",
    "WatchStock",
];

/// Calls by every kind of statement, all at once, and returns how each was refused.
async fn refusals(world: &World, shop: &Shop, request_id: &str) -> Vec<(&'static str, Status)> {
    let shop_id = || shop.id.clone();
    let client = || shop.client.clone();
    let (undo, person) = (format!("{request_id}/undo"), format!("ZA.inside.{request_id}"));
    macro_rules! read {
        ($method:ident, $request:expr) => {
            async { client().$method($request).await.map(drop) }
        };
    }
    let answers: [Result<(), Status>; 10] = tokio::join!(
        async { shop.post(request_id, vec![add("5", "milk")]).await.map(drop) },
        async { shop.undo(&undo).await.map(drop) },
        async { world.identify(&person, "").await.map(drop) },
        read!(get_stock, pb::GetStockRequest { shop_id: shop_id(), item: Some(named("milk")), ..Default::default() }),
        read!(list_stock, pb::ListStockRequest { shop_id: shop_id(), ..Default::default() }),
        read!(list_movements, pb::ListMovementsRequest { shop_id: shop_id(), ..Default::default() }),
        read!(list_members, pb::ListMembersRequest { shop_id: shop_id(), ..Default::default() }),
        read!(get_stock_value, pb::GetStockValueRequest { shop_id: shop_id() }),
        read!(list_discrepancies, pb::ListDiscrepanciesRequest { shop_id: shop_id(), ..Default::default() }),
        read!(watch_stock, pb::WatchStockRequest { shop_id: shop_id(), ..Default::default() }),
    )
    .into();
    METHODS.into_iter().zip(answers).filter_map(|(method, answer)| Some((method, answer.err()?))).collect()
}

fn tells_nothing(refused: &[(&'static str, Status)], code: Code, why: &str) {
    for (method, status) in refused {
        assert_eq!(status.code(), code, "{method}, {why}: {status:?}");
        assert!(reason(status).starts_with("ERROR_REASON_"));
        let told = format!("{} {}", status.message(), String::from_utf8_lossy(status.details())).to_lowercase();
        let found: Vec<_> = INSIDE.iter().filter(|word| told.contains(**word)).collect();
        assert!(found.is_empty(), "{method}, {why}: {found:?} in {told}");
    }
}

#[tokio::test]
async fn a_broken_database_is_an_internal_error_that_tells_nothing() {
    for (broken, at_least) in [
        ("ALTER TABLE movement RENAME TO movement_put_away", 3),
        ("ALTER TABLE item RENAME COLUMN display_name TO shown_name", 4),
        ("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM backroom_inventory", 5),
        ("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, backroom_inventory", 5),
    ] {
        let world = World::start().await;
        let shop = world.shop().await;
        shop.post("before", vec![add("5", "milk")]).await.unwrap();
        world.execute(broken).await;

        let refused = Box::pin(refusals(&world, &shop, "after")).await;

        let wrong: Vec<_> =
            refused.into_iter().filter(|(_, status)| status.code() != Code::FailedPrecondition).collect();
        assert!(wrong.len() >= at_least, "{broken}: {wrong:?}");
        tells_nothing(&wrong, Code::Internal, broken);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_gone_is_unavailable_and_tells_nothing() {
    // What was committed must outlive the kill.
    let settings = vec![("synchronous_commit".to_owned(), "on".to_owned())];
    let options = Options { settings, ..Options::temporary() };
    let postgres = tokio::task::spawn_blocking(|| LocalPostgres::start(options)).await.unwrap().unwrap();
    postgres.create_database("gone").await.unwrap();
    let world = World::start_on(&postgres.url("gone"), &[]).await;
    let shop = world.shop().await;
    shop.post("before", vec![add("5", "milk")]).await.unwrap();

    postgres.kill().unwrap();
    let refused = Box::pin(refusals(&world, &shop, "meanwhile")).await;

    assert_eq!(refused.len(), 10, "{refused:?}");
    tells_nothing(&refused, Code::Unavailable, "Postgres was killed");
    let postgres = tokio::task::spawn_blocking(move || postgres.restart().map(|()| postgres)).await.unwrap().unwrap();
    eventually("the service to go on", async || shop.post("after", vec![add("1", "bread")]).await.is_ok()).await;
    world.finish().await;
    drop(postgres);
}
