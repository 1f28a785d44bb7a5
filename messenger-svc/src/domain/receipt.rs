//! What Meta reports of a message, and what that makes of it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::delivery::State;

/// A report.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The message it speaks of, by WhatsApp's id.
    pub whatsapp_id: String,
    /// The message it speaks of, by the id we gave Meta with it.
    pub message_id: Option<Uuid>,
    /// What it reports.
    pub state: State,
    /// When that happened, by Meta's clock.
    pub occurred_at: Timestamp,
    /// Meta's code, when it failed; 0 otherwise.
    pub error_code: i32,
    /// What it costs, when the report says so.
    pub pricing: Option<Pricing>,
    /// W3C trace context of the webhook that brought it.
    pub traceparent: Option<String>,
}

/// What a message costs, in Meta's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pricing {
    /// Whether it is billed.
    pub billable: bool,
    /// `PMP` or `CBP`.
    pub model: String,
    /// `regular`, `free_customer_service` and others.
    #[serde(rename = "type")]
    pub kind: String,
    /// `service`, `utility` and others.
    pub category: String,
}

impl Pricing {
    /// Returns it as it is stored.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("strings and a flag always become JSON")
    }
}

/// A message that turned out to have failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which message.
    pub message_id: Uuid,
    /// Its lane.
    pub lane: String,
    /// The number it was sent from.
    pub phone_number_id: String,
    /// Meta's code.
    pub error_code: i32,
    /// When, by Meta's clock.
    pub occurred_at: Timestamp,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It changed the message.
    Applied,
    /// It said nothing new.
    Ignored,
    /// Its message is not known yet.
    Parked,
}

/// A message while reports are applied to it.
#[derive(Clone, Debug)]
pub struct Track {
    /// How far it has come.
    pub state: State,
    /// WhatsApp's id of its newest send.
    pub whatsapp_id: Option<String>,
    /// Meta's code, when a report said that it failed.
    pub error_code: i32,
    /// When it failed, by Meta's clock, when a report said that it did.
    pub failed_at: Option<Timestamp>,
    /// What it costs, when a report said so for the first time.
    pub new_pricing: Option<Pricing>,
    /// Whether it is known what it costs.
    pub is_priced: bool,
    /// First day of the UTC month in which it arrived, by Meta's clock. The earliest report counts.
    pub delivered_month: Option<Date>,
}

impl Receipt {
    /// Returns the month in which the message arrived, if this says that it has. Read is arrived, too: Meta leaves
    /// `delivered` out when the chat is open.
    fn delivered_month(&self) -> Option<Date> {
        let has_arrived = matches!(self.state, State::Delivered | State::Read | State::Played);
        has_arrived.then(|| month_of(self.occurred_at))
    }
}

/// Returns the first day of the month in UTC, as Meta bills it.
pub fn month_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date().first_of_month()
}

impl Track {
    /// Applies one report. Reports in any order, and repeated, end the same.
    pub fn apply(&mut self, receipt: &Receipt) -> Fate {
        // A doubt may have led to two sends. That one of them failed says nothing of the other.
        let is_of_newest = self.whatsapp_id.as_ref().is_none_or(|id| *id == receipt.whatsapp_id);
        if receipt.state == State::Failed && !is_of_newest {
            return Fate::Ignored;
        }
        let mut fate = Fate::Ignored;
        if self.state.moves_on_to(receipt.state) {
            self.state = receipt.state;
            self.error_code = receipt.error_code;
            self.failed_at = (receipt.state == State::Failed).then_some(receipt.occurred_at);
            fate = Fate::Applied;
        }
        if self.whatsapp_id.is_none() {
            self.whatsapp_id = Some(receipt.whatsapp_id.clone());
            fate = Fate::Applied;
        }
        if let Some(month) = receipt.delivered_month()
            && self.delivered_month.is_none_or(|known| month < known)
        {
            self.delivered_month = Some(month);
            fate = Fate::Applied;
        }
        // Billed once per message: the first price that is seen counts.
        if !self.is_priced && receipt.pricing.is_some() {
            self.new_pricing.clone_from(&receipt.pricing);
            self.is_priced = true;
            fate = Fate::Applied;
        }
        fate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(state: State, whatsapp_id: &str, pricing: bool) -> Receipt {
        let pricing = pricing.then(|| Pricing {
            billable: true,
            model: "PMP".to_owned(),
            kind: "regular".to_owned(),
            category: "service".to_owned(),
        });
        Receipt {
            whatsapp_id: whatsapp_id.to_owned(),
            message_id: None,
            state,
            occurred_at: Timestamp::UNIX_EPOCH,
            error_code: 0,
            pricing,
            traceparent: None,
        }
    }

    fn track() -> Track {
        Track {
            state: State::InDoubt,
            whatsapp_id: None,
            error_code: 0,
            failed_at: None,
            new_pricing: None,
            is_priced: false,
            delivered_month: None,
        }
    }

    #[test]
    fn price_is_taken_once() {
        let mut track = track();

        assert_eq!(track.apply(&receipt(State::Delivered, "wamid.1", true)), Fate::Applied);
        assert!(track.new_pricing.is_some());
        assert_eq!(track.apply(&receipt(State::Sent, "wamid.1", true)), Fate::Ignored);
        assert_eq!(track.state, State::Delivered);
    }

    #[test]
    fn failure_of_an_earlier_send_leaves_the_newest_alone() {
        let mut track = Track { state: State::Accepted, whatsapp_id: Some("wamid.2".to_owned()), ..track() };

        assert_eq!(track.apply(&receipt(State::Failed, "wamid.1", false)), Fate::Ignored);
        assert_eq!(track.apply(&receipt(State::Failed, "wamid.2", false)), Fate::Applied);
        assert_eq!(track.apply(&receipt(State::Delivered, "wamid.1", false)), Fate::Applied);
        assert_eq!(track.state, State::Delivered);
    }

    #[test]
    fn month_of_arrival_is_that_of_the_earliest_report_whichever_comes_first() {
        let at = |time: &str| time.parse::<Timestamp>().unwrap();
        let delivered =
            Receipt { occurred_at: at("2026-10-31T23:59:59Z"), ..receipt(State::Delivered, "wamid.1", false) };
        let read = Receipt { occurred_at: at("2026-11-01T00:00:00Z"), ..receipt(State::Read, "wamid.1", false) };
        let sent = Receipt { occurred_at: at("2026-09-30T00:00:00Z"), ..receipt(State::Sent, "wamid.1", false) };

        for order in [[&sent, &delivered, &read], [&read, &delivered, &sent], [&delivered, &read, &sent]] {
            let mut track = track();
            for receipt in order {
                track.apply(receipt);
            }
            assert_eq!(track.delivered_month, Some(jiff::civil::date(2026, 10, 1)));
        }
    }
}
