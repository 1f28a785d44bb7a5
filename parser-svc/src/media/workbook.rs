//! Workbooks of Excel's, read cell by cell. A file of three kilobytes can unpack to gigabytes or name the last cell of a
//! million rows: what it holds is counted, and nothing that it says of its own size is believed.

use std::io::{Cursor, Read as _, Write as _};

use calamine::{Data, DataRef, Reader as _, Xlsx};
use rust_decimal::Decimal;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::sheet::{COLUMNS_MAX, ROWS_MAX};

/// Most bytes that its parts may unpack to, and its cells may hold: any number of them can share one long string.
const UNPACKED_MAX: usize = 8 * 1024 * 1024;
/// Most digits of the number of strings that it promises: the reader makes room for so many before it sees one.
const PROMISED_DIGITS_MAX: usize = 6;

/// Reads the first sheet, from its first row that is not empty. `None` when it is broken, or holds more than it should.
pub fn rows(bytes: &[u8]) -> Option<Vec<Vec<String>>> {
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(repacked(bytes)?)).ok()?;
    let name = workbook.sheet_names().into_iter().next()?;
    let mut cells = workbook.worksheet_cells_reader(&name).ok()?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut length = 0;
    while let Some(cell) = cells.next_cell().ok()? {
        let (row, column) = cell.get_position();
        let (row, column) = (usize::try_from(row).ok()?, usize::try_from(column).ok()?);
        if row > ROWS_MAX || column >= COLUMNS_MAX {
            continue;
        }
        let text = text_of(cell.get_value());
        length += text.len();
        if length > UNPACKED_MAX {
            return None;
        }
        if text.is_empty() {
            continue;
        }
        rows.resize_with(rows.len().max(row + 1), Vec::new);
        let filled = rows[row].len().max(column + 1);
        rows[row].resize_with(filled, String::new);
        rows[row][column] = text;
    }
    let empty = rows.iter().take_while(|row| row.is_empty()).count();
    rows.drain(..empty);
    Some(rows)
}

fn text_of(value: &DataRef<'_>) -> String {
    match value {
        // 0.1 + 0.2 in a cell is 0.3 for people.
        DataRef::Float(value) => value
            .to_string()
            .parse::<Decimal>()
            .map_or_else(|_| value.to_string(), |value| value.round_dp(6).normalize().to_string()),
        other => Data::from(other.clone()).to_string().trim().to_owned(),
    }
}

/// Packs the parts that are read into an archive of their own. `None` when they are more than they may be.
///
/// Styles stay behind: the reader would copy fonts and formats for each of any number of them, and no cell needs one.
fn repacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut kept = ZipWriter::new(Cursor::new(Vec::new()));
    let as_it_is = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut left = UNPACKED_MAX;
    for index in 0..archive.len() {
        let part = archive.by_index(index).ok()?;
        let name = part.name().ok()?.into_owned();
        let folded = name.to_ascii_lowercase();
        let is_read = matches!(folded.rsplit_once('.'), Some((_, "xml" | "rels")));
        if !is_read || folded.ends_with("styles.xml") {
            continue;
        }
        let mut content = Vec::new();
        part.take(u64::try_from(left + 1).ok()?).read_to_end(&mut content).ok()?;
        left = left.checked_sub(content.len())?;
        if promises_too_much(&content) {
            return None;
        }
        kept.start_file(name, as_it_is).ok()?;
        kept.write_all(&content).ok()?;
    }
    Some(kept.finish().ok()?.into_inner())
}

/// Whether it says that it holds millions of strings, or may say so in an encoding that hides it.
fn promises_too_much(part: &[u8]) -> bool {
    const PROMISE: &[u8] = b"uniqueCount";
    // No XML holds these, but UTF-16 and the encodings that shift by escapes do.
    let is_hidden = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    if part.iter().any(is_hidden) {
        return true;
    }
    part.windows(PROMISE.len()).enumerate().filter(|(_, window)| *window == PROMISE).any(|(at, _)| {
        let number =
            part[at..].iter().skip_while(|byte| !byte.is_ascii_digit()).take_while(|byte| byte.is_ascii_digit());
        number.skip_while(|digit| **digit == b'0').count() > PROMISED_DIGITS_MAX
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zip_of(name: &str, content: &[u8]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(name, options).unwrap();
        writer.write_all(content).unwrap();
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn a_zip_of_nothing_is_not_unpacked() {
        for (length, is_taken) in [(UNPACKED_MAX, true), (UNPACKED_MAX + 1, false)] {
            let bytes = zip_of("xl/worksheets/sheet1.xml", &vec![b' '; length]);

            assert!(bytes.len() < 100_000);
            assert_eq!(repacked(&bytes).is_some(), is_taken, "{length}");
        }
    }

    #[test]
    fn nothing_is_promised_beyond_what_a_file_can_hold() {
        for (head, is_taken) in [
            ("<sst uniqueCount=\"999999\">", true),
            ("<sst uniqueCount='000000012'>", true),
            ("<sst uniqueCount=\"1000000\">", false),
            ("<sst uniqueCount =\n'00099999999999'>", false),
            ("<sst unique\x1b(BCount=\"99999999999\">", false),
            ("\0<\0s\0s\0t", false),
        ] {
            assert_eq!(repacked(&zip_of("xl/sharedStrings.xml", head.as_bytes())).is_some(), is_taken, "{head:?}");
        }
    }
}
