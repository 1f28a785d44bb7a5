//! Which language a message is in.

use super::lexicon::lexicon;
use super::noun;
use super::tag::{Lexeme, Names, tag};
use super::token::{Kind, Token};

/// The bit of English, the first file: all the others borrow its words.
const ENGLISH: u8 = 1;
/// What one word is worth that only one language has; half of it is English borrowed by another.
const OWN: u32 = 6;
const OWN_IN_ENGLISH: u32 = 4;
/// What a word is worth to each of several languages that share it.
const SHARED: u32 = 1;

/// The language most words are of. Digits, names and goods with an English name say nothing, and a tie goes to `last`.
pub fn language_of(tokens: &[Token], last: &str) -> String {
    let languages = &lexicon().languages;
    let mut votes = vec![0_u32; languages.len()];
    for lexeme in tag(tokens, &Names::default()) {
        let known = languages_of(&lexeme);
        let worth = match known {
            ENGLISH => OWN_IN_ENGLISH,
            known if known.is_power_of_two() => OWN,
            known if known & ENGLISH == 0 => SHARED,
            _ => continue,
        };
        for (at, vote) in votes.iter_mut().enumerate() {
            *vote += if known & (1 << at) == 0 { 0 } else { worth };
        }
    }
    let most = votes.iter().copied().max().unwrap_or_default();
    if most == 0 && !last.is_empty() {
        return last.to_owned();
    }
    let best = || (0..votes.len()).filter(|at| votes[*at] == most);
    let tied = best().find(|at| languages[*at] == last).or_else(|| best().next());
    tied.map(|at| languages[at].clone()).unwrap_or_default()
}

/// The languages that have this word, one bit for each.
fn languages_of(lexeme: &Lexeme) -> u8 {
    if lexeme.kind != Kind::Word && lexeme.languages == 0 {
        return 0;
    }
    let noun =
        lexicon().nouns.get(&noun::singular(&lexeme.key)).map(|noun| (noun.english.is_empty(), 1 << noun.language));
    let of = |word: &str| lexicon().vocabulary.get(word).copied().unwrap_or_default();
    let word = of(&lexeme.key) | of(&noun::singular(&lexeme.key));
    match noun {
        // "bread" and "coke" are said in every language.
        Some((_, ENGLISH)) => 0,
        Some((is_borrowed, language)) => word | if is_borrowed { 0 } else { language },
        None => word | lexeme.languages,
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::tokenise;
    use super::*;

    #[test]
    fn words_of_one_language_decide() {
        for (text, language) in [
            ("voeg 20 coke 2l by", "af"),
            ("waarsku my as coke 2l onder 5 is", "af"),
            ("faka 20 coke 2l", "zu"),
            ("ngithengise 5 isinkwa", "zu"),
            ("ndithengise 5 isonka", "xh"),
            ("ke rekisitse 5 bohobe", "st"),
            ("ndithengise amaqanda ama-5", "xh"),
            ("sold 5 bread", "en"),
            ("klaar", "af"),
            ("how many coke left", "en"),
        ] {
            assert_eq!(language_of(&tokenise(text), ""), language, "{text}");
        }
    }

    #[test]
    fn goods_and_digits_say_nothing_and_a_tie_goes_to_the_language_used_before() {
        for (text, last, language) in [
            ("coke 2l 20", "af", "af"),
            ("5 bread", "zu", "zu"),
            ("5 bread", "", "en"),
            ("faka 20 coke", "xh", "xh"),
            ("faka 20 coke", "en", "zu"),
            ("sold 5 bread", "af", "en"),
        ] {
            assert_eq!(language_of(&tokenise(text), last), language, "{text} after {last}");
        }
    }
}
