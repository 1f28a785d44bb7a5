//! Every kind of message that Meta sends, and what becomes of it. `docs/inbound.md` is this table for people.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::world::{World, message, notification, with};

/// What a person sees.
enum Seen {
    /// Nothing: nobody expects an answer, and every answer is billed.
    Silence,
    /// An answer that begins like this.
    Answer(&'static str),
}
use Seen::{Answer, Silence};

const READ: Seen = Answer("✅ Added 5 milk");
const UNREADABLE: Seen = Answer("❓ I cannot read that kind of message. Nothing changed.");

/// Kind, body, further fields of the message, and what is seen.
#[expect(clippy::too_many_lines, reason = "a table: one row for each kind")]
fn table() -> Vec<(&'static str, Value, Value, Seen)> {
    let file = |mime: &str| json!({ "id": "9001", "mime_type": mime, "sha256": "x" });
    let card = json!([{ "name": { "formatted_name": "Sipho" }, "phones": [{ "phone": "+27 82 000 9999", "wa_id": "27820009999" }] }]);
    let tap = "undo:v1:00000000-0000-0000-0000-000000000007";
    let none = || json!({});
    vec![
        ("text", json!({ "body": "add 5 milk" }), none(), READ),
        ("text", json!({ "body": 5 }), none(), Answer("❓ I did not get that")),
        ("text", json!("not an object"), none(), UNREADABLE),
        (
            "text",
            json!({ "body": "add 5 milk" }),
            json!({ "referral": { "source_type": "ad", "body": "add 9 milk" } }),
            READ,
        ),
        (
            "text",
            json!({ "body": "add 5 milk" }),
            json!({ "context": { "from": "15550001111", "id": "wamid.OUT" } }),
            READ,
        ),
        (
            "text",
            json!({ "body": "add 5 milk" }),
            json!({ "identity": { "hash": "x" }, "a_key_of_next_year": [1] }),
            READ,
        ),
        (
            "interactive",
            json!({ "type": "button_reply", "button_reply": { "id": tap, "title": "Undo" } }),
            none(),
            Answer("Nothing of yours"),
        ),
        (
            "interactive",
            json!({ "type": "list_reply", "list_reply": { "id": tap, "title": "Undo" } }),
            none(),
            Answer("Nothing of yours"),
        ),
        (
            "interactive",
            json!({ "type": "button_reply", "button_reply": { "id": "confirm:42", "title": "Yes" } }),
            none(),
            Answer("That question is closed."),
        ),
        (
            "interactive",
            json!({ "type": "nfm_reply", "nfm_reply": { "name": "flow", "response_json": "{}" } }),
            none(),
            Silence,
        ),
        ("interactive", json!({ "type": "call_permission_reply", "call_permission_reply": {} }), none(), Silence),
        ("interactive", json!({ "type": "product" }), none(), Silence),
        ("interactive", Value::Null, none(), UNREADABLE),
        ("button", json!({ "payload": tap, "text": "Undo" }), none(), Answer("Nothing of yours")),
        ("button", json!({ "payload": "stock_report_v2", "text": "add 5 milk" }), none(), READ),
        ("video", json!({ "id": "9001", "mime_type": "video/mp4" }), none(), Answer("❓ I cannot watch videos.")),
        ("video", json!({ "id": "9001", "mime_type": "video/mp4", "caption": "add 5 milk" }), none(), READ),
        ("sticker", file("image/webp"), none(), Silence),
        (
            "location",
            json!({ "latitude": -33.9, "longitude": 18.4, "name": "Shop" }),
            none(),
            Answer("I keep stock. I cannot use a place"),
        ),
        (
            "order",
            json!({ "catalog_id": "1", "product_items": [{ "product_retailer_id": "a", "quantity": "2" }] }),
            none(),
            Answer("I keep stock. I cannot take orders."),
        ),
        ("contacts", card, none(), Answer("❓ Add Sipho (…9999) to the shop?")),
        ("contacts", json!([]), none(), UNREADABLE),
        ("reaction", json!({ "message_id": "wamid.OUT", "emoji": "👎" }), none(), Silence),
        ("reaction", json!({ "message_id": "wamid.OUT" }), none(), Silence),
        ("system", json!({ "type": "customer_identity_changed", "body": "…" }), none(), Silence),
        ("system", json!({ "type": "a_notice_of_next_year" }), none(), Silence),
        (
            "edit",
            json!({ "original_message_id": "wamid.X", "message": { "type": "text", "text": { "body": "add 6 milk" } } }),
            none(),
            Answer("❓ I cannot read a message that was changed later."),
        ),
        ("edit", json!({}), none(), UNREADABLE),
        ("revoke", json!({ "original_message_id": "wamid.X" }), none(), Silence),
        ("unsupported", json!({ "type": "poll_creation" }), json!({ "errors": [{ "code": 131_051 }] }), UNREADABLE),
        ("unsupported", json!({ "type": "gif" }), json!({ "errors": [{ "code": "131051" }] }), UNREADABLE),
        ("unsupported", json!({ "type": "pin" }), json!({ "errors": [{ "code": 131_051 }] }), Silence),
        ("unsupported", json!({ "type": "poll_update" }), none(), Silence),
        ("unsupported", Value::Null, json!({ "errors": [{ "code": 131_051 }] }), UNREADABLE),
        (
            "unsupported",
            json!({ "type": "edit" }),
            json!({ "errors": [{ "code": 131_051 }] }),
            Answer("❓ I cannot read a message that was changed later."),
        ),
        (
            "document",
            Value::Null,
            json!({ "errors": [{ "code": 131_052 }] }),
            Answer("❓ WhatsApp could not hand me that file."),
        ),
        ("request_welcome", Value::Null, none(), Silence),
        ("ephemeral", Value::Null, none(), Silence),
        ("unknown", Value::Null, json!({ "errors": [{ "code": 131_051 }] }), UNREADABLE),
        ("unknown", Value::Null, none(), UNREADABLE),
        ("hologram", json!({ "depth": 3 }), none(), UNREADABLE),
        ("", Value::Null, none(), Silence),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_message_has_a_decided_end() {
    let world = World::start().await;
    let rows = table();
    let phone = |row: usize| format!("2782{row:07}");
    let mut messages = Vec::new();
    for (row, (kind, body, more, _)) in rows.iter().enumerate() {
        // Somebody of the shop: what is said about a message makes nobody a member.
        world.inventory.know(&phone(row), proto::inventory::v1::Role::Owner);
        let mut each = message(&phone(row), &format!("wamid.{row}"), kind, body);
        for (key, value) in more.as_object().unwrap() {
            each = with(each, key, value);
        }
        messages.push(each);
    }

    world.take(&messages).await;

    for (row, (kind, body, _, seen)) in rows.iter().enumerate() {
        let answers = world.answers(&phone(row));
        match seen {
            Silence => assert!(answers.is_empty(), "{kind} {body}: {answers:?}"),
            Answer(start) => {
                assert_eq!(answers.len(), 1, "{kind} {body}: {answers:?}");
                assert!(answers[0].starts_with(start), "{kind} {body}: {answers:?}");
            }
        }
    }
    let read = rows.iter().filter(|(.., seen)| matches!(seen, Answer(start) if start.starts_with("✅ Added"))).count();
    assert_eq!(world.inventory.state().posted.len(), read, "nothing else changed stock");

    assert_eq!(world.kept().await, ["hologram"], "what nobody knows is kept too");

    // All of it again, as Meta does: nothing is done twice.
    let sent = world.messenger.sent().len();
    world.take(&messages).await;
    assert_eq!(world.messenger.sent().len(), sent);
    assert_eq!(world.inventory.state().posted.len(), read);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_nobodys_word_to_us_is_kept_and_changes_nothing() {
    let world = World::start().await;
    let text = |from: &str, wamid: &str| message(from, wamid, "text", &json!({ "body": "add 5 milk" }));
    let from_group = with(text("27820000001", "wamid.1"), "group_id", &json!("g1"));
    let own = text("15550001111", "wamid.2");
    let nobodys = json!({ "id": "wamid.3", "type": "text", "text": { "body": "add 5 milk" } });

    assert_eq!(world.post(&notification(&[from_group, own, nobodys])).await, 200);
    for field in ["smb_message_echoes", "smb_app_state_sync", "history", "standby", "messaging_handovers"] {
        // The same shape as words of a person, under another name.
        let mut other = notification(&[text("27820000002", &format!("wamid.{field}"))]);
        other["entry"][0]["changes"][0]["field"] = json!(field);
        assert_eq!(world.post(&other).await, 200);
    }
    world.until_idle().await;

    let mut kept = world.kept().await;
    // What came in one request is kept by one statement, in no order of its own.
    kept[..3].sort();
    let expected = [
        "echo",
        "group",
        "text",
        "smb_message_echoes",
        "smb_app_state_sync",
        "history",
        "standby",
        "messaging_handovers",
    ];
    assert_eq!(kept, expected);
    assert!(world.messenger.sent().is_empty());
    assert!(world.inventory.state().members.is_empty(), "nobody signed up by it");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_when_the_person_wrote() {
    let world = World::start().await;
    let phone = "27820000001";
    let (first, last) = (1_790_416_800, 1_790_416_900);
    let at = |wamid: &str, seconds: i64| {
        let each = message(phone, wamid, "text", &json!({ "body": "help" }));
        with(each, "timestamp", &json!(seconds))
    };

    world.take(&[at("wamid.2", last), at("wamid.1", first)]).await;

    let sent = world.messenger.sent_to(phone);
    let order: Vec<&str> = sent.iter().map(|sent| sent.request_id.as_str()).collect();
    assert_eq!(order, ["wamid.1/reply", "wamid.2/reply"]);
    for sent in sent {
        // They waited together, so the newest opens the 24 hours for both.
        assert_eq!(sent.inbound_time.unwrap().seconds, last, "{}", sent.request_id);
        assert_eq!(sent.quoted_message_id, sent.request_id.trim_end_matches("/reply"));
    }
}

#[test]
fn the_page_names_every_kind() {
    let page = include_str!("../../../docs/inbound.md");
    let messages = page.split("## What rides").next().unwrap();
    let named: BTreeSet<&str> = messages
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line.split('|').nth(1).unwrap().split('`').skip(1).step_by(2))
        .collect();
    for (kind, ..) in table() {
        assert!(kind.is_empty() || kind == "hologram" || named.contains(kind), "{kind} is not on the page");
    }
    let posted: BTreeSet<&str> = table().into_iter().map(|(kind, ..)| kind).collect();
    let elsewhere = ["audio", "image", "button_reply", "list_reply", "contact_request"];
    for kind in named {
        assert!(posted.contains(kind) || elsewhere.contains(&kind), "{kind} is on the page and is not posted here");
    }
}
