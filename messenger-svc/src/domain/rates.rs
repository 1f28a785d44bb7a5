//! What messages cost: dated tables of rates, and a month added up with them.
//!
//! Rates change on the first day of a quarter. A new table is a new file beside the others, named for its date.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;

/// The tables, oldest first.
const FILES: &[&str] = &[include_str!("../../rates/2026-10-01.json")];
/// Currency of what costs nothing in a market without a rate.
const DEFAULT_CURRENCY: &str = "USD";

/// Rates that hold from a day on.
#[derive(Clone, Debug, Deserialize)]
pub struct RateTable {
    /// The first day.
    pub valid_from: Date,
    rates: Vec<RateRow>,
}

#[derive(Clone, Debug, Deserialize)]
struct RateRow {
    market: String,
    categories: Vec<String>,
    currency: String,
    amount: Decimal,
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// How much.
    pub value: Decimal,
    /// ISO 4217 code.
    pub currency: String,
}

/// Messages of one category, type and market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostRow {
    /// Meta's category.
    pub category: String,
    /// Meta's pricing type.
    pub pricing_type: String,
    /// ISO 3166 code of the country.
    pub market: Option<String>,
    /// How many arrived.
    pub count: i64,
    /// What one costs, where it is known.
    pub rate: Option<Amount>,
}

impl RateTable {
    /// Returns the table that holds in a month, given by its first day. `None`: it is older than all of them.
    pub fn of_month(month: Date) -> Option<Self> {
        let tables = FILES.iter().map(|file| serde_json::from_str::<Self>(file).expect("the tables are tested"));
        tables.filter(|table| table.valid_from <= month).max_by_key(|table| table.valid_from)
    }

    fn rate(&self, market: &str, category: &str) -> Option<Amount> {
        let row = self.rates.iter().find(|row| row.market == market && row.categories.iter().any(|c| c == category))?;
        Some(Amount { value: row.amount, currency: row.currency.clone() })
    }

    fn currency(&self, market: &str) -> Option<&str> {
        self.rates.iter().find(|row| row.market == market).map(|row| row.currency.as_str())
    }
}

/// Returns what one message costs. What is free is told by Meta's type and never counted; a rate that is not known is none.
pub fn rate_of(table: Option<&RateTable>, category: &str, pricing_type: &str, market: Option<&str>) -> Option<Amount> {
    if pricing_type.starts_with("free_") {
        let currency = table.zip(market).and_then(|(table, market)| table.currency(market));
        return Some(Amount { value: Decimal::ZERO, currency: currency.unwrap_or(DEFAULT_CURRENCY).to_owned() });
    }
    table?.rate(market?, category)
}

impl CostRow {
    /// Returns what all of them cost, where it is known.
    pub fn amount(&self) -> Option<Amount> {
        let rate = self.rate.as_ref()?;
        Some(Amount { value: rate.value * Decimal::from(self.count), currency: rate.currency.clone() })
    }
}

/// Puts the most expensive first, what is not known last; then the most frequent.
pub fn sort(rows: &mut [CostRow]) {
    rows.sort_by(|a, b| {
        let key = |row: &CostRow| (row.amount().map(|amount| amount.value), row.count);
        key(b)
            .cmp(&key(a))
            .then_with(|| (&a.category, &a.pricing_type, &a.market).cmp(&(&b.category, &b.pricing_type, &b.market)))
    });
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn amount(value: &str, currency: &str) -> Amount {
        Amount { value: value.parse().unwrap(), currency: currency.to_owned() }
    }

    #[test]
    fn every_file_of_rates_is_used_and_well_formed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rates");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect();
        files.sort();
        let mut used: Vec<&str> = FILES.to_vec();
        used.sort_unstable();
        assert_eq!(files, used);
        for file in FILES {
            let table: RateTable = serde_json::from_str(file).unwrap();
            assert!(table.valid_from.day() == 1 && [1, 4, 7, 10].contains(&table.valid_from.month()));
            for (i, row) in table.rates.iter().enumerate() {
                assert!(row.market.len() == 2 && row.currency.len() == 3 && row.amount > Decimal::ZERO);
                let is_twice = |other: &RateRow| {
                    other.market == row.market
                        && other.categories.iter().any(|category| row.categories.contains(category))
                };
                assert!(!table.rates[..i].iter().any(is_twice), "{row:?}");
            }
        }
    }

    #[test]
    fn table_of_a_month_is_the_newest_that_holds_then() {
        assert!(RateTable::of_month(date(2026, 9, 1)).is_none());
        assert_eq!(RateTable::of_month(date(2026, 10, 1)).unwrap().valid_from, date(2026, 10, 1));
        assert_eq!(RateTable::of_month(date(2026, 11, 1)).unwrap().valid_from, date(2026, 10, 1));
    }

    #[test]
    fn what_is_free_is_told_by_its_type_and_what_is_not_known_is_left_out() {
        let table = RateTable::of_month(date(2026, 11, 1));
        let rate = |category: &str, kind: &str, market: Option<&str>| rate_of(table.as_ref(), category, kind, market);

        assert_eq!(rate("service", "regular", Some("IN")), Some(amount("0.115", "INR")));
        assert_eq!(rate("marketing", "regular", Some("IN")), Some(amount("0.8631", "INR")));
        assert_eq!(rate("service", "free_customer_service", Some("IN")), Some(amount("0", "INR")));
        assert_eq!(rate("service", "free_entry_point", Some("ZA")), Some(amount("0", "USD")));
        assert_eq!(rate("service", "regular", Some("ZA")), None);
        assert_eq!(rate("authentication", "regular", Some("IN")), None);
        assert_eq!(rate("service", "regular", None), None);
        assert_eq!(rate_of(None, "service", "regular", Some("IN")), None);
    }

    #[test]
    fn most_expensive_comes_first_and_unknown_last() {
        let row = |category: &str, count: i64, rate: Option<&str>| CostRow {
            category: category.to_owned(),
            pricing_type: "regular".to_owned(),
            market: None,
            count,
            rate: rate.map(|rate| amount(rate, "USD")),
        };
        let mut rows =
            [row("a", 900, None), row("b", 10, Some("0.1")), row("c", 3, Some("2.5")), row("d", 1000, Some("0"))];

        sort(&mut rows);

        assert_eq!(rows.each_ref().map(|row| row.category.as_str()), ["c", "b", "d", "a"]);
        assert_eq!(rows[0].amount(), Some(amount("7.5", "USD")));
    }
}
