//! `backroom stock value`: what all that is on hand cost.

use anyhow::Result;
use clap::Args;
use proto::inventory::v1 as pb;

use super::call::Call;
use super::json::to_json;
use super::refusal::refused;
use super::table::money;
use crate::cli::ui;

/// Say what all that is on hand cost, at the moving average of what was paid for each item.
#[derive(Args, Clone, Debug)]
pub(super) struct Value {
    #[command(flatten)]
    pub(super) call: Call,
}

impl Value {
    pub(super) async fn run(self) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let asked = pb::GetStockValueRequest { shop_id: ledger.shop_id.clone() };
        let answer = ledger.client.get_stock_value(asked).await.map_err(refused)?.into_inner();
        if ledger.is_json {
            ui::say(format_args!("{:#}", to_json(&answer)?));
            return Ok(());
        }
        ui::say(format_args!(
            "On hand    {} over {} items",
            money(answer.stock_value.as_ref()),
            answer.valued_item_count
        ));
        ui::say(format_args!("No cost    {} items", answer.unvalued_item_count));
        Ok(())
    }
}
