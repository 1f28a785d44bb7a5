//! Words that hold more than one word come apart: emoji, "add20bread", "ezi-5", "ama-coke", "nezinkwa".

use crate::domain::Span;
use crate::grammar::lexicon::{Class, lexicon};
use crate::grammar::noun;
use crate::grammar::suspicion::FORGED;
use crate::grammar::token::{Kind, Token};

/// Longest word that may hold others.
const MAX_WORD_BYTES: usize = 64;

/// Prepares tokens for the lexicon: emoji become words, "add20bread" comes apart, "ezi-5" becomes 5, "ama-coke" coke.
#[must_use]
pub fn untangle(tokens: Vec<Token>) -> Vec<Token> {
    let mut plain: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut rest = tokens.into_iter().peekable();
    while let Some(mut token) = rest.next() {
        match &token.kind {
            Kind::Mark(mark) => {
                // "zamalek 🍺": a picture of what was just named, or of a mood, says nothing more.
                let names_thing = lexicon().signs.get(mark).is_some_and(|word| lexicon().is_noun(word));
                let after_name =
                    plain.last().is_some_and(|last| last.kind == Kind::Word && lexicon().word(&last.key).is_none());
                let is_mood = !mark.is_ascii() && !lexicon().signs.contains_key(mark) && !FORGED.contains(mark);
                let is_mood = is_mood && !lexicon().begins_doubt(std::slice::from_ref(&token), "");
                if is_mood || (names_thing && after_name) {
                    continue;
                }
                if let Some(word) = lexicon().signs.get(mark) {
                    token.kind = Kind::Word;
                    token.text.clone_from(word);
                    token.key.clone_from(word);
                }
                plain.push(token);
            }
            Kind::Word => {
                if let Some(word) = lexicon().spellings.get(&token.key) {
                    token.text.clone_from(word);
                    token.key.clone_from(word);
                }
                let prefixed = rest.peek().is_some_and(|next| next.kind == Kind::Mark('-') && next.is_glued);
                if prefixed && lexicon().number_prefixes.contains(&token.key) {
                    let dash = rest.next();
                    let number = rest.next_if(|next| next.is_glued && matches!(next.kind, Kind::Number(_)));
                    if let Some(mut number) = number {
                        number.span = token.span.joined(number.span);
                        number.is_glued = false;
                        plain.push(number);
                    } else {
                        plain.push(token);
                        plain.extend(dash);
                    }
                    continue;
                }
                if token.text.len() > MAX_WORD_BYTES {
                    plain.push(token);
                } else {
                    untangle_word(token, &mut plain);
                }
            }
            _ => plain.push(token),
        }
    }
    plain
}

fn untangle_word(token: Token, plain: &mut Vec<Token>) {
    let knows = |key: &str| lexicon().word(key).is_some() || lexicon().is_noun(key);
    if knows(&token.key) {
        return plain.push(token);
    }
    // "halfdosyn", "halfdozen"
    if let Some(unit) = token.key.strip_prefix("half")
        && lexicon().word(unit).is_some_and(|entry| entry.unit.is_some())
    {
        plain.push(part(&token, 0, 4, "half"));
        return plain.push(part(&token, 4, token.text.chars().count(), unit));
    }
    if let Some(noun) = joined_noun(&token.key) {
        plain.push(part(&token, 0, 2, "and"));
        let length = token.text.chars().count();
        return plain.push(Token { text: noun.clone(), key: noun, ..part(&token, 2, length, "") });
    }
    if let Some(at) = token.written.char_indices().find(|(_, letter)| letter.is_uppercase()).map(|(at, _)| at)
        && at > 0
        && token.written.len() == token.text.len()
        && lexicon().person_prefixes.contains(&token.written[..at])
    {
        // "uSipho": the name begins at its capital.
        return plain.push(part(&token, at, token.text.chars().count(), &token.key[at..]));
    }
    if let Some(noun) = noun_with_concord(&token.key) {
        return plain.push(Token { text: noun.clone(), key: noun, ..token });
    }
    if token.key.contains("-in-") {
        return plain.push(token);
    }
    if let Some((head, tail)) = token.key.split_once('-') {
        if lexicon().and_prefixes.iter().any(|prefix| prefix == head) {
            plain.push(part(&token, 0, head.chars().count(), "and"));
            return plain.push(part(&token, head.chars().count() + 1, token.text.chars().count(), tail));
        }
        if lexicon().noun_prefixes.iter().any(|prefix| prefix == head) {
            return plain.push(Token { text: tail.to_owned(), key: tail.to_owned(), ..token });
        }
        let is_number = |word: &str| {
            lexicon().word(word).is_some_and(|entry| entry.number.is_some() || entry.classes.has(Class::And))
        };
        if lexicon().word(&token.key.replace('-', " ")).is_some() || token.key.split('-').all(is_number) {
            let mut from = 0;
            for word in token.key.split('-') {
                let to = from + word.chars().count();
                plain.push(part(&token, from, to, word));
                from = to + 1;
            }
            return;
        }
    }
    if token.key.chars().any(|value| value.is_ascii_digit()) {
        return split_digits(token, plain);
    }
    let loan = lexicon().noun_prefixes.iter().find_map(|prefix| {
        let tail = token.key.strip_prefix(prefix.as_str())?;
        // Short prefixes begin English words too: an "ipad" is no pad.
        let is_prefix = prefix.len() >= 3 || matches!(prefix.as_str(), "ii" | "oo");
        let is_loan = is_prefix
            && tail.len() >= 3
            && lexicon().nouns.get(&noun::singular(tail)).is_some_and(|noun| noun.english.is_empty());
        is_loan.then(|| tail.to_owned())
    });
    match loan {
        Some(tail) => plain.push(Token { text: tail.clone(), key: tail, ..token }),
        None => plain.push(token),
    }
}

/// The noun in "nezinkwa": "and" and the noun's own first vowel became one.
fn joined_noun(key: &str) -> Option<String> {
    let (vowel, rest) = [("ne", 'i'), ("no", 'u'), ("na", 'a')]
        .into_iter()
        .find_map(|(prefix, vowel)| Some((vowel, key.strip_prefix(prefix)?)))?;
    let noun = format!("{vowel}{rest}");
    let is_known = lexicon().plurals.contains_key(&noun)
        || lexicon().nouns.get(&noun).is_some_and(|noun| !noun.english.is_empty());
    is_known.then_some(noun)
}

/// The noun in "kasamende", "yobisi": "of" and the noun's own first vowel became one.
fn noun_with_concord(key: &str) -> Option<String> {
    if key.len() < 6 {
        return None;
    }
    let is_known = |noun: &String| {
        lexicon().plurals.contains_key(noun) || lexicon().nouns.get(noun).is_some_and(|noun| !noun.english.is_empty())
    };
    lexicon().joined_concords.iter().find_map(|concord| {
        let rest = key.strip_prefix(concord.as_str())?;
        let (vowels, rest): (&[char], &str) = match rest.chars().next()? {
            'a' => (&['a', 'u', 'i'], &rest[1..]),
            'e' => (&['i'], &rest[1..]),
            'o' => (&['u'], &rest[1..]),
            _ => return None,
        };
        vowels.iter().map(|vowel| format!("{vowel}{rest}")).find(is_known)
    })
}

fn part(token: &Token, from: usize, to: usize, text: &str) -> Token {
    let is_plain = token.span.end - token.span.start == token.text.chars().count();
    let (span, written) = if is_plain {
        let span = Span { start: token.span.start + from, end: token.span.start + to };
        (span, token.written.chars().skip(from).take(to - from).collect())
    } else {
        (token.span, text.to_owned())
    };
    let kind = text.parse().map_or(Kind::Word, Kind::Number);
    Token { kind, text: text.to_owned(), key: text.to_owned(), written, span, is_glued: token.is_glued || from > 0 }
}

/// "add20bread" and "20bread" come apart when their words are known; "7up" and "a4" stay whole.
fn split_digits(token: Token, plain: &mut Vec<Token>) {
    let mut runs: Vec<(usize, usize, String)> = Vec::new();
    for (index, value) in token.key.chars().enumerate() {
        match runs.last_mut() {
            Some((_, to, run)) if run.ends_with(|last: char| last.is_ascii_digit()) == value.is_ascii_digit() => {
                run.push(value);
                *to = index + 1;
            }
            _ => runs.push((index, index + 1, value.to_string())),
        }
    }
    let is_number = |run: &str| run.starts_with(|value: char| value.is_ascii_digit());
    let is_name = |run: &str| lexicon().is_noun(&noun::singular(run));
    let starts_with_verb = runs.len() >= 2 && lexicon().word(&runs[0].2).is_some_and(|entry| entry.verb.is_some());
    // "5xbread"
    if let [(_, _, number), (from, to, name)] = runs.as_slice()
        && is_number(number)
        && name.strip_prefix('x').is_some_and(is_name)
    {
        let (from, to, name) = (*from, *to, name[1..].to_owned());
        runs.truncate(1);
        runs.push((from + 1, to, name));
    }
    let is_number_and_name = runs.len() == 2 && is_number(&runs[0].2) && is_name(&runs[1].2);
    let same_length = token.key.chars().count() == token.text.chars().count();
    if same_length && (starts_with_verb || is_number_and_name) {
        for (from, to, run) in &runs {
            plain.push(part(&token, *from, *to, run));
        }
    } else {
        plain.push(token);
    }
}
