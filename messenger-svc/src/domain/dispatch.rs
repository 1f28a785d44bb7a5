//! Whether a message may be handed over now, and what follows from a refusal.

use jiff::{SignedDuration, Timestamp};

use super::backoff;
use super::delivery::State;
use super::verdict::Action;

/// Refusals after which a message carries the words of no other.
const LEADER_REFUSALS_MAX: u32 = 3;

/// The settings that decide about a message.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// How long receipts may take to settle a doubt.
    pub settle_after: SignedDuration,
    /// A message older than this is given up.
    pub give_up_after: SignedDuration,
    /// Time between probes of a halted number.
    pub probe_interval: SignedDuration,
    /// Time between probes of a number that is held back for spam.
    pub spam_probe_interval: SignedDuration,
    /// How long nothing bad must be heard of a probe that was accepted, where receipts halted the number.
    pub quiet_after_probe: SignedDuration,
    /// How long before the end of the 24 hours they count as over.
    pub window_margin: SignedDuration,
}

/// What decides about a message that is next in its lane.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// How far it has come.
    pub state: State,
    /// Times it was handed over.
    pub attempts: u32,
    /// When it was last handed over.
    pub in_doubt_since: Option<Timestamp>,
    /// When it was put in.
    pub created_at: Timestamp,
}

/// What to do with the message that is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Hand it over.
    Send,
    /// Nothing is left to do.
    Settled,
    /// Its last hand-over may still turn out to have worked: ask again later.
    Doubtful(SignedDuration),
    /// Nobody waits for it any more.
    TooOld,
}

/// What to do with a message that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterRefusal {
    /// Try it again later.
    Later(SignedDuration),
    /// It has failed.
    Failed,
}

impl Policy {
    /// Decides about the message that is next in its lane.
    pub fn turn(&self, message: &Standing, now: Timestamp) -> Turn {
        if message.state.is_settled() {
            return Turn::Settled;
        }
        if message.state == State::InDoubt {
            let since = message.in_doubt_since.unwrap_or(message.created_at);
            let settled_at = since + backoff::settle(self.settle_after, message.attempts);
            let wait = settled_at.duration_since(now);
            if wait.is_positive() {
                return Turn::Doubtful(wait);
            }
        }
        if now.duration_since(message.created_at) > self.give_up_after {
            return Turn::TooOld;
        }
        Turn::Send
    }

    /// Returns whether a message may take the words of those behind it: they would share the end of one that is old or was
    /// refused again and again.
    pub fn may_lead(&self, message: &Standing, refusals: u32, now: Timestamp) -> bool {
        now.duration_since(message.created_at) * 2 <= self.give_up_after && refusals <= LEADER_REFUSALS_MAX
    }

    /// Decides about a message that was refused, `refusals` times before.
    pub fn after_refusal(&self, action: Action, refusals: u32, retry_after: Option<SignedDuration>) -> AfterRefusal {
        let wait = match action {
            Action::Retry => backoff::growing(refusals),
            Action::PauseNumber { seconds } => {
                SignedDuration::from_secs(i64::from(seconds)).max(backoff::growing(refusals))
            }
            Action::FewTries if refusals < backoff::FEW_TRIES_MAX => backoff::minutes(refusals),
            Action::PairBackoff if refusals < backoff::PAIR_TRIES_MAX => backoff::pair(refusals),
            Action::HaltNumber(halt) => self.probe_interval_of(halt),
            Action::FewTries | Action::PairBackoff | Action::Never | Action::WindowClosed => {
                return AfterRefusal::Failed;
            }
        };
        // Meta's own figure may only lengthen the wait, and by no more than a quarter of an hour.
        AfterRefusal::Later(wait.max(retry_after.unwrap_or_default().min(SignedDuration::from_secs(900))))
    }

    /// Returns how long a halted number waits for its next probe.
    pub fn probe_interval_of(&self, halt: super::verdict::Halt) -> SignedDuration {
        match halt {
            super::verdict::Halt::Spam => self.spam_probe_interval,
            _ => self.probe_interval,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::verdict::Halt;
    use super::*;

    const SECOND: SignedDuration = SignedDuration::from_secs(1);
    const POLICY: Policy = Policy {
        settle_after: SignedDuration::from_secs(60),
        give_up_after: SignedDuration::from_hours(24),
        probe_interval: SignedDuration::from_secs(30),
        spam_probe_interval: SignedDuration::from_hours(1),
        quiet_after_probe: SignedDuration::from_mins(5),
        window_margin: SignedDuration::from_mins(5),
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn standing(state: State, attempts: u32) -> Standing {
        Standing { state, attempts, in_doubt_since: Some(at(0)), created_at: at(0) }
    }

    #[test]
    fn doubt_is_left_to_receipts_until_the_settle_time_is_over() {
        assert_eq!(POLICY.turn(&standing(State::InDoubt, 1), at(59)), Turn::Doubtful(SECOND));
        assert_eq!(POLICY.turn(&standing(State::InDoubt, 1), at(60)), Turn::Send);
        assert_eq!(POLICY.turn(&standing(State::InDoubt, 2), at(60)), Turn::Doubtful(SECOND * 60));
        assert_eq!(POLICY.turn(&standing(State::InDoubt, 2), at(120)), Turn::Send);
    }

    #[test]
    fn settled_messages_are_never_sent() {
        for state in [State::Accepted, State::Sent, State::Delivered, State::Read, State::Played, State::Failed] {
            assert_eq!(POLICY.turn(&standing(state, 1), at(1_000_000)), Turn::Settled);
        }
    }

    #[test]
    fn old_messages_are_given_up() {
        let day = 24 * 3600;
        assert_eq!(POLICY.turn(&standing(State::Queued, 0), at(day)), Turn::Send);
        assert_eq!(POLICY.turn(&standing(State::Queued, 0), at(day + 1)), Turn::TooOld);
    }

    #[test]
    fn old_messages_and_those_refused_too_often_carry_no_other_words() {
        let half = 12 * 3600;
        assert!(POLICY.may_lead(&standing(State::Queued, 0), 3, at(half)));
        assert!(!POLICY.may_lead(&standing(State::Queued, 0), 4, at(half)));
        assert!(!POLICY.may_lead(&standing(State::Queued, 0), 0, at(half + 1)));
    }

    #[test]
    fn each_action_ends_or_goes_on_as_the_table_says() {
        use AfterRefusal::{Failed, Later};
        let cases = [
            (Action::Retry, 0, Later(SECOND)),
            (Action::Retry, 100, Later(SECOND * 300)),
            (Action::PauseNumber { seconds: 60 }, 0, Later(SECOND * 60)),
            (Action::FewTries, 0, Later(SECOND * 60)),
            (Action::FewTries, 2, Later(SECOND * 240)),
            (Action::FewTries, 3, Failed),
            (Action::PairBackoff, 2, Later(SECOND * 16)),
            (Action::PairBackoff, 8, Failed),
            (Action::Never, 0, Failed),
            (Action::WindowClosed, 0, Failed),
            (Action::HaltNumber(Halt::Token), 100, Later(SECOND * 30)),
            (Action::HaltNumber(Halt::Spam), 100, Later(SECOND * 3600)),
        ];
        for (action, refusals, expected) in cases {
            assert_eq!(POLICY.after_refusal(action, refusals, None), expected, "{action:?} {refusals}");
        }
        assert_eq!(POLICY.after_refusal(Action::Retry, 0, Some(SECOND * 7)), Later(SECOND * 7));
    }
}
