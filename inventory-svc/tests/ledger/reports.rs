//! What was sold, received and lost in some days, and what all that is on hand cost.

use jiff::Timestamp;
use proto::common::v1::Money;
use proto::inventory::v1::get_report_request::Period;
use proto::inventory::v1::{self as pb, MovementKind};
use tonic::Status;

use crate::world::{Shop, World, add, change, count, decimal, reason, sell, text};

async fn report(shop: &Shop, period: Period) -> pb::Report {
    try_report(shop, Some(period)).await.expect("it can be asked")
}

async fn try_report(shop: &Shop, period: Option<Period>) -> Result<pb::Report, Status> {
    let request = pb::GetReportRequest { shop_id: shop.id.clone(), period, top_count: 0 };
    Ok(shop.client.clone().get_report(request).await?.into_inner().report.expect("there is always one"))
}

fn day(day: &str) -> Period {
    Period::Day(day.to_owned())
}

fn at_price(line: pb::OperationLine, price: &str, currency: &str) -> pb::OperationLine {
    let unit_price = Some(Money { amount: Some(decimal(price)), currency_code: currency.to_owned() });
    pb::OperationLine { unit_price, ..line }
}

fn money(value: Option<&Money>) -> String {
    value.map_or_else(String::new, |money| format!("{} {}", text(money.amount.as_ref()), money.currency_code))
}

/// Lines, items, quantity, unit, value and lines without one.
fn total(report: &pb::Report, kind: MovementKind) -> String {
    let Some(total) = report.kind_totals.iter().find(|total| total.kind() == kind) else { return "nothing".to_owned() };
    format!(
        "{} of {}: {} {}, {} ({} unknown)",
        total.line_count,
        total.item_count,
        text(total.quantity.as_ref()),
        total.base_unit,
        money(total.value.as_ref()),
        total.unvalued_line_count
    )
}

async fn post_at(shop: &Shop, request_id: &str, line: pb::OperationLine, at: &str) {
    let at: Timestamp = at.parse().expect("a literal");
    let occur_time = Some(prost_types::Timestamp { seconds: at.as_second(), nanos: 0 });
    let request = pb::PostOperationRequest { occur_time, backdated: true, ..shop.request(request_id, vec![line]) };
    shop.send(request).await.expect("it is posted");
}

#[tokio::test]
async fn a_day_tells_what_was_sold_received_and_lost() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![at_price(add("100", "bread"), "10", "ZAR"), add("5", "milk")]).await.unwrap();
    shop.post("2", vec![at_price(sell("4", "bread"), "15", "ZAR"), sell("2", "milk")]).await.unwrap();
    shop.post("3", vec![sell("6", "bread")]).await.unwrap();
    shop.post("4", vec![change(MovementKind::Waste, "3", "bread"), change(MovementKind::Theft, "1", "milk")])
        .await
        .unwrap();
    shop.post("5", vec![count("80", "bread")]).await.unwrap();

    let report = report(&shop, day("")).await;

    assert_eq!((report.first_day.as_str(), report.last_day.as_str()), ("2026-11-22", "2026-11-22"));
    assert_eq!((report.currency_code.as_str(), report.time_zone.as_str()), ("ZAR", "Africa/Johannesburg"));
    assert_eq!(total(&report, MovementKind::Receipt), "2 of 2: 105 each, 1000 ZAR (1 unknown)");
    assert_eq!(total(&report, MovementKind::Sale), "3 of 2: 12 each, 60 ZAR (2 unknown)");
    assert_eq!(total(&report, MovementKind::Waste), "1 of 1: 3 each, 30 ZAR (0 unknown)");
    assert_eq!(total(&report, MovementKind::Theft), "1 of 1: 1 each,  (1 unknown)");
    assert_eq!(total(&report, MovementKind::Count), "1 of 1: -7 each, -70 ZAR (0 unknown)");
    assert_eq!(total(&report, MovementKind::Gift), "nothing");
    assert_eq!(report.unpriced_line_count, 3);
    assert_eq!((money(report.margin.as_ref()), report.margin_line_count), ("20 ZAR".to_owned(), 1));
    let top: Vec<_> = report
        .top_items
        .iter()
        .map(|item| {
            let name = &item.item.as_ref().unwrap().display_name;
            let quantities = [&item.sold, &item.received, &item.lost].map(|quantity| text(quantity.as_ref()));
            format!(
                "{name} {} {} {}",
                quantities.join("/"),
                money(item.sales_value.as_ref()),
                money(item.margin.as_ref())
            )
        })
        .collect();
    assert_eq!(top, ["bread 10/100/3 60 ZAR 20 ZAR", "milk 2/5/1  "]);
    world.finish().await;
}

#[tokio::test]
async fn what_was_taken_back_or_corrected_nets_out_on_its_own_day() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![at_price(add("100", "bread"), "10", "ZAR")]).await.unwrap();
    shop.post("2", vec![at_price(sell("40", "bread"), "15", "ZAR")]).await.unwrap();
    world.pass(jiff::SignedDuration::from_hours(12)); // it is the next day
    let correction = pb::CorrectOperationRequest {
        shop_id: shop.id.clone(),
        request_id: "correct".to_owned(),
        source: pb::Source::Whatsapp.into(),
        member_id: shop.member_id.clone(),
        target: Some(pb::correct_operation_request::Target::Latest(pb::Latest {})),
        corrections: vec![pb::LineCorrection { line_number: 1, line: Some(at_price(sell("4", "bread"), "15", "ZAR")) }],
        dry_run: false,
    };
    shop.client.clone().correct_operation(correction).await.unwrap();
    shop.post("3", vec![sell("7", "bread")]).await.unwrap();
    let undo = shop.undo("undo").await.unwrap().operation.unwrap().operation_id;

    let corrected = report(&shop, day("2026-11-22")).await;
    let undone = report(&shop, day("2026-11-23")).await;
    shop.send_reversal(shop.reversal("redo", Some(&undo))).await.unwrap();
    let redone = report(&shop, day("2026-11-23")).await;

    assert_eq!(total(&corrected, MovementKind::Sale), "1 of 1: 4 each, 60 ZAR (0 unknown)");
    assert_eq!((money(corrected.margin.as_ref()), corrected.margin_line_count), ("20 ZAR".to_owned(), 1));
    assert!(undone.kind_totals.is_empty() && undone.top_items.is_empty());
    assert_eq!(undone.unpriced_line_count, 0);
    assert_eq!(total(&redone, MovementKind::Sale), "1 of 1: 7 each,  (1 unknown)");
    world.finish().await;
}

#[tokio::test]
async fn a_sale_half_an_hour_before_midnight_of_the_shop_is_that_days() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("100", "bread")]).await.unwrap();
    post_at(&shop, "late", sell("1", "bread"), "2026-11-20T21:30:00Z").await; // 23:30 in Johannesburg
    post_at(&shop, "midnight", sell("2", "bread"), "2026-11-20T22:00:00Z").await;
    post_at(&shop, "early", sell("4", "bread"), "2026-11-21T02:00:00Z").await;

    let friday = report(&shop, day("2026-11-20")).await;
    let saturday = report(&shop, day("2026-11-21")).await;

    assert_eq!(total(&friday, MovementKind::Sale), "1 of 1: 1 each,  (1 unknown)");
    assert_eq!(total(&saturday, MovementKind::Sale), "2 of 1: 6 each,  (2 unknown)");
    let start: Timestamp = "2026-11-19T22:00:00Z".parse().unwrap();
    assert_eq!(friday.start_time.unwrap().seconds, start.as_second());
    assert_eq!(friday.end_time, saturday.start_time);
    world.finish().await;
}

#[tokio::test]
async fn a_day_on_which_clocks_change_has_its_own_length() {
    let world = World::start().await;
    let shop = world.shop().await;
    world.execute("UPDATE shop SET time_zone = 'Europe/Berlin'").await;
    shop.post("1", vec![add("100", "bread")]).await.unwrap();
    post_at(&shop, "in", sell("1", "bread"), "2026-10-25T22:59:59Z").await;
    post_at(&shop, "out", sell("2", "bread"), "2026-10-25T23:00:00Z").await;

    let long = report(&shop, day("2026-10-25")).await;

    assert_eq!(long.end_time.unwrap().seconds - long.start_time.unwrap().seconds, 25 * 3600);
    assert_eq!(total(&long, MovementKind::Sale), "1 of 1: 1 each,  (1 unknown)");
    world.finish().await;
}

#[tokio::test]
async fn a_week_begins_on_monday_and_a_range_has_both_its_ends() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("100", "bread")]).await.unwrap(); // on Sunday, the 22nd
    post_at(&shop, "monday", sell("1", "bread"), "2026-11-16T08:00:00Z").await;
    post_at(&shop, "sunday", sell("2", "bread"), "2026-11-15T08:00:00Z").await;

    let this_week = report(&shop, Period::Week(String::new())).await;
    let that_week = report(&shop, Period::Week("2026-11-16".to_owned())).await;
    let range = pb::DayRange { first_day: "2026-11-15".to_owned(), last_day: "2026-11-16".to_owned() };
    let range = report(&shop, Period::Days(range)).await;

    assert_eq!((this_week.first_day.as_str(), this_week.last_day.as_str()), ("2026-11-16", "2026-11-22"));
    assert_eq!(this_week, that_week);
    assert_eq!(total(&this_week, MovementKind::Sale), "1 of 1: 1 each,  (1 unknown)");
    assert_eq!(total(&range, MovementKind::Sale), "2 of 1: 3 each,  (2 unknown)");
    world.finish().await;
}

#[tokio::test]
async fn quantities_of_several_units_are_not_added_and_foreign_prices_are_not_known() {
    let world = World::start().await;
    let shop = world.shop().await;
    let flour = crate::world::in_unit(add("2.5", "flour"), "kg", None);
    shop.post("1", vec![at_price(flour, "20", "ZAR"), at_price(add("3", "milk"), "2", "USD")]).await.unwrap();

    let report = report(&shop, day("")).await;

    assert_eq!(total(&report, MovementKind::Receipt), "2 of 2:  , 50 ZAR (1 unknown)");
    assert_eq!(report.unpriced_line_count, 1);
    world.finish().await;
}

#[tokio::test]
async fn periods_that_are_none_are_refused() {
    let world = World::start().await;
    let shop = world.shop().await;
    let range = |first: &str, last: &str| {
        Some(Period::Days(pb::DayRange { first_day: first.to_owned(), last_day: last.to_owned() }))
    };

    for period in [
        None,
        Some(day("yesterday")),
        Some(day("2026-02-30")),
        Some(day("20261122")),
        Some(day("2026-11-22T10:00:00")),
        Some(Period::Week("22.11.2026".to_owned())),
        range("", "2026-11-22"),
        range("2026-11-22", "2026-11-21"),
        range("2025-01-01", "2026-01-02"),
    ] {
        assert_eq!(reason(&try_report(&shop, period).await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    }
    assert!(try_report(&shop, range("2025-01-01", "2026-01-01")).await.is_ok());
    let nowhere = world.as_member("0190a000-0000-7000-8000-000000000000", &shop.member_id);
    assert_eq!(reason(&try_report(&nowhere, Some(day(""))).await.unwrap_err()), "ERROR_REASON_SHOP_NOT_FOUND");
    world.finish().await;
}

async fn level(shop: &Shop, name: &str) -> String {
    let request = pb::ListStockRequest { shop_id: shop.id.clone(), ..Default::default() };
    let levels = shop.client.clone().list_stock(request).await.expect("it can be listed").into_inner().stock_levels;
    let level = levels
        .into_iter()
        .find(|level| level.item.as_ref().is_some_and(|item| item.display_name == name))
        .expect("it is listed");
    let on_hand = text(level.on_hand.as_ref());
    format!("{on_hand} at {} = {}", money(level.unit_cost.as_ref()), money(level.stock_value.as_ref()))
}

#[tokio::test]
async fn the_cost_is_the_moving_average_and_below_zero_the_last_price() {
    let world = World::start().await;
    let shop = world.shop().await;
    let receive = |quantity: &str, price: &str| at_price(add(quantity, "bread"), price, "ZAR");
    shop.post("0", vec![add("1", "milk")]).await.unwrap();
    assert_eq!(level(&shop, "milk").await, "1 at  = ");

    shop.post("1", vec![receive("10", "10")]).await.unwrap();
    assert_eq!(level(&shop, "bread").await, "10 at 10 ZAR = 100 ZAR");
    shop.post("2", vec![receive("30", "14")]).await.unwrap();
    assert_eq!(level(&shop, "bread").await, "40 at 13 ZAR = 520 ZAR");
    shop.post("3", vec![at_price(sell("20", "bread"), "99", "ZAR")]).await.unwrap();
    assert_eq!(level(&shop, "bread").await, "20 at 13 ZAR = 260 ZAR");
    shop.post("4", vec![add("5", "bread")]).await.unwrap();
    assert_eq!(level(&shop, "bread").await, "25 at 13 ZAR = 325 ZAR");
    shop.post("5", vec![receive("25", "17")]).await.unwrap();
    assert_eq!(level(&shop, "bread").await, "50 at 15 ZAR = 750 ZAR");
    shop.undo("undo").await.unwrap();
    assert_eq!(level(&shop, "bread").await, "25 at 13 ZAR = 325 ZAR");
    shop.post("6", vec![sell("30", "bread")]).await.unwrap();
    assert_eq!(level(&shop, "bread").await, "-5 at 13 ZAR = 0 ZAR");
    shop.post("7", vec![receive("10", "20")]).await.unwrap();
    assert_eq!(level(&shop, "bread").await, "5 at 20 ZAR = 100 ZAR");
    shop.post("8", vec![at_price(add("5", "bread"), "1", "USD")]).await.unwrap();
    assert_eq!(level(&shop, "bread").await, "10 at 20 ZAR = 200 ZAR");

    world.finish().await;
}

#[tokio::test]
async fn all_that_is_on_hand_has_a_value_as_far_as_it_is_known() {
    let world = World::start().await;
    let (shop, empty) = (world.shop().await, world.shop().await);
    shop.post("1", vec![at_price(add("10", "bread"), "10", "ZAR"), at_price(add("4", "milk"), "2.5", "ZAR")])
        .await
        .unwrap();
    shop.post("2", vec![add("3", "eggs"), sell("6", "milk")]).await.unwrap();
    let ask = |shop: &Shop| pb::GetStockValueRequest { shop_id: shop.id.clone() };

    let value = shop.client.clone().get_stock_value(ask(&shop)).await.unwrap().into_inner();
    let nothing = shop.client.clone().get_stock_value(ask(&empty)).await.unwrap().into_inner();

    assert_eq!(money(value.stock_value.as_ref()), "100 ZAR");
    assert_eq!((value.valued_item_count, value.unvalued_item_count), (1, 1));
    assert_eq!(nothing, pb::GetStockValueResponse::default());
    world.finish().await;
}
