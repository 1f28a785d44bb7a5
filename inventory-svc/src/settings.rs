//! What can be set, each as a flag and as an environment variable.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Parser, ValueEnum};

/// The stock ledger of The Backroom.
#[derive(Parser, Clone, Debug)]
#[command(name = "inventory-svc", version)]
pub struct Settings {
    /// Address and port to listen on.
    #[arg(long, env = "LISTEN_ADDR", default_value = "0.0.0.0:50052")]
    pub listen_addr: SocketAddr,
    /// Who may open a shop: `open` gives every stranger one, `invite` nobody.
    #[arg(long, env = "SIGNUP", value_enum, default_value_t = Signup::Open)]
    pub signup: Signup,
    /// Seconds between two looks over all balances, whether each follows from its movements; 0: never.
    #[arg(long, env = "DISCREPANCY_CHECK_SECONDS", default_value_t = 3600)]
    pub discrepancy_check_seconds: u64,
    /// Seconds between two rounds that sum up weeks that are over, which makes reports of many weeks quick; 0: never.
    #[arg(long, env = "REPORT_SUMS_SECONDS", default_value_t = 3600)]
    pub report_sums_seconds: u64,
    /// Its database.
    #[command(flatten)]
    pub database: platform::settings::Database,
    /// Its gRPC server.
    #[command(flatten)]
    pub server: platform::settings::GrpcServer,
    /// Its logs and traces.
    #[command(flatten)]
    pub telemetry: platform::settings::Telemetry,
}

impl Settings {
    /// Returns how long to wait between two rounds of sums; `None` when there are to be none.
    pub(crate) fn report_sums(&self) -> Option<Duration> {
        (self.report_sums_seconds > 0).then(|| Duration::from_secs(self.report_sums_seconds))
    }

    /// Returns how long to wait between two looks over all balances; `None` when nobody is to look.
    pub(crate) fn discrepancy_check(&self) -> Option<Duration> {
        (self.discrepancy_check_seconds > 0).then(|| Duration::from_secs(self.discrepancy_check_seconds))
    }
}

/// Who may open a shop.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signup {
    /// Everybody, by writing a first message.
    Open,
    /// Nobody: people join a shop when they are invited.
    Invite,
}

impl platform::settings::HasTelemetry for Settings {
    fn telemetry(&self) -> &platform::settings::Telemetry {
        &self.telemetry
    }
}
