//! `POST /v1beta/models/{model}:generateContent`, and `/_sim/*`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::error::GeminiError;
use super::fault::GeminiFault;
use super::{GeminiCall, ModelHouse, brain, check, lock};
use crate::script::When;

/// The largest request, base64 included.
const REQUEST_LENGTH_MAX: usize = 100 * 1024 * 1024;

pub(crate) fn routes() -> Router<Arc<ModelHouse>> {
    Router::new()
        .route("/v1beta/models/{call}", get(model).post(generate))
        .route("/_sim/calls", get(calls))
        .route("/_sim/faults", post(add_fault).delete(clear_faults))
        .route("/_sim/answers", post(add_answer))
        .layer(DefaultBodyLimit::max(REQUEST_LENGTH_MAX))
}

#[derive(Deserialize)]
struct Credentials {
    key: Option<String>,
}

async fn model(
    State(house): State<Arc<ModelHouse>>,
    Path(model): Path<String>,
    Query(query): Query<Credentials>,
    headers: HeaderMap,
) -> Result<Json<Value>, GeminiError> {
    house.check_key(query.key.as_deref(), &headers)?;
    house.check_model(&model)?;
    Ok(Json(json!({"name": format!("models/{model}"), "supportedGenerationMethods": ["generateContent"],
                   "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536})))
}

async fn generate(
    State(house): State<Arc<ModelHouse>>,
    Path(call): Path<String>,
    Query(query): Query<Credentials>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(model) = call.strip_suffix(":generateContent") else {
        return GeminiError::no_model(&call).into_response();
    };
    let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let checked = house
        .check_key(query.key.as_deref(), &headers)
        .and_then(|()| house.check_model(model))
        .and_then(|()| if json.is_null() { Err(GeminiError::not_json()) } else { Ok(()) })
        .and_then(|()| check::request(model, &json).map_err(|violations| GeminiError::invalid(&violations)));
    let traceparent = headers.get("traceparent").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let refusal = checked.as_ref().err().map(|error| error.message().to_owned());
    lock(&house.calls).push(Arc::new(GeminiCall { model: model.to_owned(), body: json, traceparent, refusal }));
    let request = match checked {
        Ok(request) => request,
        Err(error) => return error.into_response(),
    };
    let answer = Answer::new(model, house.say(&request), body.len());
    match house.script.strike(Some(model)) {
        Some(fault) => fault.instead_of(answer, request.schema.as_ref()).await,
        None => answer.into_response(),
    }
}

impl ModelHouse {
    fn check_key(&self, in_query: Option<&str>, headers: &HeaderMap) -> Result<(), GeminiError> {
        let in_header = headers.get("x-goog-api-key").map(|value| value.to_str().unwrap_or_default());
        match (in_header, in_query) {
            (Some(_), Some(_)) => Err(GeminiError::two_keys()),
            (None, None) => Err(GeminiError::no_key()),
            (Some(key), None) | (None, Some(key)) if key == self.api_key => Ok(()),
            _ => Err(GeminiError::bad_key()),
        }
    }

    fn check_model(&self, model: &str) -> Result<(), GeminiError> {
        if self.models.iter().any(|known| known == model) { Ok(()) } else { Err(GeminiError::no_model(model)) }
    }

    /// Returns what the model writes: what was scripted, what a rule says, or that it did not understand.
    fn say(&self, request: &check::Checked) -> String {
        if let Some(scripted) = lock(&self.scripted).pop_front() {
            return scripted;
        }
        let rule = lock(&self.rule).clone();
        let by_rule = rule.and_then(|rule| rule(&request.user_text, request.schema.as_ref()));
        match (by_rule, &request.schema) {
            (Some(answer), _) => answer.to_string(),
            (None, Some(schema)) => brain::unclear(schema).to_string(),
            (None, None) => "I did not understand that.".to_owned(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddFault {
    when: When,
    fault: GeminiFault,
    #[serde(default)]
    model: Option<String>,
}

async fn add_fault(State(house): State<Arc<ModelHouse>>, Json(rule): Json<AddFault>) -> StatusCode {
    house.script.add(rule.when, rule.fault, rule.model);
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(house): State<Arc<ModelHouse>>) -> StatusCode {
    house.script.clear();
    StatusCode::NO_CONTENT
}

async fn add_answer(State(house): State<Arc<ModelHouse>>, Json(answer): Json<Value>) -> StatusCode {
    lock(&house.scripted).push_back(answer.to_string());
    StatusCode::NO_CONTENT
}

async fn calls(State(house): State<Arc<ModelHouse>>) -> Json<Value> {
    let calls: Vec<_> = lock(&house.calls).iter().map(|call| json!(**call)).collect();
    Json(json!({"calls": calls}))
}
