//! The JSON of webhooks.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::act::{Act, Rider};
use crate::meta_sim::person::Person;

/// The business number that a webhook is about.
#[derive(Clone, Debug)]
pub(crate) struct BusinessNumber {
    pub(crate) waba_id: String,
    pub(crate) phone_number_id: String,
    pub(crate) display_phone_number: String,
}

impl BusinessNumber {
    /// Returns the envelope around one value of the field `messages`.
    pub(crate) fn envelope(&self, value: &Value) -> Value {
        json!({"object": "whatsapp_business_account",
               "entry": [{"id": self.waba_id, "changes": [{"field": "messages", "value": value}]}]})
    }

    /// Returns the value of a webhook that carries one message.
    pub(crate) fn message_value(
        &self,
        person: &Person,
        wamid: &str,
        at: Timestamp,
        with_phone: bool,
        act: &Act,
        rider: &Rider,
    ) -> Value {
        let phone = person.phone.as_ref().filter(|_| with_phone);
        let mut message = Map::new();
        if let Some(phone) = phone {
            message.insert("from".to_owned(), json!(phone));
        }
        message.insert("from_user_id".to_owned(), json!(person.user_id));
        message.insert("id".to_owned(), json!(wamid));
        message.insert("timestamp".to_owned(), json!(at.as_second().to_string()));
        if let Some(context) = rider.context(&self.display_phone_number) {
            message.insert("context".to_owned(), context);
        }
        if let Some(referral) = &rider.referral {
            message.insert("referral".to_owned(), referral.clone());
        }
        if let Some(group_id) = &rider.group_id {
            message.insert("group_id".to_owned(), json!(group_id));
        }
        act.write(&mut message);
        self.value("messages", &contact(person, phone.is_some()), &Value::Object(message))
    }

    /// Returns the value of a webhook that carries one receipt.
    pub(crate) fn status_value(&self, contact: &Value, status: &Value) -> Value {
        self.value("statuses", contact, status)
    }

    /// Returns a value with one item in a list of this name; a contact that is null is left out.
    pub(crate) fn value(&self, list: &str, contact: &Value, item: &Value) -> Value {
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
