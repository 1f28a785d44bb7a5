//! `GetMessage`: shows one message with its history.

use proto::messenger::v1 as pb;

use super::{Messenger, parse};
use crate::domain::content::Violation;
use crate::domain::delivery::State;
use crate::error::Error;
use crate::store::messages::{self, Key};
use crate::store::receipts;

pub(super) async fn get_message(
    svc: &Messenger,
    request: pb::GetMessageRequest,
) -> Result<pb::GetMessageResponse, Error> {
    let key = Key::try_from(request)?;
    let message = messages::find(&svc.pool, &key).await?.ok_or(Error::NotFound)?;
    let events = receipts::events(&svc.pool, message.merged_into.unwrap_or(message.id)).await?;
    // Being put in is the first step of every way, so it is not stored again for each.
    let queued = pb::DeliveryEvent {
        state: pb::DeliveryState::Queued.into(),
        occur_time: Some(parse::wire_time(message.created_at)),
        error_code: 0,
    };
    let later = events.into_iter().map(|event| pb::DeliveryEvent {
        state: wire_state(event.state).into(),
        occur_time: Some(parse::wire_time(event.occurred_at)),
        error_code: event.error_code,
    });
    Ok(pb::GetMessageResponse {
        message: Some(pb::Message {
            message_id: message.id.to_string(),
            request_id: message.request_id,
            state: wire_state(message.state).into(),
            whatsapp_message_id: message.whatsapp_id.unwrap_or_default(),
            error_code: message.error_code,
            error_detail: message.error_detail,
            attempt_count: message.attempts,
            create_time: Some(parse::wire_time(message.created_at)),
            update_time: Some(parse::wire_time(message.updated_at)),
            events: std::iter::once(queued).chain(later).collect(),
            pricing: message.pricing.map(|pricing| pb::Pricing {
                billable: pricing.billable,
                pricing_model: pricing.model,
                pricing_type: pricing.kind,
                category: pricing.category,
            }),
            merged_into_message_id: message.merged_into.map(|id| id.to_string()).unwrap_or_default(),
        }),
    })
}

impl TryFrom<pb::GetMessageRequest> for Key {
    type Error = Error;

    fn try_from(request: pb::GetMessageRequest) -> Result<Self, Error> {
        use pb::get_message_request::Key as Wire;
        let mut found = Vec::new();
        let key = match request.key {
            Some(Wire::MessageId(text)) => text.parse().map(Self::Id).map_err(|_| "message_id must be a UUID"),
            Some(Wire::WhatsappMessageId(id)) => {
                parse::whatsapp_id(&mut found, "whatsapp_message_id", &id);
                Ok(Self::WhatsappId(id))
            }
            Some(Wire::RequestId(id)) => {
                parse::request_id(&mut found, &id);
                Ok(Self::RequestId(id))
            }
            None => Err("must be one of message_id, whatsapp_message_id and request_id"),
        };
        match key {
            Ok(key) if found.is_empty() => Ok(key),
            Ok(_) => Err(Error::Invalid(found)),
            Err(rule) => Err(Error::Invalid(vec![Violation::new("key", rule)])),
        }
    }
}

fn wire_state(state: State) -> pb::DeliveryState {
    match state {
        State::Queued => pb::DeliveryState::Queued,
        State::InDoubt => pb::DeliveryState::InDoubt,
        State::Accepted => pb::DeliveryState::Accepted,
        State::Sent => pb::DeliveryState::Sent,
        State::Delivered => pb::DeliveryState::Delivered,
        State::Read => pb::DeliveryState::Read,
        State::Played => pb::DeliveryState::Played,
        State::Failed => pb::DeliveryState::Failed,
    }
}
