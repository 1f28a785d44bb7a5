//! One row of a list of stock, as a spreadsheet has it: what it says, or what is wrong with it in words for its owner.

use proto::inventory::v1 as pb;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::key::Key;
use crate::domain::number::{self, Misread};
use crate::domain::unit::Unit;
use crate::store::{RowProblem, StagedRow};

const NAME_LENGTH_MAX: usize = 200;
const UNIT_LENGTH_MAX: usize = 40;
/// How much of a cell is quoted.
const QUOTE_LENGTH_MAX: usize = 40;

/// What a number of a list may be.
struct Bounds {
    digits_max: usize,
    decimals_max: u32,
}

const QUANTITY: Bounds = Bounds { digits_max: 15, decimals_max: 3 };
const FACTOR: Bounds = Bounds { digits_max: 12, decimals_max: 6 };
const PRICE: Bounds = Bounds { digits_max: 14, decimals_max: 9 };

/// Reads a row; what it may mean for the shop is found out later, for all rows at once.
pub(super) fn read(row: &pb::StockImportRow, new_item_id: Uuid) -> StagedRow {
    let mut problems = Problems(Vec::new());
    let name = read_name(&mut problems, &row.name);
    let barcode = read_barcode(&mut problems, &row.barcode);
    if name.is_none() && row.barcode.trim().is_empty() {
        problems.add("name", "is empty: write what the item is called, or its barcode".to_owned());
    }
    let quantity = if row.quantity.trim().is_empty() {
        problems.add("quantity", "is empty: write 0 when there is none".to_owned());
        None
    } else {
        read_number(&mut problems, "quantity", &row.quantity, &QUANTITY)
    };
    let unit = read_unit(&mut problems, &row.unit);
    let pack_size = optional(&mut problems, "pack_size", &row.pack_size, &FACTOR);
    if pack_size.is_some_and(|size| size.is_zero()) {
        problems.add("pack_size", "is 0: write how many the pack holds".to_owned());
    } else if pack_size.is_some() && unit == Unit::Base {
        problems.add(
            "pack_size",
            "says what a pack holds, and unit is empty: write the pack there, such as case".to_owned(),
        );
    }
    let unit_cost = optional(&mut problems, "unit_cost", without_currency(&row.unit_cost), &PRICE);
    let low_level = optional(&mut problems, "low_level", &row.low_level, &QUANTITY);

    let pack_size = pack_size.filter(|size| !size.is_zero());
    let keeping = unit.keeping(quantity, pack_size);
    StagedRow {
        row_number: row.row_number,
        key: name.as_deref().and_then(Key::of).map(|key| key.to_string()),
        name,
        barcode_key: barcode.as_deref().and_then(Key::of).map(|key| key.to_string()),
        barcode,
        quantity,
        unit: unit.name().map(str::to_owned),
        measures: unit.conversions().into_iter().collect(),
        usual_factor: unit.usual_factor(),
        pack_size,
        // The mean of some deliveries has any number of decimals; the ledger keeps four.
        unit_cost: unit_cost.map(|cost| cost.round_dp(4)),
        low_level,
        new_item_id,
        new_base_unit: keeping.base_unit,
        new_scale: keeping.scale.max(low_level.map_or(0, |level| level.scale())),
        problems: (!problems.0.is_empty()).then_some(problems.0),
    }
}

struct Problems(Vec<RowProblem>);

impl Problems {
    fn add(&mut self, field: &'static str, description: String) {
        self.0.push(RowProblem { field, description });
    }
}

fn read_name(problems: &mut Problems, said: &str) -> Option<String> {
    let name = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = name.chars().count();
    if name.is_empty() {
        return None;
    }
    if length > NAME_LENGTH_MAX {
        problems.add("name", format!("has {length} characters: at most {NAME_LENGTH_MAX} are kept"));
    } else if name.chars().any(char::is_control) {
        problems.add("name", "holds characters that cannot be shown: write it anew".to_owned());
    } else if Key::of(&name).is_none() {
        problems.add("name", format!("{} holds no letter and no digit", quoted(&name)));
    } else {
        return Some(name);
    }
    // Something stands there, so that nobody is told that the name is missing.
    Some(String::new())
}

fn read_barcode(problems: &mut Problems, said: &str) -> Option<String> {
    let barcode: String =
        said.trim().trim_start_matches('\'').chars().filter(|char| !matches!(char, ' ' | '-' | '\u{a0}')).collect();
    if barcode.is_empty() {
        return None;
    }
    if (4..=32).contains(&barcode.len()) && barcode.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Some(barcode);
    }
    let is_shortened = said.contains(['E', 'e']) && said.contains('+');
    let why = if is_shortened {
        "is what a spreadsheet makes of a long number: format the column as text and write the barcode anew"
    } else {
        "is no barcode: 4 to 32 digits or letters"
    };
    problems.add("barcode", format!("{} {why}", quoted(said)));
    None
}

fn read_unit(problems: &mut Problems, said: &str) -> Unit {
    if said.chars().count() > UNIT_LENGTH_MAX || said.chars().any(char::is_control) {
        problems.add("unit", format!("{} is no unit: at most {UNIT_LENGTH_MAX} characters", quoted(said)));
        return Unit::Base;
    }
    Unit::of(said)
}

fn optional(problems: &mut Problems, field: &'static str, text: &str, bounds: &Bounds) -> Option<Decimal> {
    if text.trim().is_empty() { None } else { read_number(problems, field, text, bounds) }
}

/// Reads a number that is not below zero.
fn read_number(problems: &mut Problems, field: &'static str, text: &str, bounds: &Bounds) -> Option<Decimal> {
    let refusal = match number::read(text) {
        Ok(number) if number.is_sign_negative() && !number.is_zero() => {
            format!("{} is below zero: a list says what is there", quoted(text))
        }
        Ok(number) if number.trunc().to_string().len() > bounds.digits_max => {
            format!("{} has more than {} digits", quoted(text), bounds.digits_max)
        }
        Ok(number) if number.scale() > bounds.decimals_max => {
            format!("{} has more than {} decimals", quoted(text), bounds.decimals_max)
        }
        Ok(number) => return Some(number),
        Err(Misread::NotANumber) => format!("{} is not a number: write digits, such as 10 or 1.5", quoted(text)),
        Err(Misread::WithWord { number }) => {
            format!("{} is more than a number: write {number}, and the rest into a column of its own", quoted(text))
        }
        Err(Misread::Ambiguous { whole, fraction }) => {
            format!("{} may be {whole} or {fraction}: write which of them", quoted(text))
        }
    };
    problems.add(field, refusal);
    None
}

/// Takes away the currency in front of a price: `R 12,50`.
fn without_currency(text: &str) -> &str {
    let text = text.trim();
    ["ZAR", "R", "$", "€", "£"].iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(text)
}

fn quoted(text: &str) -> String {
    let text = text.trim();
    let mut short: String = text.chars().take(QUOTE_LENGTH_MAX).filter(|char| !char.is_control()).collect();
    if text.chars().count() > QUOTE_LENGTH_MAX {
        short.push('…');
    }
    format!("'{short}'")
}
