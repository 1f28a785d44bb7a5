//! The gRPC server every service runs.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use futures::{Stream, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, ServerTlsConfig};
use tower::Service;

use super::callers::CallerKeys;
use super::guard::{GuardLayer, Guarded};
use super::scope::{Methods, Scope};
use crate::Process;
use crate::secret::Secret;
use crate::settings::GrpcServer;

type Check = Box<dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// A gRPC server with health, reflection, caller keys, limits and traces.
#[must_use = "a server does nothing until `serve`"]
pub struct Server {
    name: &'static str,
    settings: GrpcServer,
    process: Process,
    guard: Guarded,
    descriptors: &'static [u8],
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
            guard: Guarded {
                error_domain,
                keys: CallerKeys::new(source)?,
                slots: Arc::new(Semaphore::new(settings.max_concurrent_requests)),
                clock: process.clock.clone(),
                request_bytes_max: settings.max_request_bytes,
                methods: Methods::read(descriptors, None)?,
                scope: None,
            },
            descriptors,
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

    /// Says what callers may be held to, by a word of their entry in CALLER_KEYS. Without this a key that is held to
    /// something opens nothing here.
    pub fn scope(mut self, scope: Scope) -> anyhow::Result<Self> {
        self.guard.methods = Methods::read(self.descriptors, Some(scope.field))?;
        self.guard.scope = Some(scope);
        Ok(self)
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
            .layer(GuardLayer(Arc::new(self.guard)))
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
