//! A person is forgotten while messages of theirs wait, are in work, or come at that moment; and what is kept for a time.

use std::time::Duration;

use gateway::forgetting::{self, Kept, NotForgotten, Person};
use platform::error::Situation;
use serde_json::json;

use crate::world::{World, change, eventually, message, notification};

const PHONE: &str = "27820000001";
const OTHER: &str = "27820000002";
const SOON: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(30);

fn person(world: &World) -> Person {
    let mut person = Person::default();
    person.add_phone(PHONE);
    for known in world.inventory.state().members.iter().filter(|known| known.user.phone_number == PHONE) {
        person.add_member(known.id);
    }
    person
}

async fn count(world: &World, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&world.pool).await.unwrap()
}

/// Returns whether a name of the person stands in any row of a table.
async fn is_named(world: &World) -> bool {
    let mut named = false;
    for sql in [
        "SELECT count(*) FROM job WHERE encode(payload, 'escape') LIKE '%27820000001%' OR encode(progress, 'escape') LIKE '%27820000001%'",
        "SELECT count(*) FROM kept_event WHERE encode(payload, 'escape') LIKE '%27820000001%'",
        "SELECT count(*) FROM question WHERE draft::text LIKE '%27820000001%'",
    ] {
        named |= count(world, sql).await > 0;
    }
    named
}

async fn forget(world: &World) -> Kept {
    let person = person(world);
    let held = forgetting::hold(&world.pool, &person, PATIENCE).await.unwrap();
    let kept = held.erase(&world.pool, &person).await.unwrap();
    held.release(&world.pool).await.unwrap();
    kept
}

async fn post(world: &World, phone: &str, wamid: &str, text: &str) {
    let said = message(phone, wamid, "text", &json!({ "body": text }));
    assert_eq!(world.post(&notification(&[said])).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_dropped_whole_and_a_repeat_of_it_changes_nothing() {
    let world = World::start().await;
    world.say(PHONE, "wamid.0", "add 5 milk").await;
    let refusals = std::iter::repeat_n((Situation::Unavailable, "ERROR_REASON_DATABASE_UNAVAILABLE"), 1_000);
    world.inventory.state().refusals.extend(refusals);
    post(&world, PHONE, "wamid.1", "add 50 screws").await;
    post(&world, PHONE, "wamid.2", "add 60 screws").await;
    eventually("it was tried", || async { world.inventory.state().refusals.len() < 1_000 }).await;

    let counted = forgetting::count(&world.pool, &person(&world)).await.unwrap();
    let kept = forget(&world).await;

    assert_eq!((counted.waiting_messages, kept.waiting_messages), (2, 2));
    assert!(!is_named(&world).await);
    world.inventory.state().refusals.clear();
    for wamid in ["wamid.0", "wamid.1", "wamid.2"] {
        post(&world, PHONE, wamid, "add 50 screws").await;
    }
    world.until_idle().await;
    assert_eq!(world.inventory.state().posted.len(), 1);
    assert_eq!(world.answers(PHONE).len(), 1);
    assert_eq!(forget(&world).await, Kept::default(), "a repeat finds nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_work_is_finished_before_and_what_comes_meanwhile_waits() {
    let world = World::start().await;
    world.say(PHONE, "wamid.0", "add 5 milk").await;
    world.say(OTHER, "wamid.other", "add 5 milk").await;
    // As if a worker had it in hand.
    sqlx::query(
        "UPDATE lane SET held = true, ready_at = now() + interval '1 hour', token = token + 1 WHERE name LIKE 'm/%'",
    )
    .execute(&world.pool)
    .await
    .unwrap();
    let refused = forgetting::hold(&world.pool, &person(&world), SOON).await.unwrap_err();
    assert!(matches!(refused, NotForgotten::Busy), "{refused}");
    sqlx::query("UPDATE lane SET held = false, ready_at = 'infinity' WHERE name LIKE 'm/%'")
        .execute(&world.pool)
        .await
        .unwrap();

    let person = person(&world);
    let held = forgetting::hold(&world.pool, &person, PATIENCE).await.unwrap();
    post(&world, PHONE, "wamid.1", "add 50 screws").await;
    world.inventory.state().members.retain(|known| known.user.phone_number != PHONE);
    // Others are served meanwhile.
    post(&world, OTHER, "wamid.other2", "add 6 milk").await;
    eventually("the other one is answered", || async { world.answers(OTHER).len() == 2 }).await;
    assert_eq!(world.answers(PHONE).len(), 1, "nothing of theirs is handled");
    held.release(&world.pool).await.unwrap();

    world.until_idle().await;
    assert_eq!(world.answers(PHONE).len(), 2, "it is handled as a stranger's");
    assert!(world.inventory.state().members.iter().any(|known| known.user.phone_number == PHONE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_ran_out_erases_nothing() {
    let world = World::start().await;
    world.say(PHONE, "wamid.0", "add 5 milk").await;
    let person = person(&world);
    let held = forgetting::hold(&world.pool, &person, PATIENCE).await.unwrap();
    sqlx::query("UPDATE lane SET token = token + 1").execute(&world.pool).await.unwrap();

    let lost = held.erase(&world.pool, &person).await.unwrap_err();

    assert!(matches!(lost, NotForgotten::Lost), "{lost}");
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_dead_letters_and_questions_that_name_them_are_emptied_and_known_again() {
    let world = World::start().await;
    world.say(PHONE, "wamid.0", "sold 2 case milk").await;
    world.say(OTHER, "wamid.other", "sold 2 case bread").await;
    let preference = change("user_preferences", &json!({ "user_preferences": [{ "wa_id": PHONE, "value": "stop" }] }));
    let longer = change("user_preferences", &json!({ "user_preferences": [{ "wa_id": format!("{PHONE}9") }] }));
    for notification in [&preference, &longer] {
        assert_eq!(world.post(notification).await, 200);
    }
    // One message of theirs was given up, and one of somebody else that names them.
    for (lane, key) in [("m/of.somebody", "m/2000/dead.1"), ("m/else", "m/2000/dead.2")] {
        let sql = "INSERT INTO job (id, lane, dedup_key, kind, payload, progress, sort_key, settled_at, dead) \
                   VALUES (nextval('job_id_seq'), $1, $2, 'message', $3, '{}', 0, now(), true)";
        let payload = json!({ "phone_number_id": "2000", "message": { "contacts": [{ "wa_id": PHONE }] } });
        sqlx::query(sql)
            .bind(lane)
            .bind(key)
            .bind(payload.to_string().into_bytes())
            .execute(&world.pool)
            .await
            .unwrap();
    }

    let kept = forget(&world).await;

    assert_eq!((kept.dead_letters, kept.questions, kept.events), (2, 1, 1));
    assert_eq!(count(&world, "SELECT count(*) FROM job WHERE dead").await, 0);
    assert_eq!(
        count(&world, "SELECT count(*) FROM kept_event WHERE payload <> ''").await,
        1,
        "a longer number is another"
    );
    assert_eq!(count(&world, "SELECT count(*) FROM question").await, 1, "the other one's stays");
    assert_eq!(world.post(&preference).await, 200);
    assert_eq!(count(&world, "SELECT count(*) FROM kept_event WHERE payload <> ''").await, 1, "a repeat is known");
    assert_eq!(gateway::events::list(&world.pool, jiff::Timestamp::UNIX_EPOCH, 10).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_its_limit_goes_and_what_is_younger_stays() {
    let mut world = World::start_with(&["--event-retention-days=30", "--dead-letter-retention-days=20"]).await;
    // An hour on each side of each limit.
    for (number, statement) in [
        "INSERT INTO question (id, member_id, shop_id, draft, expires_at) SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '{}', now() - age FROM (VALUES (interval '9 days 1 hour'), (interval '8 days 23 hours')) AS a (age)",
        "INSERT INTO kept_event (dedup_key, field, payload, received_at) SELECT age::text, 'f', '{}', now() - age FROM (VALUES (interval '30 days 1 hour'), (interval '29 days 23 hours')) AS a (age)",
        "INSERT INTO job (id, lane, dedup_key, kind, payload, sort_key, settled_at, dead) SELECT nextval('job_id_seq'), 'm/1', age::text, 'message', '{}', 0, now() - age, true FROM (VALUES (interval '20 days 1 hour'), (interval '19 days 23 hours')) AS a (age)",
    ]
    .into_iter()
    .enumerate()
    {
        let inserted = sqlx::query(statement).execute(&world.pool).await.unwrap();
        assert_eq!(inserted.rows_affected(), 2, "{number}");
    }

    // A process looks when it starts; two that look at once remove it once.
    let one = world.another().await;
    let two = world.another().await;

    eventually("what is older is gone", || async {
        count(
            &world,
            "SELECT (SELECT count(*) FROM question) + (SELECT count(*) FROM kept_event) + (SELECT count(*) FROM job)",
        )
        .await
            == 3
    })
    .await;
    assert_eq!(count(&world, "SELECT count(*) FROM question WHERE expires_at > now() - interval '9 days'").await, 1);
    assert_eq!(
        count(&world, "SELECT count(*) FROM kept_event WHERE received_at > now() - interval '30 days'").await,
        1
    );
    assert_eq!(
        count(&world, "SELECT count(*) FROM job WHERE dead AND settled_at > now() - interval '20 days'").await,
        1
    );
    one.1.begin();
    two.1.begin();
}
