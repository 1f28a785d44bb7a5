//! What an operator is woken for.

/// A reason to wake an operator. The word of each is stable: alerts are written against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alert {
    /// Meta restricted what the account may do.
    AccountRestricted,
    /// Meta found a violation of its policies.
    AccountViolation,
    /// The account is disabled, or will be.
    AccountDisabled,
    /// The account was deleted.
    AccountDeleted,
    /// Meta raised an alert of its own and calls it critical.
    AccountAlert,
    /// Somebody changed the two-step PIN of the number, or asked to.
    SecurityChanged,
    /// A template is paused: messages with it fail.
    TemplatePaused,
    /// A template is disabled: messages with it fail.
    TemplateDisabled,
    /// A template was refused.
    TemplateRejected,
    /// People complain about the number.
    NumberFlagged,
    /// The number may write to fewer people a day than before.
    NumberDowngraded,
    /// The access token is no longer valid.
    TokenInvalid,
    /// A permission is missing.
    PermissionMissing,
    /// The account is locked.
    AccountLocked,
    /// Sending is blocked for a violation of policy.
    PolicyBlocked,
    /// Nothing is sent until a payment problem is solved.
    PaymentProblem,
    /// The number is not registered.
    NumberNotRegistered,
    /// The number does not exist any more.
    NumberDeleted,
    /// The display name of the number is not approved.
    NameNotApproved,
}

impl Alert {
    /// Returns its stable word, as in the log and in the metric.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::AccountRestricted => "account_restricted",
            Self::AccountViolation => "account_violation",
            Self::AccountDisabled => "account_disabled",
            Self::AccountDeleted => "account_deleted",
            Self::AccountAlert => "account_alert",
            Self::SecurityChanged => "security_changed",
            Self::TemplatePaused => "template_paused",
            Self::TemplateDisabled => "template_disabled",
            Self::TemplateRejected => "template_rejected",
            Self::NumberFlagged => "number_flagged",
            Self::NumberDowngraded => "number_downgraded",
            Self::TokenInvalid => "token_invalid",
            Self::PermissionMissing => "permission_missing",
            Self::AccountLocked => "account_locked",
            Self::PolicyBlocked => "policy_blocked",
            Self::PaymentProblem => "payment_problem",
            Self::NumberNotRegistered => "number_not_registered",
            Self::NumberDeleted => "number_deleted",
            Self::NameNotApproved => "name_not_approved",
        }
    }

    /// Returns what one of Meta's error codes means for the whole number; `None` for those that concern one message.
    pub(super) fn of_error(code: i64) -> Option<Self> {
        match code {
            0 | 190 => Some(Self::TokenInvalid),
            3 | 10 | 200..=299 | 131_005 => Some(Self::PermissionMissing),
            33 => Some(Self::NumberDeleted),
            368 | 131_064 => Some(Self::PolicyBlocked),
            131_031 => Some(Self::AccountLocked),
            131_037 => Some(Self::NameNotApproved),
            131_042 | 131_044 => Some(Self::PaymentProblem),
            131_045 | 133_010 => Some(Self::NumberNotRegistered),
            _ => None,
        }
    }

    /// Wakes the operator: one line in the log and one more in the counter, under stable names and without anybody's data.
    pub(crate) fn raise(self, field: &str, summary: &str) {
        let word = self.word();
        crate::metrics::get().operator_alert(word);
        tracing::error!(
            event.name = "operator_alert",
            alert = word,
            whatsapp.field = field,
            "operator_alert {word}: {summary}"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;
    use std::sync::{Arc, Mutex};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    /// Keeps what is logged.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<String>>>);

    struct Line(String);

    impl Visit for Line {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            self.0.extend([" ".to_owned(), format!("{field}={value:?}")]);
        }
    }

    impl Subscriber for Log {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            *metadata.level() == tracing::Level::ERROR
        }

        fn new_span(&self, _span: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _span: &Id, _values: &Record<'_>) {}

        fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

        fn event(&self, event: &Event<'_>) {
            let mut line = Line(event.metadata().level().to_string());
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0);
        }

        fn enter(&self, _span: &Id) {}

        fn exit(&self, _span: &Id) {}
    }

    #[test]
    fn the_line_has_a_stable_name_and_the_word_of_the_alert() {
        let log = Log::default();

        tracing::subscriber::with_default(log.clone(), || {
            Alert::TokenInvalid.raise("messages", "Meta reports error 190");
        });

        let lines = log.0.lock().unwrap().clone();
        assert_eq!(
            lines,
            ["ERROR message=operator_alert token_invalid: Meta reports error 190 event.name=\"operator_alert\" \
              alert=\"token_invalid\" whatsapp.field=\"messages\""]
        );
    }
}
