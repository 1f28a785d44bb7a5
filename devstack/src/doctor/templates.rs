//! Templates that are needed: there, approved, in the language that is used (section 4.3).

use serde_json::Value;

use super::graph::{As, Graph};
use super::report::Chart;
use super::subject::{Subject, WantedTemplate};
use super::token::TokenFacts;

/// Checks every template that the settings name.
pub(super) async fn check(chart: &mut Chart, graph: &Graph, subject: &Subject, token: &TokenFacts) {
    if subject.templates.is_empty() {
        chart.skip(
            "templates",
            "none is needed",
            "One-time codes need one, named by OTP_TEMPLATE; name others with --template.",
        );
        return;
    }
    let Some(waba_id) = token.waba_id.as_deref().filter(|_| token.works) else {
        chart.skip("templates", "token or account cannot be used", "Mend what failed above first.");
        return;
    };
    for wanted in &subject.templates {
        check_one(chart, graph, waba_id, wanted).await;
    }
}

async fn check_one(chart: &mut Chart, graph: &Graph, waba_id: &str, wanted: &WantedTemplate) {
    let (name, language) = (wanted.template.name.as_str(), wanted.template.language.as_str());
    let id = format!("templates.{name}");
    let query = [("name", name), ("fields", "name,language,status,category,rejected_reason"), ("limit", "100")];
    let found = match graph.get(As::SystemUser, &format!("{waba_id}/message_templates"), &query).await {
        Ok(list) => list["data"].as_array().cloned().unwrap_or_default(),
        Err(failure) => return chart.fail(id, failure.words(), failure.remedy()),
    };
    // Meta finds every template whose name holds the word.
    let of_name: Vec<&Value> = found.iter().filter(|template| template["name"] == name).collect();
    if of_name.is_empty() {
        let remedy =
            format!("WhatsApp Manager, Message templates: create {name} in {language}, and wait for its review.");
        return chart.fail(id, format!("account {waba_id} has no template {name}"), remedy);
    }
    let Some(template) = of_name.iter().find(|template| template["language"] == language) else {
        let languages: Vec<&str> = of_name.iter().filter_map(|template| template["language"].as_str()).collect();
        let found = format!("{name} is there in {} and not in {language}", languages.join(", "));
        let remedy = format!("Add the language {language} to it in WhatsApp Manager, or use one that it has.");
        return chart.fail(id, found, remedy);
    };
    let status = template["status"].as_str().unwrap_or("unknown");
    let category = template["category"].as_str().unwrap_or("unknown");
    if status != "APPROVED" {
        let reason = template["rejected_reason"].as_str().filter(|reason| !matches!(*reason, "NONE" | ""));
        let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        return chart.fail(id, format!("{name} in {language} is {status}{reason}"), remedy_of(status));
    }
    if let Some(needed) = wanted.category.filter(|needed| *needed != category) {
        let found = format!("{name} is of category {category}, not {needed}");
        return chart.fail(
            id,
            found,
            "Create it anew in that category: codes go out by authentication templates alone.",
        );
    }
    chart.pass(id, format!("{name} in {language} is APPROVED ({category})"));
}

fn remedy_of(status: &str) -> String {
    match status {
        "PENDING" | "IN_APPEAL" => "Wait for Meta's review; it takes minutes, seldom a day.",
        "PAUSED" => "People reacted badly to it. Meta takes it up again by itself after some hours; change its text if that repeats.",
        "REJECTED" => "WhatsApp Manager, Message templates says why: change it, or ask for a review.",
        _ => "WhatsApp Manager, Message templates: create or choose another.",
    }
    .to_owned()
}
