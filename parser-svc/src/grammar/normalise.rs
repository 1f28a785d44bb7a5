//! One spelling for a text however it was typed, with the way back to the code points it came from.

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// One character of the normalised text and the code points of the source it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Char {
    /// The character: NFKC, lower case, ASCII digits, no zero-width.
    pub value: char,
    /// First code point of the source.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

/// Most marks that one letter keeps: people stack a few, and a stack without end costs more than its length.
const MAX_MARKS: usize = 30;

/// Returns the text as one spelling: compatibility forms folded, lower case, decimal digits of any script as ASCII,
/// typographic quotes and dashes plain, invisible characters gone. Idempotent.
#[must_use]
pub fn normalise(text: &str) -> Vec<Char> {
    normalise_within(text, usize::MAX).unwrap_or_default()
}

/// Does the same for a text that gives at most so many characters: one sign may stand for eighteen letters.
#[must_use]
pub fn normalise_within(text: &str, most: usize) -> Option<Vec<Char>> {
    let mut normalised: Vec<Char> = Vec::with_capacity(text.len().min(most));
    let mut cluster = Cluster::default();
    for (index, value) in text.chars().enumerate() {
        if is_invisible(value) {
            continue;
        }
        // Marks stay with their letter, because they compose with it.
        if value.is_ascii() || canonical_combining_class(value) == 0 {
            cluster.fold_into(&mut normalised);
            if normalised.len() > most {
                return None;
            }
            cluster.start = index;
        } else if cluster.marks == MAX_MARKS {
            continue;
        } else {
            cluster.marks += 1;
        }
        cluster.text.push(value);
        cluster.end = index + 1;
    }
    cluster.fold_into(&mut normalised);
    (normalised.len() <= most).then_some(normalised)
}

/// A letter with its marks.
#[derive(Default)]
struct Cluster {
    text: String,
    marks: usize,
    start: usize,
    end: usize,
}

impl Cluster {
    fn fold_into(&mut self, normalised: &mut Vec<Char>) {
        if !self.text.is_empty() {
            fold(&self.text, self.start, self.end, normalised);
        }
        self.text.clear();
        self.marks = 0;
    }
}

/// Returns the normalised text without the way back.
#[must_use]
pub fn normalised_text(text: &str) -> String {
    normalise(text).into_iter().map(|char| char.value).collect()
}

/// Returns the word without its marks, to look it up: "brûe" and "brue" are one word to a thumb.
#[must_use]
pub fn without_marks(word: &str) -> String {
    if word.is_ascii() {
        return word.to_owned();
    }
    word.nfd().filter(|value| canonical_combining_class(*value) == 0).collect()
}

fn fold(cluster: &str, start: usize, end: usize, normalised: &mut Vec<Char>) {
    let mut push = |value: char| {
        // "2½" folds to "2" and "1/2": a space keeps it from becoming 21/2.
        normalised.push(Char { value, start, end });
    };
    if let Some(value) = single_ascii(cluster) {
        push(value);
        return;
    }
    if let Some(value) = single_letter(cluster) {
        push(value);
        return;
    }
    if let Some(fraction) = vulgar_fraction(cluster) {
        push(' ');
        fraction.chars().for_each(push);
        return;
    }
    let folded = cluster.nfkc().flat_map(char::to_lowercase).nfkc().map(plain).filter(|value| !is_invisible(*value));
    let mut marks = 0;
    for value in folded {
        marks = if canonical_combining_class(value) == 0 { 0 } else { marks + 1 };
        if marks <= MAX_MARKS {
            push(value);
        }
    }
}

fn single_ascii(cluster: &str) -> Option<char> {
    let mut chars = cluster.chars();
    let value = chars.next().filter(char::is_ascii)?;
    chars.next().is_none().then(|| plain(value.to_ascii_lowercase()))
}

/// Most letters fold to one letter, and to know that is cheaper than to fold them.
fn single_letter(cluster: &str) -> Option<char> {
    let mut chars = cluster.chars();
    let value = chars.next().filter(|_| chars.next().is_none())?;
    let mut lower = value.to_lowercase();
    let small = lower.next().filter(|_| lower.next().is_none())?;
    let is_folded = |value: char| is_nfkc_quick(std::iter::once(value)) == IsNormalized::Yes;
    (is_folded(value) && (small == value || is_folded(small))).then(|| plain(small))
}

fn vulgar_fraction(cluster: &str) -> Option<&'static str> {
    Some(match cluster {
        "½" => "1/2",
        "¼" => "1/4",
        "¾" => "3/4",
        "⅓" => "1/3",
        "⅔" => "2/3",
        "⅛" => "1/8",
        _ => return None,
    })
}

fn plain(value: char) -> char {
    match value {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' | '`' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201e}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2796}' => '-',
        '\u{00d7}' | '\u{2715}' | '\u{2716}' => 'x',
        '\u{2795}' => '+',
        '\u{2044}' | '\u{2215}' => '/',
        '\u{2022}' | '\u{00b7}' | '\u{25cf}' | '\u{25aa}' | '\u{2023}' => '*',
        '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => '\n',
        '\t' | '\u{b}' | '\u{c}' => ' ',
        other => digit(other).unwrap_or(other),
    }
}

/// The ASCII digit for a decimal digit of another script.
fn digit(value: char) -> Option<char> {
    // First digit of each run of ten that people here may have on a keyboard.
    const ZEROS: [u32; 12] = [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xe50, 0x1040];
    let code = u32::from(value);
    if code < ZEROS[0] {
        return None;
    }
    let zero = ZEROS.into_iter().find(|zero| (*zero..zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

/// Whether a character shows nothing: zero-width, direction marks, variation selectors, tags, skin tones, controls.
fn is_invisible(value: char) -> bool {
    match value {
        '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' => false,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}'
        | '\u{1f3fb}'..='\u{1f3ff}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn zero_width_and_case_are_gone_and_spans_point_home() {
        let chars = normalise("\u{200b}ADD 5");

        assert_eq!(chars[0], Char { value: 'a', start: 1, end: 2 });
        assert_eq!(normalised_text("\u{200b}ADD 5"), "add 5");
    }

    #[test]
    fn arabic_indic_and_full_width_digits_are_digits() {
        assert_eq!(normalised_text("\u{665}\u{660} \u{ff15}"), "50 5");
    }

    #[test]
    fn mixed_number_keeps_its_whole_part() {
        assert_eq!(normalised_text("2½ kg"), "2 1/2 kg");
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,80}|.{0,80}") {
            let once = normalised_text(&text);

            prop_assert_eq!(normalised_text(&once), once);
        }

        #[test]
        fn spans_stay_inside_the_text(text in ".{0,80}") {
            let length = text.chars().count();

            for char in normalise(&text) {
                prop_assert!(char.start < char.end && char.end <= length);
            }
        }
    }
}
