//! What can be sent beside text: lists, reactions, templates, files.

use devstack::meta_sim::{Ailment, ButtonKind, MetaSim, Person, TemplateButton, TemplateForm, Ticks};
use serde_json::{Value, json};

use crate::common::{PATIENCE, error_code, eventually, post_message, start, start_with, text_to, thandi};

fn to_thandi(kind: &str, body: Value) -> Value {
    let mut request = json!({"messaging_product": "whatsapp", "to": "+27825550101", "type": kind});
    request[kind] = body;
    request
}

async fn outcome(sim: &MetaSim, request: &Value) -> (u16, Option<u64>) {
    let (status, body) = post_message(sim, request).await.unwrap();
    (status, (status != 200).then(|| error_code(&body)))
}

fn list(row_count: usize) -> Value {
    let rows: Vec<_> = (0..row_count).map(|i| json!({"id": format!("r:{i}"), "title": format!("Row {i}")})).collect();
    json!({"type": "list", "body": {"text": "Which?"}, "action": {"button": "Choose", "sections": [{"rows": rows}]}})
}

#[tokio::test]
async fn a_row_of_a_list_comes_back_verbatim_and_eleven_are_too_many() {
    let (gateway, sim) = start().await;
    sim.person(thandi());

    assert_eq!(outcome(&sim, &to_thandi("interactive", list(11))).await, (400, Some(131_009)));
    assert_eq!(outcome(&sim, &to_thandi("interactive", list(10))).await, (200, None));
    let asked = sim.transcript(&thandi())[0].clone();
    assert_eq!((asked.buttons.len(), asked.buttons[9].kind), (10, ButtonKind::Row));
    let chosen = sim.tap(&thandi(), &asked.wamid, "r:9").unwrap();
    sim.wait_for_ticks(&thandi(), &chosen.wamid, Ticks::Delivered, PATIENCE).await.unwrap();

    let replies: Vec<_> = gateway
        .received()
        .iter()
        .map(|received| received.json["entry"][0]["changes"][0]["value"]["messages"][0]["interactive"].clone())
        .filter(|body| !body.is_null())
        .collect();
    assert_eq!(replies, [json!({"type": "list_reply", "list_reply": {"id": "r:9", "title": "Row 9"}})]);
}

#[tokio::test]
async fn a_reaction_is_put_on_a_message_and_only_its_sending_is_told() {
    let (gateway, sim) = start().await;
    let asked = sim.say(&thandi(), "hi");
    let reaction = |wamid: &str, emoji: &str| to_thandi("reaction", json!({"message_id": wamid, "emoji": emoji}));

    assert_eq!(outcome(&sim, &reaction(&asked.wamid, "✅")).await.0, 200);
    eventually("its receipt", || gateway.receipts() == ["sent"]).await;
    let transcript = sim.transcript(&thandi());
    assert_eq!((transcript.len(), transcript[0].reaction.as_deref()), (1, Some("✅")));

    assert_eq!(outcome(&sim, &reaction(&asked.wamid, "")).await.0, 200);
    assert_eq!(sim.transcript(&thandi())[0].reaction, None);
    assert_eq!(outcome(&sim, &reaction(&asked.wamid, "ok")).await, (400, Some(131_009)));
    let mut quoting = reaction(&asked.wamid, "✅");
    quoting["context"] = json!({"message_id": asked.wamid});
    assert_eq!(outcome(&sim, &quoting).await, (400, Some(100)));
}

#[tokio::test]
async fn a_reaction_to_nothing_is_accepted_and_fails_later() {
    let (gateway, sim) = start().await;
    sim.person(thandi());
    let request = to_thandi("reaction", json!({"message_id": "wamid.nothing", "emoji": "✅"}));

    assert_eq!(outcome(&sim, &request).await.0, 200);
    eventually("the failure", || gateway.receipts() == ["failed"]).await;

    let status = &gateway.received()[0].json["entry"][0]["changes"][0]["value"]["statuses"][0];
    assert_eq!(status["errors"][0]["code"], 131_009);
}

fn code_template(code: &str) -> Value {
    json!({"name": "login_code", "language": {"code": "en_US"}, "components": [
        {"type": "body", "parameters": [{"type": "text", "text": code}]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": code}]}]})
}

#[tokio::test]
async fn a_one_time_code_goes_to_phones_alone_and_costs() {
    let (gateway, sim) = start().await;
    sim.person(thandi());

    assert_eq!(outcome(&sim, &to_thandi("template", code_template("483920"))).await, (200, None));
    assert_eq!(sim.transcript(&thandi())[0].text, "483920 is your verification code.");
    assert_eq!(sim.sent()[0].category, "authentication");
    eventually("its receipts", || gateway.receipts().len() == 3).await;
    let pricing = gateway.received()[0].json["entry"][0]["changes"][0]["value"]["statuses"][0]["pricing"].clone();
    assert_eq!(
        pricing,
        json!({"billable": true, "pricing_model": "PMP", "type": "regular", "category": "authentication"})
    );

    assert_eq!(outcome(&sim, &to_thandi("template", code_template(&"1".repeat(16)))).await, (400, Some(131_009)));
    let mut to_user_id = to_thandi("template", code_template("483920"));
    to_user_id.as_object_mut().unwrap().remove("to");
    to_user_id["recipient"] = json!("ZA.1349");
    assert_eq!(outcome(&sim, &to_user_id).await, (400, Some(131_062)));
}

#[tokio::test]
async fn templates_are_held_to_what_meta_approved() {
    let (_gateway, sim) = start().await;
    sim.person(thandi());
    let low_stock = |parameters: Value, language: &str| {
        let template = json!({"name": "low_stock", "language": {"code": language},
                              "components": [{"type": "body", "parameters": parameters}]});
        to_thandi("template", template)
    };
    let text = |text: &str| json!({"type": "text", "text": text});
    let good = low_stock(json!([text("milk"), text("3")]), "en_US");

    assert_eq!(outcome(&sim, &good).await, (200, None));
    assert_eq!(sim.transcript(&thandi())[0].text, "Running low: milk has 3 left in your shop.");
    assert_eq!(outcome(&sim, &low_stock(json!([text("milk")]), "en_US")).await, (400, Some(132_000)));
    assert_eq!(outcome(&sim, &low_stock(json!([text("milk"), text("3")]), "en")).await, (404, Some(132_001)));
    let image = json!({"type": "image", "image": {"id": "1"}});
    assert_eq!(outcome(&sim, &low_stock(json!([text("milk"), image]), "en_US")).await, (400, Some(132_012)));
    assert_eq!(outcome(&sim, &low_stock(json!([text("a\nb"), text("3")]), "en_US")).await, (400, Some(132_018)));
    sim.ail(&Ailment::TemplateStatus { name: "low_stock".to_owned(), status: "PAUSED".to_owned() });
    assert_eq!(outcome(&sim, &good).await, (400, Some(132_015)));
    sim.ail(&Ailment::TemplateStatus { name: "low_stock".to_owned(), status: "REJECTED".to_owned() });
    assert_eq!(outcome(&sim, &good).await, (404, Some(132_001)));
}

#[tokio::test]
async fn a_quick_reply_of_a_template_comes_back_as_a_button() {
    let form = TemplateForm {
        header: None,
        body: "Count {{item}} today?".to_owned(),
        buttons: vec![TemplateButton::QuickReply { text: "Yes".to_owned() }],
    };
    let template = devstack::meta_sim::MessageTemplate::approved("count", "en_US", "UTILITY").with_form(form);
    let (gateway, sim) = start_with(|options| options.account.templates.push(template)).await;
    sim.person(thandi());
    let call = json!({"name": "count", "language": {"code": "en_US"}, "components": [
        {"type": "body", "parameters": [{"type": "text", "parameter_name": "item", "text": "milk"}]},
        {"type": "button", "sub_type": "quick_reply", "index": "0",
         "parameters": [{"type": "payload", "payload": "count:7"}]}]});

    assert_eq!(outcome(&sim, &to_thandi("template", call)).await, (200, None));
    let asked = sim.transcript(&thandi())[0].clone();
    let tapped = sim.tap(&thandi(), &asked.wamid, "count:7").unwrap();
    sim.wait_for_ticks(&thandi(), &tapped.wamid, Ticks::Delivered, PATIENCE).await.unwrap();

    let received = gateway.received();
    let messages = received.iter().map(|received| &received.json["entry"][0]["changes"][0]["value"]["messages"][0]);
    let tap = messages.into_iter().find(|message| message["type"] == "button").unwrap();
    assert_eq!(tap["button"], json!({"payload": "count:7", "text": "Yes"}));
    assert_eq!(tap["context"]["id"], asked.wamid.as_str());
}

async fn upload(sim: &MetaSim, mime_type: &str, content: &'static [u8]) -> String {
    let part = reqwest::multipart::Part::bytes(content).file_name("stock.pdf").mime_str(mime_type).unwrap();
    let form = reqwest::multipart::Form::new()
        .text("messaging_product", "whatsapp")
        .text("type", mime_type.to_owned())
        .part("file", part);
    let url = format!("{}/v25.0/2000/media", sim.url());
    let response = reqwest::Client::new().post(url).bearer_auth("token").multipart(form).send().await.unwrap();
    response.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_document_is_sent_by_the_id_of_its_upload() {
    let (_gateway, sim) = start().await;
    sim.person(thandi());
    let id = upload(&sim, "application/pdf", b"%PDF-1.7 stock").await;
    let document = |body: Value| to_thandi("document", body);

    let good = document(json!({"id": id, "filename": "Stock.pdf", "caption": "Your stock"}));
    assert_eq!(outcome(&sim, &good).await, (200, None));
    let shown = sim.transcript(&thandi())[0].clone();
    assert_eq!((shown.text.as_str(), shown.file.unwrap().filename.as_deref()), ("Your stock", Some("Stock.pdf")));
    assert_eq!(outcome(&sim, &document(json!({"id": "123"}))).await, (400, Some(100)));
    assert_eq!(outcome(&sim, &document(json!({"id": id, "link": "https://example.org/a"}))).await, (400, Some(100)));
    assert_eq!(outcome(&sim, &document(json!({"caption": "x"}))).await, (400, Some(100)));
    assert_eq!(outcome(&sim, &document(json!({"id": id, "caption": "x".repeat(1_025)}))).await, (400, Some(100)));
    assert_eq!(outcome(&sim, &to_thandi("image", json!({"id": id}))).await, (400, Some(131_053)));
    assert_eq!(outcome(&sim, &to_thandi("audio", json!({"id": id, "caption": "x"}))).await, (400, Some(100)));
}

#[tokio::test]
async fn nobody_is_written_to_under_a_name_they_gave_up() {
    let (_gateway, sim) = start().await;
    sim.say(&thandi(), "hi");

    let now = sim.change_number(&thandi(), "27825550199", "ZA.2000").unwrap();

    assert_eq!(outcome(&sim, &text_to("+27825550101", "hi")).await, (400, Some(131_026)));
    assert_eq!(outcome(&sim, &text_to("+27825550199", "hi")).await, (200, None));
    assert_eq!(now, Person::new("Thandi", "27825550199", "ZA.2000"));
    assert_eq!(sim.transcript(&thandi()).len(), sim.transcript(&now).len());
}
