//! `backroom events`: what Meta told about the account.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use gateway::events::Event;
use jiff::SignedDuration;
use platform::Process;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::running::Running;
use super::{dev, ui};

/// List what Meta told about the account, the number and templates, newest first.
#[derive(Args, Clone, Debug)]
pub(super) struct Events {
    /// How far back: `30m`, `12h`, `7d`, `4w`. They are kept for as long as EVENT_RETENTION_DAYS says.
    #[arg(long, default_value = "7d", value_parser = span)]
    since: SignedDuration,
    /// Only what somebody has to act on.
    #[arg(long)]
    alerts: bool,
    /// How many at most.
    #[arg(long, default_value_t = 500)]
    limit: i64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Print also what came, as it came. It may hold somebody's message: for your eyes only.
    #[arg(long)]
    raw: bool,
    /// The gateway's database. Without it: the one of a running `backroom dev`.
    #[arg(long, env = "GATEWAY_DATABASE_URL", hide_env_values = true)]
    gateway_database_url: Option<SecretString>,
    /// Where `backroom dev` keeps its data.
    #[arg(long, env = "BACKROOM_DATA_DIR", default_value = dev::DATA_DIR)]
    data_dir: PathBuf,
}

impl Events {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let url = match &self.gateway_database_url {
            Some(url) => url.expose_secret().to_owned(),
            None => Running::require(&self.data_dir, "GATEWAY_DATABASE_URL")?.gateway_database_url,
        };
        let pool = PgPool::connect(&url).await.context("connect to the gateway's database (GATEWAY_DATABASE_URL)")?;
        let events = gateway::events::list(&pool, process.clock.now() - self.since, self.limit).await?;
        pool.close().await;
        let events: Vec<Event> = events.into_iter().filter(|event| !self.alerts || event.alert.is_some()).collect();
        if self.json {
            let shown: Vec<Value> = events.iter().map(|event| as_json(event, self.raw)).collect();
            ui::say(format_args!("{:#}", Value::Array(shown)));
            return Ok(());
        }
        if events.is_empty() {
            ui::say(if self.alerts { "Nothing to act on." } else { "Nothing was told." });
        }
        for event in &events {
            let (at, field, summary) = (event.received_at, &event.field, &event.summary);
            let alert = event.alert.map(|alert| format!("  ALERT {}", alert.word())).unwrap_or_default();
            ui::say(format_args!("{:>8}  {at:.0}  {field:<34}  {summary}{alert}", event.id));
            if self.raw {
                ui::say(String::from_utf8_lossy(&event.raw));
            }
        }
        Ok(())
    }
}

fn as_json(event: &Event, with_raw: bool) -> Value {
    let mut shown = json!({"id": event.id, "received_at": event.received_at, "field": event.field,
                           "alert": event.alert.map(gateway::events::Alert::word), "summary": event.summary});
    if with_raw {
        shown["raw"] =
            serde_json::from_slice(&event.raw).unwrap_or_else(|_| json!(String::from_utf8_lossy(&event.raw)));
    }
    shown
}

fn span(text: &str) -> Result<SignedDuration, String> {
    const WRONG: &str = "must be a number and one of m, h, d, w: 7d";
    let (digits, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or(WRONG)?;
    let count: i64 = digits.parse().map_err(|_| WRONG)?;
    let hours = match unit {
        "m" => return Ok(SignedDuration::from_mins(count.clamp(0, 1_000_000))),
        "h" => 1,
        "d" => 24,
        "w" => 7 * 24,
        _ => return Err(WRONG.to_owned()),
    };
    // Longer than anything is kept, and short enough to count back from now.
    Ok(SignedDuration::from_hours(count.clamp(0, 10_000).saturating_mul(hours)))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn spans_are_read() {
        assert_eq!(span("90m"), Ok(SignedDuration::from_mins(90)));
        assert_eq!(span("12h"), Ok(SignedDuration::from_hours(12)));
        assert_eq!(span("7d"), Ok(SignedDuration::from_hours(168)));
        assert_eq!(span("2w"), Ok(SignedDuration::from_hours(336)));
        for text in ["", "d", "7", "7y", "seven days", "7é"] {
            assert!(span(text).is_err(), "{text}");
        }
        assert!(Timestamp::UNIX_EPOCH.checked_sub(span("999999999w").unwrap()).is_ok());
    }
}
