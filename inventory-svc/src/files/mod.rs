//! Files for people: tables written row by row, as they are read. Nothing of them is kept but the last few bytes.
//!
//! - `csv_file`: comma-separated values that no spreadsheet reads as formulas
//! - `workbook`: a workbook of one sheet

mod csv_file;
mod workbook;

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use rust_decimal::Decimal;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Xlsx,
}

impl Format {
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// What stands in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Text(String),
    Number(Decimal),
    Empty,
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn number(number: Option<Decimal>) -> Self {
        number.map_or(Self::Empty, |number| Self::Number(number.normalize()))
    }
}

/// A file in the making.
pub(crate) struct Table {
    written: Written,
    writer: Writer,
}

enum Writer {
    Csv(Box<csv_file::CsvFile>),
    Xlsx(Box<workbook::Workbook>),
}

impl Table {
    pub(crate) fn new(format: Format) -> io::Result<Self> {
        let written = Written::default();
        let writer = match format {
            Format::Csv => Writer::Csv(Box::new(csv_file::CsvFile::new(written.clone())?)),
            Format::Xlsx => Writer::Xlsx(Box::new(workbook::Workbook::new(written.clone())?)),
        };
        Ok(Self { written, writer })
    }

    /// Writes the next row; the first is the heads of the columns.
    pub(crate) fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        match &mut self.writer {
            Writer::Csv(file) => file.row(cells),
            Writer::Xlsx(file) => file.row(cells),
        }
    }

    /// Takes the bytes that are done.
    pub(crate) fn take(&mut self) -> io::Result<Vec<u8>> {
        if let Writer::Csv(file) = &mut self.writer {
            file.flush()?;
        }
        Ok(self.written.take())
    }

    /// Ends the file and returns its last bytes.
    pub(crate) fn finish(self) -> io::Result<Vec<u8>> {
        match self.writer {
            Writer::Csv(mut file) => file.flush()?,
            Writer::Xlsx(file) => file.finish()?,
        }
        Ok(self.written.take())
    }
}

/// Where writers write, for whoever sends it on.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
