//! What Meta reports of a message, and what that makes of it.

use jiff::Timestamp;
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
}
