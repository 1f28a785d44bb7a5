//! What a failed hop means: again later, again a few times, or never.

use std::time::Duration;

use jiff::Timestamp;
use platform::lanes::{Job, Outcome};
use tonic::{Code, Status};

/// Why a message could not be handled.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A service answered with an error.
    Hop {
        /// Which hop.
        hop: &'static str,
        /// The answer.
        status: Box<Status>,
    },
    /// The gateway's own database failed.
    Store(sqlx::Error),
    /// The lane was given to another worker.
    LaneLost,
    /// Something else has to happen first.
    NotYet(Duration),
    /// What is stored cannot be read by this version.
    Unreadable(String),
}

impl Failure {
    /// Wraps the answer of a hop.
    pub fn of(hop: &'static str) -> impl Fn(Status) -> Self {
        move |status| Self::Hop { hop, status: Box::new(status) }
    }
}

impl From<platform::lanes::NotSaved> for Failure {
    fn from(error: platform::lanes::NotSaved) -> Self {
        match error {
            platform::lanes::NotSaved::LaneLost => Self::LaneLost,
            platform::lanes::NotSaved::Failed(why) => Self::Store(sqlx::Error::Protocol(why)),
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error)
    }
}

impl platform::db::Retryable for Failure {
    fn database_error(&self) -> Option<&sqlx::Error> {
        match self {
            Self::Store(error) => Some(error),
            Self::Hop { .. } | Self::LaneLost | Self::NotYet(_) | Self::Unreadable(_) => None,
        }
    }
}

/// How long and how often a message is tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Attempts that are the message's own fault.
    pub attempts_max: i32,
    /// How long a message waits for services that are down.
    pub give_up_after: Duration,
}

impl Patience {
    /// Says what becomes of a message that failed.
    pub fn judge(&self, failure: &Failure, job: &Job, now: Timestamp) -> Outcome {
        match failure {
            Failure::Unreadable(reason) => Outcome::Dead { reason: reason.clone() },
            Failure::NotYet(delay) => Outcome::NotNow { delay: *delay, reason: "waits for something else".to_owned() },
            Failure::LaneLost => Outcome::NotNow { delay: Duration::ZERO, reason: "the lane was lost".to_owned() },
            Failure::Store(error) => self.wait(job, now, format!("the gateway's database: {error}")),
            Failure::Hop { hop, status } => {
                // The message of a status is for developers and names no one's data; the code alone tells what to do.
                let reason = format!("{hop}: {:?}: {}", status.code(), status.message());
                match status.code() {
                    // Nobody's fault but the moment's, or the operator's: it waits until that is mended.
                    Code::Unavailable
                    | Code::Aborted
                    | Code::ResourceExhausted
                    | Code::Cancelled
                    | Code::Unauthenticated
                    | Code::PermissionDenied
                    | Code::Unimplemented => {
                        tracing::warn!(job.id = job.id, "message {} waits: {reason}", job.id);
                        self.wait(job, now, reason)
                    }
                    // The same request would be refused the same way.
                    Code::InvalidArgument
                    | Code::FailedPrecondition
                    | Code::NotFound
                    | Code::OutOfRange
                    | Code::AlreadyExists => Outcome::Dead { reason },
                    _ if job.attempts + 1 >= self.attempts_max => Outcome::Dead { reason },
                    _ => {
                        tracing::warn!(job.id = job.id, "message {} failed and is tried again: {reason}", job.id);
                        let exponent = u32::try_from(job.attempts.clamp(0, 7)).unwrap_or(0);
                        Outcome::Retry { delay: Duration::from_millis(500 << exponent), reason }
                    }
                }
            }
        }
    }

    fn wait(&self, job: &Job, now: Timestamp, reason: String) -> Outcome {
        let age = Duration::try_from(now.duration_since(job.created_at)).unwrap_or_default();
        if age >= self.give_up_after {
            return Outcome::Dead { reason };
        }
        Outcome::NotNow { delay: pause(job, now), reason }
    }
}

/// Lets a message wait a little and be tried again.
pub(crate) fn again(job: &Job, now: Timestamp) -> Outcome {
    Outcome::NotNow { delay: pause(job, now), reason: "tried again".to_owned() }
}

/// Grows with the age of the message: soon at first, every fifteen seconds in a long outage.
fn pause(job: &Job, now: Timestamp) -> Duration {
    let age = Duration::try_from(now.duration_since(job.created_at)).unwrap_or_default();
    (age / 4).clamp(Duration::from_millis(200), Duration::from_secs(15))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn job(attempts: i32) -> Job {
        Job {
            id: 1,
            dedup_key: String::new(),
            kind: String::new(),
            payload: Vec::new(),
            progress: None,
            attempts,
            traceparent: None,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn hop(code: Code) -> Failure {
        Failure::of("post")(Status::new(code, "why"))
    }

    const PATIENCE: Patience = Patience { attempts_max: 3, give_up_after: Duration::from_hours(24) };

    #[test]
    fn an_outage_costs_no_attempts_and_ends_after_a_day() {
        let soon = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(5);
        let late = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24);

        assert!(matches!(PATIENCE.judge(&hop(Code::Unavailable), &job(2), soon), Outcome::NotNow { .. }));
        assert!(matches!(PATIENCE.judge(&hop(Code::Unavailable), &job(2), late), Outcome::Dead { .. }));
    }

    #[test]
    fn a_message_that_fails_by_itself_is_given_up_at_its_last_attempt() {
        let now = Timestamp::UNIX_EPOCH;
        assert!(matches!(PATIENCE.judge(&hop(Code::Internal), &job(1), now), Outcome::Retry { .. }));
        assert!(matches!(PATIENCE.judge(&hop(Code::Internal), &job(2), now), Outcome::Dead { .. }));
        assert!(matches!(PATIENCE.judge(&hop(Code::InvalidArgument), &job(0), now), Outcome::Dead { .. }));
        assert!(matches!(PATIENCE.judge(&Failure::Unreadable(String::new()), &job(0), now), Outcome::Dead { .. }));
    }
}
