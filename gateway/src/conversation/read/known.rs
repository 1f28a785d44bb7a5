//! What is known when a plan is made.

use proto::parser::v1::{Action, Clarification};

use super::line_of;
use crate::conversation::past::Past;
use crate::conversation::restock::Restock;

/// What is known of the shop and the conversation when the plan is made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// The items moved last, newest first.
    pub recent: Vec<KnownItem>,
    /// Whether `recent` is all there is.
    pub is_all: bool,
    /// When the message was written, unix seconds.
    pub sent_at: i64,
    /// IANA name of the shop's time zone.
    pub time_zone: String,
    /// ISO 4217 code of the shop.
    pub currency: String,
    /// What was written.
    pub text: String,
    /// Whether the message quotes another one.
    pub quotes: bool,
    /// What the quoted message did, when that is known.
    pub quoted: Option<Past>,
    /// The person's newest operation that stands, when it was looked up.
    pub newest: Option<Past>,
    /// The newest one with the item that is spoken of, when it was looked up.
    pub with_item: Option<Past>,
    /// The stock-take that the person is in the middle of: its id in the ledger.
    pub counting: Option<String>,
    /// What the person means by "restock", when the message says so.
    pub restock: Restock,
}

/// An item of the shop.
#[derive(Clone, Debug)]
pub(crate) struct KnownItem {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Returns whether a plan for these actions needs to know the shop's items: somebody left the item out.
pub(crate) fn needs_known_items(actions: &[Action]) -> bool {
    actions.iter().any(|action| {
        line_of(action).is_some_and(|line| line.item.is_none()) && action.clarification() == Clarification::Item
    })
}
