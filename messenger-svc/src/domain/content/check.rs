//! Checks that several kinds share, and what they report.

/// A field that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Full path of the field.
    pub field: String,
    /// The rule; never the value.
    pub description: String,
}

impl Violation {
    /// Names a field and its rule.
    pub fn new(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self { field: field.into(), description: description.into() }
    }
}

/// Returns the length of a text as Meta may count it.
///
/// Meta does not say whether it counts UTF-16 units or code points; units are never fewer, so they are safe.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Checks a text that must be there.
pub(super) fn check_units(found: &mut Vec<Violation>, field: String, text: &str, units_max: usize) {
    if text.trim().is_empty() {
        found.push(Violation::new(field, "must not be empty or blank"));
    } else {
        check_optional_units(found, field, text, units_max);
    }
}

/// Checks a text that may be empty.
pub(super) fn check_optional_units(found: &mut Vec<Violation>, field: String, text: &str, units_max: usize) {
    if text.contains('\0') {
        // Postgres keeps no NUL, and one such message must not fail those that share its statement.
        found.push(Violation::new(field, "must not contain a NUL character"));
    } else if units(text) > units_max {
        found.push(Violation::new(field, format!("must have at most {units_max} UTF-16 units")));
    }
}
