//! Where the commands find the messenger, and how they tell what it says.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::Args;
use jiff::Timestamp;
use platform::grpc::{Channel, Peer};
use platform::settings::GrpcClient;
use proto::messenger::v1::messenger_service_client::MessengerServiceClient;

use super::dev;
use super::running::Running;

const TIMEOUT: Duration = Duration::from_secs(30);

/// Where the messenger is.
#[derive(Args, Clone, Debug)]
pub(super) struct At {
    /// Where messenger-svc is. Without it: the one of a running `backroom dev`.
    #[arg(long, env = "MESSENGER_URL")]
    messenger_url: Option<String>,
    /// Where `backroom dev` keeps its data.
    #[arg(long, env = "BACKROOM_DATA_DIR", default_value = dev::DATA_DIR)]
    data_dir: PathBuf,
    #[command(flatten)]
    client: GrpcClient,
}

impl At {
    /// Prepares to call it.
    pub(super) fn call(self) -> Result<MessengerServiceClient<Channel>> {
        let (url, client) = if let Some(url) = self.messenger_url {
            (url, self.client)
        } else {
            let running = Running::require(&self.data_dir, "MESSENGER_URL")?;
            (running.messenger_url.clone(), running.client())
        };
        let peer = Peer { name: "messenger-svc", url, variable: "MESSENGER_URL", timeout: TIMEOUT };
        Ok(MessengerServiceClient::new(Channel::new(peer, &client)?))
    }
}

/// Returns a refusal as a sentence.
pub(super) fn refusal(status: &tonic::Status) -> anyhow::Error {
    anyhow!("messenger-svc refuses ({:?}): {}", status.code(), status.message())
}

/// Returns a time of the wire; one that is no time is none.
pub(super) fn time(seconds: i64, nanos: i32) -> Option<Timestamp> {
    Timestamp::new(seconds, nanos).ok()
}
