//! Putting messages in and sending them in order, each once.

use platform::error::reason_of;
use proto::messenger::v1 as pb;
use proto::messenger::v1::DeliveryState;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::graph::Reply;
use crate::world::{NUMBER, TOKEN, World, eventually, text, user};

#[tokio::test(flavor = "multi_thread")]
async fn message_is_sent_as_meta_wants_it() {
    let world = World::start(&[]).await;
    let request =
        pb::SendMessageRequest { quoted_message_id: "wamid.IN".to_owned(), ..text("r1", "27820000001", "hello") };

    let sent = world.client.clone().send_message(request).await.unwrap().into_inner();
    let message = world.until(&sent.message_id, DeliveryState::Accepted).await;

    let call = &world.graph.calls()[0];
    assert_eq!(call.number, NUMBER);
    assert_eq!(call.authorization, format!("Bearer {TOKEN}"));
    assert_eq!(call.body["to"], "+27820000001");
    assert_eq!(call.body["context"]["message_id"], "wamid.IN");
    assert_eq!(call.message_id(), sent.message_id);
    assert_eq!(message.whatsapp_message_id, "wamid.OUT1");
    assert_eq!(message.attempt_count, 1);
    let states: Vec<_> = message.events.iter().map(pb::DeliveryEvent::state).collect();
    assert_eq!(states, [DeliveryState::Queued, DeliveryState::Accepted]);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_to_one_person_go_out_in_order_also_when_one_is_refused_for_a_while() {
    let world = World::start(&[]).await;
    world.graph.script([Reply::Accept, Reply::Error(503, 2), Reply::Accept]);

    for i in 0..12 {
        world.send(&format!("r{i}"), "27820000001", &i.to_string()).await;
    }
    world.until_calls(13).await;

    let expected: Vec<String> =
        ["0", "1", "1"].into_iter().map(str::to_owned).chain((2..12).map(|i| i.to_string())).collect();
    assert_eq!(world.graph.texts(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_equal_requests_at_once_are_one_message() {
    let world = World::start(&[]).await;

    let answers = futures::future::join_all((0..20).map(|_| {
        let mut client = world.client.clone();
        async move { client.send_message(text("same", "27820000001", "once")).await.unwrap().into_inner() }
    }))
    .await;

    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(answers.iter().all(|answer| answer.message_id == answers[0].message_id));
    world.until(&answers[0].message_id, DeliveryState::Accepted).await;
    let last = world.send("after", "27820000001", "last").await;
    world.until(&last, DeliveryState::Accepted).await;
    assert_eq!(world.graph.texts(), ["once", "last"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn request_id_with_other_content_is_refused() {
    let world = World::start(&[]).await;
    let id = world.send("r1", "27820000001", "first").await;

    let status = world.client.clone().send_message(text("r1", "27820000001", "second")).await.unwrap_err();
    let again = world.client.clone().send_message(text("r1", "27820000001", "first")).await.unwrap().into_inner();

    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(reason_of(&status).as_deref(), Some("ERROR_REASON_REQUEST_ID_REUSED"));
    assert_eq!((again.message_id, again.replayed), (id, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn user_id_goes_to_recipient_and_never_to_to() {
    let world = World::start(&[]).await;
    let hidden = pb::SendMessageRequest { recipient: Some(user("ZA.1349", "")), ..text("r1", "", "hello") };

    world.client.clone().send_message(hidden).await.unwrap();
    world.until_calls(1).await;

    let body = world.graph.calls()[0].body.clone();
    assert_eq!(body["recipient"], "ZA.1349");
    assert!(body.get("to").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_break_a_rule_are_named() {
    let world = World::start(&[]).await;
    let buttons = pb::content::Kind::ReplyButtons(pb::ReplyButtons {
        body: "b".repeat(1025),
        buttons: vec![pb::ReplyButton { button_id: "1".to_owned(), title: "t".repeat(21) }],
    });
    let cases = [
        (text("", "27820000001", "x"), "request_id"),
        (text("has space", "27820000001", "x"), "request_id"),
        (text(&"r".repeat(257), "27820000001", "x"), "request_id"),
        (text("r", "", "x"), "recipient"),
        (text("r", "+27820000001", "x"), "recipient.phone_number"),
        (text("r", "ZA.1349", "x"), "recipient.phone_number"),
        (
            pb::SendMessageRequest { recipient: Some(user("27820000001", "")), ..text("r", "", "x") },
            "recipient.user_id",
        ),
        (text("r", "27820000001", ""), "content.text.body"),
        (text("r", "27820000001", &"😀".repeat(2049)), "content.text.body"),
        (pb::SendMessageRequest { content: None, ..text("r", "27820000001", "") }, "content.kind"),
        (
            pb::SendMessageRequest {
                content: Some(pb::Content { kind: Some(buttons) }),
                ..text("r", "27820000001", "")
            },
            "content.reply_buttons.body",
        ),
        (
            pb::SendMessageRequest { business_phone_number_id: "../x".to_owned(), ..text("r", "27820000001", "x") },
            "business_phone_number_id",
        ),
        (
            pb::SendMessageRequest { quoted_message_id: "w i".to_owned(), ..text("r", "27820000001", "x") },
            "quoted_message_id",
        ),
    ];
    for (request, field) in cases {
        let status = world.client.clone().send_message(request).await.unwrap_err();

        assert_eq!(status.code(), Code::InvalidArgument, "{field}");
        assert_eq!(reason_of(&status).as_deref(), Some("ERROR_REASON_INVALID_FIELD"));
        let violations = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations[0].field, field);
    }
    let longest = world.send(&"r".repeat(256), "27820000001", &"😀".repeat(2048)).await;
    world.until(&longest, DeliveryState::Accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn full_outbox_refuses_and_says_when_to_come_back() {
    let world = World::start(&["--outbox-max=3"]).await;
    world.graph.always(NUMBER, Reply::Hang);
    for i in 0..3 {
        world.send(&format!("r{i}"), "27820000001", "x").await;
    }

    let status = world.client.clone().send_message(text("r3", "27820000001", "x")).await.unwrap_err();

    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(reason_of(&status).as_deref(), Some("ERROR_REASON_OUTBOX_FULL"));
    assert!(platform::error::retry_delay_of(&status).is_some());
    world.graph.always(NUMBER, Reply::Accept);
    world.graph.release();
    crate::world::eventually("there is room again", || async {
        world.client.clone().send_message(text("r3", "27820000001", "x")).await.ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn call_without_a_key_is_refused_and_an_unknown_message_is_not_found() {
    let world = World::start(&[]).await;
    let key = Some(pb::get_message_request::Key::RequestId("nobody".to_owned()));

    let status = world.client.clone().get_message(pb::GetMessageRequest { key }).await.unwrap_err();

    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(reason_of(&status).as_deref(), Some("ERROR_REASON_MESSAGE_NOT_FOUND"));
}

#[tokio::test(flavor = "multi_thread")]
async fn message_that_two_workers_ask_for_at_once_is_not_taken_for_settled() {
    let world = World::start(&["--halt-probe-seconds=3600"]).await;
    world.graph.script([Reply::Accept, Reply::Accept, Reply::Error(403, 131_031)]);
    // The first send is held back, so that both of the second are decided in one round.
    world.until(&world.send("r0", "27820000003", "zero").await, DeliveryState::Accepted).await;
    let mut other = world.pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE number_state IN EXCLUSIVE MODE").execute(&mut *other).await.unwrap();
    let first = world.send("r1", "27820000001", "first").await;
    let message = world.send("r2", "27820000002", "second").await;
    for sql in [
        "INSERT INTO job (id, lane, dedup_key, kind, sort_key) \
         SELECT nextval('job_id_seq'), 'other', upper($1), 'send', 0",
        "INSERT INTO lane (name, pending, ready_at) SELECT 'other', 1, now() WHERE $1 <> ''",
    ] {
        sqlx::query(sql).bind(&message).execute(&world.pool).await.unwrap();
    }
    eventually("both workers have it", || async {
        let sql = "SELECT count(*) FROM lane WHERE held";
        let held: i64 = sqlx::query_scalar(sql).fetch_one(&world.pool).await.unwrap();
        (held == 3).then_some(())
    })
    .await;

    other.commit().await.unwrap();

    world.until(&first, DeliveryState::Accepted).await;
    world.until_waiting(1, "the account is locked").await;
    world.until_waiting(1, "the number is halted").await;
    assert_eq!(world.get(&message).await.state(), DeliveryState::Queued);
    assert_eq!(world.graph.calls().len(), 3);
}
