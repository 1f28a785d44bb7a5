//! Settings of the parser: flags, each with an environment variable.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use platform::settings::{GrpcServer, HasTelemetry, Telemetry};
use rust_decimal::Decimal;
use secrecy::SecretString;
use url::Url;

use crate::gemini::Options;
use crate::model::Limits;

/// Turns words into actions.
#[derive(Parser, Clone, Debug)]
#[command(name = "parser-svc", version)]
pub struct Settings {
    /// Address and port to listen on.
    #[arg(long, env = "LISTEN_ADDR", default_value = "0.0.0.0:50051")]
    pub listen_addr: SocketAddr,
    /// Key of the Gemini API, of a project with billing. Without one the grammar reads alone.
    #[arg(long, env = "GEMINI_API_KEY", hide_env_values = true)]
    pub gemini_api_key: Option<SecretString>,
    /// File that holds GEMINI_API_KEY, read again when it changes.
    #[arg(long, env = "GEMINI_API_KEY_FILE")]
    pub gemini_api_key_file: Option<PathBuf>,
    /// Base address of the Gemini API.
    #[arg(long, env = "GEMINI_API_URL", default_value = "https://generativelanguage.googleapis.com")]
    pub gemini_api_url: Url,
    /// Model that is asked first.
    #[arg(long, env = "GEMINI_MODEL", default_value = "gemini-3.5-flash-lite")]
    pub gemini_model: String,
    /// Model that is asked when the first one is retired or overloaded. Empty: none.
    #[arg(long, env = "GEMINI_FALLBACK_MODEL", default_value = "gemini-3.1-flash-lite")]
    pub gemini_fallback_model: String,
    /// How much the model thinks. Some models refuse `minimal`; `off` leaves the choice to the model.
    #[arg(long, env = "GEMINI_THINKING_LEVEL", value_enum, default_value_t = ThinkingLevel::Minimal)]
    pub gemini_thinking_level: ThinkingLevel,
    /// How long one call about a text may take, in milliseconds.
    #[arg(long, env = "GEMINI_TIMEOUT_MS", default_value_t = 10_000)]
    pub gemini_timeout_ms: u64,
    /// How long one call about a voice note or a photo may take, in milliseconds.
    #[arg(long, env = "GEMINI_MEDIA_TIMEOUT_MS", default_value_t = 20_000)]
    pub gemini_media_timeout_ms: u64,
    /// How long all tries for one message may take together, in milliseconds.
    #[arg(long, env = "GEMINI_BUDGET_MS", default_value_t = 20_000)]
    pub gemini_budget_ms: u64,
    /// How many calls may be under way at once.
    #[arg(long, env = "GEMINI_MAX_CONCURRENT", default_value_t = 16)]
    pub gemini_max_concurrent: usize,
    /// Most tokens of an answer about a text.
    #[arg(long, env = "GEMINI_MAX_OUTPUT_TOKENS", default_value_t = 1024)]
    pub gemini_max_output_tokens: u32,
    /// Most tokens of an answer about a voice note or a photo.
    #[arg(long, env = "GEMINI_MEDIA_MAX_OUTPUT_TOKENS", default_value_t = 4096)]
    pub gemini_media_max_output_tokens: u32,
    /// Calls to the model that one shop may make on one day of its own time zone, voice notes and photos included; then the
    /// grammar reads alone until its midnight. Counted in memory by each replica for itself. 0: as many as it likes.
    #[arg(long, env = "GEMINI_BUDGET_PER_SHOP_PER_DAY", default_value_t = 500)]
    pub gemini_budget_per_shop_per_day: u32,
    /// US dollars that one shop may spend on the model in such a day, by the table of prices. 0: as much as it likes.
    #[arg(long, env = "GEMINI_BUDGET_USD_PER_SHOP_PER_DAY", default_value = "0")]
    pub gemini_budget_usd_per_shop_per_day: Decimal,
    /// How many actions of earlier answers about texts are kept, so that the same words of the same shop are asked about
    /// once. 0: none.
    #[arg(long, env = "GEMINI_CACHE_ACTIONS", default_value_t = 20_000)]
    pub gemini_cache_actions: u64,
    /// How long such an answer is kept, in hours.
    #[arg(long, env = "GEMINI_CACHE_HOURS", default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..=720))]
    pub gemini_cache_hours: u64,
    /// Mebibytes of voice notes, photos and documents, in base64, that may be in memory; more wait a moment and are then
    /// asked to come back.
    #[arg(long, env = "MEDIA_MIB_MAX", default_value_t = 128, value_parser = clap::value_parser!(u32).range(24..=4096))]
    pub media_mib_max: u32,
    /// What every gRPC server needs.
    #[command(flatten)]
    pub server: GrpcServer,
    /// How logs look and where traces go.
    #[command(flatten)]
    pub telemetry: Telemetry,
}

/// How much a model thinks before it answers.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThinkingLevel {
    /// Leave it to the model.
    Off,
    /// Hardly.
    Minimal,
    /// A little.
    Low,
    /// More.
    Medium,
    /// Much.
    High,
}

impl Settings {
    /// What a shop may use in a day.
    pub(crate) fn limits(&self) -> Limits {
        let dollars = self.gemini_budget_usd_per_shop_per_day;
        Limits {
            calls: Some(self.gemini_budget_per_shop_per_day).filter(|calls| *calls > 0),
            cost: Some(dollars).filter(|dollars| *dollars > Decimal::ZERO),
        }
    }

    /// How to call Gemini.
    pub(crate) fn gemini(&self) -> Options {
        Options {
            url: self.gemini_api_url.clone(),
            model: self.gemini_model.clone(),
            fallback_model: self.gemini_fallback_model.clone(),
            thinking_level: match self.gemini_thinking_level {
                ThinkingLevel::Off => None,
                ThinkingLevel::Minimal => Some("MINIMAL"),
                ThinkingLevel::Low => Some("LOW"),
                ThinkingLevel::Medium => Some("MEDIUM"),
                ThinkingLevel::High => Some("HIGH"),
            },
            timeout: Duration::from_millis(self.gemini_timeout_ms),
            media_timeout: Duration::from_millis(self.gemini_media_timeout_ms),
            budget: Duration::from_millis(self.gemini_budget_ms),
            max_concurrent: self.gemini_max_concurrent,
            max_output_tokens: self.gemini_max_output_tokens,
            media_max_output_tokens: self.gemini_media_max_output_tokens,
        }
    }
}

impl HasTelemetry for Settings {
    fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }
}
