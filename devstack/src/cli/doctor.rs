//! `backroom doctor`: what is wrong, and what to do.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use platform::Process;

use super::{dev, running, ui};
use crate::doctor::{Report, Settings, Verdict, examine};

/// Look at everything a real number needs, say what is wrong and what to do. Changes nothing.
///
/// Reads the variables of the services, from the environment or from `.env`; without an access token it looks at the
/// running `backroom dev`. Ends with 0 when nothing failed, with 1 when something did, with 2 when it was asked wrongly.
#[derive(Args, Clone, Debug)]
pub(super) struct Doctor {
    #[command(flatten)]
    settings: Settings,
    /// Where `backroom dev` keeps its data.
    #[arg(long, env = "BACKROOM_DATA_DIR", default_value = dev::DATA_DIR)]
    data_dir: PathBuf,
    /// Print JSON; docs/go-live.md describes it.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) async fn run(mut self, process: &Process) -> Result<()> {
        if running::complete(&mut self.settings, &self.data_dir)? && !self.json {
            ui::say(format_args!("Looking at the running `backroom dev` of {}.\n", self.data_dir.display()));
        }
        let report = examine(&self.settings, &process.clock).await?;
        if self.json {
            ui::say(serde_json::to_string_pretty(&report).context("write the report")?);
        } else {
            ui::say(report.text());
        }
        verdict(&report)
    }
}

/// Ends the command as the report says.
pub(super) fn verdict(report: &Report) -> Result<()> {
    if report.verdict == Verdict::Fail {
        bail!("{} of {} checks failed", report.counts.fail, report.checks.len());
    }
    Ok(())
}
