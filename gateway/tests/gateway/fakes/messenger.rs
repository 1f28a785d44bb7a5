//! An outbox that is looked into.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use platform::error::Situation;
use proto::messenger::v1::{self as pb, content};
use tonic::Status;

use super::media::Files;
use super::{Script, refuse};

/// The outbox. Cheap to clone.
#[derive(Clone, Default)]
pub struct Messenger {
    sent: Arc<Mutex<Vec<pb::SendMessageRequest>>>,
    marked: Arc<Mutex<Vec<pb::MarkReadRequest>>>,
    refusals: Arc<AtomicU32>,
    lost: Arc<AtomicU32>,
    /// What people sent.
    pub files: Files,
}

impl Messenger {
    pub async fn start(&self) -> String {
        let (outbox, marks, outgoing) = (self.clone(), self.clone(), self.clone());
        self.files
            .on(Script::of("thebackroom.messenger.v1.MessengerService"))
            .on("SendMessage", move |request: pb::SendMessageRequest| {
                if less_is_left(&outbox.refusals) {
                    return Err(refuse(Situation::Unavailable, "ERROR_REASON_DATABASE_UNAVAILABLE"));
                }
                let mut sent = outbox.sent.lock().unwrap();
                let known = sent.iter().find(|sent| sent.request_id == request.request_id);
                if known.is_some_and(|known| known.content != request.content) {
                    return Err(refuse(Situation::RuleSaysNo, "ERROR_REASON_REQUEST_ID_REUSED"));
                }
                let replayed = known.is_some();
                if !replayed {
                    sent.push(request);
                }
                if less_is_left(&outbox.lost) {
                    return Err(refuse(Situation::Unavailable, "ERROR_REASON_DATABASE_UNAVAILABLE"));
                }
                Ok(pb::SendMessageResponse { message_id: String::new(), replayed })
            })
            .on("GetMessage", move |request: pb::GetMessageRequest| outgoing.find(&request))
            .on("MarkRead", move |request: pb::MarkReadRequest| {
                marks.marked.lock().unwrap().push(request);
                Ok(pb::MarkReadResponse {})
            })
            .start()
            .await
    }

    /// Takes nothing for so many requests.
    pub fn refuse(&self, count: u32) {
        self.refusals.store(count, Ordering::SeqCst);
    }

    /// Loses so many of its answers, after it took the message.
    pub fn lose(&self, count: u32) {
        self.lost.store(count, Ordering::SeqCst);
    }

    /// Finds what was sent by WhatsApp's id of it: "out." and its place.
    fn find(&self, request: &pb::GetMessageRequest) -> Result<pb::GetMessageResponse, Status> {
        let Some(pb::get_message_request::Key::WhatsappMessageId(id)) = &request.key else { unreachable!() };
        let place = id.strip_prefix("out.").and_then(|place| place.parse::<usize>().ok());
        let sent = place.and_then(|place| self.sent().get(place).cloned());
        let sent = sent.ok_or_else(|| refuse(Situation::NotFound, "ERROR_REASON_MESSAGE_NOT_FOUND"))?;
        let message = pb::Message { request_id: sent.request_id, ..pb::Message::default() };
        Ok(pb::GetMessageResponse { message: Some(message) })
    }

    /// Returns what was sent to a number.
    pub fn sent_to(&self, phone: &str) -> Vec<pb::SendMessageRequest> {
        let sent = self.sent.lock().unwrap();
        sent.iter().filter(|sent| sent.recipient.as_ref().unwrap().phone_number == phone).cloned().collect()
    }

    /// Returns everything that was sent.
    pub fn sent(&self) -> Vec<pb::SendMessageRequest> {
        self.sent.lock().unwrap().clone()
    }

    /// Returns what was marked as read.
    pub fn marked(&self) -> Vec<pb::MarkReadRequest> {
        self.marked.lock().unwrap().clone()
    }
}

fn less_is_left(count: &AtomicU32) -> bool {
    count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

/// Returns the file of a message.
pub fn file_of(sent: &pb::SendMessageRequest) -> Option<&pb::Document> {
    match sent.content.as_ref().unwrap().kind.as_ref().unwrap() {
        content::Kind::Document(document) => Some(document),
        _ => None,
    }
}

/// Returns the text of a message, whatever its kind.
pub fn text_of(sent: &pb::SendMessageRequest) -> &str {
    match sent.content.as_ref().unwrap().kind.as_ref().unwrap() {
        content::Kind::Text(text) => &text.body,
        content::Kind::ReplyButtons(buttons) => &buttons.body,
        content::Kind::ChoiceList(list) => &list.body,
        content::Kind::Document(document) => &document.caption,
        other => panic!("no words: {other:?}"),
    }
}

/// Returns id and title of what can be tapped.
pub fn taps_of(sent: &pb::SendMessageRequest) -> Vec<(String, String)> {
    match sent.content.as_ref().unwrap().kind.as_ref().unwrap() {
        content::Kind::ReplyButtons(buttons) => {
            buttons.buttons.iter().map(|button| (button.button_id.clone(), button.title.clone())).collect()
        }
        content::Kind::ChoiceList(list) => {
            let rows = list.sections.iter().flat_map(|section| &section.rows);
            rows.map(|row| (row.row_id.clone(), row.title.clone())).collect()
        }
        _ => Vec::new(),
    }
}
