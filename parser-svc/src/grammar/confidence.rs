//! How sure a reading is, for callers that decide by it.

use super::lexicon::lexicon;
use super::noun;
use super::tag::Names;
use crate::domain::{Act, Action, Intent, Item, Span};

/// Every word was known and found its place.
const CERTAIN_PPM: i64 = 1_000_000;

/// Sets the confidence of every action: each doubtful step leaves a share of what was there.
pub fn rate(actions: &mut [Action], uncovered: &[Span], names: &Names) {
    for action in actions {
        action.confidence_ppm = i32::try_from(of(action, uncovered, names)).unwrap_or_default();
    }
}

fn of(action: &Action, uncovered: &[Span], names: &Names) -> i64 {
    if matches!(action.intent, Intent::Unknown { act: None, .. }) && action.clarification.is_none() {
        return 0;
    }
    let overlaps = |span: &Span| span.start < action.span.end && action.span.start < span.end;
    let is_loose = action.intent.line().is_some_and(|line| line.approximate);
    let doubts = [
        (action.clarification.is_some(), 40),
        (action.confirm, 60),
        (!action.flags.is_empty(), 50),
        (uncovered.iter().any(overlaps), 50),
        (is_loose, 80),
        (action.intent.item().is_some_and(|item| !is_known(item, names)), 90),
        // Silence is safe, and still it may have been something.
        (matches!(action.intent, Intent::Unknown { act: Some(Act::None), .. }), 90),
    ];
    doubts
        .into_iter()
        .filter(|(is_doubtful, _)| *is_doubtful)
        .fold(CERTAIN_PPM, |left, (_, percent)| left * percent / 100)
}

/// Whether the shop or a language knows the item by name.
fn is_known(item: &Item, names: &Names) -> bool {
    item.everything
        || !item.barcode.is_empty()
        || names.holds(&noun::name_key(&item.name))
        || item.name.split(' ').any(|word| lexicon().is_noun(word))
}
