//! `backroom stock correct`: puts an operation right.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{ArgGroup, Args};
use platform::Process;
use proto::inventory::v1 as pb;
use proto::inventory::v1::correct_operation_request::Target;
use proto::inventory::v1::get_operation_request::Key;
use proto::inventory::v1::operation_line::Effect;

use super::call::{Call, Ledger};
use super::item::reference;
use super::outcome;
use super::post::{Kind, decimal, price, read_json_lines};
use super::refusal::{refused, write_refused};
use super::repeat::{Repeat, say_json};
use super::table::word;
use crate::cli::ui;

/// Put an operation right: it is taken back and posted as it should have been, in one. `correct OPERATION --quantity 5`.
///
/// What is not said stays as it was, and so do the other lines. It is all or nothing.
#[derive(Args, Clone, Debug)]
#[command(group(ArgGroup::new("right").required(true).multiple(true)))]
pub(super) struct Correct {
    /// Its id: `backroom stock history --ids` shows it.
    operation: String,
    /// Which of its lines was wrong, counted from 1.
    #[arg(long, default_value_t = 1)]
    line: i32,
    /// How much it was, in the unit that was said; of a count: what was there.
    #[arg(long, group = "right", allow_negative_numbers = true)]
    quantity: Option<String>,
    /// The unit of it.
    #[arg(long, group = "right")]
    unit: Option<String>,
    /// Of what it was: a name or an id.
    #[arg(long, group = "right")]
    item: Option<String>,
    /// Why stock changed.
    #[arg(long, value_enum, group = "right")]
    kind: Option<Kind>,
    /// The price of one base unit with its currency, for example `18.50 ZAR`.
    #[arg(long, num_args = 2, value_names = ["AMOUNT", "CURRENCY"], group = "right")]
    price: Option<Vec<String>>,
    /// The line did not happen at all.
    #[arg(long, group = "right", conflicts_with_all = ["quantity", "unit", "item", "kind", "price"])]
    drop: bool,
    /// Take the corrections of a file instead: a JSON array of `LineCorrection`. `-` is the standard input.
    #[arg(long, value_name = "FILE", group = "right", conflicts_with_all = ["line", "quantity", "unit", "item", "kind", "price", "drop"])]
    lines: Option<PathBuf>,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    pub(super) call: Call,
}

impl Correct {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let Self { operation, line, quantity, unit, item, kind, price: paid, drop, lines, dry_run, repeat, call } =
            self;
        let mut ledger = call.open().await?;
        let corrections = match lines {
            Some(file) => read_json_lines(&file, "LineCorrection")?,
            None if drop => vec![pb::LineCorrection { line_number: line, line: None }],
            None => {
                let mut right = ledger.line_as_it_was(&operation, line).await?;
                if let Some(item) = item {
                    right.item = Some(reference(&item));
                }
                if let Some(unit) = unit {
                    right.unit = unit;
                }
                if let Some(paid) = paid {
                    right.unit_price = price(&paid);
                }
                right.effect = Some(changed(right.effect, quantity.as_deref(), kind)?);
                vec![pb::LineCorrection { line_number: line, line: Some(right) }]
            }
        };
        let request_id = repeat.request_id(process);
        let asked = pb::CorrectOperationRequest {
            shop_id: ledger.shop_id.clone(),
            request_id: request_id.clone(),
            source: pb::Source::Grpc.into(),
            member_id: repeat.member_id(),
            target: Some(Target::OperationId(operation)),
            corrections,
            dry_run,
        };
        let answer = ledger.client.correct_operation(asked).await.map_err(write_refused(&request_id))?.into_inner();
        if ledger.is_json {
            say_json(&answer, &request_id)?;
        } else {
            if let Some(corrected) = answer.corrected.as_ref().filter(|_| !answer.replayed) {
                let how = if dry_run { "would be taken back" } else { "was taken back" };
                ui::say(format_args!("{} {how}, and posted as it should have been:", corrected.public_reference));
            }
            let posted = pb::PostOperationResponse {
                operation: answer.operation,
                results: answer.results.clone(),
                replayed: answer.replayed,
            };
            outcome::show(&posted, dry_run);
        }
        outcome::verdict(&answer.results)
    }
}

impl Ledger {
    /// Returns a line of an operation as it was said.
    async fn line_as_it_was(&mut self, operation_id: &str, line: i32) -> Result<pb::OperationLine> {
        let key = Some(Key::OperationId(operation_id.to_owned()));
        let asked = pb::GetOperationRequest { shop_id: self.shop_id.clone(), key };
        let answer = self.client.get_operation(asked).await.map_err(refused)?.into_inner();
        let operation = answer.operation.context("the answer holds an operation")?;
        let of_line = |movement: &&pb::Movement| movement.line_number == line && movement.reverses_movement_id == 0;
        let Some(said) = operation.movements.iter().rfind(of_line) else {
            bail!("{} has no line {line}", operation.public_reference)
        };
        let quantity = said.said_quantity.clone();
        let effect = match said.kind() {
            pb::MovementKind::Count => Effect::Count(pb::Count { quantity }),
            pb::MovementKind::Transfer | pb::MovementKind::Reversal => bail!(
                "{} is a {}: take it back with `backroom stock undo` and post what is right",
                operation.public_reference,
                word(said.kind().as_str_name(), "MOVEMENT_KIND_")
            ),
            kind => Effect::Change(pb::Change { kind: kind.into(), quantity, all: false }),
        };
        Ok(pb::OperationLine {
            item: Some(reference(&said.item_id)),
            effect: Some(effect),
            unit: said.said_unit.clone(),
            unit_price: said.unit_price.clone(),
            location_id: said.location_id.clone(),
            ..Default::default()
        })
    }
}

/// Returns what happens by a line, with another quantity or for another reason.
fn changed(was: Option<Effect>, quantity: Option<&str>, kind: Option<Kind>) -> Result<Effect> {
    Ok(match (was, kind) {
        (Some(Effect::Count(count)), None) => {
            Effect::Count(pb::Count { quantity: quantity.map(decimal).or(count.quantity) })
        }
        (Some(Effect::Change(change)), kind) => Effect::Change(pb::Change {
            kind: kind.map_or(change.kind, |kind| pb::MovementKind::from(kind).into()),
            quantity: quantity.map(decimal).or(change.quantity),
            all: false,
        }),
        _ => bail!("a count has no --kind: take it back with `backroom stock undo` and post what is right"),
    })
}
