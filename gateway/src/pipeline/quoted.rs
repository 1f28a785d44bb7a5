//! What a message of before did: found by its id, also when it was one of our answers, or when its question was answered.

use proto::inventory::v1::{
    GetOperationRequest, ItemReference, LatestOperation, Operation, RequestKey, Source, get_operation_request,
};
use proto::messenger::v1::{GetMessageRequest, get_message_request};
use tonic::Code;
use uuid::Uuid;

use super::Pipeline;
use super::act::question_id;
use super::failure::Failure;
use super::inbound::{Inbound, name_of_original};
use super::message::Sender;
use crate::conversation::Past;
use crate::store;

/// Answers that are followed from a message to what it did; a paper may be fixed many times before it is saved.
const ANSWERS_MAX: usize = 40;

/// What ends the name of an answer of ours; the name of what it answers stands before it.
const REPLY: &str = "/reply";

/// What stands behind a quoted message.
pub(super) struct Quoted {
    /// What it did, as far as it did something.
    pub past: Option<Past>,
    /// The question that it asked, if it asked one.
    pub question: Uuid,
}

/// Looks a quoted message up: one of ours, by the message that it answered, or the person's own.
pub(super) async fn quoted(pipeline: &Pipeline, inbound: &Inbound, sender: &Sender) -> Result<Option<Quoted>, Failure> {
    let Some(id) = &inbound.riders.quoted_message_id else { return Ok(None) };
    let name = match answered_by(pipeline, id).await? {
        Some(name) => name,
        None => name_of_original(id, &inbound.phone_number_id),
    };
    let past = find(pipeline, sender, &name).await?.map(|(operation, is_undone)| Past::read(&operation, is_undone));
    Ok(Some(Quoted { past, question: question_id(&name) }))
}

/// Returns the name of the message that one of our answers was about; `None`: it is not ours.
async fn answered_by(pipeline: &Pipeline, whatsapp_message_id: &str) -> Result<Option<String>, Failure> {
    let key = get_message_request::Key::WhatsappMessageId(whatsapp_message_id.to_owned());
    match pipeline.services.messenger.clone().get_message(GetMessageRequest { key: Some(key) }).await {
        Ok(response) => {
            let request_id = response.into_inner().message.map(|message| message.request_id).unwrap_or_default();
            Ok(request_id.strip_suffix(REPLY).map(str::to_owned))
        }
        Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument | Code::Unimplemented) => {
            Ok(None)
        }
        Err(status) => Err(Failure::of("get message")(status)),
    }
}

/// Returns what the message of this name did, and whether that was undone: at once, or by the answers to the questions that
/// followed each other from it.
pub(super) async fn find(
    pipeline: &Pipeline,
    sender: &Sender,
    name: &str,
) -> Result<Option<(Operation, bool)>, Failure> {
    let mut name = name.to_owned();
    for _ in 0..ANSWERS_MAX {
        for request_id in [name.clone(), format!("{name}/correct/1")] {
            if let Some(found) = made_by(pipeline, sender, &request_id).await? {
                return Ok(Some(found));
            }
        }
        match store::answer_to(&pipeline.pool, question_id(&name)).await? {
            Some(answer) if answer != name => name = answer,
            _ => break,
        }
    }
    Ok(None)
}

async fn made_by(pipeline: &Pipeline, sender: &Sender, request_id: &str) -> Result<Option<(Operation, bool)>, Failure> {
    let key = RequestKey { source: Source::Whatsapp as i32, request_id: request_id.to_owned() };
    get(pipeline, sender, get_operation_request::Key::Request(key)).await
}

/// Returns the person's newest operation that stands: with this item, however old, or any of today.
pub(super) async fn newest(
    pipeline: &Pipeline,
    sender: &Sender,
    item: Option<ItemReference>,
) -> Result<Option<Past>, Failure> {
    let key = LatestOperation { member_id: sender.member.member_id.clone(), item };
    let found = get(pipeline, sender, get_operation_request::Key::Latest(key)).await?;
    Ok(found.map(|(operation, is_undone)| Past::read(&operation, is_undone)))
}

async fn get(
    pipeline: &Pipeline,
    sender: &Sender,
    key: get_operation_request::Key,
) -> Result<Option<(Operation, bool)>, Failure> {
    let request = GetOperationRequest { shop_id: sender.shop.shop_id.clone(), key: Some(key) };
    match pipeline.services.inventory.clone().get_operation(request).await {
        Ok(response) => {
            let response = response.into_inner();
            let is_undone = !response.reversed_by_operation_id.is_empty();
            Ok(response.operation.map(|operation| (operation, is_undone)))
        }
        // Nothing to find; also of a name that no operation can have.
        Err(status) if matches!(status.code(), Code::NotFound | Code::FailedPrecondition | Code::InvalidArgument) => {
            Ok(None)
        }
        Err(status) => Err(Failure::of("get operation")(status)),
    }
}
