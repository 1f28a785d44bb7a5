//! Meta repeats; the ledger does not.

use std::time::Duration;

use devstack::meta_sim::SayOptions;
use stories::{GATEWAY, House, HouseOptions, Sender, now, people};

#[tokio::test(flavor = "multi_thread")]
async fn a_message_delivered_twenty_times_at_once_counts_once_and_is_answered_once() {
    let house = House::start(HouseOptions::default()).await;
    let thandi = people(&house.meta, 1).remove(0);

    let options = SayOptions { copies: 20, ..SayOptions::default() };
    let sent = house.meta.say_with(&thandi, "Added 50 screws", &options);
    let answer = house.meta.wait_for_reply(&thandi, &sent.wamid, Duration::from_mins(1)).await.unwrap();
    assert_eq!(answer.text.lines().next(), Some("✅ Added 50 screws to inventory"));

    assert_eq!(house.ask(&thandi, "how many screws").await.text, "📦 screws 50");
    assert_eq!(house.meta.sent_count(), 2, "one answer to each of the two messages");
    assert!(house.meta.deliveries().iter().all(|delivery| delivery.status == Some(200)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_after_a_restart_counts_nothing_and_the_same_words_again_do() {
    let house = House::start(HouseOptions::default()).await;
    let thandi = people(&house.meta, 1).remove(0);
    let mut sender = Sender::new(&house.url(GATEWAY), &house.app_secret, 0);
    sender.phone = thandi.phone.clone().unwrap();
    sender.user_id.clone_from(&thandi.user_id);

    sender.say("wamid.one", "Added 50 screws", now()).await;
    stories::eventually("the first message is answered", || async { house.meta.sent_count() == 1 }).await;
    house.kill(GATEWAY);
    house.spawn(GATEWAY);
    house.wait_until_ready().await;
    sender.say("wamid.one", "Added 50 screws", now()).await;
    sender.say("wamid.two", "Added 50 screws", now()).await;

    stories::eventually("the second message is answered", || async { house.meta.sent_count() == 2 }).await;
    assert_eq!(house.ask(&thandi, "how many screws").await.text, "📦 screws 100");
}
