//! What the gateway can be told.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use jiff::SignedDuration;
use platform::secret::Secret;
use platform::settings::{Database, GrpcClient, HasTelemetry, Telemetry};
use secrecy::SecretString;

use crate::http::otp::{Issuer, Tokens};
use crate::pipeline::Patience;
use crate::store::Retention;

/// The only door: takes Meta's webhooks and drives one message end to end.
#[derive(Parser, Clone, Debug)]
#[command(name = "gateway", version)]
pub struct Settings {
    /// Address and port of the HTTP server.
    #[arg(long, env = "LISTEN_ADDR", default_value = "0.0.0.0:8080")]
    pub listen_addr: SocketAddr,
    /// Where parser-svc is.
    #[arg(long, env = "PARSER_URL", default_value = "http://127.0.0.1:50051")]
    pub parser_url: String,
    /// Where inventory-svc is.
    #[arg(long, env = "INVENTORY_URL", default_value = "http://127.0.0.1:50052")]
    pub inventory_url: String,
    /// Where messenger-svc is.
    #[arg(long, env = "MESSENGER_URL", default_value = "http://127.0.0.1:50053")]
    pub messenger_url: String,
    /// The token Meta sends in the verification GET.
    #[arg(long, env = "WHATSAPP_VERIFY_TOKEN", hide_env_values = true)]
    pub whatsapp_verify_token: Option<SecretString>,
    /// File that holds WHATSAPP_VERIFY_TOKEN, read again when it changes.
    #[arg(long, env = "WHATSAPP_VERIFY_TOKEN_FILE")]
    pub whatsapp_verify_token_file: Option<PathBuf>,
    /// Secret of the Meta app; several separated by commas while rotating.
    #[arg(long, env = "WHATSAPP_APP_SECRET", hide_env_values = true)]
    pub whatsapp_app_secret: Option<SecretString>,
    /// File that holds WHATSAPP_APP_SECRET, read again when it changes.
    #[arg(long, env = "WHATSAPP_APP_SECRET_FILE")]
    pub whatsapp_app_secret_file: Option<PathBuf>,
    /// The business number that is served, as Meta's phone-number id; messages to another one are kept and not handled.
    /// Unset: every number of the app.
    #[arg(long, env = "WHATSAPP_PHONE_NUMBER_ID")]
    pub whatsapp_phone_number_id: Option<String>,
    /// Lanes in work at the same time: senders that are served in parallel. 0: this process takes webhooks and leaves
    /// the work to others.
    #[arg(long, env = "LANES_AT_ONCE", default_value_t = 192)]
    pub lanes_at_once: usize,
    /// Voice notes, photos and documents in work at the same time, at most half of LANES_AT_ONCE; more wait without keeping
    /// anybody else waiting.
    #[arg(long, env = "MEDIA_AT_ONCE", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..))]
    pub media_at_once: u16,
    /// How long a lane stays with a worker that no longer answers, in milliseconds.
    #[arg(long, env = "LEASE_MS", default_value_t = 15_000, value_parser = clap::value_parser!(u64).range(500..))]
    pub lease_ms: u64,
    /// How long a message that is only a number or only an item waits for the rest of it, in milliseconds. 0: it does not
    /// wait.
    #[arg(long, env = "JOIN_WITHIN_MS", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(..=10_000))]
    pub join_within_ms: u64,
    /// Attempts after which a message that fails by itself becomes a dead letter.
    #[arg(long, env = "MAX_ATTEMPTS", default_value_t = 8, value_parser = clap::value_parser!(i32).range(1..))]
    pub max_attempts: i32,
    /// How long a message waits for services that are down before it becomes a dead letter, in seconds.
    #[arg(long, env = "GIVE_UP_AFTER_SECONDS", default_value_t = 24 * 60 * 60)]
    pub give_up_after_seconds: u64,
    /// Notifications that may wait for their commit; more are answered 503.
    #[arg(long, env = "INBOX_QUEUE_MAX", default_value_t = 2_048, value_parser = clap::value_parser!(u32).range(1..))]
    pub inbox_queue_max: u32,
    /// Mebibytes of bodies that may be in memory; more are answered 503 before they are read.
    #[arg(long, env = "BODIES_MIB_MAX", default_value_t = 64, value_parser = clap::value_parser!(u32).range(4..=4096))]
    pub bodies_mib_max: u32,
    /// Key that signs the tokens of members, at least 32 characters. Unset: /v1/otp answers that it is not set up.
    #[arg(long, env = "MEMBER_TOKEN_KEY", hide_env_values = true)]
    pub member_token_key: Option<SecretString>,
    /// File that holds MEMBER_TOKEN_KEY, read again when it changes.
    #[arg(long, env = "MEMBER_TOKEN_KEY_FILE")]
    pub member_token_key_file: Option<PathBuf>,
    /// How long a member's token counts, in seconds.
    #[arg(long, env = "MEMBER_TOKEN_SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub member_token_seconds: u32,
    /// Who issues members' tokens: their claim `iss`.
    #[arg(long, env = "MEMBER_TOKEN_ISSUER", default_value = "thebackroom")]
    pub member_token_issuer: String,
    /// Whom members' tokens are for: their claim `aud`.
    #[arg(long, env = "MEMBER_TOKEN_AUDIENCE", default_value = "thebackroom-members")]
    pub member_token_audience: String,
    /// Requests to /v1/otp that one client address may make in a minute.
    #[arg(long, env = "OTP_HTTP_PER_MINUTE", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub otp_http_per_minute: u32,
    /// Proxies before the gateway that append the address of their client to X-Forwarded-For. 0: the header is not believed.
    #[arg(long, env = "OTP_TRUSTED_PROXIES", default_value_t = 0)]
    pub otp_trusted_proxies: u8,
    /// How long a question is kept after its end, in days; longer than Meta repeats an answer to it.
    #[arg(long, env = "QUESTION_RETENTION_DAYS", default_value_t = 9, value_parser = clap::value_parser!(u16).range(9..=3650))]
    pub question_retention_days: u16,
    /// How long notifications that nothing here reads are kept as they came, in days.
    #[arg(long, env = "EVENT_RETENTION_DAYS", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
    pub event_retention_days: u16,
    /// How long a message that was given up is kept for a replay, in days; longer than Meta repeats it.
    #[arg(long, env = "DEAD_LETTER_RETENTION_DAYS", default_value_t = 90, value_parser = clap::value_parser!(u16).range(9..=3650))]
    pub dead_letter_retention_days: u16,
    /// How long work in hand may take after the signal to leave, in milliseconds.
    #[arg(long, env = "DRAIN_TIMEOUT_MS", default_value_t = 20_000)]
    pub drain_timeout_ms: u64,
    /// The database.
    #[command(flatten)]
    pub database: Database,
    /// The clients.
    #[command(flatten)]
    pub client: GrpcClient,
    /// Logs, traces and metrics.
    #[command(flatten)]
    pub telemetry: Telemetry,
}

impl Settings {
    /// Returns how long a lane stays with a worker that no longer answers.
    pub(crate) fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_ms)
    }

    /// Returns how many voice notes, photos and documents are in work at once.
    pub(crate) fn media_at_once(&self) -> usize {
        usize::from(self.media_at_once).min((self.lanes_at_once / 2).max(1))
    }

    /// Returns how long work in hand may take after the signal to leave.
    pub(crate) fn drain_timeout(&self) -> Duration {
        Duration::from_millis(self.drain_timeout_ms)
    }

    /// Returns how long what holds words of people is kept.
    pub(crate) fn retention(&self) -> Retention {
        let days = |days: u16| SignedDuration::from_hours(24 * i64::from(days));
        Retention {
            questions: days(self.question_retention_days),
            events: days(self.event_retention_days),
            dead_letters: days(self.dead_letter_retention_days),
        }
    }

    /// Returns who makes members' tokens; `None`: nobody.
    pub(crate) fn tokens(&self) -> anyhow::Result<Option<Tokens>> {
        let key =
            Secret::resolve("MEMBER_TOKEN_KEY", self.member_token_key.as_ref(), self.member_token_key_file.as_ref())?;
        let issuer = Issuer {
            name: self.member_token_issuer.clone(),
            audience: self.member_token_audience.clone(),
            valid_for: SignedDuration::from_secs(i64::from(self.member_token_seconds)),
        };
        key.map(|key| Tokens::new(key, issuer)).transpose()
    }

    /// Returns how long and how often a message is tried.
    pub(crate) fn patience(&self) -> Patience {
        Patience { attempts_max: self.max_attempts, give_up_after: Duration::from_secs(self.give_up_after_seconds) }
    }
}

impl HasTelemetry for Settings {
    fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }
}
