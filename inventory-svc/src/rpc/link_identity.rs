//! `LinkIdentity`: a person goes by other names from now on.

use proto::inventory::v1 as pb;

use super::fields::Fields;
use super::{Inventory, answers};
use crate::error::Error;

pub(super) async fn link_identity(
    inventory: &Inventory,
    request: pb::LinkIdentityRequest,
) -> Result<pb::LinkIdentityResponse, Error> {
    let mut fields = Fields::default();
    let previous = fields.names("previous", request.previous);
    let current = fields.names("current", request.current);
    fields.finish()?;

    let linked = inventory
        .store
        .link_identity(
            (previous.user_id.as_deref(), previous.phone.as_deref()),
            (current.user_id.as_deref(), current.phone.as_deref()),
            inventory.clock.now(),
        )
        .await?;

    tracing::info!(shop.id = %linked.shop.id, member.id = %linked.member.id, "a person goes by other names");
    Ok(pb::LinkIdentityResponse {
        shop: Some(answers::shop(linked.shop)?),
        member: Some(answers::member(linked.member)?),
        other_shop_id: linked.other_shop_id.map(|id| id.to_string()).unwrap_or_default(),
    })
}
