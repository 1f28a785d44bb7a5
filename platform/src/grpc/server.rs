//! The gRPC server every service runs.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures::{Stream, StreamExt as _};
use opentelemetry::KeyValue;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, ServerTlsConfig};
use tower::{Layer, Service};
use tracing::Instrument as _;

use super::callers::{CallerKeys, Refused};
use crate::Process;
use crate::error::{Refusal, Situation};
use crate::secret::Secret;
use crate::settings::GrpcServer;
use crate::telemetry;

type Check = Box<dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// A gRPC server with health, reflection, caller keys, limits and traces.
#[must_use = "a server does nothing until `serve`"]
pub struct Server {
    name: &'static str,
    settings: GrpcServer,
    process: Process,
    guard: GuardLayer,
    routes: Routes,
    health: tonic_health::server::HealthReporter,
    services: Vec<&'static str>,
    check: Option<Check>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Server")
            .field("name", &self.name)
            .field("services", &self.services)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Prepares a server. `error_domain` is the domain of the service's errors, `descriptors` what reflection shows.
    pub fn new(
        name: &'static str,
        error_domain: &'static str,
        descriptors: &'static [u8],
        settings: &GrpcServer,
        process: &Process,
    ) -> anyhow::Result<Self> {
        let source = Secret::resolve("CALLER_KEYS", settings.caller_keys.as_ref(), settings.caller_keys_file.as_ref())?
            .with_context(|| {
                format!("CALLER_KEYS is not set, so nobody could call {name}: set CALLER_KEYS or CALLER_KEYS_FILE; `backroom caller-key gateway` makes a key and its entry")
            })?;
        let (health, health_service) = tonic_health::server::health_reporter();
        let reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(descriptors)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .build_v1()
            .context("build gRPC reflection")?;
        Ok(Self {
            name,
            guard: GuardLayer {
                error_domain,
                keys: CallerKeys::new(source)?,
                slots: Arc::new(Semaphore::new(settings.max_concurrent_requests)),
            },
            settings: settings.clone(),
            process: process.clone(),
            routes: Routes::new(health_service).add_service(reflection),
            health,
            services: Vec::new(),
            check: None,
        })
    }

    /// Adds a service. Its message size limit is the caller's business: `.max_decoding_message_size(..)`.
    pub fn service<S>(mut self, service: S) -> Self
    where
        S: Service<http::Request<Body>, Error = Infallible> + NamedService + Clone + Send + Sync + 'static,
        S::Response: axum::response::IntoResponse,
        S::Future: Send + 'static,
    {
        self.services.push(S::NAME);
        self.routes = self.routes.add_service(service);
        self
    }

    /// Adds what has to hold for the service to be ready; asked every two seconds.
    pub fn ready_check<F, Fut, E>(mut self, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: std::fmt::Display + Send + 'static,
    {
        let name = self.name;
        self.check = Some(Box::new(move || {
            let answer = check();
            Box::pin(async move {
                match tokio::time::timeout(Duration::from_secs(2), answer).await {
                    Ok(Ok(())) => true,
                    Ok(Err(error)) => {
                        tracing::warn!("{name} is not ready: {error}");
                        false
                    }
                    Err(_) => {
                        tracing::warn!("{name} is not ready: its check takes longer than two seconds");
                        false
                    }
                }
            })
        }));
        self
    }

    /// Serves until the drain begins and work in hand is finished.
    pub async fn serve(self, listener: TcpListener) -> anyhow::Result<()> {
        let address = listener.local_addr().context("read the address that is listened on")?;
        let shutdown = self.process.shutdown.clone();
        let mut server = tonic::transport::Server::builder()
            .http2_keepalive_interval(Some(Duration::from_secs(30)))
            .http2_keepalive_timeout(Some(Duration::from_secs(10)));
        if let Some(tls) = tls(&self.settings)? {
            crate::http::install_tls_provider();
            server = server.tls_config(tls).context("use TLS_CERT, TLS_KEY and TLS_CLIENT_CA")?;
        }
        let health = tokio::spawn(report_health(self.health, self.services, self.check, shutdown.clone()));
        tracing::info!(server.address = %address, "{} listens on {address}", self.name);
        let incoming = connections(listener);
        let serving = server
            .layer(self.guard)
            .add_routes(self.routes)
            .serve_with_incoming_shutdown(incoming, shutdown.clone().draining_owned());
        let limit = async {
            shutdown.draining().await;
            tokio::time::sleep(self.settings.drain_timeout()).await;
        };
        tokio::select! {
            result = serving => result.context("serve gRPC")?,
            () = limit => tracing::warn!("{}: work was still in hand after DRAIN_TIMEOUT_MS", self.name),
        }
        health.abort();
        Ok(())
    }
}

/// Returns the connections of a listener as they come, for a tonic server.
///
/// A failed accept (no file descriptor left, say) is followed by a pause: tonic would ask again at once, and for ever.
pub fn connections(listener: TcpListener) -> impl Stream<Item = std::io::Result<TcpStream>> {
    TcpIncoming::from(listener).with_nodelay(Some(true)).then(|accepted| async {
        if accepted.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        accepted
    })
}

fn tls(settings: &GrpcServer) -> anyhow::Result<Option<ServerTlsConfig>> {
    let (certificate, key) = match (&settings.tls_cert, &settings.tls_key) {
        (None, None) => {
            anyhow::ensure!(settings.tls_client_ca.is_none(), "TLS_CLIENT_CA needs TLS_CERT and TLS_KEY");
            return Ok(None);
        }
        (Some(certificate), Some(key)) => (certificate, key),
        _ => anyhow::bail!("TLS_CERT and TLS_KEY go together: one of them is missing"),
    };
    let read = |name: &str, path: &std::path::Path| {
        std::fs::read(path).with_context(|| format!("{name} points to {}, which cannot be read", path.display()))
    };
    let mut tls =
        ServerTlsConfig::new().identity(Identity::from_pem(read("TLS_CERT", certificate)?, read("TLS_KEY", key)?));
    if let Some(authority) = &settings.tls_client_ca {
        tls = tls.client_ca_root(Certificate::from_pem(read("TLS_CLIENT_CA", authority)?));
    }
    Ok(Some(tls))
}

async fn report_health(
    health: tonic_health::server::HealthReporter,
    services: Vec<&'static str>,
    check: Option<Check>,
    shutdown: crate::shutdown::Shutdown,
) {
    use tonic_health::ServingStatus;
    loop {
        let ready = !shutdown.is_draining()
            && match &check {
                Some(check) => check().await,
                None => true,
            };
        let status = if ready { ServingStatus::Serving } else { ServingStatus::NotServing };
        for service in services.iter().copied().chain([""]) {
            health.set_service_status(service, status).await;
        }
        if shutdown.is_draining() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
            () = shutdown.draining() => {}
        }
    }
}

/// Checks the caller, sheds load and opens the server's span around each call.
#[derive(Clone, Debug)]
struct GuardLayer {
    error_domain: &'static str,
    keys: CallerKeys,
    slots: Arc<Semaphore>,
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;
    fn layer(&self, inner: S) -> Guard<S> {
        Guard { inner, guard: self.clone() }
    }
}

#[derive(Clone, Debug)]
struct Guard<S> {
    inner: S,
    guard: GuardLayer,
}

impl<S> Service<http::Request<Body>> for Guard<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send,
{
    type Response = http::Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        let method = request.uri().path().trim_start_matches('/').to_owned();
        // The instance that was polled ready answers; the clone waits for its turn.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        if method.starts_with("grpc.health.") || method.starts_with("grpc.reflection.") {
            return Box::pin(inner.call(request));
        }
        let (service, name) = method.split_once('/').unwrap_or((&method, ""));
        let span = tracing::info_span!(
            "rpc",
            otel.name = method,
            otel.kind = "server",
            otel.status_code = tracing::field::Empty,
            rpc.system = "grpc",
            rpc.service = service,
            rpc.method = name,
            rpc.grpc.status_code = tracing::field::Empty,
            rpc.caller = tracing::field::Empty,
        );
        if let Some(parent) = request.headers().get("traceparent").and_then(|value| value.to_str().ok()) {
            telemetry::set_parent(&span, parent);
        }
        let bearer = request
            .headers()
            .get(http::header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .map(str::to_owned);
        let guard = self.guard.clone();
        let recorded = span.clone();
        Box::pin(
            async move {
                let started = Instant::now();
                let caller = match guard.keys.admit(bearer.as_deref(), &method) {
                    Ok(caller) => caller,
                    Err(refused) => return Ok(refusal(guard.error_domain, refused, &method).into_http()),
                };
                recorded.record("rpc.caller", caller.name.as_str());
                request.headers_mut().remove(http::header::AUTHORIZATION);
                request.extensions_mut().insert(caller);
                let Ok(slot) = guard.slots.try_acquire_owned() else {
                    let status = Refusal::new(
                        Situation::Unavailable,
                        guard.error_domain,
                        "ERROR_REASON_OVERLOADED",
                        "more requests are in work than MAX_CONCURRENT_REQUESTS allows: try again",
                    )
                    .retry_after(Duration::from_millis(200))
                    .into_status();
                    return Ok(status.into_http());
                };
                let response = inner.call(request).await;
                drop(slot);
                // Unary errors come as headers alone; of a stream only the beginning is seen here.
                let code = response
                    .as_ref()
                    .ok()
                    .and_then(|response| response.headers().get("grpc-status"))
                    .map_or(0, |code| code.to_str().ok().and_then(|code| code.parse::<i32>().ok()).unwrap_or(2));
                recorded.record("rpc.grpc.status_code", code);
                // Only what is the server's fault marks the span, as the semantic conventions ask.
                if matches!(code, 2 | 4 | 12 | 13 | 14 | 15) {
                    recorded.record("otel.status_code", "ERROR");
                }
                crate::metrics::get().server_duration.record(
                    started.elapsed().as_secs_f64(),
                    &[KeyValue::new("rpc.method", method), KeyValue::new("rpc.grpc.status_code", i64::from(code))],
                );
                response
            }
            .instrument(span),
        )
    }
}

fn refusal(domain: &'static str, refused: Refused, method: &str) -> tonic::Status {
    match refused {
        Refused::UnknownCaller => Refusal::new(
            Situation::Unauthenticated,
            domain,
            "ERROR_REASON_UNKNOWN_CALLER",
            "the call shows no caller key that this server knows: send `authorization: Bearer <CALLER_KEY>`",
        ),
        Refused::MethodNotAllowed => Refusal::new(
            Situation::NotYours,
            domain,
            "ERROR_REASON_METHOD_NOT_ALLOWED",
            format!("the caller key does not open {method}"),
        )
        .metadata("method", method),
    }
    .into_status()
}
