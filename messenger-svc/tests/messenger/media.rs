//! Voice notes, photos and documents come through as they are, or with the reason why not.

use base64::Engine as _;
use proto::messenger::v1 as pb;
use proto::messenger::v1::MediaKind;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tonic::Code;

use crate::media_stand_in::{File, MediaStandIn, bytes};
use crate::world::{Client, NUMBER, TOKEN, World, eventually};

const MIB: usize = 1024 * 1024;

struct Came {
    description: Option<pb::MediaDescription>,
    bytes: Vec<u8>,
    largest_chunk: usize,
    error: Option<tonic::Status>,
}

impl Came {
    fn reason(&self) -> String {
        self.error.as_ref().and_then(platform::error::reason_of).unwrap_or_default()
    }
}

async fn world_with(media: &MediaStandIn, args: &[&str]) -> World {
    let url = format!("--graph-api-url={}", media.url);
    let args: Vec<&str> = args.iter().copied().chain([url.as_str()]).collect();
    World::start(&args).await
}

fn wanted(media_id: &str, kind: MediaKind) -> pb::GetMediaRequest {
    pb::GetMediaRequest { media_id: media_id.to_owned(), kind: kind.into(), ..pb::GetMediaRequest::default() }
}

async fn fetch(client: &Client, request: pb::GetMediaRequest) -> Came {
    let mut came = Came { description: None, bytes: Vec::new(), largest_chunk: 0, error: None };
    let mut stream = match client.clone().get_media(request).await {
        Ok(response) => response.into_inner(),
        Err(status) => return Came { error: Some(status), ..came },
    };
    loop {
        match stream.message().await {
            Ok(None) => return came,
            Err(status) => return Came { error: Some(status), ..came },
            Ok(Some(message)) => match message.part.unwrap() {
                pb::get_media_response::Part::Description(description) => {
                    assert!(came.description.is_none() && came.bytes.is_empty(), "it comes first and once");
                    came.description = Some(description);
                }
                pb::get_media_response::Part::Chunk(chunk) => {
                    came.largest_chunk = came.largest_chunk.max(chunk.len());
                    came.bytes.extend(chunk);
                }
            },
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_note_comes_through_byte_by_byte_after_its_description() {
    let media = MediaStandIn::start().await;
    let world = world_with(&media, &[]).await;
    media.put("9001", File { size: 700_001, announced: json!(700_001), ..File::default() });

    let came = fetch(&world.client, wanted("9001", MediaKind::Audio)).await;

    assert!(came.error.is_none(), "{:?}", came.error);
    let description = came.description.unwrap();
    assert_eq!((description.mime_type.as_str(), description.size_bytes), ("audio/ogg; codecs=opus", 700_001));
    assert!(came.bytes == bytes(700_001));
    assert!(came.largest_chunk <= 64 * 1024, "{}", came.largest_chunk);
    let describe = &media.calls("describe")[0];
    assert_eq!(describe.query["phone_number_id"], NUMBER);
    for call in [describe, &media.calls("download")[0]] {
        assert_eq!(call.headers["authorization"], format!("Bearer {TOKEN}"));
        assert!(call.headers["user-agent"].to_str().unwrap().starts_with("thebackroom-messenger-svc/"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_may_be_as_large_as_its_cap_and_not_a_byte_larger() {
    let media = MediaStandIn::start().await;
    let world = world_with(&media, &[]).await;
    let caps = [(MediaKind::Audio, 16 * MIB), (MediaKind::Image, 5 * MIB), (MediaKind::Document, 16 * MIB)];
    for (kind, cap) in caps {
        // Told by nobody, so the bytes are counted.
        for (size, fits) in [(cap, true), (cap + 1, false)] {
            media.put("counted", File { size, has_length: false, ..File::default() });
            let came = fetch(&world.client, wanted("counted", kind)).await;
            assert_eq!(came.error.is_none(), fits, "{kind:?} {size}: {:?}", came.error);
            assert!(came.bytes.len() <= cap);
            if !fits {
                assert_eq!(came.reason(), "ERROR_REASON_MEDIA_TOO_LARGE");
                let max = platform::error::metadata_of(&came.error.unwrap(), "maxBytes");
                assert_eq!(max, Some(cap.to_string()));
            }
        }
        // Told before: not a byte is passed on.
        let announced = [json!(cap + 1), json!((cap + 1).to_string())];
        for announced in announced {
            media.put("announced", File { announced, ..File::default() });
            let came = fetch(&world.client, wanted("announced", kind)).await;
            assert_eq!((came.reason().as_str(), came.bytes.len()), ("ERROR_REASON_MEDIA_TOO_LARGE", 0));
        }
        for announced in [json!(cap), json!(cap.to_string()), json!("odd"), json!(-1), json!(null)] {
            media.put("announced", File { announced, ..File::default() });
            assert!(fetch(&world.client, wanted("announced", kind)).await.error.is_none());
        }
        media.put("length", File { size: cap + 1, ..File::default() });
        let came = fetch(&world.client, wanted("length", kind)).await;
        assert_eq!((came.reason().as_str(), came.bytes.len()), ("ERROR_REASON_MEDIA_TOO_LARGE", 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_shown_to_nobody_but_meta() {
    let media = MediaStandIn::start().await;
    let elsewhere = MediaStandIn::start().await;
    elsewhere.put("9001", File::default());
    let world = world_with(&media, &["--media-hosts=lookaside.fbsbx.com,media.example"]).await;
    let port = elsewhere.url.rsplit(':').next().unwrap();
    for url in [
        "http://media.example/a".to_owned(),
        "https://evil.example/a".to_owned(),
        "https://media.example.evil.example/a".to_owned(),
        "https://media.example:444/a".to_owned(),
        "https://name:word@media.example/a".to_owned(),
        "file:///etc/passwd".to_owned(),
        format!("http://localhost:{port}/files/9001"),
    ] {
        media.put("9001", File { url: Some(url.clone()), ..File::default() });
        let came = fetch(&world.client, wanted("9001", MediaKind::Audio)).await;
        assert_eq!(came.reason(), "ERROR_REASON_MEDIA_REFUSED", "{url}");
        assert_eq!(came.error.unwrap().code(), Code::FailedPrecondition);
    }
    let target: &'static str = format!("{}/files/9001", elsewhere.url).leak();
    for status in [301, 302, 303, 307, 308] {
        media.put("9001", File { downloads: vec![(status, target)], ..File::default() });
        assert_eq!(fetch(&world.client, wanted("9001", MediaKind::Audio)).await.reason(), "ERROR_REASON_MEDIA_REFUSED");
        media.put("9001", File { description: Some((status, json!(target))), ..File::default() });
        assert_eq!(fetch(&world.client, wanted("9001", MediaKind::Audio)).await.reason(), "ERROR_REASON_MEDIA_REFUSED");
    }
    assert!(elsewhere.calls("download").is_empty(), "no redirect was followed");
}

#[tokio::test(flavor = "multi_thread")]
async fn hashes_are_read_in_either_spelling_and_a_wrong_one_is_not_held_against_the_file() {
    let captured = crate::telemetry::capture();
    let media = MediaStandIn::start().await;
    let world = world_with(&media, &[]).await;
    let digest = Sha256::digest(bytes(3000));
    let (base64, hex) = (base64::engine::general_purpose::STANDARD.encode(digest), hex::encode(digest));
    let mismatches =
        || String::from_utf8_lossy(&captured.lines.lock().unwrap()).matches("messenger.media.hash_mismatch").count();
    for (of_webhook, of_descriptor, warnings) in [
        (base64.as_str(), hex.as_str(), 0),
        (hex.as_str(), base64.as_str(), 0),
        ("", "", 0),
        (base64.as_str(), &hex::encode([1; 32]), 1),
        (&hex::encode([1; 32]), hex.as_str(), 1),
        ("odd", "odder", 2),
    ] {
        let before = mismatches();
        media.put("9001", File { sha256: Some(of_descriptor.to_owned()), ..File::default() });
        let request = pb::GetMediaRequest { sha256: of_webhook.to_owned(), ..wanted("9001", MediaKind::Audio) };

        let came = fetch(&world.client, request).await;

        assert!(came.error.is_none() && came.bytes == bytes(3000));
        assert_eq!(mismatches() - before, warnings, "{of_webhook} {of_descriptor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_meta_does_not_have_any_more_is_gone() {
    let media = MediaStandIn::start().await;
    let world = world_with(&media, &[]).await;

    let foreign = fetch(&world.client, wanted("404", MediaKind::Audio)).await;

    assert_eq!(foreign.reason(), "ERROR_REASON_MEDIA_GONE");
    assert_eq!(foreign.error.unwrap().code(), Code::NotFound);
    assert!(media.calls("download").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_does_not_count_is_asked_for_once_more_and_not_twice() {
    let media = MediaStandIn::start().await;
    let world = world_with(&media, &[]).await;

    media.put("9001", File { downloads: vec![(404, "")], ..File::default() });
    let came = fetch(&world.client, wanted("9001", MediaKind::Image)).await;
    assert!(came.error.is_none() && came.bytes.len() == 3000);
    assert_eq!(media.calls("describe").len(), 2);

    media.put("9002", File { downloads: vec![(404, ""), (404, "")], ..File::default() });
    let came = fetch(&world.client, wanted("9002", MediaKind::Image)).await;
    assert_eq!(came.reason(), "ERROR_REASON_MEDIA_GONE");
    assert_eq!(media.calls("describe").len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_unavailable_also_in_the_middle() {
    let media = MediaStandIn::start().await;
    let world = world_with(&media, &["--graph-timeout-ms=400"]).await;
    let meta = |code: i32| json!({"error": {"message": "m", "code": code, "fbtrace_id": "A"}});
    for (status, body) in [
        (502, json!("<html>Bad gateway</html>")),
        (500, meta(131_000)),
        (503, meta(2)),
        (400, meta(4)),
        (200, json!("<html>")),
        (200, json!({"id": "9001"})),
        (200, json!({"url": "no address"})),
        (403, json!("<html>")),
    ] {
        media.put("9001", File { description: Some((status, body.clone())), ..File::default() });
        let came = fetch(&world.client, wanted("9001", MediaKind::Audio)).await;
        assert_eq!(came.reason(), "ERROR_REASON_GRAPH_UNAVAILABLE", "{status} {body}");
        assert_eq!(came.error.unwrap().code(), Code::Unavailable);
    }
    media.put("9001", File { downloads: vec![(500, "")], ..File::default() });
    assert_eq!(fetch(&world.client, wanted("9001", MediaKind::Audio)).await.reason(), "ERROR_REASON_GRAPH_UNAVAILABLE");
    // Broken off, and stuck.
    for file in [
        File { size: 200_000, breaks_at: Some(100_000), ..File::default() },
        File { size: 200_000, breaks_at: Some(100_000), has_length: false, ..File::default() },
        File { size: 200_000, hangs: true, ..File::default() },
    ] {
        media.put("9001", file);
        let came = fetch(&world.client, wanted("9001", MediaKind::Audio)).await;
        assert_eq!(came.reason(), "ERROR_REASON_GRAPH_UNAVAILABLE");
        assert!(came.description.is_some() && came.bytes.len() < 200_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_does_not_count_any_more_halts_the_number() {
    let media = MediaStandIn::start().await;
    let world = world_with(&media, &["--halt-probe-seconds=3600"]).await;
    let error = json!({"error": {"message": "expired", "code": 190, "error_subcode": 463}});
    media.put("9001", File { description: Some((401, error)), ..File::default() });

    let came = fetch(&world.client, wanted("9001", MediaKind::Audio)).await;

    assert_eq!(came.reason(), "ERROR_REASON_GRAPH_UNAVAILABLE");
    let code: i32 = sqlx::query_scalar("SELECT halt_code FROM number_state WHERE halted_at IS NOT NULL")
        .fetch_one(&world.pool)
        .await
        .unwrap();
    assert_eq!(code, 190);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_slot_gets_an_address_when_it_is_free() {
    let media = MediaStandIn::start().await;
    let world = world_with(&media, &["--media-downloads-at-once=1"]).await;
    media.put("first", File { size: 30_000, hangs: true, ..File::default() });
    media.put("second", File::default());
    let first = tokio::spawn({
        let client = world.client.clone();
        async move { fetch(&client, wanted("first", MediaKind::Audio)).await }
    });
    eventually("the first has the slot", || async { (media.calls("download").len() == 1).then_some(()) }).await;
    let mut second = world.client.clone().get_media(wanted("second", MediaKind::Audio)).await.unwrap().into_inner();
    let late = tokio::time::timeout(std::time::Duration::from_millis(300), second.message()).await;
    assert!(late.is_err(), "it waits");
    assert_eq!(media.calls("describe").len(), 1, "an address would grow old meanwhile");

    eventually("the first ends", || async {
        media.release();
        first.is_finished().then_some(())
    })
    .await;

    assert!(first.await.unwrap().error.is_none());
    assert!(second.message().await.unwrap().is_some());
    assert_eq!(media.calls("describe").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_takes_its_time_gets_all_and_one_that_stops_loses_its_slot() {
    let media = MediaStandIn::start().await;
    let world = world_with(&media, &["--media-downloads-at-once=1", "--media-timeout-ms=1500"]).await;
    media.put("large", File { size: 16 * MIB, ..File::default() });
    media.put("small", File { size: 300_000, ..File::default() });

    let mut slow = world.client.clone().get_media(wanted("small", MediaKind::Audio)).await.unwrap().into_inner();
    let mut count = 0;
    while let Some(message) = slow.message().await.unwrap() {
        if let Some(pb::get_media_response::Part::Chunk(chunk)) = message.part {
            count += chunk.len();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(count, 300_000);

    let mut stopped = world.client.clone().get_media(wanted("large", MediaKind::Audio)).await.unwrap().into_inner();
    assert!(stopped.message().await.unwrap().is_some());
    eventually("its slot is free", || async {
        let came = fetch(&world.client, wanted("small", MediaKind::Audio)).await;
        came.error.is_none().then_some(())
    })
    .await;
    let error = loop {
        match stopped.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("it was not finished"),
            Err(error) => break error,
        }
    };
    assert_eq!(platform::error::reason_of(&error).as_deref(), Some("ERROR_REASON_GRAPH_UNAVAILABLE"));

    let left = world.client.clone().get_media(wanted("large", MediaKind::Audio)).await.unwrap().into_inner();
    drop(left);
    assert!(fetch(&world.client, wanted("small", MediaKind::Audio)).await.error.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_are_refused_with_their_fields() {
    use tonic_types::StatusExt as _;
    let media = MediaStandIn::start().await;
    let world = world_with(&media, &[]).await;
    let good = wanted("9001", MediaKind::Audio);
    let cases = [
        (pb::GetMediaRequest { media_id: String::new(), ..good.clone() }, "media_id"),
        (pb::GetMediaRequest { media_id: "../me".to_owned(), ..good.clone() }, "media_id"),
        (pb::GetMediaRequest { media_id: "9".repeat(129), ..good.clone() }, "media_id"),
        (pb::GetMediaRequest { kind: 0, ..good.clone() }, "kind"),
        (pb::GetMediaRequest { kind: 99, ..good.clone() }, "kind"),
        (pb::GetMediaRequest { sha256: "a".repeat(129), ..good.clone() }, "sha256"),
        (pb::GetMediaRequest { business_phone_number_id: "x".to_owned(), ..good }, "business_phone_number_id"),
    ];
    for (request, field) in cases {
        let error = fetch(&world.client, request).await.error.unwrap();
        assert_eq!(error.code(), Code::InvalidArgument);
        let fields: Vec<String> =
            error.get_details_bad_request().unwrap().field_violations.into_iter().map(|v| v.field).collect();
        assert_eq!(fields, [field]);
    }
}
