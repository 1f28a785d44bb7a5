//! `GetStock`: what is on hand of every item that fits a name.

use proto::inventory::v1 as pb;
use uuid::Uuid;

use super::fields::{Fields, ItemReference};
use super::{Inventory, answers};
use crate::domain::matching;
use crate::error::Error;
use crate::store::{CandidateRow, CatalogueItem};

/// Items an answer may have.
const CANDIDATES_MAX: usize = 50;

pub(super) async fn get_stock(
    inventory: &Inventory,
    request: pb::GetStockRequest,
) -> Result<pb::GetStockResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let item = fields.item("item", request.item.as_ref());
    let moment = fields.moment("as_of", request.as_of, inventory.clock.now());
    fields.finish()?;

    let catalogue = inventory.store.catalogue(shop_id).await?;

    let (candidates, exact) = match &item {
        ItemReference::Id(id) => {
            let found = catalogue.find(*id);
            let candidates = found.map(CatalogueItem::candidate_alone).into_iter().collect::<Vec<_>>();
            let exact = !candidates.is_empty();
            (candidates, exact)
        }
        ItemReference::Named { keys, .. } => {
            let (ranked, exact) = matching::answer(catalogue.rank(keys));
            (ranked.into_iter().map(|(item, fit)| item.candidate(fit)).collect(), exact)
        }
    };
    let mut candidates: Vec<CandidateRow> = candidates.into_iter().take(CANDIDATES_MAX).collect();
    if let Some(moment) = moment {
        let item_ids: Vec<Uuid> = candidates.iter().map(|candidate| candidate.item.id).collect();
        let past = inventory.store.stock_at(shop_id, &item_ids, moment).await?;
        for candidate in &mut candidates {
            candidate.on_hand = past.get(&candidate.item.id).copied().unwrap_or_default();
        }
    }
    Ok(pb::GetStockResponse { candidates: candidates.into_iter().map(answers::candidate).collect(), exact })
}
