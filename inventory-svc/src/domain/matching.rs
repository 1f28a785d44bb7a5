//! Which item a name may mean, when none has exactly that key.
//!
//! A name may be misspelt, shortened ("oil" for "rice bran oil") or longer than the one that is known. Scores are parts
//! per million. The thresholds are the starting values of the field study.

use crate::domain::key::Key;

/// From here on a fit may stand alone.
const SURE_PPM: i32 = 850_000;
/// How far the next fit must be behind one that stands alone.
const GAP_PPM: i32 = 150_000;
/// A spelling that nobody mistakes for another word.
const SAFE_SPELLING_PPM: i32 = 900_000;
/// Words of fewer letters turn into other words when two letters change places: "slat" and "salt".
const SWAPPED_LENGTH_MIN: usize = 5;
/// From here on a fit answers a question.
const READ_PPM: i32 = 750_000;
/// How many candidates an answer may have.
pub(crate) const CANDIDATES_MAX: usize = 10;

/// How a name fits an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fit {
    /// How well, 0 to 1,000,000.
    pub(crate) score_ppm: i32,
    kind: FitKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FitKind {
    /// The same key.
    Exact,
    /// The same words, joined, or misspelt in a way that makes no other word.
    Spelling,
    /// Spelt alike or in another order, and maybe something else: "toaster" for "coaster".
    Alike,
    /// The item's name has all the words, and more sizes but no more words: "coke" for "coke 2l".
    Unsized,
    /// The item's name has all the words and ends with them: "bread" for "brown bread". A kind of it.
    Kind,
    /// The item's name has all the words somewhere: "apple" for "apple juice".
    Part,
    /// The item's name has all the words, some of them misspelt.
    MisspeltPart,
    /// The item's name is part of what was said: "bread" for "brown bread".
    Longer,
}

impl Fit {
    /// Returns whether nothing else can have been meant, if nothing else is near.
    fn stands_alone(self, is_whole: bool) -> bool {
        self.score_ppm >= SURE_PPM && self.kind != FitKind::Alike && !(is_whole && self.kind == FitKind::Kind)
    }
}

impl FitKind {
    fn contains_all(self) -> bool {
        matches!(self, Self::Exact | Self::Unsized | Self::Kind | Self::Part)
    }
}

/// What to do with a line whose name has no exact key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision<'a, T> {
    /// This item was meant.
    Accept(&'a T),
    /// Several may have been meant, best first: ask.
    Ask(Vec<(&'a T, Fit)>),
    /// Something new.
    Create,
    /// None; these are near, best first.
    NotFound(Vec<(&'a T, Fit)>),
}

/// Returns how `said` fits an item with the key `known`; `None` when not at all.
pub(crate) fn fit(said: &Key, known: &Key) -> Option<Fit> {
    let fits = |score_ppm, kind| Some(Fit { score_ppm, kind });
    if said == known {
        return fits(1_000_000, FitKind::Exact);
    }
    if said.sizes().iter().any(|size| !known.sizes().contains(size)) && !known.sizes().is_empty() {
        return None; // 2l is not 500ml, however alike the words are
    }
    let sizes_are_known = said.sizes().iter().all(|size| known.sizes().contains(size));
    let same_sizes = said.sizes() == known.sizes();
    if said.words().is_empty() {
        // "2l?" alone: everything of that size.
        return sizes_are_known.then_some(Fit { score_ppm: 800_000, kind: FitKind::Part });
    }
    let coverage = 50_000 * length(said) / length(known).max(1);
    if sizes_are_known && said.words().iter().all(|word| known.words().contains(word)) {
        return match known.words().len() - said.words().len().min(known.words().len()) {
            0 if said.words() == known.words() => fits(900_000 + coverage, FitKind::Unsized),
            // A code is the same wherever it stands; "milk chocolate" is not "chocolate milk".
            0 if plain_words(said).eq(plain_words(known)) => fits(900_000 + coverage, FitKind::Spelling),
            0 => fits(800_000, FitKind::Alike),
            _ if known.words().last() == said.words().last() => fits(880_000 + coverage, FitKind::Kind),
            _ => fits(800_000 + coverage, FitKind::Part),
        };
    }
    if same_sizes && said.words().concat() == known.words().concat() {
        return fits(950_000, FitKind::Spelling);
    }
    if same_sizes && said.words().len() == known.words().len() {
        let pairs = said.words().iter().zip(known.words());
        // The worst word decides: the letters of the others say nothing of it.
        if let Some(typos) = pairs.map(|(said, known)| typo(said, known)).collect::<Option<Vec<_>>>() {
            return if typos.iter().all(|typo| typo.is_safe) {
                fits(SAFE_SPELLING_PPM, FitKind::Spelling)
            } else {
                fits(typos.iter().map(|typo| typo.score_ppm).min().unwrap_or(0), FitKind::Alike)
            };
        }
    }
    if sizes_are_known && said.words().iter().all(|said| known.words().iter().any(|known| typo(said, known).is_some()))
    {
        return fits(650_000 + coverage, FitKind::MisspeltPart);
    }
    if known.words().iter().all(|word| said.words().contains(word)) {
        return fits(650_000, FitKind::Longer);
    }
    None
}

/// The words without codes such as "m8" and "a4".
fn plain_words(key: &Key) -> impl Iterator<Item = &String> {
    key.words().iter().filter(|word| !word.contains(|char: char| char.is_ascii_digit()))
}

/// How a word is misspelt.
struct Typo {
    score_ppm: i32,
    /// Whether it can hardly be another word.
    is_safe: bool,
}

/// Returns how a word is misspelt; `None` for another word.
///
/// Short words and words with digits have no misspellings: "pen" is not "pan", "m8" is not "m6".
fn typo(said: &str, known: &str) -> Option<Typo> {
    if said == known {
        return Some(Typo { score_ppm: 1_000_000, is_safe: true });
    }
    if [said, known].iter().any(|word| word.chars().any(|char| char.is_ascii_digit())) {
        return None;
    }
    let letters = said.chars().count().min(known.chars().count());
    let edits = strsim::damerau_levenshtein(said, known);
    let allowed = match letters {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    if edits > allowed {
        return None;
    }
    let all = i32::try_from(said.chars().count().max(known.chars().count())).unwrap_or(i32::MAX);
    let edits = i32::try_from(edits).expect("at most two");
    Some(Typo {
        score_ppm: 1_000_000 / all * (all - edits),
        is_safe: edits == 1 && (is_swapped(said, known) || is_doubled(said, known) || is_doubled(known, said)),
    })
}

/// Returns whether the words differ by two neighbours that changed places.
fn is_swapped(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let differing: Vec<usize> = (0..one.len().min(other.len())).filter(|place| one[*place] != other[*place]).collect();
    one.len() == other.len()
        && one.len() >= SWAPPED_LENGTH_MIN
        && matches!(differing[..], [first, second] if second == first + 1 && one[first] == other[second] && one[second] == other[first])
}

/// Returns whether `long` is `short` with one of its letters doubled.
fn is_doubled(long: &str, short: &str) -> bool {
    let long: Vec<char> = long.chars().collect();
    (1..long.len()).any(|place| {
        let without = long.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, char)| *char);
        long[place] == long[place - 1] && without.eq(short.chars())
    })
}

fn length(key: &Key) -> i32 {
    i32::try_from(key.words().iter().map(|word| word.chars().count()).sum::<usize>()).unwrap_or(i32::MAX)
}

/// Returns all items that fit, best first, ties in the given order. An item may come with several keys.
pub(crate) fn rank<'a, T>(
    said: &[Key],
    known: impl IntoIterator<Item = (&'a Key, &'a T)>,
    same: impl Fn(&T, &T) -> bool,
) -> Vec<(&'a T, Fit)> {
    let mut ranked: Vec<(&T, Fit)> = Vec::new();
    for (key, item) in known {
        let Some(best) = said.iter().filter_map(|said| fit(said, key)).max_by_key(|fit| fit.score_ppm) else {
            continue;
        };
        match ranked.iter_mut().find(|(other, _)| same(other, item)) {
            Some((_, fit)) if fit.score_ppm >= best.score_ppm => {}
            Some((_, fit)) => *fit = best,
            None => ranked.push((item, best)),
        }
    }
    ranked.sort_by_key(|(_, fit)| std::cmp::Reverse(fit.score_ppm));
    ranked
}

/// Decides what a line that changes stock meant. `is_whole`: it speaks of all there is, so a kind of it is not enough.
pub(crate) fn decide<T>(ranked: Vec<(&T, Fit)>, may_create: bool, is_whole: bool) -> Decision<'_, T> {
    let candidates = |ranked: Vec<(_, Fit)>| ranked.into_iter().take(CANDIDATES_MAX).collect();
    let Some(&(best, fit)) = ranked.first() else {
        return if may_create { Decision::Create } else { Decision::NotFound(Vec::new()) };
    };
    if may_create {
        // What is all of "coke" cannot be written beside two items that are coke, nor be one of them by itself.
        let containing: Vec<_> = ranked.iter().filter(|(_, fit)| fit.kind.contains_all()).copied().collect();
        if is_whole && containing.len() > 1 {
            return Decision::Ask(candidates(containing));
        }
        // Who brings in "apple" does not mean the apple juice, and a first "bread" beside a brown one is a new item; but
        // beside two kinds of bread it takes a question.
        let relevant: Vec<_> = ranked
            .into_iter()
            .filter(|(_, fit)| match fit.kind {
                FitKind::Exact | FitKind::Unsized | FitKind::Kind | FitKind::Spelling | FitKind::Alike => true,
                FitKind::Part | FitKind::MisspeltPart | FitKind::Longer => false,
            })
            .collect();
        return match relevant.as_slice() {
            [] => Decision::Create,
            [(_, only)] if only.kind == FitKind::Kind && !is_whole => Decision::Create,
            [(item, only)] if only.stands_alone(is_whole) => Decision::Accept(item),
            [(item, first), (_, second), ..]
                if first.stands_alone(is_whole) && first.score_ppm >= second.score_ppm + GAP_PPM =>
            {
                Decision::Accept(item)
            }
            _ => Decision::Ask(candidates(relevant)),
        };
    }
    let next_ppm = ranked.get(1).map_or(0, |(_, fit)| fit.score_ppm);
    if fit.stands_alone(is_whole) && fit.score_ppm - next_ppm >= GAP_PPM {
        return Decision::Accept(best);
    }
    let containing_count = ranked.iter().filter(|(_, fit)| fit.kind.contains_all()).count();
    if containing_count > 1 || matches!(fit.kind, FitKind::Kind | FitKind::Alike) || fit.score_ppm >= SURE_PPM {
        Decision::Ask(candidates(ranked))
    } else {
        Decision::NotFound(candidates(ranked))
    }
}

/// Returns what to show of what was asked for, and whether the first fits alone.
///
/// A question shows every item that contains the words; only when there is none, the nearest spelling.
pub(crate) fn answer<T>(ranked: Vec<(&T, Fit)>) -> (Vec<(&T, Fit)>, bool) {
    let containing: Vec<_> = ranked.iter().filter(|(_, fit)| fit.kind.contains_all()).copied().collect();
    if !containing.is_empty() {
        let exact = containing.len() == 1 || containing[0].1.kind == FitKind::Exact;
        return (containing, exact);
    }
    let near: Vec<_> = ranked.into_iter().filter(|(_, fit)| fit.score_ppm >= READ_PPM).collect();
    let exact = near.len() == 1;
    (near, exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf(names: &[&'static str]) -> Vec<(Key, &'static str)> {
        names.iter().map(|name| (Key::of(name).unwrap(), *name)).collect()
    }

    fn decided(said: &str, names: &[&'static str], may_create: bool) -> String {
        decided_of(said, names, may_create, false)
    }

    fn decided_of(said: &str, names: &[&'static str], may_create: bool, is_whole: bool) -> String {
        let shelf = shelf(names);
        let said = [Key::of(said).unwrap()];
        let ranked = rank(&said, shelf.iter().map(|(key, name)| (key, name)), |one, other| one == other);
        match decide(ranked, may_create, is_whole) {
            Decision::Accept(name) => format!("accept {name}"),
            Decision::Ask(names) => {
                format!("ask {}", names.iter().map(|(name, _)| **name).collect::<Vec<_>>().join(", "))
            }
            Decision::Create => "create".to_owned(),
            Decision::NotFound(names) => {
                format!("not found {}", names.iter().map(|(name, _)| **name).collect::<Vec<_>>().join(", "))
                    .trim_end()
                    .to_owned()
            }
        }
    }

    fn shown(said: &str, names: &[&'static str]) -> (Vec<&'static str>, bool) {
        let shelf = shelf(names);
        let said = [Key::of(said).unwrap()];
        let (shown, exact) =
            answer(rank(&said, shelf.iter().map(|(key, name)| (key, name)), |one, other| one == other));
        (shown.into_iter().map(|(name, _)| *name).collect(), exact)
    }

    #[test]
    fn every_item_containing_the_word_is_offered() {
        assert_eq!(
            decided("oil", &["rice bran oil", "sunflower oil 2l", "rice"], false),
            "ask rice bran oil, sunflower oil 2l"
        );
        assert_eq!(decided("rice", &["rice bran oil", "Tastic rice 2kg"], false), "ask Tastic rice 2kg, rice bran oil");
        assert_eq!(shown("oil", &["rice bran oil", "bread", "sunflower oil"]).0.len(), 2);
    }

    #[test]
    fn a_removal_takes_the_only_thing_that_fits() {
        assert_eq!(decided("coke", &["coke 2l", "bread"], false), "accept coke 2l");
        assert_eq!(decided("bread", &["brown bread", "milk"], false), "accept brown bread");
        assert_eq!(decided("tomatos", &["tomatoes"], false), "accept tomatoes");
        assert_eq!(decided("ice cream", &["icecream"], false), "accept icecream");
    }

    #[test]
    fn a_removal_asks_when_it_is_not_clear() {
        assert_eq!(decided("coke", &["coke 2l", "coke 500ml"], false), "ask coke 2l, coke 500ml");
        assert_eq!(decided("bred", &["bread"], false), "ask bread");
        assert_eq!(decided("toaster", &["coaster"], false), "ask coaster");
        assert_eq!(decided("apple", &["apple juice"], false), "not found apple juice");
        assert_eq!(decided("brown bread", &["bread"], false), "not found bread");
        assert_eq!(decided("fish", &["bread"], false), "not found");
    }

    #[test]
    fn sizes_are_never_a_misspelling() {
        assert_eq!(decided("coke 500ml", &["coke 2l"], false), "not found");
        assert_eq!(decided("coke 500ml", &["coke 2l"], true), "create");
        assert_eq!(decided("M8 bolt", &["M6 bolt"], true), "create");
    }

    #[test]
    fn an_addition_creates_unless_something_is_nearly_the_same() {
        assert_eq!(decided("screws", &["bread"], true), "create");
        assert_eq!(decided("apple", &["apple juice"], true), "create");
        assert_eq!(decided("white bread", &["brown bread"], true), "create");
        assert_eq!(decided("bread", &["brown bread"], true), "create");
        assert_eq!(decided("coke", &["coke 2l"], true), "accept coke 2l");
        assert_eq!(decided("coke", &["coke 2l", "coke 500ml"], true), "ask coke 2l, coke 500ml");
        assert_eq!(decided("brwon bread", &["brown bread"], true), "accept brown bread");
        assert_eq!(decided("scerw", &["screw"], true), "accept screw");
    }

    #[test]
    fn only_a_spelling_that_makes_no_other_word_is_taken_without_a_question() {
        for (said, known) in
            [("brocoli", "broccoli"), ("letuce", "lettuce"), ("brwon bread", "brown bread"), ("icecream", "ice cream")]
        {
            for may_create in [true, false] {
                assert_eq!(decided(said, &[known], may_create), format!("accept {known}"));
            }
        }
        for (said, known) in [
            ("toaster", "coaster"),
            ("spanner", "scanner"),
            ("bean", "bead"),
            ("green bean", "green bead"),
            ("large plastic toaster", "large plastic coaster"),
            ("brad", "bread"),
            ("slat", "salt"),
            ("bread brown", "brown bread"),
        ] {
            for may_create in [true, false] {
                assert_eq!(decided(said, &[known], may_create), format!("ask {known}"));
            }
        }
    }

    #[test]
    fn a_code_is_the_same_wherever_it_stands() {
        assert_eq!(decided("m8 screws", &["screw m8"], false), "accept screw m8");
        assert_eq!(decided("m8 screws", &["screw m8", "screw m6"], true), "accept screw m8");
        assert_eq!(decided("m6 screws", &["screw m8"], false), "not found");
        assert_eq!(decided("milk chocolate", &["chocolate milk"], false), "ask chocolate milk");
    }

    #[test]
    fn what_speaks_of_all_there_is_does_not_take_a_kind_of_it() {
        for may_create in [true, false] {
            assert_eq!(decided_of("coke", &["diet coke", "bread"], may_create, true), "ask diet coke");
            assert_eq!(decided_of("coke", &["coke 2l"], may_create, true), "accept coke 2l");
        }
    }

    #[test]
    fn what_speaks_of_all_there_is_asks_which_of_several() {
        let asked = |said, names: &[&'static str]| decided_of(said, names, true, true);
        assert_eq!(asked("screws", &["screw m4", "screw m6", "bread"]), "ask screw m4, screw m6");
        assert_eq!(asked("coke", &["coke 2l", "coke can"]), "ask coke 2l, coke can");
        assert_eq!(asked("apple", &["apple juice", "bread"]), "create");
    }

    #[test]
    fn a_question_shows_all_variants() {
        assert_eq!(
            shown("coke", &["coke 2l", "coke 500ml", "coke can", "bread"]),
            (vec!["coke 2l", "coke 500ml", "coke can"], false)
        );
        assert_eq!(shown("coke", &["coke", "coke 2l"]), (vec!["coke", "coke 2l"], true));
        assert_eq!(shown("bred", &["bread", "milk"]), (vec!["bread"], true));
        assert_eq!(shown("fish", &["bread"]), (vec![], false));
    }
}
