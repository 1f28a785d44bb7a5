//! How far a message has come, and in which order reports may move it.

/// How far a message has come. The numbers are those of the proto and of the table `message`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i16)]
pub enum State {
    /// In the outbox.
    Queued = 1,
    /// Handed to the Graph API and no answer is known.
    InDoubt = 2,
    /// Accepted by the Graph API.
    Accepted = 3,
    /// Sent by WhatsApp.
    Sent = 4,
    /// On the person's phone.
    Delivered = 5,
    /// Read.
    Read = 6,
    /// A voice note of ours was played.
    Played = 7,
    /// It will not arrive.
    Failed = 8,
}

impl State {
    /// Returns the number stored for it.
    pub fn number(self) -> i16 {
        self as i16
    }

    /// Reads a stored number.
    pub fn from_number(number: i16) -> Option<Self> {
        Some(match number {
            1 => Self::Queued,
            2 => Self::InDoubt,
            3 => Self::Accepted,
            4 => Self::Sent,
            5 => Self::Delivered,
            6 => Self::Read,
            7 => Self::Played,
            8 => Self::Failed,
            _ => return None,
        })
    }

    /// Reads Meta's word for a status. `None` for words of a later year and the legacy ones that say nothing new.
    pub fn from_status(status: &str) -> Option<Self> {
        Some(match status {
            "sent" => Self::Sent,
            "delivered" => Self::Delivered,
            "read" => Self::Read,
            "played" => Self::Played,
            "failed" => Self::Failed,
            _ => return None,
        })
    }

    /// Returns Meta's word for it, where it has one.
    pub fn status(self) -> Option<&'static str> {
        match self {
            Self::Sent => Some("sent"),
            Self::Delivered => Some("delivered"),
            Self::Read => Some("read"),
            Self::Played => Some("played"),
            Self::Failed => Some("failed"),
            Self::Queued | Self::InDoubt | Self::Accepted => None,
        }
    }

    // A failure replaces what comes before `delivered` and gives way to it: with several devices a message can fail
    // on one and arrive on another. So the states form one line, and the end is the same in whatever order they come.
    fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::InDoubt => 1,
            Self::Accepted => 2,
            Self::Sent => 3,
            Self::Failed => 4,
            Self::Delivered => 5,
            Self::Read => 6,
            Self::Played => 7,
        }
    }

    /// Returns whether a report of `next` moves a message on from here.
    pub fn moves_on_to(self, next: Self) -> bool {
        next.rank() > self.rank()
    }

    /// Returns whether nothing more has to be done to send it.
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Queued | Self::InDoubt)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [State; 8] = [
        State::Queued,
        State::InDoubt,
        State::Accepted,
        State::Sent,
        State::Delivered,
        State::Read,
        State::Played,
        State::Failed,
    ];

    fn fold(reports: &[State]) -> State {
        reports.iter().fold(State::Queued, |at, next| if at.moves_on_to(*next) { *next } else { at })
    }

    #[test]
    fn failure_replaces_only_what_comes_before_delivered() {
        for state in ALL {
            let is_replaced = matches!(state, State::Queued | State::InDoubt | State::Accepted | State::Sent);
            assert_eq!(state.moves_on_to(State::Failed), is_replaced, "{state:?}");
        }
    }

    #[test]
    fn numbers_and_words_are_read_back() {
        for state in ALL {
            assert_eq!(State::from_number(state.number()), Some(state));
            if let Some(word) = state.status() {
                assert_eq!(State::from_status(word), Some(state));
            }
        }
        assert_eq!(State::from_number(0), None);
        assert_eq!(State::from_status("warning"), None);
    }

    proptest! {
        #[test]
        fn reports_in_any_order_end_the_same(
            reports in prop::sample::subsequence(ALL.to_vec(), 0..=8).prop_shuffle(),
            again in prop::collection::vec(0_usize..8, 0..5),
        ) {
            let mut sorted = reports.clone();
            sorted.sort_by_key(|state| state.number());
            let mut with_repeats = reports.clone();
            with_repeats.extend(again.iter().filter_map(|i| reports.get(*i)).copied());

            prop_assert_eq!(fold(&reports), fold(&sorted));
            prop_assert_eq!(fold(&with_repeats), fold(&sorted));
        }
    }
}
