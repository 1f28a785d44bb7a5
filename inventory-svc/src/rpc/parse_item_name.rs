//! `ParseItemName`: which item a name means, as a line of an operation would take it.

use proto::inventory::v1 as pb;

use super::fields::{Fields, ItemReference};
use super::{Inventory, answers};
use crate::domain::matching::{self, Decision};
use crate::error::Error;
use crate::store::CatalogueItem;

/// Items an answer may have.
const CANDIDATES_MAX: usize = 10;

pub(super) async fn parse_item_name(
    inventory: &Inventory,
    request: pb::ParseItemNameRequest,
) -> Result<pb::ParseItemNameResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let item = fields.item("item", request.item.as_ref());
    fields.finish()?;

    let catalogue = inventory.store.catalogue(shop_id).await?;

    let keys = match item {
        ItemReference::Named { keys, .. } => keys,
        ItemReference::Id(id) => {
            let found = catalogue.find(id).map(CatalogueItem::candidate_alone);
            let meaning = if found.is_some() { pb::ItemNameMeaning::Item } else { pb::ItemNameMeaning::NotFound };
            return Ok(pb::ParseItemNameResponse {
                meaning: meaning.into(),
                candidates: found.into_iter().map(answers::candidate).collect(),
            });
        }
    };
    let ranked = catalogue.rank(&keys);
    let mut shown = ranked.clone();
    let meaning = match matching::decide(ranked, request.may_be_new, request.whole) {
        Decision::Accept(item) => {
            // The one that is meant comes first, also where another one is spelt more alike.
            shown.sort_by_key(|(other, _)| other.item.id != item.item.id);
            pb::ItemNameMeaning::Item
        }
        Decision::Ask(ranked) => {
            shown = ranked;
            pb::ItemNameMeaning::Ambiguous
        }
        Decision::NotFound(ranked) => {
            shown = ranked;
            pb::ItemNameMeaning::NotFound
        }
        Decision::Create => pb::ItemNameMeaning::New,
    };
    let candidates =
        shown.into_iter().take(CANDIDATES_MAX).map(|(item, fit)| answers::candidate(item.candidate(fit))).collect();
    Ok(pb::ParseItemNameResponse { meaning: meaning.into(), candidates })
}
