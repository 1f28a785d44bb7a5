//! What the parts of a line take from each other: the verb, the item, the direction.

use super::{Carried, Clauses, Part};
use crate::domain::Item;
use crate::grammar::adjunct::Adjuncts;
use crate::grammar::lexicon::{Class, Verb};
use crate::grammar::verb::VerbHit;

impl Clauses<'_> {
    /// Gives every part its verb: its own, the one before it in the line, the only one after it, or that of the header.
    pub(super) fn spread_verbs(&self, parts: &mut [Part], continues: bool) {
        let has_header = parts.first().is_some_and(|part| part.verb.is_some());
        let mut current: Option<Carried> = None;
        let only_later = (!has_header)
            .then(|| parts.iter().filter_map(|part| part.verb.clone()).collect::<Vec<_>>())
            .filter(|verbs| verbs.len() == 1);
        let last = parts.len().saturating_sub(1);
        let later_closes = parts.last().is_some_and(|part| part.verb.as_ref().is_some_and(|verb| verb.is_at_end));
        for (index, part) in parts.iter_mut().enumerate() {
            if let Some(verb) = &part.verb {
                let mut adjuncts = part.adjuncts.clone();
                adjuncts.uncovered.clear();
                current = Some(Carried { verb: verb.clone(), adjuncts });
                continue;
            }
            // "+12 milk and 2 bread": the plus goes on until something else is said.
            if let Some(sign) = part.entries.iter().find_map(|entry| entry.sign) {
                let verb = if sign == '+' { Verb::Add } else { Verb::Remove };
                current = Some(Carried { verb: VerbHit::inherited(verb, part.span), adjuncts: Adjuncts::default() });
                continue;
            }
            // "sold 3 milk, 2 left": what is left was counted, not sold.
            if part
                .entries
                .iter()
                .any(|entry| entry.direction.is_some() || (entry.is_left && entry.line.quantity.is_some()))
            {
                continue;
            }
            let inherited = current.clone().or_else(|| {
                let verb = only_later.as_ref().filter(|_| later_closes && index < last)?.first()?.clone();
                Some(Carried { verb, adjuncts: Adjuncts::default() })
            });
            let inherited = inherited.or_else(|| self.carried.clone());
            let inherited = inherited.or_else(|| {
                let verb = self.last_verb.filter(|_| continues)?;
                Some(Carried { verb: VerbHit::inherited(verb, part.span), adjuncts: Adjuncts::default() })
            });
            if let Some(Carried { verb, adjuncts }) = inherited {
                part.verb = Some(verb);
                part.adjuncts.fill_from(&adjuncts);
            }
        }
        direct_from_the_end(parts);
        // A time or a party said once in a line goes for the whole of it.
        let mut shared = Adjuncts::default();
        for part in parts.iter() {
            shared.fill_from(&part.adjuncts);
        }
        for part in parts.iter_mut() {
            part.adjuncts.fill_from(&shared);
        }
    }
}

/// "brown bread 10 and white bread 15 in": one direction at the end goes for every line before it.
fn direct_from_the_end(parts: &mut [Part]) {
    let Some((last, before)) = parts.split_last_mut() else { return };
    let [.., closing] = last.entries.as_slice() else { return };
    let verb = match closing.direction.filter(|_| closing.has_last_direction && last.verb.is_none()) {
        Some(Class::ComeIn) => Verb::Add,
        Some(_) => Verb::Remove,
        None => return,
    };
    let is_undirected = |part: &Part| part.verb.is_none() && part.entries.iter().all(|entry| entry.direction.is_none());
    if before.iter().all(is_undirected) {
        for part in before {
            part.verb = Some(VerbHit::inherited(verb, part.span));
        }
    }
}

/// "sold 5 bread, 2 broken", "got 10 bread and sold 4": a verb of its own and a number speak of the item before.
pub(super) fn fill_ellipses(parts: &mut [Part]) {
    let mut before: Option<Item> = None;
    for part in parts.iter_mut() {
        for entry in &mut part.entries {
            let has_own_deed = part.verb.is_some() || entry.is_spoilt || entry.is_left || part.adjuncts.when.is_some();
            if entry.is_bare_number() && has_own_deed && !entry.is_each && entry.line.unit.is_empty() {
                entry.line.item.clone_from(&before);
            }
            // A sum of money, a list of several or a doubtful line leaves open what is spoken of.
            before = entry.line.item.clone().filter(|_| entry.clarification.is_none() && entry.uncovered.is_empty());
        }
    }
}
