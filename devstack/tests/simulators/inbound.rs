//! What people can do beside writing, and how it comes to the gateway.

use std::time::Duration;

use devstack::meta_sim::{
    AccountEvent, ContactCard, DeliveryManner, Forwarded, Rules, SayOptions, SecurityEvent, Ticks,
};
use jiff::SignedDuration;
use platform::clock::Clock;
use serde_json::{Value, json};

use crate::common::{PATIENCE, StubGateway, error_code, eventually, post_message, start, start_with, text_to, thandi};

/// Waits for so many webhooks and returns what they carry under `changes`, in the order of their coming.
async fn changes(gateway: &StubGateway, count: usize) -> Vec<Value> {
    eventually("all come", || all_changes(gateway).len() >= count).await;
    all_changes(gateway)
}

fn all_changes(gateway: &StubGateway) -> Vec<Value> {
    let bodies = gateway.received();
    let entries = bodies.iter().flat_map(|received| received.json["entry"].as_array().unwrap().clone());
    entries.flat_map(|entry| entry["changes"].as_array().unwrap().clone()).collect()
}

async fn only_message(gateway: &StubGateway) -> Value {
    changes(gateway, 1).await[0]["value"]["messages"][0].clone()
}

#[tokio::test]
async fn a_new_number_is_told_without_contacts() {
    let (gateway, sim) = start().await;
    sim.person(thandi());

    sim.change_number(&thandi(), "27825550199", "ZA.2000").unwrap();
    let value = changes(&gateway, 1).await[0]["value"].clone();

    assert!(value.get("contacts").is_none());
    let message = &value["messages"][0];
    assert_eq!((&message["type"], &message["from"]), (&json!("system"), &json!("27825550101")));
    let system = &message["system"];
    assert_eq!(system["type"], "user_changed_number");
    assert_eq!((&system["wa_id"], &system["user_id"]), (&json!("27825550199"), &json!("ZA.2000")));
    assert_eq!(system["previous_user_id"], "ZA.1349");
    sim.say(&thandi(), "hi");
    let message = &changes(&gateway, 2).await[1]["value"]["messages"][0];
    assert_eq!((&message["from"], &message["from_user_id"]), (&json!("27825550199"), &json!("ZA.2000")));
}

#[tokio::test]
async fn a_new_user_id_alone_is_told_by_ids_alone() {
    let (gateway, sim) = start().await;
    sim.person(thandi());

    sim.change_user_id(&thandi(), "ZA.2000").unwrap();
    let message = only_message(&gateway).await;

    assert_eq!(message["system"]["type"], "user_changed_user_id");
    assert!(message.get("from").is_none() && message["system"].get("wa_id").is_none());
    assert!(sim.change_silently(&thandi(), thandi()).is_ok(), "and back, without a word");
}

#[tokio::test]
async fn edits_and_deletions_come_as_unsupported_or_as_what_they_are() {
    let (gateway, sim) = start().await;
    let asked = sim.say(&thandi(), "Added 50 screws");
    sim.wait_for_ticks(&thandi(), &asked.wamid, Ticks::Delivered, PATIENCE).await.unwrap();

    sim.edit(&thandi(), &asked.wamid, "Added 15 screws");
    let edit = changes(&gateway, 2).await[1]["value"]["messages"][0].clone();
    assert_eq!((&edit["type"], &edit["unsupported"]["type"]), (&json!("unsupported"), &json!("edit")));
    assert_eq!(edit["errors"][0]["code"], 131_051);
    assert_eq!(sim.transcript(&thandi())[0].text, "Added 15 screws");

    sim.set_rules(Rules { tells_edits: true, ..Rules::lenient() });
    sim.edit(&thandi(), &asked.wamid, "Added 5 screws");
    let edit = changes(&gateway, 3).await[2]["value"]["messages"][0]["edit"].clone();
    assert_eq!(edit["original_message_id"], asked.wamid.as_str());
    assert_eq!(edit["message"]["text"]["body"], "Added 5 screws");
    sim.delete(&thandi(), &asked.wamid);
    let revoke = changes(&gateway, 4).await[3]["value"]["messages"][0].clone();
    assert_eq!(revoke["revoke"], json!({"original_message_id": asked.wamid}));
}

#[tokio::test]
async fn reactions_come_with_their_emoji_and_go_without() {
    let (gateway, sim) = start().await;
    post_message(&sim, &text_to("+27825550101", "hi")).await.unwrap();
    sim.person(thandi());
    let ours = sim.sent()[0].wamid.clone();

    sim.react(&thandi(), &ours, "👍");
    let is_reaction = |change: &Value| change["value"]["messages"][0]["type"] == "reaction";
    eventually("it comes", || all_changes(&gateway).iter().any(is_reaction)).await;
    sim.take_reaction_back(&thandi(), &ours);
    eventually("both come", || all_changes(&gateway).iter().filter(|change| is_reaction(change)).count() == 2).await;

    let bodies: Vec<Value> = all_changes(&gateway)
        .iter()
        .filter(|change| is_reaction(change))
        .map(|change| change["value"]["messages"][0]["reaction"].clone())
        .collect();
    assert!(bodies.contains(&json!({"message_id": ours, "emoji": "👍"})));
    assert!(bodies.contains(&json!({"message_id": ours})));
}

#[tokio::test]
async fn contacts_places_orders_and_polls_have_their_own_types() {
    let (gateway, sim) = start().await;
    let lindiwe = ContactCard {
        name: "Lindiwe".to_owned(),
        phone: Some("+27 82 555 0177".to_owned()),
        wa_id: Some("27825550177".to_owned()),
    };

    sim.send_contacts(&thandi(), &[lindiwe]);
    sim.send_location(&thandi(), -33.9, 18.4, Some("Shop"));
    sim.send_order(
        &thandi(),
        "cat",
        &json!([{"product_retailer_id": "milk", "quantity": 2, "item_price": 20, "currency": "ZAR"}]),
    );
    sim.send_unsupported(&thandi(), Some("poll_creation"));
    let changes = changes(&gateway, 4).await;

    let of_type = |kind: &str| {
        let mut messages = changes.iter().map(|change| &change["value"]["messages"][0]);
        messages.find(|message| message["type"] == kind).unwrap()[kind].clone()
    };
    assert_eq!(of_type("contacts")[0]["phones"][0]["wa_id"], "27825550177");
    assert_eq!(of_type("location")["name"], "Shop");
    assert_eq!(of_type("order")["catalog_id"], "cat");
    assert_eq!(of_type("unsupported")["type"], "poll_creation");
}

#[tokio::test]
async fn riders_stand_beside_the_message() {
    let (gateway, sim) = start().await;
    let options = SayOptions {
        quoted: Some("wamid.x".to_owned()),
        forwarded: Some(Forwarded::Often),
        referral: Some(json!({"source_url": "https://fb.me/x", "source_type": "ad", "source_id": "1"})),
        group_id: Some("group".to_owned()),
        ..SayOptions::default()
    };

    sim.say_with(&thandi(), "hi", &options);
    let message = only_message(&gateway).await;

    assert_eq!(message["context"], json!({"from": "15550001111", "id": "wamid.x", "frequently_forwarded": true}));
    assert_eq!((&message["referral"]["source_type"], &message["group_id"]), (&json!("ad"), &json!("group")));
}

#[tokio::test]
async fn echoes_and_standby_traffic_have_fields_of_their_own() {
    let (gateway, sim) = start().await;
    sim.person(thandi());

    let echo = sim.echo(&thandi(), "We close at five");
    let change = changes(&gateway, 1).await[0].clone();
    assert_eq!(change["field"], "smb_message_echoes");
    let echoed = &change["value"]["message_echoes"][0];
    assert_eq!((&echoed["id"], &echoed["to_user_id"]), (&json!(echo.wamid), &json!("ZA.1349")));
    sim.say_with(&thandi(), "hi", &SayOptions { is_standby: true, ..SayOptions::default() });
    let change = changes(&gateway, 2).await[1].clone();
    assert_eq!((&change["field"], &change["value"]["messages"][0]["type"]), (&json!("standby"), &json!("text")));
}

#[tokio::test]
async fn account_events_are_told_with_their_time_and_a_paused_template_is_paused() {
    let (gateway, sim) = start().await;

    sim.tell(&AccountEvent::TemplateStatus {
        name: "low_stock".to_owned(),
        language: "en_US".to_owned(),
        event: "PAUSED".to_owned(),
        reason: None,
    });
    let change = changes(&gateway, 1).await[0].clone();
    sim.tell(&AccountEvent::Security { event: SecurityEvent::PinChanged });
    changes(&gateway, 2).await;

    assert!(gateway.received()[0].json["entry"][0]["time"].is_i64());
    assert_eq!(change["field"], "message_template_status_update");
    assert_eq!(change["value"]["message_template_language"], "en-US");
    assert!(change["value"]["message_template_id"].is_u64());
    assert_eq!(all_changes(&gateway)[1]["value"]["event"], "PIN_CHANGED");
    let template = json!({"messaging_product": "whatsapp", "to": "+27825550101", "type": "template",
        "template": {"name": "low_stock", "language": {"code": "en_US"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "a"}, {"type": "text", "text": "1"}]}]}});
    let (_, body) = post_message(&sim, &template).await.unwrap();
    assert_eq!(error_code(&body), 132_015);
}

#[tokio::test]
async fn several_updates_can_come_in_one_webhook() {
    let (gateway, sim) = start_with(|options| options.delivery.batched = 6).await;

    let sent: Vec<_> = (0..6).map(|index| sim.say(&thandi(), format!("hi {index}")).wamid).collect();
    for wamid in &sent {
        sim.wait_for_ticks(&thandi(), wamid, Ticks::Delivered, PATIENCE).await.unwrap();
    }

    let received = gateway.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].json["entry"].as_array().unwrap().len(), 2);
    let lists: Vec<usize> =
        all_changes(&gateway).iter().map(|change| change["value"]["messages"].as_array().unwrap().len()).collect();
    assert_eq!(lists, [2, 2, 2]);
    let mut ids: Vec<_> = all_changes(&gateway)
        .iter()
        .flat_map(|change| change["value"]["messages"].as_array().unwrap().clone())
        .map(|message| message["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort_unstable();
    let mut expected = sent.clone();
    expected.sort_unstable();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn updates_can_come_out_of_order_and_twice() {
    let manner = DeliveryManner { shuffled: 20, extra_copies: 1, ..DeliveryManner::default() };
    let (gateway, sim) = start_with(|options| options.delivery = manner).await;

    let sent: Vec<_> = (0..20).map(|index| sim.say(&thandi(), format!("hi {index}")).wamid).collect();
    let changes = changes(&gateway, 40).await;

    let ids: Vec<_> =
        changes.iter().map(|change| change["value"]["messages"][0]["id"].as_str().unwrap().to_owned()).collect();
    assert!(sent.iter().all(|wamid| ids.iter().filter(|id| *id == wamid).count() == 2));
    let firsts: Vec<_> = sent.iter().map(|wamid| ids.iter().position(|id| id == wamid).unwrap()).collect();
    assert!(!firsts.is_sorted(), "twenty in order by chance: about one in 10^18");
}

#[tokio::test]
async fn held_updates_come_hours_late_with_their_own_time() {
    let clock = Clock::manual("2026-11-22T08:00:00Z".parse().unwrap());
    let manner = DeliveryManner { is_held: true, ..DeliveryManner::default() };
    let (gateway, sim) = start_with(|options| (options.clock, options.delivery) = (clock.clone(), manner)).await;
    let written_at = clock.now().as_second().to_string();

    sim.say(&thandi(), "hi");
    clock.advance(SignedDuration::from_hours(5));
    let mut released = 0;
    eventually("it is released", || {
        released += sim.release_updates();
        released == 1
    })
    .await;
    let message = only_message(&gateway).await;

    assert_eq!(message["timestamp"], written_at);
    sim.set_delivery(DeliveryManner::default());
    let late = SayOptions { written_earlier: Duration::from_hours(3), ..SayOptions::default() };
    sim.say_with(&thandi(), "hi", &late);
    let three_hours_ago = (clock.now() - SignedDuration::from_hours(3)).as_second().to_string();
    assert_eq!(changes(&gateway, 2).await[1]["value"]["messages"][0]["timestamp"], three_hours_ago);
}
