//! An HTTP server that can also misbehave: it serves a router and cuts a connection when a handler says so.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use http::{HeaderValue, Request, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// How long to wait before accepting again when the process has run out of file handles.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);

/// Marks a response that is never sent: the connection is closed instead.
#[derive(Clone, Copy)]
struct CutConnection;

/// A connection was cut on purpose.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("connection cut on purpose")
    }
}

impl std::error::Error for Cut {}

/// Returns a response that closes the connection without a byte of an answer.
pub(crate) fn cut_connection() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.extensions_mut().insert(CutConnection);
    response
}

/// Returns a response that promises `body` whole and closes the connection after `kept_length` bytes of it.
pub(crate) fn cut_body(status: StatusCode, body: &Bytes, kept_length: usize) -> Response {
    let promised = body.len();
    let kept = body.slice(..kept_length.min(promised.saturating_sub(1)));
    // The pause lets the first bytes leave before the connection goes.
    let pieces = futures::stream::iter([Ok(kept)]).chain(futures::stream::once(async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(Cut)
    }));
    let mut response = Response::new(Body::from_stream(pieces));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(promised));
    response
}

/// Serves `router` until `stop`; then every connection is closed, whatever it waits for.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                connections.spawn(stop.clone().run_until_cancelled_owned(serve_connection(stream, router.clone())));
            }
            Err(_) => tokio::time::sleep(ACCEPT_RETRY_DELAY).await,
        }
    }
    connections.close();
    connections.wait().await;
}

async fn serve_connection(stream: TcpStream, router: Router) {
    stream.set_nodelay(true).ok(); // an optimisation only
    let service = service_fn(move |request: Request<Incoming>| answer(router.clone(), request));
    // The only errors here are clients that leave and connections cut on purpose.
    http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
}

async fn answer(router: Router, request: Request<Incoming>) -> Result<Response, Cut> {
    let response = router.oneshot(request.map(Body::new)).await.unwrap_or_else(|never: Infallible| match never {});
    if response.extensions().get::<CutConnection>().is_some() { Err(Cut) } else { Ok(response) }
}
