//! Every route on one screen.

mod health;
pub(crate) mod otp;
mod receive;
mod verify;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use platform::secret::Secret;
use platform::shutdown::Shutdown;
use sqlx::PgPool;
use tokio::sync::Semaphore;

use crate::inbox::Inbox;
use crate::webhook::AppSecrets;

/// What the routes need. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Door {
    pub inbox: Inbox,
    pub app_secrets: AppSecrets,
    pub verify_token: Secret,
    pub pool: PgPool,
    /// The business number that is served; `None`: every one.
    pub phone_number_id: Option<String>,
    pub shutdown: Shutdown,
    /// Kibibytes of bodies that may be in memory; what is above is shed before it is read.
    pub body_kib: Arc<Semaphore>,
}

/// Returns the routes of the contract.
pub(crate) fn routes(door: Door, otp: otp::Otp) -> Router {
    Router::new()
        .route("/webhook/whatsapp", get(verify::verify).post(receive::receive))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .with_state(door)
        .merge(otp::routes(otp))
}
