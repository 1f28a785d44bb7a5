//! `backroom stock watch`: what is committed, as it comes.

use std::io::Write as _;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use platform::Process;
use proto::inventory::v1 as pb;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::call::{Call, Ledger};
use super::json::to_json;
use super::refusal::refused;
use super::table::{amount, minute, plain, signed, word};

/// How long to wait before a stream that ended is opened again.
const PAUSE: Duration = Duration::from_secs(1);

/// Print what is committed in the shop as it comes, until Ctrl-C. With `--json`: one message a line, with its cursor.
#[derive(Args, Clone, Debug)]
pub(super) struct Watch {
    /// Go on after this: the cursor of what was printed last. Without it: from the first operation of the shop.
    #[arg(long, default_value = "")]
    cursor: String,
    /// Begin with what is committed from now on.
    #[arg(long, conflicts_with = "cursor")]
    new: bool,
    /// End after this many operations.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    #[command(flatten)]
    pub(super) call: Call,
}

/// How far a watcher is.
struct Watcher {
    ledger: Ledger,
    asked: pb::WatchStockRequest,
    rest: u64,
}

impl Watch {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let ledger = self.call.open().await?;
        let is_json = ledger.is_json;
        let asked = pb::WatchStockRequest { shop_id: ledger.shop_id.clone(), cursor: self.cursor, only_new: self.new };
        let mut watcher = Watcher { ledger, asked, rest: self.limit.unwrap_or(u64::MAX) };
        let ended = tokio::select! {
            ended = watcher.watch() => ended,
            () = process.shutdown.draining() => Ok(()),
        };
        if !is_json && !watcher.asked.cursor.is_empty() {
            writeln!(std::io::stderr(), "go on with --cursor {}", watcher.asked.cursor).ok(); // nobody listening is no failure
        }
        ended.map_err(refused)
    }
}

impl Watcher {
    /// Watches until there is enough. A stream that ends or breaks is opened again where it was.
    async fn watch(&mut self) -> Result<(), Status> {
        // What cannot be reached at the start may be a wrong address: that is said and not waited for.
        let mut stream = self.ledger.client.watch_stock(self.asked.clone()).await?.into_inner();
        loop {
            match self.take_in(&mut stream).await {
                Ok(true) => return Ok(()),
                Err(status) if !passes(&status) => return Err(status),
                Ok(false) | Err(_) => {}
            }
            stream = loop {
                tokio::time::sleep(PAUSE).await;
                match self.ledger.client.watch_stock(self.asked.clone()).await {
                    Ok(stream) => break stream.into_inner(),
                    Err(status) if !passes(&status) => return Err(status),
                    Err(_) => {}
                }
            };
        }
    }

    /// Prints what a stream brings; whether it was enough.
    async fn take_in(&mut self, stream: &mut tonic::Streaming<pb::WatchStockResponse>) -> Result<bool, Status> {
        while let Some(response) = stream.message().await? {
            self.asked.cursor.clone_from(&response.cursor);
            let Some(operation) = response.change.as_ref().and_then(|change| change.operation.as_ref()) else {
                continue; // a heartbeat
            };
            let shown = if self.ledger.is_json {
                to_json(&response).map_err(|error| Status::internal(format!("{error:#}")))?.to_string()
            } else {
                in_words(operation)
            };
            self.rest -= 1;
            // `watch | head` ends early.
            if writeln!(std::io::stdout(), "{shown}").is_err() || self.rest == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Returns whether a stream that ended so may go on later: the ledger is away or busy.
fn passes(status: &Status) -> bool {
    let has_reason = status.get_details_error_info().is_some();
    matches!(status.code(), Code::Unavailable | Code::Aborted)
        || !has_reason
            && matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled | Code::Unknown | Code::Internal)
}

fn in_words(operation: &pb::Operation) -> String {
    let kind = word(operation.kind().as_str_name(), "OPERATION_KIND_");
    let mut said = format!("{}  {}  {kind}", minute(operation.record_time.as_ref()), operation.public_reference);
    for movement in &operation.movements {
        let why = word(movement.kind().as_str_name(), "MOVEMENT_KIND_");
        let (change, name) = (signed(movement.delta.as_ref()), plain(&movement.item_name));
        let left = amount(movement.balance_after.as_ref(), &movement.base_unit);
        said.push('\n');
        said.push_str(&super::table::wrapped("  ", &format!("{change} {name} ({why}), now {left}")));
    }
    said
}
