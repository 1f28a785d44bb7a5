//! From a number to one that sends: code, verification, registration (section 9.5).

use jiff::SignedDuration;
use rand::Rng as _;
use serde_json::{Value, json};

use super::error::Refusal;
use super::number::is_pin;
use super::request::Call;
use super::{Answer, access};
use crate::meta_sim::world::World;

const MANAGEMENT: &str = "whatsapp_business_management";

/// How often a number may be registered or deregistered in [`PERIOD`].
const REGISTRATIONS_MAX: usize = 10;
const PERIOD: SignedDuration = SignedDuration::from_hours(72);
/// How long a deregistered number rests.
const REST: SignedDuration = SignedDuration::from_mins(5);
/// Wrong PINs after which none is taken for a while.
const WRONG_PINS_MAX: u32 = 5;

/// `POST /{phone-number-id}/request_code`.
pub(super) fn request_code(world: &World, call: &Call) -> Answer {
    access::system(world, call, Some(MANAGEMENT))?;
    call.only(&["code_method", "language"])?;
    if !matches!(call.required("code_method")?, "SMS" | "VOICE") {
        return Err(Refusal::invalid("Param code_method must be one of {SMS, VOICE}."));
    }
    call.required("language")?;
    world.account.change(|facts| {
        if facts.number.code_verification_status == "VERIFIED" {
            return Err(Refusal::detailed(136_024, "Request code error", "The phone number is verified already."));
        }
        facts.number.code = Some(rand::rng().random_range(100_000..1_000_000_u32).to_string());
        Ok(access::success())
    })
}

/// `POST /{phone-number-id}/verify_code`.
pub(super) fn verify_code(world: &World, call: &Call) -> Answer {
    access::system(world, call, Some(MANAGEMENT))?;
    call.only(&["code"])?;
    let code = call.required("code")?.to_owned();
    world.account.change(|facts| {
        if facts.number.code.as_deref() != Some(code.as_str()) {
            return Err(Refusal::detailed(136_025, "Verify code error", "The code does not match."));
        }
        facts.number.code = None;
        "VERIFIED".clone_into(&mut facts.number.code_verification_status);
        Ok(json!({"success": true, "id": world.number.phone_number_id}))
    })
}

/// `POST /{phone-number-id}/register`.
pub(super) fn register(world: &World, call: &Call) -> Answer {
    access::system(world, call, Some(MANAGEMENT))?;
    call.only(&["messaging_product", "pin", "data_localization_region"])?;
    check_product(call)?;
    let pin = call.required("pin")?.to_owned();
    if !is_pin(&pin) {
        return Err(Refusal::invalid("Param pin must be 6 digits."));
    }
    let now = world.clock.now();
    world.account.change(|facts| {
        let number = &mut facts.number;
        number.registrations.retain(|at| now.duration_since(*at) < PERIOD);
        if number.registrations.len() >= REGISTRATIONS_MAX {
            let details = "Registration of this phone number is blocked because it was registered or deregistered 10 \
                           times in 72 hours. Try again in 72 hours.";
            return Err(Refusal::detailed(133_016, "Account register deregister rate limit exceeded", details));
        }
        if number.deregistered_at.is_some_and(|at| now.duration_since(at) < REST) {
            let details =
                "The phone number was deregistered a moment ago. Wait 5 minutes before you register it again.";
            return Err(Refusal::detailed(133_015, "Please wait a few minutes before attempting to register", details));
        }
        if !matches!(number.code_verification_status.as_str(), "VERIFIED" | "EXPIRED") {
            let details = "The phone number has to be verified before it is registered.";
            return Err(Refusal::detailed(133_006, "Phone number re-verification needed", details));
        }
        if number.wrong_pin_count >= WRONG_PINS_MAX {
            let details = "Too many wrong PINs for this phone number. Try again in 12 hours.";
            return Err(Refusal::detailed(133_008, "Too many two-step verification PIN guesses", details));
        }
        if number.pin.as_ref().is_some_and(|set| *set != pin) {
            number.wrong_pin_count += 1;
            let details = "The two-step verification PIN is not the one of this phone number.";
            return Err(Refusal::detailed(133_005, "Two-step verification PIN mismatch", details));
        }
        number.wrong_pin_count = 0;
        number.registrations.push(now);
        number.pin = Some(pin);
        "CONNECTED".clone_into(&mut number.status);
        "CLOUD_API".clone_into(&mut number.platform_type);
        "STANDARD".clone_into(&mut number.throughput);
        Ok(access::success())
    })
}

/// `POST /{phone-number-id}/deregister`.
pub(super) fn deregister(world: &World, call: &Call) -> Answer {
    access::system(world, call, Some(MANAGEMENT))?;
    let now = world.clock.now();
    world.account.change(|facts| {
        let number = &mut facts.number;
        number.registrations.push(now);
        number.deregistered_at = Some(now);
        "DISCONNECTED".clone_into(&mut number.status);
        "NOT_APPLICABLE".clone_into(&mut number.platform_type);
        "NOT_APPLICABLE".clone_into(&mut number.throughput);
        Ok(access::success())
    })
}

fn check_product(call: &Call) -> Result<(), Refusal> {
    match call.body("messaging_product").and_then(Value::as_str) {
        Some("whatsapp") => Ok(()),
        _ => Err(Refusal::invalid("The parameter messaging_product is required.")),
    }
}
