//! `backroom stock check`: whether every balance follows from its movements.

use anyhow::Result;
use clap::Args;
use proto::inventory::v1 as pb;

use super::call::Call;
use super::json::to_json;
use super::outcome::Wrong;
use super::refusal::refused;
use super::table::{names, number, numbers, plain, table};
use crate::cli::ui;

/// Recompute every balance of the shop from its movements. Ends with 1 when one does not follow from them.
#[derive(Args, Clone, Debug)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) call: Call,
}

impl Check {
    pub(super) async fn run(self) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let mut asked = pb::ListDiscrepanciesRequest { shop_id: ledger.shop_id.clone(), ..Default::default() };
        let mut all = pb::ListDiscrepanciesResponse::default();
        loop {
            let answer = ledger.client.list_discrepancies(asked.clone()).await.map_err(refused)?.into_inner();
            all.discrepancies.extend(answer.discrepancies);
            asked.page_token = answer.next_page_token;
            if asked.page_token.is_empty() {
                break;
            }
        }
        let found = &all.discrepancies;
        if ledger.is_json {
            ui::say(format_args!("{:#}", to_json(&all)?));
        } else if found.is_empty() {
            ui::say("Every balance follows from its movements.");
        } else {
            let rows: Vec<[String; 4]> = found
                .iter()
                .map(|wrong| {
                    [
                        plain(&wrong.item_name),
                        number(wrong.on_hand.as_ref()),
                        number(wrong.movement_sum.as_ref()),
                        wrong.broken_count.to_string(),
                    ]
                })
                .collect();
            let columns = [names("item"), numbers("on hand"), numbers("movements say"), numbers("broken")];
            ui::say(table(&columns, &rows));
        }
        match found.len() {
            0 => Ok(()),
            count => Err(Wrong { count }.into()),
        }
    }
}
