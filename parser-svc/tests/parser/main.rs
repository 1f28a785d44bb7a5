//! The parser through the door its callers use: gRPC.

mod contract;
mod gemini;
mod golden;
mod properties;
mod world;
