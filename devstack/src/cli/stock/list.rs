//! `backroom stock list` and `low`: what a shop has, and what it is short of.

use anyhow::Result;
use clap::Args;
use jiff::Timestamp;
use proto::inventory::v1 as pb;

use super::call::Call;
use super::json::to_json;
use super::refusal::refused;
use super::table::{minute, names, number, numbers, plain, table, wire_time, words};
use crate::cli::ui;

/// What the ledger gives at most at once.
const PAGE_SIZE: i32 = 200;

/// List what is on hand of each item, by name.
#[derive(Args, Clone, Debug)]
pub(super) struct List {
    /// What was there at this time, by all that is known today. Without it: now.
    #[arg(long, value_name = "TIME")]
    as_of: Option<Timestamp>,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    pub(super) call: Call,
}

/// List what is at its low level or below, by name.
#[derive(Args, Clone, Debug)]
pub(super) struct Low {
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    pub(super) call: Call,
}

#[derive(Args, Clone, Debug)]
struct Page {
    /// How many at most. Without it: all.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Print the ids as well, each below its item.
    #[arg(long)]
    ids: bool,
}

impl List {
    pub(super) async fn run(self) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let mut asked = pb::ListStockRequest {
            shop_id: ledger.shop_id.clone(),
            as_of: self.as_of.map(occurred_by),
            ..Default::default()
        };
        let mut all = pb::ListStockResponse::default();
        loop {
            asked.page_size = self.page.next(all.stock_levels.len());
            asked.page_token = std::mem::take(&mut all.next_page_token);
            let answer = ledger.client.list_stock(asked.clone()).await.map_err(refused)?.into_inner();
            all.stock_levels.extend(answer.stock_levels);
            all.next_page_token = answer.next_page_token;
            if self.page.is_over(all.stock_levels.len(), &all.next_page_token) {
                break;
            }
        }
        if ledger.is_json {
            ui::say(format_args!("{:#}", to_json(&all)?));
        } else {
            self.page.show(&all.stock_levels, "The shop has no items.", !all.next_page_token.is_empty());
        }
        Ok(())
    }
}

impl Low {
    pub(super) async fn run(self) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let mut asked = pb::ListLowStockRequest { shop_id: ledger.shop_id.clone(), ..Default::default() };
        let mut all = pb::ListLowStockResponse::default();
        loop {
            asked.page_size = self.page.next(all.low_stock_levels.len());
            asked.page_token = std::mem::take(&mut all.next_page_token);
            let answer = ledger.client.list_low_stock(asked.clone()).await.map_err(refused)?.into_inner();
            all.low_stock_levels.extend(answer.low_stock_levels);
            all.next_page_token = answer.next_page_token;
            if self.page.is_over(all.low_stock_levels.len(), &all.next_page_token) {
                break;
            }
        }
        if ledger.is_json {
            ui::say(format_args!("{:#}", to_json(&all)?));
        } else {
            self.page.show(&all.low_stock_levels, "Nothing is low.", !all.next_page_token.is_empty());
        }
        Ok(())
    }
}

/// Returns the moment by when it happened, whenever it was heard of.
fn occurred_by(time: Timestamp) -> pb::PastMoment {
    pb::PastMoment { moment: Some(pb::past_moment::Moment::OccurTime(wire_time(time))) }
}

impl Page {
    /// Returns how many to ask for next.
    fn next(&self, count: usize) -> i32 {
        let wanted = self.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        i32::try_from(wanted.saturating_sub(count)).map_or(PAGE_SIZE, |rest| rest.min(PAGE_SIZE))
    }

    fn is_over(&self, count: usize, next_page_token: &str) -> bool {
        next_page_token.is_empty() || self.next(count) == 0
    }

    fn show(&self, levels: &[pb::StockLevel], when_empty: &str, has_more: bool) {
        if levels.is_empty() {
            ui::say(when_empty);
            return;
        }
        let rows: Vec<[String; 5]> = levels
            .iter()
            .map(|level| {
                let item = level.item.clone().unwrap_or_default();
                [
                    plain(&item.display_name),
                    number(level.on_hand.as_ref()),
                    plain(&item.base_unit),
                    number(item.low_level.as_ref()),
                    minute(level.change_time.as_ref()),
                ]
            })
            .collect();
        let columns = [names("item"), numbers("on hand"), words("unit"), numbers("low at"), words("changed")];
        let laid_out = table(&columns, &rows);
        let ids = levels.iter().map(|level| level.item.as_ref().map_or("", |item| item.item_id.as_str()));
        for (line, id) in laid_out.lines().zip(std::iter::once("").chain(ids)) {
            ui::say(line);
            if self.ids && !id.is_empty() {
                ui::say(format_args!("  {id}"));
            }
        }
        if has_more {
            ui::say("There is more: raise --limit, or leave it away.");
        }
    }
}
