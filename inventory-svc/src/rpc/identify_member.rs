//! `IdentifyMember`: tells which shop and member a WhatsApp user is.

use proto::inventory::v1 as pb;

use super::fields::Fields;
use super::{Inventory, answers};
use crate::error::Error;
use crate::settings::Signup;
use crate::store::{Newcomer, Stranger};

/// Items that are told of a shop.
const ITEMS_MAX: i32 = 1_000;

pub(super) async fn identify_member(
    inventory: &Inventory,
    request: pb::IdentifyMemberRequest,
) -> Result<pb::IdentifyMemberResponse, Error> {
    let mut fields = Fields::default();
    fields.length("profile_name", &request.profile_name);
    let names = fields.names("user", request.user);
    fields.finish()?;
    let stranger = if request.lookup_only {
        Stranger::Unknown
    } else if inventory.signup == Signup::Open {
        Stranger::SignsUp
    } else {
        Stranger::NeedsInvitation
    };
    let newcomer =
        Newcomer { shop: inventory.ids.uuid(), member: inventory.ids.uuid(), location: inventory.ids.uuid() };

    let identified = inventory
        .store
        .identify_member(
            names.user_id.as_deref(),
            names.phone.as_deref(),
            request.profile_name.trim(),
            stranger,
            newcomer,
            inventory.clock.now(),
        )
        .await?;

    let items =
        if request.with_items { inventory.store.item_names(identified.shop.id, ITEMS_MAX).await? } else { Vec::new() };

    if identified.created {
        tracing::info!(shop.id = %identified.shop.id, "a shop signed up");
    }
    Ok(pb::IdentifyMemberResponse {
        shop: Some(answers::shop(identified.shop)?),
        member: Some(answers::member(identified.member)?),
        created: identified.created,
        items: items.into_iter().map(answers::item_names).collect(),
    })
}
