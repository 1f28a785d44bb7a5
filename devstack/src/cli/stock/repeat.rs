//! Ids of requests: what makes a second run harmless.

use std::io::Write as _;

use clap::Args;
use platform::Process;

use super::json::{Named, to_json};
use crate::cli::ui;

/// How a change is named and for whom it is done.
#[derive(Args, Clone, Debug)]
pub(super) struct Repeat {
    /// Names this request for good: run it again with the same id and it counts once. Without it one is made and told.
    #[arg(long)]
    request_id: Option<String>,
    /// The member it is done for, by id. Without it: nobody, the operator does it.
    #[arg(long, value_name = "MEMBER_ID")]
    pub(super) member: Option<String>,
}

impl Repeat {
    /// Returns the id of the request. One that is made is told before the call: an answer can be lost.
    pub(super) fn request_id(&self, process: &Process) -> String {
        if let Some(id) = &self.request_id {
            return id.clone();
        }
        let id = format!("cli-{}", process.ids.uuid());
        writeln!(std::io::stderr(), "request {id}").ok(); // nobody listening is no failure
        id
    }

    pub(super) fn member_id(&self) -> String {
        self.member.clone().unwrap_or_default()
    }
}

/// Prints an answer as JSON with the id of its request.
pub(super) fn say_json<M: Named>(answer: &M, request_id: &str) -> anyhow::Result<()> {
    let mut value = to_json(answer)?;
    value["requestId"] = request_id.into();
    ui::say(format_args!("{value:#}"));
    Ok(())
}
