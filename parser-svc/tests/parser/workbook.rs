//! Workbooks of Excel's over gRPC: one as a shop writes it, and those that are written to bring the service down.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use proto::parser::v1 as pb;
use proto::parser::v1::ModelOutcome;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::world::{World, in_words, media};

const LABEL: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// A workbook of one sheet, with these rows and these shared strings.
fn workbook(rows: &str, strings: &str) -> Vec<u8> {
    let parts = [
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"rId1\" Type=\"{RELATIONS}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><sheets><sheet name=\"Stock\" sheetId=\"1\" \
                 r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"rId1\" Type=\"{RELATIONS}/worksheet\" \
                 Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        ("xl/sharedStrings.xml", format!("<sst xmlns=\"{MAIN}\" {strings}</sst>")),
        (
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns=\"{MAIN}\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"2\"/></cellXfs></styleSheet>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>")),
    ];
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn delivery(more_rows: &str) -> Vec<u8> {
    let rows = format!(
        "<row r=\"3\"><c r=\"A3\" t=\"s\"><v>0</v></c><c r=\"B3\" t=\"s\"><v>1</v></c><c r=\"D3\" t=\"inlineStr\"><is>\
         <t>Price</t></is></c></row><row r=\"4\"><c r=\"A4\" t=\"s\"><v>2</v></c><c r=\"B4\"><v>12</v></c><c r=\"D4\" \
         s=\"1\"><v>18.300000000000001</v></c></row>{more_rows}"
    );
    let strings = "count=\"3\" uniqueCount=\"3\"><si><t>Item</t></si><si><t>Qty</t></si><si><t>Coke 2L</t></si>";
    workbook(&rows, strings)
}

async fn answer(world: &World, content: &[u8]) -> (ModelOutcome, Vec<String>) {
    let answer: pb::ParseMediaResponse = world.parse_media(media(LABEL), content, 4096).await.unwrap();
    (answer.model_outcome(), answer.actions.iter().map(in_words).collect())
}

#[tokio::test]
async fn a_workbook_is_read_by_the_names_of_its_columns() {
    let world = World::with_grammar().await;

    let lines = answer(&world, &delivery("")).await;

    assert_eq!(lines, (ModelOutcome::NotNeeded, vec!["add 12 coke 2l R18.30 unit | confirm".to_owned()]));
}

#[tokio::test]
async fn the_last_cell_of_a_million_rows_costs_nothing() {
    let world = World::with_grammar().await;
    let content = delivery("<row r=\"1048576\"><c r=\"XFD1048576\"><v>7</v></c></row>");
    assert!(content.len() < 4096);

    let lines = answer(&world, &content).await;

    assert_eq!(lines.1, ["add 12 coke 2l R18.30 unit | confirm"]);
}

#[tokio::test]
async fn both_sides_of_the_rows_and_columns_that_are_looked_at() {
    let world = World::with_grammar().await;
    let milk = |row: u32| {
        format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"str\"><v>Milk</v></c><c r=\"B{row}\"><v>6</v></c></row>")
    };
    for (row, count) in [(1001, 2), (1002, 1)] {
        assert_eq!(answer(&world, &delivery(&milk(row))).await.1.len(), count, "row {row}");
    }
    for (column, reads) in [("AN", true), ("AO", false)] {
        let rows = format!(
            "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>Item</v></c><c r=\"{column}1\" t=\"str\"><v>Qty</v></c></row><row \
             r=\"2\"><c r=\"A2\" t=\"str\"><v>Milk</v></c><c r=\"{column}2\"><v>6</v></c></row>"
        );
        let (outcome, _) = answer(&world, &workbook(&rows, ">")).await;
        assert_eq!(outcome == ModelOutcome::NotNeeded, reads, "column {column}");
    }
}

#[tokio::test]
async fn what_is_written_to_fill_the_memory_is_refused_and_the_next_one_is_read() {
    let world = World::with_grammar().await;
    let mut cells = String::new();
    for row in 1..=1000 {
        write!(cells, "<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>").unwrap();
    }
    let long = format!("><si><t>{}</t></si>", "a".repeat(1024 * 1024));
    let wrong = [
        ("one long string in a thousand cells", workbook(&cells, &long)),
        ("a promise of strings", workbook("", "uniqueCount=\"99999999999\">")),
        ("a row beyond all numbers", workbook("<row r=\"1\"><c r=\"A99999999999\"><v>1</v></c></row>", ">")),
        ("no sheet", b"PK\x03\x04 and nothing else".to_vec()),
    ];
    for (name, content) in wrong {
        let (_, lines) = answer(&world, &content).await;
        assert!(matches!(lines.as_slice(), [only] if only.starts_with("unknown")), "{name}: {lines:?}");
    }

    assert_eq!(answer(&world, &delivery("")).await.1.len(), 1);
}
