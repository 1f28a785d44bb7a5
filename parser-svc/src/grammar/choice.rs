//! Which of the offered choices an answer picks: by number, by place, by size or by words that only it has.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::lexicon::{Class, lexicon};
use super::noun;
use super::tag::Lexeme;
use super::token::{Kind, Token, tokenise};
use crate::domain::{Act, Action, Clarification, OpenQuestion};

/// A number or a place of the list that was offered: what stands there is for the caller to know.
pub fn selected(question: &OpenQuestion, lexemes: &[Lexeme]) -> Option<Vec<Action>> {
    let takes_numbers = matches!(
        question.asks,
        Some(
            Clarification::Quantity | Clarification::WhichNumber | Clarification::WholeUnits | Clarification::PackSize
        )
    );
    let place = only_number(lexemes).or_else(|| row(lexemes)).filter(|_| !takes_numbers)?;
    let choice = u32::try_from(place).ok().filter(|choice| place.fract().is_zero() && *choice > 0)?;
    let is_offered = usize::try_from(choice).is_ok_and(|choice| choice <= question.options.len());
    is_offered.then(|| vec![Action::turn(Act::Select(choice))])
}

/// The option that was picked, by its number or by words that only it has.
pub fn chosen(question: &OpenQuestion, tokens: &[Token], number: Option<Decimal>) -> Option<String> {
    let row = number.filter(|number| number.fract().is_zero()).and_then(|number| usize::try_from(number).ok());
    if let Some(option) = row.and_then(|row| question.options.get(row.checked_sub(1)?)) {
        return Some(option.clone());
    }
    let said: Vec<&Token> =
        tokens.iter().filter(|token| !matches!(token.kind, Kind::Mark(_) | Kind::Newline)).collect();
    if let Some(option) = by_size(question, &said) {
        return Some(option);
    }
    let mut fitting = question.options.iter().filter(|option| {
        let key = noun::name_key(option);
        let words: Vec<&str> = key.split(' ').collect();
        let mut hits = 0;
        for token in &said {
            if words.iter().any(|word| is_meant(word, token)) {
                hits += 1;
            } else if !is_pointing(&token.key) {
                return false;
            }
        }
        hits > 0
    });
    fitting.next().filter(|_| fitting.next().is_none()).cloned()
}

/// The number, when the answer is nothing else.
pub fn only_number(lexemes: &[Lexeme]) -> Option<Decimal> {
    if let [only] = lexemes { only.number() } else { None }
}

/// "the first one", "number 2": which row of the list.
pub fn row(lexemes: &[Lexeme]) -> Option<Decimal> {
    let place = |lexeme: &Lexeme| match lexeme.kind {
        Kind::Ordinal(place) => Some(Decimal::from(place)),
        _ => lexicon().ordinals.get(&lexeme.key).copied(),
    };
    let named = lexemes.iter().any(|lexeme| lexicon().row_words.contains(&lexeme.key));
    let says_nothing = |lexeme: &Lexeme| {
        lexicon().row_words.contains(&lexeme.key)
            || lexeme.has(Class::Determiner)
            || lexeme.number() == Some(Decimal::ONE)
    };
    let is_placed = lexemes.iter().any(|lexeme| place(lexeme).is_some());
    let number = |lexeme: &Lexeme| lexeme.number().filter(|_| named && !is_placed);
    let mut places = lexemes.iter().filter_map(|lexeme| place(lexeme).or_else(|| number(lexeme)));
    let found = places.next().filter(|_| places.next().is_none())?;
    let is_plain = |lexeme: &Lexeme| place(lexeme).is_some() || lexeme.number().is_some() || says_nothing(lexeme);
    lexemes.iter().all(is_plain).then_some(found)
}

/// "the big one": of options that differ in size the largest or the smallest.
fn by_size(question: &OpenQuestion, said: &[&Token]) -> Option<String> {
    let is_word = |words: &HashSet<String>| {
        let mut hits = said.iter().filter(|token| words.contains(&token.key));
        hits.next().is_some() && said.iter().all(|token| words.contains(&token.key) || is_pointing(&token.key))
    };
    let (wants_large, wants_small) = (is_word(&lexicon().largest), is_word(&lexicon().smallest));
    if wants_large == wants_small {
        return None;
    }
    let mut sized: Vec<(Decimal, &String)> = Vec::new();
    for option in &question.options {
        let size = tokenise(option).into_iter().find_map(|token| match token.kind {
            Kind::Size(value, unit) => Some(match unit.as_str() {
                "l" | "lt" | "ltr" | "litre" | "liter" | "kg" | "kgs" | "m" => {
                    value.saturating_mul(Decimal::ONE_THOUSAND)
                }
                _ => value,
            }),
            _ => None,
        })?;
        sized.push((size, option));
    }
    sized.sort_by_key(|(size, _)| *size);
    let [first, .., last] = sized.as_slice() else { return None };
    (first.0 != last.0).then(|| if wants_large { last.1.clone() } else { first.1.clone() })
}

fn is_meant(word: &str, token: &Token) -> bool {
    let said = noun::singular(&token.key);
    let is_size = matches!(token.kind, Kind::Number(_))
        && word.strip_prefix(token.key.as_str()).is_some_and(|rest| rest.chars().all(char::is_alphabetic));
    word == said || is_size || (said.len() >= 4 && strsim::osa_distance(word, &said) <= 1)
}

fn is_pointing(key: &str) -> bool {
    lexicon().word(key).is_some_and(|entry| {
        [Class::Determiner, Class::Filler, Class::Article, Class::Yes].into_iter().any(|class| entry.classes.has(class))
            || entry.number == Some(Decimal::ONE)
    })
}
