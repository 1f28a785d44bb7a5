//! Templates.

use serde::Serialize;

use crate::domain::content::{self, ButtonValue};

/// A text that Meta approved, with its blanks filled.
#[derive(Serialize)]
pub(super) struct Template<'a> {
    name: &'a str,
    language: Language<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<Component<'a>>,
}

#[derive(Serialize)]
struct Language<'a> {
    code: &'a str,
}

#[derive(Serialize)]
struct Component<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_type: Option<&'static str>,
    // A number in words, as Meta has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<String>,
    parameters: Vec<Parameter<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Parameter<'a> {
    Text {
        #[serde(skip_serializing_if = "Option::is_none")]
        parameter_name: Option<&'a str>,
        text: &'a str,
    },
    Payload {
        payload: &'a str,
    },
}

impl<'a> From<&'a content::Template> for Template<'a> {
    fn from(template: &'a content::Template) -> Self {
        let texts = [("header", &template.header), ("body", &template.body)]
            .into_iter()
            .filter(|(_, parameters)| !parameters.is_empty())
            .map(|(r#type, parameters)| Component {
                r#type,
                sub_type: None,
                index: None,
                parameters: parameters
                    .iter()
                    .map(|parameter| Parameter::Text {
                        parameter_name: parameter.name.as_deref(),
                        text: &parameter.text,
                    })
                    .collect(),
            });
        let buttons = template.buttons.iter().map(|button| {
            let (sub_type, parameter) = match &button.value {
                ButtonValue::UrlSuffix(text) => ("url", Parameter::Text { parameter_name: None, text }),
                ButtonValue::Payload(payload) => ("quick_reply", Parameter::Payload { payload }),
            };
            Component {
                r#type: "button",
                sub_type: Some(sub_type),
                index: Some(button.index.to_string()),
                parameters: vec![parameter],
            }
        });
        Self {
            name: &template.name,
            language: Language { code: &template.language },
            components: texts.chain(buttons).collect(),
        }
    }
}
