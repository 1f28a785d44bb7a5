//! Who may call, and what they learn: keys and their limits, deadlines, errors, and the walls between shops.
//!
//! - `door`: a service with a list of keys that can be rewritten
//! - `reach`: a key that is held to shops, at every method there is
//! - `keys`: keys that are taken away, narrowed, or call too often
//! - `deadlines`: what nobody waits for is given up, in the database too
//! - `inside`: what errors do not tell
//! - `walls`: row security of every table, by raw SQL

#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

#[path = "../ledger/world.rs"]
#[expect(dead_code, reason = "the other tests say more of it")]
mod world;

mod deadlines;
mod door;
mod inside;
mod keys;
mod reach;
mod walls;
