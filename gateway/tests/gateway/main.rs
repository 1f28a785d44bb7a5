//! The gateway through its door: notifications over HTTP, and three services that answer by script over gRPC.
#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

mod choices;
mod corrections;
mod counting;
mod events;
mod fakes;
mod files;
mod forgetting;
mod forwarded;
mod halves;
mod inbound;
mod media;
mod members;
mod otp;
mod otp_api;
mod otp_world;
mod people;
mod questions;
mod replicas;
mod reports;
mod resumed;
mod tampering;
mod typing;
mod upkeep;
mod world;
