//! Voice notes, photos and documents: what flows, what is answered, and every way in which it fails.

use std::time::Duration;

use platform::error::Situation;
use proto::common::v1::{Decimal, Money};
use proto::parser::v1 as pb;
use proto::parser::v1::ModelOutcome;
use proto::parser::v1::action::Intent;
use serde_json::{Value, json};
use tonic::Status;

use crate::fakes::media::File;
use crate::world::{World, eventually, message, notification};

const VOICE: &[u8] = include_bytes!("../../../tests/fixtures/voice.ogg");
const MIB: usize = 1024 * 1024;

fn voice(phone: &str, wamid: &str, media_id: &str) -> Value {
    let body = json!({ "id": media_id, "mime_type": "audio/ogg; codecs=opus", "sha256": "c2hh", "voice": true });
    message(phone, wamid, "audio", &body)
}

fn photo(phone: &str, wamid: &str) -> Value {
    message(phone, wamid, "image", &json!({ "id": "photo", "mime_type": "image/jpeg", "caption": "from Jumbo" }))
}

fn line(said: &str, quantity: &str, total: &str) -> pb::StockLine {
    let decimal = |value: &str| Some(Decimal { value: value.to_owned() });
    let money = Money { amount: decimal(total), currency_code: "ZAR".to_owned() };
    pb::StockLine {
        item: Some(pb::ItemMention { said: said.to_owned(), ..pb::ItemMention::default() }),
        quantity: decimal(quantity),
        price: (!total.is_empty()).then_some(pb::Price { money: Some(money), basis: pb::PriceBasis::Total as i32 }),
        ..pb::StockLine::default()
    }
}

fn add(said: &str, quantity: &str, total: &str, confirm: bool) -> pb::Action {
    let intent =
        Intent::Add(pb::Add { line: Some(line(said, quantity, total)), reason: pb::AddReason::Receipt as i32 });
    pb::Action { intent: Some(intent), confirm, ..pb::Action::default() }
}

fn outcome(outcome: ModelOutcome) -> pb::ParseMediaResponse {
    let nothing = pb::Action { intent: Some(Intent::Unknown(pb::Unknown::default())), ..pb::Action::default() };
    pb::ParseMediaResponse {
        actions: vec![nothing],
        model_outcome: outcome.into(),
        ..pb::ParseMediaResponse::default()
    }
}

fn heard(transcript: &str, actions: Vec<pb::Action>) -> pb::ParseMediaResponse {
    let (transcript, language_code) = (transcript.to_owned(), "en".to_owned());
    pb::ParseMediaResponse { actions, transcript, language_code, ..outcome(ModelOutcome::Used) }
}

fn paper(lines: Vec<pb::Action>) -> pb::ParseMediaResponse {
    let total = Money { amount: Some(Decimal { value: "332.50".into() }), currency_code: "ZAR".into() };
    let document = pb::Document { number: "88213".into(), supplier: "Jumbo".into(), total: Some(total) };
    pb::ParseMediaResponse { document: Some(document), ..heard("printed", lines) }
}

fn delivery() -> pb::ParseMediaResponse {
    paper(vec![add("coke", "12", "216.00", true), add("bread", "10", "116.50", true)])
}

/// A world in which a photo of this paper was sent.
async fn shown(phone: &str, reading: pb::ParseMediaResponse) -> World {
    let world = World::start().await;
    world.messenger.files.put("photo", File::Whole(vec![0xff, 0xd8, 0xff, 0xe0]));
    world.parser.readings.answer(Ok(reading));
    world.take(&[photo(phone, "wamid.photo")]).await;
    world
}

fn tap(phone: &str, wamid: &str, taps: &[(String, String)], title: &str) -> Value {
    let (id, _) = taps.iter().find(|(_, each)| each == title).unwrap();
    let reply = json!({ "type": "button_reply", "button_reply": { "id": id, "title": title } });
    message(phone, wamid, "interactive", &reply)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_note_is_answered_like_text_with_what_was_heard() {
    let world = World::start().await;
    world.messenger.files.put("voice", File::Whole(VOICE.to_vec()));
    world.parser.readings.answer(Ok(heard("added fifteen milk", vec![add("milk", "15", "", false)])));

    world.take(&[voice("27820000001", "wamid.v", "voice"), voice("27820000001", "wamid.v", "voice")]).await;

    let (text, taps) = world.newest("27820000001");
    assert_eq!(text, "🎤 \"added fifteen milk\" - 15 (fifteen)\n✅ Added 15 milk to inventory\nNow 15");
    assert_eq!(taps.len(), 1, "it can be undone");
    assert_eq!(world.inventory.state().posted.len(), 1);
    let files = world.parser.readings.heard();
    assert_eq!((files.len(), files[0].length), (1, VOICE.len()));
    assert_eq!(files[0].head, VOICE);
    assert_eq!(files[0].message.mime_type, "audio/ogg; codecs=opus");
    assert_eq!(world.messenger.files.asked()[0].sha256, "c2hh");
    eventually("it is shown as read", || async { world.messenger.marked().len() == 1 }).await;
    assert!(world.messenger.marked()[0].show_typing);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_note_answers_the_question_that_is_open() {
    let world = World::start().await;
    let phone = "27820000001";
    world.say(phone, "wamid.1", "sold 2 case milk").await;
    world.messenger.files.put("voice", File::Whole(VOICE.to_vec()));
    // Heard alone it would be six of something new.
    world.parser.readings.answer(Ok(heard("6", vec![add("case", "6", "", false)])));

    world.take(&[voice(phone, "wamid.v", "voice")]).await;

    let text = world.newest(phone).0;
    assert!(text.contains("✅ Sold 2 cases (12) milk"), "{text}");
    assert_eq!(world.inventory.state().posted.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_heard_and_is_unusual_asks_first() {
    let world = World::start().await;
    world.messenger.files.put("voice", File::Whole(VOICE.to_vec()));
    world.parser.readings.answer(Ok(heard("added 5000 milk", vec![add("milk", "5000", "", true)])));

    world.take(&[voice("27820000002", "wamid.v", "voice")]).await;

    assert_eq!(world.newest("27820000002").0, "🎤 \"added 5000 milk\" - 5000 (five thousand)\n❓ Add 5000 milk?");
    assert!(world.inventory.state().posted.is_empty());
    world.tap("27820000002", "wamid.yes", "Yes").await;
    assert_eq!(world.inventory.state().posted.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_answer_to_a_voice_note_keeps_within_six_lines() {
    let world = World::start().await;
    world.messenger.files.put("voice", File::Whole(VOICE.to_vec()));
    let lines = (0..12).map(|item| add(&format!("item {item}"), "5", "", false)).collect();
    world.parser.readings.answer(Ok(heard("many things", lines)));

    world.take(&[voice("27820000003", "wamid.v", "voice")]).await;

    let text = world.newest("27820000003").0;
    assert_eq!(text.lines().count(), 6);
    assert!(text.ends_with("… +8"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_is_saved_once_however_often_it_is_approved() {
    let phone = "27820000010";
    let world = shown(phone, delivery()).await;
    let (text, taps) = world.newest(phone);
    assert_eq!(text, "🧾 Came in, Jumbo 88213, 2 lines, R332.50\n1 coke 12\n2 bread 10");
    assert!(world.inventory.state().posted.is_empty(), "showing it changes nothing");

    world.take(&[tap(phone, "wamid.save", &taps, "Save all")]).await;
    world.take(&[tap(phone, "wamid.again", &taps, "Save all"), tap(phone, "wamid.late", &taps, "Cancel")]).await;

    let answers = world.answers(phone);
    assert_eq!(answers[1], "✅ 2 saved: coke +12 → 12\nbread +10 → 10");
    assert!(answers[2].contains("answered that already") && answers[3].contains("answered that already"));
    assert_eq!(world.inventory.state().posted.len(), 1);
    assert_eq!(world.inventory.state().papers, [("Jumbo".to_owned(), "88213".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_paper_a_second_time_is_not_even_shown() {
    let phone = "27820000011";
    let world = shown(phone, delivery()).await;
    world.tap(phone, "wamid.save", "Save all").await;

    world.take(&[photo(phone, "wamid.photo2")]).await;

    let (text, taps) = world.newest(phone);
    assert_eq!(text, "⚠️ This paper 88213 was already booked as #K7Q2. Nothing added.");
    assert!(taps.is_empty());
    assert_eq!(world.inventory.state().posted.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_is_fixed_by_words_and_shown_again() {
    let phone = "27820000012";
    let world = shown(phone, delivery()).await;
    let (_, first_taps) = world.newest(phone);

    let how = world.tap(phone, "wamid.fix", "Fix").await;
    assert!(how.starts_with("What should change?"), "{how}");
    let fixed = world.say(phone, "wamid.w1", "1: 6\n2 is white bread").await.pop().unwrap();
    assert_eq!(
        fixed,
        "🧾 Came in, Jumbo 88213, 2 lines, R332.50\n⚠️ The lines come to R224.50, the paper says R332.50\n1 coke 6\n2 white bread 10"
    );
    let wrong = world.say(phone, "wamid.w2", "remove 7").await.pop().unwrap();
    assert_eq!(wrong, "❓ There is no such line: it has 2. Nothing changed.");
    let bare = world.say(phone, "wamid.w3", "2").await.pop().unwrap();
    assert!(bare.starts_with("What should change?"), "a number alone saves nothing: {bare}");
    world.say(phone, "wamid.w4", "no 2").await;
    let stale = {
        world.take(&[tap(phone, "wamid.stale", &first_taps, "Save all")]).await;
        world.newest(phone).0
    };
    assert!(stale.contains("Nothing more changed"), "{stale}");
    assert!(world.inventory.state().posted.is_empty());
    world.say(phone, "wamid.yes", "yes").await;

    let posted = world.inventory.posted_by("wamid.yes").unwrap();
    let lines: Vec<_> =
        posted.operation.movements.iter().map(|line| (line.item_name.as_str(), line.delta.clone())).collect();
    assert_eq!(lines, [("coke", Some(Decimal { value: "6".to_owned() }))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_or_forgotten_paper_is_not_saved() {
    let phone = "27820000013";
    let world = shown(phone, delivery()).await;
    let (_, taps) = world.newest(phone);
    world.take(&[tap(phone, "wamid.cancel", &taps, "Cancel")]).await;
    assert_eq!(world.newest(phone).0, "👍 Left as it was. Nothing changed.");
    let words = world.say(phone, "wamid.words", "1: 6").await.pop().unwrap();
    assert!(!words.starts_with('🧾'), "no paper is open: {words}");

    world.take(&[photo(phone, "wamid.photo2")]).await;
    let (_, taps) = world.newest(phone);
    sqlx::query("UPDATE question SET expires_at = now()").execute(&world.pool).await.unwrap();
    world.take(&[tap(phone, "wamid.late", &taps, "Save all")]).await;

    assert!(world.newest(phone).0.starts_with("That question is closed."));
    assert!(world.inventory.state().posted.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_that_is_saved_was_shown() {
    let long = |number: usize| format!("Tastic parboiled long grain rice number {number}");
    for (count, is_tapped) in [(12, true), (13, true), (60, false)] {
        let phone = "27820000014";
        let lines = (1..=count).map(|number| add(&long(number), "5", "", true)).collect();
        let world = shown(phone, paper(lines)).await;

        let (text, taps) = world.newest(phone);
        for number in 1..=count {
            assert!(
                text.lines().any(|line| line.starts_with(&format!("{number} Tastic parboiled"))),
                "{number}: {text}"
            );
        }
        assert_eq!(!taps.is_empty(), is_tapped, "{count}");
        if is_tapped {
            world.tap(phone, "wamid.save", "Save all").await;
        } else {
            assert!(text.ends_with("\nSend \"save all\", \"fix\" or \"cancel\""), "{text}");
            let how = world.say(phone, "wamid.fix", "fix").await.pop().unwrap();
            assert!(how.starts_with("What should change?"), "{how}");
            world.say(phone, "wamid.save", "Save all").await;
        }
        assert_eq!(world.inventory.posted_by("wamid.save").unwrap().operation.movements.len(), count);
    }
    let world = shown("27820000014", paper((1..=60).map(|number| add(&long(number), "5", "", true)).collect())).await;
    let dropped = world.say("27820000014", "wamid.drop", "cancel").await.pop().unwrap();
    assert_eq!(dropped, "👍 Left as it was. Nothing changed.");

    let world = shown("27820000014", paper((1..=61).map(|number| add(&long(number), "5", "", true)).collect())).await;
    assert!(world.newest("27820000014").0.contains("at most 60"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_saved_is_the_item_that_was_shown() {
    let phone = "27820000015";
    let world = shown(phone, delivery()).await;
    // Between showing and saving somebody adds items that are called alike.
    world.inventory.state().alike.insert("coke".to_owned(), vec!["coke can".to_owned(), "coke 2l".to_owned()]);

    world.tap(phone, "wamid.save", "Save all").await;

    assert_eq!(world.newest(phone).0, "✅ 2 saved: coke +12 → 12\nbread +10 → 10");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_could_not_be_saved_stay_open_beside_the_booked_paper() {
    let phone = "27820000016";
    let world = World::start().await;
    for item in ["rice", "oil"] {
        let alike = vec![format!("{item} 1"), format!("{item} 2")];
        world.inventory.state().alike.insert(item.to_owned(), alike);
    }
    world.messenger.files.put("photo", File::Whole(vec![0xff, 0xd8, 0xff, 0xe0]));
    let lines = ["rice", "bread", "oil"].map(|item| add(item, "5", "", true)).to_vec();
    world.parser.readings.answer(Ok(paper(lines)));
    world.take(&[photo(phone, "wamid.photo")]).await;

    let saved = world.tap(phone, "wamid.save", "Save all").await;
    assert_eq!(
        saved,
        "❓ Not saved yet: Came in, 2 lines\n1 rice 5 ❓ rice 1 or rice 2?\n2 oil 5 ❓ oil 1 or oil 2?\n✅ Added 5 bread to inventory\nNow 5"
    );
    world.say(phone, "wamid.fix", "1 is rice 2\n2 is oil 1").await;
    let rest = world.tap(phone, "wamid.rest", "Save all").await;

    assert_eq!(rest, "✅ 2 saved: rice 2 +5 → 5\noil 1 +5 → 5");
    assert_eq!(world.inventory.state().papers.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_fetched_holds_nobodys_texts_for_long() {
    let phone = "27820000017";
    let world = World::start().await;
    let down = File::Refused(Situation::Unavailable, "ERROR_REASON_GRAPH_UNAVAILABLE", &[]);
    world.messenger.files.put("voice", down);
    let text = message(phone, "wamid.text", "text", &json!({ "body": "add 5 bread" }));
    assert_eq!(world.post(&notification(&[voice(phone, "wamid.v", "voice"), text])).await, 200);
    eventually("it was tried", || async { !world.messenger.files.asked().is_empty() }).await;
    assert!(world.answers(phone).is_empty(), "it is tried again first");

    sqlx::query("UPDATE job SET created_at = created_at - interval '3 minutes'").execute(&world.pool).await.unwrap();
    world.until_idle().await;

    let answers = world.answers(phone);
    assert!(answers[0].contains("cannot listen right now") && answers[1].contains("Added 5 bread"), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_cannot_be_read_gets_one_honest_sentence() {
    let gone = File::Refused(Situation::NotFound, "ERROR_REASON_MEDIA_GONE", &[]);
    let large = File::Refused(Situation::RuleSaysNo, "ERROR_REASON_MEDIA_TOO_LARGE", &[("maxBytes", "16777216")]);
    let whole = || File::Whole(VOICE.to_vec());
    let mut later = outcome(ModelOutcome::Quota);
    later.retry_delay = Some(prost_types::Duration { seconds: 3600, nanos: 0 });
    let cases = [
        (gone, Ok(outcome(ModelOutcome::Used)), "send it again"),
        (large, Ok(outcome(ModelOutcome::Used)), "at most 16 MB"),
        (whole(), Ok(outcome(ModelOutcome::NotConfigured)), "cannot listen to voice notes yet"),
        (whole(), Ok(outcome(ModelOutcome::Blocked)), "could not make that out"),
        (whole(), Ok(outcome(ModelOutcome::Unusable)), "could not make that out"),
        (whole(), Ok(outcome(ModelOutcome::Ungrounded)), "could not make that out"),
        (whole(), Ok(outcome(ModelOutcome::Misconfigured)), "cannot listen right now"),
        (whole(), Ok(later), "cannot listen right now"),
        (whole(), Ok(outcome(ModelOutcome::Used)), "I heard nothing"),
        (whole(), Err(Status::invalid_argument("of no kind that can be read")), "cannot read that kind of file"),
    ];
    for (index, (file, reading, words)) in cases.into_iter().enumerate() {
        let world = World::start().await;
        world.messenger.files.put("voice", file);
        world.parser.readings.answer(reading);

        world.take(&[voice("27820000020", "wamid.v", "voice")]).await;

        let (text, _) = world.newest("27820000020");
        assert!(text.contains(words) && text.contains("Nothing changed"), "case {index}: {text}");
        assert_eq!(world.answers("27820000020").len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_without_stock_is_answered_shortly() {
    let world = shown("27820000021", heard("a dog", outcome(ModelOutcome::Used).actions)).await;

    assert_eq!(world.newest("27820000021").0, "I see no stock in that photo. Nothing changed.");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_for_a_moment_is_tried_again_and_half_a_file_is_never_read() {
    let world = World::start().await;
    let files = &world.messenger.files;
    files.put("voice", File::Refused(Situation::Unavailable, "ERROR_REASON_GRAPH_UNAVAILABLE", &[]));
    files.put("voice", File::Broken(VOICE[..1000].to_vec()));
    files.put("voice", File::Whole(VOICE.to_vec()));
    let mut busy = outcome(ModelOutcome::Unavailable);
    busy.retry_delay = Some(prost_types::Duration { seconds: 1, nanos: 0 });
    world.parser.readings.answer(Err(Status::unavailable("no room")));
    world.parser.readings.answer(Ok(busy));
    world.parser.readings.answer(Ok(heard("added five milk", vec![add("milk", "5", "", false)])));

    world.take(&[voice("27820000022", "wamid.v", "voice")]).await;

    assert!(world.newest("27820000022").0.contains("Added 5 milk"));
    assert!(world.parser.readings.heard().iter().all(|file| file.length == VOICE.len()));
    assert_eq!(world.inventory.state().posted.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn voice_notes_that_wait_keep_nobody_elses_text_waiting() {
    let world = World::start().await;
    let readings = &world.parser.readings;
    readings.gate.forget_permits(1_000);
    world.messenger.files.put("voice", File::Whole(VOICE.to_vec()));
    readings.answer(Ok(heard("added five milk", vec![add("milk", "5", "", false)])));
    // More than there are places and than there are workers.
    let notes: Vec<Value> =
        (0..250).map(|person| voice(&format!("2783000{person:04}"), &format!("wamid.v{person}"), "voice")).collect();
    assert_eq!(world.post(&notification(&notes)).await, 200);
    eventually("all places are taken", || async { readings.heard().len() >= 32 }).await;

    let text = message("27820000030", "wamid.text", "text", &json!({ "body": "add 5 bread" }));
    assert_eq!(world.post(&notification(&[text])).await, 200);
    eventually("the text is answered", || async { !world.answers("27820000030").is_empty() }).await;
    assert_eq!(readings.heard().len(), 32, "and no more than there are places");

    readings.gate.add_permits(1_000);
    world.until_idle().await;
    assert_eq!(world.inventory.state().posted.len(), 251);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_long_voice_notes_at_once_flow_through_and_are_not_held() {
    let world = World::start().await;
    world.messenger.files.put("voice", File::Long(16 * MIB - MIB));
    world.parser.readings.answer(Ok(heard("added five milk", vec![add("milk", "5", "", false)])));
    let before = resident_kib();
    let notes: Vec<Value> =
        (0..20).map(|person| voice(&format!("2784000{person:04}"), &format!("wamid.v{person}"), "voice")).collect();

    assert_eq!(world.post(&notification(&notes)).await, 200);
    let mut most = before;
    while world.parser.readings.heard().len() < 20 {
        most = most.max(resident_kib());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.until_idle().await;

    assert!(world.parser.readings.heard().iter().all(|file| file.length == 4 + 15 * MIB));
    // Both fakes and every other test of this process are in it; held whole they would be 300 MiB.
    let grown = (most - before) / 1024;
    assert!(grown < 60, "{grown} MiB");
}

fn resident_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
