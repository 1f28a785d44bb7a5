//! Who gets webhooks, of which fields, at which address (section 9.4).

use std::sync::Arc;

use serde_json::{Value, json};

use super::account::{AppSubscription, FIELDS};
use super::error::Refusal;
use super::request::Call;
use super::{Answer, access, callback};
use crate::meta_sim::world::World;

const MANAGEMENT: &str = "whatsapp_business_management";

/// `GET /{waba-id}/subscribed_apps`.
pub(super) fn apps(world: &World, call: &Call) -> Answer {
    access::system(world, call, Some(MANAGEMENT))?;
    Ok(world.account.read(|facts| {
        if !facts.is_subscribed {
            return json!({"data": []});
        }
        let app_id = &world.account.ids().app_id;
        let app = json!({"id": app_id, "name": "The Backroom", "link": format!("https://www.facebook.com/games/?app_id={app_id}")});
        let mut entry = json!({"whatsapp_business_api_data": app});
        if let Some(url) = &facts.account_callback {
            entry["override_callback_uri"] = json!(url);
        }
        json!({"data": [entry]})
    }))
}

/// `POST /{waba-id}/subscribed_apps`: without an address it takes an earlier one back.
pub(super) async fn subscribe(world: &Arc<World>, call: &Call) -> Answer {
    access::system(world, call, Some(MANAGEMENT))?;
    call.only(&["override_callback_uri", "verify_token"])?;
    let url = call.text("override_callback_uri");
    if let Some(url) = url {
        callback::verify(world, url, call.text("verify_token")).await?;
    }
    world.account.change(|facts| {
        facts.is_subscribed = true;
        facts.account_callback = url.map(str::to_owned);
    });
    callback::redirect(world);
    Ok(access::success())
}

/// `DELETE /{waba-id}/subscribed_apps`.
pub(super) fn unsubscribe(world: &Arc<World>, call: &Call) -> Answer {
    access::system(world, call, Some(MANAGEMENT))?;
    world.account.change(|facts| {
        facts.is_subscribed = false;
        facts.account_callback = None;
    });
    callback::redirect(world);
    Ok(access::success())
}

/// `GET /{app-id}/subscriptions`.
pub(super) fn of_app(world: &World, call: &Call) -> Answer {
    access::app(world, call)?;
    Ok(world.account.read(|facts| match &facts.app_subscription {
        None => json!({"data": []}),
        Some(subscription) => {
            let fields: Vec<Value> =
                subscription.fields.iter().map(|name| json!({"name": name, "version": "v25.0"})).collect();
            json!({"data": [{"object": "whatsapp_business_account", "callback_url": subscription.callback_url,
                             "active": true, "fields": fields}]})
        }
    }))
}

/// `POST /{app-id}/subscriptions`: replaces the address and adds fields.
pub(super) async fn subscribe_app(world: &Arc<World>, call: &Call) -> Answer {
    access::app(world, call)?;
    if call.required("object")? != "whatsapp_business_account" {
        return Err(Refusal::invalid("Param object must be one of {whatsapp_business_account}."));
    }
    let wanted = fields_of(call)?;
    let url = call.required("callback_url")?;
    callback::verify(world, url, call.text("verify_token")).await?;
    world.account.change(|facts| {
        let subscription = facts
            .app_subscription
            .get_or_insert_with(|| AppSubscription { callback_url: url.to_owned(), fields: Vec::new() });
        url.clone_into(&mut subscription.callback_url);
        for field in wanted {
            if !subscription.fields.contains(&field) {
                subscription.fields.push(field);
            }
        }
    });
    callback::redirect(world);
    Ok(access::success())
}

/// Returns the fields that are asked for: a list, or names with commas between them.
fn fields_of(call: &Call) -> Result<Vec<String>, Refusal> {
    let names: Vec<String> = match call.body("fields") {
        Some(Value::Array(list)) => list.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        _ => call.required("fields")?.split(',').map(|name| name.trim().to_owned()).collect(),
    };
    match names.iter().find(|name| !FIELDS.contains(&name.as_str())) {
        Some(name) => Err(Refusal::invalid(format!("Param fields holds {name}, which is no field of the object."))),
        None if names.is_empty() => Err(Refusal::invalid("The parameter fields is required.")),
        None => Ok(names),
    }
}
