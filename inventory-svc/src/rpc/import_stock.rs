//! `ImportStock`: a list of stock, all of it or nothing.
//!
//! Rows are read as they come and wait in the database, so that a list of any length takes the memory of a thousand rows
//! and holds nothing while its sender is slow. What they mean is one transaction once all are there.

use prost::Message as _;
use proto::inventory::v1 as pb;
use proto::inventory::v1::import_stock_request::Part;
use sha2::{Digest as _, Sha256};
use tonic::{Status, Streaming};
use uuid::Uuid;

use super::fields::Fields;
use super::{Inventory, import_row};
use crate::domain::reference::public_reference;
use crate::error::Error;
use crate::store::{Import, ImportAnswer, Staging};

/// Rows a message may have.
const MESSAGE_ROWS_MAX: usize = 1_000;
/// Rows a list may have.
const ROWS_MAX: usize = 100_000;
/// Lines of one operation: their numbers are small integers, and what absorbs late ones is numbered after them.
const OPERATION_LINES: usize = 1_000;

pub(super) async fn import_stock(
    inventory: &Inventory,
    mut requests: Streaming<pb::ImportStockRequest>,
) -> Result<pb::ImportStockResponse, Status> {
    let Some(Part::StockImport(header)) = requests.message().await?.and_then(|request| request.part) else {
        return Err(Error::invalid("stock_import", "is required, and first").into());
    };
    let mut import = read_header(inventory, &header)?;
    inventory.store.begin_import(&import).await?;

    let staging = Staging::new(inventory.store.clone(), import.shop_id, import.id);
    let mut reading = Reading::new(&header);
    while let Some(request) = requests.message().await? {
        let Some(Part::Rows(rows)) = request.part else {
            return Err(Error::invalid("rows", "is all that comes after stock_import").into());
        };
        reading.check(&rows.rows)?;
        let staged: Vec<_> = rows.rows.iter().map(|row| import_row::read(row, inventory.ids.uuid())).collect();
        staging.add(&staged).await?;
    }
    // A sender that hung up looks like one that has sent all, until the server is asked again: this call ends here then.
    tokio::task::yield_now().await;
    if reading.row_count == 0 {
        return Err(Error::invalid("rows", "is required: the list is empty").into());
    }
    import.row_count = i32::try_from(reading.row_count).expect("at most ROWS_MAX");
    import.request_hash = reading.digest.finalize().into();
    for _ in 0..reading.row_count.div_ceil(OPERATION_LINES) {
        let operation_id = inventory.ids.uuid();
        import.operation_ids.push(operation_id);
        import.public_references.push(public_reference(operation_id));
    }

    let answer = inventory.store.import_stock(&import).await?;

    // Nothing of the list itself: what a shop keeps is in no log.
    tracing::info!(
        shop.id = %import.shop_id,
        rows = answer.row_count,
        wrong_rows = answer.error_row_count,
        created_items = answer.created_item_count,
        replayed = answer.replayed,
        dry_run = import.dry_run,
        "took in a list of stock"
    );
    Ok(response(answer))
}

fn read_header(inventory: &Inventory, header: &pb::StockImport) -> Result<Import, Error> {
    let now = inventory.clock.now();
    let mut fields = Fields::default();
    let shop_id = fields.id("stock_import.shop_id", &header.shop_id);
    fields.request_id_at("stock_import.request_id", &header.request_id);
    let source = fields.source_at("stock_import.source", header.source);
    let member_id = fields.optional_id("stock_import.member_id", &header.member_id);
    let is_count = match header.mode() {
        pb::StockImportMode::Opening => false,
        pb::StockImportMode::Count => true,
        pb::StockImportMode::Unspecified => {
            fields.refuse("stock_import.mode", "must be opening or count");
            false
        }
    };
    let occurred_at = fields.occur_time(header.occur_time, true, now);
    let location_id = fields.optional_id("stock_import.location_id", &header.location_id);
    fields.finish()?;
    Ok(Import {
        shop_id,
        id: inventory.ids.uuid(),
        source,
        request_id: header.request_id.clone(),
        request_hash: [0; 32],
        member_id,
        is_count,
        occurred_at,
        recorded_at: now,
        location_id,
        row_count: 0,
        operation_ids: Vec::new(),
        public_references: Vec::new(),
        dry_run: header.dry_run,
    })
}

/// What is known of the rows that came so far.
struct Reading {
    row_count: usize,
    last_row_number: i32,
    digest: Sha256,
}

impl Reading {
    fn new(header: &pb::StockImport) -> Self {
        let header = pb::StockImport { dry_run: false, ..header.clone() };
        Self {
            row_count: 0,
            last_row_number: 0,
            digest: Sha256::new_with_prefix(header.encode_length_delimited_to_vec()),
        }
    }

    /// Refuses what its sender got wrong; what the owner of the list got wrong is told by row. Each row counts for the
    /// digest by itself, so that the same list in other parts is the same.
    fn check(&mut self, rows: &[pb::StockImportRow]) -> Result<(), Error> {
        if rows.len() > MESSAGE_ROWS_MAX {
            return Err(Error::invalid("rows", format!("must be at most {MESSAGE_ROWS_MAX} in one message")));
        }
        self.row_count += rows.len();
        if self.row_count > ROWS_MAX {
            return Err(Error::invalid("rows", format!("must be at most {ROWS_MAX} in all: send the list in two")));
        }
        for (place, row) in rows.iter().enumerate() {
            if row.row_number <= self.last_row_number {
                return Err(Error::invalid(
                    format!("rows[{place}].row_number"),
                    "must be 1 or more, and more than that of the row before",
                ));
            }
            self.last_row_number = row.row_number;
            self.digest.update(row.encode_length_delimited_to_vec());
        }
        Ok(())
    }
}

fn response(answer: ImportAnswer) -> pb::ImportStockResponse {
    pb::ImportStockResponse {
        row_count: answer.row_count,
        created_item_count: answer.created_item_count,
        changed_row_count: answer.changed_row_count,
        row_errors: answer
            .row_errors
            .into_iter()
            .map(|error| pb::StockImportError {
                row_number: error.row_number,
                field: error.field,
                description: error.description,
            })
            .collect(),
        error_row_count: answer.error_row_count,
        operation_ids: answer.operation_ids.iter().map(Uuid::to_string).collect(),
        replayed: answer.replayed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(numbers: impl Iterator<Item = i32>) -> Vec<pb::StockImportRow> {
        numbers.map(|row_number| pb::StockImportRow { row_number, ..Default::default() }).collect()
    }

    #[test]
    fn a_list_is_the_same_in_any_parts_and_as_a_dry_run() {
        let header = pb::StockImport { request_id: "1".to_owned(), ..Default::default() };
        let mut whole = Reading::new(&header);
        whole.check(&rows(1..=10)).unwrap();
        let mut parts = Reading::new(&pb::StockImport { dry_run: true, ..header.clone() });
        parts.check(&rows(1..=3)).unwrap();
        parts.check(&rows(4..=10)).unwrap();
        let mut other = Reading::new(&header);
        other.check(&rows(2..=11)).unwrap();

        let whole = whole.digest.finalize();
        assert_eq!(whole, parts.digest.finalize());
        assert_ne!(whole, other.digest.finalize());
    }

    #[test]
    fn a_hundred_thousand_rows_are_a_list_and_one_more_is_not() {
        let mut reading = Reading::new(&pb::StockImport::default());
        for part in 0..100 {
            reading.check(&rows(part * 1_000 + 1..=part * 1_000 + 1_000)).unwrap();
        }

        assert!(matches!(reading.check(&rows(100_001..=100_001)), Err(Error::InvalidFields(_))));
    }
}
