//! What the gateway gets from the simulated Meta.

use devstack::meta_sim::{Person, SayOptions, Ticks};
use http::StatusCode;
use serde_json::json;

use crate::common::{PATIENCE, StubGateway, eventually, hmac_hex, start, start_with, thandi};

#[tokio::test]
async fn a_message_arrives_escaped_and_signed_over_exactly_its_bytes() {
    let (gateway, sim) = start().await;

    let sent = sim.say(&thandi(), "café 😀 a/b");
    sim.wait_for_ticks(&thandi(), &sent.wamid, Ticks::Delivered, PATIENCE).await.unwrap();

    let received = &gateway.received()[0];
    assert_eq!(received.signature, format!("sha256={}", hmac_hex("test_app_secret", &received.body)));
    let raw = std::str::from_utf8(&received.body).unwrap();
    assert!(raw.contains(r#""body":"caf\u00e9 \ud83d\ude00 a\/b""#), "{raw}");
    let value = &received.json["entry"][0]["changes"][0]["value"];
    assert_eq!(value["metadata"]["phone_number_id"], "2000");
    assert_eq!(
        value["contacts"][0],
        json!({"profile": {"name": "Thandi"}, "wa_id": "27825550101", "user_id": "ZA.1349"})
    );
    let message = &value["messages"][0];
    assert_eq!(message["from"], "27825550101");
    assert_eq!(message["from_user_id"], "ZA.1349");
    assert_eq!(message["id"], sent.wamid.as_str());
    assert_eq!(message["text"]["body"], "café 😀 a/b");
    assert!(message["timestamp"].is_string());
}

#[tokio::test]
async fn a_person_without_a_phone_has_no_from_and_no_wa_id() {
    let (gateway, sim) = start().await;

    let hidden = Person::without_phone("Sipho", "ZA.2");
    sim.say(&hidden, "hi");
    sim.say_with(&thandi(), "hi", &SayOptions { without_phone: true, ..SayOptions::default() });
    eventually("both arrive", || gateway.received().len() == 2).await;

    for received in gateway.received() {
        let value = &received.json["entry"][0]["changes"][0]["value"];
        assert!(value["messages"][0].get("from").is_none());
        assert!(value["messages"][0]["from_user_id"].is_string());
        assert!(value["contacts"][0].get("wa_id").is_none());
    }
}

#[tokio::test]
async fn a_webhook_is_repeated_until_the_answer_is_200_and_204_is_not() {
    let (gateway, sim) = start().await;
    gateway.refuse_next(&[StatusCode::NO_CONTENT, StatusCode::SERVICE_UNAVAILABLE, StatusCode::FORBIDDEN]);

    let sent = sim.say(&thandi(), "hi");
    sim.wait_for_ticks(&thandi(), &sent.wamid, Ticks::Delivered, PATIENCE).await.unwrap();

    let statuses: Vec<_> = sim.deliveries().iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [Some(403), Some(503), Some(204), Some(200)]);
    assert_eq!(sim.deliveries().iter().map(|attempt| attempt.attempt).collect::<Vec<_>>(), [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_webhook_survives_a_gateway_that_is_not_there_yet() {
    let (gateway, sim) = start().await;
    let good_url = "http://127.0.0.1:9/webhook/whatsapp"; // the discard port: nobody listens
    sim.set_webhook_url(good_url);

    let sent = sim.say(&thandi(), "hi");
    eventually("an attempt fails", || sim.deliveries().iter().any(|attempt| attempt.error.is_some())).await;
    assert_eq!(gateway.received().len(), 0);
    let (gateway, url) = StubGateway::start().await;
    sim.set_webhook_url(url);

    sim.wait_for_ticks(&thandi(), &sent.wamid, Ticks::Delivered, PATIENCE).await.unwrap();
    assert_eq!(gateway.received().len(), 1);
}

#[tokio::test]
async fn copies_of_a_webhook_are_the_same_to_the_byte() {
    let (gateway, sim) = start().await;

    sim.say_with(&thandi(), "hi", &SayOptions { copies: 20, ..SayOptions::default() });
    eventually("all arrive", || gateway.received().len() == 20).await;

    let received = gateway.received();
    assert!(received.iter().all(|copy| copy.body == received[0].body && copy.signature == received[0].signature));
}

#[tokio::test]
async fn the_verification_call_wants_its_challenge_back() {
    let (_gateway, sim) = start().await;
    let (_strict, other) = start_with(|options| "wrong".clone_into(&mut options.verify_token)).await;

    sim.verify().await.unwrap();
    let refused = other.verify().await.unwrap_err();

    assert!(refused.to_string().contains("403"), "{refused}");
}
