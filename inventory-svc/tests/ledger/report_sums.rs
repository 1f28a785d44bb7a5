//! Sums of weeks that are over: no report says anything else with them than it says without.

use std::time::Duration;

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use proto::common::v1::Money;
use proto::inventory::v1 as pb;
use sqlx::{Connection as _, PgConnection};

use crate::world::{Shop, World, add, count, decimal, sell};

/// The service makes sums all the time.
const FLAGS: [&str; 2] = ["--report-sums-seconds", "1"];
const NAMES: [&str; 3] = ["bread", "milk", "eggs"];

#[derive(Clone, Debug)]
enum Step {
    Post {
        name: usize,
        is_sale: bool,
        amount: u32,
        price: Option<u32>,
        days_ago: i64,
    },
    Count {
        name: usize,
        amount: u32,
        days_ago: i64,
    },
    /// Takes back the operation that many steps ago, whatever it was: a reversal too.
    Reverse {
        steps_ago: usize,
    },
    /// Puts the first line of the latest operation right.
    Correct {
        amount: u32,
    },
    /// Waits until every week that is over is summed.
    Sum,
    Move {
        time_zone: &'static str,
    },
    Check {
        days_ago: i64,
        days: i64,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let ago = || prop_oneof![1 => Just(0_i64), 3 => 0..60_i64];
    let step = prop_oneof![
        12 => (0..NAMES.len(), any::<bool>(), 1..50_u32, prop::option::of(1..9_u32), ago()).prop_map(
            |(name, is_sale, amount, price, days_ago)| Step::Post { name, is_sale, amount, price, days_ago }
        ),
        2 => (0..NAMES.len(), 0..50_u32, ago())
            .prop_map(|(name, amount, days_ago)| Step::Count { name, amount, days_ago }),
        5 => (0..12_usize).prop_map(|steps_ago| Step::Reverse { steps_ago }),
        3 => (1..50_u32).prop_map(|amount| Step::Correct { amount }),
        1 => Just(Step::Sum),
        1 => prop_oneof![Just("Europe/Berlin"), Just("America/Lima"), Just("Africa/Johannesburg")]
            .prop_map(|time_zone| Step::Move { time_zone }),
        6 => (0..70_i64, 0..70_i64).prop_map(|(days_ago, days)| Step::Check { days_ago, days }),
    ];
    prop::collection::vec(step, 150)
}

#[tokio::test]
async fn a_report_says_the_same_with_sums_and_without_them() {
    let world = World::start_with(&FLAGS).await;
    let shop = open(&world).await;
    // The same program each time: what it finds can be found again.
    let program = steps().new_tree(&mut TestRunner::deterministic()).expect("a strategy of ours").current();
    let mut operations = Vec::new();
    let mut weeks_max = 0;
    for (place, step) in program.iter().chain([&Step::Sum, &Step::Check { days_ago: 69, days: 69 }]).enumerate() {
        match step {
            Step::Check { days_ago, days } => {
                weeks_max = weeks_max.max(check(&world, &shop, *days_ago, *days).await);
            }
            Step::Sum => wait_for_sums(&world, &shop).await,
            Step::Move { time_zone } => set_time_zone(&shop, &format!("move.{place}"), time_zone).await,
            other => operations.extend(change(&shop, place, other, &operations).await),
        }
    }

    assert!(weeks_max > 5, "reports took the sums of {weeks_max} weeks at most");
    world.finish().await;
}

#[tokio::test]
async fn what_is_posted_late_while_sums_are_made_is_in_every_report() {
    let world = World::start_with(&FLAGS).await;
    let shop = open(&world).await;
    let mut posting = Vec::new();
    for teller in 0..4_usize {
        let shop = shop.clone();
        posting.push(tokio::spawn(async move {
            for number in 0..60_usize {
                let days_ago = i64::try_from(number * 7 + teller).expect("it is small") % 60;
                let request_id = format!("{teller}.{number}");
                let name = NAMES[number % NAMES.len()];
                let operation = post(&shop, &request_id, sell("3", name), days_ago).await;
                if number % 5 == 0 {
                    let request = shop.reversal(&format!("{request_id}.back"), Some(&operation));
                    shop.send_reversal(request).await.expect("it is taken back");
                }
            }
        }));
    }

    while posting.iter().any(|task| !task.is_finished()) {
        check(&world, &shop, 69, 69).await;
    }
    for task in posting {
        task.await.expect("it posts");
    }
    wait_for_sums(&world, &shop).await;

    assert!(check(&world, &shop, 69, 69).await > 5);
    world.finish().await;
}

#[tokio::test]
async fn sums_wait_for_what_was_on_its_way_when_they_began() {
    let world = World::start_with(&FLAGS).await;
    let shop = open(&world).await;
    let mut owner = world.owner().await;
    let mut on_its_way = owner.begin().await.expect("a transaction");
    // It has a number and has not heard of any sums: what it posts leaves no note.
    sqlx::query(
        "WITH opened AS (SELECT open_shop($1::uuid)) SELECT pg_current_xact_id()::text, summed_until FROM opened, shop",
    )
    .bind(&shop.id)
    .execute(&mut *on_its_way)
    .await
    .expect("a shop");
    insert_late(&mut on_its_way, &shop).await;

    post(&shop, "1", sell("1", "bread"), 30).await;
    eventually(|| async {
        let begun: bool = sqlx::query_scalar("SELECT summed_until IS NOT NULL FROM shop")
            .fetch_one(&mut world.owner().await)
            .await
            .expect("a shop");
        begun
    })
    .await;
    let summed: i64 = sqlx::query_scalar("SELECT count(*) FROM report_week")
        .fetch_one(&mut world.owner().await)
        .await
        .expect("a table");
    on_its_way.commit().await.expect("it commits");
    wait_for_sums(&world, &shop).await;

    assert_eq!(summed, 0, "a week was summed while a movement of it was on its way");
    assert_eq!(check(&world, &shop, 69, 69).await, 1);
    let lines: i64 = sqlx::query_scalar("SELECT sum(line_count)::bigint FROM report_sum")
        .fetch_one(&mut world.owner().await)
        .await
        .expect("a table");
    assert_eq!(lines, 2);
    world.finish().await;
}

#[tokio::test]
async fn a_shop_that_moves_there_and_back_has_in_its_sums_what_came_late_meanwhile() {
    // Sums are made here alone, so that the shop is back before the later week is summed again.
    let world = World::start_with(&["--report-sums-seconds", "86400"]).await;
    let shop = open(&world).await;
    let mut owner = world.owner().await;
    // Two hours into a Monday of the shop, which is a Sunday in Lima.
    let monday: String = sqlx::query_scalar(
        "SELECT to_char(date_trunc('week', ($1::timestamptz - interval '30 days') AT TIME ZONE time_zone), 'YYYY-MM-DD')
         FROM shop",
    )
    .bind(shop.now().to_string())
    .fetch_one(&mut owner)
    .await
    .expect("a shop");
    let early: i64 = sqlx::query_scalar(
        "SELECT extract(epoch FROM ($1::date + interval '2 hours') AT TIME ZONE time_zone)::bigint FROM shop",
    )
    .bind(&monday)
    .fetch_one(&mut owner)
    .await
    .expect("a shop");
    let post_early = async |request_id: &str| {
        let occur_time = Some(prost_types::Timestamp { seconds: early, nanos: 0 });
        let request = shop.request(request_id, vec![sell("2", "bread")]);
        shop.send(pb::PostOperationRequest { occur_time, backdated: true, ..request }).await.expect("it is posted");
    };
    post_early("1").await;
    post(&shop, "2", sell("1", "milk"), 40).await;
    sum_now(&mut owner, &shop, None).await;

    set_time_zone(&shop, "there", "America/Lima").await;
    post_early("3").await;
    sum_now(&mut owner, &shop, Some(&monday)).await;
    set_time_zone(&shop, "back", "Africa/Johannesburg").await;

    check(&world, &shop, 69, 69).await;
    sum_now(&mut owner, &shop, None).await;
    assert!(check(&world, &shop, 69, 69).await > 1);
    world.finish().await;
}

/// Makes the sums that are missing, of weeks before one.
async fn sum_now(owner: &mut PgConnection, shop: &Shop, before: Option<&str>) {
    sqlx::query(
        "SELECT sum_week($1::uuid, w.monday) FROM unnest(begin_sums($1::uuid, $2::timestamptz)) w (monday)
         WHERE w.monday < coalesce($3::date, 'infinity')",
    )
    .bind(&shop.id)
    .bind(shop.now().to_string())
    .bind(before)
    .execute(owner)
    .await
    .expect("sums");
}

async fn set_time_zone(shop: &Shop, request_id: &str, time_zone: &str) {
    let request = pb::UpdateShopRequest {
        shop_id: shop.id.clone(),
        request_id: request_id.to_owned(),
        source: pb::Source::Whatsapp.into(),
        member_id: shop.member_id.clone(),
        time_zone: Some(time_zone.to_owned()),
        ..Default::default()
    };
    shop.client.clone().update_shop(request).await.expect("the owner may");
}

/// Opens a shop that has plenty of everything since now.
async fn open(world: &World) -> Shop {
    let shop = world.shop().await;
    shop.post("opening", NAMES.map(|name| add("1000", name)).to_vec()).await.expect("it is posted");
    shop
}

/// Posts a sale of thirty days ago into a transaction that goes on.
async fn insert_late(connection: &mut PgConnection, shop: &Shop) {
    let lines = serde_json::json!([{
        "line": 1, "keys": ["milk"], "is_count": false, "kind": "sale", "sign": -1, "quantity": "2", "takes_all": false,
        "measures": {},
    }]);
    sqlx::query(
        "SELECT post_operation($1::uuid, gen_random_uuid(), 'AB2C', 'grpc', 'on its way', '\\x00', $2::uuid,
           $3::timestamptz - interval '30 days', $3::timestamptz, $4::jsonb, false, false, false)",
    )
    .bind(&shop.id)
    .bind(&shop.member_id)
    .bind(shop.now().to_string())
    .bind(lines.to_string())
    .execute(connection)
    .await
    .expect("it is posted");
}

/// Does a step; returns the operation that came of it, if one did.
async fn change(shop: &Shop, place: usize, step: &Step, operations: &[String]) -> Option<String> {
    let request_id = format!("step.{place}");
    match step {
        Step::Post { name, is_sale, amount, price, days_ago } => {
            let amount = amount.to_string();
            let line = if *is_sale { sell(&amount, NAMES[*name]) } else { add(&amount, NAMES[*name]) };
            let unit_price = price.map(|price| Money {
                amount: Some(decimal(&price.to_string())),
                currency_code: if price == 8 { "USD" } else { "ZAR" }.to_owned(),
            });
            Some(post(shop, &request_id, pb::OperationLine { unit_price, ..line }, *days_ago).await)
        }
        Step::Count { name, amount, days_ago } => {
            Some(post(shop, &request_id, count(&amount.to_string(), NAMES[*name]), *days_ago).await)
        }
        Step::Reverse { steps_ago } => {
            let target = operations.iter().rev().nth(*steps_ago)?;
            // Refused where it was taken back before, or was put right.
            let done = shop.send_reversal(shop.reversal(&request_id, Some(target))).await.ok()?;
            Some(done.operation?.operation_id)
        }
        Step::Correct { amount } => {
            let line = sell(&amount.to_string(), NAMES[0]);
            let request = pb::CorrectOperationRequest {
                shop_id: shop.id.clone(),
                request_id,
                source: pb::Source::Whatsapp.into(),
                member_id: shop.member_id.clone(),
                target: Some(pb::correct_operation_request::Target::Latest(pb::Latest {})),
                corrections: vec![pb::LineCorrection { line_number: 1, line: Some(line) }],
                dry_run: false,
            };
            let done = shop.client.clone().correct_operation(request).await.ok()?.into_inner();
            Some(done.operation?.operation_id)
        }
        Step::Sum | Step::Move { .. } | Step::Check { .. } => None,
    }
}

async fn post(shop: &Shop, request_id: &str, line: pb::OperationLine, days_ago: i64) -> String {
    let at = shop.now() - SignedDuration::from_hours(24 * days_ago);
    let occur_time = Some(prost_types::Timestamp { seconds: at.as_second(), nanos: 0 });
    let request = pb::PostOperationRequest { occur_time, backdated: true, ..shop.request(request_id, vec![line]) };
    shop.send(request).await.expect("it is posted").operation.expect("something happened").operation_id
}

/// Checks that a report says what the ledger alone says, at one moment; returns how many weeks were summed then.
async fn check(world: &World, shop: &Shop, days_ago: i64, days: i64) -> i64 {
    let mut owner = world.owner().await;
    loop {
        match try_check(&mut owner, shop, days_ago, days).await {
            Ok((with_sums, without_sums, weeks)) => {
                assert_eq!(with_sums, without_sums, "{days_ago} days ago, {days} days");
                return weeks;
            }
            // A week was summed while it was put aside.
            Err(error) => assert!(platform::db::lost_race(&error), "{error}"),
        }
    }
}

async fn try_check(
    owner: &mut PgConnection,
    shop: &Shop,
    days_ago: i64,
    days: i64,
) -> Result<(serde_json::Value, serde_json::Value, i64), sqlx::Error> {
    const REPORT: &str = "SELECT report($1::uuid, false, ($2::timestamptz - $3 * interval '1 day')::date,
      ($2::timestamptz - ($3 - least($3, $4)) * interval '1 day')::date, $2::timestamptz, 50)";
    let now = shop.now().to_string();
    let mut tx = owner.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
    let report = || sqlx::query_scalar(REPORT).bind(&shop.id).bind(&now).bind(days_ago).bind(days);
    let with_sums = report().fetch_one(&mut *tx).await?;
    let weeks = sqlx::query_scalar("SELECT count(*) FROM report_week").fetch_one(&mut *tx).await?;
    sqlx::query("DELETE FROM report_week").execute(&mut *tx).await?;
    let without_sums = report().fetch_one(&mut *tx).await?;
    tx.rollback().await?;
    Ok((with_sums, without_sums, weeks))
}

async fn wait_for_sums(world: &World, shop: &Shop) {
    eventually(|| async {
        let missing: i32 = sqlx::query_scalar("SELECT cardinality(begin_sums($1::uuid, $2::timestamptz))")
            .bind(&shop.id)
            .bind(shop.now().to_string())
            .fetch_one(&mut world.owner().await)
            .await
            .expect("a shop");
        missing == 0
    })
    .await;
}

async fn eventually<F, Fut>(mut holds: F)
where
    F: FnMut() -> Fut,
    Fut: Future<Output = bool>,
{
    for _ in 0..1_200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come about within a minute");
}
