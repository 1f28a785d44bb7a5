//! `backroom stock transfer`: stock goes from one place to another.

use anyhow::{Context as _, Result};
use clap::{ArgGroup, Args};
use jiff::Timestamp;
use platform::Process;
use proto::inventory::v1 as pb;

use super::call::Call;
use super::item::reference;
use super::outcome::named;
use super::post::decimal;
use super::refusal::write_refused;
use super::repeat::{Repeat, say_json};
use super::table::{amount, plain, signed, wire_time, wrapped};
use crate::cli::ui;

/// Move stock from one place to another: `transfer 10 brown bread --to "cold room"`.
///
/// Taken back like any operation, at both places at once: `backroom stock undo`.
#[derive(Args, Clone, Debug)]
#[command(group(ArgGroup::new("where").required(true).multiple(true)))]
pub(super) struct Transfer {
    /// How much, in the item's own unit.
    quantity: String,
    /// Of what: a name or an id.
    #[arg(required = true)]
    item: Vec<String>,
    /// The place it leaves: its name or id. Without it: where stock is when nobody says where.
    #[arg(long, value_name = "PLACE", group = "where")]
    from: Option<String>,
    /// The place it comes to: its name or id. Without it: where stock is when nobody says where.
    #[arg(long, value_name = "PLACE", group = "where")]
    to: Option<String>,
    /// When it happened, for example `2026-11-22T10:00:00Z`. Without it: now.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    pub(super) call: Call,
}

impl Transfer {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let item_id = ledger.item_id(&self.item.join(" ")).await?;
        let from_location_id = ledger.place_id(self.from.as_deref()).await?;
        let to_location_id = ledger.place_id(self.to.as_deref()).await?;
        let request_id = self.repeat.request_id(process);
        let line = pb::TransferLine { item: Some(reference(&item_id)), quantity: Some(decimal(&self.quantity)) };
        let asked = pb::TransferStockRequest {
            shop_id: ledger.shop_id.clone(),
            request_id: request_id.clone(),
            source: pb::Source::Grpc.into(),
            member_id: self.repeat.member_id(),
            from_location_id,
            to_location_id,
            lines: vec![line],
            occur_time: self.at.map(wire_time),
            dry_run: self.dry_run,
        };
        let answer = ledger.client.transfer_stock(asked).await.map_err(write_refused(&request_id))?.into_inner();
        if ledger.is_json {
            return say_json(&answer, &request_id);
        }
        let operation = answer.operation.context("the answer holds an operation")?;
        if answer.replayed {
            ui::say(format_args!("Already done: {}", named(&operation)));
        } else if self.dry_run {
            ui::say("A dry run: nothing was stored. It would be:");
        } else {
            ui::say(format_args!("Moved: {}", named(&operation)));
        }
        for movement in &operation.movements {
            let (change, name) = (signed(movement.delta.as_ref()), plain(&movement.item_name));
            let left = amount(movement.balance_after.as_ref(), &movement.base_unit);
            let side = if change.starts_with('-') { "where it left" } else { "where it came" };
            ui::say(wrapped("  ", &format!("{change} {name}, now {left} {side}")));
        }
        Ok(())
    }
}
