//! What the stories share: the built services as processes, Meta and Gemini simulated, a collector that listens;
//! conversations as files.

mod binaries;
mod collector;
pub mod conversations;
mod house;
mod load;

pub use collector::{Collector, SpanRecord};
pub use house::{Between, GATEWAY, House, HouseOptions, INVENTORY, MESSENGER, PARSER, SERVICES};
pub use load::{Sender, envelope, eventually, now, people, signature};
