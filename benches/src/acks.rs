//! Durable webhook acks against single-row inserts of the same row.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use stories::{GATEWAY, House, HouseOptions, envelope, now};

use crate::pgbench;
use crate::posts::Connection;
use crate::report;

const CONNECTIONS: usize = 64;
const SENDERS: u64 = 1_000;

/// Takes turns: pgbench inserts rows, the gateway acks webhooks that each store such a row.
pub(crate) async fn measure(rounds: usize, seconds: u64) -> anyhow::Result<()> {
    // Workers rest, as nothing reads what pgbench inserts either; the whole path is measured apart.
    let options = HouseOptions {
        measured: true,
        environment: vec![(GATEWAY, "LANES_AT_ONCE", "0".to_owned())],
        ..HouseOptions::default()
    };
    let house = Arc::new(House::start(options).await);
    let pool = house.pool(GATEWAY).await;
    // The same columns, the same indexes, the same constraints; one row of about the same size.
    sqlx::raw_sql("CREATE TABLE bench_job (LIKE job INCLUDING ALL)").execute(&pool).await?;
    let payload = "x".repeat(330);
    let script = format!(
        "\\set id random(1, 9000000000000000000)\n\
         INSERT INTO bench_job (id, lane, dedup_key, kind, payload, sort_key)\n\
         VALUES (:id, 'm/0123456789abcdef0123456789abcdef', 'm/200000000000001/wamid.' || :id, 'message', '{payload}', 1790416800000);\n"
    );
    let url = house.database_url(GATEWAY);
    let next = Arc::new(AtomicU64::new(0));
    let mut measured = Vec::new();
    for _ in 0..rounds {
        let (script, url) = (script.clone(), url.clone());
        let theirs = tokio::task::spawn_blocking(move || pgbench::run(&url, &script, CONNECTIONS, seconds)).await??;
        let ours = acks_per_second(&house, &next, seconds).await?;
        measured.push((ours, theirs));
    }
    let acked = next.load(Ordering::SeqCst);
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM job").fetch_one(&pool).await?;
    anyhow::ensure!(u64::try_from(stored)? == acked, "{acked} were acked and {stored} are stored");
    report::compare(
        "Durable acks at 64 connections",
        "gateway: webhooks acked per second",
        "pgbench: rows inserted per second",
        &measured,
        1.0,
    );
    Ok(())
}

async fn acks_per_second(house: &Arc<House>, next: &Arc<AtomicU64>, seconds: u64) -> anyhow::Result<f64> {
    let started = Instant::now();
    let until = started + Duration::from_secs(seconds);
    let before = next.load(Ordering::SeqCst);
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS {
        let (house, next) = (Arc::clone(house), Arc::clone(next));
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(&house.url(GATEWAY)).await?;
            while Instant::now() < until {
                let number = next.fetch_add(1, Ordering::SeqCst);
                connection.post(&body(number), &house.app_secret).await?;
            }
            anyhow::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(rate(next.load(Ordering::SeqCst) - before, started.elapsed()))
}

/// Time of an ack at a steady hundred messages a second, with the whole product at work behind it.
pub(crate) async fn measure_latency(seconds: u64) -> anyhow::Result<()> {
    let house = Arc::new(House::start(HouseOptions { measured: true, ..HouseOptions::default() }).await);
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    let mut tasks = Vec::new();
    let idle: Arc<std::sync::Mutex<Vec<Connection>>> = Arc::default();
    for number in 0..seconds * 100 {
        ticks.tick().await;
        let (house, idle) = (Arc::clone(&house), Arc::clone(&idle));
        tasks.push(tokio::spawn(async move {
            let kept = idle.lock().ok().and_then(|mut idle| idle.pop());
            let mut connection = match kept {
                Some(connection) => connection,
                None => Connection::open(&house.url(GATEWAY)).await?,
            };
            let took = connection.post(&body(number), &house.app_secret).await?;
            if let Ok(mut idle) = idle.lock() {
                idle.push(connection);
            }
            anyhow::Ok(took)
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.push(task.await??);
    }
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    report::say(&format!(
        "\n### Time of an ack at 100 messages a second\n\n{} acks: p50 {:.1?}, p99 {:.1?}, slowest {:.1?} (Meta wants a median of at most 250 ms, under 1 % above 1 s)",
        times.len(),
        at(50),
        at(99),
        at(100)
    ));
    Ok(())
}

/// The body of message `number`: a thousand people write in turn.
pub(crate) fn body(number: u64) -> String {
    let (phone, user) = (format!("2782555{:04}", number % SENDERS), format!("ZA.88{:06}", number % SENDERS));
    envelope(&phone, &user, &format!("wamid.HBgLMjc4MjU1NTAwMDEVAgASGBQz{number}"), "add 5 screws", now()).to_string()
}

#[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "a rate of a measurement, no quantity")]
pub(crate) fn rate(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}
