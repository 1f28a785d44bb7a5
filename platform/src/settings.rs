//! Settings that several binaries share: flags, each with an environment variable.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use secrecy::SecretString;

/// How logs look and where traces and metrics go.
#[derive(Args, Clone, Debug)]
pub struct Telemetry {
    /// Which log lines are written, in the syntax of tracing-subscriber's EnvFilter.
    #[arg(long, env = "RUST_LOG", default_value = "info,sqlx=warn,h2=warn,hyper=warn,tower=warn")]
    pub log_filter: String,
    /// How log lines look: `auto` is text on a terminal and JSON elsewhere.
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value_t = LogFormat::Auto)]
    pub log_format: LogFormat,
    /// Where traces and metrics go, by OTLP over gRPC, for example `http://localhost:4317`. Empty: nowhere.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
    /// Make trace ids, log them and pass them on although nothing is exported.
    #[arg(long, env = "TRACE_IDS")]
    pub trace_ids: bool,
}

/// How log lines look.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// One JSON object per line.
    Json,
    /// For people.
    Text,
}

/// What every gRPC server needs.
#[derive(Args, Clone, Debug)]
pub struct GrpcServer {
    /// Callers this server accepts: `name sha256-of-key methods`, one per line or separated by `;`. Methods are
    /// separated by commas: `*`, `package.Service/*` or `package.Service/Method`. After them may stand what the key is held
    /// to: `rate=100/s` (or `/min`, `/h`) and `burst=20`, `until=2027-01-31T00:00:00Z`, and of the inventory
    /// `shops=ID,ID`. `backroom caller-key` makes an entry.
    #[arg(long, env = "CALLER_KEYS", hide_env_values = true)]
    pub caller_keys: Option<SecretString>,
    /// File with the same content as CALLER_KEYS, read again when it changes.
    #[arg(long, env = "CALLER_KEYS_FILE")]
    pub caller_keys_file: Option<PathBuf>,
    /// Certificate chain of this server in PEM. Given with TLS_KEY, the server speaks TLS.
    #[arg(long, env = "TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of TLS_CERT in PEM.
    #[arg(long, env = "TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// Authority that client certificates must chain to, in PEM. Given, clients must show one (mTLS).
    #[arg(long, env = "TLS_CLIENT_CA")]
    pub tls_client_ca: Option<PathBuf>,
    /// How long work in hand may take after the signal to leave, in milliseconds.
    #[arg(long, env = "DRAIN_TIMEOUT_MS", default_value_t = 20_000)]
    pub drain_timeout_ms: u64,
    /// How many requests may be in work at once; more are answered UNAVAILABLE.
    #[arg(long, env = "MAX_CONCURRENT_REQUESTS", default_value_t = 512)]
    pub max_concurrent_requests: usize,
    /// The largest request in bytes.
    #[arg(long, env = "MAX_REQUEST_BYTES", default_value_t = 4 * 1024 * 1024)]
    pub max_request_bytes: usize,
}

impl GrpcServer {
    /// Returns how long work in hand may take after the signal to leave.
    pub fn drain_timeout(&self) -> Duration {
        Duration::from_millis(self.drain_timeout_ms)
    }
}

/// What every gRPC client needs to show and to trust.
#[derive(Args, Clone, Debug)]
pub struct GrpcClient {
    /// Key this service shows to the services it calls.
    #[arg(long, env = "CALLER_KEY", hide_env_values = true)]
    pub caller_key: Option<SecretString>,
    /// File that holds CALLER_KEY, read again when it changes.
    #[arg(long, env = "CALLER_KEY_FILE")]
    pub caller_key_file: Option<PathBuf>,
    /// Authority that the certificates of called services must chain to, in PEM. Needed for `https://` URLs with a private authority.
    #[arg(long, env = "TLS_SERVER_CA")]
    pub tls_server_ca: Option<PathBuf>,
    /// Client certificate chain shown to called services, in PEM.
    #[arg(long, env = "TLS_CLIENT_CERT")]
    pub tls_client_cert: Option<PathBuf>,
    /// Private key of TLS_CLIENT_CERT in PEM.
    #[arg(long, env = "TLS_CLIENT_KEY")]
    pub tls_client_key: Option<PathBuf>,
}

/// What every service with a database needs.
#[derive(Args, Clone, Debug)]
pub struct Database {
    /// The service's own database: `postgres://user:password@host:port/name`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,
    /// File that holds DATABASE_URL; read at the start, since connections outlive a change.
    #[arg(long, env = "DATABASE_URL_FILE")]
    pub database_url_file: Option<PathBuf>,
    /// How many connections to keep at most.
    #[arg(long, env = "DATABASE_MAX_CONNECTIONS", default_value_t = 12)]
    pub database_max_connections: u32,
    /// What to do when the schema is behind this binary: `always` migrates at start, `never` refuses to start.
    #[arg(long, env = "MIGRATE", value_enum, default_value_t = Migrate::Always)]
    pub migrate: Migrate,
}

/// What to do when the schema is behind.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrate {
    /// Migrate at start, one process at a time.
    Always,
    /// Refuse to start.
    Never,
    /// Migrate and leave: for a migration job.
    Only,
}

/// Settings that carry the telemetry group.
pub trait HasTelemetry {
    /// Returns it.
    fn telemetry(&self) -> &Telemetry;
}
