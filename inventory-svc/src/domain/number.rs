//! Numbers as people and spreadsheets write them: `1 000`, `1,5`, `1.234,50`. What may mean two things is not guessed.

use rust_decimal::Decimal;

/// Why a text is no number that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Misread {
    /// Something else stands there.
    NotANumber,
    /// A number stands in front of a word: of its unit, most often.
    WithWord {
        /// The number.
        number: String,
    },
    /// It may be a decimal comma or a separator of thousands.
    Ambiguous {
        /// As thousands.
        whole: String,
        /// As a decimal number.
        fraction: String,
    },
}

/// Reads a number. A single dot is a decimal point; a single comma is a decimal comma, unless exactly three digits follow.
pub(crate) fn read(text: &str) -> Result<Decimal, Misread> {
    let text = text.trim();
    let (sign, unsigned) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(unsigned) => ("-", unsigned.trim_start()),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (spaced, is_grouped) =
        ungroup(unsigned, |char| char.is_whitespace() || char == '\'' || char == '’').ok_or_else(|| misread(text))?;
    let points = spaced.matches('.').count();
    let commas = spaced.matches(',').count();
    let plain = match (points, commas) {
        (0 | 1, 0) => spaced,
        (0, 1) => {
            let (whole, fraction) = spaced.split_once(',').expect("there is a comma");
            let may_group = (1..=3).contains(&whole.len()) && !whole.starts_with('0') && fraction.len() == 3;
            if may_group && !is_grouped && all_digits(whole) && all_digits(fraction) {
                let zeroless = fraction.trim_end_matches('0');
                let fraction = if zeroless.is_empty() { format!("{whole}.0") } else { format!("{whole}.{zeroless}") };
                return Err(Misread::Ambiguous { whole: spaced.replace(',', ""), fraction });
            }
            spaced.replace(',', ".")
        }
        (_, 0) => ungroup(&spaced, |char| char == '.').ok_or_else(|| misread(text))?.0,
        (0, _) => ungroup(&spaced, |char| char == ',').ok_or_else(|| misread(text))?.0,
        // The one that comes last, and once, is the decimal one.
        (_, _) if points == 1 && spaced.rfind('.') > spaced.rfind(',') => {
            ungroup(&spaced, |char| char == ',').ok_or_else(|| misread(text))?.0
        }
        (_, 1) if spaced.rfind(',') > spaced.rfind('.') => {
            ungroup(&spaced.replace(',', ";"), |char| char == '.').ok_or_else(|| misread(text))?.0.replace(';', ".")
        }
        (_, _) => return Err(misread(text)),
    };
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, "0"));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction);
    let has_digit = plain.bytes().any(|byte| byte.is_ascii_digit());
    if !has_digit || fraction.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Err(misread(text));
    }
    // More than fits is refused by its caller: it has more digits than any quantity may have.
    let fraction = fraction.trim_end_matches('0');
    if whole.len() > 18 || fraction.len() > 9 {
        return Err(Misread::NotANumber);
    }
    let number: Decimal = format!("{sign}0{whole}.{fraction}0").parse().map_err(|_| Misread::NotANumber)?;
    Ok(number.normalize())
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Takes the separators out of `1 000 000`, and says whether there were any; `None` where they stand elsewhere.
fn ungroup(text: &str, separates: impl Fn(char) -> bool) -> Option<(String, bool)> {
    if !text.contains(&separates) {
        return Some((text.to_owned(), false));
    }
    let end = text.find(|char: char| !char.is_ascii_digit() && !separates(char)).unwrap_or(text.len());
    let (whole, rest) = text.split_at(end);
    let groups: Vec<&str> = whole.split(&separates).collect();
    let (first, others) = groups.split_first()?;
    let is_grouped = (1..=3).contains(&first.len()) && others.iter().all(|group| group.len() == 3);
    (is_grouped && !rest.contains(&separates)).then(|| (format!("{}{rest}", groups.concat()), true))
}

fn misread(text: &str) -> Misread {
    let end = text.find(|char: char| !char.is_ascii_digit() && !matches!(char, '.' | ',')).unwrap_or(text.len());
    let (number, word) = text.split_at(end);
    let is_word = word.trim_start().chars().next().is_some_and(char::is_alphabetic);
    // `6.00123E+12` is no number with a word.
    let is_exponent = word.get(1..).is_some_and(|rest| rest.starts_with(['+', '-']) || all_digits(rest));
    if is_word && !is_exponent && read(number).is_ok() {
        return Misread::WithWord { number: number.to_owned() };
    }
    Misread::NotANumber
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_spreadsheets_of_any_country_write_it() {
        for (text, number) in [
            ("50", "50"),
            (" 7 ", "7"),
            ("1.5", "1.5"),
            ("1,5", "1.5"),
            ("0,125", "0.125"),
            ("1.500", "1.5"),
            ("1 000", "1000"),
            ("1\u{a0}000\u{a0}000,25", "1000000.25"),
            ("1 000,500", "1000.5"),
            ("1,234.50", "1234.5"),
            ("1.234,50", "1234.5"),
            ("1,234,567", "1234567"),
            ("1.234.567", "1234567"),
            ("1.234.567,5", "1234567.5"),
            ("1'000", "1000"),
            ("12,3456", "12.3456"),
            ("-3", "-3"),
            ("\u{2212}3", "-3"),
            ("+3", "3"),
            (".5", "0.5"),
            ("007", "7"),
        ] {
            assert_eq!(read(text).map(|number| number.to_string()).as_deref(), Ok(number), "{text:?}");
        }
    }

    #[test]
    fn what_may_mean_two_things_is_not_guessed() {
        for (text, whole, fraction) in
            [("1,000", "1000", "1.0"), ("12,500", "12500", "12.5"), ("-1,234", "1234", "1.234")]
        {
            let ambiguous = Misread::Ambiguous { whole: whole.to_owned(), fraction: fraction.to_owned() };
            assert_eq!(read(text), Err(ambiguous), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_made_one() {
        for text in
            ["", "-", "ten", "1e3", "6.00123E+12", "1.", "10 00", "1,00,000", "1.5.2", "0x1", "NaN", "1,5,", "5-3"]
        {
            assert_eq!(read(text), Err(Misread::NotANumber), "{text:?}");
        }
        assert_eq!(read("12 boxes"), Err(Misread::WithWord { number: "12".to_owned() }));
        assert_eq!(read("1,5kg"), Err(Misread::WithWord { number: "1,5".to_owned() }));
    }
}
