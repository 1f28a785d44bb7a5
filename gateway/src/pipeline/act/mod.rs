//! Carries a plan out: the ledger's answers become the facts of the reply.

mod correct;
mod count;
mod draft;
mod file;
mod look;
mod people;
mod post;
mod question;
mod report;
mod reverse;
mod unposted;
mod upkeep;

use std::str::FromStr as _;

use proto::common::v1::Decimal as PbDecimal;
use proto::inventory::v1::{ItemReference, Latest, item_reference, reverse_operation_request};
use rust_decimal::Decimal;

pub(super) use file::Attachment;
pub(super) use look::item_count_up_to;
pub(super) use question::{Draft, QUESTION_OPEN, Question, Row, Ways, open_question, question_id, ways_to_answer};

use super::failure::Failure;
use super::inbound::Inbound;
use super::message::{Sender, member_id};
use super::{Pipeline, contacts};
use crate::conversation::{Item, Line, Plan, Saying, Step};
use crate::reply::Outcome;
use crate::store;
use correct::{Change, correct, redo, teach};
use count::count;
use file::attach;
use look::{everything, list, stock};
use people::people;
use post::{Post, post, saved_under, with_usual};
use question::ask;
use report::report;
use reverse::reverse;
use upkeep::{Upheld, uphold};

/// What came of a plan.
#[derive(Default)]
pub(super) struct Acted {
    /// The facts, in the order of the steps.
    pub outcomes: Vec<Outcome>,
    /// A question to be opened with the answer.
    pub question: Option<Question>,
    /// The operation that the Undo button takes back.
    pub undo: Option<String>,
    /// A file that goes out with the answer.
    pub file: Option<Attachment>,
}

impl Acted {
    /// Takes what was done, or asks.
    fn take_upheld(&mut self, inbound: &Inbound, plan: &Plan, upheld: Upheld) {
        match upheld {
            Upheld::Done(outcome) => self.outcomes.push(outcome),
            Upheld::Undoable(outcome, operation) => self.take_found((outcome, Some(operation))),
            Upheld::Asks { saying, choices } => ask(inbound, plan, &saying, &choices, None, self),
        }
    }

    /// Takes what was saved before under the same name, and the operation that takes it back.
    fn take_found(&mut self, (outcome, undo): (Outcome, Option<String>)) {
        self.outcomes.push(outcome);
        self.undo = undo;
    }
}

/// Does every step. Repeating it has no further effect: each change carries a request id made from the message.
pub(super) async fn carry_out(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    plan: &Plan,
) -> Result<Acted, Failure> {
    let mut acted = Acted::default();
    // Counted by kind, so that a name stays the same whatever else the plan holds.
    let (mut post_count, mut undo_count, mut correction_count, mut name_count) = (0, 0, 0, 0);
    let (mut upkeep_count, mut people_count, mut count_count) = (0, 0, 0);
    for step in &plan.steps {
        match step {
            Step::Post { lines, occurred_at, is_confirmed } => {
                post_count += 1;
                // The message's own id names what it posts; lines of another day come after it.
                let request_id = match post_count {
                    1 => inbound.wamid.clone(),
                    count => format!("{}/post/{count}", inbound.wamid),
                };
                let (occurred_at, is_confirmed) = (*occurred_at, *is_confirmed);
                let posted = Post { request_id, lines, occurred_at, is_confirmed };
                post(pipeline, inbound, sender, plan, posted, &mut acted).await?;
            }
            Step::PostEverything { effect, occurred_at } => {
                let lines = everything(pipeline, sender, effect).await?;
                post_everything(pipeline, inbound, sender, plan, lines.as_deref(), *occurred_at, &mut acted).await?;
            }
            Step::Correct { operation_id, line_number, was, .. }
            | Step::DropLine { operation_id, line_number, was } => {
                correction_count += 1;
                let request_id = format!("{}/correct/{correction_count}", inbound.wamid);
                let right = if let Step::Correct { line, .. } = step { Some(line) } else { None };
                let change = Change { operation_id, line_number: *line_number, was, right };
                correct(pipeline, inbound, sender, plan, request_id, change, &mut acted).await?;
            }
            Step::Redo => {
                undo_count += 1;
                redo(pipeline, sender, format!("{}/undo/{undo_count}", inbound.wamid), &mut acted).await?;
            }
            Step::Teach { item_id, name } => {
                name_count += 1;
                let request_id = format!("{}/name/{name_count}", inbound.wamid);
                teach(pipeline, inbound, sender, request_id, item_id, name).await?;
            }
            Step::Restock { adds } => store::keep_restock(&pipeline.pool, member_id(sender)?, *adds).await?,
            Step::UndoLast | Step::Undo { .. } => {
                let target = match step {
                    Step::Undo { operation_id } => reverse_operation_request::Target::OperationId(operation_id.clone()),
                    _ => reverse_operation_request::Target::Latest(Latest {}),
                };
                undo_count += 1;
                let request_id = format!("{}/undo/{undo_count}", inbound.wamid);
                acted.outcomes.push(reverse(pipeline, request_id, sender, target).await?);
            }
            Step::Stock { item, minus } => acted.outcomes.push(stock(pipeline, sender, item, *minus).await?),
            Step::List => acted.outcomes.push(list(pipeline, sender).await?),
            Step::Upkeep(upkeep) => {
                upkeep_count += 1;
                let request_id = format!("{}/upkeep/{upkeep_count}", inbound.wamid);
                if upkeep.has_effect() {
                    // Also when it fails: it may have been done.
                    pipeline.items.forget(inbound);
                }
                acted.take_upheld(inbound, plan, uphold(pipeline, sender, request_id, upkeep).await?);
            }
            Step::Report(said) => acted.outcomes.push(report(pipeline, sender, said).await?),
            Step::Export(export) => attach(pipeline, inbound, sender, plan, export, &mut acted).await?,
            Step::People(said) => {
                people_count += 1;
                let request_id = format!("{}/people/{people_count}", inbound.wamid);
                acted.take_upheld(inbound, plan, people(pipeline, inbound, sender, request_id, said).await?);
            }
            Step::Count(step) => {
                count_count += 1;
                let request_id = format!("{}/count/{count_count}", inbound.wamid);
                count(pipeline, inbound, sender, plan, step, request_id, &mut acted).await?;
            }
            Step::Ask { saying, choices, asked } => {
                let saying = with_usual(pipeline, inbound, sender, saying).await?;
                ask(inbound, plan, &saying, choices, asked.as_ref(), &mut acted);
            }
            Step::OfferUndo { operation_id, saying } => {
                acted.outcomes.push(Outcome::Said(saying.clone()));
                acted.undo = Some(operation_id.clone());
            }
            Step::AddMember { name, phone, role } => {
                let saying = contacts::add_member(pipeline, inbound, sender, name, phone, *role).await?;
                acted.outcomes.push(Outcome::Said(saying));
            }
            Step::LinkPhone { phone } => {
                acted.outcomes.push(Outcome::Said(contacts::link_phone(pipeline, inbound, sender, phone).await?));
            }
            Step::ShowPaper { draft } => draft::show(pipeline, inbound, sender, plan, draft, &mut acted).await?,
            Step::SavePaper { draft } => draft::save(pipeline, inbound, sender, plan, draft, &mut acted).await?,
            Step::FixPaper { draft } => draft::how_to_fix(inbound, plan, draft, &mut acted),
            Step::Say(saying) => acted.outcomes.push(Outcome::Said(saying.clone())),
            Step::Silence => {}
        }
    }
    Ok(acted)
}

/// Posts a line for each item that has stock.
async fn post_everything(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    plan: &Plan,
    lines: Option<&[Line]>,
    occurred_at: Option<i64>,
    acted: &mut Acted,
) -> Result<(), Failure> {
    let request_id = inbound.wamid.clone();
    match lines {
        None => acted.outcomes.push(Outcome::Said(Saying::NotYet)),
        // Nothing is left: perhaps because this message took it, and died before it could say so.
        Some([]) => match saved_under(pipeline, request_id, sender).await? {
            Some(found) => acted.take_found(found),
            None => acted.outcomes.push(Outcome::Said(Saying::NothingChanged)),
        },
        Some(lines) => {
            let posted = Post { request_id, lines, occurred_at, is_confirmed: true };
            post(pipeline, inbound, sender, plan, posted, acted).await?;
        }
    }
    Ok(())
}

fn reference(item: &Item) -> ItemReference {
    ItemReference {
        reference: Some(match &item.id {
            Some(id) => item_reference::Reference::ItemId(id.clone()),
            None => item_reference::Reference::Name(item.said.chars().take(200).collect()),
        }),
        english_name: item.english.clone(),
        singular_name: item.singular.chars().take(200).collect(),
    }
}

fn pb(value: Decimal) -> PbDecimal {
    PbDecimal { value: value.normalize().to_string() }
}

fn decimal(value: Option<&PbDecimal>) -> Decimal {
    value.and_then(|value| Decimal::from_str(&value.value).ok()).unwrap_or_default()
}
