//! The WhatsApp business account: its fields, numbers and templates.

use serde_json::{Map, Value, json};

use super::request::Call;
use super::{Answer, access, number};
use crate::meta_sim::world::World;

const MANAGEMENT: &str = "whatsapp_business_management";

const DEFAULT_FIELDS: [&str; 4] = ["id", "name", "timezone_id", "message_template_namespace"];
const FIELDS: [&str; 9] = [
    "id",
    "name",
    "timezone_id",
    "message_template_namespace",
    "account_review_status",
    "business_verification_status",
    "ownership_type",
    "health_status",
    "currency",
];
const NUMBER_FIELDS: [&str; 8] = [
    "id",
    "display_phone_number",
    "verified_name",
    "quality_rating",
    "code_verification_status",
    "platform_type",
    "throughput",
    "status",
];
const TEMPLATE_FIELDS: [&str; 7] = ["id", "name", "language", "status", "category", "quality_score", "rejected_reason"];

/// `GET /{waba-id}`.
pub(super) fn fields(world: &World, call: &Call) -> Answer {
    access::system(world, call, Some(MANAGEMENT))?;
    let names = call.fields(&FIELDS, &DEFAULT_FIELDS)?;
    let mut shown = Map::new();
    for name in names.iter().map(String::as_str).chain(["id"]) {
        let value = match name {
            "name" => json!("The Backroom"),
            "timezone_id" => json!("1"),
            "message_template_namespace" => json!("b7f0c8de_0000_4000_8000_000000000001"),
            "account_review_status" => json!("APPROVED"),
            "business_verification_status" => json!("verified"),
            "ownership_type" => json!("SELF"),
            "health_status" => world.account.read(|facts| facts.health.json(world.account.ids(), false)),
            "currency" => json!("USD"),
            _ => json!(world.account.ids().waba_id),
        };
        shown.insert(name.to_owned(), value);
    }
    Ok(Value::Object(shown))
}

/// `GET /{waba-id}/phone_numbers`.
pub(super) fn phone_numbers(world: &World, call: &Call) -> Answer {
    access::system(world, call, Some(MANAGEMENT))?;
    let names = call.fields(&NUMBER_FIELDS, &NUMBER_FIELDS)?;
    Ok(world.account.read(|facts| {
        let numbers: Vec<Value> =
            facts.number.is_visible.then(|| number::shown(world, facts, &names)).into_iter().collect();
        page(&numbers)
    }))
}

/// `GET /{waba-id}/message_templates`: those whose name holds `name`.
pub(super) fn message_templates(world: &World, call: &Call) -> Answer {
    access::system(world, call, Some(MANAGEMENT))?;
    let names = call.fields(&TEMPLATE_FIELDS, &TEMPLATE_FIELDS)?;
    let wanted = call.query.get("name").map(String::as_str).unwrap_or_default();
    let templates: Vec<Value> = world.account.read(|facts| {
        let found = facts.templates.iter().filter(|template| template.name.contains(wanted));
        found
            .map(|template| {
                let mut whole = json!(template);
                whole["quality_score"] = json!({"score": "UNKNOWN"});
                whole["rejected_reason"] = json!(if template.status == "REJECTED" { "INVALID_FORMAT" } else { "NONE" });
                names.iter().map(|name| (name.clone(), whole[name].clone())).collect::<Map<_, _>>().into()
            })
            .collect()
    });
    Ok(page(&templates))
}

/// Returns a list as Graph wraps it; everything fits on one page here.
pub(super) fn page(items: &[Value]) -> Value {
    if items.is_empty() {
        return json!({"data": []});
    }
    json!({"data": items, "paging": {"cursors": {"before": "QVFIU", "after": "QVFIV"}}})
}
