//! Names of items as words: whether two mean the same, and which of the shop's items a text may speak of.

use std::collections::BTreeSet;

/// Letters that two words must begin with alike to be worth a look.
const PREFIX_MIN: usize = 3;

/// An item as the shop calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownName {
    /// Its display name.
    pub name: String,
    /// What else it goes by.
    pub aliases: Vec<String>,
    /// Units it is kept in, the base unit first.
    pub units: Vec<String>,
    /// The words of all its names.
    words: Vec<String>,
}

impl KnownName {
    /// Takes an item with what it is called.
    pub fn new(name: String, aliases: Vec<String>, units: Vec<String>) -> Self {
        let words: BTreeSet<String> = std::iter::once(&name).chain(&aliases).flat_map(|name| words(name)).collect();
        Self { name, aliases, units, words: words.into_iter().collect() }
    }

    /// Returns whether that is one of its names.
    pub fn is_called(&self, text: &str) -> bool {
        std::iter::once(&self.name).chain(&self.aliases).any(|name| is_same_name(name, text))
    }
}

/// Returns the items that share a word with the text, those that share most first; the order given decides among equals.
pub(crate) fn excerpt<'a>(items: &'a [KnownName], text: &str, count_max: usize) -> Vec<&'a KnownName> {
    let said: BTreeSet<String> = words(text).into_iter().collect();
    let mut fitting: Vec<(usize, &KnownName)> = items
        .iter()
        .map(|item| (said.iter().filter(|word| item.words.iter().any(|known| is_alike(word, known))).count(), item))
        .filter(|(shared, _)| *shared > 0)
        .collect();
    fitting.sort_by_key(|(shared, _)| std::cmp::Reverse(*shared));
    fitting.into_iter().take(count_max).map(|(_, item)| item).collect()
}

/// Returns whether two names differ in case, spaces or a plural ending at most.
pub(crate) fn is_same_name(one: &str, other: &str) -> bool {
    let (one, other) = (stems(one), stems(other));
    !one.is_empty() && one == other
}

/// Returns whether a word of the name stands in the text.
pub(crate) fn is_said(name: &str, text: &str) -> bool {
    let said: BTreeSet<String> = stems(text);
    stems(name).iter().any(|stem| said.contains(stem) || said.iter().any(|word| is_nearly(word, stem)))
}

/// Two thirds of the longer word are the beginning of both.
fn is_nearly(one: &str, other: &str) -> bool {
    let longer = one.chars().count().max(other.chars().count());
    !has_digit(one) && !has_digit(other) && shared(one, other) * 3 > longer * 2
}

fn shared(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count()
}

fn stems(text: &str) -> BTreeSet<String> {
    words(text).iter().map(|word| stem(word)).collect()
}

fn stem(word: &str) -> String {
    let stem = word.trim_end_matches(['s', 'e', 'y', 'i']);
    if stem.chars().count() >= PREFIX_MIN { stem.to_owned() } else { word.to_owned() }
}

/// Sizes and codes are the same or not; words may end differently: `skroef`, `skroewe`.
fn is_alike(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    if has_digit(one) || has_digit(other) {
        return false;
    }
    shared(one, other) >= PREFIX_MIN
}

fn has_digit(word: &str) -> bool {
    word.contains(|letter: char| letter.is_ascii_digit())
}

/// Words in lower case; a number and the unit behind it are one: `2 l` is `2l`.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut words: Vec<String> = Vec::new();
    let mut was_number = false;
    for word in lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let is_unit = matches!(word, "l" | "ml" | "kg" | "g" | "cm" | "mm" | "m");
        if is_unit && was_number {
            let size = words.last().map(|number| format!("{number}{word}")).unwrap_or_default();
            words.push(size);
        }
        was_number = word.bytes().all(|byte| byte.is_ascii_digit());
        words.push(word.to_owned());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(names: &[&str]) -> Vec<KnownName> {
        names.iter().map(|name| KnownName::new((*name).to_owned(), Vec::new(), Vec::new())).collect()
    }

    fn found(names: &[&str], text: &str) -> Vec<String> {
        excerpt(&items(names), text, 50).into_iter().map(|item| item.name.clone()).collect()
    }

    #[test]
    fn only_items_that_share_a_word_travel() {
        let shop = ["Coke 2l", "Fanta 2l", "skroef", "Tastic rice 2kg", "a4 paper", "7up"];
        assert_eq!(found(&shop, "add 5 coke 2l"), ["Coke 2l", "Fanta 2l"]);
        assert_eq!(
            found(&shop, "add 5 coke 2 l"),
            ["Coke 2l", "Fanta 2l"],
            "a size is a size with and without a space"
        );
        assert_eq!(found(&shop, "voeg 40 skroewe by"), ["skroef"]);
        assert_eq!(found(&shop, "tastik 2kg"), ["Tastic rice 2kg"]);
        assert_eq!(found(&shop, "sold 3 7UP"), ["7up"]);
        assert!(found(&shop, "add 50 nails").is_empty());
    }

    #[test]
    fn other_names_count_and_fifty_are_enough() {
        let item = KnownName::new("Maas 1l".into(), vec!["amasi".into()], Vec::new());
        assert_eq!(excerpt(&[item], "amasi 5", 50).len(), 1);
        let many: Vec<KnownName> =
            (0..80).map(|number| KnownName::new(format!("bread {number}x"), Vec::new(), Vec::new())).collect();
        assert_eq!(excerpt(&many, "bread", 50).len(), 50);
    }

    #[test]
    fn names_are_the_same_in_the_plural() {
        assert!(is_same_name("Screws", "screw") && is_same_name("coke 2l", "Coke 2L"));
        assert!(!is_same_name("coke 2l", "coke 500ml") && !is_same_name("milk", "maas") && !is_same_name("", ""));
        assert!(is_said("brown bread", "not bread, milk") && !is_said("brown bread", "no 40"));
    }
}
