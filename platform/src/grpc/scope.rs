//! What a caller may be held to: a field that requests name, and the values of it that a key may touch.
//!
//! Which request names what, and where, is read from the descriptors of the service. So it is enforced for every method,
//! also for one that nobody has thought of yet: what names no value is not open to a key that is held to some.

use std::collections::{BTreeSet, HashMap};

use anyhow::Context as _;
use bytes::{Buf as _, Bytes, BytesMut};
use futures::StreamExt as _;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use prost::Message as _;
use prost::encoding::{DecodeContext, WireType, decode_key, skip_field};
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FileDescriptorSet};
use tonic::Status;
use tonic::body::Body;

/// The compression flag and the length before each message of gRPC.
const HEAD_LENGTH: usize = 5;

/// What callers of a service may be held to.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// The word of an entry of CALLER_KEYS: `shops`.
    pub word: &'static str,
    /// The field of requests that names the value: `shop_id`. A string of the request itself, or of a message in it.
    pub field: &'static str,
    /// Returns the one spelling of a value, or how a value that is none is refused.
    pub read: fn(&str) -> Result<String, Status>,
    /// Returns how a value is refused that is not there; one that is out of the caller's reach gets the same answer.
    pub missing: fn(&str) -> Status,
}

/// What is known of the methods of a server.
#[derive(Debug, Default)]
pub(super) struct Methods {
    by_name: HashMap<String, Method>,
}

/// One method.
#[derive(Debug)]
struct Method {
    streams_answers: bool,
    /// The numbers of the fields that lead to the one that is asked for; none when its request does not name it.
    path: Option<Vec<u32>>,
}

impl Methods {
    /// Reads the descriptors of a server; `field` is what to look for in requests.
    pub(super) fn read(descriptors: &[u8], field: Option<&str>) -> anyhow::Result<Self> {
        let set = FileDescriptorSet::decode(descriptors).context("read the descriptors of the service")?;
        let mut messages = HashMap::new();
        for file in &set.file {
            for message in &file.message_type {
                messages.insert(format!(".{}.{}", file.package(), message.name()), message);
            }
        }
        let mut by_name = HashMap::new();
        for file in &set.file {
            for service in &file.service {
                for method in &service.method {
                    let request = messages.get(method.input_type()).copied();
                    let path = field.zip(request).and_then(|(field, request)| find(field, request, &messages));
                    let name = format!("{}.{}/{}", file.package(), service.name(), method.name());
                    by_name.insert(name, Method { streams_answers: method.server_streaming(), path });
                }
            }
        }
        Ok(Self { by_name })
    }

    /// Returns whether a method answers by a stream.
    pub(super) fn streams_answers(&self, method: &str) -> bool {
        self.by_name.get(method).is_some_and(|method| method.streams_answers)
    }

    /// Returns where requests of a method name what callers are held to.
    pub(super) fn path(&self, method: &str) -> Option<&[u32]> {
        self.by_name.get(method)?.path.as_deref()
    }
}

/// Returns the way to a field: in the message, or else in one that it holds.
fn find(field: &str, message: &DescriptorProto, messages: &HashMap<String, &DescriptorProto>) -> Option<Vec<u32>> {
    let number = |number: i32| u32::try_from(number).expect("field numbers are positive");
    let is_it = |candidate: &&prost_types::FieldDescriptorProto| {
        candidate.name() == field && candidate.r#type() == Type::String
    };
    if let Some(found) = message.field.iter().find(is_it) {
        return Some(vec![number(found.number())]);
    }
    message.field.iter().filter(|inner| inner.r#type() == Type::Message).find_map(|inner| {
        let found = messages.get(inner.type_name())?.field.iter().find(is_it)?;
        Some(vec![number(inner.number()), number(found.number())])
    })
}

/// Why a request cannot be let through.
#[derive(Debug)]
pub(super) enum Outside {
    /// The service's own answer.
    Answer(Status),
    /// Its first message is no message of the method.
    Unreadable,
    /// Its first message is larger than requests may be.
    TooLarge,
}

/// Lets a request through when what it names is among `values`. Of a stream of requests, what its first message names.
pub(super) async fn hold(
    scope: &Scope,
    values: &BTreeSet<String>,
    path: &[u32],
    bytes_max: usize,
    request: http::Request<Body>,
) -> Result<http::Request<Body>, Outside> {
    let (head, mut body) = request.into_parts();
    let mut read = BytesMut::new();
    while message_end(&read, bytes_max)?.is_none_or(|end| read.len() < end) {
        match body.frame().await {
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    read.extend_from_slice(&data);
                }
            }
            Some(Err(status)) => return Err(Outside::Answer(status)),
            None => return Err(Outside::Unreadable),
        }
    }
    let read = read.freeze();
    let end = message_end(&read, bytes_max)?.ok_or(Outside::Unreadable)?;
    let named = string_at(path, read.slice(HEAD_LENGTH..end)).ok_or(Outside::Unreadable)?;
    let wanted = (scope.read)(&named).map_err(Outside::Answer)?;
    // The spelling of the list is read as that of requests is; what is no value there opens nothing.
    if !values.iter().any(|value| (scope.read)(value).is_ok_and(|value| value == wanted)) {
        return Err(Outside::Answer((scope.missing)(&wanted)));
    }
    let first = futures::stream::once(std::future::ready(Ok::<_, Status>(Frame::data(read))));
    let rest = http_body_util::BodyStream::new(body);
    Ok(http::Request::from_parts(head, Body::new(StreamBody::new(first.chain(rest)))))
}

/// Returns where the first message ends, once that is known.
fn message_end(read: &[u8], bytes_max: usize) -> Result<Option<usize>, Outside> {
    let Some((head, _)) = read.split_first_chunk::<HEAD_LENGTH>() else { return Ok(None) };
    let [flag, length @ ..] = head;
    // No server of ours takes compressed requests; this one could not see what it lets through.
    if *flag != 0 {
        return Err(Outside::Unreadable);
    }
    let length = u32::from_be_bytes(*length) as usize;
    if length > bytes_max { Err(Outside::TooLarge) } else { Ok(Some(HEAD_LENGTH + length)) }
}

/// Returns the string at a path of a message, empty when it is absent, as the decoder of the service would read it: the
/// last of several counts, and of several inner messages the fields of all.
fn string_at(path: &[u32], mut message: Bytes) -> Option<String> {
    let (wanted, inner) = path.split_first()?;
    let mut found = Vec::new();
    while message.has_remaining() {
        let (number, wire_type) = decode_key(&mut message).ok()?;
        if number == *wanted && wire_type == WireType::LengthDelimited {
            let length = usize::try_from(prost::encoding::decode_varint(&mut message).ok()?).ok()?;
            if length > message.remaining() {
                return None;
            }
            found.push(message.split_to(length));
        } else {
            skip_field(wire_type, number, &mut message, DecodeContext::default()).ok()?;
        }
    }
    if inner.is_empty() {
        String::from_utf8(found.pop().unwrap_or_default().to_vec()).ok()
    } else {
        string_at(inner, found.concat().into())
    }
}

#[cfg(test)]
mod tests {
    use proto::inventory::v1::{ImportStockRequest, ListStockRequest, StockImport, import_stock_request::Part};

    use super::*;

    #[test]
    fn a_field_is_found_in_the_request_and_in_what_it_holds() {
        let methods = Methods::read(proto::FILE_DESCRIPTOR_SET, Some("shop_id")).unwrap();
        let path = |method: &str| methods.path(&format!("thebackroom.inventory.v1.InventoryService/{method}"));

        assert_eq!(path("ListStock"), Some([1].as_slice()));
        assert_eq!(path("ImportStock"), Some([1, 1].as_slice()));
        assert_eq!(path("IdentifyMember"), None);
        assert_eq!(path("NoSuchMethod"), None);
        assert!(methods.streams_answers("thebackroom.inventory.v1.InventoryService/WatchStock"));
        assert!(!methods.streams_answers("thebackroom.inventory.v1.InventoryService/ListStock"));
    }

    #[test]
    fn a_string_is_read_as_the_decoder_reads_it() {
        let list = |shop: &str| ListStockRequest { shop_id: shop.to_owned(), page_size: 7, ..Default::default() };
        let import = |shop: &str, request_id: &str| ImportStockRequest {
            part: Some(Part::StockImport(StockImport {
                shop_id: shop.to_owned(),
                request_id: request_id.to_owned(),
                ..Default::default()
            })),
        };
        let read = |path: &[u32], parts: &[Vec<u8>]| string_at(path, parts.concat().into());

        assert_eq!(read(&[1], &[list("a").encode_to_vec()]).as_deref(), Some("a"));
        assert_eq!(read(&[1], &[list("").encode_to_vec()]).as_deref(), Some(""));
        // A message after a message is one message: what comes last counts, here and in the service.
        let twice = [list("a").encode_to_vec(), list("b").encode_to_vec()];
        assert_eq!(read(&[1], &twice), Some(ListStockRequest::decode(twice.concat().as_slice()).unwrap().shop_id));
        for (first, second) in [("a", "b"), ("a", ""), ("", "b")] {
            let parts = [import(first, "1").encode_to_vec(), import(second, "2").encode_to_vec()];
            let Some(Part::StockImport(merged)) = ImportStockRequest::decode(parts.concat().as_slice()).unwrap().part
            else {
                panic!("it is what the list is")
            };
            assert_eq!(read(&[1, 1], &parts), Some(merged.shop_id));
        }
        assert_eq!(read(&[1], &[vec![0x0a, 0x05, b'a']]), None);
    }
}
