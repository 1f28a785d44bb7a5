//! `IdentifyMember`: tells which shop and member a WhatsApp user is.

use proto::inventory::v1 as pb;

use super::Inventory;
use super::fields::Fields;
use crate::error::Error;
use crate::settings::Signup;
use crate::store::{Identified, Newcomer};

pub(super) async fn identify_member(
    inventory: &Inventory,
    request: pb::IdentifyMemberRequest,
) -> Result<pb::IdentifyMemberResponse, Error> {
    let person = Person::try_from(request)?;
    let newcomer =
        Newcomer { shop: inventory.ids.uuid(), member: inventory.ids.uuid(), location: inventory.ids.uuid() };

    let identified = inventory
        .store
        .identify_member(
            person.user_id.as_deref(),
            person.phone.as_deref(),
            &person.profile_name,
            inventory.signup == Signup::Open,
            newcomer,
            inventory.clock.now(),
        )
        .await?;

    if identified.created {
        tracing::info!(shop.id = %identified.shop_id, "a shop signed up");
    }
    identified.try_into()
}

/// A person as WhatsApp names them. Neither name is ever made from the other: a user id holds digits, and they are no
/// phone number.
struct Person {
    user_id: Option<String>,
    phone: Option<String>,
    profile_name: String,
}

impl TryFrom<pb::IdentifyMemberRequest> for Person {
    type Error = Error;

    fn try_from(request: pb::IdentifyMemberRequest) -> Result<Self, Error> {
        let mut fields = Fields::default();
        fields.length("profile_name", &request.profile_name);
        let user = request.user.unwrap_or_default();
        if user.user_id.is_empty() && user.phone_number.is_empty() {
            fields.refuse("user", "must have a user_id or a phone_number");
        }
        if user.user_id.len() > 256 || !user.user_id.bytes().all(|byte| byte.is_ascii_graphic()) {
            fields.refuse("user.user_id", "must be at most 256 visible ASCII characters");
        }
        let digits = user.phone_number.as_bytes();
        let is_phone = (6..=15).contains(&digits.len()) && digits[0] != b'0' && digits.iter().all(u8::is_ascii_digit);
        if !digits.is_empty() && !is_phone {
            fields.refuse("user.phone_number", "must be 6 to 15 digits in international form without +");
        }
        fields.finish()?;
        let given = |name: String| (!name.is_empty()).then_some(name);
        Ok(Self {
            user_id: given(user.user_id),
            phone: given(user.phone_number),
            profile_name: request.profile_name.trim().to_owned(),
        })
    }
}

impl TryFrom<Identified> for pb::IdentifyMemberResponse {
    type Error = Error;

    fn try_from(row: Identified) -> Result<Self, Error> {
        let shortage_policy = match row.shortage_policy.as_str() {
            "warn" => pb::ShortagePolicy::Warn,
            "block" => pb::ShortagePolicy::Block,
            other => return Err(Error::inconsistent("shop", format!("shortage_policy {other} of {}", row.shop_id))),
        };
        let role = match row.role.as_str() {
            "owner" => pb::Role::Owner,
            "manager" => pb::Role::Manager,
            "clerk" => pb::Role::Clerk,
            "viewer" => pb::Role::Viewer,
            other => return Err(Error::inconsistent("member", format!("role {other} of {}", row.member_id))),
        };
        Ok(Self {
            shop: Some(pb::Shop {
                shop_id: row.shop_id.to_string(),
                display_name: row.shop_display_name,
                currency_code: row.currency,
                time_zone: row.time_zone,
                shortage_policy: shortage_policy.into(),
            }),
            member: Some(pb::Member {
                member_id: row.member_id.to_string(),
                role: role.into(),
                display_name: row.member_display_name,
                language_code: row.language_code,
            }),
            created: row.created,
        })
    }
}
