//! A paper: shown with what the ledger would make of it, saved as one operation, fixed, or dropped.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use platform::error::{metadata_of, reason_of};
use proto::inventory::v1::{
    GetOperationRequest, LineOutcome, LineResult, Paper, PostOperationRequest, get_operation_request,
};
use tonic::Status;

use super::Acted;
use super::post::{found_again, is_reused, request_for, take, take_posted};
use super::question::ask_with;
use crate::conversation::{Choice, FileSaying, PaperDraft, Plan, Saying, Step};
use crate::pipeline::Pipeline;
use crate::pipeline::failure::Failure;
use crate::pipeline::inbound::Inbound;
use crate::pipeline::message::Sender;
use crate::reply::{Found, Outcome, PaperOutcome};

/// Shows it, with a question: save, fix or drop. A dry run of the ledger says what fits, and whether it was booked before.
pub(super) async fn show(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    plan: &Plan,
    draft: &PaperDraft,
    acted: &mut Acted,
) -> Result<(), Failure> {
    let request = PostOperationRequest {
        request_id: format!("{}/draft", inbound.wamid),
        dry_run: true,
        ..request_of(inbound, sender, draft)
    };
    match pipeline.services.inventory.clone().post_operation(request).await {
        Ok(response) => {
            let results = response.into_inner().results;
            let draft = settled(draft, &results);
            ask_with(inbound, plan, &Saying::File(FileSaying::Approve), &choices(&draft), None, acted);
            let found = results.iter().map(found).collect();
            acted.outcomes.push(Outcome::Paper(PaperOutcome::Draft { draft, found }));
        }
        Err(status) => acted.outcomes.push(refused(pipeline, sender, draft, status).await?),
    }
    Ok(())
}

/// Names the items that were found by their ids: what is saved is what was shown, however items are called by then.
fn settled(draft: &PaperDraft, results: &[LineResult]) -> PaperDraft {
    let mut draft = draft.clone();
    for (line, result) in draft.lines.iter_mut().zip(results) {
        let is_found = result.outcome() == LineOutcome::Posted && !result.item_created;
        if let (true, Some(item)) = (is_found, &result.item)
            && !item.item_id.is_empty()
        {
            line.line.item.id = Some(item.item_id.clone());
        }
    }
    draft
}

/// Saves it as one operation, under the id of the message that approved it.
pub(super) async fn save(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    plan: &Plan,
    draft: &PaperDraft,
    acted: &mut Acted,
) -> Result<(), Failure> {
    let lines: Vec<_> = draft.lines.iter().map(|line| line.line.clone()).collect();
    let request = request_of(inbound, sender, draft);
    match pipeline.services.inventory.clone().post_operation(request).await {
        Ok(response) => {
            let mut response = response.into_inner();
            match rest(draft, &response.results) {
                // A single line has its own question.
                Some((rest, found)) if rest.lines.len() > 1 => {
                    ask_with(inbound, plan, &Saying::File(FileSaying::Approve), &choices(&rest), None, acted);
                    acted.outcomes.push(Outcome::Paper(PaperOutcome::Rest { draft: rest, found }));
                    take_posted(&lines, &mut response, acted);
                }
                _ => take(inbound, plan, &lines, response, None, acted),
            }
        }
        Err(status) if is_reused(&status) => {
            acted.take_found(found_again(pipeline, inbound.wamid.clone(), sender, status).await?);
        }
        Err(status) => acted.outcomes.push(refused(pipeline, sender, draft, status).await?),
    }
    Ok(())
}

/// Returns the lines that were not saved with the others. The paper is booked by then, so they come without its number.
fn rest(draft: &PaperDraft, results: &[LineResult]) -> Option<(PaperDraft, Vec<Found>)> {
    let open = draft.lines.iter().zip(results).filter(|(_, result)| result.outcome() != LineOutcome::Posted);
    let (lines, found): (Vec<_>, Vec<_>) = open.map(|(line, result)| (line.clone(), found(result))).unzip();
    if lines.len() == draft.lines.len() {
        // Nothing was booked: it is still that paper.
        return Some((draft.clone(), found));
    }
    let draft = PaperDraft { lines, currency: draft.currency.clone(), ..PaperDraft::default() };
    (!draft.lines.is_empty()).then_some((draft, found))
}

/// Says how to change it, and keeps it open meanwhile.
pub(super) fn how_to_fix(inbound: &Inbound, plan: &Plan, draft: &PaperDraft, acted: &mut Acted) {
    acted.outcomes.push(Outcome::Said(Saying::File(FileSaying::HowToFix)));
    ask_with(inbound, plan, &Saying::File(FileSaying::Approve), &choices(draft), None, acted);
}

/// Save all, fix, cancel: the order of the buttons.
fn choices(draft: &PaperDraft) -> Vec<Choice> {
    let choice = |step| Choice { title: String::new(), steps: vec![step] };
    vec![
        choice(Step::SavePaper { draft: draft.clone() }),
        choice(Step::FixPaper { draft: draft.clone() }),
        choice(Step::Say(Saying::Dropped)),
    ]
}

fn request_of(inbound: &Inbound, sender: &Sender, draft: &PaperDraft) -> PostOperationRequest {
    let lines: Vec<_> = draft.lines.iter().map(|line| line.line.clone()).collect();
    let paper = draft.paper().map(|(supplier, number)| Paper { supplier: supplier.into(), number: number.into() });
    PostOperationRequest { paper, ..request_for(inbound, sender, &lines, None) }
}

fn found(result: &LineResult) -> Found {
    let name = result.item.as_ref().map(|item| item.display_name.clone()).unwrap_or_default();
    match result.outcome() {
        LineOutcome::Posted if result.item_created => Found::New,
        LineOutcome::Posted | LineOutcome::HeldBack => Found::Item(name),
        LineOutcome::ItemAmbiguous if !result.candidates.is_empty() => {
            let items = result.candidates.iter().filter_map(|candidate| candidate.item.as_ref());
            Found::OneOf(items.map(|item| item.display_name.clone()).collect())
        }
        LineOutcome::UnitUnknown => Found::Unit,
        LineOutcome::ScaleExceeded => Found::Fraction,
        LineOutcome::ItemAmbiguous
        | LineOutcome::ItemNotFound
        // Never asked for here: a paper is approved line by line.
        | LineOutcome::Unusual
        | LineOutcome::Unspecified => Found::Missing,
    }
}

async fn refused(pipeline: &Pipeline, sender: &Sender, draft: &PaperDraft, status: Status) -> Result<Outcome, Failure> {
    match reason_of(&status).as_deref() {
        Some("ERROR_REASON_PAPER_BOOKED") => {
            let value = |key: &str| metadata_of(&status, key).unwrap_or_default();
            let date = date_of(pipeline, sender, value("operationId")).await;
            let reference = value("publicReference");
            Ok(Outcome::Paper(PaperOutcome::Booked { number: draft.number.clone(), reference, date }))
        }
        Some("ERROR_REASON_ROLE_NOT_ALLOWED") => Ok(Outcome::NotAllowed),
        _ => super::reverse::refused(status),
    }
}

/// Returns day and month of an operation in the shop. Without them the answer is still true.
async fn date_of(pipeline: &Pipeline, sender: &Sender, operation_id: String) -> Option<(i8, i8)> {
    let request = GetOperationRequest {
        shop_id: sender.shop.shop_id.clone(),
        key: Some(get_operation_request::Key::OperationId(operation_id)),
    };
    let operation = pipeline.services.inventory.clone().get_operation(request).await.ok()?.into_inner().operation?;
    let recorded = Timestamp::from_second(operation.record_time?.seconds).ok()?;
    let zone = TimeZone::get(&sender.shop.time_zone).unwrap_or(TimeZone::UTC);
    let date = recorded.to_zoned(zone).date();
    Some((date.day(), date.month()))
}
