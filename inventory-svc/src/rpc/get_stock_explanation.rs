//! `GetStockExplanation`: why is bread -3?

use proto::inventory::v1 as pb;

use super::fields::{Fields, ItemReference};
use super::{Inventory, answers};
use crate::domain::matching;
use crate::error::Error;
use crate::store::CountRow;

/// Movements an explanation tells.
const MOVEMENTS_MAX: i32 = 100;

pub(super) async fn get_stock_explanation(
    inventory: &Inventory,
    request: pb::GetStockExplanationRequest,
) -> Result<pb::GetStockExplanationResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let item = fields.item("item", request.item.as_ref());
    let location_id = fields.optional_id("location_id", &request.location_id);
    fields.finish()?;
    let item_id = match item {
        ItemReference::Id(id) => id,
        ItemReference::Named { keys, .. } => {
            let catalogue = inventory.store.catalogue(shop_id).await?;
            let (ranked, _) = matching::answer(catalogue.rank(&keys));
            let best = ranked.first().map(|(item, _)| item.item.id);
            best.ok_or_else(|| Error::ItemNotFound { item_id: String::new() })?
        }
    };

    let row = inventory.store.explain_stock(shop_id, item_id, location_id, MOVEMENTS_MAX).await?;

    let explanation = pb::StockExplanation {
        item: Some(answers::item(row.item)),
        location_id: row.location_id.to_string(),
        on_hand: Some(answers::decimal(row.on_hand)),
        last_count: row.last_count.map(count),
        movements: row.movements.into_iter().map(answers::told_movement).collect::<Result<_, _>>()?,
        omitted_count: row.omitted_count,
        below_zero: row.below_zero.map(answers::told_movement).transpose()?,
    };
    Ok(pb::GetStockExplanationResponse { stock_explanation: Some(explanation) })
}

fn count(row: CountRow) -> pb::CountObservation {
    pb::CountObservation {
        operation_id: row.operation_id.to_string(),
        public_reference: row.public_reference,
        occur_time: Some(answers::timestamp(row.occurred_at)),
        counted: Some(answers::decimal(row.counted)),
        expected: Some(answers::decimal(row.expected)),
        member_id: row.member_id.map(|id| id.to_string()).unwrap_or_default(),
        member_name: row.member_name.unwrap_or_default(),
    }
}
