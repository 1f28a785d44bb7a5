//! Receipts of the simulated Meta.

use devstack::meta_sim::{ReceiptMode, SendFault};
use devstack::script::When;
use jiff::SignedDuration;
use platform::clock::Clock;

use crate::common::{eventually, post_message, start, start_with, text_to, thandi};

#[tokio::test]
async fn replies_become_billable_when_the_free_ones_are_used_up() {
    let (gateway, sim) = start_with(|options| options.free_service_messages = 1).await;

    for _ in 0..2 {
        post_message(&sim, &text_to("+27825550101", "hi")).await.unwrap();
    }
    eventually("all receipts", || gateway.receipts().len() == 6).await;

    let kinds: Vec<_> = gateway
        .received()
        .iter()
        .map(|received| received.json["entry"][0]["changes"][0]["value"]["statuses"][0].clone())
        .filter(|status| status["status"] == "sent")
        .map(|status| status["pricing"]["type"].as_str().unwrap().to_owned())
        .collect();
    assert!(kinds.contains(&"free_customer_service".to_owned()) && kinds.contains(&"regular".to_owned()), "{kinds:?}");
}

#[tokio::test]
async fn a_new_month_has_its_own_free_replies() {
    let clock = Clock::manual("2026-11-30T23:59:59Z".parse().unwrap());
    let (gateway, sim) =
        start_with(|options| (options.clock, options.free_service_messages) = (clock.clone(), 1)).await;

    post_message(&sim, &text_to("+27825550101", "hi")).await.unwrap();
    eventually("all receipts", || gateway.receipts().len() == 3).await;
    clock.advance(SignedDuration::from_secs(1));
    post_message(&sim, &text_to("+27825550101", "hi")).await.unwrap();
    eventually("all receipts", || gateway.receipts().len() == 6).await;

    let received = gateway.received();
    let statuses = received.iter().map(|received| &received.json["entry"][0]["changes"][0]["value"]["statuses"][0]);
    assert!(statuses.filter(|status| status["status"] == "sent").all(|status| status["pricing"]["billable"] == false));
}

#[tokio::test]
async fn some_receipts_are_never_made() {
    let (gateway, sim) = start().await;

    sim.set_receipts(ReceiptMode::Unread);
    post_message(&sim, &text_to("+27825550101", "hi")).await.unwrap();
    eventually("two", || gateway.receipts() == ["sent", "delivered"]).await;
    sim.set_receipts(ReceiptMode::ChatOpen);
    post_message(&sim, &text_to("+27825550101", "hi")).await.unwrap();
    eventually("two more", || gateway.receipts() == ["sent", "delivered", "sent", "read"]).await;
}

#[tokio::test]
async fn an_accepted_message_can_fail_later() {
    let (gateway, sim) = start().await;
    sim.fail_sends_to(&thandi(), When::Always, SendFault::AcceptThenFail { code: 131_047 });
    sim.person(thandi());

    let (status, _) = post_message(&sim, &text_to("+27825550101", "hi")).await.unwrap();
    eventually("the receipt comes", || gateway.receipts() == ["failed"]).await;

    assert_eq!(status, 200);
    let received = gateway.received();
    let value = &received[0].json["entry"][0]["changes"][0]["value"];
    assert!(value.get("contacts").is_none());
    let receipt = &value["statuses"][0];
    assert_eq!(receipt["errors"][0]["code"], 131_047);
    assert!(receipt["errors"][0]["error_data"]["details"].is_string());
    assert!(receipt.get("recipient_user_id").is_none(), "missing when it was sent to a phone");
}

#[tokio::test]
async fn receipts_can_come_before_the_answer() {
    let (gateway, sim) = start().await;
    sim.fail_sends(When::Next(1), SendFault::ReceiptsFirst);

    post_message(&sim, &text_to("+27825550101", "hi")).await.unwrap();

    assert_eq!(gateway.receipts(), ["sent", "delivered", "read"]);
}

#[tokio::test]
async fn receipts_come_in_the_manner_that_is_set() {
    let (gateway, sim) = start().await;
    let message = text_to("+27825550101", "hi");

    sim.set_receipts(ReceiptMode::Reversed);
    post_message(&sim, &message).await.unwrap();
    eventually("reversed", || gateway.receipts() == ["read", "delivered", "sent"]).await;

    sim.set_receipts(ReceiptMode::Duplicated);
    post_message(&sim, &message).await.unwrap();
    eventually("doubled", || gateway.receipts().len() == 3 + 6).await;

    sim.set_receipts(ReceiptMode::Withheld);
    post_message(&sim, &message).await.unwrap();
    sim.set_receipts(ReceiptMode::Off);
    post_message(&sim, &message).await.unwrap();
    let mut released = 0;
    eventually("released", || {
        released += sim.release_receipts();
        released == 3
    })
    .await;
    eventually("delivered late", || gateway.receipts().len() == 3 + 6 + 3).await;
}
