//! What a call to `/messages` asks for, checked by section 4 of the reference.

use serde_json::Value;

use super::error::GraphError;
use super::fields::Fields;
use super::interactive;
use super::media_call::{self, MediaCall};
use super::template::{self, TemplateCall};
use crate::meta_sim::chat::Button;
use crate::meta_sim::media::MediaKind;
use crate::meta_sim::person::is_user_id;

const TEXT_BODY_UNIT_COUNT_MAX: usize = 4_096;
const CALLBACK_DATA_UNIT_COUNT_MAX: usize = 512;
const WAMID_LENGTH_MAX: usize = 512;
/// The longest emoji: families of four with skin tones have more units than one would think.
const EMOJI_UNIT_COUNT_MAX: usize = 32;

/// A call that is well formed.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    /// Send a message.
    Send(Box<Outgoing>),
    /// Show a message as read, and perhaps that an answer is being typed.
    MarkRead { wamid: String, is_typing: bool },
}

/// A message to send.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) addressee: Addressee,
    pub(crate) content: Content,
    pub(crate) quoted: Option<String>,
    pub(crate) callback_data: Option<String>,
}

/// What is in it.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Text and buttons.
    Plain(Shown),
    /// An emoji on another message; empty takes it back.
    Reaction { wamid: String, emoji: String },
    /// A file.
    Media(MediaCall),
    /// A text that Meta approved.
    Template(TemplateCall),
}

/// Who gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Addressee {
    /// A phone: `input` as written, `digits` as dialled.
    Phone { input: String, digits: String },
    /// A business-scoped user id.
    UserId(String),
    /// A user id in `to`: accepted, and nobody gets it.
    Nobody { input: String },
}

/// What the phone shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    pub(crate) text: String,
    pub(crate) buttons: Vec<Button>,
}

/// Reads and checks the body of a call.
pub(crate) fn parse(body: &Value) -> Result<Request, GraphError> {
    let root = Fields::root(body)?;
    if !root.has("messaging_product") {
        return Err(GraphError::invalid_parameter("The parameter messaging_product is required."));
    }
    root.one_of("messaging_product", &["whatsapp"])?;
    if root.has("status") { parse_mark_read(&root) } else { parse_send(&root) }
}

fn parse_mark_read(root: &Fields<'_>) -> Result<Request, GraphError> {
    root.only(&["messaging_product", "status", "message_id", "typing_indicator"])?;
    root.one_of("status", &["read"])?;
    let wamid = root.text("message_id", WAMID_LENGTH_MAX)?;
    if !is_wamid(wamid) {
        return Err(GraphError::invalid_value("Param message_id is not a valid WhatsApp message ID."));
    }
    let typing = root.optional_object("typing_indicator")?;
    if let Some(typing) = &typing {
        typing.only(&["type"])?;
        typing.one_of("type", &["text"])?;
    }
    Ok(Request::MarkRead { wamid: wamid.to_owned(), is_typing: typing.is_some() })
}

fn parse_send(root: &Fields<'_>) -> Result<Request, GraphError> {
    let kind = root.optional_text("type", usize::MAX)?.unwrap_or("text");
    let addressing = ["messaging_product", "messaging_account_id", "recipient_type", "to", "recipient", "type"];
    root.only(&[&addressing[..], &["context", "biz_opaque_callback_data", kind]].concat())?;
    if root.has("recipient_type") {
        root.one_of("recipient_type", &["individual"])?; // groups are not ours to write to
    }
    let addressee = parse_addressee(root)?;
    let callback_data = root.optional_text("biz_opaque_callback_data", CALLBACK_DATA_UNIT_COUNT_MAX)?;
    let quoted = parse_context(root, kind)?;
    let content = match kind {
        "text" => Content::Plain(parse_text(&root.object("text")?)?),
        "interactive" => Content::Plain(interactive::parse(&root.object("interactive")?)?),
        "reaction" => parse_reaction(&root.object("reaction")?)?,
        "template" => Content::Template(template::parse(&root.object("template")?)?),
        other => match MediaKind::of_word(other) {
            Some(kind) => Content::Media(media_call::parse(kind, &root.object(other)?)?),
            None => return Err(unsupported(other)),
        },
    };
    let callback_data = callback_data.map(str::to_owned);
    Ok(Request::Send(Box::new(Outgoing { addressee, content, quoted, callback_data })))
}

fn parse_addressee(root: &Fields<'_>) -> Result<Addressee, GraphError> {
    if let Some(to) = root.optional_text("to", 256)? {
        if is_user_id(to) {
            return Ok(Addressee::Nobody { input: to.to_owned() });
        }
        let digits: String = to.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
        let digits = digits.strip_prefix('+').unwrap_or(&digits);
        if !(7..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(GraphError::invalid_value("Param to is not a phone number."));
        }
        return Ok(Addressee::Phone { input: to.to_owned(), digits: digits.to_owned() });
    }
    match root.optional_text("recipient", 256)? {
        Some(recipient) if is_user_id(recipient) => Ok(Addressee::UserId(recipient.to_owned())),
        Some(_) => Err(GraphError::invalid_value("Param recipient is not a business-scoped user ID.")),
        None => Err(GraphError::invalid_parameter("The parameter to is required.")),
    }
}

fn parse_context(root: &Fields<'_>, kind: &str) -> Result<Option<String>, GraphError> {
    let Some(context) = root.optional_object("context")? else { return Ok(None) };
    if kind == "reaction" {
        return Err(GraphError::invalid_parameter("Param context is not allowed with a reaction."));
    }
    context.only(&["message_id"])?;
    let wamid = context.text("message_id", WAMID_LENGTH_MAX)?;
    if !is_wamid(wamid) {
        return Err(GraphError::invalid_value("Param context['message_id'] is not a valid WhatsApp message ID."));
    }
    Ok(Some(wamid.to_owned()))
}

fn parse_text(text: &Fields<'_>) -> Result<Shown, GraphError> {
    text.only(&["body", "preview_url"])?;
    text.optional_bool("preview_url")?;
    Ok(Shown { text: text.text("body", TEXT_BODY_UNIT_COUNT_MAX)?.to_owned(), buttons: Vec::new() })
}

fn parse_reaction(reaction: &Fields<'_>) -> Result<Content, GraphError> {
    reaction.only(&["message_id", "emoji"])?;
    let wamid = reaction.text("message_id", WAMID_LENGTH_MAX)?;
    if !is_wamid(wamid) {
        return Err(GraphError::invalid_value("Param reaction['message_id'] is not a valid WhatsApp message ID."));
    }
    // Taking back by an empty text is in older documents only; nothing forbids it.
    let emoji = reaction.optional_text_or_empty("emoji", EMOJI_UNIT_COUNT_MAX)?;
    let emoji = emoji.ok_or_else(|| GraphError::missing("reaction['emoji']"))?;
    if emoji.is_ascii() && !emoji.is_empty() {
        return Err(GraphError::invalid_value("Param reaction['emoji'] must be one emoji."));
    }
    Ok(Content::Reaction { wamid: wamid.to_owned(), emoji: emoji.to_owned() })
}

fn is_wamid(text: &str) -> bool {
    text.strip_prefix("wamid.").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()))
}

/// Kinds that Meta has and this simulator does not are refused in words that cannot be mistaken for Meta's.
fn unsupported(kind: &str) -> GraphError {
    let known = ["contacts", "location"];
    if known.contains(&kind) {
        return GraphError::of_code(131_051)
            .details(format!("The simulator does not take messages of type {kind} yet."));
    }
    GraphError::invalid_parameter("Param type must be one of the message types.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(body: &str) -> Value {
        json!({"messaging_product": "whatsapp", "to": "+27825550101", "type": "text", "text": {"body": body}})
    }

    fn with(mut request: Value, name: &str, value: Value) -> Value {
        request[name] = value;
        request
    }

    fn code(request: &Value) -> Option<u32> {
        parse(request).err().map(|error| error.code)
    }

    #[test]
    fn text_is_taken_up_to_4096_utf16_units() {
        assert_eq!(code(&text(&"a".repeat(4096))), None);
        assert_eq!(code(&text(&"a".repeat(4097))), Some(100));
        assert_eq!(code(&text(&"😀".repeat(2048))), None);
        assert_eq!(code(&text(&"😀".repeat(2049))), Some(100));
        assert_eq!(code(&text(" ")), Some(131_009));
    }

    #[test]
    fn callback_data_is_taken_up_to_512() {
        let request = |length| with(text("hi"), "biz_opaque_callback_data", json!("x".repeat(length)));

        assert_eq!(code(&request(512)), None);
        assert_eq!(code(&request(513)), Some(100));
    }

    #[test]
    fn unknown_keys_are_refused_and_named() {
        let error = parse(&with(text("hi"), "idempotency_key", json!("1"))).unwrap_err();

        assert_eq!(error.code, 100);
        assert!(error.details.unwrap().contains("idempotency_key"));
    }

    #[test]
    fn a_user_id_in_to_is_taken_and_reaches_nobody() {
        let request = with(text("hi"), "to", json!("ZA.1349"));

        let Request::Send(outgoing) = parse(&request).unwrap() else { panic!("not a send") };

        assert_eq!(outgoing.addressee, Addressee::Nobody { input: "ZA.1349".to_owned() });
    }

    #[test]
    fn numbers_may_be_written_as_people_write_them_and_nothing_else() {
        for good in ["+27825550101", "27825550101", "+27 (82) 555-0101"] {
            assert_eq!(code(&with(text("hi"), "to", json!(good))), None, "{good}");
        }
        for bad in ["+27", "thandi", "+27825550101x", "++27825550101"] {
            assert_eq!(code(&with(text("hi"), "to", json!(bad))), Some(131_009), "{bad}");
        }
    }

    #[test]
    fn recipient_must_be_a_user_id() {
        let mut request = text("hi");
        request.as_object_mut().unwrap().remove("to");

        assert_eq!(code(&request), Some(100));
        assert_eq!(code(&with(request.clone(), "recipient", json!("ZA.1349"))), None);
        assert_eq!(code(&with(request, "recipient", json!("+27825550101"))), Some(131_009));
    }

    #[test]
    fn an_invented_recipient_type_is_error_100() {
        assert_eq!(code(&with(text("hi"), "recipient_type", json!("business_scoped_user_id"))), Some(100));
        assert_eq!(code(&with(text("hi"), "recipient_type", json!("individual"))), None);
    }

    #[test]
    fn a_read_mark_needs_a_real_message_id() {
        let mark = |id: &str| json!({"messaging_product": "whatsapp", "status": "read", "message_id": id});

        assert_eq!(code(&mark("wamid.abc")), None);
        assert_eq!(code(&mark("abc")), Some(131_009));
        assert_eq!(code(&with(mark("wamid.abc"), "typing_indicator", json!({"type": "text"}))), None);
        assert_eq!(code(&with(mark("wamid.abc"), "typing_indicator", json!({"type": "dots"}))), Some(100));
    }
}
