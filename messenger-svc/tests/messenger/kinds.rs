//! Every kind of content as Meta takes it, and what it refuses before Meta would.

use proto::messenger::v1 as pb;
use proto::messenger::v1::DeliveryState;
use proto::messenger::v1::content::Kind;
use tonic_types::StatusExt as _;

use crate::graph::Reply;
use crate::world::{NUMBER, World, eventually, reaction, receipt, sending, template, text, user};

const PHONE: &str = "27820000001";

fn document(content: Vec<u8>) -> pb::SendMessageRequest {
    let document = pb::Document {
        content,
        mime_type: "text/plain".to_owned(),
        file_name: "stock.txt".to_owned(),
        caption: "Stock today".to_owned(),
    };
    sending("r1", PHONE, Kind::Document(document))
}

fn list(rows: usize) -> pb::ChoiceList {
    let row = |i: usize| pb::ListRow {
        row_id: format!("item:{i}"),
        title: format!("Item {i}"),
        description: "in stock".to_owned(),
    };
    pb::ChoiceList {
        body: "Which one?".to_owned(),
        button_title: "Choose".to_owned(),
        sections: vec![pb::ListSection { title: String::new(), rows: (0..rows).map(row).collect() }],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn list_reaction_and_template_are_sent_as_meta_wants_them() {
    let world = World::start(&[]).await;
    let named = pb::Template {
        body_parameters: vec![pb::TemplateParameter { name: "item".to_owned(), text: "screws".to_owned() }],
        buttons: vec![pb::TemplateButton {
            index: 0,
            value: Some(pb::template_button::Value::Payload("reorder:1".to_owned())),
        }],
        ..template("stock_alert", "")
    };

    let choice = world.put(sending("r1", PHONE, Kind::ChoiceList(list(10)))).await;
    let tap = world.put(reaction("r2", PHONE, "wamid.IN", "👍")).await;
    let removal = world.put(reaction("r3", PHONE, "wamid.IN", "")).await;
    let alert = world.put(sending("r4", PHONE, Kind::Template(named))).await;

    for message in [&choice, &tap, &removal, &alert] {
        world.until(message, DeliveryState::Accepted).await;
    }
    let bodies: Vec<_> = world.graph.calls().into_iter().map(|call| call.body).collect();
    assert_eq!(bodies[0]["interactive"]["action"]["sections"][0]["rows"].as_array().unwrap().len(), 10);
    assert_eq!(bodies[1]["reaction"]["emoji"], "👍");
    assert_eq!(bodies[2]["reaction"]["emoji"], "");
    assert_eq!(bodies[3]["template"]["components"][0]["parameters"][0]["parameter_name"], "item");
    assert_eq!(bodies[3]["template"]["components"][1]["sub_type"], "quick_reply");
}

#[tokio::test(flavor = "multi_thread")]
async fn reaction_comes_no_further_than_sent() {
    let world = World::start(&[]).await;
    let id = world.put(reaction("r1", PHONE, "wamid.IN", "👍")).await;
    world.until(&id, DeliveryState::Accepted).await;

    world.record(vec![receipt("wamid.OUT1", "sent", &id)]).await;

    assert_eq!(world.get(&id).await.state(), DeliveryState::Sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn document_is_uploaded_and_sent_by_its_id() {
    let world = World::start(&[]).await;
    let content: Vec<u8> = (0..3 * 1024 * 1024_u32).map(|i| u8::try_from(i % 251).unwrap()).collect();

    let id = world.put(document(content.clone())).await;
    world.until(&id, DeliveryState::Accepted).await;

    let uploads = world.graph.uploads();
    assert_eq!(uploads.len(), 1);
    assert_eq!((uploads[0].number.as_str(), uploads[0].mime_type.as_str()), (NUMBER, "text/plain"));
    assert!(uploads[0].content == content && uploads[0].file_name == "stock.txt");
    assert_eq!(
        world.graph.calls()[0].body["document"],
        serde_json::json!({"id": "MEDIA1", "filename": "stock.txt", "caption": "Stock today"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_of_a_document_uploads_nothing_again() {
    let world = World::start(&[]).await;
    world.graph.script_uploads([Reply::Error(503, 131_016), Reply::Raw(502, "<html>")]);
    world.graph.script([Reply::Error(503, 131_016)]);

    let id = world.put(document(b"screws: 50".to_vec())).await;

    let message = world.until(&id, DeliveryState::Accepted).await;
    assert_eq!(message.attempt_count, 2);
    assert_eq!((world.graph.uploads().len(), world.graph.calls().len()), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn four_documents_are_uploaded_at_a_time_and_hold_up_neither_slots_nor_texts() {
    let world = World::start(&[]).await;
    world.graph.script_uploads([Reply::Hang, Reply::Hang, Reply::Hang, Reply::Hang]);
    let mut messages = Vec::new();
    for i in 0..6 {
        let recipient = Some(user("", &format!("2782000001{i}")));
        let request = pb::SendMessageRequest { request_id: format!("r{i}"), recipient, ..document(b"x".to_vec()) };
        messages.push(world.put(request).await);
    }
    world.until_waiting(2, "other documents are uploaded").await;

    let text = world.send("text", PHONE, "in between").await;
    world.until(&text, DeliveryState::Accepted).await;

    assert_eq!(world.graph.uploads_begun(), 4);
    for message in &messages {
        let message = world.get(message).await;
        assert_eq!((message.state(), message.attempt_count), (DeliveryState::Queued, 0));
    }
    world.graph.release();
    for message in &messages {
        let message = world.until(message, DeliveryState::Accepted).await;
        assert_eq!(message.attempt_count, 1);
    }
    assert_eq!(world.graph.uploads_begun(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn limit_that_an_upload_uses_up_holds_the_number_back() {
    let world = World::start_frozen(&[]).await;
    let business = r#"{"1":[{"type":"messaging","call_count":100,"estimated_time_to_regain_access":2}]}"#;
    world.graph.header(Some(("x-business-use-case-usage", business)));

    let id = world.put(document(b"screws: 50".to_vec())).await;
    world.until_waiting(1, "the rate of the number is used up").await;
    world.graph.header(None);
    assert_eq!((world.graph.uploads().len(), world.graph.calls().len()), (1, 0));
    world.advance(jiff::SignedDuration::from_mins(2)).await;

    world.until(&id, DeliveryState::Accepted).await;
    assert_eq!(world.graph.uploads().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn document_that_meta_does_not_take_fails_with_its_code() {
    let world = World::start(&[]).await;
    world.graph.script_uploads([Reply::Error(400, 131_053)]);

    let id = world.put(document(b"screws: 50".to_vec())).await;

    let message = world.until(&id, DeliveryState::Failed).await;
    assert_eq!(message.error_code, 131_053);
    assert!(world.graph.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn upload_refused_for_the_token_halts_the_number() {
    let world = World::start(&[]).await;
    world.graph.script_uploads([Reply::Error(401, 190)]);

    world.put(document(b"screws: 50".to_vec())).await;

    world.until_waiting(1, "the access token is expired or invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn same_request_with_another_file_is_refused_and_bytes_go_with_the_content() {
    let world = World::start(&["--content-retention-seconds=0"]).await;
    let id = world.put(document(b"screws: 50".to_vec())).await;
    world.until(&id, DeliveryState::Accepted).await;

    assert!(world.client.clone().send_message(document(b"screws: 50".to_vec())).await.unwrap().into_inner().replayed);
    let other = world.client.clone().send_message(document(b"screws: 51".to_vec())).await.unwrap_err();
    assert_eq!(other.code(), tonic::Code::FailedPrecondition);
    let other = world.replica(&["--content-retention-seconds=0"]).await;

    eventually("the bytes are gone", || async {
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM message_document").fetch_one(&other.pool).await.unwrap();
        (count == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_names_the_field_that_breaks_its_rule() {
    let world = World::start(&[]).await;
    let fallback =
        |template: pb::Template| pb::SendMessageRequest { fallback: Some(template), ..text("r", PHONE, "x") };
    let empty_button = pb::TemplateButton { index: 0, value: None };
    let mut csv = document(b"a".to_vec());
    if let Some(Kind::Document(document)) = csv.content.as_mut().unwrap().kind.as_mut() {
        document.mime_type = "text/csv".to_owned();
    }
    let cases = [
        (sending("r", PHONE, Kind::ChoiceList(list(11))), "content.choice_list.sections"),
        (reaction("r", PHONE, "", "👍"), "content.reaction.whatsapp_message_id"),
        (reaction("r", PHONE, "wamid.IN", "ok"), "content.reaction.emoji"),
        (
            pb::SendMessageRequest {
                quoted_message_id: "wamid.IN".to_owned(),
                ..reaction("r", PHONE, "wamid.IN", "👍")
            },
            "quoted_message_id",
        ),
        (sending("r", PHONE, Kind::Template(template("Stock", "x"))), "content.template.name"),
        (sending("r", PHONE, Kind::Template(template("stock", "a\nb"))), "content.template.body_parameters[0].text"),
        (fallback(template("stock", "a     b")), "fallback.body_parameters[0].text"),
        (fallback(pb::Template { buttons: vec![empty_button], ..template("stock", "x") }), "fallback.buttons[0].value"),
        (document(Vec::new()), "content.document.content"),
        (document(vec![0; 3 * 1024 * 1024 + 1]), "content.document.content"),
        (csv, "content.document.mime_type"),
        (
            pb::SendMessageRequest {
                inbound_time: Some(prost_types::Timestamp { seconds: -1, nanos: 0 }),
                ..text("r", PHONE, "x")
            },
            "inbound_time",
        ),
    ];
    for (request, field) in cases {
        let status = world.client.clone().send_message(request).await.unwrap_err();

        let violations = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations[0].field, field);
    }
    assert!(world.graph.calls().is_empty());
}
