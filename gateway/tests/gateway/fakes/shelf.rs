//! What the ledger keeps of its items beside their stock. An item goes by its first name as its id.

use std::collections::{BTreeMap, VecDeque};

use platform::error::Situation;
use proto::common::v1::Decimal;
use proto::inventory::v1::{self as pb, add_item_name_request, item_reference};
use tonic::Status;

use super::inventory::{Inventory, State, decimal};
use super::{Script, refuse};

/// Items of a shop.
#[derive(Default)]
pub struct Shelf {
    /// What is on hand, by id.
    pub stock: BTreeMap<String, i64>,
    /// Levels at which to warn, by id.
    pub levels: BTreeMap<String, String>,
    /// Ids by the names that find them.
    pub names: BTreeMap<String, String>,
    /// Names that are spelt like an item's: its id, and how well they fit.
    pub near: BTreeMap<String, (String, i32)>,
    /// What items are called now, by id.
    pub titles: BTreeMap<String, String>,
    /// What happened to them.
    pub movements: Vec<pb::Movement>,
    /// What each request did.
    pub done: Vec<(String, String)>,
    /// What the next change is refused with.
    pub refusals: VecDeque<(Situation, &'static str)>,
    /// The next answer is lost on its way, after the work was done.
    pub is_lost: bool,
    /// Whether lists go on.
    pub has_more: bool,
}

impl Shelf {
    /// Puts an item there.
    pub fn put(&mut self, name: &str, on_hand: i64) {
        self.stock.insert(name.to_owned(), on_hand);
        self.names.insert(name.to_owned(), name.to_owned());
        self.titles.insert(name.to_owned(), name.to_owned());
    }

    /// Returns the item with this id.
    pub fn item(&self, id: &str) -> pb::Item {
        pb::Item {
            item_id: id.to_owned(),
            display_name: self.titles.get(id).cloned().unwrap_or_else(|| id.to_owned()),
            base_unit: "each".to_owned(),
            low_level: self.levels.get(id).map(|level| Decimal { value: level.clone() }),
            ..pb::Item::default()
        }
    }

    fn candidate(&self, id: &str, score_ppm: i32) -> pb::Candidate {
        let on_hand = self.stock.get(id).copied().map(decimal);
        pb::Candidate { item: Some(self.item(id)), score_ppm, on_hand }
    }

    /// Does a change once, however often it is asked.
    fn change(&mut self, request_id: &str, what: String, change: impl FnOnce(&mut Self)) -> Result<(), Status> {
        if let Some((situation, reason)) = self.refusals.pop_front() {
            return Err(refuse(situation, reason));
        }
        match self.done.iter().find(|(known, _)| known == request_id) {
            Some((_, before)) if *before != what => {
                return Err(refuse(Situation::RuleSaysNo, "ERROR_REASON_REQUEST_ID_REUSED"));
            }
            Some(_) => {}
            None => {
                change(self);
                self.done.push((request_id.to_owned(), what));
            }
        }
        if std::mem::take(&mut self.is_lost) {
            return Err(refuse(Situation::Unavailable, "ERROR_REASON_DATABASE_UNAVAILABLE"));
        }
        Ok(())
    }
}

fn token(has_more: bool) -> String {
    if has_more { "more".to_owned() } else { String::new() }
}

impl Inventory {
    pub(super) fn shelf(&self, script: Script) -> Script {
        script
            .on("GetStock", self.method(Self::get_stock))
            .on("ListLowStock", self.method(Self::list_low_stock))
            .on("ListMovements", self.method(Self::list_movements))
            .on("SetLowLevel", self.method(Self::set_low_level))
            .on("RenameItem", self.method(Self::rename_item))
            .on("AddItemName", self.method(Self::add_item_name))
            .on("ArchiveItem", self.method(Self::archive_item))
            .on("MergeItems", self.method(Self::merge_items))
    }

    #[expect(clippy::unnecessary_wraps, reason = "methods of the ledger can refuse")]
    fn get_stock(&self, request: pb::GetStockRequest) -> Result<pb::GetStockResponse, Status> {
        let state = self.state();
        let State { shelf, alike, .. } = &*state;
        let mut score_ppm = 1_000_000;
        let found = match request.item.unwrap().reference.unwrap() {
            item_reference::Reference::ItemId(id) => vec![id],
            item_reference::Reference::Name(name) => {
                match (shelf.names.get(&name), alike.get(&name), shelf.near.get(&name)) {
                    (Some(id), ..) => vec![id.clone()],
                    (None, Some(names), _) => names.clone(),
                    (None, None, Some((id, ppm))) => {
                        score_ppm = *ppm;
                        vec![id.clone()]
                    }
                    (None, None, None) => Vec::new(),
                }
            }
        };
        let candidates =
            found.iter().filter(|id| shelf.stock.contains_key(*id)).map(|id| shelf.candidate(id, score_ppm)).collect();
        Ok(pb::GetStockResponse { candidates, exact: found.len() == 1 })
    }

    #[expect(clippy::unnecessary_wraps, reason = "methods of the ledger can refuse")]
    fn list_low_stock(&self, _: pb::ListLowStockRequest) -> Result<pb::ListLowStockResponse, Status> {
        let state = self.state();
        let kept = &state.shelf;
        let is_low = |id: &str, on_hand: i64| {
            kept.levels.get(id).map_or(on_hand <= 0, |level| on_hand <= level.parse().unwrap())
        };
        let low = kept.stock.iter().filter(|(id, on_hand)| is_low(id, **on_hand));
        let low_stock_levels = low
            .map(|(id, on_hand)| pb::StockLevel {
                item: Some(kept.item(id)),
                on_hand: Some(decimal(*on_hand)),
                ..pb::StockLevel::default()
            })
            .collect();
        Ok(pb::ListLowStockResponse { low_stock_levels, next_page_token: token(kept.has_more) })
    }

    #[expect(
        clippy::unnecessary_wraps,
        clippy::needless_pass_by_value,
        reason = "methods of the ledger take requests and can refuse"
    )]
    fn list_movements(&self, request: pb::ListMovementsRequest) -> Result<pb::ListMovementsResponse, Status> {
        let state = self.state();
        let of_item = state.shelf.movements.iter().rev().filter(|each| each.item_id == request.item_id);
        let size = usize::try_from(request.page_size).unwrap();
        let has_more = of_item.clone().count() > size;
        Ok(pb::ListMovementsResponse {
            movements: of_item.take(size).cloned().collect(),
            next_page_token: token(has_more),
        })
    }

    fn set_low_level(&self, request: pb::SetLowLevelRequest) -> Result<pb::SetLowLevelResponse, Status> {
        let mut state = self.state();
        let level = request.low_level.map(|level| level.value);
        let (id, what) = (request.item_id, format!("level {level:?}"));
        state.shelf.change(&request.request_id, what, |shelf| {
            match level {
                Some(level) => shelf.levels.insert(id.clone(), level),
                None => shelf.levels.remove(&id),
            };
        })?;
        Ok(pb::SetLowLevelResponse { item: Some(state.shelf.item(&id)) })
    }

    fn rename_item(&self, request: pb::RenameItemRequest) -> Result<pb::RenameItemResponse, Status> {
        let mut state = self.state();
        let (id, name) = (request.item_id, request.display_name);
        if state.shelf.names.get(&name).is_some_and(|known| *known != id) {
            return Err(refuse(Situation::Taken, "ERROR_REASON_NAME_TAKEN"));
        }
        state.shelf.change(&request.request_id, format!("rename {name}"), |shelf| {
            shelf.names.insert(name.clone(), id.clone());
            shelf.titles.insert(id.clone(), name);
        })?;
        Ok(pb::RenameItemResponse { item: Some(state.shelf.item(&id)) })
    }

    fn add_item_name(&self, request: pb::AddItemNameRequest) -> Result<pb::AddItemNameResponse, Status> {
        let mut state = self.state();
        let Some(add_item_name_request::Name::Alias(name)) = request.name else {
            return Err(refuse(Situation::Malformed, "ERROR_REASON_INVALID_FIELD"));
        };
        let id = request.item_id;
        state.shelf.change(&request.request_id, format!("alias {name}"), |shelf| {
            shelf.names.insert(name, id.clone());
        })?;
        Ok(pb::AddItemNameResponse { item: Some(state.shelf.item(&id)) })
    }

    fn merge_items(&self, request: pb::MergeItemsRequest) -> Result<pb::MergeItemsResponse, Status> {
        let mut state = self.state();
        let (id, into) = (request.item_id, request.into_item_id);
        state.shelf.change(&request.request_id, format!("merge {id} into {into}"), |shelf| {
            let moved = shelf.stock.remove(&id).unwrap_or_default();
            *shelf.stock.entry(into.clone()).or_default() += moved;
            for known in shelf.names.values_mut().filter(|known| **known == id) {
                known.clone_from(&into);
            }
        })?;
        let operation =
            pb::Operation { operation_id: uuid::Uuid::from_u128(9).to_string(), ..pb::Operation::default() };
        let merge =
            pb::ItemMerge { item: Some(state.shelf.item(&into)), merged_item_id: id, operation: Some(operation) };
        Ok(pb::MergeItemsResponse { merge: Some(merge), replayed: false })
    }

    fn archive_item(&self, request: pb::ArchiveItemRequest) -> Result<pb::ArchiveItemResponse, Status> {
        let mut state = self.state();
        let id = request.item_id;
        let item = state.shelf.item(&id);
        state.shelf.change(&request.request_id, format!("archive {id}"), |shelf| {
            shelf.stock.remove(&id);
            shelf.names.retain(|_, known| *known != id);
        })?;
        Ok(pb::ArchiveItemResponse { item: Some(item) })
    }
}
