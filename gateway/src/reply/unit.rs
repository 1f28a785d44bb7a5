//! Units as people say them.

use rust_decimal::Decimal;

/// Returns the unit to show behind a balance: measures are shown, pieces are not.
pub(super) fn measure(base_unit: &str) -> String {
    match base_unit {
        "" | "each" | "piece" | "unit" => String::new(),
        unit => format!(" {unit}"),
    }
}

pub(super) fn plural(unit: &str, number: Decimal) -> String {
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
