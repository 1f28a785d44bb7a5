//! Somebody asks to be forgotten: no table of any service knows their number, their name or their words any more.
#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use devstack::meta_sim::{Attachment, Person};
use serde_json::{Value, json};
use stories::{GATEWAY, House, HouseOptions, INVENTORY, MESSENGER, Sender, eventually, now, people};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

const NAME: &str = "Nomvula Forgetme";
const PHONE: &str = "27825559911";
const USER_ID: &str = "ZA.77forgetme";
const PAPER: &str = "Supplier Mega Foods\nInvoice INV-7\n10 x coke @ 25.00\n5 x screws @ 2.00\nTotal 260.00";

/// What nobody may know any more: the person, what they wrote and showed, and what was written to them.
const GONE: [&str; 8] = [NAME, PHONE, USER_ID, "cousin", "Bongani", "Mega Foods", "Added 50", "marketing_messages"];

struct Ran {
    code: i32,
    out: String,
    said: String,
}

fn options() -> HouseOptions {
    HouseOptions {
        gemini: true,
        environment: vec![
            (MESSENGER, "OTP_KEY", "a key of this story that is long enough to be one".to_owned()),
            (MESSENGER, "OTP_TEMPLATE", "login_code".to_owned()),
            (GATEWAY, "MEMBER_TOKEN_KEY", "another key of this story, long enough as well".to_owned()),
        ],
        ..HouseOptions::default()
    }
}

/// Runs `backroom forget` beside the house, which built it.
async fn forget(house: &House, arguments: &[&str], typed: &str) -> Ran {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program.parent().unwrap().parent().unwrap().join("backroom"));
    command
        .arg("forget")
        .args(arguments)
        .env("GATEWAY_DATABASE_URL", house.database_url(GATEWAY))
        .env("INVENTORY_URL", house.url(INVENTORY))
        .env("MESSENGER_URL", house.url(MESSENGER))
        .env("CALLER_KEY", &house.caller_key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all(typed.as_bytes()).await.unwrap();
    let done = running.wait_with_output().await.unwrap();
    let (out, err) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap());
    Ran { code: done.status.code().unwrap(), said: format!("{out}{err}"), out }
}

/// Returns which of these stand in a table of which service.
async fn known(house: &House) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    for service in [GATEWAY, INVENTORY, MESSENGER] {
        let dump = house.dump(service).await;
        found.extend(GONE.into_iter().filter(|word| dump.contains(word)).map(|word| (service, word)));
    }
    found
}

/// A notification that nothing here reads, and that names the person.
fn preference() -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "time": now(), "changes": [{
        "field": "user_preferences",
        "value": {"user_preferences": [{"wa_id": PHONE, "category": "marketing_messages", "value": "stop"}]}}]}]})
}

async fn count(house: &House, service: &str, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&house.pool(service).await).await.unwrap()
}

async fn everything_is_done(house: &House) {
    eventually("nothing waits and every receipt came", || async {
        count(house, GATEWAY, "SELECT count(*) FROM job WHERE settled_at IS NULL").await == 0
            && count(house, MESSENGER, "SELECT count(*) FROM message WHERE state < 5").await == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_known_of_them_while_the_ledger_stays_and_repeats_change_nothing() {
    let house = House::start(options()).await;
    let person = house.meta.person(Person::new(NAME, PHONE, USER_ID));
    let other = people(&house.meta, 1).remove(0);
    let mut by_hand = Sender::new(&house.url(GATEWAY), &house.app_secret, 0);
    (by_hand.phone, by_hand.user_id) = (PHONE.to_owned(), USER_ID.to_owned());
    house.ask(&other, "Added 7 milk").await;

    // They write, speak, show a paper, are asked things, and get a code.
    assert!(house.ask(&person, "Added 50 screws").await.text.contains("50 screws"));
    let said_at = now();
    by_hand.say("wamid.byhand", "sold 3 screws", said_at).await;
    house.ask(&person, "sold 5 widgets to cousin Bongani").await;
    let fixture =
        |name: &str| std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)).unwrap();
    let (voice, photo) = (fixture("voice.ogg"), fixture("delivery-note.jpg"));
    let gemini = house.gemini.as_ref().unwrap();
    gemini.note_words(&voice, "added two screws");
    gemini.note_words(&photo, PAPER);
    for file in [Attachment::voice_note(voice), Attachment::photo(photo)] {
        let sent = house.meta.send_file(&person, file);
        house.meta.wait_for_reply(&person, &sent.wamid, Duration::from_mins(3)).await.unwrap();
    }
    let asked = json!({"phone_number": format!("+{PHONE}"), "purpose": "login"});
    let code = reqwest::Client::new().post(format!("{}/v1/otp", house.url(GATEWAY))).json(&asked).send().await.unwrap();
    assert_eq!(code.status().as_u16(), 202);
    let preference = preference().to_string().into_bytes();
    assert_eq!(by_hand.post_signed(preference.clone()).await, Some(200));
    everything_is_done(&house).await;
    let before = known(&house).await;
    for (service, word) in
        [(GATEWAY, PHONE), (GATEWAY, "Mega Foods"), (INVENTORY, NAME), (MESSENGER, PHONE), (MESSENGER, "Added 50")]
    {
        assert!(before.contains(&(service, word)), "the search finds what is there: {service} {word} in {before:?}");
    }
    let movements = count(&house, INVENTORY, "SELECT count(*) FROM movement").await;
    let messages = count(&house, MESSENGER, "SELECT count(*) FROM message").await;

    // Looking, and thinking better of it, forgets nothing.
    let preview = forget(&house, &[PHONE, "--json"], "").await;
    let unconfirmed = forget(&house, &["+27 82 555 9911"], "no\n").await;
    assert_eq!((preview.code, unconfirmed.code), (0, 1), "{} {}", preview.said, unconfirmed.said);
    assert!(unconfirmed.said.contains("no owner without them"), "{}", unconfirmed.said);
    let still = known(&house).await;
    assert!(still.contains(&(GATEWAY, PHONE)) && still.contains(&(INVENTORY, NAME)), "{still:?}");

    let forgotten = forget(&house, &[PHONE, "--yes", "--json"], "").await;

    assert_eq!(forgotten.code, 0, "{}", forgotten.said);
    let told: Value = serde_json::from_str(&forgotten.out).unwrap();
    assert_eq!(told["forgotten"], true);
    assert_eq!(told["members"][0]["shop_without_owner"], true);
    assert!(told["questions"].as_i64().unwrap() >= 1 && told["events"] == 1, "{told}");
    for ran in [&preview, &unconfirmed, &forgotten] {
        assert!(GONE.iter().all(|word| !ran.said.contains(word)), "{}", ran.said);
    }
    // Receipts of what they had read may still go through the gateway; nothing of them stays.
    eventually("nobody knows them", || async { known(&house).await.is_empty() }).await;
    house.assert_ledger_is_sound().await;
    assert_eq!(count(&house, INVENTORY, "SELECT count(*) FROM movement").await, movements);
    assert_eq!(count(&house, MESSENGER, "SELECT count(*) FROM message").await, messages);

    // Meta repeats itself, and so does the operator.
    by_hand.say("wamid.byhand", "sold 3 screws", said_at).await;
    assert_eq!(by_hand.post_signed(preference).await, Some(200));
    let again = forget(&house, &[USER_ID, "--yes"], "").await;
    assert!(again.code == 0 && again.said.contains("Nothing is known"), "{}", again.said);
    assert_eq!(known(&house).await, []);
    everything_is_done(&house).await;
    assert_eq!(count(&house, INVENTORY, "SELECT count(*) FROM movement").await, movements);
    assert_eq!(house.ask(&other, "how many milk").await.text, "📦 milk 7");

    // Who writes again is somebody new.
    let stranger = house.ask(&person, "how many screws").await;
    assert!(!stranger.text.contains("📦 screws 4"), "{}", stranger.text);
    let shops = count(&house, INVENTORY, "SELECT count(*) FROM shop").await;
    assert_eq!(shops, 3);
    house.assert_ledger_is_sound().await;
}
