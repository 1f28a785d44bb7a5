//! Settings of the messenger: flags, each with an environment variable.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use jiff::SignedDuration;
use platform::secret::Secret;
use platform::settings::{Database, GrpcServer, HasTelemetry, Telemetry};
use secrecy::SecretString;
use url::Url;

use crate::domain::dispatch::Policy;
use crate::domain::rate::{Pace, Rate};
use crate::graph::GraphOptions;
use crate::media::{self, Hosts};
use crate::otp;
use crate::outbox::sender::Limits;

/// How far ahead slots of the number's pace are handed out: a worker waits for its slot at most this long.
const PACE_HORIZON: SignedDuration = SignedDuration::from_secs(1);

/// Sends messages through the Graph API and follows them until they are read.
#[derive(Parser, Clone, Debug)]
#[command(name = "messenger-svc", version)]
pub struct Settings {
    /// Address and port to listen on.
    #[arg(long, env = "LISTEN_ADDR", default_value = "0.0.0.0:50053")]
    pub listen_addr: SocketAddr,
    /// Access token of the Graph API, of a system user with whatsapp_business_messaging.
    #[arg(long, env = "WHATSAPP_ACCESS_TOKEN", hide_env_values = true)]
    pub whatsapp_access_token: Option<SecretString>,
    /// File that holds WHATSAPP_ACCESS_TOKEN, read again when it changes.
    #[arg(long, env = "WHATSAPP_ACCESS_TOKEN_FILE")]
    pub whatsapp_access_token_file: Option<PathBuf>,
    /// Meta's phone-number id of the business number that sends when a request names none.
    #[arg(long, env = "WHATSAPP_PHONE_NUMBER_ID")]
    pub whatsapp_phone_number_id: Option<String>,
    /// Base address of the Graph API.
    #[arg(long, env = "GRAPH_API_URL", default_value = "https://graph.facebook.com")]
    pub graph_api_url: Url,
    /// Version of the Graph API.
    #[arg(long, env = "GRAPH_API_VERSION", default_value = "v25.0")]
    pub graph_api_version: String,
    /// How long connecting to the Graph API may take, in milliseconds.
    #[arg(long, env = "GRAPH_CONNECT_TIMEOUT_MS", default_value_t = 5_000)]
    pub graph_connect_timeout_ms: u64,
    /// How long a call of the Graph API may take, in milliseconds.
    #[arg(long, env = "GRAPH_TIMEOUT_MS", default_value_t = 20_000)]
    pub graph_timeout_ms: u64,
    /// How long a receipt may take to settle a send whose answer was lost, in seconds; then it is sent once more.
    ///
    /// Meta's first receipt comes within seconds of the send. A minute also covers the first repeats of a webhook that
    /// we did not take, and is still bearable for somebody who waits for an answer.
    #[arg(long, env = "SETTLE_AFTER_SECONDS", default_value_t = 60)]
    pub settle_after_seconds: u32,
    /// How long a message is tried before it is given up, in seconds. A reply is of no use after Meta's 24 hours.
    #[arg(long, env = "GIVE_UP_AFTER_SECONDS", default_value_t = 24 * 3600)]
    pub give_up_after_seconds: u32,
    /// Time between two tries of a halted number, in seconds.
    #[arg(long, env = "HALT_PROBE_SECONDS", default_value_t = 60)]
    pub halt_probe_seconds: u32,
    /// Time between two tries of a number that Meta holds back for spam, in seconds.
    #[arg(long, env = "SPAM_PROBE_SECONDS", default_value_t = 3600)]
    pub spam_probe_seconds: u32,
    /// How long to wait for the receipt of a try that was accepted, in seconds, when a number was halted by receipts of
    /// messages that had been accepted before; without bad news the number sends again then.
    #[arg(long, env = "HALT_QUIET_SECONDS", default_value_t = 300)]
    pub halt_quiet_seconds: u32,
    /// How long before the end of the 24 hours after a person's message they count as over, in seconds: then only templates
    /// are sent.
    #[arg(long, env = "WINDOW_MARGIN_SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(..86_400))]
    pub window_margin_seconds: u32,
    /// Messages per second of one business number, over all replicas. Meta allows 80, in and out together, and up to 1,000 to some.
    #[arg(long, env = "NUMBER_RATE_PER_SECOND", default_value_t = 80, value_parser = clap::value_parser!(u32).range(1..))]
    pub number_rate_per_second: u32,
    /// Messages to one person that may go out at once.
    #[arg(long, env = "PAIR_BURST", default_value_t = 45, value_parser = clap::value_parser!(u32).range(1..))]
    pub pair_burst: u32,
    /// Time after which a person may get one more message when the burst is used up, in milliseconds.
    #[arg(long, env = "PAIR_PERIOD_MS", default_value_t = 6_000)]
    pub pair_period_ms: u32,
    /// Messages that may wait in the outbox; more are refused.
    #[arg(long, env = "OUTBOX_MAX", default_value_t = 100_000)]
    pub outbox_max: u32,
    /// How many people are sent to at the same time.
    #[arg(long, env = "SENDS_AT_ONCE", default_value_t = 192, value_parser = clap::value_parser!(u32).range(1..))]
    pub sends_at_once: u32,
    /// How long the content of a message is kept after its state last changed, in seconds; its history stays.
    #[arg(long, env = "CONTENT_RETENTION_SECONDS", default_value_t = 24 * 3600)]
    pub content_retention_seconds: u32,
    /// Files that are fetched from Meta at the same time; more wait. Each takes about a megabyte of memory.
    #[arg(long, env = "MEDIA_DOWNLOADS_AT_ONCE", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    pub media_downloads_at_once: u32,
    /// How long a file may wait for its turn, and how long it may then take, in milliseconds.
    #[arg(long, env = "MEDIA_TIMEOUT_MS", default_value_t = 120_000)]
    pub media_timeout_ms: u64,
    /// Hosts that files may lie on, separated by commas: they get to see the access token. The host of GRAPH_API_URL is
    /// one, too.
    #[arg(long, env = "MEDIA_HOSTS", value_delimiter = ',', default_value = "lookaside.fbsbx.com")]
    pub media_hosts: Vec<String>,
    /// How long a message and its history are kept, in days. The cost report looks as far back.
    #[arg(long, env = "MESSAGE_RETENTION_DAYS", default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..))]
    pub message_retention_days: u32,
    /// Key under which one-time codes are hashed and sealed, at least 32 characters; several separated by commas while
    /// rotating, the newest first. Unset: no codes are sent.
    #[arg(long, env = "OTP_KEY", hide_env_values = true)]
    pub otp_key: Option<SecretString>,
    /// File that holds OTP_KEY, read again when it changes.
    #[arg(long, env = "OTP_KEY_FILE")]
    pub otp_key_file: Option<PathBuf>,
    /// Name of the approved authentication template that carries one-time codes. Unset: no codes are sent.
    #[arg(long, env = "OTP_TEMPLATE")]
    pub otp_template: Option<String>,
    /// Language of OTP_TEMPLATE, as Meta names it, when a request names none.
    #[arg(long, env = "OTP_TEMPLATE_LANGUAGE", default_value = "en_US")]
    pub otp_template_language: String,
    /// One-time codes that one caller may have sent in a minute, and as many that it may have checked.
    #[arg(long, env = "OTP_CALLER_PER_MINUTE", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub otp_caller_per_minute: u32,
    /// The gRPC server.
    #[command(flatten)]
    pub server: GrpcServer,
    /// The database.
    #[command(flatten)]
    pub database: Database,
    /// Logs, traces and metrics.
    #[command(flatten)]
    pub telemetry: Telemetry,
}

impl HasTelemetry for Settings {
    fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }
}

impl Settings {
    /// Returns the number that sends when a request names none.
    pub(crate) fn phone_number_id(&self) -> anyhow::Result<String> {
        let id = self.whatsapp_phone_number_id.as_deref().map(str::trim).unwrap_or_default();
        anyhow::ensure!(
            !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()),
            "WHATSAPP_PHONE_NUMBER_ID is not set to the digits of Meta's phone-number id: \
             WhatsApp Manager shows it under the number (it is not the phone number)"
        );
        Ok(id.to_owned())
    }

    pub(crate) fn policy(&self) -> Policy {
        Policy {
            settle_after: seconds(self.settle_after_seconds),
            give_up_after: seconds(self.give_up_after_seconds),
            probe_interval: seconds(self.halt_probe_seconds),
            spam_probe_interval: seconds(self.spam_probe_seconds),
            quiet_after_probe: seconds(self.halt_quiet_seconds),
            window_margin: seconds(self.window_margin_seconds),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            pair_rate: Rate::new(self.pair_burst, SignedDuration::from_millis(i64::from(self.pair_period_ms))),
            number_pace: Pace::new(self.number_rate_per_second, PACE_HORIZON),
        }
    }

    pub(crate) fn graph(&self) -> GraphOptions {
        GraphOptions {
            base: self.graph_api_url.clone(),
            version: self.graph_api_version.clone(),
            connect_timeout: Duration::from_millis(self.graph_connect_timeout_ms),
            timeout: Duration::from_millis(self.graph_timeout_ms),
        }
    }

    /// Returns how one-time codes are made; `None`: they are not set up.
    pub(crate) fn otp(&self) -> anyhow::Result<Option<otp::Config>> {
        let key = Secret::resolve("OTP_KEY", self.otp_key.as_ref(), self.otp_key_file.as_ref())?;
        let template = self.otp_template.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let (Some(key), Some(template)) = (key, template) else { return Ok(None) };
        let config = otp::Config {
            key,
            template: template.to_owned(),
            language: self.otp_template_language.clone(),
            caller_per_minute: self.otp_caller_per_minute,
        };
        config.check()?;
        Ok(Some(config))
    }

    pub(crate) fn media(&self) -> media::Limits {
        media::Limits {
            downloads_at_once: usize::try_from(self.media_downloads_at_once).unwrap_or(usize::MAX),
            timeout: Duration::from_millis(self.media_timeout_ms),
        }
    }

    pub(crate) fn media_hosts(&self) -> Hosts {
        Hosts::new(&self.media_hosts, &self.graph_api_url)
    }

    pub(crate) fn message_retention(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.message_retention_days))
    }

    pub(crate) fn content_retention(&self) -> SignedDuration {
        seconds(self.content_retention_seconds)
    }
}

fn seconds(seconds: u32) -> SignedDuration {
    SignedDuration::from_secs(i64::from(seconds))
}
