//! Messages from webhook to Graph call against the ledger's transaction alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use devstack::meta_sim::ReceiptMode;
use stories::{GATEWAY, House, HouseOptions, INVENTORY, MESSENGER};

use crate::acks::{body, rate};
use crate::posts::Connection;
use crate::{pgbench, report};

const CONNECTIONS: u64 = 32;
const LEDGER_CLIENTS: usize = 16;
/// Within the burst that Meta allows each of the thousand people.
const MESSAGES_PER_ROUND: u64 = 6_000;

/// Takes turns: pgbench posts to the ledger, the product handles messages from end to end.
pub(crate) async fn measure(rounds: usize) -> anyhow::Result<()> {
    let options = HouseOptions {
        measured: true,
        // Meta's limit per number is what it grants, not what the product can do.
        environment: vec![
            (MESSENGER, "NUMBER_RATE_PER_SECOND", "100000".to_owned()),
            (MESSENGER, "PAIR_BURST", "1000".to_owned()),
        ],
        ..HouseOptions::default()
    };
    let house = Arc::new(House::start(options).await);
    house.meta.set_receipts(ReceiptMode::Off);
    // Every shop is there before anything is measured, for both sides.
    drive(&house, 0, 1_000).await?;
    let ledger = house.pool(INVENTORY).await;
    let script = ledger_script(&ledger).await?;
    let url = house.database_url(INVENTORY);
    let mut measured = Vec::new();
    let mut next = 1_000;
    for _ in 0..rounds {
        let (script, url) = (script.clone(), url.clone());
        let theirs = tokio::task::spawn_blocking(move || pgbench::run(&url, &script, LEDGER_CLIENTS, 5)).await??;
        let took = drive(&house, next, MESSAGES_PER_ROUND).await?;
        next += MESSAGES_PER_ROUND;
        measured.push((rate(MESSAGES_PER_ROUND, took), theirs));
    }
    let posted: i64 =
        sqlx::query_scalar("SELECT count(*) FROM operation WHERE source = 'whatsapp'").fetch_one(&ledger).await?;
    anyhow::ensure!(u64::try_from(posted)? == next, "{next} messages were sent and {posted} are in the ledger");
    house.assert_ledger_is_sound().await;
    report::compare(
        "The whole path, by grammar",
        "product: messages per second, webhook to Graph call",
        "pgbench: ledger transactions per second at 16 clients",
        &measured,
        0.25,
    );
    Ok(())
}

/// Sends messages and returns the time from the first webhook to the last Graph call.
async fn drive(house: &Arc<House>, first: u64, count: u64) -> anyhow::Result<Duration> {
    let before = house.meta.sent_count();
    let started = Instant::now();
    let mut tasks = Vec::new();
    for connection in 0..CONNECTIONS {
        let house = Arc::clone(house);
        tasks.push(tokio::spawn(async move {
            let mut post = Connection::open(&house.url(GATEWAY)).await?;
            let mut number = first + connection;
            while number < first + count {
                post.post(&body(number), &house.app_secret).await?;
                number += CONNECTIONS;
            }
            anyhow::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    let wanted = before + usize::try_from(count)?;
    while house.meta.sent_count() < wanted {
        anyhow::ensure!(
            started.elapsed() < Duration::from_mins(2),
            "answers are missing: {} of {wanted}",
            house.meta.sent_count()
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(started.elapsed())
}

/// The statement that the inventory service runs for one message, for a random shop.
async fn ledger_script(ledger: &sqlx::PgPool) -> anyhow::Result<String> {
    sqlx::raw_sql(
        r#"CREATE TABLE bench_shop AS
           SELECT row_number() OVER () AS number, member.shop_id, member.id AS member_id,
                  '[{"line": 1, "item_id": null, "keys": ["screw"], "new_item": null, "outcome": null, "candidates": null,
                     "is_count": false, "kind": "receipt", "sign": 1, "quantity": "5", "takes_all": false, "unit": null,
                     "measures": {}, "usual_factor": null, "pack_size": null, "unit_price": null, "currency": null,
                     "location_id": null, "expected_balance": null}]'::jsonb AS lines
           FROM member;
           CREATE UNIQUE INDEX ON bench_shop (number);
           ANALYZE bench_shop;"#,
    )
    .execute(ledger)
    .await?;
    let shops: i64 = sqlx::query_scalar("SELECT count(*) FROM bench_shop").fetch_one(ledger).await?;
    Ok(format!(
        "\\set number random(1, {shops})\n\\set request random(1, 9000000000000000000)\n\
         SELECT post_operation(b.shop_id, gen_random_uuid(), 'AB2C', 'grpc', 'bench.' || :request, sha256('x'), b.member_id,\n\
         now(), now(), b.lines, false, false, false)\n\
         FROM bench_shop b WHERE b.number = :number;\n"
    ))
}
