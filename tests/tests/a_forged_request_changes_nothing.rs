//! The door: signatures, sizes, garbage, the verification call.

use serde_json::json;
use stories::{GATEWAY, House, HouseOptions, Sender, eventually, now, people, signature};

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_missing_or_stale_signature_is_refused_and_a_rotating_secret_is_taken() {
    let rotating = |house: &str| format!("the new secret,{house}");
    // The house signs with the older of two secrets; the one before both is stale.
    let house = House::start(HouseOptions {
        meta: |meta| "older".clone_into(&mut meta.app_secret),
        environment: vec![(GATEWAY, "WHATSAPP_APP_SECRET", rotating("older"))],
        ..HouseOptions::default()
    })
    .await;
    let sender = Sender::new(&house.url(GATEWAY), "older", 1);
    let body = |wamid: &str| sender.envelope(wamid, "Added 50 screws", now()).to_string().into_bytes();

    let forged = signature("somebody else's secret", &body("wamid.1"));
    let stale = signature("the secret before", &body("wamid.2"));
    assert_eq!(sender.post(body("wamid.1"), Some(forged)).await, Some(401));
    assert_eq!(sender.post(body("wamid.2"), Some(stale)).await, Some(401));
    assert_eq!(sender.post(body("wamid.3"), None).await, Some(401));
    assert_eq!(sender.post(body("wamid.4"), Some("sha256=nonsense".to_owned())).await, Some(401));
    let other_body = signature("older", &body("wamid.5"));
    assert_eq!(sender.post(body("wamid.6"), Some(other_body)).await, Some(401), "a signature of another body");
    let new = signature("the new secret", &body("wamid.7"));
    assert_eq!(sender.post(body("wamid.7"), Some(new)).await, Some(200));
    assert_eq!(sender.post_signed(body("wamid.8")).await, Some(200));

    eventually("the two good ones are answered", || async { house.meta.sent_count() == 2 }).await;
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM job WHERE kind = 'message'")
        .fetch_one(&house.pool(GATEWAY).await)
        .await
        .unwrap();
    assert_eq!(stored, 2, "what was refused is not stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_refused_or_kept_and_never_stops_the_door() {
    let house = House::start(HouseOptions::default()).await;
    let sender = Sender::new(&house.url(GATEWAY), &house.app_secret, 1);

    for garbage in [&b""[..], b"nonsense", b"\xff\xfe\x00", b"[1,2,3]", b"{\"entry\":", b"null"] {
        assert_eq!(sender.post_signed(garbage.to_vec()).await, Some(400), "{garbage:?}");
    }
    let odd = [
        json!({}),
        json!({"entry": [8]}),
        json!({"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "security", "value": {"event": "PIN_CHANGED"}}]}]}),
        json!({"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value": {"messages": [
            {"id": "wamid.x", "type": "hologram", "hologram": {}}, 7, {"from": "27825550001", "id": 12, "timestamp": "soon", "type": "text"}]}}]}]}),
    ];
    for body in odd {
        assert_eq!(sender.post_signed(body.to_string().into_bytes()).await, Some(200), "{body}");
    }
    sender.say("wamid.good", "Added 50 screws", now()).await;
    eventually("the good one is in", || async {
        house.meta.sent().iter().any(|sent| sent.text().starts_with("✅ Added 50 screws"))
    })
    .await;

    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM kept_event").fetch_one(&house.pool(GATEWAY).await).await.unwrap();
    assert_eq!(kept, 5, "what no flow reads is kept as it came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_three_mebibytes_and_a_thousand_updates_is_taken_whole_and_a_larger_one_is_not() {
    let house = House::start(HouseOptions::default()).await;
    let sender = Sender::new(&house.url(GATEWAY), &house.app_secret, 1);
    let mut whole = sender.envelope("wamid.0", "add 1 screws", now());
    let value = &mut whole["entry"][0]["changes"][0]["value"];
    let first = value["messages"][0].clone();
    let messages: Vec<serde_json::Value> = (0..1000)
        .map(|index| {
            let mut message = first.clone();
            message["id"] = json!(format!("wamid.{index}"));
            // A hundred people, ten messages each.
            message["from"] = json!(format!("2782555{:04}", index % 100));
            message["from_user_id"] = json!(format!("ZA.90{:04}", index % 100));
            message
        })
        .collect();
    value["messages"] = json!(messages);
    // Filled up to Meta's limit with a field that nobody reads.
    let size = whole.to_string().len();
    whole["padding"] = json!("x".repeat(3 * 1024 * 1024 - size - r#","padding":"""#.len()));
    let body = whole.to_string().into_bytes();
    assert_eq!(body.len(), 3 * 1024 * 1024);

    whole["padding"] = json!("x".repeat(3 * 1024 * 1024 - size - r#","padding":"""#.len() + 1));
    assert_eq!(sender.post_signed(whole.to_string().into_bytes()).await, Some(413));
    assert_eq!(sender.post_signed(body.clone()).await, Some(200));
    assert_eq!(sender.post_signed(body).await, Some(200), "a repeat is taken and does nothing");

    let ledger = house.pool(stories::INVENTORY).await;
    eventually("all are applied", || async {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM operation").fetch_one(&ledger).await.unwrap();
        count == 1000
    })
    .await;
    let balances: Vec<sqlx::types::Decimal> =
        sqlx::query_scalar("SELECT on_hand FROM stock").fetch_all(&ledger).await.unwrap();
    assert_eq!(balances, vec![sqlx::types::Decimal::from(10); 100]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verification_call_is_echoed_for_our_token_alone() {
    let house = House::start(HouseOptions::default()).await;
    house.meta.verify().await.unwrap();

    let url =
        format!("{}/webhook/whatsapp?hub.mode=subscribe&hub.challenge=115%2B8&hub.verify_token=", house.url(GATEWAY));
    let wrong = reqwest::get(format!("{url}guess")).await.unwrap();

    assert_eq!(wrong.status().as_u16(), 403);
    assert!(!wrong.text().await.unwrap().contains("115"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_text_gets_an_honest_sentence_and_reactions_get_none() {
    let house = House::start(HouseOptions::default()).await;
    let thandi = people(&house.meta, 1).remove(0);
    let options = devstack::meta_sim::SayOptions::default();

    house.meta.send_raw(&thandi, "reaction", json!({"message_id": "wamid.1", "emoji": "👍"}), &options);
    let voice = house.meta.send_raw(
        &thandi,
        "audio",
        json!({"id": "9001", "mime_type": "audio/ogg; codecs=opus", "sha256": "x", "voice": true}),
        &options,
    );
    let answer = house.meta.wait_for_reply(&thandi, &voice.wamid, std::time::Duration::from_mins(1)).await.unwrap();

    assert!(answer.text.contains("Nothing changed"), "{}", answer.text);
    assert_eq!(house.meta.sent_count(), 1);
}
