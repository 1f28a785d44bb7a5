//! The parser through the door its callers use: gRPC.
#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

mod contract;
mod conversation;
mod counsel;
mod faults;
mod forms;
mod gemini;
mod golden;
mod injection;
mod media;
mod properties;
mod script;
mod utterance;
mod workbook;
mod world;
