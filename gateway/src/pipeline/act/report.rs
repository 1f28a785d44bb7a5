//! Reports and the explanation of a number, asked of the ledger.

use futures::TryFutureExt as _;
use proto::common::v1::{Decimal as PbDecimal, Money};
use proto::inventory::v1::{
    DayRange, GetReportRequest, GetStockExplanationRequest, GetStockRequest, GetStockValueRequest, ItemTotal,
    KindTotal, ListLowStockRequest, StockExplanation, get_report_request,
};
use rust_decimal::Decimal;

use super::upkeep::{event, when};
use super::{decimal, reference};
use crate::conversation::{About, Days, Item, Report};
use crate::pipeline::Pipeline;
use crate::pipeline::failure::Failure;
use crate::pipeline::message::{Sender, time_zone};
use crate::reply::{Outcome, Reported, Sold, Told, Total, Upkept};

/// Items that a short report names.
const BEST_MAX: i32 = 5;
/// Items that a list of what was sold has.
const SOLD_MAX: i32 = 8;
/// Items that a report can be of, to look for one in.
const ALL_MAX: i32 = 50;
/// Items that run low that are asked for: three are named.
const LOW_MAX: i32 = 4;
/// Movements that an explanation shows.
const EVENTS_MAX: usize = 4;

/// Tells what happened in some days, or what the stock cost.
pub(super) async fn report(pipeline: &Pipeline, sender: &Sender, report: &Report) -> Result<Outcome, Failure> {
    match (&report.item, report.about) {
        (Some(item), _) => sold_of(pipeline, sender, item, report.days).await,
        (None, About::Worth) => worth(pipeline, sender).await,
        (None, _) => told(pipeline, sender, report).await,
    }
}

async fn told(pipeline: &Pipeline, sender: &Sender, report: &Report) -> Result<Outcome, Failure> {
    let top_count = if report.about == About::Everything { BEST_MAX } else { SOLD_MAX };
    let low = async {
        // What runs low does so now, whatever the days are.
        if report.about == About::Everything && report.days.ends_today() {
            low(pipeline, sender).await
        } else {
            Ok(Vec::new())
        }
    };
    let (found, low) = futures::try_join!(ask(pipeline, sender, report.days, top_count), low)?;
    let margin = found.margin.as_ref().map(|margin| (amount(Some(margin)), count(found.margin_line_count)));
    Ok(Outcome::Reported(Reported::Told(Told {
        about: report.about,
        days: report.days,
        totals: found.kind_totals.into_iter().map(total).collect(),
        best: found.top_items.into_iter().map(|item| sold(&item)).collect(),
        unpriced_count: count(found.unpriced_line_count),
        margin,
        low,
        currency: found.currency_code,
    })))
}

async fn ask(
    pipeline: &Pipeline,
    sender: &Sender,
    days: Days,
    top_count: i32,
) -> Result<proto::inventory::v1::Report, Failure> {
    let range = DayRange { first_day: days.first.to_string(), last_day: days.last.to_string() };
    let request = GetReportRequest {
        shop_id: sender.shop.shop_id.clone(),
        period: Some(get_report_request::Period::Days(range)),
        top_count,
    };
    let response = pipeline.services.inventory.clone().get_report(request).await.map_err(Failure::of("get report"))?;
    Ok(response.into_inner().report.unwrap_or_default())
}

/// Returns names and quantities of what runs low.
async fn low(pipeline: &Pipeline, sender: &Sender) -> Result<Vec<(String, Decimal)>, Failure> {
    let request =
        ListLowStockRequest { shop_id: sender.shop.shop_id.clone(), page_size: LOW_MAX, page_token: String::new() };
    let mut inventory = pipeline.services.inventory.clone();
    let response = inventory.list_low_stock(request).await.map_err(Failure::of("list low stock"))?.into_inner();
    let named = |level: proto::inventory::v1::StockLevel| {
        (level.item.unwrap_or_default().display_name, decimal(level.on_hand.as_ref()))
    };
    Ok(response.low_stock_levels.into_iter().map(named).collect())
}

/// A look shows everything that fits a name.
async fn sold_of(pipeline: &Pipeline, sender: &Sender, item: &Item, days: Days) -> Result<Outcome, Failure> {
    let request = GetStockRequest { shop_id: sender.shop.shop_id.clone(), item: Some(reference(item)), as_of: None };
    let mut inventory = pipeline.services.inventory.clone();
    let stock = inventory.get_stock(request).map_err(Failure::of("get stock"));
    let (stock, found) = futures::try_join!(stock, ask(pipeline, sender, days, ALL_MAX))?;
    let fits: Vec<String> = stock
        .into_inner()
        .candidates
        .into_iter()
        .filter_map(|candidate| candidate.item.map(|item| item.item_id))
        .collect();
    if fits.is_empty() {
        return Ok(Outcome::Upkept(Upkept::NoSuchItem { said: item.said.clone() }));
    }
    let id_of = |total: &ItemTotal| total.item.as_ref().map(|item| item.item_id.clone()).unwrap_or_default();
    let is_full = i32::try_from(found.top_items.len()).is_ok_and(|count| count >= ALL_MAX);
    let items: Vec<Sold> = found.top_items.iter().filter(|total| fits.contains(&id_of(total))).map(sold).collect();
    // A report that is full may have left one out.
    let is_open = is_full && items.len() < fits.len();
    let (said, currency) = (item.said.clone(), found.currency_code);
    Ok(Outcome::Reported(Reported::SoldOf { said, days, currency, items, is_open }))
}

async fn worth(pipeline: &Pipeline, sender: &Sender) -> Result<Outcome, Failure> {
    let request = GetStockValueRequest { shop_id: sender.shop.shop_id.clone() };
    let mut inventory = pipeline.services.inventory.clone();
    let found = inventory.get_stock_value(request).await.map_err(Failure::of("get stock value"))?.into_inner();
    Ok(Outcome::Reported(Reported::Worth {
        currency: found.stock_value.as_ref().map(|money| money.currency_code.clone()).unwrap_or_default(),
        value: found.stock_value.as_ref().map(|money| amount(Some(money))),
        valued_count: count(found.valued_item_count),
        unvalued_count: count(found.unvalued_item_count),
    }))
}

/// Tells how the number of an item came about.
pub(super) async fn explain(pipeline: &Pipeline, sender: &Sender, item: &Item) -> Result<Outcome, Failure> {
    let request = GetStockExplanationRequest {
        shop_id: sender.shop.shop_id.clone(),
        item: Some(reference(item)),
        location_id: String::new(),
    };
    let mut inventory = pipeline.services.inventory.clone();
    let response = inventory.get_stock_explanation(request).await.map_err(Failure::of("explain stock"))?.into_inner();
    let StockExplanation { item, on_hand, last_count, movements, omitted_count, below_zero, .. } =
        response.stock_explanation.unwrap_or_default();
    let item = item.unwrap_or_default();
    let zone = time_zone(sender);
    let hidden_count = movements.len().saturating_sub(EVENTS_MAX);
    let counted = last_count
        .map(|count| (when(count.occur_time, &zone), count.member_name.clone(), decimal(count.counted.as_ref())));
    let shown = &movements[hidden_count..];
    // What is shown tells it by itself.
    let is_shown = |id: i64| shown.iter().any(|movement| movement.movement_id == id);
    let below = below_zero.filter(|below| !is_shown(below.movement_id)).map(|below| event(&below, &zone));
    Ok(Outcome::Reported(Reported::Explained {
        name: item.display_name,
        on_hand: decimal(on_hand.as_ref()),
        base_unit: item.base_unit,
        counted,
        events: shown.iter().map(|movement| event(movement, &zone)).collect(),
        omitted_count: hidden_count + count(omitted_count),
        below,
    }))
}

fn total(total: KindTotal) -> Total {
    Total {
        kind: total.kind,
        line_count: count(total.line_count),
        amount: total.quantity.as_ref().map(|quantity| (decimal(Some(quantity)), total.base_unit)),
        value: total.value.as_ref().map(|value| amount(Some(value))),
        unvalued_count: count(total.unvalued_line_count),
    }
}

fn sold(total: &ItemTotal) -> Sold {
    let item = total.item.clone().unwrap_or_default();
    Sold {
        name: item.display_name,
        amount: decimal(total.sold.as_ref()),
        base_unit: item.base_unit,
        value: total.sales_value.as_ref().map(|value| amount(Some(value))),
    }
}

fn amount(money: Option<&Money>) -> Decimal {
    decimal(money.and_then(|money| money.amount.as_ref()) as Option<&PbDecimal>)
}

fn count(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default()
}
