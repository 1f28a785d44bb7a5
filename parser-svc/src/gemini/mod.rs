//! The Gemini API: one call, `generateContent`, with everything that can go wrong with it.

mod answer;
mod breaker;
mod client;
mod error;
mod price;
mod request;
mod response;

pub use client::{Gemini, Options};
pub use price::is_known as has_price;
