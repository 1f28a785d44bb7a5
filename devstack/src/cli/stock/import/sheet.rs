//! Reading what a shop has its list in: workbooks, and values between commas or semicolons in any letters.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use calamine::{Data, Reader as _, Sheets};
use rust_decimal::Decimal;
use zip::ZipArchive;

/// How an archive begins, and so a workbook of these days.
const ARCHIVE: &[u8] = b"PK\x03\x04";
/// Most bytes that a workbook may unpack to.
const UNPACKED_MAX: u64 = 512 * 1024 * 1024;
/// Columns of a workbook that are read: what stands further right is no column of a list.
const COLUMNS_MAX: u32 = 1_000;

/// Rows with the line or row of the file that each stands in.
pub(super) type Rows = Vec<(i32, Vec<String>)>;

/// Reads a file. Empty rows are left out, and keep their numbers.
pub(super) fn read(path: &Path, bytes: &[u8], sheet: Option<&str>) -> Result<Rows> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase();
    // What a file is shows in its first bytes; a name can be wrong.
    let is_workbook = bytes.starts_with(ARCHIVE) || bytes.starts_with(b"\xd0\xcf\x11\xe0");
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

/// A file of kilobytes can unpack to gigabytes, and one stray cell in the last corner spans billions of others: what it holds
/// is counted before it is read, and cells are taken one by one.
fn workbook(bytes: &[u8], sheet: Option<&str>) -> Result<Rows> {
    if bytes.starts_with(ARCHIVE) {
        refuse_bomb(bytes, UNPACKED_MAX)?;
    }
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
    let unread = || format!("sheet {name:?} cannot be read");
    if let Sheets::Xlsx(workbook) = &mut workbook {
        let mut cells = workbook.worksheet_cells_reader(name).with_context(unread)?;
        let mut rows: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        while let Some(cell) = cells.next_cell().with_context(unread)? {
            let (row, column) = cell.get_position();
            let text = text_of(&Data::from(cell.get_value().clone()));
            if text.is_empty() || column >= COLUMNS_MAX {
                continue;
            }
            let column = usize::try_from(column)?;
            let cells = rows.entry(row).or_default();
            cells.resize(cells.len().max(column + 1), String::new());
            cells[column] = text;
        }
        return rows.into_iter().map(|(row, cells)| Ok((i32::try_from(row + 1)?, cells))).collect();
    }
    let range = workbook.worksheet_range(name).with_context(unread)?;
    let first = range.start().map_or(0, |(row, _)| row);
    (first..)
        .zip(range.rows())
        .map(|(row, cells)| Ok((i32::try_from(row + 1)?, cells.iter().map(text_of).collect())))
        .collect()
}

/// Unpacks to nowhere as much as may be.
fn refuse_bomb(bytes: &[u8], unpacked_max: u64) -> Result<()> {
    const BROKEN: &str = "the workbook cannot be read: save it anew, without a password";
    let mut archive = ZipArchive::new(Cursor::new(bytes)).context(BROKEN)?;
    let mut left = unpacked_max;
    for index in 0..archive.len() {
        let part = archive.by_index(index).context(BROKEN)?;
        let length = io::copy(&mut part.take(left + 1), &mut io::sink()).context(BROKEN)?;
        left = left.checked_sub(length).with_context(|| {
            format!("the workbook unpacks to more than {unpacked_max} bytes, which is no list: save the sheet as CSV")
        })?;
    }
    Ok(())
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
            Ok((i32::try_from(line)?, record.iter().map(fused).collect()))
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

/// Takes away the apostrophes that keep a spreadsheet from running a text, also where it may part the cell once more.
fn fused(cell: &str) -> String {
    const TRIGGERS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    cell.split_inclusive([';', '\t', '\r', '\n'])
        .map(|part| match part.strip_prefix('\'') {
            Some(rest) if rest.trim_start_matches('\'').starts_with(TRIGGERS) => rest,
            Some(_) | None => part,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

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
            rows(b"item,qty\n'=1+1,2\n''=x,1\n'Neil,1\n-5,1\na;'=1;'b,1\n")[1..]
                .iter()
                .map(|row| &row.1)
                .collect::<Vec<_>>(),
            ["=1+1|2", "'=x|1", "'Neil|1", "-5|1", "a;=1;'b|1"]
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

    fn archive_of(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, part) in parts {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(part).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn a_workbook_that_unpacks_to_more_than_a_list_is_refused() {
        let nothing = vec![0; 1_000_000];
        let archive = archive_of(&[("a.xml", &nothing), ("b.xml", &nothing)]);

        assert!(archive.len() < 10_000);
        assert!(refuse_bomb(&archive, 2_000_000).is_ok());
        assert!(refuse_bomb(&archive, 1_999_999).unwrap_err().to_string().contains("unpacks to more than"));
    }

    #[test]
    fn a_stray_cell_in_the_last_corner_takes_no_room() {
        let types = br#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
        let book = br#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Stock" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
        let relations = br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
        let sheet = br#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1"><v>5</v></c></row><row r="3"><c r="B3"><v>7</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"#;
        let begin = br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
        let bytes = archive_of(&[
            ("[Content_Types].xml", types),
            ("_rels/.rels", begin),
            ("xl/workbook.xml", book),
            ("xl/_rels/workbook.xml.rels", relations),
            ("xl/worksheets/sheet1.xml", sheet),
        ]);

        assert_eq!(rows(&bytes), said(&[(1, "5"), (3, "|7")]));
    }
}
