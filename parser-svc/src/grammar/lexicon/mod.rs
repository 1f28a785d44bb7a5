//! The words of every language, read once from the data files under `lexicon/`. Adding a language is adding a file.

mod file;
mod index;
mod meaning;
mod words;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use rust_decimal::Decimal;

use super::conjugation::Conjugation;
use super::normalise::{normalised_text, without_marks};
use super::noun;
use super::token::Token;
use crate::domain::MemberRole;
use index::Index;
pub use index::VerbWord;
pub use meaning::{Meaning, Turn};
pub use words::{Class, Classes, Entry, Noun, Separable, Verb};

/// The data files, English first: it wins when two languages spell a phrase alike.
const FILES: [&str; 5] = [
    include_str!("../../../lexicon/en.json"),
    include_str!("../../../lexicon/af.json"),
    include_str!("../../../lexicon/zu.json"),
    include_str!("../../../lexicon/xh.json"),
    include_str!("../../../lexicon/st.json"),
];

/// Most words in one phrase.
pub const MAX_PHRASE_WORDS: usize = 6;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::load);

/// Returns the lexicon of all languages.
pub fn lexicon() -> &'static Lexicon {
    &LEXICON
}

/// The words of every language.
pub struct Lexicon {
    /// Codes of the languages in the order of the files.
    pub languages: Vec<String>,
    /// Phrases by their words, joined by one space.
    pub phrases: HashMap<String, Entry>,
    /// Words that begin a phrase of more than one word.
    phrase_heads: HashSet<String>,
    /// Verbs in two parts, by the first.
    separable: HashMap<String, Vec<Separable>>,
    /// The second parts.
    particles: HashSet<String>,
    /// Known nouns by their singular.
    pub nouns: HashMap<String, Noun>,
    /// Irregular plurals.
    pub plurals: HashMap<String, String>,
    /// Endings of plurals and of their singulars, by language: a word is one when its singular is a noun of that language.
    pub plural_endings: Vec<(String, String, u8)>,
    /// Words that look like a plural and are none.
    pub invariant: HashSet<String>,
    /// What an emoji or another sign stands for.
    pub signs: HashMap<char, String>,
    /// Units that imply an item: a loaf is bread.
    pub implied_items: HashMap<String, String>,
    /// Units that measure instead of counting.
    pub measures: HashSet<String>,
    /// Prefixes glued to a number by a hyphen: "ezi-5".
    pub number_prefixes: HashSet<String>,
    /// Prefixes glued to a noun: "ama-coke".
    pub noun_prefixes: Vec<String>,
    /// Prefixes that say "and": "ne-milk".
    pub and_prefixes: Vec<String>,
    /// Languages with the prefix "no", one bit for each file.
    languages_with_no: u8,
    /// Months by name.
    pub months: HashMap<String, String>,
    /// Phrases that speak to the reader instead of the shop, by their first word.
    pub suspicious: HashMap<String, Vec<Vec<String>>>,
    /// Kinds of paper, as they stand at its head: "delivery note".
    pub papers: Vec<Vec<String>>,
    /// Words of the lines under the goods: "total".
    pub paper_ends: HashSet<String>,
    /// Numbers as a recorder hears them: "for tea" for forty.
    misheard: Vec<(Vec<String>, Decimal)>,
    /// What transcripts of silence end in.
    pub artefacts: Vec<Vec<String>>,
    /// Phrases of adverts, forwarded notices and prizes, by their first word.
    pub notices: HashMap<String, Vec<Vec<String>>>,
    /// Phrases that no sentence may hold that is written unasked, by their first word: "says", "already added".
    doubtful: HashMap<String, Vec<(u8, Vec<String>)>>,
    /// Beginnings and endings of verbs that deny or promise: isiZulu "angi...anga".
    doubtful_forms: Vec<(String, String)>,
    /// What asks at the head of a sentence and tells after another word: "gister het ek 5 brood verkoop".
    pub inversions: HashSet<String>,
    /// What stands between two numbers of which nobody knows which it is: "5 to 6".
    pub ranges: HashSet<String>,
    /// Words that add up and take away: "minus".
    pub sums: HashSet<String>,
    /// Words that take something back: "undo".
    pub undoing: HashSet<String>,
    /// Words that pick the largest of several: "big".
    pub largest: HashSet<String>,
    /// Words that pick the smallest.
    pub smallest: HashSet<String>,
    /// Prefixes of people's names: "u" in "uSipho".
    pub person_prefixes: HashSet<String>,
    /// Goods that are sold by weight.
    pub weighed: HashSet<String>,
    /// Goods that are counted by the hundred.
    pub numerous: HashSet<String>,
    /// Concords that are glued to a noun and say "of": "ka", "we".
    pub joined_concords: Vec<String>,
    /// What may stand before a question: "can you tell me".
    pub wrappers: Vec<Vec<String>>,
    /// How thumbs spell words of the grammar: "hw" for "how".
    pub spellings: HashMap<String, String>,
    /// Numbers that sound like another word: "to" for two.
    pub homophones: HashMap<String, Decimal>,
    /// What a verb means when somebody else is its subject: what a customer bought, the shop sold.
    pub by_others: HashMap<String, Verb>,
    /// Who speaks: "i", "we".
    pub speakers: HashSet<String>,
    /// What arrives or leaves without being an item: "stock", "delivery".
    pub subjects: HashSet<String>,
    /// What stands before a verb and says nothing of its own: "is", "are".
    pub auxiliaries: HashSet<String>,
    /// What a word does only when it carries its mark: "môre" is tomorrow, "more" is not.
    pub marked: HashMap<String, Class>,
    /// Places in a list: "first".
    pub ordinals: HashMap<String, Decimal>,
    /// What may stand beside the number of a row: "option 2".
    pub row_words: HashSet<String>,
    /// What a person may do by the word for it: "cashier".
    pub roles: HashMap<String, MemberRole>,
    /// Verbs that are built of parts: isiZulu, isiXhosa.
    conjugations: Vec<Conjugation>,
    /// Whole turns.
    turns: Vec<Turn>,
    /// Every word of the grammar with the languages that use it, one bit for each file.
    pub vocabulary: HashMap<String, u8>,
    /// How to find them.
    index: Index,
}

impl Lexicon {
    /// Returns what is known of a word by itself.
    pub fn word(&self, key: &str) -> Option<&Entry> {
        self.phrases.get(key)
    }

    /// Returns what is known of a verb that is built of parts, if the word is one.
    pub fn conjugated(&self, key: &str) -> Option<Entry> {
        if key.len() < 6 || self.is_noun(key) || self.plurals.contains_key(key) {
            return None;
        }
        let mut read = self.conjugations.iter().filter_map(|conjugation| conjugation.read(key));
        let first = read.next()?;
        Some(Entry { languages: read.fold(first.languages, |all, other| all | other.languages), ..first })
    }

    /// Whether a word is only of languages where "no" joins.
    pub fn says_and_with_no(&self, languages: u8) -> bool {
        languages != 0 && languages & !self.languages_with_no == 0
    }

    /// Returns the number that these tokens may be instead of what was heard, and how many of them.
    pub fn misheard(&self, tokens: &[Token]) -> Option<(usize, Decimal)> {
        let begins = |phrase: &[String]| {
            phrase.len() <= tokens.len() && phrase.iter().zip(tokens).all(|(word, token)| *word == token.key)
        };
        self.misheard.iter().find(|(phrase, _)| begins(phrase)).map(|(phrase, value)| (phrase.len(), *value))
    }

    /// Whether a phrase of an advert or a forwarded notice begins here.
    pub fn begins_notice(&self, tokens: &[Token]) -> bool {
        let phrases = tokens.first().and_then(|first| self.notices.get(&first.key));
        phrases.is_some_and(|phrases| {
            phrases.iter().any(|phrase| {
                phrase.len() <= tokens.len() && phrase.iter().zip(tokens).all(|(word, token)| *word == token.key)
            })
        })
    }

    /// Whether a phrase begins here that leaves open whether something happened at all.
    ///
    /// A word that another language has too ("of" is "or" in Afrikaans) counts where the message is in its own.
    pub fn begins_doubt(&self, tokens: &[Token], language: &str) -> bool {
        let Some(first) = tokens.first() else { return false };
        let is_of = |of: u8| self.languages[usize::from(of)] == language;
        let spoken = self.vocabulary.get(&first.key).copied().unwrap_or_default();
        let holds = self.doubtful.get(&first.key).into_iter().flatten().any(|(of, phrase)| {
            (*of == 0 || phrase.len() > 1 || spoken & !(1 << *of) == 0 || is_of(*of))
                && phrase.len() <= tokens.len()
                && phrase.iter().zip(tokens).all(|(word, token)| *word == token.key)
        });
        let is_form = |(beginning, ending): &(String, String)| {
            first.key.len() >= beginning.len() + ending.len() + 2
                && first.key.starts_with(beginning.as_str())
                && first.key.ends_with(ending.as_str())
        };
        holds || (!self.is_noun(&noun::singular(&first.key)) && self.doubtful_forms.iter().any(is_form))
    }

    /// Returns the verbs in two parts that begin with this word.
    pub fn separable_by(&self, head: &str) -> &[Separable] {
        self.separable.get(head).map_or(&[], Vec::as_slice)
    }

    /// Returns the word, if it can be the second part of a verb.
    pub fn particle(&self, key: &str) -> Option<&str> {
        self.particles.get(key).map(String::as_str)
    }

    /// Whether a phrase of more than one word may begin with this word.
    pub fn begins_phrase(&self, key: &str) -> bool {
        self.phrase_heads.contains(key)
    }

    /// Whether the word is the name of something, in any language.
    pub fn is_noun(&self, key: &str) -> bool {
        self.nouns.contains_key(key)
    }
}

/// The form in which phrases are looked up.
pub fn key_of(phrase: &str) -> String {
    without_marks(&normalised_text(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lexicon_file_is_well_formed() {
        assert_eq!(lexicon().languages, ["en", "af", "zu", "xh", "st"]);
    }

    #[test]
    fn no_phrase_is_longer_than_the_tagger_looks() {
        for phrase in lexicon().phrases.keys() {
            assert!(phrase.split(' ').count() <= MAX_PHRASE_WORDS, "{phrase}");
        }
    }

    #[test]
    fn every_irregular_plural_leads_to_a_word_of_its_own() {
        for (plural, singular) in &lexicon().plurals {
            assert!(!lexicon().plurals.contains_key(singular) || plural == singular, "{plural} -> {singular}");
        }
    }
}
