//! `backroom stock` keeps items, places, people and the shop itself, puts right what was wrong, and tells what comes.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::stock::Shop;

impl Shop {
    /// Runs it and wants it to be refused; returns what was said.
    async fn refused(&self, arguments: &[&str]) -> Result<String> {
        let ran = self.stock(arguments).await?;
        assert_eq!(ran.code, 1, "{arguments:?}: {}", ran.said());
        Ok(ran.err)
    }

    async fn item_id(&self, name: &str) -> Result<String> {
        let shown = self.json(&["show", name]).await?;
        Ok(shown["candidates"][0]["item"]["itemId"].as_str().context("an id")?.to_owned())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_begins_goes_over_to_another_unit_and_comes_back() -> Result<()> {
    let shop = Shop::open().await?;
    let create = ["create", "eggs", "--unit", "case", "--level", "2", "--barcode", "6001234567890"];
    let create = [&create[..], &["--request-id", "c-1"]].concat();

    let created = shop.done(&create).await?;
    assert!(created.contains(" is kept in ") && created.contains("low at 2"), "{created}");
    assert_eq!(shop.done(&create).await?, created, "a repeat counts once");
    let id = shop.item_id("eggs").await?;
    assert!(created.contains(&id), "{created}");
    assert_eq!(shop.item_id("6001234567890").await?, id);
    let taken = shop.refused(&["create", "eggs"]).await?;
    assert!(taken.contains("ERROR_REASON_NAME_TAKEN") && taken.contains("choose another name"), "{taken}");

    shop.done(&["post", "receipt", "3", "eggs"]).await?;
    let unit = ["unit", &id, "each", "--factor", "12", "--request-id", "u-1"];
    assert_eq!(shop.done(&unit).await?, "Done: eggs is kept in each from now on: 36.\n");
    assert!(shop.done(&unit).await?.starts_with("Already done: eggs is kept in each"));
    assert_eq!(shop.on_hand("eggs").await?, "36");
    let shown = shop.done(&["show", "eggs"]).await?;
    assert!(shown.contains("barcode   6001234567890\n"), "{shown}");

    let id = shop.item_id("eggs").await?;
    shop.done(&["archive", "eggs"]).await?;
    let gone = shop.refused(&["unarchive", "eggs"]).await?;
    assert!(gone.contains("nothing in this shop is called \"eggs\""), "{gone}");
    let back = ["unarchive", &id, "--request-id", "b-1"];
    assert_eq!(shop.done(&back).await?, "eggs is in the lists again.\n");
    assert_eq!(shop.done(&back).await?, "eggs is in the lists again.\n");
    assert_eq!(shop.on_hand("eggs").await?, "36");
    shop.house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_is_kept_at_places_and_moved_between_them() -> Result<()> {
    let shop = Shop::open().await?;

    let created = shop.done(&["places", "create", "cold room", "--request-id", "p-1"]).await?;
    assert!(created.starts_with("cold room is a place from now on.\n"), "{created}");
    assert_eq!(shop.done(&["places", "create", "cold room", "--request-id", "p-1"]).await?, created);
    let taken = shop.refused(&["places", "create", "Cold Room"]).await?;
    assert!(taken.contains("ERROR_REASON_NAME_TAKEN"), "{taken}");
    shop.done(&["places", "rename", "cold room", "yard"]).await?;
    let places = shop.json(&["places", "list"]).await?;
    assert_eq!(places["locations"].as_array().map(Vec::len), Some(2), "{places}");
    let listed = shop.done(&["places", "list"]).await?;
    assert!(listed.lines().any(|line| line.starts_with("yard ")), "{listed}");

    let moving = ["transfer", "10", "screws", "--to", "Yard", "--request-id", "t-1"];
    let dry = shop.done(&[&moving[..], &["--dry-run"]].concat()).await?;
    assert!(dry.contains("nothing was stored") && dry.contains("-10 screws, now 40 where it left"), "{dry}");
    let moved = shop.done(&moving).await?;
    assert!(moved.starts_with("Moved: ") && moved.contains("+10 screws, now 10 where it came"), "{moved}");
    assert!(shop.done(&moving).await?.starts_with("Already done: "));
    shop.done(&["post", "waste", "4", "screws", "--place", "yard"]).await?;
    let shown = shop.done(&["show", "screws"]).await?;
    assert!(shown.contains("on hand   46\n") && shown.contains(" 40, yard 6\n"), "{shown}");
    let counted = shop.done(&["count", "5", "screws", "--place", "yard"]).await?;
    assert!(counted.contains("-1 screws"), "{counted}");
    assert_eq!(shop.on_hand("screws").await?, "45");

    let nowhere = shop.refused(&["transfer", "1", "screws", "--to", "attic"]).await?;
    assert!(nowhere.contains("no place of this shop is called \"attic\"") && nowhere.contains("yard"), "{nowhere}");
    assert_eq!(shop.stock(&["transfer", "1", "screws"]).await?.code, 2, "from where, or where to?");
    let history = shop.json(&["history", "--kind", "transfer"]).await?;
    let operation = history["movements"][0]["operationId"].as_str().context("an operation")?;
    shop.done(&["undo", operation]).await?;
    let shown = shop.done(&["show", "screws"]).await?;
    // The yard was counted since, so what is taken back there changes its history and not what somebody saw.
    assert!(shown.contains(" 50, yard 5\n"), "{shown}");
    shop.house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_wrong_is_put_right() -> Result<()> {
    let shop = Shop::open().await?;
    shop.done(&["post", "receipt", "20", "nails", "--create"]).await?;
    let posted = async |arguments: &[&str]| -> Result<String> {
        let posted = shop.json(arguments).await?;
        Ok(posted["operation"]["operationId"].as_str().context("an operation")?.to_owned())
    };

    let wrong = posted(&["post", "sale", "10", "screws"]).await?;
    let right = ["correct", &wrong, "--quantity", "1", "--request-id", "x-1"];
    let dry = shop.done(&[&right[..], &["--dry-run"]].concat()).await?;
    assert!(dry.contains("would be taken back") && dry.contains("-1 screws, now 49"), "{dry}");
    assert_eq!(shop.on_hand("screws").await?, "40");
    let corrected = shop.done(&right).await?;
    assert!(corrected.contains("was taken back") && corrected.contains("-1 screws, now 49"), "{corrected}");
    assert!(shop.done(&right).await?.starts_with("Already done: "));
    assert_eq!(shop.on_hand("screws").await?, "49");
    let again = shop.refused(&["correct", &wrong, "--quantity", "2"]).await?;
    assert!(again.contains("ERROR_REASON_ALREADY_REVERSED"), "{again}");

    let wrong = posted(&["post", "sale", "2", "screws"]).await?;
    shop.done(&["correct", &wrong, "--item", "nails", "--kind", "waste"]).await?;
    assert_eq!((shop.on_hand("screws").await?, shop.on_hand("nails").await?), ("49".to_owned(), "18".to_owned()));
    let wasted = shop.json(&["history", "nails", "--limit", "1"]).await?;
    assert_eq!(wasted["movements"][0]["kind"], "MOVEMENT_KIND_WASTE", "{wasted}");

    let wrong = posted(&["count", "40", "screws"]).await?;
    let refused = shop.refused(&["correct", &wrong, "--kind", "sale"]).await?;
    assert!(refused.contains("a count has no --kind"), "{refused}");
    shop.done(&["correct", &wrong, "--quantity", "45"]).await?;
    assert_eq!(shop.on_hand("screws").await?, "45");

    let file = shop.house.folder.path().join("lines.json");
    let sale = |name: &str| json!({"item": {"name": name}, "change": {"kind": "MOVEMENT_KIND_SALE", "quantity": {"value": "5"}}});
    std::fs::write(&file, json!([sale("screws"), sale("nails")]).to_string())?;
    let wrong = posted(&["post", "--lines", &file.display().to_string()]).await?;
    shop.done(&["correct", &wrong, "--line", "2", "--drop"]).await?;
    assert_eq!((shop.on_hand("screws").await?, shop.on_hand("nails").await?), ("40".to_owned(), "18".to_owned()));
    let none = shop.refused(&["correct", &wrong, "--line", "3", "--quantity", "1"]).await?;
    assert!(none.contains("has no line 3"), "{none}");
    std::fs::write(&file, json!([{"lineNumber": 1, "lines": 3}]).to_string())?;
    let misspelt = shop.refused(&["correct", &wrong, "--lines", &file.display().to_string()]).await?;
    assert!(misspelt.contains("lines[0]") && misspelt.contains("lines"), "{misspelt}");
    assert_eq!(shop.stock(&["correct", &wrong]).await?.code, 2, "what was wrong?");
    shop.house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn shelves_are_counted_line_by_line_before_stock_changes() -> Result<()> {
    let shop = Shop::open().await?;
    shop.done(&["post", "receipt", "20", "nails", "--create"]).await?;
    shop.done(&["post", "receipt", "7", "bolts", "--create"]).await?;

    let started = shop.json(&["count-session", "start", "--request-id", "s-1"]).await?;
    let session = started["countSession"]["countSessionId"].as_str().context("a stock-take")?;
    let of = ["--session", session];
    let line = |arguments: &[&'static str]| [&["count-session", "line"], arguments, &of].concat();
    let written = shop.done(&line(&["48", "screws", "--request-id", "l-1"])).await?;
    assert_eq!(written, "Written down: 1 of 1 lines.\n");
    assert!(shop.done(&line(&["48", "screws", "--request-id", "l-1"])).await?.starts_with("Already written down"));
    shop.done(&line(&["20", "nails"])).await?;
    let unknown = shop.stock(&line(&["3", "unheard-of"])).await?;
    assert!(unknown.code == 1 && unknown.out.contains("there is no such item"), "{}", unknown.said());
    assert_eq!(shop.on_hand("screws").await?, "50", "nothing changes before the end");

    let look = [&["count-session", "show"][..], &of].concat();
    let blind = shop.done(&look).await?;
    assert!(blind.starts_with("open since ") && blind.contains("48") && !blind.contains("50"), "{blind}");
    assert!(blind.contains("1 not counted yet: bolts"), "{blind}");
    let open_eyed = shop.done(&[&look[..], &["--variances"]].concat()).await?;
    let screws = open_eyed.lines().find(|line| line.starts_with("screws")).context("a line")?;
    assert_eq!(screws.split_whitespace().collect::<Vec<_>>(), ["screws", "48", "50", "-2"], "{open_eyed}");

    let finish = [&["count-session", "finish", "--request-id", "f-1"][..], &of].concat();
    let dry = shop.done(&[&finish[..], &["--dry-run"]].concat()).await?;
    assert!(dry.contains("nothing was stored") && dry.contains("-2 screws, now 48"), "{dry}");
    shop.done(&["post", "sale", "1", "screws"]).await?;
    let finished = shop.done(&finish).await?;
    assert!(finished.starts_with("Posted: "), "{finished}");
    assert!(shop.done(&finish).await?.starts_with("Already done: "));
    assert_eq!(shop.on_hand("screws").await?, "47", "what was sold since stays sold");
    let closed = shop.refused(&line(&["1", "screws"])).await?;
    assert!(closed.contains("ERROR_REASON_COUNT_SESSION_CLOSED") && closed.contains("begins another"), "{closed}");

    let started = shop.json(&["count-session", "start"]).await?;
    let session = started["countSession"]["countSessionId"].as_str().context("a stock-take")?;
    shop.done(&["count-session", "line", "1", "screws", "--session", session]).await?;
    let cancelled = shop.done(&["count-session", "cancel", "--session", session]).await?;
    assert_eq!(cancelled, "Given up; stock stays as it was.\n");
    assert_eq!(shop.on_hand("screws").await?, "47");
    let whose = shop.refused(&["count-session", "show"]).await?;
    assert!(whose.contains("--session") && whose.contains("--member"), "{whose}");
    shop.house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_is_printed_as_it_comes_and_gone_on_with() -> Result<()> {
    let shop = Shop::open().await?;
    shop.done(&["post", "sale", "1", "screws"]).await?;
    shop.done(&["post", "sale", "2", "screws"]).await?;

    let lines =
        |out: &str| -> Result<Vec<Value>> { Ok(out.lines().map(serde_json::from_str).collect::<Result<_, _>>()?) };
    let first = lines(&shop.done(&["watch", "--limit", "2", "--json"]).await?)?;
    let delta = |line: &Value| line["change"]["operation"]["movements"][0]["delta"]["value"].clone();
    assert_eq!(first.iter().map(delta).collect::<Vec<_>>(), ["50", "-1"]);
    let cursor = first[1]["cursor"].as_str().context("a cursor")?;

    let resume = ["watch", "--cursor", cursor, "--limit", "2", "--json"];
    let posting = async {
        shop.done(&["post", "sale", "3", "screws"]).await?;
        anyhow::Ok(())
    };
    let (rest, posted) = tokio::join!(shop.done(&resume), posting);
    posted?;
    assert_eq!(lines(&rest?)?.iter().map(delta).collect::<Vec<_>>(), ["-2", "-3"], "none twice, none left out");

    let in_words = shop.stock(&["watch", "--cursor", cursor, "--limit", "1"]).await?;
    assert!(in_words.out.contains("-2 screws (sale), now 47"), "{}", in_words.out);
    assert!(in_words.err.contains("go on with --cursor "), "{}", in_words.err);
    let wrong = shop.refused(&["watch", "--cursor", "no cursor of ours"]).await?;
    assert!(wrong.contains("ERROR_REASON_INVALID_PAGE_TOKEN") && wrong.contains("begin without it"), "{wrong}");
    assert_eq!(shop.stock(&["watch", "--cursor", cursor, "--new"]).await?.code, 2);
    shop.house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_the_shop_itself_are_kept() -> Result<()> {
    let shop = Shop::open().await?;
    shop.done(&["members", "add", "+27 82 555 0102", "--name", "Sipho", "--role", "clerk"]).await?;

    assert_eq!(shop.done(&["members", "role", "sipho", "manager"]).await?, "Sipho is manager from now on.\n");
    let last = shop.refused(&["members", "remove", "Thandi"]).await?;
    assert!(last.contains("ERROR_REASON_LAST_OWNER") && last.contains("members role"), "{last}");
    let nobody = shop.refused(&["members", "role", "Naledi", "clerk"]).await?;
    assert!(nobody.contains("nobody in this shop is called \"Naledi\""), "{nobody}");
    let remove = ["members", "remove", "Sipho", "--request-id", "out-1"];
    assert_eq!(shop.done(&remove).await?, "Sipho is out of the shop; history keeps the name.\n");
    assert!(!shop.done(&["members", "list"]).await?.contains("Sipho"));
    assert!(shop.done(&["members", "list", "--removed"]).await?.contains("Sipho"));

    let value = shop.done(&["value"]).await?;
    assert_eq!(value, "On hand    - over 0 items\nNo cost    1 items\n");
    let changed = shop.done(&["shop", "--name", "Spaza 7", "--currency", "BWP", "--below-zero", "block"]).await?;
    assert!(changed.starts_with("name        Spaza 7\n") && changed.ends_with("below zero  block\n"), "{changed}");
    assert!(changed.contains("currency    BWP\n"), "{changed}");
    let short = shop.refused(&["post", "sale", "51", "screws"]).await?;
    assert!(short.contains("ERROR_REASON_INSUFFICIENT_STOCK"), "{short}");
    shop.done(&["post", "receipt", "10", "screws", "--price", "2", "BWP"]).await?;
    let value = shop.json(&["value"]).await?;
    assert_eq!((&value["stockValue"]["currencyCode"], &value["valuedItemCount"]), (&json!("BWP"), &json!("1")));
    let used = shop.refused(&["shop", "--currency", "ZAR"]).await?;
    assert!(used.contains("ERROR_REASON_CURRENCY_IN_USE"), "{used}");
    assert_eq!(shop.stock(&["shop"]).await?.code, 2, "what is to change?");
    let zone = shop.refused(&["shop", "--time-zone", "Nowhere/Here"]).await?;
    assert!(zone.contains("time_zone"), "{zone}");
    shop.house.stack.stop().await
}
