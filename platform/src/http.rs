//! The one HTTP client builder.

use std::sync::Once;
use std::time::Duration;

use anyhow::Context as _;

/// How an HTTP client behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which service speaks; goes into the user agent.
    pub user_agent_part: &'static str,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a whole exchange may take.
    pub timeout: Duration,
    /// Whether redirects are followed. Off wherever a credential is sent.
    pub redirects: bool,
}

/// Builds a client with the process's one TLS stack.
pub fn client(options: &Options) -> anyhow::Result<reqwest::Client> {
    install_tls_provider();
    reqwest::Client::builder()
        .user_agent(format!("thebackroom-{}/{}", options.user_agent_part, env!("CARGO_PKG_VERSION")))
        .connect_timeout(options.connect_timeout)
        .timeout(options.timeout)
        .redirect(if options.redirects {
            reqwest::redirect::Policy::limited(5)
        } else {
            reqwest::redirect::Policy::none()
        })
        .pool_idle_timeout(Duration::from_mins(1))
        .tcp_nodelay(true)
        .build()
        .context("build an HTTP client")
}

/// Makes ring the TLS provider of the process; harmless when called again.
pub fn install_tls_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that somebody installed one before, which serves as well.
        drop(rustls::crypto::ring::default_provider().install_default());
    });
}
