//! Verbs of isiZulu and isiXhosa: who did it, the stem and the tense in one word: `ngi-thengis-e`.

use std::collections::{BTreeMap, HashMap};

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
    /// To what, when that stands inside the verb: "wa".
    #[serde(default)]
    objects: Vec<String>,
    /// What, by what it says about stock: "thengis".
    stems: BTreeMap<Verb, Vec<String>>,
    /// When and how: "e", "ile".
    endings: Vec<String>,
    /// The endings of a denial: "anga".
    not_endings: Vec<String>,
}

/// Every form of the verbs of one language, written out once so that a word is looked up and not taken apart.
pub struct Conjugation {
    denied: Forms,
    promised: Forms,
    done: Forms,
    language: u8,
}

/// Forms and what they say; nothing for a form that two verbs share.
type Forms = HashMap<String, Option<Verb>>;

impl Conjugation {
    /// Takes the parts of a file.
    pub fn new(parts: &ConjugationFile, language: u8) -> Self {
        Self {
            denied: forms(&with_objects(&parts.not_subjects, &parts.objects), &parts.stems, &parts.not_endings),
            promised: forms(&with_objects(&parts.will_subjects, &parts.objects), &parts.stems, &parts.endings),
            done: forms(&with_objects(&parts.subjects, &parts.objects), &parts.stems, &parts.endings),
            language,
        }
    }

    /// Reads a word as subject, stem and ending. A word that two readings fit is left to somebody who knows better.
    pub fn read(&self, word: &str) -> Option<Entry> {
        let said = |forms: &Forms| forms.get(word).copied().flatten();
        let (verb, classes) = said(&self.denied)
            .map(|verb| (verb, Classes::only(Class::Not)))
            .or_else(|| said(&self.promised).map(|verb| (verb, Classes::only(Class::Wish))))
            .or_else(|| said(&self.done).map(|verb| (verb, Classes::default())))?;
        Some(Entry { verb: Some(verb), classes, languages: 1 << self.language, ..Entry::default() })
    }
}

/// Every subject by itself and with every object.
fn with_objects(subjects: &[String], objects: &[String]) -> Vec<String> {
    let both = subjects.iter().flat_map(|subject| objects.iter().map(move |object| format!("{subject}{object}")));
    subjects.iter().cloned().chain(both).collect()
}

fn forms(subjects: &[String], stems: &BTreeMap<Verb, Vec<String>>, endings: &[String]) -> Forms {
    let mut forms = Forms::new();
    for (verb, stems) in stems {
        for (subject, stem, ending) in subjects.iter().flat_map(|subject| {
            stems.iter().flat_map(move |stem| endings.iter().map(move |ending| (subject, stem, ending)))
        }) {
            let said = forms.entry(format!("{subject}{stem}{ending}")).or_insert(Some(*verb));
            *said = said.filter(|known| known == verb);
        }
    }
    forms
}
