//! Reports, the explanation of a number, and files, in words: at most a screenful of a cheap phone.

use proto::inventory::v1::MovementKind;
use rust_decimal::Decimal;

use super::catalogue::{Count, Message, Name, words};
use super::language::Language;
use super::limit::cut;
use super::number::{money, quantity};
use super::unit::measure;
use super::upkeep::{Event, line};
use crate::conversation::{About, Called, Days, Export};

/// Items that are named in one line.
const NAMED_MAX: usize = 3;
/// UTF-16 units of an item's name beside others.
const NAME_MAX: usize = 30;

/// What happened in some days.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// What it is about.
    pub about: About,
    /// Which days.
    pub days: Days,
    /// ISO 4217 code of all money in it.
    pub currency: String,
    /// A total for each way in which something happened.
    pub totals: Vec<Total>,
    /// What was sold for most.
    pub best: Vec<Sold>,
    /// Lines of sales and receipts without a price.
    pub unpriced_count: usize,
    /// What was earned, over the lines of sales where that is known, and how many these are.
    pub margin: Option<(Decimal, usize)>,
    /// Names and quantities of what runs low; empty: nothing, or nobody asked.
    pub low: Vec<(String, Decimal)>,
}

/// What happened in one way.
#[derive(Clone, Debug)]
pub(crate) struct Total {
    /// The way; the number is an i32 of the proto's `MovementKind`.
    pub kind: i32,
    /// How many lines.
    pub line_count: usize,
    /// How much and in which unit, where all of it is kept in one.
    pub amount: Option<(Decimal, String)>,
    /// What it is worth, over the lines where that is known.
    pub value: Option<Decimal>,
    /// How many lines are not in that.
    pub unvalued_count: usize,
}

/// What was sold of an item.
#[derive(Clone, Debug)]
pub(crate) struct Sold {
    /// Its name.
    pub name: String,
    /// How much.
    pub amount: Decimal,
    /// Its base unit.
    pub base_unit: String,
    /// For how much, where that is known.
    pub value: Option<Decimal>,
}

/// What came of a question about some days, a number or a file.
#[derive(Clone, Debug)]
pub(crate) enum Reported {
    /// What happened in some days.
    Told(Told),
    /// What was sold of the items that fit a name.
    SoldOf {
        /// What was said.
        said: String,
        /// In which days.
        days: Days,
        /// ISO 4217 code of the money.
        currency: String,
        /// What was sold.
        items: Vec<Sold>,
        /// Whether some of them may have been sold and are not in it.
        is_open: bool,
    },
    /// What the stock cost.
    Worth {
        /// ISO 4217 code of the money.
        currency: String,
        /// What it cost, over the items where that is known.
        value: Option<Decimal>,
        /// How many items are in it.
        valued_count: usize,
        /// How many are not.
        unvalued_count: usize,
    },
    /// How the number of an item came about.
    Explained {
        /// Its name.
        name: String,
        /// What is on hand.
        on_hand: Decimal,
        /// Its base unit.
        base_unit: String,
        /// When it was counted last, by whom, and what was there.
        counted: Option<(String, String, Decimal)>,
        /// What happened since, oldest first.
        events: Vec<Event>,
        /// How many older ones are not told.
        omitted_count: usize,
        /// The movement since which it is below zero.
        below: Option<Event>,
    },
    /// A file is sent.
    File(Export),
}

/// Says what came of it.
pub(super) fn reported(language: Language, reported: &Reported) -> String {
    match reported {
        Reported::Told(told) => told_of(language, told),
        Reported::SoldOf { said, days, currency, items, is_open } => {
            sold_of(language, said, *days, currency, items, *is_open)
        }
        Reported::Worth { currency, value, valued_count, unvalued_count } => {
            worth(language, currency, *value, *valued_count, *unvalued_count)
        }
        Reported::Explained { name, on_hand, base_unit, counted, events, omitted_count, below } => {
            let mut lines = Vec::new();
            match counted {
                Some((when, person, counted)) => {
                    let who = [when.as_str(), person.as_str()].into_iter().filter(|part| !part.is_empty());
                    let (who, amount) = (who.collect::<Vec<_>>().join(" "), quantity(*counted));
                    lines.push(words(language, Message::LastCounted { who: &who, amount: &amount }));
                }
                None => lines.push(words(language, Message::NeverCounted)),
            }
            if *omitted_count > 0 {
                lines.push(words(language, Message::ReportOlder { amount: &omitted_count.to_string() }));
            }
            lines.extend(events.iter().map(|event| line(language, event)));
            if let Some(below) = below {
                lines.push(words(language, Message::BelowSince { when: &below.when }));
            }
            if on_hand.is_sign_negative() && !on_hand.is_zero() {
                lines.push(words(language, Message::WriteDown { item: Name(name) }));
            }
            let balance = format!("{}{}", quantity(*on_hand), measure(language, base_unit, *on_hand));
            words(language, Message::History { item: Name(name), balance: &balance, lines: &lines.join("\n") })
        }
        Reported::File(export) => file(language, export),
    }
}

/// Returns the days as they are shown: a name where they have one, and digits.
pub(super) fn shown(language: Language, days: Days) -> String {
    let digits = match (days.first, days.last) {
        (first, last) if first == last => first.strftime("%-d/%-m").to_string(),
        (first, last) => format!("{} – {}", first.strftime("%-d/%-m"), last.strftime("%-d/%-m")),
    };
    match days.called.map(|called| words(language, name(called))) {
        Some(name) => format!("{name} {digits}"),
        None => digits,
    }
}

/// Returns what stands on a button for such a file.
pub(super) fn title(language: Language, export: &Export) -> String {
    match export.movements {
        Some(Days { called: Some(called), .. }) => words(language, name(called)),
        Some(days) => shown(language, days),
        None => words(language, Message::ButtonYes),
    }
}

/// Says that a file would be too large, and what may be had instead.
pub(super) fn too_large(language: Language, of: &Export, shorter: &[Export]) -> String {
    words(
        language,
        match of.movements {
            None => Message::StockFileTooLarge,
            Some(_) if shorter.is_empty() => Message::DayFileTooLarge,
            Some(_) => Message::FewerDays,
        },
    )
}

fn name(called: Called) -> Message<'static> {
    match called {
        Called::Today => Message::ButtonToday,
        Called::Yesterday => Message::ButtonYesterday,
        Called::ThisWeek => Message::ThisWeek,
        Called::ThisMonth => Message::ThisMonth,
    }
}

fn told_of(language: Language, told: &Told) -> String {
    let days = shown(language, told.days);
    let lines = match told.about {
        _ if told.totals.is_empty() => return words(language, Message::ReportNothing { days: &days }),
        About::Everything | About::Worth => everything(language, told),
        About::Sales => sales(language, told),
        About::Revenue => return revenue(language, told, &days),
        About::Profit => return profit(language, told, &days),
        About::Best => best(language, told),
    };
    std::iter::once(format!("📊 {days}")).chain(lines).collect::<Vec<_>>().join("\n")
}

fn everything(language: Language, told: &Told) -> Vec<String> {
    let mut lines = kinds(language, told);
    if !told.best.is_empty() {
        let items = named(told.best.iter().map(|sold| (sold.name.as_str(), sold.amount)));
        lines.push(words(language, Message::ReportBest { items: &items }));
    }
    if !told.low.is_empty() {
        let items = named(told.low.iter().map(|(name, left)| (name.as_str(), *left)));
        lines.push(words(language, Message::ReportLow { items: &items }));
    }
    if let Some((margin, count)) = told.margin {
        let (money, count, amount) = (money(&told.currency, margin), Count::of(count), count.to_string());
        lines.push(words(language, Message::ReportMargin { count, amount: &amount, money: &money }));
    }
    lines.extend(without_price(language, told, &[]));
    lines
}

fn sales(language: Language, told: &Told) -> Vec<String> {
    let Some(total) = of_kind(told, MovementKind::Sale) else {
        return vec![words(language, Message::NothingSold)];
    };
    let mut lines = vec![labelled(language, Message::WasSold, total, &told.currency)];
    lines.extend(told.best.iter().map(|sold| of_item(language, sold, &told.currency)));
    lines.extend(
        of_kind(told, MovementKind::ReturnIn).map(|back| labelled(language, Message::CameBack, back, &told.currency)),
    );
    lines.extend(without_price(language, told, &[total]));
    lines
}

fn best(language: Language, told: &Told) -> Vec<String> {
    if told.best.is_empty() {
        return vec![words(language, Message::NothingSold)];
    }
    let numbered = told.best.iter().enumerate();
    numbered.map(|(place, sold)| format!("{} {}", place + 1, of_item(language, sold, &told.currency))).collect()
}

fn revenue(language: Language, told: &Told, days: &str) -> String {
    let Some(total) = of_kind(told, MovementKind::Sale) else {
        return format!("📊 {days}\n{}", words(language, Message::NothingSold));
    };
    let Some(value) = total.value else {
        return words(language, Message::RevenueUnknown { days });
    };
    let money = money(&told.currency, value);
    let mut lines = vec![words(language, Message::Revenue { days, money: &money })];
    lines.push(labelled(language, Message::WasSold, &Total { value: None, ..total.clone() }, &told.currency));
    lines.extend(without_price(language, told, &[total]));
    lines.join("\n")
}

fn profit(language: Language, told: &Told, days: &str) -> String {
    let Some(total) = of_kind(told, MovementKind::Sale) else {
        return format!("📊 {days}\n{}", words(language, Message::NothingSold));
    };
    let Some((margin, count)) = told.margin else {
        return words(language, Message::ProfitUnknown { days });
    };
    let money = money(&told.currency, margin);
    let mut text = words(language, Message::Profit { days, money: &money });
    let missing = total.line_count.saturating_sub(count);
    if missing > 0 {
        let (count, amount) = (Count::of(missing), missing.to_string());
        text.push('\n');
        text.push_str(&words(language, Message::NotInProfit { count, amount: &amount }));
    }
    text
}

fn worth(language: Language, currency: &str, value: Option<Decimal>, valued: usize, unvalued: usize) -> String {
    if valued == 0 && unvalued == 0 {
        return words(language, Message::NothingInStock);
    }
    let Some(value) = value else { return words(language, Message::WorthUnknown) };
    let money = money(currency, value);
    let mut text = words(language, Message::Worth { money: &money });
    if unvalued > 0 {
        let (count, amount) = (Count::of(unvalued), unvalued.to_string());
        text.push('\n');
        text.push_str(&words(language, Message::NotInWorth { count, amount: &amount }));
    }
    text
}

fn sold_of(language: Language, said: &str, days: Days, currency: &str, items: &[Sold], is_open: bool) -> String {
    let mut lines = vec![format!("📊 {}", shown(language, days))];
    lines.extend(items.iter().map(|sold| of_item(language, sold, currency)));
    if is_open {
        lines.push(words(language, Message::AskHistory { item: Name(said) }));
    } else if items.is_empty() {
        lines.push(words(language, Message::NoneSold { item: Name(said) }));
    }
    lines.join("\n")
}

fn file(language: Language, export: &Export) -> String {
    match export.movements {
        None => words(language, Message::StockFile),
        Some(days) => words(language, Message::MovementsFile { days: &shown(language, days) }),
    }
}

/// A line for each way in which something happened; what was lost in several ways is one.
fn kinds(language: Language, told: &Told) -> Vec<String> {
    const WAYS: [(&[MovementKind], Message<'static>); 7] = [
        (&[MovementKind::Sale], Message::WasSold),
        (&[MovementKind::ReturnIn], Message::CameBack),
        (&[MovementKind::Receipt], Message::CameIn),
        (&[MovementKind::Opening], Message::FirstStock),
        (&[MovementKind::Waste, MovementKind::Theft, MovementKind::OwnUse, MovementKind::Gift], Message::WasLost),
        (&[MovementKind::ReturnOut], Message::WentBack),
        (&[MovementKind::Count, MovementKind::Adjustment], Message::CountsFound),
    ];
    let line = |(kinds, label): &(&[MovementKind], Message<'static>)| {
        let of: Vec<&Total> = kinds.iter().filter_map(|kind| of_kind(told, *kind)).collect();
        together(&of).map(|total| labelled(language, *label, &total, &told.currency))
    };
    WAYS.iter().filter_map(line).collect()
}

/// Adds totals up. What is kept in units that differ has no amount; money is what is known of it.
fn together(totals: &[&Total]) -> Option<Total> {
    let (first, rest) = totals.split_first()?;
    let add = |all: Total, next: &&Total| Total {
        kind: all.kind,
        line_count: all.line_count + next.line_count,
        amount: match (all.amount, &next.amount) {
            (Some((one, unit)), Some((other, same))) if unit == *same => Some((one + other, unit)),
            _ => None,
        },
        value: match (all.value, next.value) {
            (Some(one), Some(other)) => Some(one + other),
            (one, other) => one.or(other),
        },
        unvalued_count: all.unvalued_count + next.unvalued_count,
    };
    Some(rest.iter().fold((*first).clone(), add))
}

fn of_kind(told: &Told, kind: MovementKind) -> Option<&Total> {
    told.totals.iter().find(|total| total.kind == kind as i32)
}

/// Writes `Sold 42 · R120.00`; where amounts do not add up, how many lines.
fn labelled(language: Language, label: Message<'_>, total: &Total, currency: &str) -> String {
    let amount = if let Some((amount, unit)) = &total.amount {
        format!("{}{}", quantity(*amount), measure(language, unit, *amount))
    } else {
        let (count, amount) = (Count::of(total.line_count), total.line_count.to_string());
        words(language, Message::LineCount { count, amount: &amount })
    };
    let worth = known(total).map(|value| format!(" · {}", money(currency, value))).unwrap_or_default();
    format!("{} {amount}{worth}", words(language, label))
}

/// Writes `bread 12 · R216.00`.
fn of_item(language: Language, sold: &Sold, currency: &str) -> String {
    let amount = format!("{}{}", quantity(sold.amount), measure(language, &sold.base_unit, sold.amount));
    let worth = sold.value.map(|value| format!(" · {}", money(currency, value))).unwrap_or_default();
    format!("{} {amount}{worth}", cut(&sold.name, NAME_MAX))
}

fn named<'a>(items: impl ExactSizeIterator<Item = (&'a str, Decimal)>) -> String {
    let more = if items.len() > NAMED_MAX { " …" } else { "" };
    let items: Vec<String> =
        items.take(NAMED_MAX).map(|(name, number)| format!("{} {}", cut(name, NAME_MAX), quantity(number))).collect();
    format!("{}{more}", items.join(", "))
}

/// Returns the money of a total. Of sales and receipts it is told how many lines are not in it; of everything else nobody
/// would know that it is a part.
fn known(total: &Total) -> Option<Decimal> {
    total.value.filter(|_| is_priced(total) || total.unvalued_count == 0)
}

fn is_priced(total: &Total) -> bool {
    [MovementKind::Sale, MovementKind::Receipt].iter().any(|kind| total.kind == *kind as i32)
}

/// Says that money is missing, so that nobody takes a part of it for the whole.
fn without_price(language: Language, told: &Told, totals: &[&Total]) -> Option<String> {
    let missing = match totals {
        [] => told.unpriced_count,
        totals => totals.iter().map(|total| total.unvalued_count).sum(),
    };
    if missing == 0 {
        return None;
    }
    if !told.totals.iter().any(|total| is_priced(total) && total.value.is_some()) {
        return Some(words(language, Message::NoPrices));
    }
    let (count, amount) = (Count::of(missing), missing.to_string());
    Some(words(language, Message::WithoutPrice { count, amount: &amount }))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn days(called: Option<Called>) -> Days {
        Days { first: date(2026, 11, 16), last: date(2026, 11, 22), called }
    }

    fn total(kind: MovementKind, line_count: usize, amount: Option<i64>, value: Option<i64>) -> Total {
        let amount = amount.map(|amount| (amount.into(), "each".to_owned()));
        let unvalued_count = if value.is_some() { 0 } else { line_count };
        Total { kind: kind as i32, line_count, amount, value: value.map(Decimal::from), unvalued_count }
    }

    fn sold(name: &str, amount: i64, value: Option<i64>) -> Sold {
        Sold {
            name: name.to_owned(),
            amount: amount.into(),
            base_unit: "each".to_owned(),
            value: value.map(Decimal::from),
        }
    }

    fn week(about: About) -> Told {
        Told {
            about,
            days: days(Some(Called::ThisWeek)),
            currency: "ZAR".to_owned(),
            totals: vec![
                Total { unvalued_count: 2, ..total(MovementKind::Sale, 14, Some(42), Some(12345)) },
                total(MovementKind::Receipt, 3, None, None),
                total(MovementKind::Waste, 1, Some(2), Some(30)),
                total(MovementKind::Theft, 1, Some(1), None),
                total(MovementKind::Count, 2, Some(-3), Some(-45)),
            ],
            best: vec![
                sold("bread", 20, Some(360)),
                sold("coke 2l", 12, Some(300)),
                sold("milk", 6, None),
                sold("egg", 4, None),
            ],
            unpriced_count: 5,
            margin: Some((Decimal::new(12_350, 2), 9)),
            low: vec![("milk".to_owned(), 0.into()), ("eggs".to_owned(), 4.into())],
        }
    }

    fn unpriced(about: About) -> Told {
        let totals = vec![total(MovementKind::Sale, 3, Some(9), None)];
        let best = vec![sold("bread", 9, None)];
        Told { totals, best, unpriced_count: 3, margin: None, low: Vec::new(), ..week(about) }
    }

    #[test]
    fn reports_read_as_they_should_and_never_pretend() {
        let about = [About::Everything, About::Sales, About::Revenue, About::Profit, About::Best];
        let mut all: Vec<Reported> = about.into_iter().map(|about| Reported::Told(week(about))).collect();
        all.extend(about.into_iter().map(|about| Reported::Told(unpriced(about))));
        let nothing = Told { totals: Vec::new(), days: days(None), ..unpriced(About::Sales) };
        all.push(Reported::Told(nothing));
        let lost = Told {
            totals: vec![total(MovementKind::Waste, 1, Some(2), None)],
            best: Vec::new(),
            unpriced_count: 0,
            ..unpriced(About::Profit)
        };
        all.push(Reported::Told(lost));
        let worth = |value: Option<i64>, valued_count, unvalued_count| Reported::Worth {
            currency: "ZAR".to_owned(),
            value: value.map(Decimal::from),
            valued_count,
            unvalued_count,
        };
        all.extend([worth(Some(12345), 12, 3), worth(Some(20), 1, 0), worth(None, 0, 3), worth(None, 0, 0)]);
        for (items, is_open) in [(vec![sold("coke 2l", 12, Some(300))], false), (Vec::new(), false), (Vec::new(), true)]
        {
            let (said, days, currency) = ("coke".to_owned(), days(None), "ZAR".to_owned());
            all.push(Reported::SoldOf { said, days, currency, items, is_open });
        }
        all.push(Reported::File(Export { movements: None, is_csv: false }));
        all.push(Reported::File(Export { movements: Some(days(None)), is_csv: true }));
        let read = |language| all.iter().map(|each| reported(language, each)).collect::<Vec<_>>();

        insta::assert_snapshot!([read(Language::English), read(Language::Afrikaans)].concat().join("\n--\n"));
    }

    #[test]
    fn a_number_is_explained_from_its_last_count_on() {
        let event = |delta: i64, balance: i64| Event {
            when: "22/11 14:05".to_owned(),
            person: "Thabo".to_owned(),
            kind: MovementKind::Sale as i32,
            delta: delta.into(),
            balance: balance.into(),
            is_reversed: false,
        };
        let explained = |on_hand: i64, counted, below| Reported::Explained {
            name: "bread".to_owned(),
            on_hand: on_hand.into(),
            base_unit: "each".to_owned(),
            counted,
            events: vec![event(-4, 2), event(-5, -3)],
            omitted_count: 7,
            below,
        };
        let counted = Some(("20/11 08:00".to_owned(), "Thandi".to_owned(), Decimal::from(10)));
        let both = [explained(-3, counted, Some(event(-5, -3))), explained(2, None, None)];
        let read = |language| both.iter().map(|each| reported(language, each)).collect::<Vec<_>>();

        insta::assert_snapshot!([read(Language::English), read(Language::Afrikaans)].concat().join("\n--\n"));
    }

    #[test]
    fn what_is_too_large_says_what_may_be_had_instead() {
        let of = |movements| Export { movements, is_csv: false };
        let language = Language::English;

        assert!(too_large(language, &of(None), &[]).starts_with('⚠'));
        assert_ne!(
            too_large(language, &of(Some(days(None))), &[]),
            too_large(language, &of(Some(days(None))), &[of(Some(days(Some(Called::ThisWeek))))])
        );
        assert_eq!(title(language, &of(Some(days(Some(Called::ThisMonth))))), "This month");
    }
}
