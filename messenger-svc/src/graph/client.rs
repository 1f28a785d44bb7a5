//! The call: one message handed to the Graph API.

use std::time::Duration;

use anyhow::Context as _;
use jiff::SignedDuration;
use platform::secret::Secret;
use platform::telemetry;
use reqwest::header::RETRY_AFTER;
use sha2::{Digest as _, Sha256};
use tracing::Instrument as _;
use tracing::field::Empty;
use url::Url;
use uuid::Uuid;

use super::answer::{self, Doubt, SendAnswer};
use super::request::SendBody;
use crate::domain::content::Content;
use crate::domain::recipient::{Address, Recipient};

/// Largest answer that is read; Meta's are a few hundred bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A message on its way out.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Our id, which every receipt brings back.
    pub id: Uuid,
    /// The number it is sent from.
    pub phone_number_id: String,
    /// Who gets it.
    pub recipient: Recipient,
    /// What is sent.
    pub content: Content,
    /// WhatsApp id of the message to quote.
    pub quoted_message_id: Option<String>,
}

/// The Graph API as one token sees it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Graph {
    http: reqwest::Client,
    base: Url,
    version: String,
    token: Secret,
}

/// Where the Graph API is and how long it may take.
#[derive(Clone, Debug)]
pub struct GraphOptions {
    /// Base address, for example `https://graph.facebook.com`.
    pub base: Url,
    /// Version, for example `v25.0`.
    pub version: String,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a send may take.
    pub timeout: Duration,
}

impl Graph {
    /// Prepares a client; it connects on first use.
    pub fn new(options: GraphOptions, token: Secret) -> anyhow::Result<Self> {
        let version = options.version.trim_matches('/').to_owned();
        anyhow::ensure!(
            version.starts_with('v') && version[1..].split('.').all(|part| part.parse::<u16>().is_ok()),
            "GRAPH_API_VERSION is not a version like v25.0: {version}"
        );
        anyhow::ensure!(
            !options.base.cannot_be_a_base(),
            "GRAPH_API_URL is not an address like https://graph.facebook.com"
        );
        let http = platform::http::client(&platform::http::Options {
            user_agent_part: "messenger-svc",
            connect_timeout: options.connect_timeout,
            timeout: options.timeout,
            redirects: false, // the token must not follow one
        })
        .context("prepare the client of the Graph API")?;
        Ok(Self { http, base: options.base, version, token })
    }

    /// Returns a digest of the current token: enough to see that it changed.
    pub fn token_digest(&self) -> [u8; 8] {
        let digest: [u8; 32] = Sha256::digest(self.token.expose().as_bytes()).into();
        digest[..8].try_into().expect("32 bytes hold 8")
    }

    /// Hands one message over. Never tried again here: whether that is safe is for the outbox to decide.
    pub async fn send(&self, message: &Outgoing) -> SendAnswer {
        // Names as in the semantic conventions for HTTP clients. The template stands for the address.
        let span = tracing::info_span!(
            "graph",
            otel.name = "POST /{version}/{phone-number-id}/messages",
            otel.kind = "client",
            otel.status_code = Empty,
            http.request.method = "POST",
            http.response.status_code = Empty,
            server.address = self.base.host_str().unwrap_or_default(),
            server.port = self.base.port_or_known_default().unwrap_or_default(),
            url.template = "/{version}/{phone-number-id}/messages",
            error.r#type = Empty,
            graph.error.code = Empty,
            message.id = %message.id,
        );
        let recorded = span.clone();
        async {
            let answer = self.exchange(message).await;
            match &answer {
                SendAnswer::Accepted { .. } => {}
                SendAnswer::Refused(error) => {
                    recorded.record("otel.status_code", "ERROR");
                    recorded.record("error.type", error.http.to_string());
                    recorded.record("graph.error.code", error.code);
                }
                SendAnswer::Unreached => {
                    recorded.record("otel.status_code", "ERROR");
                    recorded.record("error.type", "connect");
                }
                SendAnswer::Doubtful(doubt) => {
                    recorded.record("otel.status_code", "ERROR");
                    recorded.record("error.type", doubt.label());
                }
            }
            answer
        }
        .instrument(span)
        .await
    }

    async fn exchange(&self, message: &Outgoing) -> SendAnswer {
        let mut request = self
            .http
            .post(self.messages_url(&message.phone_number_id))
            .bearer_auth(self.token.expose())
            .json(&SendBody::from(message));
        if let Some(traceparent) = telemetry::current_traceparent() {
            request = request.header("traceparent", traceparent);
        }
        let mut response = match request.send().await {
            Ok(response) => response,
            // Its text holds the address and perhaps more, so only its kind is looked at.
            Err(error) if error.is_connect() || error.is_builder() => return SendAnswer::Unreached,
            Err(error) if error.is_timeout() => return SendAnswer::Doubtful(Doubt::Timeout),
            Err(_) => return SendAnswer::Doubtful(Doubt::CutOff),
        };
        let http = response.status().as_u16();
        tracing::Span::current().record("http.response.status_code", http);
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse::<u32>().ok())
            .map(|seconds| SignedDuration::from_secs(i64::from(seconds)));
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_BYTES_MAX => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Ok(Some(_)) => return SendAnswer::Doubtful(Doubt::Unreadable),
                Err(error) if error.is_timeout() => return SendAnswer::Doubtful(Doubt::Timeout),
                Err(_) => return SendAnswer::Doubtful(Doubt::CutOff),
            }
        }
        answer::read(http, retry_after, &body, &secrets_of(message))
    }

    fn messages_url(&self, phone_number_id: &str) -> Url {
        let mut url = self.base.clone();
        url.path_segments_mut().expect("checked to be a base when made").pop_if_empty().extend([
            self.version.as_str(),
            phone_number_id,
            "messages",
        ]);
        url
    }
}

fn secrets_of(message: &Outgoing) -> Vec<&str> {
    let mut secrets = match message.recipient.address() {
        Address::Phone(name) | Address::UserId(name) => vec![name],
    };
    match &message.content {
        Content::Text { body } => secrets.push(body),
        Content::ReplyButtons { body, buttons } => {
            secrets.push(body);
            secrets.extend(buttons.iter().flat_map(|button| [button.id.as_str(), button.title.as_str()]));
        }
    }
    secrets
}
