//! The gRPC channel every service calls through: lazy, bounded in time, tries again, carries key and trace.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use rand::Rng as _;
use tonic::Status;
use tonic::body::Body;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};
use tower::Service;
use tracing::Instrument as _;

use crate::secret::Secret;
use crate::settings::GrpcClient;
use crate::telemetry;

/// How often a call is made in all when the other side is not available.
const ATTEMPTS_MAX: u32 = 3;

/// Whom to call.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The service, for people: `parser-svc`.
    pub name: &'static str,
    /// Where it is.
    pub url: String,
    /// The variable that says so, for the error message.
    pub variable: &'static str,
    /// How long one call may take, retries included.
    pub timeout: Duration,
}

/// A channel to one service. Cheap to clone. Give it to a generated client.
///
/// Buffers requests to repeat them, so it is for unary calls; every mutating RPC of ours is idempotent. What comes in
/// pieces goes through [`Channel::streaming`].
#[derive(Clone, Debug)]
pub struct Channel {
    inner: tonic::transport::Channel,
    peer: Arc<Peer>,
    key: Secret,
    streams: bool,
}

impl Channel {
    /// Prepares a channel; it connects on first use.
    pub fn new(peer: Peer, settings: &GrpcClient) -> anyhow::Result<Self> {
        let key = Secret::require("CALLER_KEY", settings.caller_key.as_ref(), settings.caller_key_file.as_ref())?;
        let mut endpoint = Endpoint::from_shared(peer.url.clone())
            .with_context(|| format!("{} is not a URL like http://host:port: {}", peer.variable, peer.url))?
            .connect_timeout(Duration::from_secs(2))
            .tcp_nodelay(true)
            .http2_keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(5));
        if peer.url.starts_with("https://") {
            crate::http::install_tls_provider();
            endpoint = endpoint
                .tls_config(tls(settings)?)
                .with_context(|| format!("use TLS towards {} ({})", peer.name, peer.variable))?;
        }
        Ok(Self { inner: endpoint.connect_lazy(), peer: Arc::new(peer), key, streams: false })
    }

    /// Returns a channel over the same connection for calls whose requests are streams: sent as they come, tried once.
    ///
    /// `timeout` bounds the time until the response begins.
    #[must_use]
    pub fn streaming(&self, timeout: Duration) -> Self {
        let peer = Peer { timeout, ..(*self.peer).clone() };
        Self { peer: Arc::new(peer), streams: true, ..self.clone() }
    }
}

fn tls(settings: &GrpcClient) -> anyhow::Result<ClientTlsConfig> {
    let read = |name: &str, path: &std::path::Path| {
        std::fs::read(path).with_context(|| format!("{name} points to {}, which cannot be read", path.display()))
    };
    let mut tls = ClientTlsConfig::new().with_webpki_roots();
    if let Some(authority) = &settings.tls_server_ca {
        tls = tls.ca_certificate(Certificate::from_pem(read("TLS_SERVER_CA", authority)?));
    }
    match (&settings.tls_client_cert, &settings.tls_client_key) {
        (Some(certificate), Some(key)) => {
            Ok(tls.identity(Identity::from_pem(read("TLS_CLIENT_CERT", certificate)?, read("TLS_CLIENT_KEY", key)?)))
        }
        (None, None) => Ok(tls),
        _ => anyhow::bail!("TLS_CLIENT_CERT and TLS_CLIENT_KEY go together: one of them is missing"),
    }
}

impl Service<http::Request<Body>> for Channel {
    type Response = http::Response<Body>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Status>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        // Readiness is waited for inside the call, where its time counts against the deadline.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let this = self.clone();
        let method = request.uri().path().trim_start_matches('/').to_owned();
        let (service, name) = method.split_once('/').unwrap_or((&method, ""));
        let span = tracing::info_span!(
            "rpc",
            otel.name = method,
            otel.kind = "client",
            otel.status_code = tracing::field::Empty,
            rpc.system = "grpc",
            rpc.service = service,
            rpc.method = name,
            rpc.grpc.status_code = tracing::field::Empty,
            peer.service = this.peer.name,
        );
        let recorded = span.clone();
        Box::pin(
            async move {
                let timeout = this.peer.timeout;
                let result = match tokio::time::timeout(timeout, this.attempts(request)).await {
                    Ok(result) => result,
                    Err(_) => Err(Status::deadline_exceeded(format!(
                        "{} did not answer within {} ms ({})",
                        this.peer.name,
                        timeout.as_millis(),
                        this.peer.variable
                    ))),
                };
                let code = match &result {
                    Ok(response) => grpc_status(response),
                    Err(status) => i32::from(status.code()),
                };
                recorded.record("rpc.grpc.status_code", code);
                if code != 0 {
                    recorded.record("otel.status_code", "ERROR");
                }
                result
            }
            .instrument(span),
        )
    }
}

impl Channel {
    async fn attempts(&self, request: http::Request<Body>) -> Result<http::Response<Body>, Status> {
        let (mut head, body) = request.into_parts();
        if let Some(traceparent) = telemetry::current_traceparent().and_then(|value| value.parse().ok()) {
            head.headers.insert("traceparent", traceparent);
        }
        let bearer = format!("Bearer {}", self.key.expose()).parse().map_err(|_| {
            Status::internal("CALLER_KEY holds characters that a header cannot carry: use the key that `backroom caller-key` printed")
        })?;
        head.headers.insert(http::header::AUTHORIZATION, bearer);
        // The server stops when we do.
        if let Ok(value) = format!("{}m", self.peer.timeout.as_millis()).parse() {
            head.headers.insert("grpc-timeout", value);
        }
        if self.streams {
            return self.once(http::Request::from_parts(head, body)).await.map_err(|error| self.unreachable(&error));
        }
        let bytes: Bytes = body.collect().await?.to_bytes();
        let mut attempt = 1;
        loop {
            let request = http::Request::from_parts(head.clone(), Body::new(Full::new(bytes.clone())));
            let last = attempt >= ATTEMPTS_MAX;
            match self.once(request).await {
                Ok(response) if grpc_status(&response) == i32::from(tonic::Code::Unavailable) && !last => {}
                Ok(response) => return Ok(response),
                Err(_) if !last => {}
                Err(error) => return Err(self.unreachable(&error)),
            }
            let pause = rand::rng().random_range(10..=40_u64) << attempt;
            tokio::time::sleep(Duration::from_millis(pause)).await;
            attempt += 1;
        }
    }

    fn unreachable(&self, error: &tonic::transport::Error) -> Status {
        Status::unavailable(format!(
            "cannot reach {} at {} ({}): {error}",
            self.peer.name, self.peer.url, self.peer.variable
        ))
    }

    async fn once(&self, request: http::Request<Body>) -> Result<http::Response<Body>, tonic::transport::Error> {
        let mut channel = self.inner.clone();
        std::future::poll_fn(|context| channel.poll_ready(context)).await?;
        channel.call(request).await
    }
}

// Errors of unary calls come as headers alone.
fn grpc_status<B>(response: &http::Response<B>) -> i32 {
    response
        .headers()
        .get("grpc-status")
        .map_or(0, |code| code.to_str().ok().and_then(|code| code.parse().ok()).unwrap_or(2))
}
