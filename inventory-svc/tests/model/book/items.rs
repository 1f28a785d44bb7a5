//! Names, packs, the archive, and items that another one stands for.

use jiff::Timestamp;
use proto::inventory::v1 as pb;
use rust_decimal::Decimal;

use super::{Book, Item, Moved, Name, Operation, PuttingAway, Refusals, What};

impl Book {
    pub(super) fn may_change_items(&self, member: &str) -> Result<(), Refusals> {
        if self.may_all(member) { Ok(()) } else { Err(vec!["ERROR_REASON_ROLE_NOT_ALLOWED"]) }
    }

    /// Returns the item of this id that can be changed.
    pub(super) fn changeable(&self, id: &str) -> Result<usize, Refusals> {
        let named = self.item_of(id);
        named.and_then(|item| self.alive(item)).ok_or_else(|| vec!["ERROR_REASON_ITEM_NOT_FOUND"])
    }

    pub(super) fn claim_name(&mut self, item: usize, name: &str, is_name: bool) -> Result<(), Refusals> {
        let held = self.names.get(name).cloned();
        if let Some(held) = held.as_ref().filter(|held| held.item != item)
            && !self.items[held.item].is_archived
        {
            return Err(vec!["ERROR_REASON_NAME_TAKEN"]);
        }
        let was_name = held.is_some_and(|held| held.item == item && held.is_name);
        if is_name {
            for other in self.names.values_mut().filter(|other| other.item == item) {
                other.is_name = false;
            }
        }
        self.names.insert(name.to_owned(), Name { item, is_name: is_name || was_name });
        Ok(())
    }

    pub(super) fn archive(&mut self, item: usize) {
        self.items[item].is_archived = true;
    }

    pub(super) fn unarchive(&mut self, id: &str) -> Result<usize, Refusals> {
        let item = self.item_of(id).filter(|item| self.items[*item].moved.is_none());
        let item = item.ok_or_else(|| vec!["ERROR_REASON_ITEM_NOT_FOUND"])?;
        if self.items[item].is_archived && !self.names.values().any(|name| name.item == item && name.is_name) {
            return Err(vec!["ERROR_REASON_NAME_TAKEN"]);
        }
        self.items[item].is_archived = false;
        Ok(item)
    }

    pub(super) fn set_pack(&mut self, item: usize, unit: &str, size: Decimal) -> Result<(), Refusals> {
        if self.items[item].base_unit == unit {
            return Err(vec!["ERROR_REASON_INVALID_FIELD"]);
        }
        self.items[item].packs.insert(unit.to_owned(), size);
        Ok(())
    }

    pub(super) fn merge(&mut self, member: &str, id: &str, into: &str, now: Timestamp) -> Result<usize, Refusals> {
        let (item, into) = (self.changeable(id)?, self.changeable(into)?);
        if item == into {
            return Err(vec!["ERROR_REASON_INVALID_FIELD"]);
        }
        let (one, other) = (&self.items[item], &self.items[into]);
        if (&one.base_unit, one.scale) != (&other.base_unit, other.scale) {
            return Err(vec!["ERROR_REASON_UNITS_DIFFER"]);
        }
        Ok(self.put_away(member, item, into, Decimal::ONE, false, now))
    }

    /// Keeps an item in another unit: as a new one, whose id was told.
    pub(super) fn change_unit(
        &mut self,
        id: &str,
        unit: &str,
        factor: Decimal,
        now: Timestamp,
        new_id: Option<&str>,
    ) -> Result<usize, Refusals> {
        let item = self.changeable(id)?;
        let before = &self.items[item];
        if before.base_unit == unit {
            return Err(vec!["ERROR_REASON_INVALID_FIELD"]);
        }
        let needed = (factor / Decimal::from(10_u64.pow(before.scale))).normalize().scale();
        if needed > 3 {
            return Err(vec!["ERROR_REASON_SCALE_EXCEEDED"]);
        }
        let usual = if unit == "kg" { 3 } else { 0 };
        let (unit_before, packs) = (before.base_unit.clone(), std::collections::HashMap::new());
        self.items.push(Item {
            id: new_id.unwrap_or_default().to_owned(),
            base_unit: unit.to_owned(),
            scale: needed.max(usual),
            is_archived: false,
            moved: None,
            packs,
        });
        let after = self.items.len() - 1;
        // Nobody's latest: it is changed again, not taken back.
        let operation = self.put_away("", item, after, factor, true, now);
        self.items[after].packs.insert(unit_before, factor);
        Ok(operation)
    }

    fn put_away(
        &mut self,
        member: &str,
        item: usize,
        into: usize,
        factor: Decimal,
        is_unit_change: bool,
        now: Timestamp,
    ) -> usize {
        let shelves = (0..self.places.len()).flat_map(|place| [(item, place), (into, place)]);
        let at = shelves.filter_map(|shelf| self.counted_at(shelf)).fold(now, Timestamp::max);
        let operation = self.begin(Operation { is_transfer: true, ..Operation::new(member, now) });
        let kind = pb::MovementKind::Transfer;
        for place in 0..self.places.len() {
            let held = self.balance((item, place));
            if !held.is_zero() {
                self.put(operation, 0, (item, place), at, kind, What::Moved(-held));
                self.put(operation, 0, (into, place), at, kind, What::Moved(held * factor));
            }
        }
        let mut names = std::collections::HashMap::new();
        for (name, held) in &mut self.names {
            if held.item == item {
                names.insert(name.clone(), held.is_name);
                *held = Name { item: into, is_name: held.is_name && is_unit_change };
            }
        }
        let mut followers = Vec::new();
        for (place, other) in self.items.iter_mut().enumerate() {
            if let Some(moved) = other.moved.as_mut().filter(|moved| moved.to == item) {
                followers.push((place, *moved));
                moved.to = into;
                moved.factor *= factor;
                moved.is_merge &= !is_unit_change;
            }
        }
        self.items[item].is_archived = true;
        self.items[item].moved = Some(Moved { to: into, factor, at, is_merge: !is_unit_change });
        let packs = self.items[item].packs.clone();
        for (unit, size) in packs {
            if unit != self.items[into].base_unit {
                self.items[into].packs.entry(unit).or_insert(size * factor);
            }
        }
        self.operations[operation].putting_away = Some(PuttingAway { item, into, is_unit_change, names, followers });
        operation
    }

    /// Parts items when their merge stands no more, and puts them together when it stands again.
    pub(super) fn move_merge(&mut self, root: usize) -> Result<(), Refusals> {
        let Some(merge) = self.operations[root].putting_away.clone() else { return Ok(()) };
        if merge.is_unit_change {
            return Err(vec!["ERROR_REASON_INVALID_FIELD"]);
        }
        let survivor = self.items[merge.into].moved.map_or(merge.into, |moved| moved.to);
        if !self.stands(root) {
            for (name, held) in &mut self.names {
                if let Some(was_name) = merge.names.get(name).filter(|_| held.item == survivor) {
                    *held = Name { item: merge.item, is_name: *was_name };
                }
            }
            self.items[merge.item].is_archived = false;
            self.items[merge.item].moved = None;
            for (follower, before) in merge.followers {
                if self.items[follower].moved.is_some_and(|moved| moved.to == survivor) {
                    self.items[follower].moved = Some(before);
                }
            }
            return Ok(());
        }
        if self.items[survivor].is_archived || survivor != merge.into {
            return Err(vec!["ERROR_REASON_ITEM_NOT_FOUND"]);
        }
        let at = self.operations.last().expect("what does it again").at;
        for held in self.names.values_mut().filter(|held| held.item == merge.item) {
            *held = Name { item: survivor, is_name: false };
        }
        for other in &mut self.items {
            if let Some(moved) = other.moved.as_mut().filter(|moved| moved.to == merge.item) {
                moved.to = survivor;
            }
        }
        self.items[merge.item].is_archived = true;
        self.items[merge.item].moved = Some(Moved { to: survivor, factor: Decimal::ONE, at, is_merge: true });
        Ok(())
    }
}
