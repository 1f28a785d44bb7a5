//! Calls by name, with messages as JSON: what a caller in any language sends, and what can be sent to an RPC that nobody
//! has written a test of yet.

use std::sync::LazyLock;

use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor};
use serde_json::Value;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Status};

use crate::world::World;

static CONTRACT: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(proto::FILE_DESCRIPTOR_SET).expect("the build made it"));

/// Returns every RPC of the contract.
pub(super) fn rpcs() -> Vec<MethodDescriptor> {
    let service = CONTRACT.get_service_by_name("thebackroom.inventory.v1.InventoryService").expect("it is there");
    service.methods().collect()
}

pub(super) fn rpc(name: &str) -> MethodDescriptor {
    rpcs().into_iter().find(|rpc| rpc.name() == name).expect("an RPC of the contract")
}

/// Returns the reasons with which an RPC says that it fails.
pub(super) fn listed_reasons(rpc: &MethodDescriptor) -> Vec<String> {
    let file = rpc.parent_file().file_descriptor_proto().clone();
    let info = file.source_code_info.expect("the build keeps comments");
    let location = info.location.into_iter().find(|location| location.path == rpc.path()).expect("each has a comment");
    let comment = location.leading_comments.unwrap_or_default();
    let list = comment.split("Fails with").nth(1).unwrap_or_default();
    let words = list.split(|letter: char| !letter.is_ascii_uppercase() && letter != '_');
    words.filter(|word| word.starts_with("ERROR_REASON_")).map(str::to_owned).collect()
}

/// Makes a call and reads what comes, of a stream that goes on for ever the first message.
pub(super) async fn call(world: &World, name: &str, parts: &[Value]) -> Result<Vec<Value>, Status> {
    let rpc = rpc(name);
    let encoded = parts.iter().map(|part| {
        let message =
            DynamicMessage::deserialize(rpc.input(), part).unwrap_or_else(|error| panic!("{name} {part}: {error}"));
        message.encode_to_vec()
    });
    let mut request = Request::new(futures::stream::iter(encoded.collect::<Vec<_>>()));
    request.metadata_mut().insert("authorization", "Bearer a key of the tests".parse().expect("it is ASCII"));
    let path = format!("/{}/{name}", rpc.parent_service().full_name());
    let mut client = tonic::client::Grpc::new(world.plain_channel());
    client.ready().await.expect("the service runs");
    let answer = client.streaming(request, path.parse().expect("a path"), Bytes).await?;
    let mut stream = answer.into_inner();
    let mut told = Vec::new();
    while let Some(bytes) = stream.message().await? {
        let message = DynamicMessage::decode(rpc.output(), &bytes[..]).expect("an answer of the contract");
        told.push(serde_json::to_value(&message).expect("it is JSON"));
        if name == "WatchStock" {
            break;
        }
    }
    Ok(told)
}

/// Messages as they are on the wire.
#[derive(Clone, Copy)]
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        prost::bytes::BufMut::put_slice(buffer, &item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut bytes = vec![0; prost::bytes::Buf::remaining(buffer)];
        prost::bytes::Buf::copy_to_slice(buffer, &mut bytes);
        Ok(Some(bytes))
    }
}
