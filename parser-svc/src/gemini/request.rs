//! The body of a call: our rules in the system instruction, the message as data between two random marks.

use std::sync::LazyLock;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::media::Media;
use crate::model::{Question, plain};

/// The rules, reviewed like code.
const RULES: &str = include_str!("../../prompt/system.txt");
/// What is added to them for voice notes, photos and documents.
const MEDIA_RULES: &str = include_str!("../../prompt/media.txt");
/// The form to fill in. Kept as text, so that its keys stay in the order they are written.
pub const SCHEMA: &str = include_str!("../../prompt/schema.json");
/// The form for media: with a transcript, and with what a paper says of itself.
pub const MEDIA_SCHEMA: &str = include_str!("../../prompt/media-schema.json");
/// Messages with what they become, for texts.
const EXAMPLES: &str = include_str!("../../prompt/examples.json");
/// Longest text that is sent, in characters: the longest there is. What is cut off would be lost without a word.
const MAX_TEXT_CHARS: usize = 4096;

/// The rules for a text, with the examples.
static TEXT_RULES: LazyLock<String> = LazyLock::new(|| {
    let mut rules = format!("{RULES}\nExamples\n");
    for Example { message, form } in examples() {
        rules.push_str(&["\nMessage: ", &message, "\nForm: ", form.get(), "\n"].concat());
    }
    rules
});
/// The rules for a voice note, a photo or a document.
static MEDIA_RULES_ALL: LazyLock<String> = LazyLock::new(|| [RULES, MEDIA_RULES].concat());

/// A message and the form as it should be filled in.
#[derive(Deserialize)]
pub struct Example {
    /// What a shopkeeper wrote.
    pub message: String,
    /// The form, in the order of its keys.
    pub form: Box<RawValue>,
}

/// The examples of `prompt/examples.json`.
pub fn examples() -> Vec<Example> {
    serde_json::from_str(EXAMPLES).expect("the examples are read by a test")
}

/// The beginning of a digest of everything in `prompt/`.
pub fn prompt_digest() -> String {
    let mut digest = Sha256::new();
    for part in [TEXT_RULES.as_str(), &MEDIA_RULES_ALL, SCHEMA, MEDIA_SCHEMA] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    hex::encode(&digest.finalize()[..6])
}

/// How the model should answer.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Most tokens of the answer, thinking included.
    pub max_output_tokens: u32,
    /// `MINIMAL` and so on, or nothing to leave it to the model.
    pub thinking_level: Option<&'static str>,
}

/// The body in pieces, which a repeated call shares.
#[derive(Clone)]
pub struct Body {
    /// Its pieces in order.
    pub pieces: Vec<Bytes>,
}

impl Body {
    /// Returns its length in bytes.
    pub fn length(&self) -> usize {
        self.pieces.iter().map(Bytes::len).sum()
    }
}

/// What stands before the message. `contents` come last, so that media can be put in without a copy.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    system_instruction: Instruction<'a>,
    generation_config: GenerationConfig<'a>,
}

#[derive(Serialize)]
struct Instruction<'a> {
    parts: [Text<'a>; 1],
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig<'a> {
    response_mime_type: &'a str,
    response_json_schema: &'a RawValue,
    max_output_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<ThinkingConfig<'a>>,
    candidate_count: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ThinkingConfig<'a> {
    thinking_level: &'a str,
}

/// Writes the body.
pub fn body(question: &Question<'_>, shape: Shape, marker: &str) -> Body {
    let is_media = question.media.is_some();
    let rules: &str = if is_media { &MEDIA_RULES_ALL } else { &TEXT_RULES };
    let form = if is_media { MEDIA_SCHEMA } else { SCHEMA };
    let schema: &RawValue = serde_json::from_str(form).expect("the schemas are read by a test");
    let head = Head {
        system_instruction: Instruction { parts: [Text { text: rules }] },
        generation_config: GenerationConfig {
            response_mime_type: "application/json",
            response_json_schema: schema,
            max_output_tokens: shape.max_output_tokens,
            thinking_config: shape.thinking_level.map(|thinking_level| ThinkingConfig { thinking_level }),
            candidate_count: 1,
        },
    };
    let mut json = serde_json::to_string(&head).expect("strings and numbers serialise");
    let text = serde_json::to_string(&Text { text: &framed(question, marker) }).expect("a string serialises");
    json.truncate(json.len() - 1);
    json.push_str(r#","contents":[{"role":"user","parts":["#);
    json.push_str(&text);
    let mut pieces = Vec::new();
    if let Some(media) = question.media {
        pieces = with_media(&mut json, media);
    }
    json.push_str("]}]}");
    pieces.push(json.into());
    Body { pieces }
}

/// Ends `json` within a string that the media's base64 fills, and begins it anew behind it.
fn with_media(json: &mut String, media: &Media) -> Vec<Bytes> {
    json.push_str(r#",{"inlineData":{"mimeType":""#);
    json.push_str(media.kind.mime_type());
    json.push_str(r#"","data":""#);
    let mut pieces = vec![std::mem::take(json).into()];
    // Base64 needs no escapes.
    pieces.extend(media.pieces.iter().cloned());
    json.push_str(r#""}}"#);
    pieces
}

/// The brief, then the message between its marks. Nothing of the sender, the shop or its ids is in it.
fn framed(question: &Question<'_>, marker: &str) -> String {
    let mut text = question.brief.to_owned();
    if question.media.is_some() {
        text.push_str("The message is the attached voice note, photo or document. Its caption, if any:\n");
    }
    let said = plain(&question.message.text, MAX_TEXT_CHARS);
    let before = plain(&question.message.context.previous_text, MAX_TEXT_CHARS);
    let separator = if before.is_empty() { "" } else { "\n" };
    text + &format!("{marker}\n{before}{separator}{said}\n{marker}")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::domain::Message;

    const SHAPE: Shape = Shape { max_output_tokens: 1024, thinking_level: Some("MINIMAL") };

    fn written(message: &Message, media: Option<&Media>) -> String {
        let body = body(&Question { message, brief: "", media }, SHAPE, "M-1");
        String::from_utf8(body.pieces.concat()).expect("utf-8")
    }

    fn voice() -> Media {
        Media::whole("audio/ogg; codecs=opus", "", b"OggS....").expect("a voice note")
    }

    #[test]
    fn schema_keeps_the_order_of_its_keys() {
        let text = written(&Message::default(), Some(&voice()));

        let at = |key: &str| text.find(&format!("\"{key}\"")).expect("in the schema");
        assert!(at("transcript") < at("language") && at("intent") < at("quantity"));
    }

    #[test]
    fn schema_uses_only_keywords_that_the_api_takes() {
        const KEYWORDS: [&str; 8] =
            ["type", "additionalProperties", "required", "properties", "description", "items", "enum", "maxItems"];
        fn walk(schema: &Value) {
            for (key, value) in schema.as_object().expect("a schema is an object") {
                assert!(KEYWORDS.contains(&key.as_str()), "{key}");
                match key.as_str() {
                    "properties" => value.as_object().expect("an object").values().for_each(walk),
                    "items" => walk(value),
                    _ => {}
                }
            }
        }
        for schema in [SCHEMA, MEDIA_SCHEMA] {
            walk(&serde_json::from_str(schema).expect("the schema is JSON"));
        }
    }

    #[test]
    fn message_stands_between_its_marks_without_hidden_characters() {
        let message = Message { text: "add\u{202e} 5 bread".to_owned(), ..Message::default() };

        assert!(written(&message, None).contains("M-1\\nadd 5 bread\\nM-1"));
    }

    #[test]
    fn voice_notes_travel_inline_and_are_labelled_without_parameters() {
        let text = written(&Message::default(), Some(&voice()));

        let body: Value = serde_json::from_str(&text).expect("a body is JSON");
        let inline = &body["contents"][0]["parts"][1]["inlineData"];
        assert_eq!(inline["mimeType"], "audio/ogg");
        assert_eq!(inline["data"], "T2dnUy4uLi4=");
        assert!(
            body["systemInstruction"]["parts"][0]["text"].as_str().is_some_and(|rules| rules.contains("voice note"))
        );
    }

    #[test]
    fn a_text_pays_for_no_word_about_media() {
        let text = written(&Message::default(), None);

        assert!(!text.contains("transcript") && !text.contains("inlineData"));
        assert!(serde_json::from_str::<Value>(&text).is_ok());
    }
}
