//! From actions to a plan. A write that nobody could be sure of becomes a question.

mod known;
mod line;
mod question;
#[cfg(test)]
mod tests;

use proto::parser::v1 as parsed;
use proto::parser::v1::action::Intent;
use proto::parser::v1::{Act, Action, Clarification};

use super::correct::Correction;
use super::count::count;
use super::dates::{self, Placed};
use super::people::people;
use super::plan::{Line, Plan, Saying, Step};
use super::report::report;
use super::restock::{self, Restock};
use super::undo::undo;
use super::upkeep::upkeep;
pub(crate) use known::{Known, KnownItem, needs_known_items};
pub(super) use line::{decimal, item_of, line, line_of};
use question::{
    Directionless, each_or_all, how_many, post, really, set_or_add, which_day, which_direction, which_item,
    which_number,
};

/// What the actions come to.
#[derive(Default)]
struct Draft {
    /// Clear lines, by the time at which they happened.
    posts: Vec<(Option<i64>, Vec<Line>)>,
    doubtful: Vec<(Line, Action)>,
    directionless: Vec<Directionless>,
    /// Lines that were added, or are what is there now.
    restocked: Vec<(Line, Action)>,
    /// Everything but the posts, in the order in which it was said.
    steps: Vec<Step>,
    /// Where among the steps the posts belong: where the first line was said.
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
            Some(Intent::Undo(said)) => self.steps.push(undo(said, action.confirm, known)),
            Some(Intent::Correct(said)) => {
                // Who quotes a message means that one, also when nothing is known of it.
                let past = if known.quotes { &known.quoted } else { &known.newest };
                let correction = Correction { said, text: &known.text, past: past.as_ref(), currency: &known.currency };
                self.steps.push(correction.step());
            }
            Some(Intent::Help(_)) => self.steps.push(Step::Say(Saying::Help)),
            Some(Intent::Greeting(greeting)) => {
                let thanks = greeting.kind() == parsed::GreetingKind::Thanks;
                self.steps.push(Step::Say(if thanks { Saying::Welcome } else { Saying::Hello }));
            }
            Some(Intent::Unknown(unknown)) => self.take_unknown(unknown, action, known),
            Some(Intent::Report(said)) => self.steps.push(report(said, known)),
            Some(Intent::ChangeMember(said)) => self.steps.push(people(said)),
            Some(Intent::CountSession(said)) => self.steps.push(count(said, known)),
            Some(
                Intent::LowStock(_)
                | Intent::Threshold(_)
                | Intent::Rename(_)
                | Intent::SetPrice(_)
                | Intent::Transfer(_),
            ) => self.steps.push(upkeep(action).unwrap_or(Step::Say(Saying::NotYet))),
            None => self.steps.push(Step::Say(Saying::NotUnderstood)),
        }
    }

    fn take_write(&mut self, action: &Action, known: &Known) {
        let counted = (known.restock == Restock::Sets).then(|| restock::counted(action));
        let action = counted.as_ref().unwrap_or(action);
        let Some(said) = line_of(action) else {
            self.ask(Step::Say(Saying::NotUnderstood));
            return;
        };
        let placed = dates::placed(said.when.as_ref(), known.sent_at, &known.time_zone);
        let occurred_at = match placed {
            Placed::At(at) => Some(at),
            Placed::Now | Placed::Unclear => None,
        };
        let item = item_of(said.item.as_ref());
        match action.clarification() {
            Clarification::Quantity => return self.ask(how_many(action)),
            Clarification::WhichNumber => return self.ask(which_number(action, known, occurred_at)),
            Clarification::Direction | Clarification::SignOrDash => {
                return if !self.take_directionless(said, action, occurred_at) {
                    self.ask(Step::Say(Saying::NotUnderstood));
                };
            }
            Clarification::TooLong => return self.ask(Step::Say(Saying::TooLong)),
            // Nothing to ask, or something the ledger answers by itself (which item, units, fractions).
            Clarification::Unspecified
            | Clarification::Item
            | Clarification::PackSize
            | Clarification::Unit
            | Clarification::PriceBasis
            | Clarification::DateOrder
            | Clarification::WholeUnits => {}
            // Whether it is meant at all: yes or no.
            Clarification::ZeroOrCancel
            | Clarification::Repeat
            | Clarification::AlreadyRecorded
            | Clarification::RequestOrAdd
            | Clarification::Attachment => {
                return match item.and_then(|item| line(action, said, item, known)) {
                    Some(line) => self.doubt(line, action, occurred_at),
                    None => self.ask(Step::Say(Saying::NotUnderstood)),
                };
            }
        }
        if said.item.as_ref().is_some_and(|item| item.everything) {
            return self.ask(question::everything(action, said, known, occurred_at));
        }
        let Some(item) = item.or_else(|| line::only_item(known)) else {
            return self.ask(which_item(action, known, occurred_at));
        };
        let Some(line) = line(action, said, item, known) else {
            return self.ask(Step::Say(Saying::NotUnderstood));
        };
        let phrase = said.when.as_ref().map(|when| when.phrase.as_str()).unwrap_or_default();
        if placed == Placed::Unclear || action.clarification() == Clarification::DateOrder {
            return self.ask(which_day(vec![line], phrase, known));
        }
        if action.clarification() == Clarification::PriceBasis
            && let Some(question) = each_or_all(action, &line, known, occurred_at)
        {
            return self.ask(question);
        }
        if action.confirm {
            return self.doubt(line, action, occurred_at);
        }
        if restock::is_to_be_asked(action, known.restock) {
            self.occurred_at = self.occurred_at.or(occurred_at);
            return self.restocked.push((line, action.clone()));
        }
        self.post_at.get_or_insert(self.steps.len());
        match self.posts.iter_mut().find(|(at, _)| *at == occurred_at) {
            Some((_, lines)) => lines.push(line),
            None => self.posts.push((occurred_at, vec![line])),
        }
    }

    fn doubt(&mut self, line: Line, action: &Action, occurred_at: Option<i64>) {
        self.occurred_at = self.occurred_at.or(occurred_at);
        self.doubtful.push((line, action.clone()));
    }

    fn take_directionless(&mut self, said: &parsed::StockLine, action: &Action, occurred_at: Option<i64>) -> bool {
        let (Some(item), Some(quantity)) = (item_of(said.item.as_ref()), decimal(said.quantity.as_ref())) else {
            return false;
        };
        self.occurred_at = self.occurred_at.or(occurred_at);
        self.directionless.push(Directionless {
            item,
            quantity: quantity.abs(),
            unit: said.unit.clone(),
            pack_size: decimal(said.pack_size.as_ref()),
            action: action.clone(),
        });
        true
    }

    fn take_unknown(&mut self, unknown: &parsed::Unknown, action: &Action, known: &Known) {
        let line = unknown.line.as_ref();
        let has_item = line.is_some_and(|line| item_of(line.item.as_ref()).is_some());
        let is_plain = unknown.act() == Act::Unspecified && unknown.topic.is_empty() && action.flags.is_empty();
        // What and how many was said meanwhile, and still not what became of it.
        if is_plain
            && action.clarification() == Clarification::Unspecified
            && line.is_some_and(|line| self.take_directionless(line, action, None))
        {
            return;
        }
        match action.clarification() {
            Clarification::Direction | Clarification::SignOrDash => {
                let at = line.map(|line| dates::placed(line.when.as_ref(), known.sent_at, &known.time_zone));
                let at = if let Some(Placed::At(at)) = at { Some(at) } else { None };
                if line.is_some_and(|line| self.take_directionless(line, action, at)) {
                    return;
                }
            }
            Clarification::WhichNumber => return self.ask(which_number(action, known, None)),
            Clarification::Quantity | Clarification::RequestOrAdd if has_item => return self.ask(how_many(action)),
            Clarification::TooLong => return self.ask(Step::Say(Saying::TooLong)),
            _ => {}
        }
        self.steps.push(Step::Say(match unknown.act() {
            Act::Unspecified => Saying::NotUnderstood,
            // "No", and no question is open: something is wrong with the last one.
            Act::Deny if known.newest.is_some() || known.quoted.is_some() => Saying::HowToCorrect,
            Act::None | Act::Affirm | Act::Deny | Act::CancelPending | Act::Select => Saying::NothingChanged,
            Act::Unsupported => Saying::OutOfScope,
            Act::DuplicateDocument | Act::SwitchShop => Saying::NotYet,
        }));
    }

    /// Keeps a question. All are asked in the answer; the first gets the buttons.
    fn ask(&mut self, question: Step) {
        if !self.questions.contains(&question) {
            self.questions.push(question);
        }
    }

    fn finish(mut self) -> Vec<Step> {
        if !self.directionless.is_empty() {
            let question = which_direction(&self.directionless, self.occurred_at);
            self.ask(question);
        }
        if !self.doubtful.is_empty() {
            let (lines, drafts): (Vec<Line>, Vec<Action>) = std::mem::take(&mut self.doubtful).into_iter().unzip();
            let post = Step::Post { lines: lines.clone(), occurred_at: self.occurred_at, is_confirmed: true };
            self.ask(really(Saying::ReallyDo { lines }, &drafts, vec![post]));
        }
        if !self.restocked.is_empty() {
            let question = set_or_add(std::mem::take(&mut self.restocked), self.occurred_at);
            self.ask(question);
        }
        let has_substance = !self.posts.is_empty() || !self.questions.is_empty();
        let mut posts = Some(self.posts.into_iter().map(|(at, lines)| post(lines, at)).collect::<Vec<_>>());
        let mut steps = Vec::new();
        for (place, step) in self.steps.into_iter().enumerate() {
            if self.post_at == Some(place) {
                steps.extend(posts.take().into_iter().flatten());
            }
            // "hello", "thanks" and the like are said once, and not at all beside an answer of substance.
            let is_courtesy = matches!(step, Step::Say(Saying::Hello | Saying::Welcome | Saying::NothingChanged));
            let is_repeated = steps.contains(&step) && !step.changes_stock();
            if is_repeated || (is_courtesy && has_substance) {
                continue;
            }
            steps.push(step);
        }
        steps.extend(posts.take().into_iter().flatten());
        // What can be answered comes first, so that it is the question that is open.
        self.questions.sort_by_key(|question| !matches!(question, Step::Ask { .. }));
        steps.extend(self.questions);
        if steps.is_empty() {
            steps.push(Step::Say(Saying::NotUnderstood));
        }
        steps
    }
}
