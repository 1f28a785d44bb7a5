//! `backroom serve`: the four services in one process, against given databases and the real outside world.

use std::net::SocketAddr;

use crate::stack::{Databases, Flags, Gemini, Meta, Stack, StackOptions};
use anyhow::Result;
use clap::Args;
use platform::Process;
use secrecy::{ExposeSecret as _, SecretString};

/// Run the four services in one process, for a small single machine.
///
/// Everything else that the services can be told comes from their environment variables: WHATSAPP_APP_SECRET,
/// WHATSAPP_VERIFY_TOKEN, WHATSAPP_ACCESS_TOKEN, WHATSAPP_PHONE_NUMBER_ID, GEMINI_API_KEY and the others.
#[derive(Args, Clone, Debug)]
pub(super) struct Serve {
    /// The gateway's database.
    #[arg(long, env = "GATEWAY_DATABASE_URL", hide_env_values = true)]
    gateway_database_url: SecretString,
    /// The inventory's database.
    #[arg(long, env = "INVENTORY_DATABASE_URL", hide_env_values = true)]
    inventory_database_url: SecretString,
    /// The messenger's database.
    #[arg(long, env = "MESSENGER_DATABASE_URL", hide_env_values = true)]
    messenger_database_url: SecretString,
    /// Address and port where Meta's webhooks come in.
    #[arg(long, env = "LISTEN_ADDR", default_value = "0.0.0.0:8080")]
    listen_addr: SocketAddr,
    /// Address and port where other services may call the inventory, with keys of CALLER_KEYS. Without it: nobody.
    #[arg(long, env = "INVENTORY_LISTEN_ADDR")]
    inventory_listen_addr: Option<SocketAddr>,
}

impl Serve {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let inventory_listener = match self.inventory_listen_addr {
            Some(address) => Some(platform::bind(address, "INVENTORY_LISTEN_ADDR").await?),
            None => None,
        };
        let stack = Stack::start(StackOptions {
            databases: Databases {
                gateway: self.gateway_database_url.expose_secret().to_owned(),
                inventory: self.inventory_database_url.expose_secret().to_owned(),
                messenger: self.messenger_database_url.expose_secret().to_owned(),
            },
            gateway_listener: platform::bind(self.listen_addr, "LISTEN_ADDR").await?,
            inventory_listener,
            meta: Meta::Real { page_listener: None },
            gemini: Gemini::Real,
            flags: Flags::default(),
            clock: process.clock.clone(),
        })
        .await?;
        tracing::info!(server.address = %self.listen_addr, "all services are ready");
        super::dev::run_until_told(stack, process).await
    }
}
