//! `backroom stock show`: one item, or all that a name may mean.

use anyhow::{Result, bail};
use clap::Args;
use proto::inventory::v1 as pb;

use super::call::Call;
use super::history;
use super::json::to_json;
use super::refusal::refused;
use super::table::{amount, names, number, numbers, plain, table, words, wrapped};
use crate::cli::ui;

/// How many movements are shown with an item.
const MOVEMENTS: i32 = 5;

/// Show what is known of an item, what is on hand of it and where, and what happened to it last; or every item that a name may mean.
#[derive(Args, Clone, Debug)]
pub(super) struct Show {
    /// Its name or id.
    #[arg(required = true)]
    item: Vec<String>,
    #[command(flatten)]
    pub(super) call: Call,
}

impl Show {
    pub(super) async fn run(self) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let typed = self.item.join(" ");
        let answer = ledger.fitting(&typed).await?;
        if ledger.is_json {
            ui::say(format_args!("{:#}", to_json(&answer)?));
            return Ok(());
        }
        let Some(first) = answer.candidates.first() else {
            bail!("nothing in this shop is called {:?}", plain(&typed))
        };
        if !answer.exact {
            ui::say(format_args!("Any of {}:\n", answer.candidates.len()));
            several(&answer.candidates);
            return Ok(());
        }
        let item = first.item.clone().unwrap_or_default();
        ui::say(format_args!("item      {}", plain(&item.display_name)));
        ui::say(format_args!("id        {}", item.item_id));
        ui::say(format_args!("on hand   {}", amount(first.on_hand.as_ref(), &item.base_unit)));
        ui::say(format_args!("kept in   {}, {} decimals", plain(&item.base_unit), item.scale));
        ui::say(format_args!("low at    {}", number(item.low_level.as_ref())));
        let asked = pb::GetItemRequest { shop_id: ledger.shop_id.clone(), item_id: item.item_id.clone() };
        let known = ledger.client.get_item(asked).await.map_err(refused)?.into_inner();
        details(&known.item_detail.unwrap_or_default(), &item.base_unit);
        let asked = pb::ListMovementsRequest {
            shop_id: ledger.shop_id.clone(),
            item_id: item.item_id,
            page_size: MOVEMENTS,
            ..Default::default()
        };
        let last = ledger.client.list_movements(asked).await.map_err(refused)?.into_inner();
        ui::say("");
        history::show(&last.movements, false);
        Ok(())
    }
}

/// Says what else is known, where something is.
fn details(known: &pb::ItemDetail, unit: &str) {
    let list = |name: &str, said: Vec<String>| {
        if !said.is_empty() {
            // Further lines begin below the first.
            ui::say(wrapped("          ", &said.join(", ")).replacen("          ", &format!("{name:<10}"), 1));
        }
    };
    list("also", known.aliases.iter().map(|alias| plain(alias)).collect());
    list("barcode", known.barcodes.iter().map(|barcode| plain(barcode)).collect());
    let packs = known.packs.iter().map(|pack| format!("{} {}", plain(&pack.unit), number(pack.pack_size.as_ref())));
    list("packs", packs.collect());
    let places = known.places.iter().map(|place| {
        let there = amount(place.on_hand.as_ref(), unit);
        format!("{} {there}", plain(&place.location_name))
    });
    if known.places.len() > 1 {
        list("at", places.collect());
    }
}

fn several(candidates: &[pb::Candidate]) {
    let rows: Vec<[String; 3]> = candidates
        .iter()
        .map(|candidate| {
            let item = candidate.item.clone().unwrap_or_default();
            [plain(&item.display_name), number(candidate.on_hand.as_ref()), plain(&item.base_unit)]
        })
        .collect();
    ui::say(table(&[names("item"), numbers("on hand"), words("unit")], &rows));
}
