//! A gateway on a database of its own, its three services, and short ways to say what the tests say often.

use std::time::Duration;

use clap::Parser as _;
use gateway::Settings;
use hmac::{Hmac, KeyInit as _, Mac as _};
use platform::Process;
use platform::clock::Clock;
use platform::shutdown::Shutdown;
use serde_json::{Value, json};
use sha2::Sha256;
use sqlx::PgPool;

use crate::fakes::inventory::Inventory;
use crate::fakes::messenger::{Messenger, taps_of, text_of};
use crate::fakes::parser::Parser;

const APP_SECRET: &str = "an app secret of the tests";

/// The business number, as Meta's id.
pub const NUMBER: &str = "2000";

/// A running gateway.
pub struct World {
    pub inventory: Inventory,
    pub parser: Parser,
    pub messenger: Messenger,
    pub pool: PgPool,
    settings: Vec<String>,
    url: String,
    shutdown: Shutdown,
}

/// Starts a process with these settings and returns where it takes notifications, and what ends it.
async fn serve(settings: &[String]) -> (String, Shutdown) {
    let settings = Settings::try_parse_from(settings).unwrap();
    let listener = platform::bind(([127, 0, 0, 1], 0).into(), "LISTEN_ADDR").await.unwrap();
    let url = format!("http://{}/webhook/whatsapp", listener.local_addr().unwrap());
    let shutdown = Shutdown::new();
    let process = Process::new(Clock::system(), shutdown.clone());
    // The futures of the migrator are not `Send` in the compiler's eyes.
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || runtime.block_on(gateway::serve(settings, listener, process)).unwrap());
    (url, shutdown)
}

impl World {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts with settings of its own.
    pub async fn start_with(more: &[&str]) -> Self {
        let database_url = local_postgres::fresh_database("gateway").await;
        let (inventory, parser, messenger) = (Inventory::default(), Parser::default(), Messenger::default());
        let (inventory_url, parser_url, messenger_url) =
            (inventory.start().await, parser.start().await, messenger.start().await);
        let own = [
            "gateway".to_owned(),
            format!("--database-url={database_url}"),
            format!("--inventory-url={inventory_url}"),
            format!("--parser-url={parser_url}"),
            format!("--messenger-url={messenger_url}"),
            format!("--whatsapp-app-secret={APP_SECRET}"),
            "--whatsapp-verify-token=a verify token".to_owned(),
            "--caller-key=a key of the tests".to_owned(),
        ];
        let more = more.iter().map(|setting| (*setting).to_owned());
        let settings: Vec<String> = own.into_iter().chain(more).collect();
        let (url, shutdown) = serve(&settings).await;
        let pool = PgPool::connect(&database_url).await.unwrap();
        let world = Self { inventory, parser, messenger, pool, settings, url, shutdown };
        eventually("the schema is there", || async {
            sqlx::query("SELECT 1 FROM question").execute(&world.pool).await.is_ok()
        })
        .await;
        world
    }

    /// Starts one more process over the same database; the one before works on and takes the next notifications when it is
    /// given back.
    pub async fn another(&mut self) -> (String, Shutdown) {
        let (url, shutdown) = serve(&self.settings).await;
        (std::mem::replace(&mut self.url, url), std::mem::replace(&mut self.shutdown, shutdown))
    }

    /// Lets another process take the next notifications. Returns the one that took them so far.
    pub fn turn_to(&mut self, (url, shutdown): (String, Shutdown)) -> (String, Shutdown) {
        (std::mem::replace(&mut self.url, url), std::mem::replace(&mut self.shutdown, shutdown))
    }

    /// Posts a notification as Meta does and returns the status.
    pub async fn post(&self, notification: &Value) -> u16 {
        let body = notification.to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let client = platform::http::client(&platform::http::Options {
            user_agent_part: "tests",
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            redirects: false,
        })
        .unwrap();
        let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        let response = client.post(&self.url).header("x-hub-signature-256", signature).body(body).send().await.unwrap();
        response.status().as_u16()
    }

    /// Posts messages, and waits until nothing is left to do.
    pub async fn take(&self, messages: &[Value]) {
        assert_eq!(self.post(&notification(messages)).await, 200);
        self.until_idle().await;
    }

    /// Waits until nothing is left to do.
    pub async fn until_idle(&self) {
        eventually("everything is done", || async {
            let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM job WHERE settled_at IS NULL")
                .fetch_one(&self.pool)
                .await
                .unwrap();
            waiting == 0
        })
        .await;
        let dead: i64 = sqlx::query_scalar("SELECT count(*) FROM job WHERE dead").fetch_one(&self.pool).await.unwrap();
        assert_eq!(dead, 0, "nothing was given up");
    }

    /// Says something and returns the answers to this person so far.
    pub async fn say(&self, phone: &str, wamid: &str, text: &str) -> Vec<String> {
        self.take(&[message(phone, wamid, "text", &json!({ "body": text }))]).await;
        self.answers(phone)
    }

    /// Returns the texts that went to a person.
    pub fn answers(&self, phone: &str) -> Vec<String> {
        self.messenger.sent_to(phone).iter().map(|sent| text_of(sent).to_owned()).collect()
    }

    /// Returns the newest text to a person, and what can be tapped under it.
    pub fn newest(&self, phone: &str) -> (String, Vec<(String, String)>) {
        let sent = self.messenger.sent_to(phone).pop().expect("an answer");
        (text_of(&sent).to_owned(), taps_of(&sent))
    }

    /// Taps what stands under the newest answer by its title.
    pub async fn tap(&self, phone: &str, wamid: &str, title: &str) -> String {
        let (_, taps) = self.newest(phone);
        let (id, _) = taps.iter().find(|(_, each)| each == title).expect("something with this title");
        let reply = json!({ "type": "button_reply", "button_reply": { "id": id, "title": title } });
        self.take(&[message(phone, wamid, "interactive", &reply)]).await;
        self.newest(phone).0
    }

    /// Returns the fields of what was kept as events.
    pub async fn kept(&self) -> Vec<String> {
        sqlx::query_scalar("SELECT field FROM kept_event ORDER BY id").fetch_all(&self.pool).await.unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}

/// Builds a message of a kind.
pub fn message(phone: &str, wamid: &str, kind: &str, body: &Value) -> Value {
    let mut message = json!({
        "from": phone, "id": wamid, "type": kind, "timestamp": Clock::system().now().as_second().to_string(),
    });
    if !body.is_null() {
        message[kind] = body.clone();
    }
    message
}

/// Adds a field to a message.
pub fn with(mut message: Value, key: &str, value: &Value) -> Value {
    message[key] = value.clone();
    message
}

/// Puts messages into the envelope of Meta.
pub fn notification(messages: &[Value]) -> Value {
    change(
        "messages",
        &json!({
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "15550001111", "phone_number_id": NUMBER },
            "messages": messages,
        }),
    )
}

/// Puts a change into the envelope of Meta.
pub fn change(field: &str, value: &Value) -> Value {
    json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "1", "time": 1_790_416_800, "changes": [{ "field": field, "value": value }] }],
    })
}

/// Waits for a condition.
pub async fn eventually<F, Fut>(what: &str, condition: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = bool>,
{
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while !condition().await {
        assert!(tokio::time::Instant::now() < deadline, "it did not happen: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
