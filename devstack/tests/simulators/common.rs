//! A gateway that answers as it is told and remembers what it got, and a caller of Graph.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::routing::get;
use devstack::meta_sim::{MetaSim, MetaSimOptions, Person, ReceiptPace, RetrySchedule};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// One webhook as it came.
#[derive(Clone, Debug)]
pub struct Received {
    pub body: Bytes,
    pub signature: String,
    pub json: Value,
}

/// A gateway for tests of the simulator.
#[derive(Clone, Default)]
pub struct StubGateway {
    received: Arc<Mutex<Vec<Received>>>,
    refuse_next: Arc<Mutex<Vec<StatusCode>>>,
}

impl StubGateway {
    /// Starts it and returns it with its webhook URL.
    pub async fn start() -> (Self, String) {
        let gateway = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhook/whatsapp", listener.local_addr().unwrap());
        let router = Router::new().route("/webhook/whatsapp", get(verify).post(receive)).with_state(gateway.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (gateway, url)
    }

    /// Answers the next webhooks like this, last one first.
    pub fn refuse_next(&self, statuses: &[StatusCode]) {
        self.refuse_next.lock().unwrap().extend_from_slice(statuses);
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Returns the words of the receipts that came, in the order of their coming.
    pub fn receipts(&self) -> Vec<String> {
        let status = |received: &Received| {
            received
                .json
                .pointer("/entry/0/changes/0/value/statuses/0/status")
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        self.received().iter().filter_map(status).collect()
    }
}

async fn verify(Query(query): Query<Vec<(String, String)>>) -> Result<String, StatusCode> {
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    if value("hub.mode").as_deref() == Some("subscribe") && value("hub.verify_token").as_deref() == Some("open sesame")
    {
        return Ok(value("hub.challenge").unwrap_or_default());
    }
    Err(StatusCode::FORBIDDEN)
}

async fn receive(State(gateway): State<StubGateway>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if let Some(status) = gateway.refuse_next.lock().unwrap().pop() {
        return status;
    }
    let signature = headers.get("x-hub-signature-256").unwrap().to_str().unwrap().to_owned();
    let json = serde_json::from_slice(&body).unwrap();
    gateway.received.lock().unwrap().push(Received { body, signature, json });
    StatusCode::OK
}

/// Starts a gateway and a Meta that knows it.
pub async fn start() -> (StubGateway, MetaSim) {
    start_with(|_| ()).await
}

/// The same, with other options.
pub async fn start_with(change: impl FnOnce(&mut MetaSimOptions)) -> (StubGateway, MetaSim) {
    let (gateway, url) = StubGateway::start().await;
    let mut options = MetaSimOptions::new(TcpListener::bind("127.0.0.1:0").await.unwrap(), url);
    "test_app_secret".clone_into(&mut options.app_secret);
    "token".clone_into(&mut options.access_token);
    "open sesame".clone_into(&mut options.verify_token);
    "2000".clone_into(&mut options.phone_number_id);
    options.retry = RetrySchedule { first_delay: Duration::from_millis(5), ..RetrySchedule::default() };
    let step = Duration::from_millis(30);
    options.receipt_pace = ReceiptPace { sent: step, delivered: step * 2, read: step * 3 };
    change(&mut options);
    (gateway, MetaSim::start(options).unwrap())
}

/// Waits until `condition` holds.
pub async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// Computes a signature without the simulator's code.
pub fn hmac_hex(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

/// Calls Graph as the messenger would and returns status and body.
pub async fn post_message(sim: &MetaSim, body: &Value) -> reqwest::Result<(u16, String)> {
    post_to(sim, "v25.0", "2000", "token", body).await
}

/// Calls any version of any number with any token.
pub async fn post_to(
    sim: &MetaSim,
    version: &str,
    number: &str,
    token: &str,
    body: &Value,
) -> reqwest::Result<(u16, String)> {
    let response = reqwest::Client::new()
        .post(format!("{}/{version}/{number}/messages", sim.url()))
        .bearer_auth(token)
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .json(body)
        .timeout(Duration::from_secs(5))
        .send()
        .await?;
    let status = response.status().as_u16();
    Ok((status, response.text().await?))
}

/// Returns the code of a Graph error.
pub fn error_code(body: &str) -> u64 {
    serde_json::from_str::<Value>(body).unwrap()["error"]["code"].as_u64().unwrap()
}

/// Returns somebody to talk to.
pub fn thandi() -> Person {
    Person::new("Thandi", "27825550101", "ZA.1349")
}

/// Returns a request that sends a text.
pub fn text_to(to: &str, body: &str) -> Value {
    json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": to, "type": "text",
           "text": {"body": body}, "biz_opaque_callback_data": "0190-our-id"})
}
