//! Meta's limits of length. Counted in UTF-16 units, the strictest of what Meta may mean, and never cut inside what a
//! person sees as one letter.

use unicode_segmentation::UnicodeSegmentation as _;

/// Meta's limit of a text.
pub(crate) const BODY_MAX: usize = 4096;

/// Meta's limit of a text with buttons or a list.
pub(crate) const BODY_WITH_CHOICES_MAX: usize = 1024;

/// Returns the length as it is counted against a limit.
pub(crate) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Cuts between two letters, and says so by an ellipsis.
pub(crate) fn cut(text: &str, units_max: usize) -> String {
    if units(text) <= units_max {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut left = units_max.saturating_sub(1); // for the ellipsis
    for letter in text.graphemes(true) {
        let needed = units(letter);
        if needed > left {
            break;
        }
        left -= needed;
        short.push_str(letter);
    }
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// Cuts between two lines, and says so by an ellipsis; only a first line that is too long by itself is cut within.
pub(crate) fn shorten(text: String, units_max: usize) -> String {
    if units(&text) <= units_max {
        return text;
    }
    let mut short = String::new();
    let mut left = units_max.saturating_sub(1); // for the ellipsis
    for line in text.lines() {
        let needed = units(line) + 1;
        if needed > left {
            break;
        }
        left -= needed;
        short.push_str(line);
        short.push('\n');
    }
    if short.trim().is_empty() {
        return cut(&text, units_max);
    }
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_answers_are_cut_between_lines() {
        let text = "aaaa\nbbbb\ncccc".to_owned();

        assert_eq!(shorten(text.clone(), 14), text);
        assert_eq!(shorten(text, 13), "aaaa\nbbbb\n…");
    }

    #[test]
    fn a_single_long_line_is_cut_within() {
        assert_eq!(shorten("a".repeat(10), 10), "a".repeat(10));
        assert_eq!(shorten("a".repeat(11), 10), format!("{}…", "a".repeat(9)));
    }

    #[test]
    fn what_is_seen_as_one_letter_is_never_cut_apart() {
        // A family is four people and three joiners: 11 units, one letter.
        let family = "👨‍👩‍👧‍👦";
        assert_eq!(units(family), 11);
        assert_eq!(cut(family, 11), family);
        assert_eq!(cut(&format!("{family}!"), 11), "…");
        assert_eq!(cut(&format!("{family}!!"), 12), format!("{family}…"));
        assert_eq!(cut("e\u{301}e\u{301}", 3), "e\u{301}…");
    }

    proptest! {
        #[test]
        fn whatever_comes_stays_within_the_limit(text in "(\\PC|\\n|👨‍👩‍👧|é){0,60}", units_max in 1_usize..40) {
            for short in [cut(&text, units_max), shorten(text.clone(), units_max)] {
                prop_assert!(units(&short) <= units_max);
                prop_assert!(short == text || short.ends_with('…'));
            }
        }
    }
}
