//! `MergeItems` and `ChangeBaseUnit`: another item stands for an item from now on, and both keep their history.

use proto::inventory::v1 as pb;
use rust_decimal::Decimal;

use super::asked::asked;
use super::fields::Fields;
use super::{Inventory, answers};
use crate::domain::unit::Unit;
use crate::error::Error;
use crate::store::Merged;

pub(super) async fn merge_items(
    inventory: &Inventory,
    request: pb::MergeItemsRequest,
) -> Result<pb::MergeItemsResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(inventory, fields, request);
    let item_id = fields.id("item_id", &request.item_id);
    let into_id = fields.id("into_item_id", &request.into_item_id);
    fields.finish()?;

    let merged = inventory.store.merge_items(&asked, item_id, into_id).await?;

    tracing::info!(shop.id = %asked.shop_id, operation.id = %merged.operation.id, "merged two items");
    let (merge, replayed) = answer(merged)?;
    Ok(pb::MergeItemsResponse { merge: Some(merge), replayed })
}

pub(super) async fn change_base_unit(
    inventory: &Inventory,
    request: pb::ChangeBaseUnitRequest,
) -> Result<pb::ChangeBaseUnitResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(inventory, fields, request);
    let item_id = fields.id("item_id", &request.item_id);
    let unit = Unit::of(&fields.unit("unit", &request.unit));
    if request.unit.trim().is_empty() {
        fields.refuse("unit", "is required");
    } else if unit == Unit::Dozen {
        fields.refuse("unit", "must not be dozens: those are twelve pieces");
    }
    let factor = if let Some(factor) = &request.factor {
        fields.factor("factor", factor)
    } else {
        fields.refuse("factor", "is required");
        Decimal::ONE
    };
    fields.finish()?;

    let keeping = unit.keeping(None, None);
    let merged = inventory.store.change_base_unit(&asked, item_id, &keeping, factor, inventory.ids.uuid()).await?;

    tracing::info!(shop.id = %asked.shop_id, operation.id = %merged.operation.id, "changed the unit of an item");
    let (merge, replayed) = answer(merged)?;
    Ok(pb::ChangeBaseUnitResponse { merge: Some(merge), replayed })
}

fn answer(merged: Merged) -> Result<(pb::ItemMerge, bool), Error> {
    let merge = pb::ItemMerge {
        item: Some(answers::item(merged.item)),
        merged_item_id: merged.put_away_id.to_string(),
        operation: Some(answers::operation(merged.operation, merged.movements, false)?),
    };
    Ok((merge, merged.replayed))
}
