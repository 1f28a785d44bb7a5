//! The Gemini API: one call, `generateContent`, with everything that can go wrong with it.

mod answer;
mod breaker;
mod client;
mod error;
mod request;
mod response;

pub use client::{Gemini, Options};
