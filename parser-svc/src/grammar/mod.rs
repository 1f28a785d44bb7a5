//! The deterministic reader: normalise, tokenise, tag, and read turns and lines. No network, no clock, no state.

mod adjunct;
mod caution;
mod choice;
mod clause;
mod confidence;
mod conjugation;
mod conversation;
mod doubt;
mod entry;
mod guard;
mod language;
mod lexicon;
mod normalise;
mod noun;
mod paper;
mod reading;
mod repair;
mod shop;
mod suspicion;
mod tag;
mod template;
mod token;
mod turn;
mod verb;

pub use conversation::edited;
pub use doubt::doubt;
pub use normalise::normalised_text as normalised;
pub use reading::{distrust, name_of, read, said, unit_of};
