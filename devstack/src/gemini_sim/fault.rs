//! What can go wrong with a call to Gemini, on demand.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::Answer;
use super::error::GeminiError;
use crate::wire;

/// How a call goes wrong.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GeminiFault {
    /// The connection is closed without an answer.
    Down,
    /// No answer comes.
    Hang,
    /// The answer is right and late.
    Slow {
        /// By so many milliseconds.
        delay_ms: u64,
    },
    /// The connection is closed in the middle of the body.
    CutOff,
    /// The answer ends at the token limit, in the middle of the JSON.
    MaxTokens,
    /// The model stops for this reason and says nothing, for example `SAFETY`, `RECITATION` or `SPII`.
    Stopped {
        /// `finishReason`.
        reason: String,
    },
    /// The prompt is blocked: there is no candidate.
    PromptBlocked {
        /// `promptFeedback.blockReason`.
        reason: String,
    },
    /// A candidate without a part.
    Empty,
    /// The model writes prose where JSON was asked for.
    NotJson,
    /// The model follows the schema and makes things up.
    Nonsense,
    /// The answer is not Gemini's: a page of some proxy, with status 200.
    Html,
    /// A thought comes before the answer.
    ThoughtFirst,
    /// 429: too many this minute.
    MinuteQuota {
        /// A duration as protobuf writes it: `31s`, `1.5s`.
        retry_delay: String,
    },
    /// 429: too many today. The retry delay lies, as the real one does.
    DayQuota,
    /// 429 without a word of why.
    BareQuota,
    /// 500.
    Internal,
    /// 503.
    Unavailable,
    /// 503, wrapped in a list.
    UnavailableInArray,
    /// 404: the model is gone.
    NotFound,
    /// 403: the key was reported as leaked.
    PermissionDenied,
}

impl GeminiFault {
    /// Returns the answer in place of a good one; `good` is what would have been said.
    pub(crate) async fn instead_of(&self, good: Answer, schema: Option<&Value>) -> Response {
        let model = good.model.clone();
        match self {
            Self::Down => wire::cut_connection(),
            Self::Hang => std::future::pending().await,
            Self::Slow { delay_ms } => {
                tokio::time::sleep(std::time::Duration::from_millis(*delay_ms)).await;
                good.into_response()
            }
            Self::CutOff => {
                let whole = Bytes::from(good.json().to_string());
                wire::cut_body(StatusCode::OK, &whole, whole.len() / 2)
            }
            Self::MaxTokens => {
                let kept: String = good.text.chars().take(good.text.chars().count() / 2).collect();
                Answer { text: kept, finish_reason: "MAX_TOKENS".to_owned(), ..good }.into_response()
            }
            Self::Stopped { reason } => good.without_parts(reason).into_response(),
            Self::PromptBlocked { reason } => good.blocked(reason).into_response(),
            Self::Empty => good.without_parts("STOP").into_response(),
            Self::NotJson => {
                let text = "Sure! The shopkeeper seems to have received some goods.".to_owned();
                Answer { text, ..good }.into_response()
            }
            Self::Nonsense => {
                let text = schema.map_or_else(|| json!({"nonsense": true}), super::brain::nonsense).to_string();
                Answer { text, ..good }.into_response()
            }
            Self::Html => {
                axum::response::Html("<!DOCTYPE html><html><body>Please sign in.</body></html>").into_response()
            }
            Self::ThoughtFirst => Answer { has_thought: true, ..good }.into_response(),
            Self::MinuteQuota { retry_delay } => {
                let quota = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier";
                GeminiError::quota(quota, &model, retry_delay).into_response()
            }
            Self::DayQuota => {
                GeminiError::quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier", &model, "42s").into_response()
            }
            Self::BareQuota => GeminiError::too_many_requests_without_details().into_response(),
            Self::Internal => GeminiError::internal().into_response(),
            Self::Unavailable => GeminiError::unavailable().into_response(),
            Self::UnavailableInArray => GeminiError::unavailable().in_array().into_response(),
            Self::NotFound => GeminiError::no_model(&model).into_response(),
            Self::PermissionDenied => GeminiError::permission_denied().into_response(),
        }
    }
}
