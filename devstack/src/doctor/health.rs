//! `health_status`: Meta's own verdict and remedy (section 9.2), and what it tells of the payment method.

use serde_json::Value;

use super::graph::{As, Graph};
use super::report::Chart;
use super::token::TokenFacts;

/// Codes of `health_status` and of sends that are about money.
const PAYMENT_CODES: [i64; 3] = [141_006, 131_042, 131_044];

/// Something Meta complains about.
pub(super) struct Complaint {
    is_blocked: bool,
    found: String,
    remedy: String,
    is_about_payment: bool,
}

/// Checks every entity and returns the complaints; `None` when Meta was not asked.
pub(super) async fn check(
    chart: &mut Chart,
    graph: &Graph,
    number: Option<&Value>,
    token: &TokenFacts,
) -> Option<Vec<Complaint>> {
    if !token.works {
        chart.skip("health.number", "there is no access token that works", "Mend the token first.");
        return None;
    }
    let mut entities: Vec<Value> = number.into_iter().flat_map(entities_of).collect();
    if let Some(waba_id) = &token.waba_id {
        match graph.get(As::SystemUser, waba_id, &[("fields", "health_status")]).await {
            Ok(account) => {
                for entity in entities_of(&account) {
                    let is_known = entities
                        .iter()
                        .any(|known| known["entity_type"] == entity["entity_type"] && known["id"] == entity["id"]);
                    if !is_known {
                        entities.push(entity);
                    }
                }
            }
            Err(failure) => chart.fail("health.account", failure.words(), failure.remedy()),
        }
    }
    if entities.is_empty() {
        chart.skip(
            "health.number",
            "Meta gave no health_status",
            "WhatsApp Manager, Account overview shows it to people.",
        );
        return None;
    }
    Some(entities.iter().flat_map(|entity| judge(chart, entity)).collect())
}

fn entities_of(object: &Value) -> Vec<Value> {
    object["health_status"]["entities"].as_array().cloned().unwrap_or_default()
}

fn judge(chart: &mut Chart, entity: &Value) -> Vec<Complaint> {
    let kind = entity["entity_type"].as_str().unwrap_or("unknown").to_lowercase();
    let can_send = entity["can_send_message"].as_str().unwrap_or("unknown");
    let id = format!("health.{}", if kind == "waba" { "account" } else { &kind });
    let further: Vec<&str> =
        entity["additional_info"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let complaints: Vec<Complaint> = entity["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| complaint(error, can_send == "BLOCKED"))
        .collect();
    if can_send == "AVAILABLE" && complaints.is_empty() {
        let further = if further.is_empty() { String::new() } else { format!("; Meta adds: {}", further.join(" ")) };
        chart.pass(id, format!("AVAILABLE{further}"));
        return complaints;
    }
    let reasons: Vec<&str> = complaints.iter().map(|complaint| complaint.found.as_str()).chain(further).collect();
    let found = format!(
        "{can_send}: {}",
        if reasons.is_empty() { "Meta gives no reason".to_owned() } else { reasons.join(" ") }
    );
    let solutions: Vec<&str> =
        complaints.iter().map(|complaint| complaint.remedy.as_str()).filter(|text| !text.is_empty()).collect();
    let remedy = if solutions.is_empty() {
        "WhatsApp Manager, Account overview says more.".to_owned()
    } else {
        format!("Meta says: {}", solutions.join(" "))
    };
    if can_send == "BLOCKED" {
        chart.fail(id, found, remedy);
    } else {
        chart.warn(id, found, remedy);
    }
    complaints
}

fn complaint(error: &Value, is_blocked: bool) -> Complaint {
    let text = |name: &str| error[name].as_str().unwrap_or_default();
    let code = error["error_code"].as_i64().unwrap_or_default();
    let words = text("error_description");
    let is_about_payment = PAYMENT_CODES.contains(&code) || words.to_lowercase().contains("payment");
    Complaint {
        is_blocked,
        found: format!("error {code}: {words}"),
        remedy: text("possible_solution").to_owned(),
        is_about_payment,
    }
}

/// Checks what can be known of the payment method.
pub(super) fn check_payment(chart: &mut Chart, complaints: Option<&[Complaint]>) {
    let Some(complaints) = complaints else {
        let remedy = "WhatsApp Manager, Billing: there must be a payment method.";
        chart.skip("payment.method", "health_status could not be read", remedy);
        return;
    };
    let Some(complaint) = complaints.iter().find(|complaint| complaint.is_about_payment) else {
        chart.pass(
            "payment.method",
            "health_status names no problem; a card that is declined later cannot be foreseen: it shows as error 131042",
        );
        return;
    };
    let remedy = if complaint.remedy.is_empty() {
        "WhatsApp Manager, Billing: add a payment method that works.".to_owned()
    } else {
        format!("Meta says: {}", complaint.remedy)
    };
    if complaint.is_blocked {
        chart.fail("payment.method", complaint.found.clone(), remedy);
    } else {
        chart.warn("payment.method", complaint.found.clone(), remedy);
    }
}
