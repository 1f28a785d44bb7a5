//! The fields that `generateContent` knows. Anything else is an error, as with the real one.

use serde_json::{Map, Value};

/// What a field may hold.
pub(crate) enum Kind {
    Text,
    Bool,
    Number,
    /// Any JSON: checked elsewhere, or not ours to check.
    Any,
    Object(&'static Shape),
    List(&'static Kind),
}

/// Fields by their camelCase name; the snake_case spelling is the same field.
pub(crate) type Shape = [(&'static str, Kind)];

pub(crate) static REQUEST: &Shape = &[
    ("model", Kind::Text),
    ("systemInstruction", Kind::Object(CONTENT)),
    ("contents", Kind::List(&Kind::Object(CONTENT))),
    ("tools", Kind::List(&Kind::Any)),
    ("toolConfig", Kind::Any),
    ("safetySettings", Kind::List(&Kind::Object(SAFETY_SETTING))),
    ("generationConfig", Kind::Object(GENERATION_CONFIG)),
    ("cachedContent", Kind::Text),
    ("serviceTier", Kind::Text),
];

static CONTENT: &Shape = &[("role", Kind::Text), ("parts", Kind::List(&Kind::Object(PART)))];

/// The members of a part of which exactly one is set.
pub(crate) const PART_DATA: [&str; 7] =
    ["text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult"];

static PART: &Shape = &[
    ("text", Kind::Text),
    ("inlineData", Kind::Object(&[("mimeType", Kind::Text), ("data", Kind::Text), ("displayName", Kind::Text)])),
    ("fileData", Kind::Object(&[("mimeType", Kind::Text), ("fileUri", Kind::Text)])),
    ("functionCall", Kind::Any),
    ("functionResponse", Kind::Any),
    ("executableCode", Kind::Any),
    ("codeExecutionResult", Kind::Any),
    ("videoMetadata", Kind::Any),
    ("thought", Kind::Bool),
    ("thoughtSignature", Kind::Text),
    ("mediaResolution", Kind::Any),
];

static SAFETY_SETTING: &Shape = &[("category", Kind::Text), ("threshold", Kind::Text)];

static GENERATION_CONFIG: &Shape = &[
    ("temperature", Kind::Number),
    ("topP", Kind::Number),
    ("topK", Kind::Number),
    ("maxOutputTokens", Kind::Number),
    ("candidateCount", Kind::Number),
    ("seed", Kind::Number),
    ("stopSequences", Kind::List(&Kind::Text)),
    ("responseMimeType", Kind::Text),
    ("responseSchema", Kind::Any),
    ("responseJsonSchema", Kind::Any),
    ("responseModalities", Kind::List(&Kind::Text)),
    ("thinkingConfig", Kind::Object(THINKING_CONFIG)),
    ("mediaResolution", Kind::Text),
    ("responseLogprobs", Kind::Bool),
    ("logprobs", Kind::Number),
    ("frequencyPenalty", Kind::Number),
    ("presencePenalty", Kind::Number),
    ("audioTranscriptionConfig", Kind::Any),
    ("speechConfig", Kind::Any),
];

static THINKING_CONFIG: &Shape =
    &[("includeThoughts", Kind::Bool), ("thinkingBudget", Kind::Number), ("thinkingLevel", Kind::Text)];

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// The path, in snake_case as Google writes it.
    pub(crate) field: String,
    pub(crate) description: String,
}

/// Rewrites a request with camelCase keys, or says what in it is unknown or of the wrong type.
pub(crate) fn normalise(request: &Value) -> Result<Map<String, Value>, Vec<Violation>> {
    let mut violations = Vec::new();
    let normal = object(REQUEST, request, "", &mut violations);
    if violations.is_empty() { Ok(normal) } else { Err(violations) }
}

fn object(shape: &'static Shape, value: &Value, path: &str, violations: &mut Vec<Violation>) -> Map<String, Value> {
    let mut normal = Map::new();
    let Some(map) = value.as_object() else {
        violations.push(wrong_type(path, value));
        return normal;
    };
    for (key, value) in map {
        match shape.iter().find(|(name, _)| name == key || snake(name) == *key) {
            Some((name, kind)) => {
                let value = member(kind, value, &join(path, &snake(name)), violations);
                normal.insert((*name).to_owned(), value);
            }
            None => violations.push(unknown_name(path, key)),
        }
    }
    normal
}

fn member(kind: &'static Kind, value: &Value, path: &str, violations: &mut Vec<Violation>) -> Value {
    match (kind, value) {
        (Kind::Object(shape), value) => Value::Object(object(shape, value, path, violations)),
        (Kind::List(kind), Value::Array(list)) => {
            let path_of = |i: usize| format!("{path}[{i}]");
            list.iter().enumerate().map(|(i, value)| member(kind, value, &path_of(i), violations)).collect()
        }
        (Kind::Any, value)
        | (Kind::Text, value @ Value::String(_))
        | (Kind::Bool, value @ Value::Bool(_))
        | (Kind::Number, value @ Value::Number(_)) => value.clone(),
        (_, value) => {
            violations.push(wrong_type(path, value));
            Value::Null
        }
    }
}

pub(crate) fn unknown_name(path: &str, key: &str) -> Violation {
    let place = if path.is_empty() { String::new() } else { format!(" at '{path}'") };
    Violation {
        field: path.to_owned(),
        description: format!("Invalid JSON payload received. Unknown name \"{key}\"{place}: Cannot find field."),
    }
}

fn wrong_type(path: &str, value: &Value) -> Violation {
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    Violation { field: path.to_owned(), description: format!("Invalid value at '{path}': it is {is}.") }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}
