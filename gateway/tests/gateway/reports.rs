//! Reports, why a number is what it is, and what happened to an item in some days.

use jiff::ToSpan as _;
use platform::clock::Clock;
use proto::common::v1::{Decimal, Money};
use proto::inventory::v1::{self as ledger, MovementKind};

use crate::world::World;

const PHONE: &str = "27820000001";

fn number(value: &str) -> Decimal {
    Decimal { value: value.to_owned() }
}

fn amount(value: &str) -> Money {
    Money { amount: Some(number(value)), currency_code: "ZAR".to_owned() }
}

async fn shop() -> World {
    let world = World::start().await;
    {
        let mut state = world.inventory.state();
        state.shelf.put("bread", 12);
        state.shelf.put("milk", 0);
    }
    world
}

fn sold_today() -> ledger::Report {
    let item = |id: &str| {
        Some(ledger::Item { item_id: id.to_owned(), display_name: id.to_owned(), ..ledger::Item::default() })
    };
    ledger::Report {
        currency_code: "ZAR".to_owned(),
        kind_totals: vec![
            ledger::KindTotal {
                kind: MovementKind::Sale as i32,
                line_count: 5,
                item_count: 1,
                quantity: Some(number("7")),
                base_unit: "each".to_owned(),
                value: Some(amount("90.00")),
                unvalued_line_count: 2,
            },
            ledger::KindTotal { kind: MovementKind::Waste as i32, line_count: 1, ..ledger::KindTotal::default() },
        ],
        top_items: vec![ledger::ItemTotal {
            item: item("bread"),
            sold: Some(number("7")),
            sales_value: Some(amount("90.00")),
            ..ledger::ItemTotal::default()
        }],
        unpriced_line_count: 2,
        margin: Some(amount("30.00")),
        margin_line_count: 3,
        ..ledger::Report::default()
    }
}

async fn last(world: &World, wamid: &str, text: &str) -> String {
    world.say(PHONE, wamid, text).await.pop().unwrap()
}

/// Takes the first line off, which holds the day on which the test runs.
fn below(text: &str) -> &str {
    text.split_once('\n').unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_says_what_happened_what_is_low_and_what_has_no_price() {
    let world = shop().await;
    world.inventory.state().told.report = sold_today();

    let text = last(&world, "wamid.1", "report today").await;

    assert!(text.starts_with("📊 Today "), "{text}");
    let lines = "Sold 7 · R90.00\nLost 1 line\nBest: bread 7\nLow: milk 0\nProfit R30.00 on 3 lines\n\
                 2 lines have no price: they are not in the money.";
    assert_eq!(below(&text), lines);
    let earlier = last(&world, "wamid.2", "report last_month").await;
    assert!(!earlier.contains("Low:"), "what is low is so today: {earlier}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_of_a_report_are_those_of_the_shop() {
    let world = shop().await;
    let zone = jiff::tz::TimeZone::get("Africa/Johannesburg").unwrap();
    let day = || Clock::system().now().to_zoned(zone.clone()).date();

    let (before, _) = (day(), last(&world, "wamid.1", "report yesterday").await);
    let (_, after) = (last(&world, "wamid.2", "report 31_february").await, day());

    let asked = world.inventory.state().told.days.clone();
    assert_eq!(asked.len(), 1, "of a day that there is not, nobody asked the ledger");
    // Midnight may pass while it is asked.
    let yesterday = [before, after].map(|day| day.checked_sub(1.day()).unwrap().to_string());
    assert!(yesterday.contains(&asked[0].0) && asked[0].0 == asked[0].1, "{asked:?}");
    let unclear = world.answers(PHONE).pop().unwrap();
    assert_eq!(unclear, "❓ Of which days? Send it like \"report yesterday\" or \"sales this week\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sold_of_one_item_is_told_of_every_item_with_that_name() {
    let world = shop().await;
    world.inventory.state().told.report = sold_today();

    assert_eq!(below(&last(&world, "wamid.1", "sales today bread").await), "bread 7 · R90.00");
    assert_eq!(below(&last(&world, "wamid.2", "sales today milk").await), "No milk sold.");
    let unknown = last(&world, "wamid.3", "sales today gold").await;
    assert!(unknown.starts_with("📦 gold is not in your stock."), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_stock_cost_is_told_with_what_is_not_known() {
    let world = shop().await;

    assert!(last(&world, "wamid.1", "worth").await.starts_with("📦 Nothing in stock yet."));
    world.inventory.state().told.worth.unvalued_item_count = 2;
    assert!(last(&world, "wamid.2", "worth").await.starts_with("📦 I cannot tell what your stock is worth"));
    {
        let worth = &mut world.inventory.state().told.worth;
        (worth.stock_value, worth.valued_item_count) = (Some(amount("123.45")), 1);
    }
    let text = last(&world, "wamid.3", "worth").await;
    assert_eq!(text, "📦 Your stock cost R123.45\n2 items have no cost: they are not in it.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_explained_in_a_few_lines() {
    let world = shop().await;
    let movement = |id: i64, delta: &str, balance: &str| ledger::Movement {
        movement_id: id,
        kind: MovementKind::Sale as i32,
        delta: Some(number(delta)),
        balance_after: Some(number(balance)),
        // The first of August 2026, 09:05 in Johannesburg, and so many minutes.
        occur_time: Some(prost_types::Timestamp { seconds: 1_785_567_900 + id * 60, nanos: 0 }),
        ..ledger::Movement::default()
    };
    world.inventory.state().told.explanation = ledger::StockExplanation {
        item: Some(ledger::Item { display_name: "bread".to_owned(), ..ledger::Item::default() }),
        on_hand: Some(number("-3")),
        movements: vec![
            movement(1, "-5", "-1"),
            movement(2, "-1", "-2"),
            movement(3, "2", "0"),
            movement(4, "-1", "-1"),
            movement(5, "-2", "-3"),
        ],
        omitted_count: 2,
        below_zero: Some(movement(1, "-5", "-1")),
        ..ledger::StockExplanation::default()
    };

    let text = last(&world, "wamid.1", "why bread").await;

    let lines = "📦 bread −3\nNever counted.\n… 3 older\n1/8 09:07 −1 → −2 (sold)\n1/8 09:08 +2 → 0 (sold)\n\
                 1/8 09:09 −1 → −1 (sold)\n1/8 09:10 −2 → −3 (sold)\nBelow zero since 1/8 09:06\n\
                 Something was not written down. When you can, send \"counted 0 bread\"";
    assert_eq!(text, lines);
    assert!(last(&world, "wamid.2", "why gold").await.starts_with("📦 gold is not in your stock."));
}
