//! What others ask of the parser, one file per RPC, and the way between proto and domain.

mod from_proto;
mod parse_media;
mod parse_message;
mod read_alone;
mod to_proto;

pub use read_alone::read_alone;

use std::sync::Arc;

use proto::parser::v1 as pb;
use proto::parser::v1::parser_service_server::ParserService;
use tonic::{Request, Response, Status};

use crate::media::Room;
use crate::model::Model;

/// The parser as a gRPC service.
#[derive(Clone)]
pub struct Parser {
    /// The model behind the grammar, when one is configured.
    pub model: Option<Arc<dyn Model>>,
    /// How much media may be in memory.
    pub room: Room,
}

impl Parser {
    /// Whom to ask what the grammar leaves open.
    fn model(&self) -> parse_media::Asking<'_> {
        self.model.as_deref().ok_or(pb::ModelOutcome::NotConfigured)
    }
}

#[tonic::async_trait]
impl ParserService for Parser {
    async fn parse_message(
        &self,
        request: Request<pb::ParseMessageRequest>,
    ) -> Result<Response<pb::ParseMessageResponse>, Status> {
        parse_message::parse_message(self, request.into_inner()).await.map(Response::new)
    }

    async fn parse_media(
        &self,
        request: Request<tonic::Streaming<pb::ParseMediaRequest>>,
    ) -> Result<Response<pb::ParseMediaResponse>, Status> {
        parse_media::parse_media(self, request.into_inner()).await.map(Response::new)
    }
}
