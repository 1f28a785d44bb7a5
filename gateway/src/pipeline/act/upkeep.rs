//! Items beside their stock: what runs low, levels, names, what happened to one.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use platform::error::reason_of;
use proto::inventory::v1::{
    AddItemNameRequest, ArchiveItemRequest, Candidate, Change, GetStockRequest, LineOutcome, ListLowStockRequest,
    ListMovementsRequest, MergeItemsRequest, Movement, MovementKind, OperationLine, PostOperationRequest,
    RenameItemRequest, SetLowLevelRequest, Source, add_item_name_request, operation_line,
};
use rust_decimal::Decimal;
use tonic::Status;

use super::file::times;
use super::report::explain;
use super::{decimal, pb, reference};
use crate::conversation::{Choice, Days, Item, Saying, Step, Upkeep};
use crate::pipeline::Pipeline;
use crate::pipeline::failure::Failure;
use crate::pipeline::message::{Sender, time_zone};
use crate::reply::{Event, LowItem, Outcome, Upkept};

/// Items that a list shows at once.
const LOW_MAX: usize = 40;
/// Items that are asked for, so that the finished ones are among them.
const LOW_PAGE: i32 = 200;
/// What happened to an item that is told: with the first line and the last one, six.
const EVENTS_MAX: usize = 5;
/// Items that are offered when several fit.
const CANDIDATES_MAX: usize = 10;
/// From here on, in parts per million, an item fits so well that nobody is asked before something of it is changed.
const SURE_PPM: i32 = 850_000;
/// What a name scores that is exactly the item's.
const EXACT_PPM: i32 = 1_000_000;

/// What came of it.
pub(super) enum Upheld {
    /// A fact.
    Done(Outcome),
    /// A fact, and the operation that takes it back.
    Undoable(Outcome, String),
    /// A question.
    Asks { saying: Saying, choices: Vec<Choice> },
}

/// Which item was meant.
enum Found {
    One(Candidate),
    Several(Vec<Candidate>),
    None,
}

/// Does it, or asks. Repeating it has no further effect.
pub(super) async fn uphold(
    pipeline: &Pipeline,
    sender: &Sender,
    request_id: String,
    upkeep: &Upkeep,
) -> Result<Upheld, Failure> {
    let shop = Shop { pipeline, sender, request_id };
    let done = |upkept| Ok(Upheld::Done(Outcome::Upkept(upkept)));
    let said = match upkeep {
        Upkeep::LowStock { is_out_only } => return done(shop.low_stock(*is_out_only).await?),
        // Somebody said yes to this one; a repeat would not find it by its name any more.
        Upkeep::Archive { item } if item.id.is_some() => return Ok(Upheld::Done(shop.archive(item).await?)),
        Upkeep::Alias { item, name } => return shop.alias(upkeep, item, name).await,
        Upkeep::Merge { item, into } => return shop.merge(upkeep, item, into).await,
        Upkeep::SetLevel { item, .. }
        | Upkeep::Rename { item, .. }
        | Upkeep::Archive { item }
        | Upkeep::History { item, .. }
        | Upkeep::Explain { item } => item,
    };
    let sure_ppm = if upkeep.has_effect() { SURE_PPM } else { 0 };
    let found = match shop.find(said, sure_ppm).await? {
        Found::One(found) => found,
        Found::Several(found) => return Ok(which(upkeep, said, &found)),
        Found::None => return done(Upkept::NoSuchItem { said: said.said.clone() }),
    };
    let outcome = match upkeep {
        Upkeep::SetLevel { level, unit, .. } => shop.set_level(&found, *level, unit).await?,
        Upkeep::Rename { name, .. } => shop.rename(&found, name).await?,
        Upkeep::Archive { .. } => return Ok(really_archive(&found)),
        Upkeep::History { days, .. } => Outcome::Upkept(shop.history(&found, *days).await?),
        Upkeep::Explain { .. } => {
            let found = found.item.unwrap_or_default();
            let item = Item { id: Some(found.item_id), said: found.display_name, ..Item::default() };
            explain(pipeline, sender, &item).await?
        }
        Upkeep::LowStock { .. } | Upkeep::Alias { .. } | Upkeep::Merge { .. } => unreachable!("answered above"),
    };
    Ok(Upheld::Done(outcome))
}

/// Asks which of several items was meant.
fn which(upkeep: &Upkeep, said: &Item, found: &[Candidate]) -> Upheld {
    let items = found.iter().filter_map(|candidate| candidate.item.as_ref()).take(CANDIDATES_MAX);
    let choices: Vec<Choice> = items
        .map(|item| {
            let title = item.display_name.clone();
            let chosen = Item { id: Some(item.item_id.clone()), said: title.clone(), ..Item::default() };
            // A yes is still to come, so the choice names the item and is not one.
            let chosen = if upkeep.asks_first() { Item { id: None, ..chosen } } else { chosen };
            Choice { title, steps: vec![Step::Upkeep(upkeep.of(chosen))] }
        })
        .collect();
    let names = choices.iter().map(|choice| choice.title.clone()).collect();
    Upheld::Asks { saying: Saying::WhichOf { said: said.said.clone(), names }, choices }
}

fn really_archive(found: &Candidate) -> Upheld {
    let item = found.item.clone().unwrap_or_default();
    let chosen = Item { id: Some(item.item_id), said: item.display_name.clone(), ..Item::default() };
    let choices = vec![
        Choice { title: String::new(), steps: vec![Step::Upkeep(Upkeep::Archive { item: chosen })] },
        Choice { title: String::new(), steps: vec![Step::Say(Saying::Dropped)] },
    ];
    let on_hand = decimal(found.on_hand.as_ref());
    Upheld::Asks { saying: Saying::ReallyArchive { name: item.display_name, on_hand }, choices }
}

/// The shop of a sender, and the name of what is asked of it.
struct Shop<'a> {
    pipeline: &'a Pipeline,
    sender: &'a Sender,
    request_id: String,
}

impl Shop<'_> {
    fn shop_id(&self) -> String {
        self.sender.shop.shop_id.clone()
    }

    fn member_id(&self) -> String {
        self.sender.member.member_id.clone()
    }

    /// Returns the item that was meant. One that fits worse than `sure_ppm` is offered and not taken.
    async fn find(&self, item: &Item, sure_ppm: i32) -> Result<Found, Failure> {
        let request = GetStockRequest { shop_id: self.shop_id(), item: Some(reference(item)), as_of: None };
        let mut inventory = self.pipeline.services.inventory.clone();
        let response = inventory.get_stock(request).await.map_err(Failure::of("get stock"))?.into_inner();
        let mut candidates = response.candidates;
        let is_sure = candidates.first().is_some_and(|best| best.score_ppm >= sure_ppm);
        Ok(match candidates.len() {
            0 => Found::None,
            count if is_sure && (count == 1 || response.exact) => Found::One(candidates.remove(0)),
            _ => Found::Several(candidates),
        })
    }

    async fn low_stock(&self, is_out_only: bool) -> Result<Upkept, Failure> {
        let request = ListLowStockRequest { shop_id: self.shop_id(), page_size: LOW_PAGE, page_token: String::new() };
        let mut inventory = self.pipeline.services.inventory.clone();
        let response = inventory.list_low_stock(request).await.map_err(Failure::of("list low stock"))?.into_inner();
        let mut items: Vec<LowItem> = response
            .low_stock_levels
            .into_iter()
            .map(|level| {
                let item = level.item.unwrap_or_default();
                LowItem {
                    name: item.display_name,
                    on_hand: decimal(level.on_hand.as_ref()),
                    level: item.low_level.as_ref().map(|level| decimal(Some(level))),
                    base_unit: item.base_unit,
                }
            })
            .filter(|item| !is_out_only || item.on_hand <= Decimal::ZERO)
            .collect();
        let has_more = items.len() > LOW_MAX || !response.next_page_token.is_empty();
        items.truncate(LOW_MAX);
        Ok(Upkept::Low { items, is_out_only, has_more })
    }

    async fn set_level(&self, found: &Candidate, level: Option<Decimal>, unit: &str) -> Result<Outcome, Failure> {
        let item = found.item.clone().unwrap_or_default();
        let level = match level {
            Some(level) if !unit.is_empty() && unit != item.base_unit => {
                match self.in_base_unit(found, level, unit).await? {
                    Ok(level) => Some(level),
                    Err(outcome) => return Ok(outcome),
                }
            }
            level => level,
        };
        let request = SetLowLevelRequest {
            shop_id: self.shop_id(),
            request_id: self.request_id.clone(),
            source: Source::Whatsapp as i32,
            member_id: self.member_id(),
            item_id: item.item_id,
            low_level: level.map(pb),
        };
        let name = item.display_name;
        match self.pipeline.services.inventory.clone().set_low_level(request).await {
            Err(status) => refused(status, &name, true),
            Ok(_) if level.is_none() => Ok(Outcome::Upkept(Upkept::LevelOff { name })),
            Ok(_) => {
                let on_hand = decimal(found.on_hand.as_ref());
                Ok(Outcome::Upkept(Upkept::LevelSet(LowItem { name, on_hand, level, base_unit: item.base_unit })))
            }
        }
    }

    /// Asks the ledger what so many of a unit come to, by an operation that it only thinks through.
    async fn in_base_unit(
        &self,
        found: &Candidate,
        number: Decimal,
        unit: &str,
    ) -> Result<Result<Decimal, Outcome>, Failure> {
        let item = found.item.clone().unwrap_or_default();
        if number.is_zero() {
            return Ok(Ok(number));
        }
        let change = Change { kind: MovementKind::Receipt as i32, quantity: Some(pb(number)), all: false };
        let chosen = Item { id: Some(item.item_id.clone()), ..Item::default() };
        let line = OperationLine {
            item: Some(reference(&chosen)),
            effect: Some(operation_line::Effect::Change(change)),
            unit: unit.to_owned(),
            ..OperationLine::default()
        };
        let request = PostOperationRequest {
            shop_id: self.shop_id(),
            request_id: self.request_id.clone(),
            source: Source::Whatsapp as i32,
            member_id: self.member_id(),
            lines: vec![line],
            dry_run: true,
            ..PostOperationRequest::default()
        };
        let response = match self.pipeline.services.inventory.clone().post_operation(request).await {
            Ok(response) => response.into_inner(),
            Err(status) => return refused(status, &item.display_name, true).map(Err),
        };
        let result = response.results.first().cloned().unwrap_or_default();
        Ok(match result.outcome() {
            LineOutcome::Posted => Ok(decimal(result.delta.as_ref())),
            LineOutcome::ScaleExceeded => Err(Outcome::WholeUnits { name: item.display_name }),
            _ => Err(Outcome::UnknownUnit { said: item.display_name, unit: unit.to_owned() }),
        })
    }

    async fn rename(&self, found: &Candidate, name: &str) -> Result<Outcome, Failure> {
        let item = found.item.clone().unwrap_or_default();
        let request = RenameItemRequest {
            shop_id: self.shop_id(),
            request_id: self.request_id.clone(),
            source: Source::Whatsapp as i32,
            member_id: self.member_id(),
            item_id: item.item_id,
            display_name: name.to_owned(),
        };
        match self.pipeline.services.inventory.clone().rename_item(request).await {
            Ok(response) => {
                let renamed = response.into_inner().item.unwrap_or_default();
                Ok(Outcome::Upkept(Upkept::Renamed { was: item.display_name, name: renamed.display_name }))
            }
            Err(status) => refused(status, name, true),
        }
    }

    /// "Skroewe is screws": one of the two is an item of the shop and the other its new name.
    async fn alias(&self, upkeep: &Upkeep, item: &Item, name: &str) -> Result<Upheld, Failure> {
        let other = Item { said: name.to_owned(), ..Item::default() };
        let turned = Upkeep::Alias { item: other.clone(), name: item.said.clone() };
        let (this, that) = (self.find(item, SURE_PPM).await?, self.find(&other, SURE_PPM).await?);
        // A name that is spelt like an item's is not the item when the other one is it exactly: melk and milk.
        let (found, alias) = match (this, that) {
            (Found::One(this), _) if this.score_ppm >= EXACT_PPM => (this, name),
            (_, Found::One(that)) if that.score_ppm >= EXACT_PPM => (that, item.said.as_str()),
            (Found::One(this), _) => (this, name),
            (_, Found::One(that)) => (that, item.said.as_str()),
            (Found::Several(these), _) => return Ok(which(upkeep, item, &these)),
            (_, Found::Several(those)) => return Ok(which(&turned, &other, &those)),
            (Found::None, Found::None) => {
                return Ok(Upheld::Done(Outcome::Upkept(Upkept::NoSuchItem { said: item.said.clone() })));
            }
        };
        let found = found.item.unwrap_or_default();
        let request = AddItemNameRequest {
            shop_id: self.shop_id(),
            request_id: self.request_id.clone(),
            source: Source::Whatsapp as i32,
            member_id: self.member_id(),
            item_id: found.item_id,
            name: Some(add_item_name_request::Name::Alias(alias.chars().take(200).collect())),
        };
        let aliased = Upkept::Aliased { alias: alias.to_owned(), name: found.display_name };
        Ok(Upheld::Done(match self.pipeline.services.inventory.clone().add_item_name(request).await {
            Ok(_) => Outcome::Upkept(aliased),
            // It was done, and both names find the item now: the repeat took the one for the other.
            Err(status) if reason_of(&status).as_deref() == Some("ERROR_REASON_REQUEST_ID_REUSED") => {
                Outcome::Upkept(aliased)
            }
            Err(status) => refused(status, alias, false)?,
        }))
    }

    /// "Gwinya is the same as vetkoek": two items of the shop become one after a yes, or the one is a name of the other.
    async fn merge(&self, upkeep: &Upkeep, item: &Item, into: &Item) -> Result<Upheld, Failure> {
        if item.id.is_some() && into.id.is_some() {
            return self.merge_now(item, into).await;
        }
        let turned = Upkeep::Merge { item: into.clone(), into: item.clone() };
        let (one, other) = match (self.find(item, SURE_PPM).await?, self.find(into, SURE_PPM).await?) {
            (Found::One(one), Found::One(other)) => (one, other),
            // Of names that are spelt alike nobody knows which is meant; which of the two stays makes little difference.
            (Found::Several(these), _) => return Ok(which(upkeep, item, &these)),
            (_, Found::Several(those)) => return Ok(which(&turned, into, &those)),
            (Found::None, _) | (_, Found::None) => {
                let alias = Upkeep::Alias { item: item.clone(), name: into.said.clone() };
                return self.alias(&alias, item, &into.said).await;
            }
        };
        let on_hand = decimal(one.on_hand.as_ref()) + decimal(other.on_hand.as_ref());
        let (one, other) = (one.item.unwrap_or_default(), other.item.unwrap_or_default());
        if one.item_id == other.item_id {
            let name = other.display_name;
            return Ok(Upheld::Done(Outcome::Upkept(Upkept::SameItem { name })));
        }
        let by_id = |id: String, name: &str| Item { id: Some(id), said: name.to_owned(), ..Item::default() };
        let (name, stays) = (one.display_name, other.display_name);
        let merge = Upkeep::Merge { item: by_id(one.item_id, &name), into: by_id(other.item_id, &stays) };
        let choices = vec![
            Choice { title: String::new(), steps: vec![Step::Upkeep(merge)] },
            Choice { title: String::new(), steps: vec![Step::Say(Saying::Dropped)] },
        ];
        Ok(Upheld::Asks { saying: Saying::ReallyMerge { name, into: stays, on_hand }, choices })
    }

    async fn merge_now(&self, item: &Item, into: &Item) -> Result<Upheld, Failure> {
        let request = MergeItemsRequest {
            shop_id: self.shop_id(),
            request_id: self.request_id.clone(),
            source: Source::Whatsapp as i32,
            member_id: self.member_id(),
            item_id: item.id.clone().unwrap_or_default(),
            into_item_id: into.id.clone().unwrap_or_default(),
        };
        let (name, stays) = (item.said.clone(), into.said.clone());
        let merged = Outcome::Upkept(Upkept::Merged { name: name.clone(), into: stays.clone() });
        match self.pipeline.services.inventory.clone().merge_items(request).await {
            Ok(response) => {
                let merge = response.into_inner().merge.unwrap_or_default();
                let operation = merge.operation.unwrap_or_default().operation_id;
                Ok(if operation.is_empty() { Upheld::Done(merged) } else { Upheld::Undoable(merged, operation) })
            }
            Err(status) if reason_of(&status).as_deref() == Some("ERROR_REASON_UNITS_DIFFER") => {
                Ok(Upheld::Done(Outcome::Upkept(Upkept::UnitsDiffer { name, into: stays })))
            }
            Err(status) => refused(status, &name, true).map(Upheld::Done),
        }
    }

    async fn archive(&self, item: &Item) -> Result<Outcome, Failure> {
        let request = ArchiveItemRequest {
            shop_id: self.shop_id(),
            request_id: self.request_id.clone(),
            source: Source::Whatsapp as i32,
            member_id: self.member_id(),
            item_id: item.id.clone().unwrap_or_default(),
        };
        match self.pipeline.services.inventory.clone().archive_item(request).await {
            Ok(_) => Ok(Outcome::Upkept(Upkept::Archived { name: item.said.clone() })),
            Err(status) => refused(status, &item.said, true),
        }
    }

    async fn history(&self, found: &Candidate, days: Option<Days>) -> Result<Upkept, Failure> {
        let item = found.item.clone().unwrap_or_default();
        let page_size = i32::try_from(EVENTS_MAX).expect("a small number");
        let zone = time_zone(self.sender);
        let (start_time, end_time) = days.map(|days| times(days, &zone)).unwrap_or_default();
        let request = ListMovementsRequest {
            shop_id: self.shop_id(),
            page_size,
            item_id: item.item_id,
            start_time,
            end_time,
            ..Default::default()
        };
        let mut inventory = self.pipeline.services.inventory.clone();
        let response = inventory.list_movements(request).await.map_err(Failure::of("list movements"))?.into_inner();
        let has_more = !response.next_page_token.is_empty();
        // The line that says that there are older ones takes the place of one.
        let shown = if has_more { EVENTS_MAX - 1 } else { EVENTS_MAX };
        Ok(Upkept::History {
            name: item.display_name,
            on_hand: decimal(found.on_hand.as_ref()),
            base_unit: item.base_unit,
            events: response.movements.iter().take(shown).map(|movement| event(movement, &zone)).collect(),
            has_more,
        })
    }
}

/// Writes a time of the shop as digits.
pub(super) fn when(time: Option<prost_types::Timestamp>, zone: &TimeZone) -> String {
    time.and_then(|time| Timestamp::from_second(time.seconds).ok())
        .map(|time| time.to_zoned(zone.clone()).strftime("%-d/%-m %H:%M").to_string())
        .unwrap_or_default()
}

pub(super) fn event(movement: &Movement, zone: &TimeZone) -> Event {
    Event {
        when: when(movement.occur_time.or(movement.record_time), zone),
        person: movement.member_name.clone(),
        kind: movement.kind,
        delta: decimal(movement.delta.as_ref()),
        balance: decimal(movement.balance_after.as_ref()),
        is_reversed: !movement.reversed_by_operation_id.is_empty(),
    }
}

/// A rule of the ledger that said no is an answer, anything else a failure. `for_managers`: clerks may not either.
fn refused(status: Status, name: &str, for_managers: bool) -> Result<Outcome, Failure> {
    let name = name.to_owned();
    match reason_of(&status).as_deref() {
        Some("ERROR_REASON_ROLE_NOT_ALLOWED") if for_managers => Ok(Outcome::Upkept(Upkept::ManagersOnly)),
        Some("ERROR_REASON_ROLE_NOT_ALLOWED") => Ok(Outcome::NotAllowed),
        Some("ERROR_REASON_NAME_TAKEN") => Ok(Outcome::Upkept(Upkept::NameTaken { name })),
        Some("ERROR_REASON_ITEM_NOT_FOUND") => Ok(Outcome::Upkept(Upkept::NoSuchItem { said: name })),
        Some("ERROR_REASON_SCALE_EXCEEDED") => Ok(Outcome::WholeUnits { name }),
        _ => Err(Failure::of("upkeep")(status)),
    }
}
