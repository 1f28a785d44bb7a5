//! `ExportStock`: all that a shop has, as a file that can be taken in again.

use proto::inventory::v1 as pb;
use proto::inventory::v1::export_stock_response::Part as Sent;
use tonic::Status;

use super::Inventory;
use super::fields::Fields;
use super::file_stream::{self, Broken, FileSink, Part, Parts};
use crate::files::{Cell, Format};
use crate::store::{ExportHead, ExportedItem, ExportedShelf, Store};

pub(super) async fn export_stock(
    inventory: &Inventory,
    request: pb::ExportStockRequest,
) -> Result<Parts<pb::ExportStockResponse>, Status> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let format = file_stream::format(&mut fields, request.format);
    fields.finish()?;

    let store = inventory.store.clone();
    file_stream::stream(
        move |sink| make(store, shop_id, format, sink),
        |part| pb::ExportStockResponse {
            part: Some(match part {
                Part::File(file) => Sent::File(file),
                Part::Chunk(chunk) => Sent::Chunk(chunk),
            }),
        },
    )
    .await
}

async fn make(store: Store, shop_id: uuid::Uuid, format: Format, sink: FileSink) -> Result<(), Broken> {
    let (mut snapshot, head) = store.snapshot(shop_id, None).await?;
    let has_places = head.places.len() > 1;
    let mut heads = vec!["item", "barcode", "quantity", "unit", "unit cost", "value", "currency", "low level"];
    if has_places {
        heads.push("place");
    }
    heads.extend(["packs", "other names"]);
    let mut sink = sink.begin(&format!("stock-{}", head.today), format, &heads).await?;
    let mut page = snapshot.items(None).await?;
    while let Some(last) = page.last().cloned() {
        for item in page {
            write_item(&mut sink, &head, &item, has_places)?;
        }
        sink.flush().await?;
        page = snapshot.items(Some(&last)).await?;
    }
    sink.finish().await
}

/// Writes a row for each place where something is, and one for an item that is nowhere.
fn write_item(sink: &mut FileSink, head: &ExportHead, item: &ExportedItem, has_places: bool) -> Result<(), Broken> {
    for shelf in &item.shelves {
        sink.row(&row(head, item, Some(shelf), has_places))?;
    }
    if item.shelves.is_empty() {
        sink.row(&row(head, item, None, has_places))?;
    }
    Ok(())
}

fn row(head: &ExportHead, item: &ExportedItem, shelf: Option<&ExportedShelf>, has_places: bool) -> Vec<Cell> {
    let cost = shelf.and_then(|shelf| shelf.unit_cost);
    let (first_barcode, other_barcodes) = match item.barcodes.split_first() {
        Some((first, others)) => (Cell::text(first), others),
        None => (Cell::Empty, &[][..]),
    };
    let mut cells = vec![
        Cell::text(&item.display_name),
        first_barcode,
        Cell::number(Some(shelf.map(|shelf| shelf.on_hand).unwrap_or_default())),
        Cell::text(&item.base_unit),
        Cell::number(cost),
        Cell::number(shelf.and_then(|shelf| shelf.value)),
        if cost.is_some() { Cell::text(&head.currency) } else { Cell::Empty },
        Cell::number(item.low_at),
    ];
    if has_places {
        cells.push(shelf.and_then(|shelf| head.places.get(&shelf.location_id)).map_or(Cell::Empty, Cell::text));
    }
    cells.push(Cell::text(&item.packs));
    cells.push(Cell::text([other_barcodes, &item.aliases].concat().join(", ")));
    cells
}
