//! Names of items: singular, misspellings of known names, English for names of other languages.

use super::lexicon::lexicon;
use super::normalise::{normalised_text, without_marks};
use super::token::{Kind, Token};

/// Returns the singular of a word.
///
/// The lexicon's plurals and exceptions come first, then the endings of English, which loans follow too.
#[must_use]
pub fn singular(word: &str) -> String {
    let lexicon = lexicon();
    if let Some(singular) = lexicon.plurals.get(word) {
        return singular.clone();
    }
    if lexicon.invariant.contains(word) || lexicon.is_noun(word) {
        return word.to_owned();
    }
    let regular = lexicon.plural_endings.iter().find_map(|(many, one, language)| {
        let singular = format!("{}{one}", word.strip_suffix(many.as_str())?);
        lexicon.nouns.get(&singular).is_some_and(|noun| noun.language == *language).then_some(singular)
    });
    if let Some(singular) = regular {
        return singular;
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    let cut = |length: usize| word[..word.len() - length].to_owned();
    if word.len() < 4 || !word.ends_with('s') || !word.is_ascii() || ends(&["ss", "us", "is", "'s"]) {
        return word.strip_suffix("'s").unwrap_or(word).to_owned();
    }
    if ends(&["ies"]) && word.len() > 4 {
        let stem = cut(3);
        return if lexicon.is_noun(&cut(1)) { cut(1) } else { stem + "y" };
    }
    if ends(&["ches", "shes", "sses", "xes", "zzes", "oes"]) {
        return if lexicon.is_noun(&cut(1)) { cut(1) } else { cut(2) };
    }
    cut(1)
}

/// Returns the key by which names are compared: normalised, words in the singular, joined by one space.
#[must_use]
pub fn name_key(name: &str) -> String {
    let normalised = without_marks(&normalised_text(name));
    normalised.split_whitespace().map(singular).collect::<Vec<_>>().join(" ")
}

/// Returns the same key for tokens.
#[must_use]
pub fn tokens_key(tokens: &[Token]) -> String {
    tokens
        .iter()
        .map(|token| if token.kind == Kind::Word { singular(&token.key) } else { token.key.clone() })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Returns the known name that a word misspells, if there is exactly one: one edit away, the same first letter and the same
/// consonants in the same order, so that "suger" is sugar and "cake" is never coke.
#[must_use]
pub fn respelt(word: &str) -> Option<String> {
    // "eggz" is how a thumb writes eggs.
    if let Some(stem) = word.strip_suffix('z')
        && lexicon().is_noun(stem)
    {
        return Some(stem.to_owned());
    }
    if let Some(noun) = written_without_vowels(word) {
        return Some(noun);
    }
    let is_word = lexicon().is_noun(word) || lexicon().word(word).is_some();
    if word.len() < 4 || !word.is_ascii() || is_word || word.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let skeleton = consonants(word);
    let mut found: Option<&String> = None;
    for known in lexicon().nouns_with(&skeleton) {
        let is_misspelt = |known: &str| {
            known.len() >= 4
                && known.as_bytes().first() == word.as_bytes().first()
                && strsim::osa_distance(known, word) <= 1
                && consonants(known) == skeleton
        };
        // "egss": the plural is misspelt, so that no ending could be taken off.
        if is_misspelt(known) || (word.ends_with('s') && is_misspelt(&format!("{known}s"))) {
            if found.is_some() {
                return None;
            }
            found = Some(known);
        }
    }
    found.cloned()
}

/// "mlk": a noun with all its vowels left out, if only one thing is written so.
fn written_without_vowels(word: &str) -> Option<String> {
    let has_vowels = word.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    let is_skeleton =
        (3..=5).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase()) && !has_vowels;
    if !is_skeleton || lexicon().is_noun(word) || lexicon().word(word).is_some() {
        return None;
    }
    let nouns =
        lexicon().nouns_with(word).iter().filter(|noun| consonants(noun) == word && noun.starts_with(&word[..1]));
    let meaning = |noun: &str| {
        lexicon()
            .nouns
            .get(noun)
            .map(|known| if known.english.is_empty() { noun } else { known.english.as_str() }.to_owned())
    };
    let mut meanings: Vec<String> = nouns.filter_map(|noun| meaning(noun)).collect();
    meanings.sort_unstable();
    meanings.dedup();
    if let [only] = meanings.as_slice() { Some(only.clone()) } else { None }
}

/// The consonants of a word, doubled ones once: what stays when a tired thumb drops a vowel.
#[must_use]
pub fn consonants(word: &str) -> String {
    let mut skeleton = String::with_capacity(word.len());
    for letter in word.chars().filter(|letter| !matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u')) {
        let letter = if letter == 'z' { 's' } else { letter };
        if !skeleton.ends_with(letter) {
            skeleton.push(letter);
        }
    }
    skeleton
}

/// Returns the English for a name, when every word of it is known and one of them is not English.
#[must_use]
pub fn english(name: &str) -> String {
    let mut is_foreign = false;
    let mut words = Vec::new();
    for word in name.split(' ') {
        match lexicon().nouns.get(&without_marks(word)) {
            Some(noun) if !noun.english.is_empty() => {
                is_foreign = true;
                words.push(noun.english.as_str());
            }
            Some(_) => words.push(word),
            None if word.bytes().any(|byte| byte.is_ascii_digit()) => words.push(word),
            None => return String::new(),
        }
    }
    if is_foreign { words.join(" ") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_become_singular() {
        let cases = [
            ("screws", "screw"),
            ("cokes", "coke"),
            ("tomatoes", "tomato"),
            ("batteries", "battery"),
            ("boxes", "box"),
            ("loaves", "loaf"),
            ("matches", "match"),
            ("cookies", "cookie"),
            ("glass", "glass"),
            ("knives", "knife"),
            ("chips", "chips"),
            ("brushes", "brush"),
            ("shoes", "shoe"),
            ("skroewe", "skroef"),
            ("brode", "brood"),
        ];
        for (plural, expected) in cases {
            assert_eq!(singular(plural), expected);
        }
    }

    #[test]
    fn misspelt_names_are_found_and_near_names_are_left_alone() {
        assert_eq!(respelt("suger").as_deref(), Some("sugar"));
        assert_eq!(respelt("cake"), None);
        assert_eq!(respelt("unicorn"), None);
    }

    #[test]
    fn english_is_given_only_for_names_known_whole() {
        assert_eq!(english("melk"), "milk");
        assert_eq!(english("milk"), "");
        assert_eq!(english("makro melk"), "");
    }
}
