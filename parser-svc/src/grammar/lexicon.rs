//! The words of every language, read once from the data files under `lexicon/`. Adding a language is adding a file.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::conjugation::{Conjugation, ConjugationFile};
use super::normalise::{normalised_text, without_marks};
use super::template::Template;

/// The data files, English first: it wins when two languages spell a phrase alike.
const FILES: [&str; 5] = [
    include_str!("../../lexicon/en.json"),
    include_str!("../../lexicon/af.json"),
    include_str!("../../lexicon/zu.json"),
    include_str!("../../lexicon/xh.json"),
    include_str!("../../lexicon/st.json"),
];

/// Most words in one phrase.
pub const MAX_PHRASE_WORDS: usize = 6;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::load);

/// Returns the lexicon of all languages.
pub fn lexicon() -> &'static Lexicon {
    &LEXICON
}

/// What a verb says about stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Came in.
    Add,
    /// A customer brought it back.
    ReturnIn,
    /// Went out, nobody said why.
    Remove,
    /// Went out as a sale.
    Sale,
    /// Broke, spoiled, expired.
    Waste,
    /// Stolen.
    Theft,
    /// Used by the shop.
    OwnUse,
    /// Given away.
    Gift,
    /// Went back to the supplier.
    ReturnOut,
    /// Counted.
    Count,
    /// Is there: a count, unless another verb says what became of it ("i have sold").
    Has,
    /// First load.
    Opening,
    /// From one place to another.
    Move,
}

/// What a word does in a sentence, beside verbs, units, numbers and names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Class {
    /// Says nothing about stock: "please", "um", "boss".
    Filler,
    /// "hello".
    Hello,
    /// "thanks".
    Thanks,
    /// "yes".
    Yes,
    /// "no".
    No,
    /// Denies what is said: "didn't", "not", "never".
    Not,
    /// "a", "an": one.
    Article,
    /// "the", "my".
    Determiner,
    /// "of".
    Of,
    /// "and".
    And,
    /// "each", "apiece".
    Each,
    /// "all", "everything".
    All,
    /// "some", "a few": a number nobody can know.
    Vague,
    /// "a couple of": two, loosely.
    Couple,
    /// A direction by itself: "in".
    ComeIn,
    /// A direction by itself: "out".
    GoOut,
    /// "from".
    From,
    /// "to".
    To,
    /// "for".
    For,
    /// "on", "at", "with", "by".
    Preposition,
    /// "on credit".
    Credit,
    /// "cash".
    Cash,
    /// "left", "remaining".
    Left,
    /// "stale", "broken": a state that makes waste.
    Spoilt,
    /// "red", "large": says which, not what.
    Adjective,
    /// "what", "how", "did".
    Question,
    /// "will", "going to", "need": not yet so.
    Wish,
    /// "if".
    If,
    /// "is", "was", "because": never inside a name.
    Function,
    /// "no wait", "sorry", "I mean": what follows replaces what stands before.
    Repair,
    /// "the last".
    Last,
    /// "rand".
    Money,
    /// "i", "we", "somebody": who did it.
    Person,
    /// "more", "another".
    More,
    /// "total".
    Total,
    /// "about", "almost": the number or the deed is not certain.
    About,
    /// "than": compares and moves nothing.
    Than,
    /// "i want to": an order or a hope, as the verb after it says.
    Wanting,
}

/// A set of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Classes(u64);

impl Classes {
    /// Whether the class is in the set.
    pub fn has(self, class: Class) -> bool {
        self.0 & (1 << class as u8) != 0
    }

    /// Whether no class is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// A set of one.
    pub fn only(class: Class) -> Self {
        let mut classes = Self::default();
        classes.insert(class);
        classes
    }

    /// Adds one.
    pub fn insert(&mut self, class: Class) {
        self.0 |= 1 << class as u8;
    }
}

/// What is known of a phrase.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// What it does.
    pub classes: Classes,
    /// What it says about stock, when it is a verb.
    pub verb: Option<Verb>,
    /// The unit it names, in English.
    pub unit: Option<String>,
    /// The number it names.
    pub number: Option<Decimal>,
    /// The time it names, in canonical English.
    pub when: Option<String>,
    /// Languages that know it, one bit for each file.
    pub languages: u8,
}

/// A verb in two parts: "voeg ... by".
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Separable {
    /// Its first part.
    pub head: String,
    /// Its last part.
    pub particle: String,
    /// What it says about stock.
    pub verb: Verb,
}

/// One noun of a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noun {
    /// Its English name, empty when it is English.
    pub english: String,
    /// The language it is of, as an index of the files.
    pub language: u8,
}

/// The words of every language.
pub struct Lexicon {
    /// Codes of the languages in the order of the files.
    pub languages: Vec<String>,
    /// Phrases by their words, joined by one space.
    pub phrases: HashMap<String, Entry>,
    /// Words that begin a phrase of more than one word.
    phrase_heads: HashSet<String>,
    /// Verbs in two parts.
    pub separable: Vec<Separable>,
    /// Known nouns by their singular.
    pub nouns: HashMap<String, Noun>,
    /// Irregular plurals.
    pub plurals: HashMap<String, String>,
    /// Words that look like a plural and are none.
    pub invariant: HashSet<String>,
    /// What an emoji or another sign stands for.
    pub signs: HashMap<char, String>,
    /// Units that imply an item: a loaf is bread.
    pub implied_items: HashMap<String, String>,
    /// Units that measure instead of counting.
    pub measures: HashSet<String>,
    /// Prefixes glued to a number by a hyphen: "ezi-5".
    pub number_prefixes: HashSet<String>,
    /// Prefixes glued to a noun: "ama-coke".
    pub noun_prefixes: Vec<String>,
    /// Prefixes that say "and": "ne-milk".
    pub and_prefixes: Vec<String>,
    /// Languages with the prefix "no", one bit for each file.
    languages_with_no: u8,
    /// Months by name.
    pub months: HashMap<String, String>,
    /// Phrases that speak to the reader instead of the shop.
    pub suspicious: Vec<Vec<String>>,
    /// What may stand before a question: "can you tell me".
    pub wrappers: Vec<Vec<String>>,
    /// How thumbs spell words of the grammar: "hw" for "how".
    pub spellings: HashMap<String, String>,
    /// Numbers that sound like another word: "to" for two.
    pub homophones: HashMap<String, Decimal>,
    /// What a verb means when somebody else is its subject: what a customer bought, the shop sold.
    pub by_others: HashMap<String, Verb>,
    /// Who speaks: "i", "we".
    pub speakers: HashSet<String>,
    /// What arrives or leaves without being an item: "stock", "delivery".
    pub subjects: HashSet<String>,
    /// What stands before a verb and says nothing of its own: "is", "are".
    pub auxiliaries: HashSet<String>,
    /// What a word does only when it carries its mark: "môre" is tomorrow, "more" is not.
    pub marked: HashMap<String, Class>,
    /// Places in a list: "first".
    pub ordinals: HashMap<String, Decimal>,
    /// What may stand beside the number of a row: "option 2".
    pub row_words: HashSet<String>,
    /// Verbs that are built of parts: isiZulu, isiXhosa.
    conjugations: Vec<Conjugation>,
    /// Whole turns.
    pub turns: Vec<Turn>,
}

/// A turn of the conversation and the words for it.
pub struct Turn {
    /// What it means.
    pub meaning: Meaning,
    /// The words.
    pub template: Template,
}

/// What a turn means. The names are those of the data files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    List,
    LowStock,
    OutOfStock,
    Query,
    QueryPrice,
    QueryAfter,
    QueryCheck,
    QueryIt,
    Undo,
    UndoMaybe,
    UndoCount,
    UndoItem,
    UndoLine,
    Redo,
    Help,
    HelpCounting,
    HelpHuman,
    CallHuman,
    Hello,
    Thanks,
    Nothing,
    Yes,
    No,
    Cancel,
    ReportSummary,
    ReportSales,
    ReportRevenue,
    ReportProfit,
    ReportTop,
    ReportHistory,
    ReportValue,
    Export,
    Threshold,
    ThresholdOff,
    Rename,
    Alias,
    Merge,
    CountStart,
    CountClose,
    CountSkip,
    SetPrice,
    Set,
    SetZero,
    SetLeft,
    SetAllZero,
    SoldAll,
    GoneAll,
    PartGone,
    MemberAdd,
    MemberRemove,
    SwitchShop,
    Order,
    Reserve,
    Unsupported,
    Attachment,
    ZeroOrCancel,
    MoreOf,
    OwesFor,
    CorrectQuantity,
    CorrectItem,
    CorrectUnit,
    CorrectWhen,
    CorrectPrice,
    CorrectLine,
    CorrectNamed,
    WrongItem,
    SameAgain,
    Transfer,
    PackSize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    language: String,
    #[serde(default)]
    verbs: BTreeMap<Verb, Vec<String>>,
    #[serde(default)]
    separable: Vec<Separable>,
    #[serde(default)]
    words: BTreeMap<Class, Vec<String>>,
    #[serde(default)]
    when: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    months: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    units: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    measures: Vec<String>,
    #[serde(default)]
    implied_items: BTreeMap<String, String>,
    #[serde(default)]
    numbers: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    nouns: BTreeMap<String, String>,
    #[serde(default)]
    known_nouns: Vec<String>,
    #[serde(default)]
    plurals: BTreeMap<String, String>,
    #[serde(default)]
    invariant: Vec<String>,
    #[serde(default)]
    signs: BTreeMap<char, String>,
    #[serde(default)]
    number_prefixes: Vec<String>,
    #[serde(default)]
    noun_prefixes: Vec<String>,
    #[serde(default)]
    and_prefixes: Vec<String>,
    #[serde(default)]
    suspicious: Vec<String>,
    #[serde(default)]
    wrappers: Vec<String>,
    #[serde(default)]
    spellings: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    homophones: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    by_others: BTreeMap<Verb, Vec<String>>,
    #[serde(default)]
    speakers: Vec<String>,
    #[serde(default)]
    subjects: Vec<String>,
    #[serde(default)]
    auxiliaries: Vec<String>,
    #[serde(default)]
    marked: BTreeMap<Class, Vec<String>>,
    #[serde(default)]
    ordinals: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    row_words: Vec<String>,
    #[serde(default)]
    conjugation: Option<ConjugationFile>,
    #[serde(default)]
    turns: BTreeMap<Meaning, Vec<String>>,
}

impl Lexicon {
    fn load() -> Self {
        let mut lexicon = Self {
            languages: Vec::new(),
            phrases: HashMap::new(),
            phrase_heads: HashSet::new(),
            separable: Vec::new(),
            nouns: HashMap::new(),
            plurals: HashMap::new(),
            invariant: HashSet::new(),
            signs: HashMap::new(),
            implied_items: HashMap::new(),
            measures: HashSet::new(),
            number_prefixes: HashSet::new(),
            noun_prefixes: Vec::new(),
            and_prefixes: Vec::new(),
            languages_with_no: 0,
            months: HashMap::new(),
            suspicious: Vec::new(),
            wrappers: Vec::new(),
            spellings: HashMap::new(),
            homophones: HashMap::new(),
            by_others: HashMap::new(),
            speakers: HashSet::new(),
            subjects: HashSet::new(),
            auxiliaries: HashSet::new(),
            marked: HashMap::new(),
            ordinals: HashMap::new(),
            row_words: HashSet::new(),
            conjugations: Vec::new(),
            turns: Vec::new(),
        };
        for text in FILES {
            let file: File = serde_json::from_str(text).expect("lexicon files are read by a test");
            lexicon.absorb(file);
        }
        // Longest prefix first, so that "izi" is not read as "i".
        lexicon.noun_prefixes.sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
        lexicon.and_prefixes.sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
        lexicon
    }

    fn absorb(&mut self, file: File) {
        let language = u8::try_from(self.languages.len()).expect("five languages fit");
        self.languages.push(file.language);
        for (verb, phrases) in file.verbs {
            for phrase in phrases {
                self.entry(&phrase, language).verb.get_or_insert(verb);
            }
        }
        for (class, phrases) in file.words {
            for phrase in phrases {
                self.entry(&phrase, language).classes.insert(class);
            }
        }
        for (canonical, phrases) in file.when {
            for phrase in phrases {
                self.entry(&phrase, language).when.get_or_insert_with(|| canonical.clone());
            }
        }
        for (canonical, phrases) in file.units {
            for phrase in phrases {
                self.entry(&phrase, language).unit.get_or_insert_with(|| canonical.clone());
            }
        }
        for (value, phrases) in file.numbers {
            let value: Decimal = value.parse().expect("numbers of the lexicon are decimals");
            for phrase in phrases {
                self.entry(&phrase, language).number.get_or_insert(value);
            }
        }
        for (noun, english) in file.nouns {
            self.nouns.entry(key_of(&noun)).or_insert(Noun { english, language });
        }
        for noun in file.known_nouns {
            self.nouns.entry(key_of(&noun)).or_insert(Noun { english: String::new(), language });
        }
        for (canonical, names) in file.months {
            self.months.extend(names.iter().map(|name| (key_of(name), canonical.clone())));
        }
        self.separable.extend(file.separable);
        self.plurals.extend(file.plurals.iter().map(|(plural, singular)| (key_of(plural), singular.clone())));
        self.invariant.extend(file.invariant.iter().map(|word| key_of(word)));
        self.signs.extend(file.signs);
        self.implied_items.extend(file.implied_items);
        self.measures.extend(file.measures);
        self.number_prefixes.extend(file.number_prefixes);
        self.noun_prefixes.extend(file.noun_prefixes);
        if file.and_prefixes.iter().any(|prefix| prefix == "no") {
            self.languages_with_no |= 1 << language;
        }
        self.and_prefixes.extend(file.and_prefixes);
        self.suspicious.extend(file.suspicious.iter().map(|phrase| phrase.split(' ').map(String::from).collect()));
        self.wrappers.extend(file.wrappers.iter().map(|phrase| key_of(phrase).split(' ').map(String::from).collect()));
        for (word, spellings) in file.spellings {
            self.spellings.extend(spellings.iter().map(|spelling| (key_of(spelling), word.clone())));
        }
        for (value, words) in file.homophones {
            let value: Decimal = value.parse().expect("numbers of the lexicon are decimals");
            self.homophones.extend(words.iter().map(|word| (key_of(word), value)));
        }
        self.auxiliaries.extend(file.auxiliaries.iter().map(|word| key_of(word)));
        for (class, words) in file.marked {
            self.marked.extend(words.iter().map(|word| (normalised_text(word), class)));
        }
        for (value, words) in file.ordinals {
            let value: Decimal = value.parse().expect("numbers of the lexicon are decimals");
            self.ordinals.extend(words.iter().map(|word| (key_of(word), value)));
        }
        self.row_words.extend(file.row_words.iter().map(|word| key_of(word)));
        for (verb, phrases) in file.by_others {
            self.by_others.extend(phrases.iter().map(|phrase| (key_of(phrase), verb)));
        }
        self.speakers.extend(file.speakers.iter().map(|word| key_of(word)));
        self.subjects.extend(file.subjects.iter().map(|word| key_of(word)));
        self.conjugations.extend(file.conjugation.map(|parts| Conjugation::new(parts, language)));
        for (meaning, templates) in file.turns {
            for template in templates {
                self.turns.push(Turn { meaning, template: Template::parse(&template) });
            }
        }
    }

    fn entry(&mut self, phrase: &str, language: u8) -> &mut Entry {
        let key = key_of(phrase);
        if let Some((head, _)) = key.split_once(' ') {
            self.phrase_heads.insert(head.to_owned());
        }
        let entry = self.phrases.entry(key).or_default();
        entry.languages |= 1 << language;
        entry
    }

    /// Returns what is known of a word by itself.
    pub fn word(&self, key: &str) -> Option<&Entry> {
        self.phrases.get(key)
    }

    /// Returns what is known of a verb that is built of parts, if the word is one.
    pub fn conjugated(&self, key: &str) -> Option<Entry> {
        if key.len() < 6 || self.is_noun(key) || self.plurals.contains_key(key) {
            return None;
        }
        self.conjugations.iter().find_map(|conjugation| conjugation.read(key))
    }

    /// Whether a word is only of languages where "no" joins.
    pub fn says_and_with_no(&self, languages: u8) -> bool {
        languages != 0 && languages & !self.languages_with_no == 0
    }

    /// Whether a phrase of more than one word may begin with this word.
    pub fn begins_phrase(&self, key: &str) -> bool {
        self.phrase_heads.contains(key)
    }

    /// Whether the word is the name of something, in any language.
    pub fn is_noun(&self, key: &str) -> bool {
        self.nouns.contains_key(key)
    }
}

/// The form in which phrases are looked up.
pub fn key_of(phrase: &str) -> String {
    without_marks(&normalised_text(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lexicon_file_is_well_formed() {
        assert_eq!(lexicon().languages, ["en", "af", "zu", "xh", "st"]);
    }

    #[test]
    fn no_phrase_is_longer_than_the_tagger_looks() {
        for phrase in lexicon().phrases.keys() {
            assert!(phrase.split(' ').count() <= MAX_PHRASE_WORDS, "{phrase}");
        }
    }

    #[test]
    fn every_irregular_plural_leads_to_a_word_of_its_own() {
        for (plural, singular) in &lexicon().plurals {
            assert!(!lexicon().plurals.contains_key(singular) || plural == singular, "{plural} -> {singular}");
        }
    }
}
