//! The whole product as one command, and the outside world it talks to.
//!
//! - `meta_sim`: Meta's side of WhatsApp over its own wire protocol, with a chat page to type into
//! - `gemini_sim`: Gemini's `generateContent`, as strict as the reference
//! - `stack`: the four services in one process, with whatever of the outside world is simulated
//! - `doctor`: looks at everything a real number needs
//! - `cli`: the commands of `backroom`
//! - `hearsay`: what recordings and pictures say, shared by both
//! - `script`: faults on demand, shared by both
//! - `magic`: what bytes are, by how they begin
//! - `wire`: an HTTP server that can also misbehave

pub mod cli;
pub mod doctor;
pub mod gemini_sim;
pub mod hearsay;
mod magic;
pub mod meta_sim;
pub mod script;
pub mod stack;
mod wire;
