//! Faults of other products that concern reading: each is a test here, named by the fault.

use proto::parser::v1 as pb;

use crate::world::{World, asking, in_words};

/// Whether stock would change without another word.
fn writes(action: &pb::Action) -> bool {
    use pb::action::Intent;
    let changes = matches!(
        action.intent,
        Some(Intent::Add(_) | Intent::Remove(_) | Intent::SetStock(_) | Intent::Correct(_) | Intent::Transfer(_))
    );
    changes && !action.confirm && action.clarification() == pb::Clarification::Unspecified
}

async fn read(world: &World, text: &str) -> Vec<String> {
    world.read(text).await.actions.iter().map(in_words).collect()
}

async fn heard(world: &World, text: &str) -> pb::ParseMessageResponse {
    let mut request = asking(text);
    request.set_channel(pb::Channel::Voice);
    world.parse(request).await.unwrap()
}

#[tokio::test]
async fn restock_adds_and_never_sets() {
    let world = World::with_grammar().await;

    assert_eq!(read(&world, "restock: 12 bread").await, ["add 12 bread"]);
    assert_eq!(read(&world, "restocked 12 bread").await, ["add 12 bread"]);
}

#[tokio::test]
async fn sold_without_a_number_is_not_one() {
    let world = World::with_grammar().await;

    assert_eq!(read(&world, "sold: bread").await, ["remove bread (sale) | ask quantity"]);
}

#[tokio::test]
async fn two_bare_numbers_ask_which_of_them_counts() {
    let world = World::with_grammar().await;

    for text in ["add bread 50 30", "sold milk 3 4", "bread 50 30"] {
        let answer = world.read(text).await;
        assert_eq!(answer.actions[0].clarification(), pb::Clarification::WhichNumber, "{text}");
        assert_eq!(answer.actions[0].numbers.len(), 2, "{text}");
    }
}

#[tokio::test]
async fn half_a_kilo_sold_takes_half_a_kilo_off() {
    let world = World::with_grammar().await;

    for (text, quantity) in [
        ("sold 1.5 kg cheese", "1.5"),
        ("sold 1,5kg cheese", "1.5"),
        ("sold 1/2 kg cheese", "0.5"),
        ("sold 2 and a half kg cheese", "2.5"),
        ("twee en 'n half kg kaas verkoop", "2.5"),
    ] {
        let read = read(&world, text).await;
        assert!(read[0].starts_with(&format!("remove {quantity} kg ")), "{text}: {read:?}");
    }
}

#[tokio::test]
async fn digits_in_a_name_are_never_the_quantity() {
    let world = World::with_grammar().await;

    for (text, expected) in [
        ("add 5 7up", "add 5 7up"),
        ("sold 3 a4 paper", "remove 3 a4 paper (sale)"),
        ("add 12 M8 bolts", "add 12 m8 bolt"),
        ("sold 2 9v batteries", "remove 2 9v battery (sale)"),
        ("add 4 coke 2l", "add 4 coke 2l"),
    ] {
        assert_eq!(read(&world, text).await, [expected], "{text}");
    }
    assert_eq!(read(&world, "sold 7up").await, ["remove 7up (sale) | ask quantity"]);
}

#[tokio::test]
async fn price_is_never_needed_to_move_stock_and_never_the_quantity() {
    let world = World::with_grammar().await;

    assert_eq!(read(&world, "sold 3 bread").await, ["remove 3 bread (sale)"]);
    for text in ["sold bread R18", "add milk R20.50 each"] {
        let answer = world.read(text).await;
        assert!(!answer.actions.iter().any(writes), "{text}");
    }
}

#[tokio::test]
async fn words_that_sound_like_numbers_ask_in_speech() {
    let world = World::with_grammar().await;

    for text in ["add for tea candles", "to bread sold", "sold six tea eggs", "add for teen bread"] {
        let answer = heard(&world, text).await;
        assert!(
            !answer.actions.iter().any(writes),
            "{text}: {:?}",
            answer.actions.iter().map(in_words).collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn verb_endings_and_joining_words_are_never_numbers() {
    let world = World::with_grammar().await;

    // "no" joins in isiZulu and denies in English; "se", "le" and "a" are no numbers in Sesotho.
    assert_eq!(read(&world, "ngidayise 4 bread no 2 milk").await, ["remove 4 bread (sale)", "remove 2 milk (sale)"]);
    assert_eq!(read(&world, "ke rekisitse 3 bread le 2 milk").await, ["remove 3 bread (sale)", "remove 2 milk (sale)"]);
    for text in ["do bread", "did bread", "to bread", "bread too"] {
        assert!(!world.read(text).await.actions.iter().any(writes), "{text}");
    }
}

#[tokio::test]
async fn transcript_that_ends_in_words_nobody_said_is_read_without_them() {
    let world = World::with_grammar().await;

    let answer = heard(&world, "sold 3 bread. Thank you for watching!").await;
    let silence = heard(&world, "Thank you for watching.").await;

    assert_eq!(answer.actions.iter().map(in_words).collect::<Vec<_>>(), ["remove 3 bread (sale)"]);
    assert_eq!(silence.actions.iter().map(in_words).collect::<Vec<_>>(), ["unknown none"]);
}

#[tokio::test]
async fn every_item_that_holds_the_word_is_offered() {
    let world = World::with_grammar().await;
    let item = |name: &str| pb::CatalogueItem { name: name.to_owned(), ..pb::CatalogueItem::default() };
    let catalogue = ["sunflower oil", "rice bran oil", "engine oil", "bread"].map(item).to_vec();

    let answer = world.parse(pb::ParseMessageRequest { catalogue, ..asking("sold 2 oil") }).await.unwrap();

    assert_eq!(answer.actions[0].clarification(), pb::Clarification::Item);
    assert_eq!(answer.actions[0].options, ["sunflower oil", "rice bran oil", "engine oil"]);
}

#[tokio::test]
async fn denials_wishes_and_questions_never_write() {
    let world = World::with_grammar().await;

    for text in [
        "i did not sell 5 bread",
        "should i add 5 bread?",
        "if i sell 5 bread",
        "tomorrow i will get 20 milk",
        "nobody bought 3 bread",
        "we must buy 5 bread",
        "ek het nie 5 brood verkoop nie",
        "angithengisanga 5 bread",
        "andithengisanga 5 bread",
        "ha ke a rekisa 5 bread",
        "WIN 500 airtime! Reply YES to claim",
        "there are 6 in a case of coke 2l",
        "purple 5 monkeys in the tree",
    ] {
        let answer = world.read(text).await;
        assert!(
            !answer.actions.iter().any(writes),
            "{text}: {:?}",
            answer.actions.iter().map(in_words).collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn what_a_camera_saw_is_always_a_draft() {
    let world = World::with_grammar().await;

    for text in
        ["sold 3 bread", "2 x MILK 1L", "ACME TRADERS INVOICE 5521\n6 x SUNFOIL 2L @ 45.00 270.00\nTOTAL 270.00"]
    {
        let mut request = asking(text);
        request.set_channel(pb::Channel::Photo);
        let answer = world.parse(request).await.unwrap();
        assert!(!answer.actions.iter().any(writes), "{text}");
        assert!(answer.actions.iter().all(|action| action.confirm), "{text}");
    }
}

#[tokio::test]
async fn date_that_lies_ahead_asks_and_one_that_is_past_does_not() {
    let world = World::with_grammar().await;
    // 22 November 2026, noon in Johannesburg.
    let send_time = Some(prost_types::Timestamp { seconds: 1_795_341_600, nanos: 0 });
    let at = |text: &str| pb::ParseMessageRequest { send_time, ..asking(text) };

    let ahead = world.parse(at("sold 3 bread on 25 december")).await.unwrap();
    let past = world.parse(at("sold 3 bread on 20 november")).await.unwrap();

    assert_eq!(ahead.actions[0].clarification(), pb::Clarification::DateOrder);
    assert!(writes(&past.actions[0]));
}

#[tokio::test]
async fn confidence_falls_with_every_doubt() {
    let world = World::with_grammar().await;
    let mut ppm = Vec::new();
    for text in ["sold 3 bread", "sold 3 zorbos", "sold like 3 bread", "sold bread", "if i sell 3 bread what happens"] {
        ppm.push(world.read(text).await.actions[0].confidence_ppm);
    }

    assert_eq!(ppm[0], 1_000_000);
    assert!(ppm.windows(2).all(|pair| pair[0] > pair[1]), "{ppm:?}");
    assert_eq!(ppm[4], 0);
}
