//! The only door: takes Meta's webhooks and drives one message end to end.
//!
//! - `http/`: every route on one screen
//! - `webhook/`: signature and payload
//! - `inbox/`: at least once in, once through
//! - `pipeline/`: one message end to end, the file to read first
//! - `conversation/`: what a reading means next, pure
//! - `reply/`: the words
//! - `forgetting/`: what is kept of a person, for `backroom forget`
//! - `events/`: notifications that are kept as they came, and what an operator is woken for
//! - `store/`: SQL beside the lanes

mod conversation;
pub mod dead_letters;
pub mod events;
pub mod forgetting;
mod http;
mod inbox;
mod metrics;
mod pipeline;
mod reply;
mod settings;
mod store;
mod webhook;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use platform::lanes::{Runner, RunnerOptions};
use platform::secret::Secret;
use platform::settings::Migrate;
use platform::{Process, db};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

pub use settings::Settings;

/// The schema of the gateway's database.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// Serves until the drain is over.
pub async fn serve(settings: Settings, listener: TcpListener, process: Process) -> anyhow::Result<()> {
    db::migrate(&settings.database, "gateway", &MIGRATOR).await?;
    if settings.database.migrate == Migrate::Only {
        tracing::info!("the schema of the gateway is up to date");
        return Ok(());
    }
    reply::load_words();
    let app_secrets = webhook::AppSecrets::new(Secret::require(
        "WHATSAPP_APP_SECRET",
        settings.whatsapp_app_secret.as_ref(),
        settings.whatsapp_app_secret_file.as_ref(),
    )?);
    let verify_token = Secret::require(
        "WHATSAPP_VERIFY_TOKEN",
        settings.whatsapp_verify_token.as_ref(),
        settings.whatsapp_verify_token_file.as_ref(),
    )?;
    let pool = db::connect(&settings.database, "gateway", None)?;
    let salt = store::lane_salt(&pool).await.context("read the gateway's deployment row")?;
    let services = pipeline::Services::new(
        settings.inventory_url.clone(),
        settings.parser_url.clone(),
        settings.messenger_url.clone(),
        settings.media_at_once(),
        &settings.client,
    )?;
    let phone_number_id = settings.whatsapp_phone_number_id.clone().filter(|id| !id.is_empty());
    let otp = http::otp::Otp::new(http::otp::Parts {
        inventory: services.inventory.clone(),
        messenger: services.messenger.clone(),
        tokens: settings.tokens()?,
        phone_number_id: phone_number_id.clone(),
        per_minute: settings.otp_http_per_minute,
        trusted_proxies: usize::from(settings.otp_trusted_proxies),
        process: process.clone(),
    });
    let handler = pipeline::Pipeline {
        services,
        pool: pool.clone(),
        clock: process.clock.clone(),
        patience: settings.patience(),
        shutdown: process.shutdown.clone(),
        join_within: Duration::from_millis(settings.join_within_ms),
        waited: pipeline::waited_memory(),
        items: pipeline::ItemMemory::new(),
        asked: pipeline::AskedMemory::new(),
    };
    let options = RunnerOptions {
        lanes_at_once: settings.lanes_at_once,
        jobs_per_lane: 50,
        lease: settings.lease(),
        max_attempts: settings.max_attempts,
        ..RunnerOptions::default()
    };
    let runner = Runner::new("inbox", pool.clone(), options, process.clock.clone(), handler);
    let inbox = inbox::Inbox::new(
        pool.clone(),
        salt,
        usize::try_from(settings.inbox_queue_max).unwrap_or(usize::MAX),
        runner.waker(),
    );
    let house = tokio::spawn(inbox::keep_house(pool.clone(), process.clone(), settings.retention()));
    let door = http::Door {
        inbox,
        app_secrets,
        verify_token,
        pool: pool.clone(),
        phone_number_id,
        shutdown: process.shutdown.clone(),
        body_kib: Arc::new(Semaphore::new(usize::try_from(settings.bodies_mib_max).unwrap_or(64) * 1024)),
    };
    // Webhooks are taken until the listener is closed; workers stop claiming at the same signal and finish what they hold.
    let workers = tokio::spawn(runner.run(process.shutdown.clone()));
    let address = listener.local_addr().context("read the address that is listened on")?;
    tracing::info!(server.address = %address, "gateway listens on {address}");
    let routes = http::routes(door, otp).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, routes).with_graceful_shutdown(process.shutdown.clone().draining_owned());
    let limit = async {
        process.shutdown.draining().await;
        tokio::time::sleep(settings.drain_timeout()).await;
    };
    tokio::select! {
        result = async { serving.await.context("serve HTTP")?; workers.await.context("finish the work in hand") } => result?,
        () = limit => tracing::warn!("gateway: work was still in hand after DRAIN_TIMEOUT_MS; another process will finish it"),
    }
    house.abort();
    pool.close().await;
    Ok(())
}
