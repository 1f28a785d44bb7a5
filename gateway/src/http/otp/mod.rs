//! One-time codes for programs that want to know which member they speak with: `POST /v1/otp` and `POST /v1/otp/verify`.
//!
//! Nobody learns here who is a member: a stranger gets the answers of a member, after the same time, and nothing is sent.

mod ask;
mod body;
mod limits;
mod problem;
mod token;
mod verify;

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use platform::Process;
use platform::grpc::Channel;
use proto::common::v1::WhatsAppUser;
use proto::inventory::v1 as inventory;
use proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use proto::messenger::v1::messenger_service_client::MessengerServiceClient;
use sha2::Sha256;
use tracing::Instrument as _;

use self::limits::Limits;
use self::problem::Problem;
pub(crate) use self::token::{Issuer, Tokens};
use crate::metrics;

/// A stranger costs one call and a member two: nobody is answered sooner than this, so that the time does not tell.
const ANSWER_AFTER: Duration = Duration::from_millis(250);
/// Characters of an `Idempotency-Key`.
const IDEMPOTENCY_KEY_MAX: usize = 200;

/// What the routes need. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Otp {
    pub inventory: InventoryServiceClient<Channel>,
    pub messenger: MessengerServiceClient<Channel>,
    /// Makes the tokens; `None`: the routes say that they are not set up.
    pub tokens: Option<Tokens>,
    pub phone_number_id: Option<String>,
    pub limits: Limits,
    /// Proxies before the gateway that append to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    pub process: Process,
}

/// What the routes are made of.
pub(crate) struct Parts {
    pub inventory: InventoryServiceClient<Channel>,
    pub messenger: MessengerServiceClient<Channel>,
    pub tokens: Option<Tokens>,
    pub phone_number_id: Option<String>,
    /// Requests of one client address in a minute.
    pub per_minute: u32,
    pub trusted_proxies: usize,
    pub process: Process,
}

impl Otp {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { inventory, messenger, tokens, phone_number_id, per_minute, trusted_proxies, process } = parts;
        let limits = Limits::new(per_minute);
        Self { inventory, messenger, tokens, phone_number_id, limits, trusted_proxies, process }
    }

    fn tokens(&self) -> Result<&Tokens, Problem> {
        self.tokens.as_ref().ok_or(Problem::NotConfigured)
    }

    /// Returns who has this number; `None`: nobody who is a member.
    async fn member(&self, digits: &str) -> Result<Option<(inventory::Shop, inventory::Member)>, Problem> {
        let request = inventory::IdentifyMemberRequest {
            user: Some(user(digits)),
            profile_name: String::new(),
            business_phone_number_id: self.phone_number_id.clone().unwrap_or_default(),
            lookup_only: true,
            with_items: false,
        };
        match self.inventory.clone().identify_member(request).await {
            Ok(response) => {
                let found = response.into_inner();
                Ok(found.shop.zip(found.member))
            }
            // A form that inventory does not take is nobody's number either.
            Err(status) if matches!(status.code(), tonic::Code::NotFound | tonic::Code::InvalidArgument) => Ok(None),
            Err(status) => Err(Problem::of(&status)),
        }
    }

    /// Names a request by what it says and the key that the client gave it, or by a new id.
    fn request_id(&self, headers: &HeaderMap, said: &[&str]) -> Result<String, Problem> {
        let Some(key) = headers.get("idempotency-key") else { return Ok(format!("http/{}", self.process.ids.uuid())) };
        let key = key.as_bytes();
        if !(1..=IDEMPOTENCY_KEY_MAX).contains(&key.len()) || !key.iter().all(u8::is_ascii_graphic) {
            return Err(Problem::invalid("Idempotency-Key", "must be 1 to 200 visible ASCII characters"));
        }
        // Keyed, because it is stored and a phone number could be guessed from a plain digest. What it says is part of the
        // name, so that clients who choose the same key do not get in each other's way.
        let secret = self.tokens()?.secret();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
        for part in std::iter::once(key).chain(said.iter().map(|part| part.as_bytes())) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Ok(format!("http/{}", hex::encode(mac.finalize().into_bytes())))
    }
}

/// Returns the routes.
pub(crate) fn routes(otp: Otp) -> Router {
    Router::new()
        .route("/v1/otp", post(ask::ask).fallback(method_not_allowed))
        .route("/v1/otp/verify", post(verify::verify).fallback(method_not_allowed))
        .layer(middleware::from_fn_with_state(otp.clone(), admit))
        .with_state(otp)
}

async fn method_not_allowed() -> Problem {
    Problem::MethodNotAllowed
}

/// Opens the span of a request, counts its client and takes the time.
async fn admit(
    State(otp): State<Otp>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let route = if request.uri().path().ends_with("/verify") { "/v1/otp/verify" } else { "/v1/otp" };
    let span = tracing::info_span!(
        "http",
        otel.name = format!("{} {route}", request.method()),
        otel.kind = "server",
        otel.status_code = tracing::field::Empty,
        http.request.method = request.method().as_str(),
        http.route = route,
        http.response.status_code = tracing::field::Empty,
    );
    let client = client_address(request.headers(), peer.ip(), otp.trusted_proxies);
    let response = async {
        match otp.limits.admit_client(client, otp.process.clock.now()) {
            Ok(()) => next.run(request).await,
            Err(wait) => Problem::RateLimited { wait }.into_response(),
        }
    }
    .instrument(span.clone())
    .await;
    span.record("http.response.status_code", response.status().as_u16());
    if response.status().is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    metrics::get().request(route, response.status(), started.elapsed());
    response
}

/// Returns who asks: what the outermost of our own proxies saw. What a client writes into the header itself stands further left.
fn client_address(headers: &HeaderMap, peer: IpAddr, trusted_proxies: usize) -> IpAddr {
    let Some(nth_from_right) = trusted_proxies.checked_sub(1) else { return peer };
    let values = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    hops.iter().rev().nth(nth_from_right).and_then(|hop| hop.parse().ok()).unwrap_or(peer)
}

fn user(digits: &str) -> WhatsAppUser {
    WhatsAppUser { user_id: String::new(), phone_number: digits.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_is_the_peer_unless_our_own_proxies_say_otherwise() {
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        let client = |header: &[&str], trusted: usize| {
            let mut headers = HeaderMap::new();
            for value in header {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            client_address(&headers, peer, trusted).to_string()
        };
        assert_eq!(client(&["1.1.1.1"], 0), "10.0.0.1");
        assert_eq!(client(&["6.6.6.6, 1.1.1.1"], 1), "1.1.1.1");
        assert_eq!(client(&["6.6.6.6, 1.1.1.1", "2.2.2.2"], 2), "1.1.1.1");
        assert_eq!(client(&["6.6.6.6, 2001:db8::1"], 1), "2001:db8::1");
        for header in [&[][..], &["odd"], &["6.6.6.6, odd"]] {
            assert_eq!(client(header, 1), "10.0.0.1");
        }
        assert_eq!(client(&["1.1.1.1"], 2), "10.0.0.1");
    }
}
