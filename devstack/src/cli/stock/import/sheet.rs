//! Reading what a shop has its list in: workbooks, and values between commas or semicolons in any letters.

use std::io::Cursor;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use calamine::{Data, Reader as _};
use rust_decimal::Decimal;

/// Rows with the line or row of the file that each stands in.
pub(super) type Rows = Vec<(i32, Vec<String>)>;

/// Reads a file. Empty rows are left out, and keep their numbers.
pub(super) fn read(path: &Path, bytes: &[u8], sheet: Option<&str>) -> Result<Rows> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase();
    // What a file is shows in its first bytes; a name can be wrong.
    let is_workbook = bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0");
    let rows = if is_workbook {
        workbook(bytes, sheet)?
    } else if sheet.is_some() {
        bail!("--sheet is for workbooks, and {} is none", path.display());
    } else if matches!(extension.as_str(), "xlsx" | "xls" | "ods" | "xlsb") {
        bail!("{} is called a workbook and is none: open it in a spreadsheet and save it anew", path.display());
    } else {
        separated(bytes)?
    };
    Ok(rows.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty())).collect())
}

fn workbook(bytes: &[u8], sheet: Option<&str>) -> Result<Rows> {
    let mut workbook = calamine::open_workbook_auto_from_rs(Cursor::new(bytes))
        .context("the workbook cannot be read: save it anew, without a password")?;
    let names = workbook.sheet_names();
    let name = match sheet {
        Some(wanted) => names
            .iter()
            .find(|name| name.eq_ignore_ascii_case(wanted))
            .with_context(|| format!("the workbook has no sheet {wanted:?}; it has {}", names.join(", ")))?,
        None => names.first().context("the workbook has no sheet")?,
    };
    let range = workbook.worksheet_range(name).with_context(|| format!("sheet {name:?} cannot be read"))?;
    let first = range.start().map_or(0, |(row, _)| row);
    (first..)
        .zip(range.rows())
        .map(|(row, cells)| Ok((i32::try_from(row + 1)?, cells.iter().map(text_of).collect())))
        .collect()
}

fn text_of(cell: &Data) -> String {
    match cell {
        // 0.1 + 0.2 in a cell is 0.3 for people, and a barcode is no power of ten.
        Data::Float(number) => number
            .to_string()
            .parse::<Decimal>()
            .ok()
            .and_then(|decimal| decimal.round_sf(15))
            .map_or_else(|| number.to_string(), |decimal| decimal.normalize().to_string()),
        other => other.to_string(),
    }
}

fn separated(bytes: &[u8]) -> Result<Rows> {
    let text = letters(bytes).replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim_start_matches('\u{feff}');
    if text.contains('\0') {
        bail!("the file is no list: it holds bytes that are no text");
    }
    // A line that Excel writes for itself.
    let (separator, text, skipped) = match text.split_once('\n') {
        Some((line, rest)) if said_separator(line).is_some() => (said_separator(line), rest, 1),
        _ => (None, text, 0),
    };
    let separator = separator.unwrap_or_else(|| likely_separator(text));
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    // The reader's own count of lines does not know those that it skips in front of a row.
    let (mut line, mut counted_to) = (skipped + 1, 0);
    reader
        .records()
        .map(|record| {
            let record = record.context("the list cannot be read")?;
            let from = record.position().map_or(0, csv::Position::byte);
            let from = usize::try_from(from)?;
            let begins = from + text[from..].bytes().take_while(|byte| *byte == b'\n').count();
            line += text[counted_to..begins].matches('\n').count();
            counted_to = begins;
            Ok((i32::try_from(line)?, record.iter().map(|cell| fused(cell).to_owned()).collect()))
        })
        .collect()
}

/// Reads bytes as the letters they were written in: Unicode when they are, and those of Windows when they are not.
fn letters(bytes: &[u8]) -> String {
    match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding.decode(bytes).0.into_owned(),
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
        },
    }
}

/// Reads `sep=;`.
fn said_separator(line: &str) -> Option<u8> {
    let said = line.trim_matches(['\r', '\n', '"']).strip_prefix("sep=")?;
    u8::try_from(said.chars().next()?).ok().filter(u8::is_ascii)
}

/// Returns what separates most cells in the first line that has any; semicolons where a comma is the decimal point.
fn likely_separator(text: &str) -> u8 {
    let counts = |separator: char| {
        let line = text.lines().find(|line| line.contains([',', ';', '\t']))?;
        let mut is_quoted = false;
        let found = line.chars().filter(|char| {
            is_quoted ^= *char == '"';
            !is_quoted && *char == separator
        });
        Some(found.count())
    };
    [',', ';', '\t']
        .into_iter()
        .max_by_key(|separator| (counts(*separator), *separator == ';'))
        .and_then(|separator| u8::try_from(separator).ok())
        .unwrap_or(b',')
}

/// Takes away the apostrophe that keeps a spreadsheet from running a text.
fn fused(cell: &str) -> &str {
    let triggers = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(triggers) => rest,
        Some(_) | None => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Vec<(i32, String)> {
        let rows = read(Path::new("list.csv"), bytes, None).unwrap();
        rows.into_iter().map(|(line, cells)| (line, cells.join("|"))).collect()
    }

    fn said(lines: &[(i32, &str)]) -> Vec<(i32, String)> {
        lines.iter().map(|(line, cells)| (*line, (*cells).to_owned())).collect()
    }

    #[test]
    fn lists_of_every_spreadsheet_are_read_with_the_lines_they_stand_in() {
        let expected = said(&[(1, "item|qty"), (2, "bread|10")]);
        for list in
            ["item,qty\nbread,10", "item;qty\r\nbread;10\r\n", "item\tqty\nbread\t10\n", "\u{feff}item,qty\nbread,10\n"]
        {
            assert_eq!(rows(list.as_bytes()), expected, "{list:?}");
        }
        assert_eq!(rows(b"sep=;\r\nitem;qty\r\nbread;1,5\r\n"), said(&[(2, "item|qty"), (3, "bread|1,5")]));
        let wide: Vec<u8> = "\u{feff}item,qty\nbread,10\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(rows(&wide), expected);
    }

    #[test]
    fn empty_lines_keep_their_numbers_and_cells_may_hold_lines_and_separators() {
        let list = b"item,qty,,\n\n,,,\n\"white \"\"bread\"\", sliced\nsoft\",10,,\nmilk,4,,,extra\n";

        assert_eq!(
            rows(list),
            said(&[(1, "item|qty||"), (4, "white \"bread\", sliced\nsoft|10||"), (6, "milk|4|||extra")])
        );
    }

    #[test]
    fn letters_of_windows_and_defused_texts_are_read() {
        assert_eq!(rows(b"item;qty\nCaf\xe9 cr\xe8me;2,5\n")[1].1, "Café crème|2,5");
        assert_eq!(
            rows(b"item,qty\n'=1+1,2\n''=x,1\n'Neil,1\n-5,1\n")[1..].iter().map(|row| &row.1).collect::<Vec<_>>(),
            ["=1+1|2", "'=x|1", "'Neil|1", "-5|1"]
        );
    }

    #[test]
    fn what_is_no_list_is_said() {
        for (name, bytes) in [("list.xlsx", &b"item,qty"[..]), ("list.csv", b"PK\x03\x04"), ("list.csv", b"a\0b")] {
            assert!(read(Path::new(name), bytes, None).is_err(), "{name}");
        }
        assert!(read(Path::new("list.csv"), b"item,qty", Some("March")).unwrap_err().to_string().contains("--sheet"));
    }

    #[test]
    fn numbers_of_workbooks_are_what_people_see() {
        for (number, text) in
            [(0.300_000_000_000_000_04, "0.3"), (6_001_234_567_890.0, "6001234567890"), (12.5, "12.5"), (0.0, "0")]
        {
            assert_eq!(text_of(&Data::Float(number)), text);
        }
    }
}
