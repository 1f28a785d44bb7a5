//! `ExportMovements`: what happened in a shop, oldest first, as a file.

use proto::inventory::v1 as pb;
use proto::inventory::v1::export_movements_response::Part as Sent;
use tonic::Status;
use uuid::Uuid;

use super::Inventory;
use super::fields::Fields;
use super::file_stream::{self, Broken, FileSink, Part, Parts};
use crate::files::{Cell, Format};
use crate::store::{ExportFilter, ExportHead, ExportedMovement, Store};

const HEADS: [&str; 14] = [
    "time",
    "item",
    "kind",
    "quantity",
    "said in",
    "change",
    "on hand after",
    "unit",
    "unit price",
    "currency",
    "place",
    "by",
    "reference",
    "reversed by",
];

pub(super) async fn export_movements(
    inventory: &Inventory,
    request: pb::ExportMovementsRequest,
) -> Result<Parts<pb::ExportMovementsResponse>, Status> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let format = file_stream::format(&mut fields, request.format);
    let filter = ExportFilter {
        item_id: fields.optional_id("item_id", &request.item_id),
        start: fields.optional_time("start_time", request.start_time),
        end: fields.optional_time("end_time", request.end_time),
    };
    fields.finish()?;

    let store = inventory.store.clone();
    file_stream::stream(
        move |sink| make(store, shop_id, filter, format, sink),
        |part| pb::ExportMovementsResponse {
            part: Some(match part {
                Part::File(file) => Sent::File(file),
                Part::Chunk(chunk) => Sent::Chunk(chunk),
            }),
        },
    )
    .await
}

async fn make(store: Store, shop_id: Uuid, filter: ExportFilter, format: Format, sink: FileSink) -> Result<(), Broken> {
    let (mut snapshot, head) = store.snapshot(shop_id, filter.item_id).await?;
    let mut sink = sink.begin(&format!("movements-{}", head.today), format, &HEADS).await?;
    let mut page = snapshot.movements(&filter, &head.time_zone, None).await?;
    while let Some(last) = page.last() {
        for movement in &page {
            sink.row(&row(&head, movement))?;
        }
        sink.flush().await?;
        page = snapshot.movements(&filter, &head.time_zone, Some(last)).await?;
    }
    sink.finish().await
}

fn row(head: &ExportHead, exported: &ExportedMovement) -> Vec<Cell> {
    let told = &exported.told;
    let movement = &told.movement;
    let given = |text: Option<&String>| text.map_or(Cell::Empty, Cell::text);
    // What was not said in other words was said in the unit of the item.
    let said_unit = movement.said_quantity.map(|_| movement.said_unit.as_ref().unwrap_or(&movement.base_unit));
    vec![
        Cell::text(&exported.local_time),
        Cell::text(&movement.item_name),
        Cell::text(movement.kind.replace('_', " ")),
        Cell::number(movement.said_quantity),
        given(said_unit),
        Cell::number(Some(movement.delta)),
        Cell::number(Some(movement.balance_after)),
        Cell::text(&movement.base_unit),
        Cell::number(movement.unit_price),
        given(movement.currency.as_ref()),
        given(head.places.get(&movement.location_id)),
        given(told.member_name.as_ref()),
        Cell::text(&told.public_reference),
        given(told.reversed_by_reference.as_ref()),
    ]
}
