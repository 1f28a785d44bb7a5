//! A workbook of one sheet. Text stands in its cells, so that nothing has to be remembered until the end, and no cell is a
//! formula. It is written as an archive whose parts say their length after themselves: it is never on a disk.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use zip::ZipWriter;
use zip::write::{SimpleFileOptions, StreamWriter};

use super::{Cell, Written};

/// What every workbook consists of beside its sheet.
const PARTS: [(&str, &str); 5] = [
    (
        "[Content_Types].xml",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#,
    ),
    (
        "xl/styles.xml",
        // The second format is text: a barcode that somebody edits stays one.
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>"#,
    ),
];
/// The first row stays in sight.
const SHEET_HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>"#;
const SHEET_TAIL: &str = "</sheetData></worksheet>";

pub(super) struct Workbook {
    archive: ZipWriter<StreamWriter<Written>>,
    line: String,
}

impl Workbook {
    pub(super) fn new(written: Written) -> io::Result<Self> {
        let mut archive = ZipWriter::new_stream(written);
        for (name, part) in PARTS {
            archive.start_file(name, SimpleFileOptions::default()).map_err(io::Error::from)?;
            archive.write_all(part.as_bytes())?;
        }
        archive.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default()).map_err(io::Error::from)?;
        archive.write_all(SHEET_HEAD.as_bytes())?;
        Ok(Self { archive, line: String::new() })
    }

    pub(super) fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        self.line.clear();
        self.line.push_str("<row>");
        for cell in cells {
            match cell {
                Cell::Text(text) => {
                    self.line.push_str(r#"<c s="1" t="inlineStr"><is><t xml:space="preserve">"#);
                    escape(&mut self.line, text);
                    self.line.push_str("</t></is></c>");
                }
                Cell::Number(number) => {
                    write!(self.line, "<c><v>{number}</v></c>").expect("a string takes everything");
                }
                Cell::Empty => self.line.push_str("<c/>"),
            }
        }
        self.line.push_str("</row>");
        self.archive.write_all(self.line.as_bytes())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.archive.write_all(SHEET_TAIL.as_bytes())?;
        self.archive.finish().map_err(io::Error::from)?;
        Ok(())
    }
}

/// Writes text as XML has it; what XML cannot hold is left out.
fn escape(line: &mut String, text: &str) {
    for char in text.chars() {
        match char {
            '&' => line.push_str("&amp;"),
            '<' => line.push_str("&lt;"),
            '>' => line.push_str("&gt;"),
            '\t' | '\n' | '\r' => line.push(char),
            char if char.is_control() || matches!(char, '\u{fffe}' | '\u{ffff}') => {}
            char => line.push(char),
        }
    }
}
