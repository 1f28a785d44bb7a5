//! `GetReport` and `GetStockValue`: what happened in some days, and what all that is on hand cost.

use jiff::civil::Date;
use proto::inventory::v1 as pb;
use proto::inventory::v1::get_report_request::Period as Wanted;

use super::fields::Fields;
use super::{Inventory, answers};
use crate::error::Error;
use crate::store::{ItemTotalRow, KindRow, Period};

/// Days a report may be of.
const DAYS_MAX: i32 = 366;

pub(super) async fn get_report(
    inventory: &Inventory,
    request: pb::GetReportRequest,
) -> Result<pb::GetReportResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let period = period(&mut fields, request.period);
    let top_count = match request.top_count {
        0 => 5,
        1.. => request.top_count.min(50),
        _ => {
            fields.refuse("top_count", "must not be negative");
            0
        }
    };
    fields.finish()?;

    let row = inventory.store.report(shop_id, period, top_count, inventory.clock.now()).await?;

    let currency = row.currency;
    let report = pb::Report {
        first_day: row.first_day,
        last_day: row.last_day,
        start_time: Some(answers::timestamp(row.starts_at)),
        end_time: Some(answers::timestamp(row.ends_at)),
        time_zone: row.time_zone,
        kind_totals: row.kinds.into_iter().map(|kind| kind_total(kind, &currency)).collect::<Result<_, _>>()?,
        top_items: row.top_items.into_iter().map(|item| item_total(item, &currency)).collect(),
        unpriced_line_count: row.unpriced_line_count,
        margin: row.margin.map(|margin| answers::money(margin, &currency)),
        margin_line_count: row.margin_line_count,
        currency_code: currency,
    };
    Ok(pb::GetReportResponse { report: Some(report) })
}

pub(super) async fn get_stock_value(
    inventory: &Inventory,
    request: pb::GetStockValueRequest,
) -> Result<pb::GetStockValueResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    fields.finish()?;

    let Some(row) = inventory.store.stock_value(shop_id).await? else {
        return Ok(pb::GetStockValueResponse::default());
    };

    Ok(pb::GetStockValueResponse {
        stock_value: row.value.map(|value| answers::money(value, &row.currency)),
        valued_item_count: row.valued_item_count,
        unvalued_item_count: row.unvalued_item_count,
    })
}

fn period(fields: &mut Fields, wanted: Option<Wanted>) -> Period {
    match wanted {
        Some(Wanted::Day(day)) => Period::Day(optional_day(fields, "day", &day)),
        Some(Wanted::Week(day)) => Period::Week(optional_day(fields, "week", &day)),
        Some(Wanted::Days(pb::DayRange { first_day, last_day })) => {
            let days = day(fields, "days.first_day", &first_day).zip(day(fields, "days.last_day", &last_day));
            let Some((first, last)) = days else { return Period::Day(None) };
            let length = first.until(last).map_or(DAYS_MAX, |span| span.get_days());
            if first > last {
                fields.refuse("days.last_day", "must not be before first_day");
            } else if length >= DAYS_MAX {
                fields.refuse("days.last_day", format!("must make at most {DAYS_MAX} days"));
            }
            Period::Days { first, last }
        }
        None => {
            fields.refuse("period", "must be day, week or days");
            Period::Day(None)
        }
    }
}

fn optional_day(fields: &mut Fields, field: &str, value: &str) -> Option<Date> {
    if value.is_empty() { None } else { day(fields, field, value) }
}

fn day(fields: &mut Fields, field: &str, value: &str) -> Option<Date> {
    // As it is written again: the reader takes more forms than one. Years of which anything can be known.
    let read = value.parse::<Date>().ok().filter(|day| day.to_string() == value && (1970..=9000).contains(&day.year()));
    if read.is_none() {
        fields.refuse(field, "must be a day like 2026-11-22");
    }
    read
}

fn kind_total(row: KindRow, currency: &str) -> Result<pb::KindTotal, Error> {
    Ok(pb::KindTotal {
        kind: answers::movement_kind(&row.kind, "a report")?.into(),
        line_count: row.line_count,
        item_count: row.item_count,
        quantity: row.quantity.map(answers::decimal),
        base_unit: row.base_unit,
        value: row.value.map(|value| answers::money(value, currency)),
        unvalued_line_count: row.unvalued_line_count,
    })
}

fn item_total(row: ItemTotalRow, currency: &str) -> pb::ItemTotal {
    pb::ItemTotal {
        item: Some(answers::item(row.item)),
        sold: Some(answers::decimal(row.sold)),
        received: Some(answers::decimal(row.received)),
        lost: Some(answers::decimal(row.lost)),
        sales_value: row.sales_value.map(|value| answers::money(value, currency)),
        margin: row.margin.map(|margin| answers::money(margin, currency)),
    }
}
