//! `TransferStock`: stock goes from one place of a shop to another, and none is made or lost on the way.

use proto::inventory::v1 as pb;
use rust_decimal::Decimal;

use super::asked::asked;
use super::fields::{Fields, ItemReference};
use super::{Inventory, answers};
use crate::domain::key::Key;
use crate::error::Error;
use crate::store::{Transfer, TransferLine};

/// Lines a transfer may have: each becomes two movements.
const LINES_MAX: usize = 50;

pub(super) async fn transfer_stock(
    inventory: &Inventory,
    mut request: pb::TransferStockRequest,
) -> Result<pb::TransferStockResponse, Error> {
    let dry_run = std::mem::take(&mut request.dry_run); // asking first and then doing is the same request
    let mut fields = Fields::default();
    let asked = crate::store::Asked { dry_run, ..asked!(inventory, fields, request) };
    let occurred_at = fields.occur_time(request.occur_time, false, asked.recorded_at);
    if request.lines.is_empty() || request.lines.len() > LINES_MAX {
        fields.refuse("lines", format!("must be 1 to {LINES_MAX}"));
    }
    let wanted = Transfer {
        from_id: fields.optional_id("from_location_id", &request.from_location_id),
        into_id: fields.optional_id("to_location_id", &request.to_location_id),
        occurred_at,
        lines: request
            .lines
            .iter()
            .take(LINES_MAX)
            .enumerate()
            .map(|(place, line)| read_line(&mut fields, place, line))
            .collect(),
    };
    let moved = match fields.finish_unless_repeat()? {
        // A repeat was in time when it was first asked, and is answered at any distance.
        Some(refusal) => inventory.store.stored_transfer(&asked).await?.ok_or(refusal)?,
        None => inventory.store.transfer_stock(&asked, &wanted).await?,
    };

    let dry_run = dry_run && !moved.replayed;
    if !dry_run {
        tracing::info!(
            operation.id = %moved.operation.id,
            shop.id = %asked.shop_id,
            replayed = moved.replayed,
            "moved stock between places"
        );
    }
    Ok(pb::TransferStockResponse {
        operation: Some(answers::operation(moved.operation, moved.movements, dry_run)?),
        replayed: moved.replayed,
    })
}

fn read_line(fields: &mut Fields, place: usize, line: &pb::TransferLine) -> TransferLine {
    let (item_id, keys) = match fields.item(&format!("lines[{place}].item"), line.item.as_ref()) {
        ItemReference::Id(id) => (Some(id), Vec::new()),
        ItemReference::Named { keys, .. } => (None, keys.iter().map(Key::to_string).collect()),
    };
    let field = format!("lines[{place}].quantity");
    let quantity = line.quantity.as_ref().map_or(Decimal::ZERO, |quantity| fields.quantity(&field, quantity));
    if quantity <= Decimal::ZERO {
        fields.refuse(field, "must be above zero");
    }
    TransferLine { line: place + 1, item_id, keys, quantity }
}
