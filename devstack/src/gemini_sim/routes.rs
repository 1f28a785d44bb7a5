//! `POST /v1beta/models/{model}:generateContent`, and `/_sim/*`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
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
use super::{GeminiCall, ModelHouse, SeenMedia, brain, check, hash, lock};
use crate::script::When;

/// The largest request, base64 included.
const REQUEST_LENGTH_MAX: usize = 100 * 1024 * 1024;

pub(crate) fn routes() -> Router<Arc<ModelHouse>> {
    Router::new()
        .route("/v1beta/models/{call}", get(model).post(generate))
        .route("/_sim/calls", get(calls))
        .route("/_sim/faults", post(add_fault).delete(clear_faults))
        .route("/_sim/answers", post(add_answer))
        .route("/_sim/answers/media", post(add_media_answer))
        .route("/_sim/words", post(note_words))
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
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(body) = body else { return GeminiError::too_large(REQUEST_LENGTH_MAX).into_response() };
    let Some(model) = call.strip_suffix(":generateContent") else {
        return GeminiError::no_model(&call).into_response();
    };
    let mut json = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let checked = house
        .check_key(query.key.as_deref(), &headers)
        .and_then(|()| house.check_model(model))
        .and_then(|()| if json.is_null() { Err(GeminiError::not_json()) } else { Ok(()) })
        .and_then(|()| check::request(model, &json).map_err(|violations| GeminiError::invalid(&violations)));
    let traceparent = headers.get("traceparent").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let refusal = checked.as_ref().err().map(|error| error.message().to_owned());
    let media = checked.as_ref().map(|request| request.media.iter().map(seen).collect()).unwrap_or_default();
    strip(&mut json);
    let call = GeminiCall { model: model.to_owned(), body: json, media, traceparent, refusal };
    lock(&house.calls).push(Arc::new(call));
    let request = match checked {
        Ok(request) => request,
        Err(error) => return error.into_response(),
    };
    let answer = Answer::new(model, house.say(&request), &request);
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

    /// Returns what the model writes: what was scripted, what a rule says, what is noted of what is attached, or that
    /// it did not understand.
    fn say(&self, request: &check::Checked) -> String {
        if let Some(scripted) = self.scripted_for(&request.media).or_else(|| lock(&self.scripted).pop_front()) {
            return scripted;
        }
        let rule = lock(&self.rule).clone();
        if let Some(answer) = rule.and_then(|rule| rule(&request.user_text, request.schema.as_ref())) {
            return answer.to_string();
        }
        let Some(schema) = &request.schema else { return "I did not understand that.".to_owned() };
        let words = request.media.iter().find_map(|media| Some((media, self.hearsay.of(&media.content)?)));
        match words {
            Some((media, words)) => {
                let is_paper = !media.mime_type.starts_with("audio/");
                brain::understood(schema, &words, is_paper).to_string()
            }
            None => brain::unclear(schema).to_string(),
        }
    }

    fn scripted_for(&self, media: &[check::Media]) -> Option<String> {
        if media.is_empty() {
            return None;
        }
        let by_hash = lock(&self.scripted_by_hash);
        let answer = media.iter().find_map(|media| by_hash.get(&hash(&media.content)).cloned());
        answer.or_else(|| lock(&self.scripted_media).pop_front())
    }
}

fn seen(media: &check::Media) -> SeenMedia {
    SeenMedia { mime_type: media.mime_type.clone(), length: media.content.len(), sha256: hash(&media.content) }
}

/// Puts lengths in place of what is attached: many calls are kept, and attachments are large.
fn strip(json: &mut Value) {
    match json {
        Value::Object(map) => {
            for (name, value) in map {
                match value {
                    Value::String(data) if name == "data" => *data = format!("[{} characters]", data.len()),
                    value => strip(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(strip),
        _ => {}
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

async fn add_media_answer(State(house): State<Arc<ModelHouse>>, Json(answer): Json<Value>) -> StatusCode {
    lock(&house.scripted_media).push_back(answer.to_string());
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Words {
    words: String,
}

/// Notes what the bytes of the body say.
async fn note_words(State(house): State<Arc<ModelHouse>>, Query(query): Query<Words>, content: Bytes) -> StatusCode {
    house.hearsay.note(&content, query.words);
    StatusCode::NO_CONTENT
}

async fn calls(State(house): State<Arc<ModelHouse>>) -> Json<Value> {
    let calls: Vec<_> = lock(&house.calls).iter().map(|call| json!(**call)).collect();
    Json(json!({"calls": calls}))
}
