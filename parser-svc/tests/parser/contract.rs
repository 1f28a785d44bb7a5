//! What the request must hold, and what every answer holds.

use platform::error::reason_of;
use proto::parser::v1 as pb;
use tonic::Code;

use crate::world::{World, asking};

#[tokio::test]
async fn request_without_content_is_refused_with_the_path_of_the_field() {
    let world = World::with_grammar().await;
    let request = pb::ParseMessageRequest { content: None, ..asking("") };

    let status = world.parse(request).await.unwrap_err();

    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(reason_of(&status).as_deref(), Some("ERROR_REASON_INVALID_FIELD"));
}

#[tokio::test]
async fn text_above_the_limit_is_refused() {
    let world = World::with_grammar().await;

    let status = world.parse(asking(&"a".repeat(4097))).await.unwrap_err();

    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn spans_count_code_points_of_the_text_as_given() {
    let world = World::with_grammar().await;
    let text = "🙂 héllo, added 50 screws";

    let answer = world.read(text).await;

    let span = answer.actions[0].span.unwrap();
    let said: String = text
        .chars()
        .skip(usize::try_from(span.start).unwrap())
        .take(usize::try_from(span.end - span.start).unwrap())
        .collect();
    assert!(said.ends_with("added 50 screws"), "{said}");
}

#[tokio::test]
async fn name_is_singular_and_what_was_written_stays() {
    let world = World::with_grammar().await;

    let answer = world.read("Added 3 boxes of A4 Paper and 50 Screws").await;

    let said = |action: &pb::Action| match action.intent.as_ref() {
        Some(pb::action::Intent::Add(add)) => {
            let item = add.line.as_ref().unwrap().item.as_ref().unwrap();
            (item.name.clone(), item.said.clone())
        }
        _ => panic!("not an add"),
    };
    assert_eq!(said(&answer.actions[0]), ("a4 paper".to_owned(), "A4 Paper".to_owned()));
    assert_eq!(said(&answer.actions[1]), ("screw".to_owned(), "Screws".to_owned()));
}

#[tokio::test]
async fn without_a_key_what_the_grammar_cannot_read_says_so() {
    let world = World::with_grammar().await;

    let answer = world.read("purple monkeys dance on my roof at 5 or so they claim").await;

    assert_eq!(answer.model_outcome(), pb::ModelOutcome::NotConfigured);
    assert_eq!(answer.source(), pb::ParseSource::Grammar);
    assert!(!answer.uncovered.is_empty());
}

#[tokio::test]
async fn voice_note_without_a_key_is_answered_honestly() {
    let world = World::with_grammar().await;
    let media = pb::Media { content: b"OggS".to_vec(), mime_type: "audio/ogg".to_owned(), ..pb::Media::default() };
    let request =
        pb::ParseMessageRequest { content: Some(pb::parse_message_request::Content::Media(media)), ..asking("") };

    let answer = world.parse(request).await.unwrap();

    assert_eq!(answer.model_outcome(), pb::ModelOutcome::NotConfigured);
    assert!(matches!(answer.actions[0].intent, Some(pb::action::Intent::Unknown(_))));
}
