//! `POST /v1/otp`: a code for a member's phone.

use axum::Json;
use axum::extract::{Request, State};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp, Unit};
use proto::messenger::v1 as messenger;
use serde::{Deserialize, Serialize};

use super::body::{self, Field};
use super::limits::Asked;
use super::problem::Problem;
use super::{ANSWER_AFTER, Otp, user};

/// What the messenger allows; strangers are told the same.
const VALID_FOR: SignedDuration = SignedDuration::from_mins(5);
const RESEND_AFTER: SignedDuration = SignedDuration::from_secs(30);

#[derive(Deserialize)]
struct Wanted {
    phone_number: String,
    purpose: String,
    #[serde(default)]
    language: String,
}

/// A code is on its way, if the number is a member's.
#[derive(Serialize)]
pub(super) struct OnItsWay {
    expires_at: String,
    resend_at: String,
}

pub(super) async fn ask(State(otp): State<Otp>, request: Request) -> Result<(StatusCode, Json<OnItsWay>), Problem> {
    let answer_at = tokio::time::Instant::now() + ANSWER_AFTER;
    otp.tokens()?;
    let headers = request.headers().clone();
    let wanted: Wanted = body::read(request).await?;
    let mut fields = Field::default();
    let digits = fields.phone_number(&wanted.phone_number);
    fields.purpose(&wanted.purpose);
    fields.language(&wanted.language);
    let digits = fields.done(digits)?;
    let said = [digits.as_str(), &wanted.purpose, &wanted.language];
    let request_id = otp.request_id(&headers, &said)?;
    let now = otp.process.clock.now();
    // Counted here for everybody, although the messenger counts for members: a limit must not tell one from the other.
    let asked_at = match otp.limits.ask(&digits, &wanted.purpose, &request_id, now) {
        Asked::First => now,
        Asked::Again(first) => first,
        Asked::Refused(wait) => return Err(Problem::RateLimited { wait }),
    };
    let result = send(&otp, &digits, wanted, request_id, asked_at).await;
    tokio::time::sleep_until(answer_at).await;
    result.map(|on_its_way| (StatusCode::ACCEPTED, Json(on_its_way)))
}

async fn send(
    otp: &Otp,
    digits: &str,
    wanted: Wanted,
    request_id: String,
    asked_at: Timestamp,
) -> Result<OnItsWay, Problem> {
    if otp.member(digits).await?.is_none() {
        tracing::info!("a code was asked for a number that is no member's: nothing is sent");
        return Ok(OnItsWay::new(asked_at + VALID_FOR, asked_at + RESEND_AFTER));
    }
    let request = messenger::SendOtpRequest {
        request_id,
        recipient: Some(user(digits)),
        purpose: wanted.purpose,
        template_language: wanted.language,
    };
    let sent = otp.messenger.clone().send_otp(request).await.map_err(|status| Problem::of(&status))?.into_inner();
    let time = |time: Option<prost_types::Timestamp>, otherwise: Timestamp| {
        time.and_then(|time| Timestamp::new(time.seconds, time.nanos).ok()).unwrap_or(otherwise)
    };
    Ok(OnItsWay::new(time(sent.expire_time, asked_at + VALID_FOR), time(sent.resend_time, asked_at + RESEND_AFTER)))
}

impl OnItsWay {
    // Whole seconds: finer ones would tell whose clock they come from.
    fn new(expires_at: Timestamp, resend_at: Timestamp) -> Self {
        Self { expires_at: second(expires_at).to_string(), resend_at: second(resend_at).to_string() }
    }
}

fn second(time: Timestamp) -> Timestamp {
    time.round(Unit::Second).unwrap_or(time)
}
