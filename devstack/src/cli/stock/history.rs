//! `backroom stock history`: what happened, newest first.

use anyhow::Result;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use proto::inventory::v1 as pb;

use super::call::Call;
use super::json::to_json;
use super::refusal::refused;
use super::table::{amount, minute, names, numbers, plain, signed, table, wire_time, word, words, wrapped};
use crate::cli::ui;

/// What the ledger gives at most at once.
const PAGE_SIZE: u32 = 200;

/// List movements of a shop or of one item, newest first.
#[derive(Args, Clone, Debug)]
pub(super) struct History {
    /// Only of this item: its name or id.
    item: Vec<String>,
    /// How many at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Go on where an earlier list ended: its `nextPageToken`.
    #[arg(long, default_value = "")]
    page_token: String,
    /// Only of these kinds, for example `--kind sale,waste`.
    #[arg(long, value_enum, value_delimiter = ',')]
    kind: Vec<KindOf>,
    /// Only of operations that were done for this member, by id.
    #[arg(long, value_name = "MEMBER_ID", default_value = "")]
    member: String,
    /// Only what happened at this time or later, for example `2026-11-22T00:00:00Z`.
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Only what happened before this time.
    #[arg(long, value_name = "TIME")]
    to: Option<Timestamp>,
    /// Print also who did it, by which operation, and what took it back, below each movement.
    #[arg(long)]
    ids: bool,
    #[command(flatten)]
    pub(super) call: Call,
}

impl History {
    pub(super) async fn run(self) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let item_id = match self.item.as_slice() {
            [] => String::new(),
            words => ledger.item_id(&words.join(" ")).await?,
        };
        let mut asked = pb::ListMovementsRequest {
            shop_id: ledger.shop_id.clone(),
            item_id,
            member_id: self.member,
            kinds: self.kind.into_iter().map(|kind| pb::MovementKind::from(kind).into()).collect(),
            start_time: self.from.map(wire_time),
            end_time: self.to.map(wire_time),
            ..Default::default()
        };
        let mut all = pb::ListMovementsResponse { next_page_token: self.page_token, ..Default::default() };
        let mut rest = self.limit;
        while rest > 0 {
            asked.page_size = i32::try_from(rest.min(PAGE_SIZE)).expect("at most 200");
            asked.page_token = std::mem::take(&mut all.next_page_token);
            let answer = ledger.client.list_movements(asked.clone()).await.map_err(refused)?.into_inner();
            rest = rest.saturating_sub(u32::try_from(answer.movements.len()).unwrap_or(u32::MAX));
            all.movements.extend(answer.movements);
            all.next_page_token = answer.next_page_token;
            if all.next_page_token.is_empty() {
                break;
            }
        }
        if ledger.is_json {
            ui::say(format_args!("{:#}", to_json(&all)?));
            return Ok(());
        }
        show(&all.movements, self.ids);
        if !all.next_page_token.is_empty() {
            ui::say("There is more: raise --limit.");
        }
        Ok(())
    }
}

/// Shows movements as a table.
pub(super) fn show(movements: &[pb::Movement], with_ids: bool) {
    if movements.is_empty() {
        ui::say("Nothing happened yet.");
        return;
    }
    let rows: Vec<[String; 6]> = movements
        .iter()
        .map(|movement| {
            let taken_back = if movement.reversed_by_operation_id.is_empty() { "" } else { " (taken back)" };
            [
                minute(movement.occur_time.as_ref()),
                movement.public_reference.clone(),
                word(movement.kind().as_str_name(), "MOVEMENT_KIND_"),
                format!("{}{taken_back}", plain(&movement.item_name)),
                signed(movement.delta.as_ref()),
                amount(movement.balance_after.as_ref(), &movement.base_unit),
            ]
        })
        .collect();
    let columns = [words("when"), words("ref"), words("why"), names("item"), numbers("change"), numbers("left")];
    let laid_out = table(&columns, &rows);
    let below = movements.iter().map(whence);
    for (line, whence) in laid_out.lines().zip(std::iter::once(String::new()).chain(below)) {
        ui::say(line);
        if with_ids && !whence.is_empty() {
            ui::say(wrapped("  ", &whence));
        }
    }
}

/// Says which operation a movement is of, who did it and what took it back.
fn whence(movement: &pb::Movement) -> String {
    let mut said = movement.operation_id.clone();
    if !movement.member_name.is_empty() {
        said.push_str(", by ");
        said.push_str(&plain(&movement.member_name));
    }
    if !movement.reversed_by_public_reference.is_empty() {
        said.push_str(", taken back by ");
        said.push_str(&movement.reversed_by_public_reference);
    }
    said
}

/// Why stock changed, also in ways that the ledger gives itself.
#[derive(ValueEnum, Clone, Copy, Debug)]
enum KindOf {
    /// Goods came in or were made.
    Receipt,
    /// Goods were sold.
    Sale,
    /// Goods broke, spoiled or expired.
    Waste,
    /// Goods were used by the shop itself.
    OwnUse,
    /// Goods were stolen.
    Theft,
    /// Goods were given away.
    Gift,
    /// A customer brought goods back.
    ReturnIn,
    /// Goods went back to the supplier.
    ReturnOut,
    /// For a reason not given, up or down.
    Adjustment,
    /// First stock of a new shop.
    Opening,
    /// The difference a count found.
    Count,
    /// One side of a transfer.
    Transfer,
    /// The mirror of an earlier movement.
    Reversal,
}

impl From<KindOf> for pb::MovementKind {
    fn from(kind: KindOf) -> Self {
        match kind {
            KindOf::Receipt => Self::Receipt,
            KindOf::Sale => Self::Sale,
            KindOf::Waste => Self::Waste,
            KindOf::OwnUse => Self::OwnUse,
            KindOf::Theft => Self::Theft,
            KindOf::Gift => Self::Gift,
            KindOf::ReturnIn => Self::ReturnIn,
            KindOf::ReturnOut => Self::ReturnOut,
            KindOf::Adjustment => Self::Adjustment,
            KindOf::Opening => Self::Opening,
            KindOf::Count => Self::Count,
            KindOf::Transfer => Self::Transfer,
            KindOf::Reversal => Self::Reversal,
        }
    }
}
