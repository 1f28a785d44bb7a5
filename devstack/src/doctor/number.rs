//! The business number: the table of section 9.1.

use serde_json::Value;

use super::graph::{As, Failure, Graph};
use super::report::Chart;
use super::subject::Subject;
use super::token::TokenFacts;

const FIELDS: &str = "id,display_phone_number,verified_name,quality_rating,code_verification_status,name_status,status,\
                      platform_type,throughput,account_mode,webhook_configuration,health_status,is_on_biz_app";

const REGISTER: &str = "Register it once with a six-digit PIN of your choice: `backroom connect --url ... --pin ...`.";

/// Reads the number.
pub async fn read(graph: &Graph, phone_number_id: &str) -> Result<Value, Failure> {
    graph.get(As::SystemUser, phone_number_id, &[("fields", FIELDS)]).await
}

/// Returns whether the number is registered with the Cloud API.
pub fn is_registered(number: &Value) -> bool {
    let is_here = number["platform_type"].as_str().is_none_or(|platform| platform == "CLOUD_API");
    is_here && !matches!(number["status"].as_str(), Some("PENDING" | "UNVERIFIED" | "DISCONNECTED"))
}

/// Checks the number and returns what Meta says of it.
pub(super) async fn check(chart: &mut Chart, graph: &Graph, subject: &Subject, token: &TokenFacts) -> Option<Value> {
    let Some(id) = &subject.phone_number_id else {
        let remedy = "WhatsApp, API setup, Phone number ID (not the number).";
        chart.skip("number.visible", "WHATSAPP_PHONE_NUMBER_ID is not set", remedy);
        return None;
    };
    if !token.works {
        chart.skip("number.visible", "there is no access token that works", "Mend the token first.");
        return None;
    }
    let number = match read(graph, id).await {
        Ok(number) => number,
        Err(failure) => {
            chart.fail("number.visible", format!("number {id}: {}", failure.words()), failure.remedy());
            return None;
        }
    };
    chart.pass("number.visible", format!("the token sees number {id}"));
    check_belongs(chart, graph, id, token).await;
    check_status(chart, &number);
    check_platform(chart, &number);
    check_verification(chart, &number);
    check_name(chart, &number);
    check_quality(chart, &number);
    check_throughput(chart, &number);
    check_mode(chart, &number);
    check_coexistence(chart, &number);
    Some(number)
}

/// Two right ids of two accounts are wrong together.
async fn check_belongs(chart: &mut Chart, graph: &Graph, id: &str, token: &TokenFacts) {
    let Some(waba_id) = &token.waba_id else { return };
    let path = format!("{waba_id}/phone_numbers");
    match graph.get(As::SystemUser, &path, &[("fields", "id"), ("limit", "100")]).await {
        Ok(list) if list["data"].as_array().is_some_and(|list| list.iter().any(|number| number["id"] == *id)) => {
            chart.pass("number.account", format!("it belongs to account {waba_id}"));
        }
        Ok(_) => chart.fail(
            "number.account",
            format!("account {waba_id} has no number {id}"),
            "WHATSAPP_BUSINESS_ACCOUNT_ID or WHATSAPP_PHONE_NUMBER_ID is that of another account: WhatsApp, API setup shows both.",
        ),
        Err(failure) => {
            chart.fail("number.account", format!("account {waba_id}: {}", failure.words()), failure.remedy());
        }
    }
}

fn check_status(chart: &mut Chart, number: &Value) {
    match text(number, "status") {
        "CONNECTED" => chart.pass("number.status", "CONNECTED"),
        status @ ("FLAGGED" | "RATE_LIMITED") => chart.warn(
            "number.status",
            format!("{status}: it may still send"),
            "WhatsApp Manager, Phone numbers: people block or report it. Send less, and only what was asked for.",
        ),
        status @ ("PENDING" | "UNVERIFIED" | "DISCONNECTED") => {
            chart.fail("number.status", format!("{status}: it cannot send"), REGISTER);
        }
        status @ ("BANNED" | "RESTRICTED") => chart.fail(
            "number.status",
            format!("{status}: it cannot send"),
            "WhatsApp Manager, Account overview: read why, and ask for a review.",
        ),
        "" => chart.warn("number.status", "Meta names no status", "Look at the number in WhatsApp Manager."),
        status => chart.fail(
            "number.status",
            format!("{status}: it cannot send"),
            "WhatsApp Manager, Phone numbers: the number moved or is gone. Use the id of the one that is CONNECTED.",
        ),
    }
}

fn check_platform(chart: &mut Chart, number: &Value) {
    match text(number, "platform_type") {
        "CLOUD_API" => chart.pass("number.platform", "registered with the Cloud API"),
        "ON_PREMISE" => chart.fail(
            "number.platform",
            "ON_PREMISE: registered with the old On-Premises API",
            "Migrate it to the Cloud API: Meta's page \"Migrating from On-Premises\".",
        ),
        other => chart.fail("number.platform", format!("{other}: not registered with the Cloud API"), REGISTER),
    }
}

fn check_verification(chart: &mut Chart, number: &Value) {
    let is_registered = is_registered(number);
    match text(number, "code_verification_status") {
        "VERIFIED" => chart.pass("number.verification", "VERIFIED"),
        "EXPIRED" if is_registered => chart.pass("number.verification", "EXPIRED: harmless after registration"),
        status if is_registered => chart.warn(
            "number.verification",
            format!("{status}: usual for a test number alone"),
            "WhatsApp Manager, Phone numbers: verify it by SMS or voice.",
        ),
        status => chart.fail(
            "number.verification",
            format!("{status}: nobody proved to own it"),
            "WhatsApp Manager, Phone numbers, Verify: a code comes by SMS or voice. Then register it.",
        ),
    }
}

fn check_name(chart: &mut Chart, number: &Value) {
    match text(number, "name_status") {
        status @ ("APPROVED" | "AVAILABLE_WITHOUT_REVIEW") => chart.pass("number.name", status),
        status => chart.warn(
            "number.name",
            format!("{status}: messages may be limited until the display name is approved"),
            "WhatsApp Manager, Phone numbers, Profile: wait for the review, or choose a name that follows Meta's guidelines.",
        ),
    }
}

fn check_quality(chart: &mut Chart, number: &Value) {
    match text(number, "quality_rating") {
        rating @ ("GREEN" | "YELLOW") => chart.pass("number.quality", rating),
        "RED" => chart.warn(
            "number.quality",
            "RED: people block or report it, and Meta may restrict it",
            "WhatsApp Manager, Insights: send only what was asked for; the rating recovers within seven days.",
        ),
        rating => chart.pass("number.quality", format!("{rating}: usual for a number that is new")),
    }
}

fn check_throughput(chart: &mut Chart, number: &Value) {
    match number["throughput"]["level"].as_str().unwrap_or_default() {
        level @ ("STANDARD" | "HIGH") => chart.pass("number.throughput", level),
        level => {
            chart.warn("number.throughput", format!("{level}: a number that is registered has STANDARD"), REGISTER);
        }
    }
}

fn check_mode(chart: &mut Chart, number: &Value) {
    match text(number, "account_mode") {
        "LIVE" => chart.pass("number.mode", "LIVE"),
        mode => chart.warn(
            "number.mode",
            format!("{mode}: a test number, which reaches five recipients"),
            "Add a number of your own in WhatsApp, API setup, and use its phone number id.",
        ),
    }
}

fn check_coexistence(chart: &mut Chart, number: &Value) {
    if number["is_on_biz_app"] == true {
        chart.warn(
            "number.coexistence",
            "the number is also used in the WhatsApp Business app",
            "Meta allows such a number 20 messages a second: set NUMBER_RATE_PER_SECOND=20.",
        );
    } else {
        chart.pass("number.coexistence", "the number is not used in the WhatsApp Business app");
    }
}

fn text<'a>(number: &'a Value, field: &str) -> &'a str {
    number[field].as_str().unwrap_or_default()
}
