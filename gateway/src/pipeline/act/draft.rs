//! A paper: shown with what the ledger would make of it, saved as one operation, fixed, or dropped.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use platform::error::{metadata_of, reason_of};
use proto::inventory::v1::{
    GetOperationRequest, LineOutcome, LineResult, Paper, PostOperationRequest, get_operation_request,
};
use tonic::Status;

use super::Acted;
use super::post::{request_for, take};
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
            let found = response.into_inner().results.iter().map(found).collect();
            acted.outcomes.push(Outcome::Paper(PaperOutcome::Draft { draft: draft.clone(), found }));
            ask_with(inbound, plan, &Saying::File(FileSaying::Approve), &choices(draft), acted);
        }
        Err(status) => acted.outcomes.push(refused(pipeline, sender, draft, status).await?),
    }
    Ok(())
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
        Ok(response) => take(inbound, plan, &lines, response.into_inner(), None, acted),
        Err(status) => acted.outcomes.push(refused(pipeline, sender, draft, status).await?),
    }
    Ok(())
}

/// Says how to change it, and keeps it open meanwhile.
pub(super) fn how_to_fix(inbound: &Inbound, plan: &Plan, draft: &PaperDraft, acted: &mut Acted) {
    acted.outcomes.push(Outcome::Said(Saying::File(FileSaying::HowToFix)));
    ask_with(inbound, plan, &Saying::File(FileSaying::Approve), &choices(draft), acted);
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
        LineOutcome::ItemAmbiguous | LineOutcome::ItemNotFound | LineOutcome::Unspecified => Found::Missing,
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
