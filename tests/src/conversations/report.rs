//! The chat as it went, where it went otherwise.

use std::fmt::{self, Display, Formatter};

use super::script::{Script, Turn};

/// What became of a conversation.
#[derive(Clone, Debug)]
pub struct Report {
    title: String,
    path: String,
    /// The lines of the chat, each with a mark as in a diff.
    lines: Vec<(char, String)>,
    /// The first difference: the line of the file, counted from 1, and what is wrong.
    fault: Option<(usize, String)>,
    is_expected_to_fail: bool,
}

impl Report {
    pub(super) fn of(script: &Script) -> Self {
        Self {
            title: script.title.clone(),
            path: script.path.clone(),
            lines: Vec::new(),
            fault: None,
            is_expected_to_fail: script.missing.is_some(),
        }
    }

    /// Returns whether its file says that the product cannot do it yet.
    pub fn is_expected_to_fail(&self) -> bool {
        self.is_expected_to_fail
    }

    /// Returns whether everything was as it was written down.
    pub fn is_good(&self) -> bool {
        self.fault.is_none()
    }

    /// Notes that a turn went as it was written down.
    pub(super) fn went_well(&mut self, script: &Script, turn: &Turn) {
        self.lines.extend(script.lines[turn.lines.clone()].iter().map(|line| (' ', line.clone())));
    }

    /// Notes that a turn went otherwise; `instead` is what came.
    pub(super) fn differs(&mut self, script: &Script, turn: &Turn, what: &str, instead: &[String]) {
        self.lines.extend(script.lines[turn.lines.clone()].iter().map(|line| ('-', line.clone())));
        self.lines.extend(instead.iter().map(|line| ('+', line.clone())));
        self.fault.get_or_insert_with(|| (turn.lines.start + 1, what.to_owned()));
    }

    /// Notes what came at the end although nothing should.
    pub(super) fn has_more(&mut self, script: &Script, what: &str, lines: &[String]) {
        self.lines.extend(lines.iter().map(|line| ('+', line.clone())));
        self.fault.get_or_insert_with(|| (script.lines.len(), what.to_owned()));
    }
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match &self.fault {
            None => writeln!(formatter, "{}: as it was written down", self.path)?,
            Some((line, what)) => writeln!(formatter, "{}:{line}: {what}", self.path)?,
        }
        writeln!(formatter, "    {}", self.title)?;
        for (mark, line) in &self.lines {
            writeln!(formatter, "  {mark} {line}")?;
        }
        Ok(())
    }
}

/// Writes an answer as a file has it: the first line behind who says it, the others below.
pub(super) fn as_written(who: &str, lines: &[String]) -> Vec<String> {
    let indent = " ".repeat(who.chars().count() + 2);
    let mut written = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        written.push(if index == 0 { format!("{who}: {line}") } else { format!("{indent}{line}") });
    }
    written
}
