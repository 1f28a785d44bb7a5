//! Makes actions of what a recording or a picture says, in the few shapes that development needs.
//!
//! Lines of a paper: `10 x Coke 2L @ 25.00`, `Invoice INV-7`, `Supplier Mega Foods`, `Total 250.00`.
//! Sentences of a voice note: `added fifty screws and 10 nails`, `sold 3 milk`, `how many screws`.
//! Whatever else is said is "unclear", which is what a model is asked to say of it.

/// What was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) actions: Vec<HeardAction>,
    pub(super) document_number: Option<String>,
    pub(super) supplier: Option<String>,
    pub(super) total: Option<String>,
}

/// One line of stock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct HeardAction {
    pub(super) intent: &'static str,
    pub(super) item: Option<String>,
    pub(super) quantity: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) price: Option<String>,
    pub(super) reason: Option<&'static str>,
}

const VERBS: [(&str, &[&str]); 3] = [
    ("add", &["added", "add", "received", "receive", "got", "bought", "restocked", "delivered"]),
    ("remove", &["sold", "sell", "used", "removed", "remove", "took", "threw", "lost", "gave"]),
    ("set", &["counted", "count", "have"]),
];
const UNITS: [&str; 14] =
    ["box", "boxes", "kg", "g", "l", "litres", "packs", "pack", "bags", "bag", "cases", "case", "bottles", "crates"];
const FILLERS: [&str; 6] = ["x", "of", "the", "a", "an", "×"];
const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// Reads a paper, line by line: what stands on it came in.
pub(super) fn paper(words: &str) -> Heard {
    let mut heard = Heard::default();
    for line in words.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(number) = after(line, &["invoice", "delivery note", "order"]) {
            heard.document_number = Some(number);
        } else if let Some(supplier) = after(line, &["supplier", "from"]) {
            heard.supplier = Some(supplier);
        } else if let Some(total) = after(line, &["total"]) {
            heard.total = Some(total.trim_start_matches(['R', ' ']).to_owned());
        } else {
            heard.actions.extend(clause(line, Some("add")).filter(|action| action.quantity.is_some()));
        }
    }
    heard
}

/// Listens to a voice note: a clause without a verb goes on with the one before it.
pub(super) fn voice(words: &str) -> Heard {
    let mut verb = None;
    let mut actions = Vec::new();
    for part in words.split(['.', ',', ';', '!', '?', '\n']).flat_map(|sentence| sentence.split(" and ")) {
        let Some(action) = clause(part, verb) else { continue };
        verb = Some(action.intent).filter(|intent| VERBS.iter().any(|(verb, _)| verb == intent));
        actions.push(action);
    }
    Heard { actions, ..Heard::default() }
}

fn after(line: &str, labels: &[&str]) -> Option<String> {
    let lower = line.to_ascii_lowercase();
    let label = labels.iter().find(|label| lower.starts_with(**label))?;
    let rest = line[label.len()..].trim_start_matches([':', '#', ' ']).trim_start_matches("no ").trim();
    (!rest.is_empty()).then(|| rest.to_owned())
}

fn clause(text: &str, verb: Option<&'static str>) -> Option<HeardAction> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let is = |index: usize, wanted: &[&str]| lower.get(index).is_some_and(|word| wanted.contains(&word.as_str()));
    if words.is_empty() {
        return None;
    }
    if is(0, &["how"]) && is(1, &["many", "much"]) {
        return Some(HeardAction { intent: "query", item: name(&words[2..]), ..HeardAction::default() });
    }
    let said = VERBS.iter().find(|(_, verbs)| lower.iter().any(|word| verbs.contains(&word.as_str())));
    let intent = said.map(|(intent, _)| *intent).or(verb).unwrap_or("unclear");
    let start = lower
        .iter()
        .position(|word| VERBS.iter().any(|(_, verbs)| verbs.contains(&word.as_str())))
        .map_or(0, |index| index + 1);
    let (before, price) = with_price(&words[start..]);
    let Some((quantity, rest)) = quantity(before) else {
        return Some(HeardAction { intent: "unclear", item: name(before), ..HeardAction::default() });
    };
    let (unit, rest) = match rest {
        [unit, of, rest @ ..] if UNITS.contains(&unit.to_lowercase().as_str()) && of.eq_ignore_ascii_case("of") => {
            (Some((*unit).to_owned()), rest)
        }
        rest => (None, rest),
    };
    let reason = lower.iter().any(|word| word == "sold").then_some("sale");
    Some(HeardAction { intent, item: name(rest), quantity: Some(quantity), unit, price, reason })
}

fn with_price<'a>(words: &'a [&'a str]) -> (&'a [&'a str], Option<String>) {
    let at = words.iter().position(|word| *word == "@" || *word == "at");
    let price = at.and_then(|at| words.get(at + 1)).map(|word| word.trim_start_matches('R').to_owned());
    match (at, price.filter(|price| is_digits(price))) {
        (Some(at), Some(price)) => (&words[..at], Some(price)),
        _ => (words, None),
    }
}

/// Returns the first number of a clause as digits, and the words behind it.
fn quantity<'a>(words: &'a [&'a str]) -> Option<(String, &'a [&'a str])> {
    let first = words.iter().position(|word| is_digits(word) || small(word).is_some() || tens(word).is_some())?;
    if is_digits(words[first]) {
        return Some((words[first].to_owned(), &words[first + 1..]));
    }
    let mut end = first;
    let mut sum: u32 = 0;
    while let Some(word) = words.get(end) {
        match (small(word), tens(word), word.eq_ignore_ascii_case("hundred")) {
            (Some(value), ..) | (None, Some(value), _) => sum += value,
            (None, None, true) => sum *= 100,
            (None, None, false) => break,
        }
        end += 1;
    }
    Some((sum.to_string(), &words[end..]))
}

fn small(word: &str) -> Option<u32> {
    SMALL.iter().position(|small| word.eq_ignore_ascii_case(small)).and_then(|value| u32::try_from(value).ok())
}

fn tens(word: &str) -> Option<u32> {
    TENS.iter().position(|tens| word.eq_ignore_ascii_case(tens)).and_then(|place| u32::try_from(place * 10 + 20).ok())
}

fn is_digits(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_digit() || c == '.')
}

fn name(words: &[&str]) -> Option<String> {
    let rest: Vec<&str> =
        words.iter().copied().skip_while(|word| FILLERS.contains(&word.to_lowercase().as_str())).collect();
    (!rest.is_empty()).then(|| rest.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(intent: &'static str, quantity: &str, item: &str) -> HeardAction {
        HeardAction {
            intent,
            quantity: Some(quantity.to_owned()),
            item: Some(item.to_owned()),
            ..HeardAction::default()
        }
    }

    #[test]
    fn voice_notes_are_understood_clause_by_clause() {
        let heard = voice("Added fifty screws and 10 nails. How many bolts?");

        assert_eq!(heard.actions[0], line("add", "50", "screws"));
        assert_eq!(heard.actions[1], line("add", "10", "nails"));
        assert_eq!((heard.actions[2].intent, heard.actions[2].item.as_deref()), ("query", Some("bolts")));
        assert_eq!(voice("we sold twenty five milk").actions[0].quantity.as_deref(), Some("25"));
        assert_eq!(voice("received two boxes of bread").actions[0].unit.as_deref(), Some("boxes"));
        assert_eq!(voice("good morning everyone").actions[0].intent, "unclear");
    }

    #[test]
    fn papers_are_read_line_by_line() {
        let heard =
            paper("Invoice INV-7\nSupplier: Mega Foods\n10 x Coke 2L @ 25.00\n3 Bread\nTotal R250.00\nThank you");

        assert_eq!(heard.document_number.as_deref(), Some("INV-7"));
        assert_eq!(heard.supplier.as_deref(), Some("Mega Foods"));
        assert_eq!(heard.total.as_deref(), Some("250.00"));
        assert_eq!(heard.actions[0], HeardAction { price: Some("25.00".to_owned()), ..line("add", "10", "Coke 2L") });
        assert_eq!(heard.actions[1], line("add", "3", "Bread"));
        assert_eq!(heard.actions.len(), 2);
    }
}
