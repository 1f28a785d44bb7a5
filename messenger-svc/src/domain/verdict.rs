//! What an error of Meta's means for the message, the person and the number: one classifier for refused sends and for
//! receipts that say `failed`.

use super::verdict_table::RULES;

/// What code 100 with subcode 33 means on the path of a number.
const NOT_VISIBLE: &str = "the business number does not exist or the token may not see it";

/// What to do after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Passes by itself: try again, with growing waits.
    Retry,
    /// Passes by itself and hits every message of the number: all of them wait that many seconds.
    PauseNumber {
        /// How long.
        seconds: u32,
    },
    /// May pass: a few more tries, minutes apart.
    FewTries,
    /// Does not pass: the message has failed.
    Never,
    /// The 24 hours after the person's last message are over: the message has failed, only templates go through.
    WindowClosed,
    /// Too much for this person: wait 4^x seconds, others go on.
    PairBackoff,
    /// The number cannot send at all: keep the queue, alert, try one message now and then.
    HaltNumber(Halt),
}

/// Why a number is halted, for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Halt {
    /// The access token is wrong, expired or withdrawn.
    Token,
    /// The app lacks a permission.
    Permission,
    /// Meta locked or blocked the account.
    Account,
    /// The account is not paid for.
    Payment,
    /// The number is not registered, has been deleted, or its name is not approved.
    Registration,
    /// People reported the number: sending on makes it worse.
    Spam,
}

/// What is known of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What to do.
    pub action: Action,
    /// What Meta says it is, in our words.
    pub meaning: &'static str,
}

/// A row of the table: an error code, or a range of them.
pub(super) struct Rule {
    pub(super) first: i32,
    pub(super) last: i32,
    pub(super) action: Action,
    pub(super) meaning: &'static str,
}

/// Judges an error. `http` is the status of the answer, `None` for a receipt.
///
/// The code decides, because Meta's statuses are not dependable; the status only where the code is not known.
pub fn judge(code: Option<i32>, http: Option<u16>) -> Verdict {
    if let Some(rule) = code.and_then(|code| RULES.iter().find(|rule| (rule.first..=rule.last).contains(&code))) {
        return Verdict { action: rule.action, meaning: rule.meaning };
    }
    match http {
        Some(429) => Verdict { action: Action::Retry, meaning: "too many requests" },
        Some(500..) => Verdict { action: Action::Retry, meaning: "unknown error of Meta's servers" },
        Some(_) | None => Verdict { action: Action::Never, meaning: "unknown error" },
    }
}

/// Judges the refusal of a send. That something is missing or not visible is said of the number, which its address names.
pub fn judge_send(code: Option<i32>, subcode: Option<i32>, http: u16) -> Verdict {
    if (code, subcode) == (Some(100), Some(33)) {
        return Verdict { action: Action::HaltNumber(Halt::Registration), meaning: NOT_VISIBLE };
    }
    judge(code, Some(http))
}

/// Judges the error of a receipt. 0 stands for none: the one that failed without saying why says nothing of the number.
pub fn judge_receipt(code: i32) -> Verdict {
    judge((code != 0).then_some(code), None)
}

/// Returns every meaning that halts a number: a message that was refused so waits for the number.
pub fn halting_meanings() -> impl Iterator<Item = &'static str> {
    let of_codes = RULES.iter().filter(|rule| matches!(rule.action, Action::HaltNumber(_))).map(|rule| rule.meaning);
    of_codes.chain([NOT_VISIBLE])
}

impl Halt {
    /// Returns the word for metrics and logs.
    pub fn label(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Permission => "permission",
            Self::Account => "account",
            Self::Payment => "payment",
            Self::Registration => "registration",
            Self::Spam => "spam",
        }
    }

    /// Returns what the operator can do.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Token => "put a valid token into WHATSAPP_ACCESS_TOKEN or its file; a changed file is tried at once",
            Self::Permission => "give the app whatsapp_business_messaging for this account and make a new token",
            Self::Account => "see the account's status in WhatsApp Manager and ask for a review there",
            Self::Payment => "add or renew the payment method of the WhatsApp account",
            Self::Registration => {
                "check WHATSAPP_PHONE_NUMBER_ID, give the token access to it, register it, or have its display name approved"
            }
            Self::Spam => "wait, and send less that people did not ask for",
        }
    }
}

impl Action {
    /// Returns the word for metrics.
    pub fn label(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::PauseNumber { .. } => "pause_number",
            Self::FewTries => "few_tries",
            Self::Never => "never",
            Self::WindowClosed => "window_closed",
            Self::PairBackoff => "pair_backoff",
            Self::HaltNumber(_) => "halt_number",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_is_in_the_table_twice() {
        for (i, rule) in RULES.iter().enumerate() {
            assert!(rule.first <= rule.last);
            for other in &RULES[..i] {
                assert!(rule.first > other.last || rule.last < other.first, "{} and {}", rule.first, other.first);
            }
        }
    }

    #[test]
    fn unknown_errors_are_judged_by_their_status() {
        assert_eq!(judge(Some(999_999), Some(500)).action, Action::Retry);
        assert_eq!(judge(None, Some(503)).action, Action::Retry);
        assert_eq!(judge(None, Some(429)).action, Action::Retry);
        assert_eq!(judge(Some(999_999), Some(400)).action, Action::Never);
        assert_eq!(judge(Some(999_999), None).action, Action::Never);
    }

    #[test]
    fn receipt_without_a_code_is_an_unknown_error() {
        assert_eq!(judge_receipt(0).action, Action::Never);
        assert_eq!(judge_receipt(190).action, Action::HaltNumber(Halt::Token));
    }

    #[test]
    fn number_that_is_not_visible_is_halted_and_another_wrong_parameter_is_the_messages_fault() {
        assert_eq!(judge_send(Some(100), Some(33), 400).action, Action::HaltNumber(Halt::Registration));
        assert_eq!(judge_send(Some(100), None, 400).action, Action::Never);
        assert_eq!(judge_send(Some(100), Some(2_494_010), 400).action, Action::Never);
        assert_eq!(judge_send(None, None, 503).action, Action::Retry);
    }

    #[test]
    fn what_halts_a_number_is_never_said_of_a_message() {
        for meaning in halting_meanings() {
            let same = RULES.iter().filter(|rule| rule.meaning == meaning);
            assert!(same.into_iter().all(|rule| matches!(rule.action, Action::HaltNumber(_))), "{meaning}");
        }
    }

    #[test]
    fn code_decides_whatever_the_status_says() {
        for http in [Some(200), Some(400), Some(429), Some(500), None] {
            assert_eq!(judge(Some(131_057), http).action, Action::PauseNumber { seconds: 10 });
            assert_eq!(judge(Some(190), http).action, Action::HaltNumber(Halt::Token));
        }
    }
}
