//! Numbers in words, so that somebody who was heard can see fifteen from fifty. English and Afrikaans, up to 999,999.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::language::Language;

const ENGLISH: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const ENGLISH_TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const AFRIKAANS: [&str; 20] = [
    "nul",
    "een",
    "twee",
    "drie",
    "vier",
    "vyf",
    "ses",
    "sewe",
    "agt",
    "nege",
    "tien",
    "elf",
    "twaalf",
    "dertien",
    "veertien",
    "vyftien",
    "sestien",
    "sewentien",
    "agtien",
    "negentien",
];
const AFRIKAANS_TENS: [&str; 10] =
    ["", "", "twintig", "dertig", "veertig", "vyftig", "sestig", "sewentig", "tagtig", "negentig"];

/// Largest number that has words.
const MOST: u32 = 999_999;

/// Writes a number in words; `None` above 999,999, below zero, for more than three decimals, and in other languages.
pub(crate) fn in_words(language: Language, value: Decimal) -> Option<String> {
    let value = value.normalize();
    let whole = value.trunc().to_u32().filter(|whole| *whole <= MOST && !value.is_sign_negative())?;
    let (mut words, point, names) = match language {
        Language::English => (english(whole), " point", ENGLISH),
        Language::Afrikaans => (afrikaans(whole), " komma", AFRIKAANS),
        // Said with the noun's class in front, which is not known here: the digits have to do.
        Language::Zulu | Language::Xhosa | Language::Sotho => return None,
    };
    let text = value.to_string();
    if let Some((_, digits)) = text.split_once('.') {
        if digits.len() > 3 {
            return None;
        }
        words.push_str(point);
        for digit in digits.bytes() {
            words.push(' ');
            words.push_str(names[usize::from(digit - b'0')]);
        }
    }
    Some(words)
}

fn english(number: u32) -> String {
    let index = |number: u32| number as usize;
    match number {
        0..20 => ENGLISH[index(number)].to_owned(),
        20..100 if number.is_multiple_of(10) => ENGLISH_TENS[index(number / 10)].to_owned(),
        20..100 => format!("{}-{}", ENGLISH_TENS[index(number / 10)], ENGLISH[index(number % 10)]),
        100..1000 => {
            let hundreds = format!("{} hundred", ENGLISH[index(number / 100)]);
            joined(&hundreds, " and ", number % 100, english)
        }
        _ => {
            let thousands = format!("{} thousand", english(number / 1000));
            let glue = if number % 1000 < 100 { " and " } else { " " };
            joined(&thousands, glue, number % 1000, english)
        }
    }
}

fn afrikaans(number: u32) -> String {
    let index = |number: u32| number as usize;
    match number {
        0..20 => AFRIKAANS[index(number)].to_owned(),
        20..100 if number.is_multiple_of(10) => AFRIKAANS_TENS[index(number / 10)].to_owned(),
        20..100 => format!("{}-en-{}", AFRIKAANS[index(number % 10)], AFRIKAANS_TENS[index(number / 10)]),
        100..1000 => {
            let count = number / 100;
            let hundreds =
                if count == 1 { "honderd".to_owned() } else { format!("{}honderd", AFRIKAANS[index(count)]) };
            let rest = number % 100;
            // "honderd en vyftien", and "honderd vyf-en-twintig", which has its "en" already.
            let glue = if rest < 20 || rest.is_multiple_of(10) { " en " } else { " " };
            joined(&hundreds, glue, rest, afrikaans)
        }
        _ => {
            let count = number / 1000;
            let thousands = match count {
                1 => "duisend".to_owned(),
                2..20 => format!("{}duisend", AFRIKAANS[index(count)]),
                _ => format!("{} duisend", afrikaans(count)),
            };
            let glue = if number % 1000 < 20 { " en " } else { " " };
            joined(&thousands, glue, number % 1000, afrikaans)
        }
    }
}

fn joined(head: &str, glue: &str, rest: u32, words: fn(u32) -> String) -> String {
    if rest == 0 { head.to_owned() } else { format!("{head}{glue}{}", words(rest)) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_are_said_as_people_say_them() {
        let cases = [
            ("0", "zero", "nul"),
            ("5", "five", "vyf"),
            ("15", "fifteen", "vyftien"),
            ("50", "fifty", "vyftig"),
            ("21", "twenty-one", "een-en-twintig"),
            ("100", "one hundred", "honderd"),
            ("115", "one hundred and fifteen", "honderd en vyftien"),
            ("342", "three hundred and forty-two", "driehonderd twee-en-veertig"),
            ("1000", "one thousand", "duisend"),
            ("1005", "one thousand and five", "duisend en vyf"),
            ("12345", "twelve thousand three hundred and forty-five", "twaalfduisend driehonderd vyf-en-veertig"),
            (
                "999999",
                "nine hundred and ninety-nine thousand nine hundred and ninety-nine",
                "negehonderd nege-en-negentig duisend negehonderd nege-en-negentig",
            ),
            ("1.50", "one point five", "een komma vyf"),
            ("0.125", "zero point one two five", "nul komma een twee vyf"),
        ];
        for (number, english, afrikaans) in cases {
            let value: Decimal = number.parse().unwrap();
            assert_eq!(in_words(Language::English, value).as_deref(), Some(english));
            assert_eq!(in_words(Language::Afrikaans, value).as_deref(), Some(afrikaans));
        }
    }

    #[test]
    fn above_the_last_number_with_words_digits_have_to_do() {
        assert!(in_words(Language::English, Decimal::from(999_999)).is_some());
        assert_eq!(in_words(Language::English, Decimal::from(1_000_000)), None);
        assert_eq!(in_words(Language::English, Decimal::from(-1)), None);
    }

    #[test]
    fn no_two_numbers_sound_alike() {
        for words in [english, afrikaans] {
            let different: HashSet<String> = (0..=20_000).chain((20_000..=MOST).step_by(487)).map(words).collect();
            assert_eq!(different.len(), 20_001 + (20_000..=MOST).step_by(487).count() - 1);
        }
    }
}
