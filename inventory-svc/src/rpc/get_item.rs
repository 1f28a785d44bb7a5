//! `GetItem`: one item with its names, its units and what is on hand.

use proto::inventory::v1 as pb;
use rust_decimal::Decimal;

use super::fields::Fields;
use super::{Inventory, answers};
use crate::domain::cost;
use crate::error::Error;
use crate::store::ItemDetailRow;

pub(super) async fn get_item(inventory: &Inventory, request: pb::GetItemRequest) -> Result<pb::GetItemResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let item_id = fields.id("item_id", &request.item_id);
    fields.finish()?;

    let row = inventory.store.item_detail(shop_id, item_id).await?;

    Ok(pb::GetItemResponse { item_detail: Some(detail(row)) })
}

fn detail(row: ItemDetailRow) -> pb::ItemDetail {
    let on_hand: Decimal = row.places.iter().map(|place| place.on_hand).sum();
    let unit_cost = cost::over_places(row.places.iter().map(|place| (place.on_hand, place.unit_cost)));
    let stock_level = pb::StockLevel {
        item: Some(answers::item(row.item.clone())),
        on_hand: Some(answers::decimal(on_hand)),
        change_time: row.places.iter().filter_map(|place| place.changed_at).max().map(answers::timestamp),
        unit_cost: unit_cost.map(|cost| answers::unit_price(cost, &row.currency)),
        stock_value: unit_cost.map(|unit_cost| answers::money(cost::value(on_hand, unit_cost), &row.currency)),
    };
    let packs = row
        .packs
        .into_iter()
        .map(|pack| pb::ItemPack { unit: pack.unit, pack_size: Some(answers::decimal(pack.factor)) });
    let places = row.places.into_iter().map(|place| pb::PlaceStock {
        location_id: place.location_id.to_string(),
        location_name: place.location_name,
        on_hand: Some(answers::decimal(place.on_hand)),
        count_time: place.counted_at.map(answers::timestamp),
    });
    pb::ItemDetail {
        item: Some(answers::item(row.item)),
        aliases: row.aliases,
        barcodes: row.barcodes,
        packs: packs.collect(),
        stock_level: Some(stock_level),
        places: places.collect(),
        create_time: Some(answers::timestamp(row.created_at)),
        archive_time: row.archived_at.map(answers::timestamp),
        merged_into_item_id: row.merged_into.map(|id| id.to_string()).unwrap_or_default(),
    }
}
