//! The simulated management API is as strict as Meta's: limits of registration, verification before an address counts.

use anyhow::{Context as _, Result};
use devstack::meta_sim::{AccountOptions, MetaSim, MetaSimOptions};
use jiff::{SignedDuration, Timestamp};
use platform::clock::Clock;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::house::{ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN};
use crate::tls::{Door, Kind};

const NUMBER: &str = "200000000000001";
const ACCOUNT: &str = "100000000000001";
const APP: &str = "300000000000001";

struct Graph {
    meta: MetaSim,
    clock: Clock,
    client: reqwest::Client,
}

impl Graph {
    async fn start(account: AccountOptions) -> Result<Self> {
        let clock = Clock::manual("2026-11-22T12:00:00Z".parse::<Timestamp>()?);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut options = MetaSimOptions::new(listener, "http://127.0.0.1:9/");
        APP_SECRET.clone_into(&mut options.app_secret);
        ACCESS_TOKEN.clone_into(&mut options.access_token);
        options.clock = clock.clone();
        options.account = account;
        platform::http::install_tls_provider();
        Ok(Self { meta: MetaSim::start(options)?, clock, client: reqwest::Client::new() })
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.post_as(ACCESS_TOKEN, path, body).await
    }

    async fn post_as(&self, token: &str, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}/v25.0/{path}", self.meta.url());
        Ok(self.client.post(url).bearer_auth(token).json(body).send().await?.json().await?)
    }

    async fn get(&self, path: &str) -> Result<Value> {
        let url = format!("{}/{path}", self.meta.url());
        Ok(self.client.get(url).bearer_auth(ACCESS_TOKEN).send().await?.json().await?)
    }

    async fn register(&self, pin: &str) -> Result<Value> {
        self.post(&format!("{NUMBER}/register"), &json!({"messaging_product": "whatsapp", "pin": pin})).await
    }
}

fn code(answer: &Value) -> i64 {
    answer["error"]["code"].as_i64().unwrap_or_default()
}

#[tokio::test]
async fn registration_keeps_metas_limits_on_both_sides() -> Result<()> {
    let graph = Graph::start(AccountOptions { is_connected: false, ..AccountOptions::default() }).await?;

    for turn in 1..=10 {
        assert_eq!(graph.register("123456").await?, json!({"success": true}), "turn {turn}");
    }
    assert_eq!(code(&graph.register("123456").await?), 133_016);
    graph.clock.advance(SignedDuration::from_hours(72));
    assert_eq!(code(&graph.register("123456").await?), 0);

    graph.post(&format!("{NUMBER}/deregister"), &json!({})).await?;
    graph.clock.advance(SignedDuration::from_secs(299));
    assert_eq!(code(&graph.register("123456").await?), 133_015);
    graph.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(code(&graph.register("123456").await?), 0);

    for _ in 0..5 {
        assert_eq!(code(&graph.register("000000").await?), 133_005);
    }
    assert_eq!(code(&graph.register("123456").await?), 133_008);
    assert_eq!(code(&graph.register("12345").await?), 100);
    graph.meta.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_number_is_verified_by_the_code_that_was_sent() -> Result<()> {
    let graph = Graph::start(AccountOptions { is_connected: false, ..AccountOptions::default() }).await?;
    graph.meta.ail(&devstack::meta_sim::Ailment::NumberUnverified);
    assert_eq!(code(&graph.register("123456").await?), 133_006);

    graph.post(&format!("{NUMBER}/request_code"), &json!({"code_method": "SMS", "language": "en_US"})).await?;
    let account = graph.get("_sim/account").await?;
    let sent = account["verification_code"].as_str().context("a code")?;
    assert_eq!(code(&graph.post(&format!("{NUMBER}/verify_code"), &json!({"code": "1"})).await?), 136_025);
    assert_eq!(graph.post(&format!("{NUMBER}/verify_code"), &json!({"code": sent})).await?["success"], true);
    assert_eq!(code(&graph.register("123456").await?), 0);
    let again =
        graph.post(&format!("{NUMBER}/request_code"), &json!({"code_method": "SMS", "language": "en_US"})).await?;
    assert_eq!(code(&again), 136_024);
    graph.meta.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_counts_only_after_it_echoed_the_challenge() -> Result<()> {
    let graph = Graph::start(AccountOptions::default()).await?;
    let door = Door::open(Kind::Plain)?;
    let edge = format!("{ACCOUNT}/subscribed_apps");
    let with = |url: &str, token: &str| json!({"override_callback_uri": url, "verify_token": token});

    for (body, expected) in [
        (with(&door.url(), "another token"), 2200),
        (with("http://127.0.0.1:9/hook", VERIFY_TOKEN), 2200),
        (with("http://shop.example/hook", VERIFY_TOKEN), 100),
        (with(&format!("https://shop.example/{}", "x".repeat(180)), VERIFY_TOKEN), 100),
        (json!({"override_callback_uri": door.url()}), 100),
    ] {
        assert_eq!(code(&graph.post(&edge, &body).await?), expected, "{body}");
    }
    let before = graph.get(&format!("v25.0/{edge}")).await?;
    assert_eq!(before["data"][0]["override_callback_uri"], Value::Null);

    assert_eq!(graph.post(&edge, &with(&door.url(), VERIFY_TOKEN)).await?, json!({"success": true}));
    let after = graph.get(&format!("v25.0/{edge}")).await?;
    assert_eq!(after["data"][0]["override_callback_uri"], json!(door.url()));
    assert_eq!(graph.post(&edge, &json!({})).await?, json!({"success": true}));
    assert_eq!(graph.get(&format!("v25.0/{edge}")).await?["data"][0]["override_callback_uri"], Value::Null);

    let own = json!({"webhook_configuration": with(&door.url(), VERIFY_TOKEN)});
    assert_eq!(graph.post(NUMBER, &own).await?, json!({"success": true}));
    let fields = graph.get(&format!("v25.0/{NUMBER}?fields=webhook_configuration")).await?;
    assert_eq!(fields["webhook_configuration"]["phone_number"], json!(door.url()));
    graph.meta.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_apps_own_webhook_takes_the_apps_own_token_alone() -> Result<()> {
    let graph = Graph::start(AccountOptions::default()).await?;
    let door = Door::open(Kind::Plain)?;
    let body = json!({"object": "whatsapp_business_account", "callback_url": door.url(), "verify_token": VERIFY_TOKEN,
                      "fields": "messages,security"});
    let path = format!("{APP}/subscriptions");

    assert_eq!(code(&graph.post(&path, &body).await?), 15);
    assert_eq!(code(&graph.post_as(&format!("{APP}|wrong"), &path, &body).await?), 190);
    let own = format!("{APP}|{APP_SECRET}");
    let strange = json!({"object": "whatsapp_business_account", "callback_url": door.url(),
                         "verify_token": VERIFY_TOKEN, "fields": "user_id_update"});
    assert_eq!(code(&graph.post_as(&own, &path, &strange).await?), 100);
    assert_eq!(graph.post_as(&own, &path, &body).await?, json!({"success": true}));
    graph.meta.stop().await;
    Ok(())
}

#[tokio::test]
async fn what_does_not_exist_is_refused_as_meta_does() -> Result<()> {
    let graph = Graph::start(AccountOptions::default()).await?;

    let unknown = graph.get("v25.0/777?fields=id").await?;
    assert_eq!((code(&unknown), unknown["error"]["error_subcode"].as_i64()), (100, Some(33)));
    assert_eq!(unknown["error"]["type"], "GraphMethodException");
    assert_eq!(code(&graph.get(&format!("v25.0/{NUMBER}?fields=shoe_size")).await?), 100);
    let probe = reqwest::get(format!("{}/v26.0/me", graph.meta.url())).await?.json::<Value>().await?;
    assert!(probe["error"]["message"].as_str().context("words")?.contains("active access token"));
    let none = reqwest::get(format!("{}/v99.0/me", graph.meta.url())).await?.json::<Value>().await?;
    assert!(none["error"]["message"].as_str().context("words")?.contains("Unknown path components"));
    graph.meta.stop().await;
    Ok(())
}
