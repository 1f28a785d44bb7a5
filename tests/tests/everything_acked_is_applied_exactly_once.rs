//! The three promises under fire: services and Postgres are killed at random while a thousand messages come in.
#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use sqlx::types::Decimal;
use stories::{GATEWAY, House, HouseOptions, INVENTORY, MESSENGER, PARSER, SERVICES, Sender, eventually, now};

const SENDERS: usize = 50;
const MESSAGES: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn everything_acked_is_applied_exactly_once_and_everybody_is_answered_while_parts_are_killed() {
    let seed = rand::rng().random::<u64>();
    println!("seed {seed}");
    let options = HouseOptions {
        // A message whose send was cut off by a kill is settled by its receipts, or sent once more after this time.
        environment: vec![
            (MESSENGER, "IN_DOUBT_SETTLE_MS", "5000".to_owned()),
            (MESSENGER, "LEASE_MS", "3000".to_owned()),
        ],
        ..HouseOptions::default()
    };
    let house = Arc::new(House::start(options).await);

    let is_over = Arc::new(AtomicBool::new(false));
    let killer = tokio::spawn(kill_at_random(Arc::clone(&house), Arc::clone(&is_over), seed));
    let senders: Vec<_> = (0..SENDERS)
        .map(|index| {
            let sender = Sender::new(&house.url(GATEWAY), &house.app_secret, index);
            tokio::spawn(send_all(sender, index, seed))
        })
        .collect();
    let mut expected: HashMap<String, i64> = HashMap::new();
    for sender in senders {
        let (user, sum) = sender.await.unwrap();
        expected.insert(user, sum);
    }
    is_over.store(true, Ordering::SeqCst);
    let kills = killer.await.unwrap();
    println!("{kills} kills");
    assert!(kills >= 8, "the story needs kills to prove anything");

    let gateway = house.pool(GATEWAY).await;
    eventually("the inbox is worked off", || async {
        let open: i64 = sqlx::query_scalar("SELECT count(*) FROM job WHERE settled_at IS NULL")
            .fetch_one(&gateway)
            .await
            .unwrap_or(1);
        open == 0
    })
    .await;
    let dead: i64 = sqlx::query_scalar("SELECT count(*) FROM job WHERE dead").fetch_one(&gateway).await.unwrap();
    assert_eq!(dead, 0, "nothing was given up");

    // Applied exactly once: the balance of each shop is the sum of what its owner wrote.
    let ledger = house.pool(INVENTORY).await;
    let balances: Vec<(String, Decimal)> = sqlx::query_as(
        "SELECT identity.value, stock.on_hand FROM stock JOIN identity USING (shop_id) WHERE identity.kind = 'user_id'",
    )
    .fetch_all(&ledger)
    .await
    .unwrap();
    let balances: HashMap<String, i64> =
        balances.into_iter().map(|(user, sum)| (user, i64::try_from(sum).unwrap())).collect();
    assert_eq!(balances, expected);
    let operations: i64 = sqlx::query_scalar("SELECT count(*) FROM operation").fetch_one(&ledger).await.unwrap();
    assert_eq!(usize::try_from(operations).unwrap(), SENDERS * MESSAGES);
    house.assert_ledger_is_sound().await;

    // Everybody is answered: every message has one reply, and every reply reached Meta.
    let messenger = house.pool(MESSENGER).await;
    eventually("the outbox is worked off", || async {
        let open: i64 = sqlx::query_scalar("SELECT count(*) FROM job WHERE settled_at IS NULL")
            .fetch_one(&messenger)
            .await
            .unwrap_or(1);
        open == 0
    })
    .await;
    let mut answered: HashMap<String, usize> = HashMap::new();
    for message in house.meta.sent() {
        *answered.entry(message.callback_data.clone().unwrap_or_default()).or_default() += 1;
    }
    assert_eq!(answered.len(), SENDERS * MESSAGES, "each message has its own answer");
    let repeated = answered.values().filter(|count| **count > 1).count();
    println!("{repeated} answers were sent twice");
    // Meta has no idempotency key: only an answer whose send was cut off by a kill, and whose receipts were too, may repeat.
    assert!(repeated <= kills, "{repeated} answers were sent more than once in {kills} kills");
}

async fn send_all(sender: Sender, index: usize, seed: u64) -> (String, i64) {
    let mut random = rand::rngs::StdRng::seed_from_u64(seed ^ index as u64);
    let mut sum = 0;
    for message in 0..MESSAGES {
        // Never ten times another: such a line would be asked about instead of posted.
        let amount = random.random_range(10..100_i64);
        let is_sale = message > 0 && random.random_bool(0.4);
        let text = if is_sale { format!("sold {amount} screws") } else { format!("add {amount} screws") };
        sum += if is_sale { -amount } else { amount };
        let wamid = format!("wamid.{index}.{message}");
        sender.say(&wamid, &text, now()).await;
        if random.random_bool(0.2) {
            // Meta repeats what it was already told is taken.
            sender.say(&wamid, &text, now()).await;
        }
        // Spread over the time of the kills.
        tokio::time::sleep(Duration::from_millis(random.random_range(0..1500))).await;
    }
    (sender.user_id, sum)
}

async fn kill_at_random(house: Arc<House>, is_over: Arc<AtomicBool>, seed: u64) -> usize {
    let mut random = rand::rngs::StdRng::seed_from_u64(seed);
    let mut kills = 0;
    while !is_over.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(random.random_range(300..1500))).await;
        let victims = [GATEWAY, PARSER, INVENTORY, MESSENGER, "postgres"];
        let victim = victims.choose(&mut random).copied().unwrap_or(GATEWAY);
        let pause = Duration::from_millis(random.random_range(0..700));
        if victim == "postgres" {
            let own = Arc::clone(&house);
            tokio::task::spawn_blocking(move || {
                own.postgres.kill().unwrap();
                std::thread::sleep(pause);
                own.postgres.restart().unwrap();
            })
            .await
            .unwrap();
        } else {
            house.kill(victim);
            tokio::time::sleep(pause).await;
            if let Some(service) = SERVICES.into_iter().find(|service| *service == victim) {
                house.spawn(service);
            }
        }
        kills += 1;
    }
    // A service that started while Postgres was away left with an error: what is not running is started again.
    house.revive().await;
    kills
}
