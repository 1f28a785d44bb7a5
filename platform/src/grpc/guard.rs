//! What stands before every method: the caller's key, what it is held to, how much is in work, the deadline, the trace.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use opentelemetry::KeyValue;
use tokio::sync::Semaphore;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};
use tracing::{Instrument as _, Span};

use super::callers::{Admitted, CallerKeys, Refused};
use super::open_stream::while_admitted;
use super::refusals;
use super::scope::{Methods, Outside, Scope, hold};
use crate::clock::Clock;
use crate::telemetry;

/// How much sooner than the caller's the deadline of the server is, so that the answer says why: the transport has a
/// deadline too, and says nothing.
const DEADLINE_MARGIN_MAX: Duration = Duration::from_millis(20);

/// Digits that a deadline may have.
const DEADLINE_DIGITS_MAX: usize = 8;

/// What a server checks calls by.
#[derive(Debug)]
pub(super) struct Guarded {
    pub(super) error_domain: &'static str,
    pub(super) keys: CallerKeys,
    pub(super) slots: Arc<Semaphore>,
    pub(super) clock: Clock,
    pub(super) request_bytes_max: usize,
    pub(super) methods: Methods,
    pub(super) scope: Option<Scope>,
}

/// Checks the caller, sheds load and opens the server's span around each call.
#[derive(Clone, Debug)]
pub(super) struct GuardLayer(pub(super) Arc<Guarded>);

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;
    fn layer(&self, inner: S) -> Guard<S> {
        Guard { inner, guarded: Arc::clone(&self.0) }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Guard<S> {
    inner: S,
    guarded: Arc<Guarded>,
}

impl<S> Service<http::Request<Body>> for Guard<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send,
{
    type Response = http::Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = request.uri().path().trim_start_matches('/').to_owned();
        // The instance that was polled ready answers; the clone waits for its turn.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        if method.starts_with("grpc.health.") || method.starts_with("grpc.reflection.") {
            return Box::pin(inner.call(request));
        }
        let guarded = Arc::clone(&self.guarded);
        let span = span_of(&method, &request);
        // From here and not from the first poll, so that it never comes after the transport's own.
        let deadline = time_left(&request).map(|time| tokio::time::Instant::now() + time);
        Box::pin(guarded.answer(method, request, deadline, inner).instrument(span))
    }
}

impl Guarded {
    async fn answer<S>(
        self: Arc<Self>,
        method: String,
        request: http::Request<Body>,
        deadline: Option<tokio::time::Instant>,
        inner: S,
    ) -> Result<http::Response<Body>, S::Error>
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>>,
    {
        let started = Instant::now();
        let (admitted, request) = match self.admit(&method, request) {
            Ok(admitted) => admitted,
            Err(status) => return Ok(status.into_http()),
        };
        Span::current().record("rpc.caller", admitted.caller.name.as_str());
        let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() else {
            return Ok(refusals::overloaded(self.error_domain).into_http());
        };
        let work = self.work(&method, &admitted, request, inner);
        let response = match deadline {
            // What is dropped here gives its statements up, and the database hears of it: `db::connect`.
            Some(deadline) => match tokio::time::timeout_at(deadline, work).await {
                Ok(response) => response,
                Err(_) => Ok(refusals::out_of_time(self.error_domain).into_http()),
            },
            None => work.await,
        };
        drop(slot);
        let response = response.map(|response| refusals::with_reason(&self, &method, response));
        let code = response.as_ref().map_or(0, refusals::code_of);
        Span::current().record("rpc.grpc.status_code", code);
        // Only what is the server's fault marks the span, as the semantic conventions ask.
        if matches!(code, 2 | 4 | 12 | 13 | 14 | 15) {
            Span::current().record("otel.status_code", "ERROR");
        }
        crate::metrics::get().server_duration.record(
            started.elapsed().as_secs_f64(),
            &[KeyValue::new("rpc.method", method.clone()), KeyValue::new("rpc.grpc.status_code", i64::from(code))],
        );
        if code == 0 && self.methods.streams_answers(&method) {
            return response.map(|response| self.while_admitted(method, admitted, response));
        }
        response
    }

    /// Lets a caller in, and takes the key out of the request.
    fn admit(&self, method: &str, mut request: http::Request<Body>) -> Result<(Admitted, http::Request<Body>), Status> {
        let shown = request.headers_mut().remove(http::header::AUTHORIZATION);
        let bearer =
            shown.as_ref().and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
        let admitted = self
            .keys
            .admit(bearer, method, self.clock.now())
            .map_err(|refused| refusals::refused(self.error_domain, refused, method))?;
        // What this server does not know cannot be held to: such a key opens nothing, and a misspelt word neither.
        let known = self.scope.map(|scope| scope.word);
        if admitted.caller.scope_words().any(|word| Some(word) != known) {
            return Err(refusals::refused(self.error_domain, Refused::MethodNotAllowed, method));
        }
        request.extensions_mut().insert(admitted.caller.clone());
        Ok((admitted, request))
    }

    async fn work<S>(
        &self,
        method: &str,
        admitted: &Admitted,
        mut request: http::Request<Body>,
        mut inner: S,
    ) -> Result<http::Response<Body>, S::Error>
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>>,
    {
        if let Some((scope, values)) =
            self.scope.as_ref().and_then(|scope| Some((scope, admitted.caller.scope(scope.word)?)))
        {
            let Some(path) = self.methods.path(method) else {
                return Ok(refusals::refused(self.error_domain, Refused::MethodNotAllowed, method).into_http());
            };
            request = match hold(scope, values, path, self.request_bytes_max, request).await {
                Ok(request) => request,
                Err(Outside::Answer(status)) => return Ok(status.into_http()),
                Err(Outside::Unreadable) => return Ok(refusals::unreadable(self.error_domain).into_http()),
                Err(Outside::TooLarge) => {
                    return Ok(refusals::too_large(self.error_domain, self.request_bytes_max).into_http());
                }
            };
        }
        inner.call(request).await
    }

    fn while_admitted(
        self: Arc<Self>,
        method: String,
        admitted: Admitted,
        response: http::Response<Body>,
    ) -> http::Response<Body> {
        let look = move || {
            self.keys
                .still_admits(&admitted, &method, self.clock.now())
                .map_err(|refused| refusals::refused(self.error_domain, refused, &method))
        };
        while_admitted(response, Box::new(look))
    }
}

fn span_of(method: &str, request: &http::Request<Body>) -> Span {
    let (service, name) = method.split_once('/').unwrap_or((method, ""));
    let span = tracing::info_span!(
        "rpc",
        otel.name = method,
        otel.kind = "server",
        otel.status_code = tracing::field::Empty,
        rpc.system = "grpc",
        rpc.service = service,
        rpc.method = name,
        rpc.grpc.status_code = tracing::field::Empty,
        rpc.caller = tracing::field::Empty,
    );
    if let Some(parent) = request.headers().get("traceparent").and_then(|value| value.to_str().ok()) {
        telemetry::set_parent(&span, parent);
    }
    span
}

/// Returns how long the caller waits, less what it takes to say that it is over.
fn time_left(request: &http::Request<Body>) -> Option<Duration> {
    let value = request.headers().get("grpc-timeout")?.to_str().ok()?;
    let (count, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    // As the protocol has it: no more than that, so that no deadline is further away than time can be told.
    if count.len() > DEADLINE_DIGITS_MAX {
        return None;
    }
    let count: u64 = count.parse().ok()?;
    let time = match unit {
        "H" => Duration::from_secs(count * 3600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    };
    Some(time.saturating_sub((time / 20).min(DEADLINE_MARGIN_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deadline_is_a_little_before_that_of_the_caller() {
        let deadline = |value: &str| {
            time_left(&http::Request::builder().header("grpc-timeout", value).body(Body::empty()).unwrap())
        };

        assert_eq!(deadline("1S"), Some(Duration::from_millis(980)));
        assert_eq!(deadline("100m"), Some(Duration::from_millis(95)));
        assert_eq!(deadline("1H"), Some(Duration::from_hours(1) - Duration::from_millis(20)));
        assert_eq!(deadline("2M"), Some(Duration::from_mins(2) - Duration::from_millis(20)));
        assert!(deadline("99999999H").is_some_and(|time| Instant::now().checked_add(time).is_some()));
        for wrong in ["", "S", "1", "1x", "-1S", "100000000S", "9223372036854775807S", "99999999999999999999H", "1é"] {
            assert_eq!(deadline(wrong), None, "{wrong}");
        }
    }
}
