//! One-time codes: what is sent, what counts, and for how long.

use jiff::SignedDuration;
use platform::error::retry_delay_of;
use proto::messenger::v1 as pb;
use proto::messenger::v1::DeliveryState;
use serde_json::json;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::graph::Reply;
use crate::otp_world::{LIMIT, REJECTED, TOO_SOON, code_of, other, reason, send, start, to_send, to_verify, verify};
use crate::world::{NUMBER, World, eventually, user};

const PHONE: &str = "27820000001";

#[tokio::test(flavor = "multi_thread")]
async fn a_code_goes_out_by_the_template_in_its_text_and_its_button() {
    let world = start(&[]).await;

    let sent = send(&world.client, to_send("r1", PHONE, "login")).await.unwrap();
    world.until(&sent.message_id, DeliveryState::Accepted).await;

    let code = code_of(&world, &sent.message_id);
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    let call = world.graph.calls().remove(0);
    assert_eq!(call.body["to"], format!("+{PHONE}"));
    assert_eq!(
        call.body["template"],
        json!({"name": "login_code", "language": {"code": "en_US"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": code}]},
            {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": code}]}]})
    );
    let now = world.clock.now().as_second();
    assert_eq!(sent.expire_time.unwrap().seconds, now + 300);
    assert_eq!(sent.resend_time.unwrap().seconds, now + 30);
    world.pass(30);
    let zulu = pb::SendOtpRequest { template_language: "zu".to_owned(), ..to_send("r2", PHONE, "login") };
    let sent = send(&world.client, zulu).await.unwrap();
    world.until(&sent.message_id, DeliveryState::Accepted).await;
    assert_eq!(world.graph.calls()[1].body["template"]["language"]["code"], "zu");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_code_counts_once_and_says_when_it_was_sent() {
    let world = start(&[]).await;
    let sent_at = world.clock.now().as_second();
    let code = world.code("r1", PHONE, "login").await;
    world.pass(10);

    let verified = world.try_code("v1", PHONE, &code).await.unwrap();

    assert_eq!(verified.send_time.unwrap().seconds, sent_at);
    assert_eq!(reason(world.try_code("v2", PHONE, &code).await), REJECTED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_counts_for_five_minutes_and_not_a_microsecond_longer() {
    let world = start(&[]).await;
    let moment = SignedDuration::from_micros(1);
    for (phone, extra, counts) in [("27820000001", -moment, true), ("27820000002", SignedDuration::ZERO, false)] {
        let code = world.code(phone, phone, "login").await;
        world.clock.advance(SignedDuration::from_mins(5) + extra);
        let verified = world.try_code(&format!("v{phone}"), phone, &code).await;
        assert_eq!(verified.is_ok(), counts, "{verified:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fifth_try_may_be_right_and_the_sixth_is_too_late() {
    let world = start(&[]).await;
    for (phone, wrong, counts) in [("27820000001", 4, true), ("27820000002", 5, false)] {
        let code = world.code(phone, phone, "login").await;
        for i in 0..wrong {
            let tried = world.try_code(&format!("{phone}/{i}"), phone, &other(&code, i + 1)).await;
            assert_eq!(reason(tried), REJECTED);
        }
        assert_eq!(world.try_code(&format!("{phone}/right"), phone, &code).await.is_ok(), counts);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_code_replaces_the_older_of_its_purpose_and_no_other() {
    let world = start(&[]).await;
    let older = world.code("r1", PHONE, "login").await;
    let pay = world.code("r2", PHONE, "pay").await;
    world.pass(30);
    let newer = world.code("r3", PHONE, "login").await;
    assert_ne!(older, newer);

    assert_eq!(reason(world.try_code("v1", PHONE, &older).await), REJECTED);
    assert_eq!(reason(world.try_code("v2", PHONE, &pay).await), REJECTED);
    assert_eq!(reason(world.try_code("v3", "27820000009", &newer).await), REJECTED);
    assert!(world.try_code("v4", PHONE, &newer).await.is_ok());
    assert!(verify(&world.client, to_verify("v5", PHONE, "pay", &pay)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_code_waits_for_thirty_seconds() {
    let world = start(&[]).await;
    world.code("r1", PHONE, "login").await;
    world.clock.advance(SignedDuration::from_millis(29_500));

    let early = send(&world.client, to_send("r2", PHONE, "login")).await.unwrap_err();

    assert_eq!(early.code(), Code::ResourceExhausted);
    assert_eq!(retry_delay_of(&early).unwrap().as_millis(), 500);
    assert_eq!(reason::<()>(Err(early)), TOO_SOON);
    world.clock.advance(SignedDuration::from_millis(500));
    world.code("r3", PHONE, "login").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_gets_five_codes_an_hour_and_ten_a_day() {
    let world = start(&[]).await;
    let ask = async |i: i32| send(&world.client, to_send(&format!("r{i}"), PHONE, &format!("purpose_{}", i % 3))).await;
    for i in 0..5 {
        ask(i).await.unwrap();
        world.pass(30);
    }
    let sixth = ask(5).await.unwrap_err();
    assert_eq!(retry_delay_of(&sixth).unwrap().as_secs(), 3600 - 150);
    assert_eq!(reason::<()>(Err(sixth)), LIMIT);
    world.pass(3600 - 151);
    assert_eq!(reason(ask(5).await), LIMIT);
    world.pass(1);
    for i in 5..10 {
        ask(i).await.unwrap();
        world.pass(721);
    }
    world.pass(3600);
    let eleventh = ask(10).await.unwrap_err();
    assert!(retry_delay_of(&eleventh).unwrap().as_secs() > 3600 * 12);
    assert_eq!(reason::<()>(Err(eleventh)), LIMIT);
    world.pass(24 * 3600);
    ask(10).await.unwrap();
    // Others are not concerned.
    send(&world.client, to_send("other", "27820000002", "login")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_has_its_own_limits_for_sending_and_for_trying() {
    let world = start(&["--otp-caller-per-minute=3"]).await;
    let ask = async |i: i32| send(&world.client, to_send(&format!("r{i}"), &format!("2782000000{i}"), "login")).await;
    let attempt = async |i: i32| world.try_code(&format!("v{i}"), &format!("2782000000{i}"), "000000").await;
    for i in 0..3 {
        ask(i).await.unwrap();
        assert_eq!(reason(attempt(i).await), REJECTED);
        world.pass(10);
    }
    let fourth = ask(3).await.unwrap_err();
    assert_eq!(retry_delay_of(&fourth).unwrap().as_secs(), 30);
    assert_eq!(reason::<()>(Err(fourth)), LIMIT);
    assert_eq!(reason(attempt(3).await), LIMIT);
    assert!(ask(0).await.unwrap().replayed, "a repeat costs nothing");
    world.pass(29);
    assert_eq!(reason(ask(3).await), LIMIT);
    world.pass(1);
    ask(3).await.unwrap();
    assert_eq!(reason(attempt(3).await), REJECTED);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_tries_an_hour_are_taken_for_a_phone_whether_it_got_a_code_or_not() {
    let world = start(&[]).await;
    let code = world.code("r1", PHONE, "login").await;
    let mut answers = Vec::new();
    for (phone, guess) in [(PHONE, other(&code, 1)), ("27820000002", "123456".to_owned())] {
        for i in 0..20 {
            assert_eq!(reason(world.try_code(&format!("{phone}/{i}"), phone, &guess).await), REJECTED, "{i}");
        }
        let status = world.try_code(&format!("{phone}/20"), phone, &guess).await.unwrap_err();
        answers.push((status.code(), status.message().to_owned(), status.details().to_vec()));
        assert_eq!(reason::<()>(Err(status)), LIMIT);
    }
    assert_eq!(answers[0], answers[1]);
    world.pass(3600);
    assert_eq!(reason(world.try_code("later", PHONE, "000000").await), REJECTED);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rejection_looks_the_same() {
    let world = start(&[]).await;
    let used = world.code("r1", "27820000001", "login").await;
    world.try_code("use", "27820000001", &used).await.unwrap();
    let spent = world.code("r2", "27820000002", "login").await;
    for i in 0..5 {
        world.try_code(&format!("spend{i}"), "27820000002", &other(&spent, 1)).await.unwrap_err();
    }
    let old = world.code("r3", "27820000003", "login").await;
    let replaced = world.code("r4", "27820000004", "login").await;
    world.pass(300);
    world.code("r5", "27820000004", "login").await;
    let wrong = world.code("r6", "27820000005", "login").await;
    let tries = [
        ("27820000001", used),
        ("27820000002", spent),
        ("27820000003", old),
        ("27820000004", replaced),
        ("27820000005", other(&wrong, 1)),
        ("27820000006", "000000".to_owned()),
    ];
    let mut answers = Vec::new();
    for (phone, code) in tries {
        let status = world.try_code(&format!("v{phone}"), phone, &code).await.unwrap_err();
        let mut headers = status.metadata().clone().into_headers();
        headers.remove("date");
        answers.push((status.code(), status.message().to_owned(), status.details().to_vec(), headers));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_right_tries_at_once_one_wins() {
    let world = start(&[]).await;
    for round in 0..5 {
        let phone = format!("2782000001{round}");
        let code = world.code(&format!("r{round}"), &phone, "login").await;
        let names: Vec<String> = (0..5).map(|i| format!("{phone}/{i}")).collect();
        let tries = names.iter().map(|name| world.try_code(name, &phone, &code));

        let results = futures::future::join_all(tries).await;

        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        for lost in results.into_iter().filter(Result::is_err) {
            assert_eq!(reason(lost), REJECTED);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_sends_no_second_code_and_uses_up_none() {
    let world = start(&[]).await;
    let asked = (0..4).map(|_| send(&world.client, to_send("r1", PHONE, "login")));
    let sent: Vec<pb::SendOtpResponse> =
        futures::future::join_all(asked).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(sent.iter().filter(|sent| !sent.replayed).count(), 1);
    assert!(
        sent.iter().all(|other| other.message_id == sent[0].message_id && other.expire_time == sent[0].expire_time)
    );
    world.until(&sent[0].message_id, DeliveryState::Accepted).await;
    assert_eq!(world.graph.calls().len(), 1);
    let code = code_of(&world, &sent[0].message_id);
    for changed in [
        to_send("r1", "27820000002", "login"),
        to_send("r1", PHONE, "pay"),
        pb::SendOtpRequest { template_language: "zu".to_owned(), ..to_send("r1", PHONE, "login") },
    ] {
        assert_eq!(reason(send(&world.client, changed).await), "ERROR_REASON_REQUEST_ID_REUSED");
    }

    // A wrong try that is repeated counts once.
    for _ in 0..10 {
        assert_eq!(reason(world.try_code("wrong", PHONE, &other(&code, 1)).await), REJECTED);
    }
    let first = world.try_code("right", PHONE, &code).await.unwrap();
    world.pass(299);
    assert_eq!(world.try_code("right", PHONE, &code).await.unwrap(), first);
    let reused = world.try_code("right", PHONE, &other(&code, 1)).await.unwrap_err();
    assert_eq!(reused.get_details_bad_request().unwrap().field_violations[0].field, "request_id");
    world.pass(1);
    assert_eq!(reason(world.try_code("right", PHONE, &code).await), REJECTED);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_go_to_phone_numbers_and_to_nothing_that_looks_like_one() {
    let world = start(&[]).await;
    let to = |user_id: &str, phone: &str| pb::SendOtpRequest {
        recipient: Some(user(user_id, phone)),
        ..to_send(&format!("r{user_id}{phone}"), "", "login")
    };
    assert_eq!(reason(send(&world.client, to("ZA.1349", "")).await), "ERROR_REASON_OTP_NEEDS_PHONE");
    for bad in [to("", "ZA.27820000001"), to("", "+27820000001"), to("", ""), to("27820000001", PHONE)] {
        assert_eq!(reason(send(&world.client, bad).await), "ERROR_REASON_INVALID_FIELD");
    }
    let cases = [
        (to_verify("", PHONE, "login", "000000"), "request_id"),
        (to_verify("v", PHONE, "Login", "000000"), "purpose"),
        (to_verify("v", PHONE, "login", "00000"), "code"),
        (to_verify("v", PHONE, "login", "00000a"), "code"),
        (
            pb::VerifyOtpRequest { recipient: Some(user("ZA.1", "")), ..to_verify("v", "", "login", "000000") },
            "recipient.phone_number",
        ),
    ];
    for (request, field) in cases {
        let error = verify(&world.client, request).await.unwrap_err();
        let fields: Vec<String> =
            error.get_details_bad_request().unwrap().field_violations.into_iter().map(|v| v.field).collect();
        assert_eq!(fields, [field]);
    }
    // Both names: the number gets it.
    let sent = send(&world.client, to("ZA.1349", PHONE)).await.unwrap();
    world.until(&sent.message_id, DeliveryState::Accepted).await;
    assert_eq!(world.graph.calls()[0].body["to"], format!("+{PHONE}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_or_a_template_nothing_is_sent_or_checked() {
    for missing in ["--otp-key=", "--otp-template="] {
        let world = start(&[missing]).await;
        let sent = send(&world.client, to_send("r1", PHONE, "login")).await.unwrap_err();
        assert_eq!(sent.code(), Code::FailedPrecondition);
        assert_eq!(reason::<()>(Err(sent)), "ERROR_REASON_OTP_NOT_CONFIGURED");
        assert_eq!(reason(world.try_code("v1", PHONE, "000000").await), "ERROR_REASON_OTP_NOT_CONFIGURED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_waited_too_long_is_given_up_and_never_sent() {
    let world = start(&["--halt-probe-seconds=3600"]).await;
    world.graph.always(NUMBER, Reply::Error(403, 131_031));
    let halts = send(&world.client, to_send("r0", "27820000009", "login")).await.unwrap();
    world.until_waiting(1, "the account is locked").await;
    let sent = send(&world.client, to_send("r1", PHONE, "login")).await.unwrap();
    world.until_waiting(1, "the number is halted").await;
    assert!(content(&world, &sent.message_id).await.is_some());

    world.advance(SignedDuration::from_mins(5)).await;

    let message = world.until(&sent.message_id, DeliveryState::Failed).await;
    assert!(message.error_detail.contains("does not count any more"), "{}", message.error_detail);
    assert!(content(&world, &sent.message_id).await.is_none());
    world.graph.always(NUMBER, Reply::Accept);
    world.advance(SignedDuration::from_hours(1)).await;
    world.until(&halts.message_id, DeliveryState::Failed).await;
    assert_eq!(world.graph.calls().len(), 1);
    assert!(world.graph.calls().iter().all(|call| call.message_id() != sent.message_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_ended_while_it_waited_is_given_up_at_once() {
    let world = start(&["--halt-probe-seconds=60"]).await;
    world.graph.always(NUMBER, Reply::Error(403, 131_031));
    let halts = send(&world.client, to_send("r0", "27820000009", "login")).await.unwrap().message_id;
    world.until_waiting(1, "the account is locked").await;
    let older = send(&world.client, to_send("r1", PHONE, "login")).await.unwrap().message_id;
    let locked = send(&world.client, to_send("r2", "27820000002", "login")).await.unwrap().message_id;
    world.until_waiting(2, "the number is halted").await;
    world.pass(30);

    let newer = send(&world.client, to_send("r3", PHONE, "login")).await.unwrap().message_id;
    for i in 0..5 {
        assert_eq!(world.get(&locked).await.state(), DeliveryState::Queued);
        let guess = world.try_code(&format!("w{i}"), "27820000002", "000000").await;
        assert_eq!(reason(guess), REJECTED);
    }

    for (message, why) in [(&older, "a newer code replaced"), (&locked, "tried too often")] {
        let message_now = world.get(message).await;
        assert_eq!(message_now.state(), DeliveryState::Failed);
        assert!(message_now.error_detail.contains(why), "{}", message_now.error_detail);
        assert!(message_now.events.iter().any(|event| event.state() == DeliveryState::Failed));
        assert!(content(&world, message).await.is_none());
    }
    world.graph.always(NUMBER, Reply::Accept);
    world.advance(SignedDuration::from_secs(60)).await;
    world.until(&halts, DeliveryState::Accepted).await;
    world.advance(SignedDuration::from_secs(60)).await;
    world.until(&newer, DeliveryState::Accepted).await;
    assert!(world.graph.calls().iter().all(|call| call.message_id() != older && call.message_id() != locked));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_was_used_while_nobody_knew_whether_it_was_sent_is_not_sent_again() {
    let world = start(&[]).await;
    world.graph.script([Reply::CutOff]);
    let sent = send(&world.client, to_send("r1", PHONE, "login")).await.unwrap().message_id;
    world.until_waiting(1, "in doubt: a receipt may settle it").await;
    world.try_code("v1", PHONE, &code_of(&world, &sent)).await.unwrap();

    world.advance(SignedDuration::from_secs(60)).await;

    let message = world.until(&sent, DeliveryState::Failed).await;
    assert!(message.error_detail.contains("its code was used"), "{}", message.error_detail);
    assert_eq!(world.graph.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_a_phone_hold_however_it_is_written() {
    let world = start(&[]).await;
    for (one, other) in
        [("5215512345678", "525512345678"), ("5491112345678", "541112345678"), ("5511987654321", "551187654321")]
    {
        world.code(one, one, "login").await;
        let call = world.graph.calls().pop().unwrap();
        assert_eq!(call.body["to"], format!("+{one}"));
        assert_eq!(reason(send(&world.client, to_send(other, other, "login")).await), TOO_SOON);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_code_is_erased_with_its_waiting_whoever_ends_it() {
    let world = start(&["--settle-after-seconds=3600"]).await;
    let accepted = send(&world.client, to_send("r1", "27820000001", "login")).await.unwrap().message_id;
    world.until(&accepted, DeliveryState::Accepted).await;
    assert!(content(&world, &accepted).await.is_none());

    world.graph.script([Reply::Error(400, 131_026)]);
    let failed = send(&world.client, to_send("r2", "27820000002", "login")).await.unwrap().message_id;
    world.until(&failed, DeliveryState::Failed).await;
    assert!(content(&world, &failed).await.is_none());

    world.graph.script([Reply::CutOff]);
    let doubtful = send(&world.client, to_send("r3", "27820000003", "login")).await.unwrap().message_id;
    world.until(&doubtful, DeliveryState::InDoubt).await;
    assert!(content(&world, &doubtful).await.is_some());
    world.record(vec![crate::world::receipt("wamid.LATE", "sent", &doubtful)]).await;
    world.until(&doubtful, DeliveryState::Sent).await;
    assert!(content(&world, &doubtful).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_rotated_without_losing_a_code() {
    let captured = crate::telemetry::capture();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let (old, new) = ("an old key of codes that is long enough", "a new key of codes that is long enough");
    std::fs::write(&file, old).unwrap();
    let path = format!("--otp-key-file={}", file.to_str().unwrap());
    let world = start(&["--otp-key=", &path, "--halt-probe-seconds=1"]).await;
    let rewrite = async |text: &str, times: usize| {
        std::fs::write(folder.path().join("next"), text).unwrap();
        std::fs::rename(folder.path().join("next"), &file).unwrap();
        eventually("the key is read again", || async {
            let lines = String::from_utf8_lossy(&captured.lines.lock().unwrap()).into_owned();
            (lines.matches("read OTP_KEY again").count() >= times).then_some(())
        })
        .await;
    };
    let code = world.code("r1", PHONE, "login").await;
    world.graph.always(NUMBER, Reply::Error(403, 131_031));
    let halts = send(&world.client, to_send("r2", "27820000002", "login")).await.unwrap().message_id;
    world.until_waiting(1, "the account is locked").await;

    rewrite(&format!("{new},{old}"), 1).await;

    assert_eq!(reason(send(&world.client, to_send("r3", PHONE, "login")).await), TOO_SOON);
    assert!(send(&world.client, to_send("r1", PHONE, "login")).await.unwrap().replayed);
    assert!(world.try_code("v1", PHONE, &code).await.is_ok());
    world.graph.always(NUMBER, Reply::Accept);
    world.advance(SignedDuration::from_secs(2)).await;
    world.until(&halts, DeliveryState::Accepted).await;

    // A replica without the key waits for it.
    world.graph.always(NUMBER, Reply::Error(403, 131_031));
    let waiting = send(&world.client, to_send("r4", "27820000003", "login")).await.unwrap().message_id;
    world.until_waiting(1, "the account is locked").await;
    rewrite("another key of codes that is long enough", 2).await;
    world.graph.always(NUMBER, Reply::Accept);
    world.advance(SignedDuration::from_secs(2)).await;
    world.until_waiting(1, "no key of OTP_KEY fits its seal").await;
    rewrite(&format!("another key of codes that is long enough,{new}"), 3).await;
    world.advance(SignedDuration::from_secs(5)).await;
    world.until(&waiting, DeliveryState::Accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_and_tried_is_forgotten_after_a_day() {
    let world = start(&[]).await;
    let code = world.code("r1", PHONE, "login").await;
    world.try_code("v1", PHONE, &code).await.unwrap();
    let rows = async || {
        let sql = "SELECT (SELECT count(*) FROM otp_code) + (SELECT count(*) FROM otp_try)";
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&world.pool).await.unwrap()
    };
    world.pass(24 * 3600);
    let kept = world.replica(&[]).await; // a process that starts cleans up
    eventually("it cleaned up", || async {
        (kept.get(&first_message(&world).await).await.attempt_count == 1).then_some(())
    })
    .await;
    assert_eq!(rows().await, 2);

    world.pass(1);
    let _cleaner = world.replica(&[]).await;

    eventually("they are forgotten", || async { (rows().await == 0).then_some(()) }).await;
}

async fn first_message(world: &World) -> String {
    sqlx::query_scalar("SELECT id::text FROM message LIMIT 1").fetch_one(&world.pool).await.unwrap()
}

async fn content(world: &World, message_id: &str) -> Option<serde_json::Value> {
    let sql = "SELECT content FROM message WHERE id = $1::uuid";
    sqlx::query_scalar(sql).bind(message_id).fetch_one(&world.pool).await.unwrap()
}
