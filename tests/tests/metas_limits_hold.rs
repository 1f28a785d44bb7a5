//! Meta's limits: so many messages to one person, so many from one number, whoever sends them.

use std::collections::HashSet;
use std::time::Duration;

use devstack::meta_sim::SentMessage;
use jiff::{SignedDuration, Timestamp};
use stories::{House, HouseOptions, MESSENGER, Sender, eventually, now};

/// Messages to one person at once, and the time after which there may be one more.
const PAIR_BURST: usize = 45;
const PAIR_PERIOD: SignedDuration = SignedDuration::from_secs(6);
/// How much later than it was sent a message may arrive on a busy machine.
const TRAVEL_MAX: SignedDuration = SignedDuration::from_secs(3);
/// Messages of one number in a second.
const NUMBER_RATE: usize = 80;

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_sixty_messages_is_answered_in_fewer_and_every_one_is_answered() {
    let house = House::start(HouseOptions::default()).await;
    let sender = Sender::new(&house.url(stories::GATEWAY), &house.app_secret, 1);
    let mut saying = tokio::task::JoinSet::new();
    for index in 0..60 {
        let sender = sender.clone();
        saying.spawn(async move {
            sender.say(&format!("wamid.burst.{index}"), &format!("Added {} screws", 1000 + index), now()).await;
        });
    }
    saying.join_all().await;

    let unanswered = || {
        let texts: String = house.meta.sent().iter().map(|message| message.text().to_owned() + "\n").collect();
        (0..60).filter(|index| !texts.contains(&format!("Added {} screws", 1000 + index))).count()
    };
    eventually("every message is answered in some reply", || async { unanswered() == 0 }).await;

    let times: Vec<Timestamp> = house.meta.sent().iter().map(|message| message.at).collect();
    assert!(times.len() < 60, "several answers went out as one: {}", times.len());
    for (first, from) in times.iter().enumerate() {
        for (last, to) in times.iter().enumerate().skip(first) {
            let periods = (to.duration_since(*from) + TRAVEL_MAX).as_secs() / PAIR_PERIOD.as_secs();
            let allowed = PAIR_BURST + usize::try_from(periods).unwrap();
            assert!(last - first < allowed, "{} messages within {:?}", last - first + 1, to.duration_since(*from));
        }
    }
    let mut answered = HashSet::new();
    for line in house.meta.sent().iter().flat_map(|message| lines(message)) {
        assert!(!line.starts_with("✅") || answered.insert(line.clone()), "told twice: {line}");
    }
    house.assert_ledger_is_sound().await;
}

fn lines(message: &SentMessage) -> Vec<String> {
    message.text().lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_share_the_rate_of_the_number_and_send_each_message_once() {
    const PEOPLE: usize = 300;
    let house = House::start(HouseOptions {
        environment: vec![(MESSENGER, "NUMBER_RATE_PER_SECOND", NUMBER_RATE.to_string())],
        ..HouseOptions::default()
    })
    .await;
    house.spawn_replica(MESSENGER);
    eventually("the replica listens", || async { house.replica_log().contains("listens") }).await;
    let gateway = house.url(stories::GATEWAY);
    let mut saying = tokio::task::JoinSet::new();
    for index in 0..PEOPLE {
        let sender = Sender::new(&gateway, &house.app_secret, index);
        saying.spawn(async move { sender.say(&format!("wamid.{index}"), "Added 50 screws", now()).await });
    }
    saying.join_all().await;
    eventually("all are sent", || async { house.meta.sent_count() >= PEOPLE }).await;
    tokio::time::sleep(Duration::from_secs(1)).await;

    let sent = house.meta.sent();
    let ids: HashSet<_> = sent.iter().map(|message| message.callback_data.clone()).collect();
    assert_eq!((sent.len(), ids.len()), (PEOPLE, PEOPLE), "each once");
    let mut times: Vec<Timestamp> = sent.iter().map(|message| message.at).collect();
    times.sort_unstable();
    let most = times
        .iter()
        .map(|from| {
            times.iter().filter(|at| **at >= *from && at.duration_since(*from) < SignedDuration::from_secs(1)).count()
        })
        .max()
        .unwrap();
    // Slots are handed out 12.5 ms apart; calls that were on their way longer than the next ones move some into a second.
    // Two replicas that did not share would send twice the rate.
    assert!(most <= NUMBER_RATE * 3 / 2, "{most} messages within one second");
}
