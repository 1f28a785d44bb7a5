//! The bootstrap that every binary goes through.

use std::future::Future;
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::clock::Clock;
use crate::ids::Ids;
use crate::settings::HasTelemetry;
use crate::shutdown::Shutdown;
use crate::telemetry;

/// What a process hands to what runs in it.
#[derive(Clone, Debug)]
pub struct Process {
    /// Tells the time.
    pub clock: Clock,
    /// Makes ids.
    pub ids: Ids,
    /// Tells when to leave.
    pub shutdown: Shutdown,
}

impl Process {
    /// Returns one on the machine's clock that leaves when its `shutdown` is begun by hand.
    pub fn system() -> Self {
        Self::new(Clock::system(), Shutdown::new())
    }

    /// Returns one on the given clock.
    pub fn new(clock: Clock, shutdown: Shutdown) -> Self {
        Self { ids: Ids::new(clock.clone()), clock, shutdown }
    }
}

/// Runs a binary: settings or a clean exit, telemetry, signals, `serve`, flush.
pub fn run<S, F, Fut>(name: &'static str, serve: F) -> ExitCode
where
    S: clap::Parser + HasTelemetry,
    F: FnOnce(S, Process) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    let settings = S::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(name, &anyhow::Error::new(error).context("start the async runtime")),
    };
    runtime.block_on(async {
        let guard = match telemetry::init(name, settings.telemetry()) {
            Ok(guard) => guard,
            Err(error) => return complain(name, &error),
        };
        let process = Process::new(Clock::system(), Shutdown::new());
        process.shutdown.listen_to_signals();
        let result = serve(settings, process).await;
        guard.flush().await;
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(name, &error),
        }
    })
}

/// Opens a listening socket; a taken port gets an error that says what to do.
pub async fn bind(address: SocketAddr, variable: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address} ({variable}): stop what listens there, or set {variable} to another address"
        )
    })
}

#[expect(clippy::print_stderr, reason = "the last words of a process must reach the terminal whatever RUST_LOG says")]
fn complain(name: &str, error: &anyhow::Error) -> ExitCode {
    eprintln!("{name}: {error:#}");
    ExitCode::FAILURE
}
