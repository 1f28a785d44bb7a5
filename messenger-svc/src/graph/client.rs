//! The calls: a message handed to the Graph API, a document uploaded, a read tick shown.

use std::time::Duration;

use anyhow::Context as _;
use jiff::SignedDuration;
use platform::secret::Secret;
use platform::telemetry;
use reqwest::RequestBuilder;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::multipart::{Form, Part};
use sha2::{Digest as _, Sha256};
use tracing::Instrument as _;
use tracing::field::Empty;
use url::Url;
use uuid::Uuid;

use super::answer::{self, Doubt, FindId, GraphError, SendAnswer};
use super::request::{ReadBody, SendBody};
use super::usage::{Usage, Watch};
use crate::domain::content::{Content, Document};
use crate::domain::recipient::{Address, Recipient};

/// Largest answer that is read; Meta's are a few hundred bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Where messages and read ticks go.
const MESSAGES: &str = "POST /{version}/{phone-number-id}/messages";
/// Where documents go.
const MEDIA: &str = "POST /{version}/{phone-number-id}/media";

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
    /// Meta's id of the document that was uploaded for it.
    pub media_id: Option<String>,
}

/// The Graph API as one token sees it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Graph {
    http: reqwest::Client,
    base: Url,
    version: String,
    token: Secret,
    usage: Watch,
}

/// What came of a call, and how much of its limits it says is used.
#[derive(Clone, Debug)]
pub struct Answered {
    /// What came of it.
    pub answer: SendAnswer,
    /// How much of Meta's limits is used.
    pub usage: Usage,
}

/// One kind of call.
struct Call {
    name: &'static str,
    message_id: Option<Uuid>,
    find_id: FindId,
}

struct Exchange {
    http: u16,
    headers: HeaderMap,
    body: Vec<u8>,
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
    /// How long a call may take.
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
        Ok(Self { http, base: options.base, version, token, usage: Watch::default() })
    }

    /// Returns a digest of the current token: enough to see that it changed.
    pub fn token_digest(&self) -> [u8; 8] {
        let digest: [u8; 32] = Sha256::digest(self.token.expose().as_bytes()).into();
        digest[..8].try_into().expect("32 bytes hold 8")
    }

    /// Hands one message over. Never tried again here: whether that is safe is for the outbox to decide.
    pub async fn send(&self, message: &Outgoing) -> Answered {
        let request = self.http.post(self.url(&message.phone_number_id, "messages")).json(&SendBody::from(message));
        let mut secrets = message.content.secrets();
        match message.recipient.address() {
            Address::Phone(name) | Address::UserId(name) => secrets.push(name),
        }
        let call = Call { name: MESSAGES, message_id: Some(message.id), find_id: answer::message_id };
        self.call(call, request, &secrets).await
    }

    /// Uploads a document, so that it can be sent by its id.
    pub async fn upload(
        &self,
        phone_number_id: &str,
        document: &Document,
        content: Vec<u8>,
        message_id: Uuid,
    ) -> Answered {
        let Ok(file) = Part::bytes(content).file_name(document.file_name.clone()).mime_str(&document.mime_type) else {
            // Meta's word for a type that it does not take.
            let error = GraphError { http: 400, code: Some(131_053), ..GraphError::default() };
            return Answered { answer: SendAnswer::Refused(error), usage: Usage::default() };
        };
        let form = Form::new()
            .text("messaging_product", "whatsapp")
            .text("type", document.mime_type.clone())
            .part("file", file);
        let request = self.http.post(self.url(phone_number_id, "media")).multipart(form);
        let secrets = [document.file_name.as_str(), document.caption.as_str()];
        let call = Call { name: MEDIA, message_id: Some(message_id), find_id: answer::media_id };
        self.call(call, request, &secrets).await
    }

    /// Shows a person that their message was read and, if asked for, that an answer is being written.
    pub async fn mark_read(&self, phone_number_id: &str, whatsapp_id: &str, show_typing: bool) -> Answered {
        let request =
            self.http.post(self.url(phone_number_id, "messages")).json(&ReadBody::new(whatsapp_id, show_typing));
        let call = Call { name: MESSAGES, message_id: None, find_id: answer::success };
        self.call(call, request, &[whatsapp_id]).await
    }

    async fn call(&self, call: Call, request: RequestBuilder, secrets: &[&str]) -> Answered {
        // Names as in the semantic conventions for HTTP clients. The template stands for the address.
        let span = tracing::info_span!(
            "graph",
            otel.name = call.name,
            otel.kind = "client",
            otel.status_code = Empty,
            http.request.method = "POST",
            http.response.status_code = Empty,
            server.address = self.base.host_str().unwrap_or_default(),
            server.port = self.base.port_or_known_default().unwrap_or_default(),
            url.template = call.name.trim_start_matches("POST "),
            error.r#type = Empty,
            graph.error.code = Empty,
            message.id = call.message_id.map(tracing::field::display),
        );
        let recorded = span.clone();
        async {
            let mut usage = Usage::default();
            let answer = match self.exchange(request).await {
                Ok(exchange) => {
                    usage = self.usage.note(&exchange.headers);
                    let retry_after = retry_after(&exchange.headers);
                    answer::read_as(call.find_id, exchange.http, retry_after, &exchange.body, secrets)
                }
                Err(answer) => answer,
            };
            let error_type = match &answer {
                SendAnswer::Accepted { .. } => None,
                SendAnswer::Refused(error) => {
                    recorded.record("graph.error.code", error.code);
                    Some(error.http.to_string())
                }
                SendAnswer::Unreached => Some("connect".to_owned()),
                SendAnswer::Doubtful(doubt) => Some(doubt.label().to_owned()),
            };
            if let Some(error_type) = error_type {
                recorded.record("otel.status_code", "ERROR");
                recorded.record("error.type", error_type);
            }
            Answered { answer, usage }
        }
        .instrument(span)
        .await
    }

    async fn exchange(&self, request: RequestBuilder) -> Result<Exchange, SendAnswer> {
        let mut request = request.bearer_auth(self.token.expose());
        if let Some(traceparent) = telemetry::current_traceparent() {
            request = request.header("traceparent", traceparent);
        }
        let mut response = match request.send().await {
            Ok(response) => response,
            // Its text holds the address and perhaps more, so only its kind is looked at.
            Err(error) if error.is_connect() || error.is_builder() => return Err(SendAnswer::Unreached),
            Err(error) if error.is_timeout() => return Err(SendAnswer::Doubtful(Doubt::Timeout)),
            Err(_) => return Err(SendAnswer::Doubtful(Doubt::CutOff)),
        };
        let http = response.status().as_u16();
        tracing::Span::current().record("http.response.status_code", http);
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_BYTES_MAX => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Ok(Some(_)) => return Err(SendAnswer::Doubtful(Doubt::Unreadable)),
                Err(error) if error.is_timeout() => return Err(SendAnswer::Doubtful(Doubt::Timeout)),
                Err(_) => return Err(SendAnswer::Doubtful(Doubt::CutOff)),
            }
        }
        Ok(Exchange { http, headers, body })
    }

    fn url(&self, phone_number_id: &str, edge: &str) -> Url {
        let mut url = self.base.clone();
        url.path_segments_mut().expect("checked to be a base when made").pop_if_empty().extend([
            self.version.as_str(),
            phone_number_id,
            edge,
        ]);
        url
    }
}

fn retry_after(headers: &HeaderMap) -> Option<SignedDuration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse::<u32>().ok()?;
    Some(SignedDuration::from_secs(i64::from(seconds)))
}
