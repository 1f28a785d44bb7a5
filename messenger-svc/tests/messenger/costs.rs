//! What a month cost, from the receipts of what arrived.

use jiff::Timestamp;
use proto::messenger::v1 as pb;
use proto::messenger::v1::DeliveryState;
use tonic::Code;

use crate::world::{World, eventually, happened, receipt, text, user};

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn priced(receipt: pb::Receipt, category: &str, pricing_type: &str) -> pb::Receipt {
    let pricing = pb::Pricing {
        billable: pricing_type == "regular",
        pricing_model: "PMP".to_owned(),
        pricing_type: pricing_type.to_owned(),
        category: category.to_owned(),
    };
    pb::Receipt { pricing: Some(pricing), ..receipt }
}

/// Has a message accepted and returns WhatsApp's id of it.
async fn accepted(world: &World, request_id: &str, user_id: &str, phone: &str) -> String {
    let request = pb::SendMessageRequest { recipient: Some(user(user_id, phone)), ..text(request_id, phone, "hello") };
    let id = world.put(request).await;
    world.until(&id, DeliveryState::Accepted).await.whatsapp_message_id
}

async fn report(world: &World, month: &str, number: &str) -> pb::GetCostReportResponse {
    let request = pb::GetCostReportRequest { month: month.to_owned(), business_phone_number_id: number.to_owned() };
    world.client.clone().get_cost_report(request).await.unwrap().into_inner()
}

fn shown(report: &pb::GetCostReportResponse) -> Vec<String> {
    let money = |money: &Option<proto::common::v1::Money>| match money {
        Some(money) => format!("{} {}", money.amount.as_ref().unwrap().value, money.currency_code),
        None => "?".to_owned(),
    };
    let row = |row: &pb::CostRow| {
        let (rate, amount) = (money(&row.rate), money(&row.amount));
        format!("{} {} {} {}x {rate} = {amount}", row.category, row.pricing_type, row.market, row.message_count)
    };
    report.rows.iter().map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn report_adds_up_what_arrived_in_the_month_by_category_type_and_market() {
    let world = World::start(&["--number-rate-per-second=10000"]).await;
    let november = at("2026-11-15T12:00:00Z");
    let plan = [
        ("", "919812345678", "delivered", "service", "regular"),
        ("", "919812345679", "read", "service", "regular"),
        ("IN.1349", "", "delivered", "service", "regular"),
        ("", "919812345670", "delivered", "service", "free_customer_service"),
        ("", "27820000000", "delivered", "utility", "regular"),
        ("US.1", "447700900000", "delivered", "utility", "regular"),
        ("", "919812345671", "sent", "service", "regular"),
        ("", "919812345672", "failed", "service", "regular"),
    ];
    for (i, (user_id, phone, status, category, pricing_type)) in plan.iter().enumerate() {
        let wamid = accepted(&world, &format!("r{i}"), user_id, phone).await;
        world.record(vec![priced(happened(receipt(&wamid, "sent", ""), november), category, pricing_type)]).await;
        world.record(vec![happened(receipt(&wamid, status, ""), november)]).await;
    }
    let unpriced = accepted(&world, "unpriced", "", "27820000002").await;
    world.record(vec![happened(receipt(&unpriced, "delivered", ""), november)]).await;
    let october = accepted(&world, "october", "", "919812345673").await;
    let before = at("2026-10-31T23:59:59Z");
    world.record(vec![priced(happened(receipt(&october, "delivered", ""), before), "service", "regular")]).await;

    let report_of_november = report(&world, "2026-11", "").await;

    assert_eq!(
        shown(&report_of_november),
        [
            "service regular IN 3x 0.115 INR = 0.345 INR",
            "utility regular GB 1x 0.0159 GBP = 0.0159 GBP",
            "service free_customer_service IN 1x 0 INR = 0 INR",
            "utility regular ZA 1x ? = ?",
        ]
    );
    assert_eq!((report_of_november.rates_valid_from.as_str(), report_of_november.unpriced_count), ("2026-10-01", 1));
    assert_eq!(shown(&report(&world, "2026-10", "").await), ["service regular IN 1x 0.115 INR = 0.115 INR"]);
    let of_another_number = report(&world, "2026-11", "999").await;
    assert!(of_another_number.rows.is_empty() && of_another_number.unpriced_count == 0);
    assert_eq!(report(&world, "2026-09", "").await.rates_valid_from, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn message_counts_once_however_often_and_in_whatever_order_its_receipts_come() {
    let world = World::start(&[]).await;
    let wamid = accepted(&world, "r1", "", "919812345678").await;
    let read = happened(receipt(&wamid, "read", ""), at("2026-11-01T00:00:01Z"));
    let delivered = happened(receipt(&wamid, "delivered", ""), at("2026-10-31T23:59:59Z"));

    for receipt in [&read, &delivered, &read, &delivered] {
        world.record(vec![priced(receipt.clone(), "service", "regular")]).await;
    }

    assert!(report(&world, "2026-11", "").await.rows.is_empty());
    assert_eq!(shown(&report(&world, "2026-10", "").await), ["service regular IN 1x 0.115 INR = 0.115 INR"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_version_recorded_is_filled_in() {
    let world = World::start(&[]).await;
    let wamid = accepted(&world, "r1", "", "919812345678").await;
    let november = at("2026-11-15T12:00:00Z");
    world.record(vec![priced(happened(receipt(&wamid, "delivered", ""), november), "service", "regular")]).await;
    sqlx::query("UPDATE message SET delivered_month = NULL, price_category = NULL, price_type = NULL, market = NULL")
        .execute(&world.pool)
        .await
        .unwrap();

    // The clean-up of a replica that starts now.
    let other = world.replica(&[]).await;

    eventually("it is filled in", || async {
        let rows = shown(&report(&other, "2026-11", "").await);
        (rows == ["service regular IN 1x 0.115 INR = 0.115 INR"]).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn month_is_a_year_and_a_month() {
    let world = World::start(&[]).await;
    for month in ["", "2026", "2026-13", "2026-1", "2026-11-01", "11-2026", "next one"] {
        let request = pb::GetCostReportRequest { month: month.to_owned(), business_phone_number_id: String::new() };
        let status = world.client.clone().get_cost_report(request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{month}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_kept_for_400_days_and_then_go_with_their_history() {
    let world = World::start_frozen(&[]).await;
    let old = accepted(&world, "old", "", "27820000001").await;
    world.record(vec![receipt(&old, "delivered", "")]).await;
    world.clock.advance(jiff::SignedDuration::from_hours(24 * 400 + 1));
    let young = accepted(&world, "young", "", "27820000002").await;
    world.record(vec![receipt(&young, "delivered", "")]).await;

    let other = world.replica(&[]).await;

    eventually("the old one is gone", || async {
        let requests: Vec<String> =
            sqlx::query_scalar("SELECT request_id FROM message").fetch_all(&other.pool).await.unwrap();
        (requests == ["young"]).then_some(())
    })
    .await;
    let events: i64 = sqlx::query_scalar("SELECT count(*) FROM delivery_event").fetch_one(&world.pool).await.unwrap();
    assert_eq!(events, 2);
}
