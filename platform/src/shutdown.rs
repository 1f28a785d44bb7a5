//! Drain on SIGTERM or Ctrl-C: stop taking work, finish what is in hand, leave. A second signal leaves at once.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// A signal sooner than this after the first is the same wish.
const SECOND_SIGNAL_AFTER: Duration = Duration::from_millis(300);

/// Tells when the process is asked to leave. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// Returns one that is triggered by hand: for tests and for `backroom`, which runs four services.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins the drain.
    pub fn begin(&self) {
        self.0.cancel();
    }

    /// Waits until the drain begins.
    pub async fn draining(&self) {
        self.0.cancelled().await;
    }

    /// Like [`Shutdown::draining`], without borrowing.
    pub async fn draining_owned(self) {
        self.0.cancelled().await;
    }

    /// Returns whether the drain has begun.
    pub fn is_draining(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Returns one that begins with this one and can also be begun alone.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }

    /// Begins the drain at SIGTERM or SIGINT and ends the process at the second one.
    pub fn listen_to_signals(&self) {
        let shutdown = self.clone();
        tokio::spawn(async move {
            next_signal().await;
            tracing::info!(
                "draining: readiness drops, work in hand finishes; a second signal ends the process at once"
            );
            shutdown.begin();
            // One wish may arrive twice: `timeout` and terminals signal a process and then its group.
            tokio::time::sleep(SECOND_SIGNAL_AFTER).await;
            next_signal().await;
            tracing::warn!("second signal: ending without finishing; the queue hands the rest to the next process");
            std::process::exit(1);
        });
    }
}

async fn next_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("cannot listen to signals: SIGTERM will end the process without a drain");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
