//! Gemini down, slow, cut off, talking nonsense: the grammar goes on, nothing wrong is written, everybody is answered.

use devstack::gemini_sim::GeminiFault;
use devstack::script::When;
use serde_json::json;
use stories::{GATEWAY, House, HouseOptions, INVENTORY, PARSER, people};

/// Words that the grammar does not cover whole.
const BEYOND_GRAMMAR: &str = "the wholesaler blorped forty somethings our way whatnot";

#[tokio::test(flavor = "multi_thread")]
async fn whatever_gemini_does_nothing_wrong_is_written_and_everybody_is_answered() {
    let options = HouseOptions {
        gemini: true,
        environment: vec![(PARSER, "GEMINI_TIMEOUT_MS", "1500".to_owned())],
        ..HouseOptions::default()
    };
    let house = House::start(options).await;
    let gemini = house.gemini.clone().expect("asked for");
    let thandi = people(&house.meta, 1).remove(0);
    house.ask(&thandi, "Added 50 screws").await;

    let faults = [
        GeminiFault::Down,
        GeminiFault::Hang,
        GeminiFault::Slow { delay_ms: 400 },
        GeminiFault::CutOff,
        GeminiFault::MaxTokens,
        GeminiFault::Stopped { reason: "SAFETY".to_owned() },
        GeminiFault::PromptBlocked { reason: "PROHIBITED_CONTENT".to_owned() },
        GeminiFault::Empty,
        GeminiFault::NotJson,
        GeminiFault::Nonsense,
        GeminiFault::Html,
        GeminiFault::ThoughtFirst,
        GeminiFault::MinuteQuota { retry_delay: "31s".to_owned() },
        GeminiFault::BareQuota,
        GeminiFault::Internal,
        GeminiFault::Unavailable,
        GeminiFault::UnavailableInArray,
        GeminiFault::NotFound,
        GeminiFault::PermissionDenied,
        GeminiFault::DayQuota,
    ];
    for fault in faults {
        gemini.clear_faults();
        gemini.fail(When::Always, fault.clone());

        let answer = house.ask(&thandi, BEYOND_GRAMMAR).await;
        assert!(!answer.text.contains('✅'), "{fault:?}: {}", answer.text);
        let plain = house.ask(&thandi, "how many screws").await;
        // A question of the message before may stand below it, still open.
        assert_eq!(plain.text.lines().next(), Some("📦 screws 50"), "{fault:?}");
    }

    let operations: i64 =
        sqlx::query_scalar("SELECT count(*) FROM operation").fetch_one(&house.pool(INVENTORY).await).await.unwrap();
    assert_eq!(operations, 1, "no failure of the model wrote anything");
    let dead: i64 =
        sqlx::query_scalar("SELECT count(*) FROM job WHERE dead").fetch_one(&house.pool(GATEWAY).await).await.unwrap();
    assert_eq!(dead, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_model_makes_up_is_not_written() {
    let house = House::start(HouseOptions { gemini: true, ..HouseOptions::default() }).await;
    let gemini = house.gemini.clone().expect("asked for");
    let thandi = people(&house.meta, 1).remove(0);

    // A reading in the schema's own shape, of things that nobody said.
    gemini.answer_by(|_, schema| {
        schema.map(|_| {
            json!({"language": "en", "transcript": null, "actions": [{
        "intent": "add", "item": "gold", "item_said": "gold", "quantity": "9999", "unit": null, "reason": "receipt"}]})
        })
    });
    let answer = house.ask(&thandi, BEYOND_GRAMMAR).await;

    assert!(!answer.text.contains("gold") && !answer.text.contains('✅'), "{}", answer.text);
    let operations: i64 =
        sqlx::query_scalar("SELECT count(*) FROM operation").fetch_one(&house.pool(INVENTORY).await).await.unwrap();
    assert_eq!(operations, 0);
}
