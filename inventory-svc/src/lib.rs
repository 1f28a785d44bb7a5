//! The ledger: the only owner of stock, items, shops and members.
//!
//! - [`Settings`], [`serve`]: how it is started
//! - `rpc`: one file per RPC, each reads parse, decide, act, answer
//! - `domain`: pure rules: what a name, a unit and a quantity mean; which item was meant
//! - `store`: SQL; the hot path is the function `post_operation` of migration 0009, one round trip
//! - `alarm`: looks over all balances from time to time
//! - `lag`: tells when a stuck transaction holds back what watchers hear
//! - `sums`: sums of weeks that are over, for reports of many
//! - `error`: how each failure is answered
//! - `files`: tables for people
//! - `migrations/`: the stock model, where most of the promises are kept

mod alarm;
mod domain;
mod error;
mod files;
mod lag;
mod metrics;
mod rpc;
mod settings;
mod store;
mod sums;

use anyhow::Context as _;
use platform::Process;
use platform::settings::Migrate;
use proto::inventory::v1::inventory_service_server::InventoryServiceServer;
use tokio::net::TcpListener;

pub use settings::{Settings, Signup};

/// The role each connection works as; migration 0001 creates it.
const ROLE: &str = "backroom_inventory";

/// Brings the schema up to date.
async fn migrate(database: platform::settings::Database) -> anyhow::Result<()> {
    // On a thread of its own: sqlx's migrator makes a future that the compiler cannot prove to be Send.
    let runtime = tokio::runtime::Handle::current();
    let work = move || runtime.block_on(platform::db::migrate(&database, "inventory-svc", &sqlx::migrate!()));
    tokio::task::spawn_blocking(work).await.context("migrate")?
}

/// Runs the service until it is drained.
pub async fn serve(settings: Settings, listener: TcpListener, process: Process) -> anyhow::Result<()> {
    migrate(settings.database.clone()).await?;
    if settings.database.migrate == Migrate::Only {
        return Ok(());
    }
    let pool = platform::db::connect(&settings.database, "inventory-svc", Some(ROLE))?;
    let store = store::Store::new(pool.clone());
    if let Some(interval) = settings.discrepancy_check() {
        tokio::spawn(alarm::Alarm { store: store.clone(), process: process.clone(), interval }.run());
    }
    tokio::spawn(lag::Lag::new(store.clone(), process.clone()).run());
    if let Some(interval) = settings.report_sums() {
        tokio::spawn(sums::Sums { store: store.clone(), process: process.clone(), interval }.run());
    }
    let inventory = rpc::Inventory::new(store, &process, settings.signup);
    platform::grpc::Server::new("inventory-svc", error::DOMAIN, proto::FILE_DESCRIPTOR_SET, &settings.server, &process)?
        .scope(rpc::SHOPS)?
        .service(InventoryServiceServer::new(inventory).max_decoding_message_size(settings.server.max_request_bytes))
        .ready_check(move || {
            let pool = pool.clone();
            async move { platform::db::ping(&pool).await }
        })
        .serve(listener)
        .await
}
