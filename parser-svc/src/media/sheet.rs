//! Tables: CSV and Excel. One that names its columns is read without a model; any other becomes text for the model.

use rust_decimal::Decimal;

use super::{Kind, Media, workbook};
use crate::domain::{
    Action, AddReason, Clarification, Intent, Item, Line, MAX_ACTIONS, Paper, Price, PriceBasis, Reading, SetReason,
};
use crate::grammar;

/// Rows above the one that names the columns: a logo, an address, a date.
const ROWS_BEFORE_NAMES: usize = 12;
/// Most rows that are looked at, beside one that names the columns.
pub(super) const ROWS_MAX: usize = 1_000;
/// Most columns that are looked at.
pub(super) const COLUMNS_MAX: usize = 40;

/// A table as its rows of cells.
pub struct Table(Vec<Vec<String>>);

/// Which column says what.
#[derive(Default)]
struct Columns {
    item: Option<usize>,
    /// What came in.
    quantity: Option<usize>,
    /// What there is.
    counted: Option<usize>,
    unit: Option<usize>,
    price: Option<usize>,
    total: Option<usize>,
}

/// Unpacks it, which takes its time. `None` when it is broken, or holds more than it should.
pub fn unpack(media: &Media) -> Option<Table> {
    let bytes = media.pieces.concat();
    match media.kind {
        Kind::Csv => Some(csv_rows(&bytes)),
        Kind::Workbook => workbook::rows(&bytes).map(Table),
        Kind::Audio(_) | Kind::Image(_) | Kind::Pdf => None,
    }
}

fn csv_rows(bytes: &[u8]) -> Table {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Excel in South Africa separates by semicolons, because the comma is in the numbers.
    let head = &bytes[..bytes.len().min(4096)];
    let head = String::from_utf8_lossy(head);
    let count = |mark: u8| head.matches(char::from(mark)).count();
    let separator =
        [b';', b'\t'].into_iter().max_by_key(|mark| count(*mark)).filter(|mark| count(*mark) >= count(b','));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator.unwrap_or(b','))
        .from_reader(bytes);
    let rows = reader.byte_records().flatten().take(ROWS_MAX + 1).map(|record| {
        // What is not UTF-8 is what old Windows writes, letter for letter.
        let text = |cell: &[u8]| {
            String::from_utf8(cell.to_vec()).unwrap_or_else(|_| cell.iter().map(|byte| char::from(*byte)).collect())
        };
        record.iter().take(COLUMNS_MAX).map(|cell| text(cell).trim().to_owned()).collect()
    });
    Table(rows.collect())
}

impl Table {
    /// Returns it as lines of text.
    pub fn text(&self) -> String {
        let filled = self.0.iter().filter(|row| row.iter().any(|cell| !cell.is_empty()));
        filled.map(|row| row.join(" ; ")).collect::<Vec<_>>().join("\n")
    }

    /// Reads it by the names of its columns. `None` when they are not named.
    pub fn read(&self) -> Option<(Reading, Paper)> {
        let (names_at, columns) = self
            .0
            .iter()
            .take(ROWS_BEFORE_NAMES)
            .enumerate()
            .map(|(at, row)| (at, Columns::named_by(row)))
            // One that says what came in beside what there is: which of them is meant is not for a list of names to say.
            .find(|(_, columns)| columns.item.is_some() && columns.quantity.is_some() != columns.counted.is_some())?;
        let mut actions = Vec::new();
        let mut paper = Paper::default();
        for row in &self.0[names_at + 1..] {
            let cell = |column: Option<usize>| column.and_then(|at| row.get(at)).map_or("", String::as_str);
            let name = cell(columns.item);
            if is_total(row) {
                paper.total = row.iter().rev().find_map(|cell| number(cell)).or(paper.total);
            } else if name.chars().any(char::is_alphabetic) {
                actions.push(columns.line(name, &cell));
            }
        }
        if actions.is_empty() || actions.len() > MAX_ACTIONS {
            // More than can be shown and approved: the caller says so.
            let question = Action::question(Line::default(), Clarification::TooLong);
            actions = if actions.is_empty() { vec![Action::default()] } else { vec![question] };
        }
        Some((Reading { actions, ..Reading::default() }, paper))
    }
}

impl Columns {
    fn named_by(row: &[String]) -> Self {
        const ITEM: [&str; 12] = [
            "item",
            "items",
            "product",
            "products",
            "description",
            "name",
            "stock item",
            "item name",
            "product name",
            "artikel",
            "produk",
            "beskrywing",
        ];
        const QUANTITY: [&str; 6] = ["qty", "quantity", "amount of items", "aantal", "hoeveelheid", "units"];
        const COUNTED: [&str; 3] = ["count", "on hand", "stock"];
        const UNIT: [&str; 4] = ["unit", "uom", "pack", "eenheid"];
        const PRICE: [&str; 8] =
            ["price", "unit price", "cost", "unit cost", "cost price", "prys", "eenheidsprys", "koste"];
        const TOTAL: [&str; 5] = ["total", "line total", "amount", "totaal", "bedrag"];
        let mut columns = Self::default();
        for (at, cell) in row.iter().enumerate() {
            let name = cell.to_lowercase();
            let name = name.trim().trim_end_matches([':', '.']);
            let place = if ITEM.contains(&name) {
                &mut columns.item
            } else if QUANTITY.contains(&name) {
                &mut columns.quantity
            } else if COUNTED.contains(&name) {
                &mut columns.counted
            } else if UNIT.contains(&name) {
                &mut columns.unit
            } else if PRICE.contains(&name) {
                &mut columns.price
            } else if TOTAL.contains(&name) {
                &mut columns.total
            } else {
                continue;
            };
            place.get_or_insert(at);
        }
        columns
    }

    fn line<'c>(&self, name: &str, cell: &impl Fn(Option<usize>) -> &'c str) -> Action {
        let said_unit = cell(self.unit);
        let unit = grammar::unit_of(said_unit);
        let price = match (number(cell(self.price)), number(cell(self.total))) {
            (Some(amount), _) => Some(Price { amount, basis: Some(PriceBasis::Unit) }),
            (None, Some(amount)) => Some(Price { amount, basis: Some(PriceBasis::Total) }),
            (None, None) => None,
        };
        let asks = (!said_unit.is_empty() && unit.is_none()).then_some(Clarification::Unit);
        let line = Line {
            item: Some(Item { said: name.to_owned(), ..Item::named(grammar::name_of(name)) }),
            quantity: number(cell(self.quantity.or(self.counted))),
            unit: unit.unwrap_or_default(),
            price,
            ..Line::default()
        };
        let intent = match self.counted {
            Some(_) => Intent::SetStock { line, reason: SetReason::Count },
            None => Intent::Add { line, reason: AddReason::Receipt },
        };
        Action { clarification: asks, ..Action::new(intent) }
    }
}

fn is_total(row: &[String]) -> bool {
    let first = row.iter().find(|cell| !cell.is_empty()).map(|cell| cell.to_lowercase()).unwrap_or_default();
    ["total", "grand total", "totaal", "subtotal", "vat", "btw"].contains(&first.trim_end_matches([':', '.']))
}

/// Reads `12`, `1 234,50`, `1,234.50`, `R 12.50`. The last mark before one or two digits is the decimal point.
fn number(cell: &str) -> Option<Decimal> {
    let digits: String = cell
        .trim_start_matches(['R', 'r'])
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '\u{a0}' | '\''))
        .collect();
    if digits.is_empty() || !digits.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | ',' | '-')) {
        return None;
    }
    let plain = match (digits.rfind(','), digits.rfind('.')) {
        (Some(comma), Some(point)) if comma > point => digits.replace('.', "").replace(',', "."),
        (Some(comma), None) if digits.len() - comma != 4 => digits.replace(',', "."),
        _ => digits.replace(',', ""),
    };
    plain.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(text: &str) -> Table {
        unpack(&Media::whole("text/csv", "", text.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn a_table_that_names_its_columns_needs_no_model() {
        let table =
            csv("Jumbo;;;\nItem;Qty;Unit;Price\nCoke 2L;12;;18,00\nEggs;2;trays;R 54,50\n;;;\nTotal;;;325,00\n");

        let (reading, paper) = table.read().unwrap();

        let lines: Vec<&Line> = reading.actions.iter().filter_map(|action| action.intent.line()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].item.as_ref().unwrap().said, "Coke 2L");
        assert_eq!((lines[1].quantity, lines[1].unit.as_str()), (Some(Decimal::TWO), "tray"));
        assert_eq!(lines[1].price.as_ref().unwrap().amount, Decimal::new(5450, 2));
        assert_eq!(paper.total, Some(Decimal::new(32500, 2)));
    }

    #[test]
    fn a_table_of_what_there_is_sets_the_stock_and_one_that_says_both_is_for_the_model() {
        let is_count = |action: &Action| matches!(action.intent, Intent::SetStock { reason: SetReason::Count, .. });
        for (name, counts) in [("Count", true), ("On hand:", true), ("STOCK", true), ("Qty", false), ("Units", false)] {
            let (reading, _) = csv(&format!("Item,{name}\nBread,12\nMilk,6\n")).read().unwrap();

            assert_eq!(reading.actions.iter().filter(|action| is_count(action)).count(), if counts { 2 } else { 0 });
            assert_eq!(reading.actions[0].intent.line().unwrap().quantity, Some(Decimal::from(12)), "{name}");
        }

        assert!(csv("Item,On hand,Qty\nBread,12,5\n").read().is_none());
    }

    #[test]
    fn a_table_without_names_is_text_for_the_model() {
        let table = csv("bread,12\nmilk,6\n");

        assert!(table.read().is_none());
        assert_eq!(table.text(), "bread ; 12\nmilk ; 6");
    }

    #[test]
    fn numbers_are_read_as_they_are_written_here() {
        let cases = [
            ("12", Some("12")),
            ("1 234,50", Some("1234.50")),
            ("1,234.50", Some("1234.50")),
            ("1.234,5", Some("1234.5")),
            ("1,234", Some("1234")),
            ("R12.50", Some("12.50")),
            ("twelve", None),
            ("", None),
        ];
        for (cell, value) in cases {
            assert_eq!(number(cell), value.map(|value| value.parse().unwrap()), "{cell}");
        }
    }
}
