//! Posts of one line over gRPC against pgbench running the statement they run, on one server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use proto::inventory::v1::MovementKind;

use crate::acks::rate;
use crate::shop::{Shop, any_item, line, start_postgres};
use crate::{pgbench, report};

/// Callers of one process share its connection; that many share one here.
const CLIENTS_PER_CONNECTION: usize = 16;
const CLIENTS: [usize; 3] = [1, 16, 64];
/// Threads that the clients live on, for either side.
const CLIENT_THREADS: usize = 2;

#[derive(Clone, Copy)]
enum Items {
    All,
    OneHot,
}

/// Takes turns: pgbench posts, the service posts.
pub(crate) async fn measure(rounds: usize, seconds: u64) -> anyhow::Result<()> {
    let postgres = start_postgres().await?;
    let shop = Arc::new(Shop::open(&postgres, "backroom_inventory").await?);
    let next = Arc::new(AtomicU64::new(0));
    for (name, items) in [("1,000 items", Items::All), ("one hot item", Items::OneHot)] {
        for clients in CLIENTS {
            let mut measured = Vec::new();
            for round in 0..=rounds {
                let (url, script) = (role_url(&shop), script(&shop, items));
                let theirs =
                    tokio::task::spawn_blocking(move || pgbench::run(&url, &script, clients, seconds)).await??;
                let ours = post(&shop, items, clients, seconds, &next).await?;
                if round > 0 {
                    measured.push((ours, theirs)); // the first one warms both up
                }
            }
            report::compare(
                &format!("Posts, {clients} clients, {name}"),
                "service: posts per second over gRPC",
                "pgbench: the same statement per second",
                &measured,
                0.7,
            );
        }
    }
    let acked = i64::try_from(next.load(Ordering::SeqCst))?;
    let posted: i64 = sqlx::query_scalar("SELECT count(*) FROM operation WHERE request_id LIKE 'ours.%'")
        .fetch_one(&shop.pool)
        .await?;
    anyhow::ensure!(posted == acked, "{acked} posts were acked and {posted} are in the ledger");
    shop.check().await?;
    report::say(&format!("\n{posted} posts acked, as many in the ledger; every balance follows from its movements."));
    shop.close();
    Ok(())
}

/// Posts from `clients` at once and returns posts per second.
///
/// As pgbench does with `--jobs`, the clients live on threads of their own: the service keeps its runtime to itself.
async fn post(
    shop: &Arc<Shop>,
    items: Items,
    clients: usize,
    seconds: u64,
    next: &Arc<AtomicU64>,
) -> anyhow::Result<f64> {
    let before = next.load(Ordering::SeqCst);
    let started = Instant::now();
    let until = started + Duration::from_secs(seconds);
    let threads = clients.min(CLIENT_THREADS);
    let mut tasks = Vec::new();
    for _ in 0..threads {
        let (shop, next) = (Arc::clone(shop), Arc::clone(next));
        tasks.push(tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(post_some(&shop, items, clients / threads, until, &next))
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(rate(next.load(Ordering::SeqCst) - before, started.elapsed()))
}

async fn post_some(
    shop: &Arc<Shop>,
    items: Items,
    clients: usize,
    until: Instant,
    next: &Arc<AtomicU64>,
) -> anyhow::Result<()> {
    let mut connections = Vec::new();
    for _ in 0..clients.div_ceil(CLIENTS_PER_CONNECTION) {
        connections.push(shop.client().await?);
    }
    let mut tasks = Vec::new();
    for number in 0..clients {
        let mut client = connections[number % connections.len()].clone();
        let (shop, next) = (Arc::clone(shop), Arc::clone(next));
        tasks.push(tokio::spawn(async move {
            while Instant::now() < until {
                let request_id = format!("ours.{}", next.fetch_add(1, Ordering::SeqCst));
                let item = match items {
                    Items::All => any_item(),
                    Items::OneHot => 1,
                };
                client.post_operation(shop.request(request_id, vec![line(MovementKind::Sale, item, "5", "")])).await?;
            }
            anyhow::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}

/// The statement that the service runs for such a post, with the rights of the service.
fn script(shop: &Shop, items: Items) -> String {
    let item_max = match items {
        Items::All => crate::shop::ITEM_COUNT,
        Items::OneHot => 1,
    };
    let (shop_id, member_id) = (&shop.id, &shop.member_id);
    format!(
        "\\set item random(1, {item_max})\n\\set request random(1, 9000000000000000000)\n\
         SELECT post_operation('{shop_id}', gen_random_uuid(), 'AB2C', 'grpc', 'bench.' || :request, sha256('x'), '{member_id}',\n\
         now(), now(), ('[{{\"line\": 1, \"item_id\": null, \"keys\": [\"item ' || :item || '\"], \"new_item\": null, \"outcome\": null,\n\
         \"candidates\": null, \"is_count\": false, \"kind\": \"sale\", \"sign\": -1, \"quantity\": \"5\", \"takes_all\": false, \"unit\": null,\n\
         \"measures\": {{}}, \"usual_factor\": null, \"pack_size\": null, \"unit_price\": null, \"currency\": null,\n\
         \"location_id\": null, \"expected_balance\": null}}]')::jsonb, false, false, false);\n"
    )
}

fn role_url(shop: &Shop) -> String {
    format!("{}?options=-c%20role%3Dbackroom_inventory", shop.database_url)
}
