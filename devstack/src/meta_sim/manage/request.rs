//! One call of the Graph API, taken apart.

use std::collections::HashMap;

use axum::extract::Request;
use http::{HeaderMap, Method, header};
use serde_json::{Map, Value};

use super::error::Refusal;

/// The oldest and the newest version that is served; section 8 of the reference.
const VERSIONS: std::ops::RangeInclusive<u32> = 13..=26;

/// A call: `/{version}/{object}` or `/{version}/{object}/{edge}`.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    version: String,
    pub(super) object: String,
    pub(super) edge: Option<String>,
    pub(super) query: HashMap<String, String>,
    pub(super) token: Option<String>,
    is_form: bool,
    body: Map<String, Value>,
}

impl Call {
    /// Takes a request apart; `None` when it is none of Graph's.
    pub(super) fn of(request: &Request) -> Option<Self> {
        let path = request.uri().path().to_owned();
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let version = segments.next()?.to_owned();
        let looks_like_a_version = version.strip_prefix('v').is_some_and(|rest| rest.starts_with(char::is_numeric));
        let (object, edge, rest) = (segments.next()?.to_owned(), segments.next().map(str::to_owned), segments.next());
        if !looks_like_a_version || rest.is_some() {
            return None;
        }
        let query: HashMap<String, String> =
            url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
        let token = bearer(request.headers()).or_else(|| query.get("access_token").cloned());
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form = content_type.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        let method = request.method().clone();
        Some(Self { method, path, version, object, edge, query, token, is_form, body: Map::new() })
    }

    pub(super) fn version_exists(&self) -> bool {
        let major = self.version.strip_prefix('v').and_then(|rest| rest.strip_suffix(".0"));
        major.and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| VERSIONS.contains(&major))
    }

    /// Reads parameters from a JSON or form body; nothing at all is fine.
    pub(super) fn read_body(&mut self, body: &[u8]) -> Result<(), Refusal> {
        if body.is_empty() {
            return Ok(());
        }
        if self.is_form {
            let pairs = url::form_urlencoded::parse(body).into_owned();
            self.body = pairs.map(|(name, value)| (name, Value::String(value))).collect();
            return Ok(());
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(map)) => {
                self.body = map;
                Ok(())
            }
            _ => Err(Refusal::invalid("The body of the request is not a JSON object.")),
        }
    }

    /// Returns a parameter of the body.
    pub(super) fn body(&self, name: &str) -> Option<&Value> {
        self.body.get(name)
    }

    /// Returns a parameter of the body or of the query, as Graph takes either.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let query = || self.query.get(name).map(String::as_str);
        self.body.get(name).and_then(Value::as_str).or_else(query).filter(|text| !text.is_empty())
    }

    /// Returns a required parameter.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name).ok_or_else(|| Refusal::invalid(format!("The parameter {name} is required.")))
    }

    /// Refuses parameters of the body that are not among these.
    pub(super) fn only(&self, names: &[&str]) -> Result<(), Refusal> {
        match self.body.keys().find(|key| !names.contains(&key.as_str())) {
            Some(key) => Err(Refusal::invalid(format!("Unexpected key \"{key}\" in the request."))),
            None => Ok(()),
        }
    }

    /// Returns the fields that are asked for, or these; one that does not exist is refused.
    pub(super) fn fields(&self, known: &[&str], default: &[&str]) -> Result<Vec<String>, Refusal> {
        let Some(asked) = self.query.get("fields") else {
            return Ok(default.iter().map(|name| (*name).to_owned()).collect());
        };
        let names: Vec<String> = asked.split(',').map(|name| name.trim().to_owned()).collect();
        match names.iter().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Refusal::invalid(format!("Tried accessing nonexistent field ({name})"))),
            None => Ok(names),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(str::to_owned)
}
