//! The webhook side: what Meta tells the gateway.
//!
//! - `act`: what people do, as messages carry it
//! - `payload`: the JSON around it
//! - `escape`, `signature`: the bytes and what vouches for them
//! - `post_office`: several in one, out of order, twice, or later
//! - `courier`: the way to the gateway

mod act;
mod courier;
mod escape;
mod payload;
mod post_office;
mod signature;

pub use act::Forwarded;
pub(crate) use act::{Act, Rider};
pub(crate) use courier::{Courier, CourierOptions, Webhook};
pub use escape::to_meta_json;
pub(crate) use payload::{BusinessNumber, contact};
pub use post_office::DeliveryManner;
pub(crate) use post_office::{PostOffice, Update};
pub use signature::sign;
