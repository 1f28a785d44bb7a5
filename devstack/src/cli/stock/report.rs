//! `backroom stock report`: what a day, a week or some days were.

use anyhow::{Context as _, Result, bail};
use clap::Args;
use proto::inventory::v1 as pb;
use proto::inventory::v1::get_report_request::Period;

use super::call::Call;
use super::json::to_json;
use super::refusal::refused;
use super::table::{amount, money, names, number, numbers, plain, table, word, words};
use crate::cli::ui;

/// Sum up a day, a week or a range of days in the shop's time zone. Without a day: today.
#[derive(Args, Clone, Debug)]
pub(super) struct Report {
    /// The day, for example `2026-11-22`.
    #[arg(long, value_name = "DATE", conflicts_with_all = ["week", "first"])]
    day: Option<String>,
    /// The week, from Monday, in which this day is; `this` is the current one.
    #[arg(long, value_name = "DATE", conflicts_with = "first")]
    week: Option<String>,
    /// The first of some days.
    #[arg(long, value_name = "DATE", requires = "last")]
    first: Option<String>,
    /// The last of them; it is part of it.
    #[arg(long, value_name = "DATE", requires = "first")]
    last: Option<String>,
    /// How many of the top items, at most 50.
    #[arg(long, default_value_t = 5)]
    top: i32,
    #[command(flatten)]
    pub(super) call: Call,
}

impl Report {
    pub(super) async fn run(self) -> Result<()> {
        let period = match (self.day, self.week, self.first, self.last) {
            (Some(day), None, ..) => Period::Day(day),
            (None, Some(week), ..) => Period::Week(if week == "this" { String::new() } else { week }),
            (None, None, Some(first_day), Some(last_day)) => Period::Days(pb::DayRange { first_day, last_day }),
            (None, None, None, None) => Period::Day(String::new()),
            _ => bail!("one of --day, --week, or --first with --last"),
        };
        let mut ledger = self.call.open().await?;
        let asked = pb::GetReportRequest { shop_id: ledger.shop_id.clone(), period: Some(period), top_count: self.top };
        let answer = ledger.client.get_report(asked).await.map_err(refused)?.into_inner();
        if ledger.is_json {
            ui::say(format_args!("{:#}", to_json(&answer)?));
            return Ok(());
        }
        show(&answer.report.context("the answer holds a report")?);
        Ok(())
    }
}

fn show(report: &pb::Report) {
    let days = if report.first_day == report.last_day {
        report.first_day.clone()
    } else {
        format!("{} to {}", report.first_day, report.last_day)
    };
    ui::say(format_args!("{days}, {}\n", report.time_zone));
    if report.kind_totals.is_empty() {
        ui::say("Nothing happened.");
        return;
    }
    let kinds: Vec<[String; 5]> = report
        .kind_totals
        .iter()
        .map(|total| {
            [
                word(total.kind().as_str_name(), "MOVEMENT_KIND_"),
                total.line_count.to_string(),
                total.item_count.to_string(),
                amount(total.quantity.as_ref(), &total.base_unit),
                money(total.value.as_ref()),
            ]
        })
        .collect();
    let columns = [words("why"), numbers("lines"), numbers("items"), numbers("quantity"), numbers("value")];
    ui::say(table(&columns, &kinds));
    let items: Vec<[String; 5]> = report
        .top_items
        .iter()
        .map(|total| {
            let name = total.item.as_ref().map_or("", |item| item.display_name.as_str());
            [
                plain(name),
                number(total.sold.as_ref()),
                number(total.received.as_ref()),
                number(total.lost.as_ref()),
                money(total.sales_value.as_ref()),
            ]
        })
        .collect();
    if !items.is_empty() {
        let columns = [names("item"), numbers("sold"), numbers("received"), numbers("lost"), numbers("sold for")];
        ui::say(format_args!("\n{}", table(&columns, &items)));
    }
    ui::say("");
    if report.margin.is_some() {
        ui::say(format_args!("Margin     {} over {} lines", money(report.margin.as_ref()), report.margin_line_count));
    }
    ui::say(format_args!("No price   {} lines", report.unpriced_line_count));
}
