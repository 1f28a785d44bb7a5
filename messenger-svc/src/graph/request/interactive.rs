//! Buttons and lists.

use serde::Serialize;

use crate::domain::content::{Button, ChoiceList};

/// A text with something to tap.
#[derive(Serialize)]
pub(super) struct Interactive<'a> {
    r#type: &'static str,
    body: Body<'a>,
    action: Action<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Action<'a> {
    Buttons { buttons: Vec<ReplyButton<'a>> },
    List { button: &'a str, sections: Vec<Section<'a>> },
}

#[derive(Serialize)]
struct ReplyButton<'a> {
    r#type: &'static str,
    reply: Reply<'a>,
}

#[derive(Serialize)]
struct Reply<'a> {
    id: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct Section<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'a str,
    rows: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
}

impl<'a> Interactive<'a> {
    pub(super) fn buttons(body: &'a str, buttons: &'a [Button]) -> Self {
        let buttons = buttons
            .iter()
            .map(|button| ReplyButton { r#type: "reply", reply: Reply { id: &button.id, title: &button.title } })
            .collect();
        Self { r#type: "button", body: Body { text: body }, action: Action::Buttons { buttons } }
    }

    pub(super) fn list(list: &'a ChoiceList) -> Self {
        let sections = list.sections.iter().map(|section| Section {
            title: &section.title,
            rows: section
                .rows
                .iter()
                .map(|row| Row { id: &row.id, title: &row.title, description: &row.description })
                .collect(),
        });
        Self {
            r#type: "list",
            body: Body { text: &list.body },
            action: Action::List { button: &list.button_title, sections: sections.collect() },
        }
    }
}
