//! The one spelling of a name: two names that mean the same thing to everybody have the same key.
//!
//! Compatibility forms, capitals, accents, invisible characters, digits of other scripts, plurals and the notation of
//! sizes are ironed out; sizes go last: "Coke 2 Litre", "2L cokes" and "coke ２ｌ" are all `coke 2000ml`.
//!
//! Keys are stored. A change of these rules needs a migration that rewrites `item_key`.

use std::fmt;

use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization as _;

/// A name in its one spelling.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    words: Vec<String>,
    sizes: Vec<String>,
}

impl Key {
    /// Returns the key of a name; `None` when nothing is left of it.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let tokens = tokens(name);
        let (mut words, mut sizes) = (Vec::new(), Vec::new());
        let mut rest = tokens.iter().peekable();
        while let Some(token) = rest.next() {
            if let Some(size) = size_of(token) {
                sizes.push(size);
            } else if let Some(size) = rest.peek().and_then(|next| size_of(&format!("{token}{next}")))
                && is_number(token)
            {
                sizes.push(size);
                rest.next();
            } else {
                words.push(singular(token));
            }
        }
        (!words.is_empty() || !sizes.is_empty()).then_some(Self { words, sizes })
    }

    /// Reads a key as it is stored, which is as it is displayed. The rules are not applied to their own result.
    pub(crate) fn stored(key: &str) -> Self {
        let (sizes, words) = key.split(' ').map(str::to_owned).partition(|token| size_of(token).is_some());
        Self { words, sizes }
    }

    /// Returns the words, sizes left out.
    pub(crate) fn words(&self) -> &[String] {
        &self.words
    }

    /// Returns the sizes, each in millilitres, grams or millimetres.
    pub(crate) fn sizes(&self) -> &[String] {
        &self.sizes
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, word) in self.words.iter().chain(&self.sizes).enumerate() {
            if place > 0 {
                formatter.write_str(" ")?;
            }
            formatter.write_str(word)?;
        }
        Ok(())
    }
}

fn tokens(name: &str) -> Vec<String> {
    let plain: Vec<char> = name
        .nfkd()
        .filter(|char| !is_mark(*char) && !is_invisible(*char))
        .nfc()
        .flat_map(char::to_lowercase)
        .map(|char| ascii_digit(char).unwrap_or(char))
        .collect();
    let mut text = String::with_capacity(plain.len());
    for (place, &char) in plain.iter().enumerate() {
        let digit_at =
            |place: Option<usize>| place.and_then(|place| plain.get(place)).is_some_and(char::is_ascii_digit);
        match char {
            '.' | ',' if digit_at(place.checked_sub(1)) && digit_at(place.checked_add(1)) => text.push('.'),
            '\'' | '’' | '`' => {}
            '%' | '+' | '&' | '#' => text.push(char),
            other if other.is_ascii_punctuation() || other.is_whitespace() || is_punctuation(other) => text.push(' '),
            other => text.push(other),
        }
    }
    text.split_whitespace().map(str::to_owned).collect()
}

/// Accents of the Latin, Greek and Cyrillic scripts, and the vowel points that Arabic and Hebrew writers leave out.
///
/// Not the marks of Indic scripts: those are vowels, and without them other words remain.
fn is_mark(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{64b}'..='\u{65f}')
}

fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
        || char.is_control() && !char.is_whitespace()
}

fn is_punctuation(char: char) -> bool {
    matches!(char, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '،' | '؛' | '؟' | '।' | '·' | '¡' | '¿' | '«' | '»' | '×')
}

fn ascii_digit(char: char) -> Option<char> {
    const ZEROS: [u32; 12] = [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xe50];
    let code = u32::from(char);
    let zero = ZEROS.into_iter().find(|zero| (*zero..zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

fn is_number(token: &str) -> bool {
    token.starts_with(|char: char| char.is_ascii_digit())
        && token.chars().all(|char| char.is_ascii_digit() || char == '.')
}

/// Reads `2l` or `500ml`; the same amount has one notation.
fn size_of(token: &str) -> Option<String> {
    let end = token.find(|char: char| !char.is_ascii_digit() && char != '.')?;
    let (number, unit) = token.split_at(end);
    if !is_number(number) {
        return None;
    }
    let (factor, base) = match unit {
        "ml" | "millilitre" | "milliliter" | "millilitres" | "milliliters" | "mls" => (1, "ml"),
        "cl" => (10, "ml"),
        "l" | "lt" | "ltr" | "ltrs" | "lts" | "litre" | "liter" | "litres" | "liters" => (1000, "ml"),
        "g" | "gm" | "gms" | "gr" | "gram" | "grams" => (1, "g"),
        "kg" | "kgs" | "kilo" | "kilos" | "kilogram" | "kilograms" => (1000, "g"),
        "mm" | "millimetre" | "millimeter" => (1, "mm"),
        "cm" | "centimetre" | "centimeter" => (10, "mm"),
        "m" | "metre" | "meter" | "metres" | "meters" => (1000, "mm"),
        _ => return None,
    };
    let number: Decimal = number.parse().ok()?;
    let amount = number.checked_mul(Decimal::from(factor))?;
    Some(format!("{}{base}", amount.normalize()))
}

/// Irons out English plurals. The result is for comparing, not for showing: it must be equal for singular and plural
/// and different for different things ("tap" and "tape"), it need not be a word.
fn singular(word: &str) -> String {
    if word.len() < 4 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return word.to_owned();
    }
    let mut stem = word;
    if !["ss", "us", "is"].iter().any(|ending| stem.ends_with(ending)) {
        stem = stem.strip_suffix('s').unwrap_or(stem);
    }
    // What takes -es, or changes before it: box, glass, match, tomato, loaf and knife, battery.
    let takes_es = ["xe", "ze", "se", "che", "she", "oe", "ve", "fe", "ie"].iter().any(|ending| stem.ends_with(ending));
    if takes_es && stem.len() > 3 {
        stem = stem.strip_suffix('e').unwrap_or(stem);
    }
    match stem.as_bytes() {
        [head @ .., b'v'] if head.len() > 1 => format!("{}f", &stem[..head.len()]),
        [head @ .., b'y'] if head.last().is_some_and(|before| !b"aeiou".contains(before)) => {
            format!("{}i", &stem[..head.len()])
        }
        _ => stem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> String {
        Key::of(name).expect("a name").to_string()
    }

    #[test]
    fn spellings_of_one_name_have_one_key() {
        for spellings in [
            &["Coke 2 Litre", "2L cokes", "coke ２ｌ", "COKE  2lt", "coke, 2000 ml"][..],
            &["screws", "Screw", " SCREWS! ", "scr\u{200b}ew"],
            &["crème fraîche", "creme fraiche"],
            &["boxes", "box"],
            &["tomatoes", "tomato"],
            &["loaves", "loaf"],
            &["knives", "knife"],
            &["gloves", "glove"],
            &["batteries", "battery"],
            &["cookies", "cookie"],
            &["glasses", "glass"],
            &["cases", "case"],
            &["matches", "match"],
            &["shoes", "shoe"],
            &["buses", "bus"],
            &["pies", "pie"],
            &["boys", "boy"],
            &["A4 paper", "a4-paper"],
            &["7up", "7Up"],
            &["flour 1,5kg", "flour 1500 g"],
            &["nails 40mm", "40 mm nail", "nail 4cm"],
            &["شاي ٥٠٠ml", "شاي 500 ml"],
            &["mama's jam", "mamas jam"],
        ] {
            let keys: Vec<String> = spellings.iter().map(|spelling| key(spelling)).collect();

            assert!(keys.iter().all(|other| *other == keys[0]), "{spellings:?} became {keys:?}");
        }
    }

    #[test]
    fn different_things_have_different_keys() {
        for (one, other) in [
            ("tap", "tape"),
            ("pin", "pine"),
            ("cap", "cape"),
            ("coke 2l", "coke 500ml"),
            ("M8 bolt", "M6 bolt"),
            ("दूध", "दही"),
            ("gas", "glass"),
            ("7up", "up"),
            ("pen", "pencil"),
        ] {
            assert_ne!(key(one), key(other));
        }
    }

    #[test]
    fn a_digit_inside_a_name_stays_in_it() {
        assert_eq!(key("A4 paper"), "a4 paper");
        assert_eq!(key("2x4 timber"), "2x4 timber");
        assert_eq!(key("M8"), "m8");
        assert_eq!(key("5 alive juice"), "5 alif juice");
    }

    #[test]
    fn a_key_is_read_back_as_it_was() {
        for name in ["horse 2l", "Coke 1.5 L", "7up", "2x4 timber 40mm", "cases", "🍞"] {
            let key = Key::of(name).unwrap();

            assert_eq!(Key::stored(&key.to_string()), key);
        }
    }

    #[test]
    fn nothing_is_left_of_punctuation() {
        assert_eq!(Key::of(" - ?! \u{200b}"), None);
        assert!(Key::of("🍞").is_some());
    }
}
