//! What the command line says to a person.

use std::fmt::Display;
use std::io::Write as _;

/// Prints a line. Nobody listening is no failure: `backroom chat | head` may end early.
pub(crate) fn say(line: impl Display) {
    writeln!(std::io::stdout(), "{line}").ok();
}

/// Prints without a new line, at once.
pub(crate) fn prompt(text: impl Display) {
    let mut stdout = std::io::stdout();
    write!(stdout, "{text}").and_then(|()| stdout.flush()).ok(); // as above
}
