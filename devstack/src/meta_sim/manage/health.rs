//! `health_status`: who may send, what is wrong and Meta's remedy (section 9.2).

use serde_json::{Value, json};

use super::account::Ids;
use super::ailment::Entity;

/// What is wrong with whom.
#[derive(Clone, Debug, Default)]
pub(super) struct Health {
    pub(super) complaints: Vec<Complaint>,
}

#[derive(Clone, Debug)]
pub(super) struct Complaint {
    pub(super) entity: Entity,
    pub(super) can_send_message: String,
    pub(super) code: u32,
    pub(super) description: String,
    pub(super) possible_solution: String,
}

impl Health {
    /// Returns it as a field of the number (`is_number`) or of the account.
    pub(super) fn json(&self, ids: &Ids, is_number: bool) -> Value {
        let number = is_number.then_some((Entity::PhoneNumber, &ids.phone_number_id));
        let others = [(Entity::Waba, &ids.waba_id), (Entity::Business, &ids.business_id), (Entity::App, &ids.app_id)];
        let entities: Vec<Value> =
            number.into_iter().chain(others).map(|(entity, id)| self.entity(entity, id)).collect();
        let worst = ["BLOCKED", "LIMITED"]
            .into_iter()
            .find(|word| entities.iter().any(|entity| entity["can_send_message"] == *word))
            .unwrap_or("AVAILABLE");
        json!({"can_send_message": worst, "entities": entities})
    }

    fn entity(&self, entity: Entity, id: &str) -> Value {
        let complaints: Vec<&Complaint> =
            self.complaints.iter().filter(|complaint| complaint.entity == entity).collect();
        let mut shown = json!({"entity_type": entity.word(), "id": id, "can_send_message": "AVAILABLE"});
        if let Some(first) = complaints.first() {
            shown["can_send_message"] = json!(first.can_send_message);
            let errors = complaints.iter().map(|complaint| {
                json!({"error_code": complaint.code, "error_description": complaint.description,
                       "possible_solution": complaint.possible_solution})
            });
            shown["errors"] = errors.collect();
        }
        shown
    }
}
