//! Verbs of isiZulu and isiXhosa: who did it, the stem and the tense in one word: `ngi-thengis-e`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::lexicon::{Class, Classes, Entry, Verb};

/// The parts as a data file lists them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConjugationFile {
    /// Who: "ngi", "si".
    subjects: Vec<String>,
    /// Who did not: "angi".
    not_subjects: Vec<String>,
    /// Who will: "ngizo".
    will_subjects: Vec<String>,
    /// What, by what it says about stock: "thengis".
    stems: BTreeMap<Verb, Vec<String>>,
    /// When and how: "e", "ile".
    endings: Vec<String>,
    /// The endings of a denial: "anga".
    not_endings: Vec<String>,
}

/// The verbs of one language.
pub struct Conjugation {
    parts: ConjugationFile,
    language: u8,
}

impl Conjugation {
    /// Takes the parts of a file.
    pub fn new(parts: ConjugationFile, language: u8) -> Self {
        Self { parts, language }
    }

    /// Reads a word as subject, stem and ending.
    pub fn read(&self, word: &str) -> Option<Entry> {
        let parts = &self.parts;
        let entry =
            |verb, classes| Entry { verb: Some(verb), classes, languages: 1 << self.language, ..Entry::default() };
        if let Some(verb) = self.verb(word, &parts.not_subjects, &parts.not_endings) {
            return Some(entry(verb, Classes::only(Class::Not)));
        }
        if let Some(verb) = self.verb(word, &parts.will_subjects, &parts.endings) {
            return Some(entry(verb, Classes::only(Class::Wish)));
        }
        self.verb(word, &parts.subjects, &parts.endings).map(|verb| entry(verb, Classes::default()))
    }

    fn verb(&self, word: &str, subjects: &[String], endings: &[String]) -> Option<Verb> {
        let is_verb = |stem: &str| {
            subjects.iter().any(|subject| {
                let rest = word.strip_prefix(subject.as_str()).and_then(|rest| rest.strip_prefix(stem));
                rest.is_some_and(|ending| endings.iter().any(|known| known == ending))
            })
        };
        let mut found = self.parts.stems.iter().filter(|(_, stems)| stems.iter().any(|stem| is_verb(stem)));
        // A word that two readings fit is left to somebody who knows better.
        found.next().filter(|_| found.next().is_none()).map(|(verb, _)| *verb)
    }
}
