//! `backroom stock` against a running ledger: what an operator does, twice if need be, and what it says.

use anyhow::{Context as _, Result};
use devstack::meta_sim::Person;
use platform::clock::Clock;
use serde_json::Value;

use crate::house::{House, PATIENCE, Ran};

/// The owner's number: it opens the shop, and no command may print it.
pub(crate) const PHONE: &str = "27825550101";

/// A shop with 50 screws that its owner wrote of.
pub(crate) struct Shop {
    pub(crate) house: House,
    pub(crate) id: String,
}

impl Shop {
    pub(crate) async fn open() -> Result<Self> {
        let house = House::connected().await?;
        let thandi = Person::new("Thandi", PHONE, "ZA.1001");
        let said = house.meta().say(&thandi, "Added 50 screws");
        house.meta().wait_for_reply(&thandi, &said.wamid, PATIENCE).await?;
        let mut client = stories_client(&house)?;
        let user = proto::common::v1::WhatsAppUser { phone_number: PHONE.to_owned(), user_id: String::new() };
        let asked =
            proto::inventory::v1::IdentifyMemberRequest { user: Some(user), lookup_only: true, ..Default::default() };
        let answer = client.identify_member(asked).await?.into_inner();
        Ok(Self { house, id: answer.shop.context("a shop")?.shop_id })
    }

    /// Runs `backroom stock` with the shop in the environment.
    pub(crate) async fn stock(&self, arguments: &[&str]) -> Result<Ran> {
        self.stock_with(arguments, &[]).await
    }

    pub(crate) async fn stock_with(&self, arguments: &[&str], changes: &[(&str, &str)]) -> Result<Ran> {
        let arguments: Vec<&str> = ["stock"].iter().chain(arguments).copied().collect();
        let changes: Vec<(&str, &str)> = [("BACKROOM_SHOP", self.id.as_str())].iter().chain(changes).copied().collect();
        let ran = self.house.backroom_with(&arguments, &changes).await?;
        assert!(!ran.said().contains("555010") && !ran.said().contains("ZA.1001"), "{}", ran.said());
        let is_json = arguments.contains(&"--json");
        let too_wide = ran.out.lines().find(|line| !is_json && line.chars().count() > 80);
        assert!(too_wide.is_none(), "{too_wide:?} is too wide");
        Ok(ran)
    }

    /// Runs it and wants it to be done.
    pub(crate) async fn done(&self, arguments: &[&str]) -> Result<String> {
        let ran = self.stock(arguments).await?;
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.said());
        Ok(ran.out)
    }

    pub(crate) async fn json(&self, arguments: &[&str]) -> Result<Value> {
        let arguments: Vec<&str> = arguments.iter().chain(&["--json"]).copied().collect();
        Ok(self.stock(&arguments).await?.json())
    }

    /// Returns what is on hand of the one item of that name.
    pub(crate) async fn on_hand(&self, item: &str) -> Result<String> {
        let shown = self.json(&["show", item]).await?;
        Ok(shown["candidates"][0]["onHand"]["value"].as_str().context("a number")?.to_owned())
    }
}

type Client = proto::inventory::v1::inventory_service_client::InventoryServiceClient<platform::grpc::Channel>;

fn stories_client(house: &House) -> Result<Client> {
    let settings = platform::settings::GrpcClient {
        caller_key: Some(house.stack.caller_key().to_owned().into()),
        caller_key_file: None,
        tls_server_ca: None,
        tls_client_cert: None,
        tls_client_key: None,
    };
    let peer = platform::grpc::Peer {
        name: "inventory-svc",
        url: house.stack.inventory_url().to_owned(),
        variable: "INVENTORY_URL",
        timeout: PATIENCE,
    };
    Ok(Client::new(platform::grpc::Channel::new(peer, &settings)?))
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_is_posted_counted_listed_and_taken_back() -> Result<()> {
    let shop = Shop::open().await?;

    let posted = shop.done(&["post", "receipt", "12.5", "brown", "bread", "flour", "--unit", "kg", "--create"]).await?;
    assert!(posted.starts_with("Posted: "), "{posted}");
    assert!(posted.contains("  +12.5 brown bread flour, now 12.5 kg, a new item"), "{posted}");
    let sold = shop.done(&["post", "sale", "3", "screws", "--price", "18.50", "ZAR", "--expect", "50"]).await?;
    assert!(sold.contains("  -3 screws, now 47"), "{sold}");
    let counted = shop.done(&["count", "40", "screws"]).await?;
    assert!(counted.contains("  -7 screws, now 40 (the book said 47)"), "{counted}");
    let adjusted = shop.done(&["post", "adjustment", "-2", "screws"]).await?;
    assert!(adjusted.contains("  -2 screws, now 38"), "{adjusted}");

    let listed = shop.done(&["list"]).await?;
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["item", "on", "hand", "unit", "low", "at", "changed"], "{listed}");
    assert_eq!(lines[1][..6], ["brown", "bread", "flour", "12.5", "kg", "-"], "{listed}");
    assert_eq!(lines[2][..4], ["screws", "38", "each", "-"], "{listed}");

    let history = shop.done(&["history", "screws"]).await?;
    let kinds: Vec<&str> = history.lines().skip(1).filter_map(|line| line.split_whitespace().nth(3)).collect();
    assert_eq!(kinds, ["adjustment", "count", "sale", "receipt"], "{history}");
    let shown = shop.done(&["show", "screws"]).await?;
    assert!(shown.contains("on hand   38\n") && shown.contains("adjustment"), "{shown}");

    let history = shop.json(&["history", "screws"]).await?;
    let latest = history["movements"][0]["operationId"].as_str().context("an operation")?;
    let dry = shop.done(&["undo", latest, "--dry-run"]).await?;
    assert!(dry.contains("nothing was stored") && dry.contains("  +2 screws, now 40"), "{dry}");
    assert_eq!(shop.on_hand("screws").await?, "38");
    let undone = shop.done(&["undo", latest]).await?;
    assert!(undone.starts_with("Taken back: ") && undone.contains("  +2 screws, now 40"), "{undone}");
    let again = shop.stock(&["undo", latest]).await?;
    assert!(again.code == 1 && again.err.contains("ERROR_REASON_ALREADY_REVERSED"), "{}", again.said());
    let operation = shop.done(&["operation", latest]).await?;
    assert!(operation.contains("kind        post\n") && operation.contains("reversed by "), "{operation}");

    let whose = shop.stock(&["undo", "--latest"]).await?;
    assert!(whose.code == 1 && whose.err.contains("--member"), "{}", whose.said());
    // What the owner wrote is the owner's latest; the rest was the operator's.
    let latest = shop.done(&["undo", "--latest", "--phone", "+27 82 555 0101"]).await?;
    assert!(latest.contains("  -50 screws, now -10"), "{latest}");
    shop.house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_asked_for_by_kind_time_and_reason() -> Result<()> {
    let shop = Shop::open().await?;
    let yesterday = (Clock::system().now() - jiff::SignedDuration::from_hours(20)).to_string();
    shop.done(&["post", "sale", "60", "screws", "--price", "2", "ZAR"]).await?;
    shop.done(&["post", "receipt", "5", "nails", "--create", "--at", &yesterday]).await?;
    shop.done(&["post", "waste", "1", "nails"]).await?;

    let lost = shop.done(&["history", "--kind", "waste,theft"]).await?;
    assert!(lost.lines().count() == 2 && lost.contains("waste"), "{lost}");
    let kinds = |history: &Value| -> Vec<String> {
        let movements = history["movements"].as_array().into_iter().flatten();
        movements.filter_map(|movement| Some(movement["kind"].as_str()?.to_owned())).collect()
    };
    let an_hour_ago = (Clock::system().now() - jiff::SignedDuration::from_hours(1)).to_string();
    let before = shop.json(&["history", "--to", &an_hour_ago]).await?;
    assert_eq!(kinds(&before), ["MOVEMENT_KIND_RECEIPT"], "{before}");
    let since = shop.json(&["history", "nails", "--from", &an_hour_ago]).await?;
    assert_eq!(kinds(&since), ["MOVEMENT_KIND_WASTE"], "{since}");
    let by = shop.done(&["history", "screws", "--ids"]).await?;
    assert!(by.contains(", by Thandi"), "{by}");
    let then = shop.done(&["list", "--as-of", &an_hour_ago]).await?;
    let nails = then.lines().find(|line| line.starts_with("nails")).context("nails were there")?;
    assert_eq!(nails.split_whitespace().nth(1), Some("5"), "{then}");

    let why = shop.done(&["explain", "screws"]).await?;
    assert!(why.starts_with("screws: -10 on hand\nbelow zero since "), "{why}");
    assert!(why.contains("never counted") && why.contains("-60"), "{why}");
    let report = shop.done(&["report", "--week", "this"]).await?;
    assert!(report.contains("sale") && report.contains("120 ZAR"), "{report}");
    let days = ["report", "--first", "2026-01-01", "--last", "2026-01-02"];
    assert!(shop.done(&days).await?.contains("2026-01-01 to 2026-01-02"));
    assert_eq!(shop.stock(&["report", "--first", "2026-01-01"]).await?.code, 2);
    assert_eq!(shop.done(&["check"]).await?, "Every balance follows from its movements.\n");
    shop.house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_with_the_same_request_id_is_already_done() -> Result<()> {
    let shop = Shop::open().await?;
    let post = |quantity: &'static str| ["post", "sale", quantity, "screws", "--request-id", "till-7/1"];

    let dry = shop.done(&[&post("3")[..], &["--dry-run"]].concat()).await?;
    assert!(dry.contains("nothing was stored") && dry.contains("-3 screws, now 47"), "{dry}");
    let first = shop.done(&post("3")).await?;
    let second = shop.done(&post("3")).await?;
    assert!(first.starts_with("Posted: ") && second.starts_with("Already done: "), "{first}{second}");
    let named = |said: &str| said.split_once(": ").map(|(_, rest)| rest.to_owned());
    assert_eq!(named(&first), named(&second));
    assert_eq!(shop.on_hand("screws").await?, "47");

    let other = shop.stock(&post("4")).await?;
    assert!(other.code == 1 && other.err.contains("ERROR_REASON_REQUEST_ID_REUSED"), "{}", other.said());
    let found = shop.done(&["operation", "till-7/1"]).await?;
    assert!(found.contains("-3"), "{found}");

    // Without an id one is made and told before the call; that one is as good.
    let made = shop.stock(&["count", "45", "screws"]).await?;
    let id = made.err.trim().strip_prefix("request ").context("the id is told")?.to_owned();
    let again = shop.done(&["count", "45", "screws", "--request-id", &id]).await?;
    assert!(again.starts_with("Already done: "), "{again}");
    assert_eq!(shop.json(&["history", "screws"]).await?["movements"].as_array().map(Vec::len), Some(3));
    shop.house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_renamed_named_levelled_packed_and_put_away() -> Result<()> {
    let shop = Shop::open().await?;

    let renamed = shop.done(&["rename", "screws", "wood screws", "--request-id", "r-1"]).await?;
    assert!(renamed.starts_with("wood screws is its name now"), "{renamed}");
    assert_eq!(shop.done(&["rename", "screws", "wood screws", "--request-id", "r-1"]).await?, renamed);
    shop.done(&["alias", "wood screws", "izikrufu"]).await?;
    shop.done(&["alias", "wood screws", "--barcode", "6001234567890"]).await?;
    for name in ["izikrufu", "6001234567890", "screws"] {
        assert_eq!(shop.json(&["show", name]).await?["candidates"][0]["item"]["displayName"], "wood screws", "{name}");
    }

    assert!(shop.done(&["level", "screws", "60"]).await?.contains("is low at 60 from now on"));
    assert!(shop.done(&["low"]).await?.contains("wood screws"));
    assert!(shop.done(&["level", "screws", "none"]).await?.contains("has no level any more"));
    assert_eq!(shop.done(&["low"]).await?, "Nothing is low.\n");

    assert!(shop.done(&["pack", "screws", "box", "200"]).await?.contains("has 200 each to the box from now on"));
    assert!(
        shop.done(&["post", "receipt", "2", "screws", "--unit", "boxes"]).await?.contains("+400 wood screws, now 450")
    );

    shop.done(&["post", "receipt", "5", "skroewe", "--create"]).await?;
    let id_of = async |name: &str| -> Result<String> {
        let shown = shop.json(&["show", name]).await?;
        Ok(shown["candidates"][0]["item"]["itemId"].as_str().context("an id")?.to_owned())
    };
    let merge = [&id_of("skroewe").await?, &id_of("wood screws").await?].map(Clone::clone);
    let merge = ["merge", &merge[0], &merge[1], "--request-id", "m-1"];
    assert_eq!(shop.done(&merge).await?, "Done: wood screws stands for both from now on.\n");
    assert!(shop.done(&merge).await?.starts_with("Already done: "));
    assert_eq!(shop.on_hand("skroewe").await?, "455");
    let one = shop.stock(&["merge", "skroewe", "wood screws"]).await?;
    assert!(one.code == 1 && one.err.contains("one item already"), "{}", one.said());

    shop.done(&["post", "receipt", "1", "bread", "--create"]).await?;
    let refused = shop.stock(&["rename", "bread", "izikrufu"]).await?;
    assert!(refused.code == 1 && refused.err.contains("ERROR_REASON_NAME_TAKEN"), "{}", refused.said());
    assert!(refused.err.contains("choose another name"), "{}", refused.err);

    let id = id_of("bread").await?;
    shop.done(&["archive", &id, "--request-id", "a-1"]).await?;
    shop.done(&["archive", &id, "--request-id", "a-1"]).await?;
    assert_eq!(shop.json(&["list"]).await?["stockLevels"].as_array().map(Vec::len), Some(1));
    let gone = shop.stock(&["show", "bread"]).await?;
    assert!(gone.code == 1 && gone.err.contains("nothing in this shop is called \"bread\""), "{}", gone.said());
    shop.house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_added_without_their_number_being_printed() -> Result<()> {
    let shop = Shop::open().await?;
    let add = ["members", "add", "+27 82 555 0102", "--name", "Sipho", "--role", "manager", "--request-id", "m-1"];

    let added = shop.done(&add).await?;
    assert!(added.starts_with("Added: Sipho, manager\n  member "), "{added}");
    assert_eq!(shop.done(&add).await?, added);
    let was_there = shop.done(&["members", "add", "27825550102", "--name", "Sipho", "--role", "clerk"]).await?;
    assert!(was_there.starts_with("Was there before, and nothing was changed: Sipho, manager"), "{was_there}");

    let listed = shop.done(&["members", "list"]).await?;
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["name", "role", "state"], "{listed}");
    assert_eq!(lines[1][..3], ["Thandi", "owner", "since"], "{listed}");
    assert_eq!(lines[3], ["Sipho", "manager", "has", "not", "written", "yet"], "{listed}");
    let members = shop.json(&["members", "list"]).await?;
    assert_eq!(members["members"][1]["member"]["role"], "ROLE_MANAGER", "{members}");

    let refused = shop.stock(&["members", "add", "082 555 0103"]).await?;
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("user.phone_number: must be 6 to 15 digits"), "{}", refused.err);
    shop.house.stack.stop().await
}
