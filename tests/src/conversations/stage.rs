//! The product in one process, with a clock that goes and can be moved.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use devstack::meta_sim::{MetaSim, Person};
use devstack::stack::{Databases, Flags, Gemini, Meta, Stack, StackOptions};
use jiff::{SignedDuration, Timestamp};
use platform::clock::Clock;
use platform::grpc::{Channel, Peer};
use platform::settings::GrpcClient;
use proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::task::AbortHandle;

use crate::load::signature;

/// How often the clock goes on.
const TICK: Duration = Duration::from_millis(5);
/// How far before the machine's time a clock begins that is going to be moved.
const EARLIER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The product, running, with nobody in it.
pub struct Stage {
    pub(super) inventory: InventoryServiceClient<Channel>,
    pub(super) clock: Clock,
    stack: Stack,
    webhook_url: String,
    app_secret: String,
    phone_number_id: String,
    client: reqwest::Client,
    people: AtomicUsize,
    ticking: AbortHandle,
    inventory_database: String,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.ticking.abort();
    }
}

impl Stage {
    /// Starts everything; the grammar reads alone, and its answers are the same every time.
    pub async fn start() -> Result<Self> {
        Self::start_at(Clock::system().now()).await
    }

    /// Starts everything a week ago: six days can be let pass, all scripts together.
    ///
    /// Postgres has the machine's time and notes by it when a message came in, and nobody writes later than that: a clock
    /// that is moved ahead of the machine's would let everything be written late.
    pub async fn start_a_week_ago() -> Result<Self> {
        Self::start_at(Clock::system().now() - EARLIER).await
    }

    async fn start_at(time: Timestamp) -> Result<Self> {
        let databases = Databases {
            gateway: local_postgres::fresh_database("chats_gateway").await,
            inventory: local_postgres::fresh_database("chats_inventory").await,
            messenger: local_postgres::fresh_database("chats_messenger").await,
        };
        let inventory_database = databases.inventory.clone();
        let clock = Clock::manual(time);
        let mut options = StackOptions::simulated(databases).await?;
        options.clock = clock.clone();
        options.gemini = Gemini::Real;
        options.flags = Flags { parser: vec!["--gemini-api-key=".to_owned()], ..Flags::default() };
        let Meta::Simulated(meta) = &mut options.meta else { bail!("a simulated stack has a simulated Meta") };
        meta.clock = clock.clone();
        let (app_secret, phone_number_id) = (meta.app_secret.clone(), meta.phone_number_id.clone());
        let stack = Stack::start(options).await?;
        let settings = GrpcClient {
            caller_key: Some(SecretString::from(stack.caller_key())),
            caller_key_file: None,
            tls_server_ca: None,
            tls_client_cert: None,
            tls_client_key: None,
        };
        let url = stack.inventory_url().to_owned();
        let peer = Peer { name: "inventory-svc", url, variable: "URL", timeout: Duration::from_secs(20) };
        Ok(Self {
            inventory: InventoryServiceClient::new(Channel::new(peer, &settings)?),
            webhook_url: format!("{}/webhook/whatsapp", stack.gateway_url()),
            stack,
            app_secret,
            phone_number_id,
            client: reqwest::Client::new(),
            people: AtomicUsize::new(0),
            ticking: tokio::spawn(go_on(clock.clone())).abort_handle(),
            clock,
            inventory_database,
        })
    }

    /// Panics when the ledger contradicts itself, and stops everything.
    pub async fn close(self) -> Result<()> {
        let pool = sqlx::PgPool::connect(&self.inventory_database).await.context("look at the ledger")?;
        let wrong: i64 = sqlx::query_scalar("SELECT count(*) FROM ledger_discrepancy").fetch_one(&pool).await?;
        pool.close().await;
        assert_eq!(wrong, 0, "balances differ from the sum of their movements");
        self.ticking.abort();
        Ok(())
    }

    pub(super) fn meta(&self) -> &MetaSim {
        self.stack.meta().expect("a simulated stack has a simulated Meta")
    }

    /// Makes somebody whom nobody knows yet.
    pub(super) fn somebody(&self, name: &str) -> Person {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        self.meta().person(Person::new(name, format!("2783{number:07}"), format!("ZA.55{number:06}")))
    }

    /// Lets time pass, for everybody.
    pub(super) fn let_pass(&self, time: SignedDuration) -> Result<()> {
        let then = self.clock.now() + time;
        ensure!(then < Clock::system().now(), "all scripts together let more time pass than there is to the present");
        self.clock.advance(time);
        Ok(())
    }

    /// Returns the business number, as Meta's id.
    pub(super) fn phone_number_id(&self) -> &str {
        &self.phone_number_id
    }

    /// Delivers several texts of one person in one webhook, as Meta does when they come close together. Returns their ids.
    pub(super) async fn deliver_together(&self, person: &Person, texts: &[String]) -> Result<Vec<String>> {
        let written_at = self.clock.now().as_second().to_string();
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        let ids: Vec<String> = (0..texts.len()).map(|index| format!("wamid.together{number}x{index}")).collect();
        let messages: Vec<Value> = std::iter::zip(&ids, texts)
            .map(|(id, text)| {
                json!({"from": person.phone, "from_user_id": person.user_id, "id": id, "timestamp": written_at,
                       "type": "text", "text": {"body": text}})
            })
            .collect();
        let value = json!({"messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550001111", "phone_number_id": self.phone_number_id},
            "contacts": [{"profile": {"name": person.name}, "wa_id": person.phone, "user_id": person.user_id}],
            "messages": messages});
        let envelope = json!({"object": "whatsapp_business_account",
            "entry": [{"id": "100000000000001", "changes": [{"field": "messages", "value": value}]}]});
        let body = envelope.to_string().into_bytes();
        let request = self
            .client
            .post(&self.webhook_url)
            .header("content-type", "application/json")
            .header("x-hub-signature-256", signature(&self.app_secret, &body));
        let answer = request.body(body).send().await.context("deliver a webhook")?;
        answer.error_for_status().context("the gateway takes a webhook")?;
        Ok(ids)
    }
}

/// Lets a clock go as clocks go.
async fn go_on(clock: Clock) {
    let mut then = Instant::now();
    loop {
        tokio::time::sleep(TICK).await;
        let now = Instant::now();
        clock.advance(SignedDuration::try_from(now - then).unwrap_or_default());
        then = now;
    }
}
