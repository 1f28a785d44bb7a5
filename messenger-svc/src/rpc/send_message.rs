//! `SendMessage`: puts one message into the outbox, once per request id.

use proto::messenger::v1 as pb;

use super::{Messenger, parse, parse_content};
use crate::domain::content::{Content, Violation};
use crate::domain::message::NewMessage;
use crate::error::Error;
use crate::store::messages::Put;

pub(super) async fn send_message(
    svc: &Messenger,
    request: pb::SendMessageRequest,
) -> Result<pb::SendMessageResponse, Error> {
    let message = NewMessage::try_from(request)?;
    let (id, replayed) = match svc.outbox.put(message).await? {
        Put::New(id) => (id, false),
        Put::Replayed(id) => (id, true),
        Put::Reused => return Err(Error::RequestIdReused),
    };
    Ok(pb::SendMessageResponse { message_id: id.to_string(), replayed })
}

impl TryFrom<pb::SendMessageRequest> for NewMessage {
    type Error = Error;

    fn try_from(request: pb::SendMessageRequest) -> Result<Self, Error> {
        let mut found = Vec::new();
        parse::request_id(&mut found, &request.request_id);
        let recipient = parse::recipient(&mut found, request.recipient.as_ref());
        let content = parse_content::content(&mut found, request.content);
        let phone_number_id = parse::phone_number_id(&mut found, &request.business_phone_number_id);
        let quoted_message_id = Some(request.quoted_message_id).filter(|id| !id.is_empty());
        if let Some(id) = &quoted_message_id {
            parse::whatsapp_id(&mut found, "quoted_message_id", id);
            if matches!(content, Some((Content::Reaction { .. }, _))) {
                found.push(Violation::new("quoted_message_id", "must be empty: a reaction names its message itself"));
            }
        }
        let inbound_at = parse::time(request.inbound_time);
        if request.inbound_time.is_some() && inbound_at.is_none() {
            found.push(Violation::new("inbound_time", "must be a time after 1970"));
        }
        let fallback = request.fallback.map(|template| parse_content::fallback(&mut found, template));
        match (recipient, content) {
            (Some(recipient), Some((content, file))) if found.is_empty() => Ok(Self {
                request_id: request.request_id,
                recipient,
                content,
                quoted_message_id,
                phone_number_id,
                inbound_at,
                fallback,
                file,
            }),
            _ => Err(Error::Invalid(found)),
        }
    }
}
