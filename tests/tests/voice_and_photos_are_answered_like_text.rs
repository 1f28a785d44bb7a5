//! A voice note and a photo, as real bytes, through the four processes and the simulated Meta and Gemini.
#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

use std::path::Path;
use std::time::Duration;

use devstack::meta_sim::{Attachment, ChatEntry, DownloadFault, Person};
use devstack::script::When;
use stories::{House, HouseOptions, INVENTORY, eventually, people};

const PAPER: &str = "Supplier Mega Foods\nInvoice INV-7\n10 x coke @ 25.00\n5 x screws @ 2.00\nTotal 260.00";

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)).unwrap()
}

/// The photo again, as another camera would take it: other bytes, the same paper.
fn retaken(photo: &[u8], times: usize) -> Vec<u8> {
    // What follows the end marker of a JPEG is not part of the picture.
    photo.iter().copied().chain(std::iter::repeat_n(0, times)).collect()
}

async fn with_gemini() -> House {
    House::start(HouseOptions { gemini: true, ..HouseOptions::default() }).await
}

async fn send(house: &House, person: &Person, attachment: Attachment) -> ChatEntry {
    let sent = house.meta.send_file(person, attachment);
    house.meta.wait_for_reply(person, &sent.wamid, Duration::from_mins(1)).await.unwrap()
}

async fn photo_of(house: &House, person: &Person, content: Vec<u8>, words: &str) -> ChatEntry {
    house.gemini.as_ref().unwrap().note_words(&content, words);
    send(house, person, Attachment::photo(content)).await
}

async fn tap(house: &House, person: &Person, message: &ChatEntry, title: &str) -> ChatEntry {
    let button = message.buttons.iter().find(|button| button.title.contains(title)).unwrap();
    let sent = house.meta.tap(person, &message.wamid, &button.id).unwrap();
    house.meta.wait_for_reply(person, &sent.wamid, Duration::from_mins(1)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_note_is_answered_with_what_was_heard() {
    let house = with_gemini().await;
    let thandi = people(&house.meta, 1).remove(0);
    let voice = fixture("voice.ogg");
    house.gemini.as_ref().unwrap().note_words(&voice, "added fifty screws");

    let answer = send(&house, &thandi, Attachment::voice_note(voice)).await;

    assert!(answer.text.contains("✅ Added 50 screws to inventory"), "{}", answer.text);
    assert!(answer.text.contains("added fifty screws") && answer.text.contains("50 (fifty)"), "{}", answer.text);
    assert_eq!(house.ask(&thandi, "how many screws").await.text, "📦 screws 50");
    let sent = house.meta.sent_count();
    assert_eq!(sent, 2, "one answer for each");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_breaks_off_is_begun_again() {
    let house = with_gemini().await;
    let thandi = people(&house.meta, 1).remove(0);
    let voice = fixture("voice.ogg");
    house.gemini.as_ref().unwrap().note_words(&voice, "added fifty screws");
    house.meta.fail_downloads(When::Next(1), DownloadFault::CutBody { kept_length: 100 });

    let answer = send(&house, &thandi, Attachment::voice_note(voice)).await;

    assert!(answer.text.contains("✅ Added 50 screws"), "{}", answer.text);
    assert_eq!(house.ask(&thandi, "how many screws").await.text, "📦 screws 50");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_the_answer_is_honest() {
    let house = House::start(HouseOptions::default()).await;
    let thandi = people(&house.meta, 1).remove(0);

    let voice = send(&house, &thandi, Attachment::voice_note(fixture("voice.ogg"))).await;
    let photo = send(&house, &thandi, Attachment::photo(fixture("delivery-note.jpg"))).await;

    for answer in [voice, photo] {
        assert!(answer.text.contains("Nothing changed"), "{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_a_draft_until_it_is_saved_and_books_its_paper_once() {
    let house = with_gemini().await;
    let thandi = people(&house.meta, 1).remove(0);
    house.ask(&thandi, "Added 50 screws").await;
    let photo = fixture("delivery-note.jpg");

    let draft = photo_of(&house, &thandi, photo.clone(), PAPER).await;
    assert!(draft.text.contains("screws") && draft.text.contains("coke"), "{}", draft.text);
    assert_eq!(draft.buttons.len(), 3, "{:?}", draft.buttons);
    assert_eq!(house.ask(&thandi, "how many screws").await.text, "📦 screws 50", "a draft changes nothing");

    let saved = tap(&house, &thandi, &draft, "Save").await;
    assert!(saved.text.contains('✅'), "{}", saved.text);
    assert_eq!(house.ask(&thandi, "how many screws").await.text, "📦 screws 55");
    tap(&house, &thandi, &draft, "Save").await;
    assert_eq!(house.ask(&thandi, "how many screws").await.text, "📦 screws 55", "a second tap changes nothing");

    let again = photo_of(&house, &thandi, retaken(&photo, 1), PAPER).await;
    assert!(again.text.contains("already booked"), "{}", again.text);
    assert_eq!(house.ask(&thandi, "how many screws").await.text, "📦 screws 55");
    house.assert_ledger_is_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_fixed_or_dropped_in_words() {
    let house = with_gemini().await;
    let thandi = people(&house.meta, 1).remove(0);
    house.ask(&thandi, "Added 50 screws").await;
    let photo = fixture("delivery-note.jpg");

    let draft = photo_of(&house, &thandi, photo.clone(), PAPER).await;
    tap(&house, &thandi, &draft, "Cancel").await;
    assert_eq!(house.ask(&thandi, "how many screws").await.text, "📦 screws 50", "dropped is dropped");

    let draft = photo_of(&house, &thandi, retaken(&photo, 1), PAPER).await;
    tap(&house, &thandi, &draft, "Fix").await;
    let fixed = house.ask(&thandi, "2: 12").await;
    assert!(fixed.text.contains("12"), "{}", fixed.text);
    tap(&house, &thandi, &fixed, "Save").await;

    assert_eq!(house.ask(&thandi, "how many screws").await.text, "📦 screws 62");
    let pool = house.pool(INVENTORY).await;
    eventually("the ledger settles", || async {
        let operations: i64 = sqlx::query_scalar("SELECT count(*) FROM operation").fetch_one(&pool).await.unwrap();
        operations == 2
    })
    .await;
    house.assert_ledger_is_sound().await;
}
