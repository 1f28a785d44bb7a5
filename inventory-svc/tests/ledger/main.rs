//! The ledger through its door: gRPC in front, a real Postgres behind.
//!
//! - `faults`: what was found wrong in other people's ledgers
//! - `found`: what random programs and reading found wrong in ours
//! - `every_rpc`: refusals, repeats and other shops' ids, of every RPC of the contract
//! - `idempotency`, `concurrency`, `undo`, `counts`, `items`, `units`, `papers`, `operations`, `corrections`, `item_changes`, `item_names`,
//!   `latest`, `unusual`, `lists`, `history`, `past`, `reports`, `report_sums`, `explanations`, `refusals`: each its
//!   promise
//! - `people`, `spellings`, `identity`, `staff`: who is who
//! - `isolation`: what the service's role can and cannot do, by raw SQL
//! - `model`: random programs against balances kept in memory

mod concurrency;
mod corrections;
mod counts;
mod every_rpc;
mod explanations;
mod faults;
mod found;
mod history;
mod idempotency;
mod identity;
mod isolation;
mod item_changes;
mod item_names;
mod items;
mod latest;
mod lists;
mod model;
mod operations;
mod papers;
mod past;
mod people;
mod refusals;
mod report_sums;
mod reports;
mod spellings;
mod staff;
mod undo;
mod units;
mod unusual;
mod world;
