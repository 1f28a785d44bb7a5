//! The body of a send, as `POST /{version}/{phone-number-id}/messages` takes it.

mod interactive;
mod template;

use serde::Serialize;
use uuid::Uuid;

use self::interactive::Interactive;
use self::template::Template;
use super::Outgoing;
use crate::domain::content::Content;
use crate::domain::recipient::Address;

/// The body of a send.
#[derive(Serialize)]
pub(super) struct SendBody<'a> {
    messaging_product: &'static str,
    recipient_type: &'static str,
    // The two names of a person have a field each; a user id in `to` is answered 200 and lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context<'a>>,
    biz_opaque_callback_data: Uuid,
    #[serde(flatten)]
    kind: Kind<'a>,
}

#[derive(Serialize)]
struct Context<'a> {
    message_id: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Kind<'a> {
    Text { text: Text<'a> },
    Interactive { interactive: Interactive<'a> },
    Reaction { reaction: Reaction<'a> },
    Template { template: Template<'a> },
    Document { document: Document<'a> },
}

#[derive(Serialize)]
struct Text<'a> {
    body: &'a str,
    preview_url: bool,
}

#[derive(Serialize)]
struct Reaction<'a> {
    message_id: &'a str,
    emoji: &'a str,
}

#[derive(Serialize)]
struct Document<'a> {
    id: &'a str,
    filename: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    caption: &'a str,
}

/// The body that shows a message as read.
#[derive(Serialize)]
pub(super) struct ReadBody<'a> {
    messaging_product: &'static str,
    status: &'static str,
    message_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    typing_indicator: Option<TypingIndicator>,
}

#[derive(Serialize)]
struct TypingIndicator {
    r#type: &'static str,
}

impl<'a> ReadBody<'a> {
    pub(super) fn new(whatsapp_id: &'a str, show_typing: bool) -> Self {
        Self {
            messaging_product: "whatsapp",
            status: "read",
            message_id: whatsapp_id,
            typing_indicator: show_typing.then_some(TypingIndicator { r#type: "text" }),
        }
    }
}

impl<'a> From<&'a Outgoing> for SendBody<'a> {
    fn from(message: &'a Outgoing) -> Self {
        let (to, recipient) = match message.recipient.address() {
            // Without the plus Meta may put the country code of the business number in front.
            Address::Phone(digits) => (Some(format!("+{digits}")), None),
            Address::UserId(user_id) => (None, Some(user_id)),
        };
        Self {
            messaging_product: "whatsapp",
            recipient_type: "individual",
            to,
            recipient,
            context: message.quoted_message_id.as_deref().map(|message_id| Context { message_id }),
            biz_opaque_callback_data: message.id,
            kind: Kind::new(&message.content, message.media_id.as_deref().unwrap_or_default()),
        }
    }
}

impl<'a> Kind<'a> {
    fn new(content: &'a Content, media_id: &'a str) -> Self {
        match content {
            Content::Text { body } => Self::Text { text: Text { body, preview_url: false } },
            Content::ReplyButtons { body, buttons } => {
                Self::Interactive { interactive: Interactive::buttons(body, buttons) }
            }
            Content::ChoiceList(list) => Self::Interactive { interactive: Interactive::list(list) },
            Content::Reaction { whatsapp_id, emoji } => {
                Self::Reaction { reaction: Reaction { message_id: whatsapp_id, emoji } }
            }
            Content::Template(template) => Self::Template { template: Template::from(template) },
            Content::Document(document) => Self::Document {
                document: Document { id: media_id, filename: &document.file_name, caption: &document.caption },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::content::{
        Button, ButtonValue, ChoiceList, Document, Parameter, Row, Section, Template, TemplateButton,
    };
    use crate::domain::recipient::{Phone, Recipient, UserId};

    fn outgoing(recipient: Recipient, content: Content, quoted: Option<&str>) -> Outgoing {
        Outgoing {
            id: Uuid::nil(),
            phone_number_id: "100200300".to_owned(),
            recipient,
            content,
            quoted_message_id: quoted.map(str::to_owned),
            media_id: None,
        }
    }

    fn kind(content: &Content) -> serde_json::Value {
        serde_json::to_value(Kind::new(content, "9001")).unwrap()
    }

    #[test]
    fn text_to_a_phone_number_quotes_and_carries_our_id() {
        let recipient = Recipient::new(UserId::parse("ZA.1349"), Phone::parse("27820000000")).unwrap();
        let message = outgoing(recipient, Content::Text { body: "hello".to_owned() }, Some("wamid.IN"));

        assert_eq!(
            serde_json::to_value(SendBody::from(&message)).unwrap(),
            json!({
                "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+27820000000",
                "context": {"message_id": "wamid.IN"},
                "biz_opaque_callback_data": "00000000-0000-0000-0000-000000000000",
                "type": "text", "text": {"body": "hello", "preview_url": false}
            })
        );
    }

    #[test]
    fn buttons_to_a_user_id_never_use_the_field_to() {
        let recipient = Recipient::new(UserId::parse("ZA.1349"), None).unwrap();
        let buttons = vec![Button { id: "undo:1".to_owned(), title: "Undo".to_owned() }];
        let message = outgoing(recipient, Content::ReplyButtons { body: "done".to_owned(), buttons }, None);

        assert_eq!(
            serde_json::to_value(SendBody::from(&message)).unwrap(),
            json!({
                "messaging_product": "whatsapp", "recipient_type": "individual", "recipient": "ZA.1349",
                "biz_opaque_callback_data": "00000000-0000-0000-0000-000000000000",
                "type": "interactive",
                "interactive": {
                    "type": "button", "body": {"text": "done"},
                    "action": {"buttons": [{"type": "reply", "reply": {"id": "undo:1", "title": "Undo"}}]}
                }
            })
        );
    }

    #[test]
    fn list_leaves_out_what_is_empty() {
        let row = |id: &str, description: &str| Row {
            id: id.to_owned(),
            title: id.to_uppercase(),
            description: description.to_owned(),
        };
        let list = ChoiceList {
            body: "Which?".to_owned(),
            button_title: "Choose".to_owned(),
            sections: vec![Section { title: String::new(), rows: vec![row("a", "first"), row("b", "")] }],
        };

        assert_eq!(
            kind(&Content::ChoiceList(list)),
            json!({
                "type": "interactive",
                "interactive": {
                    "type": "list", "body": {"text": "Which?"},
                    "action": {"button": "Choose", "sections": [
                        {"rows": [{"id": "a", "title": "A", "description": "first"}, {"id": "b", "title": "B"}]}]}
                }
            })
        );
    }

    #[test]
    fn reaction_and_its_removal_name_the_message() {
        for emoji in ["👍", ""] {
            let content = Content::Reaction { whatsapp_id: "wamid.IN".to_owned(), emoji: emoji.to_owned() };
            assert_eq!(
                kind(&content),
                json!({"type": "reaction", "reaction": {"message_id": "wamid.IN", "emoji": emoji}})
            );
        }
    }

    #[test]
    fn template_has_a_component_for_each_part_that_has_blanks() {
        let parameter =
            |name: Option<&str>, text: &str| Parameter { name: name.map(str::to_owned), text: text.to_owned() };
        let positional = Template {
            name: "login_code".to_owned(),
            language: "en_US".to_owned(),
            header: Vec::new(),
            body: vec![parameter(None, "483920")],
            buttons: vec![
                TemplateButton { index: 0, value: ButtonValue::UrlSuffix("483920".to_owned()) },
                TemplateButton { index: 1, value: ButtonValue::Payload("stop".to_owned()) },
            ],
        };
        assert_eq!(
            kind(&Content::Template(positional)),
            json!({"type": "template", "template": {
                "name": "login_code", "language": {"code": "en_US"},
                "components": [
                    {"type": "body", "parameters": [{"type": "text", "text": "483920"}]},
                    {"type": "button", "sub_type": "url", "index": "0",
                     "parameters": [{"type": "text", "text": "483920"}]},
                    {"type": "button", "sub_type": "quick_reply", "index": "1",
                     "parameters": [{"type": "payload", "payload": "stop"}]}]}})
        );
        let named = Template {
            name: "stock_alert".to_owned(),
            language: "en".to_owned(),
            header: vec![parameter(Some("shop"), "Corner")],
            body: Vec::new(),
            buttons: Vec::new(),
        };
        assert_eq!(
            kind(&Content::Template(named.clone())),
            json!({"type": "template", "template": {
                "name": "stock_alert", "language": {"code": "en"},
                "components": [
                    {"type": "header", "parameters": [{"type": "text", "parameter_name": "shop", "text": "Corner"}]}]}})
        );
        let bare = Template { header: Vec::new(), ..named };
        assert_eq!(
            kind(&Content::Template(bare)),
            json!({"type": "template", "template": {"name": "stock_alert", "language": {"code": "en"}}})
        );
    }

    #[test]
    fn document_is_named_by_the_id_of_its_upload() {
        let document = |caption: &str| {
            Content::Document(Document {
                mime_type: "text/plain".to_owned(),
                file_name: "stock.txt".to_owned(),
                caption: caption.to_owned(),
                sha256: String::new(),
            })
        };
        assert_eq!(
            kind(&document("Stock")),
            json!({"type": "document", "document": {"id": "9001", "filename": "stock.txt", "caption": "Stock"}})
        );
        assert_eq!(
            kind(&document("")),
            json!({"type": "document", "document": {"id": "9001", "filename": "stock.txt"}})
        );
    }

    #[test]
    fn read_tick_asks_for_typing_only_when_wanted() {
        assert_eq!(
            serde_json::to_value(ReadBody::new("wamid.IN", true)).unwrap(),
            json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN",
                   "typing_indicator": {"type": "text"}})
        );
        assert_eq!(
            serde_json::to_value(ReadBody::new("wamid.IN", false)).unwrap(),
            json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN"})
        );
    }
}
