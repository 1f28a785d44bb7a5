//! Somebody asked to be forgotten: what was written to them loses its words and names, and nothing else changes.

use jiff::SignedDuration;
use proto::common::v1::WhatsAppUser;
use proto::messenger::v1 as pb;
use proto::messenger::v1::DeliveryState;
use sqlx::PgPool;
use tonic::Code;

use crate::graph::Reply;
use crate::otp_world;
use crate::world::{World, eventually, receipt, sending, template, text, user};

const PHONE: &str = "27820000001";
const USER_ID: &str = "ZA.1349forgetme";
const WORDS: &str = "something only Sipho knows";

fn person() -> pb::ForgetPersonRequest {
    pb::ForgetPersonRequest { user: Some(user("", PHONE)), other_names: vec![user(USER_ID, "")], dry_run: false }
}

async fn forget(world: &World, request: pb::ForgetPersonRequest) -> i64 {
    world.client.clone().forget_person(request).await.unwrap().into_inner().forgotten_message_count
}

/// Returns the tables of which a row, written as text, holds a word.
async fn tables_with(pool: &PgPool, word: &str) -> Vec<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut found = Vec::new();
    for table in tables {
        let sql = format!("SELECT EXISTS (SELECT FROM {table} AS row WHERE position($1 IN row::text) > 0)");
        if sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(word).fetch_one(pool).await.unwrap() {
            found.push(table);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn words_and_names_go_and_states_times_and_prices_stay() {
    let world = World::start(&[]).await;
    let hidden = pb::SendMessageRequest {
        recipient: Some(user(USER_ID, "")),
        fallback: Some(template("stock_alert", WORDS)),
        ..text("r2", "", WORDS)
    };
    let first = world.send("r1", PHONE, WORDS).await;
    let second = world.put(hidden).await;
    let third = world.put(sending("r3", PHONE, pb::content::Kind::Template(template("t", WORDS)))).await;
    let other = world.send("r4", "27820000002", "for somebody else").await;
    for id in [&first, &second, &third, &other] {
        world.until(id, DeliveryState::Accepted).await;
    }
    let before = world.get(&first).await;
    let pricing = pb::Pricing {
        billable: true,
        pricing_model: "PMP".to_owned(),
        pricing_type: "regular".to_owned(),
        category: "service".to_owned(),
    };
    assert_eq!(tables_with(&world.pool, WORDS).await, ["message"]);

    assert_eq!(forget(&world, pb::ForgetPersonRequest { dry_run: true, ..person() }).await, 3);
    assert_eq!(tables_with(&world.pool, PHONE).await, ["message"], "a dry run changes nothing");
    assert_eq!(forget(&world, person()).await, 3);
    assert_eq!(forget(&world, person()).await, 0, "a repeat finds nobody");

    for word in [WORDS, PHONE, USER_ID] {
        assert_eq!(tables_with(&world.pool, word).await, Vec::<String>::new(), "{word}");
    }
    assert_eq!(tables_with(&world.pool, "for somebody else").await, ["message"]);
    assert_eq!(world.get(&first).await, before);
    // The same request is still known as done, and what comes of it later still counts in the books.
    assert!(world.client.clone().send_message(text("r1", PHONE, WORDS)).await.unwrap().into_inner().replayed);
    let delivered = pb::Receipt { pricing: Some(pricing), ..receipt(&before.whatsapp_message_id, "delivered", &first) };
    assert_eq!(world.record(vec![delivered]).await.applied_count, 1);
    assert_eq!(world.get(&first).await.state(), DeliveryState::Delivered);
    let month = pb::GetCostReportRequest { month: "2026-09".to_owned(), ..Default::default() };
    let report = world.client.clone().get_cost_report(month).await.unwrap().into_inner();
    assert_eq!((report.rows[0].market.as_str(), report.rows[0].message_count), ("ZA", 1));
    assert_eq!(world.graph.calls().len(), 4, "nothing was sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_not_sent_any_more_and_those_behind_it_are() {
    let world = World::start_frozen(&["--pair-burst=1"]).await;
    let sent = world.send("r1", PHONE, "1").await;
    world.until(&sent, DeliveryState::Accepted).await;
    let waiting = world.send("r2", PHONE, WORDS).await;
    world.until_waiting(1, "the pair limit is used up").await;

    assert_eq!(forget(&world, person()).await, 2);
    let other = world.send("r3", "27820000002", "2").await;
    world.until(&other, DeliveryState::Accepted).await;
    world.advance(SignedDuration::from_secs(60)).await;

    eventually("nothing waits", || async {
        let pending: i64 = sqlx::query_scalar("SELECT sum(pending) FROM lane").fetch_one(&world.pool).await.unwrap();
        (pending == 0).then_some(())
    })
    .await;
    assert_eq!(world.get(&waiting).await.state(), DeliveryState::Failed);
    assert_eq!(world.graph.texts(), ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_in_flight_ends_as_meta_says_and_is_not_repeated() {
    for (reply, end) in [
        (Reply::Hang, DeliveryState::Accepted),
        (Reply::HangThen(Box::new(Reply::Error(400, 131_026))), DeliveryState::Failed),
        (Reply::HangThen(Box::new(Reply::Error(500, 131_000))), DeliveryState::Failed),
        (Reply::HangThen(Box::new(Reply::CutOff)), DeliveryState::Failed),
    ] {
        let world = World::start(&["--settle-after-seconds=0"]).await;
        world.graph.script([reply]);
        let id = world.send("r1", PHONE, WORDS).await;
        world.until_calls(1).await;

        assert_eq!(forget(&world, person()).await, 1);
        world.graph.release();

        // The lane goes on: the next one is for whoever has the number now.
        let next = world.send("r2", PHONE, "hello").await;
        eventually("the next one is sent", || async {
            // Also when the lane waits because of what Meta said.
            let sql = "UPDATE lane SET ready_at = now() WHERE pending > 0 AND NOT held";
            sqlx::query(sql).execute(&world.pool).await.unwrap();
            (world.get(&next).await.state() == DeliveryState::Accepted).then_some(())
        })
        .await;
        assert_eq!(world.get(&id).await.state(), end);
        assert_eq!(world.graph.texts(), [WORDS, "hello"]);
        assert_eq!(tables_with(&world.pool, WORDS).await, Vec::<String>::new());
        // A receipt knows better.
        assert_eq!(world.record(vec![receipt("wamid.EDGE", "delivered", &id)]).await.applied_count, 1);
        assert_eq!(world.get(&id).await.state(), DeliveryState::Delivered);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_in_doubt_is_not_sent_once_more() {
    let world = World::start_frozen(&[]).await;
    world.graph.script([Reply::CutOff]);
    let id = world.send("r1", PHONE, WORDS).await;
    world.until_waiting(1, "in doubt: a receipt may settle it").await;

    assert_eq!(forget(&world, person()).await, 1);
    world.advance(SignedDuration::from_secs(3600)).await;

    let next = world.send("r2", PHONE, "hello").await;
    world.until(&next, DeliveryState::Accepted).await;
    assert_eq!(world.get(&id).await.state(), DeliveryState::Failed);
    assert_eq!(world.graph.texts(), [WORDS, "hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_waits_goes_too() {
    let world = otp_world::start(&["--pair-burst=1"]).await;
    world.send("r1", PHONE, "1").await;
    let sent = otp_world::send(&world.client, otp_world::to_send("otp", PHONE, "login")).await.unwrap();
    world.until_waiting(1, "the pair limit is used up").await;

    assert_eq!(forget(&world, person()).await, 2);

    world.until(&sent.message_id, DeliveryState::Failed).await;
    assert_eq!(tables_with(&world.pool, "sealed").await, Vec::<String>::new());
    assert_eq!(tables_with(&world.pool, PHONE).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_found_however_it_was_written() {
    let world = World::start(&[]).await;
    let id = world.send("r1", "5215512345678", WORDS).await;
    world.until(&id, DeliveryState::Accepted).await;

    let asked = pb::ForgetPersonRequest { user: Some(user("", "525512345678")), ..Default::default() };

    assert_eq!(forget(&world, asked).await, 1);
    assert_eq!(tables_with(&world.pool, "5512345678").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_no_error_and_nonsense_is() {
    let world = World::start(&[]).await;
    assert_eq!(forget(&world, person()).await, 0);
    for wrong in [
        pb::ForgetPersonRequest::default(),
        pb::ForgetPersonRequest { user: Some(user("27820000001", "")), ..Default::default() },
        pb::ForgetPersonRequest { user: Some(user("", "+27820000001")), ..Default::default() },
        pb::ForgetPersonRequest { other_names: vec![WhatsAppUser::default(); 101], ..person() },
    ] {
        let refused = world.client.clone().forget_person(wrong).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(!refused.message().contains("27820000001"));
    }
}
