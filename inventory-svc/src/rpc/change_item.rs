//! `RenameItem`, `AddItemName`, `ArchiveItem`, `SetLowLevel`, `SetItemPack`: one thing about an item changes.
//!
//! Together, because they differ in what they read alone: who may, twins and what was merged are the same for all.

use proto::inventory::v1 as pb;
use proto::inventory::v1::add_item_name_request::Name;
use rust_decimal::Decimal;

use super::fields::{Fields, request_hash};
use super::{Inventory, answers};
use crate::domain::key::Key;
use crate::domain::unit::Unit;
use crate::error::Error;
use crate::store::{ItemChange, ItemRequest, KeyKind};

/// Reads what all of these requests have: their messages are of different types with the same fields.
macro_rules! asked {
    ($fields:ident, $request:ident) => {
        ItemRequest {
            shop_id: $fields.id("shop_id", &$request.shop_id),
            source: $fields.source($request.source),
            request_hash: request_hash(&$request),
            request_id: {
                $fields.request_id(&$request.request_id);
                $request.request_id.clone()
            },
            member_id: $fields.optional_id("member_id", &$request.member_id),
            item_id: $fields.id("item_id", &$request.item_id),
        }
    };
}

pub(super) async fn rename_item(
    inventory: &Inventory,
    request: pb::RenameItemRequest,
) -> Result<pb::RenameItemResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(fields, request);
    let (display_name, key) = name(&mut fields, "display_name", &request.display_name);
    fields.finish()?;

    let change = ItemChange::Rename { display_name, key, key_kind: KeyKind::Name };
    Ok(pb::RenameItemResponse { item: Some(change_item(inventory, asked, change).await?) })
}

pub(super) async fn add_item_name(
    inventory: &Inventory,
    request: pb::AddItemNameRequest,
) -> Result<pb::AddItemNameResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(fields, request);
    let (key, key_kind) = match &request.name {
        Some(Name::Alias(alias)) => (name(&mut fields, "alias", alias).1, KeyKind::Alias),
        Some(Name::Barcode(barcode)) => (read_barcode(&mut fields, barcode), KeyKind::Barcode),
        None => {
            fields.refuse("name", "must be alias or barcode");
            (String::new(), KeyKind::Alias)
        }
    };
    fields.finish()?;

    let change = ItemChange::AddName { key, key_kind };
    Ok(pb::AddItemNameResponse { item: Some(change_item(inventory, asked, change).await?) })
}

pub(super) async fn archive_item(
    inventory: &Inventory,
    request: pb::ArchiveItemRequest,
) -> Result<pb::ArchiveItemResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(fields, request);
    fields.finish()?;

    Ok(pb::ArchiveItemResponse { item: Some(change_item(inventory, asked, ItemChange::Archive).await?) })
}

pub(super) async fn set_low_level(
    inventory: &Inventory,
    request: pb::SetLowLevelRequest,
) -> Result<pb::SetLowLevelResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(fields, request);
    let low_level = request.low_level.as_ref().map(|level| fields.quantity("low_level", level));
    if low_level.is_some_and(|level| level < Decimal::ZERO) {
        fields.refuse("low_level", "must not be below zero");
    }
    fields.finish()?;

    let change = ItemChange::SetLowLevel { low_level };
    Ok(pb::SetLowLevelResponse { item: Some(change_item(inventory, asked, change).await?) })
}

pub(super) async fn set_item_pack(
    inventory: &Inventory,
    request: pb::SetItemPackRequest,
) -> Result<pb::SetItemPackResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(fields, request);
    let unit = fields.unit("unit", &request.unit);
    let unit = if let Some(name) = Unit::of(&unit).name() {
        name.to_owned()
    } else {
        fields.refuse("unit", "must be a unit other than single pieces");
        String::new()
    };
    let factor = if let Some(size) = &request.pack_size {
        fields.factor("pack_size", size)
    } else {
        fields.refuse("pack_size", "is required");
        Decimal::ONE
    };
    fields.finish()?;

    let change = ItemChange::SetPack { unit, factor };
    Ok(pb::SetItemPackResponse { item: Some(change_item(inventory, asked, change).await?) })
}

async fn change_item(inventory: &Inventory, asked: ItemRequest, change: ItemChange) -> Result<pb::Item, Error> {
    let item = inventory.store.change_item(&asked, &change, inventory.clock.now()).await?;
    tracing::info!(shop.id = %asked.shop_id, item.id = %item.id, "changed an item");
    Ok(answers::item(item))
}

/// Reads a name: how it is shown, and its key.
fn name(fields: &mut Fields, field: &str, said: &str) -> (String, String) {
    fields.length(field, said);
    let key = if let Some(key) = Key::of(said) {
        key.to_string()
    } else {
        fields.refuse(field, "must hold a letter or a digit");
        String::new()
    };
    (said.split_whitespace().collect::<Vec<_>>().join(" "), key)
}

/// Reads a barcode. Its key is made like that of a name, because that is how somebody who types it in is understood.
fn read_barcode(fields: &mut Fields, printed: &str) -> String {
    let is_barcode = (4..=32).contains(&printed.len()) && printed.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_barcode {
        fields.refuse("barcode", "must be 4 to 32 digits or letters");
    }
    Key::of(printed).map(|key| key.to_string()).unwrap_or_default()
}
