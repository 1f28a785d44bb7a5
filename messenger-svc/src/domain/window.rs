//! The 24 hours after a person's message, in which anything may be sent to them.

use jiff::{SignedDuration, Timestamp};

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

impl Window {
    /// Returns whether anything but a template may be sent. Where nothing is known Meta's answer decides, so it is tried.
    pub fn is_open(self, now: Timestamp, margin: SignedDuration) -> bool {
        // Meta knows better than any clock; only who wrote since then may be written to.
        if let Some(closed_at) = self.closed_at
            && self.inbound_at.is_none_or(|inbound_at| inbound_at <= closed_at)
        {
            return false;
        }
        self.inbound_at.is_none_or(|inbound_at| now.duration_since(inbound_at) < WINDOW - margin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARGIN: SignedDuration = SignedDuration::from_mins(5);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn is_open(inbound: Option<i64>, closed: Option<i64>, now: i64) -> bool {
        Window { inbound_at: inbound.map(at), closed_at: closed.map(at) }.is_open(at(now), MARGIN)
    }

    #[test]
    fn window_is_open_for_24_hours_less_the_margin() {
        let last = 24 * 3600 - 5 * 60 - 1;
        assert!(is_open(Some(0), None, 0));
        assert!(is_open(Some(0), None, last));
        assert!(!is_open(Some(0), None, last + 1));
    }

    #[test]
    fn meta_closes_it_until_somebody_writes_again() {
        assert!(!is_open(Some(0), Some(60), 61));
        assert!(!is_open(Some(60), Some(60), 61));
        assert!(is_open(Some(61), Some(60), 61));
        assert!(!is_open(None, Some(60), 61));
    }

    #[test]
    fn where_nothing_is_known_it_is_tried() {
        assert!(is_open(None, None, 0));
    }
}
