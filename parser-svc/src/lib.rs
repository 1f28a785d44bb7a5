//! Words to actions: a grammar first, Gemini where it is not enough.
//!
//! - [`serve`]: the service, from settings to drained
//! - [`read_alone`]: what the grammar makes of a message, without a server
//! - `rpc`: what others ask of it, one file per RPC
//! - `grammar`: the deterministic reader; its words are data, in `lexicon/`
//! - `model`: what is asked of a model, how often and for how much; `gemini` is the one there is
//! - `media`: voice notes, photos, documents and tables on their way to it
//! - `domain`: what a message can mean, and the checks every reading passes
//! - `metrics`: what is counted

mod domain;
mod error;
mod gemini;
mod grammar;
mod media;
mod metrics;
mod model;
mod rpc;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use platform::Process;
use platform::grpc::Server;
use platform::secret::Secret;
use proto::parser::v1::parser_service_server::ParserServiceServer;
use tokio::net::TcpListener;

use crate::gemini::Gemini;
use crate::media::Room;
use crate::model::{Budgets, Counsel, Model, Readings};
use crate::rpc::Parser;
pub use crate::rpc::read_alone;
pub use crate::settings::{Settings, ThinkingLevel};

/// Largest request: 16 MiB of media and what stands around them.
const MAX_REQUEST_BYTES: usize = 17 * 1024 * 1024;

/// How long a piece of media waits for room.
const MEDIA_WAIT: Duration = Duration::from_secs(5);

/// Runs the parser until it is drained.
pub async fn serve(settings: Settings, listener: TcpListener, process: Process) -> anyhow::Result<()> {
    let key =
        Secret::resolve("GEMINI_API_KEY", settings.gemini_api_key.as_ref(), settings.gemini_api_key_file.as_ref())?;
    let counsel = key.map(|key| counsel(&settings, key, &process)).transpose()?.map(Arc::new);
    if counsel.is_none() {
        tracing::info!("no GEMINI_API_KEY: the grammar reads alone, voice notes and photos are not read");
    }
    let parser = Parser { counsel, room: Room::new(settings.media_mib_max, MEDIA_WAIT) };
    Server::new("parser-svc", error::DOMAIN, proto::FILE_DESCRIPTOR_SET, &settings.server, &process)?
        .service(ParserServiceServer::new(parser).max_decoding_message_size(MAX_REQUEST_BYTES))
        .serve(listener)
        .await
}

/// Gemini, within the budgets of the shops.
fn counsel(settings: &Settings, key: Secret, process: &Process) -> anyhow::Result<Counsel> {
    let limits = settings.limits();
    let has_price = gemini::has_price(&settings.gemini_model, process.clock.now());
    if limits.cost.is_some() && !has_price {
        tracing::warn!(
            gen_ai.request.model = settings.gemini_model,
            "GEMINI_BUDGET_USD_PER_SHOP_PER_DAY holds nothing back: the table of prices does not know GEMINI_MODEL"
        );
    }
    let model: Arc<dyn Model> = Arc::new(Gemini::new(settings.gemini(), key, process)?);
    tracing::info!(parser.model_edition = model.edition(), "what the grammar leaves open is asked of Gemini");
    let budgets = Budgets::new(process.clock.clone(), limits);
    let age = Duration::from_hours(settings.gemini_cache_hours);
    Ok(Counsel::new(model, budgets, Readings::new(process.clock.clone(), settings.gemini_cache_actions, age)))
}
