//! What came of an operation, for people.

use std::fmt;

use anyhow::Result;
use proto::inventory::v1 as pb;

use super::item::candidates;
use super::table::{amount, number, plain, signed, wrapped};
use crate::cli::ui;

/// An answer that was shown and still is no success: not everything that was asked for was done.
#[derive(Debug)]
pub(super) struct NotAll {
    undone: usize,
    asked: usize,
}

impl std::error::Error for NotAll {}

impl fmt::Display for NotAll {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {} lines cannot be posted", self.undone, self.asked)
    }
}

/// Balances that do not follow from their movements, which were shown.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) count: usize,
}

impl std::error::Error for Wrong {}

impl fmt::Display for Wrong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} balances do not follow from their movements: docs/runbook.md says what to do", self.count)
    }
}

/// Returns whether a failure stands in an answer that was printed already.
pub(super) fn was_shown(error: &anyhow::Error) -> bool {
    error.is::<NotAll>() || error.is::<Wrong>() || error.is::<super::import::WrongRows>()
}

/// Ends a command as its lines went.
pub(super) fn verdict(results: &[pb::LineResult]) -> Result<()> {
    let undone = results.iter().filter(|result| result.outcome() != pb::LineOutcome::Posted).count();
    if undone > 0 {
        return Err(NotAll { undone, asked: results.len() }.into());
    }
    Ok(())
}

/// Says what came of a post.
pub(super) fn show(answer: &pb::PostOperationResponse, dry_run: bool) {
    match &answer.operation {
        Some(operation) if answer.replayed => ui::say(format_args!("Already done: {}", named(operation))),
        Some(_) if dry_run => ui::say("A dry run: nothing was stored. It would be:"),
        Some(operation) => ui::say(format_args!("Posted: {}", named(operation))),
        None => ui::say("Nothing was posted:"),
    }
    for (place, result) in answer.results.iter().enumerate() {
        show_line(place, answer.results.len(), result);
    }
}

/// Says why lines were not taken.
pub(super) fn show_unposted(results: &[pb::LineResult]) {
    for (place, result) in results.iter().enumerate() {
        if result.outcome() != pb::LineOutcome::Posted {
            show_line(place, results.len(), result);
        }
    }
}

fn show_line(place: usize, count: usize, result: &pb::LineResult) {
    let what = line(result);
    if count == 1 {
        ui::say(wrapped("  ", &what));
    } else {
        ui::say(wrapped(&format!("  {:>3}  ", place + 1), &what));
    }
}

/// Names an operation by what people say aloud and by its id.
pub(super) fn named(operation: &pb::Operation) -> String {
    format!("{}, operation {}", operation.public_reference, operation.operation_id)
}

fn line(result: &pb::LineResult) -> String {
    let item = result.item.clone().unwrap_or_default();
    let name = plain(&item.display_name);
    match result.outcome() {
        pb::LineOutcome::Posted => {
            let change = signed(result.delta.as_ref());
            let left = amount(result.balance_after.as_ref(), &item.base_unit);
            let mut said = format!("{change} {name}, now {left}");
            if result.expected.is_some() {
                said.push_str(" (the book said ");
                said.push_str(&number(result.expected.as_ref()));
                said.push(')');
            }
            if result.item_created {
                said.push_str(", a new item");
            }
            if result.low_level_crossed {
                said.push_str(", low now");
            }
            said
        }
        pb::LineOutcome::ItemNotFound if result.candidates.is_empty() => {
            "not posted: there is no such item, and --create was not given".to_owned()
        }
        pb::LineOutcome::ItemNotFound => {
            format!("not posted: there is no such item. Near it: {}", candidates(&result.candidates))
        }
        pb::LineOutcome::ItemAmbiguous => {
            format!("not posted: it may be any of {}", candidates(&result.candidates))
        }
        pb::LineOutcome::UnitUnknown => format!(
            "not posted: how many {} of {name} that unit holds is not known. Say it by --pack-size, or once and for all \
             by `backroom stock pack`",
            plain(&item.base_unit)
        ),
        pb::LineOutcome::ScaleExceeded => {
            format!("not posted: {name} is kept with {} decimals, and this has more", item.scale)
        }
        pb::LineOutcome::HeldBack => {
            let name = if name.is_empty() { "a new item".to_owned() } else { name };
            format!("{name}: held back, because another line cannot be posted")
        }
        pb::LineOutcome::Unusual => format!(
            "held back: more than ten times what is usual for {name} ({})",
            amount(result.usual.as_ref(), &item.base_unit)
        ),
        pb::LineOutcome::Unspecified => "not posted, for a reason that this version does not know".to_owned(),
    }
}
