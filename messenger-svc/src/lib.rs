//! Words out: the only crate that talks to the Graph API.
//!
//! - [`serve`]: the service, from settings to drained
//! - `rpc`: what others ask of it, one file per RPC
//! - `outbox`: the way of a message from the request to Meta
//! - `receipts`: what Meta reports of messages afterwards
//! - `otp`: one-time codes, sent through the outbox and checked
//! - `media`: what a person sent, on its way to whoever asks
//! - `graph`: the Graph API
//! - `domain`: limits, the order of states, what an error means; pure
//! - `store`: the SQL; `flush`: the spans of statements that many share

mod domain;
mod error;
mod flush;
mod graph;
mod media;
mod metrics;
mod otp;
mod outbox;
mod receipts;
mod rpc;
mod settings;
mod store;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use platform::Process;
use platform::grpc::Server;
use platform::lanes::{Runner, RunnerOptions};
use platform::secret::Secret;
use platform::settings::{Database, Migrate};
use proto::messenger::v1::messenger_service_server::MessengerServiceServer;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::graph::{Graph, MediaGraph};
use crate::media::Media;
use crate::outbox::housekeeping::Housekeeping;
use crate::outbox::numbers::Numbers;
use crate::outbox::put::{Fill, Outbox, OutboxParts};
use crate::outbox::sender::Sender;
use crate::receipts::Receipts;
use crate::rpc::Messenger;
pub use crate::settings::Settings;

/// How often the sender looks for lanes that nobody announced.
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// How long a lane stays with a process that died; a living one renews it.
const LEASE: Duration = Duration::from_secs(10);
/// Messages of one person that are claimed together.
const JOBS_PER_LANE: usize = 10;
/// Panics of the handler over one message before it is put aside.
const PANICS_MAX: i32 = 8;

/// Runs the messenger until it is drained.
pub async fn serve(settings: Settings, listener: TcpListener, process: Process) -> anyhow::Result<()> {
    let token = Secret::require(
        "WHATSAPP_ACCESS_TOKEN",
        settings.whatsapp_access_token.as_ref(),
        settings.whatsapp_access_token_file.as_ref(),
    )?;
    let default_number = settings.phone_number_id()?;
    let media_graph = MediaGraph::new(&settings.graph(), token.clone(), settings.media_hosts())?;
    let otp = settings.otp()?.map(Arc::new);
    let graph = Graph::new(settings.graph(), token)?;
    migrate(settings.database.clone()).await?;
    if settings.database.migrate == Migrate::Only {
        return Ok(());
    }
    let pool = platform::db::connect(&settings.database, "messenger-svc", None)?;
    let lane_key = store::lane_key(&pool).await.context("read the key of the lanes")?;

    let policy = settings.policy();
    let (read_graph, read_number) = (graph.clone(), default_number.clone());
    let numbers = Numbers { pool: pool.clone(), clock: process.clock.clone(), graph: graph.clone(), policy };
    let parked = Arc::new(Notify::new());
    let opener = otp::Opener::new(otp.clone());
    let sender = Sender::new(
        pool.clone(),
        process.clone(),
        graph,
        numbers.clone(),
        settings.limits(),
        opener,
        Arc::clone(&parked),
    );
    let options = RunnerOptions {
        lanes_at_once: usize::try_from(settings.sends_at_once).unwrap_or(usize::MAX),
        jobs_per_lane: JOBS_PER_LANE,
        lease: LEASE,
        poll_interval: POLL_INTERVAL,
        max_attempts: PANICS_MAX,
    };
    let runner = Runner::new("outbox", pool.clone(), options, process.clock.clone(), sender);
    let fill = Fill::new(i64::from(settings.outbox_max));
    let receipts = Receipts::new(pool.clone(), numbers.clone(), runner.waker());
    let media = Media::new(media_graph, numbers.clone(), &default_number, settings.media());
    let outbox = Outbox::new(OutboxParts {
        pool: pool.clone(),
        process: process.clone(),
        lane_key,
        default_number,
        fill: fill.clone(),
        waker: runner.waker(),
    });
    if otp.is_none() {
        tracing::info!("one-time codes are not sent: OTP_KEY or OTP_TEMPLATE is not set");
    }
    let codes = otp::Codes::new(otp, pool.clone(), process.clone(), outbox.clone());
    let housekeeping = Housekeeping {
        pool: pool.clone(),
        process: process.clone(),
        fill,
        numbers,
        receipts: receipts.clone(),
        parked,
        content_retention: settings.content_retention(),
        message_retention: settings.message_retention(),
    };
    let background = [tokio::spawn(runner.run(process.shutdown.clone())), tokio::spawn(housekeeping.run())];

    let messenger = Messenger {
        outbox,
        receipts,
        media,
        codes,
        graph: read_graph,
        default_number: read_number.into(),
        pool: pool.clone(),
        clock: process.clock.clone(),
    };
    let ready = pool.clone();
    Server::new("messenger-svc", error::DOMAIN, proto::FILE_DESCRIPTOR_SET, &settings.server, &process)?
        .service(MessengerServiceServer::new(messenger).max_decoding_message_size(settings.server.max_request_bytes))
        .ready_check(move || {
            let pool = ready.clone();
            async move { platform::db::ping(&pool).await }
        })
        .serve(listener)
        .await?;
    // The sends in hand end within the time of one call.
    let drained = tokio::time::timeout(settings.server.drain_timeout(), futures::future::join_all(background)).await;
    if drained.is_err() {
        tracing::warn!("sends were still in hand after DRAIN_TIMEOUT_MS: receipts will settle them");
    }
    pool.close().await;
    Ok(())
}

// The future of sqlx' migrator is not `Send` in the compiler's eyes, and `serve` must be.
async fn migrate(database: Database) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Handle::current();
    let work = move || runtime.block_on(store::schema::migrate(&database));
    tokio::task::spawn_blocking(work).await.context("run the migrations")?
}
