//! `ListMovements`: what happened in a shop, newest first.

use proto::inventory::v1 as pb;

use super::fields::Fields;
use super::{Inventory, answers, page_token};
use crate::error::Error;
use crate::store::MovementsPage;

pub(super) async fn list_movements(
    inventory: &Inventory,
    request: pb::ListMovementsRequest,
) -> Result<pb::ListMovementsResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let page_size = fields.page_size(request.page_size);
    let item_id = fields.optional_id("item_id", &request.item_id);
    fields.finish()?;
    let (shop, item) = (shop_id.to_string(), item_id.map(|id| id.to_string()).unwrap_or_default());
    let filters = ["movements", shop.as_str(), item.as_str()];
    let before_id = page_token::decode(&filters, &request.page_token)?
        .map(|key| key.try_into().map(i64::from_be_bytes).map_err(|_| Error::InvalidPageToken))
        .transpose()?;

    let page = MovementsPage { item_id, before_id, limit: page_size + 1 };
    let mut rows = inventory.store.list_movements(shop_id, page).await?;

    let page_length = usize::try_from(page_size).expect("at most 200");
    let has_more = rows.len() > page_length;
    rows.truncate(page_length);
    let next_page_token = match rows.last() {
        Some(last) if has_more => page_token::encode(&filters, &last.id.to_be_bytes()),
        _ => String::new(),
    };
    Ok(pb::ListMovementsResponse {
        movements: rows.into_iter().map(answers::movement).collect::<Result<_, _>>()?,
        next_page_token,
    })
}
