//! Templates as Meta approved them: their blanks, and what fills them. Section 4.3.

use std::collections::HashSet;

use serde::Serialize;

use super::graph::GraphError;

/// The longest code that an authentication template carries, in characters.
const CODE_LENGTH_MAX: usize = 15;
/// The longest body with its blanks filled, in UTF-16 units.
const BODY_UNIT_COUNT_MAX: usize = 1_024;
/// The longest run of spaces in what fills a blank.
const SPACE_COUNT_MAX: usize = 4;

/// What a template looks like; blanks are written `{{1}}` or `{{item}}`.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct TemplateForm {
    /// The text above the body.
    pub header: Option<String>,
    /// The body.
    pub body: String,
    /// What can be tapped below.
    pub buttons: Vec<TemplateButton>,
}

/// A button of a template.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TemplateButton {
    /// Sends its payload back.
    QuickReply {
        /// What it says.
        text: String,
    },
    /// Opens an address, whose end is a blank when it has one.
    Url {
        /// What it says.
        text: String,
        /// Whether the end is a blank.
        has_blank: bool,
    },
    /// Copies the code, which is addressed as a URL button.
    Code,
}

/// A call's wish to fill a template.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filling {
    pub(crate) header: Vec<Parameter>,
    pub(crate) body: Vec<Parameter>,
    pub(crate) buttons: Vec<ButtonFilling>,
}

/// What fills a button's blank.
#[derive(Clone, Debug)]
pub(crate) struct ButtonFilling {
    pub(crate) index: usize,
    pub(crate) sub_type: String,
    pub(crate) parameter: Parameter,
}

/// What fills a blank.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    /// `text` or `payload`; other kinds are kept as their word, and fit no blank of ours.
    pub(crate) kind: String,
    pub(crate) name: Option<String>,
    pub(crate) text: String,
}

/// A template with its blanks filled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filled {
    pub(crate) text: String,
    /// Quick replies: what they say, and what comes back.
    pub(crate) quick_replies: Vec<(String, String)>,
}

impl TemplateForm {
    /// Returns one with this body and no buttons.
    pub fn of_body(body: impl Into<String>) -> Self {
        Self { header: None, body: body.into(), buttons: Vec::new() }
    }

    /// Returns Meta's own text for one-time codes.
    pub fn one_time_code() -> Self {
        Self { buttons: vec![TemplateButton::Code], ..Self::of_body("{{1}} is your verification code.") }
    }

    /// Fills the blanks, or says in Meta's codes why not.
    pub(crate) fn fill(&self, filling: &Filling) -> Result<Filled, GraphError> {
        let header = fill("header", self.header.as_deref().unwrap_or_default(), &filling.header)?;
        let body = fill("body", &self.body, &filling.body)?;
        if body.encode_utf16().count() > BODY_UNIT_COUNT_MAX {
            return Err(GraphError::of_code(132_005).details("body: the text is too long with its parameters."));
        }
        let quick_replies = self.fill_buttons(filling)?;
        let text = if header.is_empty() { body } else { format!("{header}\n{body}") };
        Ok(Filled { text, quick_replies })
    }

    fn fill_buttons(&self, filling: &Filling) -> Result<Vec<(String, String)>, GraphError> {
        let mut quick_replies = Vec::new();
        for (index, button) in self.buttons.iter().enumerate() {
            let given = filling.buttons.iter().find(|given| given.index == index);
            match button {
                TemplateButton::QuickReply { text } => {
                    let payload = match given {
                        Some(given) => of_kind(given, "quick_reply", "payload")?.to_owned(),
                        None => text.clone(),
                    };
                    quick_replies.push((text.clone(), payload));
                }
                TemplateButton::Url { has_blank: false, .. } => {
                    if given.is_some() {
                        return Err(count_mismatch(&format!("button {index}"), 1, 0));
                    }
                }
                TemplateButton::Url { .. } | TemplateButton::Code => {
                    let Some(given) = given else {
                        let details = format!("components: Button at index {index} of type Url requires a parameter");
                        return Err(GraphError::of_code(131_008).details(details));
                    };
                    let value = of_kind(given, "url", "text")?;
                    if *button == TemplateButton::Code {
                        check_code(value, filling)?;
                    }
                }
            }
        }
        match filling.buttons.iter().find(|given| given.index >= self.buttons.len()) {
            Some(given) => Err(count_mismatch(&format!("button {}", given.index), 1, 0)),
            None => Ok(quick_replies),
        }
    }
}

/// Refuses a code that is too long, or not the one in the body.
fn check_code(code: &str, filling: &Filling) -> Result<(), GraphError> {
    if code.chars().count() > CODE_LENGTH_MAX {
        return Err(GraphError::invalid_value(format!("The code must be at most {CODE_LENGTH_MAX} characters long.")));
    }
    if !code.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(GraphError::invalid_value("The code may hold no media, URL or emoji."));
    }
    if filling.body.first().is_none_or(|parameter| parameter.text != code) {
        return Err(GraphError::invalid_value("The code of the button must be the code of the body."));
    }
    Ok(())
}

fn of_kind<'a>(given: &'a ButtonFilling, sub_type: &str, kind: &str) -> Result<&'a str, GraphError> {
    if given.sub_type == sub_type && given.parameter.kind == kind {
        return Ok(&given.parameter.text);
    }
    let details = format!("button {}: expected sub_type {sub_type} with a parameter of type {kind}", given.index);
    Err(GraphError::of_code(132_012).details(details))
}

fn fill(place: &str, text: &str, parameters: &[Parameter]) -> Result<String, GraphError> {
    let blanks = blanks(text);
    if blanks.len() != parameters.len() {
        return Err(count_mismatch(place, parameters.len(), blanks.len()));
    }
    let mut filled = text.to_owned();
    for (index, blank) in blanks.iter().enumerate() {
        let parameter = parameter_of(place, blank, index, parameters)?;
        check_text(place, parameter)?;
        filled = filled.replace(&format!("{{{{{blank}}}}}"), &parameter.text);
    }
    Ok(filled)
}

/// Returns what fills a blank: by name where it has one, by place where it has a number.
fn parameter_of<'a>(
    place: &str,
    blank: &str,
    index: usize,
    parameters: &'a [Parameter],
) -> Result<&'a Parameter, GraphError> {
    let mismatch = |details: String| GraphError::of_code(132_012).details(details);
    let is_numbered = blank.bytes().all(|byte| byte.is_ascii_digit());
    let found = if is_numbered {
        parameters.get(index).filter(|parameter| parameter.name.is_none())
    } else {
        parameters.iter().find(|parameter| parameter.name.as_deref() == Some(blank))
    };
    let found = found.ok_or_else(|| mismatch(format!("{place}: there is no parameter for {blank}")))?;
    if found.kind == "text" {
        return Ok(found);
    }
    Err(mismatch(format!("{place}: expected parameter of type text, got {}", found.kind)))
}

fn check_text(place: &str, parameter: &Parameter) -> Result<(), GraphError> {
    let has_break = parameter.text.contains(['\n', '\r', '\t']);
    if has_break || parameter.text.contains(&" ".repeat(SPACE_COUNT_MAX + 1)) {
        let details =
            format!("{place}: Param text cannot have new-line/tab characters or more than 4 consecutive spaces");
        return Err(GraphError::of_code(132_018).details(details));
    }
    Ok(())
}

fn count_mismatch(place: &str, given: usize, expected: usize) -> GraphError {
    GraphError::of_code(132_000).details(format!(
        "{place}: number of localizable_params ({given}) does not match the expected number of params ({expected})"
    ))
}

/// Returns the names of the blanks, each once, in order.
fn blanks(text: &str) -> Vec<&str> {
    let mut seen = HashSet::new();
    let names = text.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0));
    names.filter(|name| seen.insert(*name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: Option<&str>, text: &str) -> Parameter {
        Parameter { kind: "text".to_owned(), name: name.map(str::to_owned), text: text.to_owned() }
    }

    fn body(parameters: &[Parameter]) -> Filling {
        Filling { body: parameters.to_vec(), ..Filling::default() }
    }

    fn code_of(form: &TemplateForm, filling: &Filling) -> Option<u32> {
        form.fill(filling).err().map(|error| error.code)
    }

    #[test]
    fn numbered_and_named_blanks_are_filled() {
        let numbered = TemplateForm::of_body("Only {{2}} of {{1}} left, {{1}}!");
        let named = TemplateForm::of_body("Only {{count}} of {{item}} left");

        let filled = numbered.fill(&body(&[text(None, "3"), text(None, "milk")])).unwrap();
        assert_eq!(filled.text, "Only 3 of milk left, milk!");
        let filled = named.fill(&body(&[text(Some("item"), "milk"), text(Some("count"), "3")])).unwrap();
        assert_eq!(filled.text, "Only 3 of milk left");
        assert_eq!(code_of(&numbered, &body(&[text(None, "3")])), Some(132_000));
        assert_eq!(code_of(&numbered, &body(&[text(Some("a"), "3"), text(Some("b"), "x")])), Some(132_012));
        assert_eq!(code_of(&named, &body(&[text(None, "milk"), text(None, "3")])), Some(132_012));
        assert_eq!(code_of(&TemplateForm::of_body("hi"), &body(&[text(None, "3")])), Some(132_000));
    }

    #[test]
    fn what_fills_a_blank_has_no_breaks_and_few_spaces() {
        let form = TemplateForm::of_body("Left: {{1}}.");

        assert_eq!(code_of(&form, &body(&[text(None, "a\nb")])), Some(132_018));
        assert_eq!(code_of(&form, &body(&[text(None, "a     b")])), Some(132_018));
        assert_eq!(code_of(&form, &body(&[text(None, "a    b")])), None);
        assert_eq!(code_of(&form, &body(&[text(None, &"x".repeat(1_016))])), None);
        assert_eq!(code_of(&form, &body(&[text(None, &"x".repeat(1_018))])), Some(132_005));
    }

    #[test]
    fn a_code_stands_in_body_and_button_and_is_short() {
        let form = TemplateForm::one_time_code();
        let code = |in_body: &str, in_button: &str| Filling {
            body: vec![text(None, in_body)],
            buttons: vec![ButtonFilling { index: 0, sub_type: "url".to_owned(), parameter: text(None, in_button) }],
            ..Filling::default()
        };

        assert_eq!(code_of(&form, &code("483920", "483920")), None);
        assert_eq!(code_of(&form, &code("483920", "483921")), Some(131_009));
        assert_eq!(code_of(&form, &code(&"1".repeat(15), &"1".repeat(15))), None);
        assert_eq!(code_of(&form, &code(&"1".repeat(16), &"1".repeat(16))), Some(131_009));
        assert_eq!(code_of(&form, &body(&[text(None, "483920")])), Some(131_008));
    }
}
