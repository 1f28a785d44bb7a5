//! Ways to find words and turns without looking at all of them.

use std::collections::HashMap;

use super::{Lexicon, Turn, Verb};
use crate::grammar::noun::consonants;
use crate::grammar::token::Token;

/// A verb of one word, ready to be compared with a misspelt one.
pub struct VerbWord {
    /// The word.
    pub word: String,
    /// Its consonants.
    pub skeleton: String,
    /// What it says about stock.
    pub verb: Verb,
}

/// What the lexicon holds, by what a text shows of it.
#[derive(Default)]
pub struct Index {
    /// Known nouns by the consonants of their singular, and of its English plural.
    nouns: HashMap<String, Vec<String>>,
    /// Verbs of one word by their first letter.
    verbs: HashMap<char, Vec<VerbWord>>,
    /// Turns by a word that they cannot do without.
    turns: HashMap<String, Vec<usize>>,
    /// Turns without such a word.
    wordless_turns: Vec<usize>,
}

impl Index {
    /// Indexes a lexicon that is complete.
    pub(super) fn of(lexicon: &Lexicon) -> Self {
        let mut index = Self::default();
        for noun in lexicon.nouns.keys() {
            let mut keys = vec![consonants(noun), consonants(&format!("{noun}s"))];
            keys.dedup();
            for key in keys {
                index.nouns.entry(key).or_default().push(noun.clone());
            }
        }
        for (phrase, entry) in &lexicon.phrases {
            if let (Some(verb), Some(first)) = (entry.verb, phrase.chars().next())
                && !phrase.contains(' ')
                && phrase.len() >= 3
            {
                let word = VerbWord { word: phrase.clone(), skeleton: consonants(phrase), verb };
                index.verbs.entry(first).or_default().push(word);
            }
        }
        for (at, turn) in lexicon.turns.iter().enumerate() {
            let words = turn.template.needed_words();
            if words.is_empty() {
                index.wordless_turns.push(at);
            }
            for word in words {
                index.turns.entry(word.to_owned()).or_default().push(at);
            }
        }
        index
    }
}

impl Lexicon {
    /// Known nouns with these consonants, in the singular or the plural.
    pub fn nouns_with(&self, consonants: &str) -> &[String] {
        self.index.nouns.get(consonants).map_or(&[], Vec::as_slice)
    }

    /// Verbs of one word, of three letters or more, that begin like this word.
    pub fn verbs_like(&self, word: &str) -> &[VerbWord] {
        word.chars().next().and_then(|first| self.index.verbs.get(&first)).map_or(&[], Vec::as_slice)
    }

    /// Turns that these tokens may be, in the order of the files.
    pub fn turns_for(&self, tokens: &[Token]) -> impl Iterator<Item = &Turn> {
        let mut fitting = self.index.wordless_turns.clone();
        fitting.extend(tokens.iter().filter_map(|token| self.index.turns.get(&token.key)).flatten());
        fitting.sort_unstable();
        fitting.dedup();
        fitting.into_iter().map(|at| &self.turns[at])
    }
}
