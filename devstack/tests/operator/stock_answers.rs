//! What `backroom stock` says when something is not as it should be, and what machines read of it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::house::{backroom, eventually};
use crate::stock::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn machines_read_the_messages_of_the_contract() -> Result<()> {
    let shop = Shop::open().await?;

    let list = shop.json(&["list"]).await?;
    let level = &list["stockLevels"][0];
    assert_eq!(level["item"]["displayName"], "screws");
    assert_eq!((&level["item"]["baseUnit"], &level["item"]["scale"]), (&json!("each"), &json!(0)));
    assert_eq!(level["onHand"], json!({"value": "50"}));
    assert_eq!(list["nextPageToken"], "");
    let id = level["item"]["itemId"].as_str().context("an id")?;

    let posted = shop.json(&["post", "sale", "3", id, "--request-id", "r-1"]).await?;
    assert_eq!((&posted["requestId"], &posted["replayed"]), (&json!("r-1"), &json!(false)));
    assert_eq!(posted["results"][0]["outcome"], "LINE_OUTCOME_POSTED");
    assert_eq!(posted["results"][0]["balanceAfter"]["value"], "47");
    assert_eq!(posted["operation"]["movements"][0]["kind"], "MOVEMENT_KIND_SALE");
    let time = posted["operation"]["recordTime"].as_str().context("a time")?;
    assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    assert_eq!(shop.json(&["post", "sale", "3", id, "--request-id", "r-1"]).await?["replayed"], true);

    let found = shop.json(&["operation", "r-1"]).await?;
    assert_eq!(found["operation"]["operationId"], posted["operation"]["operationId"]);
    assert_eq!(found["reversedByOperationId"], "");

    let page = shop.json(&["history", "--limit", "1"]).await?;
    let token = page["nextPageToken"].as_str().context("there is more")?;
    let rest = shop.json(&["history", "--page-token", token]).await?;
    assert_eq!(rest["movements"].as_array().map(Vec::len), Some(1), "{rest}");
    assert_eq!(rest["movements"][0]["kind"], "MOVEMENT_KIND_RECEIPT");

    // No is JSON too, with what somebody could act on.
    let no = shop.stock(&["undo", "00000000-0000-7000-8000-000000000000", "--json"]).await?;
    assert_eq!(no.code, 1);
    let error = &no.json()["error"];
    assert_eq!((&error["code"], &error["reason"]), (&json!("NOT_FOUND"), &json!("ERROR_REASON_OPERATION_NOT_FOUND")));
    assert_eq!(error["metadata"]["operationId"], "00000000-0000-7000-8000-000000000000");
    let no = shop.stock(&["post", "sale", "1e3", "screws", "--json"]).await?;
    assert_eq!(no.json()["error"]["fieldViolations"][0]["field"], "lines[0].change.quantity");
    let no = shop.stock(&["show", "nothing of the kind", "--json"]).await?;
    assert_eq!((no.code, no.json()["candidates"].clone()), (0, json!([])));
    let no = shop.stock(&["rename", "nothing of the kind", "x", "--json"]).await?;
    assert!(no.code == 1 && no.json()["error"]["message"].is_string(), "{}", no.said());
    shop.house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_a_file_are_posted_all_or_none_unless_told_otherwise() -> Result<()> {
    let shop = Shop::open().await?;
    let change = |kind: &str, quantity: &str, name: &str, creates: bool| json!({"item": {"name": name}, "change": {"kind": kind, "quantity": {"value": quantity}}, "createItem": creates});
    let write = |lines: &Value| -> Result<String> {
        let path = shop.house.folder.path().join("lines.json");
        std::fs::write(&path, lines.to_string())?;
        Ok(path.display().to_string())
    };
    let file = write(&json!([
        change("MOVEMENT_KIND_RECEIPT", "7", "rice bran oil", true),
        change("MOVEMENT_KIND_RECEIPT", "3", "sunflower oil", true),
        {"item": {"name": "screws"}, "count": {"quantity": {"value": "48"}}},
    ]))?;
    let posted = shop.done(&["post", "--lines", &file]).await?;
    assert!(posted.contains("    1  +7 rice bran oil, now 7, a new item"), "{posted}");
    assert!(posted.contains("    3  -2 screws, now 48 (the book said 50)"), "{posted}");

    let file = write(&json!([
        change("MOVEMENT_KIND_SALE", "1", "oil", false),
        change("MOVEMENT_KIND_SALE", "1", "screws", false),
        change("MOVEMENT_KIND_SALE", "1", "unheard-of", false),
        change("MOVEMENT_KIND_SALE", "0.5", "screws", false),
        json!({"item": {"name": "screws"}, "unit": "crate",
               "change": {"kind": "MOVEMENT_KIND_SALE", "quantity": {"value": "1"}}}),
    ]))?;
    let none = shop.stock(&["post", "--lines", &file]).await?;
    assert_eq!(none.code, 1);
    assert!(none.out.starts_with("Nothing was posted:"), "{}", none.out);
    let said = none.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("it may be any of") && said.contains("sunflower oil (3)"), "{said}");
    assert!(none.out.contains("screws: held back"), "{}", none.out);
    assert!(none.out.contains("there is no such item"), "{}", none.out);
    assert!(none.out.contains("kept with 0 decimals"), "{}", none.out);
    assert!(none.out.contains("--pack-size"), "{}", none.out);
    assert!(none.err.contains("5 of 5 lines cannot be posted"), "{}", none.err);
    assert_eq!(shop.on_hand("screws").await?, "48");

    let some = shop.stock(&["post", "--lines", &file, "--partly", "--json"]).await?;
    assert_eq!((some.code, some.json()["results"][1]["outcome"].clone()), (1, json!("LINE_OUTCOME_POSTED")));
    assert!(some.err.contains("4 of 5 lines cannot be posted"), "{}", some.err);
    assert_eq!(shop.on_hand("screws").await?, "47");

    let misspelt = write(&json!([{"itme": {"name": "screws"}}]))?;
    let refused = shop.stock(&["post", "--lines", &misspelt]).await?;
    assert!(
        refused.code == 1 && refused.err.contains("lines[0]") && refused.err.contains("itme"),
        "{}",
        refused.said()
    );
    assert_eq!(shop.stock(&["post", "sale", "3"]).await?.code, 2);
    assert_eq!(shop.stock(&["post", "sale", "3", "screws", "--lines", &misspelt]).await?.code, 2);
    shop.house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_with_what_to_do() -> Result<()> {
    let shop = Shop::open().await?;

    let no_shop = shop.stock_with(&["list"], &[("BACKROOM_SHOP", "")]).await?;
    assert!(no_shop.code == 1 && no_shop.err.contains("--shop SHOP_ID"), "{}", no_shop.said());
    let strangers = shop.stock(&["list", "--phone", "+27 82 555 0109"]).await?;
    assert!(strangers.code == 1 && strangers.err.contains("ERROR_REASON_MEMBER_NOT_FOUND"), "{}", strangers.said());
    let nobodys = shop.stock_with(&["list"], &[("BACKROOM_SHOP", "00000000-0000-7000-8000-000000000000")]).await?;
    assert!(nobodys.err.contains("ERROR_REASON_SHOP_NOT_FOUND") && nobodys.err.contains("--phone"), "{}", nobodys.err);
    let wrong = shop.stock_with(&["list"], &[("BACKROOM_SHOP", "the corner shop")]).await?;
    assert!(wrong.err.contains("  shop_id: must be a UUID"), "{}", wrong.err);
    let key = shop.stock_with(&["list"], &[("CALLER_KEY", "not-a-key")]).await?;
    assert!(key.err.contains("ERROR_REASON_UNKNOWN_CALLER") && key.err.contains("CALLER_KEY_FILE"), "{}", key.err);
    let nowhere = shop.stock_with(&["list"], &[("INVENTORY_URL", "http://127.0.0.1:9")]).await?;
    assert!(nowhere.code == 1 && nowhere.err.contains("INVENTORY_URL"), "{}", nowhere.said());
    let no_stack = shop.stock_with(&["list"], &[("INVENTORY_URL", "")]).await?;
    assert!(no_stack.code == 1 && no_stack.err.contains("INVENTORY_URL is not set"), "{}", no_stack.said());
    let moved = shop.stock(&["post", "sale", "1", "screws", "--expect", "49"]).await?;
    assert!(moved.err.contains("onHand: 50") && moved.err.contains("Look at it again"), "{}", moved.err);

    // By its owner, however the number is written.
    let by_owner = shop.stock_with(&["list", "--user-id", "ZA.1001"], &[("BACKROOM_SHOP", "")]).await?;
    assert!(by_owner.code == 0 && by_owner.out.contains("screws"), "{}", by_owner.said());
    shop.house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_asks_for_a_repeat_and_the_repeat_counts_nothing() -> Result<()> {
    let shop = Arc::new(Shop::open().await?);
    let deaf = Deaf::before(shop.house.stack.inventory_url()).await?;
    let post = ["post", "sale", "3", "screws", "--request-id", "lost-1"];

    let url = deaf.url.clone();
    let asking = shop.clone();
    let lost = tokio::spawn(async move { asking.stock_with(&post, &[("INVENTORY_URL", &url)]).await });
    // The effect is there; the answer never comes.
    eventually(async || {
        let found = shop.stock(&["operation", "lost-1"]).await?;
        Ok((found.code == 0).then_some(()))
    })
    .await?;
    deaf.hang_up.cancel();
    let lost = lost.await??;

    assert_eq!(lost.code, 1);
    assert!(lost.err.contains("It may have been done. Repeat it with --request-id lost-1"), "{}", lost.said());
    let repeated = shop.done(&post).await?;
    assert!(repeated.starts_with("Already done: "), "{repeated}");
    assert_eq!(shop.on_hand("screws").await?, "47");
    let shop = Arc::into_inner(shop).context("nobody else asks")?;
    shop.house.stack.stop().await
}

/// Lets calls through and no answer back.
struct Deaf {
    url: String,
    hang_up: CancellationToken,
}

impl Deaf {
    async fn before(url: &str) -> Result<Self> {
        let target = url.strip_prefix("http://").context("a plain address")?.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let hang_up = CancellationToken::new();
        let until = hang_up.clone();
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                tokio::spawn(relay(caller, target.clone(), until.clone()));
            }
        });
        Ok(Self { url, hang_up })
    }
}

async fn relay(caller: TcpStream, target: String, hang_up: CancellationToken) -> Result<()> {
    let (mut asked, _answer) = caller.into_split();
    let (mut heard, mut passed_on) = TcpStream::connect(target).await?.into_split();
    tokio::select! {
        _ = tokio::io::copy(&mut asked, &mut passed_on) => {}
        _ = async { tokio::io::copy(&mut heard, &mut tokio::io::sink()).await?; std::future::pending::<std::io::Result<()>>().await } => {}
        () = hang_up.cancelled() => {}
    }
    Ok(())
}

#[tokio::test]
async fn shells_complete_the_commands() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let env = [("PATH".to_owned(), "/usr/bin:/bin".to_owned())].into();
    for shell in ["bash", "zsh", "fish"] {
        let ran = backroom(folder.path(), &["completion", shell], &env).await?;
        assert!(ran.code == 0 && ran.out.contains("history") && ran.out.contains("request-id"), "{shell}: {}", ran.err);
        std::fs::write(folder.path().join(shell), ran.out)?;
    }
    assert_eq!(backroom(folder.path(), &["completion", "abacus"], &env).await?.code, 2);

    let completed = complete_in_bash(folder.path(), "backroom stock hi").await?;
    assert_eq!(completed.split_whitespace().collect::<Vec<_>>(), ["history"]);
    let completed = complete_in_bash(folder.path(), "backroom stock post wa").await?;
    assert_eq!(completed.split_whitespace().collect::<Vec<_>>(), ["waste"]);
    Ok(())
}

/// Types a line in bash and asks what could stand at its end.
async fn complete_in_bash(folder: &Path, typed: &str) -> Result<String> {
    let words = typed.split(' ').count();
    let script = format!(
        "source ./bash; COMP_WORDS=({typed}); COMP_CWORD={}; \
         _backroom backroom \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; echo \"${{COMPREPLY[@]}}\"",
        words - 1
    );
    let mut bash = Command::new("bash");
    let asked = bash.args(["--norc", "-c", &script]).current_dir(folder).kill_on_drop(true).output();
    let output = tokio::time::timeout(Duration::from_mins(1), asked).await??;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

#[tokio::test]
async fn asking_for_help_says_which_commands_there_are() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let help = backroom(folder.path(), &["stock", "--help"], &[].into()).await?;
    let commands = [
        "list",
        "low",
        "show",
        "history",
        "explain",
        "report",
        "check",
        "operation",
        "post",
        "count",
        "undo",
        "rename",
        "alias",
        "level",
    ];
    for command in commands.iter().chain(&["pack", "merge", "archive", "members"]) {
        assert!(help.out.contains(&format!("\n  {command} ")), "{command} in {}", help.out);
        let own = backroom(folder.path(), &["stock", command, "--help"], &[].into()).await?;
        assert_eq!(own.code, 0, "{command}: {}", own.err);
    }
    Ok(())
}
