//! Every RPC of the contract: what it refuses, that it is done once, and that another shop is the same as nowhere.
//!
//! The RPCs come from the descriptor, so one without a row in `table` fails, and the reasons come from its comment: each that
//! is listed is provoked, and none that is not.

mod provoked;
mod table;
mod wire;

use serde_json::{Value, json};
use tonic::Status;
use tonic_types::StatusExt as _;

use crate::world::{World, reason};
use table::{Fixture, NOWHERE};
use wire::{call, rpcs};

/// Returns whether requests of an RPC have this field, also when the first of several has it.
fn has(name: &str, field: &str) -> bool {
    let input = wire::rpc(name).input();
    let list = input.get_field_by_json_name("stockImport").and_then(|field| field.kind().as_message().cloned());
    list.unwrap_or(input).get_field_by_json_name(field).is_some()
}

/// Makes the good call of an RPC, with something said otherwise.
async fn ask(world: &World, fixture: &Fixture, name: &str, said: Value) -> Result<Vec<Value>, Status> {
    let request = fixture.good(name, &said).unwrap_or_else(|| panic!("{name} has no row in the table"));
    call(world, name, &request).await
}

/// Returns all that is in the database, table by table.
async fn everything(world: &World) -> Vec<(String, String)> {
    let mut owner = world.owner().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1",
    )
    .fetch_all(&mut owner)
    .await
    .expect("the owner may look");
    let mut all = Vec::new();
    for table in tables {
        let rows = format!("SELECT coalesce(string_agg(t::text, '\n' ORDER BY t::text), '') FROM \"{table}\" t");
        let rows: String = sqlx::query_scalar(sqlx::AssertSqlSafe(rows)).fetch_one(&mut owner).await.expect("a table");
        all.push((table, rows));
    }
    all
}

fn without_replayed(mut told: Vec<Value>) -> Vec<Value> {
    for message in &mut told {
        if let Some(fields) = message.as_object_mut() {
            fields.remove("replayed");
        }
    }
    told
}

#[tokio::test]
async fn every_change_is_done_once_and_told_again_and_its_id_means_nothing_else() {
    let world = World::start().await;
    for rpc in rpcs().iter().filter(|rpc| has(rpc.name(), "requestId")) {
        let name = rpc.name();
        let fixture = Fixture::build(&world, &format!("once.{name}")).await;

        let first = ask(&world, &fixture, name, json!({})).await.unwrap_or_else(|status| panic!("{name}: {status:?}"));
        let before = everything(&world).await;
        let again = ask(&world, &fixture, name, json!({})).await.unwrap_or_else(|status| panic!("{name}: {status:?}"));
        let other = ask(&world, &fixture, name, json!({"memberId": null})).await.expect_err(name);

        assert_eq!(without_replayed(again), without_replayed(first), "{name}");
        assert_eq!(reason(&other), "ERROR_REASON_REQUEST_ID_REUSED", "{name}");
        assert_eq!(everything(&world).await, before, "{name} changed something when it was told again");
    }
    world.finish().await;
}

#[tokio::test]
async fn what_is_asked_without_an_id_changes_nothing_the_second_time() {
    let world = World::start().await;
    for rpc in rpcs().iter().filter(|rpc| !has(rpc.name(), "requestId")) {
        let name = rpc.name();
        let fixture = Fixture::build(&world, &format!("twice.{name}")).await;
        ask(&world, &fixture, name, json!({})).await.unwrap_or_else(|status| panic!("{name}: {status:?}"));
        let before = everything(&world).await;

        ask(&world, &fixture, name, json!({})).await.unwrap_or_else(|status| panic!("{name}: {status:?}"));

        assert_eq!(everything(&world).await, before, "{name}");
    }
    world.finish().await;
}

/// Returns what is said of an error, without the id that was asked for.
fn refusal(status: &Status, id: &str) -> String {
    let details = status.get_error_details();
    format!("{:?} {} {details:?}", status.code(), status.message()).replace(id, "ID")
}

/// Returns every place in a request that holds an id of this shop, with the request that holds another one there.
fn with_other(request: &Value, mine: &str, other: &str) -> Option<Value> {
    let text = request.to_string();
    text.contains(mine).then(|| serde_json::from_str(&text.replace(mine, other)).expect("it was JSON"))
}

#[tokio::test]
async fn what_is_of_another_shop_is_answered_like_what_is_nowhere() {
    let world = World::start().await;
    let theirs = Fixture::build(&world, "theirs").await;
    for rpc in rpcs() {
        let name = rpc.name();
        let mine = Fixture::build(&world, &format!("mine.{name}")).await;
        let before = everything(&world).await;
        for (own, other) in [
            (&mine.owner, &theirs.owner),
            (&mine.clerk, &theirs.clerk),
            (&mine.milk, &theirs.milk),
            (&mine.bread, &theirs.bread),
            (&mine.archived, &theirs.archived),
            (&mine.back, &theirs.back),
            (&mine.operation, &theirs.operation),
            (&mine.count_session, &theirs.count_session),
        ] {
            let request = mine.good(name, &json!({})).unwrap_or_else(|| panic!("{name} has no row in the table"));
            let swap = |id: &str| {
                let mut parts = request.clone();
                parts[0] = with_other(&parts[0], own, id)?;
                Some(parts)
            };
            let (Some(foreign), Some(nowhere)) = (swap(other), swap(NOWHERE)) else { continue };

            let foreign = call(&world, name, &foreign).await;
            let nowhere = call(&world, name, &nowhere).await;

            match (foreign, nowhere) {
                (Err(foreign), Err(nowhere)) => {
                    assert_eq!(refusal(&foreign, other), refusal(&nowhere, NOWHERE), "{name}");
                }
                (Ok(foreign), Ok(nowhere)) => {
                    let foreign = serde_json::to_string(&foreign).unwrap().replace(other.as_str(), "ID");
                    assert_eq!(foreign, serde_json::to_string(&nowhere).unwrap().replace(NOWHERE, "ID"), "{name}");
                    assert!(!foreign.contains(&theirs.shop), "{name}");
                }
                (foreign, nowhere) => panic!("{name}: {foreign:?} of another shop, {nowhere:?} of nowhere"),
            }
        }
        assert_eq!(everything(&world).await, before, "{name} changed something for another shop");
    }
    world.finish().await;
}

#[tokio::test]
async fn every_reason_that_a_comment_lists_is_provoked_and_no_other_one() {
    let world = World::start().await;
    let mut provoked = provoked::Provoked::default();
    for rpc in rpcs() {
        let name = rpc.name();
        let fixture = Fixture::build(&world, &format!("no.{name}")).await;
        provoked.note(name, call(&world, name, &[json!({})]).await);
        if has(name, "shopId") {
            provoked.note(name, ask(&world, &fixture, name, json!({"shopId": NOWHERE})).await);
        }
        for field in ["pageToken", "cursor"] {
            if has(name, field) {
                provoked.note(name, ask(&world, &fixture, name, json!({field: "AAAA"})).await);
            }
        }
        if has(name, "requestId") {
            for member in [NOWHERE, &fixture.viewer] {
                provoked.note(name, ask(&world, &fixture, name, json!({"memberId": member})).await);
            }
            ask(&world, &fixture, name, json!({})).await.unwrap_or_else(|status| panic!("{name}: {status:?}"));
            provoked.note(name, ask(&world, &fixture, name, json!({"memberId": null})).await);
        }
        let fresh = Fixture::build(&world, &format!("ids.{name}")).await;
        let request = fresh.good(name, &json!({})).expect("it has a row");
        for own in [&fresh.milk, &fresh.archived, &fresh.back, &fresh.operation, &fresh.count_session, &fresh.clerk] {
            let mut parts = request.clone();
            if let Some(part) = with_other(&parts[0], own, NOWHERE) {
                parts[0] = part;
                provoked.note(name, call(&world, name, &parts).await);
            }
        }
    }
    provoked.by_rule(&world).await;

    let mut wrong = Vec::new();
    for rpc in rpcs() {
        let mut listed = wire::listed_reasons(&rpc);
        listed.sort();
        let mut told = provoked.of(rpc.name());
        told.sort();
        if listed != told {
            let missing: Vec<_> = listed.iter().filter(|reason| !told.contains(reason)).collect();
            let unsaid: Vec<_> = told.iter().filter(|reason| !listed.contains(reason)).collect();
            wrong.push(format!(
                "{}: listed and not provoked {missing:?}, provoked and not listed {unsaid:?}",
                rpc.name()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.finish().await;
}
