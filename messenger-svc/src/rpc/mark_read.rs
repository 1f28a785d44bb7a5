//! `MarkRead`: shows a person that their message was read. Tried once: it is of no use later.

use proto::messenger::v1 as pb;

use super::{Messenger, parse};
use crate::domain::content::Violation;
use crate::domain::verdict;
use crate::error::Error;
use crate::graph::SendAnswer;

/// Meta's codes for an id that it does not know.
const WRONG_ID: [i32; 2] = [100, 131_009];

pub(super) async fn mark_read(svc: &Messenger, request: pb::MarkReadRequest) -> Result<pb::MarkReadResponse, Error> {
    let mut found = Vec::new();
    parse::whatsapp_id(&mut found, "whatsapp_message_id", &request.whatsapp_message_id);
    let phone_number_id = parse::phone_number_id(&mut found, &request.business_phone_number_id);
    if !found.is_empty() {
        return Err(Error::Invalid(found));
    }

    let number = phone_number_id.as_deref().unwrap_or(&svc.default_number);
    match svc.graph.mark_read(number, &request.whatsapp_message_id, request.show_typing).await.answer {
        SendAnswer::Accepted { .. } => Ok(pb::MarkReadResponse {}),
        SendAnswer::Refused(error)
            if error.subcode.is_none() && error.code.is_some_and(|code| WRONG_ID.contains(&code)) =>
        {
            let rule = "must be the id of a message that a person sent in the last 30 days";
            Err(Error::Invalid(vec![Violation::new("whatsapp_message_id", rule)]))
        }
        // Whether the number is halted is found out by its messages, which lose nothing by it.
        SendAnswer::Refused(error) => {
            let meaning = verdict::judge_send(error.code, error.subcode, error.http).meaning;
            tracing::info!(graph.error.code = error.code, "a read tick was refused: {meaning}");
            Err(Error::GraphUnavailable(meaning))
        }
        SendAnswer::Unreached => Err(Error::GraphUnavailable("it could not be reached")),
        SendAnswer::Doubtful(doubt) => Err(Error::GraphUnavailable(doubt.label())),
    }
}
