//! What a shop keeps of its items beside their stock, in words.

use proto::inventory::v1::MovementKind;
use rust_decimal::Decimal;

use super::catalogue::{Count, Message, Name, words};
use super::language::Language;
use super::limit::cut;
use super::number::{quantity, signed};
use super::unit::measure;

/// UTF-16 units of a person's name in a line.
const PERSON_MAX: usize = 20;

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) enum Upkept {
    /// What runs low.
    Low {
        /// The items.
        items: Vec<LowItem>,
        /// Whether only what is finished was asked for.
        is_out_only: bool,
        /// Whether there are more than are shown.
        has_more: bool,
    },
    /// From now on there is a warning at this level.
    LevelSet(LowItem),
    /// There is no warning any more.
    LevelOff {
        /// The item's name.
        name: String,
    },
    /// An item has another name.
    Renamed {
        /// What it was called.
        was: String,
        /// What it is called.
        name: String,
    },
    /// An item has one more name.
    Aliased {
        /// The other name.
        alias: String,
        /// The item's name.
        name: String,
    },
    /// Two items are one now.
    Merged {
        /// The name of the one that was put away.
        name: String,
        /// The name of the one that stays.
        into: String,
    },
    /// Both names are the same item's already.
    SameItem {
        /// Its name.
        name: String,
    },
    /// Two items are kept in units that differ.
    UnitsDiffer {
        /// The name of the one.
        name: String,
        /// The name of the other.
        into: String,
    },
    /// An item is off the lists.
    Archived {
        /// Its name.
        name: String,
    },
    /// What happened to an item.
    History {
        /// Its name.
        name: String,
        /// What is on hand.
        on_hand: Decimal,
        /// Its base unit.
        base_unit: String,
        /// What happened, newest first.
        events: Vec<Event>,
        /// Whether there is more than is shown.
        has_more: bool,
    },
    /// No item fits.
    NoSuchItem {
        /// What was said.
        said: String,
    },
    /// Another item has this name.
    NameTaken {
        /// The name.
        name: String,
    },
    /// Clerks may not.
    ManagersOnly,
}

/// An item, what is left of it, and where it warns.
#[derive(Clone, Debug)]
pub(crate) struct LowItem {
    /// Its name.
    pub name: String,
    /// What is on hand.
    pub on_hand: Decimal,
    /// Where it warns, if that was asked for.
    pub level: Option<Decimal>,
    /// Its base unit.
    pub base_unit: String,
}

/// One movement of an item.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// Day and time in the shop, as digits.
    pub when: String,
    /// Who; may be empty.
    pub person: String,
    /// Why; the number is an i32 of the proto's `MovementKind`.
    pub kind: i32,
    /// The change.
    pub delta: Decimal,
    /// What was on hand after it.
    pub balance: Decimal,
    /// Whether it was taken back since.
    pub is_reversed: bool,
}

/// Says what came of it.
pub(super) fn upkept(language: Language, upkept: &Upkept) -> String {
    match upkept {
        Upkept::Low { items, is_out_only, has_more } => low(language, items, *is_out_only, *has_more),
        Upkept::LevelSet(item) => {
            let (level, on_hand) =
                (amount(language, item, item.level.unwrap_or_default()), amount(language, item, item.on_hand));
            let set = words(language, Message::LevelSet { item: Name(&item.name), level: &level });
            format!("{set}\n{}", words(language, Message::Now { balance: &on_hand }))
        }
        Upkept::LevelOff { name } => words(language, Message::LevelOff { item: Name(name) }),
        Upkept::Renamed { was, name } => words(language, Message::Renamed { was: Name(was), item: Name(name) }),
        Upkept::Aliased { alias, name } => words(language, Message::Aliased { alias: Name(alias), item: Name(name) }),
        Upkept::Merged { name, into } => words(language, Message::Merged { was: Name(name), item: Name(into) }),
        Upkept::SameItem { name } => words(language, Message::SameItem { item: Name(name) }),
        Upkept::UnitsDiffer { name, into } => {
            words(language, Message::UnitsDiffer { was: Name(name), item: Name(into) })
        }
        Upkept::Archived { name } => words(language, Message::Archived { item: Name(name) }),
        Upkept::History { name, on_hand, base_unit, events, has_more } => {
            let mut lines: Vec<String> = events.iter().map(|event| line(language, event)).collect();
            if events.is_empty() {
                lines.push(words(language, Message::HistoryNone));
            }
            if *has_more {
                lines.push(words(language, Message::HistoryOlder));
            }
            let balance = format!("{}{}", quantity(*on_hand), measure(language, base_unit, *on_hand));
            words(language, Message::History { item: Name(name), balance: &balance, lines: &lines.join("\n") })
        }
        Upkept::NoSuchItem { said } => words(language, Message::NotInStock { item: Name(said) }),
        Upkept::NameTaken { name } => words(language, Message::NameTaken { item: Name(name) }),
        Upkept::ManagersOnly => words(language, Message::ManagersOnly),
    }
}

/// Warns of an item that came down to its level.
pub(super) fn warning(language: Language, item: &LowItem) -> String {
    let (balance, level) =
        (amount(language, item, item.on_hand), amount(language, item, item.level.unwrap_or_default()));
    words(language, Message::LowNow { item: Name(&item.name), balance: &balance, level: &level })
}

fn low(language: Language, items: &[LowItem], is_out_only: bool, has_more: bool) -> String {
    if items.is_empty() {
        return words(language, if is_out_only { Message::NothingFinished } else { Message::NothingLow });
    }
    let mut lines: Vec<String> = items
        .iter()
        .map(|item| match item.level.map(|level| amount(language, item, level)) {
            Some(level) if !is_out_only => {
                let balance = amount(language, item, item.on_hand);
                words(language, Message::LowLine { item: Name(&item.name), balance: &balance, level: &level })
            }
            _ => format!("{} {}", cut(&item.name, 100), amount(language, item, item.on_hand)),
        })
        .collect();
    if has_more {
        lines.push(words(language, Message::OnHandMore));
    }
    let amount = if has_more { format!("{}+", items.len()) } else { items.len().to_string() };
    let (count, lines) = (Count::of(items.len() + usize::from(has_more)), lines.join("\n"));
    let (amount, lines) = (amount.as_str(), lines.as_str());
    let message =
        if is_out_only { Message::Finished { count, amount, lines } } else { Message::Low { count, amount, lines } };
    words(language, message)
}

fn amount(language: Language, item: &LowItem, number: Decimal) -> String {
    format!("{}{}", quantity(number), measure(language, &item.base_unit, number))
}

/// Writes `22/11 14:05 Thabo −3 → 9 (sold)`.
pub(super) fn line(language: Language, event: &Event) -> String {
    let message = match MovementKind::try_from(event.kind).unwrap_or(MovementKind::Unspecified) {
        MovementKind::Receipt => Message::KindReceipt,
        MovementKind::Sale => Message::KindSale,
        MovementKind::Waste => Message::ReasonWaste,
        MovementKind::OwnUse => Message::ReasonOwnUse,
        MovementKind::Theft => Message::ReasonTheft,
        MovementKind::Gift => Message::ReasonGift,
        MovementKind::ReturnIn => Message::KindReturnIn,
        MovementKind::ReturnOut => Message::ReasonReturn,
        MovementKind::Opening => Message::KindOpening,
        MovementKind::Count => Message::KindCount,
        MovementKind::Transfer => Message::KindTransfer,
        MovementKind::Reversal => Message::KindReversal,
        MovementKind::Unspecified | MovementKind::Adjustment => Message::KindAdjustment,
    };
    let who = cut(&event.person, PERSON_MAX);
    let parts = [event.when.as_str(), who.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let back = if event.is_reversed { " ↩️" } else { "" };
    let change = format!("{} → {}", signed(event.delta), quantity(event.balance));
    format!("{} {change} ({}){back}", parts.join(" "), words(language, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str, on_hand: i64, level: Option<i64>) -> LowItem {
        let base_unit = if name == "cheese" { "kg" } else { "each" }.to_owned();
        LowItem { name: name.to_owned(), on_hand: on_hand.into(), level: level.map(Decimal::from), base_unit }
    }

    #[test]
    fn answers_about_items_read_as_they_should() {
        let event = |kind: MovementKind, delta: i64, balance: i64, person: &str| Event {
            when: "22/11 14:05".to_owned(),
            person: person.to_owned(),
            kind: kind as i32,
            delta: delta.into(),
            balance: balance.into(),
            is_reversed: balance == 12,
        };
        let history = Upkept::History {
            name: "milk".to_owned(),
            on_hand: 9.into(),
            base_unit: "each".to_owned(),
            events: vec![
                event(MovementKind::Sale, -3, 9, "Thabo"),
                event(MovementKind::Receipt, 12, 12, ""),
                event(MovementKind::Count, 0, 0, "A name that is much longer than a line"),
            ],
            has_more: true,
        };
        let all = [
            Upkept::Low {
                items: vec![item("bread", 4, Some(5)), item("cheese", 1, Some(2)), item("milk", 0, None)],
                is_out_only: false,
                has_more: true,
            },
            Upkept::Low { items: vec![item("milk", 0, Some(5))], is_out_only: true, has_more: false },
            Upkept::Low { items: Vec::new(), is_out_only: false, has_more: false },
            Upkept::LevelSet(item("cheese", 12, Some(5))),
            Upkept::LevelOff { name: "bread".to_owned() },
            Upkept::Renamed { was: "coke".to_owned(), name: "Coca-Cola 2L".to_owned() },
            Upkept::Aliased { alias: "skroewe".to_owned(), name: "screws".to_owned() },
            Upkept::Archived { name: "milk".to_owned() },
            history,
            Upkept::NameTaken { name: "milk".to_owned() },
            Upkept::ManagersOnly,
        ];
        let read = |language| -> Vec<String> {
            let warned = warning(language, &item("bread", 4, Some(5)));
            all.iter().map(|each| upkept(language, each)).chain([warned]).collect()
        };
        let both = [read(Language::English), read(Language::Afrikaans)].concat();

        insta::assert_snapshot!(both.join("\n--\n"));
    }
}
