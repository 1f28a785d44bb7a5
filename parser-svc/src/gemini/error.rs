//! What can go wrong with a call, and what to do about each of it.

use std::time::Duration;

use serde::Deserialize;

use crate::model::Failure;

/// A call that brought no usable answer.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum CallError {
    /// The prompt or the answer was refused.
    #[error("the content was refused: {0}")]
    Blocked(String),
    /// The answer hit the cap on tokens.
    #[error("the answer was cut off at the cap on tokens")]
    Truncated,
    /// The answer resembled its training text.
    #[error("the answer was held back as a recitation")]
    Recitation,
    /// An answer without text, or one that was no answer.
    #[error("the answer holds nothing to read: {0}")]
    Empty(String),
    /// Text that is not JSON of the schema, or a body that is no JSON at all.
    #[error("the answer is not JSON of the schema")]
    BadJson,
    /// The request, the key or the project is wrong.
    #[error("the request was refused with {status} {code}: an operator has to act")]
    Misconfigured {
        /// HTTP status.
        status: u16,
        /// google.rpc code, or the reason when one was given.
        code: String,
    },
    /// The model is retired or misspelt.
    #[error("the model is not known there")]
    NoSuchModel,
    /// The quota of the day is used up; it comes back at midnight Pacific.
    #[error("the quota of the day is used up")]
    DailyQuota,
    /// A quota is used up for as long as was said.
    #[error("a quota is used up for {0:?}")]
    Quota(Duration),
    /// Too many requests, without a word on when to come back.
    #[error("too many requests")]
    Throttled,
    /// Overloaded, with the delay that was asked for.
    #[error("overloaded")]
    Overloaded(Option<Duration>),
    /// A passing fault there.
    #[error("failed there with {0}")]
    Server(u16),
    /// Out of time, ours or theirs.
    #[error("out of time")]
    Timeout,
    /// No connection, or one that was cut.
    #[error("no connection, or it was cut")]
    Connection,
}

/// What to do after a failed call.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Give up.
    GiveUp,
    /// Once more after a backoff of our own, at most this often in all.
    Again {
        /// How many calls there may be at most, this one included.
        most: u32,
    },
    /// Once more after the delay that was asked for.
    After(Duration),
    /// Once more with the fallback model, at once.
    OtherModel,
}

/// Most calls for one message.
pub const MAX_CALLS: u32 = 3;

impl CallError {
    /// Decides what comes next. `calls` have been made so far.
    pub fn next(&self, calls: u32) -> Next {
        match self {
            Self::Blocked(_) | Self::Misconfigured { .. } | Self::DailyQuota => Next::GiveUp,
            // What comes out again the same way is not worth a third call.
            Self::Truncated | Self::Recitation | Self::Empty(_) | Self::BadJson | Self::Timeout => {
                Next::Again { most: 2 }
            }
            Self::NoSuchModel => Next::OtherModel,
            Self::Overloaded(_) if calls >= 2 => Next::OtherModel,
            Self::Quota(delay) | Self::Overloaded(Some(delay)) => Next::After(*delay),
            Self::Overloaded(None) | Self::Throttled | Self::Server(_) | Self::Connection => {
                Next::Again { most: MAX_CALLS }
            }
        }
    }

    /// What the caller is told.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Blocked(_) | Self::Recitation => Failure::Blocked,
            Self::Truncated | Self::Empty(_) | Self::BadJson => Failure::Unusable,
            Self::Misconfigured { .. } | Self::NoSuchModel => Failure::Misconfigured,
            Self::DailyQuota | Self::Throttled => Failure::Quota(None),
            Self::Quota(delay) => Failure::Quota(Some(*delay)),
            Self::Overloaded(_) | Self::Server(_) | Self::Timeout | Self::Connection => Failure::Unavailable,
        }
    }

    /// A short name for spans and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Blocked(_) => "blocked",
            Self::Truncated => "truncated",
            Self::Recitation => "recitation",
            Self::Empty(_) => "empty",
            Self::BadJson => "bad_json",
            Self::Misconfigured { .. } => "misconfigured",
            Self::NoSuchModel => "no_such_model",
            Self::DailyQuota => "daily_quota",
            Self::Quota(_) => "quota",
            Self::Throttled => "throttled",
            Self::Overloaded(_) => "overloaded",
            Self::Server(_) => "server",
            Self::Timeout => "timeout",
            Self::Connection => "connection",
        }
    }
}

#[derive(Deserialize)]
struct Envelope {
    error: Status,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Status {
    status: String,
    details: Vec<serde_json::Value>,
}

/// Reads an answer that is no success. The body may be an error envelope, a list of one, or no JSON at all (a proxy).
pub fn from_status(http: u16, body: &[u8]) -> CallError {
    // The list first: serde would take it for the fields of one envelope.
    let envelope = serde_json::from_slice::<Vec<Envelope>>(body)
        .ok()
        .and_then(|list| list.into_iter().next())
        .or_else(|| serde_json::from_slice::<Envelope>(body).ok());
    let status = envelope.map(|envelope| envelope.error).unwrap_or_default();
    match http {
        404 => CallError::NoSuchModel,
        408 | 504 => CallError::Timeout,
        429 => from_quota(&status),
        499 => CallError::Connection,
        503 => CallError::Overloaded(status.retry_delay()),
        500..=599 => CallError::Server(http),
        _ => {
            let reason = status.detail("ErrorInfo").and_then(|info| info.get("reason")?.as_str().map(String::from));
            CallError::Misconfigured { status: http, code: reason.unwrap_or(status.status) }
        }
    }
}

fn from_quota(status: &Status) -> CallError {
    let violations = status.detail("QuotaFailure").and_then(|failure| failure.get("violations")?.as_array());
    let is_daily = violations.is_some_and(|violations| {
        // Such a body says "retry in 42 s" all the same; the id of the quota is what counts.
        violations.iter().any(|violation| {
            violation.get("quotaId").and_then(|id| id.as_str()).is_some_and(|id| id.contains("PerDay"))
        })
    });
    if is_daily {
        return CallError::DailyQuota;
    }
    status.retry_delay().map_or(CallError::Throttled, CallError::Quota)
}

impl Status {
    fn detail(&self, name: &str) -> Option<&serde_json::Value> {
        self.details.iter().find(|detail| {
            detail.get("@type").and_then(|kind| kind.as_str()).is_some_and(|kind| kind.rsplit('.').next() == Some(name))
        })
    }

    fn retry_delay(&self) -> Option<Duration> {
        proto_duration(self.detail("RetryInfo")?.get("retryDelay")?.as_str()?)
    }
}

/// Reads a duration as proto JSON writes it: `31s`, `1.5s`.
fn proto_duration(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.strip_suffix('s').map(|number| number.split_once('.').unwrap_or((number, "")))?;
    let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    Some(Duration::new(whole.parse().ok()?, nanos.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(id: &str) -> Vec<u8> {
        format!(
            r#"{{"error": {{"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "no", "details": [
            {{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{{"quotaId": "{id}"}}]}},
            {{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1.5s"}}]}}}}"#
        )
        .into_bytes()
    }

    #[test]
    fn daily_quota_wins_over_the_delay_beside_it() {
        assert_eq!(from_status(429, &quota("GenerateRequestsPerDayPerProject")), CallError::DailyQuota);
    }

    #[test]
    fn quota_of_the_minute_carries_its_delay() {
        assert_eq!(from_status(429, &quota("PerMinute")), CallError::Quota(Duration::from_millis(1500)));
    }

    #[test]
    fn bare_429_is_throttling() {
        assert_eq!(from_status(429, b"<html>slow down</html>"), CallError::Throttled);
    }

    #[test]
    fn list_of_one_error_is_an_error() {
        let body = br#"[{"error": {"status": "INVALID_ARGUMENT", "details": [{"@type": "x/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]}}]"#;

        assert_eq!(
            from_status(400, body),
            CallError::Misconfigured { status: 400, code: "API_KEY_INVALID".to_owned() }
        );
    }

    #[test]
    fn durations_may_have_fractions() {
        assert_eq!(proto_duration("31s"), Some(Duration::from_secs(31)));
        assert_eq!(proto_duration("0.25s"), Some(Duration::from_millis(250)));
        assert_eq!(proto_duration("soon"), None);
    }
}
