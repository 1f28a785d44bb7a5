//! What the Graph API answered, and how sure it is.

use jiff::SignedDuration;
use serde::Deserialize;

use super::scrub::scrub;

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendAnswer {
    /// Accepted; nothing more is promised.
    Accepted {
        /// WhatsApp's id of the message; of an upload, the id of the file.
        id: String,
    },
    /// Refused for sure: the message was not taken.
    Refused(GraphError),
    /// The server was never reached, so the message was not taken.
    Unreached,
    /// Nobody knows whether it was taken.
    Doubtful(Doubt),
}

/// Why nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// No answer in time.
    Timeout,
    /// The connection broke after the request was written.
    CutOff,
    /// An answer that says neither yes nor no: HTML from the edge, an empty body, a 200 without an id.
    Unreadable,
}

/// An error of the Graph API, with what may be kept of it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct GraphError {
    /// HTTP status of the answer.
    pub http: u16,
    /// Meta's code; `None` when the answer is not Meta's.
    pub code: Option<i32>,
    /// Meta's subcode.
    pub subcode: Option<i32>,
    /// What support asks for.
    pub trace_id: Option<String>,
    /// Meta's explanation without anything it may repeat of the message.
    pub details: String,
    /// When Meta says to come back.
    pub retry_after: Option<SignedDuration>,
}

#[derive(Deserialize)]
struct Accepted {
    #[serde(default)]
    messages: Vec<AcceptedMessage>,
}

#[derive(Deserialize)]
struct AcceptedMessage {
    id: String,
}

#[derive(Deserialize)]
struct Uploaded {
    id: String,
}

#[derive(Deserialize)]
struct Succeeded {
    success: bool,
}

#[derive(Deserialize)]
struct Failure {
    error: FailureBody,
}

#[derive(Deserialize)]
struct FailureBody {
    code: i32,
    error_subcode: Option<i32>,
    fbtrace_id: Option<String>,
    // An object as a rule, sometimes a string.
    error_data: Option<serde_json::Value>,
}

impl Doubt {
    /// Returns the word for metrics and logs.
    pub fn label(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::CutOff => "cut_off",
            Self::Unreadable => "unreadable",
        }
    }
}

impl GraphError {
    /// Returns the details for an operator: our meaning of the code, and what helps Meta's support.
    pub fn describe(&self, meaning: &str) -> String {
        let mut parts = vec![meaning.to_owned()];
        if let Some(subcode) = self.subcode {
            parts.push(format!("subcode {subcode}"));
        }
        if self.code.is_none() {
            parts.push(format!("HTTP {}", self.http));
        }
        if !self.details.is_empty() {
            parts.push(self.details.clone());
        }
        if let Some(trace_id) = &self.trace_id {
            parts.push(format!("fbtrace_id {trace_id}"));
        }
        parts.join("; ")
    }
}

/// Finds the id in the body of a success. `None`: it is not the body of one.
pub(super) type FindId = fn(&[u8]) -> Option<String>;

/// The id of a message that was sent.
pub(super) fn message_id(body: &[u8]) -> Option<String> {
    Some(serde_json::from_slice::<Accepted>(body).ok()?.messages.into_iter().next()?.id)
}

/// The id of a file that was uploaded.
pub(super) fn media_id(body: &[u8]) -> Option<String> {
    Some(serde_json::from_slice::<Uploaded>(body).ok()?.id)
}

/// No id, but the word that it was done.
pub(super) fn success(body: &[u8]) -> Option<String> {
    serde_json::from_slice::<Succeeded>(body).ok().filter(|done| done.success).map(|_| "success".to_owned())
}

/// Reads the answer to a send. `secrets` is what the request held, so that no explanation repeats it.
pub(super) fn read(http: u16, retry_after: Option<SignedDuration>, body: &[u8], secrets: &[&str]) -> SendAnswer {
    read_as(message_id, http, retry_after, body, secrets)
}

/// Reads the answer to a call whose success is told by `find_id`.
pub(super) fn read_as(
    find_id: FindId,
    http: u16,
    retry_after: Option<SignedDuration>,
    body: &[u8],
    secrets: &[&str],
) -> SendAnswer {
    if (200..300).contains(&http) {
        return match find_id(body).filter(|id| !id.is_empty()) {
            Some(id) => SendAnswer::Accepted { id },
            None => SendAnswer::Doubtful(Doubt::Unreadable),
        };
    }
    match serde_json::from_slice::<Failure>(body) {
        Ok(Failure { error }) => SendAnswer::Refused(GraphError {
            http,
            code: Some(error.code),
            subcode: error.error_subcode,
            trace_id: error.fbtrace_id.filter(|id| id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_graphic())),
            details: error
                .error_data
                .as_ref()
                .and_then(details_of)
                .map(|text| scrub(text, secrets))
                .unwrap_or_default(),
            retry_after,
        }),
        // A server or a proxy behind which one may have taken it.
        Err(_) if http >= 500 || http == 408 => SendAnswer::Doubtful(Doubt::Unreadable),
        Err(_) => SendAnswer::Refused(GraphError { http, retry_after, ..GraphError::default() }),
    }
}

fn details_of(data: &serde_json::Value) -> Option<&str> {
    data.as_str().or_else(|| data.get("details").and_then(serde_json::Value::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acceptance_is_an_id() {
        let body = br#"{"messaging_product":"whatsapp","contacts":[{"input":"+1","wa_id":"1"}],"messages":[{"id":"wamid.OUT","later":1}]}"#;

        assert_eq!(read(200, None, body, &[]), SendAnswer::Accepted { id: "wamid.OUT".to_owned() });
        for odd in [&b"{}"[..], b"", b"<html>", br#"{"messages":[]}"#, br#"{"messages":[{"id":""}]}"#] {
            assert_eq!(read(200, None, odd, &[]), SendAnswer::Doubtful(Doubt::Unreadable));
        }
    }

    #[test]
    fn upload_is_answered_by_an_id_and_a_read_tick_by_a_word() {
        let accepted = |id: &str| SendAnswer::Accepted { id: id.to_owned() };
        assert_eq!(read_as(media_id, 200, None, br#"{"id":"9001"}"#, &[]), accepted("9001"));
        assert_eq!(read_as(success, 200, None, br#"{"success":true}"#, &[]), accepted("success"));
        for odd in [&br#"{"success":false}"#[..], b"{}", b"<html>"] {
            assert_eq!(read_as(success, 200, None, odd, &[]), SendAnswer::Doubtful(Doubt::Unreadable));
            assert_eq!(read_as(media_id, 200, None, odd, &[]), SendAnswer::Doubtful(Doubt::Unreadable));
        }
    }

    #[test]
    fn refusal_is_a_code_whatever_the_status() {
        let body =
            br#"{"error":{"message":"(#131056) pair","type":"OAuthException","code":131056,"error_subcode":2494055,
            "error_data":{"messaging_product":"whatsapp","details":"too many to 27820000000"},"fbtrace_id":"AbC"}}"#;
        for http in [400, 429, 500] {
            let SendAnswer::Refused(error) = read(http, None, body, &[]) else { panic!("refused") };
            assert_eq!(
                (error.code, error.subcode, error.trace_id.as_deref()),
                (Some(131_056), Some(2_494_055), Some("AbC"))
            );
            assert!(!error.describe("too many").contains("27820000000"));
        }
    }

    #[test]
    fn error_data_may_be_a_string_or_missing() {
        let SendAnswer::Refused(error) = read(400, None, br#"{"error":{"code":100,"error_data":"odd"}}"#, &[]) else {
            panic!("refused")
        };
        assert_eq!(error.details, "odd");
        let SendAnswer::Refused(error) = read(401, None, br#"{"error":{"code":190}}"#, &[]) else { panic!("refused") };
        assert_eq!(error.details, "");
    }

    #[test]
    fn html_of_a_server_is_a_doubt_and_of_a_refusal_is_none() {
        for http in [500, 502, 503, 504, 408] {
            assert_eq!(read(http, None, b"<html>502</html>", &[]), SendAnswer::Doubtful(Doubt::Unreadable));
        }
        for http in [400, 404, 413, 429, 302] {
            let SendAnswer::Refused(error) = read(http, None, b"<html>", &[]) else { panic!("refused") };
            assert_eq!((error.http, error.code), (http, None));
        }
    }
}
