//! What the columns of a list are called, in the words that shops use.

use anyhow::{Result, bail};

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Name,
    Barcode,
    Quantity,
    Unit,
    PackSize,
    UnitCost,
    LowLevel,
    Place,
}

/// Every field with its heads in English and Afrikaans. What comes after `""` counts only when no other column is it: a price
/// may be what the shop pays or what it asks.
const HEADS: [(Field, &[&str]); 8] = [
    (
        Field::Name,
        &[
            "item",
            "item name",
            "name",
            "product",
            "product name",
            "stock item",
            "article",
            "naam",
            "item naam",
            "produk",
            "produknaam",
            "artikel",
            "",
            "description",
            "item description",
            "product description",
            "beskrywing",
        ],
    ),
    (Field::Barcode, &["barcode", "bar code", "ean", "ean13", "upc", "gtin", "strepieskode", "balkkode"]),
    (
        Field::Quantity,
        &[
            "quantity",
            "qty",
            "count",
            "counted",
            "on hand",
            "stock",
            "stock on hand",
            "soh",
            "in stock",
            "opening stock",
            "hoeveelheid",
            "aantal",
            "getal",
            "voorraad",
            "getel",
        ],
    ),
    (Field::Unit, &["unit", "units", "uom", "unit of measure", "eenheid", "maateenheid"]),
    (Field::PackSize, &["pack size", "packsize", "units per pack", "per pack", "pakgrootte", "per pak"]),
    (
        Field::UnitCost,
        &[
            "unit cost",
            "cost",
            "cost price",
            "cost per unit",
            "buying price",
            "eenheidskoste",
            "koste",
            "kosprys",
            "inkoopprys",
            "",
            "price",
            "unit price",
            "prys",
            "eenheidsprys",
        ],
    ),
    (
        Field::LowLevel,
        &[
            "low level",
            "low",
            "low at",
            "reorder level",
            "reorder point",
            "minimum",
            "min",
            "min stock",
            "minimum stock",
            "minimum voorraad",
            "herbestelvlak",
            "laag",
        ],
    ),
    (Field::Place, &["place", "location", "store", "plek", "ligging"]),
];

/// Where each field stands, and what is not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heads {
    columns: Vec<(Field, usize)>,
    /// Heads of columns that mean nothing here.
    pub(super) ignored: Vec<String>,
}

impl Heads {
    /// Reads a row as heads; `None` when it is none: without a quantity, or without what the item is called.
    pub(super) fn read(cells: &[String]) -> Result<Option<Self>> {
        let mut heads = Self::default();
        let mut weak = Vec::new();
        for (place, cell) in cells.iter().enumerate() {
            match meaning(cell) {
                Some((field, true)) => {
                    if let Some(other) = heads.place(field) {
                        bail!(
                            "two columns say the same: {:?} and {:?}. Take one of them out, or give it another head",
                            cells[other].trim(),
                            cell.trim()
                        );
                    }
                    heads.columns.push((field, place));
                }
                Some((field, false)) => weak.push((field, place)),
                None if cell.trim().is_empty() => {}
                None => heads.ignored.push(cell.trim().to_owned()),
            }
        }
        for (field, place) in weak {
            if heads.place(field).is_some() {
                heads.ignored.push(cells[place].trim().to_owned());
            } else {
                heads.columns.push((field, place));
            }
        }
        let is_head = heads.place(Field::Quantity).is_some()
            && (heads.place(Field::Name).is_some() || heads.place(Field::Barcode).is_some());
        Ok(is_head.then_some(heads))
    }

    /// Returns the cell of a field; empty where the row has none.
    pub(super) fn cell<'a>(&self, cells: &'a [String], field: Field) -> &'a str {
        self.place(field).and_then(|place| cells.get(place)).map_or("", |cell| cell.trim())
    }

    pub(super) fn has(&self, field: Field) -> bool {
        self.place(field).is_some()
    }

    fn place(&self, wanted: Field) -> Option<usize> {
        self.columns.iter().find(|(field, _)| *field == wanted).map(|(_, place)| *place)
    }
}

fn meaning(head: &str) -> Option<(Field, bool)> {
    let words: String =
        head.to_lowercase().chars().map(|char| if char.is_alphanumeric() { char } else { ' ' }).collect();
    let plain = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.is_empty() {
        return None;
    }
    HEADS.iter().find_map(|(field, heads)| {
        let place = heads.iter().position(|head| *head == plain)?;
        Some((*field, heads[..place].iter().all(|head| !head.is_empty())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(heads: &[&str]) -> Result<Option<Heads>> {
        Heads::read(&heads.iter().map(|head| (*head).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn heads_are_read_in_english_and_afrikaans_however_they_are_written() {
        for heads in [
            ["Item", "QTY", "Unit_Cost"],
            ["naam", "Hoeveelheid", "Prys"],
            [" product name ", "Stock on Hand:", "price"],
        ] {
            let read = read(&heads).unwrap().expect("it is a head");
            assert_eq!(
                (read.place(Field::Name), read.place(Field::Quantity), read.place(Field::UnitCost)),
                (Some(0), Some(1), Some(2)),
                "{heads:?}"
            );
        }
    }

    #[test]
    fn a_price_is_the_cost_unless_another_column_is_and_two_quantities_are_one_too_many() {
        let both = read(&["item", "price", "quantity", "cost", "colour"]).unwrap().unwrap();
        assert_eq!(
            (both.place(Field::UnitCost), both.ignored),
            (Some(3), vec!["colour".to_owned(), "price".to_owned()])
        );
        assert!(read(&["item", "qty", "count"]).unwrap_err().to_string().contains("\"qty\" and \"count\""));
    }

    #[test]
    fn a_row_of_the_list_is_no_head() {
        assert_eq!(read(&["bread", "10"]).unwrap(), None);
        assert_eq!(read(&["item", "colour"]).unwrap(), None);
        assert_eq!(read(&[]).unwrap(), None);
    }
}
