//! What a shop keeps of its items beside their stock: names, levels at which to warn, what happened to them.

use std::str::FromStr as _;

use proto::parser::v1 as parsed;
use proto::parser::v1::action::Intent;
use proto::parser::v1::{Action, Clarification, RenameMode};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::plan::{Item, Saying, Step};
use super::read::item_of;
use super::report::Days;

/// One thing to do about an item, or to tell of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Upkeep {
    /// Tell what runs low.
    LowStock {
        /// Only what is finished.
        is_out_only: bool,
    },
    /// Warn when there is only so much of an item.
    SetLevel {
        /// What.
        item: Item,
        /// How much; `None`: no warning any more.
        level: Option<Decimal>,
        /// Unit of the level, singular and in English; empty: the item's own.
        unit: String,
    },
    /// Call an item otherwise.
    Rename {
        /// What.
        item: Item,
        /// The new name.
        name: String,
    },
    /// Call an item by one more name. One of the two is the item, whichever the shop has.
    Alias {
        /// What.
        item: Item,
        /// The other name.
        name: String,
    },
    /// Two items are one; asks first. When only one of them is known, the other is one more name of it.
    Merge {
        /// What is put away. Both with an id: somebody said yes.
        item: Item,
        /// What stays.
        into: Item,
    },
    /// Take an item off the lists; asks first.
    Archive {
        /// What. With an id: somebody said yes.
        item: Item,
    },
    /// Tell what happened to an item.
    History {
        /// What.
        item: Item,
        /// Only in these days; `None`: the newest.
        #[serde(default)]
        days: Option<Days>,
    },
    /// Tell how the number of an item came about.
    Explain {
        /// What.
        item: Item,
    },
}

impl Upkeep {
    /// Returns whether it changes anything.
    pub fn has_effect(&self) -> bool {
        !matches!(self, Self::LowStock { .. } | Self::History { .. } | Self::Explain { .. })
    }

    /// The same of an item that was chosen.
    pub fn of(&self, chosen: Item) -> Self {
        let mut same = self.clone();
        match &mut same {
            Self::LowStock { .. } => {}
            Self::SetLevel { item, .. }
            | Self::Rename { item, .. }
            | Self::Alias { item, .. }
            | Self::Merge { item, .. }
            | Self::Archive { item }
            | Self::History { item, .. }
            | Self::Explain { item } => *item = chosen,
        }
        same
    }

    /// Returns whether a yes is still to come: then a choice names an item and is no answer to that.
    pub fn asks_first(&self) -> bool {
        matches!(self, Self::Archive { .. } | Self::Merge { .. })
    }
}

/// Returns what is to be done about such an action; `None` when it is of another kind or cannot be done as yet.
pub(super) fn upkeep(action: &Action) -> Option<Step> {
    // What asks by itself needs no other question before it.
    let asks_first = |mode| matches!(mode, RenameMode::Archive | RenameMode::Merge);
    let is_asked = matches!(&action.intent, Some(Intent::Rename(rename)) if asks_first(rename.mode()));
    if action.confirm && !is_asked {
        return None;
    }
    match action.intent.as_ref()? {
        Intent::LowStock(low) => Some(Step::Upkeep(Upkeep::LowStock { is_out_only: low.out_only })),
        Intent::Threshold(threshold) => Some(level_of(threshold, action)),
        Intent::Rename(rename) => renamed(rename),
        _ => None,
    }
}

fn level_of(threshold: &parsed::Threshold, action: &Action) -> Step {
    let line = threshold.line.as_ref();
    let Some(item) = line.and_then(|line| item_of(line.item.as_ref())) else {
        return Step::Say(Saying::NotUnderstood);
    };
    let level = line.and_then(|line| Decimal::from_str(&line.quantity.as_ref()?.value).ok());
    let level = level.filter(|level| !level.is_sign_negative());
    let unit = line.map(|line| line.unit.clone()).unwrap_or_default();
    match level {
        _ if threshold.off => Step::Upkeep(Upkeep::SetLevel { item, level: None, unit: String::new() }),
        Some(level) if action.clarification() == Clarification::Unspecified => {
            Step::Upkeep(Upkeep::SetLevel { item, level: Some(level), unit })
        }
        _ => Step::Say(Saying::WhichLevel { said: item.said }),
    }
}

fn renamed(rename: &parsed::Rename) -> Option<Step> {
    let item = item_of(rename.item.as_ref())?;
    let name: String = rename.new_name.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
    let upkeep = match rename.mode() {
        RenameMode::Archive => Upkeep::Archive { item },
        _ if name.is_empty() => return None,
        RenameMode::Unspecified | RenameMode::Rename => Upkeep::Rename { item, name },
        RenameMode::Alias => Upkeep::Alias { item, name },
        RenameMode::Merge => Upkeep::Merge { item, into: Item { said: name, ..Item::default() } },
    };
    Some(Step::Upkeep(upkeep))
}

#[cfg(test)]
mod tests {
    use proto::common::v1 as common;

    use super::*;

    fn mention(said: &str) -> parsed::ItemMention {
        parsed::ItemMention { said: said.to_owned(), ..parsed::ItemMention::default() }
    }

    fn action(intent: Intent) -> Action {
        Action { intent: Some(intent), ..Action::default() }
    }

    fn threshold(quantity: Option<&str>, off: bool) -> Action {
        let quantity = quantity.map(|value| common::Decimal { value: value.to_owned() });
        let line = parsed::StockLine { item: Some(mention("bread")), quantity, ..parsed::StockLine::default() };
        action(Intent::Threshold(parsed::Threshold { line: Some(line), off }))
    }

    #[test]
    fn a_level_is_set_taken_away_or_asked_for() {
        let item = Item { said: "bread".to_owned(), ..Item::default() };
        let set = |level| Step::Upkeep(Upkeep::SetLevel { item: item.clone(), level, unit: String::new() });

        assert_eq!(upkeep(&threshold(Some("5"), false)), Some(set(Some(Decimal::from(5)))));
        assert_eq!(upkeep(&threshold(None, true)), Some(set(None)));
        let asked = Step::Say(Saying::WhichLevel { said: "bread".to_owned() });
        assert_eq!(upkeep(&threshold(None, false)), Some(asked.clone()));
        assert_eq!(upkeep(&threshold(Some("-5"), false)), Some(asked));
    }

    #[test]
    fn what_has_to_be_confirmed_waits_unless_it_asks_by_itself() {
        let rename = |mode: RenameMode, name: &str| {
            let rename = parsed::Rename { item: Some(mention("coke")), new_name: name.to_owned(), mode: mode as i32 };
            action(Intent::Rename(rename))
        };

        assert!(upkeep(&rename(RenameMode::Rename, "Coca-Cola 2L")).is_some());
        assert!(upkeep(&rename(RenameMode::Archive, "")).is_some());
        assert_eq!(upkeep(&rename(RenameMode::Rename, "  ")), None);
        assert!(upkeep(&Action { confirm: true, ..rename(RenameMode::Merge, "cola") }).is_some(), "it asks by itself");
        assert!(upkeep(&Action { confirm: true, ..rename(RenameMode::Archive, "") }).is_some());
        assert_eq!(upkeep(&Action { confirm: true, ..rename(RenameMode::Rename, "cola") }), None);
    }
}
