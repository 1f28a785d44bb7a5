//! "No 40", "I meant milk", a quoted reply: which line is meant, and what it should have said. Pure.

use proto::parser::v1 as parsed;
use proto::parser::v1::CorrectTarget;
use rust_decimal::Decimal;

use super::names::{is_said, is_same_name};
use super::past::{Past, PastLine};
use super::plan::{Choice, Effect, Item, Saying, Step};
use super::read::decimal;
use super::talk::Talk;

/// Lines that are offered to choose from.
const LINES_MAX: usize = 10;

/// What is to be put right, and with what words.
pub(crate) struct Correction<'a> {
    /// What was read.
    pub said: &'a parsed::Correct,
    /// The text it was read from.
    pub text: &'a str,
    /// The operation it is about; `None`: there is none.
    pub past: Option<&'a Past>,
    /// ISO 4217 code of the shop.
    pub currency: &'a str,
}

impl Correction<'_> {
    /// Decides what to do.
    pub fn step(&self) -> Step {
        let Some(past) = self.past else { return Step::Say(Saying::Talk(Talk::NothingToCorrect)) };
        if past.is_undone {
            return Step::Say(Saying::Talk(Talk::FixedBefore));
        }
        if self.line().when.is_some() {
            return Step::Say(Saying::Talk(Talk::CannotRedate));
        }
        match self.meant(past).as_slice() {
            [] if past.lines.is_empty() => Step::Say(Saying::HowToCorrect),
            [] => Step::Say(Saying::Talk(Talk::NoSuchLine { count: past.lines.len() })),
            [line] => self.put_right(past, line).unwrap_or(Step::Say(Saying::HowToCorrect)),
            several => self.which(past, several),
        }
    }

    fn line(&self) -> &parsed::StockLine {
        static NOTHING: std::sync::LazyLock<parsed::StockLine> = std::sync::LazyLock::new(parsed::StockLine::default);
        self.said.line.as_ref().unwrap_or(&NOTHING)
    }

    /// Returns the lines that may be meant.
    fn meant<'a>(&self, past: &'a Past) -> Vec<&'a PastLine> {
        let all = &past.lines;
        if self.said.target() == CorrectTarget::Line {
            let number = usize::try_from(self.said.line_number).unwrap_or_default();
            return number.checked_sub(1).and_then(|at| all.get(at)).into_iter().collect();
        }
        if all.len() <= 1 {
            return all.iter().collect();
        }
        let named = self.named().map(|item| past.lines_of(&item.said)).unwrap_or_default();
        if let [_] = named.as_slice() {
            return named;
        }
        // "not milk, bread": the one that is taken back is named, too.
        let spoken: Vec<&PastLine> = all.iter().filter(|past| is_said(&past.line.item.said, self.text)).collect();
        if spoken.len() == 1 { spoken } else { all.iter().collect() }
    }

    /// Returns the item that the person named; what the parser took from the line before was not said.
    fn named(&self) -> Option<Item> {
        let mention = self.line().item.as_ref()?;
        let said = [&mention.said, &mention.name].into_iter().find(|name| !name.is_empty())?;
        is_said(said, self.text).then(|| Item {
            id: None,
            said: said.clone(),
            english: mention.english_name.clone(),
            singular: mention.name.clone(),
        })
    }

    /// Returns what becomes of a line; `None`: nothing was said that could be put in its place.
    fn put_right(&self, past: &Past, before: &PastLine) -> Option<Step> {
        let line = self.line();
        let quantity = decimal(line.quantity.as_ref());
        let item = self.named().filter(|item| !is_same_name(&item.said, &before.line.item.said));
        let price = self.price();
        let unit_changes = !line.unit.is_empty() && line.unit != before.line.unit;
        if quantity.is_none() && item.is_none() && price.is_none() && !unit_changes {
            return None;
        }
        let is_count = matches!(before.line.effect, Effect::Count { .. });
        if quantity == Some(Decimal::ZERO) && !is_count {
            return Some(without(past, before));
        }
        let mut right = before.line.clone();
        if let Some(quantity) = quantity {
            right.effect = with_quantity(&before.line.effect, quantity);
        }
        if unit_changes {
            right.unit.clone_from(&line.unit);
            right.pack_size = None;
        }
        if let Some(size) = decimal(line.pack_size.as_ref()) {
            right.pack_size = Some(size);
        }
        if let Some(item) = item {
            right.item = item;
            // How many are in a case of something else is its own matter.
            right.pack_size = decimal(line.pack_size.as_ref());
        }
        right.unit_price = price.or(right.unit_price);
        if right == before.line {
            return Some(Step::Say(Saying::Talk(Talk::SaysSoAlready)));
        }
        Some(Step::Correct {
            operation_id: past.operation_id.clone(),
            line_number: before.number,
            was: before.line.clone(),
            line: right,
        })
    }

    fn price(&self) -> Option<(Decimal, String)> {
        let price = self.line().price.as_ref()?;
        let money = price.money.as_ref()?;
        let currency = if money.currency_code.is_empty() { self.currency } else { &money.currency_code };
        (price.basis() != parsed::PriceBasis::Total)
            .then(|| Some((decimal(money.amount.as_ref())?, currency.to_owned())))
            .flatten()
    }

    fn which(&self, past: &Past, lines: &[&PastLine]) -> Step {
        let choices: Vec<Choice> = lines
            .iter()
            .take(LINES_MAX)
            .filter_map(|line| {
                Some(Choice { title: line.line.item.said.clone(), steps: vec![self.put_right(past, line)?] })
            })
            .collect();
        if choices.is_empty() {
            return Step::Say(Saying::HowToCorrect);
        }
        let lines = lines.iter().take(choices.len()).map(|line| (line.line.item.said.clone(), line.delta)).collect();
        Step::Ask { saying: Saying::Talk(Talk::WhichLine { lines }), choices, asked: None }
    }
}

/// Takes one line of an operation back, or all of it when it is the only one.
pub(crate) fn without(past: &Past, line: &PastLine) -> Step {
    let operation_id = past.operation_id.clone();
    if past.lines.len() == 1 {
        return Step::Undo { operation_id };
    }
    Step::DropLine { operation_id, line_number: line.number, was: line.line.clone() }
}

fn with_quantity(before: &Effect, quantity: Decimal) -> Effect {
    match before {
        Effect::Change { kind, quantity: held } => {
            let sign = if held.is_sign_negative() { -Decimal::ONE } else { Decimal::ONE };
            Effect::Change { kind: *kind, quantity: quantity * sign }
        }
        Effect::Count { .. } => Effect::Count { quantity },
        Effect::All { kind } => Effect::Change { kind: *kind, quantity },
    }
}

#[cfg(test)]
mod tests {
    use proto::inventory::v1::MovementKind;

    use super::*;
    use crate::conversation::asked::pb;
    use crate::conversation::plan::Line;

    fn past_line(number: i32, name: &str, quantity: i64) -> PastLine {
        let effect = Effect::Change { kind: MovementKind::Receipt as i32, quantity: quantity.into() };
        let item = Item { id: Some(format!("id of {name}")), said: name.to_owned(), ..Item::default() };
        let line = Line { item, effect, unit: String::new(), pack_size: None, unit_price: None, is_new: false };
        PastLine { number, line, delta: quantity.into() }
    }

    fn past(lines: &[(&str, i64)]) -> Past {
        let lines = lines.iter().zip(1..).map(|((name, quantity), number)| past_line(number, name, *quantity));
        Past {
            operation_id: "op".into(),
            corrects: String::new(),
            recorded_at: 0,
            is_undone: false,
            lines: lines.collect(),
        }
    }

    fn correct(item: Option<&str>, quantity: Option<i64>) -> parsed::Correct {
        let line = parsed::StockLine {
            item: item.map(|name| parsed::ItemMention { said: name.into(), name: name.into(), ..Default::default() }),
            quantity: quantity.map(|quantity| pb(quantity.into())),
            ..parsed::StockLine::default()
        };
        parsed::Correct { line: Some(line), ..parsed::Correct::default() }
    }

    fn step(said: &parsed::Correct, text: &str, past: Option<&Past>) -> Step {
        Correction { said, text, past, currency: "ZAR" }.step()
    }

    fn right(step: &Step) -> (i32, &str, Decimal) {
        let Step::Correct { line_number, line, .. } = step else { panic!("{step:?}") };
        let Effect::Change { quantity, .. } = line.effect else { panic!("{line:?}") };
        (*line_number, &line.item.said, quantity)
    }

    #[test]
    fn another_number_or_another_item_replaces_the_only_line() {
        let screws = past(&[("screws", 50)]);
        // The parser names the item of the line before; nobody said it.
        let forty = step(&correct(Some("screws"), Some(40)), "no 40", Some(&screws));
        assert_eq!(right(&forty), (1, "screws", 40.into()));
        let nails = step(&correct(Some("nails"), None), "I meant nails", Some(&screws));
        assert_eq!(right(&nails), (1, "nails", 50.into()));
        let Step::Correct { line, .. } = nails else { unreachable!() };
        assert_eq!(line.item.id, None, "the ledger decides which item that is");
    }

    #[test]
    fn in_a_list_the_named_line_is_meant_and_else_it_is_asked() {
        let list = past(&[("bread", 10), ("milk", 6)]);
        let bread = step(&correct(Some("bread"), Some(12)), "change the bread to 12", Some(&list));
        assert_eq!(right(&bread), (1, "bread", 12.into()));
        let maas = step(&correct(Some("maas"), None), "not milk, maas", Some(&list));
        assert_eq!(right(&maas), (2, "maas", 6.into()));
        let mut second = correct(Some("milk"), Some(16));
        second.set_target(CorrectTarget::Line);
        second.line_number = 2;
        assert_eq!(right(&step(&second, "line 2 is 16", Some(&list))), (2, "milk", 16.into()));
        second.line_number = 3;
        assert_eq!(step(&second, "line 3 is 16", Some(&list)), Step::Say(Saying::Talk(Talk::NoSuchLine { count: 2 })));

        let which = step(&correct(Some("milk"), Some(40)), "no 40", Some(&list));
        let Step::Ask { choices, .. } = which else { panic!("{which:?}") };
        assert_eq!(right(&choices[0].steps[0]), (1, "bread", 40.into()));
        assert_eq!(right(&choices[1].steps[0]), (2, "milk", 40.into()));
    }

    #[test]
    fn nothing_is_put_right_that_is_gone_or_says_so_already() {
        let mut screws = past(&[("screws", 50)]);
        assert_eq!(step(&correct(None, Some(40)), "no 40", None), Step::Say(Saying::Talk(Talk::NothingToCorrect)));
        assert_eq!(
            step(&correct(None, Some(50)), "no 50", Some(&screws)),
            Step::Say(Saying::Talk(Talk::SaysSoAlready))
        );
        assert_eq!(step(&correct(None, None), "wrong", Some(&screws)), Step::Say(Saying::HowToCorrect));
        screws.is_undone = true;
        assert_eq!(step(&correct(None, Some(40)), "no 40", Some(&screws)), Step::Say(Saying::Talk(Talk::FixedBefore)));
    }

    #[test]
    fn nothing_of_it_takes_the_line_back() {
        let one = past(&[("screws", 50)]);
        let list = past(&[("bread", 10), ("milk", 6)]);
        assert_eq!(step(&correct(None, Some(0)), "no 0", Some(&one)), Step::Undo { operation_id: "op".into() });
        let dropped = step(&correct(Some("milk"), Some(0)), "no 0 milk", Some(&list));
        assert!(matches!(dropped, Step::DropLine { line_number: 2, .. }), "{dropped:?}");
    }
}
