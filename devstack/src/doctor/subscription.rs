//! Who gets the webhooks, and where: the account's subscription, the address that wins, the app's fields (section 9.4).

use serde_json::Value;
use url::Url;

use super::graph::{As, Failure, Graph};
use super::report::Chart;
use super::subject::Subject;
use super::token::TokenFacts;

/// Fields of the app's webhook: `messages` is the one without which nothing comes, the others tell the operator what
/// happens to the account (section 3.2).
pub const FIELDS: [&str; 13] = [
    "messages",
    "account_update",
    "account_alerts",
    "account_review_update",
    "business_capability_update",
    "phone_number_quality_update",
    "phone_number_name_update",
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
    "security",
    "user_preferences",
];

const CONNECT: &str = "`backroom connect --url https://your.host/webhook/whatsapp` sets it.";

/// The account's subscription, as Meta has it.
#[derive(Clone, Debug, Default)]
pub struct AccountSubscription {
    /// Ids of the apps that get the account's webhooks.
    pub app_ids: Vec<String>,
    /// The address that wins over our app's own, if there is one.
    pub callback: Option<String>,
}

/// The app's webhook, as Meta has it.
#[derive(Clone, Debug)]
pub struct AppWebhook {
    /// Where it goes.
    pub callback_url: String,
    /// Which fields it gets.
    pub fields: Vec<String>,
}

impl AccountSubscription {
    /// Returns whether this app gets the account's webhooks; of an app that is not known: whether any does.
    pub fn contains(&self, app_id: Option<&str>) -> bool {
        match app_id {
            Some(app_id) => self.app_ids.iter().any(|id| id == app_id),
            None => !self.app_ids.is_empty(),
        }
    }
}

/// Reads who gets an account's webhooks.
pub async fn of_account(graph: &Graph, waba_id: &str, app_id: Option<&str>) -> Result<AccountSubscription, Failure> {
    let answer = graph.get(As::SystemUser, &format!("{waba_id}/subscribed_apps"), &[]).await?;
    let entries = answer["data"].as_array().cloned().unwrap_or_default();
    let id_of = |entry: &Value| entry["whatsapp_business_api_data"]["id"].as_str().map(str::to_owned);
    let ours = entries.iter().find(|entry| app_id.is_none() || id_of(entry).as_deref() == app_id);
    let callback = ours.and_then(|entry| entry["override_callback_uri"].as_str()).map(str::to_owned);
    Ok(AccountSubscription { app_ids: entries.iter().filter_map(id_of).collect(), callback })
}

/// Reads the app's own webhook; `None` when it has none.
pub async fn of_app(graph: &Graph, app_id: &str, app_token: &str) -> Result<Option<AppWebhook>, Failure> {
    let answer = graph.get(As::App(app_token), &format!("{app_id}/subscriptions"), &[]).await?;
    let mut entries = answer["data"].as_array().into_iter().flatten();
    let ours = entries.find(|entry| entry["object"] == "whatsapp_business_account" && entry["active"] != false);
    Ok(ours.map(|entry| AppWebhook {
        callback_url: entry["callback_url"].as_str().unwrap_or_default().to_owned(),
        // Either a list of names or of objects with a name.
        fields: entry["fields"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|field| field.as_str().or_else(|| field["name"].as_str()).map(str::to_owned))
            .collect(),
    }))
}

/// Returns whether two addresses are the same to Meta.
pub fn is_same(url: &Url, other: &str) -> bool {
    Url::parse(other).is_ok_and(|other| other == *url)
}

/// Checks subscription, address and fields.
pub(super) async fn check(
    chart: &mut Chart,
    graph: &Graph,
    subject: &Subject,
    token: &TokenFacts,
    number: Option<&Value>,
) {
    if !token.works {
        chart.skip("subscription.account", "there is no access token that works", "Mend the token first.");
        return;
    }
    let account = check_account(chart, graph, token).await;
    let app = check_fields(chart, graph, token).await;
    check_callback(chart, subject, number, account.as_ref(), app.as_ref());
}

async fn check_account(chart: &mut Chart, graph: &Graph, token: &TokenFacts) -> Option<AccountSubscription> {
    let Some(waba_id) = &token.waba_id else {
        let remedy = "Set WHATSAPP_BUSINESS_ACCOUNT_ID: WhatsApp, API setup shows it beside the phone number id.";
        chart.skip("subscription.account", "the account is not known", remedy);
        return None;
    };
    let app_id = token.app_id.as_deref();
    let subscription = match of_account(graph, waba_id, app_id).await {
        Ok(subscription) => subscription,
        Err(failure) => {
            chart.fail("subscription.account", failure.words(), failure.remedy());
            return None;
        }
    };
    let name = app_id.map_or_else(|| "an app".to_owned(), |id| format!("app {id}"));
    if subscription.contains(app_id) {
        chart.pass("subscription.account", format!("{name} gets the webhooks of account {waba_id}"));
    } else {
        let others = if subscription.app_ids.is_empty() {
            "no app is subscribed".to_owned()
        } else {
            format!("only {} is", subscription.app_ids.join(", "))
        };
        chart.fail(
            "subscription.account",
            format!("{name} is not subscribed to account {waba_id}: {others}"),
            format!("Verification works, the Test button works, and real messages never arrive until it is. {CONNECT}"),
        );
    }
    Some(subscription)
}

async fn check_fields(chart: &mut Chart, graph: &Graph, token: &TokenFacts) -> Option<AppWebhook> {
    let (Some(app_id), Some(app_token)) = (&token.app_id, &token.app_token) else {
        chart.skip(
            "subscription.fields",
            "the app's own webhook can be read with app id and app secret alone",
            "Set WHATSAPP_APP_ID and WHATSAPP_APP_SECRET, or look: WhatsApp, Configuration, Webhook fields must have `messages`.",
        );
        return None;
    };
    let webhook = match of_app(graph, app_id, app_token).await {
        Ok(Some(webhook)) => webhook,
        Ok(None) => {
            let found = format!("app {app_id} has no webhook for WhatsApp accounts");
            chart.fail("subscription.fields", found, format!("The field `messages` must be subscribed. {CONNECT}"));
            return None;
        }
        Err(failure) => {
            chart.fail("subscription.fields", failure.words(), failure.remedy());
            return None;
        }
    };
    let missing: Vec<&str> =
        FIELDS.into_iter().filter(|field| !webhook.fields.iter().any(|subscribed| subscribed == field)).collect();
    if missing.contains(&"messages") {
        let found = "the app is not subscribed to the field `messages`: nothing people write arrives";
        chart.fail("subscription.fields", found, CONNECT);
    } else if missing.is_empty() {
        chart
            .pass("subscription.fields", "the app is subscribed to messages and to everything an operator should hear");
    } else {
        let found = format!("the app is not subscribed to {}", missing.join(", "));
        chart.warn("subscription.fields", found, format!("`backroom events` will not hear of these. {CONNECT}"));
    }
    Some(webhook)
}

/// The number's address wins over the account's, and that over the app's.
fn check_callback(
    chart: &mut Chart,
    subject: &Subject,
    number: Option<&Value>,
    account: Option<&AccountSubscription>,
    app: Option<&AppWebhook>,
) {
    let configured = |level: &str| number.and_then(|number| number["webhook_configuration"][level].as_str());
    let of_account = configured("whatsapp_business_account").or_else(|| account?.callback.as_deref());
    let of_app = configured("application").or_else(|| app.map(|app| app.callback_url.as_str()));
    let levels = [("number", configured("phone_number")), ("account", of_account), ("app", of_app)];
    let winner = levels.into_iter().find_map(|(level, url)| Some((level, url?)));
    match (winner, &subject.public_url) {
        (None, _) if number.is_none() && account.is_none() => {
            chart.skip(
                "subscription.callback",
                "neither number nor account can be read",
                "Mend what failed above first.",
            );
        }
        (None, _) => chart.fail("subscription.callback", "Meta knows no address for the webhooks", CONNECT),
        (Some((level, url)), None) => chart.skip(
            "subscription.callback",
            format!("webhooks go to the address of the {level}, {url}"),
            "Give ours with --url or PUBLIC_URL to compare.",
        ),
        (Some((level, url)), Some(ours)) if is_same(ours, url) => {
            chart.pass("subscription.callback", format!("webhooks go to {url} (the address of the {level})"));
        }
        (Some((level, url)), Some(_)) => {
            let further = if level == "number" {
                " An address of the number wins over all others: take it back with POST /{phone-number-id} and an empty \
                 webhook_configuration.override_callback_uri."
            } else {
                ""
            };
            chart.fail(
                "subscription.callback",
                format!("webhooks go to {url} (the address of the {level}), not to ours"),
                format!("{CONNECT}{further}"),
            );
        }
    }
}
