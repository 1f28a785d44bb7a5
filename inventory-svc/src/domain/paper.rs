//! When two papers are one: the same supplier and number, however they were printed, typed or read off a photo.

use unicode_normalization::UnicodeNormalization as _;

/// Returns the one spelling of a supplier's name or a paper's number: letters and digits alone, in small letters.
///
/// Empty when nothing is left. Stored: a change of this rule needs a migration of `paper`.
pub(crate) fn paper_key(printed: &str) -> String {
    // Marks stand apart in this form and are no letters.
    let apart = printed.nfkd().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase);
    apart.nfkd().filter(|char| char.is_alphanumeric()).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_marks_punctuation_and_spaces_make_no_other_paper() {
        for (one, other) in [
            ("INV-88213", "inv 88213"),
            ("Jumbo Cash & Carry", "JUMBO CASH&CARRY"),
            ("Café Müller", "cafe muller"),
            ("Nº 12/2026", "no 12 2026"),
            ("ＡＢＣ１", "abc1"),
        ] {
            assert_eq!(paper_key(one), paper_key(other), "{one} {other}");
        }
        for (one, other) in [("88213", "88231"), ("INV-1", "INV-01"), ("A1", "B1"), ("1-23", "12-4")] {
            assert_ne!(paper_key(one), paper_key(other), "{one} {other}");
        }
        assert_eq!(paper_key(" -/. "), "");
    }
}
