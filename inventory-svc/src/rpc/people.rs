//! `ListMembers`, `ChangeMemberRole`, `RemoveMember`: who belongs to a shop and what they may do.

use proto::inventory::v1 as pb;

use super::asked::asked;
use super::fields::Fields;
use super::{Inventory, answers, page_token};
use crate::error::Error;
use crate::store::ShopMemberRow;

pub(super) async fn list_members(
    inventory: &Inventory,
    request: pb::ListMembersRequest,
) -> Result<pb::ListMembersResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let page_size = fields.page_size(request.page_size);
    fields.finish()?;
    let shop = shop_id.to_string();
    let filters = ["members", shop.as_str(), if request.with_removed { "all" } else { "" }];
    let after = page_token::decode_id(&filters, &request.page_token)?;

    let mut rows = inventory.store.list_members(shop_id, after, request.with_removed, page_size + 1).await?;

    let next_page_token = page_token::cut(&filters, &mut rows, page_size, |row| row.member.id);
    Ok(pb::ListMembersResponse {
        members: rows.into_iter().map(shop_member).collect::<Result<_, _>>()?,
        next_page_token,
    })
}

pub(super) async fn change_member_role(
    inventory: &Inventory,
    request: pb::ChangeMemberRoleRequest,
) -> Result<pb::ChangeMemberRoleResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(inventory, fields, request);
    let subject_id = fields.id("subject_member_id", &request.subject_member_id);
    let role = fields.role("role", request.role);
    fields.finish()?;

    let changed = inventory.store.change_member(&asked, subject_id, Some(role)).await?;

    tracing::info!(shop.id = %asked.shop_id, member.id = %subject_id, "changed the role of a member");
    Ok(pb::ChangeMemberRoleResponse { member: Some(answers::member(changed.member)?) })
}

pub(super) async fn remove_member(
    inventory: &Inventory,
    request: pb::RemoveMemberRequest,
) -> Result<pb::RemoveMemberResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(inventory, fields, request);
    let subject_id = fields.id("subject_member_id", &request.subject_member_id);
    fields.finish()?;

    let removed = inventory.store.change_member(&asked, subject_id, None).await?;

    tracing::info!(shop.id = %asked.shop_id, member.id = %subject_id, "removed a member");
    Ok(pb::RemoveMemberResponse { member: Some(shop_member(removed)?) })
}

fn shop_member(row: ShopMemberRow) -> Result<pb::ShopMember, Error> {
    Ok(pb::ShopMember {
        member: Some(answers::member(row.member)?),
        create_time: Some(answers::timestamp(row.created_at)),
        remove_time: row.removed_at.map(answers::timestamp),
        invited: row.invited,
    })
}
