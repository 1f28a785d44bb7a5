//! The answer of a call. Every field may be missing, every enum may grow.

use serde::Deserialize;

use super::error::CallError;

/// A good answer: the text of its parts, thoughts left out.
#[derive(Debug)]
pub struct Answered {
    /// JSON of our schema, if the model kept to it.
    pub text: String,
    /// The model that served.
    pub model_version: String,
    /// The id of the answer.
    pub response_id: String,
    /// Tokens in.
    pub input_token_count: i32,
    /// Tokens out, thinking included.
    pub output_token_count: i32,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    candidates: Vec<Candidate>,
    prompt_feedback: Option<PromptFeedback>,
    usage_metadata: UsageMetadata,
    model_version: String,
    response_id: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Candidate {
    content: Option<Content>,
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Content {
    parts: Vec<Part>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Part {
    text: Option<String>,
    thought: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct PromptFeedback {
    block_reason: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct UsageMetadata {
    #[serde(rename = "promptTokenCount")]
    prompt: i32,
    #[serde(rename = "candidatesTokenCount")]
    candidates: i32,
    #[serde(rename = "thoughtsTokenCount")]
    thoughts: i32,
}

/// Reads the body of a 200.
pub fn read(body: &[u8]) -> Result<Answered, CallError> {
    let body: Body = serde_json::from_slice(body).map_err(|_| CallError::BadJson)?;
    let Some(candidate) = body.candidates.into_iter().next() else {
        let reason = body.prompt_feedback.and_then(|feedback| feedback.block_reason);
        return Err(reason.map_or_else(|| CallError::Empty("no candidate".to_owned()), CallError::Blocked));
    };
    let reason = candidate.finish_reason.unwrap_or_default();
    match reason.as_str() {
        "STOP" | "" => {}
        "MAX_TOKENS" => return Err(CallError::Truncated),
        "RECITATION" | "IMAGE_RECITATION" => return Err(CallError::Recitation),
        "SAFETY"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "LANGUAGE"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT" => {
            return Err(CallError::Blocked(reason));
        }
        // OTHER, malformed calls and whatever comes next.
        _ => return Err(CallError::Empty(reason)),
    }
    let parts = candidate.content.unwrap_or_default().parts;
    let text: String = parts.into_iter().filter(|part| !part.thought).filter_map(|part| part.text).collect();
    if text.trim().is_empty() {
        return Err(CallError::Empty("no text".to_owned()));
    }
    Ok(Answered {
        text,
        model_version: body.model_version,
        response_id: body.response_id,
        input_token_count: body.usage_metadata.prompt,
        output_token_count: body.usage_metadata.candidates.saturating_add(body.usage_metadata.thoughts),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thoughts_are_left_out_and_texts_joined() {
        let body = br#"{"candidates": [{"finishReason": "STOP", "content": {"parts": [
            {"text": "I think", "thought": true}, {"text": "{\"a\""}, {"text": ":1}"}]}}]}"#;

        assert_eq!(read(body).expect("an answer").text, r#"{"a":1}"#);
    }

    #[test]
    fn blocked_prompt_has_no_candidates() {
        let body = br#"{"promptFeedback": {"blockReason": "SAFETY"}}"#;

        assert_eq!(read(body).err(), Some(CallError::Blocked("SAFETY".to_owned())));
    }

    #[test]
    fn reasons_of_next_year_are_read_too() {
        let body = br#"{"candidates": [{"finishReason": "TOO_TIRED", "new": 1}], "new": {}}"#;

        assert_eq!(read(body).err(), Some(CallError::Empty("TOO_TIRED".to_owned())));
    }
}
