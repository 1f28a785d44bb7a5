//! What a question waits for, and what an answer makes of it. Pure.

use std::str::FromStr as _;

use prost::Message as _;
use proto::common::v1::{Decimal as PbDecimal, Money};
use proto::inventory::v1::MovementKind;
use proto::parser::v1::action::Intent;
use proto::parser::v1::{
    self as parsed, Act, Action, AddReason, Clarification, OpenQuestion, PriceBasis, RemoveReason, SetReason,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::names::is_same_name;
use super::plan::{Effect, Item, Line};
use super::read::{decimal, line_of};

/// What a question waits for, kept with it.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// Number of the proto's `Clarification`; 0: yes or no.
    pub asks: i32,
    /// What will be done with the answer: actions in their wire form, as hex, so that every version can read them.
    pub drafts: Vec<String>,
    /// The answers that were offered, in order.
    pub options: Vec<String>,
    /// The item that the drafts speak of, when the ledger found it already.
    pub item: Option<Item>,
}

/// What an answer comes to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Taken {
    /// One of the answers that were offered, from 0.
    Choice(usize),
    /// What was open is said now.
    Settled(Vec<Action>),
    /// The question is to be dropped.
    Dropped,
    /// It is one of several things still: ask once more.
    Again,
}

impl Asked {
    /// Keeps what is asked of these actions.
    pub fn new(asks: Clarification, drafts: &[Action], options: Vec<String>) -> Self {
        let drafts = drafts.iter().map(|draft| hex::encode(draft.encode_to_vec())).collect();
        Self { asks: asks as i32, drafts, options, item: None }
    }

    /// Returns what is asked.
    pub fn asks(&self) -> Clarification {
        Clarification::try_from(self.asks).unwrap_or_default()
    }

    /// Returns what will be done with the answer.
    pub fn drafts(&self) -> Vec<Action> {
        let read = |draft: &String| Action::decode(hex::decode(draft).ok()?.as_slice()).ok();
        self.drafts.iter().filter_map(read).collect()
    }

    /// Returns the question as the parser takes it.
    pub fn question(&self) -> OpenQuestion {
        OpenQuestion { asks: self.asks, drafts: self.drafts(), options: self.options.clone() }
    }

    /// Returns whether it asks about an item of one of these names.
    pub fn speaks_of(&self, names: &[&str]) -> bool {
        let drafts = self.drafts();
        let asked = drafts.iter().filter_map(any_line).filter_map(|line| line.item.as_ref());
        let mut asked = asked.flat_map(|item| [item.name.as_str(), item.said.as_str()]);
        asked.any(|asked| names.iter().any(|name| is_same_name(asked, name)))
            || self.options.iter().any(|option| names.iter().any(|name| is_same_name(option, name)))
    }

    /// Forgets how much it was: that is asked.
    pub fn clear_quantity(&mut self) {
        let mut drafts = self.drafts();
        for line in drafts.iter_mut().filter_map(line_mut) {
            line.quantity = None;
        }
        self.drafts = Self::new(self.asks(), &drafts, Vec::new()).drafts;
    }

    /// Takes a bare number. `None`: it is no answer to this question.
    pub fn take_number(&self, number: Decimal, choice_count: usize) -> Option<Taken> {
        let row = number.is_integer().then(|| usize::try_from(number).ok()).flatten();
        let row = row.filter(|row| (1..=choice_count).contains(row)).map(|row| row - 1);
        match self.asks() {
            Clarification::WhichNumber => {
                let offered = self.options.iter().position(|option| option.parse() == Ok(number));
                match (offered, row) {
                    (Some(choice), _) if choice < choice_count => Some(Taken::Choice(choice)),
                    (Some(_), _) => self.settled(|line| line.quantity = Some(pb(number))),
                    // The second one, or two of it?
                    (None, Some(_)) => Some(Taken::Again),
                    (None, None) => self.settled(|line| line.quantity = Some(pb(number))),
                }
            }
            Clarification::Quantity | Clarification::WholeUnits => {
                if self.asks() == Clarification::WholeUnits && !number.is_integer() {
                    return Some(Taken::Again);
                }
                self.settled(|line| line.quantity = Some(pb(number)))
            }
            Clarification::PackSize if number > Decimal::ZERO => self.settled(|line| line.pack_size = Some(pb(number))),
            _ => row.map(Taken::Choice),
        }
    }

    fn settled(&self, change: impl Fn(&mut parsed::StockLine)) -> Option<Taken> {
        let mut drafts = self.drafts();
        for draft in &mut drafts {
            draft.clarification = 0;
            draft.confirm = false;
            change(line_mut(draft)?);
            let is_count = matches!(draft.intent, Some(Intent::SetStock(_)));
            if !is_count && quantity_of(draft).is_some_and(|quantity| quantity.is_zero()) {
                // None of it came or went.
                return Some(Taken::Dropped);
            }
        }
        (!drafts.is_empty()).then_some(Taken::Settled(drafts))
    }

    /// Takes what the parser made of a text while this question was open. `None`: it speaks of something else.
    pub fn take(&self, actions: &[Action], choice_count: usize) -> Option<Taken> {
        if let [Action { intent: Some(Intent::Unknown(unknown)), .. }] = actions {
            let row = usize::try_from(unknown.choice).ok().and_then(|choice| choice.checked_sub(1));
            return match unknown.act() {
                Act::Affirm if self.is_yes_or_no() => Some(Taken::Choice(0)),
                Act::Deny if self.is_yes_or_no() => Some(Taken::Choice(1)),
                Act::Deny | Act::CancelPending => Some(Taken::Dropped),
                Act::Select => row.filter(|row| *row < choice_count).map(Taken::Choice),
                _ => None,
            };
        }
        let drafts = self.drafts();
        if drafts.is_empty() || drafts.len() != actions.len() {
            return None;
        }
        if self.asks() == Clarification::Item {
            return self.take_item(actions, &drafts);
        }
        if self.is_yes_or_no() && drafts.iter().zip(actions).all(|(draft, action)| is_same(draft, action)) {
            return Some(Taken::Choice(0));
        }
        let fits = drafts.iter().zip(actions).all(|(draft, action)| self.fits(draft, action));
        fits.then(|| Taken::Settled(actions.to_vec()))
    }

    /// Takes the name of an item of the shop that was not among those offered.
    pub fn take_name(&self, name: &str) -> Option<Taken> {
        if self.asks() != Clarification::Item {
            return None;
        }
        if let Some(choice) = self.options.iter().position(|option| is_same_name(option, name)) {
            return Some(Taken::Choice(choice));
        }
        self.settled(|line| {
            line.item = Some(parsed::ItemMention {
                name: name.to_lowercase(),
                said: name.to_owned(),
                ..parsed::ItemMention::default()
            });
        })
    }

    fn is_yes_or_no(&self) -> bool {
        self.asks == 0
    }

    fn take_item(&self, actions: &[Action], drafts: &[Action]) -> Option<Taken> {
        let [(draft, action)] = drafts.iter().zip(actions).collect::<Vec<_>>().try_into().ok()?;
        let (before, now) = (line_of(draft)?, line_of(action)?);
        let name = &now.item.as_ref()?.name;
        if !is_same_kind(draft, action) || before.quantity != now.quantity {
            return None;
        }
        let choice = self.options.iter().position(|option| is_same_name(option, name));
        // Words that the question did not offer may name the item all the same.
        choice.map(Taken::Choice).or_else(|| before.item.is_none().then(|| Taken::Settled(actions.to_vec())))
    }

    /// Returns whether an action is a draft with what was asked filled in, and nothing else changed.
    fn fits(&self, draft: &Action, action: &Action) -> bool {
        let (Some(before), Some(now)) = (any_line(draft), any_line(action)) else { return false };
        let same_item = name(before) == name(now);
        let same_quantity = before.quantity == now.quantity;
        match self.asks() {
            Clarification::Direction | Clarification::SignOrDash | Clarification::RequestOrAdd => {
                same_item && same_quantity && action.clarification == 0
            }
            Clarification::Quantity | Clarification::WhichNumber | Clarification::WholeUnits => {
                is_same_kind(draft, action) && same_item && now.quantity.is_some()
            }
            // "no, 500"
            Clarification::Unspecified => is_same_kind(draft, action) && same_item && !same_quantity,
            _ => is_same_kind(draft, action) && same_item && same_quantity && before != now,
        }
    }
}

fn is_same(draft: &Action, action: &Action) -> bool {
    draft.intent == action.intent
}

fn is_same_kind(draft: &Action, action: &Action) -> bool {
    let kind = |action: &Action| action.intent.as_ref().map(std::mem::discriminant);
    kind(draft) == kind(action)
}

fn name(line: &parsed::StockLine) -> String {
    line.item.as_ref().map(|item| item.name.to_lowercase()).unwrap_or_default()
}

/// Returns the line of a write, or of something that could become one.
pub(super) fn any_line(action: &Action) -> Option<&parsed::StockLine> {
    match action.intent.as_ref()? {
        Intent::Unknown(unknown) => unknown.line.as_ref(),
        _ => line_of(action),
    }
}

pub(super) fn line_mut(action: &mut Action) -> Option<&mut parsed::StockLine> {
    match action.intent.as_mut()? {
        Intent::Add(add) => add.line.as_mut(),
        Intent::Remove(remove) => remove.line.as_mut(),
        Intent::SetStock(set) => set.line.as_mut(),
        Intent::Unknown(unknown) => unknown.line.as_mut(),
        _ => None,
    }
}

/// Returns a line as the parser speaks of it.
pub(crate) fn action_of(line: &Line) -> Action {
    let (quantity, kind) = match &line.effect {
        Effect::Change { kind, quantity } => (Some(*quantity), MovementKind::try_from(*kind).unwrap_or_default()),
        Effect::All { kind } => (None, MovementKind::try_from(*kind).unwrap_or_default()),
        Effect::Count { quantity } => (Some(*quantity), MovementKind::Count),
    };
    let said = parsed::StockLine {
        item: (!line.item.said.is_empty()).then(|| parsed::ItemMention {
            name: line.item.said.to_lowercase(),
            said: line.item.said.clone(),
            english_name: line.item.english.clone(),
            ..parsed::ItemMention::default()
        }),
        quantity: quantity.map(|quantity| pb(quantity.abs())),
        unit: line.unit.clone(),
        pack_size: line.pack_size.map(pb),
        price: line.unit_price.as_ref().map(|(amount, currency)| parsed::Price {
            money: Some(Money { amount: Some(pb(*amount)), currency_code: currency.clone() }),
            basis: PriceBasis::Each as i32,
        }),
        ..parsed::StockLine::default()
    };
    let taken = |reason: RemoveReason| {
        let all = matches!(line.effect, Effect::All { .. });
        Intent::Remove(parsed::Remove { line: Some(said.clone()), reason: reason as i32, all })
    };
    let added = |reason: AddReason| Intent::Add(parsed::Add { line: Some(said.clone()), reason: reason as i32 });
    let intent = match kind {
        MovementKind::Sale => taken(RemoveReason::Sale),
        MovementKind::Waste => taken(RemoveReason::Waste),
        MovementKind::OwnUse => taken(RemoveReason::OwnUse),
        MovementKind::Theft => taken(RemoveReason::Theft),
        MovementKind::Gift => taken(RemoveReason::Gift),
        MovementKind::ReturnOut => taken(RemoveReason::Return),
        MovementKind::Adjustment if quantity.is_none_or(|quantity| quantity.is_sign_negative()) => {
            taken(RemoveReason::Unspecified)
        }
        MovementKind::ReturnIn => added(AddReason::Return),
        MovementKind::Adjustment => added(AddReason::Unspecified),
        MovementKind::Count => Intent::SetStock(parsed::SetStock { line: Some(said), reason: SetReason::Count as i32 }),
        _ => added(AddReason::Receipt),
    };
    Action { intent: Some(intent), ..Action::default() }
}

pub(super) fn pb(value: Decimal) -> PbDecimal {
    PbDecimal { value: value.normalize().to_string() }
}

/// Returns whether a unit is a measure and no pack: nobody asks how many bread are in a kilo.
pub(crate) fn is_measure(unit: &str) -> bool {
    matches!(unit, "kg" | "g" | "mg" | "l" | "ml" | "cl" | "m" | "cm" | "mm")
}

/// Reads a bare number as people write one: `12`, `1.5`, `2,5`.
pub(crate) fn bare_number(text: &str) -> Option<Decimal> {
    let text = text.trim().trim_end_matches(['.', '!']).replace(',', ".");
    let is_plain =
        !text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let is_kept = |number: &Decimal| number.normalize().scale() <= 3 && *number <= Decimal::from(10_000_000);
    is_plain.then(|| Decimal::from_str(&text).ok()).flatten().filter(is_kept)
}

fn quantity_of(action: &Action) -> Option<Decimal> {
    decimal(any_line(action)?.quantity.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(name: &str, quantity: Option<i64>) -> Action {
        let line = parsed::StockLine {
            item: (!name.is_empty()).then(|| parsed::ItemMention {
                name: name.into(),
                said: name.into(),
                ..Default::default()
            }),
            quantity: quantity.map(|quantity| pb(quantity.into())),
            ..parsed::StockLine::default()
        };
        Action {
            intent: Some(Intent::Add(parsed::Add { line: Some(line), reason: AddReason::Receipt as i32 })),
            ..Action::default()
        }
    }

    fn turn(act: Act) -> Action {
        let unknown = parsed::Unknown { act: act as i32, ..parsed::Unknown::default() };
        Action { intent: Some(Intent::Unknown(unknown)), ..Action::default() }
    }

    #[test]
    fn a_number_is_a_row_or_how_many_by_what_was_asked() {
        let rice = ["tastic rice 2kg", "spekko rice 2kg"].map(str::to_owned).to_vec();
        let which = Asked::new(Clarification::Item, &[add("rice", Some(10))], rice);
        let how_many = Asked::new(Clarification::Quantity, &[add("rice", None)], Vec::new());

        assert_eq!(which.take_number(2.into(), 2), Some(Taken::Choice(1)));
        assert_eq!(which.take_number(3.into(), 2), None);
        assert_eq!(how_many.take_number(2.into(), 0), Some(Taken::Settled(vec![add("rice", Some(2))])));
    }

    #[test]
    fn of_two_numbers_a_third_one_that_may_be_a_row_is_asked_again() {
        let options = vec!["12".to_owned(), "50".to_owned()];
        let which = Asked::new(Clarification::WhichNumber, &[add("bread", None)], options);

        assert_eq!(which.take_number(50.into(), 2), Some(Taken::Choice(1)));
        assert_eq!(which.take_number(2.into(), 2), Some(Taken::Again));
        assert_eq!(which.take_number(15.into(), 2), Some(Taken::Settled(vec![add("bread", Some(15))])));
        // Of a line whose direction is open, too, no answer can be carried out as yet.
        assert_eq!(which.take_number(50.into(), 0), Some(Taken::Settled(vec![add("bread", Some(50))])));
    }

    #[test]
    fn half_a_pack_and_no_pack_are_no_packs() {
        let pack = Asked::new(Clarification::PackSize, &[add("coke", Some(2))], Vec::new());
        assert!(matches!(pack.take_number(12.into(), 0), Some(Taken::Settled(_))));
        assert_eq!(pack.take_number(0.into(), 0), None);
        let whole = Asked::new(Clarification::WholeUnits, &[add("eggs", None)], Vec::new());
        assert_eq!(whole.take_number("1.5".parse().unwrap(), 0), Some(Taken::Again));
    }

    #[test]
    fn words_answer_what_was_asked_and_nothing_else() {
        let rice = ["tastic rice 2kg", "spekko rice 2kg"].map(str::to_owned).to_vec();
        let which = Asked::new(Clarification::Item, &[add("rice", Some(10))], rice);
        assert_eq!(which.take(&[add("spekko rice 2kg", Some(10))], 2), Some(Taken::Choice(1)));
        assert_eq!(which.take(&[add("bread", Some(3))], 2), None, "another line");
        assert_eq!(which.take(&[turn(Act::CancelPending)], 2), Some(Taken::Dropped));

        let sure = Asked::new(Clarification::Unspecified, &[add("screw", Some(50_000))], Vec::new());
        assert_eq!(sure.take(&[add("screw", Some(50_000))], 2), Some(Taken::Choice(0)));
        assert_eq!(sure.take(&[turn(Act::Deny)], 2), Some(Taken::Choice(1)));
        assert_eq!(
            sure.take(&[add("screw", Some(500))], 2),
            Some(Taken::Settled(vec![add("screw", Some(500))])),
            "no and the right number in one"
        );
        assert_eq!(sure.take(&[add("nails", Some(500))], 2), None);
        assert_eq!(sure.take(&[turn(Act::None)], 2), None);
    }

    #[test]
    fn an_item_that_was_not_offered_is_an_answer_by_its_name() {
        let which = Asked::new(Clarification::Item, &[add("pipe", Some(3))], vec!["pipe 15mm".to_owned()]);
        assert_eq!(which.take_name("Pipe 15mm"), Some(Taken::Choice(0)));
        assert_eq!(which.take_name("pipe 110mm"), Some(Taken::Settled(vec![add("pipe 110mm", Some(3))])));
    }

    #[test]
    fn a_question_comes_back_as_it_was_kept() {
        let asked = Asked::new(Clarification::PackSize, &[add("coke", Some(2))], Vec::new());
        let kept: Asked = serde_json::from_value(serde_json::to_value(&asked).unwrap()).unwrap();
        assert_eq!(kept.drafts(), [add("coke", Some(2))]);
        assert_eq!(kept, asked);
    }

    #[test]
    fn bare_numbers_are_numbers() {
        assert_eq!(bare_number(" 12. "), Some(12.into()));
        assert_eq!(bare_number("2,5"), "2.5".parse().ok());
        for text in ["", "12 bread", "1.2345", "-3", "2x6"] {
            assert_eq!(bare_number(text), None, "{text}");
        }
    }
}
