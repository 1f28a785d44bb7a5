//! `GetStock`: what is on hand of every item that fits a name.

use proto::inventory::v1 as pb;

use super::fields::{Fields, ItemReference};
use super::{Inventory, answers};
use crate::domain::matching;
use crate::error::Error;
use crate::store::CatalogueItem;

/// Items an answer may have.
const CANDIDATES_MAX: usize = 50;

pub(super) async fn get_stock(
    inventory: &Inventory,
    request: pb::GetStockRequest,
) -> Result<pb::GetStockResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let item = fields.item("item", request.item.as_ref());
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
    Ok(pb::GetStockResponse {
        candidates: candidates.into_iter().take(CANDIDATES_MAX).map(answers::candidate).collect(),
        exact,
    })
}
