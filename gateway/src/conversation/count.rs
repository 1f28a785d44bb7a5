//! A stock-take in the chat: while one goes on, plain lines are what the person sees on the shelves. Pure.
//!
//! It is blind: what the book says is told once, at the end. So looks wait, and what was done before cannot be taken back
//! in between: "undo" and "no, 13" would mean a line of the count to the person and the last sale to the ledger.

use proto::parser::v1::{CountSession, CountSessionStep};
use serde::{Deserialize, Serialize};

use super::answer::ShortAnswer;
use super::plan::{Choice, Effect, Line, Plan, Saying, Step};
use super::read::Known;
use super::upkeep::Upkeep;

/// Something to do about a stock-take. Sessions are named by their ids in the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum CountStep {
    /// Begin one, or say that one goes on.
    Start,
    /// Write down what was seen.
    Record {
        /// The stock-take.
        session_id: String,
        /// What was seen.
        lines: Vec<Line>,
    },
    /// Show what differs from the book, and ask whether to save it.
    Review {
        /// The stock-take.
        session_id: String,
    },
    /// Tell what is not counted yet.
    Missing {
        /// The stock-take.
        session_id: String,
    },
    /// Make stock what was seen.
    Finish {
        /// The stock-take.
        session_id: String,
    },
    /// Give it up.
    Cancel {
        /// The stock-take.
        session_id: String,
    },
    /// Say that nobody went on with it for too long.
    Expired {
        /// The stock-take.
        session_id: String,
    },
}

impl CountStep {
    /// Returns whether it changes stock, or what will be stock.
    pub fn changes_stock(&self) -> bool {
        matches!(self, Self::Record { .. } | Self::Finish { .. })
    }

    /// Returns whether it changes anything.
    pub fn has_effect(&self) -> bool {
        !matches!(self, Self::Review { .. } | Self::Missing { .. })
    }
}

/// A sentence about a stock-take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum CountSaying {
    /// None goes on.
    NotCounting,
    /// Nothing was counted yet.
    NothingYet,
    /// It goes on.
    GoOn,
    /// What is not counted stays.
    Skip,
    /// What the book says comes at the end.
    Blind,
    /// The right number takes the place of the wrong one.
    SendAgain,
    /// Whether to save it.
    ReallySave,
    /// Whether to throw it away.
    ReallyCancel,
    /// It was thrown away.
    Cancelled,
    /// Nobody went on for too long.
    Expired,
    /// It is over by now, and nothing was written down.
    Over,
    /// It is more than one can hold.
    Full,
}

impl CountSaying {
    /// Returns whether it is answered by yes or no.
    pub fn is_yes_or_no(self) -> bool {
        matches!(self, Self::ReallySave | Self::ReallyCancel)
    }
}

/// Returns what a step of a stock-take comes to.
pub(super) fn count(said: &CountSession, known: &Known) -> Step {
    let say = |saying| Step::Say(Saying::Count(saying));
    if said.step() == CountSessionStep::Start {
        return Step::Count(CountStep::Start);
    }
    let Some(session_id) = known.counting.clone() else { return say(CountSaying::NotCounting) };
    match said.step() {
        CountSessionStep::Close => Step::Count(CountStep::Review { session_id }),
        CountSessionStep::Missing => Step::Count(CountStep::Missing { session_id }),
        CountSessionStep::Cancel => really_cancel(session_id),
        CountSessionStep::Skip => say(CountSaying::Skip),
        CountSessionStep::Start | CountSessionStep::Unspecified => Step::Say(Saying::NotUnderstood),
    }
}

fn really_cancel(session_id: String) -> Step {
    let choices = vec![choice(Step::Count(CountStep::Cancel { session_id })), go_on()];
    Step::Ask { saying: Saying::Count(CountSaying::ReallyCancel), choices, asked: None }
}

/// Returns what can be done with a stock-take that was shown: save it, go on, throw it away.
pub(crate) fn ways_to_end(session_id: &str) -> Vec<Choice> {
    let session_id = || session_id.to_owned();
    vec![
        choice(Step::Count(CountStep::Finish { session_id: session_id() })),
        go_on(),
        choice(Step::Count(CountStep::Cancel { session_id: session_id() })),
    ]
}

fn go_on() -> Choice {
    choice(Step::Say(Saying::Count(CountSaying::GoOn)))
}

fn choice(step: Step) -> Choice {
    Choice { title: String::new(), steps: vec![step] }
}

/// Returns what a bare "yes" or "save" comes to while somebody counts and nothing is asked: what was shown before is not what
/// would be saved now, so it is shown again.
pub(crate) fn shown_again(text: &str, session_id: &str) -> Option<Step> {
    let is_yes = matches!(ShortAnswer::read(text), Some(ShortAnswer::Yes | ShortAnswer::Save));
    is_yes.then(|| Step::Count(CountStep::Review { session_id: session_id.to_owned() }))
}

/// Makes what was said while somebody counts mean what it means then.
pub(crate) fn while_counting(plan: Plan, session_id: &str, text: &str) -> Plan {
    let plan = recorded(plan, session_id);
    let mut steps: Vec<Step> = Vec::new();
    for step in plan.steps {
        let step = match step {
            // "Cancel" alone takes back the last sale otherwise.
            Step::UndoLast if ShortAnswer::read(text) == Some(ShortAnswer::Cancel) => {
                really_cancel(session_id.to_owned())
            }
            Step::UndoLast | Step::Undo { .. } | Step::Redo | Step::Correct { .. } | Step::DropLine { .. } => {
                Step::Say(Saying::Count(CountSaying::SendAgain))
            }
            Step::Say(Saying::HowToCorrect) => Step::Say(Saying::Count(CountSaying::SendAgain)),
            Step::Stock { .. }
            | Step::List
            | Step::Export(_)
            | Step::Upkeep(Upkeep::LowStock { .. } | Upkeep::History { .. } | Upkeep::Explain { .. }) => {
                Step::Say(Saying::Count(CountSaying::Blind))
            }
            step => step,
        };
        if !steps.contains(&step) || step.changes_stock() {
            steps.push(step);
        }
    }
    Plan { steps, ..plan }
}

/// Writes what was counted down in the stock-take, where it would be posted otherwise. What was counted on another day, and
/// everything that came or went, is posted as ever.
pub(crate) fn recorded(plan: Plan, session_id: &str) -> Plan {
    let steps = plan.steps.into_iter().flat_map(|step| record(step, session_id)).collect();
    Plan { steps, ..plan }
}

fn record(step: Step, session_id: &str) -> Vec<Step> {
    match step {
        Step::Post { lines, occurred_at: None, is_confirmed } => {
            let (seen, rest): (Vec<Line>, Vec<Line>) =
                lines.into_iter().partition(|line| matches!(line.effect, Effect::Count { .. }));
            let seen = (!seen.is_empty())
                .then(|| Step::Count(CountStep::Record { session_id: session_id.to_owned(), lines: seen }));
            let rest = (!rest.is_empty()).then_some(Step::Post { lines: rest, occurred_at: None, is_confirmed });
            rest.into_iter().chain(seen).collect()
        }
        Step::Ask { saying, choices, asked } => {
            let within = |choice: Choice| Choice {
                steps: choice.steps.into_iter().flat_map(|step| record(step, session_id)).collect(),
                ..choice
            };
            vec![Step::Ask { saying, choices: choices.into_iter().map(within).collect(), asked }]
        }
        step => vec![step],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Item;

    fn line(effect: Effect) -> Line {
        let item = Item { said: "milk".to_owned(), ..Item::default() };
        Line { item, effect, unit: String::new(), pack_size: None, unit_price: None, is_new: false }
    }

    fn post(effect: Effect, occurred_at: Option<i64>) -> Step {
        Step::Post { lines: vec![line(effect)], occurred_at, is_confirmed: false }
    }

    fn counted(steps: Vec<Step>, text: &str) -> Vec<Step> {
        while_counting(Plan { language: "en".to_owned(), steps }, "s", text).steps
    }

    fn record(effect: Effect) -> Step {
        Step::Count(CountStep::Record { session_id: "s".to_owned(), lines: vec![line(effect)] })
    }

    #[test]
    fn what_is_seen_is_written_down_and_what_comes_or_goes_is_posted() {
        let seen = Effect::Count { quantity: 12.into() };
        let sold = Effect::Change { kind: 2, quantity: 3.into() };
        let both =
            Step::Post { lines: vec![line(seen.clone()), line(sold.clone())], occurred_at: None, is_confirmed: false };

        assert_eq!(counted(vec![both], ""), [post(sold, None), record(seen.clone())]);
        assert_eq!(counted(vec![post(seen.clone(), Some(5))], ""), [post(seen.clone(), Some(5))], "another day");
        let asks = |step| Step::Ask { saying: Saying::ReallyUndo, choices: vec![choice(step)], asked: None };
        assert_eq!(counted(vec![asks(post(seen.clone(), None))], ""), [asks(record(seen))]);
    }

    #[test]
    fn nothing_tells_what_the_book_says_and_nothing_of_before_is_taken_back() {
        let item = Item::default();
        let blind = Step::Say(Saying::Count(CountSaying::Blind));
        let told = Step::Upkeep(Upkeep::Explain { item: item.clone() });
        let runs_low = Step::Upkeep(Upkeep::LowStock { is_out_only: false });
        assert_eq!(counted(vec![told, runs_low], ""), std::slice::from_ref(&blind));
        assert_eq!(counted(vec![Step::List, Step::Stock { item, minus: None }], ""), [blind]);
        let again = Step::Say(Saying::Count(CountSaying::SendAgain));
        assert_eq!(counted(vec![Step::UndoLast], "undo"), [again]);
        assert_eq!(counted(vec![Step::UndoLast], "Cancel"), [really_cancel("s".to_owned())]);
    }

    #[test]
    fn a_yes_to_nothing_shows_what_would_be_saved() {
        let review = Step::Count(CountStep::Review { session_id: "s".to_owned() });
        for text in ["yes", "Ja!", "save", "Yes, save", "stoor"] {
            assert_eq!(shown_again(text, "s"), Some(review.clone()), "{text}");
        }
        assert_eq!(shown_again("yes add 5", "s"), None);
    }
}
