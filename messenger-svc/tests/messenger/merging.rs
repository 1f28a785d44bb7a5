//! Texts that wait for one person when the pair limit runs out: one message, nothing lost, nothing twice.

use jiff::SignedDuration;
use proto::messenger::v1 as pb;
use proto::messenger::v1::DeliveryState;
use proto::messenger::v1::content::Kind;

use crate::graph::Reply;
use crate::world::{NUMBER, World, eventually, reaction, receipt, sending, template, text, wire};

const PHONE: &str = "27820000001";
const PAIR: &str = "the pair limit is used up";

/// A world in which the burst is one, so that whoever waits is merged.
async fn scarce() -> World {
    World::start_frozen(&["--pair-burst=1"]).await
}

/// Uses the burst up.
async fn use_up(world: &World) {
    let first = world.send("first", PHONE, "first").await;
    world.until(&first, DeliveryState::Accepted).await;
}

fn with_button(request_id: &str, body: &str, title: &str) -> pb::SendMessageRequest {
    let buttons = vec![pb::ReplyButton { button_id: title.to_lowercase(), title: title.to_owned() }];
    sending(request_id, PHONE, Kind::ReplyButtons(pb::ReplyButtons { body: body.to_owned(), buttons }))
}

async fn next_slot(world: &World) {
    world.until_waiting(1, PAIR).await;
    world.advance(SignedDuration::from_secs(6)).await;
}

/// What was sent: the words, and the title of a button.
fn sent(world: &World) -> Vec<(String, String)> {
    let words = |call: crate::graph::Call| {
        let interactive = &call.body["interactive"];
        match interactive["body"]["text"].as_str() {
            Some(body) => {
                let title = &interactive["action"]["buttons"][0]["reply"]["title"];
                (body.to_owned(), title.as_str().unwrap_or_default().to_owned())
            }
            None => (call.text(), String::new()),
        }
    };
    world.graph.calls().into_iter().map(words).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_wait_go_out_as_one_and_tell_where_their_words_went() {
    let world = scarce().await;
    use_up(&world).await;
    let quoting = pb::SendMessageRequest { quoted_message_id: "wamid.IN".to_owned(), ..text("r1", PHONE, "one") };
    let leader = world.put(quoting).await;
    let second = world.put(with_button("r2", "two", "Undo two")).await;
    let third = world.put(with_button("r3", "three", "Undo three")).await;
    let fourth = world.send("r4", PHONE, "four").await;

    next_slot(&world).await;

    let first = world.until(&leader, DeliveryState::Accepted).await;
    assert_eq!(sent(&world)[1], ("one\n\ntwo\n\nthree\n\nfour".to_owned(), "Undo three".to_owned()));
    assert!(world.graph.calls()[1].body.get("context").is_none());
    assert_eq!(first.merged_into_message_id, "");
    world.record(vec![receipt(&first.whatsapp_message_id, "delivered", &leader)]).await;
    for follower in [&second, &third, &fourth] {
        let follower = world.until(follower, DeliveryState::Delivered).await;
        assert_eq!(follower.merged_into_message_id, leader);
        assert_eq!(follower.whatsapp_message_id, first.whatsapp_message_id);
        assert_eq!(follower.events.len(), 3);
        assert!(follower.pricing.is_none());
    }
    let again = world.client.clone().send_message(text("r4", PHONE, "four")).await.unwrap().into_inner();
    assert_eq!((again.message_id, again.replayed), (fourth, true));
    eventually("no job is left", || async {
        let sql = "SELECT count(*) FROM job WHERE settled_at IS NULL";
        let left: i64 = sqlx::query_scalar(sql).fetch_one(&world.pool).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
    assert_eq!(world.graph.calls().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn burst_of_sixty_keeps_within_the_limit_and_every_text_arrives_in_order() {
    let world = World::start_frozen(&[]).await;
    world.graph.always(NUMBER, Reply::Hang);
    for i in 0..60 {
        world.send(&format!("r{i}"), PHONE, &i.to_string()).await;
    }
    world.until_calls(1).await;
    world.graph.always(NUMBER, Reply::Accept);
    world.graph.release();

    eventually("all words were sent", || async {
        let words = world.graph.texts().join("\n\n");
        (words.split("\n\n").count() == 60).then_some(())
    })
    .await;

    let words = world.graph.texts().join("\n\n");
    assert_eq!(
        words.split("\n\n").map(|word| word.parse::<usize>().unwrap()).collect::<Vec<_>>(),
        (0..60).collect::<Vec<_>>()
    );
    // Half of the burst goes one by one, the rest at once.
    assert_eq!(world.graph.calls().len(), 23);
}

#[tokio::test(flavor = "multi_thread")]
async fn burst_of_sixty_that_can_each_be_undone_keeps_within_the_limit_too() {
    let world = World::start_frozen(&[]).await;
    world.graph.always(NUMBER, Reply::Hang);
    for i in 0..60 {
        world.put(with_button(&format!("r{i}"), &i.to_string(), "Undo")).await;
    }
    world.until_calls(1).await;
    world.graph.always(NUMBER, Reply::Accept);
    world.graph.release();

    eventually("all words were sent", || async {
        let words: Vec<String> = sent(&world).into_iter().map(|(words, _)| words).collect();
        (words.join("\n\n").split("\n\n").count() == 60).then_some(())
    })
    .await;

    assert_eq!(sent(&world).len(), 23);
    assert!(sent(&world).iter().all(|(_, button)| button == "Undo"));
}

#[tokio::test(flavor = "multi_thread")]
async fn question_keeps_all_of_its_buttons() {
    let world = scarce().await;
    use_up(&world).await;
    let titles = ["Save all", "Fix", "Cancel"];
    let buttons = titles.map(|title| pb::ReplyButton { button_id: title.to_owned(), title: title.to_owned() });
    let question = pb::ReplyButtons { body: "which?".to_owned(), buttons: buttons.to_vec() };
    world.put(with_button("r1", "one", "Undo one")).await;
    world.put(sending("r2", PHONE, Kind::ReplyButtons(question))).await;
    world.put(with_button("r3", "two", "Undo two")).await;
    let last = world.send("r4", PHONE, "three").await;

    for calls in 2..=4 {
        next_slot(&world).await;
        world.until_calls(calls).await;
    }

    world.until(&last, DeliveryState::Accepted).await;
    let words: Vec<(String, String)> = sent(&world);
    let expected = [("first", ""), ("one", "Undo one"), ("which?", "Save all"), ("two\n\nthree", "Undo two")];
    assert_eq!(words, expected.map(|(words, title)| (words.to_owned(), title.to_owned())));
    let sent = &world.graph.calls()[2].body["interactive"]["action"]["buttons"];
    assert_eq!(sent.as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_move_on_twice_tell_the_story_of_the_last() {
    let world = scarce().await;
    use_up(&world).await;
    world.graph.script([Reply::Error(500, 131_016)]);
    let leader = world.send("r1", PHONE, "one").await;
    let follower = world.send("r2", PHONE, "two").await;
    next_slot(&world).await;
    world.until_waiting(1, "the service is temporarily not available").await;
    // One that came before both and was committed after them.
    let earlier = world.send("r0", PHONE, "zero").await;
    sqlx::query("UPDATE job SET sort_key = 0 WHERE dedup_key = $1").bind(&earlier).execute(&world.pool).await.unwrap();

    world.advance(SignedDuration::from_secs(6)).await;

    let last = world.until(&earlier, DeliveryState::Accepted).await;
    assert_eq!(world.graph.texts()[2], "zero\n\none\n\ntwo");
    world.record(vec![receipt(&last.whatsapp_message_id, "read", &earlier)]).await;
    for message in [&leader, &follower] {
        let message = world.until(message, DeliveryState::Read).await;
        assert_eq!(message.merged_into_message_id, earlier);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_stays_for_the_next() {
    let world = scarce().await;
    use_up(&world).await;
    let messages = [
        world.send("r1", PHONE, &"a".repeat(2000)).await,
        world.send("r2", PHONE, &"b".repeat(2094)).await,
        world.send("r3", PHONE, "c").await,
        world.put(with_button("r4", &"d".repeat(1022), "Undo")).await,
        world.put(with_button("r5", "e", "Undo")).await,
    ];

    for calls in 2..=5 {
        next_slot(&world).await;
        world.until_calls(calls).await;
    }

    for message in &messages {
        world.until(message, DeliveryState::Accepted).await;
    }
    let lengths: Vec<usize> = sent(&world).iter().map(|(words, _)| words.len()).collect();
    assert_eq!(lengths, [5, 4096, 1, 1022, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_words_are_merged_and_never_past_something_else() {
    let world = scarce().await;
    use_up(&world).await;
    world.send("r1", PHONE, "one").await;
    world.put(reaction("r2", PHONE, "wamid.IN", "👍")).await;
    world.send("r3", PHONE, "two").await;
    world.put(sending("r4", PHONE, Kind::Template(template("stock", "x")))).await;
    let alert = pb::SendMessageRequest {
        fallback: Some(template("stock", "x")),
        inbound_time: Some(wire(world.clock.now())),
        ..text("r5", PHONE, "three")
    };
    world.put(alert).await;
    world.send("r6", PHONE, "four").await;
    let last = world.send("r7", PHONE, "five").await;

    for calls in 2..=7 {
        next_slot(&world).await;
        world.until_calls(calls).await;
    }

    world.until(&last, DeliveryState::Accepted).await;
    let words: Vec<String> = sent(&world).into_iter().map(|(words, _)| words).collect();
    assert_eq!(words, ["first", "one", "", "two", "", "three", "four\n\nfive"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn message_in_doubt_is_sent_again_with_its_own_words_alone() {
    let world = World::start_frozen(&["--pair-burst=1"]).await;
    world.graph.script([Reply::CutOff]);
    let doubtful = world.send("r1", PHONE, "one").await;
    world.until_waiting(1, "in doubt: a receipt may settle it").await;
    world.send("r2", PHONE, "two").await;
    world.send("r3", PHONE, "three").await;

    world.advance(SignedDuration::from_secs(60)).await;
    world.until(&doubtful, DeliveryState::Accepted).await;
    next_slot(&world).await;
    world.until_calls(3).await;

    assert_eq!(world.graph.texts(), ["one", "one", "two\n\nthree"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusal_for_the_pair_limit_merges_what_waits_meanwhile() {
    let world = World::start_frozen(&[]).await;
    world.graph.script([Reply::Error(400, 131_056)]);
    let leader = world.send("r1", PHONE, "one").await;
    world.until_waiting(1, "too many messages to this person").await;
    let follower = world.send("r2", PHONE, "two").await;

    world.advance(SignedDuration::from_secs(1)).await;

    world.until(&leader, DeliveryState::Accepted).await;
    assert_eq!(world.graph.texts(), ["one", "one\n\ntwo"]);
    assert_eq!(world.get(&follower).await.merged_into_message_id, leader);
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_message_that_fails_has_failed_for_all_of_them() {
    let world = scarce().await;
    use_up(&world).await;
    let leader = world.send("r1", PHONE, "one").await;
    let follower = world.send("r2", PHONE, "two").await;
    world.graph.script([Reply::Error(400, 131_026)]);

    next_slot(&world).await;

    world.until(&leader, DeliveryState::Failed).await;
    let follower = world.until(&follower, DeliveryState::Failed).await;
    assert_eq!((follower.error_code, follower.merged_into_message_id), (131_026, leader));
}

#[tokio::test(flavor = "multi_thread")]
async fn sender_that_lost_its_lane_before_it_merged_changes_nothing() {
    let world = scarce().await;
    use_up(&world).await;
    let leader = world.send("r1", PHONE, "one").await;
    let follower = world.send("r2", PHONE, "two").await;
    // Somebody else has a hand on both while this one decides.
    world.until_waiting(1, PAIR).await;
    let mut other = world.pool.begin().await.unwrap();
    sqlx::query("UPDATE message SET attempts = attempts + 1, state = 2, in_doubt_since = '2027-01-15T08:00:06Z' WHERE id = $1::uuid")
        .bind(&leader)
        .execute(&mut *other)
        .await
        .unwrap();
    world.advance(SignedDuration::from_secs(6)).await;
    eventually("it waits for the message", || async {
        let sql =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let waiting: i64 = sqlx::query_scalar(sql).fetch_one(&world.pool).await.unwrap();
        (waiting > 0).then_some(())
    })
    .await;

    other.commit().await.unwrap();

    world.until_waiting(1, "in doubt: a receipt may settle it").await;
    assert_eq!(world.graph.texts(), ["first"]);
    assert_eq!(world.get(&follower).await.state(), DeliveryState::Queued);
    assert_eq!(world.get(&follower).await.merged_into_message_id, "");
}
