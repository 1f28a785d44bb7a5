//! The simulated Gemini, seen from the parser.

use std::time::Duration;

use anyhow::Result;
use devstack::gemini_sim::{GeminiFault, GeminiSim, GeminiSimOptions};
use devstack::script::When;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const MODEL: &str = "gemini-3.5-flash-lite";

async fn start() -> Result<GeminiSim> {
    let mut options = GeminiSimOptions::new(TcpListener::bind("127.0.0.1:0").await?);
    "key".clone_into(&mut options.api_key);
    GeminiSim::start(options)
}

fn request() -> Value {
    json!({"systemInstruction": {"parts": [{"text": "Read stock messages."}]},
        "contents": [{"role": "user", "parts": [{"text": "some words"}]}],
        "generationConfig": {"responseMimeType": "application/json", "maxOutputTokens": 1024, "seed": 7,
            "thinkingConfig": {"thinkingLevel": "MINIMAL"},
            "responseJsonSchema": {"type": "object", "additionalProperties": false, "required": ["commands"],
                "properties": {"commands": {"type": "array", "maxItems": 20, "items": {"type": "object",
                    "required": ["intent", "item"], "properties": {
                        "intent": {"type": "string", "enum": ["add", "unclear"]},
                        "item": {"type": ["string", "null"]}}}}}}}})
}

fn with(pointer: &str, name: &str, value: Value) -> Value {
    let mut request = request();
    request.pointer_mut(pointer).expect("a path of the request")[name] = value;
    request
}

async fn ask_with(sim: &GeminiSim, model: &str, key: Option<&str>, body: &Value) -> Result<(u16, String)> {
    platform::http::install_tls_provider();
    let mut call = reqwest::Client::new().post(format!("{}/v1beta/models/{model}:generateContent", sim.url()));
    if let Some(key) = key {
        call = call.header("x-goog-api-key", key);
    }
    let response = call.json(body).timeout(Duration::from_secs(5)).send().await?;
    Ok((response.status().as_u16(), response.text().await?))
}

async fn ask(sim: &GeminiSim, body: &Value) -> Result<(u16, Value)> {
    let (status, body) = ask_with(sim, MODEL, Some("key"), body).await?;
    Ok((status, serde_json::from_str(&body)?))
}

fn said(answer: &Value) -> Value {
    let text = answer["candidates"][0]["content"]["parts"][0]["text"].as_str().expect("a text part");
    serde_json::from_str(text).expect("JSON in the text part")
}

#[tokio::test]
async fn words_nobody_scripted_are_unclear_in_the_shape_of_the_schema() -> Result<()> {
    let sim = start().await?;

    let (status, answer) = ask(&sim, &request()).await?;

    assert_eq!(status, 200);
    assert_eq!(said(&answer), json!({"commands": [{"intent": "unclear", "item": null}]}));
    assert_eq!(answer["candidates"][0]["finishReason"], "STOP");
    assert_eq!(answer["modelVersion"], MODEL);
    Ok(())
}

#[tokio::test]
async fn scripted_answers_come_once_and_rules_come_always() -> Result<()> {
    let sim = start().await?;
    sim.answer_by(|text, _schema| text.contains("words").then(|| json!({"rule": true})));
    sim.answer_next([json!({"scripted": 1})]);

    assert_eq!(said(&ask(&sim, &request()).await?.1), json!({"scripted": 1}));
    assert_eq!(said(&ask(&sim, &request()).await?.1), json!({"rule": true}));
    assert_eq!(said(&ask(&sim, &request()).await?.1), json!({"rule": true}));
    assert_eq!(sim.calls().len(), 3);
    Ok(())
}

#[tokio::test]
async fn keys_are_checked_in_the_words_of_the_real_one() -> Result<()> {
    let sim = start().await?;

    let (status, body) = ask_with(&sim, MODEL, Some("wrong"), &request()).await?;
    let error: Value = serde_json::from_str(&body)?;
    assert_eq!(status, 400);
    assert_eq!(error["error"]["status"], "INVALID_ARGUMENT");
    assert_eq!(error["error"]["details"][0]["reason"], "API_KEY_INVALID");

    assert_eq!(ask_with(&sim, MODEL, None, &request()).await?.0, 403);
    assert_eq!(ask_with(&sim, "gemini-1.5-flash", Some("key"), &request()).await?.0, 404);
    Ok(())
}

#[tokio::test]
async fn what_the_api_does_not_know_is_refused_by_name() -> Result<()> {
    let sim = start().await?;

    let (status, error) = ask(&sim, &with("/generationConfig", "temperatur", json!(0))).await?;

    assert_eq!(status, 400);
    let violation = &error["error"]["details"][0]["fieldViolations"][0];
    assert_eq!(violation["field"], "generation_config");
    assert_eq!(
        violation["description"],
        "Invalid JSON payload received. Unknown name \"temperatur\" at 'generation_config': Cannot find field."
    );
    Ok(())
}

#[tokio::test]
async fn snake_case_is_taken_too() -> Result<()> {
    let sim = start().await?;
    let body = json!({"system_instruction": {"parts": [{"text": "x"}]}, "contents": [{"parts": [
        {"inline_data": {"mime_type": "audio/ogg", "data": "T2dnUw=="}}]}]});

    assert_eq!(ask(&sim, &body).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn requests_that_break_a_rule_are_refused() -> Result<()> {
    let sim = start().await?;
    let config = "/generationConfig";
    let schema = "/generationConfig/responseJsonSchema";
    let audio = |mime_type: &str| json!([{"inlineData": {"mimeType": mime_type, "data": "T2dnUw=="}}]);
    let broken = [
        with(schema, "pattern", json!("^a$")),
        with(schema, "$ref", json!("#/$defs/x")),
        with(schema, "required", json!(["nothing"])),
        with(&format!("{schema}/properties/commands/items/properties/intent"), "const", json!("add")),
        with(config, "responseSchema", json!({"type": "OBJECT"})),
        with(config, "responseMimeType", json!("text/plain")),
        with(config, "maxOutputTokens", json!(65_537)),
        with(config, "seed", json!(3_000_000_000_u64)),
        with(config, "frequencyPenalty", json!(1)),
        with(&format!("{config}/thinkingConfig"), "thinkingBudget", json!(0)),
        with(&format!("{config}/thinkingConfig"), "thinkingLevel", json!("NONE")),
        with("/contents/0", "role", json!("assistant")),
        with("/contents/0", "parts", json!([])),
        with("/contents/0", "parts", audio("application/ogg")),
        with("/contents/0", "parts", audio("audio/ogg; codecs=opus")),
        with("/contents/0/parts/0", "inlineData", json!({"mimeType": "audio/ogg", "data": "T2dnUw=="})),
    ];

    for request in broken {
        let (status, error) = ask(&sim, &request).await?;
        assert_eq!((status, &error["error"]["status"]), (400, &json!("INVALID_ARGUMENT")), "{request}");
    }
    assert_eq!(ask(&sim, &with("/contents/0", "parts", audio("audio/ogg"))).await?.0, 200);
    assert_eq!(ask(&sim, &with(config, "maxOutputTokens", json!(65_536))).await?.0, 200);
    Ok(())
}

const FORM: &str = include_str!("../../../parser-svc/prompt/media-schema.json");

fn media_request(mime_type: &str, content: &[u8]) -> Value {
    let schema: Value = serde_json::from_str(FORM).expect("the parser's form is JSON");
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, content);
    json!({"contents": [{"role": "user", "parts": [{"text": "Listen."}, {"inlineData": {"mimeType": mime_type, "data": data}}]}],
           "generationConfig": {"responseMimeType": "application/json", "responseJsonSchema": schema}})
}

#[tokio::test]
async fn bytes_must_be_what_their_type_says() -> Result<()> {
    let sim = start().await?;
    let (ogg, jpeg, pdf): (&[u8], &[u8], &[u8]) = (b"OggS..", &[0xff, 0xd8, 0xff, 0xe0], b"%PDF-1.7");

    for (mime_type, content) in
        [("audio/ogg", ogg), ("image/jpeg", jpeg), ("application/pdf", pdf), ("text/csv", b"a,1")]
    {
        assert_eq!(ask(&sim, &media_request(mime_type, content)).await?.0, 200, "{mime_type}");
    }
    for (mime_type, content) in
        [("audio/ogg", jpeg), ("image/jpeg", pdf), ("image/png", jpeg), ("application/pdf", ogg)]
    {
        assert_eq!(ask(&sim, &media_request(mime_type, content)).await?.0, 400, "{mime_type}");
    }
    let mut unpadded = media_request("audio/ogg", ogg);
    unpadded["contents"][0]["parts"][1]["inlineData"]["data"] = json!("T2dnUw");
    assert_eq!(ask(&sim, &unpadded).await?.0, 400);
    let mut from_model = request();
    from_model["contents"][0]["role"] = json!("model");
    assert_eq!(ask(&sim, &from_model).await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn noted_words_are_heard_in_the_form_of_the_parser() -> Result<()> {
    let sim = start().await?;
    sim.note_words(b"OggS 1", "Added fifty screws and sold 3 nails");
    sim.note_words(b"\xff\xd8\xff 1", "Invoice INV-7\nSupplier Mega Foods\n10 x Coke 2L @ 25.00\nTotal 250.00");

    let heard = said(&ask(&sim, &media_request("audio/ogg", b"OggS 1")).await?.1);
    let read = said(&ask(&sim, &media_request("image/jpeg", b"\xff\xd8\xff 1")).await?.1);
    let unknown = said(&ask(&sim, &media_request("audio/ogg", b"OggS 2")).await?.1);

    assert_eq!(heard["transcript"], "Added fifty screws and sold 3 nails");
    let first = &heard["actions"][0];
    assert_eq!((&first["intent"], &first["item"], &first["quantity"]), (&json!("add"), &json!("screws"), &json!("50")));
    assert_eq!((&heard["actions"][1]["intent"], &heard["actions"][1]["reason"]), (&json!("remove"), &json!("sale")));
    assert_eq!(
        (&read["document_number"], &read["supplier"], &read["total"]),
        (&json!("INV-7"), &json!("Mega Foods"), &json!("250.00"))
    );
    let line = &read["actions"][0];
    assert_eq!(
        (&line["item"], &line["price"], &line["price_basis"]),
        (&json!("Coke 2L"), &json!("25.00"), &json!("unit"))
    );
    assert_eq!(unknown["actions"][0]["intent"], "unclear");
    Ok(())
}

#[tokio::test]
async fn answers_are_scripted_by_bytes_and_in_order() -> Result<()> {
    let sim = start().await?;
    sim.answer_media(b"OggS 1", &json!({"by": "hash"}));
    sim.answer_next_media([json!({"by": "order"})]);

    assert_eq!(said(&ask(&sim, &media_request("audio/ogg", b"OggS 1")).await?.1), json!({"by": "hash"}));
    assert_eq!(said(&ask(&sim, &request()).await?.1)["commands"][0]["intent"], "unclear", "nothing is attached");
    let (_, answer) = ask(&sim, &media_request("audio/ogg", b"OggS 2")).await?;
    assert_eq!(said(&answer), json!({"by": "order"}));
    assert_eq!(answer["usageMetadata"]["promptTokensDetails"][1]["modality"], "AUDIO");

    let calls = sim.calls();
    assert_eq!((calls[0].media[0].mime_type.as_str(), calls[0].media[0].length), ("audio/ogg", 6));
    assert!(!calls[0].body.to_string().contains("T2dnUy"), "bytes are not kept");
    Ok(())
}

#[tokio::test]
async fn minimal_thinking_is_refused_by_the_models_that_have_none() -> Result<()> {
    let sim = start().await?;

    assert_eq!(ask_with(&sim, "gemini-3.8-flash", Some("key"), &request()).await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn quota_errors_look_like_the_real_ones() -> Result<()> {
    let sim = start().await?;
    sim.fail(When::Next(1), GeminiFault::MinuteQuota { retry_delay: "1.5s".to_owned() });
    sim.fail(When::Next(1), GeminiFault::DayQuota);
    sim.fail(When::Next(1), GeminiFault::BareQuota);

    let (_, minute) = ask(&sim, &request()).await?;
    let (_, day) = ask(&sim, &request()).await?;
    let (status, bare) = ask(&sim, &request()).await?;

    assert_eq!(minute["error"]["details"][2]["retryDelay"], "1.5s");
    let quota_id = day["error"]["details"][0]["violations"][0]["quotaId"].as_str().unwrap_or_default();
    assert!(quota_id.contains("PerDay"), "{quota_id}");
    assert_eq!(status, 429);
    assert!(bare["error"].get("details").is_none());
    Ok(())
}

#[tokio::test]
async fn bad_endings_are_told_by_their_reason() -> Result<()> {
    let sim = start().await?;
    sim.fail(When::Next(1), GeminiFault::MaxTokens);
    sim.fail(When::Next(1), GeminiFault::Stopped { reason: "SAFETY".to_owned() });
    sim.fail(When::Next(1), GeminiFault::PromptBlocked { reason: "OTHER".to_owned() });
    sim.fail(When::Next(1), GeminiFault::Empty);
    sim.fail(When::Next(1), GeminiFault::ThoughtFirst);

    let (_, cut) = ask(&sim, &request()).await?;
    assert_eq!(cut["candidates"][0]["finishReason"], "MAX_TOKENS");
    let (_, stopped) = ask(&sim, &request()).await?;
    assert_eq!(stopped["candidates"][0]["finishReason"], "SAFETY");
    assert!(stopped["candidates"][0]["content"].get("parts").is_none());
    let (_, blocked) = ask(&sim, &request()).await?;
    assert_eq!(blocked["promptFeedback"]["blockReason"], "OTHER");
    assert!(blocked.get("candidates").is_none());
    let (_, empty) = ask(&sim, &request()).await?;
    assert_eq!(empty["candidates"][0]["finishReason"], "STOP");
    let (_, thoughtful) = ask(&sim, &request()).await?;
    assert_eq!(thoughtful["candidates"][0]["content"]["parts"][0]["thought"], true);
    Ok(())
}

#[tokio::test]
async fn broken_lines_break_in_every_way() -> Result<()> {
    let sim = start().await?;
    for fault in [GeminiFault::Down, GeminiFault::CutOff, GeminiFault::Html, GeminiFault::UnavailableInArray] {
        sim.fail(When::Next(1), fault);
    }

    assert!(ask_with(&sim, MODEL, Some("key"), &request()).await.is_err());
    assert!(ask_with(&sim, MODEL, Some("key"), &request()).await.is_err());
    let (status, page) = ask_with(&sim, MODEL, Some("key"), &request()).await?;
    assert_eq!((status, &page[..9]), (200, "<!DOCTYPE"));
    let (status, error) = ask(&sim, &request()).await?;
    assert_eq!((status, &error[0]["error"]["status"]), (503, &json!("UNAVAILABLE")));
    assert_eq!(ask(&sim, &request()).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn nonsense_still_follows_the_schema() -> Result<()> {
    let sim = start().await?;
    sim.fail(When::Next(1), GeminiFault::Nonsense);

    let (_, answer) = ask(&sim, &request()).await?;

    let commands = said(&answer)["commands"].clone();
    assert!(commands.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(|c| c["item"].is_string())));
    Ok(())
}
