//! What a notification says, in one line for an operator. Pure: from what came to words without anybody's number or text.

use serde_json::Value;

use super::alert::Alert;

/// What a notification says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// One line.
    pub summary: String,
    /// What to wake the operator for, if anything.
    pub alert: Option<Alert>,
}

impl Reading {
    fn quiet(summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), alert: None }
    }

    fn with(summary: impl Into<String>, alert: Option<Alert>) -> Self {
        Self { summary: summary.into(), alert }
    }
}

/// Reads a kept notification. Whatever it is, there is a line for it.
pub(crate) fn read(field: &str, raw: &[u8]) -> Reading {
    let whole: Value = serde_json::from_slice(raw).unwrap_or_default();
    // An entry with one change, a bare change, or a bare message.
    let change = whole.pointer("/changes/0").unwrap_or(&whole);
    let value = change.get("value").unwrap_or(&Value::Null);
    let event = word(value, "/event");
    match field {
        "account_update" => account_update(value, &event),
        "account_alerts" => account_alert(value),
        "account_review_update" => Reading::quiet(format!("account review: {}", word(value, "/decision"))),
        "business_capability_update" => Reading::quiet(format!(
            "messages to {} people a day, {} numbers",
            word(value, "/max_daily_conversations_per_business"),
            word(value, "/max_phone_numbers_per_business"),
        )),
        "phone_number_quality_update" => {
            let alert = match event.as_str() {
                "FLAGGED" => Some(Alert::NumberFlagged),
                "DOWNGRADE" => Some(Alert::NumberDowngraded),
                _ => None,
            };
            let limit = [word(value, "/max_daily_conversations_per_business"), word(value, "/current_limit")];
            let limit = limit.into_iter().find(|limit| limit != MISSING).unwrap_or_else(|| MISSING.to_owned());
            Reading::with(format!("the number's quality: {event}, limit {limit}"), alert)
        }
        "phone_number_name_update" => Reading::quiet(format!(
            "the number's display name: {}, reason {}",
            word(value, "/decision"),
            word(value, "/rejection_reason")
        )),
        "message_template_status_update" => template_status(value, &event),
        "message_template_quality_update" => Reading::quiet(format!(
            "template {}: quality {} -> {}",
            template(value),
            word(value, "/previous_quality_score"),
            word(value, "/new_quality_score")
        )),
        "template_category_update" => Reading::quiet(format!(
            "template {}: category {} -> {}",
            template(value),
            word(value, "/previous_category"),
            word(value, "/new_category")
        )),
        "message_template_components_update" => Reading::quiet(format!("template {} was changed", template(value))),
        "security" => {
            Reading::with(format!("two-step verification of the number: {event}"), Some(Alert::SecurityChanged))
        }
        "user_preferences" => Reading::quiet(preferences(value)),
        "messages" => messages(value),
        "smb_message_echoes" => Reading::quiet("written by a person in the WhatsApp Business app"),
        "smb_app_state_sync" => Reading::quiet("the address book of the WhatsApp Business app"),
        "history" => Reading::quiet("old conversations of the WhatsApp Business app"),
        "standby" => Reading::quiet("a conversation that somebody else handles"),
        "messaging_handovers" => Reading::quiet("a conversation was handed over"),
        "group" => Reading::quiet("a message in a group"),
        "echo" => Reading::quiet("a message of our own number, sent from elsewhere"),
        "other_number" => Reading::quiet("a notification for another business number than WHATSAPP_PHONE_NUMBER_ID"),
        "envelope" | "entry" | "change" | "message" | "status" => {
            Reading::quiet(format!("a part that could not be read ({field})"))
        }
        _ if event != MISSING => Reading::quiet(event),
        _ if change.get("type").is_some() => Reading::quiet(format!("a message of type {}", word(change, "/type"))),
        _ => Reading::quiet("a notification that this version does not read"),
    }
}

fn account_update(value: &Value, event: &str) -> Reading {
    match event {
        "ACCOUNT_RESTRICTION" => {
            let kinds: Vec<String> = list(value, "/restriction_info")
                .iter()
                .map(|restriction| word(restriction, "/restriction_type"))
                .collect();
            Reading::with(format!("the account is restricted: {}", or_missing(&kinds)), Some(Alert::AccountRestricted))
        }
        "ACCOUNT_VIOLATION" => Reading::with(
            format!("the account violates a policy: {}", word(value, "/violation_info/violation_type")),
            Some(Alert::AccountViolation),
        ),
        "DISABLED_UPDATE" => {
            let state = word(value, "/ban_info/waba_ban_state");
            let alert = (state != "REINSTATE").then_some(Alert::AccountDisabled);
            Reading::with(format!("the account is disabled or reinstated: {state}"), alert)
        }
        "ACCOUNT_DELETED" => Reading::with("the account was deleted", Some(Alert::AccountDeleted)),
        other => Reading::quiet(format!("the account: {other}")),
    }
}

fn account_alert(value: &Value) -> Reading {
    // Older schemas have the fields of `alert_info` beside it.
    let info = value.get("alert_info").unwrap_or(value);
    let severity = word(info, "/alert_severity");
    let alert = (severity == "CRITICAL").then_some(Alert::AccountAlert);
    Reading::with(format!("{severity} alert, {}: {}", word(info, "/alert_status"), word(info, "/alert_type")), alert)
}

fn template_status(value: &Value, event: &str) -> Reading {
    let alert = match event {
        "PAUSED" => Some(Alert::TemplatePaused),
        "DISABLED" => Some(Alert::TemplateDisabled),
        "REJECTED" => Some(Alert::TemplateRejected),
        _ => None,
    };
    Reading::with(format!("template {}: {event}, reason {}", template(value), word(value, "/reason")), alert)
}

/// Errors of the whole number. The first that concerns it decides.
fn messages(value: &Value) -> Reading {
    let codes: Vec<i64> = list(value, "/errors").iter().filter_map(|error| number(error.get("code")?)).collect();
    if codes.is_empty() {
        return Reading::quiet("a notification without messages that could be read");
    }
    let words: Vec<String> = codes.iter().map(i64::to_string).collect();
    let alert = codes.iter().copied().find_map(Alert::of_error);
    Reading::with(format!("Meta reports error {}", words.join(", ")), alert)
}

fn preferences(value: &Value) -> String {
    let each: Vec<String> = list(value, "/user_preferences")
        .iter()
        .map(|preference| format!("{} {}", word(preference, "/value"), word(preference, "/category")))
        .collect();
    format!("what people want to get: {}", or_missing(&each))
}

fn template(value: &Value) -> String {
    format!("{} ({})", word(value, "/message_template_name"), word(value, "/message_template_language"))
}

/// Stands for what Meta did not say.
const MISSING: &str = "not said";

fn or_missing(words: &[String]) -> String {
    if words.is_empty() { MISSING.to_owned() } else { words.join(", ") }
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// Takes one word of Meta's. Whatever else stands there, a phone number or a sentence, is not shown.
fn word(value: &Value, pointer: &str) -> String {
    let text = match value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return MISSING.to_owned(),
    };
    let is_word = !text.is_empty()
        && text.len() <= 100
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let longest_number = text.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max().unwrap_or_default();
    if is_word && longest_number <= 6 { text } else { MISSING.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn alert_of(field: &str, value: &Value) -> Option<&'static str> {
        let bare = json!({ "field": field, "value": value }).to_string();
        let framed = json!({ "id": "1", "time": 1, "changes": [{ "field": field, "value": value }] }).to_string();
        let reading = read(field, bare.as_bytes());
        assert_eq!(reading, read(field, framed.as_bytes()), "{field}: with and without the entry around it");
        assert!(!reading.summary.is_empty() && !reading.summary.contains("15550001111"), "{}", reading.summary);
        reading.alert.map(Alert::word)
    }

    #[test]
    fn the_operator_is_woken_for_what_stops_the_number_and_for_nothing_else() {
        let error = |code: Value| json!({ "errors": [{ "code": code, "title": "t" }] });
        let template = |event: &str| json!({ "event": event, "message_template_id": 12, "message_template_name": "login_code", "message_template_language": "en-US", "reason": null });
        let account = |event: &str| json!({ "event": event, "display_phone_number": "15550001111" });
        let quality =
            |event: &str| json!({ "event": event, "display_phone_number": "15550001111", "current_limit": "TIER_1K" });
        let cases: Vec<(&str, Value, Option<&str>)> = vec![
            (
                "account_update",
                json!({ "event": "ACCOUNT_RESTRICTION", "restriction_info": [{ "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1 }] }),
                Some("account_restricted"),
            ),
            ("account_update", json!({ "event": "ACCOUNT_RESTRICTION" }), Some("account_restricted")),
            (
                "account_update",
                json!({ "event": "ACCOUNT_VIOLATION", "violation_info": { "violation_type": "ALCOHOL" } }),
                Some("account_violation"),
            ),
            (
                "account_update",
                json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": "SCHEDULE_FOR_DISABLE" } }),
                Some("account_disabled"),
            ),
            (
                "account_update",
                json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": "DISABLE" } }),
                Some("account_disabled"),
            ),
            (
                "account_update",
                json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": "REINSTATE" } }),
                None,
            ),
            ("account_update", account("ACCOUNT_DELETED"), Some("account_deleted")),
            ("account_update", account("PARTNER_ADDED"), None),
            ("account_update", json!(7), None),
            (
                "account_alerts",
                json!({ "alert_info": { "alert_severity": "CRITICAL", "alert_type": "OBA_REJECTED" } }),
                Some("account_alert"),
            ),
            ("account_alerts", json!({ "alert_severity": "CRITICAL" }), Some("account_alert")),
            ("account_alerts", json!({ "alert_info": { "alert_severity": "INFORMATIONAL" } }), None),
            ("account_review_update", json!({ "decision": "APPROVED" }), None),
            (
                "business_capability_update",
                json!({ "max_daily_conversations_per_business": 2000, "max_phone_numbers_per_business": "20" }),
                None,
            ),
            (
                "security",
                json!({ "event": "PIN_CHANGED", "display_phone_number": "15550001111", "requester": "1" }),
                Some("security_changed"),
            ),
            ("security", json!({ "event": "PIN_RESET_REQUEST" }), Some("security_changed")),
            ("message_template_status_update", template("PAUSED"), Some("template_paused")),
            ("message_template_status_update", template("DISABLED"), Some("template_disabled")),
            ("message_template_status_update", template("REJECTED"), Some("template_rejected")),
            ("message_template_status_update", template("APPROVED"), None),
            (
                "message_template_quality_update",
                json!({ "previous_quality_score": "GREEN", "new_quality_score": "RED" }),
                None,
            ),
            ("template_category_update", json!({ "previous_category": "UTILITY", "new_category": "MARKETING" }), None),
            ("phone_number_quality_update", quality("FLAGGED"), Some("number_flagged")),
            ("phone_number_quality_update", quality("DOWNGRADE"), Some("number_downgraded")),
            ("phone_number_quality_update", quality("UNFLAGGED"), None),
            ("phone_number_quality_update", quality("ONBOARDING"), None),
            ("messages", error(json!(190)), Some("token_invalid")),
            ("messages", error(json!("131042")), Some("payment_problem")),
            ("messages", error(json!(131_031)), Some("account_locked")),
            ("messages", error(json!(368)), Some("policy_blocked")),
            ("messages", error(json!(133_010)), Some("number_not_registered")),
            ("messages", error(json!(131_005)), Some("permission_missing")),
            ("messages", error(json!(33)), Some("number_deleted")),
            ("messages", error(json!(131_037)), Some("name_not_approved")),
            ("messages", error(json!(131_000)), None),
            ("messages", json!({ "errors": "odd" }), None),
            (
                "user_preferences",
                json!({ "user_preferences": [{ "wa_id": "15550001111", "category": "marketing_messages", "value": "stop" }] }),
                None,
            ),
            ("standby", json!({ "messages": [] }), None),
            ("smb_message_echoes", json!({}), None),
            ("a_field_of_next_year", json!({ "event": "15550001111" }), None),
            ("", Value::Null, None),
        ];
        for (field, value, expected) in cases {
            assert_eq!(alert_of(field, &value), expected, "{field} {value}");
        }
    }

    #[test]
    fn one_line_tells_what_it_is_about() {
        let line = |field: &str, value: Value| read(field, json!({ "value": value }).to_string().as_bytes()).summary;
        assert_eq!(
            line(
                "message_template_status_update",
                json!({ "event": "PAUSED", "message_template_name": "login_code", "message_template_language": "en_US", "reason": "LOW_QUALITY" })
            ),
            "template login_code (en_US): PAUSED, reason LOW_QUALITY"
        );
        assert_eq!(
            line("security", json!({ "event": "PIN_CHANGED" })),
            "two-step verification of the number: PIN_CHANGED"
        );
        assert_eq!(
            line("messages", json!({ "errors": [{ "code": 190 }, { "code": "7" }] })),
            "Meta reports error 190, 7"
        );
        assert_eq!(read("group", br#"{"from":"27","text":{"body":"secret"}}"#).summary, "a message in a group");
        assert_eq!(read("x", b"\xff nonsense").summary, "a notification that this version does not read");
    }
}
