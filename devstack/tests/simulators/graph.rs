//! What the messenger gets from the simulated Meta.

use devstack::meta_sim::{SendFault, Ticks};
use devstack::script::When;
use jiff::SignedDuration;
use platform::clock::Clock;
use serde_json::{Value, json};

use crate::common::{PATIENCE, error_code, eventually, post_message, post_to, start, start_with, text_to, thandi};

#[tokio::test]
async fn a_send_is_accepted_recorded_and_followed_by_three_receipts() {
    let (gateway, sim) = start().await;
    let asked = sim.say(&thandi(), "Added 50 screws");

    let (status, body) = post_message(&sim, &text_to("+27825550101", "✅ Added 50 screws")).await.unwrap();
    let reply = sim.wait_for_reply(&thandi(), &asked.wamid, PATIENCE).await.unwrap();
    sim.wait_for_ticks(&thandi(), &reply.wamid, Ticks::Read, PATIENCE).await.unwrap();

    assert_eq!(status, 200);
    let answer: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(answer["contacts"][0], json!({"input": "+27825550101", "wa_id": "27825550101"}));
    assert_eq!(answer["messages"][0]["id"], reply.wamid.as_str());
    assert_eq!(reply.text, "✅ Added 50 screws");
    assert_eq!(reply.trace_id.as_deref(), Some("0af7651916cd43dd8448eb211c80319c"));
    let sent = &sim.sent()[0];
    assert_eq!(sent.callback_data.as_deref(), Some("0190-our-id"));
    assert_eq!(sent.text(), "✅ Added 50 screws");
    assert_eq!(gateway.receipts(), ["sent", "delivered", "read"]);
    let receipt = &gateway.received()[1].json["entry"][0]["changes"][0]["value"]["statuses"][0];
    assert_eq!(receipt["biz_opaque_callback_data"], "0190-our-id");
    assert_eq!(receipt["recipient_id"], "27825550101");
    assert_eq!(receipt["recipient_user_id"], "ZA.1349");
    assert_eq!(
        receipt["pricing"],
        json!({"billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service"})
    );
    assert!(receipt.get("conversation").is_none(), "gone since v24");
}

#[tokio::test]
async fn buttons_can_be_tapped_and_come_back_verbatim() {
    let (gateway, sim) = start().await;
    let asked = sim.say(&thandi(), "hi");
    let message = json!({"messaging_product": "whatsapp", "recipient": "ZA.1349", "type": "interactive",
        "context": {"message_id": asked.wamid},
        "interactive": {"type": "button", "body": {"text": "Added"},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "undo:7", "title": "Undo"}}]}}});

    let (status, _) = post_message(&sim, &message).await.unwrap();
    let reply = sim.wait_for_reply(&thandi(), &asked.wamid, PATIENCE).await.unwrap();
    let tapped = sim.tap(&thandi(), &reply.wamid, "undo:7").unwrap();
    sim.wait_for_ticks(&thandi(), &tapped.wamid, Ticks::Delivered, PATIENCE).await.unwrap();

    assert_eq!(status, 200);
    let tap = gateway
        .received()
        .iter()
        .map(|received| received.json["entry"][0]["changes"][0]["value"]["messages"][0].clone())
        .find(|message| message["id"] == tapped.wamid.as_str())
        .unwrap();
    assert_eq!(tap["interactive"], json!({"type": "button_reply", "button_reply": {"id": "undo:7", "title": "Undo"}}));
    assert_eq!(tap["context"]["id"], reply.wamid.as_str());
    assert!(sim.tap(&thandi(), &reply.wamid, "other").is_err());
}

#[tokio::test]
async fn access_is_checked_before_anything_else() {
    let (_gateway, sim) = start().await;
    let message = text_to("+27825550101", "hi");

    let (wrong_token, body) = post_to(&sim, "v25.0", "2000", "nope", &message).await.unwrap();
    assert_eq!((wrong_token, error_code(&body)), (401, 190));
    let (wrong_number, body) = post_to(&sim, "v25.0", "2001", "token", &message).await.unwrap();
    assert_eq!((wrong_number, error_code(&body)), (400, 100));
    let (wrong_version, body) = post_to(&sim, "v99.0", "2000", "token", &message).await.unwrap();
    assert_eq!((wrong_version, error_code(&body)), (400, 2500));
    let (no_version, _) = post_to(&sim, "latest", "2000", "token", &message).await.unwrap();
    assert_eq!(no_version, 400);

    assert_eq!(sim.sent_count(), 0);
    assert_eq!(sim.refusals().len(), 4);
}

#[tokio::test]
async fn a_user_id_in_to_is_accepted_and_reaches_nobody() {
    let (gateway, sim) = start().await;
    sim.person(thandi());

    let (status, _) = post_message(&sim, &text_to("ZA.1349", "hi")).await.unwrap();

    assert_eq!(status, 200);
    assert!(sim.sent()[0].lost);
    assert!(sim.transcript(&thandi()).is_empty());
    post_message(&sim, &text_to("+27825550101", "hi")).await.unwrap();
    eventually("the receipts of the other message", || gateway.receipts().len() == 3).await;
}

#[tokio::test]
async fn scripted_errors_speak_meta_json_and_send_nothing() {
    let (_gateway, sim) = start().await;
    sim.fail_sends(When::Next(1), SendFault::error(131_056));
    sim.fail_sends(When::Next(1), SendFault::html_502());
    let message = text_to("+27825550101", "hi");

    let (status, body) = post_message(&sim, &message).await.unwrap();
    let error = &serde_json::from_str::<Value>(&body).unwrap()["error"];
    assert_eq!((status, &error["code"]), (400, &json!(131_056)));
    assert!(error["message"].as_str().unwrap().starts_with("(#131056)"));
    assert!(error["fbtrace_id"].is_string());
    let (status, body) = post_message(&sim, &message).await.unwrap();
    assert_eq!(status, 502);
    assert!(body.starts_with("<!DOCTYPE html>"));
    assert_eq!(sim.sent_count(), 0);
    assert_eq!(post_message(&sim, &message).await.unwrap().0, 200);
}

#[tokio::test]
async fn a_cut_connection_sends_nothing_and_a_late_cut_sends_once() {
    let (_gateway, sim) = start().await;
    sim.fail_sends(When::Next(1), SendFault::Cut);
    sim.fail_sends(When::Next(1), SendFault::AcceptThenCut);
    let message = text_to("+27825550101", "hi");

    assert!(post_message(&sim, &message).await.is_err());
    assert_eq!(sim.sent_count(), 0);
    assert!(post_message(&sim, &message).await.is_err());
    assert_eq!(sim.sent_count(), 1);
}

#[tokio::test]
async fn a_hanging_call_is_never_answered_and_stopping_does_not_wait_for_it() {
    let (_gateway, sim) = start().await;
    sim.fail_sends(When::Next(1), SendFault::Hang);

    let caller = {
        let sim = sim.clone();
        tokio::spawn(async move { post_message(&sim, &text_to("+27825550101", "hi")).await })
    };
    eventually("the call hangs", || sim.refusals().len() == 1).await;
    tokio::time::timeout(PATIENCE, sim.stop()).await.unwrap();

    assert!(caller.await.unwrap().is_err());
}

#[tokio::test]
async fn outside_the_24_hours_only_131047_comes_back() {
    let clock = Clock::manual("2026-11-22T08:00:00Z".parse().unwrap());
    let (_gateway, sim) = start_with(|options| options.clock = clock.clone()).await;
    let message = text_to("+27825550101", "hi");
    sim.say(&thandi(), "hi");

    clock.advance(SignedDuration::from_hours(24));
    assert_eq!(post_message(&sim, &message).await.unwrap().0, 200);
    clock.advance(SignedDuration::from_secs(1));
    let (status, body) = post_message(&sim, &message).await.unwrap();

    assert_eq!((status, error_code(&body)), (400, 131_047));
}

#[tokio::test]
async fn reading_and_typing_need_only_the_message_id() {
    let (_gateway, sim) = start().await;
    let asked = sim.say(&thandi(), "hi");
    let mark = |wamid: &str| {
        json!({"messaging_product": "whatsapp", "status": "read", "message_id": wamid,
               "typing_indicator": {"type": "text"}})
    };

    let (status, body) = post_message(&sim, &mark(&asked.wamid)).await.unwrap();
    assert_eq!((status, body.as_str()), (200, r#"{"success":true}"#));
    sim.wait_for_ticks(&thandi(), &asked.wamid, Ticks::Read, PATIENCE).await.unwrap();
    post_message(&sim, &text_to("+27825550101", "hi")).await.unwrap();
    let ours = sim.sent()[0].wamid.clone();

    let (status, body) = post_message(&sim, &mark(&ours)).await.unwrap();
    assert_eq!((status, error_code(&body)), (400, 131_009));
}
