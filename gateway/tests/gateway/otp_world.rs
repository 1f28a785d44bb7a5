//! A gateway whose inventory and messenger answer about codes by script, and whoever asks it over HTTP.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::Parser as _;
use gateway::Settings;
use jiff::Timestamp;
use platform::Process;
use platform::clock::Clock;
use platform::error::{Refusal, Situation};
use platform::shutdown::Shutdown;
use proto::inventory::v1 as inventory;
use proto::messenger::v1 as messenger;
use serde_json::{Value, json};
use tonic::Status;

use crate::fakes::Script;
use crate::otp_api as api;

pub const MEMBER: &str = "+27820000001";
pub const STRANGER: &str = "+27830000001";
pub const MEMBER_ID: &str = "0192d3a0-0000-7000-8000-000000000001";
pub const SHOP_ID: &str = "0192d3a0-0000-7000-8000-000000000002";
pub const TOKEN_KEY: &str = "the key of the tokens of the tests";
pub const CODE: &str = "483920";

/// A refusal: what it is, its reason, and when to come back.
type Refused = (Situation, &'static str, Option<Duration>);

/// What the services behind saw and how they refuse.
#[derive(Clone, Default)]
pub struct Behind {
    pub sent: Arc<Mutex<Vec<messenger::SendOtpRequest>>>,
    pub verified: Arc<Mutex<Vec<messenger::VerifyOtpRequest>>>,
    pub looked_up: Arc<Mutex<Vec<inventory::IdentifyMemberRequest>>>,
    pub refusal: Arc<Mutex<Option<Refused>>>,
    pub inventory_refusal: Arc<Mutex<Option<(Situation, &'static str)>>>,
    pub role: Arc<Mutex<i32>>,
}

pub struct OtpWorld {
    pub behind: Behind,
    pub clock: Clock,
    pub url: String,
    http: reqwest::Client,
    shutdown: Shutdown,
}

/// An answer over HTTP.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub retry_after: Option<u64>,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The last word of the problem's type.
    pub fn problem(&self) -> String {
        assert_eq!(self.content_type, "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        problem["type"].as_str().unwrap().rsplit(':').next().unwrap().to_owned()
    }
}

/// A call that is being put together.
pub struct Call {
    request: reqwest::RequestBuilder,
    method: String,
    path: String,
}

impl Call {
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    pub fn body(self, body: impl Into<String>) -> Self {
        Self { request: self.request.body(body.into()), ..self }
    }

    /// Every answer of every test is held against openapi.yaml.
    pub async fn send(self) -> Answer {
        let response = self.request.send().await.unwrap();
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let answer = Answer {
            status: response.status().as_u16(),
            content_type: header("content-type").unwrap_or_default(),
            retry_after: header("retry-after").map(|seconds| seconds.parse().unwrap()),
            text: response.text().await.unwrap(),
        };
        api::hold(&self.method, &self.path, &answer);
        answer
    }
}

impl OtpWorld {
    pub async fn start(args: &[&str]) -> Self {
        let database_url = local_postgres::fresh_database("gateway").await;
        let behind = Behind::default();
        *behind.role.lock().unwrap() = inventory::Role::Manager.into();
        let clock = Clock::manual(Timestamp::from_second(1_800_000_000).unwrap());
        let (inventory_url, messenger_url) = (inventory(&behind).await, messenger(&behind, &clock).await);
        let own = [
            "gateway".to_owned(),
            format!("--database-url={database_url}"),
            format!("--inventory-url={inventory_url}"),
            format!("--messenger-url={messenger_url}"),
            "--whatsapp-app-secret=a secret".to_owned(),
            "--whatsapp-verify-token=a verify token".to_owned(),
            "--caller-key=a key of the tests".to_owned(),
            "--whatsapp-phone-number-id=2000".to_owned(),
        ];
        let name = |arg: &str| arg.split('=').next().unwrap().to_owned();
        let own: Vec<String> =
            own.into_iter().filter(|arg| !args.iter().any(|given| name(given) == name(arg))).collect();
        let settings = Settings::try_parse_from(own.iter().map(String::as_str).chain(args.iter().copied())).unwrap();
        let listener = platform::bind(([127, 0, 0, 1], 0).into(), "LISTEN_ADDR").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shutdown = Shutdown::new();
        let process = Process::new(clock.clone(), shutdown.clone());
        // The futures of the migrator are not `Send` in the compiler's eyes.
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || runtime.block_on(gateway::serve(settings, listener, process)).unwrap());
        let http = platform::http::client(&platform::http::Options {
            user_agent_part: "tests",
            connect_timeout: Duration::from_secs(20),
            timeout: Duration::from_secs(20),
            redirects: false,
        })
        .unwrap();
        Self { behind, clock, url, http, shutdown }
    }

    /// With a key, and more requests a minute than a test makes.
    pub async fn open() -> Self {
        Self::start(&[&format!("--member-token-key={TOKEN_KEY}"), "--otp-http-per-minute=1000"]).await
    }

    pub fn call(&self, method: &str, path: &str) -> Call {
        let request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.url));
        let path = path.split('?').next().unwrap();
        Call { request, method: method.to_owned(), path: path.to_owned() }
    }

    pub async fn ask(&self, phone: &str) -> Answer {
        self.call("POST", "/v1/otp").json(&json!({"phone_number": phone, "purpose": "login"})).send().await
    }

    pub async fn verify(&self, phone: &str, code: &str) -> Answer {
        let body = json!({"phone_number": phone, "purpose": "login", "code": code});
        self.call("POST", "/v1/otp/verify").json(&body).send().await
    }

    pub fn sent_count(&self) -> usize {
        self.behind.sent.lock().unwrap().len()
    }

    pub fn refuse(&self, situation: Situation, reason: &'static str, retry: Option<Duration>) {
        *self.behind.refusal.lock().unwrap() = Some((situation, reason, retry));
    }
}

impl Drop for OtpWorld {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}

async fn inventory(behind: &Behind) -> String {
    let behind = behind.clone();
    Script::of("thebackroom.inventory.v1.InventoryService")
        .on("IdentifyMember", move |request: inventory::IdentifyMemberRequest| {
            behind.looked_up.lock().unwrap().push(request.clone());
            if let Some((situation, reason)) = *behind.inventory_refusal.lock().unwrap() {
                return Err(refusal("inventory.thebackroom", situation, reason, None));
            }
            if format!("+{}", request.user.unwrap().phone_number) != MEMBER {
                let reason = "ERROR_REASON_MEMBER_NOT_FOUND";
                return Err(refusal("inventory.thebackroom", Situation::NotFound, reason, None));
            }
            let member = inventory::Member {
                member_id: MEMBER_ID.to_owned(),
                role: *behind.role.lock().unwrap(),
                ..inventory::Member::default()
            };
            let shop = inventory::Shop { shop_id: SHOP_ID.to_owned(), ..inventory::Shop::default() };
            Ok(inventory::IdentifyMemberResponse {
                shop: Some(shop),
                member: Some(member),
                created: false,
                items: Vec::new(),
            })
        })
        .start()
        .await
}

async fn messenger(behind: &Behind, clock: &Clock) -> String {
    let (sends, verifies, clock) = (behind.clone(), behind.clone(), clock.clone());
    let refused = |behind: &Behind| {
        let refusal_of = *behind.refusal.lock().unwrap();
        refusal_of.map_or(Ok(()), |(situation, reason, retry)| {
            Err(refusal("messenger.thebackroom", situation, reason, retry))
        })
    };
    Script::of("thebackroom.messenger.v1.MessengerService")
        .on("SendOtp", move |request: messenger::SendOtpRequest| {
            refused(&sends)?;
            sends.sent.lock().unwrap().push(request);
            let time =
                |seconds: i64| Some(prost_types::Timestamp { seconds: clock.now().as_second() + seconds, nanos: 7 });
            Ok(messenger::SendOtpResponse { expire_time: time(300), resend_time: time(30), ..Default::default() })
        })
        .on("VerifyOtp", move |request: messenger::VerifyOtpRequest| {
            refused(&verifies)?;
            let is_right = request.code == CODE && request.recipient.as_ref().unwrap().phone_number == MEMBER[1..];
            verifies.verified.lock().unwrap().push(request);
            if !is_right {
                let reason = "ERROR_REASON_OTP_REJECTED";
                return Err(refusal("messenger.thebackroom", Situation::RuleSaysNo, reason, None));
            }
            Ok(messenger::VerifyOtpResponse::default())
        })
        .start()
        .await
}

fn refusal(domain: &'static str, situation: Situation, reason: &str, retry: Option<Duration>) -> Status {
    let refusal = Refusal::new(situation, domain, reason, "no");
    retry
        .map_or_else(|| Refusal::new(situation, domain, reason, "no"), |delay| refusal.retry_after(delay))
        .into_status()
}
