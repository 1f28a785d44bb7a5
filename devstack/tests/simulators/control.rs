//! The simulator's own door: the chat page and what tests of other processes use.

use std::time::Duration;

use anyhow::{Context as _, Result};
use devstack::meta_sim::MetaSim;
use futures::StreamExt as _;
use serde_json::{Value, json};

use crate::common::{PATIENCE, error_code, eventually, post_message, start, text_to, thandi};

async fn get(sim: &MetaSim, path: &str) -> Result<(u16, String)> {
    let response = reqwest::get(format!("{}{path}", sim.url())).await?;
    Ok((response.status().as_u16(), response.text().await?))
}

async fn get_json(sim: &MetaSim, path: &str) -> Result<Value> {
    Ok(serde_json::from_str(&get(sim, path).await?.1)?)
}

async fn post(sim: &MetaSim, path: &str, body: &Value) -> Result<(u16, Value)> {
    let response = reqwest::Client::new().post(format!("{}{path}", sim.url())).json(body).send().await?;
    let status = response.status().as_u16();
    Ok((status, serde_json::from_slice(&response.bytes().await?).unwrap_or_default()))
}

#[tokio::test]
async fn the_page_needs_nothing_from_outside() -> Result<()> {
    let (_gateway, sim) = start().await;

    for path in ["/", "/assets/chat.css", "/assets/chat.js", "/assets/attach.js", "/assets/menus.js", "/assets/wire.js"]
    {
        let (status, text) = get(&sim, path).await?;
        assert_eq!(status, 200, "{path}");
        let outside = text.replace("http://www.w3.org/2000/svg", "");
        assert!(!outside.contains("http://") && !outside.contains("https://"), "{path} points outside");
    }
    assert_eq!(get(&sim, "/assets/none").await?.0, 404);
    Ok(())
}

#[tokio::test]
async fn open_pages_are_told_of_every_change() -> Result<()> {
    let (_gateway, sim) = start().await;
    sim.person(thandi());
    let response = reqwest::get(format!("{}/_sim/events", sim.url())).await?;
    let mut events = response.bytes_stream();

    sim.say(&thandi(), "hi");
    let told = async {
        let mut text = String::new();
        while !text.contains(r#""ticks":"delivered""#) {
            text.push_str(&String::from_utf8_lossy(&events.next().await.context("the stream goes on")??));
        }
        anyhow::Ok(text)
    };
    let text = tokio::time::timeout(PATIENCE, told).await??;

    assert!(text.contains(r#""event":"entry""#) && text.contains(r#""text":"hi""#), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_conversation_can_be_held_by_http() -> Result<()> {
    let (_gateway, sim) = start().await;
    assert_eq!(post(&sim, "/_sim/people", &json!(thandi())).await?.0, 200);

    let (_, said) = post(&sim, "/_sim/say", &json!({"person": "ZA.1349", "text": "hi"})).await?;
    let buttons = json!([{"type": "reply", "reply": {"id": "undo:7", "title": "Undo"}}]);
    let with_button = json!({"messaging_product": "whatsapp", "to": "+27825550101", "type": "interactive",
        "context": {"message_id": said["wamid"]},
        "interactive": {"type": "button", "body": {"text": "Done"}, "action": {"buttons": buttons}}});
    post_message(&sim, &with_button).await?;
    let after = said["wamid"].as_str().context("a message id")?;
    let query = [("person", "ZA.1349"), ("after", after)];
    let response = reqwest::Client::new().get(format!("{}/_sim/reply", sim.url())).query(&query).send().await?;
    let reply: Value = response.json().await?;
    let tap = json!({"person": "ZA.1349", "wamid": reply["entry"]["wamid"], "button_id": "undo:7"});
    assert_eq!(post(&sim, "/_sim/tap", &tap).await?.0, 200);

    assert_eq!(reply["entry"]["text"], "Done");
    let entries = get_json(&sim, "/_sim/transcript?person=ZA.1349").await?;
    let texts: Vec<_> = entries["entries"].as_array().context("a list")?.iter().map(|entry| &entry["text"]).collect();
    assert_eq!(texts, ["hi", "Done", "Undo"]);
    assert_eq!(get_json(&sim, "/_sim/sent").await?["sent"].as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn asking_for_a_reply_that_does_not_come_ends_in_time() -> Result<()> {
    let (_gateway, sim) = start().await;
    sim.person(thandi());

    let (status, _) = get(&sim, "/_sim/reply?person=ZA.1349&after=wamid.none&timeout_ms=10").await?;

    assert_eq!(status, 408);
    Ok(())
}

#[tokio::test]
async fn trouble_can_be_made_by_http() -> Result<()> {
    let (_gateway, sim) = start().await;
    let fault = json!({"when": {"next": 1}, "fault": {"kind": "error", "code": 130_429}});
    assert_eq!(post(&sim, "/_sim/faults", &fault).await?.0, 204);

    let (status, body) = post_message(&sim, &text_to("+27825550101", "hi")).await?;
    assert_eq!((status, error_code(&body)), (400, 130_429));
    assert_eq!(get_json(&sim, "/_sim/refusals").await?["refusals"][0]["code"], 130_429);
    assert_eq!(post(&sim, "/_sim/receipts", &json!({"mode": "withheld"})).await?.0, 204);
    post_message(&sim, &text_to("+27825550101", "hi")).await?;
    let mut released = 0;
    while released < 3 {
        released += post(&sim, "/_sim/receipts/release", &json!({})).await?.1["released"].as_u64().unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let unknown = json!({"when": {"next": 1}, "fault": {"kind": "surprise"}});
    assert_eq!(post(&sim, "/_sim/faults", &unknown).await?.0, 422);
    Ok(())
}

#[tokio::test]
async fn every_deed_can_be_done_by_http() -> Result<()> {
    let (gateway, sim) = start().await;
    sim.person(thandi());
    let (_, said) = post(&sim, "/_sim/say", &json!({"person": "ZA.1349", "text": "hi", "forwarded": "once"})).await?;
    let wamid = said["wamid"].as_str().context("a message id")?;

    for (path, body) in [
        ("/_sim/raw", json!({"person": "ZA.1349", "kind": "location", "body": {"latitude": 1, "longitude": 2}})),
        ("/_sim/react", json!({"person": "ZA.1349", "wamid": wamid, "emoji": "👍"})),
        ("/_sim/edit", json!({"person": "ZA.1349", "wamid": wamid, "text": "ho"})),
        ("/_sim/delete", json!({"person": "ZA.1349", "wamid": wamid})),
        ("/_sim/unsupported", json!({"person": "ZA.1349", "kind": "poll_creation"})),
        ("/_sim/echo", json!({"person": "ZA.1349", "text": "by hand"})),
        ("/_sim/identity", json!({"person": "ZA.1349", "phone": "27825550199", "user_id": "ZA.2000"})),
    ] {
        assert_eq!(post(&sim, path, &body).await?.0, 200, "{path}");
    }
    assert_eq!(post(&sim, "/_sim/tell", &json!({"kind": "security", "event": "PIN_CHANGED"})).await?.0, 204);

    eventually("all come", || gateway.received().len() == 9).await;
    Ok(())
}

#[tokio::test]
async fn every_trouble_can_be_made_by_http() -> Result<()> {
    let (_gateway, sim) = start().await;
    sim.person(thandi());
    let next = |fault: Value| json!({"when": {"next": 1}, "fault": fault});

    for (path, body, status) in [
        ("/_sim/faults/marks", next(json!({"kind": "cut"})), 204),
        ("/_sim/faults/uploads", next(json!({"kind": "html", "http_status": 502})), 204),
        ("/_sim/faults/lookups", next(json!({"kind": "error", "code": 100, "subcode": 33})), 204),
        ("/_sim/faults/downloads", next(json!({"kind": "huge", "length": 9})), 204),
        ("/_sim/faults/downloads", next(json!({"kind": "surprise"})), 422),
        ("/_sim/faults/nothing", next(json!({"kind": "cut"})), 404),
        ("/_sim/halt", json!({"code": 368}), 204),
        ("/_sim/token", json!("expire"), 204),
        ("/_sim/token", json!({"admit": "another"}), 204),
        ("/_sim/rules", json!({"pair": {"burst": 45, "period_s": 6}, "window": "fail_later"}), 204),
        ("/_sim/window/close", json!({"person": "ZA.1349"}), 200),
        ("/_sim/delivery", json!({"is_held": true, "extra_copies": 1}), 204),
        ("/_sim/media", json!({"hash": "base64", "size": "text"}), 204),
        ("/_sim/receipts", json!({"mode": "chat_open"}), 204),
    ] {
        assert_eq!(post(&sim, path, &body).await?.0, status, "{path}");
    }

    let trouble = get_json(&sim, "/_sim/trouble").await?;
    assert_eq!((&trouble["halt"], &trouble["receipts"]), (&json!(368), &json!("chat_open")));
    assert_eq!((&trouble["rules"]["pair"]["burst"], &trouble["delivery"]["is_held"]), (&json!(45), &json!(true)));
    assert_eq!((&trouble["media"]["hash"], &trouble["has_token"]), (&json!("base64"), &json!(true)));
    Ok(())
}

#[tokio::test]
async fn any_webhook_can_be_posted_and_its_attempts_are_counted() -> Result<()> {
    let (gateway, sim) = start().await;
    gateway.refuse_next(&[http::StatusCode::INTERNAL_SERVER_ERROR]);

    let (_, answer) = post(&sim, "/_sim/webhook", &json!({"object": "whatsapp_business_account", "entry": []})).await?;

    assert_eq!(answer["attempts"], 2);
    assert_eq!(gateway.received()[0].json["entry"], json!([]));
    assert_eq!(get_json(&sim, "/_sim/deliveries").await?["deliveries"].as_array().map(Vec::len), Some(2));
    Ok(())
}
