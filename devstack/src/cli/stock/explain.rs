//! `backroom stock explain`: why a balance is what it is.

use anyhow::{Context as _, Result};
use clap::Args;
use proto::inventory::v1 as pb;

use super::call::Call;
use super::history;
use super::item::reference;
use super::json::to_json;
use super::refusal::refused;
use super::table::{amount, minute, number, plain, wrapped};
use crate::cli::ui;

/// Say how the balance of an item came to be: the last count, and everything since.
#[derive(Args, Clone, Debug)]
pub(super) struct Explain {
    /// Its name or id.
    #[arg(required = true)]
    item: Vec<String>,
    #[command(flatten)]
    pub(super) call: Call,
}

impl Explain {
    pub(super) async fn run(self) -> Result<()> {
        let mut ledger = self.call.open().await?;
        // A name that fits several is a question here: an explanation of the wrong item explains nothing.
        let item_id = ledger.item_id(&self.item.join(" ")).await?;
        let asked = pb::GetStockExplanationRequest {
            shop_id: ledger.shop_id.clone(),
            item: Some(reference(&item_id)),
            ..Default::default()
        };
        let answer = ledger.client.get_stock_explanation(asked).await.map_err(refused)?.into_inner();
        if ledger.is_json {
            ui::say(format_args!("{:#}", to_json(&answer)?));
            return Ok(());
        }
        let explanation = answer.stock_explanation.context("the answer holds an explanation")?;
        let item = explanation.item.unwrap_or_default();
        let on_hand = amount(explanation.on_hand.as_ref(), &item.base_unit);
        ui::say(wrapped("", &format!("{}: {on_hand} on hand", plain(&item.display_name))));
        if let Some(below) = &explanation.below_zero {
            ui::say(format_args!(
                "below zero since {} ({})",
                minute(below.occur_time.as_ref()),
                below.public_reference
            ));
        }
        match &explanation.last_count {
            Some(count) => {
                let who = if count.member_name.is_empty() { "a service" } else { &count.member_name };
                let (counted, expected) = (number(count.counted.as_ref()), number(count.expected.as_ref()));
                let when = minute(count.occur_time.as_ref());
                ui::say(wrapped(
                    "",
                    &format!("counted {when} by {}: {counted}, and the book said {expected}", plain(who)),
                ));
            }
            None => ui::say("never counted"),
        }
        if explanation.omitted_count > 0 {
            ui::say(format_args!("{} older movements since then are not shown", explanation.omitted_count));
        }
        ui::say("");
        history::show(&explanation.movements, false);
        Ok(())
    }
}
