//! The files against the code: nothing is missing, nothing is left over, and everything fits on a phone.

use std::collections::{BTreeMap, BTreeSet};

use super::message::samples;
use super::*;
use crate::reply::limit::units;

/// Languages that have every message, read by people who speak them.
const COMPLETE: [Language; 2] = [Language::English, Language::Afrikaans];

/// What a file says, message by message: the comment above it and the text.
fn messages(file: &str) -> BTreeMap<&str, (String, String)> {
    let mut found = BTreeMap::new();
    let (mut comment, mut id) = (String::new(), "");
    for line in file.lines() {
        if line.starts_with(|first: char| first.is_ascii_lowercase()) {
            id = line.split_once(" =").expect("a message has a text").0;
            assert!(found.insert(id, (std::mem::take(&mut comment), String::new())).is_none(), "{id} is there twice");
        } else if line.starts_with('#') {
            comment.push_str(line);
            comment.push('\n');
        } else if line.is_empty() {
            comment.clear();
        }
        if let Some((_, text)) = found.get_mut(id).filter(|_| !line.starts_with('#')) {
            text.push_str(line);
            text.push('\n');
        }
    }
    found
}

fn all_messages(language: Language) -> BTreeMap<&'static str, (String, String)> {
    let mut all = BTreeMap::new();
    for file in files(language) {
        for (id, message) in messages(file) {
            assert!(all.insert(id, message).is_none(), "{id} is in two files of {language:?}");
        }
    }
    all
}

#[test]
fn every_file_is_read_and_says_nothing_that_is_never_said() {
    let declared: BTreeSet<&str> = samples("", 1).iter().map(|(message, _)| message.id()).collect();
    for language in Language::ALL {
        for file in files(language) {
            let read = FluentResource::try_new(file.to_owned()).map_err(|(_, errors)| errors).unwrap();
            assert!(file.starts_with("###") || read.entries().count() > 0);
        }
        for id in all_messages(language).keys() {
            assert!(declared.contains(id), "nothing in the code says {id} of {language:?}");
        }
    }
}

#[test]
fn every_message_has_words_in_every_language_with_every_argument() {
    let own: Vec<_> = Language::ALL.into_iter().map(all_messages).collect();
    for count in [0, 1, 2, 5, 12, 100] {
        for (message, arguments) in samples("⟨argument⟩", count) {
            let id = message.id();
            for language in Language::ALL {
                let text = words(language, message);
                assert!(!text.trim().is_empty() && !text.contains('{'), "{id} of {language:?}: {text}");
                assert!(!text.contains(['\u{2068}', '\u{2069}']), "{id} of {language:?} has marks in it");
                let Some((_, source)) = own[language as usize].get(id) else {
                    assert!(!COMPLETE.contains(&language), "{id} has no words in {language:?}");
                    assert_eq!(text, words(Language::English, message));
                    continue;
                };
                for argument in arguments.iter().filter(|argument| **argument != "count") {
                    assert!(source.contains(&format!("${argument} ")), "{id} of {language:?} leaves {argument} out");
                }
                let used = source.split('$').skip(1).filter_map(|rest| rest.split_whitespace().next());
                for name in used {
                    assert!(arguments.contains(&name), "{id} of {language:?} wants {name}, and nobody gives it");
                }
            }
        }
    }
}

#[test]
fn what_no_native_speaker_has_read_is_marked() {
    for language in Language::ALL {
        for (id, (comment, _)) in all_messages(language) {
            let is_marked = comment.lines().any(|line| line == "# REVIEW");
            assert_eq!(is_marked, !COMPLETE.contains(&language), "{id} of {language:?}");
        }
    }
}

#[test]
fn each_language_counts_by_its_own_rules() {
    let zero = |language| words(language, Message::Unit { unit: "bottle", count: Count::of(0), other: "" });

    assert_eq!(zero(Language::English), "bottles");
    // In isiZulu nothing is singular.
    assert_eq!(zero(Language::Zulu), "ibhodlela");
}

#[test]
fn every_message_keeps_within_whatsapps_limits_and_six_lines() {
    let long = "👩‍👩‍👧 ".repeat(100);
    for language in Language::ALL {
        for (message, arguments) in samples("1", 2) {
            let (id, text) = (message.id(), words(language, message));
            assert!(text.lines().count() <= 6, "{id} of {language:?} has too many lines");
            let most = if id.starts_with("button-") { 20 } else { 300 };
            assert!(units(&text) <= most, "{id} of {language:?} has {} units", units(&text));
            assert!(id.starts_with("button-") || arguments.is_empty() || !text.starts_with(' '));
        }
        for (message, _) in samples(&long, 2) {
            let short = crate::reply::shorten(words(language, message), crate::reply::BODY_WITH_CHOICES_MAX);
            assert!(units(&short) <= crate::reply::BODY_WITH_CHOICES_MAX);
        }
    }
}

#[test]
fn the_page_lists_the_languages_that_have_a_folder_and_what_is_read_of_them() {
    let locales = concat!(env!("CARGO_MANIFEST_DIR"), "/locales");
    let folders: BTreeSet<String> =
        std::fs::read_dir(locales).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let tags: BTreeSet<String> = Language::ALL.iter().map(|language| language.tag().to_owned()).collect();
    assert_eq!(folders, tags);

    let page = include_str!("../../../../docs/words.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let listed: BTreeSet<String> = rows.iter().map(|row| row.split('`').nth(1).unwrap().to_owned()).collect();
    assert_eq!(listed, tags);
    for language in COMPLETE {
        let row = rows.iter().find(|row| row.starts_with(&format!("| `{}`", language.tag()))).unwrap();
        assert!(row.contains("complete"), "{row}");
    }
    let complete = rows.iter().filter(|row| row.contains("| complete")).count();
    assert_eq!(complete, COMPLETE.len());
}

#[test]
fn every_file_of_a_folder_is_read() {
    for language in Language::ALL {
        let folder = format!("{}/locales/{}", env!("CARGO_MANIFEST_DIR"), language.tag());
        let there = std::fs::read_dir(folder).unwrap().count();
        assert_eq!(there, files(language).len(), "{language:?} has a file that nobody reads");
    }
}
