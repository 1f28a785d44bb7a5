//! From one request to the entries of the inbox. Loops over everything, loses nothing it does not understand.

use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::payload::{
    Change, Contact, EntryPart, Envelope, Message, MessageBody, MessageHead, Metadata, Status, StoredMessage,
    StoredStatus, Value, mend_surrogates,
};

/// A wamid longer than this is no wamid; such a message is recognised by its digest.
const ID_BYTES_MAX: usize = 512;

/// One thing that came in a request.
pub(crate) enum Entry {
    /// A message of a person.
    Message {
        /// What makes it the same message when it comes again.
        dedup_key: String,
        /// Who sent it: the business number and the person's id. Only ever stored hashed.
        sender: String,
        /// When it was written, unix milliseconds; absent when Meta did not say.
        sent_at_ms: Option<i64>,
        /// What is kept.
        stored: StoredMessage,
    },
    /// A delivery status of a message of ours.
    Status {
        /// What makes it the same status when it comes again.
        dedup_key: String,
        /// The message it is about.
        wamid: String,
        /// What is kept.
        stored: StoredStatus,
    },
    /// Anything else: kept as it came.
    Other {
        /// What makes it the same when it comes again.
        dedup_key: String,
        /// Meta's name for it.
        field: String,
        /// Exactly what came.
        raw: Vec<u8>,
    },
}

/// The body is not JSON, or not an object.
#[derive(Debug)]
pub(crate) struct NotAPayload;

/// Reads a request whose signature was checked.
///
/// With `served`, messages to another business number are kept and not handled.
pub(crate) fn decode(body: &[u8], served: Option<&str>) -> Result<Vec<Entry>, NotAPayload> {
    // UTF-8 is checked once for the whole; JSON text is UTF-8 by definition.
    let text = std::str::from_utf8(body).map_err(|_| NotAPayload)?;
    let text = &*mend_surrogates(text);
    let whole: &RawValue = serde_json::from_str(text).map_err(|_| NotAPayload)?;
    if !whole.get().starts_with('{') {
        return Err(NotAPayload);
    }
    let mut entries = Vec::new();
    match serde_json::from_str::<Envelope<'_>>(text) {
        Ok(envelope) if !envelope.entry.is_empty() => {
            for entry in envelope.entry {
                match serde_json::from_str::<EntryPart<'_>>(entry.get()) {
                    Ok(part) if !part.changes.is_empty() => {
                        for change in &part.changes {
                            decode_change(change, &part, served, &mut entries);
                        }
                    }
                    _ => entries.push(other("entry", entry.get())),
                }
            }
        }
        // `entry: []` says nothing, and that is an answer.
        Ok(_) if text.contains("\"entry\"") => {}
        _ => entries.push(other("envelope", text)),
    }
    Ok(entries)
}

fn decode_change(raw: &RawValue, part: &EntryPart<'_>, served: Option<&str>, entries: &mut Vec<Entry>) {
    let Ok(change) = serde_json::from_str::<Change<'_>>(raw.get()) else {
        entries.push(other("change", raw.get()));
        return;
    };
    let field = change.field.unwrap_or_default();
    let (Some(value), "messages") = (change.value, field.as_str()) else {
        entries.push(other(&field, &framed(raw, part)));
        return;
    };
    let Ok(parsed) = serde_json::from_str::<Value<'_>>(value.get()) else {
        entries.push(other("messages", raw.get()));
        return;
    };
    let metadata = parsed.metadata.unwrap_or_default();
    if let (Some(served), Some(number)) = (served, &metadata.phone_number_id)
        && served != number
    {
        tracing::warn!(
            "a notification for another business number than WHATSAPP_PHONE_NUMBER_ID is kept and not handled"
        );
        entries.push(other("other_number", raw.get()));
        return;
    }
    // A contact that cannot be read costs a name, not the messages beside it.
    let contacts: Vec<Contact> =
        parsed.contacts.into_iter().filter_map(|contact| serde_json::from_str(contact.get()).ok()).collect();
    let before = entries.len();
    for message in parsed.messages {
        decode_message(message, &metadata, &contacts, entries);
    }
    for status in parsed.statuses {
        entries.push(decode_status(status));
    }
    if parsed.errors.is_some() || entries.len() == before {
        entries.push(other("messages", raw.get()));
    }
}

/// Returns a change with its entry around it, as it would have come alone: the same change on another day is another event.
fn framed(change: &RawValue, part: &EntryPart<'_>) -> String {
    let mut frame = String::from("{");
    for (name, value) in [("id", part.id), ("time", part.time)] {
        if let Some(value) = value {
            frame.extend(["\"", name, "\":", value.get(), ","]);
        }
    }
    frame.extend(["\"changes\":[", change.get(), "]}"]);
    frame
}

fn decode_message(raw: &RawValue, metadata: &Metadata, contacts: &[Contact], entries: &mut Vec<Entry>) {
    let number =
        usable_id(metadata.phone_number_id.as_deref()).filter(|id| id.len() <= 64).unwrap_or_default().to_owned();
    let Ok(head) = serde_json::from_str::<MessageHead>(raw.get()) else {
        entries.push(other("message", raw.get()));
        return;
    };
    let nobodys = match head {
        _ if head.group_id.is_some() => Some("group"),
        _ if is_own_number(&head, metadata) => Some("echo"),
        _ => None,
    };
    let (None, Some(person)) = (nobodys, person_of(&head)) else {
        // Not written to us, or by nobody who could be answered.
        entries.push(other(nobodys.unwrap_or(&head.kind), raw.get()));
        return;
    };
    if !MessageBody::is_known(&head.kind) {
        // It is answered, and kept for a version that can read it.
        entries.push(other(&head.kind, raw.get()));
    }
    let contact = contacts
        .iter()
        .find(|contact| contact.user_id.is_some() && contact.user_id == head.from_user_id)
        .or_else(|| contacts.iter().find(|contact| contact.wa_id.is_some() && contact.wa_id == head.from))
        .or_else(|| contacts.first().filter(|_| contacts.len() == 1))
        .cloned();
    let id = usable_id(head.id.as_deref()).map_or_else(|| digest(raw.get()), str::to_owned);
    let seconds = head.timestamp.as_deref().and_then(|seconds| seconds.parse::<i64>().ok());
    entries.push(Entry::Message {
        dedup_key: match notice_in(&head, raw) {
            // What is said about a message may come under the id of that message, more than once, and twice in a second.
            Some(notice) => {
                let (seconds, digest) = (seconds.unwrap_or_default(), digest(raw.get()));
                format!("n/{notice}/{seconds}-{}/{number}/{id}", &digest[..8])
            }
            None => format!("m/{number}/{id}"),
        },
        sender: format!("{number}/{person}"),
        sent_at_ms: seconds.and_then(|seconds| seconds.checked_mul(1000)),
        stored: StoredMessage { phone_number_id: number, contact, message: raw.to_owned() },
    });
}

/// Returns what kind of word about another message, or about a person, it is; `None`: it is a message of its own.
fn notice_in(head: &MessageHead, raw: &RawValue) -> Option<&'static str> {
    match head.kind.as_str() {
        "unsupported" => Some("unsupported"),
        "edit" => Some("edit"),
        "revoke" => Some("revoke"),
        "system" => Some("system"),
        // What it says decides; that is read now only where it may be nothing.
        kind if kind == "unknown" || head.errors.is_some() => Message::read(raw.get())
            .is_some_and(|message| matches!(message.body, MessageBody::Unsupported { .. }))
            .then_some("unsupported"),
        _ => None,
    }
}

/// Returns whose lane a message belongs to.
fn person_of(head: &MessageHead) -> Option<&str> {
    let notice = head.system.as_ref().filter(|_| head.kind == "system");
    // Word of a change comes after everything that was written under the name before it.
    let before = notice.and_then(|notice| notice.previous_user_id.as_deref());
    let names = [
        before,
        head.from_user_id.as_deref(),
        head.from.as_deref(),
        notice.and_then(|notice| notice.customer.as_deref()),
        notice.and_then(|notice| notice.user_id.as_deref()),
        notice.and_then(|notice| notice.wa_id.as_deref()),
    ];
    names.into_iter().flatten().find(|name| !name.is_empty())
}

/// Returns whether the business number itself wrote it: an echo, not a person's words.
fn is_own_number(head: &MessageHead, metadata: &Metadata) -> bool {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    match (&head.from, &metadata.display_phone_number) {
        (Some(from), Some(own)) => {
            let own = digits(own);
            !own.is_empty() && digits(from) == own
        }
        _ => false,
    }
}

fn decode_status(raw: &RawValue) -> Entry {
    let parsed: Status = serde_json::from_str(raw.get()).unwrap_or_default();
    let (Some(wamid), Some(status)) = (usable_id(parsed.id.as_deref()), usable_id(parsed.state.as_deref())) else {
        return other("status", raw.get());
    };
    Entry::Status {
        dedup_key: format!("s/{wamid}/{status}"),
        wamid: wamid.to_owned(),
        stored: StoredStatus { status: raw.to_owned() },
    }
}

/// Postgres refuses NUL in text, and a key has a limit.
fn usable_id(id: Option<&str>) -> Option<&str> {
    id.filter(|id| !id.is_empty() && id.len() <= ID_BYTES_MAX && !id.contains('\0'))
}

fn other(field: &str, raw: &str) -> Entry {
    let field: String = field.chars().filter(|letter| *letter != '\0').take(100).collect();
    Entry::Other { dedup_key: format!("o/{}", digest(raw)), field, raw: raw.as_bytes().to_vec() }
}

fn digest(raw: &str) -> String {
    hex::encode(Sha256::digest(raw.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn payload(value: &str) -> String {
        format!(
            r#"{{"object":"whatsapp_business_account","entry":[{{"id":"1","changes":[{{"field":"messages","value":{value}}}]}}]}}"#
        )
    }

    fn keys(body: &str) -> Vec<String> {
        decode(body.as_bytes(), None)
            .unwrap()
            .into_iter()
            .map(|entry| match entry {
                Entry::Message { dedup_key, .. } | Entry::Status { dedup_key, .. } | Entry::Other { dedup_key, .. } => {
                    dedup_key
                }
            })
            .collect()
    }

    #[test]
    fn every_message_and_status_of_a_batch_is_taken() {
        let body = payload(
            r#"{"metadata":{"phone_number_id":2000},"messages":[{"id":"a","from":"27","type":"text"},{"id":"b","from_user_id":"ZA.1","type":"text"}],
               "statuses":[{"id":"c","status":"read"},{"id":"c","status":"delivered"}],"later":{"x":[1]}}"#,
        );
        assert_eq!(keys(&body), ["m/2000/a", "m/2000/b", "s/c/read", "s/c/delivered"]);
    }

    #[test]
    fn a_message_without_a_phone_number_goes_by_its_user_id() {
        let body = payload(
            r#"{"metadata":{"phone_number_id":"2"},"messages":[{"from_user_id":"ZA.9","id":"w","timestamp":1790416800,"type":"text"}]}"#,
        );
        let entries = decode(body.as_bytes(), None).unwrap();
        let Entry::Message { sender, sent_at_ms, .. } = &entries[0] else { panic!("not a message") };
        assert_eq!((sender.as_str(), *sent_at_ms), ("2/ZA.9", Some(1_790_416_800_000)));
    }

    #[test]
    fn what_a_message_says_decides_whether_it_is_word_about_another() {
        for (rest, notice) in [
            (r#""type":"unsupported""#, true),
            (r#""type":"unknown""#, true),
            (r#""type":"unknown","errors":[{"code":131051}]"#, true),
            (r#""type":"document","errors":[{"code":131052}]"#, true),
            (r#""type":"hologram","errors":[{"code":131051}]"#, true),
            (r#""type":"text","text":{"body":"add 5 milk"},"errors":[{"code":131051}]"#, false),
            (r#""type":"document""#, false),
            (r#""type":"hologram""#, false),
        ] {
            let of = |more: &str| {
                let message = format!(r#"{{"id":"a","from":"27","timestamp":"1790416800",{rest}{more}}}"#);
                let body = payload(&format!(r#"{{"metadata":{{"phone_number_id":"2"}},"messages":[{message}]}}"#));
                keys(&body).pop().unwrap()
            };
            let key = of("");
            assert_eq!(key.starts_with("n/unsupported/1790416800-"), notice, "{key}");
            assert_eq!(key == "m/2/a", !notice, "{key}");
            assert_eq!(key, of(""), "a repeat is a repeat");
            assert_eq!(key != of(r#","x":1"#), notice, "two notices of one second are two");
        }
    }

    #[test]
    fn what_is_not_understood_is_kept() {
        for body in
            [r#"{"hello":1}"#, r#"{"entry":[3]}"#, r#"{"entry":[{"changes":[{"field":"security","value":{}}]}]}"#]
        {
            let entries = decode(body.as_bytes(), None).unwrap();
            assert!(matches!(entries.as_slice(), [Entry::Other { .. }]), "{body}");
        }
        let odd = payload(r#"{"messages":[{"type":"system","system":{}}, 7]}"#);
        assert!(decode(odd.as_bytes(), None).unwrap().iter().all(|entry| matches!(entry, Entry::Other { .. })));
        assert!(decode(br#"{"object":"whatsapp_business_account","entry":[]}"#, None).unwrap().is_empty());
    }

    #[test]
    fn messages_to_another_number_are_kept_and_not_handled() {
        let body = payload(r#"{"metadata":{"phone_number_id":"2"},"messages":[{"id":"a","from":"27","type":"text"}]}"#);
        assert!(matches!(decode(body.as_bytes(), Some("3")).unwrap().as_slice(), [Entry::Other { .. }]));
        assert!(matches!(decode(body.as_bytes(), Some("2")).unwrap().as_slice(), [Entry::Message { .. }]));
    }

    #[test]
    fn a_name_cut_in_the_middle_of_an_emoji_costs_no_message() {
        let body = payload(
            r#"{"metadata":{"phone_number_id":"2"},"contacts":[{"profile":{"name":"T \ud83d"},"wa_id":"27"},7],"messages":[{"id":"a","from":"27","type":"text","text":{"body":"x"}}]}"#,
        );
        assert!(
            matches!(decode(body.as_bytes(), None).unwrap().as_slice(), [Entry::Message { stored, .. }] if stored.contact.is_some())
        );
    }

    #[test]
    fn garbage_is_refused() {
        for body in [&b""[..], b"nonsense", b"[1]", b"\xff\xfe{}", b"{\"a\":"] {
            assert!(decode(body, None).is_err());
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            drop(decode(&body, None));
        }

        #[test]
        fn no_json_makes_it_panic(inner in "[\\[\\]{}\",:a-z0-9\\\\ ]{0,80}") {
            drop(decode(payload(&inner).as_bytes(), None));
        }
    }
}
