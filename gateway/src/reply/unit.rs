//! Units as people say them.

use rust_decimal::Decimal;

use super::catalogue::{Count, Message, words};
use super::language::Language;

/// Returns the unit to show behind a balance: measures and packs are shown, pieces are not.
pub(super) fn measure(language: Language, base_unit: &str, balance: Decimal) -> String {
    match base_unit {
        "" | "each" | "piece" | "unit" => String::new(),
        unit => format!(" {}", plural(language, unit, balance)),
    }
}

/// Returns a unit beside a number: `kaste` beside 2. What the catalogue does not know is said as in English.
pub(super) fn plural(language: Language, unit: &str, number: Decimal) -> String {
    let count = Count::amount(number);
    words(language, Message::Unit { unit, count, other: &in_english(unit, number) })
}

fn in_english(unit: &str, number: Decimal) -> String {
    const MEASURES: [&str; 10] = ["kg", "g", "mg", "l", "ml", "cl", "m", "cm", "mm", "dozen"];
    if number == Decimal::ONE || MEASURES.contains(&unit) {
        return unit.to_owned();
    }
    match unit {
        "loaf" => "loaves".to_owned(),
        _ if unit.ends_with(['s', 'x']) || unit.ends_with("ch") || unit.ends_with("sh") => format!("{unit}es"),
        _ => format!("{unit}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_the_rest_is_as_the_language_has_it() {
        let cases = [
            (Language::English, "case", "1", "case"),
            (Language::English, "case", "2", "cases"),
            (Language::English, "loaf", "1.5", "loaves"),
            (Language::English, "kg", "2", "kg"),
            (Language::English, "wheelbarrow", "2", "wheelbarrows"),
            (Language::Afrikaans, "case", "1.000", "kas"),
            (Language::Afrikaans, "case", "2", "kaste"),
            (Language::Afrikaans, "wheelbarrow", "2", "wheelbarrows"),
            (Language::Zulu, "bottle", "1", "ibhodlela"),
            (Language::Zulu, "bottle", "2", "amabhodlela"),
            (Language::Xhosa, "bottle", "2", "iibhotile"),
            (Language::Sotho, "bottle", "2", "dibotlolo"),
        ];
        for (language, unit, number, said) in cases {
            assert_eq!(plural(language, unit, number.parse().unwrap()), said);
        }
    }
}
