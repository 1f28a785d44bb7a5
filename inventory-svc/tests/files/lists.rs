//! What a shop has and what happened, as files.

use std::io::Cursor;

use calamine::{Data, Reader as _};
use proto::inventory::v1::{self as pb, FileFormat};
use tonic::{Status, Streaming};

use crate::world::{Shop, World, add, in_unit, reason, sell};
use crate::{open_with, row};

/// A file as it came.
struct File {
    name: String,
    bytes: Vec<u8>,
}

impl File {
    fn has_extension(&self, wanted: &str) -> bool {
        std::path::Path::new(&self.name).extension().is_some_and(|extension| extension == wanted)
    }

    fn csv(&self) -> Vec<Vec<String>> {
        let text = std::str::from_utf8(&self.bytes).unwrap().strip_prefix('\u{feff}').expect("a mark for Excel");
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    fn workbook(&self) -> Vec<Vec<Data>> {
        let mut workbook: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(&self.bytes)).unwrap();
        let range = workbook.worksheet_range("Sheet1").unwrap();
        range.rows().map(<[Data]>::to_vec).collect()
    }
}

async fn stock_of(shop: &Shop, format: FileFormat) -> Result<File, Status> {
    use pb::export_stock_response::Part;
    let request = pb::ExportStockRequest { shop_id: shop.id.clone(), format: format.into() };
    let stream = shop.client.clone().export_stock(request).await?.into_inner();
    gather(stream, |part: pb::ExportStockResponse| match part.part.unwrap() {
        Part::File(file) => Ok(file),
        Part::Chunk(chunk) => Err(chunk),
    })
    .await
}

async fn movements_of(shop: &Shop, request: pb::ExportMovementsRequest) -> Result<File, Status> {
    use pb::export_movements_response::Part;
    let request = pb::ExportMovementsRequest { shop_id: shop.id.clone(), ..request };
    let stream = shop.client.clone().export_movements(request).await?.into_inner();
    gather(stream, |part: pb::ExportMovementsResponse| match part.part.unwrap() {
        Part::File(file) => Ok(file),
        Part::Chunk(chunk) => Err(chunk),
    })
    .await
}

async fn gather<T>(
    mut stream: Streaming<T>,
    read: fn(T) -> Result<pb::FileDescription, Vec<u8>>,
) -> Result<File, Status> {
    let description = read(stream.message().await?.expect("what it is")).expect("what it is comes first");
    let mut bytes = Vec::new();
    while let Some(part) = stream.message().await? {
        let chunk = read(part).expect_err("then bytes alone");
        assert!((1..=64 * 1024).contains(&chunk.len()));
        bytes.extend(chunk);
    }
    Ok(File { name: description.file_name, bytes })
}

/// Makes rows of an exported file, as whoever reads such a file does.
fn rows_of(file: &[Vec<String>]) -> Vec<pb::StockImportRow> {
    let heads = &file[0];
    let cell = |row: &[String], head: &str| {
        let cell = heads.iter().position(|found| found == head).map(|place| row[place].as_str()).unwrap_or_default();
        cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(cell).to_owned()
    };
    let rows = file.iter().enumerate().skip(1);
    rows.map(|(place, row)| pb::StockImportRow {
        row_number: i32::try_from(place).unwrap() + 1,
        name: cell(row, "item"),
        barcode: cell(row, "barcode"),
        quantity: cell(row, "quantity"),
        unit: cell(row, "unit"),
        unit_cost: cell(row, "unit cost"),
        low_level: cell(row, "low level"),
        pack_size: String::new(),
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exported_shop_is_taken_in_by_an_empty_one_and_has_the_same_stock() {
    let world = World::start().await;
    let (shop, empty) = (world.shop().await, world.shop().await);
    let given = |row: pb::StockImportRow, unit: &str, cost: &str, low: &str| pb::StockImportRow {
        unit: unit.to_owned(),
        unit_cost: cost.to_owned(),
        low_level: low.to_owned(),
        ..row
    };
    let mut rows = vec![
        given(row(1, "=1+1 \"cola\", red; & <big>", "12"), "", "10.3333", "3"),
        given(row(2, "Café crème", "2,5"), "kg", "120", "0,5"),
        given(row(3, "-tea", "0"), "", "", "10"),
        given(row(4, "A4 paper", "7"), "box", "", ""),
        pb::StockImportRow { barcode: "0012345678905".to_owned(), ..given(row(5, "milk 2L", "40"), "", "19,99", "") },
    ];
    rows.extend((6..=1_200).map(|number| row(number, &format!("thing {number}"), &(number % 9).to_string())));
    assert!(open_with(&shop, "list", &rows).await.unwrap().row_errors.is_empty());

    let exported = stock_of(&shop, FileFormat::Csv).await.unwrap();
    assert!(exported.name.starts_with("stock-") && exported.has_extension("csv"), "{}", exported.name);
    let answer = open_with(&empty, &exported.name, &rows_of(&exported.csv())).await.unwrap();

    assert!(answer.row_errors.is_empty() && answer.created_item_count == 1_200, "{answer:?}");
    assert_eq!(stock_of(&empty, FileFormat::Csv).await.unwrap().csv(), exported.csv());
    let file = exported.csv();
    assert_eq!(
        file[0],
        ["item", "barcode", "quantity", "unit", "unit cost", "value", "currency", "low level", "packs", "other names"]
    );
    let milk = file.iter().find(|row| row[0] == "milk 2L").unwrap();
    assert_eq!(milk[..8], ["milk 2L", "0012345678905", "40", "each", "19.99", "799.6", "ZAR", ""]);
    assert!(file.iter().any(|row| row[0] == "'=1+1 \"cola\", red; & <big>"));
    assert!(file.iter().any(|row| row[0] == "'-tea"));
    // The workbook says the same: numbers as numbers, and text that is no formula as it is.
    let workbook = stock_of(&shop, FileFormat::Xlsx).await.unwrap();
    assert!(workbook.has_extension("xlsx"));
    let sheet = workbook.workbook();
    assert_eq!(sheet.len(), file.len());
    for (cells, row) in sheet.iter().zip(&file) {
        let cells: Vec<String> = cells.iter().map(ToString::to_string).collect();
        let row: Vec<&str> = row.iter().map(|cell| cell.trim_start_matches('\'')).collect();
        assert_eq!(cells, row);
    }
    assert!(matches!(sheet[1][2], Data::Float(_)), "{:?}", sheet[1]);
    world.finish().await;
}

#[tokio::test]
async fn movements_are_told_oldest_first_in_the_time_of_the_shop() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![in_unit(add("2", "=eggs"), "tray", Some("30"))]).await.unwrap();
    let sold = shop.post("2", vec![sell("5", "=eggs")]).await.unwrap().operation.unwrap();
    let undone = shop.send_reversal(shop.reversal("3", Some(&sold.operation_id))).await.unwrap().operation.unwrap();
    let item_id = shop.post("4", vec![add("1", "milk")]).await.unwrap().operation.unwrap().movements[0].item_id.clone();
    let csv = pb::ExportMovementsRequest { format: FileFormat::Csv.into(), ..Default::default() };

    let file = movements_of(&shop, csv.clone()).await.unwrap().csv();

    let told: Vec<Vec<&str>> =
        file[1..].iter().map(|row| [1, 2, 3, 4, 5, 6, 7].map(|place| row[place].as_str()).to_vec()).collect();
    assert_eq!(
        told,
        [
            ["'=eggs", "receipt", "2", "tray", "60", "60", "each"],
            ["'=eggs", "sale", "5", "each", "-5", "55", "each"],
            ["'=eggs", "reversal", "5", "each", "5", "60", "each"],
            ["milk", "receipt", "1", "each", "1", "1", "each"],
        ]
    );
    // Ten in the morning in London is noon in Johannesburg.
    assert!(file[1..].iter().all(|row| row[0].starts_with("2026-11-22 12:00:00")), "{:?}", file[1]);
    assert_eq!(file[2][11], "Thandi");
    assert_eq!((&file[2][12], &file[2][13]), (&sold.public_reference, &undone.public_reference));
    let milk = movements_of(&shop, pb::ExportMovementsRequest { item_id, ..csv.clone() }).await.unwrap().csv();
    assert_eq!((milk.len(), milk[1][1].as_str()), (2, "milk"));
    let later = Some(prost_types::Timestamp { seconds: shop.now().as_second() + 3_600, nanos: 0 });
    let none = movements_of(&shop, pb::ExportMovementsRequest { start_time: later, ..csv.clone() }).await.unwrap();
    assert_eq!(none.csv().len(), 1);
    let all = movements_of(&shop, pb::ExportMovementsRequest { end_time: later, ..csv }).await.unwrap();
    assert_eq!(all.csv(), file);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_many_pages_has_every_movement_once() {
    let world = World::start().await;
    let shop = world.shop().await;
    let rows: Vec<_> = (1..=1_501).map(|number| row(number, &format!("thing {number}"), "2")).collect();
    open_with(&shop, "list", &rows).await.unwrap();
    let csv = pb::ExportMovementsRequest { format: FileFormat::Csv.into(), ..Default::default() };

    let file = movements_of(&shop, csv).await.unwrap().csv();

    let items: std::collections::HashSet<&String> = file[1..].iter().map(|row| &row[1]).collect();
    assert_eq!((file.len(), items.len()), (1_502, 1_501));
    world.finish().await;
}

#[tokio::test]
async fn a_file_of_nothing_is_a_head_and_what_is_not_there_is_refused() {
    let world = World::start().await;
    let (shop, other) = (world.shop().await, world.shop().await);
    let item_id = other.line("1", add("1", "milk")).await.item.unwrap().item_id;

    assert_eq!(stock_of(&shop, FileFormat::Csv).await.unwrap().csv().len(), 1);
    assert_eq!(stock_of(&shop, FileFormat::Xlsx).await.unwrap().workbook().len(), 1);

    let refusal = |result: Result<File, Status>| reason(&result.err().expect("it is refused"));
    assert_eq!(refusal(stock_of(&shop, FileFormat::Unspecified).await), "ERROR_REASON_INVALID_FIELD");
    let csv = pb::ExportMovementsRequest { format: FileFormat::Csv.into(), item_id, ..Default::default() };
    assert_eq!(refusal(movements_of(&shop, csv.clone()).await), "ERROR_REASON_ITEM_NOT_FOUND");
    let none = pb::ExportMovementsRequest { format: 0, ..csv };
    assert_eq!(refusal(movements_of(&other, none).await), "ERROR_REASON_INVALID_FIELD");
    let nowhere = world.as_member("0190b2c4-0000-7000-8000-000000000000", "");
    assert_eq!(refusal(stock_of(&nowhere, FileFormat::Csv).await), "ERROR_REASON_SHOP_NOT_FOUND");
    // Nobody who hung up keeps a place among those that are served.
    for _ in 0..8 {
        let request = pb::ExportStockRequest { shop_id: other.id.clone(), format: FileFormat::Csv.into() };
        drop(other.client.clone().export_stock(request).await.unwrap());
    }
    assert_eq!(stock_of(&other, FileFormat::Csv).await.unwrap().csv().len(), 2);
    world.finish().await;
}
