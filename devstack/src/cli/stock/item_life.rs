//! `backroom stock create`, `unarchive` and `unit`: an item begins, comes back, or is kept in another unit.

use anyhow::{Context as _, Result};
use clap::Args;
use platform::Process;
use proto::inventory::v1 as pb;
use proto::inventory::v1::add_item_name_request::Name;

use super::call::Call;
use super::change::{open, show, source};
use super::post::decimal;
use super::refusal::write_refused;
use super::repeat::{Repeat, say_json};
use super::table::{amount, plain, wrapped};
use crate::cli::ui;

/// Keep a new item, of which nothing is there yet: `create rice --unit kg --level 20`.
#[derive(Args, Clone, Debug)]
pub(super) struct Create {
    /// What it is called.
    #[arg(required = true)]
    name: Vec<String>,
    /// The unit it is kept in, singular and in English: `kg`, `case`. Without it: single pieces.
    #[arg(long, default_value = "")]
    unit: String,
    /// Decimals its quantities may have, 0 to 3. Without it: what is usual for the unit.
    #[arg(long)]
    scale: Option<i32>,
    /// Warn at this level, in its unit.
    #[arg(long)]
    level: Option<String>,
    /// What its package carries: 4 to 32 digits or letters.
    #[arg(long)]
    barcode: Option<String>,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    pub(super) call: Call,
}

/// Put an archived item back into the lists.
#[derive(Args, Clone, Debug)]
pub(super) struct Unarchive {
    /// Its id: its names are free and find it no more. `history --json` of its time shows it.
    item: String,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    pub(super) call: Call,
}

/// Keep an item in another unit from now on: `unit soap each --factor 12` for soap that was kept in cases of twelve.
///
/// Its history stays in the old unit, with the item of before; the balance is taken over.
#[derive(Args, Clone, Debug)]
pub(super) struct Unit {
    /// Its name or id.
    item: String,
    /// The unit it is kept in from now on, singular and in English.
    #[arg(value_name = "UNIT")]
    into: String,
    /// How many of the new unit one of the old holds.
    #[arg(long)]
    factor: String,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    pub(super) call: Call,
}

impl Create {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let request_id = self.repeat.request_id(process);
        let asked = pb::CreateItemRequest {
            shop_id: ledger.shop_id.clone(),
            request_id: request_id.clone(),
            source: source(),
            member_id: self.repeat.member_id(),
            display_name: self.name.join(" "),
            unit: self.unit,
            scale: self.scale,
            low_level: self.level.as_deref().map(decimal),
        };
        let mut answer = ledger.client.create_item(asked).await.map_err(write_refused(&request_id))?.into_inner();
        if let Some(barcode) = self.barcode {
            let asked = pb::AddItemNameRequest {
                shop_id: ledger.shop_id.clone(),
                // Derived, so that a repeat of the command repeats both.
                request_id: format!("{request_id}/barcode"),
                source: source(),
                member_id: self.repeat.member_id(),
                item_id: answer.item.as_ref().map(|item| item.item_id.clone()).unwrap_or_default(),
                name: Some(Name::Barcode(barcode)),
            };
            let named = ledger.client.add_item_name(asked).await.map_err(write_refused(&request_id));
            answer.item = named.context("the item was created, without its barcode")?.into_inner().item;
        }
        let kept = answer.item.clone().unwrap_or_default();
        let level = match &kept.low_level {
            Some(level) => format!(", low at {}", amount(Some(level), &kept.base_unit)),
            None => String::new(),
        };
        let what = format!("is kept in {} from now on{level}.", plain(&kept.base_unit));
        show(&ledger, &answer, answer.item.as_ref(), &request_id, &what)?;
        if !ledger.is_json {
            ui::say(format_args!("  {}", kept.item_id));
        }
        Ok(())
    }
}

impl Unarchive {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let (mut ledger, of) = open(self.call, &self.repeat, &self.item, process).await?;
        let asked = pb::UnarchiveItemRequest {
            shop_id: of.shop,
            request_id: of.request.clone(),
            source: source(),
            member_id: of.member,
            item_id: of.item,
        };
        let answer = ledger.client.unarchive_item(asked).await.map_err(write_refused(&of.request))?.into_inner();
        show(&ledger, &answer, answer.item.as_ref(), &of.request, "is in the lists again.")
    }
}

impl Unit {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let (mut ledger, of) = open(self.call, &self.repeat, &self.item, process).await?;
        let asked = pb::ChangeBaseUnitRequest {
            shop_id: of.shop,
            request_id: of.request.clone(),
            source: source(),
            member_id: of.member,
            item_id: of.item,
            unit: self.into,
            factor: Some(decimal(&self.factor)),
        };
        let answer = ledger.client.change_base_unit(asked).await.map_err(write_refused(&of.request))?.into_inner();
        if ledger.is_json {
            return say_json(&answer, &of.request);
        }
        let how = if answer.replayed { "Already done" } else { "Done" };
        let merge = answer.merge.context("the answer holds an item")?;
        let item = merge.item.context("the answer holds an item")?;
        let (name, unit) = (plain(&item.display_name), plain(&item.base_unit));
        let movements = merge.operation.map(|operation| operation.movements).unwrap_or_default();
        let left = movements.iter().rfind(|movement| movement.item_id == item.item_id);
        let now = left.map_or_else(String::new, |left| format!(": {}", amount(left.balance_after.as_ref(), &unit)));
        ui::say(wrapped("", &format!("{how}: {name} is kept in {unit} from now on{now}.")));
        Ok(())
    }
}
