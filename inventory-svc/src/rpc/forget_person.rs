//! `ForgetPerson`: names and numbers of a person go, the ledger stays.

use proto::common::v1::WhatsAppUser;
use proto::inventory::v1 as pb;

use super::Inventory;
use super::fields::Fields;
use crate::error::Error;
use crate::store::NameRow;

pub(super) async fn forget_person(
    inventory: &Inventory,
    request: pb::ForgetPersonRequest,
) -> Result<pb::ForgetPersonResponse, Error> {
    let mut fields = Fields::default();
    let names = fields.names("user", request.user);
    fields.finish()?;

    let (user_id, phone) = (names.user_id.as_deref(), names.phone.as_deref());
    let forgotten = inventory.store.forget_person(user_id, phone, request.dry_run, inventory.clock.now()).await?;

    if !request.dry_run {
        for member in &forgotten.members {
            tracing::info!(shop.id = %member.shop_id, member.id = %member.member_id, "forgot who a member is");
        }
    }
    Ok(pb::ForgetPersonResponse {
        members: forgotten
            .members
            .into_iter()
            .map(|member| pb::ForgottenMember {
                shop_id: member.shop_id.to_string(),
                member_id: member.member_id.to_string(),
                shop_without_owner: member.shop_without_owner,
            })
            .collect(),
        names: forgotten.names.into_iter().map(name).collect(),
    })
}

fn name(row: NameRow) -> WhatsAppUser {
    match row.kind.as_str() {
        "phone" => WhatsAppUser { user_id: String::new(), phone_number: row.value },
        _ => WhatsAppUser { user_id: row.value, phone_number: String::new() },
    }
}
