//! Files, from a person's phone to the caller of Graph, and up from there.

use devstack::meta_sim::{
    Attachment, DownloadFault, HashStyle, LookupFault, MediaKind, MediaManner, MetaSim, SayOptions, SendFault,
    SizeStyle, Ticks,
};
use devstack::script::When;
use http::StatusCode;
use jiff::SignedDuration;
use platform::clock::Clock;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::common::{PATIENCE, StubGateway, eventually, start, start_with, thandi};

const VOICE: &[u8] = b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead\x01\x01";
const PDF: &[u8] = b"%PDF-1.7 delivery note";

fn client() -> reqwest::Client {
    platform::http::install_tls_provider();
    reqwest::Client::builder()
        .user_agent("test")
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

async fn look_up(sim: &MetaSim, id: &str) -> (StatusCode, Value) {
    let url = format!("{}/v25.0/{id}?phone_number_id=2000", sim.url());
    let response = client().get(url).bearer_auth("token").send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

async fn fetch(url: &str) -> reqwest::Response {
    client().get(url).bearer_auth("token").send().await.unwrap()
}

async fn message(gateway: &StubGateway) -> Value {
    eventually("the webhook comes", || !gateway.received().is_empty()).await;
    gateway.received()[0].json["entry"][0]["changes"][0]["value"]["messages"][0].clone()
}

#[tokio::test]
async fn a_voice_note_comes_by_id_and_its_bytes_can_be_fetched() {
    let (gateway, sim) = start().await;

    let sent = sim.send_file(&thandi(), Attachment::voice_note(VOICE));
    let message = message(&gateway).await;
    let (status, described) = look_up(&sim, message["audio"]["id"].as_str().unwrap()).await;
    let response = fetch(described["url"].as_str().unwrap()).await;

    assert_eq!(message["type"], "audio");
    assert_eq!(message["audio"]["id"].as_str(), sent.media_id.as_deref());
    assert_eq!(message["audio"]["mime_type"], "audio/ogg; codecs=opus");
    assert_eq!(message["audio"]["voice"], true);
    assert!(message["audio"].get("url").is_none());
    assert_eq!(status, 200);
    assert_eq!(described["sha256"], hex::encode(Sha256::digest(VOICE)));
    assert_eq!(described["file_size"], VOICE.len());
    assert_eq!(described["messaging_product"], "whatsapp");
    assert_eq!(response.headers()["content-type"], "audio/ogg");
    assert_eq!(&response.bytes().await.unwrap()[..], VOICE);
    sim.wait_for_ticks(&thandi(), &sent.wamid, Ticks::Delivered, PATIENCE).await.unwrap();
    assert_eq!(sim.transcript(&thandi())[0].file.as_ref().unwrap().size, VOICE.len());
}

#[tokio::test]
async fn photos_have_captions_and_documents_have_names() {
    let (gateway, sim) = start().await;

    sim.send_file(&thandi(), Attachment::photo(&b"\xff\xd8\xff\xe0 a photo"[..]).with_caption("received"));
    sim.send_file(&thandi(), Attachment::document("note.pdf", "application/pdf", PDF));
    eventually("both come", || gateway.received().len() == 2).await;

    let received = gateway.received();
    let bodies: Vec<_> =
        received.iter().map(|received| &received.json["entry"][0]["changes"][0]["value"]["messages"][0]).collect();
    let photo = bodies.iter().find(|message| message["type"] == "image").unwrap();
    assert_eq!((&photo["image"]["caption"], &photo["image"]["mime_type"]), (&json!("received"), &json!("image/jpeg")));
    let document = bodies.iter().find(|message| message["type"] == "document").unwrap();
    assert_eq!(document["document"]["filename"], "note.pdf");
}

#[tokio::test]
async fn hashes_and_sizes_are_written_in_either_way() {
    let manner = MediaManner { hash: HashStyle::Base64, size: SizeStyle::Text, has_inline_url: true };
    let (gateway, sim) = start_with(|options| options.media = manner).await;

    sim.send_file(&thandi(), Attachment::voice_note(VOICE));
    let message = message(&gateway).await;
    let (_, described) = look_up(&sim, message["audio"]["id"].as_str().unwrap()).await;

    assert_eq!(described["sha256"], message["audio"]["sha256"]);
    assert_eq!(described["file_size"], VOICE.len().to_string());
    assert_eq!(fetch(message["audio"]["url"].as_str().unwrap()).await.status(), 200);
}

#[tokio::test]
async fn addresses_live_five_minutes_and_ids_seven_days() {
    let clock = Clock::manual("2026-11-22T08:00:00Z".parse().unwrap());
    let (_gateway, sim) = start_with(|options| options.clock = clock.clone()).await;
    let id = sim.send_file(&thandi(), Attachment::voice_note(VOICE)).media_id.unwrap();
    let url = look_up(&sim, &id).await.1["url"].as_str().unwrap().to_owned();

    clock.advance(SignedDuration::from_secs(5 * 60 - 1));
    assert_eq!(fetch(&url).await.status(), 200);
    clock.advance(SignedDuration::from_secs(1));
    assert_eq!(fetch(&url).await.status(), 404);

    clock.advance(SignedDuration::from_hours(7 * 24) - SignedDuration::from_secs(5 * 60 + 1));
    assert_eq!(look_up(&sim, &id).await.0, 200);
    clock.advance(SignedDuration::from_secs(1));
    let (status, error) = look_up(&sim, &id).await;
    assert_eq!(status, 400);
    assert_eq!((&error["error"]["code"], &error["error"]["error_subcode"]), (&json!(100), &json!(33)));
}

#[tokio::test]
async fn the_token_and_a_name_are_asked_for_at_both_hops() {
    let (_gateway, sim) = start().await;
    let id = sim.send_file(&thandi(), Attachment::voice_note(VOICE)).media_id.unwrap();
    let url = look_up(&sim, &id).await.1["url"].as_str().unwrap().to_owned();

    let without_token = client().get(format!("{}/v25.0/{id}", sim.url())).send().await.unwrap();
    assert_eq!(without_token.status(), 401);
    assert_eq!(client().get(&url).send().await.unwrap().status(), 401);
    let nameless = reqwest::Client::new().get(&url).bearer_auth("token").send().await.unwrap();
    assert_eq!(nameless.status(), 400);
    let elsewhere = format!("{}/v25.0/{id}?phone_number_id=2001", sim.url());
    assert_eq!(client().get(elsewhere).bearer_auth("token").send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn fetching_goes_wrong_as_it_is_told() {
    let (_gateway, sim) = start().await;
    let id = sim.send_file(&thandi(), Attachment::voice_note(VOICE)).media_id.unwrap();
    let url = look_up(&sim, &id).await.1["url"].as_str().unwrap().to_owned();
    let elsewhere = "http://127.0.0.1:9/elsewhere";
    for fault in [
        DownloadFault::NotFound,
        DownloadFault::Redirect { url: elsewhere.to_owned() },
        DownloadFault::Html { http_status: 502 },
        DownloadFault::CutBody { kept_length: 4 },
        DownloadFault::Huge { length: 200_000 },
        DownloadFault::OtherBytes,
    ] {
        sim.fail_downloads(When::Next(1), fault);
    }

    assert_eq!(fetch(&url).await.status(), 404);
    let redirect = fetch(&url).await;
    assert_eq!((redirect.status().as_u16(), &redirect.headers()["location"]), (302, &elsewhere.parse().unwrap()));
    assert_eq!(fetch(&url).await.status(), 502);
    assert!(fetch(&url).await.bytes().await.is_err());
    let huge = fetch(&url).await;
    assert_eq!(huge.content_length(), None);
    assert_eq!(huge.bytes().await.unwrap().len(), 200_000);
    assert_ne!(&fetch(&url).await.bytes().await.unwrap()[..], VOICE);
    assert_eq!(&fetch(&url).await.bytes().await.unwrap()[..], VOICE);
}

#[tokio::test]
async fn lookups_go_wrong_as_they_are_told() {
    let (_gateway, sim) = start().await;
    let id = sim.send_file(&thandi(), Attachment::voice_note(VOICE)).media_id.unwrap();
    let foreign = "https://media.example.org/x";
    sim.fail_lookups(When::Next(1), LookupFault::Error { code: 131_052, subcode: None });
    sim.fail_lookups(When::Next(1), LookupFault::ForeignUrl { url: foreign.to_owned() });
    sim.fail_lookups(When::Next(1), LookupFault::WrongHash);
    sim.fail_lookups(When::Next(1), LookupFault::WrongSize { file_size: 1 << 40 });

    assert_eq!(look_up(&sim, &id).await.1["error"]["code"], 131_052);
    assert_eq!(look_up(&sim, &id).await.1["url"], foreign);
    assert_eq!(look_up(&sim, &id).await.1["sha256"], "0".repeat(64));
    assert_eq!(look_up(&sim, &id).await.1["file_size"], 1_u64 << 40);
}

async fn upload(sim: &MetaSim, mime_type: &str, content: impl Into<Vec<u8>>) -> (u16, Value) {
    let part = Part::bytes(content.into()).file_name("stock.bin").mime_str(mime_type).unwrap();
    let form = Form::new().text("messaging_product", "whatsapp").text("type", mime_type.to_owned()).part("file", part);
    let url = format!("{}/v25.0/2000/media", sim.url());
    let response = client().post(url).bearer_auth("token").multipart(form).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn an_upload_gets_an_id_for_thirty_days() {
    let clock = Clock::manual("2026-11-22T08:00:00Z".parse().unwrap());
    let (_gateway, sim) = start_with(|options| options.clock = clock.clone()).await;

    let (status, answer) = upload(&sim, "application/pdf", PDF).await;
    let id = answer["id"].as_str().unwrap().to_owned();

    assert_eq!(status, 200);
    assert_eq!(look_up(&sim, &id).await.1["mime_type"], "application/pdf");
    clock.advance(SignedDuration::from_hours(30 * 24));
    assert_eq!(look_up(&sim, &id).await.0, 400);
}

#[tokio::test]
async fn uploads_that_meta_does_not_take_are_refused() {
    let (_gateway, sim) = start().await;
    let mib = 1024 * 1024;
    let photo = |length: usize| [vec![0xff, 0xd8, 0xff, 0xe0], vec![0; length - 4]].concat();

    for (mime_type, content) in [
        ("text/csv", b"item,quantity".to_vec()),
        ("application/pdf", b"not a pdf".to_vec()),
        ("image/jpeg", photo(5 * mib + 1)),
        ("audio/ogg", b"OggS and no Opus".to_vec()),
        ("text/plain", b"a\0b".to_vec()),
    ] {
        let (status, error) = upload(&sim, mime_type, content).await;
        assert_eq!((status, &error["error"]["code"]), (400, &json!(131_053)), "{mime_type}");
    }
    assert_eq!(upload(&sim, "image/jpeg", photo(5 * mib)).await.0, 200);
    assert_eq!(upload(&sim, "audio/ogg", VOICE).await.0, 200);
    assert_eq!(upload(&sim, "text/plain", "50 skroewe").await.0, 200);
    sim.fail_uploads(When::Next(1), SendFault::html_502());
    let part = Part::bytes(PDF).mime_str("application/pdf").unwrap();
    let url = format!("{}/v25.0/2000/media", sim.url());
    let call = |form: Form| client().post(&url).bearer_auth("token").multipart(form).send();
    assert_eq!(call(Form::new().part("file", part)).await.unwrap().status(), 502);
    assert_eq!(call(Form::new()).await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_deleted_file_is_gone() {
    let (_gateway, sim) = start().await;
    let id = sim.send_file(&thandi(), Attachment::voice_note(VOICE)).media_id.unwrap();
    let delete = || client().delete(format!("{}/v25.0/{id}", sim.url())).bearer_auth("token").send();

    assert_eq!(delete().await.unwrap().status(), 200);
    assert_eq!(delete().await.unwrap().status(), 400);
    assert_eq!(look_up(&sim, &id).await.0, 400);
}

#[tokio::test]
async fn a_file_above_100_mb_comes_as_error_131052() {
    let (gateway, sim) = start().await;
    let film = Attachment::of(MediaKind::Video, "video/mp4", vec![0; 100 * 1024 * 1024 + 1]);

    let sent = sim.send_file_with(&thandi(), film, &SayOptions::default());

    assert_eq!(sent.media_id, None);
    assert_eq!(message(&gateway).await["errors"][0]["code"], 131_052);
}

#[tokio::test]
async fn a_file_can_be_sent_by_http() {
    let (gateway, sim) = start().await;
    sim.person(thandi());
    let query = [("person", "ZA.1349"), ("kind", "audio"), ("mime_type", "audio/ogg; codecs=opus"), ("voice", "true")];

    let response = client().post(format!("{}/_sim/files", sim.url())).query(&query).body(VOICE).send().await.unwrap();
    let answer: Value = response.json().await.unwrap();
    let message = message(&gateway).await;
    let shown = client()
        .get(format!("{}/_sim/files/{}", sim.url(), answer["media_id"].as_str().unwrap()))
        .send()
        .await
        .unwrap();

    assert_eq!(message["audio"]["id"], answer["media_id"]);
    assert_eq!(&shown.bytes().await.unwrap()[..], VOICE);
}
