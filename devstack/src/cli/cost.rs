//! `backroom cost`: what a month of messages costs, as Meta's receipts tell it.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use anyhow::Result;
use clap::Args;
use jiff::tz::TimeZone;
use platform::Process;
use proto::common::v1::Money;
use proto::messenger::v1 as pb;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{messenger, ui};

/// Sum up what the delivered messages of a month cost, by category, type and market.
#[derive(Args, Clone, Debug)]
pub(super) struct Cost {
    /// The month, for example `2026-11`, in UTC as Meta bills it; without it: the current one.
    #[arg(long, value_parser = month)]
    month: Option<String>,
    /// Only of this business number, as Meta's phone-number id.
    #[arg(long, value_name = "PHONE_NUMBER_ID")]
    number: Option<String>,
    /// Print JSON.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print comma-separated values.
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    at: messenger::At,
}

impl Cost {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let this_month = || process.clock.now().to_zoned(TimeZone::UTC).strftime("%Y-%m").to_string();
        let month = self.month.unwrap_or_else(this_month);
        let asked = pb::GetCostReportRequest {
            month: month.clone(),
            business_phone_number_id: self.number.unwrap_or_default(),
        };
        let answer = self.at.call()?.get_cost_report(asked).await;
        let report = answer.map_err(|status| messenger::refusal(&status))?.into_inner();
        if self.json {
            ui::say(format_args!("{:#}", as_json(&month, &report)));
        } else if self.csv {
            ui::say(as_csv(&report));
        } else {
            ui::say(as_table(&month, &report));
        }
        Ok(())
    }
}

fn month(text: &str) -> Result<String, String> {
    let is_month = text.len() == 7 && jiff::civil::Date::strptime("%Y-%m-%d", format!("{text}-01")).is_ok();
    if is_month { Ok(text.to_owned()) } else { Err("must be a month like 2026-11".to_owned()) }
}

/// An amount as it is shown: `0.0034 USD`.
fn shown(money: Option<&Money>) -> Option<String> {
    money.map(|money| format!("{} {}", value_of(money), money.currency_code))
}

fn value_of(money: &Money) -> &str {
    money.amount.as_ref().map_or("0", |amount| &amount.value)
}

/// Adds up what is known, by currency.
fn totals(report: &pb::GetCostReportResponse) -> BTreeMap<String, Decimal> {
    let mut totals = BTreeMap::new();
    for amount in report.rows.iter().filter_map(|row| row.amount.as_ref()) {
        if let Ok(value) = Decimal::from_str(value_of(amount)) {
            *totals.entry(amount.currency_code.clone()).or_insert(Decimal::ZERO) += value;
        }
    }
    totals
}

fn without_rate(report: &pb::GetCostReportResponse) -> i64 {
    report.rows.iter().filter(|row| row.rate.is_none()).map(|row| row.message_count).sum()
}

fn as_table(month: &str, report: &pb::GetCostReportResponse) -> String {
    let mut lines = vec![format!("Delivered messages of {month}, in UTC")];
    if report.rows.is_empty() {
        lines.push("None that a receipt named a price for.".to_owned());
    } else {
        let head = ["category", "type", "market", "messages", "rate", "amount"].map(str::to_owned);
        let rows = report.rows.iter().map(|row| {
            [
                row.category.clone(),
                row.pricing_type.clone(),
                if row.market.is_empty() { "?".to_owned() } else { row.market.clone() },
                row.message_count.to_string(),
                shown(row.rate.as_ref()).unwrap_or_else(|| "no rate known".to_owned()),
                shown(row.amount.as_ref()).unwrap_or_else(|| "-".to_owned()),
            ]
        });
        let rows: Vec<[String; 6]> = std::iter::once(head).chain(rows).collect();
        let widths: Vec<usize> =
            (0..6).map(|i| rows.iter().map(|row| row[i].chars().count()).max().unwrap_or(0)).collect();
        lines.push(String::new());
        for row in &rows {
            let cells =
                row.iter().zip(&widths).enumerate().map(|(i, (cell, width))| {
                    if i < 3 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                });
            lines.push(cells.collect::<Vec<_>>().join("  ").trim_end().to_owned());
        }
    }
    lines.push(String::new());
    for (currency, total) in totals(report) {
        lines.push(format!("Total      {total} {currency}"));
    }
    if without_rate(report) > 0 {
        lines.push(format!("No rate    {} messages: the total does not hold them", without_rate(report)));
    }
    if report.unpriced_count > 0 {
        lines.push(format!("No price   {} messages whose receipts named none", report.unpriced_count));
    }
    lines.push(if report.rates_valid_from.is_empty() {
        "Rates      none cover this month: only what is free has an amount".to_owned()
    } else {
        format!("Rates      as of {}", report.rates_valid_from)
    });
    lines.join("\n")
}

fn as_csv(report: &pb::GetCostReportResponse) -> String {
    let mut lines = vec!["category,type,market,messages,rate,amount,currency".to_owned()];
    lines.extend(report.rows.iter().map(|row| {
        let (rate, amount) = (row.rate.as_ref().map_or("", value_of), row.amount.as_ref().map_or("", value_of));
        let money = row.amount.as_ref().or(row.rate.as_ref());
        let currency = money.map_or("", |money| &money.currency_code);
        // Words of Meta's go in with quotes: they may come to hold anything.
        let cells =
            [&row.category, &row.pricing_type, &row.market].map(|text| format!("\"{}\"", text.replace('"', "\"\"")));
        format!("{},{},{rate},{amount},{currency}", cells.join(","), row.message_count)
    }));
    lines.join("\n")
}

fn as_json(month: &str, report: &pb::GetCostReportResponse) -> Value {
    let money =
        |money: Option<&Money>| money.map(|money| json!({"amount": value_of(money), "currency": money.currency_code}));
    let rows: Vec<Value> = report
        .rows
        .iter()
        .map(|row| {
            json!({"category": row.category, "type": row.pricing_type,
                   "market": (!row.market.is_empty()).then_some(&row.market), "messages": row.message_count,
                   "rate": money(row.rate.as_ref()), "amount": money(row.amount.as_ref())})
        })
        .collect();
    let totals: Vec<Value> = totals(report)
        .into_iter()
        .map(|(currency, total)| json!({"amount": total.to_string(), "currency": currency}))
        .collect();
    json!({
        "month": month,
        "rates_valid_from": (!report.rates_valid_from.is_empty()).then_some(&report.rates_valid_from),
        "rows": rows,
        "totals": totals,
        "messages_without_rate": without_rate(report),
        "messages_without_price": report.unpriced_count,
    })
}

#[cfg(test)]
mod tests {
    use proto::common::v1::Decimal as WireDecimal;

    use super::*;

    fn dollars(amount: &str) -> Money {
        let amount = Some(WireDecimal { value: amount.to_owned() });
        Money { amount, currency_code: "USD".to_owned() }
    }

    fn row(
        category: &str,
        kind: &str,
        market: &str,
        count: i64,
        rate: Option<Money>,
        amount: Option<Money>,
    ) -> pb::CostRow {
        pb::CostRow {
            category: category.to_owned(),
            pricing_type: kind.to_owned(),
            market: market.to_owned(),
            message_count: count,
            rate,
            amount,
        }
    }

    fn report() -> pb::GetCostReportResponse {
        pb::GetCostReportResponse {
            rows: vec![
                row("service", "regular", "ZA", 200, Some(dollars("0.0076")), Some(dollars("1.5200"))),
                row("utility", "regular", "XX", 3, None, None),
                row("service", "free_customer_service", "", 1000, Some(dollars("0")), Some(dollars("0"))),
            ],
            rates_valid_from: "2026-10-01".to_owned(),
            unpriced_count: 2,
        }
    }

    #[test]
    fn the_table_says_what_it_does_not_know() {
        let text = as_table("2026-11", &report());

        assert_eq!(
            text,
            "Delivered messages of 2026-11, in UTC\n\n\
             category  type                   market  messages           rate      amount\n\
             service   regular                ZA           200     0.0076 USD  1.5200 USD\n\
             utility   regular                XX             3  no rate known           -\n\
             service   free_customer_service  ?           1000          0 USD       0 USD\n\n\
             Total      1.5200 USD\n\
             No rate    3 messages: the total does not hold them\n\
             No price   2 messages whose receipts named none\n\
             Rates      as of 2026-10-01"
        );
    }

    #[test]
    fn csv_has_one_line_for_each_row() {
        assert_eq!(
            as_csv(&report()),
            "category,type,market,messages,rate,amount,currency\n\
             \"service\",\"regular\",\"ZA\",200,0.0076,1.5200,USD\n\
             \"utility\",\"regular\",\"XX\",3,,,\n\
             \"service\",\"free_customer_service\",\"\",1000,0,0,USD"
        );
    }

    #[test]
    fn only_months_are_months() {
        assert!(month("2026-11").is_ok());
        for text in ["2026-13", "2026-1", "2026-11-01", "november", ""] {
            assert!(month(text).is_err(), "{text}");
        }
    }
}
