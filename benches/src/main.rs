//! Measurements against what a user would pick instead, as ratios in one run: machines are noisy, ratios less so.
//!
//! `cargo run --release -p benches` runs all of them and prints the table for `docs/benchmarks.md`;
//! `cargo run --release -p benches -- understanding` scores the parser alone.

mod acks;
mod growth;
mod ledger;
mod pgbench;
mod posts;
mod report;
mod shop;
mod understanding;
mod whole_path;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Measures The Backroom against Postgres alone, interleaved on one server.
#[derive(Parser)]
struct Cli {
    /// What to measure.
    #[arg(value_enum, default_value_t = What::All)]
    what: What,
    /// How often each side is measured; sides take turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long one measurement takes, in seconds.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Messages to understand, with what each must become: a JSON object a line.
    #[arg(long)]
    file: Option<PathBuf>,
    /// Let Gemini read what the grammar leaves open, as GEMINI_API_KEY and its neighbours say.
    #[arg(long)]
    gemini: bool,
    /// Where the picture of growth is written.
    #[arg(long, default_value = "docs/ledger-growth.svg")]
    picture: PathBuf,
    /// Print the score of understanding as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
enum What {
    /// Everything.
    All,
    /// Durable webhook acks against single-row inserts.
    Acks,
    /// Messages from webhook to Graph call against the ledger's transaction.
    Path,
    /// Time of an ack at 100 messages a second.
    Latency,
    /// Posts of one line over gRPC against the statement they run.
    Ledger,
    /// Posts, balances, pages and reports with 2,000 to 2 million movements.
    Growth,
    /// What shopkeepers write against what it must become.
    Understanding,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    anyhow::ensure!(cli.rounds > 0 && cli.seconds > 0, "--rounds and --seconds are at least 1");
    let is_wanted = |what| cli.what == What::All || cli.what == what;
    if is_wanted(What::Understanding) {
        understanding::measure(cli.file, cli.gemini, cli.json).await?;
    }
    if is_wanted(What::Acks) {
        acks::measure(cli.rounds, cli.seconds).await?;
    }
    if is_wanted(What::Path) {
        whole_path::measure(cli.rounds).await?;
    }
    if is_wanted(What::Ledger) {
        ledger::measure(cli.rounds, cli.seconds).await?;
    }
    if is_wanted(What::Growth) {
        growth::measure(cli.rounds, &cli.picture).await?;
    }
    if is_wanted(What::Latency) {
        acks::measure_latency(cli.seconds * 4).await?;
    }
    Ok(())
}
