//! `CreateItem` and `UnarchiveItem`: an item is in the lists from now on.

use proto::inventory::v1 as pb;
use rust_decimal::Decimal;

use super::asked::asked;
use super::fields::Fields;
use super::{Inventory, answers};
use crate::domain::key::Key;
use crate::domain::unit::Unit;
use crate::error::Error;
use crate::store::CreatedItem;

pub(super) async fn create_item(
    inventory: &Inventory,
    request: pb::CreateItemRequest,
) -> Result<pb::CreateItemResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(inventory, fields, request);
    fields.length("display_name", &request.display_name);
    let key = if let Some(key) = Key::of(&request.display_name) {
        key.to_string()
    } else {
        fields.refuse("display_name", "must hold a letter or a digit");
        String::new()
    };
    let unit = Unit::of(&fields.unit("unit", &request.unit));
    if unit == Unit::Dozen {
        fields.refuse("unit", "must not be dozens: those are twelve pieces");
    }
    let keeping = unit.keeping(None, None);
    let scale = match request.scale {
        None => keeping.scale,
        Some(scale @ 0..=3) => scale.unsigned_abs(),
        Some(_) => {
            fields.refuse("scale", "must be 0 to 3");
            0
        }
    };
    let low_level = request.low_level.as_ref().map(|level| fields.quantity("low_level", level));
    if low_level.is_some_and(|level| level < Decimal::ZERO) {
        fields.refuse("low_level", "must not be below zero");
    }
    fields.finish()?;
    let wanted = CreatedItem {
        display_name: request.display_name.split_whitespace().collect::<Vec<_>>().join(" "),
        key,
        base_unit: keeping.base_unit,
        scale,
        low_level,
    };

    let item = inventory.store.create_item(&asked, &wanted).await?;

    tracing::info!(shop.id = %asked.shop_id, item.id = %item.id, "created an item");
    Ok(pb::CreateItemResponse { item: Some(answers::item(item)) })
}

pub(super) async fn unarchive_item(
    inventory: &Inventory,
    request: pb::UnarchiveItemRequest,
) -> Result<pb::UnarchiveItemResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(inventory, fields, request);
    let item_id = fields.id("item_id", &request.item_id);
    fields.finish()?;

    let item = inventory.store.unarchive_item(&asked, item_id).await?;

    tracing::info!(shop.id = %asked.shop_id, item.id = %item.id, "put an item back into the lists");
    Ok(pb::UnarchiveItemResponse { item: Some(answers::item(item)) })
}
