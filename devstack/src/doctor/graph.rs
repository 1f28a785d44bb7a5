//! Calls of the Graph API, and why they fail.

use std::time::Duration;

use http::Method;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::Value;

use super::subject::Subject;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(20);

/// A client of the Graph API.
pub struct Graph {
    client: reqwest::Client,
    base: String,
    version: String,
    access_token: Option<String>,
}

/// Who asks.
#[derive(Clone, Copy)]
pub enum As<'a> {
    /// Nobody: the version probe needs no token.
    Nobody,
    /// The system user, with the access token.
    SystemUser,
    /// The app, with its own token `{app-id}|{app-secret}`.
    App(&'a str),
}

/// Why a call failed.
#[derive(Clone, Debug)]
pub enum Failure {
    /// No answer.
    Unreachable(String),
    /// Meta said no.
    Refused(Box<Refused>),
    /// Something else than Graph answered.
    Unreadable {
        /// The HTTP status.
        status: u16,
    },
}

/// Meta's error.
#[derive(Clone, Debug)]
pub struct Refused {
    /// What to branch on.
    pub code: i64,
    /// Obsolete, and still telling.
    pub subcode: Option<i64>,
    /// Meta's words for developers.
    pub message: String,
    /// Meta's words for people, or its details.
    pub explanation: Option<String>,
    /// What Meta's support asks for.
    pub trace_id: Option<String>,
}

/// An answer with its date.
pub struct Dated {
    /// When Meta answered, by its clock.
    pub date: Option<Timestamp>,
    /// What it answered.
    pub answer: Result<Value, Failure>,
}

impl Graph {
    /// Prepares a client for the subject's Graph API and token.
    pub fn new(subject: &Subject) -> anyhow::Result<Self> {
        let client = platform::http::client(&platform::http::Options {
            user_agent_part: "doctor",
            connect_timeout: CONNECT_TIMEOUT,
            timeout: TIMEOUT,
            redirects: false,
        })?;
        Ok(Self {
            client,
            base: subject.graph_url.clone(),
            version: subject.graph_version.clone(),
            access_token: subject.access_token().map(str::to_owned),
        })
    }

    /// Returns the address in use, for messages.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Reads something.
    pub async fn get(&self, asker: As<'_>, path: &str, query: &[(&str, &str)]) -> Result<Value, Failure> {
        self.call(asker, Method::GET, path, query, None).await.answer
    }

    /// Changes something.
    pub async fn post(&self, asker: As<'_>, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call(asker, Method::POST, path, &[], Some(body)).await.answer
    }

    /// Makes a call and keeps its date.
    pub async fn call(
        &self,
        asker: As<'_>,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Dated {
        let url = format!("{}/{}/{path}", self.base, self.version);
        let mut request = self.client.request(method, url).query(query);
        let token = match asker {
            As::Nobody => None,
            As::SystemUser => self.access_token.as_deref(),
            As::App(token) => Some(token),
        };
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        match request.send().await {
            Ok(response) => {
                let date = response.headers().get(http::header::DATE).and_then(|value| value.to_str().ok());
                let date = date.and_then(|date| rfc2822::parse(date).ok()).map(|date| date.timestamp());
                let status = response.status();
                let answer = match response.json::<Value>().await {
                    Ok(body) => read(status, body),
                    Err(_) => Err(Failure::Unreadable { status: status.as_u16() }),
                };
                Dated { date, answer }
            }
            // The address holds a token when a token is asked about.
            Err(error) => Dated { date: None, answer: Err(Failure::Unreachable(cause_of(&error.without_url()))) },
        }
    }
}

fn read(status: http::StatusCode, body: Value) -> Result<Value, Failure> {
    let error = &body["error"];
    if error.is_object() {
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let details = match &error["error_data"] {
            Value::String(details) => text(&Value::String(details.clone())),
            data => text(&data["details"]),
        };
        return Err(Failure::Refused(Box::new(Refused {
            code: error["code"].as_i64().unwrap_or_default(),
            subcode: error["error_subcode"].as_i64(),
            message: text(&error["message"]).unwrap_or_else(|| "no message".to_owned()),
            explanation: text(&error["error_user_msg"]).or(details),
            trace_id: text(&error["fbtrace_id"]),
        })));
    }
    if status.is_success() { Ok(body) } else { Err(Failure::Unreadable { status: status.as_u16() }) }
}

/// Returns the innermost cause of an error: what is around it only says where in the client it happened.
pub fn cause_of(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(inner) = innermost.source() {
        innermost = inner;
    }
    innermost.to_string()
}

impl Failure {
    /// Returns Meta's code, when Meta answered.
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Refused(refused) => Some(refused.code),
            _ => None,
        }
    }

    /// Returns whether the object is not there or may not be seen.
    pub fn is_no_such_object(&self) -> bool {
        matches!(self, Self::Refused(refused) if refused.code == 100 && refused.subcode == Some(33))
    }

    /// Returns what happened.
    pub fn words(&self) -> String {
        match self {
            Self::Unreachable(cause) => format!("the Graph API cannot be reached: {cause}"),
            Self::Unreadable { status } => format!("something that is not the Graph API answered HTTP {status}"),
            Self::Refused(refused) => {
                let number = match refused.subcode {
                    Some(subcode) => format!("{}/{subcode}", refused.code),
                    None => refused.code.to_string(),
                };
                format!("Meta refuses with error {number}: {}", refused.message)
            }
        }
    }

    /// Returns what to do: Meta's words, else ours.
    pub fn remedy(&self) -> String {
        let refused = match self {
            Self::Unreachable(_) => {
                return "Check GRAPH_API_URL, DNS, proxy and firewall of this machine: it must reach graph.facebook.com by HTTPS."
                    .to_owned();
            }
            Self::Unreadable { .. } => {
                return "Try again in a minute; if it stays, a proxy stands between this machine and GRAPH_API_URL."
                    .to_owned();
            }
            Self::Refused(refused) => refused,
        };
        let ours = ours(refused.code, refused.subcode);
        match (&refused.explanation, ours) {
            (Some(metas), Some(ours)) => format!("Meta says: {metas} {ours}"),
            (Some(metas), None) => format!("Meta says: {metas}"),
            (None, Some(ours)) => ours.to_owned(),
            (None, None) => match &refused.trace_id {
                Some(trace_id) => format!(
                    "Look the code up in Meta's list of error codes; Meta's support asks for fbtrace_id {trace_id}."
                ),
                None => "Look the code up in Meta's list of error codes.".to_owned(),
            },
        }
    }
}

/// Our own advice by code (section 6.2).
fn ours(code: i64, subcode: Option<i64>) -> Option<&'static str> {
    match (code, subcode) {
        (190, Some(463)) => Some(
            "The token has expired. Business settings, System users: generate one that never expires and put it into \
             WHATSAPP_ACCESS_TOKEN or its file.",
        ),
        (190, _) => Some(
            "The token is not one that Meta knows. Business settings, System users: generate a new one, and copy the whole \
             of it into WHATSAPP_ACCESS_TOKEN or its file.",
        ),
        (100, Some(33)) => Some(
            "The id is wrong, or the system user was not given the account. Compare the id with WhatsApp, API setup; then \
             Business settings, System users, Assign assets: the WhatsApp account with full control.",
        ),
        (10 | 200..=299, _) => Some(
            "Business settings, System users: assign the WhatsApp account with full control, and generate a token with \
             whatsapp_business_messaging and whatsapp_business_management.",
        ),
        (4 | 613 | 80_007, _) => Some("Too many management calls this hour: wait and try again."),
        (1 | 2 | 131_000 | 131_016, _) => Some("Meta has a moment of trouble: try again in a few minutes."),
        (2200, _) => Some(
            "Meta called the address and got no echo of its challenge: the gateway must be reachable from outside at exactly \
             this address, with the same WHATSAPP_VERIFY_TOKEN.",
        ),
        (133_000, _) => Some("An earlier deregistration is not finished: deregister the number, then try again."),
        (133_004, _) => Some("Meta's registration is down: try again in a few minutes."),
        (133_005, _) => Some(
            "The number has a two-step PIN and this is not it. WhatsApp Manager, Phone numbers, Settings, Two-step \
             verification: set a new one there if nobody remembers it, and give it with --pin.",
        ),
        (133_006, _) => Some(
            "Prove that the number is yours first: WhatsApp Manager, Phone numbers, Verify sends a code by SMS or voice.",
        ),
        (133_008, _) => Some("Too many wrong PINs: wait as long as Meta says, then give the right one."),
        (133_009, _) => Some("The PIN was given too fast: wait a minute and try again."),
        (133_010, _) => Some("Register the number: `backroom connect --pin ...`."),
        (133_015, _) => Some("The number was deregistered a moment ago: wait five minutes and try again."),
        (133_016, _) => {
            Some("A number may be registered and deregistered ten times in 72 hours: wait until that is over.")
        }
        _ => None,
    }
}
