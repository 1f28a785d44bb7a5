//! `ListDiscrepancies`: balances that do not follow from their movements.

use proto::inventory::v1 as pb;
use uuid::Uuid;

use super::fields::Fields;
use super::{Inventory, answers, page_token};
use crate::error::Error;
use crate::store::DiscrepancyRow;

pub(super) async fn list_discrepancies(
    inventory: &Inventory,
    request: pb::ListDiscrepanciesRequest,
) -> Result<pb::ListDiscrepanciesResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let page_size = fields.page_size(request.page_size);
    fields.finish()?;
    let shop = shop_id.to_string();
    let filters = ["discrepancies", shop.as_str()];
    let after = page_token::decode(&filters, &request.page_token)?
        .map(|key| read_key(&key))
        .transpose()?
        .unwrap_or((Uuid::nil(), Uuid::nil()));

    let mut rows = inventory.store.list_discrepancies(shop_id, after, page_size + 1).await?;

    let page_length = usize::try_from(page_size).expect("at most 200");
    let has_more = rows.len() > page_length;
    rows.truncate(page_length);
    let next_page_token = match rows.last() {
        Some(last) if has_more => {
            page_token::encode(&filters, &[*last.item_id.as_bytes(), *last.location_id.as_bytes()].concat())
        }
        _ => String::new(),
    };
    Ok(pb::ListDiscrepanciesResponse { discrepancies: rows.into_iter().map(discrepancy).collect(), next_page_token })
}

fn read_key(key: &[u8]) -> Result<(Uuid, Uuid), Error> {
    let (item_id, location_id) = key.split_first_chunk::<16>().ok_or(Error::InvalidPageToken)?;
    let location_id = location_id.try_into().map_err(|_| Error::InvalidPageToken)?;
    Ok((Uuid::from_bytes(*item_id), Uuid::from_bytes(location_id)))
}

fn discrepancy(row: DiscrepancyRow) -> pb::Discrepancy {
    pb::Discrepancy {
        item_id: row.item_id.to_string(),
        item_name: row.item_name,
        location_id: row.location_id.to_string(),
        on_hand: Some(answers::decimal(row.on_hand)),
        movement_sum: Some(answers::decimal(row.sum_of_deltas)),
        sequence_number: row.seq,
        movement_count: row.movement_count,
        broken_count: row.broken_count,
    }
}
