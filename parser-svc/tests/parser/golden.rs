//! Messages with what they must become, scored over gRPC. One line of a file is one message.

use std::path::Path;

use serde::Deserialize;

use crate::utterance::{Verdict, judge, load, request};
use crate::world::{World, asking, in_words};
use proto::parser::v1 as pb;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    text: String,
    expect: Vec<String>,
    #[serde(default)]
    catalogue: Vec<String>,
    #[serde(default)]
    counting: bool,
}

async fn failures(file: &str) -> Vec<String> {
    let world = World::with_grammar().await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let mut failures = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let golden: Golden = serde_json::from_str(line).unwrap();
        let catalogue =
            golden.catalogue.into_iter().map(|name| pb::CatalogueItem { name, ..pb::CatalogueItem::default() });
        let context = Some(pb::Context { counting: golden.counting, ..pb::Context::default() });
        let request = pb::ParseMessageRequest { catalogue: catalogue.collect(), context, ..asking(&golden.text) };
        let answer = world.parse(request).await.unwrap();
        let read: Vec<String> = answer.actions.iter().map(in_words).collect();
        if read != golden.expect {
            failures.push(format!("{:?}\n  expected {:?}\n  read     {read:?}", golden.text, golden.expect));
        }
    }
    failures
}

#[tokio::test]
async fn every_golden_message_is_read_exactly() {
    let failures = failures("messages.jsonl").await;

    assert!(failures.is_empty(), "{} wrong:\n{}", failures.len(), failures.join("\n"));
}

#[tokio::test]
async fn no_attack_changes_stock_without_a_question() {
    let failures = failures("attacks.jsonl").await;

    assert!(failures.is_empty(), "{} wrong:\n{}", failures.len(), failures.join("\n"));
}

/// What an utterance file gets wrong. Lines that `gaps.txt` lists with their reason are left out, and must really fail.
async fn unread(file: &str) -> Vec<String> {
    let world = World::with_grammar().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let gaps = std::fs::read_to_string(folder.join("gaps.txt")).unwrap();
    let gaps: Vec<&str> = gaps.lines().filter_map(|line| line.split_once(": ")).map(|(id, _)| id).collect();
    let mut wrong = Vec::new();
    for utterance in load(&folder.join(file)).unwrap() {
        let answer = world.parse(request(&utterance)).await.unwrap();
        let verdict = judge(&utterance, &answer);
        let is_gap = gaps.contains(&utterance.id.as_str());
        if verdict.has_wrong_write || verdict.is_complete == is_gap {
            let (id, text, lang) = (&utterance.id, &utterance.text, &utterance.lang);
            wrong.push(format!("{id} {text:?} in {lang}: {}\n  read {:?}", fault(&verdict), verdict.read));
        }
    }
    wrong
}

/// What is worst about a reading.
fn fault(verdict: &Verdict) -> &'static str {
    match () {
        () if verdict.has_wrong_write => "wrong write",
        () if verdict.has_missed_question => "missed question",
        () if verdict.has_needless_question => "needless question",
        () if verdict.is_complete => "read although it is listed as a gap",
        () if verdict.is_exact => "exact, not complete",
        () => "read otherwise",
    }
}

#[tokio::test]
async fn what_shopkeepers_write_is_read_exactly_or_listed_as_a_gap_and_never_written_wrong() {
    for file in
        ["shopkeepers.jsonl", "shopkeepers_later.jsonl", "standins.jsonl", "many_tongues.jsonl", "ordinary.jsonl"]
    {
        let wrong = unread(file).await;

        assert!(wrong.is_empty(), "{file}, {} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// Sums, hearsay, wishes, ranges, denials and the like: what is expected of most of these lines is that nothing is written.
#[tokio::test]
async fn nothing_is_written_of_a_sentence_that_leaves_open_what_happened() {
    let world = World::with_grammar().await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/risky.jsonl");
    let mut written = Vec::new();
    for utterance in load(&file).unwrap() {
        let verdict = judge(&utterance, &world.parse(request(&utterance)).await.unwrap());
        if verdict.has_wrong_write {
            written.push(format!("{} {:?}\n  read {:?}", utterance.id, utterance.text, verdict.read));
        }
    }

    assert!(written.is_empty(), "{} wrong:\n{}", written.len(), written.join("\n"));
}
