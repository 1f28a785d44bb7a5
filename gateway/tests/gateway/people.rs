//! Cards of people, and people who go by another name from now on.

use proto::inventory::v1::Role;
use serde_json::{Value, json};

use crate::world::{World, message, with};

const OWNER: &str = "27820000001";

fn card(phones: &Value) -> Value {
    json!([{ "name": { "formatted_name": "Sipho", "first_name": "Sipho" }, "phones": phones }])
}

fn sipho() -> Value {
    card(&json!([{ "phone": "082 000 0009" }, { "phone": "+27 82 000 0009", "wa_id": "27820000009", "type": "CELL" }]))
}

/// Cards of somebody who hides their number.
fn nameless(wamid: &str, user: &str, cards: &Value) -> Value {
    let mut message = message("", wamid, "contacts", cards);
    message.as_object_mut().unwrap().remove("from");
    with(message, "from_user_id", &json!(user))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_contact_becomes_a_clerk_after_a_yes_and_once() {
    let world = World::start().await;
    world.take(&[message(OWNER, "wamid.1", "contacts", &sipho())]).await;
    let (text, taps) = world.newest(OWNER);
    assert_eq!(text, "❓ Add Sipho (…0009) to the shop?");
    assert_eq!(taps.iter().map(|(_, title)| title.as_str()).collect::<Vec<_>>(), ["Yes", "No"]);
    assert!(world.inventory.state().added.is_empty());

    let added = world.tap(OWNER, "wamid.2", "Yes").await;

    assert_eq!(added, "✅ Added Sipho to the shop\nThey can write to this number now.");
    let requests = world.inventory.state().added.clone();
    let [request] = requests.as_slice() else { panic!("one") };
    assert_eq!((request.request_id.as_str(), request.role()), ("wamid.2/member", Role::Clerk));
    assert_eq!(request.user.as_ref().unwrap().phone_number, "27820000009");
    assert_eq!(request.display_name, "Sipho");
    world.take(&[message(OWNER, "wamid.3", "contacts", &sipho())]).await;
    let again = world.tap(OWNER, "wamid.4", "Yes").await;
    assert_eq!(again, "👍 Sipho is in the shop already. Nothing changed.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_adds_nobody_and_a_typed_yes_counts() {
    let world = World::start().await;
    world.take(&[message(OWNER, "wamid.1", "contacts", &sipho())]).await;
    assert_eq!(world.tap(OWNER, "wamid.2", "No").await, "👍 Left as it was. Nothing changed.");
    assert!(world.inventory.state().added.is_empty());

    world.take(&[message(OWNER, "wamid.3", "contacts", &sipho())]).await;
    world.say(OWNER, "wamid.4", "yes").await;

    assert_eq!(world.inventory.state().added.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_added_is_said() {
    let world = World::start().await;
    let clerk = "27820000002";
    let manager = "27820000003";
    world.inventory.know(clerk, Role::Clerk);
    world.inventory.know(manager, Role::Manager);
    world.inventory.state().elsewhere.push("27820000009".to_owned());
    let two = json!([sipho()[0], sipho()[0]]);
    let local = card(&json!([{ "phone": "082 000 0009" }]));
    let written = card(&json!([{ "phone": "+27 (82) 000-0008" }]));
    let wrong = card(&json!([{ "phone": "x", "wa_id": "US.13491208655302741918" }]));

    for (phone, wamid, cards, words) in [
        (OWNER, "wamid.1", &two, "❓ One at a time, please"),
        (OWNER, "wamid.2", &local, "❓ I see no WhatsApp number of Sipho."),
        (OWNER, "wamid.3", &card(&json!(null)), "❓ I see no WhatsApp number of Sipho."),
        (OWNER, "wamid.4", &wrong, "❓ I see no WhatsApp number of Sipho."),
        (OWNER, "wamid.5", &written, "❓ Add Sipho (…0008) to the shop?"),
        (clerk, "wamid.6", &sipho(), "⚠️ Only the owner or a manager can add people."),
        (manager, "wamid.7", &sipho(), "❓ Add Sipho (…0009) to the shop?"),
    ] {
        world.take(&[message(phone, wamid, "contacts", cards)]).await;
        let (text, _) = world.newest(phone);
        assert!(text.starts_with(words), "{wamid}: {text}");
    }
    let elsewhere = world.tap(manager, "wamid.8", "Yes").await;
    assert_eq!(elsewhere, "⚠️ Not added: Sipho belongs to another shop.");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_the_ledger_that_is_lost_changes_nothing_in_what_is_said() {
    let world = World::start().await;
    world.inventory.state().lost = vec!["AddMember", "LinkIdentity"];
    world.take(&[message(OWNER, "wamid.1", "contacts", &sipho())]).await;

    let added = world.tap(OWNER, "wamid.2", "Yes").await;
    let mut told = card(&json!([{ "phone": "+27 82 000 0007", "wa_id": "27820000007" }]));
    told[0]["origin"] = json!("contact_request");
    world.take(&[nameless("wamid.3", "ZA.3", &told)]).await;

    assert_eq!(added, "✅ Added Sipho to the shop\nThey can write to this number now.");
    assert_eq!(world.inventory.state().added.len(), 2, "asked twice by the same name");
    assert_eq!(world.inventory.state().linked.len(), 2);
    assert_eq!(world.messenger.sent().len(), 3);
    assert!(world.inventory.state().lost.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_that_a_person_tells_of_themselves_is_linked() {
    let world = World::start().await;
    for (wamid, user, phone, in_card) in
        [("wamid.1", "ZA.1", "27820000009", true), ("wamid.2", "ZA.2", "27820000008", false)]
    {
        let mut cards = card(&json!([{ "phone": "0", "wa_id": phone }]));
        let mut told = nameless(wamid, user, &cards);
        if in_card {
            cards[0]["origin"] = json!("contact_request");
        } else {
            told["origin"] = json!("contact_request");
        }
        world.take(&[with(told, "contacts", &cards)]).await;
    }

    let linked = world.inventory.state().linked.clone();
    assert_eq!(linked.len(), 2);
    for (request, (user, phone)) in linked.iter().zip([("ZA.1", "27820000009"), ("ZA.2", "27820000008")]) {
        assert_eq!(request.previous.as_ref().unwrap().user_id, user);
        assert_eq!(request.current.as_ref().unwrap().phone_number, phone);
    }
    assert!(world.inventory.state().added.is_empty());
    assert!(world.messenger.sent().iter().all(|sent| crate::fakes::messenger::text_of(sent).starts_with("👍")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_was_not_asked_for_takes_nobodys_number() {
    let world = World::start().await;
    world.inventory.know("27820000009", Role::Owner);
    let told = |phones: Value| {
        let mut cards = card(&phones);
        cards[0]["origin"] = json!("contact_request");
        cards
    };
    let known = json!([{ "phone": "+27820000009", "wa_id": "27820000009" }]);
    let free = json!([{ "phone": "+27820000007", "wa_id": "27820000007" }]);
    let forwarded = json!({ "forwarded": true });
    for (sent, words) in [
        (nameless("wamid.1", "ZA.1", &told(known)), "⚠️ Not noted: that number belongs to somebody else here."),
        // Whose number is known, and who passes a card on, speak of somebody else.
        (message(OWNER, "wamid.2", "contacts", &told(free.clone())), "❓ Add Sipho (…0007) to the shop?"),
        (with(nameless("wamid.3", "ZA.1", &told(free)), "context", &forwarded), "❓ Add Sipho (…0007)"),
        (nameless("wamid.4", "ZA.1", &told(json!([{ "phone": "+27820000007" }]))), "❓ I see no WhatsApp number"),
    ] {
        world.take(std::slice::from_ref(&sent)).await;
        let newest = world.messenger.sent().pop().unwrap();
        let text = crate::fakes::messenger::text_of(&newest);
        assert!(text.starts_with(words), "{sent}: {text}");
    }
    assert!(world.inventory.state().linked.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_number_or_user_id_keeps_the_shop_and_is_not_bothered() {
    let (old, new) = (OWNER, "27820000002");
    for (kind, system) in [
        ("user_changed_number", json!({ "wa_id": new, "user_id": "ZA.2", "previous_user_id": "ZA.1" })),
        ("customer_changed_number", json!({ "new_wa_id": new })),
        ("user_changed_user_id", json!({ "user_id": "ZA.2", "previous_user_id": "ZA.1" })),
    ] {
        let world = World::start().await;
        let from_old = |wamid: &str, text: &str| {
            with(message(old, wamid, "text", &json!({ "body": text })), "from_user_id", &json!("ZA.1"))
        };
        world.take(&[from_old("wamid.1", "add 50 screws")]).await;
        world.inventory.state().members[0].user.user_id = "ZA.1".to_owned();
        let mut notice = message(old, "wamid.2", "system", &system);
        notice["system"]["type"] = json!(kind);
        if kind == "user_changed_user_id" {
            notice.as_object_mut().unwrap().remove("from");
        }

        world.take(&[notice.clone()]).await;
        world.take(&[notice]).await;

        let names = world.inventory.state().members[0].user.clone();
        match kind {
            "user_changed_user_id" => assert_eq!((names.user_id.as_str(), names.phone_number.as_str()), ("ZA.2", old)),
            "customer_changed_number" => assert_eq!(names.phone_number, new),
            _ => assert_eq!((names.user_id.as_str(), names.phone_number.as_str()), ("ZA.2", new)),
        }
        assert_eq!(world.inventory.state().members.len(), 1, "no second shop");
        assert_eq!(world.messenger.sent().len(), 1, "only the answer to the first message");
    }
}
