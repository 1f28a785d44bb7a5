//! The webhook side: what Meta tells the gateway.

mod courier;
mod escape;
mod payload;
mod signature;

pub(crate) use courier::{Courier, CourierOptions, Webhook};
pub use escape::to_meta_json;
pub(crate) use payload::{Act, BusinessNumber, Rider, contact};
pub use signature::sign;
