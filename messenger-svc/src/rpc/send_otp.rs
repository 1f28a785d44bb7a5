//! `SendOtp`: sends a one-time code, once per request id.

use proto::messenger::v1 as pb;

use super::{Messenger, parse};
use crate::domain::content::Violation;
use crate::domain::otp;
use crate::error::Error;
use crate::otp::ToSend;

pub(super) async fn send_otp(
    svc: &Messenger,
    caller: String,
    request: pb::SendOtpRequest,
) -> Result<pb::SendOtpResponse, Error> {
    let sent = svc.codes.send(read(caller, request)?).await?;
    Ok(pb::SendOtpResponse {
        message_id: sent.message_id.to_string(),
        expire_time: Some(parse::wire_time(sent.created_at + otp::VALID_FOR)),
        resend_time: Some(parse::wire_time(sent.created_at + otp::RESEND_AFTER)),
        replayed: sent.is_replayed,
    })
}

fn read(caller: String, request: pb::SendOtpRequest) -> Result<ToSend, Error> {
    let mut found = Vec::new();
    parse::request_id(&mut found, &request.request_id);
    let recipient = parse::recipient(&mut found, request.recipient.as_ref());
    parse::purpose(&mut found, &request.purpose);
    let language = Some(request.template_language).filter(|language| !language.is_empty());
    if language.as_deref().is_some_and(|language| !otp::is_language(language)) {
        found.push(Violation::new("template_language", "must be a language as Meta names it, like en or en_US"));
    }
    let Some(recipient) = recipient.filter(|_| found.is_empty()) else { return Err(Error::Invalid(found)) };
    // Meta answers 131062 to a code for a user id, after the template was paid for with a place in the queue.
    let phone = recipient.phone().cloned().ok_or(Error::OtpNeedsPhone)?;
    Ok(ToSend { request_id: request.request_id, caller, recipient, phone, purpose: request.purpose, language })
}
