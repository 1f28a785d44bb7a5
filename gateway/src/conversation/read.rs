//! From actions to a plan. A write that nobody could be sure of becomes a question.

use std::str::FromStr as _;

use proto::inventory::v1::MovementKind;
use proto::parser::v1 as parsed;
use proto::parser::v1::action::Intent;
use proto::parser::v1::{Act, Action, AddReason, Clarification, PriceBasis, RemoveReason, SetReason, UndoTarget};
use rust_decimal::Decimal;

use super::plan::{Choice, Effect, Item, Line, Plan, Saying, Step};

/// What is known of the shop when the plan is made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// The items moved last, newest first.
    pub recent: Vec<KnownItem>,
    /// Whether `recent` is all there is.
    pub is_all: bool,
    /// When the message was written, unix seconds.
    pub sent_at: i64,
    /// Whether the message quotes another one.
    pub quotes: bool,
    /// ISO 4217 code of the shop.
    pub currency: String,
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

fn line_of(action: &Action) -> Option<&parsed::StockLine> {
    match action.intent.as_ref()? {
        Intent::Add(add) => add.line.as_ref(),
        Intent::Remove(remove) => remove.line.as_ref(),
        Intent::SetStock(set) => set.line.as_ref(),
        _ => None,
    }
}

/// What the actions come to.
#[derive(Default)]
struct Draft {
    lines: Vec<Line>,
    doubtful: Vec<Line>,
    directionless: Vec<(Item, Decimal, String)>,
    /// Everything but the post, in the order in which it was said.
    steps: Vec<Step>,
    /// Where among the steps the post belongs: where its first line was said.
    post_at: Option<usize>,
    questions: Vec<Step>,
    occurred_at: Option<i64>,
}

/// Makes the plan.
pub(crate) fn plan(actions: &[Action], language: &str, known: &Known) -> Plan {
    let mut draft = Draft::default();
    for action in actions {
        draft.take(action, known);
    }
    Plan { language: language.to_owned(), steps: draft.finish() }
}

impl Draft {
    fn take(&mut self, action: &Action, known: &Known) {
        match &action.intent {
            Some(Intent::Add(_) | Intent::Remove(_) | Intent::SetStock(_)) => self.take_write(action, known),
            Some(Intent::Query(query)) => match item_of(query.item.as_ref()) {
                Some(item) => self.steps.push(Step::Stock { item, minus: decimal(query.minus.as_ref()) }),
                None => self.steps.push(Step::List),
            },
            Some(Intent::List(_)) => self.steps.push(Step::List),
            Some(Intent::Undo(undo)) => self.take_undo(undo, action.confirm, known),
            Some(Intent::Correct(_)) => self.steps.push(Step::Say(Saying::HowToCorrect)),
            Some(Intent::Help(_)) => self.steps.push(Step::Say(Saying::Help)),
            Some(Intent::Greeting(greeting)) => {
                let thanks = greeting.kind() == parsed::GreetingKind::Thanks;
                self.steps.push(Step::Say(if thanks { Saying::Welcome } else { Saying::Hello }));
            }
            Some(Intent::Unknown(unknown)) => self.take_unknown(unknown, action),
            Some(
                Intent::LowStock(_)
                | Intent::Report(_)
                | Intent::Threshold(_)
                | Intent::Rename(_)
                | Intent::CountSession(_)
                | Intent::SetPrice(_)
                | Intent::ChangeMember(_)
                | Intent::Transfer(_),
            ) => self.steps.push(Step::Say(Saying::NotYet)),
            None => self.steps.push(Step::Say(Saying::NotUnderstood)),
        }
    }

    fn take_write(&mut self, action: &Action, known: &Known) {
        let Some(said) = line_of(action) else {
            self.ask(Step::Say(Saying::NotUnderstood));
            return;
        };
        let quantity = decimal(said.quantity.as_ref());
        let item = item_of(said.item.as_ref());
        match action.clarification() {
            Clarification::Quantity => {
                let said = item.map(|item| item.said).unwrap_or_default();
                self.ask(Step::Say(Saying::HowMany { said }));
                return;
            }
            Clarification::WhichNumber => {
                let numbers = action.numbers.iter().filter_map(|number| decimal(Some(number))).collect();
                self.ask(Step::Say(Saying::WhichNumber {
                    said: item.map(|item| item.said).unwrap_or_default(),
                    numbers,
                }));
                return;
            }
            Clarification::Direction | Clarification::SignOrDash => {
                if let (Some(item), Some(quantity)) = (item, quantity) {
                    self.directionless.push((item, quantity.abs(), said.unit.clone()));
                } else {
                    self.ask(Step::Say(Saying::NotUnderstood));
                }
                return;
            }
            Clarification::TooLong => {
                self.ask(Step::Say(Saying::TooLong));
                return;
            }
            // Nothing to ask, or something the ledger answers by itself (units, fractions), or that moves no stock (price).
            Clarification::Unspecified
            | Clarification::Item
            | Clarification::PackSize
            | Clarification::Unit
            | Clarification::PriceBasis
            | Clarification::WholeUnits => {}
            // Whether it is meant at all: yes or no.
            Clarification::ZeroOrCancel
            | Clarification::Repeat
            | Clarification::AlreadyRecorded
            | Clarification::DateOrder
            | Clarification::RequestOrAdd
            | Clarification::Attachment => {
                if let Some(line) = item.and_then(|item| line(action, said, item, known)) {
                    self.doubtful.push(line);
                } else {
                    self.ask(Step::Say(Saying::NotUnderstood));
                }
                return;
            }
        }
        let everything = said.item.as_ref().is_some_and(|item| item.everything);
        if everything {
            // One message that empties the shop is a stock-take, not a line.
            self.ask(Step::Say(Saying::NotYet));
            return;
        }
        self.occurred_at = self.occurred_at.or_else(|| occurred_at(said.when.as_ref(), known.sent_at));
        match item.or_else(|| only_item(known)) {
            Some(item) => match line(action, said, item, known) {
                Some(line) if action.confirm => self.doubtful.push(line),
                Some(line) => {
                    self.post_at.get_or_insert(self.steps.len());
                    self.lines.push(line);
                }
                None => self.ask(Step::Say(Saying::NotUnderstood)),
            },
            None => self.ask_item(action, said, known),
        }
    }

    /// Offers the items that moved last.
    fn ask_item(&mut self, action: &Action, said: &parsed::StockLine, known: &Known) {
        let choices: Vec<Choice> = known
            .recent
            .iter()
            .take(3)
            .filter_map(|recent| {
                let item = Item { id: Some(recent.id.clone()), said: recent.name.clone(), english: String::new() };
                let line = line(action, said, item, known)?;
                let steps = vec![Step::Post { lines: vec![line], occurred_at: self.occurred_at }];
                Some(Choice { title: recent.name.clone(), steps })
            })
            .collect();
        self.ask(Step::Ask { saying: Saying::WhichItem { quantity: decimal(said.quantity.as_ref()) }, choices });
    }

    fn take_undo(&mut self, undo: &parsed::Undo, confirm: bool, known: &Known) {
        let step = match undo.target() {
            // A quoted message names an older operation than the last: taking the last back would be wrong.
            UndoTarget::Unspecified | UndoTarget::Last if known.quotes => Step::Say(Saying::UndoWhich),
            UndoTarget::Unspecified | UndoTarget::Last if confirm => Step::Ask {
                saying: Saying::ReallyUndo,
                choices: vec![
                    Choice { title: String::new(), steps: vec![Step::UndoLast] },
                    Choice { title: String::new(), steps: vec![Step::Say(Saying::Dropped)] },
                ],
            },
            UndoTarget::Unspecified | UndoTarget::Last => Step::UndoLast,
            UndoTarget::LastN
            | UndoTarget::Item
            | UndoTarget::Reply
            | UndoTarget::Line
            | UndoTarget::DeletedMessage => Step::Say(Saying::UndoWhich),
            UndoTarget::LastUndo => Step::Say(Saying::NotYet),
        };
        self.steps.push(step);
    }

    fn take_unknown(&mut self, unknown: &parsed::Unknown, action: &Action) {
        let line = unknown.line.as_ref();
        let item = line.and_then(|line| item_of(line.item.as_ref()));
        let quantity = line.and_then(|line| decimal(line.quantity.as_ref()));
        match (action.clarification(), item, quantity) {
            (Clarification::Direction | Clarification::SignOrDash, Some(item), Some(quantity)) => {
                let unit = line.map(|line| line.unit.clone()).unwrap_or_default();
                self.directionless.push((item, quantity.abs(), unit));
            }
            (Clarification::WhichNumber, item, _) => {
                let numbers = action.numbers.iter().filter_map(|number| decimal(Some(number))).collect();
                self.ask(Step::Say(Saying::WhichNumber {
                    said: item.map(|item| item.said).unwrap_or_default(),
                    numbers,
                }));
            }
            (Clarification::Quantity | Clarification::RequestOrAdd, Some(item), _) => {
                self.ask(Step::Say(Saying::HowMany { said: item.said }));
            }
            (Clarification::TooLong, ..) => self.ask(Step::Say(Saying::TooLong)),
            _ => self.steps.push(Step::Say(match unknown.act() {
                Act::Unspecified => Saying::NotUnderstood,
                Act::None | Act::Affirm | Act::Deny | Act::CancelPending | Act::Select => Saying::NothingChanged,
                Act::Unsupported => Saying::OutOfScope,
                Act::DuplicateDocument | Act::SwitchShop => Saying::NotYet,
            })),
        }
    }

    /// Keeps a question. All are asked in the answer; the first gets the buttons.
    fn ask(&mut self, question: Step) {
        if !self.questions.contains(&question) {
            self.questions.push(question);
        }
    }

    fn finish(mut self) -> Vec<Step> {
        if !self.directionless.is_empty() {
            let question = direction_question(&self.directionless, self.occurred_at);
            self.ask(question);
        }
        if !self.doubtful.is_empty() {
            let lines = std::mem::take(&mut self.doubtful);
            let post = Step::Post { lines: lines.clone(), occurred_at: self.occurred_at };
            self.ask(Step::Ask {
                saying: Saying::ReallyDo { lines },
                choices: vec![
                    Choice { title: String::new(), steps: vec![post] },
                    Choice { title: String::new(), steps: vec![Step::Say(Saying::Dropped)] },
                ],
            });
        }
        let has_substance = !self.lines.is_empty() || !self.questions.is_empty();
        let mut steps = Vec::new();
        for (place, step) in self.steps.into_iter().enumerate() {
            if self.post_at == Some(place) {
                steps.push(Step::Post { lines: std::mem::take(&mut self.lines), occurred_at: self.occurred_at });
            }
            // "hello", "thanks" and the like are said once, and not at all beside an answer of substance.
            let is_courtesy = matches!(step, Step::Say(Saying::Hello | Saying::Welcome | Saying::NothingChanged));
            let is_repeated = steps.contains(&step) && !step.changes_stock();
            if is_repeated || (is_courtesy && has_substance) {
                continue;
            }
            steps.push(step);
        }
        if !self.lines.is_empty() {
            steps.push(Step::Post { lines: self.lines, occurred_at: self.occurred_at });
        }
        // The question that can be answered by a button comes first, so that it gets its buttons.
        self.questions.sort_by_key(|question| !matches!(question, Step::Ask { choices, .. } if !choices.is_empty()));
        steps.extend(self.questions);
        if steps.is_empty() {
            steps.push(Step::Say(Saying::NotUnderstood));
        }
        steps
    }
}

fn direction_question(lines: &[(Item, Decimal, String)], occurred_at: Option<i64>) -> Step {
    let post = |effect: &dyn Fn(Decimal) -> Effect| {
        let lines = lines
            .iter()
            .map(|(item, quantity, unit)| Line {
                item: item.clone(),
                effect: effect(*quantity),
                unit: unit.clone(),
                pack_size: None,
                unit_price: None,
                is_new: false,
            })
            .collect();
        vec![Step::Post { lines, occurred_at }]
    };
    let change = |kind: MovementKind| move |quantity| Effect::Change { kind: kind as i32, quantity };
    Step::Ask {
        saying: Saying::WhichDirection {
            lines: lines.iter().map(|(item, quantity, _)| (item.said.clone(), *quantity)).collect(),
        },
        // The titles are words, so they are filled in by `reply`.
        choices: vec![
            Choice { title: String::new(), steps: post(&change(MovementKind::Receipt)) },
            Choice { title: String::new(), steps: post(&change(MovementKind::Sale)) },
            Choice { title: String::new(), steps: post(&|quantity| Effect::Count { quantity }) },
        ],
    }
}

fn only_item(known: &Known) -> Option<Item> {
    match known.recent.as_slice() {
        // A shop that keeps one thing means that thing.
        [only] if known.is_all => {
            Some(Item { id: Some(only.id.clone()), said: only.name.clone(), english: String::new() })
        }
        _ => None,
    }
}

fn item_of(mention: Option<&parsed::ItemMention>) -> Option<Item> {
    let mention = mention?;
    let said = [&mention.said, &mention.name, &mention.barcode].into_iter().find(|name| !name.is_empty())?;
    Some(Item { id: None, said: said.clone(), english: mention.english_name.clone() })
}

fn line(action: &Action, said: &parsed::StockLine, item: Item, known: &Known) -> Option<Line> {
    let quantity = decimal(said.quantity.as_ref());
    let effect = match action.intent.as_ref()? {
        Intent::Add(add) => {
            let kind = match add.reason() {
                AddReason::Unspecified | AddReason::Receipt => MovementKind::Receipt,
                AddReason::Return => MovementKind::ReturnIn,
            };
            Effect::Change { kind: kind as i32, quantity: quantity? }
        }
        Intent::Remove(remove) => {
            let kind = match remove.reason() {
                // Unknown stays unknown: it does not become a sale.
                RemoveReason::Unspecified => MovementKind::Adjustment,
                RemoveReason::Sale => MovementKind::Sale,
                RemoveReason::Waste => MovementKind::Waste,
                RemoveReason::Theft => MovementKind::Theft,
                RemoveReason::OwnUse => MovementKind::OwnUse,
                RemoveReason::Gift => MovementKind::Gift,
                RemoveReason::Return => MovementKind::ReturnOut,
            };
            match quantity {
                Some(quantity) if kind == MovementKind::Adjustment => {
                    Effect::Change { kind: kind as i32, quantity: -quantity }
                }
                Some(quantity) => Effect::Change { kind: kind as i32, quantity },
                None if remove.all && kind == MovementKind::Adjustment => Effect::Count { quantity: Decimal::ZERO },
                None if remove.all => Effect::All { kind: kind as i32 },
                None => return None,
            }
        }
        Intent::SetStock(set) if set.reason() == SetReason::Sale => Effect::All { kind: MovementKind::Sale as i32 },
        Intent::SetStock(_) => Effect::Count { quantity: quantity? },
        _ => return None,
    };
    Some(Line {
        item,
        effect,
        unit: said.unit.clone(),
        pack_size: decimal(said.pack_size.as_ref()),
        unit_price: unit_price(said, quantity, &known.currency),
        is_new: false,
    })
}

/// Price of one piece, when that is what was said or can be told exactly.
fn unit_price(said: &parsed::StockLine, quantity: Option<Decimal>, currency: &str) -> Option<(Decimal, String)> {
    let price = said.price.as_ref()?;
    let money = price.money.as_ref()?;
    let amount = decimal(money.amount.as_ref())?;
    let currency = if money.currency_code.is_empty() { currency } else { &money.currency_code };
    let pack = decimal(said.pack_size.as_ref());
    let pieces = match (price.basis(), quantity, pack) {
        (PriceBasis::Each, ..) => Decimal::ONE,
        (PriceBasis::Unit, _, Some(pack)) => pack,
        (PriceBasis::Unit, _, None) if said.unit.is_empty() => Decimal::ONE,
        (PriceBasis::Total, Some(quantity), Some(pack)) => quantity * pack,
        (PriceBasis::Total, Some(quantity), None) if said.unit.is_empty() => quantity,
        (PriceBasis::Unspecified | PriceBasis::Unit | PriceBasis::Total, ..) => return None,
    };
    let each = amount.checked_div(pieces)?.round_dp(4);
    Some((each, currency.to_owned()))
}

/// Places what was said of the time, as far as this version reads it; `None`: when the message was written.
fn occurred_at(when: Option<&parsed::When>, sent_at: i64) -> Option<i64> {
    match when?.phrase.as_str() {
        "yesterday" => Some(sent_at - 24 * 60 * 60),
        _ => None,
    }
}

fn decimal(value: Option<&proto::common::v1::Decimal>) -> Option<Decimal> {
    Decimal::from_str(&value?.value).ok()
}

#[cfg(test)]
mod tests {
    use proto::parser::v1::{Add, ItemMention, Remove, StockLine, Undo, Unknown};

    use super::*;

    fn stock_line(item: Option<&str>, quantity: &str) -> StockLine {
        StockLine {
            item: item.map(|said| ItemMention { said: said.to_owned(), ..ItemMention::default() }),
            quantity: Some(proto::common::v1::Decimal { value: quantity.to_owned() }),
            ..StockLine::default()
        }
    }

    fn action(intent: Intent) -> Action {
        Action { intent: Some(intent), ..Action::default() }
    }

    #[test]
    fn all_clear_lines_of_a_message_are_one_operation() {
        let actions = [
            action(Intent::Add(Add { line: Some(stock_line(Some("milk"), "12")), reason: 1 })),
            action(Intent::Remove(Remove { line: Some(stock_line(Some("bread"), "2")), ..Remove::default() })),
        ];

        let plan = plan(&actions, "en", &Known::default());

        let [Step::Post { lines, .. }] = plan.steps.as_slice() else { panic!("{plan:?}") };
        assert_eq!(lines.len(), 2);
        assert_eq!(
            lines[1].effect,
            Effect::Change { kind: MovementKind::Adjustment as i32, quantity: Decimal::from(-2) },
            "a removal without a reason is no sale"
        );
    }

    #[test]
    fn a_missing_item_is_asked_for_unless_the_shop_keeps_one_thing() {
        let sold = Action {
            clarification: Clarification::Item as i32,
            ..action(Intent::Remove(Remove { line: Some(stock_line(None, "3")), reason: 1, all: false }))
        };
        let screws = KnownItem { id: "1".into(), name: "screws".into() };
        let nails = KnownItem { id: "2".into(), name: "nails".into() };
        assert!(needs_known_items(std::slice::from_ref(&sold)));

        let one = Known { recent: vec![screws.clone()], is_all: true, ..Known::default() };
        let two = Known { recent: vec![screws, nails], is_all: true, ..Known::default() };

        assert!(matches!(plan(std::slice::from_ref(&sold), "en", &one).steps.as_slice(), [Step::Post { .. }]));
        let asked = plan(std::slice::from_ref(&sold), "en", &two);
        assert!(matches!(asked.steps.as_slice(), [Step::Ask { choices, .. }] if choices.len() == 2));
    }

    #[test]
    fn lines_without_a_verb_lead_to_one_question() {
        let bare = |item, quantity| Action {
            clarification: Clarification::Direction as i32,
            ..action(Intent::Unknown(Unknown { line: Some(stock_line(Some(item), quantity)), ..Unknown::default() }))
        };

        let plan = plan(&[bare("bread", "12"), bare("milk", "6")], "en", &Known::default());

        assert!(matches!(plan.steps.as_slice(), [Step::Ask { choices, .. }] if choices.len() == 3), "{plan:?}");
    }

    #[test]
    fn nothing_that_was_said_is_dropped_without_a_word() {
        let vague = |item| Action {
            clarification: Clarification::Quantity as i32,
            ..action(Intent::Remove(Remove { line: Some(stock_line(Some(item), "")), reason: 1, all: false }))
        };
        let hello = action(Intent::Greeting(proto::parser::v1::Greeting { kind: 1 }));

        let plan = plan(&[hello, vague("bread"), vague("milk")], "en", &Known::default());

        let said: Vec<&str> = plan
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::Say(Saying::HowMany { said }) => Some(said.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(said, ["bread", "milk"]);
        assert_eq!(plan.steps.len(), 2, "the greeting gives way");
    }

    #[test]
    fn steps_keep_the_order_in_which_they_were_said() {
        let undo = action(Intent::Undo(Undo { target: UndoTarget::Last as i32, ..Undo::default() }));
        let sold = action(Intent::Remove(Remove { line: Some(stock_line(Some("milk"), "2")), reason: 1, all: false }));

        let undo_first = plan(&[undo.clone(), sold.clone()], "en", &Known::default());
        let sold_first = plan(&[sold, undo], "en", &Known::default());

        assert!(matches!(undo_first.steps.as_slice(), [Step::UndoLast, Step::Post { .. }]));
        assert!(matches!(sold_first.steps.as_slice(), [Step::Post { .. }, Step::UndoLast]));
    }

    #[test]
    fn what_needs_a_yes_is_not_posted() {
        let risky = Action {
            confirm: true,
            ..action(Intent::Add(Add { line: Some(stock_line(Some("gold"), "9999")), reason: 1 }))
        };

        let plan = plan(&[risky], "en", &Known::default());

        assert!(matches!(plan.steps.as_slice(), [Step::Ask { .. }]));
    }

    #[test]
    fn undo_of_a_quoted_message_does_not_take_back_the_last() {
        let undo = action(Intent::Undo(Undo { target: UndoTarget::Last as i32, ..Undo::default() }));

        let quoting = Known { quotes: true, ..Known::default() };

        assert_eq!(plan(std::slice::from_ref(&undo), "en", &quoting).steps, [Step::Say(Saying::UndoWhich)]);
        assert_eq!(plan(std::slice::from_ref(&undo), "en", &Known::default()).steps, [Step::UndoLast]);
    }
}
