//! The JSON of webhooks.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::meta_sim::person::Person;

/// The business number that a webhook is about.
#[derive(Clone, Debug)]
pub(crate) struct BusinessNumber {
    pub(crate) waba_id: String,
    pub(crate) phone_number_id: String,
    pub(crate) display_phone_number: String,
}

/// What a person does.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Writes.
    Text(String),
    /// Taps a reply button.
    Button { id: String, title: String },
    /// Chooses a row of a list.
    Row { id: String, title: String },
    /// Anything else: the body under the key of its own type.
    Other { kind: String, body: Value },
}

/// What is said beside the act.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rider {
    pub(crate) quoted: Option<String>,
    pub(crate) without_phone: bool,
}

impl BusinessNumber {
    /// Returns the envelope around one value of the field `messages`.
    pub(crate) fn envelope(&self, value: &Value) -> Value {
        json!({"object": "whatsapp_business_account",
               "entry": [{"id": self.waba_id, "changes": [{"field": "messages", "value": value}]}]})
    }

    /// Returns the value of a webhook that carries one message.
    pub(crate) fn message_value(&self, person: &Person, wamid: &str, at: Timestamp, act: &Act, rider: &Rider) -> Value {
        let phone = person.phone.as_ref().filter(|_| !rider.without_phone);
        let mut message = Map::new();
        if let Some(phone) = phone {
            message.insert("from".to_owned(), json!(phone));
        }
        message.insert("from_user_id".to_owned(), json!(person.user_id));
        message.insert("id".to_owned(), json!(wamid));
        message.insert("timestamp".to_owned(), json!(at.as_second().to_string()));
        if let Some(quoted) = &rider.quoted {
            message.insert("context".to_owned(), json!({"from": self.display_phone_number, "id": quoted}));
        }
        let (kind, body) = act.wire();
        message.insert("type".to_owned(), json!(kind));
        message.insert(kind, body);
        self.value("messages", &contact(person, phone.is_some()), &Value::Object(message))
    }

    /// Returns the value of a webhook that carries one receipt.
    pub(crate) fn status_value(&self, contact: Option<&Value>, status: &Value) -> Value {
        self.value("statuses", contact.unwrap_or(&Value::Null), status)
    }

    fn value(&self, list: &str, contact: &Value, item: &Value) -> Value {
        let mut value = json!({"messaging_product": "whatsapp",
            "metadata": {"display_phone_number": self.display_phone_number, "phone_number_id": self.phone_number_id}});
        if !contact.is_null() {
            value["contacts"] = json!([contact]);
        }
        value[list] = json!([item]);
        value
    }
}

/// Returns a person as webhooks name them.
pub(crate) fn contact(person: &Person, with_phone: bool) -> Value {
    let mut contact = json!({"profile": {"name": person.name}});
    if let Some(phone) = person.phone.as_ref().filter(|_| with_phone) {
        contact["wa_id"] = json!(phone);
    }
    contact["user_id"] = json!(person.user_id);
    contact
}

impl Act {
    fn wire(&self) -> (String, Value) {
        match self {
            Act::Text(body) => ("text".to_owned(), json!({"body": body})),
            Act::Button { id, title } => {
                ("interactive".to_owned(), json!({"type": "button_reply", "button_reply": {"id": id, "title": title}}))
            }
            Act::Row { id, title } => {
                ("interactive".to_owned(), json!({"type": "list_reply", "list_reply": {"id": id, "title": title}}))
            }
            Act::Other { kind, body } => (kind.clone(), body.clone()),
        }
    }

    /// Returns what the bubble shows.
    pub(crate) fn shown(&self) -> String {
        match self {
            Act::Text(body) => body.clone(),
            Act::Button { title, .. } | Act::Row { title, .. } => title.clone(),
            Act::Other { kind, .. } => format!("[{kind}]"),
        }
    }
}
