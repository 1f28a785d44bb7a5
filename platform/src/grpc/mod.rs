//! gRPC as every service speaks it: servers with health, reflection, caller keys, limits and traces; clients that are
//! lazy, bounded in time and try again.
//!
//! - `server`: what every service serves with
//! - `guard`: what stands before every method: `callers` (keys), `rate` (how often), `scope` (what they are held to),
//!   deadlines and traces; `refusals` says no, `open_stream` ends what goes on
//! - `client`: what every service calls with

mod callers;
mod client;
mod guard;
mod open_stream;
mod rate;
mod refusals;
mod scope;
mod server;

pub use callers::{Caller, CallerKeys, describe_caller_keys, key_hash};
pub use client::{Channel, Peer};
pub use scope::Scope;
pub use server::{Server, connections};
