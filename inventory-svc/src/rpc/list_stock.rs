//! `ListStock` and `ListLowStock`: what a shop has and what it is short of, by name.

use proto::inventory::v1 as pb;
use uuid::Uuid;

use super::fields::Fields;
use super::{Inventory, answers, page_token};
use crate::domain::cost;
use crate::error::Error;
use crate::store::{StockAfter, StockRow};

pub(super) async fn list_stock(
    inventory: &Inventory,
    request: pb::ListStockRequest,
) -> Result<pb::ListStockResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let page_size = fields.page_size(request.page_size);
    let moment = fields.moment("as_of", request.as_of, inventory.clock.now());
    fields.finish()?;
    let (shop, moment_filter) = (shop_id.to_string(), moment.map(|moment| format!("{moment:?}")));
    let filters: Vec<&str> = ["stock", shop.as_str()].into_iter().chain(moment_filter.as_deref()).collect();
    let after = page_token::decode(&filters, &request.page_token)?.map(|key| read_key(&key)).transpose()?;

    let rows = inventory.store.list_stock(shop_id, after.as_ref(), page_size + 1).await?;
    let item_ids: Vec<Uuid> = rows.iter().map(|row| row.item.id).collect();
    let past = match moment {
        Some(moment) => Some(inventory.store.stock_at(shop_id, &item_ids, moment).await?),
        None => None,
    };

    let (mut stock_levels, next_page_token) = page(&filters, rows, page_size);
    if let Some(past) = past {
        for (level, item_id) in stock_levels.iter_mut().zip(&item_ids) {
            *level = pb::StockLevel {
                item: level.item.take(),
                on_hand: Some(answers::decimal(past.get(item_id).copied().unwrap_or_default())),
                ..Default::default()
            };
        }
    }
    Ok(pb::ListStockResponse { stock_levels, next_page_token })
}

pub(super) async fn list_low_stock(
    inventory: &Inventory,
    request: pb::ListLowStockRequest,
) -> Result<pb::ListLowStockResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let page_size = fields.page_size(request.page_size);
    fields.finish()?;
    let shop = shop_id.to_string();
    let filters = ["low stock", shop.as_str()];
    let after = page_token::decode(&filters, &request.page_token)?.map(|key| read_key(&key)).transpose()?;

    let rows = inventory.store.list_low_stock(shop_id, after.as_ref(), page_size + 1).await?;

    let (low_stock_levels, next_page_token) = page(&filters, rows, page_size);
    Ok(pb::ListLowStockResponse { low_stock_levels, next_page_token })
}

/// Makes a page of rows that were asked for with one more than it holds.
fn page(filters: &[&str], mut rows: Vec<StockRow>, page_size: i64) -> (Vec<pb::StockLevel>, String) {
    let page_length = usize::try_from(page_size).expect("at most 200");
    let has_more = rows.len() > page_length;
    rows.truncate(page_length);
    let next_page_token = match rows.last() {
        Some(last) if has_more => page_token::encode(filters, &write_key(&last.place)),
        _ => String::new(),
    };
    let levels = rows
        .into_iter()
        .map(|row| pb::StockLevel {
            item: Some(answers::item(row.item)),
            on_hand: Some(answers::decimal(row.on_hand)),
            change_time: row.changed_at.map(answers::timestamp),
            unit_cost: row.unit_cost.map(|cost| answers::unit_price(cost, &row.currency)),
            stock_value: row.unit_cost.map(|cost| answers::money(cost::value(row.on_hand, cost), &row.currency)),
        })
        .collect();
    (levels, next_page_token)
}

fn write_key(place: &StockAfter) -> Vec<u8> {
    [place.item_id.as_bytes(), place.name.as_bytes()].concat()
}

fn read_key(key: &[u8]) -> Result<StockAfter, Error> {
    let (id, name) = key.split_first_chunk::<16>().ok_or(Error::InvalidPageToken)?;
    let name = str::from_utf8(name).ok().filter(|name| !name.contains('\0')).ok_or(Error::InvalidPageToken)?;
    Ok(StockAfter { name: name.to_owned(), item_id: Uuid::from_bytes(*id) })
}
