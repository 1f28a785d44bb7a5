//! The small words of a line: buttons, quotes, times, amounts.

use anyhow::{Context as _, Result, bail};
use jiff::SignedDuration;
use proto::inventory::v1::Role;

use super::script::{Level, Manner, Stocked};

/// Returns the text before a `"` and what follows the one that closes it: `x "a" b` gives `a` and ` b`.
pub(super) fn quoted(text: &str) -> Result<(String, &str)> {
    let rest = text.trim_start().strip_prefix('"').context("a quote in \" is missing")?;
    let (inner, rest) = rest.split_once('"').context("a quote is not closed")?;
    if inner.is_empty() {
        bail!("a quote is empty");
    }
    Ok((inner.to_owned(), rest))
}

/// Reads `[Undo]` at the start and returns what follows.
pub(super) fn button(text: &str) -> Result<(String, &str)> {
    let rest = text.trim_start().strip_prefix('[').context("a button in [ ] is missing")?;
    let (title, rest) = rest.split_once(']').context("a button is not closed by ]")?;
    Ok((title.to_owned(), rest))
}

/// Takes the buttons off the end of an answer and returns the lines as they are compared: buttons on a line of their own.
pub(super) fn with_buttons_apart(mut lines: Vec<String>) -> Vec<String> {
    let mut buttons = Vec::new();
    while let Some(last) = lines.last_mut() {
        let trimmed = last.trim_end();
        let Some((before, title)) = trimmed.strip_suffix(']').and_then(|text| text.rsplit_once('[')) else { break };
        buttons.insert(0, format!("[{title}]"));
        let before = before.trim_end().to_owned();
        if before.is_empty() {
            lines.pop();
        } else {
            *last = before;
        }
    }
    if !buttons.is_empty() {
        lines.push(buttons.join(" "));
    }
    lines
}

/// Reads `13 hours`.
pub(super) fn duration(text: &str) -> Result<SignedDuration> {
    let (number, unit) =
        text.trim().split_once(' ').with_context(|| format!("\"{text}\" is no time, like 13 hours"))?;
    let number: i64 = number.parse().with_context(|| format!("\"{number}\" is no whole number"))?;
    Ok(match unit.trim_end_matches('s') {
        "second" => SignedDuration::from_secs(number),
        "minute" => SignedDuration::from_mins(number),
        "hour" => SignedDuration::from_hours(number),
        "day" => SignedDuration::from_hours(24 * number),
        _ => bail!("\"{unit}\" is no unit of time: seconds, minutes, hours or days"),
    })
}

/// Reads what stands between parentheses after a name: `quoting "Sold 3", forwarded`.
pub(super) fn manner(mut text: &str) -> Result<Manner> {
    let mut manner = Manner::default();
    loop {
        text = text.trim_start();
        if let Some(rest) = text.strip_prefix("quoting ") {
            let (quote, rest) = quoted(rest)?;
            manner.quoting = Some(quote);
            text = rest;
        } else {
            let (word, rest) = text.split_once(',').map_or((text, ""), |(word, _)| (word, &text[word.len()..]));
            match word.trim() {
                "forwarded" => manner.is_forwarded = true,
                "delivered twice" => manner.copies = 2,
                word => {
                    if let Some(ago) = word.strip_prefix("written ").and_then(|word| word.strip_suffix(" ago")) {
                        manner.written_earlier = duration(ago)?;
                    } else if let Some(times) =
                        word.strip_prefix("delivered ").and_then(|word| word.strip_suffix(" times"))
                    {
                        manner.copies = times.parse().with_context(|| format!("\"{times}\" is no whole number"))?;
                    } else {
                        bail!(
                            "\"{word}\" is no way to say something: quoting \"..\", forwarded, delivered twice, written 2 hours ago"
                        );
                    }
                }
            }
            text = rest;
        }
        match text.trim_start().strip_prefix(',') {
            Some(rest) => text = rest,
            None if text.trim().is_empty() => return Ok(manner),
            None => bail!("\"{}\" is not expected here", text.trim()),
        }
    }
}

/// Reads `screw m4 100, rice 2.5 kg`, or `nothing`.
pub(super) fn levels(text: &str) -> Result<Vec<Level>> {
    if text.trim() == "nothing" {
        return Ok(Vec::new());
    }
    text.split(',').map(level).collect()
}

/// Reads `coke 2l 31 (case 6), eggs 30 (low 12, also iqanda)`, or `nothing`.
pub(super) fn stocked(text: &str) -> Result<Vec<Stocked>> {
    if text.trim() == "nothing" {
        return Ok(Vec::new());
    }
    let mut items = Vec::new();
    let mut rest = text;
    while !rest.trim().is_empty() {
        let end = rest.find([',', '(']).unwrap_or(rest.len());
        let mut item = Stocked { level: level(&rest[..end])?, ..Stocked::default() };
        rest = &rest[end..];
        if let Some(opened) = rest.strip_prefix('(') {
            let (notes, after) = opened.split_once(')').context("( is not closed")?;
            for note in notes.split(',') {
                match note.trim().split_once(' ') {
                    Some(("low", level)) => item.low = Some(level.to_owned()),
                    Some(("also", name)) => item.aliases.push(name.to_owned()),
                    Some((unit, size)) => item.packs.push((unit.to_owned(), size.to_owned())),
                    None => bail!("\"{note}\" says nothing of an item: case 6, low 12, also iqanda"),
                }
            }
            rest = after.trim_start();
        }
        rest = match rest.strip_prefix(',') {
            Some(rest) => rest,
            None if rest.is_empty() => rest,
            None => bail!("a comma is missing before \"{}\"", rest.trim()),
        };
        items.push(item);
    }
    Ok(items)
}

fn level(text: &str) -> Result<Level> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let from_end = words.iter().rev().take(2).position(|word| is_number(word));
    let Some(at) = from_end.map(|back| words.len() - 1 - back).filter(|at| *at > 0) else {
        bail!("\"{}\" is not an item and how much, like: screw m4 100", text.trim());
    };
    Ok(Level { item: words[..at].join(" "), quantity: words[at].replace('−', "-"), unit: words[at + 1..].join(" ") })
}

fn is_number(word: &str) -> bool {
    let digits = word.trim_start_matches(['-', '−']);
    digits.starts_with(|sign: char| sign.is_ascii_digit())
        && digits.chars().all(|sign| sign.is_ascii_digit() || sign == '.')
}

/// Reads `clerk`.
pub(super) fn role(text: &str) -> Result<Role> {
    Ok(match text.trim() {
        "owner" => Role::Owner,
        "manager" => Role::Manager,
        "clerk" => Role::Clerk,
        "viewer" => Role::Viewer,
        role => bail!("\"{role}\" is no role: owner, manager, clerk or viewer"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_stand_behind_the_words_or_below_them() {
        let lines = |text: &str| with_buttons_apart(text.lines().map(str::to_owned).collect());

        assert_eq!(lines("Which? [a] [b 2l]"), ["Which?", "[a] [b 2l]"]);
        assert_eq!(lines("Sold\n47 left\n[Undo]"), ["Sold", "47 left", "[Undo]"]);
        assert_eq!(lines("Which?\n[a]\n[b]"), ["Which?", "[a] [b]"]);
        assert_eq!(lines("no [buttons] here"), ["no [buttons] here"]);
    }

    #[test]
    fn a_size_in_a_name_is_not_how_much() {
        let read = levels("coke 2l 31, rice 2.5 kg, bread -3").unwrap();
        let shown: Vec<String> = read.iter().map(Level::to_string).collect();

        assert_eq!(shown, ["coke 2l 31", "rice 2.5 kg", "bread -3"]);
        assert_eq!((read[1].item.as_str(), read[1].unit.as_str()), ("rice", "kg"));
        assert!(levels("bread").is_err() && levels("31").is_err());
    }

    #[test]
    fn what_is_known_of_an_item_stands_in_parentheses() {
        let read = stocked("coke 2l 31 (case 6), eggs 30 (low 12, also iqanda), bread 1").unwrap();

        assert_eq!(read.len(), 3);
        assert_eq!(read[0].packs, [("case".to_owned(), "6".to_owned())]);
        assert_eq!(
            (read[1].low.as_deref(), read[1].aliases.as_slice()),
            (Some("12"), ["iqanda".to_owned()].as_slice())
        );
    }

    #[test]
    fn ways_to_say_something_can_be_several() {
        let read = manner("quoting \"Sold 3, or so\", delivered twice, written 2 hours ago").unwrap();

        assert_eq!(read.quoting.as_deref(), Some("Sold 3, or so"));
        assert_eq!((read.copies, read.written_earlier), (2, SignedDuration::from_hours(2)));
        assert!(manner("loudly").is_err() && manner("quoting Sold").is_err());
    }
}
