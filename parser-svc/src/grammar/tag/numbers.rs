//! Numbers of several words become one: "two hundred", "2 1/2", "90 rand".

use rust_decimal::Decimal;

use super::Lexeme;
use crate::grammar::lexicon::Class;
use crate::grammar::token::Kind;

/// A half, a quarter and the like; anything else with a slash is a date.
pub fn fraction(upper: u32, lower: u32) -> Option<Decimal> {
    let is_fraction = upper < lower && matches!(lower, 2 | 4 | 5 | 8 | 10);
    is_fraction.then(|| Decimal::from(upper) / Decimal::from(lower))
}

/// Adds a number to the number before it when the two are one: "two hundred", "forty eight", "2 1/2", "vyf en twintig".
pub(super) fn join_number_words(lexemes: &mut Vec<Lexeme>, lexeme: Lexeme) {
    let is_word = |lexeme: &Lexeme| lexeme.text.chars().any(char::is_alphabetic);
    let value = lexeme.number().unwrap_or_default();
    // "five and twenty", as Afrikaans counts; "hundred and five", as English does.
    let length = lexemes.len();
    if length >= 2 && lexemes[length - 1].has(Class::And) && is_word(&lexeme) && is_word(&lexemes[length - 2]) {
        let before = lexemes[length - 2].number();
        let joined = before.and_then(|before| match () {
            () if before < Decimal::TEN && is_tens(value) && lexemes[length - 1].key == "en" => {
                Some(before.saturating_add(value))
            }
            () if before >= Decimal::ONE_HUNDRED && value < Decimal::ONE_HUNDRED => Some(before.saturating_add(value)),
            () => None,
        });
        if let Some(joined) = joined {
            lexemes.pop();
            return replace_last(lexemes, joined, &lexeme);
        }
    }
    let Some(before) = lexemes.last().and_then(Lexeme::number) else { return lexemes.push(lexeme) };
    let last_is_word = lexemes.last().is_some_and(is_word);
    let hundred = Decimal::ONE_HUNDRED;
    let is_whole = |value: Decimal| value.fract().is_zero();
    let joined = if lexeme.key.starts_with("and ") || lexeme.key.starts_with("en ") {
        Some(before.saturating_add(value))
    } else if is_word(&lexeme) && last_is_word {
        if value == hundred || value == Decimal::ONE_THOUSAND {
            before.checked_mul(value)
        } else if (is_tens(before.checked_rem(hundred).unwrap_or_default()) && value < Decimal::TEN && is_whole(value))
            || (before >= hundred && is_multiple(before, hundred) && value < hundred)
            || (before >= Decimal::ONE_THOUSAND
                && is_multiple(before, Decimal::ONE_THOUSAND)
                && value < Decimal::ONE_THOUSAND)
        {
            Some(before.saturating_add(value))
        } else {
            None
        }
    } else if is_word(&lexeme) && (value == Decimal::ONE_THOUSAND || value == hundred) {
        before.checked_mul(value)
    } else if lexeme.text.contains('/') && is_whole(before) && !lexeme.is_glued {
        Some(before.saturating_add(value))
    } else {
        None
    };
    match joined {
        Some(joined) => replace_last(lexemes, joined, &lexeme),
        None => lexemes.push(lexeme),
    }
}

fn is_multiple(value: Decimal, of: Decimal) -> bool {
    value.checked_rem(of).is_some_and(|rest| rest.is_zero())
}

fn is_tens(value: Decimal) -> bool {
    value >= Decimal::from(20) && value < Decimal::ONE_HUNDRED && is_multiple(value, Decimal::TEN)
}

fn replace_last(lexemes: &mut [Lexeme], value: Decimal, with: &Lexeme) {
    if let Some(last) = lexemes.last_mut() {
        last.kind = Kind::Number(value);
        last.span = last.span.joined(with.span);
        last.text = format!("{} {}", last.text, with.text);
        last.languages |= with.languages;
    }
}

/// Makes one price of "90 rand".
pub(super) fn join_money(lexemes: &mut Vec<Lexeme>) {
    let mut at = 1;
    while at < lexemes.len() {
        match lexemes[at - 1].number().filter(|_| lexemes[at].has(Class::Money)) {
            Some(amount) => {
                let money = lexemes.remove(at);
                let number = &mut lexemes[at - 1];
                number.kind = Kind::Price(amount);
                number.span = number.span.joined(money.span);
            }
            None => at += 1,
        }
    }
}
