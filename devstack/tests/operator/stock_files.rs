//! `backroom stock import` and `export`: a shop's own list, wrong, right and twice, and the files that come out.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::stock::Shop;

fn put(shop: &Shop, name: &str, bytes: &[u8]) -> Result<String> {
    let path = shop.house.folder.path().join(name);
    std::fs::write(&path, bytes)?;
    Ok(name.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_list_is_told_by_line_and_column_and_the_right_one_is_taken_in_once() -> Result<()> {
    let shop = Shop::open().await?;
    let wrong = put(
        &shop,
        "wrong.csv",
        b"sep=;\r\nNaam;Hoeveelheid;Eenheid;Kleur\r\nSkroewe blou;ten;;blou\r\n\r\nMelk;1,5;kg;\r\nbrood;-2;;\r\n",
    )?;
    let right = put(&shop, "right.csv", b"Item;Qty;Unit;Cost;Low level;Colour\r\nCaf\xe9 beans;2,5;kg;R 120,00;1;brown\r\nscrews;7;;;;\r\nbread;10;;;;white\r\n")?;

    let told = shop.stock(&["import", &wrong, "--yes"]).await?;
    assert_eq!(told.code, 1, "{}", told.said());
    assert!(told.out.contains("line 3, column quantity: 'ten' is not a number"), "{}", told.out);
    assert!(told.out.contains("line 6, column quantity: '-2' is below zero"), "{}", told.out);
    assert!(told.err.contains("2 rows are wrong, and nothing was taken in"), "{}", told.err);
    let as_json = shop.stock(&["import", &wrong, "--yes", "--json"]).await?;
    assert_eq!((as_json.code, as_json.json()["rowErrors"].as_array().map(Vec::len)), (1, Some(2)));

    let dry = shop.done(&["import", &right, "--dry-run"]).await?;
    assert!(dry.contains("right.csv: 3 rows. First stock: it comes on top of what is there."), "{dry}");
    assert!(dry.contains("2 items are new, 3 rows change stock") && dry.contains("Not read: Colour"), "{dry}");
    assert!(dry.contains("Café beans") && dry.contains("nothing was stored"), "{dry}");
    assert_eq!(shop.on_hand("screws").await?, "50");
    let unasked = shop.stock(&["import", &right]).await?;
    assert!(unasked.code == 1 && unasked.err.contains("--yes"), "{}", unasked.said());

    let first = shop.done(&["import", &right, "--yes"]).await?;
    assert!(first.contains("Taken in: 3 rows, 2 new items"), "{first}");
    let again = shop.done(&["import", &right, "--yes"]).await?;
    assert!(again.starts_with("Already done: right.csv was taken in on 20"), "{again}");
    assert_eq!((shop.on_hand("screws").await?, shop.on_hand("café beans").await?), ("57".to_owned(), "2.5".to_owned()));
    // The operation of the list is one like any other.
    let operation = first.lines().find_map(|line| line.trim().strip_prefix("operation ")).context("it is told")?;
    shop.done(&["undo", operation]).await?;
    assert_eq!(shop.on_hand("screws").await?, "50");
    let counted = put(&shop, "counted.csv", b"item,counted\nscrews,44\n")?;
    let counted = shop.json(&["import", &counted, "--count", "--yes"]).await?;
    assert_eq!((&counted["changedRowCount"], &counted["replayed"]), (&1.into(), &false.into()), "{counted}");
    assert_eq!(shop.on_hand("screws").await?, "44");

    let headless = put(&shop, "headless.csv", b"bread,10\nmilk,4\n")?;
    let headless = shop.stock(&["import", &headless, "--yes"]).await?;
    assert!(headless.code == 1 && headless.err.contains("heads such as: item, quantity"), "{}", headless.said());
    assert!(shop.stock(&["import", "nowhere.csv"]).await?.err.contains("nowhere.csv"));
    shop.house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_to_a_file_is_read_back_from_it() -> Result<()> {
    let shop = Shop::open().await?;
    let list = put(&shop, "list.csv", b"item,quantity,barcode\n\"'=1+1 cola\",12,6001234567890\n-tea,3,\n")?;
    shop.done(&["import", &list, "--yes"]).await?;

    for name in ["stock.csv", "stock.xlsx"] {
        assert_eq!(shop.done(&["export", "--output", name]).await?, format!("Written: {name}\n"));
        let there = shop.stock(&["export", "--output", name]).await?;
        assert!(there.code == 1 && there.err.contains("--force"), "{}", there.said());
        shop.done(&["export", "--output", name, "--force"]).await?;
        // What was counted is what is there: nothing changes, nothing is new, and no row is wrong.
        let read = shop.json(&["import", name, "--count", "--dry-run"]).await?;
        assert_eq!((&read["rowCount"], &read["createdItemCount"]), (&3.into(), &0.into()), "{name}: {read}");
        assert_eq!(read["changedRowCount"], 0, "{name}: {read}");
    }

    shop.done(&["export", "--movements", "--output", "movements.csv"]).await?;
    let movements = std::fs::read_to_string(shop.house.folder.path().join("movements.csv"))?;
    let kinds: Vec<&str> = movements.lines().skip(1).filter_map(|line| line.split(',').nth(2)).collect();
    assert_eq!(kinds, ["receipt", "opening", "opening"], "{movements}");
    let of_one = ["stock", "export", "--movements", "--item", "=1+1 cola", "--output", "-"];
    let of_one = shop.house.backroom_with(&of_one, &[("BACKROOM_SHOP", shop.id.as_str())]).await?;
    assert_eq!((of_one.code, of_one.out.lines().count()), (0, 2), "{}", of_one.said());
    let told = shop.json(&["export"]).await?;
    let name = told["file"].as_str().context("a name")?;
    assert!(name.starts_with("stock-") && Path::new(name).extension().is_some_and(|extension| extension == "csv"));
    assert!(shop.house.folder.path().join(name).exists());
    shop.house.stack.stop().await
}
