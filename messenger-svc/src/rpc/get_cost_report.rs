//! `GetCostReport`: sums up what the messages of one month cost, as Meta's receipts tell it.

use jiff::civil::Date;
use proto::common::v1 as common;
use proto::messenger::v1 as pb;

use super::{Messenger, parse};
use crate::domain::content::Violation;
use crate::domain::rates::{self, Amount, CostRow, RateTable};
use crate::error::Error;
use crate::store::costs;

pub(super) async fn get_cost_report(
    svc: &Messenger,
    request: pb::GetCostReportRequest,
) -> Result<pb::GetCostReportResponse, Error> {
    let mut found = Vec::new();
    let month = month(&mut found, &request.month);
    let phone_number_id = parse::phone_number_id(&mut found, &request.business_phone_number_id);
    let Some(month) = month.filter(|_| found.is_empty()) else { return Err(Error::Invalid(found)) };

    let sums = costs::sums(&svc.pool, month, phone_number_id.as_deref()).await?;
    let table = RateTable::of_month(month);
    let unpriced_count = sums.iter().filter(|sum| sum.priced.is_none()).map(|sum| sum.count).sum();
    let mut rows: Vec<CostRow> = sums
        .into_iter()
        .filter_map(|sum| {
            let (category, pricing_type) = sum.priced?;
            let rate = rates::rate_of(table.as_ref(), &category, &pricing_type, sum.market.as_deref());
            Some(CostRow { category, pricing_type, market: sum.market, count: sum.count, rate })
        })
        .collect();
    rates::sort(&mut rows);
    Ok(pb::GetCostReportResponse {
        rows: rows.into_iter().map(wire_row).collect(),
        rates_valid_from: table.map(|table| table.valid_from.to_string()).unwrap_or_default(),
        unpriced_count,
    })
}

fn month(found: &mut Vec<Violation>, text: &str) -> Option<Date> {
    let is_form = text.len() == 7 && text.as_bytes()[4] == b'-';
    let month = format!("{text}-01").parse::<Date>().ok().filter(|_| is_form);
    if month.is_none() {
        found.push(Violation::new("month", "must be a month like 2026-11"));
    }
    month
}

fn wire_row(row: CostRow) -> pb::CostRow {
    let amount = row.amount();
    pb::CostRow {
        category: row.category,
        pricing_type: row.pricing_type,
        market: row.market.unwrap_or_default(),
        message_count: row.count,
        rate: row.rate.map(wire_money),
        amount: amount.map(wire_money),
    }
}

fn wire_money(amount: Amount) -> common::Money {
    common::Money {
        amount: Some(common::Decimal { value: amount.value.normalize().to_string() }),
        currency_code: amount.currency,
    }
}
