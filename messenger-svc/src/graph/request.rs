//! The body of a send, as `POST /{version}/{phone-number-id}/messages` takes it.

use serde::Serialize;
use uuid::Uuid;

use super::Outgoing;
use crate::domain::content::{Button, Content};
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
}

#[derive(Serialize)]
struct Text<'a> {
    body: &'a str,
    preview_url: bool,
}

#[derive(Serialize)]
struct Interactive<'a> {
    r#type: &'static str,
    body: InteractiveBody<'a>,
    action: Action<'a>,
}

#[derive(Serialize)]
struct InteractiveBody<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Action<'a> {
    buttons: Vec<ReplyButton<'a>>,
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
            kind: Kind::from(&message.content),
        }
    }
}

impl<'a> From<&'a Content> for Kind<'a> {
    fn from(content: &'a Content) -> Self {
        match content {
            Content::Text { body } => Self::Text { text: Text { body, preview_url: false } },
            Content::ReplyButtons { body, buttons } => Self::Interactive {
                interactive: Interactive {
                    r#type: "button",
                    body: InteractiveBody { text: body },
                    action: Action { buttons: buttons.iter().map(ReplyButton::from).collect() },
                },
            },
        }
    }
}

impl<'a> From<&'a Button> for ReplyButton<'a> {
    fn from(button: &'a Button) -> Self {
        Self { r#type: "reply", reply: Reply { id: &button.id, title: &button.title } }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::recipient::{Phone, Recipient, UserId};

    fn outgoing(recipient: Recipient, content: Content, quoted: Option<&str>) -> Outgoing {
        Outgoing {
            id: Uuid::nil(),
            phone_number_id: "100200300".to_owned(),
            recipient,
            content,
            quoted_message_id: quoted.map(str::to_owned),
        }
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
}
