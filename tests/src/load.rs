//! Waiting for conditions, making people, signing bodies.

use std::future::Future;
use std::time::{Duration, Instant};

use devstack::meta_sim::{MetaSim, Person};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Waits until a condition holds; fails after two minutes.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut condition: impl FnMut() -> F) {
    let deadline = Instant::now() + Duration::from_mins(2);
    while !condition().await {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How everybody's name begins.
pub(crate) const NAME: &str = "Nomvula";
/// How everybody's number begins.
pub(crate) const PHONE: &str = "2782555";

/// Makes people with phones, each the owner of a shop of their own.
pub fn people(meta: &MetaSim, count: usize) -> Vec<Person> {
    (0..count)
        .map(|index| {
            meta.person(Person::new(
                format!("{NAME} {index}"),
                format!("{PHONE}{index:04}"),
                format!("ZA.77{index:06}"),
            ))
        })
        .collect()
}

/// Signs a body as Meta does.
pub fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// A sender that posts its own signed webhooks, one after the other: each is sent when the one before was taken.
#[derive(Clone)]
pub struct Sender {
    client: reqwest::Client,
    url: String,
    secret: String,
    /// The person's number.
    pub phone: String,
    /// The person's business-scoped user id.
    pub user_id: String,
}

impl Sender {
    /// Makes a sender by number.
    pub fn new(gateway: &str, secret: &str, index: usize) -> Self {
        Self {
            client: reqwest::Client::new(),
            url: format!("{gateway}/webhook/whatsapp"),
            secret: secret.to_owned(),
            phone: format!("{PHONE}{index:04}"),
            user_id: format!("ZA.88{index:06}"),
        }
    }

    /// Returns the envelope of a text.
    pub fn envelope(&self, wamid: &str, text: &str, sent_at: i64) -> serde_json::Value {
        envelope(&self.phone, &self.user_id, wamid, text, sent_at)
    }

    /// Posts a body once and returns the status, or `None` when there was no answer.
    pub async fn post(&self, body: Vec<u8>, signature: Option<String>) -> Option<u16> {
        let mut request = self.client.post(&self.url).header("content-type", "application/json").body(body);
        if let Some(signature) = signature {
            request = request.header("x-hub-signature-256", signature);
        }
        request.timeout(Duration::from_secs(10)).send().await.ok().map(|answer| answer.status().as_u16())
    }

    /// Posts a signed body once.
    pub async fn post_signed(&self, body: Vec<u8>) -> Option<u16> {
        let signature = signature(&self.secret, &body);
        self.post(body, Some(signature)).await
    }

    /// Sends a text and repeats it until it is taken.
    pub async fn say(&self, wamid: &str, text: &str, sent_at: i64) {
        let body = self.envelope(wamid, text, sent_at).to_string().into_bytes();
        let mut pause = Duration::from_millis(50);
        while self.post_signed(body.clone()).await != Some(200) {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }
}

/// Returns the envelope of a text that a person sent.
pub fn envelope(phone: &str, user_id: &str, wamid: &str, text: &str, sent_at: i64) -> serde_json::Value {
    serde_json::json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550001111", "phone_number_id": "200000000000001"},
        "contacts": [{"profile": {"name": format!("{NAME} of the shop")}, "wa_id": phone, "user_id": user_id}],
        "messages": [{"from": phone, "from_user_id": user_id, "id": wamid, "timestamp": sent_at.to_string(),
                      "type": "text", "text": {"body": text}}]}}]}]})
}

/// Returns the time in unix seconds.
pub fn now() -> i64 {
    platform::clock::Clock::system().now().as_second()
}
