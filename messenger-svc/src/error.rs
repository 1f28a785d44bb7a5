//! What the service refuses, and how it says so.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use platform::batch::BatchError;
use platform::db;
use platform::error::{Refusal, Situation};
use proto::messenger::v1::ErrorReason;
use tonic::Status;

use crate::domain::content::Violation;
use crate::outbox::put::PutError;

/// Domain of the errors, in `google.rpc.ErrorInfo`.
pub const DOMAIN: &str = "messenger.thebackroom";
/// When to come back to a full outbox.
const OUTBOX_FULL_RETRY: Duration = Duration::from_secs(2);
/// When to come back to a Graph API that did not do something.
const GRAPH_RETRY: Duration = Duration::from_secs(2);
/// When to come back to a database that does not answer.
const DATABASE_RETRY: Duration = Duration::from_secs(1);

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Fields break rules.
    #[error("{} fields are missing, malformed or above a limit", .0.len())]
    Invalid(Vec<Violation>),
    /// The request id was used for something else.
    #[error("the request_id was used for other content")]
    RequestIdReused,
    /// No such message.
    #[error("no such message")]
    NotFound,
    /// The outbox is full.
    #[error("the outbox holds as much as it may")]
    OutboxFull,
    /// The process is leaving.
    #[error("the messenger is leaving")]
    Leaving,
    /// Meta does not know the file any more.
    #[error("Meta does not have the file any more, or never had it")]
    MediaGone,
    /// The file is too large.
    #[error("the file is larger than the {bytes_max} bytes that its kind may have")]
    MediaTooLarge {
        /// How large it may be.
        bytes_max: u64,
    },
    /// The access token may not be shown where the file lies.
    #[error("the file is not fetched: {0}")]
    MediaRefused(&'static str),
    /// The Graph API did not do it.
    #[error("the Graph API did not do it: {0}")]
    GraphUnavailable(&'static str),
    /// One-time codes are not set up.
    #[error("one-time codes are not set up: OTP_KEY or OTP_TEMPLATE is missing")]
    OtpNotConfigured,
    /// A code cannot go to a user id.
    #[error("one-time codes go to phone numbers only, and the recipient has none")]
    OtpNeedsPhone,
    /// A code was sent a moment ago.
    #[error("a code was sent a moment ago")]
    OtpTooSoon {
        /// When to ask again.
        wait: SignedDuration,
    },
    /// A limit of one-time codes is used up.
    #[error("too many codes or tries")]
    OtpLimit {
        /// When to ask again.
        wait: SignedDuration,
    },
    /// A code does not count, for whatever reason.
    #[error("the code does not count")]
    OtpRejected,
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(Arc<sqlx::Error>),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<PutError> for Error {
    fn from(error: PutError) -> Self {
        match error {
            PutError::Full => Self::OutboxFull,
            PutError::Database(error) => Self::Database(error),
            PutError::Leaving => Self::Leaving,
        }
    }
}

impl From<BatchError<sqlx::Error>> for Error {
    fn from(error: BatchError<sqlx::Error>) -> Self {
        match error {
            BatchError::Full => Self::OutboxFull,
            BatchError::Failed(error) => Self::Database(error),
            BatchError::Closed => Self::Leaving,
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Invalid(violations) => {
                let refusal = refusal(Situation::Malformed, ErrorReason::InvalidField, message);
                violations
                    .into_iter()
                    .fold(refusal, |refusal, violation| refusal.violation(violation.field, violation.description))
                    .into_status()
            }
            Error::RequestIdReused => {
                refusal(Situation::RuleSaysNo, ErrorReason::RequestIdReused, message).into_status()
            }
            Error::NotFound => refusal(Situation::NotFound, ErrorReason::MessageNotFound, message)
                .resource("message", "")
                .into_status(),
            Error::OutboxFull => refusal(Situation::Unavailable, ErrorReason::OutboxFull, message)
                .retry_after(OUTBOX_FULL_RETRY)
                .into_status(),
            Error::MediaGone => {
                refusal(Situation::NotFound, ErrorReason::MediaGone, message).resource("media", "").into_status()
            }
            Error::MediaTooLarge { bytes_max } => refusal(Situation::RuleSaysNo, ErrorReason::MediaTooLarge, message)
                .metadata("maxBytes", bytes_max.to_string())
                .into_status(),
            Error::MediaRefused(_) => refusal(Situation::RuleSaysNo, ErrorReason::MediaRefused, message).into_status(),
            Error::GraphUnavailable(_) => refusal(Situation::Unavailable, ErrorReason::GraphUnavailable, message)
                .retry_after(GRAPH_RETRY)
                .into_status(),
            Error::OtpNotConfigured => {
                refusal(Situation::RuleSaysNo, ErrorReason::OtpNotConfigured, message).into_status()
            }
            Error::OtpNeedsPhone => refusal(Situation::RuleSaysNo, ErrorReason::OtpNeedsPhone, message).into_status(),
            Error::OtpTooSoon { wait } => {
                refusal(Situation::Quota, ErrorReason::OtpTooSoon, message).retry_after(delay(wait)).into_status()
            }
            Error::OtpLimit { wait } => {
                refusal(Situation::Quota, ErrorReason::OtpLimit, message).retry_after(delay(wait)).into_status()
            }
            Error::OtpRejected => refusal(Situation::RuleSaysNo, ErrorReason::OtpRejected, message).into_status(),
            Error::Leaving => unavailable("the messenger is leaving"),
            Error::Database(error) if db::unavailable(&error) => unavailable("the database does not answer"),
            Error::Database(error) if db::lost_race(&error) => unavailable("the database was too busy"),
            Error::Database(error) => {
                tracing::error!(%error, "a statement failed");
                refusal(Situation::Bug, ErrorReason::Internal, "the messenger could not do this".to_owned())
                    .into_status()
            }
        }
    }
}

fn delay(wait: SignedDuration) -> Duration {
    Duration::try_from(wait).unwrap_or_default()
}

fn unavailable(message: &str) -> Status {
    refusal(Situation::Unavailable, ErrorReason::DatabaseUnavailable, message.to_owned())
        .retry_after(DATABASE_RETRY)
        .into_status()
}

fn refusal(situation: Situation, reason: ErrorReason, message: String) -> Refusal {
    Refusal::new(situation, DOMAIN, reason.as_str_name(), message)
}
