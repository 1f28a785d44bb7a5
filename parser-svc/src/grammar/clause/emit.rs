//! The parts of a line become actions, each with the verb it was given.

use rust_decimal::Decimal;

use super::compose::compose;
use super::subject::place_leading;
use super::{Carried, Clauses, Part};
use crate::domain::{Action, AddReason, Clarification, Intent, Line, PriceBasis, Span};
use crate::grammar::adjunct::Adjuncts;
use crate::grammar::entry::Entry;
use crate::grammar::lexicon::{Class, Verb};
use crate::grammar::verb::VerbHit;

impl Clauses<'_> {
    pub(super) fn emit(&mut self, parts: Vec<Part>, line_span: Span) {
        let (first, gaps) = (self.actions.len(), self.uncovered.len());
        self.emit_parts(parts, line_span);
        if self.uncovered.len() > gaps {
            // What nobody accounted for may change the meaning of every line beside it: "used flour to bake 20 bread".
            for action in &mut self.actions[first..] {
                action.confirm |= action.intent.changes_stock();
            }
        }
    }

    pub(super) fn emit_parts(&mut self, parts: Vec<Part>, line_span: Span) {
        let has_entries = parts.iter().any(|part| !part.entries.is_empty());
        let only_all =
            parts.iter().flat_map(|part| &part.entries).all(|entry| entry.is_all && entry.line.quantity.is_none());
        if !has_entries || (only_all && !self.undirected.is_empty()) {
            return self.header(parts, line_span);
        }
        let mut each: Option<Entry> = None;
        let part_count = parts.len();
        for part in parts {
            if part.verb.is_some() && part.entries.is_empty() {
                let carried = Carried { verb: part.verb.clone().expect("just seen"), adjuncts: part.adjuncts.clone() };
                self.uncovered.extend(&part.adjuncts.uncovered);
                self.carried = Some(carried);
                continue;
            }
            self.uncovered.extend(&part.adjuncts.uncovered);
            for mut entry in part.entries.iter().cloned() {
                if entry.is_each && entry.line.quantity.is_some() {
                    each = Some(entry.clone());
                } else if let Some(each) = each.as_ref().filter(|_| entry.is_bare_name()) {
                    entry.line.quantity = each.line.quantity;
                    entry.line.unit.clone_from(&each.line.unit);
                } else if entry.is_bare_name() && part_count > 1 && part.verb.is_some() {
                    // "5 salt and pepper": one product, or a second line without its number. The line before is in doubt too.
                    if let Some(before) = self.actions.last_mut().filter(|_| entry.span.start > line_span.start) {
                        before.confirm |=
                            before.intent.changes_stock() && !matches!(before.intent, Intent::SetStock { .. });
                    }
                }
                self.emit_entry(entry, &part);
            }
            if let Some(verb) = part.verb.filter(|verb| !verb.is_at_end && !verb.is_guess) {
                self.carried = Some(Carried { verb, adjuncts: part.adjuncts.without_uncovered() });
            }
        }
    }

    /// A line with a verb and nothing else heads the lines after it; "add all" at the end goes for those before it.
    pub(super) fn header(&mut self, parts: Vec<Part>, span: Span) {
        let mut adjuncts = Adjuncts::default();
        for part in &parts {
            self.uncovered.extend(&part.adjuncts.uncovered);
            adjuncts.fill_from(&part.adjuncts);
        }
        let Some(verb) = parts.into_iter().find_map(|part| part.verb) else {
            if adjuncts.says_something() && adjuncts.uncovered.is_empty() {
                return;
            }
            self.uncovered.push(span);
            return;
        };
        if !self.undirected.is_empty() {
            self.direct_earlier_lines(&verb, &adjuncts);
            return;
        }
        self.carried = Some(Carried { verb, adjuncts: adjuncts.without_uncovered() });
    }

    pub(super) fn direct_earlier_lines(&mut self, verb: &VerbHit, adjuncts: &Adjuncts) {
        for index in std::mem::take(&mut self.undirected) {
            let action = &mut self.actions[index];
            let span = action.span;
            if action.clarification == Some(Clarification::Direction)
                && let Some(line) = action.intent.line()
            {
                let entry = Entry { line: line.clone(), span, ..Entry::default() };
                *action = compose(entry, verb, adjuncts);
                action.span = span;
            }
        }
    }

    pub(super) fn emit_entry(&mut self, entry: Entry, part: &Part) {
        let span = if part.entries.len() == 1 { part.span } else { entry.span };
        let uncovered = entry.uncovered.clone();
        let mut entry = entry;
        let unplaced = place_leading(&mut entry, part);
        self.uncovered.extend(uncovered);
        self.uncovered.extend(unplaced);
        let mut action = if part.has_wish {
            let mut line = entry.line;
            part.adjuncts.apply(&mut line);
            Action::question(line, Clarification::RequestOrAdd)
        } else if let Some(verb) = &part.verb {
            let action = compose(entry, verb, &part.adjuncts);
            let is_open = part.is_anonymous && !part.adjuncts.is_sent && action.is_write();
            if is_open { action.asking(Clarification::Direction) } else { action }
        } else {
            self.compose_without_verb(entry, part)
        };
        // "sold 5 and 10 bread": a number without its item leaves the next line in doubt; so does a question mark.
        let after_gap = self.actions.last().is_some_and(|before| {
            before.clarification.is_none() && before.intent.changes_stock() && before.intent.item().is_none()
        });
        action.confirm |= (after_gap || self.is_asked) && action.intent.changes_stock();
        // Much stock and a slip of the tongue together want a second look.
        if self.is_repaired && action.intent.line().is_some_and(|line| pieces(line) > Decimal::ONE_HUNDRED) {
            action.confirm = true;
        }
        if action.clarification == Some(Clarification::Direction) {
            self.undirected.push(self.actions.len());
        }
        self.push(action, span);
    }

    pub(super) fn compose_without_verb(&self, entry: Entry, part: &Part) -> Action {
        let hit = |verb| VerbHit::inherited(verb, part.span);
        if entry.is_left && !entry.is_vague {
            return compose(entry, &hit(Verb::Count), &part.adjuncts);
        }
        if entry.is_spoilt && entry.line.quantity.is_some() {
            return compose(entry, &hit(Verb::Waste), &part.adjuncts);
        }
        match (entry.direction, entry.sign) {
            (Some(Class::ComeIn), None | Some('+')) | (None, Some('+')) => {
                return compose(entry, &hit(Verb::Add), &part.adjuncts);
            }
            (Some(Class::GoOut), None | Some('-')) | (None, Some('-')) => {
                let is_loose = entry.is_sign_loose && !self.is_list;
                let action = compose(Entry { sign: None, ..entry }, &hit(Verb::Remove), &part.adjuncts);
                return if is_loose { action.asking(Clarification::SignOrDash) } else { action };
            }
            _ => {}
        }
        if self.is_counting && entry.line.quantity.is_some() && entry.line.item.is_some() {
            return compose(entry, &hit(Verb::Count), &part.adjuncts);
        }
        if entry.line.quantity == Some(Decimal::ZERO) && entry.line.item.is_some() && entry.numbers.is_empty() {
            // Nothing comes in or goes out by none: "bread 0" is what was found.
            return compose(entry, &hit(Verb::Count), &part.adjuncts);
        }
        let mut line = entry.line;
        part.adjuncts.apply(&mut line);
        let is_cost = line.price.as_ref().is_some_and(|price| price.basis == Some(PriceBasis::Each));
        if is_cost && line.item.is_some() && line.quantity.is_some() {
            // "10 milk at R18.50": what one pays for looks like a delivery, but nobody said so.
            let intent = Intent::Add { line, reason: AddReason::Receipt };
            return Action::new(intent).asking(Clarification::Direction);
        }
        if entry.is_dashed && !self.is_list && line.item.is_some() {
            let intent = Intent::Remove { line, reason: None, all: false };
            return Action::new(intent).asking(Clarification::SignOrDash);
        }
        let question = match (&line.item, &line.quantity) {
            _ if entry.clarification == Some(Clarification::WhichNumber) => Clarification::WhichNumber,
            (Some(_), None) if entry.is_more => Clarification::RequestOrAdd,
            (None, Some(_)) => Clarification::Item,
            (Some(_), None) if entry.is_vague => Clarification::Quantity,
            _ => Clarification::Direction,
        };
        Action { numbers: entry.numbers, confirm: false, ..Action::question(line, question) }
    }
}

fn pieces(line: &Line) -> Decimal {
    let quantity = line.quantity.unwrap_or_default();
    quantity.saturating_mul(line.pack_size.unwrap_or(Decimal::ONE))
}
