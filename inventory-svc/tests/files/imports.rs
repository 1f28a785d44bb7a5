//! What comes of a list that is right: all of it, once.

use jiff::SignedDuration;
use proto::inventory::v1::{self as pb, StockImportMode};

use crate::world::{World, add, count, in_unit, reason, sell, text};
use crate::{count_with, header, open_with, row, send_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_rows_become_items_with_stock_names_levels_and_cost() {
    let world = World::start().await;
    let shop = world.shop().await;
    let rows: Vec<pb::StockImportRow> = (1..=2_000)
        .map(|number: i32| pb::StockImportRow {
            barcode: (6_001_000_000_000_u64 + u64::from(number.unsigned_abs())).to_string(),
            unit_cost: "R 12,50".to_owned(),
            low_level: "3".to_owned(),
            ..row(number, &format!("Product {number}"), &(number % 7).to_string())
        })
        .collect();

    let answer = open_with(&shop, "list", &rows).await.unwrap();

    assert!(answer.row_errors.is_empty() && !answer.replayed, "{answer:?}");
    assert_eq!((answer.row_count, answer.created_item_count), (2_000, 2_000));
    assert_eq!(answer.changed_row_count, i32::try_from(rows.iter().filter(|row| row.quantity != "0").count()).unwrap());
    assert_eq!(answer.operation_ids.len(), 2, "of at most a thousand lines each");
    assert_eq!(shop.on_hand("product 1999").await, "4");
    assert_eq!(shop.on_hand("6001000001999").await, "4");
    let stock = shop.stock("product 1999").await.candidates.remove(0);
    assert_eq!(text(stock.item.unwrap().low_level.as_ref()), "3");
    let total: (i64, String, String) =
        sqlx::query_as("SELECT count(*), trim_scale(sum(on_hand))::text, trim_scale(min(unit_cost))::text FROM stock")
            .fetch_one(&mut world.owner().await)
            .await
            .unwrap();
    let on_hand: i32 = (1..=2_000).map(|number| number % 7).sum();
    assert_eq!(total, (2_000, on_hand.to_string(), "12.5".to_owned()));
    assert!(shop.movements().await.iter().all(|movement| movement.kind() == pb::MovementKind::Opening));
    world.finish().await;
}

#[tokio::test]
async fn the_same_list_twice_is_taken_in_once_and_another_one_under_its_id_is_refused() {
    let world = World::start().await;
    let shop = world.shop().await;
    let rows = [row(2, "bread", "10"), row(3, "milk", "4")];

    let first = open_with(&shop, "sha256:1", &rows).await.unwrap();
    // In other parts, and a dry run of it: it is the same list.
    let again = send_in(&shop, header(&shop, "sha256:1", StockImportMode::Opening), &rows, 1).await.unwrap();
    let dry = pb::StockImport { dry_run: true, ..header(&shop, "sha256:1", StockImportMode::Opening) };
    let dry = send_in(&shop, dry, &rows, 1).await.unwrap();
    let other = open_with(&shop, "sha256:1", &[row(2, "bread", "11"), row(3, "milk", "4")]).await.unwrap_err();
    let counted = count_with(&shop, "sha256:1", &rows).await.unwrap_err();

    assert_eq!(again, pb::ImportStockResponse { replayed: true, ..first.clone() });
    assert_eq!(dry, again);
    assert_eq!(reason(&other), "ERROR_REASON_REQUEST_ID_REUSED");
    assert_eq!(reason(&counted), "ERROR_REASON_REQUEST_ID_REUSED");
    assert_eq!(shop.on_hand("bread").await, "10");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn equal_lists_at_once_are_taken_in_once() {
    let world = World::start().await;
    let shop = world.shop().await;
    let rows: Vec<_> = (1..=300).map(|number| row(number, &format!("thing {number}"), "2")).collect();

    let answers = futures::future::join_all((0..4).map(|_| open_with(&shop, "list", &rows))).await;

    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(answers.iter().all(|answer| answer.operation_ids == answers[0].operation_ids));
    assert_eq!(shop.on_hand("thing 300").await, "2");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_and_sales_of_the_same_items_at_once_lose_nothing() {
    let world = World::start().await;
    let shop = world.shop().await;
    let rows: Vec<_> = (1..=200).map(|number| row(number, &format!("thing {number}"), "5")).collect();
    open_with(&shop, "first", &rows).await.unwrap();
    let mut turned = rows.clone();
    turned.reverse();
    for (number, row) in (1..).zip(&mut turned) {
        row.row_number = number;
    }

    let lists = async { tokio::join!(open_with(&shop, "second", &rows), open_with(&shop, "third", &turned)) };
    let sales = async {
        for number in 1..=40 {
            shop.post(&format!("sale-{number}"), vec![sell("1", "thing 7"), sell("1", "thing 3")]).await.unwrap();
        }
    };
    let ((second, third), ()) = tokio::join!(lists, sales);

    assert_eq!((second.unwrap().changed_row_count, third.unwrap().changed_row_count), (200, 200));
    assert_eq!(shop.on_hand("thing 7").await, "-25");
    assert_eq!(shop.on_hand("thing 8").await, "15");
    world.finish().await;
}

#[tokio::test]
async fn a_name_an_alias_a_plural_or_a_barcode_finds_an_item_and_packs_and_measures_count() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("1", "egg"), in_unit(add("2", "flour"), "kg", None)]).await.unwrap();
    let rows = [
        pb::StockImportRow { unit: "trays".to_owned(), pack_size: "30".to_owned(), ..row(1, "EGGS", "2") },
        pb::StockImportRow { unit: "g".to_owned(), barcode: "600 1234-567890".to_owned(), ..row(2, "Flour", "500") },
        pb::StockImportRow { unit: "dozen".to_owned(), ..row(3, "buns", "1,5") },
        pb::StockImportRow { unit: "box".to_owned(), ..row(4, "A4 paper", "3") },
        pb::StockImportRow { unit: "kg".to_owned(), low_level: "0,5".to_owned(), ..row(5, "rice", "1 000,250") },
    ];

    let answer = open_with(&shop, "list", &rows).await.unwrap();
    let tray = shop.line("2", in_unit(add("1", "eggs"), "tray", None)).await;
    let by_barcode = pb::StockImportRow { barcode: "6001234567890".to_owned(), ..row(1, "another name", "1") };
    let by_barcode = open_with(&shop, "list-2", &[by_barcode]).await.unwrap();

    assert!(answer.row_errors.is_empty() && answer.created_item_count == 3, "{answer:?}");
    assert_eq!(text(tray.balance_after.as_ref()), "91");
    assert_eq!(by_barcode.created_item_count, 0);
    for (name, on_hand) in [("flour", "3.5"), ("bun", "18"), ("a4 paper", "3"), ("rice", "1000.25")] {
        assert_eq!(shop.on_hand(name).await, on_hand, "{name}");
    }
    world.finish().await;
}

#[tokio::test]
async fn a_counted_list_is_what_stock_is_afterwards_and_what_is_late_does_not_change_it() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("10", "bread"), add("5", "milk"), add("7", "eggs")]).await.unwrap();
    let seen_at = shop.now();
    world.pass(SignedDuration::from_hours(1));
    shop.post("2", vec![sell("2", "bread")]).await.unwrap();
    let seen = pb::StockImport {
        occur_time: Some(prost_types::Timestamp { seconds: seen_at.as_second(), nanos: seen_at.subsec_nanosecond() }),
        ..header(&shop, "count", StockImportMode::Count)
    };
    let rows = [row(1, "bread", "8"), row(2, "milk", "5"), row(3, "jam", "4"), row(4, "eggs", "0")];

    let answer = send_in(&shop, seen.clone(), &rows, 10).await.unwrap();

    assert_eq!((answer.created_item_count, answer.changed_row_count), (1, 3), "{answer:?}");
    for (name, on_hand) in [("bread", "6"), ("milk", "5"), ("jam", "4"), ("eggs", "0")] {
        assert_eq!(shop.on_hand(name).await, on_hand, "{name}");
    }
    let mut late = shop.request("late", vec![sell("3", "bread"), sell("1", "milk")]);
    let before = seen_at - SignedDuration::from_mins(5);
    late.occur_time = Some(prost_types::Timestamp { seconds: before.as_second(), nanos: 0 });
    shop.send(late).await.unwrap();
    assert_eq!((shop.on_hand("bread").await, shop.on_hand("milk").await), ("6".to_owned(), "5".to_owned()));
    // A list of before the count is history, and changes nothing either.
    let opening = pb::StockImport {
        occur_time: Some(prost_types::Timestamp { seconds: before.as_second(), nanos: 0 }),
        ..header(&shop, "opening", StockImportMode::Opening)
    };
    send_in(&shop, opening, &[row(1, "milk", "50"), row(2, "tea", "9")], 10).await.unwrap();
    assert_eq!((shop.on_hand("milk").await, shop.on_hand("tea").await), ("5".to_owned(), "9".to_owned()));
    world.finish().await;
}

#[tokio::test]
async fn a_counted_list_does_what_a_posted_count_does() {
    let world = World::start().await;
    let (posted, listed) = (world.shop().await, world.shop().await);
    for shop in [&posted, &listed] {
        shop.post("1", vec![add("10", "bread"), add("5", "milk")]).await.unwrap();
        shop.post("2", vec![count("4", "milk")]).await.unwrap();
    }

    posted.post("3", vec![count("7", "bread"), count("4", "milk")]).await.unwrap();
    count_with(&listed, "3", &[row(1, "bread", "7"), row(2, "milk", "4")]).await.unwrap();

    let told = |movement: &pb::Movement| {
        (
            movement.item_name.clone(),
            movement.kind,
            text(movement.delta.as_ref()),
            text(movement.balance_after.as_ref()),
        )
    };
    let mut both =
        [posted.movements().await, listed.movements().await].map(|all| all.iter().map(told).collect::<Vec<_>>());
    for all in &mut both {
        all.sort();
    }
    assert_eq!(both[0], both[1]);
    let counts: Vec<(String, String)> = sqlx::query_as(
        "SELECT counted::text, expected::text FROM count_line WHERE counted <> expected OR line = 2 ORDER BY 1, 2",
    )
    .fetch_all(&mut world.owner().await)
    .await
    .unwrap();
    assert_eq!(counts.iter().filter(|(counted, _)| counted == "7.000").count(), 2, "{counts:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_shop_that_refuses_less_than_nothing_is_told_which_row_would_leave_it() {
    let world = World::start().await;
    let shop = world.shop().await;
    world.execute("UPDATE shop SET shortage_policy = 'block'").await;
    shop.post("1", vec![add("10", "bread"), add("10", "milk")]).await.unwrap();
    let seen_at = shop.now();
    world.pass(SignedDuration::from_hours(1));
    shop.post("2", vec![sell("8", "bread"), sell("8", "milk")]).await.unwrap();
    let seen = |request_id| pb::StockImport {
        occur_time: Some(prost_types::Timestamp { seconds: seen_at.as_second(), nanos: seen_at.subsec_nanosecond() }),
        ..header(&shop, request_id, StockImportMode::Count)
    };

    let short = send_in(&shop, seen("short"), &[row(1, "milk", "8"), row(2, "bread", "7")], 10).await.unwrap();
    let enough = send_in(&shop, seen("enough"), &[row(1, "milk", "8"), row(2, "bread", "8")], 10).await.unwrap();

    assert_eq!((short.row_errors[0].row_number, short.error_row_count), (2, 1), "{short:?}");
    assert_eq!(short.row_errors[0].field, "quantity");
    assert!(enough.row_errors.is_empty(), "{enough:?}");
    assert_eq!((shop.on_hand("bread").await, shop.on_hand("milk").await), ("0".to_owned(), "0".to_owned()));
    world.finish().await;
}

#[tokio::test]
async fn an_operation_of_a_list_is_taken_back_like_any_other() {
    let world = World::start().await;
    let shop = world.shop().await;
    let answer = open_with(&shop, "list", &[row(1, "bread", "10"), row(2, "milk", "4")]).await.unwrap();
    shop.post("sale", vec![sell("1", "bread")]).await.unwrap();

    shop.send_reversal(shop.reversal("undo", Some(&answer.operation_ids[0]))).await.unwrap();

    assert_eq!((shop.on_hand("bread").await, shop.on_hand("milk").await), ("-1".to_owned(), "0".to_owned()));
    world.finish().await;
}

#[tokio::test]
async fn a_dry_run_says_what_would_happen_and_stores_nothing() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("10", "bread")]).await.unwrap();
    let dry = pb::StockImport { dry_run: true, ..header(&shop, "list", StockImportMode::Count) };

    let answer = send_in(&shop, dry, &[row(1, "bread", "10"), row(2, "milk", "4")], 10).await.unwrap();

    assert_eq!((answer.created_item_count, answer.changed_row_count), (1, 1), "{answer:?}");
    assert!(answer.operation_ids.is_empty() && !answer.replayed);
    let stored: (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM item), (SELECT count(*) FROM movement), (SELECT count(*) FROM stock_import)",
    )
    .fetch_one(&mut world.owner().await)
    .await
    .unwrap();
    assert_eq!(stored, (1, 1, 0));
    world.finish().await;
}

/// The list of the bar: `cargo test -p inventory-svc --test files -- --ignored --nocapture fifty_thousand`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes most of a minute"]
async fn fifty_thousand_rows_are_taken_in() {
    let world = World::start().await;
    let shop = world.shop().await;
    let rows = |wrong: &'static [i32]| {
        (1..=50_000).map(move |number: i32| pb::StockImportRow {
            barcode: (6_001_000_000_000_u64 + u64::from(number.unsigned_abs())).to_string(),
            unit_cost: "12.50".to_owned(),
            ..row(number, &format!("Product {number}"), if wrong.contains(&number) { "ten" } else { "7" })
        })
    };
    let send = async |request_id: &str, wrong: &'static [i32]| {
        let head = header(&shop, request_id, StockImportMode::Opening);
        let head = pb::import_stock_request::Part::StockImport(head);
        let parts = (0..50).map(move |part| {
            let rows = rows(wrong).skip(part * 1_000).take(1_000).collect();
            pb::import_stock_request::Part::Rows(pb::StockImportRows { rows })
        });
        let parts = std::iter::once(head).chain(parts).map(|part| pb::ImportStockRequest { part: Some(part) });
        shop.client.clone().import_stock(futures::stream::iter(parts)).await.unwrap().into_inner()
    };
    println!("peak memory before: {}", peak_memory());
    let began = std::time::Instant::now();
    let refused = send("wrong", &[17, 25_000, 49_999]).await;
    println!("three wrong rows: {:?}, peak memory {}", began.elapsed(), peak_memory());
    let wrong: Vec<_> = refused.row_errors.iter().map(|error| (error.row_number, error.field.as_str())).collect();
    assert_eq!(wrong, [(17, "quantity"), (25_000, "quantity"), (49_999, "quantity")]);
    assert!(shop.movements().await.is_empty());

    let began = std::time::Instant::now();
    let answer = send("list", &[]).await;
    println!("fifty thousand rows: {:?}, peak memory {}", began.elapsed(), peak_memory());
    assert_eq!((answer.created_item_count, answer.operation_ids.len()), (50_000, 50));
    let began = std::time::Instant::now();
    assert!(send("list", &[]).await.replayed);
    println!("again: {:?}, peak memory {}", began.elapsed(), peak_memory());
    assert_eq!(shop.on_hand("product 50000").await, "7");
    world.finish().await;
}

/// The most memory that this process, the service in it, ever had.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim().to_owned()
}
