//! Text with a list to choose from.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::check::{Violation, check_optional_units, check_units};
use super::{BODY_UNITS_MAX, BUTTON_TITLE_UNITS_MAX};

/// Rows of a list, over all of its sections.
const ROWS_MAX: usize = 10;
/// UTF-16 units of the title of a section or a row.
const TITLE_UNITS_MAX: usize = 24;
/// UTF-16 units of a row's id.
const ROW_ID_UNITS_MAX: usize = 200;
/// UTF-16 units of a row's description.
const DESCRIPTION_UNITS_MAX: usize = 72;

/// Text with a list that opens at a tap.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceList {
    /// The text.
    pub body: String,
    /// What the button says that opens the list.
    pub button_title: String,
    /// Its sections.
    pub sections: Vec<Section>,
}

/// Rows under one title.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// The title; may be empty when there is one section.
    pub title: String,
    /// The rows.
    pub rows: Vec<Row>,
}

/// Something to choose.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Comes back when it is chosen.
    pub id: String,
    /// What it says.
    pub title: String,
    /// More about it; may be empty.
    pub description: String,
}

impl ChoiceList {
    pub(super) fn check(&self, found: &mut Vec<Violation>, path: &str) {
        // Meta's pages disagree about the body, 4,096 or 1,024: the smaller figure is safe.
        check_units(found, format!("{path}.body"), &self.body, BODY_UNITS_MAX);
        check_units(found, format!("{path}.button_title"), &self.button_title, BUTTON_TITLE_UNITS_MAX);
        let row_count: usize = self.sections.iter().map(|section| section.rows.len()).sum();
        if !(1..=ROWS_MAX).contains(&row_count) {
            found.push(Violation::new(format!("{path}.sections"), format!("must hold 1 to {ROWS_MAX} rows in all")));
        }
        let mut ids = HashSet::new();
        for (i, section) in self.sections.iter().enumerate() {
            let path = format!("{path}.sections[{i}]");
            if self.sections.len() > 1 {
                check_units(found, format!("{path}.title"), &section.title, TITLE_UNITS_MAX);
            } else {
                check_optional_units(found, format!("{path}.title"), &section.title, TITLE_UNITS_MAX);
            }
            if section.rows.is_empty() {
                found.push(Violation::new(format!("{path}.rows"), "must hold at least one row"));
            }
            for (i, row) in section.rows.iter().enumerate() {
                let path = format!("{path}.rows[{i}]");
                check_units(found, format!("{path}.row_id"), &row.id, ROW_ID_UNITS_MAX);
                check_units(found, format!("{path}.title"), &row.title, TITLE_UNITS_MAX);
                check_optional_units(found, format!("{path}.description"), &row.description, DESCRIPTION_UNITS_MAX);
                if !ids.insert(row.id.as_str()) {
                    found.push(Violation::new(format!("{path}.row_id"), "must differ from the other ids"));
                }
            }
        }
    }

    pub(super) fn secrets(&self) -> Vec<&str> {
        let sections = self.sections.iter().flat_map(|section| {
            let rows = section.rows.iter().flat_map(|row| [&row.id, &row.title, &row.description]);
            std::iter::once(&section.title).chain(rows)
        });
        [&self.body, &self.button_title].into_iter().chain(sections).map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str) -> Row {
        Row { id: id.to_owned(), title: "t".repeat(24), description: "d".repeat(72) }
    }

    fn list(sections: Vec<Section>) -> ChoiceList {
        ChoiceList { body: "b".repeat(1024), button_title: "b".repeat(20), sections }
    }

    fn section(title: &str, rows: Vec<Row>) -> Section {
        Section { title: title.to_owned(), rows }
    }

    fn rows(from: usize, to: usize) -> Vec<Row> {
        (from..to).map(|i| row(&format!("row-{i}"))).collect()
    }

    fn fields(list: &ChoiceList) -> Vec<String> {
        let mut found = Vec::new();
        list.check(&mut found, "list");
        found.into_iter().map(|found| found.field).collect()
    }

    #[test]
    fn list_has_ten_rows_in_all_and_not_one_more() {
        let title = "s".repeat(24);
        assert!(fields(&list(vec![section("", rows(0, 10))])).is_empty());
        assert!(fields(&list(vec![section(&title, rows(0, 5)), section("b", rows(5, 10))])).is_empty());

        assert_eq!(fields(&list(vec![section("", rows(0, 11))])), ["list.sections"]);
        assert_eq!(fields(&list(vec![section("a", rows(0, 5)), section("b", rows(5, 11))])), ["list.sections"]);
        assert_eq!(fields(&list(Vec::new())), ["list.sections"]);
    }

    #[test]
    fn each_part_of_a_list_has_its_limit() {
        let long = |row: Row| list(vec![section("", vec![row])]);
        let cases = [
            (ChoiceList { body: "b".repeat(1025), ..list(vec![section("", rows(0, 1))]) }, "list.body"),
            (ChoiceList { body: String::new(), ..list(vec![section("", rows(0, 1))]) }, "list.body"),
            (ChoiceList { button_title: "b".repeat(21), ..list(vec![section("", rows(0, 1))]) }, "list.button_title"),
            (list(vec![section(&"s".repeat(25), rows(0, 1))]), "list.sections[0].title"),
            (list(vec![section("", rows(0, 1)), section("b", rows(1, 2))]), "list.sections[0].title"),
            (list(vec![section("a", rows(0, 1)), section("b", Vec::new())]), "list.sections[1].rows"),
            (long(row(&"i".repeat(201))), "list.sections[0].rows[0].row_id"),
            (long(Row { title: "t".repeat(25), ..row("1") }), "list.sections[0].rows[0].title"),
            (long(Row { description: "d".repeat(73), ..row("1") }), "list.sections[0].rows[0].description"),
            (list(vec![section("a", rows(0, 1)), section("b", rows(0, 1))]), "list.sections[1].rows[0].row_id"),
        ];
        for (list, field) in cases {
            assert_eq!(fields(&list), [field]);
        }
        assert!(fields(&long(Row { description: String::new(), ..row(&"i".repeat(200)) })).is_empty());
    }
}
