//! Answers that go on: a stream ends soon after the key that opened it stops to count.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use hyper::body::Frame;
use tokio::time::{Interval, MissedTickBehavior};
use tonic::Status;
use tonic::body::Body;

/// How often it is looked whether the key still counts.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Says how a stream ends when it may not go on.
type Look = Box<dyn FnMut() -> Result<(), Status> + Send>;

/// The body of an answer that goes on for as long as its caller may call.
struct OpenStream {
    inner: Body,
    look: Look,
    due: Interval,
    is_over: bool,
}

/// Returns an answer that ends with what `look` says, once it says something.
pub(super) fn while_admitted(response: http::Response<Body>, look: Look) -> http::Response<Body> {
    let mut due = tokio::time::interval_at(tokio::time::Instant::now() + LOOK_EVERY, LOOK_EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    response.map(|inner| Body::new(OpenStream { inner, look, due, is_over: false }))
}

impl hyper::body::Body for OpenStream {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        while self.due.poll_tick(context).is_ready() {
            if let Err(status) = (self.look)() {
                self.is_over = true;
                // What was behind it (a page, a statement) is let go at once.
                self.inner = Body::empty();
                let mut trailers = HeaderMap::new();
                return Poll::Ready(Some(status.add_header(&mut trailers).map(|()| Frame::trailers(trailers))));
            }
        }
        let frame = Pin::new(&mut self.inner).poll_frame(context);
        self.is_over = matches!(frame, Poll::Ready(None));
        frame
    }
}
