//! What a request may look like: sections 1 to 3 of the Gemini reference.

pub(crate) mod schema;
pub(crate) mod shape;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::magic;
use shape::{PART_DATA, Violation};

const OUTPUT_TOKEN_COUNT_MAX: i64 = 65_536;
const STOP_SEQUENCE_COUNT_MAX: usize = 5;
const PDF_LENGTH_MAX: usize = 50 * 1024 * 1024;
const MIME_TYPES: [&str; 22] = [
    "audio/wav",
    "audio/mp3",
    "audio/aiff",
    "audio/aac",
    "audio/ogg",
    "audio/flac",
    "audio/mpeg",
    "audio/m4a",
    "audio/l16",
    "audio/opus",
    "audio/alaw",
    "audio/mulaw",
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/heic",
    "image/heif",
    "image/gif",
    "image/bmp",
    "image/tiff",
    "application/pdf",
    "text/csv",
];

/// A request that is well formed.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    /// What is attached.
    pub(crate) media: Vec<Media>,
    /// What the user says, all text parts together.
    pub(crate) user_text: String,
    /// The schema the answer has to follow.
    pub(crate) schema: Option<Value>,
}

/// Something attached.
#[derive(Clone, Debug)]
pub(crate) struct Media {
    pub(crate) mime_type: String,
    pub(crate) content: Vec<u8>,
}

/// Reads and checks a request to a model.
pub(crate) fn request(model: &str, body: &Value) -> Result<Checked, Vec<Violation>> {
    let request = shape::normalise(body)?;
    let mut found = Vec::new();
    let empty = Map::new();
    let config = request.get("generationConfig").and_then(Value::as_object).unwrap_or(&empty);
    let contents = request.get("contents").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if contents.is_empty() {
        say(&mut found, "contents", "contents is not specified");
    }
    let mut media = Vec::new();
    for (i, content) in contents.iter().enumerate() {
        parts(content, &format!("contents[{i}]"), &mut media, &mut found);
    }
    if contents.len() > 1 && contents.iter().any(|content| content.get("role").is_none()) {
        say(&mut found, "contents", "Please use a valid role: user, model.");
    }
    if contents.last().and_then(|content| content.get("role")?.as_str()) == Some("model") {
        say(&mut found, "contents", "Please ensure that the last turn is of the role user.");
    }
    if let Some(instruction) = request.get("systemInstruction") {
        let is_text = |part: &Value| part.get("text").is_some();
        if !parts_of(instruction).iter().all(is_text) {
            say(&mut found, "system_instruction", "only text is allowed");
        }
    }
    generation(config, model, &mut found);
    if !found.is_empty() {
        return Err(found);
    }
    let texts = contents.iter().flat_map(parts_of).filter_map(|part| part.get("text")?.as_str());
    Ok(Checked {
        media,
        user_text: texts.collect::<Vec<_>>().join("\n"),
        schema: config.get("responseJsonSchema").or_else(|| config.get("responseSchema")).cloned(),
    })
}

fn parts_of(content: &Value) -> &[Value] {
    content.get("parts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn parts(content: &Value, path: &str, media: &mut Vec<Media>, found: &mut Vec<Violation>) {
    if let Some(role) = content.get("role").and_then(Value::as_str)
        && !["user", "model"].contains(&role)
    {
        say(found, path, "Please use a valid role: user, model.");
    }
    if parts_of(content).is_empty() {
        say(found, path, "must have at least one part");
    }
    for (i, part) in parts_of(content).iter().enumerate() {
        let path = format!("{path}.parts[{i}]");
        let data: Vec<_> = PART_DATA.iter().filter(|name| part.get(**name).is_some()).collect();
        match data.as_slice() {
            [_] => {}
            [] => say(found, &path, "required oneof field 'data' must have one initialized field"),
            [_, second, ..] => say(found, &path, &format!("oneof field 'data' is already set. Cannot set '{second}'")),
        }
        if let Some(inline) = part.get("inlineData") {
            media.extend(inline_data(inline, &path, found));
        }
    }
}

/// Returns what is attached, when its type is taken, its base64 is sound and its bytes are what the type says.
fn inline_data(inline: &Value, path: &str, found: &mut Vec<Violation>) -> Option<Media> {
    let mime_type = inline.get("mimeType").and_then(Value::as_str).unwrap_or_default();
    if !MIME_TYPES.contains(&mime_type) {
        say(found, path, &format!("Unsupported MIME type: {mime_type}"));
        return None;
    }
    let data = inline.get("data").and_then(Value::as_str).unwrap_or_default();
    let Some(content) = STANDARD.decode(data).ok().filter(|content| !content.is_empty()) else {
        say(found, path, "Base64 decoding failed");
        return None;
    };
    if !magic::fits(mime_type, &content) {
        let kind = mime_type.split('/').next().unwrap_or_default();
        say(found, path, &format!("Unable to process input {kind}: it is no {mime_type}."));
        return None;
    }
    if mime_type == "application/pdf" && content.len() > PDF_LENGTH_MAX {
        say(found, path, "The document exceeds the limit of 50 MB.");
        return None;
    }
    Some(Media { mime_type: mime_type.to_owned(), content })
}

fn generation(config: &Map<String, Value>, model: &str, found: &mut Vec<Violation>) {
    const PATH: &str = "generation_config";
    let integer = |name: &str| config.get(name).map(|value| value.as_i64().unwrap_or(-1));
    if integer("maxOutputTokens").is_some_and(|count| !(1..=OUTPUT_TOKEN_COUNT_MAX).contains(&count)) {
        say(found, PATH, "max_output_tokens must be between 1 and 65536");
    }
    if config.get("seed").is_some_and(|seed| seed.as_i64().and_then(|seed| i32::try_from(seed).ok()).is_none()) {
        say(found, PATH, "seed must be a 32-bit integer");
    }
    if config.get("stopSequences").and_then(Value::as_array).is_some_and(|list| list.len() > STOP_SEQUENCE_COUNT_MAX) {
        say(found, PATH, "at most 5 stop sequences are allowed");
    }
    if integer("logprobs").is_some_and(|count| !(0..=20).contains(&count)) {
        say(found, PATH, "logprobs must be between 0 and 20");
    }
    if ["frequencyPenalty", "presencePenalty"].iter().any(|name| config.contains_key(*name)) {
        say(found, PATH, &format!("Penalty is not enabled for models/{model}"));
    }
    output_format(config, found);
    thinking(config, model, found);
}

fn output_format(config: &Map<String, Value>, found: &mut Vec<Violation>) {
    let mime_type = config.get("responseMimeType").and_then(Value::as_str).unwrap_or("text/plain");
    if !["text/plain", "application/json", "text/x.enum"].contains(&mime_type) {
        say(
            found,
            "generation_config.response_mime_type",
            "allowed mimetypes are text/plain, application/json, text/x.enum",
        );
    }
    let json_schema = config.get("responseJsonSchema");
    if json_schema.is_some() && config.contains_key("responseSchema") {
        say(found, "generation_config", "only one of response_schema and response_json_schema may be set");
    }
    if (json_schema.is_some() || config.contains_key("responseSchema")) && mime_type == "text/plain" {
        say(found, "generation_config.response_mime_type", "must be application/json when a schema is set");
    }
    if let Some(schema) = json_schema {
        found.extend(schema::violations(schema));
    }
}

fn thinking(config: &Map<String, Value>, model: &str, found: &mut Vec<Violation>) {
    const PATH: &str = "generation_config.thinking_config";
    let Some(thinking) = config.get("thinkingConfig") else { return };
    if thinking.get("thinkingBudget").is_some() && thinking.get("thinkingLevel").is_some() {
        say(found, PATH, "You can only set only one of thinking budget and thinking level.");
    }
    let Some(level) = thinking.get("thinkingLevel").and_then(Value::as_str) else { return };
    let level = level.to_ascii_uppercase();
    let has_minimal = !["gemini-3.7", "gemini-3.8", "gemini-4"].iter().any(|prefix| model.starts_with(prefix));
    match level.as_str() {
        "LOW" | "MEDIUM" | "HIGH" => {}
        "MINIMAL" if has_minimal => {}
        _ => say(found, PATH, &format!("Thinking level {level} is not supported for this model.")),
    }
}

fn say(found: &mut Vec<Violation>, path: &str, what: &str) {
    found.push(Violation { field: path.to_owned(), description: format!("{path}: {what}") });
}
