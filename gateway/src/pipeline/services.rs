//! The services that the pipeline drives, each with its deadline.

use std::sync::Arc;
use std::time::Duration;

use platform::grpc::{Channel, Peer};
use platform::settings::GrpcClient;
use proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use proto::messenger::v1::messenger_service_client::MessengerServiceClient;
use proto::parser::v1::parser_service_client::ParserServiceClient;
use tokio::sync::Semaphore;

/// How long until the first byte of a file.
const FETCH_TIMEOUT: Duration = Duration::from_mins(1);
/// How long a file may take to flow and to be read.
const MEDIA_TIMEOUT: Duration = Duration::from_secs(150);
/// Files whose bytes are in flight at once. Each takes some buffers of its two connections, a few megabytes at most.
const FLOWS_MAX: usize = 4;
/// How long until the first byte of a file that the ledger writes.
const EXPORT_TIMEOUT: Duration = Duration::from_mins(2);

/// Clients of the three services. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Services {
    pub inventory: InventoryServiceClient<Channel>,
    pub parser: ParserServiceClient<Channel>,
    pub messenger: MessengerServiceClient<Channel>,
    /// What the ledger writes as files: a connection of its own, because bytes keep others waiting.
    pub exports: InventoryServiceClient<Channel>,
    pub media: MediaServices,
}

/// What carries voice notes, photos and documents: connections of their own, because bytes that wait for their reader keep
/// everybody behind them on the same connection waiting, and bounds on how many there are.
#[derive(Clone)]
pub(crate) struct MediaServices {
    pub messenger: MessengerServiceClient<Channel>,
    pub parser: ParserServiceClient<Channel>,
    /// How many are in work.
    pub places: Arc<Semaphore>,
    /// How many of them have bytes in flight.
    pub flows: Arc<Semaphore>,
}

impl Services {
    /// Prepares the clients; they connect on first use.
    pub fn new(
        inventory: String,
        parser: String,
        messenger: String,
        media_at_once: usize,
        client: &GrpcClient,
    ) -> anyhow::Result<Self> {
        let channel = |name, url, variable, timeout| Channel::new(Peer { name, url, variable, timeout }, client);
        let media = MediaServices {
            messenger: MessengerServiceClient::new(
                channel("messenger-svc", messenger.clone(), "MESSENGER_URL", FETCH_TIMEOUT)?.streaming(FETCH_TIMEOUT),
            ),
            parser: ParserServiceClient::new(
                channel("parser-svc", parser.clone(), "PARSER_URL", MEDIA_TIMEOUT)?.streaming(MEDIA_TIMEOUT),
            ),
            places: Arc::new(Semaphore::new(media_at_once)),
            flows: Arc::new(Semaphore::new(FLOWS_MAX)),
        };
        Ok(Self {
            media,
            exports: InventoryServiceClient::new(channel(
                "inventory-svc",
                inventory.clone(),
                "INVENTORY_URL",
                EXPORT_TIMEOUT,
            )?),
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
