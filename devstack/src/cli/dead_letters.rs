//! `backroom dead-letters`: messages that were given up.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::PgPool;

use super::running::Running;
use super::{dev, ui};

/// List, show and replay messages that the gateway gave up.
#[derive(Args, Clone, Debug)]
pub(super) struct DeadLetters {
    /// The gateway's database. Without it: the one of a running `backroom dev`.
    #[arg(long, env = "GATEWAY_DATABASE_URL", hide_env_values = true)]
    gateway_database_url: Option<SecretString>,
    /// Where `backroom dev` keeps its data.
    #[arg(long, env = "BACKROOM_DATA_DIR", default_value = dev::DATA_DIR)]
    data_dir: PathBuf,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand, Clone, Debug)]
enum Task {
    /// List dead letters, newest first.
    List {
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: i64,
    },
    /// Show what one holds, as it came from Meta. It is somebody's message: for your eyes only.
    Show {
        /// Its id.
        id: i64,
    },
    /// Put dead letters back to work. What they changed before is not changed again.
    Replay {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<i64>,
    },
}

impl DeadLetters {
    pub(super) async fn run(self) -> Result<()> {
        let url = match &self.gateway_database_url {
            Some(url) => url.expose_secret().to_owned(),
            None => Running::require(&self.data_dir, "GATEWAY_DATABASE_URL")?.gateway_database_url,
        };
        let pool = PgPool::connect(&url).await.context("connect to the gateway's database (GATEWAY_DATABASE_URL)")?;
        match self.task {
            Task::List { limit } => list(&pool, limit).await?,
            Task::Show { id } => show(&pool, id).await?,
            Task::Replay { ids } => replay(&pool, &ids).await?,
        }
        pool.close().await;
        Ok(())
    }
}

async fn list(pool: &PgPool, limit: i64) -> Result<()> {
    let letters = gateway::dead_letters::list(pool, limit).await?;
    if letters.is_empty() {
        ui::say("No dead letters.");
    }
    for letter in letters {
        let reference = gateway::dead_letters::reference_of(&letter).unwrap_or_else(|| "-".to_owned());
        let reason = letter.last_error.as_deref().unwrap_or("no reason was recorded");
        let (id, kind, died_at, attempts) = (letter.id, letter.kind, letter.died_at, letter.attempts);
        ui::say(format_args!("{id:>8}  {died_at:.0}  {kind:<10}  ref {reference:<4}  {attempts} attempts  {reason}"));
        if let Some(traceparent) = letter.traceparent {
            ui::say(format_args!("{:>8}  trace {}", "", traceparent.split('-').nth(1).unwrap_or(&traceparent)));
        }
    }
    Ok(())
}

async fn show(pool: &PgPool, id: i64) -> Result<()> {
    let payload =
        gateway::dead_letters::show(pool, id).await?.with_context(|| format!("there is no dead letter {id}"))?;
    ui::say(String::from_utf8_lossy(&payload));
    Ok(())
}

async fn replay(pool: &PgPool, ids: &[i64]) -> Result<()> {
    let replayed = gateway::dead_letters::replay(pool, ids).await?;
    for id in ids {
        let outcome = if replayed.contains(id) { "back in its lane" } else { "is no dead letter" };
        ui::say(format_args!("{id:>8}  {outcome}"));
    }
    Ok(())
}
