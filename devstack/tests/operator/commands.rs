//! `backroom message`, `cost` and `events` beside a running stack.

use anyhow::{Context as _, Result};
use devstack::meta_sim::{Person, Ticks};
use serde_json::{Value, json};

use crate::house::{House, PATIENCE, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_found_by_each_of_its_ids_with_history_and_price() -> Result<()> {
    let house = House::connected().await?;
    let (thandi, meta) = (Person::new("Thandi", "27825550101", "ZA.1001"), house.meta());
    let said = meta.say(&thandi, "Added 50 screws");
    let reply = meta.wait_for_reply(&thandi, &said.wamid, PATIENCE).await?;
    meta.wait_for_ticks(&thandi, &reply.wamid, Ticks::Read, PATIENCE).await?;

    let by_wamid = eventually(async || {
        let ran = house.backroom(&["message", &reply.wamid, "--json"]).await?;
        let message = ran.json();
        Ok((message["state"] == "read").then_some(message))
    })
    .await?;
    let our_id = by_wamid["message_id"].as_str().context("our id")?;
    let request_id = by_wamid["request_id"].as_str().context("the request")?;
    assert!(request_id.starts_with(&said.wamid), "{by_wamid}");
    let states: Vec<&str> =
        by_wamid["history"].as_array().context("a history")?.iter().filter_map(|step| step["state"].as_str()).collect();
    assert_eq!(states, ["queued", "accepted", "sent", "delivered", "read"]);
    assert_eq!(by_wamid["price"]["type"], "free_customer_service");
    assert_eq!(by_wamid["error"], Value::Null);

    for id in [our_id, request_id] {
        assert_eq!(house.backroom(&["message", id, "--json"]).await?.json(), by_wamid, "{id}");
    }
    let in_words = house.backroom(&["message", our_id]).await?;
    assert!(in_words.out.contains("state     read"), "{}", in_words.out);
    assert!(in_words.out.contains("price     service, free_customer_service, not billed (PMP)"), "{}", in_words.out);
    assert!(!in_words.out.contains("screws") && !in_words.out.contains("27825550101"), "{}", in_words.out);

    let nobodys = house.backroom(&["message", "wamid.nobodys"]).await?;
    assert!(
        nobodys.code == 1 && nobodys.err.contains("no message of ours has the id wamid.nobodys"),
        "{}",
        nobodys.err
    );
    let refused = house.backroom_with(&["message", our_id], &[("CALLER_KEY", "not-a-key")]).await?;
    assert!(refused.code == 1 && refused.err.contains("messenger-svc refuses"), "{}", refused.err);
    house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_messages_is_summed_up_in_three_shapes() -> Result<()> {
    let house = House::connected().await?;
    let (thandi, meta) = (Person::new("Thandi", "27825550101", "ZA.1001"), house.meta());
    let said = meta.say(&thandi, "Added 50 screws");
    meta.wait_for_reply(&thandi, &said.wamid, PATIENCE).await?;

    let report = eventually(async || {
        let report = house.backroom(&["cost", "--json"]).await?.json();
        Ok((report["rows"][0]["messages"] == 1).then_some(report))
    })
    .await?;
    let row = &report["rows"][0];
    assert_eq!(
        (&row["category"], &row["type"], &row["market"]),
        (&json!("service"), &json!("free_customer_service"), &json!("ZA"))
    );
    let month = report["month"].as_str().context("a month")?;

    let table = house.backroom(&["cost", "--month", month]).await?;
    assert!(table.out.contains(&format!("Delivered messages of {month}")), "{}", table.out);
    assert!(table.out.contains("free_customer_service  ZA"), "{}", table.out);
    let csv = house.backroom(&["cost", "--month", month, "--csv"]).await?;
    assert!(csv.out.starts_with("category,type,market,messages,rate,amount,currency\n"), "{}", csv.out);
    assert!(csv.out.contains("\"service\",\"free_customer_service\",\"ZA\",1,"), "{}", csv.out);
    let empty = house.backroom(&["cost", "--month", "2026-01"]).await?;
    assert!(empty.out.contains("None that a receipt named a price for."), "{}", empty.out);
    assert_eq!(house.backroom(&["cost", "--month", "2026-13"]).await?.code, 2);
    house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_meta_tells_of_the_account_is_listed_and_what_to_act_on_is_marked() -> Result<()> {
    let house = House::connected().await?;
    let tell = |field: &str, value: Value| {
        let change = json!({"field": field, "value": value});
        let entry = json!({"id": "100000000000001", "time": 1_795_000_000, "changes": [change]});
        house.meta().post_envelope(&json!({"object": "whatsapp_business_account", "entry": [entry]}));
    };
    tell(
        "account_update",
        json!({"event": "ACCOUNT_RESTRICTION",
        "restriction_info": [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1_795_600_000}]}),
    );
    tell("account_review_update", json!({"decision": "APPROVED"}));

    let events = eventually(async || {
        let events = house.backroom(&["events", "--json"]).await?.json();
        Ok((events.as_array().map(Vec::len) == Some(2)).then_some(events))
    })
    .await?;
    let restricted = events.as_array().into_iter().flatten().find(|event| event["field"] == "account_update");
    assert_eq!(restricted.context("the restriction")?["alert"], "account_restricted");

    let alerts = house.backroom(&["events", "--alerts", "--since", "1h"]).await?;
    assert_eq!(alerts.out.lines().count(), 1, "{}", alerts.out);
    assert!(alerts.out.contains("account_update") && alerts.out.contains("ALERT account_restricted"), "{}", alerts.out);
    let raw = house.backroom(&["events", "--json", "--raw"]).await?.json();
    assert!(raw.to_string().contains("RESTRICTED_BIZ_INITIATED_MESSAGING"), "{raw}");
    assert_eq!(house.backroom(&["events", "--since", "yesterday"]).await?.code, 2);
    house.stack.stop().await
}
