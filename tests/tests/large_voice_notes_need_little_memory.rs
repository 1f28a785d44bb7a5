//! Twenty voice notes of sixteen megabytes at once go through the gateway and the messenger without being held there.

use std::path::Path;
use std::time::Duration;

use devstack::meta_sim::Attachment;
use stories::{GATEWAY, House, HouseOptions, MESSENGER, people};

const PEOPLE: usize = 20;
/// Meta's limit of sound, which counts in thousands.
const SIZE: usize = 16_000_000;
const GROWTH_MAX_KIB: u64 = 20 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn memory_stays_flat_while_twenty_large_voice_notes_arrive_at_once() {
    let house = House::start(HouseOptions { gemini: true, ..HouseOptions::default() }).await;
    let everybody = people(&house.meta, PEOPLE);
    let voice = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/voice.ogg")).unwrap();
    // Everybody has a shop, and every pool and buffer has been used once.
    for person in &everybody {
        let sent = house.meta.send_file(person, Attachment::voice_note(voice.clone()));
        house.meta.wait_for_reply(person, &sent.wamid, Duration::from_mins(1)).await.unwrap();
    }
    let before = [house.resident_kib(GATEWAY), house.resident_kib(MESSENGER)];
    let mut most = before;

    let sent: Vec<_> = everybody
        .iter()
        .enumerate()
        .map(|(index, person)| {
            let mut large = voice.clone();
            large.resize(SIZE, u8::try_from(index).unwrap());
            house.meta.send_file(person, Attachment::voice_note(large))
        })
        .collect();
    let answers = async {
        for (person, sent) in everybody.iter().zip(&sent) {
            house.meta.wait_for_reply(person, &sent.wamid, Duration::from_mins(4)).await.unwrap();
        }
    };
    let watching = async {
        loop {
            most[0] = most[0].max(house.resident_kib(GATEWAY));
            most[1] = most[1].max(house.resident_kib(MESSENGER));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        () = answers => {}
        () = watching => {}
    }

    for (service, (most, before)) in [GATEWAY, MESSENGER].iter().zip(most.iter().zip(before)) {
        let growth = most.saturating_sub(before);
        assert!(growth <= GROWTH_MAX_KIB, "{service} grew by {growth} KiB from {before} KiB");
    }
    let calls = house.gemini.as_ref().unwrap().calls().len();
    assert!(calls >= 2 * PEOPLE, "every voice note was listened to: {calls} calls");
}
