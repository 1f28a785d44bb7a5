//! The answer goes to the messenger, durable there before the message is done.

use jiff::{SignedDuration, Timestamp};
use platform::lanes::{ClaimedLane, Job};
use proto::messenger::v1::{
    ChoiceList, Content, Document, ListRow, ListSection, ReplyButton, ReplyButtons, SendMessageRequest, Text, content,
};

use super::Pipeline;
use super::act::{Attachment, Row};
use super::failure::Failure;
use super::inbound::{self, Inbound};
use crate::reply::{self, BODY_MAX, BODY_WITH_CHOICES_MAX};
use crate::webhook::MessageBody;

/// An answer that is later than this quotes what it answers.
const QUOTE_AFTER: SignedDuration = SignedDuration::from_secs(10);

/// What an answer says, and how it can be answered.
#[derive(Default)]
pub(super) struct Words {
    /// The text; empty: nothing is sent.
    pub text: String,
    /// Id and title of each button.
    pub buttons: Vec<(String, String)>,
    /// Rows of a list.
    pub rows: Vec<Row>,
    /// What the button says that opens the list.
    pub rows_title: String,
    /// A file that goes with it.
    pub file: Option<Attachment>,
}

/// Puts the answer into the outbox.
pub(super) async fn send(
    pipeline: &Pipeline,
    inbound: &Inbound,
    words: Words,
    kind: &'static str,
    lane: &ClaimedLane,
    job: &Job,
) -> Result<(), Failure> {
    if words.text.is_empty() {
        return Ok(());
    }
    let took = pipeline.clock.now().duration_since(job.created_at);
    let is_late = lane.jobs.len() > 1 || took > QUOTE_AFTER;
    let mut words = words;
    // Under a file nothing can be tapped: then it follows the words instead of carrying them.
    let can_be_tapped = !words.buttons.is_empty() || !words.rows.is_empty();
    let follows = if can_be_tapped { words.file.take() } else { None };
    let request = SendMessageRequest {
        request_id: format!("{}/reply", inbound.wamid),
        recipient: Some(inbound.sender.clone()),
        content: Some(content_of(words)),
        quoted_message_id: quoted(inbound, is_late).unwrap_or_default(),
        business_phone_number_id: inbound.phone_number_id.clone(),
        inbound_time: newest(inbound, lane, job).map(proto_time),
        ..SendMessageRequest::default()
    };
    let with_file = follows.map(|file| SendMessageRequest {
        request_id: format!("{}/file", inbound.wamid),
        content: Some(Content { kind: Some(document(file, String::new())) }),
        quoted_message_id: String::new(),
        ..request.clone()
    });
    put(pipeline, request).await?;
    if let Some(request) = with_file {
        put(pipeline, request).await?;
    }
    crate::metrics::get().answer(kind, took.try_into().unwrap_or_default());
    Ok(())
}

fn content_of(words: Words) -> Content {
    let Words { text, buttons, rows, rows_title, file } = words;
    let kind = if let Some(file) = file {
        document(file, text)
    } else if !buttons.is_empty() {
        let buttons = buttons.into_iter().map(|(button_id, title)| ReplyButton { button_id, title }).collect();
        content::Kind::ReplyButtons(ReplyButtons { body: reply::shorten(text, BODY_WITH_CHOICES_MAX), buttons })
    } else if !rows.is_empty() {
        let rows = rows
            .into_iter()
            .map(|row| ListRow { row_id: row.id, title: row.title, description: row.description })
            .collect();
        content::Kind::ChoiceList(ChoiceList {
            body: reply::shorten(text, BODY_WITH_CHOICES_MAX),
            button_title: rows_title,
            sections: vec![ListSection { title: String::new(), rows }],
        })
    } else {
        content::Kind::Text(Text { body: reply::shorten(text, BODY_MAX) })
    };
    Content { kind: Some(kind) }
}

fn document(file: Attachment, caption: String) -> content::Kind {
    content::Kind::Document(Document {
        mime_type: file.mime_type.to_owned(),
        file_name: file.file_name,
        caption: reply::shorten(caption, BODY_WITH_CHOICES_MAX),
        content: file.bytes,
    })
}

/// Alone and at once, an answer speaks for itself; late or among others it names what it answers. Of a message that was
/// changed it is always said which; one that was deleted cannot be shown.
fn quoted(inbound: &Inbound, is_late: bool) -> Option<String> {
    match &inbound.body {
        MessageBody::Edit { original_message_id } => Some(original_message_id.clone()),
        MessageBody::Revoke { .. } => None,
        _ => inbound.meta_id.clone().filter(|_| is_late),
    }
}

/// Returns when the newest message of this person was written, as far as it waits here: it opens the 24 hours.
fn newest(inbound: &Inbound, lane: &ClaimedLane, job: &Job) -> Option<Timestamp> {
    let own = inbound.opens_window().then_some(inbound.sent_at);
    // Jobs are in the order in which they were written.
    let last = lane
        .jobs
        .last()
        .filter(|last| last.id != job.id)
        .and_then(|last| inbound::read(last).ok())
        .filter(Inbound::opens_window)
        .map(|last| last.sent_at);
    own.max(last)
}

/// Writes a time as the contract has it.
pub(super) fn proto_time(time: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: time.as_second(), nanos: 0 }
}

/// Puts a message into the outbox; one that is there already is enough.
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
