//! What is sent: wire messages become domain types.

use proto::messenger::v1 as pb;
use proto::messenger::v1::content::Kind;

use super::parse;
use crate::domain::content::{
    Button, ButtonValue, ChoiceList, Content, DOCUMENT_BYTES_MAX, Document, Parameter, Row, Section, Template,
    TemplateButton, Violation,
};
use crate::domain::message::File;

/// Reads what is sent, and the bytes of a document beside it.
pub(super) fn content(found: &mut Vec<Violation>, content: Option<pb::Content>) -> Option<(Content, Option<File>)> {
    let Some(kind) = content.and_then(|content| content.kind) else {
        found.push(Violation::new("content.kind", "must be a kind that this version knows"));
        return None;
    };
    let mut file = None;
    let content = match kind {
        Kind::Text(text) => Content::Text { body: text.body },
        Kind::ReplyButtons(message) => Content::ReplyButtons {
            body: message.body,
            buttons: message
                .buttons
                .into_iter()
                .map(|button| Button { id: button.button_id, title: button.title })
                .collect(),
        },
        Kind::ChoiceList(list) => Content::ChoiceList(choice_list(list)),
        Kind::Reaction(reaction) => {
            parse::whatsapp_id(found, "content.reaction.whatsapp_message_id", &reaction.whatsapp_message_id);
            Content::Reaction { whatsapp_id: reaction.whatsapp_message_id, emoji: reaction.emoji }
        }
        Kind::Template(wire) => Content::Template(template(found, "content.template", wire)),
        Kind::Document(document) => {
            if !(1..=DOCUMENT_BYTES_MAX).contains(&document.content.len()) {
                let rule = format!("must have 1 to {DOCUMENT_BYTES_MAX} bytes");
                found.push(Violation::new("content.document.content", rule));
            }
            let bytes = File(document.content);
            let content = Content::Document(Document {
                mime_type: document.mime_type,
                file_name: document.file_name,
                caption: document.caption,
                sha256: bytes.sha256(),
            });
            file = Some(bytes);
            content
        }
    };
    found.extend(content.violations("content"));
    Some((content, file))
}

/// Reads what is sent when the 24 hours are over.
pub(super) fn fallback(found: &mut Vec<Violation>, wire: pb::Template) -> Template {
    let template = template(found, "fallback", wire);
    template.check(found, "fallback");
    template
}

fn choice_list(list: pb::ChoiceList) -> ChoiceList {
    let row = |row: pb::ListRow| Row { id: row.row_id, title: row.title, description: row.description };
    let section =
        |section: pb::ListSection| Section { title: section.title, rows: section.rows.into_iter().map(row).collect() };
    ChoiceList {
        body: list.body,
        button_title: list.button_title,
        sections: list.sections.into_iter().map(section).collect(),
    }
}

fn template(found: &mut Vec<Violation>, path: &str, wire: pb::Template) -> Template {
    let parameter = |parameter: pb::TemplateParameter| Parameter {
        name: Some(parameter.name).filter(|name| !name.is_empty()),
        text: parameter.text,
    };
    let mut buttons = Vec::with_capacity(wire.buttons.len());
    for (i, button) in wire.buttons.into_iter().enumerate() {
        let value = match button.value {
            Some(pb::template_button::Value::UrlSuffix(text)) => ButtonValue::UrlSuffix(text),
            Some(pb::template_button::Value::Payload(text)) => ButtonValue::Payload(text),
            None => {
                let rule = "must be one of url_suffix and payload";
                found.push(Violation::new(format!("{path}.buttons[{i}].value"), rule));
                continue;
            }
        };
        // What is no place of a button is named by the check of the template.
        buttons.push(TemplateButton { index: u8::try_from(button.index).unwrap_or(u8::MAX), value });
    }
    Template {
        name: wire.name,
        language: wire.language_code,
        header: wire.header_parameters.into_iter().map(parameter).collect(),
        body: wire.body_parameters.into_iter().map(parameter).collect(),
        buttons,
    }
}
