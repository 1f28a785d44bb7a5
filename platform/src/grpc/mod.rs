//! gRPC as every service speaks it: servers with health, reflection, caller keys, limits and traces; clients that are
//! lazy, bounded in time and try again.

mod callers;
mod client;
mod server;

pub use callers::{Caller, CallerKeys, key_hash};
pub use client::{Channel, Peer};
pub use server::{Server, connections};
