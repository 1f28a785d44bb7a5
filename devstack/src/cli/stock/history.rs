//! `backroom stock history`: what happened, newest first.

use anyhow::Result;
use clap::Args;
use proto::inventory::v1 as pb;

use super::call::Call;
use super::json::to_json;
use super::refusal::refused;
use super::table::{amount, minute, names, numbers, plain, signed, table, word, words};
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
    /// Print the ids of the operations as well, each below its movement.
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
        let mut asked = pb::ListMovementsRequest { shop_id: ledger.shop_id.clone(), item_id, ..Default::default() };
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
    let rows: Vec<[String; 5]> = movements
        .iter()
        .map(|movement| {
            [
                minute(movement.occur_time.as_ref()),
                word(movement.kind().as_str_name(), "MOVEMENT_KIND_"),
                plain(&movement.item_name),
                signed(movement.delta.as_ref()),
                amount(movement.balance_after.as_ref(), &movement.base_unit),
            ]
        })
        .collect();
    let laid_out = table(&[words("when"), words("why"), names("item"), numbers("change"), numbers("left")], &rows);
    let ids = movements.iter().map(|movement| movement.operation_id.as_str());
    for (line, id) in laid_out.lines().zip(std::iter::once("").chain(ids)) {
        ui::say(line);
        if with_ids && !id.is_empty() {
            ui::say(format_args!("  {id}"));
        }
    }
}
