//! Which items of the shop a text may mean: the few whose words it uses, never the catalogue.

use std::cmp::Reverse;

use crate::domain::CatalogueItem;
use crate::grammar;

/// Most of them.
pub const MOST: usize = 20;
/// From this likeness on, of 1, a word is a misspelt one. What is offered too much costs a few tokens and nothing else.
const LIKENESS: f64 = 0.88;
/// Shorter words are alike by chance.
const SHORTEST: usize = 4;

/// How well one word of a name is borne out by the text.
const SAME: u32 = 3;
const ALIKE: u32 = 2;

/// Returns the items that the text may mean, best first, as they are to be told.
pub fn of_text(text: &str, catalogue: &[CatalogueItem]) -> Vec<String> {
    let said = words(text);
    let mut found: Vec<(u32, String)> = catalogue.iter().filter_map(|item| rated(item, &said)).collect();
    // Stable: among equals the caller's order holds.
    found.sort_by_key(|(score, _)| Reverse(*score));
    found.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// The item under its display name, and under the alias that the text uses, if it does.
fn rated(item: &CatalogueItem, said: &[String]) -> Option<(u32, String)> {
    let by_name = score(&item.name, said);
    let by_alias = item.aliases.iter().map(|alias| (score(alias, said), alias)).max_by_key(|(score, _)| *score);
    match by_alias {
        Some((score, alias)) if score > by_name => Some((score, format!("{} (also {alias})", item.name))),
        _ => (by_name > 0).then(|| (by_name, item.name.clone())),
    }
}

fn score(name: &str, said: &[String]) -> u32 {
    let of_word = |word: &String| said.iter().map(|other| likeness(word, other)).max().unwrap_or_default();
    words(name).iter().map(of_word).sum()
}

fn likeness(word: &str, other: &str) -> u32 {
    if word == other {
        return SAME;
    }
    let is_long = word.chars().count() >= SHORTEST && other.chars().count() >= SHORTEST;
    if is_long && strsim::jaro_winkler(word, other) >= LIKENESS { ALIKE } else { 0 }
}

/// Words without the ending that most plurals have; bare numbers say nothing about an item.
fn words(text: &str) -> Vec<String> {
    let normalised = grammar::normalised(text);
    let words = normalised.split(|letter: char| !letter.is_alphanumeric());
    words
        .filter(|word| word.chars().any(char::is_alphabetic))
        .map(|word| word.strip_suffix('s').filter(|stem| stem.len() > 2).unwrap_or(word).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> Vec<CatalogueItem> {
        let item = |name: &str, aliases: &[&str]| CatalogueItem {
            name: name.to_owned(),
            aliases: aliases.iter().map(ToString::to_string).collect(),
            ..CatalogueItem::default()
        };
        let mut shop = vec![
            item("White bread", &["brood"]),
            item("Brown bread", &[]),
            item("Coke 2l", &["cola"]),
            item("Tastic rice", &[]),
        ];
        shop.extend((0..190).map(|number| item(&format!("Nail {number} mm"), &[])));
        shop
    }

    #[test]
    fn items_whose_words_are_said_come_best_first_and_no_others() {
        assert_eq!(of_text("the brown breads went", &shop()), ["Brown bread", "White bread"]);
        assert_eq!(of_text("swapped some cola", &shop()), ["Coke 2l (also cola)"]);
        assert_eq!(of_text("tastik rise", &shop()), ["Tastic rice"]);
        assert!(of_text("the wholesaler blorped forty somethings", &shop()).is_empty());
    }

    #[test]
    fn never_more_than_twenty_are_told() {
        assert_eq!(of_text("a nail", &shop()).len(), MOST);
    }
}
