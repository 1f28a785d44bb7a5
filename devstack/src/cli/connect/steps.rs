//! What `backroom connect` does at Meta. Each step looks first, so that a repeat changes nothing.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use url::Url;

use crate::doctor::graph::{As, Failure, Graph};
use crate::doctor::number;
use crate::doctor::subscription::{self, FIELDS};
use crate::doctor::token::TokenFacts;

/// The longest address that Meta takes for an account (section 9.4).
pub(super) const URL_LENGTH_MAX: usize = 200;

/// What every step needs.
pub(super) struct Plan {
    pub(super) url: Url,
    pub(super) verify_token: String,
    pub(super) phone_number_id: String,
    pub(super) waba_id: String,
    pub(super) token: TokenFacts,
    pub(super) pin: Option<SecretString>,
    pub(super) replaces_app_callback: bool,
    pub(super) is_dry: bool,
}

/// What a step did.
pub(super) enum Outcome {
    Done(String),
    NothingToDo(String),
    Would(String),
    Left(String),
}

/// Why a step could not be done.
pub(super) struct Obstacle {
    pub(super) found: String,
    pub(super) remedy: String,
}

impl From<Failure> for Obstacle {
    fn from(failure: Failure) -> Self {
        Self { found: failure.words(), remedy: failure.remedy() }
    }
}

type Step = Result<Outcome, Obstacle>;

/// Lets the account's webhooks come to our app, at our address: the step everybody forgets.
pub(super) async fn subscribe_account(graph: &Graph, plan: &Plan) -> Step {
    let app_id = plan.token.app_id.as_deref();
    let now = subscription::of_account(graph, &plan.waba_id, app_id).await?;
    let goes_here = now.callback.as_deref().is_some_and(|url| subscription::is_same(&plan.url, url));
    let what = format!("the app gets the webhooks of account {} at {}", plan.waba_id, plan.url);
    if now.contains(app_id) && goes_here {
        return Ok(Outcome::NothingToDo(what));
    }
    if plan.is_dry {
        let before = now.callback.map(|url| format!(" in place of {url}")).unwrap_or_default();
        let what = format!("subscribe the app to account {} with the address {}{before}", plan.waba_id, plan.url);
        return Ok(Outcome::Would(what));
    }
    let body = json!({"override_callback_uri": plan.url.as_str(), "verify_token": plan.verify_token});
    graph.post(As::SystemUser, &format!("{}/subscribed_apps", plan.waba_id), &body).await?;
    Ok(Outcome::Done(what))
}

/// Subscribes the app to the fields; its own address counts for accounts that have none.
pub(super) async fn subscribe_app(graph: &Graph, plan: &Plan) -> Step {
    let (Some(app_id), Some(app_token)) = (&plan.token.app_id, &plan.token.app_token) else {
        return Ok(Outcome::Left(
            "the app's own webhook: Meta takes neither app id nor app secret. WhatsApp, Configuration: subscribe to the field \
             `messages` there"
                .to_owned(),
        ));
    };
    let now = subscription::of_app(graph, app_id, app_token).await?;
    let lacks = |field: &&str| now.as_ref().is_none_or(|webhook| !webhook.fields.iter().any(|name| name == field));
    let missing: Vec<&str> = FIELDS.into_iter().filter(lacks).collect();
    if let Some(webhook) = &now {
        let goes_here = subscription::is_same(&plan.url, &webhook.callback_url);
        if goes_here && missing.is_empty() {
            return Ok(Outcome::NothingToDo(format!("app {app_id} is subscribed to {} fields", FIELDS.len())));
        }
        if !goes_here && !plan.replaces_app_callback {
            return keep_other(&webhook.callback_url, &missing);
        }
    }
    let what = if missing.is_empty() {
        format!("set the address of app {app_id} to {}", plan.url)
    } else {
        format!("subscribe app {app_id} to {}", missing.join(", "))
    };
    if plan.is_dry {
        return Ok(Outcome::Would(what));
    }
    let body = json!({"object": "whatsapp_business_account", "callback_url": plan.url.as_str(),
                      "verify_token": plan.verify_token, "fields": FIELDS.join(",")});
    graph.post(As::App(app_token), &format!("{app_id}/subscriptions"), &body).await?;
    Ok(Outcome::Done(what))
}

/// An app has one address for all its accounts: another deployment may live by it.
fn keep_other(url: &str, missing: &[&str]) -> Step {
    if missing.contains(&"messages") {
        return Err(Obstacle {
            found: format!("the app's own webhook goes to {url} and is not subscribed to `messages`"),
            remedy:
                "Give --replace-app-callback to make it ours, or subscribe to `messages` in WhatsApp, Configuration."
                    .to_owned(),
        });
    }
    Ok(Outcome::Left(format!(
        "the app's own webhook at {url}: another deployment may need it, and the account's address wins. News of the account \
         may go there; --replace-app-callback makes it ours"
    )))
}

/// Registers the number with the Cloud API if it is not.
pub(super) async fn register_number(graph: &Graph, plan: &Plan) -> Step {
    let id = &plan.phone_number_id;
    let now = number::read(graph, id).await?;
    if number::is_registered(&now) {
        return Ok(Outcome::NothingToDo(format!("number {id} is registered")));
    }
    if now["platform_type"] == "ON_PREMISE" {
        return Err(Obstacle {
            found: format!("number {id} is registered with the old On-Premises API"),
            remedy: "Migrate it first: Meta's page \"Migrating from On-Premises\". Registering it here would cut it off there."
                .to_owned(),
        });
    }
    let Some(pin) = &plan.pin else {
        return Err(Obstacle {
            found: format!("number {id} is not registered with the Cloud API"),
            remedy: "Give --pin with six digits: the number's two-step PIN, or one of your choice when it has none. Keep it.".to_owned(),
        });
    };
    if plan.is_dry {
        return Ok(Outcome::Would(format!("register number {id} with the PIN")));
    }
    let body = json!({"messaging_product": "whatsapp", "pin": pin.expose_secret()});
    graph.post(As::SystemUser, &format!("{id}/register"), &body).await?;
    Ok(Outcome::Done(format!("number {id} is registered")))
}
