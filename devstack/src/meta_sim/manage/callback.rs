//! The call that Meta makes before it saves an address for webhooks (section 1.1).

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use rand::Rng as _;
use url::{Host, Url};

use super::error::Refusal;
use crate::meta_sim::world::World;

/// The longest address of an override.
const URL_LENGTH_MAX: usize = 200;
const TIMEOUT: Duration = Duration::from_secs(10);

/// Asks an address to echo a challenge; one that does not is not saved.
pub(super) async fn verify(world: &World, address: &str, verify_token: Option<&str>) -> Result<(), Refusal> {
    let verify_token =
        verify_token.ok_or_else(|| Refusal::invalid("The parameter verify_token is required with a callback URL."))?;
    if address.len() > URL_LENGTH_MAX {
        return Err(Refusal::invalid(format!("The callback URL must be at most {URL_LENGTH_MAX} characters long.")));
    }
    let url = Url::parse(address).map_err(|_| Refusal::invalid("The callback URL is not a URL."))?;
    if url.scheme() != "https" && !is_this_machine(&url) {
        return Err(Refusal::invalid("The callback URL must use HTTPS."));
    }
    let challenge = rand::rng().random_range(100_000_000..1_000_000_000_u32).to_string();
    let query = [("hub.mode", "subscribe"), ("hub.challenge", challenge.as_str()), ("hub.verify_token", verify_token)];
    let client = reqwest::Client::builder()
        .user_agent("facebookplatform/1.0 (+http://developers.facebook.com)")
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIMEOUT)
        .no_proxy()
        .build()
        .map_err(|_| failed("the client could not be made"))?;
    let answer = tokio::select! {
        () = world.stop.cancelled() => return Err(failed("the simulator stops")),
        answer = client.get(url).query(&query).send() => answer,
    };
    let response = answer.map_err(|error| {
        failed(if error.is_timeout() {
            "curl_errno = 28; curl_error = Operation timed out"
        } else {
            "curl_errno = 7; curl_error = Failed to connect; HTTP Status Code = 0; HTTP Message = "
        })
    })?;
    let status = response.status();
    if status != StatusCode::OK {
        let reason = status.canonical_reason().unwrap_or_default();
        return Err(failed(&format!("HTTP Status Code = {}; HTTP Message = {reason}", status.as_u16())));
    }
    match response.text().await {
        Ok(echoed) if echoed == challenge => Ok(()),
        _ => Err(failed("the response does not match the challenge")),
    }
}

/// Sends webhooks from now on to the address that wins.
pub(super) fn redirect(world: &Arc<World>) {
    if let Some(url) = world.account.read(|facts| facts.callback().map(str::to_owned)) {
        world.courier.set_url(url);
    }
}

fn failed(why: &str) -> Refusal {
    let message = format!("(#2200) Callback verification failed with the following errors: {why}");
    Refusal::of(StatusCode::BAD_REQUEST, 2200, message).for_people(
        "The URL couldn't be validated",
        format!("The callback URL or verify token couldn't be validated. Please verify the provided information or try again later. {why}"),
    )
}

/// Meta refuses plain HTTP; a development stack has nothing else to offer on its own machine.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
