//! A paper or list that waits for approval: what it holds, and how words change it. Pure.

use std::str::FromStr as _;

use proto::parser::v1 as parsed;
use proto::parser::v1::{Action, PriceBasis};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::plan::{Effect, Line};
use super::read::{Known, item_of, line, line_of};

/// How far the lines may be from the printed total: rounding to five cents.
const ROUNDING: Decimal = Decimal::from_parts(5, 0, 0, false, 2);

/// A paper that waits for approval.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct PaperDraft {
    /// Its lines.
    pub lines: Vec<DraftLine>,
    /// Who issued it; empty: not known.
    pub supplier: String,
    /// Its number; empty: not known.
    pub number: String,
    /// The total that is printed on it.
    pub total: Option<Decimal>,
    /// ISO 4217 code of its amounts.
    pub currency: String,
    /// Lines that could not be read.
    pub unread_count: usize,
}

/// A line of a draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DraftLine {
    /// What will be posted.
    pub line: Line,
    /// What the whole line costs, when the paper says so.
    pub amount: Option<Decimal>,
}

impl PaperDraft {
    /// Makes a draft of what was read. Lines without a number or a name are counted, not kept.
    pub fn read(actions: &[Action], document: Option<&parsed::Document>, known: &Known) -> Self {
        let mut draft = Self { currency: known.currency.clone(), ..Self::default() };
        for action in actions {
            let said = line_of(action);
            let item = said.and_then(|said| item_of(said.item.as_ref()));
            match (said, item) {
                (Some(said), Some(item)) => match line(action, said, item, known) {
                    Some(line) => draft.lines.push(DraftLine { amount: amount(said), line }),
                    None => draft.unread_count += 1,
                },
                // A line that was there and could not be made out carries a question; "nothing" carries none.
                _ if action.clarification != 0 => draft.unread_count += 1,
                _ => {}
            }
        }
        if let Some(document) = document {
            draft.supplier.clone_from(&document.supplier);
            draft.number.clone_from(&document.number);
            let total = document.total.as_ref().and_then(|total| total.amount.as_ref());
            draft.total = total.and_then(|amount| Decimal::from_str(&amount.value).ok());
        }
        draft
    }

    /// Returns supplier and number, when both are known: then it is booked once.
    pub fn paper(&self) -> Option<(&str, &str)> {
        (!self.supplier.is_empty() && !self.number.is_empty()).then_some((&self.supplier, &self.number))
    }

    /// Returns what the lines come to, when it is not what the paper says. `None` also when a line has no amount.
    pub fn mismatch(&self) -> Option<(Decimal, Decimal)> {
        let total = self.total?;
        let sum = self.lines.iter().map(|line| line.amount).sum::<Option<Decimal>>()?;
        let is_whole = self.unread_count == 0 && (sum - total).abs() <= ROUNDING;
        (!is_whole).then_some((sum, total))
    }

    /// Changes it. `None` when a line that is spoken of is not there.
    pub fn fixed(&self, fixes: &[Fix]) -> Option<Self> {
        let mut draft = self.clone();
        let mut removed = Vec::new();
        for fix in fixes {
            let at = fix.line.checked_sub(1)?;
            let line = draft.lines.get_mut(at)?;
            match &fix.change {
                Change::Remove => removed.push(at),
                Change::Set { quantity, name } => {
                    if let Some(quantity) = quantity {
                        set_quantity(line, *quantity);
                    }
                    if let Some(name) = name {
                        line.line.item = super::Item { said: name.clone(), ..super::Item::default() };
                        line.line.is_new = false;
                    }
                }
            }
        }
        // Numbers of lines are those that were shown, whatever else goes.
        let mut at = 0;
        draft.lines.retain(|_| {
            at += 1;
            !removed.contains(&(at - 1))
        });
        Some(draft)
    }
}

/// What was wrong was the number, so the price of one stays and the amount follows it.
fn set_quantity(line: &mut DraftLine, quantity: Decimal) {
    let before = match &mut line.line.effect {
        Effect::Change { quantity: held, .. } => {
            let sign = if held.is_sign_negative() { -Decimal::ONE } else { Decimal::ONE };
            std::mem::replace(held, quantity * sign)
        }
        Effect::Count { quantity: held } => std::mem::replace(held, quantity),
        Effect::All { .. } => return,
    };
    let each = line.amount.and_then(|amount| amount.checked_div(before.abs()));
    line.amount = each.and_then(|each| each.checked_mul(quantity)).map(|amount| amount.round_dp(2));
}

fn amount(said: &parsed::StockLine) -> Option<Decimal> {
    let value = |value: Option<&proto::common::v1::Decimal>| Decimal::from_str(&value?.value).ok();
    let price = said.price.as_ref()?;
    let printed = value(price.money.as_ref()?.amount.as_ref())?;
    let quantity = value(said.quantity.as_ref())?;
    match price.basis() {
        PriceBasis::Total => Some(printed),
        PriceBasis::Unit => printed.checked_mul(quantity),
        PriceBasis::Each => {
            printed.checked_mul(quantity)?.checked_mul(value(said.pack_size.as_ref()).unwrap_or(Decimal::ONE))
        }
        PriceBasis::Unspecified => None,
    }
}

/// A change to a line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fix {
    /// Which line, from 1.
    pub line: usize,
    /// What becomes of it.
    pub change: Change,
}

/// What becomes of a line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    /// It goes.
    Remove,
    /// It says something else.
    Set {
        /// Another number.
        quantity: Option<Decimal>,
        /// Another item.
        name: Option<String>,
    },
}

impl Fix {
    /// Reads "2: 12", "line 2 is 12", "no 2", "remove 3", "2 is milk"; one on each line. `None` for anything else, so that
    /// ordinary messages cost no look at open questions.
    pub fn read_all(text: &str) -> Option<Vec<Self>> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let fixes: Option<Vec<Self>> = lines.map(Self::read).collect();
        fixes.filter(|fixes| !fixes.is_empty() && fixes.len() <= 30)
    }

    fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches(['.', '!']);
        if text.len() > 100 {
            return None;
        }
        let lower = text.to_lowercase();
        for word in ["remove ", "delete ", "drop ", "no ", "not ", "without ", "verwyder ", "sonder ", "nie "] {
            if let Some(number) = lower.strip_prefix(word).and_then(line_number) {
                return Some(Self { line: number, change: Change::Remove });
            }
        }
        let (number, value) = split(text)?;
        let value = value.trim();
        let (first, rest) = value.split_once(char::is_whitespace).unwrap_or((value, ""));
        let quantity = number_of(first).or_else(|| first.strip_prefix(['x', 'X']).and_then(number_of));
        let (quantity, name) = match quantity {
            Some(quantity) => (Some(quantity), rest.trim()),
            None => (None, value),
        };
        let name = (!name.is_empty()).then(|| name.to_owned());
        if quantity.is_none() && !name.as_deref().is_some_and(|name| name.chars().any(char::is_alphabetic)) {
            return None;
        }
        Some(Self { line: number, change: Change::Set { quantity, name } })
    }
}

/// "2: 12", "2 is 12", "line 2 = 12": the number of the line, and what it should say.
fn split(text: &str) -> Option<(usize, &str)> {
    let bare = ["line ", "Line ", "no ", "No ", "nr ", "lyn ", "Lyn ", "reël ", "#"]
        .into_iter()
        .find_map(|word| text.strip_prefix(word))
        .unwrap_or(text)
        .trim_start();
    let digits = bare.find(|letter: char| !letter.is_ascii_digit())?;
    let number = line_number(&bare[..digits])?;
    let rest = bare[digits..].trim_start();
    [":", "=", "->", "is ", "should be ", "must be ", "moet "]
        .into_iter()
        .find_map(|mark| rest.strip_prefix(mark))
        .map(|value| (number, value.trim_start().strip_suffix(" wees").unwrap_or(value)))
}

fn line_number(text: &str) -> Option<usize> {
    let text = text.trim();
    let text = ["line ", "lyn ", "nr ", "#"].into_iter().find_map(|word| text.strip_prefix(word)).unwrap_or(text);
    if text.is_empty() || text.len() > 2 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number| *number > 0)
}

/// A number above zero as a person types it; three decimals are what the ledger keeps.
fn number_of(text: &str) -> Option<Decimal> {
    let plain = text.replace(',', ".");
    if !plain.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let value = Decimal::from_str(&plain).ok()?;
    (value > Decimal::ZERO && value.normalize().scale() <= 3 && value <= Decimal::from(10_000_000)).then_some(value)
}

#[cfg(test)]
mod tests {
    use proto::inventory::v1::MovementKind;

    use super::*;
    use crate::conversation::Item;

    fn line(name: &str, quantity: i64, amount: &str) -> DraftLine {
        let item = Item { said: name.to_owned(), ..Item::default() };
        let effect = Effect::Change { kind: MovementKind::Receipt as i32, quantity: quantity.into() };
        DraftLine {
            line: Line { item, effect, unit: String::new(), pack_size: None, unit_price: None, is_new: false },
            amount: amount.parse().ok(),
        }
    }

    fn draft() -> PaperDraft {
        PaperDraft {
            lines: vec![line("coke", 12, "216.00"), line("bread", 10, "116.50")],
            total: "332.50".parse().ok(),
            ..PaperDraft::default()
        }
    }

    fn set(line: usize, quantity: Option<i64>, name: Option<&str>) -> Fix {
        let change = Change::Set { quantity: quantity.map(Decimal::from), name: name.map(str::to_owned) };
        Fix { line, change }
    }

    #[test]
    fn what_people_write_to_fix_a_line_is_understood() {
        let cases = [
            ("2: 12", set(2, Some(12), None)),
            ("2:12", set(2, Some(12), None)),
            ("line 2 is 12", set(2, Some(12), None)),
            ("Line 2 = 12.", set(2, Some(12), None)),
            ("no 2 is 12", set(2, Some(12), None)),
            ("2 should be 12 milk", set(2, Some(12), Some("milk"))),
            ("lyn 2 is 12", set(2, Some(12), None)),
            ("2 is Milk 2L", set(2, None, Some("Milk 2L"))),
            ("no 2", Fix { line: 2, change: Change::Remove }),
            ("Remove 3", Fix { line: 3, change: Change::Remove }),
            ("delete line 3", Fix { line: 3, change: Change::Remove }),
            ("verwyder 3", Fix { line: 3, change: Change::Remove }),
        ];
        for (text, fix) in cases {
            assert_eq!(Fix::read_all(text), Some(vec![fix]), "{text}");
        }
        assert_eq!(Fix::read_all("2: 12\nremove 3").map(|fixes| fixes.len()), Some(2));
    }

    #[test]
    fn ordinary_messages_are_no_fixes() {
        for text in [
            "sold 3 bread",
            "2",
            "2 bread",
            "remove 3 bread",
            "no bread",
            "12 milk 6 eggs",
            "2: -5",
            "2: 0",
            "2:",
            "0: 5",
            "add 2: 5",
            "is",
            "",
            "100: 5",
            "bread is 5",
        ] {
            assert_eq!(Fix::read_all(text), None, "{text}");
        }
    }

    #[test]
    fn a_fixed_number_takes_its_amount_along() {
        let fixed = draft().fixed(&[set(1, Some(6), None)]).unwrap();

        assert_eq!(fixed.lines[0].line.effect, line("coke", 6, "").line.effect);
        assert_eq!(fixed.lines[0].amount, "108.00".parse().ok());
        assert_eq!(fixed.mismatch().map(|(sum, _)| sum), "224.50".parse().ok());
    }

    #[test]
    fn lines_keep_the_numbers_that_were_shown_while_several_are_fixed() {
        let remove = Fix { line: 1, change: Change::Remove };
        let fixed = draft().fixed(&[remove, set(2, None, Some("white bread"))]).unwrap();

        assert_eq!(fixed.lines.len(), 1);
        assert_eq!(fixed.lines[0].line.item.said, "white bread");
    }

    #[test]
    fn a_line_that_is_not_there_changes_nothing() {
        assert_eq!(draft().fixed(&[set(3, Some(1), None)]), None);
    }

    #[test]
    fn totals_are_checked_to_five_cents_and_only_when_every_line_has_an_amount() {
        assert_eq!(draft().mismatch(), None);
        let with_total = |total: &str| PaperDraft { total: total.parse().ok(), ..draft() }.mismatch().is_some();
        assert!(!with_total("332.55") && with_total("332.56"));
        let mut unpriced = draft();
        unpriced.lines[0].amount = None;
        unpriced.total = "1.00".parse().ok();
        assert_eq!(unpriced.mismatch(), None);
        assert!(PaperDraft { unread_count: 1, ..draft() }.mismatch().is_some(), "a line is missing");
    }
}
