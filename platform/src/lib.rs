//! How every binary of The Backroom runs. No product words here.
//!
//! - [`run`]: the one bootstrap, telemetry to flush; [`settings`], [`secret`], [`shutdown`], [`telemetry`], [`metrics`]
//! - [`grpc`]: servers and channels; [`error`]: the error table; [`http`]: the one HTTP client
//! - [`db`]: pools, migrations, named transactions; [`lanes`]: the durable queue; [`batch`]: group commit
//! - [`clock`], [`ids`]: time and ids, handed in

pub mod batch;
pub mod clock;
pub mod db;
pub mod error;
pub mod grpc;
pub mod http;
pub mod ids;
pub mod lanes;
pub mod metrics;
mod run;
pub mod secret;
pub mod settings;
pub mod shutdown;
pub mod telemetry;

pub use run::{Process, bind, run};
