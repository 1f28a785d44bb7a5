//! Conversations as files that read like chats, played against the running product. The files and how to write one:
//! `tests/conversations/README.md`.
//!
//! - `script`: what a file holds
//! - `read`: reading one; what cannot be read is an error with file and line
//! - `words`: the small words of a line: buttons, quotes, times, amounts
//! - `stage`: the product in one process with a clock that can be moved
//! - `shops`: the shops of a script before its first line, and their stock at any time
//! - `play`: playing one
//! - `people`: who acts, and what their phones show
//! - `compare`: whether an answer is the one that was written down
//! - `report`: the chat as it went, where it went otherwise

mod compare;
mod people;
mod play;
mod read;
mod report;
mod script;
mod shops;
mod stage;
mod words;

pub use read::{read, read_folder};
pub use report::Report;
pub use script::Script;
pub use stage::Stage;
