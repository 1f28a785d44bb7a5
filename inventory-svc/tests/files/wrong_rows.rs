//! What is wrong with a list is told by row and field, and nothing of it is taken in.

use proto::inventory::v1::{self as pb, StockImportMode, import_stock_request::Part};

use crate::world::{World, add, in_unit, reason};
use crate::{header, open_with, row, send_in, send_parts};

#[tokio::test]
async fn each_wrong_row_is_told_by_row_and_field_and_nothing_is_taken_in() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("1", "bread"), add("1", "milk"), in_unit(add("1", "flour"), "kg", None)]).await.unwrap();
    let barcode = |code: &str, row| pb::StockImportRow { barcode: code.to_owned(), ..row };
    let unit = |unit: &str, row| pb::StockImportRow { unit: unit.to_owned(), ..row };
    open_with(&shop, "before", &[barcode("6001", row(1, "bread", "0"))]).await.unwrap();
    let long = "x".repeat(201);
    let rows = [
        row(2, "good", "1"),
        row(3, "a", "ten"),
        row(4, "b", "12 boxes"),
        row(5, "c", "1,000"),
        row(6, "d", "-3"),
        row(7, "e", ""),
        row(8, "", "1"),
        row(9, &long, "1"),
        row(10, "!!!", "1"),
        row(11, "f", "1.2345"),
        row(12, "GOODS", "1"),
        row(13, "breads", "1"),
        row(14, "bread", "2"),
        barcode("12", row(15, "g", "1")),
        barcode("6.00123E+12", row(16, "h", "1")),
        barcode("6001", row(17, "milk", "1")),
        barcode("7777", row(18, "", "1")),
        barcode("8888", row(19, "i", "1")),
        barcode("8888", row(20, "j", "1")),
        unit("crate", row(21, "milk", "1")),
        row(22, "flour", "1.0005"),
        pb::StockImportRow { pack_size: "6".to_owned(), ..row(23, "k", "1") },
        pb::StockImportRow { unit_cost: "cheap".to_owned(), ..row(24, "l", "1") },
        pb::StockImportRow { low_level: "-1".to_owned(), ..row(25, "m", "1") },
        unit("dozen", row(26, "n", "0.3")),
        unit("half", pb::StockImportRow { pack_size: "0.5".to_owned(), ..row(27, "bread", "1") }),
        row(28, "o", "9999999999999999"),
    ];

    let answer = open_with(&shop, "list", &rows).await.unwrap();

    let told: Vec<String> = answer
        .row_errors
        .iter()
        .map(|error| format!("{} {}: {}", error.row_number, error.field, error.description))
        .collect();
    let expected = [
        "3 quantity: 'ten' is not a number: write digits, such as 10 or 1.5",
        "4 quantity: '12 boxes' is more than a number: write 12, and the rest into a column of its own",
        "5 quantity: '1,000' may be 1000 or 1.0: write which of them",
        "6 quantity: '-3' is below zero: a list says what is there",
        "7 quantity: is empty: write 0 when there is none",
        "8 name: is empty: write what the item is called, or its barcode",
        "9 name: has 201 characters: at most 200 are kept",
        "10 name: '!!!' holds no letter and no digit",
        "11 quantity: '1.2345' has more than 3 decimals",
        "12 name: is the same item as row 2: write it into one row",
        "14 name: 'bread' is the same item as row 13: write it into one row",
        "15 barcode: '12' is no barcode: 4 to 32 digits or letters",
        "16 barcode: '6.00123E+12' is what a spreadsheet makes of a long number: format the column as text and write the barcode anew",
        "17 barcode: is that of 'bread', and the name is that of 'milk': correct one of them",
        "17 name: 'bread' is the same item as row 13: write it into one row",
        "18 name: no item has this barcode yet: write what it is called",
        "20 barcode: is that of row 19 too: one barcode means one item",
        "21 unit: how many each one crate of 'milk' holds is not known: write it into pack_size",
        "22 quantity: '1.0005' has more than 3 decimals",
        "23 pack_size: says what a pack holds, and unit is empty: write the pack there, such as case",
        "24 unit_cost: 'cheap' is not a number: write digits, such as 10 or 1.5",
        "25 low_level: '-1' is below zero: a list says what is there",
        "27 name: 'bread' is the same item as row 13: write it into one row",
        "27 quantity: 0.5 each: 'bread' is kept in whole each",
        "28 quantity: '9999999999999999' has more than 15 digits",
    ];
    assert_eq!(told, expected);
    assert_eq!(answer.error_row_count, 23);
    assert!(answer.operation_ids.is_empty() && answer.created_item_count == 0);
    assert_eq!(shop.on_hand("bread").await, "1");
    assert!(shop.stock("good").await.candidates.is_empty());
    // Nothing was kept of it, so the list that was put right goes by the same name.
    assert!(open_with(&shop, "list", &rows[..1]).await.unwrap().row_errors.is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_wrong_rows_are_told_and_all_are_counted() {
    let world = World::start().await;
    let shop = world.shop().await;
    let wrong = |count| (1..=count).map(|number| row(number, &format!("thing {number}"), "x")).collect::<Vec<_>>();

    let all = open_with(&shop, "1", &wrong(1_000)).await.unwrap();
    let more = open_with(&shop, "2", &wrong(1_001)).await.unwrap();

    assert_eq!((all.row_errors.len(), all.error_row_count), (1_000, 1_000));
    assert_eq!((more.row_errors.len(), more.error_row_count), (1_000, 1_001));
    world.finish().await;
}

#[tokio::test]
async fn a_name_that_was_put_away_is_free_and_a_merged_one_means_the_other() {
    let world = World::start().await;
    let shop = world.shop().await;
    let tea = shop.line("1", add("5", "tea")).await.item.unwrap().item_id;
    let archive = pb::ArchiveItemRequest {
        shop_id: shop.id.clone(),
        request_id: "a".to_owned(),
        source: pb::Source::Grpc.into(),
        item_id: tea,
        ..Default::default()
    };
    shop.client.clone().archive_item(archive).await.unwrap();
    let cola = shop.line("2", add("5", "cola")).await.item.unwrap().item_id;
    let coke = shop.line("3", add("6", "zzz coke")).await.item.unwrap().item_id;
    let merge = pb::MergeItemsRequest {
        shop_id: shop.id.clone(),
        request_id: "m".to_owned(),
        source: pb::Source::Grpc.into(),
        item_id: cola,
        into_item_id: coke,
        ..Default::default()
    };
    shop.client.clone().merge_items(merge).await.unwrap();

    let answer = open_with(&shop, "list", &[row(1, "tea", "3"), row(2, "cola", "4")]).await.unwrap();

    assert!(answer.row_errors.is_empty() && answer.created_item_count == 1, "{answer:?}");
    assert_eq!((shop.on_hand("tea").await, shop.on_hand("zzz coke").await), ("3".to_owned(), "15".to_owned()));
    world.finish().await;
}

#[tokio::test]
async fn what_its_sender_got_wrong_is_refused() {
    let world = World::start().await;
    let shop = world.shop().await;
    let good = || header(&shop, "list", StockImportMode::Opening);
    let rows = |rows: Vec<pb::StockImportRow>| Part::Rows(pb::StockImportRows { rows });
    let many = |count| (1..=count).map(|number| row(number, &format!("thing {number}"), "0")).collect::<Vec<_>>();
    let refused = [
        ("no head", vec![rows(many(1))]),
        ("two heads", vec![Part::StockImport(good()), rows(many(1)), Part::StockImport(good())]),
        ("no rows", vec![Part::StockImport(good())]),
        ("1,001 rows at once", vec![Part::StockImport(good()), rows(many(1_001))]),
        ("a row twice", vec![Part::StockImport(good()), rows(many(2)), rows(vec![row(2, "x", "1")])]),
        ("row 0", vec![Part::StockImport(good()), rows(vec![row(0, "x", "1")])]),
        ("no mode", vec![Part::StockImport(pb::StockImport { mode: 0, ..good() }), rows(many(1))]),
        ("no request", vec![Part::StockImport(pb::StockImport { request_id: String::new(), ..good() }), rows(many(1))]),
        ("no source", vec![Part::StockImport(pb::StockImport { source: 0, ..good() }), rows(many(1))]),
    ];
    for (what, parts) in refused {
        let error = send_parts(&shop, parts).await.unwrap_err();
        assert_eq!(reason(&error), "ERROR_REASON_INVALID_FIELD", "{what}");
    }
    assert!(send_parts(&shop, vec![Part::StockImport(good()), rows(many(1_000))]).await.is_ok());

    let ahead = world.clock.now() + jiff::SignedDuration::from_hours(1);
    let ahead = Some(prost_types::Timestamp { seconds: ahead.as_second(), nanos: 0 });
    let ahead = pb::StockImport { occur_time: ahead, ..header(&shop, "ahead", StockImportMode::Opening) };
    assert_eq!(reason(&send_in(&shop, ahead, &many(1), 1).await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    world.finish().await;
}

#[tokio::test]
async fn a_list_is_for_owners_and_managers_of_this_shop_and_its_places() {
    let world = World::start().await;
    let (shop, elsewhere) = (world.shop().await, world.shop().await);
    for (role, allowed) in [("owner", true), ("manager", true), ("clerk", false), ("viewer", false)] {
        let member_id: uuid::Uuid = sqlx::query_scalar(
            "INSERT INTO member (shop_id, id, role, created_at) VALUES ($1::uuid, gen_random_uuid(), $2, now()) RETURNING id",
        )
        .bind(&shop.id)
        .bind(role)
        .fetch_one(&mut world.owner().await)
        .await
        .unwrap();
        let member = world.as_member(&shop.id, &member_id.to_string());
        match open_with(&member, role, &[row(1, "bread", "1")]).await {
            Ok(answer) => assert!(allowed && answer.row_errors.is_empty(), "{role}: {answer:?}"),
            Err(error) => assert!(!allowed && reason(&error) == "ERROR_REASON_ROLE_NOT_ALLOWED", "{role}: {error}"),
        }
    }
    assert_eq!(shop.on_hand("bread").await, "2");

    let stranger =
        pb::StockImport { member_id: elsewhere.member_id.clone(), ..header(&shop, "x", StockImportMode::Count) };
    let nowhere = "0190b2c4-0000-7000-8000-000000000000".to_owned();
    let place = pb::StockImport { location_id: nowhere.clone(), ..header(&shop, "x", StockImportMode::Count) };
    let no_shop = pb::StockImport { shop_id: nowhere, ..header(&shop, "x", StockImportMode::Count) };
    for (head, refusal) in [
        (stranger, "ERROR_REASON_MEMBER_NOT_FOUND"),
        (place, "ERROR_REASON_LOCATION_NOT_FOUND"),
        (no_shop, "ERROR_REASON_SHOP_NOT_FOUND"),
    ] {
        let error = send_in(&shop, head, &[row(1, "bread", "9")], 1).await.unwrap_err();
        assert_eq!(reason(&error), refusal);
    }
    // The same list in another shop is another list.
    assert!(!open_with(&elsewhere, "owner", &[row(1, "bread", "1")]).await.unwrap().replayed);
    let mut connection = world.service_role(&elsewhere.id).await;
    let seen: (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM stock_import), (SELECT count(*) FROM item_key WHERE key = 'bread')",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(seen, (1, 1));
    world.finish().await;
}

#[tokio::test]
async fn nothing_is_left_of_a_list_whose_sender_hung_up_and_a_crash_before_the_answer_imports_once() {
    let world = World::start().await;
    let shop = world.shop().await;
    let rows: Vec<_> = (1..=500).map(|number| row(number, &format!("thing {number}"), "2")).collect();
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let stream = futures::stream::unfold(receiver, |mut receiver| async { Some((receiver.recv().await?, receiver)) });
    let mut client = shop.client.clone();
    let call = tokio::spawn(async move { client.import_stock(stream).await });
    for part in [
        Part::StockImport(header(&shop, "list", StockImportMode::Opening)),
        Part::Rows(pb::StockImportRows { rows: rows.clone() }),
    ] {
        sender.send(pb::ImportStockRequest { part: Some(part) }).await.unwrap();
    }
    wait_for_rows(&world, 500).await;

    call.abort();

    wait_for_rows(&world, 0).await;
    // The answer of the first run never arrives; whoever sends the list again gets it.
    let mut client = shop.client.clone();
    let lost = tokio::spawn({
        let parts = [
            Part::StockImport(header(&shop, "list", StockImportMode::Opening)),
            Part::Rows(pb::StockImportRows { rows: rows.clone() }),
        ];
        let parts = parts.map(|part| pb::ImportStockRequest { part: Some(part) });
        async move { client.import_stock(futures::stream::iter(parts)).await }
    });
    wait_for_imports(&world).await;
    lost.abort();
    let again = open_with(&shop, "list", &rows).await.unwrap();
    assert!(again.replayed && again.created_item_count == 500, "{again:?}");
    assert_eq!(shop.on_hand("thing 500").await, "2");
    wait_for_rows(&world, 0).await;
    world.finish().await;
}

async fn wait_for_rows(world: &World, wanted: i64) {
    let mut owner = world.owner().await;
    for _ in 0..6_000 {
        let found: i64 = sqlx::query_scalar("SELECT count(*) FROM import_row").fetch_one(&mut owner).await.unwrap();
        if found == wanted {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("there are never {wanted} rows");
}

async fn wait_for_imports(world: &World) {
    let mut owner = world.owner().await;
    for _ in 0..6_000 {
        let found: i64 = sqlx::query_scalar("SELECT count(*) FROM stock_import").fetch_one(&mut owner).await.unwrap();
        if found > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the list is never taken in");
}
