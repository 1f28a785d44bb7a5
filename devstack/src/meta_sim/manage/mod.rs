//! What an operator manages at Meta, over the Graph API: token, number, account, app, templates (section 9).
//!
//! - `account`: the state, `ailment`: each way in which it can be broken
//! - `access`: who asks and what they may, `error`: how Graph refuses
//! - `debug_token`, `number`, `registration`, `waba`, `subscriptions`: the calls
//! - `callback`: Meta's verification call, made before an address is saved
//! - `control`: the state by HTTP under `/_sim/account`
//!
//! Graph finds an object by its id, whatever it is, so this stands before the other routes and takes the calls whose
//! object it knows.

mod access;
mod account;
mod ailment;
mod callback;
mod control;
mod debug_token;
mod error;
mod health;
mod number;
mod registration;
mod request;
mod subscriptions;
mod waba;

use std::sync::Arc;

use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, header};
use jiff::SignedDuration;
use jiff::fmt::rfc2822;

pub(crate) use account::Account;
pub use account::{AccountOptions, MessageTemplate};
pub use ailment::{Ailment, Entity};
pub(crate) use control::routes;

use super::world::World;
use error::Refusal;
use request::Call;

/// Management calls are small; media are taken elsewhere.
const BODY_BYTES_MAX: usize = 64 * 1024;

type Answer = Result<serde_json::Value, Refusal>;

/// Answers management calls and leaves the others to the routes behind it.
pub(crate) async fn answer(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let Some(call) = Call::of(&request) else { return next.run(request).await };
    let skew = world.account.read(|facts| facts.clock_skew);
    let response = match dispatch(&world, call, request, next).await {
        Handled::Here(answer) => answer.map(axum::Json).into_response(),
        Handled::Elsewhere(response) => response,
    };
    with_date(&world, skew, response)
}

enum Handled {
    Here(Answer),
    Elsewhere(Response),
}

async fn dispatch(world: &Arc<World>, mut call: Call, request: Request, next: Next) -> Handled {
    let ids = world.account.ids();
    let (object, edge) = (call.object.clone(), call.edge.clone());
    // Messages and media are refused where they are noted.
    let may_be_traffic = matches!(edge.as_deref(), Some("messages" | "media"));
    if !call.version_exists() && !may_be_traffic {
        return Handled::Here(Err(Refusal::unknown_path(&call.path)));
    }
    let is_number = object == ids.phone_number_id;
    let is_waba = object == ids.waba_id;
    let is_app = object == ids.app_id;
    let is_ours = is_number || is_waba || is_app || object == "me" || object == "debug_token";
    // An id that is nobody's is still a question about a number or an account, unless it could be one about media.
    let is_strange = edge.is_none() && call.query.contains_key("fields");
    if is_number && may_be_traffic {
        return match access::may_send(world, &call) {
            Ok(()) => Handled::Elsewhere(next.run(request).await),
            Err(refusal) => {
                let outcome = format!("error {} from the account", refusal.code);
                world.note_refusal(&Bytes::new(), Some(refusal.code), outcome);
                Handled::Here(Err(refusal))
            }
        };
    }
    if !is_ours && !is_strange {
        return Handled::Elsewhere(next.run(request).await);
    }
    let Ok(body) = to_bytes(request.into_body(), BODY_BYTES_MAX).await else {
        return Handled::Here(Err(Refusal::invalid("The request body is too large.")));
    };
    if let Err(refusal) = call.read_body(&body) {
        return Handled::Here(Err(refusal));
    }
    let method = call.method.clone();
    Handled::Here(match (method, object.as_str(), edge.as_deref()) {
        (Method::GET, "me", None) => access::me(world, &call),
        (Method::GET, "debug_token", None) => debug_token::answer(world, &call),
        (Method::GET, _, None) if is_number => number::fields(world, &call),
        (Method::POST, _, None) if is_number => number::change(world, &call).await,
        (Method::POST, _, Some("request_code")) if is_number => registration::request_code(world, &call),
        (Method::POST, _, Some("verify_code")) if is_number => registration::verify_code(world, &call),
        (Method::POST, _, Some("register")) if is_number => registration::register(world, &call),
        (Method::POST, _, Some("deregister")) if is_number => registration::deregister(world, &call),
        (Method::GET, _, None) if is_waba => waba::fields(world, &call),
        (Method::GET, _, Some("phone_numbers")) if is_waba => waba::phone_numbers(world, &call),
        (Method::GET, _, Some("message_templates")) if is_waba => waba::message_templates(world, &call),
        (Method::GET, _, Some("subscribed_apps")) if is_waba => subscriptions::apps(world, &call),
        (Method::POST, _, Some("subscribed_apps")) if is_waba => subscriptions::subscribe(world, &call).await,
        (Method::DELETE, _, Some("subscribed_apps")) if is_waba => subscriptions::unsubscribe(world, &call),
        (Method::GET, _, Some("subscriptions")) if is_app => subscriptions::of_app(world, &call),
        (Method::POST, _, Some("subscriptions")) if is_app => subscriptions::subscribe_app(world, &call).await,
        (_, _, None) => access::system(world, &call, None).and_then(|()| Err(Refusal::no_such_object(&call))),
        (_, _, Some(_)) => Err(Refusal::unknown_path(&call.path)),
    })
}

/// Dates an answer by a clock that may be ahead of the machine's.
fn with_date(world: &World, skew: SignedDuration, mut response: Response) -> Response {
    if skew.is_zero() {
        return response; // the server dates it
    }
    let date = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&(world.clock.now() + skew));
    if let Ok(value) = date.map_err(|_| ()).and_then(|date| HeaderValue::from_str(&date).map_err(|_| ())) {
        response.headers_mut().insert(header::DATE, value);
    }
    response
}
