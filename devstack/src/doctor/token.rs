//! The access token: whose, for what, until when (section 9.3).

use jiff::{SignedDuration, Timestamp};
use platform::clock::Clock;
use serde_json::Value;

use super::graph::{As, Failure, Graph};
use super::report::Chart;
use super::subject::Subject;

/// What messages and everything else need.
const SCOPES: [&str; 2] = ["whatsapp_business_messaging", "whatsapp_business_management"];

const NEW_TOKEN: &str = "Business settings, System users: generate a token that never expires, with \
                         whatsapp_business_messaging and whatsapp_business_management, and put it into \
                         WHATSAPP_ACCESS_TOKEN or its file.";

/// What later checks have to know.
#[derive(Clone, Debug, Default)]
pub struct TokenFacts {
    /// Whether calls with it make sense at all.
    pub works: bool,
    /// The app: as given, else the one that the token was made for.
    pub app_id: Option<String>,
    /// The app's own token, when Meta takes a secret of ours.
    pub app_token: Option<String>,
    /// The account: as given, else the one that the token is for.
    pub waba_id: Option<String>,
}

/// What Meta says when it is asked about the token.
struct Asked {
    data: Value,
    app_token: Option<String>,
    /// Why the app's own token did not serve for asking.
    app_failure: Option<Failure>,
}

/// Reads facts and makes no report, for commands that are about something else.
pub async fn facts(graph: &Graph, subject: &Subject) -> Result<TokenFacts, Failure> {
    let asked = ask(graph, subject).await?;
    Ok(facts_of(subject, &asked))
}

/// Checks the token.
pub async fn check(chart: &mut Chart, graph: &Graph, subject: &Subject, clock: &Clock) -> TokenFacts {
    let given =
        TokenFacts { app_id: subject.app_id.clone(), waba_id: subject.waba_id.clone(), ..TokenFacts::default() };
    if subject.access_token().is_none() {
        chart.skip("token.valid", "WHATSAPP_ACCESS_TOKEN is not set", NEW_TOKEN);
        return given;
    }
    let asked = match ask(graph, subject).await {
        Ok(asked) => asked,
        Err(failure) => {
            chart.fail("token.valid", failure.words(), failure.remedy());
            return given;
        }
    };
    let facts = facts_of(subject, &asked);
    check_valid(chart, &asked.data);
    check_expiry(chart, &asked.data, clock.now());
    check_app(chart, subject, &asked);
    check_scopes(chart, &asked.data);
    check_account(chart, subject, &asked.data, facts.waba_id.as_deref());
    check_kind(chart, &asked.data);
    facts
}

/// Asks as the app where that is possible: it is told more about a token that no longer works.
async fn ask(graph: &Graph, subject: &Subject) -> Result<Asked, Failure> {
    let input = [("input_token", subject.access_token().unwrap_or_default())];
    let mut app_failure = None;
    if let Some(app_id) = &subject.app_id {
        match ask_as_app(graph, subject, app_id).await {
            Ok((data, app_token)) => return Ok(Asked { data, app_token: Some(app_token), app_failure: None }),
            Err(failure) => app_failure = failure,
        }
    }
    let data = graph.get(As::SystemUser, "debug_token", &input).await?["data"].take();
    let mut app_token = None;
    if let (None, Some(app_id)) = (&subject.app_id, data["app_id"].as_str()) {
        match ask_as_app(graph, subject, app_id).await {
            Ok((_, token)) => app_token = Some(token),
            Err(failure) => app_failure = failure,
        }
    }
    Ok(Asked { data, app_token, app_failure })
}

/// Tries every app secret; the failure is that of the last, `None` when there is no secret.
async fn ask_as_app(graph: &Graph, subject: &Subject, app_id: &str) -> Result<(Value, String), Option<Failure>> {
    let input = [("input_token", subject.access_token().unwrap_or_default())];
    let mut last = None;
    for secret in subject.app_secrets() {
        let app_token = format!("{app_id}|{secret}");
        match graph.get(As::App(&app_token), "debug_token", &input).await {
            Ok(mut answer) => return Ok((answer["data"].take(), app_token)),
            Err(failure) => last = Some(failure),
        }
    }
    Err(last)
}

fn facts_of(subject: &Subject, asked: &Asked) -> TokenFacts {
    let derived_app = || asked.data["app_id"].as_str().map(str::to_owned);
    let targets = targets(&asked.data);
    let derived_waba = || if let [only] = targets.as_slice() { Some(only.clone()) } else { None };
    TokenFacts {
        works: asked.data["is_valid"] == true,
        app_id: subject.app_id.clone().or_else(derived_app),
        app_token: asked.app_token.clone(),
        waba_id: subject.waba_id.clone().or_else(derived_waba),
    }
}

fn check_valid(chart: &mut Chart, data: &Value) {
    if data["is_valid"] == true {
        chart.pass("token.valid", "Meta takes the access token");
        return;
    }
    let why = data["error"]["message"].as_str().unwrap_or("Meta does not say why");
    chart.fail("token.valid", format!("the access token is not valid: {why}"), NEW_TOKEN);
}

fn check_expiry(chart: &mut Chart, data: &Value, now: Timestamp) {
    let expires_at = data["expires_at"].as_i64().unwrap_or_default();
    if expires_at == 0 {
        if data["is_valid"] == true {
            chart.pass("token.expiry", "it never expires");
        }
        return;
    }
    let Ok(expires_at) = Timestamp::from_second(expires_at) else { return };
    let left = expires_at.duration_since(now);
    if left.is_negative() || left.is_zero() {
        chart.fail("token.expiry", format!("it expired at {expires_at:.0}"), NEW_TOKEN);
    } else if left < SignedDuration::from_hours(48) {
        let found = format!("it is temporary and expires in {} hours, at {expires_at:.0}", left.as_hours());
        let remedy =
            format!("This is the dashboard's token: the usual reason why it \"worked yesterday\". {NEW_TOKEN}");
        chart.warn("token.expiry", found, remedy);
    } else {
        chart.warn("token.expiry", format!("it expires at {expires_at:.0}"), NEW_TOKEN);
    }
}

fn check_app(chart: &mut Chart, subject: &Subject, asked: &Asked) {
    let made_for = asked.data["app_id"].as_str();
    let is_other = matches!((&subject.app_id, made_for), (Some(ours), Some(other)) if ours != other);
    if is_other {
        chart.fail(
            "token.app",
            format!("it was made for app {}, not for WHATSAPP_APP_ID", made_for.unwrap_or_default()),
            "Webhooks are signed with the secret of the app that is subscribed: generate the token for that app, or set \
             WHATSAPP_APP_ID and WHATSAPP_APP_SECRET to those of the token's app.",
        );
    } else if let Some(app_id) = made_for {
        chart.pass("token.app", format!("it was made for app {app_id}"));
    }
    if asked.app_token.is_some() {
        chart.pass("token.app_secret", "WHATSAPP_APP_SECRET is that of the app");
    } else if subject.app_secrets().is_empty() {
        chart.skip(
            "token.app_secret",
            "WHATSAPP_APP_SECRET is not set",
            "App dashboard, App settings, Basic, App secret.",
        );
    } else if let Some(failure) = asked.app_failure.as_ref().filter(|failure| failure.code() != Some(100)) {
        chart.fail(
            "token.app_secret",
            format!("Meta does not take WHATSAPP_APP_SECRET for this app: {}", failure.words()),
            "Signatures would never match. App dashboard, App settings, Basic, App secret: copy it again, and compare \
             WHATSAPP_APP_ID with the app id on the same page.",
        );
    }
}

fn check_scopes(chart: &mut Chart, data: &Value) {
    let granted: Vec<&str> = data["scopes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let missing: Vec<&str> = SCOPES.into_iter().filter(|scope| !granted.contains(scope)).collect();
    if missing.is_empty() {
        chart.pass("token.scopes", format!("it has {}", SCOPES.join(" and ")));
    } else {
        chart.fail("token.scopes", format!("it has no {}", missing.join(" and no ")), NEW_TOKEN);
    }
}

fn check_account(chart: &mut Chart, subject: &Subject, data: &Value, waba_id: Option<&str>) {
    let targets = targets(data);
    let Some(waba_id) = waba_id else {
        let found = format!("it is for {} accounts, and WHATSAPP_BUSINESS_ACCOUNT_ID is not set", targets.len());
        chart.warn("token.account", found, "Set it: WhatsApp, API setup shows it beside the phone number id.");
        return;
    };
    if targets.is_empty() {
        chart.pass("token.account", "it is for every account of its user");
    } else if targets.iter().any(|target| target == waba_id) {
        let how = if subject.waba_id.is_some() { "" } else { ", the only one it is for" };
        chart.pass("token.account", format!("it is for account {waba_id}{how}"));
    } else {
        chart.fail(
            "token.account",
            format!("it is not for account {waba_id} but for {}", targets.join(", ")),
            "Business settings, System users, Assign assets: this WhatsApp account with full control; then generate a new token. \
             Or WHATSAPP_BUSINESS_ACCOUNT_ID is wrong: WhatsApp, API setup shows it.",
        );
    }
}

fn check_kind(chart: &mut Chart, data: &Value) {
    match data["type"].as_str() {
        Some("SYSTEM_USER") => chart.pass("token.kind", "it is a system user's"),
        Some(kind) => chart.warn(
            "token.kind",
            format!("it is of type {kind}, not a system user's"),
            format!("It ends with that person's session, password or job. {NEW_TOKEN}"),
        ),
        None => {}
    }
}

/// Returns the accounts that the token is for; none named: all of its user's.
fn targets(data: &Value) -> Vec<String> {
    let granular = data["granular_scopes"].as_array().into_iter().flatten();
    let whatsapp = granular.filter(|scope| scope["scope"].as_str().is_some_and(|name| SCOPES.contains(&name)));
    let mut targets: Vec<String> = whatsapp
        .flat_map(|scope| scope["target_ids"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    targets.sort();
    targets.dedup();
    targets
}
