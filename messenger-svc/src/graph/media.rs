//! The two calls that fetch what a person sent: what it is and where, then its bytes.

use std::time::Duration;

use anyhow::Context as _;
use platform::secret::Secret;
use reqwest::StatusCode;
use serde::Deserialize;
use tracing::Instrument as _;
use tracing::field::Empty;
use url::Url;

use super::answer::{self, GraphError, SendAnswer};
use super::client::GraphOptions;
use crate::media::Hosts;

/// Largest description and largest error that is read; Meta's are a few hundred bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Bytes that a server may send ahead on one stream, and on all of a connection: what is not read waits on Meta's side.
const STREAM_WINDOW_BYTES: u32 = 256 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;
/// Characters of a MIME type that are passed on.
const MIME_CHARS_MAX: usize = 255;

/// Fetches files with the access token. Cheap to clone.
#[derive(Clone, Debug)]
pub struct MediaGraph {
    http: reqwest::Client,
    base: Url,
    version: String,
    token: Secret,
    hosts: Hosts,
}

/// What Meta says of a file.
#[derive(Clone, Debug)]
pub struct Descriptor {
    /// Where it lies; counts for five minutes.
    pub url: Url,
    /// MIME type as Meta names it.
    pub mime_type: String,
    /// Its size, when Meta named one.
    pub size_bytes: Option<u64>,
    /// Its SHA-256 as Meta spells it; empty when it did not.
    pub sha256: String,
}

/// A file whose bytes are coming.
#[derive(Debug)]
pub struct Download {
    response: reqwest::Response,
}

/// Why there are no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Meta answered with an error.
    Error(GraphError),
    /// The address does not count, or not any more.
    NotFound,
    /// The token may not be shown there.
    Refused(&'static str),
    /// The other side could not be reached, broke off or made no sense.
    Unavailable(&'static str),
}

// Everything optional: what is missing is said in our own words.
#[derive(Deserialize)]
struct Wire {
    url: Option<String>,
    mime_type: Option<String>,
    sha256: Option<String>,
    file_size: Option<serde_json::Value>,
}

impl MediaGraph {
    /// Prepares a client; it connects on first use.
    pub fn new(options: &GraphOptions, token: Secret, hosts: Hosts) -> anyhow::Result<Self> {
        platform::http::install_tls_provider();
        // A client of its own: the windows of the one that sends are made for answers, and its timeout is for a whole
        // exchange, which a reader that takes its time would break.
        let http = reqwest::Client::builder()
            .user_agent(concat!("thebackroom-messenger-svc/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.timeout)
            .redirect(reqwest::redirect::Policy::none()) // the token must not follow one
            .http2_initial_stream_window_size(STREAM_WINDOW_BYTES)
            .http2_initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .pool_idle_timeout(Duration::from_mins(1))
            .tcp_nodelay(true)
            .build()
            .context("prepare the client for media")?;
        let version = options.version.trim_matches('/').to_owned();
        Ok(Self { http, base: options.base.clone(), version, token, hosts })
    }

    /// Asks what a file is and where it lies.
    pub async fn describe(&self, media_id: &str, phone_number_id: &str) -> Result<Descriptor, Trouble> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .expect("checked to be a base when the settings were read")
            .pop_if_empty()
            .extend([self.version.as_str(), media_id]);
        url.query_pairs_mut().append_pair("phone_number_id", phone_number_id);
        let span = tracing::info_span!(
            "graph",
            otel.name = "GET /{version}/{media-id}",
            otel.kind = "client",
            otel.status_code = Empty,
            http.request.method = "GET",
            http.response.status_code = Empty,
            server.address = self.base.host_str().unwrap_or_default(),
            server.port = self.base.port_or_known_default().unwrap_or_default(),
            url.template = "/{version}/{media-id}",
            error.r#type = Empty,
        );
        async {
            let response = self.get(url).await?;
            let mut response = expect_success(response).await?;
            let body = small_body(&mut response).await?;
            serde_json::from_slice::<Wire>(&body).ok().and_then(descriptor).ok_or(UNREADABLE)
        }
        .instrument(span)
        .await
    }

    /// Begins to fetch a file. The token is shown only to hosts that may see it.
    pub async fn download(&self, url: &Url) -> Result<Download, Trouble> {
        self.hosts.admit(url).map_err(Trouble::Refused)?;
        let span = tracing::info_span!(
            "graph",
            otel.name = "GET {media-url}",
            otel.kind = "client",
            otel.status_code = Empty,
            http.request.method = "GET",
            http.response.status_code = Empty,
            server.address = url.host_str().unwrap_or_default(),
            server.port = url.port_or_known_default().unwrap_or_default(),
            error.r#type = Empty,
        );
        async {
            let response = self.get(url.clone()).await?;
            if response.status() == StatusCode::NOT_FOUND {
                return Err(Trouble::NotFound);
            }
            Ok(Download { response: expect_success(response).await? })
        }
        .instrument(span)
        .await
    }

    async fn get(&self, url: Url) -> Result<reqwest::Response, Trouble> {
        let result = self.http.get(url).bearer_auth(self.token.expose()).send().await;
        let span = tracing::Span::current();
        if let Ok(response) = &result {
            span.record("http.response.status_code", response.status().as_u16());
        }
        if let Some(kind) = match &result {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(response.status().as_str().to_owned()),
            Err(_) => Some("connect".to_owned()),
        } {
            span.record("otel.status_code", "ERROR");
            span.record("error.type", kind);
        }
        // Its text holds the address, so only its kind is looked at.
        result.map_err(|error| {
            Trouble::Unavailable(if error.is_timeout() { "it did not answer in time" } else { "it cannot be reached" })
        })
    }
}

const UNREADABLE: Trouble = Trouble::Unavailable("the Graph API's description of the file makes no sense");

impl Download {
    /// Returns the size that the server announces.
    pub fn size_bytes(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// Waits for the next bytes; `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<bytes::Bytes>, Trouble> {
        self.response.chunk().await.map_err(|error| {
            Trouble::Unavailable(if error.is_timeout() { "the file stopped coming" } else { "the file broke off" })
        })
    }
}

/// Passes a success on and reads what anything else says.
async fn expect_success(mut response: reqwest::Response) -> Result<reqwest::Response, Trouble> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    if status.is_redirection() {
        return Err(Trouble::Refused("it is a redirect, and the token must not follow one"));
    }
    let body = small_body(&mut response).await.unwrap_or_default();
    Err(match answer::read(status.as_u16(), None, &body, &[]) {
        SendAnswer::Refused(error) => Trouble::Error(error),
        _ => Trouble::Unavailable("the answer is an error of a server in between"),
    })
}

async fn small_body(response: &mut reqwest::Response) -> Result<Vec<u8>, Trouble> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Trouble::Unavailable("the answer broke off"))? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(UNREADABLE);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn descriptor(wire: Wire) -> Option<Descriptor> {
    let mime_type = wire.mime_type.unwrap_or_default();
    Some(Descriptor {
        url: Url::parse(wire.url?.as_str()).ok()?,
        mime_type: mime_type.chars().filter(|c| !c.is_control()).take(MIME_CHARS_MAX).collect(),
        // Meta's reference says string, real answers hold a number.
        size_bytes: wire.file_size.and_then(|size| match size {
            serde_json::Value::Number(number) => number.as_u64(),
            serde_json::Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }),
        sha256: wire.sha256.unwrap_or_default(),
    })
}
