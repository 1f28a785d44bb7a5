//! The answer of a call. Every field may be missing, every enum may grow.

use serde::Deserialize;

use super::error::CallError;

/// An answer, whether something can be read from it or not: it costs the same.
#[derive(Debug)]
pub struct Served {
    /// The text of its parts, thoughts left out: JSON of our schema, if the model kept to it.
    pub text: Result<String, CallError>,
    /// The model that served.
    pub model_version: String,
    /// The id of the answer.
    pub response_id: String,
    /// What is paid for.
    pub tokens: Tokens,
}

/// What is paid for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tokens {
    /// In, all of them.
    pub input: i32,
    /// In, of sound.
    pub audio: i32,
    /// In, from a cache of theirs.
    pub cached: i32,
    /// Out, thinking included.
    pub output: i32,
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
    #[serde(rename = "cachedContentTokenCount")]
    cached: i32,
    #[serde(rename = "promptTokensDetails")]
    prompt_details: Vec<ModalityCount>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ModalityCount {
    modality: String,
    token_count: i32,
}

/// Reads the body of a 200.
pub fn read(body: &[u8]) -> Result<Served, CallError> {
    let body: Body = serde_json::from_slice(body).map_err(|_| CallError::BadJson)?;
    let usage = body.usage_metadata;
    let audio = usage.prompt_details.iter().filter(|part| part.modality == "AUDIO").map(|part| part.token_count);
    // Nobody is paid for counts below zero, whatever is sent.
    let tokens = Tokens {
        input: usage.prompt.max(0),
        audio: audio.fold(0, i32::saturating_add).max(0),
        cached: usage.cached.max(0),
        output: usage.candidates.max(0).saturating_add(usage.thoughts.max(0)),
    };
    Ok(Served {
        text: text(body.candidates, body.prompt_feedback),
        model_version: body.model_version,
        response_id: body.response_id,
        tokens,
    })
}

fn text(candidates: Vec<Candidate>, feedback: Option<PromptFeedback>) -> Result<String, CallError> {
    let Some(candidate) = candidates.into_iter().next() else {
        let reason = feedback.and_then(|feedback| feedback.block_reason);
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
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &[u8]) -> Result<String, CallError> {
        read(body)?.text
    }

    #[test]
    fn an_answer_that_was_cut_off_is_paid_for_all_the_same() {
        let body = br#"{"candidates": [{"finishReason": "MAX_TOKENS"}], "modelVersion": "m", "usageMetadata": {
            "promptTokenCount": 900, "candidatesTokenCount": 1000, "thoughtsTokenCount": 24,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 420}, {"modality": "AUDIO", "tokenCount": 480}]}}"#;

        let served = read(body).expect("a body");

        assert_eq!(served.text, Err(CallError::Truncated));
        assert_eq!(served.tokens, Tokens { input: 900, audio: 480, cached: 0, output: 1024 });
    }

    #[test]
    fn thoughts_are_left_out_and_texts_joined() {
        let body = br#"{"candidates": [{"finishReason": "STOP", "content": {"parts": [
            {"text": "I think", "thought": true}, {"text": "{\"a\""}, {"text": ":1}"}]}}]}"#;

        assert_eq!(said(body).expect("an answer"), r#"{"a":1}"#);
    }

    #[test]
    fn blocked_prompt_has_no_candidates() {
        let body = br#"{"promptFeedback": {"blockReason": "SAFETY"}}"#;

        assert_eq!(said(body).err(), Some(CallError::Blocked("SAFETY".to_owned())));
    }

    #[test]
    fn reasons_of_next_year_are_read_too() {
        let body = br#"{"candidates": [{"finishReason": "TOO_TIRED", "new": 1}], "new": {}}"#;

        assert_eq!(said(body).err(), Some(CallError::Empty("TOO_TIRED".to_owned())));
    }
}
