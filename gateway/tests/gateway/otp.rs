//! One-time codes over HTTP: members get them, strangers hear the same, and a right one becomes a token.

use std::time::Duration;

use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use platform::error::Situation;
use proto::inventory::v1::Role;
use serde_json::{Value, json};

use crate::otp_api as api;
use crate::otp_world::{CODE, MEMBER, MEMBER_ID, OtpWorld, SHOP_ID, STRANGER, TOKEN_KEY};

#[tokio::test(flavor = "multi_thread")]
async fn a_member_gets_a_code_and_a_stranger_hears_the_same() {
    let world = OtpWorld::open().await;

    let member = world.ask(MEMBER).await;
    let stranger = world.ask(STRANGER).await;

    assert_eq!(member.status, 202, "{member:?}");
    assert_eq!(member.json(), json!({"expires_at": "2027-01-15T08:05:00Z", "resend_at": "2027-01-15T08:00:30Z"}));
    assert_eq!((stranger.status, &stranger.text), (202, &member.text));
    let sent = world.behind.sent.lock().unwrap().clone();
    assert_eq!(sent.len(), 1, "nothing goes to a stranger");
    let recipient = sent[0].recipient.clone().unwrap();
    assert_eq!((recipient.phone_number.as_str(), recipient.user_id.as_str()), (&MEMBER[1..], ""));
    assert_eq!((sent[0].purpose.as_str(), sent[0].template_language.as_str()), ("login", ""));
    let looked_up = world.behind.looked_up.lock().unwrap().clone();
    assert!(looked_up.iter().all(|request| request.lookup_only && request.business_phone_number_id == "2000"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_answered_so_soon_that_the_time_tells_who_is_a_member() {
    let world = OtpWorld::open().await;
    for phone in [MEMBER, STRANGER] {
        let started = std::time::Instant::now();
        world.ask(phone).await;
        assert!(started.elapsed() >= Duration::from_millis(250));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_code_becomes_a_token_of_the_member() {
    let world = OtpWorld::open().await;
    for (role, word) in
        [(Role::Owner, "owner"), (Role::Manager, "manager"), (Role::Clerk, "clerk"), (Role::Viewer, "viewer")]
    {
        *world.behind.role.lock().unwrap() = role.into();

        let answer = world.verify(MEMBER, CODE).await;

        assert_eq!(answer.status, 200, "{answer:?}");
        let known = answer.json();
        assert_eq!(known["member_id"], MEMBER_ID);
        assert_eq!(known["shop_id"], SHOP_ID);
        assert_eq!(known["role"], word);
        assert_eq!(known["expires_at"], "2027-01-15T08:15:00Z");
        let mut checks = Validation::new(Algorithm::HS256);
        checks.set_audience(&["thebackroom-members"]);
        checks.set_issuer(&["thebackroom"]);
        checks.validate_exp = false; // the clock of the tests stands in 2027
        let key = DecodingKey::from_secret(TOKEN_KEY.as_bytes());
        let token = known["token"].as_str().unwrap();
        let mut claims = jsonwebtoken::decode::<Value>(token, &key, &checks).unwrap().claims;
        let id = claims.as_object_mut().unwrap().remove("jti").unwrap();
        assert_eq!(id.as_str().unwrap().len(), 36);
        assert_eq!(
            claims,
            json!({"iss": "thebackroom", "aud": "thebackroom-members", "sub": MEMBER_ID, "shop": SHOP_ID, "role": word,
                "purpose": "login", "iat": 1_800_000_000, "exp": 1_800_000_900})
        );
        let foreign = DecodingKey::from_secret(b"another key of the same length....");
        assert!(jsonwebtoken::decode::<Value>(token, &foreign, &checks).is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_a_stranger_and_a_member_who_was_removed_are_told_the_same() {
    let world = OtpWorld::open().await;
    let wrong = world.verify(MEMBER, "000000").await;
    let stranger = world.verify(STRANGER, CODE).await;
    *world.behind.inventory_refusal.lock().unwrap() = Some((Situation::NotFound, "ERROR_REASON_MEMBER_NOT_FOUND"));
    let removed = world.verify(MEMBER, CODE).await;

    assert_eq!((wrong.status, wrong.problem().as_str()), (400, "code-rejected"));
    assert_eq!(wrong.text, stranger.text);
    assert_eq!(wrong.text, removed.text);
    assert_eq!((stranger.status, removed.status), (400, 400));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_services_refuse_has_its_status() {
    let seconds = Some(Duration::from_millis(6_200));
    let cases = [
        (Situation::Quota, "ERROR_REASON_OTP_TOO_SOON", seconds, 429, "rate-limited", Some(7)),
        (Situation::Quota, "ERROR_REASON_OTP_LIMIT", seconds, 429, "rate-limited", Some(7)),
        (Situation::RuleSaysNo, "ERROR_REASON_OTP_NOT_CONFIGURED", None, 404, "not-configured", None),
        (Situation::RuleSaysNo, "ERROR_REASON_OTP_REJECTED", None, 400, "code-rejected", None),
        (Situation::Malformed, "ERROR_REASON_INVALID_FIELD", None, 400, "invalid-request", None),
        (Situation::OutOfTime, "ERROR_REASON_OVERLOADED", None, 503, "unavailable", Some(2)),
        (Situation::Quota, "ERROR_REASON_OVERLOADED", None, 503, "unavailable", Some(2)),
        (Situation::Bug, "ERROR_REASON_INTERNAL", None, 500, "internal", None),
        (Situation::NotYours, "ERROR_REASON_METHOD_NOT_ALLOWED", None, 500, "internal", None),
    ];
    let world = OtpWorld::open().await;
    for (situation, reason, retry, status, problem, retry_after) in cases {
        world.refuse(situation, reason, retry);
        // The messenger's own waits are longer than those that are counted here.
        world.clock.advance(SignedDuration::from_hours(6));
        for answer in [world.ask(MEMBER).await, world.verify(MEMBER, CODE).await] {
            assert_eq!((answer.status, answer.problem().as_str()), (status, problem), "{reason}");
            assert_eq!(answer.retry_after, retry_after, "{reason}");
            assert!(!answer.text.contains(&MEMBER[1..]) && !answer.text.contains(CODE));
        }
    }
    *world.behind.inventory_refusal.lock().unwrap() = Some((Situation::Bug, "ERROR_REASON_INTERNAL"));
    world.clock.advance(SignedDuration::from_hours(6));
    assert_eq!(world.ask(MEMBER).await.problem(), "internal");
}

#[tokio::test(flavor = "multi_thread")]
async fn services_that_are_down_are_said_to_be_down() {
    let world = OtpWorld::start(&[
        &format!("--member-token-key={TOKEN_KEY}"),
        "--inventory-url=http://127.0.0.1:9",
        "--messenger-url=http://127.0.0.1:9",
    ])
    .await;
    for answer in [world.ask(MEMBER).await, world.verify(MEMBER, CODE).await] {
        assert_eq!((answer.status, answer.problem().as_str()), (503, "unavailable"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_has_its_requests_a_minute() {
    let world = OtpWorld::start(&[&format!("--member-token-key={TOKEN_KEY}"), "--otp-http-per-minute=3"]).await;
    for i in 0..3 {
        let spoofed = world.call("POST", "/v1/otp/verify").header("x-forwarded-for", &format!("1.1.1.{i}"));
        let body = json!({"phone_number": MEMBER, "purpose": "login", "code": "000000"});
        assert_eq!(spoofed.json(&body).send().await.status, 400);
        world.clock.advance(SignedDuration::from_secs(10));
    }
    let answer = world.ask(STRANGER).await;
    assert_eq!((answer.status, answer.problem().as_str(), answer.retry_after), (429, "rate-limited", Some(30)));
    world.clock.advance(SignedDuration::from_secs(29));
    assert_eq!(world.ask(STRANGER).await.retry_after, Some(1));
    world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(world.ask(STRANGER).await.status, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_trusted_proxy_each_client_has_its_own_minute() {
    let key = format!("--member-token-key={TOKEN_KEY}");
    let world = OtpWorld::start(&[&key, "--otp-http-per-minute=1", "--otp-trusted-proxies=1"]).await;
    let from = |forwarded: &str| {
        let body = json!({"phone_number": MEMBER, "purpose": "login", "code": "000000"});
        world.call("POST", "/v1/otp/verify").header("x-forwarded-for", forwarded).json(&body).send()
    };
    assert_eq!(from("9.9.9.9, 1.1.1.1").await.status, 400);
    assert_eq!(from("8.8.8.8, 1.1.1.1").await.status, 429, "what the client wrote itself is not believed");
    assert_eq!(from("2.2.2.2").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_a_phone_do_not_tell_a_member_from_a_stranger() {
    let world = OtpWorld::open().await;
    for phone in [MEMBER, STRANGER] {
        assert_eq!(world.ask(phone).await.status, 202);
    }
    world.clock.advance(SignedDuration::from_secs(29));
    let answers = [world.ask(MEMBER).await, world.ask(STRANGER).await];
    for answer in &answers {
        assert_eq!((answer.status, answer.retry_after), (429, Some(1)));
    }
    assert_eq!(answers[0].text, answers[1].text);
    world.clock.advance(SignedDuration::from_secs(1));
    for phone in [MEMBER, STRANGER] {
        assert_eq!(world.ask(phone).await.status, 202);
    }
    assert_eq!(world.sent_count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_names_the_request() {
    let world = OtpWorld::open().await;
    let ask = |phone: &str, key: &str| {
        let body = json!({"phone_number": phone, "purpose": "login"});
        world.call("POST", "/v1/otp").header("idempotency-key", key).json(&body).send()
    };
    for phone in [MEMBER, STRANGER] {
        let first = ask(phone, "k1").await;
        world.clock.advance(SignedDuration::from_secs(5));
        let again = ask(phone, "k1").await;
        assert_eq!((first.status, again.status), (202, 202));
        assert_eq!(ask(phone, "k2").await.status, 429);
        world.clock.advance(SignedDuration::from_secs(60));
    }
    let names: Vec<String> = world.behind.sent.lock().unwrap().iter().map(|sent| sent.request_id.clone()).collect();
    assert_eq!(names.len(), 2);
    assert_eq!(names[0], names[1], "the messenger answers the second as it did the first");
    assert!(names[0].len() < 256 && !names[0].contains("k1") && !names[0].contains(&MEMBER[1..]));

    let body = json!({"phone_number": MEMBER, "purpose": "login", "code": CODE});
    for _ in 0..2 {
        world.call("POST", "/v1/otp/verify").header("idempotency-key", "k1").json(&body).send().await;
    }
    world.call("POST", "/v1/otp/verify").json(&body).send().await;
    let names: Vec<String> =
        world.behind.verified.lock().unwrap().iter().map(|typed| typed.request_id.clone()).collect();
    assert!(names[0] == names[1] && names[1] != names[2], "{names:?}");
    for bad in ["a b", &"k".repeat(201)] {
        let answer = ask(MEMBER, bad).await;
        assert_eq!(answer.problem(), "invalid-request");
        assert_eq!(answer.json()["errors"][0]["field"], "Idempotency-Key");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_are_refused_with_their_fields() {
    let world = OtpWorld::open().await;
    let good = json!({"phone_number": STRANGER, "purpose": "login", "code": "000000", "language": "en_US"});
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let cases = [
        ("/v1/otp", "phone_number", json!("27820000001")),
        ("/v1/otp", "phone_number", json!("+2782")),
        ("/v1/otp", "phone_number", json!("+1234567890123456")),
        ("/v1/otp", "phone_number", json!("+0782000000")),
        ("/v1/otp", "phone_number", json!("+27 82 000 0001")),
        ("/v1/otp", "phone_number", json!("ZA.1349000000")),
        ("/v1/otp", "phone_number", json!(27_820_000_001_i64)),
        ("/v1/otp", "purpose", json!("Login")),
        ("/v1/otp", "purpose", json!("")),
        ("/v1/otp", "purpose", json!("a".repeat(65))),
        ("/v1/otp", "purpose", json!(null)),
        ("/v1/otp", "language", json!("en-US")),
        ("/v1/otp", "language", json!("e")),
        ("/v1/otp/verify", "code", json!("00000")),
        ("/v1/otp/verify", "code", json!("00000a")),
        ("/v1/otp/verify", "code", json!(0)),
        ("/v1/otp/verify", "phone_number", json!("")),
        ("/v1/otp/verify", "purpose", json!("a b")),
    ];
    for (path, field, value) in cases {
        let body = with(field, value);
        assert!(!api::takes(path, &body), "the file takes {body}");
        let answer = world.call("POST", path).json(&body).send().await;
        assert_eq!((answer.status, answer.problem().as_str()), (400, "invalid-request"), "{body}");
        let named = answer.json()["errors"][0]["field"].as_str().unwrap().to_owned();
        assert!(named == field || (named == "body" && !body[field].is_string()), "{named} {body}");
    }
    assert!(api::takes("/v1/otp", &good) && api::takes("/v1/otp/verify", &good));
    for text in ["", "{", "[]", "null", "\"+27820000001\""] {
        let call = world.call("POST", "/v1/otp").header("content-type", "application/json").body(text);
        assert_eq!(call.send().await.problem(), "invalid-request", "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_small_and_json() {
    let world = OtpWorld::open().await;
    let padded = |size: usize| {
        let body = json!({"phone_number": STRANGER, "purpose": "login"}).to_string();
        format!("{}{}", " ".repeat(size - body.len()), body)
    };
    let post = |content_type: &str, body: String| {
        world.call("POST", "/v1/otp").header("content-type", content_type).body(body).send()
    };
    assert_eq!(post("application/json; charset=utf-8", padded(4096)).await.status, 202);
    let large = post("application/json", padded(4097)).await;
    assert_eq!((large.status, large.problem().as_str()), (413, "too-large"));
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let answer = post(content_type, padded(100)).await;
        assert_eq!((answer.status, answer.problem().as_str()), (415, "unsupported-media-type"), "{content_type}");
    }
    let none = world.call("POST", "/v1/otp").body(padded(100)).send().await;
    assert_eq!(none.status, 415);
    let get = world.call("GET", "/v1/otp").send().await;
    assert_eq!((get.status, get.problem().as_str()), (405, "method-not-allowed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_the_routes_say_that_they_are_not_set_up() {
    let world = OtpWorld::start(&[]).await;
    for answer in [world.ask(MEMBER).await, world.verify(MEMBER, CODE).await] {
        assert_eq!((answer.status, answer.problem().as_str()), (404, "not-configured"));
    }
    assert_eq!(world.sent_count(), 0);
    assert!(world.behind.looked_up.lock().unwrap().is_empty());
}
