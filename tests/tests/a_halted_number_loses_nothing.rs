//! A number that Meta stops keeps its queue, and sends each message once when the token file has changed.

use std::collections::HashMap;

use stories::{House, HouseOptions, MESSENGER, Sender, eventually, now};

const PEOPLE: usize = 40;
const MESSAGES_EACH: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_answers_wait_for_a_token_and_are_each_sent_once() {
    let house = House::start(HouseOptions {
        token_file: true,
        // Only the changed file can free the number: no probe comes in the time of this story.
        environment: vec![(MESSENGER, "HALT_PROBE_SECONDS", "3600".to_owned())],
        ..HouseOptions::default()
    })
    .await;
    house.write_token("EAAexpired");
    let gateway = house.url(stories::GATEWAY);
    let senders: Vec<Sender> = (0..PEOPLE).map(|index| Sender::new(&gateway, &house.app_secret, index)).collect();
    // The first message tells the messenger that the token is no good.
    senders[0].say("wamid.first", "Added 1 screws", now()).await;
    eventually("the number is halted", || async {
        house.meta.refusals().iter().any(|refusal| refusal.code == Some(190))
    })
    .await;

    let mut saying = tokio::task::JoinSet::new();
    for (index, sender) in senders.into_iter().enumerate() {
        saying.spawn(async move {
            for round in 0..MESSAGES_EACH {
                sender.say(&format!("wamid.{index}.{round}"), &format!("Added {} screws", round + 2), now()).await;
            }
        });
    }
    saying.join_all().await;
    let pool = house.pool(MESSENGER).await;
    let expected = i64::try_from(PEOPLE * MESSAGES_EACH + 1).unwrap();
    eventually("all answers wait in the outbox", || async {
        let (waiting, failed): (i64, i64) =
            sqlx::query_as("SELECT count(*) FILTER (WHERE state <= 2), count(*) FILTER (WHERE state = 8) FROM message")
                .fetch_one(&pool)
                .await
                .unwrap();
        assert_eq!(failed, 0, "a halt is no reason to give a message up");
        waiting == expected
    })
    .await;
    assert_eq!(house.meta.sent_count(), 0);
    let tries = house.meta.refusals().len();
    assert!(tries < 10, "a halted number is left alone: {tries} tries");

    house.write_token(&house.access_token);

    eventually("all are on their way", || async {
        let open: i64 =
            sqlx::query_scalar("SELECT count(*) FROM message WHERE state <= 2").fetch_one(&pool).await.unwrap();
        open == 0
    })
    .await;
    let failed: i64 =
        sqlx::query_scalar("SELECT count(*) FROM message WHERE state = 8").fetch_one(&pool).await.unwrap();
    assert_eq!(failed, 0, "none is lost");
    let mut sends: HashMap<String, usize> = HashMap::new();
    for message in house.meta.sent() {
        *sends.entry(message.callback_data.clone().unwrap()).or_default() += 1;
    }
    assert!(sends.values().all(|count| *count == 1), "each once");
    assert_eq!(sends.len(), PEOPLE * MESSAGES_EACH + 1);
    house.assert_ledger_is_sound().await;
}
