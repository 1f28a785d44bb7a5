//! `AddMember`: a person belongs to a shop before they first write.

use proto::inventory::v1 as pb;

use super::fields::{Fields, request_hash};
use super::{Inventory, answers};
use crate::error::Error;
use crate::store::NewMember;

pub(super) async fn add_member(
    inventory: &Inventory,
    request: pb::AddMemberRequest,
) -> Result<pb::AddMemberResponse, Error> {
    let request_hash = request_hash(&request);
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    fields.request_id(&request.request_id);
    let source = fields.source(request.source);
    let actor_id = fields.optional_id("member_id", &request.member_id);
    let names = fields.names("user", request.user);
    fields.length("display_name", &request.display_name);
    let role = fields.role("role", request.role);
    fields.finish()?;
    let wanted = NewMember {
        shop_id,
        source,
        request_id: request.request_id,
        request_hash,
        actor_id,
        user_id: names.user_id,
        phone: names.phone,
        display_name: request.display_name.trim().to_owned(),
        role,
        member_id: inventory.ids.uuid(),
    };

    let added = inventory.store.add_member(&wanted, inventory.clock.now()).await?;

    if !added.existed {
        tracing::info!(shop.id = %shop_id, member.id = %added.member.id, "added a member");
    }
    Ok(pb::AddMemberResponse { member: Some(answers::member(added.member)?), existed: added.existed })
}
