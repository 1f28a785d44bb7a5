//! Lists of stock in and out, through the door: gRPC in front, a real Postgres behind.

#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

#[path = "../ledger/world.rs"]
#[expect(dead_code, reason = "the other tests say more of it")]
mod world;

mod imports;
mod lists;
mod wrong_rows;

use proto::inventory::v1::{self as pb, import_stock_request::Part};
use tonic::Status;
use world::Shop;

/// Makes a row: `row(3, "bread", "50")`.
pub(crate) fn row(row_number: i32, name: &str, quantity: &str) -> pb::StockImportRow {
    pb::StockImportRow { row_number, name: name.to_owned(), quantity: quantity.to_owned(), ..Default::default() }
}

/// Says what a list is.
pub(crate) fn header(shop: &Shop, request_id: &str, mode: pb::StockImportMode) -> pb::StockImport {
    pb::StockImport {
        shop_id: shop.id.clone(),
        request_id: request_id.to_owned(),
        source: pb::Source::Import.into(),
        member_id: shop.member_id.clone(),
        mode: mode.into(),
        ..Default::default()
    }
}

/// Sends a list in parts of that many rows.
pub(crate) async fn send_in(
    shop: &Shop,
    header: pb::StockImport,
    rows: &[pb::StockImportRow],
    part: usize,
) -> Result<pb::ImportStockResponse, Status> {
    let parts: Vec<Part> = std::iter::once(Part::StockImport(header))
        .chain(rows.chunks(part).map(|rows| Part::Rows(pb::StockImportRows { rows: rows.to_vec() })))
        .collect();
    send_parts(shop, parts).await
}

pub(crate) async fn send_parts(shop: &Shop, parts: Vec<Part>) -> Result<pb::ImportStockResponse, Status> {
    let requests = parts.into_iter().map(|part| pb::ImportStockRequest { part: Some(part) });
    Ok(shop.client.clone().import_stock(futures::stream::iter(requests)).await?.into_inner())
}

/// Takes in a list of first stock.
pub(crate) async fn open_with(
    shop: &Shop,
    request_id: &str,
    rows: &[pb::StockImportRow],
) -> Result<pb::ImportStockResponse, Status> {
    send_in(shop, header(shop, request_id, pb::StockImportMode::Opening), rows, 1_000).await
}

/// Takes in a list of what was counted.
pub(crate) async fn count_with(
    shop: &Shop,
    request_id: &str,
    rows: &[pb::StockImportRow],
) -> Result<pb::ImportStockResponse, Status> {
    send_in(shop, header(shop, request_id, pb::StockImportMode::Count), rows, 1_000).await
}
