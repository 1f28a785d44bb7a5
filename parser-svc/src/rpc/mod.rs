//! What others ask of the parser, one file per RPC, and the way between proto and domain.

mod from_proto;
mod parse_media;
mod parse_message;
mod read_alone;
mod to_proto;

pub use read_alone::read_alone;

use std::sync::Arc;
use std::time::Duration;

use proto::parser::v1 as pb;
use proto::parser::v1::ModelOutcome;
use proto::parser::v1::parser_service_server::ParserService;
use tonic::{Request, Response, Status};

use crate::domain::Ungrounded;
use crate::media::Room;
use crate::model::{Counsel, Failure, Payer};

/// The parser as a gRPC service.
#[derive(Clone)]
pub struct Parser {
    /// The model behind the grammar, when one is configured.
    pub counsel: Option<Arc<Counsel>>,
    /// How much media may be in memory.
    pub room: Room,
}

/// Whom to ask what the grammar leaves open and for whom, or what to say instead.
type Asking<'a> = Result<(&'a Counsel, Payer), ModelOutcome>;

impl Parser {
    fn asking(&self, payer: Payer) -> Asking<'_> {
        self.counsel.as_deref().map(|counsel| (counsel, payer)).ok_or(ModelOutcome::NotConfigured)
    }
}

/// Says what a failed question comes to, and when to ask again.
fn outcome_of(failure: Failure) -> (ModelOutcome, Option<Duration>) {
    match failure {
        Failure::Unusable => (ModelOutcome::Unusable, None),
        Failure::Blocked => (ModelOutcome::Blocked, None),
        Failure::Unavailable => (ModelOutcome::Unavailable, None),
        Failure::Quota(delay) => (ModelOutcome::Quota, delay),
        Failure::Misconfigured => (ModelOutcome::Misconfigured, None),
        Failure::Budget(left) => (ModelOutcome::Budget, Some(left)),
    }
}

/// A line of the log for a claim that nobody made: which rule it broke, and no word of it.
fn log_ungrounded(error: &Ungrounded) {
    tracing::info!(parser.ungrounded = %error, "held back what the model made up: {error}");
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
