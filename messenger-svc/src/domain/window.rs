//! The 24 hours after a person's message, in which anything may be sent to them.

use jiff::{SignedDuration, Timestamp};

/// Meta's code for a closed window; ours, too, when we do not even ask.
pub const WINDOW_CLOSED_CODE: i32 = 131_047;
/// How long Meta lets a business answer.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// What is known of a person and a business number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// When the person's newest message was written, by Meta's clock.
    pub inbound_at: Option<Timestamp>,
    /// When Meta said that it is closed.
    pub closed_at: Option<Timestamp>,
}

/// Whether anything but a template may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It may.
    Open,
    /// Nothing is known: Meta's answer decides.
    Unknown,
    /// The 24 hours are over by the clock.
    Over,
    /// Meta refused, and the person has not written since.
    Refused,
}

impl Access {
    /// Returns whether it is known that only a template may be sent.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Over | Self::Refused)
    }
}

impl Window {
    /// Returns whether anything but a template may be sent.
    pub fn access(self, now: Timestamp, margin: SignedDuration) -> Access {
        // Meta knows better than any clock; only who wrote since then may be written to. Messages have whole seconds, so one
        // of the same second may have come after.
        if let Some(closed_at) = self.closed_at
            && self.inbound_at.is_none_or(|inbound_at| inbound_at.as_second() < closed_at.as_second())
        {
            return Access::Refused;
        }
        match self.inbound_at {
            None => Access::Unknown,
            Some(inbound_at) if now.duration_since(inbound_at) < WINDOW - margin => Access::Open,
            Some(_) => Access::Over,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARGIN: SignedDuration = SignedDuration::from_mins(5);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn access(inbound: Option<i64>, closed: Option<i64>, now: i64) -> Access {
        Window { inbound_at: inbound.map(at), closed_at: closed.map(at) }.access(at(now), MARGIN)
    }

    #[test]
    fn window_is_open_for_24_hours_less_the_margin() {
        let last = 24 * 3600 - 5 * 60 - 1;
        assert_eq!(access(Some(0), None, 0), Access::Open);
        assert_eq!(access(Some(0), None, last), Access::Open);
        assert_eq!(access(Some(0), None, last + 1), Access::Over);
    }

    #[test]
    fn meta_closes_it_until_somebody_writes_again() {
        assert_eq!(access(Some(0), Some(60), 61), Access::Refused);
        assert_eq!(access(Some(59), Some(60), 61), Access::Refused);
        assert_eq!(access(Some(60), Some(60), 61), Access::Open);
        assert_eq!(access(None, Some(60), 61), Access::Refused);
    }

    #[test]
    fn message_of_the_second_in_which_meta_closed_it_opens_it_again() {
        let closed_at = Some(at(60) + SignedDuration::from_micros(999_999));
        let window = |inbound| Window { inbound_at: Some(at(inbound)), closed_at };
        assert_eq!(window(60).access(at(61), MARGIN), Access::Open);
        assert_eq!(window(59).access(at(61), MARGIN), Access::Refused);
    }

    #[test]
    fn where_nothing_is_known_nothing_is_claimed() {
        assert_eq!(access(None, None, 0), Access::Unknown);
        assert!(!Access::Unknown.is_closed());
    }
}
