//! Meta's limits, on both sides of each.

use std::time::Duration;

use devstack::meta_sim::{MetaSim, PairLimit, Person, Rules, SayOptions, SendFault, WindowRule};
use devstack::script::When;
use jiff::SignedDuration;
use platform::clock::Clock;

use crate::common::{error_code, eventually, post_message, post_to, start, start_with, text_to, thandi};

fn clock() -> Clock {
    Clock::manual("2026-11-22T08:00:00Z".parse().unwrap())
}

async fn send(sim: &MetaSim, to: &str) -> Option<u64> {
    let (status, body) = post_message(sim, &text_to(to, "hi")).await.unwrap();
    (status != 200).then(|| error_code(&body))
}

#[tokio::test]
async fn the_window_counts_from_when_a_message_was_written_and_reactions_do_not_open_it() {
    let clock = clock();
    let (_gateway, sim) = start_with(|options| options.clock = clock.clone()).await;
    let day = SignedDuration::from_hours(24);
    let late = SayOptions { written_earlier: Duration::from_hours(23), ..SayOptions::default() };
    let asked = sim.say_with(&thandi(), "hi", &late);

    clock.advance(SignedDuration::from_hours(1));
    assert_eq!(send(&sim, "+27825550101").await, None);
    clock.advance(SignedDuration::from_secs(1));
    assert_eq!(send(&sim, "+27825550101").await, Some(131_047));
    sim.react(&thandi(), &asked.wamid, "👍");
    assert_eq!(send(&sim, "+27825550101").await, Some(131_047));
    sim.say(&thandi(), "hi again");
    clock.advance(day);
    assert_eq!(send(&sim, "+27825550101").await, None);
}

#[tokio::test]
async fn a_closed_window_can_also_be_told_later() {
    let (gateway, sim) = start().await;
    sim.say(&thandi(), "hi");
    sim.set_rules(Rules { window: WindowRule::FailLater, ..Rules::lenient() });
    sim.close_window(&thandi());

    assert_eq!(send(&sim, "+27825550101").await, None);
    eventually("the failure", || gateway.receipts() == ["failed"]).await;
}

#[tokio::test]
async fn strangers_need_templates_where_every_rule_holds() {
    let (_gateway, sim) = start_with(|options| options.rules = Rules::metas()).await;
    sim.person(thandi());

    assert_eq!(send(&sim, "+27825550101").await, Some(131_047));
    sim.say(&thandi(), "hi");
    assert_eq!(send(&sim, "+27825550101").await, None);
}

#[tokio::test]
async fn one_person_gets_forty_five_at_once_and_then_one_every_six_seconds() {
    let clock = clock();
    let rules = Rules { pair: Some(PairLimit::default()), ..Rules::lenient() };
    let (_gateway, sim) = start_with(|options| (options.clock, options.rules) = (clock.clone(), rules)).await;

    for _ in 0..45 {
        assert_eq!(send(&sim, "+27825550101").await, None);
    }
    assert_eq!(send(&sim, "+27825550101").await, Some(131_056));
    assert_eq!(send(&sim, "+27825550102").await, None, "others are not held up");
    clock.advance(SignedDuration::from_secs(6));
    assert_eq!(send(&sim, "+27825550101").await, None);
    assert_eq!(send(&sim, "+27825550101").await, Some(131_056));
}

#[tokio::test]
async fn one_number_sends_and_receives_eighty_a_second_in_all() {
    let clock = clock();
    let rules = Rules { messages_per_second: Some(80), ..Rules::lenient() };
    let (_gateway, sim) = start_with(|options| (options.clock, options.rules) = (clock.clone(), rules)).await;

    for index in 0..50 {
        sim.say(&Person::new("P", format!("2782555{index:04}"), format!("ZA.{index}")), "hi");
    }
    for index in 0..30 {
        assert_eq!(send(&sim, &format!("+2782555{index:04}")).await, None);
    }
    assert_eq!(send(&sim, "+27825550040").await, Some(130_429));
    clock.advance(SignedDuration::from_secs(1));
    assert_eq!(send(&sim, "+27825550040").await, None);
}

#[tokio::test]
async fn an_ended_token_says_so_and_another_can_take_its_place() {
    let (_gateway, sim) = start().await;
    let with_token = |token: &'static str| {
        let sim = sim.clone();
        async move { post_to(&sim, "v25.0", "2000", token, &text_to("+27825550101", "hi")).await.unwrap() }
    };

    sim.expire_token();
    let (status, body) = with_token("token").await;
    assert_eq!((status, error_code(&body)), (401, 190));
    assert!(body.contains(r#""error_subcode":463"#), "{body}");
    sim.admit_token("another");
    assert_eq!(with_token("another").await.0, 200);
    assert_eq!(with_token("token").await.0, 401);
    assert!(!with_token("nobody's").await.1.contains("error_subcode"));
    sim.revive_tokens();
    assert_eq!(with_token("token").await.0, 200);
}

#[tokio::test]
async fn a_halted_number_sends_nothing_until_it_may_again() {
    let (_gateway, sim) = start().await;

    sim.halt_number(131_031);
    assert_eq!(send(&sim, "+27825550101").await, Some(131_031));
    sim.resume_number();
    assert_eq!(send(&sim, "+27825550101").await, None);
    sim.fail_marks(When::Next(1), SendFault::html_502());
    let asked = sim.say(&thandi(), "hi");
    let mark = serde_json::json!({"messaging_product": "whatsapp", "status": "read", "message_id": asked.wamid});
    assert_eq!(post_message(&sim, &mark).await.unwrap().0, 502);
}
