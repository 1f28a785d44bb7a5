//! Tables that fit a terminal of 80 columns, and words of strangers that cannot steer it.

use jiff::Timestamp;
use proto::common::v1::{Decimal, Money};

/// Columns of a terminal that nobody made wider.
const WIDTH_MAX: usize = 80;
/// What the widest column keeps at least.
const NAME_WIDTH_MIN: usize = 12;
const GAP: usize = 2;

/// A column.
pub(super) struct Column {
    head: &'static str,
    is_number: bool,
    /// Whether it gives way when the table is too wide.
    gives_way: bool,
}

/// A column of words.
pub(super) const fn words(head: &'static str) -> Column {
    Column { head, is_number: false, gives_way: false }
}

/// A column of numbers.
pub(super) const fn numbers(head: &'static str) -> Column {
    Column { head, is_number: true, gives_way: false }
}

/// A column of names, cut where there is no room for them.
pub(super) const fn names(head: &'static str) -> Column {
    Column { head, is_number: false, gives_way: true }
}

/// Lays out rows below their heads.
pub(super) fn table<const N: usize>(columns: &[Column; N], rows: &[[String; N]]) -> String {
    let mut widths: [usize; N] = std::array::from_fn(|i| {
        let cells = rows.iter().map(|row| row[i].chars().count());
        cells.chain([columns[i].head.chars().count()]).max().unwrap_or(0)
    });
    let full = widths.iter().sum::<usize>() + GAP * N.saturating_sub(1);
    if let Some(place) = columns.iter().position(|column| column.gives_way) {
        let spare = widths[place].saturating_sub(full.saturating_sub(WIDTH_MAX)).max(NAME_WIDTH_MIN);
        widths[place] = widths[place].min(spare);
    }
    let line = |cells: [&str; N]| {
        let laid_out: Vec<String> = cells
            .iter()
            .zip(&widths)
            .zip(columns)
            .map(|((cell, width), column)| {
                let cell = cut(cell, *width);
                if column.is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            })
            .collect();
        laid_out.join("  ").trim_end().to_owned()
    };
    let head = line(std::array::from_fn(|i| columns[i].head));
    let body = rows.iter().map(|row| line(std::array::from_fn(|i| row[i].as_str())));
    std::iter::once(head).chain(body).collect::<Vec<_>>().join("\n")
}

fn cut(cell: &str, width: usize) -> String {
    if cell.chars().count() <= width {
        return cell.to_owned();
    }
    cell.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// Breaks a sentence between words where the terminal ends; further lines are indented like the first.
pub(super) fn wrapped(indent: &str, sentence: &str) -> String {
    let mut lines = vec![indent.to_owned()];
    let hang = " ".repeat(indent.chars().count());
    for word in sentence.split(' ') {
        let line = lines.last_mut().expect("there is a first line");
        let is_empty = line.chars().count() <= hang.len();
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH_MAX {
            lines.push(format!("{hang}{word}"));
        } else {
            line.push_str(if is_empty { "" } else { " " });
            line.push_str(word);
        }
    }
    lines.join("\n")
}

/// Returns what somebody wrote without the characters that move a cursor, colour a screen or turn text around.
pub(super) fn plain(text: &str) -> String {
    let is_steering = |char: char| {
        char.is_control()
            || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().map(|char| if is_steering(char) { '\u{fffd}' } else { char }).collect()
}

/// Returns a number as it was sent; a dash where there is none.
pub(super) fn number(value: Option<&Decimal>) -> String {
    value.map_or_else(|| "-".to_owned(), |decimal| decimal.value.clone())
}

/// Returns a change with its sign.
pub(super) fn signed(value: Option<&Decimal>) -> String {
    let shown = number(value);
    if shown.starts_with('-') || shown == "0" { shown } else { format!("+{shown}") }
}

/// Returns an amount with its unit; pieces have none.
pub(super) fn amount(value: Option<&Decimal>, unit: &str) -> String {
    let shown = number(value);
    if matches!(unit, "" | "each") { shown } else { format!("{shown} {}", plain(unit)) }
}

/// Returns a time to the minute, in UTC.
pub(super) fn minute(time: Option<&prost_types::Timestamp>) -> String {
    time.and_then(|time| Timestamp::new(time.seconds, time.nanos).ok())
        .map_or_else(|| "-".to_owned(), |time| time.strftime("%Y-%m-%d %H:%MZ").to_string())
}

/// Returns a time as the contract carries it.
pub(super) fn wire_time(time: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() }
}

/// Returns an amount of money; a dash where it is not known.
pub(super) fn money(value: Option<&Money>) -> String {
    value.map_or_else(|| "-".to_owned(), |money| format!("{} {}", number(money.amount.as_ref()), money.currency_code))
}

/// Returns the last word of an enum's value in lower case: `ROLE_OWNER` is `owner`.
pub(super) fn word(value: &str, prefix: &str) -> String {
    value.trim_start_matches(prefix).to_lowercase().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_the_terminal_by_cutting_names() {
        let long = "an item whose name goes on and on until no terminal is wide enough for it any more";
        let rows = [
            ["bread".to_owned(), "47".to_owned(), "loaf".to_owned()],
            [long.to_owned(), "-3".to_owned(), "each".to_owned()],
        ];

        let laid_out = table(&[names("item"), numbers("on hand"), words("unit")], &rows);

        let lines: Vec<&str> = laid_out.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() <= 80), "{laid_out}");
        assert!(lines[1].starts_with("bread ") && lines[1].ends_with("     47  loaf"), "{laid_out}");
        assert!(lines[2].contains("…       -3  each"), "{laid_out}");
    }

    #[test]
    fn a_table_that_fits_is_not_stretched() {
        let laid_out = table(&[names("item"), numbers("on hand")], &[["bread".to_owned(), "47".to_owned()]]);

        assert_eq!(laid_out, "item   on hand\nbread       47");
    }

    #[test]
    fn a_sentence_is_broken_between_words() {
        let sentence = "not posted: it may be any of rice bran oil (7), sunflower oil (3), olive oil (12), coconut oil";

        assert_eq!(
            wrapped("    1  ", sentence),
            "    1  not posted: it may be any of rice bran oil (7), sunflower oil (3), olive\n       oil (12), coconut oil"
        );
        assert_eq!(wrapped("  ", "+50 screws, now 50"), "  +50 screws, now 50");
    }

    #[test]
    fn what_strangers_write_cannot_steer_the_terminal() {
        assert_eq!(plain("bread\u{1b}[2J\u{7}\n\u{202e}x"), "bread\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}x");
        assert_eq!(plain("isonka esimhlophe 🍞"), "isonka esimhlophe 🍞");
    }

    #[test]
    fn numbers_carry_sign_and_unit_where_they_mean_something() {
        let decimal = |value: &str| Some(Decimal { value: value.to_owned() });
        assert_eq!(signed(decimal("3").as_ref()), "+3");
        assert_eq!(signed(decimal("-3").as_ref()), "-3");
        assert_eq!(signed(decimal("0").as_ref()), "0");
        assert_eq!(amount(decimal("1.5").as_ref(), "kg"), "1.5 kg");
        assert_eq!(amount(decimal("2").as_ref(), "each"), "2");
        assert_eq!(number(None), "-");
    }
}
