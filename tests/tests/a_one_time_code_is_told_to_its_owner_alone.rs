//! A one-time code: asked for over HTTP, sent by template, checked once, and written nowhere.
#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

use serde_json::{Value, json};
use stories::{GATEWAY, House, HouseOptions, INVENTORY, MESSENGER, eventually, people};

fn with_codes() -> HouseOptions {
    HouseOptions {
        environment: vec![
            (MESSENGER, "OTP_KEY", "a key of this story that is long enough to be one".to_owned()),
            (MESSENGER, "OTP_TEMPLATE", "login_code".to_owned()),
            (GATEWAY, "MEMBER_TOKEN_KEY", "another key of this story, long enough as well".to_owned()),
        ],
        ..HouseOptions::default()
    }
}

struct Door<'a> {
    house: &'a House,
    client: reqwest::Client,
}

impl Door<'_> {
    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}{path}", self.house.url(GATEWAY));
        let answer = self.client.post(url).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn code_of(&self, phone: &str) -> String {
        eventually("the code is sent", || async { self.sent_to(phone).is_some() }).await;
        self.sent_to(phone).unwrap()
    }

    fn sent_to(&self, phone: &str) -> Option<String> {
        self.house.meta.sent().iter().rev().find_map(|message| {
            let is_theirs = message.to.as_deref().is_some_and(|to| to.trim_start_matches('+') == phone);
            let code = message.body.pointer("/template/components/0/parameters/0/text")?.as_str()?;
            is_theirs.then(|| code.to_owned())
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_opens_once_and_stands_in_no_table_log_or_span() {
    let house = House::start(with_codes()).await;
    let door = Door { house: &house, client: reqwest::Client::new() };
    let thandi = people(&house.meta, 1).remove(0);
    let phone = thandi.phone.clone().unwrap();
    house.ask(&thandi, "Added 50 screws").await;

    let (status, sent) = door.post("/v1/otp", json!({"phone_number": format!("+{phone}"), "purpose": "login"})).await;
    assert_eq!(status, 202, "{sent}");
    let code = door.code_of(&phone).await;
    assert!(code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit()), "six digits");

    let wrong = if code == "000000" { "000001" } else { "000000" };
    let check =
        |phone: &str, code: &str| json!({"phone_number": format!("+{phone}"), "purpose": "login", "code": code});
    let (wrong_status, wrong_answer) = door.post("/v1/otp/verify", check(&phone, wrong)).await;
    let (unknown_status, unknown_answer) = door.post("/v1/otp/verify", check("27829990000", &code)).await;
    assert_eq!(
        (wrong_status, &wrong_answer),
        (unknown_status, &unknown_answer),
        "a wrong code and a stranger sound alike"
    );
    assert!((400..500).contains(&wrong_status), "{wrong_status}");

    let (status, opened) = door.post("/v1/otp/verify", check(&phone, &code)).await;
    assert_eq!(status, 200, "{opened}");
    assert_eq!(opened["token"].as_str().unwrap().split('.').count(), 3, "a signed token");
    let (status, again) = door.post("/v1/otp/verify", check(&phone, &code)).await;
    assert_eq!((status, &again), (wrong_status, &wrong_answer), "a used code sounds like a wrong one");

    eventually("its receipts came", || async {
        let state: Option<i16> =
            sqlx::query_scalar("SELECT min(state) FROM message").fetch_one(&house.pool(MESSENGER).await).await.unwrap();
        state.is_some_and(|state| state >= 5)
    })
    .await;
    for service in [GATEWAY, INVENTORY, MESSENGER] {
        assert_unwritten(&house.dump(service).await, &code, service);
    }
    assert_unwritten(&house.logs(), &code, "the logs");
    for span in house.collector.spans() {
        assert_unwritten(&format!("{} {:?}", span.name, span.attributes), &code, "a span");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_hears_the_same_and_gets_nothing() {
    let house = House::start(with_codes()).await;
    let door = Door { house: &house, client: reqwest::Client::new() };
    let thandi = people(&house.meta, 1).remove(0);
    house.ask(&thandi, "Added 50 screws").await;

    let (member_status, member) = door
        .post("/v1/otp", json!({"phone_number": format!("+{}", thandi.phone.clone().unwrap()), "purpose": "login"}))
        .await;
    let (stranger_status, stranger) =
        door.post("/v1/otp", json!({"phone_number": "+27829990000", "purpose": "login"})).await;
    door.code_of(&thandi.phone.unwrap()).await;

    assert_eq!((member_status, stranger_status), (202, 202));
    let fields = |answer: &Value| answer.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields(&member), fields(&stranger), "nobody learns who is a member");
    let strangers = house.meta.sent().iter().filter(|message| message.to.as_deref() == Some("+27829990000")).count();
    assert_eq!(strangers, 0, "nobody makes us send messages to strangers");
}

/// Panics when the code stands in a text as a word: not as part of a longer number, nor as the fraction of a second.
fn assert_unwritten(text: &str, code: &str, place: &str) {
    for (at, _) in text.match_indices(code) {
        let before = text[..at].chars().next_back();
        let after = text[at + code.len()..].chars().next();
        let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_hexdigit() || letter == '.');
        assert!(is_part(before) || is_part(after), "the code stands in {place}");
    }
}
