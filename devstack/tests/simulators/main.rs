//! The simulators, seen from the services that talk to them.

#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

mod common;
mod control;
mod gemini;
mod graph;
mod inbound;
mod media;
mod outbound;
mod receipts;
mod rules;
mod webhooks;
