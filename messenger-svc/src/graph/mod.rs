//! The Graph API: what is sent to it, what it answers, what of that may be kept.
//!
//! - [`client`]: the calls that send
//! - [`MediaGraph`]: the calls that fetch what a person sent
//! - `request`: the body of a send
//! - [`answer`]: what came back, and how sure it is
//! - [`usage`]: how much of Meta's limits is used
//! - `scrub`: Meta's explanations without what they may repeat of a message

pub mod answer;
mod client;
mod media;
mod request;
mod scrub;
pub mod usage;

pub use answer::{Doubt, GraphError, SendAnswer};
pub use client::{Answered, Graph, GraphOptions, Outgoing};
pub use media::{Descriptor, Download, MediaGraph, Trouble};
