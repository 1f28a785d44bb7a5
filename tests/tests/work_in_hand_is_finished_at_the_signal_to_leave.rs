//! Drain, dead letters, overload: the operator's stories.

use std::time::Duration;

use stories::{GATEWAY, House, HouseOptions, INVENTORY, SERVICES, Sender, eventually, now, people};

#[tokio::test(flavor = "multi_thread")]
async fn work_in_hand_is_finished_at_the_signal_to_leave_and_the_rest_waits_for_the_next_process() {
    let house = House::start(HouseOptions::default()).await;
    let senders: Vec<Sender> =
        (0..20).map(|index| Sender::new(&house.url(GATEWAY), &house.app_secret, index)).collect();
    for sender in &senders {
        for message in 0..5 {
            sender.say(&format!("wamid.{}.{message}", sender.phone), "add 1 screws", now()).await;
        }
    }

    for service in SERVICES.into_iter().rev() {
        assert!(house.terminate(service), "{service} left with an error");
    }
    for service in SERVICES {
        house.spawn(service);
    }
    house.wait_until_ready().await;

    eventually("everything is answered", || async { house.meta.sent_count() == 100 }).await;
    let ledger = house.pool(INVENTORY).await;
    let operations: i64 = sqlx::query_scalar("SELECT count(*) FROM operation").fetch_one(&ledger).await.unwrap();
    assert_eq!(operations, 100);
    // Nothing was left to a lease: each message was handled in the first attempt.
    house.assert_ledger_is_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_cannot_be_read_never_blocks_its_lane_and_can_be_replayed() {
    let house = House::start(HouseOptions::default()).await;
    let thandi = people(&house.meta, 1).remove(0);
    house.ask(&thandi, "Added 50 screws").await;
    let pool = house.pool(GATEWAY).await;

    // What a newer version could have stored: the head of this person's lane is beyond this one.
    let lane: String =
        sqlx::query_scalar("SELECT lane FROM job WHERE kind = 'message'").fetch_one(&pool).await.unwrap();
    let job = platform::lanes::NewJob {
        lane,
        dedup_key: "m/of a later year".to_owned(),
        kind: "hologram".to_owned(),
        payload: b"\x00later".to_vec(),
        sort_key: 0,
        traceparent: None,
    };
    platform::lanes::enqueue(&mut pool.acquire().await.unwrap(), &[job]).await.unwrap();
    let answer = house.ask(&thandi, "how many screws").await;
    assert_eq!(answer.text, "📦 screws 50");

    let dead = gateway::dead_letters::list(&pool, 10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(
        gateway::dead_letters::show(&pool, dead[0].id).await.unwrap().as_deref(),
        Some(&b"\x00later"[..]),
        "kept raw"
    );
    assert_eq!(gateway::dead_letters::replay(&pool, &[dead[0].id]).await.unwrap(), [dead[0].id]);
    eventually("it is given up again", || async { gateway::dead_letters::list(&pool, 10).await.unwrap().len() == 1 })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_given_up_is_told_to_the_shopkeeper_and_its_replay_counts_once() {
    let options = HouseOptions {
        environment: vec![(GATEWAY, "GIVE_UP_AFTER_SECONDS", "2".to_owned())],
        ..HouseOptions::default()
    };
    let house = House::start(options).await;
    let thandi = people(&house.meta, 1).remove(0);
    house.ask(&thandi, "Added 50 screws").await;

    house.kill(INVENTORY);
    let sent = house.meta.say(&thandi, "sold 3 screws");
    let apology = house.meta.wait_for_reply(&thandi, &sent.wamid, Duration::from_mins(1)).await.unwrap();
    assert!(apology.text.starts_with("⚠️ Not saved, our side failed. Nothing changed."), "{}", apology.text);

    house.spawn(INVENTORY);
    house.wait_until_ready().await;
    assert_eq!(house.ask(&thandi, "how many screws").await.text, "📦 screws 50");
    let pool = house.pool(GATEWAY).await;
    let dead = gateway::dead_letters::list(&pool, 10).await.unwrap();
    gateway::dead_letters::replay(&pool, &[dead[0].id]).await.unwrap();
    eventually("the replay is answered", || async {
        house.meta.sent().iter().any(|sent| sent.text().starts_with("✅ Sold 3 screws"))
    })
    .await;
    assert_eq!(house.ask(&thandi, "how many screws").await.text, "📦 screws 47");
}

#[tokio::test(flavor = "multi_thread")]
async fn overload_is_shed_with_503_before_memory_grows_and_nothing_is_lost() {
    let options = HouseOptions {
        // Room for one request at a time: a chunked or large body takes all of it.
        environment: vec![(GATEWAY, "BODIES_MIB_MAX", "4".to_owned()), (GATEWAY, "INBOX_QUEUE_MAX", "4".to_owned())],
        ..HouseOptions::default()
    };
    let house = House::start(options).await;
    let shed = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));

    let posts: Vec<_> = (0..200)
        .map(|index| {
            let sender = Sender::new(&house.url(GATEWAY), &house.app_secret, index);
            let shed = std::sync::Arc::clone(&shed);
            tokio::spawn(async move {
                let mut envelope = sender.envelope(&format!("wamid.{index}"), "add 1 screws", now());
                envelope["padding"] = serde_json::json!("x".repeat(1_000_000));
                let body = envelope.to_string().into_bytes();
                loop {
                    match sender.post_signed(body.clone()).await {
                        Some(200) => return,
                        Some(503) => {
                            shed.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        }
                        other => assert_eq!(other, None, "only 200 and 503 are answered"),
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            })
        })
        .collect();
    for post in posts {
        post.await.unwrap();
    }

    assert!(shed.load(std::sync::atomic::Ordering::SeqCst) > 0, "two hundred at once are more than the limits allow");
    let ledger = house.pool(INVENTORY).await;
    eventually("all two hundred are applied", || async {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM operation").fetch_one(&ledger).await.unwrap();
        count == 200
    })
    .await;
}
