//! Several gateways over one database, and one that is started anew: what one asked, each of them knows.

use crate::world::World;

const PHONE: &str = "27820000001";

async fn last(world: &World, wamid: &str, text: &str) -> String {
    world.say(PHONE, wamid, text).await.pop().unwrap()
}

/// The answer looks like a whole sentence of its own to a process that does not know the question.
async fn asks(world: &World, round: usize) {
    let item = format!("milk{round}");
    let question = last(world, &format!("wamid.{round}a"), &format!("sold 2 case {item}")).await;
    assert!(question.starts_with("❓ How many"), "{question}");
}

async fn is_answered(world: &World, round: usize) {
    let answer = last(world, &format!("wamid.{round}b"), "its 6 in a case").await;
    assert!(answer.starts_with("✅ Sold 2 cases (12)"), "round {round}: {answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_after_a_restart() {
    let mut world = World::start().await;
    world.say(PHONE, "wamid.0", "help").await;
    asks(&world, 1).await;

    let (_, before) = world.another().await;
    before.begin();

    is_answered(&world, 1).await;
    assert_eq!(world.inventory.state().posted.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_of_one_process_is_answered_in_the_other_whichever_was_first() {
    let mut world = World::start().await;
    // Both believe to know that nothing is open.
    world.say(PHONE, "wamid.0", "help").await;
    let mut other = world.another().await;
    world.say(PHONE, "wamid.00", "help").await;

    for round in 1..=6 {
        asks(&world, round).await;
        other = world.turn_to(other);
        is_answered(&world, round).await;
        // And every second round the same one asks next.
        if round % 2 == 0 {
            other = world.turn_to(other);
        }
        assert_eq!(world.inventory.state().posted.len(), round);
    }
    other.1.begin();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_asked_nothing_is_looked_up_once() {
    let world = World::start().await;
    world.say(PHONE, "wamid.0", "help").await;
    // Without the table a look at it would fail.
    sqlx::query("ALTER TABLE question RENAME TO question_away").execute(&world.pool).await.unwrap();

    let answer = last(&world, "wamid.1", "add 50 screws").await;

    sqlx::query("ALTER TABLE question_away RENAME TO question").execute(&world.pool).await.unwrap();
    assert!(answer.starts_with("✅ Added 50 screws"), "{answer}");
}
