//! A text that Meta approved, with its blanks filled.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::check::{Violation, check_units};

/// Characters of a template's name.
const NAME_MAX: usize = 512;
/// UTF-16 units of what fills a blank of the body.
const BODY_PARAMETER_UNITS_MAX: usize = 1024;
/// UTF-16 units of what fills a blank of the header.
const HEADER_PARAMETER_UNITS_MAX: usize = 60;
/// UTF-16 units of the end of a button's address.
const URL_SUFFIX_UNITS_MAX: usize = 2000;
/// UTF-16 units of what a quick-reply button brings back.
const PAYLOAD_UNITS_MAX: usize = 256;
/// Buttons of a template.
const BUTTONS_MAX: u8 = 10;
/// Spaces in a row that Meta takes in a parameter.
const SPACES_MAX: usize = 4;

/// A text that Meta approved, with its blanks filled.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Its language as Meta names it.
    pub language: String,
    /// What fills the blanks of the header.
    pub header: Vec<Parameter>,
    /// What fills the blanks of the body.
    pub body: Vec<Parameter>,
    /// What fills the blanks of buttons.
    pub buttons: Vec<TemplateButton>,
}

/// What fills a blank.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Name of the blank; `None` when blanks are numbered.
    pub name: Option<String>,
    /// The text.
    pub text: String,
}

/// What fills the blank of a button.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateButton {
    /// Its place, counted from 0.
    pub index: u8,
    /// What it is filled with.
    pub value: ButtonValue,
}

/// What the blank of a button is filled with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonValue {
    /// The end of the address that it opens.
    UrlSuffix(String),
    /// What comes back when it is tapped.
    Payload(String),
}

impl Template {
    /// Adds every rule of Meta's that it breaks; `path` is where it stands in the request.
    pub fn check(&self, found: &mut Vec<Violation>, path: &str) {
        if !is_name(&self.name, NAME_MAX) {
            let rule = format!("must be 1 to {NAME_MAX} lower-case letters, digits and underscores");
            found.push(Violation::new(format!("{path}.name"), rule));
        }
        if !is_language(&self.language) {
            found.push(Violation::new(format!("{path}.language_code"), "must be a language like en or en_US"));
        }
        for (part, parameters, units_max) in [
            ("header_parameters", &self.header, HEADER_PARAMETER_UNITS_MAX),
            ("body_parameters", &self.body, BODY_PARAMETER_UNITS_MAX),
        ] {
            let mut names = HashSet::new();
            for (i, parameter) in parameters.iter().enumerate() {
                let path = format!("{path}.{part}[{i}]");
                check_parameter(found, format!("{path}.text"), &parameter.text, units_max);
                let Some(name) = &parameter.name else { continue };
                if !is_name(name, NAME_MAX) {
                    let rule = "must be lower-case letters, digits and underscores";
                    found.push(Violation::new(format!("{path}.name"), rule));
                } else if !names.insert(name) {
                    found.push(Violation::new(format!("{path}.name"), "must differ from the other names"));
                }
            }
        }
        let parameters = || self.header.iter().chain(&self.body);
        if parameters().any(|parameter| parameter.name.is_some())
            && parameters().any(|parameter| parameter.name.is_none())
        {
            found.push(Violation::new(format!("{path}.body_parameters"), "must all have a name, or none of them"));
        }
        self.check_buttons(found, path);
    }

    fn check_buttons(&self, found: &mut Vec<Violation>, path: &str) {
        for (i, button) in self.buttons.iter().enumerate() {
            let path = format!("{path}.buttons[{i}]");
            if button.index >= BUTTONS_MAX || self.buttons.iter().take(i).any(|earlier| earlier.index == button.index) {
                let rule = format!("must be 0 to {}, different from the others", BUTTONS_MAX - 1);
                found.push(Violation::new(format!("{path}.index"), rule));
            }
            match &button.value {
                ButtonValue::UrlSuffix(text) => {
                    check_parameter(found, format!("{path}.url_suffix"), text, URL_SUFFIX_UNITS_MAX);
                }
                ButtonValue::Payload(text) => {
                    check_units(found, format!("{path}.payload"), text, PAYLOAD_UNITS_MAX);
                }
            }
        }
    }

    pub(super) fn secrets(&self) -> Vec<&str> {
        let parameters = self.header.iter().chain(&self.body).map(|parameter| parameter.text.as_str());
        let buttons = self.buttons.iter().map(|button| match &button.value {
            ButtonValue::UrlSuffix(text) | ButtonValue::Payload(text) => text.as_str(),
        });
        parameters.chain(buttons).collect()
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Template({}, ..)", self.name)
    }
}

fn check_parameter(found: &mut Vec<Violation>, field: String, text: &str, units_max: usize) {
    check_units(found, field.clone(), text, units_max);
    if text.contains(['\n', '\r', '\t']) || text.contains(&" ".repeat(SPACES_MAX + 1)) {
        found.push(Violation::new(
            field,
            format!("must have no line breaks, no tabs and at most {SPACES_MAX} spaces in a row"),
        ));
    }
}

fn is_name(text: &str, length_max: usize) -> bool {
    (1..=length_max).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn is_language(text: &str) -> bool {
    (2..=16).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, text: &str) -> Parameter {
        Parameter { name: Some(name.to_owned()).filter(|name| !name.is_empty()), text: text.to_owned() }
    }

    fn template() -> Template {
        Template {
            name: "stock_alert".to_owned(),
            language: "en_US".to_owned(),
            header: vec![parameter("", &"h".repeat(60))],
            body: vec![parameter("", "a    b"), parameter("", &"b".repeat(1024))],
            buttons: vec![
                TemplateButton { index: 0, value: ButtonValue::UrlSuffix("x".repeat(2000)) },
                TemplateButton { index: 1, value: ButtonValue::Payload("p".repeat(256)) },
            ],
        }
    }

    fn fields(template: &Template) -> Vec<String> {
        let mut found = Vec::new();
        template.check(&mut found, "template");
        found.into_iter().map(|found| found.field).collect()
    }

    #[test]
    fn template_within_its_limits_is_taken() {
        assert!(fields(&template()).is_empty());
        let named = Template {
            name: "a".repeat(512),
            language: "en".to_owned(),
            header: vec![parameter("shop", "x")],
            body: vec![parameter("item", "x"), parameter("shop", "x")],
            buttons: Vec::new(),
        };
        assert!(fields(&named).is_empty());
    }

    #[test]
    fn each_part_of_a_template_has_its_rule() {
        let body = |parameters: Vec<Parameter>| Template { header: Vec::new(), body: parameters, ..template() };
        let button = |index: u8, value: ButtonValue| Template {
            buttons: vec![
                TemplateButton { index: 0, value: ButtonValue::Payload("p".to_owned()) },
                TemplateButton { index, value },
            ],
            ..template()
        };
        let cases = [
            (Template { name: "Stock".to_owned(), ..template() }, "template.name"),
            (Template { name: "a".repeat(513), ..template() }, "template.name"),
            (Template { name: String::new(), ..template() }, "template.name"),
            (Template { language: "en-US".to_owned(), ..template() }, "template.language_code"),
            (Template { language: String::new(), ..template() }, "template.language_code"),
            (
                Template { header: vec![parameter("", &"h".repeat(61))], ..template() },
                "template.header_parameters[0].text",
            ),
            (body(vec![parameter("", "a\nb")]), "template.body_parameters[0].text"),
            (body(vec![parameter("", "a\tb")]), "template.body_parameters[0].text"),
            (body(vec![parameter("", "a     b")]), "template.body_parameters[0].text"),
            (body(vec![parameter("", &"b".repeat(1025))]), "template.body_parameters[0].text"),
            (body(vec![parameter("", "")]), "template.body_parameters[0].text"),
            (body(vec![parameter("item", "a"), parameter("", "b")]), "template.body_parameters"),
            (body(vec![parameter("item", "a"), parameter("item", "b")]), "template.body_parameters[1].name"),
            (body(vec![parameter("Item", "a")]), "template.body_parameters[0].name"),
            (button(0, ButtonValue::Payload("p".to_owned())), "template.buttons[1].index"),
            (button(10, ButtonValue::Payload("p".to_owned())), "template.buttons[1].index"),
            (button(1, ButtonValue::Payload("p".repeat(257))), "template.buttons[1].payload"),
            (button(1, ButtonValue::UrlSuffix("x".repeat(2001))), "template.buttons[1].url_suffix"),
        ];
        for (template, field) in cases {
            assert_eq!(fields(&template), [field]);
        }
    }
}
