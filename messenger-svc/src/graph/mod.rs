//! The Graph API: what is sent to it, what it answers, what of that may be kept.
//!
//! - [`client`]: the call
//! - [`MediaGraph`]: the calls that fetch what a person sent
//! - `request`: the body of a send
//! - [`answer`]: what came back, and how sure it is
//! - `scrub`: Meta's explanations without what they may repeat of a message

pub mod answer;
mod client;
mod media;
mod request;
mod scrub;

pub use answer::{Doubt, GraphError, SendAnswer};
pub use client::{Graph, GraphOptions, Outgoing};
pub use media::{Descriptor, Download, MediaGraph, Trouble};
