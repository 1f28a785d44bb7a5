//! From actions to a plan. A write that nobody could be sure of becomes a question.

mod line;
#[cfg(test)]
mod tests;

use proto::inventory::v1::MovementKind;
use proto::parser::v1 as parsed;
use proto::parser::v1::action::Intent;
use proto::parser::v1::{Act, Action, Clarification, UndoTarget};
use rust_decimal::Decimal;

use super::plan::{Choice, Effect, Item, Line, Plan, Saying, Step};
use line::{decimal, occurred_at};
pub(super) use line::{item_of, line, line_of};

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
