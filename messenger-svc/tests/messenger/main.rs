//! The messenger through its own door: gRPC in, a Graph API that answers by script, a real Postgres.

#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

mod codes;
mod costs;
mod crash;
mod doubt;
mod forgetting;
mod graph;
mod halted;
mod kinds;
mod limits;
mod media;
mod media_memory;
mod media_stand_in;
mod merging;
mod otp;
mod otp_model;
mod otp_secrecy;
mod otp_world;
mod receipts;
mod schema;
mod sending;
mod strict;
mod telemetry;
mod ticks;
mod usage;
mod window;
mod world;
