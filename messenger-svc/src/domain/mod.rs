//! What the messenger knows without asking anybody: limits, the order of states, what an error means, when to try again.

pub mod backoff;
pub mod content;
pub mod delivery;
pub mod dispatch;
pub mod market;
pub mod media;
pub mod message;
pub mod otp;
pub mod rate;
pub mod rates;
pub mod receipt;
pub mod recipient;
pub mod verdict;
mod verdict_table;
pub mod window;
