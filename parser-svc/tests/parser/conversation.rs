//! What the conversation holds decides what a text means; without it the same text stays open.

use std::path::Path;

use proto::parser::v1 as pb;

use crate::utterance::{judge, load, request};
use crate::world::{World, asking, in_words};

#[tokio::test]
async fn answers_corrections_and_undo_are_read_from_what_went_before() {
    let world = World::with_grammar().await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/conversations.jsonl");

    let mut wrong = Vec::new();
    for utterance in load(&path).unwrap() {
        let answer = world.parse(request(&utterance)).await.unwrap();
        let verdict = judge(&utterance, &answer);
        if !verdict.is_exact || verdict.has_wrong_write {
            wrong.push(format!("{} {:?}: read {:?}", utterance.id, utterance.text, verdict.read));
        }
    }

    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn what_needs_the_conversation_stays_open_without_it() {
    let world = World::with_grammar().await;

    for text in [
        "no 40",
        "40",
        "40 not 50",
        "I meant milk",
        "not milk, bread",
        "make it 30",
        "nee 40",
        "cha 40",
        "the second",
        "each",
    ] {
        let answer = world.read(text).await;
        let is_open = |action: &pb::Action| {
            action.clarification() != pb::Clarification::Unspecified
                || matches!(&action.intent, Some(pb::action::Intent::Unknown(_)))
        };
        let read: Vec<String> = answer.actions.iter().map(in_words).collect();
        assert!(answer.actions.iter().all(is_open), "{text}: {read:?}");
    }
}

#[tokio::test]
async fn deleted_message_asks_whether_to_undo_what_it_had_done() {
    let world = World::with_grammar().await;
    let content = pb::parse_message_request::Content::DeletedMessage(pb::DeletedMessage::default());

    let answer = world.parse(pb::ParseMessageRequest { content: Some(content), ..asking("") }).await.unwrap();

    let Some(pb::action::Intent::Undo(undo)) = &answer.actions[0].intent else { panic!("no undo") };
    assert_eq!(undo.target(), pb::UndoTarget::DeletedMessage);
    assert!(answer.actions[0].confirm);
}
