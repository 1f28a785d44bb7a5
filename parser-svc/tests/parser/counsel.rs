//! How the model is asked: once for the same words, within a shop's budget of the day, for a known price, and with which words.

use std::time::Duration;

use jiff::SignedDuration;
use proto::common::v1::Decimal;
use proto::parser::v1 as pb;
use proto::parser::v1::{ModelOutcome, ParseSource};
use serde_json::{Value, json};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer};

use crate::script::{HARD, calls, error, filled, form, gemini_filling, gemini_that, ok, said};
use crate::world::{World, asking, in_words, media};

const VOICE: &[u8] = include_bytes!("../../../tests/fixtures/voice.ogg");

fn milk() -> Value {
    json!([filled("remove", "milk", "12")])
}

fn words(answer: &pb::ParseMessageResponse) -> Vec<String> {
    answer.actions.iter().map(in_words).collect()
}

fn line(name: &str, quantity: &str) -> pb::StockLine {
    pb::StockLine {
        item: Some(pb::ItemMention { name: name.to_owned(), ..pb::ItemMention::default() }),
        quantity: Some(Decimal { value: quantity.to_owned() }),
        party: "mam thandi".to_owned(),
        ..pb::StockLine::default()
    }
}

fn added(name: &str, quantity: &str) -> pb::Action {
    let add = pb::Add { line: Some(line(name, quantity)), ..pb::Add::default() };
    pb::Action { intent: Some(pb::action::Intent::Add(add)), ..pb::Action::default() }
}

#[tokio::test]
async fn the_same_words_of_a_shop_are_asked_about_once() {
    let gemini = gemini_filling(&milk()).await;
    let world = World::with_gemini(&gemini, &[]).await;

    let first = world.read(HARD).await;
    let second = world.read(HARD).await;
    let shouted = world.read(format!("  {}\u{200b}", HARD.to_uppercase()).trim_start()).await;

    assert_eq!((first.source(), second.source()), (ParseSource::Model, ParseSource::Cache));
    assert_eq!((first.model_outcome(), second.model_outcome()), (ModelOutcome::Used, ModelOutcome::Used));
    assert_eq!(words(&first), words(&second));
    assert!(first.model_usage.is_some() && second.model_usage.is_none(), "the second cost nothing");
    assert_eq!(shouted.source(), ParseSource::Cache, "letters and marks that nobody sees do not matter");
    assert_eq!(calls(&gemini).await, 1);
}

#[tokio::test]
async fn another_shop_and_another_place_of_a_conversation_are_asked_about() {
    let gemini = gemini_filling(&milk()).await;
    let world = World::with_gemini(&gemini, &[]).await;
    let with = |context: pb::Context| pb::ParseMessageRequest { context: Some(context), ..asking(HARD) };
    let item = |name: &str| pb::CatalogueItem { name: name.to_owned(), ..pb::CatalogueItem::default() };
    let question = pb::OpenQuestion {
        asks: pb::Clarification::Direction.into(),
        drafts: vec![added("milk", "12")],
        options: Vec::new(),
    };
    world.read(HARD).await;

    let others = [
        pb::ParseMessageRequest { shop_id: "another".to_owned(), ..asking(HARD) },
        pb::ParseMessageRequest { language_code: "af".to_owned(), ..asking(HARD) },
        pb::ParseMessageRequest { catalogue: vec![item("Milk 2l")], ..asking(HARD) },
        with(pb::Context { counting: true, ..pb::Context::default() }),
        with(pb::Context { last_actions: vec![added("milk", "3")], ..pb::Context::default() }),
        with(pb::Context { last_actions: vec![added("milk", "4")], ..pb::Context::default() }),
        with(pb::Context { quoted_actions: vec![added("milk", "4")], ..pb::Context::default() }),
        with(pb::Context { open_question: Some(question), ..pb::Context::default() }),
        with(pb::Context { previous_text: "milk".to_owned(), ..pb::Context::default() }),
        asking(&format!("{HARD}?")),
    ];
    for (index, request) in others.into_iter().enumerate() {
        world.parse(request.clone()).await.unwrap();
        assert_eq!(calls(&gemini).await, index + 2, "request {index}");
        world.parse(request).await.unwrap();
        assert_eq!(calls(&gemini).await, index + 2, "request {index} again");
    }
    // An item that the words do not fit changes nothing of what the model is told.
    let unrelated = pb::ParseMessageRequest { catalogue: vec![item("Nails")], ..asking(HARD) };
    assert_eq!(world.parse(unrelated).await.unwrap().source(), ParseSource::Cache);
}

#[tokio::test]
async fn only_answers_that_pass_every_check_are_kept() {
    let bad = [
        ok(&said(&form(&json!([filled("remove", "gold", "12")])))),
        ok(&said("{")),
        ok(&said(&form(&json!([filled("unclear", "", "")])))),
        error(403, "PERMISSION_DENIED", &json!([])),
        ok(&json!({"promptFeedback": {"blockReason": "SAFETY"}})),
    ];
    for (index, answer) in bad.into_iter().enumerate() {
        let gemini = MockServer::start().await;
        // The unusable answer is asked for twice.
        let times = if index == 1 { 2 } else { 1 };
        Mock::given(method("POST")).respond_with(answer).up_to_n_times(times).mount(&gemini).await;
        Mock::given(method("POST")).respond_with(ok(&said(&form(&milk())))).mount(&gemini).await;
        let world = World::with_gemini(&gemini, &[]).await;

        world.read(HARD).await;
        let again = world.read(HARD).await;

        assert_eq!((again.model_outcome(), again.source()), (ModelOutcome::Used, ParseSource::Model), "answer {index}");
    }
}

#[tokio::test]
async fn twenty_who_ask_the_same_at_once_ask_once() {
    let gemini = gemini_that(ok(&said(&form(&milk()))).set_delay(Duration::from_millis(500))).await;
    let world = World::with_gemini(&gemini, &[]).await;

    let answers = futures::future::join_all((0..20).map(|_| world.read(HARD))).await;

    assert_eq!(calls(&gemini).await, 1);
    assert!(answers.iter().all(|answer| words(answer) == words(&answers[0])));
    assert_eq!(answers.iter().filter(|answer| answer.model_usage.is_some()).count(), 1, "paid once");
}

#[tokio::test]
async fn whoever_waits_for_a_caller_that_hangs_up_asks_itself() {
    let gemini = gemini_that(ok(&said(&form(&milk()))).set_delay(Duration::from_millis(500))).await;
    let world = World::with_gemini(&gemini, &[]).await;
    let asked = async {
        while calls(&gemini).await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };

    tokio::select! {
        _ = world.read(HARD) => panic!("the model is slow"),
        () = asked => {}
    }
    let answer = world.read(HARD).await;

    assert_eq!(answer.model_outcome(), ModelOutcome::Used);
}

#[tokio::test]
async fn both_sides_of_the_hours_that_an_answer_is_kept() {
    let gemini = gemini_filling(&milk()).await;
    let world = World::with_gemini(&gemini, &["--gemini-cache-hours", "2"]).await;

    world.read(HARD).await;
    world.clock.advance(SignedDuration::from_secs(2 * 3600 - 1));
    assert_eq!(world.read(HARD).await.source(), ParseSource::Cache);
    world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(world.read(HARD).await.source(), ParseSource::Model);
}

#[tokio::test]
async fn without_room_for_answers_every_one_is_asked_for() {
    let gemini = gemini_filling(&milk()).await;
    let world = World::with_gemini(&gemini, &["--gemini-cache-actions", "0"]).await;

    world.read(HARD).await;
    world.read(HARD).await;

    assert_eq!(calls(&gemini).await, 2);
}

#[tokio::test]
async fn a_shop_that_used_up_its_day_is_read_by_the_grammar_until_its_midnight() {
    let gemini = gemini_filling(&milk()).await;
    let world = World::with_gemini(&gemini, &["--gemini-budget-per-shop-per-day", "2"]).await;
    let open = |number: u32| format!("{HARD} {}", "again ".repeat(number as usize));

    for number in 0..2 {
        assert_eq!(world.read(&open(number)).await.model_outcome(), ModelOutcome::Used, "call {number}");
    }
    let over = world.read(&open(2)).await;

    // The clock stands at 12:00 UTC, 14:00 in Johannesburg.
    assert_eq!((over.model_outcome(), over.source()), (ModelOutcome::Budget, ParseSource::Grammar));
    assert_eq!(over.retry_delay.unwrap().seconds, 10 * 3600);
    assert!(over.model_usage.is_none() && !over.uncovered.is_empty());
    assert_eq!(world.read(&open(0)).await.source(), ParseSource::Cache, "what was answered before costs nothing");
    assert_eq!(world.read("Added 50 screws").await.model_outcome(), ModelOutcome::NotNeeded);
    let other = pb::ParseMessageRequest { shop_id: "another".to_owned(), ..asking(HARD) };
    assert_eq!(world.parse(other).await.unwrap().model_outcome(), ModelOutcome::Used, "each shop has its own");
    assert_eq!(calls(&gemini).await, 3);

    world.clock.advance(SignedDuration::from_secs(10 * 3600 - 1));
    assert_eq!(world.read(&open(3)).await.model_outcome(), ModelOutcome::Budget);
    world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(world.read(&open(3)).await.model_outcome(), ModelOutcome::Used, "a new day has begun");
}

#[tokio::test]
async fn the_day_of_a_budget_is_that_of_the_shop() {
    let gemini = gemini_filling(&milk()).await;
    let world = World::with_gemini(&gemini, &["--gemini-budget-per-shop-per-day", "1"]).await;
    for (zone, hours) in [("Europe/London", 12), ("America/New_York", 17), ("Nowhere/Land", 10)] {
        let ask = |text: &str| pb::ParseMessageRequest {
            shop_id: zone.to_owned(),
            time_zone: zone.to_owned(),
            ..asking(text)
        };
        world.parse(ask(HARD)).await.unwrap();
        let over = world.parse(ask(&format!("{HARD} again"))).await.unwrap();
        assert_eq!(over.retry_delay.unwrap().seconds, hours * 3600, "{zone}");
    }
}

#[tokio::test]
async fn voice_notes_and_photos_come_out_of_the_same_budget() {
    let heard = json!({"transcript": "sold five bread", "language": "en", "document_number": null, "supplier": null,
        "total": null, "actions": [filled("remove", "bread", "5")]});
    let gemini = gemini_that(ok(&said(&heard.to_string()))).await;
    let world = World::with_gemini(&gemini, &["--gemini-budget-per-shop-per-day", "1"]).await;

    let first = world.parse_media(media("audio/ogg"), VOICE, 1000).await.unwrap();
    let second = world.parse_media(media("audio/ogg"), VOICE, 1000).await.unwrap();
    let text = world.read(HARD).await;
    let table = world.parse_media(media("text/csv"), b"Item,Qty\nBread,12\n", 100).await.unwrap();

    assert_eq!((first.model_outcome(), second.model_outcome()), (ModelOutcome::Used, ModelOutcome::Budget));
    assert_eq!(second.retry_delay.unwrap().seconds, 10 * 3600);
    assert_eq!(text.model_outcome(), ModelOutcome::Budget);
    assert_eq!(table.model_outcome(), ModelOutcome::NotNeeded, "a table that names its columns needs nobody");
    assert_eq!(calls(&gemini).await, 1);
}

#[tokio::test]
async fn a_budget_in_dollars_is_spent_by_the_table_of_prices() {
    // 700 tokens at 0.30 and 65 at 2.50 a million: 0.0003725.
    for (budget, calls_within) in [("0.0003725", 1), ("0.0003726", 2)] {
        let gemini = gemini_filling(&milk()).await;
        let world = World::with_gemini(&gemini, &["--gemini-budget-usd-per-shop-per-day", budget]).await;
        for number in 0..3 {
            let answer = world.read(&format!("{HARD} {number}")).await;
            let is_within = answer.model_outcome() != ModelOutcome::Budget;
            assert_eq!(is_within, number < calls_within, "{budget}, call {number}");
        }
    }
}

#[tokio::test]
async fn zero_is_no_limit() {
    let gemini = gemini_filling(&milk()).await;
    let world = World::with_gemini(&gemini, &["--gemini-budget-per-shop-per-day", "0"]).await;

    for number in 0..5 {
        assert_ne!(world.read(&format!("{HARD} {number}")).await.model_outcome(), ModelOutcome::Budget);
    }
}

#[tokio::test]
async fn what_a_message_cost_is_told_in_dollars_and_an_unknown_model_costs_nobody_knows_what() {
    let mut body = said(&form(&milk()));
    for (model, cost) in [("gemini-3.5-flash-lite-001", Some("0.0003725")), ("gemini-9-neon", None)] {
        body["modelVersion"] = json!(model);
        let gemini = gemini_that(ok(&body)).await;
        let world = World::with_gemini(&gemini, &[]).await;

        let usage = world.read(HARD).await.model_usage.unwrap();

        let told = usage.cost.map(|money| (money.amount.unwrap().value, money.currency_code));
        assert_eq!(told, cost.map(|cost| (cost.to_owned(), "USD".to_owned())), "{model}");
        assert_eq!(usage.model_version, model);
    }
}

#[tokio::test]
async fn what_came_to_nothing_is_paid_for_all_the_same() {
    let mut cut_off = json!({"candidates": [{"finishReason": "MAX_TOKENS"}]});
    cut_off["usageMetadata"] = json!({"promptTokenCount": 700, "candidatesTokenCount": 1000});
    cut_off["modelVersion"] = json!("gemini-3.5-flash-lite");
    let gemini = gemini_that(ok(&cut_off)).await;
    let world = World::with_gemini(&gemini, &[]).await;

    let answer = world.read(HARD).await;

    assert_eq!(answer.model_outcome(), ModelOutcome::Unusable);
    let usage = answer.model_usage.unwrap();
    assert_eq!((usage.input_token_count, usage.output_token_count), (1400, 2000), "both tries");
    assert_eq!(usage.cost.unwrap().amount.unwrap().value, "0.00542");
}

#[tokio::test]
async fn the_model_is_told_a_few_items_and_what_was_said_and_no_names_of_people() {
    let gemini = gemini_filling(&milk()).await;
    let world = World::with_gemini(&gemini, &[]).await;
    let mut catalogue: Vec<pb::CatalogueItem> = (0..198)
        .map(|number| pb::CatalogueItem { name: format!("Nail {number}"), ..pb::CatalogueItem::default() })
        .collect();
    catalogue.push(pb::CatalogueItem { name: "Milk 1l".to_owned(), ..pb::CatalogueItem::default() });
    let alias = vec!["the fridge box".to_owned()];
    catalogue.push(pb::CatalogueItem { name: "Cooler".to_owned(), aliases: alias, ..pb::CatalogueItem::default() });
    let question = pb::OpenQuestion {
        asks: pb::Clarification::Direction.into(),
        drafts: vec![added("egg", "6")],
        options: vec!["White eggs".to_owned()],
    };
    let context = pb::Context {
        last_actions: vec![added("bread", "3")],
        open_question: Some(question),
        previous_text: "about the fridge".to_owned(),
        ..pb::Context::default()
    };

    world.parse(pb::ParseMessageRequest { catalogue, context: Some(context), ..asking(HARD) }).await.unwrap();

    let request = &gemini.received_requests().await.unwrap()[0];
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let text = body["contents"][0]["parts"][0]["text"].as_str().unwrap();
    let (brief, message) = text.split_once("===").unwrap();
    for told in ["Milk 1l", "Cooler (also the fridge box)", "added 3 bread", "added 6 egg", "White eggs", "counted?"] {
        assert!(brief.contains(told), "{told} in {brief}");
    }
    assert!(!brief.contains("Nail") && !text.contains("thandi") && !text.contains("0190a000"), "{text}");
    assert!(message.contains(&format!("about the fridge\n{HARD}\n===")), "{message}");
    let rules = body["systemInstruction"]["parts"][0]["text"].as_str().unwrap();
    assert!(rules.contains("Message: ") && rules.contains("Form: {"), "the examples travel with the rules");
}

#[tokio::test]
async fn what_contradicts_the_grammar_is_asked_and_what_is_left_out_is_not_lost() {
    let text = "sold 3 bread. the fridge guy swapped 12 milk because of whatever";
    let milk = filled("remove", "milk", "12");
    for (told, expected) in [
        (json!([filled("remove", "bread", "3"), milk]), vec!["remove 3 bread (sale)", "remove 12 milk (unspecified)"]),
        (
            json!([filled("remove", "bread", "12"), milk]),
            vec!["remove 3 bread (sale) | ask which_number", "remove 12 milk (unspecified)"],
        ),
        (
            json!([filled("add", "bread", "3"), milk]),
            vec!["unknown unspecified 3 bread | ask direction", "remove 12 milk (unspecified)"],
        ),
        (json!([milk]), vec!["remove 12 milk (unspecified)", "remove 3 bread (sale) | confirm"]),
        (json!([filled("nothing", "", "")]), vec!["remove 3 bread (sale) | confirm"]),
    ] {
        let gemini = gemini_filling(&told).await;
        let world = World::with_gemini(&gemini, &[]).await;

        let answer = world.read(text).await;

        assert_eq!(answer.model_outcome(), ModelOutcome::Used);
        assert_eq!(words(&answer), expected, "{told}");
    }
}

#[tokio::test]
async fn one_line_that_was_made_up_makes_the_others_want_a_yes() {
    let text = "sold 3 bread. the fridge guy swapped 12 milk because of whatever";
    let told = json!([filled("remove", "bread", "3"), filled("remove", "milk", "12"), filled("remove", "gold", "12")]);
    let gemini = gemini_filling(&told).await;
    let world = World::with_gemini(&gemini, &[]).await;

    let answer = world.read(text).await;

    assert_eq!(answer.model_outcome(), ModelOutcome::Ungrounded);
    assert_eq!(
        words(&answer),
        [
            "remove 3 bread (sale) | confirm",
            "remove 12 milk (unspecified) | confirm",
            "remove 12 (unspecified) | ask item | confirm"
        ]
    );
}

#[tokio::test]
async fn numbers_that_are_prices_sizes_sums_or_of_another_sign_are_no_quantities() {
    let text = "the fridge guy swapped 3 coke 2l and 4 milk for R12 because of whatever";
    for (item, quantity) in [("coke 2l", "2"), ("coke 2l", "12"), ("milk", "7"), ("milk", "-4"), ("milk", "34")] {
        let gemini = gemini_filling(&json!([filled("remove", item, quantity)])).await;
        let world = World::with_gemini(&gemini, &[]).await;

        let answer = world.read(text).await;

        assert_eq!(
            answer.actions[0].clarification(),
            pb::Clarification::Quantity,
            "{quantity} {item}: {:?}",
            words(&answer)
        );
    }
}

#[tokio::test]
async fn number_words_of_all_five_languages_bear_a_number_out() {
    for (text, item, quantity) in [
        ("the fridge guy swapped twenty five milk because of whatever", "milk", "25"),
        ("iets met die yskas man en vyf en twintig melk of iets gebeur nogal", "melk", "25"),
        ("umfana wefriji ushintshe ubisi ezinhlanu ngenxa kagesi", "ubisi", "5"),
        ("indoda yefriji itshintshe ubisi ezintlanu ngenxa yombane", "ubisi", "5"),
        ("monna wa furiji o fetotse lebese tse hlano ka lebaka la motlakase", "lebese", "5"),
    ] {
        let gemini = gemini_filling(&json!([filled("remove", item, quantity)])).await;
        let world = World::with_gemini(&gemini, &[]).await;

        let answer = world.read(text).await;

        assert_eq!(answer.model_outcome(), ModelOutcome::Used, "{text}: {:?}", words(&answer));
    }
}

#[tokio::test]
async fn another_day_that_the_form_cannot_hold_wants_a_yes() {
    let gemini = gemini_filling(&milk()).await;
    let world = World::with_gemini(&gemini, &[]).await;

    let answer = world.read(&format!("{HARD} yesterday")).await;

    assert!(answer.actions.iter().all(|action| action.confirm), "{:?}", words(&answer));
}

#[tokio::test]
async fn what_an_edited_message_says_now_is_not_added_to_what_it_did() {
    let gemini = gemini_filling(&json!([filled("add", "milk", "12")])).await;
    let world = World::with_gemini(&gemini, &[]).await;
    let edited = |before: Vec<pb::Action>| {
        let edited = pb::EditedMessage { text: HARD.to_owned(), actions: before };
        let content = Some(pb::parse_message_request::Content::EditedMessage(edited));
        pb::ParseMessageRequest { content, ..asking("") }
    };

    let one = world.parse(edited(vec![added("milk", "10")])).await.unwrap();
    let several = world.parse(edited(vec![added("milk", "10"), added("bread", "2")])).await.unwrap();

    assert_eq!(words(&one), ["correct edited_message 12 milk"]);
    assert_eq!(words(&several), ["add 12 milk | ask already_recorded"]);
}

#[tokio::test]
async fn what_was_read_off_a_photo_is_a_draft_whoever_read_it() {
    let gemini = gemini_filling(&milk()).await;
    let world = World::with_gemini(&gemini, &[]).await;

    let answer =
        world.parse(pb::ParseMessageRequest { channel: pb::Channel::Photo.into(), ..asking(HARD) }).await.unwrap();

    assert!(answer.actions.iter().all(|action| action.confirm), "{:?}", words(&answer));
}
