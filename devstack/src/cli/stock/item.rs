//! Which item was meant: by its id, or by a name that fits one alone.

use anyhow::{Result, bail};
use proto::inventory::v1 as pb;
use proto::inventory::v1::item_reference::Reference;
use uuid::Uuid;

use super::call::Ledger;
use super::refusal::refused;
use super::table::{amount, plain};

/// Names an item as it was typed.
pub(super) fn reference(typed: &str) -> pb::ItemReference {
    let reference = if typed.parse::<Uuid>().is_ok() {
        Reference::ItemId(typed.to_owned())
    } else {
        Reference::Name(typed.to_owned())
    };
    pb::ItemReference { reference: Some(reference), ..pb::ItemReference::default() }
}

/// Lists candidates in one line: `rice bran oil (7), sunflower oil (3)`.
pub(super) fn candidates(candidates: &[pb::Candidate]) -> String {
    let shown = candidates.iter().filter_map(|candidate| {
        let item = candidate.item.as_ref()?;
        Some(format!("{} ({})", plain(&item.display_name), amount(candidate.on_hand.as_ref(), &item.base_unit)))
    });
    shown.collect::<Vec<_>>().join(", ")
}

impl Ledger {
    /// Asks what fits a name.
    pub(super) async fn fitting(&mut self, typed: &str) -> Result<pb::GetStockResponse> {
        let asked =
            pb::GetStockRequest { shop_id: self.shop_id.clone(), item: Some(reference(typed)), ..Default::default() };
        Ok(self.client.get_stock(asked).await.map_err(refused)?.into_inner())
    }

    /// Returns the id of the item that was meant. What is an id is taken as it is: it may be of an archived item.
    pub(super) async fn item_id(&mut self, typed: &str) -> Result<String> {
        if typed.parse::<Uuid>().is_ok() {
            return Ok(typed.to_owned());
        }
        Ok(self.item(typed).await?.item_id)
    }

    /// Returns the one item that was meant; several that fit are a question to whoever typed.
    async fn item(&mut self, typed: &str) -> Result<pb::Item> {
        let answer = self.fitting(typed).await?;
        let fitting = candidates(&answer.candidates);
        match answer.candidates.into_iter().next().and_then(|first| first.item) {
            Some(item) if answer.exact => Ok(item),
            Some(_) => {
                bail!("which one is {:?}? {fitting}. Type its whole name, or its id from `list --ids`", plain(typed))
            }
            None => bail!("nothing in this shop is called {:?}", plain(typed)),
        }
    }
}
