//! Buttons and lists: their limits are those of section 4.2 of the reference.

use std::collections::HashSet;

use super::error::GraphError;
use super::fields::Fields;
use super::request::Shown;
use crate::meta_sim::chat::{Button, ButtonKind};

const BUTTON_BODY_UNIT_COUNT_MAX: usize = 1_024;
const BUTTON_ID_UNIT_COUNT_MAX: usize = 256;
const BUTTON_TITLE_UNIT_COUNT_MAX: usize = 20;
const HEADER_UNIT_COUNT_MAX: usize = 60;
const FOOTER_UNIT_COUNT_MAX: usize = 60;
/// The older of the two documented limits; what is longer may fail in the field.
const LIST_BODY_UNIT_COUNT_MAX: usize = 1_024;
const LIST_BUTTON_UNIT_COUNT_MAX: usize = 20;
const LIST_ROW_COUNT_MAX: usize = 10;
const SECTION_TITLE_UNIT_COUNT_MAX: usize = 24;
const ROW_ID_UNIT_COUNT_MAX: usize = 200;
const ROW_TITLE_UNIT_COUNT_MAX: usize = 24;
const ROW_DESCRIPTION_UNIT_COUNT_MAX: usize = 72;

/// Reads and checks `interactive`.
pub(crate) fn parse(interactive: &Fields<'_>) -> Result<Shown, GraphError> {
    interactive.only(&["type", "header", "body", "footer", "action"])?;
    let kind = interactive.one_of("type", &["button", "list"])?;
    if let Some(header) = interactive.optional_object("header")? {
        header.only(&["type", "text"])?;
        header.one_of("type", &["text"])?;
        header.text("text", HEADER_UNIT_COUNT_MAX)?;
    }
    if let Some(footer) = interactive.optional_object("footer")? {
        footer.only(&["text"])?;
        footer.text("text", FOOTER_UNIT_COUNT_MAX)?;
    }
    let body = interactive.object("body")?;
    body.only(&["text"])?;
    let body_max = if kind == "button" { BUTTON_BODY_UNIT_COUNT_MAX } else { LIST_BODY_UNIT_COUNT_MAX };
    let text = body.text("text", body_max)?.to_owned();
    let action = interactive.object("action")?;
    let buttons = if kind == "button" { parse_buttons(&action)? } else { parse_rows(&action)? };
    Ok(Shown { text, buttons })
}

fn parse_buttons(action: &Fields<'_>) -> Result<Vec<Button>, GraphError> {
    action.only(&["buttons"])?;
    let mut buttons = Vec::new();
    for button in action.objects("buttons", &(1..=3))? {
        button.only(&["type", "reply"])?;
        button.one_of("type", &["reply"])?;
        let reply = button.object("reply")?;
        reply.only(&["id", "title"])?;
        buttons.push(Button {
            id: reply.text("id", BUTTON_ID_UNIT_COUNT_MAX)?.to_owned(),
            title: reply.text("title", BUTTON_TITLE_UNIT_COUNT_MAX)?.to_owned(),
            kind: ButtonKind::Reply,
        });
    }
    distinct(buttons.iter().map(|button| button.title.as_str()), "button titles")?;
    distinct(buttons.iter().map(|button| button.id.as_str()), "button ids")?;
    Ok(buttons)
}

fn parse_rows(action: &Fields<'_>) -> Result<Vec<Button>, GraphError> {
    action.only(&["button", "sections"])?;
    action.text("button", LIST_BUTTON_UNIT_COUNT_MAX)?;
    let sections = action.objects("sections", &(1..=10))?;
    let mut rows = Vec::new();
    for section in &sections {
        section.only(&["title", "rows"])?;
        if sections.len() > 1 {
            section.text("title", SECTION_TITLE_UNIT_COUNT_MAX)?;
        } else {
            section.optional_text("title", SECTION_TITLE_UNIT_COUNT_MAX)?;
        }
        for row in section.objects("rows", &(1..=LIST_ROW_COUNT_MAX))? {
            row.only(&["id", "title", "description"])?;
            row.optional_text("description", ROW_DESCRIPTION_UNIT_COUNT_MAX)?;
            rows.push(Button {
                id: row.text("id", ROW_ID_UNIT_COUNT_MAX)?.to_owned(),
                title: row.text("title", ROW_TITLE_UNIT_COUNT_MAX)?.to_owned(),
                kind: ButtonKind::Row,
            });
        }
    }
    if rows.len() > LIST_ROW_COUNT_MAX {
        return Err(GraphError::invalid_value("Total row count exceeds 10."));
    }
    distinct(rows.iter().map(|row| row.id.as_str()), "row ids")?;
    Ok(rows)
}

fn distinct<'a>(values: impl Iterator<Item = &'a str>, what: &str) -> Result<(), GraphError> {
    let mut seen = HashSet::new();
    for value in values {
        if !seen.insert(value) {
            return Err(GraphError::invalid_value(format!("The {what} must be unique.")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn code_of(interactive: &Value) -> Option<u32> {
        let fields = Fields::element("interactive".to_owned(), interactive).unwrap();
        parse(&fields).err().map(|error| error.code)
    }

    fn buttons(body: &str, buttons: &[(&str, &str)]) -> Value {
        let buttons: Vec<_> =
            buttons.iter().map(|(id, title)| json!({"type": "reply", "reply": {"id": id, "title": title}})).collect();
        json!({"type": "button", "body": {"text": body}, "action": {"buttons": buttons}})
    }

    fn list(row_count: usize) -> Value {
        let rows: Vec<_> =
            (0..row_count).map(|i| json!({"id": format!("r{i}"), "title": format!("Row {i}")})).collect();
        json!({"type": "list", "body": {"text": "Which?"}, "action": {"button": "Choose", "sections": [{"rows": rows}]}})
    }

    #[test]
    fn one_to_three_buttons_are_taken() {
        assert_eq!(code_of(&buttons("hi", &[])), Some(131_009));
        assert_eq!(code_of(&buttons("hi", &[("1", "a")])), None);
        assert_eq!(code_of(&buttons("hi", &[("1", "a"), ("2", "b"), ("3", "c")])), None);
        assert_eq!(code_of(&buttons("hi", &[("1", "a"), ("2", "b"), ("3", "c"), ("4", "d")])), Some(131_009));
    }

    #[test]
    fn button_limits_hold_on_both_sides() {
        let long = |count: usize| "x".repeat(count);

        assert_eq!(code_of(&buttons("hi", &[("1", &long(20))])), None);
        assert_eq!(code_of(&buttons("hi", &[("1", &long(21))])), Some(100));
        assert_eq!(code_of(&buttons("hi", &[(&long(256), "a")])), None);
        assert_eq!(code_of(&buttons("hi", &[(&long(257), "a")])), Some(100));
        assert_eq!(code_of(&buttons(&long(1024), &[("1", "a")])), None);
        assert_eq!(code_of(&buttons(&long(1025), &[("1", "a")])), Some(100));
    }

    #[test]
    fn twin_titles_are_refused() {
        assert_eq!(code_of(&buttons("hi", &[("1", "a"), ("2", "a")])), Some(131_009));
    }

    #[test]
    fn a_list_has_ten_rows_in_all() {
        assert_eq!(code_of(&list(10)), None);
        assert_eq!(code_of(&list(11)), Some(131_009));

        let mut two_sections = list(6);
        let rows = json!([{"id": "s0", "title": "a"}, {"id": "s1", "title": "b"}, {"id": "s2", "title": "c"},
                          {"id": "s3", "title": "d"}, {"id": "s4", "title": "e"}]);
        two_sections["action"]["sections"][0]["title"] = json!("One");
        two_sections["action"]["sections"].as_array_mut().unwrap().push(json!({"title": "Two", "rows": rows}));

        assert_eq!(code_of(&two_sections), Some(131_009));
    }
}
