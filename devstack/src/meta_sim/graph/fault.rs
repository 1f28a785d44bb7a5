//! What can go wrong with a call that changes something, on demand.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};

use super::error::GraphError;
use super::refuse;
use crate::meta_sim::world::World;
use crate::wire;

/// How a send goes wrong.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SendFault {
    /// Nothing is sent; Meta's JSON says why.
    Error {
        /// Meta's code; HTTP status and title follow from it.
        code: u32,
        /// A subcode, for the codes that still have one.
        #[serde(default)]
        subcode: Option<u32>,
        /// Another HTTP status than the documented one.
        #[serde(default)]
        http_status: Option<u16>,
        /// What `error_data.details` says.
        #[serde(default)]
        details: Option<String>,
    },
    /// Nothing is sent; the edge answers with a page.
    Html {
        /// Usually 502.
        http_status: u16,
    },
    /// Nothing is sent, and no answer comes.
    Hang,
    /// Nothing is sent; the connection is closed.
    Cut,
    /// The message is sent; the connection is closed without an answer.
    AcceptThenCut,
    /// The message is sent; no answer comes.
    AcceptThenHang,
    /// The answer is 200; the only receipt is `failed`.
    AcceptThenFail {
        /// The code in the receipt.
        code: u32,
    },
    /// The gateway has every receipt before the caller has the answer.
    ReceiptsFirst,
    /// The answer is late.
    Slow {
        /// By so many milliseconds.
        delay_ms: u64,
    },
}

impl SendFault {
    /// An error by its code alone.
    pub fn error(code: u32) -> Self {
        Self::Error { code, subcode: None, http_status: None, details: None }
    }

    /// The edge's page for a bad gateway.
    pub fn html_502() -> Self {
        Self::Html { http_status: 502 }
    }

    /// An answer that is late.
    pub fn slow(delay: Duration) -> Self {
        Self::Slow { delay_ms: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX) }
    }
}

/// Returns what a call gets that is done nothing for; `None` when it is done after all, perhaps late.
pub(crate) async fn instead(world: &World, fault: Option<&SendFault>, body: &Bytes) -> Option<Response> {
    match fault {
        Some(SendFault::Error { code, subcode, http_status, details }) => {
            Some(refuse(world, body, scripted_error(*code, *subcode, *http_status, details.clone())))
        }
        Some(SendFault::Html { http_status }) => {
            world.note_refusal(body, None, format!("page with HTTP status {http_status}"));
            Some(html(*http_status))
        }
        Some(SendFault::Hang) => {
            world.note_refusal(body, None, "no answer".to_owned());
            std::future::pending().await
        }
        Some(SendFault::Cut) => {
            world.note_refusal(body, None, "connection cut".to_owned());
            Some(wire::cut_connection())
        }
        Some(SendFault::Slow { delay_ms }) => {
            tokio::time::sleep(Duration::from_millis(*delay_ms)).await;
            None
        }
        Some(_) | None => None,
    }
}

/// Returns the page of Meta's edge.
pub(crate) fn html(http_status: u16) -> Response {
    const PAGE: &str = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Sorry, something went wrong.\
                        </h1><p>We're working on it and we'll get it fixed as soon as we can.</p></body></html>";
    let status = StatusCode::from_u16(http_status).unwrap_or(StatusCode::BAD_GATEWAY);
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], PAGE).into_response()
}

/// Returns the error a fault speaks of.
pub(crate) fn scripted_error(
    code: u32,
    subcode: Option<u32>,
    http_status: Option<u16>,
    details: Option<String>,
) -> GraphError {
    let mut error = GraphError::of_code(code);
    error.subcode = subcode;
    error.details = details.or_else(|| Some("Scripted by the simulator.".to_owned()));
    if let Some(status) = http_status.and_then(|status| StatusCode::from_u16(status).ok()) {
        error.http = status;
    }
    error
}
