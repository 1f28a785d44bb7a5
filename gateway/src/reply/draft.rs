//! A draft to approve, and a paper that was booked before.

use proto::inventory::v1::MovementKind;
use rust_decimal::Decimal;

use super::language::Language;
use super::limit::cut;
use super::number::quantity;
use super::unit::plural;
use crate::conversation::{DraftLine, Effect, PaperDraft};

/// Lines of a draft that are shown; all of them are saved.
const LINES_SHOWN: usize = 12;
/// UTF-16 units of a name in a draft.
const NAME_MAX: usize = 40;

/// What came of a paper.
#[derive(Clone, Debug)]
pub(crate) enum PaperOutcome {
    /// It waits for approval.
    Draft {
        /// What it holds.
        draft: PaperDraft,
        /// What the ledger makes of each line.
        found: Vec<Found>,
    },
    /// It was booked before.
    Booked {
        /// Its number.
        number: String,
        /// The operation, as people say it.
        reference: String,
        /// Day and month of it in the shop.
        date: Option<(i8, i8)>,
    },
}

/// What the ledger makes of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// An item of the shop, by its name.
    Item(String),
    /// It would be a new item.
    New,
    /// One of several items.
    OneOf(Vec<String>),
    /// The shop has no such item, and it cannot be begun this way.
    Missing,
    /// How many pieces the unit holds is not known.
    Unit,
    /// The item is counted in whole pieces.
    Fraction,
}

/// Returns the titles of the buttons under a draft.
pub(crate) fn draft_buttons(language: Language) -> Vec<&'static str> {
    vec![
        language.pick("Save all", "Stoor alles"),
        language.pick("Fix", "Maak reg"),
        language.pick("Cancel", "Kanselleer"),
    ]
}

pub(super) fn paper(language: Language, outcome: &PaperOutcome) -> String {
    match outcome {
        PaperOutcome::Draft { draft, found } => shown(language, draft, found),
        PaperOutcome::Booked { number, reference, date } => {
            let what = if number.is_empty() { String::new() } else { format!(" {number}") };
            let day = date.map(|date| day(language, date)).unwrap_or_default();
            match language {
                Language::English => {
                    format!("⚠️ This paper{what} was already booked as #{reference}{day}. Nothing added.")
                }
                Language::Afrikaans => {
                    format!("⚠️ Hierdie papier{what} is reeds geboek as #{reference}{day}. Niks bygevoeg nie.")
                }
            }
        }
    }
}

fn day(language: Language, (day, month): (i8, i8)) -> String {
    const ENGLISH: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const AFRIKAANS: [&str; 12] = [
        "Januarie",
        "Februarie",
        "Maart",
        "April",
        "Mei",
        "Junie",
        "Julie",
        "Augustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ];
    let names = match language {
        Language::English => ENGLISH,
        Language::Afrikaans => AFRIKAANS,
    };
    let name = usize::try_from(month - 1).ok().and_then(|month| names.get(month));
    name.map(|name| format!(" {} {day} {name}", language.pick("on", "op"))).unwrap_or_default()
}

fn shown(language: Language, draft: &PaperDraft, found: &[Found]) -> String {
    let count = draft.lines.len();
    let what = [draft.supplier.as_str(), draft.number.as_str()].into_iter().filter(|part| !part.is_empty());
    let what = cut(&what.collect::<Vec<_>>().join(" "), 80);
    let lines = if count == 1 {
        language.pick("1 line", "1 lyn").to_owned()
    } else {
        format!("{count} {}", language.pick("lines", "lyne"))
    };
    let total = draft.total.map(|total| money(&draft.currency, total));
    let head: Vec<String> = [direction(language, draft).to_owned(), what, lines]
        .into_iter()
        .chain(total)
        .filter(|part| !part.is_empty())
        .collect();
    let mut text = vec![format!("🧾 {}", head.join(", "))];
    let shown = draft.lines.iter().zip(found).take(LINES_SHOWN).enumerate();
    text.extend(shown.map(|(index, (line, found))| numbered(language, index + 1, line, found)));
    if count > LINES_SHOWN {
        let more = count - LINES_SHOWN;
        text.push(match language {
            Language::English => format!("… and {more} more, saved with the rest"),
            Language::Afrikaans => format!("… en nog {more}, wat saam gestoor word"),
        });
    }
    if draft.unread_count > 0 {
        let unread = draft.unread_count;
        text.push(match language {
            Language::English => format!("❓ {unread} I could not read: add by hand"),
            Language::Afrikaans => format!("❓ {unread} kon ek nie lees nie: voeg met die hand by"),
        });
    }
    if let Some((sum, total)) = draft.mismatch() {
        let (sum, total) = (money(&draft.currency, sum), money(&draft.currency, total));
        text.push(match language {
            Language::English => format!("⚠️ The lines come to {sum}, the paper says {total}"),
            Language::Afrikaans => format!("⚠️ Die lyne is saam {sum}, die papier sê {total}"),
        });
    }
    text.join("\n")
}

/// What is not plain delivery is said.
fn direction(language: Language, draft: &PaperDraft) -> &'static str {
    match draft.lines.first().map(|line| &line.line.effect) {
        Some(Effect::Count { .. }) => language.pick("Counted", "Getel"),
        Some(Effect::Change { kind, .. } | Effect::All { kind }) if *kind == MovementKind::Sale as i32 => {
            language.pick("Sold", "Verkoop")
        }
        Some(Effect::Change { kind, .. } | Effect::All { kind })
            if [MovementKind::Receipt as i32, MovementKind::Opening as i32].contains(kind) =>
        {
            ""
        }
        Some(Effect::Change { kind, .. }) if *kind == MovementKind::ReturnIn as i32 => {
            language.pick("Came back", "Teruggekom")
        }
        Some(_) => language.pick("Taken off", "Afgetrek"),
        None => "",
    }
}

/// Writes `1 coke 2l 2 cases 🆕`.
fn numbered(language: Language, number: usize, line: &DraftLine, found: &Found) -> String {
    let said = cut(&line.line.item.said, NAME_MAX);
    let name = match found {
        Found::Item(name) if name.to_lowercase() != said.to_lowercase() => format!("{said} → {}", cut(name, NAME_MAX)),
        _ => said,
    };
    let amount = match &line.line.effect {
        Effect::Change { quantity, .. } | Effect::Count { quantity } => held(&line.line.unit, quantity.abs()),
        Effect::All { .. } => language.pick("all", "alles").to_owned(),
    };
    let note = match found {
        Found::Item(_) => String::new(),
        Found::New => " 🆕".to_owned(),
        Found::OneOf(names) => {
            let names: Vec<String> = names.iter().take(3).map(|name| cut(name, NAME_MAX)).collect();
            format!(" ❓ {}?", names.join(language.pick(" or ", " of ")))
        }
        Found::Missing => format!(" ❓ {}", language.pick("not in your stock", "nie in jou voorraad nie")),
        Found::Unit => format!(" ❓ {}", language.pick("how many in one?", "hoeveel in een?")),
        Found::Fraction => format!(" ❓ {}", language.pick("whole pieces only", "net heel stukke")),
    };
    format!("{number} {name} {amount}{note}")
}

fn held(unit: &str, number: Decimal) -> String {
    if unit.is_empty() { quantity(number) } else { format!("{} {}", quantity(number), plural(unit, number)) }
}

fn money(currency: &str, amount: Decimal) -> String {
    let mut amount = amount.round_dp(2);
    amount.rescale(2);
    if currency == "ZAR" || currency.is_empty() { format!("R{amount}") } else { format!("{currency} {amount}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Item, Line};

    fn line(name: &str, number: i64, unit: &str, amount: &str) -> DraftLine {
        let item = Item { said: name.to_owned(), ..Item::default() };
        let effect = Effect::Change { kind: MovementKind::Receipt as i32, quantity: number.into() };
        let line = Line { item, effect, unit: unit.to_owned(), pack_size: None, unit_price: None, is_new: false };
        DraftLine { line, amount: amount.parse().ok() }
    }

    fn jumbo() -> PaperDraft {
        PaperDraft {
            lines: vec![line("COKE 2L", 2, "case", "216.00"), line("BROWN BREAD", 10, "", "116.50")],
            supplier: "Jumbo".to_owned(),
            number: "88213".to_owned(),
            total: "332.50".parse().ok(),
            currency: "ZAR".to_owned(),
            unread_count: 0,
        }
    }

    #[test]
    fn a_draft_reads_as_it_should() {
        let found = vec![Found::Item("coke 2l".to_owned()), Found::New];
        let mut wrong = jumbo();
        wrong.lines.push(line("RICE", 3, "", "100"));
        wrong.unread_count = 1;
        let doubtful = vec![
            Found::Item("coca cola 2l".to_owned()),
            Found::New,
            Found::OneOf(vec!["tastic 2kg".to_owned(), "spekko 2kg".to_owned()]),
        ];
        let long = PaperDraft { lines: vec![line("milk", 1, "", ""); 30], ..PaperDraft::default() };
        let of = |draft, found| paper(Language::English, &PaperOutcome::Draft { draft, found });

        insta::assert_snapshot!(
            [
                of(jumbo(), found),
                of(wrong, doubtful),
                of(long, vec![Found::New; 30]),
                paper(
                    Language::English,
                    &PaperOutcome::Booked { number: "88213".into(), reference: "K7Q2".into(), date: Some((3, 3)) }
                ),
                paper(
                    Language::Afrikaans,
                    &PaperOutcome::Booked { number: String::new(), reference: "K7Q2".into(), date: None }
                ),
            ]
            .join("\n--\n")
        );
    }

    #[test]
    fn the_longest_draft_fits_above_its_buttons() {
        let long = PaperDraft {
            lines: vec![line(&"a".repeat(200), 9_999_999, "", "9999999.99"); 60],
            supplier: "s".repeat(200),
            number: "n".repeat(100),
            total: "1.00".parse().ok(),
            currency: "ZAR".to_owned(),
            unread_count: 3,
        };
        let text = paper(Language::Afrikaans, &PaperOutcome::Draft { draft: long, found: vec![Found::New; 60] });

        assert!(text.encode_utf16().count() <= 1024, "{}", text.encode_utf16().count());
    }
}
