//! What only the shop's own items can settle: which of two rices, whether bread comes by the kilo, the same line twice.

use std::collections::HashSet;

use super::lexicon::lexicon;
use super::noun;
use crate::domain::{Action, CatalogueItem, Clarification, Intent, Message};

/// Most names that a question offers: a list in the chat has ten rows.
const MAX_OPTIONS: usize = 10;

/// Turns a write into a question when the catalogue shows that it is one.
pub fn ask_what_the_shop_must_know(action: &mut Action, message: &Message) {
    let is_line = matches!(action.intent, Intent::Add { .. } | Intent::Remove { .. } | Intent::SetStock { .. });
    if !is_line || action.clarification.is_some() || message.catalogue.is_empty() {
        return;
    }
    let Some(line) = action.intent.line() else { return };
    let Some(item) = line.item.as_ref().filter(|item| !item.name.is_empty()) else { return };
    let wanted = noun::name_key(&item.name);
    let exact = message.catalogue.iter().find(|known| names_of(known).any(|name| noun::name_key(name) == wanted));
    let Some(known) = exact else {
        let options = fitting(&wanted, message);
        let is_new = options.is_empty() && !matches!(action.intent, Intent::Add { .. }) && line.quantity.is_some();
        if options.len() > 1 || (is_new && !is_near_any(&wanted, message)) {
            // What the shop does not have cannot leave it; only what comes in may be new.
            action.options = options;
            action.clarification = Some(Clarification::Item);
        }
        return;
    };
    if line.unit.is_empty() || known.units.is_empty() || line.pack_size.is_some() || known.units.contains(&line.unit) {
        return;
    }
    let is_measure = lexicon().measures.contains(&line.unit);
    let is_fixed = matches!(line.unit.as_str(), "dozen" | "pair");
    if is_measure {
        action.clarification = Some(Clarification::Unit);
    } else if !is_fixed {
        action.clarification = Some(Clarification::PackSize);
    }
}

/// Whether the shop has something that shares a word with this, in whatever spelling.
fn is_near_any(wanted: &str, message: &Message) -> bool {
    let is_near = |known: &str| wanted.split(' ').any(|word| known == word || strsim::osa_distance(known, word) <= 1);
    let has_near = |name: &String| noun::name_key(name).split(' ').any(is_near);
    message.catalogue.iter().any(|item| names_of(item).any(has_near))
}

fn names_of(item: &CatalogueItem) -> impl Iterator<Item = &String> {
    std::iter::once(&item.name).chain(&item.aliases)
}

/// Items whose name holds every word that was said.
fn fitting(wanted: &str, message: &Message) -> Vec<String> {
    let holds_all = |name: &String| {
        let key = noun::name_key(name);
        let words: HashSet<&str> = key.split(' ').collect();
        wanted.split(' ').all(|word| words.contains(word))
    };
    message
        .catalogue
        .iter()
        .filter(|item| names_of(item).any(holds_all))
        .map(|item| item.name.clone())
        .take(MAX_OPTIONS)
        .collect()
}

/// The same line twice in one message is either meant twice or sent twice.
pub fn ask_about_repeats(actions: &mut [Action]) {
    let same = |first: &Action, second: &Action| second.is_write() && first.intent == second.intent;
    let repeated: Vec<usize> = (0..actions.len())
        .filter(|at| actions[*at].is_write())
        .filter(|at| (0..actions.len()).any(|other| other != *at && same(&actions[*at], &actions[other])))
        .collect();
    for at in repeated {
        actions[at].clarification = Some(Clarification::Repeat);
    }
}
