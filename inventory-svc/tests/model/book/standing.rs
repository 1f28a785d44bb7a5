//! Balances: the newest count that stands, and what stands of what happened after it.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{Balances, Book, Line, Shelf, What};

impl Book {
    /// Returns whether an operation counts: taken back an even number of times.
    pub(super) fn stands(&self, mut operation: usize) -> bool {
        let mut stands = true;
        while let Some(next) = self.operations[operation].reversed_by {
            (operation, stands) = (next, !stands);
        }
        stands
    }

    fn standing_lines(&self, shelf: Shelf) -> impl Iterator<Item = &Line> {
        self.lines_of_shelf
            .get(&shelf)
            .into_iter()
            .flatten()
            .filter(|(operation, _)| self.stands(*operation))
            .map(|(operation, line)| &self.operations[*operation].lines[*line])
    }

    fn standing_counts(&self, shelf: Shelf) -> impl Iterator<Item = (&Line, Decimal)> {
        self.standing_lines(shelf).filter_map(|line| match line.what {
            What::Counted(counted) => Some((line, counted)),
            What::Moved(_) => None,
        })
    }

    /// Returns what is on hand.
    pub(crate) fn on_hand(&self, shelf: Shelf) -> Decimal {
        self.balance(shelf)
    }

    pub(super) fn balance(&self, shelf: Shelf) -> Decimal {
        // Of counts in one second the one that was heard of last.
        let wall = self.standing_counts(shelf).max_by_key(|(line, _)| (line.at.as_second(), line.position));
        let after: Decimal = self
            .standing_lines(shelf)
            .filter(|line| {
                wall.is_none_or(|(count, _)| {
                    line.at > count.at
                        || (line.position > count.position && line.at.as_second() >= count.at.as_second())
                })
            })
            .map(|line| match line.what {
                What::Moved(delta) => delta,
                What::Counted(_) => Decimal::ZERO,
            })
            .sum();
        wall.map_or(Decimal::ZERO, |(_, counted)| counted) + after
    }

    /// Returns when the shelf was last counted.
    pub(super) fn counted_at(&self, shelf: Shelf) -> Option<Timestamp> {
        self.standing_counts(shelf).map(|(line, _)| line.at).max()
    }

    /// Returns what stands of what happened after a moment.
    pub(super) fn moved_after(&self, shelf: Shelf, at: Timestamp) -> Decimal {
        let later = self.standing_lines(shelf).filter(|line| line.at > at);
        later.map(|line| if let What::Moved(delta) = line.what { delta } else { Decimal::ZERO }).sum()
    }

    /// Returns what is on hand everywhere.
    pub(crate) fn balances(&self) -> Balances {
        self.lines_of_shelf.keys().map(|shelf| (*shelf, self.balance(*shelf))).collect()
    }

    /// Returns what changed since then, by shelf.
    pub(super) fn changed_since(&self, before: &Balances) -> Balances {
        let mut changed = Balances::new();
        for (shelf, now) in self.balances() {
            let delta = now - before.get(&shelf).copied().unwrap_or_default();
            if !delta.is_zero() {
                changed.insert(shelf, delta);
            }
        }
        changed
    }

    /// Returns why a strict shop refuses what changed: something was taken from a shelf that is below zero now.
    pub(super) fn shortage(&self, before: &Balances) -> bool {
        self.is_strict
            && self
                .changed_since(before)
                .into_iter()
                .any(|(shelf, delta)| delta < Decimal::ZERO && self.balance(shelf) < Decimal::ZERO)
    }
}
