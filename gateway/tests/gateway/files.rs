//! Files of the shop as answers: who gets them, how large, and one of each.

use proto::inventory::v1::{FileFormat, Role};
use proto::messenger::v1::{Document, SendMessageRequest};

use crate::fakes::messenger::{file_of, taps_of, text_of};
use crate::world::World;

const PHONE: &str = "27820000001";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

async fn shop(bytes_of_a_day: usize) -> World {
    let world = World::start().await;
    world.inventory.state().told.bytes_of_a_day = bytes_of_a_day;
    world
}

fn files(sent: &[SendMessageRequest]) -> Vec<Document> {
    sent.iter().filter_map(file_of).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stock_comes_as_a_workbook_and_as_text_when_that_is_asked_for() {
    let world = shop(100_000).await;

    world.say(PHONE, "wamid.1", "export").await;
    world.say(PHONE, "wamid.2", "af: export csv").await;

    let sent = world.messenger.sent();
    assert_eq!(
        sent.iter().map(|sent| sent.request_id.as_str()).collect::<Vec<_>>(),
        ["wamid.1/reply", "wamid.2/reply"]
    );
    let files = files(&sent);
    let named = |file: &Document| (file.file_name.clone(), file.mime_type.clone(), file.content.len());
    assert_eq!(named(&files[0]), ("stock.xlsx".to_owned(), XLSX.to_owned(), 100_000));
    assert_eq!(named(&files[1]), ("stock.csv".to_owned(), "text/plain".to_owned(), 100_000));
    assert_eq!([text_of(&sent[0]), text_of(&sent[1])], ["📄 Your stock", "📄 Jou voorraad"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_between_the_file_and_its_sending_leads_to_one_file() {
    let world = shop(10).await;
    // The first try does not arrive, the second does and its answer is lost, and each brings other bytes.
    world.messenger.refuse(3);
    world.messenger.lose(3);

    world.say(PHONE, "wamid.1", "export").await;

    let sent = world.messenger.sent();
    let written = world.inventory.state().told.written;
    assert_eq!(files(&sent).len(), 1);
    assert_eq!(sent.len(), 1, "and nothing beside it");
    assert!(written > 1, "the ledger wrote {written}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_for_one_file_is_offered_for_fewer_days() {
    // Three mebibytes take one day and not two.
    let world = shop(2 * 1024 * 1024).await;

    world.say(PHONE, "wamid.1", "export movements last_month").await;
    let (text, taps) = world.newest(PHONE);
    assert_eq!(text, "⚠️ That is too much for one file. For which days?");
    assert_eq!(taps.last().unwrap().1, "Today");
    let caption = world.tap(PHONE, "wamid.2", "Today").await;

    assert!(caption.starts_with("📄 What happened Today "), "{caption}");
    assert_eq!(files(&world.messenger.sent())[0].content.len(), 2 * 1024 * 1024);
    let (format, seconds) = *world.inventory.state().told.files.last().unwrap();
    assert_eq!((format, seconds), (FileFormat::Xlsx as i32, 24 * 60 * 60));
    world.inventory.state().told.bytes_of_a_day = 3 * 1024 * 1024 + 1;
    world.say(PHONE, "wamid.3", "export movements today").await;
    let (text, taps) = world.newest(PHONE);
    assert!(text.starts_with("⚠️ That is too much for one file, also for a day.") && taps.is_empty(), "{text}");
    world.say(PHONE, "wamid.4", "export").await;
    assert!(world.newest(PHONE).0.starts_with("⚠️ Your stock is too much for one file here."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_leaves_the_house_for_owners_and_managers_alone() {
    let world = shop(10).await;
    for (phone, role, is_sent) in [
        ("27820000002", Role::Manager, true),
        ("27820000003", Role::Clerk, false),
        ("27820000004", Role::Viewer, false),
    ] {
        world.inventory.know(phone, role);
        world.say(phone, &format!("wamid.{phone}"), "export").await;
        let sent = world.messenger.sent_to(phone);
        assert_eq!(file_of(&sent[0]).is_some(), is_sent, "{role:?}");
    }
    assert_eq!(world.inventory.state().told.written, 1, "nobody else made the ledger write");
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_question_or_an_undo_the_file_follows_the_words() {
    let world = shop(10).await;
    world.say(PHONE, "wamid.1", "add 5 milk and export").await;

    let sent = world.messenger.sent();
    assert_eq!(sent.iter().map(|sent| sent.request_id.as_str()).collect::<Vec<_>>(), ["wamid.1/reply", "wamid.1/file"]);
    assert_eq!(taps_of(&sent[0])[0].1, "Undo");
    assert!(text_of(&sent[0]).ends_with("📄 Your stock"), "{}", text_of(&sent[0]));
    assert_eq!(world.inventory.state().posted.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_ledger_without_files_is_said_at_once() {
    let world = shop(10).await;
    world.inventory.state().told.is_old = true;

    let text = world.say(PHONE, "wamid.1", "export").await.pop().unwrap();

    assert!(text.starts_with("I cannot do that yet. Nothing changed."), "{text}");
}
