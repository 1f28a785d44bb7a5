//! A data file of one language, and how it joins the others.

use std::collections::{BTreeMap, HashMap, HashSet};

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{Class, Entry, FILES, Index, Lexicon, Meaning, Noun, Separable, Turn, Verb, key_of};
use crate::domain::MemberRole;
use crate::grammar::conjugation::{Conjugation, ConjugationFile};
use crate::grammar::normalise::normalised_text;
use crate::grammar::template::Template;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    language: String,
    #[serde(default)]
    verbs: BTreeMap<Verb, Vec<String>>,
    #[serde(default)]
    separable: Vec<Separable>,
    #[serde(default)]
    words: BTreeMap<Class, Vec<String>>,
    #[serde(default)]
    when: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    months: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    units: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    measures: Vec<String>,
    #[serde(default)]
    implied_items: BTreeMap<String, String>,
    #[serde(default)]
    numbers: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    nouns: BTreeMap<String, String>,
    #[serde(default)]
    known_nouns: Vec<String>,
    #[serde(default)]
    plurals: BTreeMap<String, String>,
    #[serde(default)]
    plural_endings: Vec<(String, String)>,
    #[serde(default)]
    invariant: Vec<String>,
    #[serde(default)]
    signs: BTreeMap<char, String>,
    #[serde(default)]
    number_prefixes: Vec<String>,
    #[serde(default)]
    noun_prefixes: Vec<String>,
    #[serde(default)]
    and_prefixes: Vec<String>,
    #[serde(default)]
    suspicious: Vec<String>,
    #[serde(default)]
    papers: Vec<String>,
    #[serde(default)]
    paper_ends: Vec<String>,
    #[serde(default)]
    misheard: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    artefacts: Vec<String>,
    #[serde(default)]
    notices: Vec<String>,
    #[serde(default)]
    doubtful: Vec<String>,
    #[serde(default)]
    doubtful_forms: Vec<(String, String)>,
    #[serde(default)]
    inversions: Vec<String>,
    #[serde(default)]
    ranges: Vec<String>,
    #[serde(default)]
    sums: Vec<String>,
    #[serde(default)]
    undoing: Vec<String>,
    #[serde(default)]
    largest: Vec<String>,
    #[serde(default)]
    smallest: Vec<String>,
    #[serde(default)]
    person_prefixes: Vec<String>,
    #[serde(default)]
    weighed: Vec<String>,
    #[serde(default)]
    numerous: Vec<String>,
    #[serde(default)]
    joined_concords: Vec<String>,
    #[serde(default)]
    wrappers: Vec<String>,
    #[serde(default)]
    spellings: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    homophones: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    by_others: BTreeMap<Verb, Vec<String>>,
    #[serde(default)]
    speakers: Vec<String>,
    #[serde(default)]
    subjects: Vec<String>,
    #[serde(default)]
    auxiliaries: Vec<String>,
    #[serde(default)]
    marked: BTreeMap<Class, Vec<String>>,
    #[serde(default)]
    ordinals: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    row_words: Vec<String>,
    #[serde(default)]
    roles: BTreeMap<String, MemberRole>,
    #[serde(default)]
    conjugation: Option<ConjugationFile>,
    #[serde(default)]
    turns: BTreeMap<Meaning, Vec<String>>,
}

impl Lexicon {
    pub(super) fn load() -> Self {
        let mut lexicon = Self {
            languages: Vec::new(),
            phrases: HashMap::new(),
            phrase_heads: HashSet::new(),
            separable: HashMap::new(),
            particles: HashSet::new(),
            nouns: HashMap::new(),
            plurals: HashMap::new(),
            plural_endings: Vec::new(),
            invariant: HashSet::new(),
            signs: HashMap::new(),
            implied_items: HashMap::new(),
            measures: HashSet::new(),
            number_prefixes: HashSet::new(),
            noun_prefixes: Vec::new(),
            and_prefixes: Vec::new(),
            languages_with_no: 0,
            months: HashMap::new(),
            suspicious: HashMap::new(),
            papers: Vec::new(),
            paper_ends: HashSet::new(),
            misheard: Vec::new(),
            artefacts: Vec::new(),
            notices: HashMap::new(),
            doubtful: HashMap::new(),
            doubtful_forms: Vec::new(),
            inversions: HashSet::new(),
            ranges: HashSet::new(),
            sums: HashSet::new(),
            undoing: HashSet::new(),
            largest: HashSet::new(),
            smallest: HashSet::new(),
            person_prefixes: HashSet::new(),
            weighed: HashSet::new(),
            numerous: HashSet::new(),
            joined_concords: Vec::new(),
            wrappers: Vec::new(),
            spellings: HashMap::new(),
            homophones: HashMap::new(),
            by_others: HashMap::new(),
            speakers: HashSet::new(),
            subjects: HashSet::new(),
            auxiliaries: HashSet::new(),
            marked: HashMap::new(),
            ordinals: HashMap::new(),
            row_words: HashSet::new(),
            roles: HashMap::new(),
            conjugations: Vec::new(),
            turns: Vec::new(),
            vocabulary: HashMap::new(),
            index: Index::default(),
        };
        for text in FILES {
            let file: File = serde_json::from_str(text).expect("lexicon files are read by a test");
            lexicon.absorb(file);
        }
        // Longest prefix first, so that "izi" is not read as "i".
        lexicon.noun_prefixes.sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
        lexicon.and_prefixes.sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
        lexicon.index = Index::of(&lexicon);
        lexicon
    }

    pub(super) fn absorb(&mut self, file: File) {
        let language = u8::try_from(self.languages.len()).expect("five languages fit");
        self.absorb_lists(&file, language);
        self.languages.push(file.language);
        for (verb, phrases) in file.verbs {
            for phrase in phrases {
                self.entry(&phrase, language).verb.get_or_insert(verb);
            }
        }
        for (class, phrases) in file.words {
            for phrase in phrases {
                self.entry(&phrase, language).classes.insert(class);
            }
        }
        for (canonical, phrases) in file.when {
            for phrase in phrases {
                self.entry(&phrase, language).when.get_or_insert_with(|| canonical.clone());
            }
        }
        for (canonical, phrases) in file.units {
            for phrase in phrases {
                self.entry(&phrase, language).unit.get_or_insert_with(|| canonical.clone());
            }
        }
        for (value, phrases) in file.numbers {
            let value: Decimal = value.parse().expect("numbers of the lexicon are decimals");
            for phrase in phrases {
                self.entry(&phrase, language).number.get_or_insert(value);
            }
        }
        for (noun, english) in file.nouns {
            *self.vocabulary.entry(key_of(&noun)).or_default() |= 1 << language;
            self.nouns.entry(key_of(&noun)).or_insert(Noun { english, language });
        }
        for noun in file.known_nouns {
            self.nouns.entry(key_of(&noun)).or_insert(Noun { english: String::new(), language });
        }
        for (canonical, names) in file.months {
            self.months.extend(names.iter().map(|name| (key_of(name), canonical.clone())));
        }
        for pair in file.separable {
            self.particles.insert(pair.particle.clone());
            *self.vocabulary.entry(pair.head.clone()).or_default() |= 1 << language;
            self.separable.entry(pair.head.clone()).or_default().push(pair);
        }
        self.plurals.extend(file.plurals.iter().map(|(plural, singular)| (key_of(plural), singular.clone())));
        self.plural_endings.extend(file.plural_endings.into_iter().map(|(many, one)| (many, one, language)));
        self.invariant.extend(file.invariant.iter().map(|word| key_of(word)));
        self.signs.extend(file.signs);
        self.implied_items.extend(file.implied_items);
        self.measures.extend(file.measures);
        self.number_prefixes.extend(file.number_prefixes);
        self.noun_prefixes.extend(file.noun_prefixes);
        if file.and_prefixes.iter().any(|prefix| prefix == "no") {
            self.languages_with_no |= 1 << language;
        }
        self.and_prefixes.extend(file.and_prefixes);
        for phrase in &file.suspicious {
            let words: Vec<String> = phrase.split(' ').map(String::from).collect();
            self.suspicious.entry(words[0].clone()).or_default().push(words);
        }
        self.person_prefixes.extend(file.person_prefixes);
        self.joined_concords.extend(file.joined_concords);
        self.wrappers.extend(file.wrappers.iter().map(|phrase| key_of(phrase).split(' ').map(String::from).collect()));
        for (word, spellings) in file.spellings {
            self.spellings.extend(spellings.iter().map(|spelling| (key_of(spelling), word.clone())));
        }
        for (value, words) in file.homophones {
            let value: Decimal = value.parse().expect("numbers of the lexicon are decimals");
            self.homophones.extend(words.iter().map(|word| (key_of(word), value)));
        }
        self.auxiliaries.extend(file.auxiliaries.iter().map(|word| key_of(word)));
        for (class, words) in file.marked {
            self.marked.extend(words.iter().map(|word| (normalised_text(word), class)));
        }
        for (value, words) in file.ordinals {
            let value: Decimal = value.parse().expect("numbers of the lexicon are decimals");
            self.ordinals.extend(words.iter().map(|word| (key_of(word), value)));
        }
        self.row_words.extend(file.row_words.iter().map(|word| key_of(word)));
        self.roles.extend(file.roles.iter().map(|(word, role)| (key_of(word), *role)));
        for (verb, phrases) in file.by_others {
            self.by_others.extend(phrases.iter().map(|phrase| (key_of(phrase), verb)));
        }
        self.speakers.extend(file.speakers.iter().map(|word| key_of(word)));
        self.subjects.extend(file.subjects.iter().map(|word| key_of(word)));
        self.conjugations.extend(file.conjugation.map(|parts| Conjugation::new(&parts, language)));
        for (meaning, templates) in file.turns {
            for template in templates {
                let template = Template::parse(&template);
                for word in template.words() {
                    *self.vocabulary.entry(word.clone()).or_default() |= 1 << language;
                }
                self.turns.push(Turn { meaning, template });
            }
        }
    }

    /// Takes the lists that stand for themselves: kinds of paper, notices, goods of one kind, words for sizes.
    fn absorb_lists(&mut self, file: &File, language: u8) {
        let words_of = |phrase: &String| -> Vec<String> { key_of(phrase).split(' ').map(String::from).collect() };
        let keys = |words: &[String]| words.iter().map(|word| key_of(word)).collect::<Vec<_>>();
        self.papers.extend(file.papers.iter().map(words_of));
        self.artefacts.extend(file.artefacts.iter().map(words_of));
        for phrase in file.notices.iter().map(words_of) {
            self.notices.entry(phrase[0].clone()).or_default().push(phrase);
        }
        for phrase in file.doubtful.iter().map(words_of) {
            self.doubtful.entry(phrase[0].clone()).or_default().push((language, phrase));
        }
        self.doubtful_forms.extend(file.doubtful_forms.iter().cloned());
        for (value, phrases) in &file.misheard {
            let value: Decimal = value.parse().expect("numbers of the lexicon are decimals");
            self.misheard.extend(phrases.iter().map(|phrase| (words_of(phrase), value)));
        }
        for (known, words) in [
            (&mut self.paper_ends, &file.paper_ends),
            (&mut self.inversions, &file.inversions),
            (&mut self.ranges, &file.ranges),
            (&mut self.sums, &file.sums),
            (&mut self.undoing, &file.undoing),
            (&mut self.largest, &file.largest),
            (&mut self.smallest, &file.smallest),
            (&mut self.weighed, &file.weighed),
            (&mut self.numerous, &file.numerous),
        ] {
            known.extend(keys(words));
        }
    }

    pub(super) fn entry(&mut self, phrase: &str, language: u8) -> &mut Entry {
        let key = key_of(phrase);
        for word in key.split(' ') {
            *self.vocabulary.entry(word.to_owned()).or_default() |= 1 << language;
        }
        if let Some((head, _)) = key.split_once(' ') {
            self.phrase_heads.insert(head.to_owned());
        }
        let entry = self.phrases.entry(key).or_default();
        entry.languages |= 1 << language;
        entry
    }
}
