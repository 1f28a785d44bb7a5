//! Carries webhooks to the gateway, in parallel, each until it is answered 200.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::{StatusCode, header};
use platform::clock::Clock;
use rand::Rng as _;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::{sign, to_meta_json};
use crate::meta_sim::options::RetrySchedule;
use crate::meta_sim::record::{DeliveryAttempt, Log};

/// The user agent of Meta's webhooks.
const USER_AGENT: &str = "facebookexternalua";

/// A signed webhook.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(crate) body: Bytes,
    signature: String,
    wamids: Arc<[String]>,
}

impl Webhook {
    pub(crate) fn wamids(&self) -> &[String] {
        &self.wamids
    }
}

pub(crate) struct Courier {
    client: reqwest::Client,
    app_secret: String,
    verify_token: String,
    url: RwLock<String>,
    retry: RetrySchedule,
    in_flight: Semaphore,
    clock: Clock,
    pub(crate) attempts: Log<DeliveryAttempt>,
}

/// What a courier has to know.
pub(crate) struct CourierOptions {
    pub(crate) app_secret: String,
    pub(crate) verify_token: String,
    pub(crate) url: String,
    pub(crate) retry: RetrySchedule,
    pub(crate) in_flight_max: usize,
    pub(crate) clock: Clock,
}

impl Courier {
    pub(crate) fn new(options: CourierOptions) -> Result<Self> {
        platform::http::install_tls_provider();
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(options.retry.attempt_timeout)
            .no_proxy()
            .build()
            .context("build the HTTP client of the simulated Meta")?;
        Ok(Self {
            client,
            app_secret: options.app_secret,
            verify_token: options.verify_token,
            url: RwLock::new(options.url),
            retry: options.retry,
            in_flight: Semaphore::new(options.in_flight_max.max(1)),
            clock: options.clock,
            attempts: Log::default(),
        })
    }

    pub(crate) fn set_url(&self, url: String) {
        *self.url.write().unwrap_or_else(PoisonError::into_inner) = url;
    }

    pub(crate) fn url(&self) -> String {
        self.url.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes and signs a webhook.
    pub(crate) fn seal(&self, envelope: &Value, wamids: Arc<[String]>) -> Webhook {
        let body = to_meta_json(envelope);
        let signature = sign(&self.app_secret, body.as_bytes());
        Webhook { body: body.into(), signature, wamids }
    }

    /// Delivers a webhook and returns how many attempts it took; `None` when it was given up.
    pub(crate) async fn deliver(&self, webhook: &Webhook) -> Option<u32> {
        let began = Instant::now();
        for attempt in 1_u32.. {
            if self.attempt(webhook, attempt).await {
                return Some(attempt);
            }
            let delay = self.retry.delay_after(attempt);
            if began.elapsed() + delay > self.retry.give_up_after {
                break;
            }
            tokio::time::sleep(jittered(delay)).await;
        }
        None
    }

    /// Makes one attempt and returns whether the answer was 200: exactly that counts.
    async fn attempt(&self, webhook: &Webhook, attempt: u32) -> bool {
        let _permit = self.in_flight.acquire().await.expect("the semaphore is never closed");
        let at = self.clock.now();
        let began = Instant::now();
        let answer = self
            .client
            .post(self.url())
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-hub-signature-256", &webhook.signature)
            .body(webhook.body.clone())
            .send()
            .await;
        let (status, error) = match answer {
            Ok(response) => {
                let status = response.status();
                response.bytes().await.ok(); // read to the end, so that the connection is used again
                (Some(status), None)
            }
            Err(error) => (None, Some(error.without_url().to_string())),
        };
        self.attempts.push(DeliveryAttempt {
            at,
            wamids: Arc::clone(&webhook.wamids),
            attempt,
            status: status.map(|status| status.as_u16()),
            error,
            latency: began.elapsed(),
        });
        status == Some(StatusCode::OK)
    }

    /// Makes the verification call that Meta makes when a callback address is saved.
    pub(crate) async fn verify(&self) -> Result<()> {
        let challenge = rand::rng().random_range(100_000_000..1_000_000_000_u32).to_string();
        let query = [
            ("hub.mode", "subscribe"),
            ("hub.challenge", challenge.as_str()),
            ("hub.verify_token", self.verify_token.as_str()),
        ];
        let response = self.client.get(self.url()).query(&query).send().await.map_err(reqwest::Error::without_url)?;
        ensure!(response.status() == StatusCode::OK, "the callback answered {} to the verification", response.status());
        let echoed = response.text().await?;
        ensure!(echoed == challenge, "the callback did not echo the challenge verbatim");
        Ok(())
    }
}

/// Returns a pause between three quarters and five quarters of `delay`.
fn jittered(delay: Duration) -> Duration {
    let percent = rand::rng().random_range(75..=125_u32);
    delay * percent / 100
}
