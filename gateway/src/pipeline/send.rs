//! The answer goes to the messenger, durable there before the message is done.

use jiff::SignedDuration;
use platform::lanes::{ClaimedLane, Job};
use proto::messenger::v1::{Content, ReplyButton, ReplyButtons, SendMessageRequest, Text, content};

use super::Pipeline;
use super::failure::Failure;
use super::inbound::Inbound;
use crate::reply;

/// Meta's limit of a text with buttons, in UTF-16 units.
const BODY_WITH_BUTTONS_MAX: usize = 1024;

/// An answer that is later than this quotes what it answers.
const QUOTE_AFTER: SignedDuration = SignedDuration::from_secs(10);

/// Meta's limit of a text.
const BODY_MAX: usize = 4096;

pub(super) async fn send(
    pipeline: &Pipeline,
    inbound: &Inbound,
    text: String,
    buttons: Vec<ReplyButton>,
    kind: &'static str,
    lane: &ClaimedLane,
    job: &Job,
) -> Result<(), Failure> {
    if text.is_empty() {
        return Ok(());
    }
    let took = pipeline.clock.now().duration_since(job.created_at);
    // Alone and at once, an answer speaks for itself; late or among others it names what it answers.
    let needs_quote = (lane.jobs.len() > 1 || took > QUOTE_AFTER) && !inbound.wamid.starts_with("sha256.");
    let kind_of_content = if buttons.is_empty() {
        content::Kind::Text(Text { body: reply::shorten(text, BODY_MAX) })
    } else {
        content::Kind::ReplyButtons(ReplyButtons { body: reply::shorten(text, BODY_WITH_BUTTONS_MAX), buttons })
    };
    let request = SendMessageRequest {
        request_id: format!("{}/reply", inbound.wamid),
        recipient: Some(inbound.sender.clone()),
        content: Some(Content { kind: Some(kind_of_content) }),
        quoted_message_id: if needs_quote { inbound.wamid.clone() } else { String::new() },
        business_phone_number_id: inbound.phone_number_id.clone(),
        ..SendMessageRequest::default()
    };
    put(pipeline, request).await?;
    crate::metrics::get().answer(kind, took.try_into().unwrap_or_default());
    Ok(())
}

pub(super) async fn put(pipeline: &Pipeline, request: SendMessageRequest) -> Result<(), Failure> {
    match pipeline.services.messenger.clone().send_message(request).await {
        Ok(_) => Ok(()),
        // An answer to this message is in the outbox already. Its words may differ (a balance moved on); one is enough.
        Err(status) if platform::error::reason_of(&status).as_deref() == Some("ERROR_REASON_REQUEST_ID_REUSED") => {
            Ok(())
        }
        Err(status) => Err(Failure::of("send")(status)),
    }
}
