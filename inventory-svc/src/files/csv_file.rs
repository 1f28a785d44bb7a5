//! Comma-separated values: UTF-8 with a byte order mark, and no text that a spreadsheet takes for a formula.

use std::io::{self, Write as _};

use super::{Cell, Written};

pub(super) struct CsvFile(csv::Writer<Written>);

impl CsvFile {
    pub(super) fn new(mut written: Written) -> io::Result<Self> {
        // Without it Excel reads the letters of another century.
        written.write_all("\u{feff}".as_bytes())?;
        Ok(Self(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(written)))
    }

    pub(super) fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        for cell in cells {
            match cell {
                Cell::Text(text) => self.0.write_field(defused(text)),
                Cell::Number(number) => self.0.write_field(number.to_string()),
                Cell::Empty => self.0.write_field(""),
            }
            .map_err(io::Error::from)?;
        }
        self.0.write_record(None::<&[u8]>).map_err(io::Error::from)
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Puts an apostrophe in front of what a spreadsheet would run, as a person would who wants it to be text. One in front of
/// an apostrophe as well, so that whoever takes one away again gets what was written.
///
/// Where a comma is the decimal point, a spreadsheet parts cells at semicolons, whatever the file parts them at, and a tab
/// or a new line may part them too: what comes after one is held to be a cell of its own.
fn defused(text: &str) -> String {
    const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let mut safe = String::with_capacity(text.len() + 1);
    for cell in text.split_inclusive([';', '\t', '\r', '\n']) {
        if cell.trim_start_matches('\'').starts_with(FORMULA) {
            safe.push('\'');
        }
        safe.push_str(cell);
    }
    safe
}

#[cfg(test)]
mod tests {
    use crate::files::{Cell, Format, Table};

    #[test]
    fn text_is_never_a_formula_and_numbers_stay_numbers() {
        let mut table = Table::new(Format::Csv).unwrap();
        for text in ["=1+1", "+27", "-5", "@SUM", "\tx", "'=x", "bread, \"brown\"", "O'Neil", "dit is reg", "a;=1;b"] {
            table.row(&[Cell::text(text), Cell::Number("-5.50".parse().unwrap()), Cell::Empty]).unwrap();
        }

        let file = String::from_utf8(table.finish().unwrap()).unwrap();

        let lines: Vec<&str> = file.trim_start_matches('\u{feff}').split("\r\n").collect();
        assert_eq!(
            lines,
            [
                "'=1+1,-5.50,",
                "'+27,-5.50,",
                "'-5,-5.50,",
                "'@SUM,-5.50,",
                "'\tx,-5.50,",
                "''=x,-5.50,",
                "\"bread, \"\"brown\"\"\",-5.50,",
                "O'Neil,-5.50,",
                "dit is reg,-5.50,",
                "a;'=1;b,-5.50,",
                ""
            ]
        );
    }
}
