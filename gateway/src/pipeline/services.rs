//! The services that the pipeline drives, each with its deadline.

use std::time::Duration;

use platform::grpc::{Channel, Peer};
use platform::settings::GrpcClient;
use proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use proto::messenger::v1::messenger_service_client::MessengerServiceClient;
use proto::parser::v1::parser_service_client::ParserServiceClient;

/// Clients of the three services. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Services {
    pub inventory: InventoryServiceClient<Channel>,
    pub parser: ParserServiceClient<Channel>,
    pub messenger: MessengerServiceClient<Channel>,
}

impl Services {
    /// Prepares the clients; they connect on first use.
    pub fn new(inventory: String, parser: String, messenger: String, client: &GrpcClient) -> anyhow::Result<Self> {
        let channel = |name, url, variable, timeout| Channel::new(Peer { name, url, variable, timeout }, client);
        Ok(Self {
            inventory: InventoryServiceClient::new(channel(
                "inventory-svc",
                inventory,
                "INVENTORY_URL",
                Duration::from_secs(10),
            )?),
            // A model may take its time; the parser's own budget is shorter.
            parser: ParserServiceClient::new(channel("parser-svc", parser, "PARSER_URL", Duration::from_secs(40))?),
            messenger: MessengerServiceClient::new(channel(
                "messenger-svc",
                messenger,
                "MESSENGER_URL",
                Duration::from_secs(10),
            )?),
        })
    }
}
