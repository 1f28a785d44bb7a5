//! The error table: a situation decides the gRPC code, the HTTP status, the log level and whether to try again.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// What went wrong, seen by whoever has to act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    /// A field is malformed or missing.
    Malformed,
    /// The signature or key is missing or wrong.
    Unauthenticated,
    /// It belongs to somebody else.
    NotYours,
    /// There is no such thing.
    NotFound,
    /// The name is taken.
    Taken,
    /// A rule says no.
    RuleSaysNo,
    /// Lost a race, also after our own retries.
    LostRace,
    /// A quota is used up.
    Quota,
    /// A dependency is down, or we shed load or drain.
    Unavailable,
    /// Out of time.
    OutOfTime,
    /// The method is not there.
    Unimplemented,
    /// Our bug.
    Bug,
}

impl Situation {
    /// Returns the gRPC code.
    pub fn grpc(self) -> Code {
        match self {
            Self::Malformed => Code::InvalidArgument,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::NotYours => Code::PermissionDenied,
            Self::NotFound => Code::NotFound,
            Self::Taken => Code::AlreadyExists,
            Self::RuleSaysNo => Code::FailedPrecondition,
            Self::LostRace => Code::Aborted,
            Self::Quota => Code::ResourceExhausted,
            Self::Unavailable => Code::Unavailable,
            Self::OutOfTime => Code::DeadlineExceeded,
            Self::Unimplemented => Code::Unimplemented,
            Self::Bug => Code::Internal,
        }
    }

    /// Returns the HTTP status, as google.rpc.Code maps it.
    pub fn http(self) -> http::StatusCode {
        match self {
            Self::Malformed | Self::RuleSaysNo => http::StatusCode::BAD_REQUEST,
            Self::Unauthenticated => http::StatusCode::UNAUTHORIZED,
            Self::NotYours => http::StatusCode::FORBIDDEN,
            Self::NotFound => http::StatusCode::NOT_FOUND,
            Self::Taken | Self::LostRace => http::StatusCode::CONFLICT,
            Self::Quota => http::StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => http::StatusCode::SERVICE_UNAVAILABLE,
            Self::OutOfTime => http::StatusCode::GATEWAY_TIMEOUT,
            Self::Unimplemented => http::StatusCode::NOT_IMPLEMENTED,
            Self::Bug => http::StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn log(self, domain: &str, reason: &str, message: &str) {
        match self {
            Self::Bug => tracing::error!(error.reason = reason, error.domain = domain, "{message}"),
            Self::Unauthenticated | Self::LostRace | Self::Quota | Self::Unavailable | Self::OutOfTime => {
                tracing::warn!(error.reason = reason, error.domain = domain, "{message}");
            }
            Self::Malformed
            | Self::NotYours
            | Self::NotFound
            | Self::Taken
            | Self::RuleSaysNo
            | Self::Unimplemented => {
                tracing::info!(error.reason = reason, error.domain = domain, "{message}");
            }
        }
    }
}

/// An answer that says no: becomes a [`Status`] with google.rpc details.
#[derive(Debug)]
#[must_use = "a refusal does nothing until it becomes a status"]
pub struct Refusal {
    situation: Situation,
    domain: &'static str,
    reason: String,
    message: String,
    metadata: HashMap<String, String>,
    violations: Vec<(String, String)>,
    retry_after: Option<Duration>,
    resource: Option<(String, String)>,
}

impl Refusal {
    /// Begins one. `reason` is the name of the enum value in the proto, `message` is for a developer.
    pub fn new(situation: Situation, domain: &'static str, reason: &str, message: impl Into<String>) -> Self {
        Self {
            situation,
            domain,
            reason: reason.to_owned(),
            message: message.into(),
            metadata: HashMap::new(),
            violations: Vec::new(),
            retry_after: None,
            resource: None,
        }
    }

    /// Adds a value that the message mentions; keys are lowerCamelCase.
    pub fn metadata(mut self, key: &str, value: impl Into<String>) -> Self {
        self.metadata.insert(key.to_owned(), value.into());
        self
    }

    /// Adds a field that is wrong, by its full path.
    pub fn violation(mut self, field: impl Into<String>, description: impl Into<String>) -> Self {
        self.violations.push((field.into(), description.into()));
        self
    }

    /// Says when to try again.
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// Names what was not found or is taken.
    pub fn resource(mut self, kind: &str, name: impl Into<String>) -> Self {
        self.resource = Some((kind.to_owned(), name.into()));
        self
    }

    /// Logs it once, at the level of the table, and turns it into a status.
    pub fn into_status(self) -> Status {
        self.situation.log(self.domain, &self.reason, &self.message);
        let mut details = ErrorDetails::new();
        details.set_error_info(self.reason.clone(), self.domain, self.metadata);
        if !self.violations.is_empty() {
            if self.situation == Situation::RuleSaysNo {
                for (subject, description) in self.violations {
                    details.add_precondition_failure_violation(self.reason.clone(), subject, description);
                }
            } else {
                for (field, description) in self.violations {
                    details.add_bad_request_violation(field, description);
                }
            }
        } else if self.situation == Situation::RuleSaysNo {
            details.add_precondition_failure_violation(self.reason, self.domain, self.message.clone());
        }
        if let Some((kind, name)) = self.resource {
            details.set_resource_info(kind, name, "", "");
        }
        if let Some(delay) = self.retry_after {
            details.set_retry_info(Some(delay));
        }
        Status::with_error_details(self.situation.grpc(), self.message, details)
    }
}

/// Returns the reason that a status carries.
pub fn reason_of(status: &Status) -> Option<String> {
    status.get_details_error_info().map(|info| info.reason)
}

/// Returns a value that a status carries in its metadata.
pub fn metadata_of(status: &Status, key: &str) -> Option<String> {
    status.get_details_error_info().and_then(|info| info.metadata.get(key).cloned())
}

/// Returns when a status asks to be tried again.
pub fn retry_delay_of(status: &Status) -> Option<Duration> {
    status.get_details_retry_info().and_then(|info| info.retry_delay)
}
