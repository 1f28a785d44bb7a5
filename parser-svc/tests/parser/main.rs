//! The parser through the door its callers use: gRPC.
#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

mod contract;
mod gemini;
mod golden;
mod media;
mod properties;
mod utterance;
mod workbook;
mod world;
