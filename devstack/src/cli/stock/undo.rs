//! `backroom stock undo`: takes an operation back by its mirror.

use anyhow::{Context as _, Result};
use clap::Args;
use platform::Process;
use proto::inventory::v1 as pb;
use proto::inventory::v1::reverse_operation_request::Target;

use super::call::Call;
use super::outcome::named;
use super::refusal::write_refused;
use super::repeat::{Repeat, say_json};
use super::table::{plain, signed};
use crate::cli::ui;

/// Take an operation back. What was posted since stays; an operation is taken back at most once.
#[derive(Args, Clone, Debug)]
pub(super) struct Undo {
    /// Its id: `backroom stock history --ids` shows it.
    #[arg(required_unless_present = "latest")]
    operation: Option<String>,
    /// The newest of the last 24 hours of --member, or of the person whose --phone names the shop.
    #[arg(long, conflicts_with = "operation")]
    latest: bool,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    pub(super) call: Call,
}

impl Undo {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let mut member_id = self.repeat.member_id();
        let target = if let Some(operation_id) = self.operation {
            Target::OperationId(operation_id)
        } else {
            if member_id.is_empty() {
                let person = ledger.named_by.as_ref().context("whose latest? Name them by --member, or by --phone")?;
                member_id.clone_from(&person.member_id);
            }
            Target::Latest(pb::Latest {})
        };
        let request_id = self.repeat.request_id(process);
        let asked = pb::ReverseOperationRequest {
            shop_id: ledger.shop_id.clone(),
            request_id: request_id.clone(),
            source: pb::Source::Grpc.into(),
            member_id,
            target: Some(target),
            dry_run: self.dry_run,
        };
        let answer = ledger.client.reverse_operation(asked).await.map_err(write_refused(&request_id))?.into_inner();
        if ledger.is_json {
            return say_json(&answer, &request_id);
        }
        let reversal = answer.operation.context("the answer holds the reversal")?;
        let reversed = answer.reversed.map(|operation| operation.public_reference).unwrap_or_default();
        if answer.replayed {
            ui::say(format_args!("Already done: {}", named(&reversal)));
        } else if self.dry_run {
            ui::say(format_args!("A dry run: nothing was stored. {reversed} would be taken back:"));
        } else {
            ui::say(format_args!("Taken back: {reversed}. By {}", named(&reversal)));
        }
        for movement in &reversal.movements {
            let (change, name) = (signed(movement.delta.as_ref()), plain(&movement.item_name));
            ui::say(format_args!("  {change} {name}, now {}", super::table::number(movement.balance_after.as_ref())));
        }
        Ok(())
    }
}
