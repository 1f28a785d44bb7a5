//! What the ledger says no to, in words of what to do, and as JSON.

use std::fmt;

use proto::inventory::v1::ErrorReason;
use serde_json::{Map, Value, json};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// A call that was refused.
#[derive(Debug)]
pub(super) struct Refused {
    status: Status,
    /// The id to repeat it with, where a lost answer is no proof that nothing happened.
    repeat_with: Option<String>,
}

/// Returns a refusal of a call that changes nothing.
pub(super) fn refused(status: Status) -> anyhow::Error {
    anyhow::Error::new(Refused { status, repeat_with: None })
}

/// Returns a refusal of a call that may have changed something.
pub(super) fn write_refused(request_id: &str) -> impl Fn(Status) -> anyhow::Error {
    move |status| {
        let is_open = matches!(
            status.code(),
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown | Code::Internal
        );
        anyhow::Error::new(Refused { status, repeat_with: is_open.then(|| request_id.to_owned()) })
    }
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = code_name(self.status.code());
        let reason = self.reason();
        let named = reason.as_deref().map_or_else(|| code.clone(), |reason| format!("{code}, {reason}"));
        write!(formatter, "inventory-svc refuses: {} ({named})", self.status.message())?;
        for (field, description) in self.violations() {
            write!(formatter, "\n  {field}: {description}")?;
        }
        for (name, value) in self.metadata() {
            write!(formatter, "\n  {name}: {value}")?;
        }
        if let Some(advice) = reason.as_deref().and_then(ErrorReason::from_str_name).and_then(advice) {
            write!(formatter, "\n{advice}")?;
        }
        if let Some(request_id) = &self.repeat_with {
            write!(formatter, "\nIt may have been done. Repeat it with --request-id {request_id}: it counts once.")?;
        }
        Ok(())
    }
}

impl Refused {
    fn reason(&self) -> Option<String> {
        self.status.get_details_error_info().map(|info| info.reason)
    }

    fn violations(&self) -> Vec<(String, String)> {
        let request = self.status.get_details_bad_request();
        request.into_iter().flat_map(|bad| bad.field_violations).map(|bad| (bad.field, bad.description)).collect()
    }

    /// The values that the message speaks of, by name.
    fn metadata(&self) -> Vec<(String, String)> {
        let info = self.status.get_details_error_info();
        let mut values: Vec<(String, String)> =
            info.into_iter().flat_map(|info| info.metadata).filter(|(_, value)| !value.is_empty()).collect();
        values.sort();
        values
    }

    fn to_json(&self) -> Value {
        let violations: Vec<Value> = self
            .violations()
            .into_iter()
            .map(|(field, description)| json!({"field": field, "description": description}))
            .collect();
        let metadata: Map<String, Value> =
            self.metadata().into_iter().map(|(name, value)| (name, Value::String(value))).collect();
        json!({"error": {
            "code": code_name(self.status.code()),
            "reason": self.reason(),
            "message": self.status.message(),
            "metadata": metadata,
            "fieldViolations": violations,
            "retryDelaySeconds": platform::error::retry_delay_of(&self.status).map(|delay| delay.as_secs()),
            "requestId": self.repeat_with,
        }})
    }
}

/// Returns why a command failed; what is no answer of the ledger has a message alone.
pub(super) fn as_json(error: &anyhow::Error) -> Value {
    match error.downcast_ref::<Refused>() {
        Some(refused) => refused.to_json(),
        None => json!({"error": {"message": format!("{error:#}")}}),
    }
}

/// Says what an operator can do; nothing where the message has said it.
fn advice(reason: ErrorReason) -> Option<&'static str> {
    match reason {
        ErrorReason::UnknownCaller => Some(
            "Show a key that inventory-svc lists: CALLER_KEY or CALLER_KEY_FILE. `backroom caller-key` makes a new one.",
        ),
        ErrorReason::MethodNotAllowed => {
            Some("Let the operator of inventory-svc add the method to this key's entry in CALLER_KEYS.")
        }
        ErrorReason::ShopNotFound => Some("Look the shop up by somebody in it: --phone or --user-id."),
        ErrorReason::MemberNotFound => Some("Write the number in international form, or name the shop by --shop."),
        ErrorReason::ItemNotFound => {
            Some("`backroom stock list --ids` shows what there is. It may have been archived.")
        }
        ErrorReason::OperationNotFound => Some("`backroom stock history --ids` shows the operations of the shop."),
        ErrorReason::NothingToReverse => {
            Some("What is older than 24 hours is taken back by its id: `backroom stock history --ids`.")
        }
        ErrorReason::AlreadyReversed => Some("Nothing was changed: it is taken back already."),
        ErrorReason::RequestIdReused => Some(
            "Nothing was changed. Leave --request-id away for a new request; repeat the same words for an old one.",
        ),
        ErrorReason::InsufficientStock => Some("Nothing was changed. Count the item first, or post what came in."),
        ErrorReason::BalanceChanged => {
            Some("Nothing was changed. Look at it again and repeat with what is on hand now.")
        }
        ErrorReason::RoleNotAllowed => Some("Leave --member away to act as the operator, or name somebody who may."),
        ErrorReason::NameTaken => Some("Another item has this name: archive that one or choose another name."),
        ErrorReason::LocationNotFound => Some("`backroom stock places list` shows the places of the shop."),
        ErrorReason::UnitsDiffer => Some("Keep both in one unit first: `backroom stock unit`."),
        ErrorReason::LastOwner => Some("Make somebody else an owner first: `backroom stock members role`."),
        ErrorReason::CurrencyInUse => Some("Nothing was changed: the shop has prices in its currency."),
        ErrorReason::InvalidPageToken => {
            Some("Take the cursor or token as it was printed, for the same shop; or begin without it.")
        }
        ErrorReason::ScaleExceeded => Some("Nothing was changed. Say it with fewer decimals."),
        ErrorReason::CountSessionNotFound => Some("Begin one: `backroom stock count-session start`."),
        ErrorReason::CountSessionClosed => {
            Some("Nothing was changed: it is over. `backroom stock count-session start` begins another.")
        }
        ErrorReason::DatabaseUnavailable | ErrorReason::Overloaded | ErrorReason::Contention => {
            Some("Try again in a moment.")
        }
        _ => None,
    }
}

/// Returns the code as google.rpc writes it.
fn code_name(code: Code) -> String {
    let mut name = String::new();
    for char in format!("{code:?}").chars() {
        if char.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(char.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use platform::error::{Refusal, Situation};

    use super::*;

    #[test]
    fn a_refusal_says_what_is_wrong_where_and_what_to_do() {
        let status =
            Refusal::new(Situation::NotFound, "inventory.thebackroom", "ERROR_REASON_ITEM_NOT_FOUND", "no item")
                .metadata("itemId", "7")
                .into_status();

        let error = refused(status);

        assert_eq!(
            error.to_string(),
            "inventory-svc refuses: no item (NOT_FOUND, ERROR_REASON_ITEM_NOT_FOUND)\n  itemId: 7\n\
             `backroom stock list --ids` shows what there is. It may have been archived."
        );
        assert_eq!(as_json(&error)["error"]["metadata"]["itemId"], "7");
    }

    #[test]
    fn only_a_lost_answer_asks_for_a_repeat() {
        let unavailable = Refusal::new(Situation::Unavailable, "d", "ERROR_REASON_DATABASE_UNAVAILABLE", "down")
            .retry_after(Duration::from_secs(1))
            .into_status();
        let error = write_refused("r-1")(unavailable);
        assert!(error.to_string().ends_with("Repeat it with --request-id r-1: it counts once."), "{error}");
        assert_eq!(as_json(&error)["error"]["requestId"], "r-1");
        assert_eq!(as_json(&error)["error"]["retryDelaySeconds"], 1);

        let wrong = Refusal::new(Situation::Malformed, "d", "ERROR_REASON_INVALID_FIELD", "wrong")
            .violation("lines[0].unit", "is long")
            .into_status();
        let error = write_refused("r-1")(wrong);
        assert!(error.to_string().ends_with("\n  lines[0].unit: is long"), "{error}");
        assert_eq!(as_json(&error)["error"]["requestId"], Value::Null);
    }

    #[test]
    fn codes_are_written_as_google_does() {
        assert_eq!(code_name(Code::InvalidArgument), "INVALID_ARGUMENT");
        assert_eq!(code_name(Code::Unavailable), "UNAVAILABLE");
    }
}
