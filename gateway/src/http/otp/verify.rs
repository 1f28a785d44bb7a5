//! `POST /v1/otp/verify`: a right code becomes a token of the member.

use axum::Json;
use axum::extract::{Request, State};
use proto::messenger::v1 as messenger;
use serde::{Deserialize, Serialize};

use super::body::{self, Field};
use super::problem::Problem;
use super::token::role_word;
use super::{Otp, user};

#[derive(Deserialize)]
struct Typed {
    phone_number: String,
    purpose: String,
    code: String,
}

/// Who the member is, and a token that says so.
#[derive(Serialize)]
pub(super) struct Known {
    token: String,
    expires_at: String,
    member_id: String,
    shop_id: String,
    role: &'static str,
}

pub(super) async fn verify(State(otp): State<Otp>, request: Request) -> Result<Json<Known>, Problem> {
    let tokens = otp.tokens()?;
    let headers = request.headers().clone();
    let typed: Typed = body::read(request).await?;
    let mut fields = Field::default();
    let digits = fields.phone_number(&typed.phone_number);
    fields.purpose(&typed.purpose);
    fields.code(&typed.code);
    let digits = fields.done(digits)?;
    let said = ["verify", digits.as_str(), &typed.purpose, &typed.code];
    let request = messenger::VerifyOtpRequest {
        request_id: otp.request_id(&headers, &said)?,
        recipient: Some(user(&digits)),
        purpose: typed.purpose.clone(),
        code: typed.code,
    };
    otp.messenger.clone().verify_otp(request).await.map_err(|status| Problem::of(&status))?;
    // Who was removed meanwhile is a stranger, and a stranger's code does not count.
    let (shop, member) = otp.member(&digits).await?.ok_or(Problem::CodeRejected)?;
    let role = role_word(member.role()).ok_or(Problem::CodeRejected)?;
    let issued = tokens.issue(
        &member.member_id,
        &shop.shop_id,
        role,
        &typed.purpose,
        otp.process.clock.now(),
        otp.process.ids.uuid(),
    )?;
    tracing::info!(member.id = member.member_id, shop.id = shop.shop_id, "a member showed a code and got a token");
    Ok(Json(Known {
        token: issued.token,
        expires_at: issued.expires_at.to_string(),
        member_id: member.member_id,
        shop_id: shop.shop_id,
        role,
    }))
}
