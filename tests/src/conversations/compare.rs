//! Whether an answer is the one that was written down.

/// Stands for anything within a line, and alone on a line for any lines.
const ANYTHING: &str = "…";

/// Returns whether lines are those that were expected.
pub(super) fn fits(expected: &[String], lines: &[String]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first.trim() == ANYTHING => {
            (0..=lines.len()).any(|skipped| fits(rest, &lines[skipped..]))
        }
        Some((first, rest)) => {
            lines.split_first().is_some_and(|(line, lines)| fits_line(first, line) && fits(rest, lines))
        }
    }
}

fn fits_line(expected: &str, line: &str) -> bool {
    let (expected, line) = (expected.trim_end(), line.trim_end());
    let mut parts = expected.split(ANYTHING);
    let first = parts.next().expect("a text splits into one part at least");
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(expected: &str, text: &str) -> bool {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        fits(&lines(expected), &lines(text))
    }

    #[test]
    fn every_letter_counts_except_where_anything_may_stand() {
        assert!(fit("✅ Sold 3\n9 left", "✅ Sold 3\n9 left"));
        assert!(!fit("✅ Sold 3\n9 left", "✅ Sold 3"));
        assert!(!fit("✅ Sold 3", "✅ Sold 3\n9 left"));
        assert!(!fit("9 left", "19 left") && !fit("9 left", "9 left over"));
        assert!(fit("Ref …", "Ref 7K2Q") && fit("a … c … e", "a b c d e"));
        assert!(!fit("a … c … e", "a b d e"));
        assert!(fit("Help\n…\n[Undo]", "Help\none\ntwo\n[Undo]") && fit("Help\n…", "Help"));
        assert!(!fit("Help\n…\n[Undo]", "Help\none"));
    }
}
