//! A messenger that sends one-time codes, and whoever asks it to.

use jiff::SignedDuration;
use platform::error::reason_of;
use proto::messenger::v1 as pb;
use proto::messenger::v1::DeliveryState;
use tonic::Status;

use crate::world::{Client, World, user};

pub const OTP_KEY: &str = "the key of one-time codes in the tests";
pub const SETTINGS: [&str; 4] = [
    "--otp-key=the key of one-time codes in the tests",
    "--otp-template=login_code",
    "--otp-caller-per-minute=100000",
    "--number-rate-per-second=10000",
];
pub const REJECTED: &str = "ERROR_REASON_OTP_REJECTED";
pub const LIMIT: &str = "ERROR_REASON_OTP_LIMIT";
pub const TOO_SOON: &str = "ERROR_REASON_OTP_TOO_SOON";

/// On a clock that stands still.
pub async fn start(args: &[&str]) -> World {
    let all: Vec<&str> =
        SETTINGS.iter().filter(|arg| !args.iter().any(|own| name(own) == name(arg))).copied().collect();
    World::start_frozen(&[&all, args].concat()).await
}

fn name(arg: &str) -> &str {
    arg.split('=').next().unwrap()
}

pub fn to_send(request_id: &str, phone: &str, purpose: &str) -> pb::SendOtpRequest {
    pb::SendOtpRequest {
        request_id: request_id.to_owned(),
        recipient: Some(user("", phone)),
        purpose: purpose.to_owned(),
        template_language: String::new(),
    }
}

pub fn to_verify(request_id: &str, phone: &str, purpose: &str, code: &str) -> pb::VerifyOtpRequest {
    pb::VerifyOtpRequest {
        request_id: request_id.to_owned(),
        recipient: Some(user("", phone)),
        purpose: purpose.to_owned(),
        code: code.to_owned(),
    }
}

pub async fn send(client: &Client, request: pb::SendOtpRequest) -> Result<pb::SendOtpResponse, Status> {
    client.clone().send_otp(request).await.map(tonic::Response::into_inner)
}

pub async fn verify(client: &Client, request: pb::VerifyOtpRequest) -> Result<pb::VerifyOtpResponse, Status> {
    client.clone().verify_otp(request).await.map(tonic::Response::into_inner)
}

pub fn reason<T: std::fmt::Debug>(result: Result<T, Status>) -> String {
    reason_of(&result.unwrap_err()).unwrap()
}

/// The code that the Graph API got with a message.
pub fn code_of(world: &World, message_id: &str) -> String {
    let calls = world.graph.calls();
    let call = calls.iter().rev().find(|call| call.message_id() == message_id).unwrap();
    call.body["template"]["components"][0]["parameters"][0]["text"].as_str().unwrap().to_owned()
}

/// Another code.
pub fn other(code: &str, by: u32) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + by) % 1_000_000)
}

impl World {
    /// Has a code sent and returns it, once the Graph API took it.
    pub async fn code(&self, request_id: &str, phone: &str, purpose: &str) -> String {
        let sent = send(&self.client, to_send(request_id, phone, purpose)).await.unwrap();
        self.until(&sent.message_id, DeliveryState::Accepted).await;
        code_of(self, &sent.message_id)
    }

    pub async fn try_code(&self, request_id: &str, phone: &str, code: &str) -> Result<pb::VerifyOtpResponse, Status> {
        verify(&self.client, to_verify(request_id, phone, "login", code)).await
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }
}
