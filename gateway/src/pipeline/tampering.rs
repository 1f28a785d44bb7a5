//! A message that was changed or deleted after it was handled: stock stands, and that is said, with a way to take it back.

use std::str::FromStr as _;

use jiff::SignedDuration;
use platform::error::reason_of;
use proto::inventory::v1::{
    Latest, MovementKind, Operation, OperationKind, ReverseOperationRequest, Source, reverse_operation_request,
};
use rust_decimal::Decimal;
use tonic::Code;

use super::Pipeline;
use super::failure::Failure;
use super::inbound::{Inbound, name_of_original};
use super::message::Sender;
use super::quoted;
use crate::conversation::{Plan, Saying, Step, Tampering};
use crate::webhook::MessageBody;

/// When nobody says which message was changed, only what was done so long before can be meant.
const RECENT: SignedDuration = SignedDuration::from_hours(1);

/// Meta's code for a file that did not arrive.
const MEDIA_LOST: i64 = 131_052;

/// Makes the plan for a notice about a message.
pub(super) async fn plan(pipeline: &Pipeline, inbound: &Inbound, sender: &Sender) -> Result<Plan, Failure> {
    let step = match &inbound.body {
        MessageBody::Edit { original_message_id } => {
            match find(pipeline, inbound, sender, original_message_id).await? {
                Some(found) => found.tell(Tampering::Changed),
                None => Step::Say(Saying::ChangedForNothing),
            }
        }
        MessageBody::Revoke { original_message_id } => {
            match find(pipeline, inbound, sender, original_message_id).await? {
                Some(found) => found.tell(Tampering::Deleted),
                // It did nothing, and nothing is missing now.
                None => Step::Silence,
            }
        }
        MessageBody::Unsupported { codes, .. } if codes.contains(&MEDIA_LOST) => Step::Say(Saying::FileLost),
        MessageBody::Unsupported { kind, .. } if may_be_tampering(kind) => {
            unsupported(pipeline, inbound, sender, kind).await?
        }
        _ => Step::Say(Saying::CannotRead),
    };
    Ok(Plan { language: sender.member.language_code.clone(), steps: vec![step] })
}

/// On most numbers a changed or deleted message comes without its name, as something that is not supported.
fn may_be_tampering(kind: &str) -> bool {
    matches!(kind, "" | "edit" | "errors" | "unknown" | "unsupported")
}

async fn unsupported(pipeline: &Pipeline, inbound: &Inbound, sender: &Sender, kind: &str) -> Result<Step, Failure> {
    let is_edit = kind == "edit";
    // It may come under the id of the message that it is about, or quote it.
    for id in [&inbound.meta_id, &inbound.riders.quoted_message_id].into_iter().flatten() {
        if let Some(found) = find(pipeline, inbound, sender, id).await? {
            return Ok(found.tell(if is_edit { Tampering::Changed } else { Tampering::ChangedOrDeleted }));
        }
    }
    if let Some(found) = newest(pipeline, inbound, sender).await? {
        return Ok(found.tell(Tampering::Unclear));
    }
    Ok(Step::Say(if is_edit { Saying::ChangedForNothing } else { Saying::CannotRead }))
}

/// What the message had done.
struct Found {
    operation: Operation,
    is_undone: bool,
}

impl Found {
    fn tell(self, tampering: Tampering) -> Step {
        if self.is_undone {
            return Step::Say(Saying::StandsNoMore);
        }
        let is_count = self.operation.kind() == OperationKind::Count;
        let lines = self
            .operation
            .movements
            .iter()
            // What a later count absorbed stands beside it and was not said by anybody.
            .filter(|movement| is_count || movement.kind() != MovementKind::Count)
            .map(|movement| {
                let delta = movement.delta.as_ref().and_then(|delta| Decimal::from_str(&delta.value).ok());
                (movement.item_name.clone(), delta.unwrap_or_default())
            })
            .collect();
        Step::OfferUndo { operation_id: self.operation.operation_id, saying: Saying::Stands { tampering, lines } }
    }
}

/// Returns what the message with this id did: at once, or by the answers to the questions that followed each other from it.
async fn find(pipeline: &Pipeline, inbound: &Inbound, sender: &Sender, id: &str) -> Result<Option<Found>, Failure> {
    let found = quoted::find(pipeline, sender, &name_of_original(id, &inbound.phone_number_id)).await?;
    Ok(found.map(|(operation, is_undone)| Found { operation, is_undone }))
}

/// Returns the person's newest operation, when it is recent and not undone.
async fn newest(pipeline: &Pipeline, inbound: &Inbound, sender: &Sender) -> Result<Option<Found>, Failure> {
    let request = ReverseOperationRequest {
        shop_id: sender.shop.shop_id.clone(),
        request_id: format!("{}/look", inbound.wamid),
        source: Source::Whatsapp as i32,
        member_id: sender.member.member_id.clone(),
        target: Some(reverse_operation_request::Target::Latest(Latest {})),
        // Nothing is taken back: it is only asked what would be.
        dry_run: true,
    };
    let operation = match pipeline.services.inventory.clone().reverse_operation(request).await {
        Ok(response) => response.into_inner().reversed,
        Err(status) if matches!(status.code(), Code::FailedPrecondition | Code::NotFound) => None,
        Err(status) if reason_of(&status).as_deref() == Some("ERROR_REASON_ROLE_NOT_ALLOWED") => None,
        Err(status) => return Err(Failure::of("look at the newest operation")(status)),
    };
    let recent = inbound.sent_at - RECENT;
    Ok(operation
        .filter(|operation| operation.record_time.is_some_and(|time| time.seconds >= recent.as_second()))
        .map(|operation| Found { operation, is_undone: false }))
}
