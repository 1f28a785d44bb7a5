//! `VerifyOtp`: checks a one-time code and uses it up.

use proto::messenger::v1 as pb;

use super::{Messenger, parse};
use crate::domain::content::Violation;
use crate::domain::otp::Code;
use crate::error::Error;
use crate::otp::ToVerify;

pub(super) async fn verify_otp(
    svc: &Messenger,
    caller: String,
    request: pb::VerifyOtpRequest,
) -> Result<pb::VerifyOtpResponse, Error> {
    let sent_at = svc.codes.verify(read(caller, request)?).await?;
    Ok(pb::VerifyOtpResponse { send_time: Some(parse::wire_time(sent_at)) })
}

fn read(caller: String, request: pb::VerifyOtpRequest) -> Result<ToVerify, Error> {
    let mut found = Vec::new();
    parse::request_id(&mut found, &request.request_id);
    let recipient = parse::recipient(&mut found, request.recipient.as_ref());
    if recipient.as_ref().is_some_and(|recipient| recipient.phone().is_none()) {
        found.push(Violation::new("recipient.phone_number", "must be given: codes go to phone numbers only"));
    }
    parse::purpose(&mut found, &request.purpose);
    let code = Code::parse(&request.code);
    if code.is_none() {
        found.push(Violation::new("code", "must be 6 digits"));
    }
    let phone = recipient.and_then(|recipient| recipient.phone().cloned());
    match (phone, code) {
        (Some(phone), Some(code)) if found.is_empty() => {
            Ok(ToVerify { request_id: request.request_id, caller, phone, purpose: request.purpose, code })
        }
        _ => Err(Error::Invalid(found)),
    }
}
