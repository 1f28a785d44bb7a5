//! The number: its fields, and the address of its webhooks (sections 9.1 and 9.4).

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::account::Facts;
use super::error::Refusal;
use super::request::Call;
use super::{Answer, access, callback};
use crate::meta_sim::world::World;

const MANAGEMENT: &str = "whatsapp_business_management";

const DEFAULT_FIELDS: [&str; 4] = ["id", "display_phone_number", "verified_name", "quality_rating"];
const FIELDS: [&str; 14] = [
    "id",
    "display_phone_number",
    "verified_name",
    "quality_rating",
    "code_verification_status",
    "name_status",
    "status",
    "platform_type",
    "throughput",
    "account_mode",
    "webhook_configuration",
    "health_status",
    "whatsapp_business_manager_messaging_limit",
    "is_on_biz_app",
];

/// `GET /{phone-number-id}`.
pub(super) fn fields(world: &World, call: &Call) -> Answer {
    visible(world, call)?;
    let names = call.fields(&FIELDS, &DEFAULT_FIELDS)?;
    Ok(world.account.read(|facts| shown(world, facts, &names)))
}

/// `POST /{phone-number-id}`: its own webhook address, or its PIN.
pub(super) async fn change(world: &Arc<World>, call: &Call) -> Answer {
    visible(world, call)?;
    call.only(&["webhook_configuration", "pin"])?;
    if let Some(pin) = call.body("pin") {
        let pin = pin.as_str().filter(|pin| is_pin(pin));
        let pin = pin.ok_or_else(|| Refusal::invalid("Param pin must be 6 digits."))?.to_owned();
        world.account.change(|facts| facts.number.pin = Some(pin));
    }
    if let Some(configuration) = call.body("webhook_configuration") {
        let text = |name: &str| configuration.get(name).and_then(Value::as_str);
        let url = text("override_callback_uri")
            .ok_or_else(|| Refusal::invalid("Param webhook_configuration['override_callback_uri'] is required."))?;
        if url.is_empty() {
            world.account.change(|facts| facts.number.callback = None);
        } else {
            callback::verify(world, url, text("verify_token")).await?;
            world.account.change(|facts| facts.number.callback = Some(url.to_owned()));
        }
        callback::redirect(world);
    }
    Ok(access::success())
}

/// Returns these fields of the number.
pub(super) fn shown(world: &World, facts: &Facts, names: &[String]) -> Value {
    let number = &facts.number;
    let mut shown = Map::new();
    for name in names.iter().map(String::as_str).chain(["id"]) {
        let value = match name {
            "display_phone_number" => json!(format!("+{}", world.number.display_phone_number)),
            "verified_name" => json!("The Backroom"),
            "quality_rating" => json!(number.quality_rating),
            "code_verification_status" => json!(number.code_verification_status),
            "name_status" => json!(number.name_status),
            "status" => json!(number.status),
            "platform_type" => json!(number.platform_type),
            "throughput" => json!({"level": number.throughput}),
            "account_mode" => json!(number.account_mode),
            "webhook_configuration" => webhook_configuration(facts),
            "health_status" => facts.health.json(world.account.ids(), true),
            "whatsapp_business_manager_messaging_limit" => json!("TIER_2K"),
            "is_on_biz_app" => json!(number.is_on_biz_app),
            _ => json!(world.number.phone_number_id),
        };
        shown.insert(name.to_owned(), value);
    }
    Value::Object(shown)
}

/// Shows every address that is set; the first of them wins.
fn webhook_configuration(facts: &Facts) -> Value {
    let mut shown = Map::new();
    let app = facts.app_subscription.as_ref().map(|subscription| &subscription.callback_url);
    let levels = [
        ("phone_number", facts.number.callback.as_ref()),
        ("whatsapp_business_account", facts.account_callback.as_ref()),
        ("application", app),
    ];
    for (level, url) in levels {
        if let Some(url) = url {
            shown.insert(level.to_owned(), json!(url));
        }
    }
    Value::Object(shown)
}

fn visible(world: &World, call: &Call) -> Result<(), Refusal> {
    access::system(world, call, Some(MANAGEMENT))?;
    if world.account.read(|facts| facts.number.is_visible) { Ok(()) } else { Err(Refusal::no_such_object(call)) }
}

/// Returns whether this is a PIN of two-step verification.
pub(super) fn is_pin(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())
}
