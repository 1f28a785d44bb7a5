//! The RPCs, one file each: parse, decide, act, answer.

mod forget_person;
mod get_cost_report;
mod get_media;
mod get_message;
mod mark_read;
mod parse;
mod parse_content;
mod record_receipts;
mod send_message;
mod send_otp;
mod verify_otp;

use std::sync::Arc;

use platform::clock::Clock;
use platform::grpc::Caller;
use proto::messenger::v1 as pb;
use proto::messenger::v1::messenger_service_server::MessengerService;
use sqlx::PgPool;
use tonic::{Request, Response, Status};

use crate::graph::Graph;
use crate::media::{Media, Part};
use crate::otp::Codes;
use crate::outbox::put::Outbox;
use crate::receipts::Receipts;

/// The service as gRPC sees it.
#[derive(Clone, Debug)]
pub struct Messenger {
    /// Takes messages.
    pub outbox: Outbox,
    /// Takes receipts.
    pub receipts: Receipts,
    /// Fetches files.
    pub media: Media,
    /// Sends one-time codes and checks them.
    pub codes: Codes,
    /// The Graph API, for what is of no use later.
    pub graph: Graph,
    /// The number that is meant when a request names none.
    pub default_number: Arc<str>,
    /// The database, for reading.
    pub pool: PgPool,
    /// Tells the time.
    pub clock: Clock,
}

#[tonic::async_trait]
impl MessengerService for Messenger {
    async fn send_message(
        &self,
        request: Request<pb::SendMessageRequest>,
    ) -> Result<Response<pb::SendMessageResponse>, Status> {
        Ok(Response::new(send_message::send_message(self, request.into_inner()).await?))
    }

    async fn record_receipts(
        &self,
        request: Request<pb::RecordReceiptsRequest>,
    ) -> Result<Response<pb::RecordReceiptsResponse>, Status> {
        Ok(Response::new(record_receipts::record_receipts(self, request.into_inner()).await?))
    }

    async fn get_message(
        &self,
        request: Request<pb::GetMessageRequest>,
    ) -> Result<Response<pb::GetMessageResponse>, Status> {
        Ok(Response::new(get_message::get_message(self, request.into_inner()).await?))
    }

    type GetMediaStream = tokio_stream::wrappers::ReceiverStream<Part>;

    async fn get_media(&self, request: Request<pb::GetMediaRequest>) -> Result<Response<Self::GetMediaStream>, Status> {
        Ok(Response::new(get_media::get_media(self, request.into_inner())?))
    }

    async fn mark_read(&self, request: Request<pb::MarkReadRequest>) -> Result<Response<pb::MarkReadResponse>, Status> {
        Ok(Response::new(mark_read::mark_read(self, request.into_inner()).await?))
    }

    async fn get_cost_report(
        &self,
        request: Request<pb::GetCostReportRequest>,
    ) -> Result<Response<pb::GetCostReportResponse>, Status> {
        Ok(Response::new(get_cost_report::get_cost_report(self, request.into_inner()).await?))
    }

    async fn send_otp(&self, request: Request<pb::SendOtpRequest>) -> Result<Response<pb::SendOtpResponse>, Status> {
        let caller = caller_of(&request);
        Ok(Response::new(send_otp::send_otp(self, caller, request.into_inner()).await?))
    }

    async fn verify_otp(
        &self,
        request: Request<pb::VerifyOtpRequest>,
    ) -> Result<Response<pb::VerifyOtpResponse>, Status> {
        let caller = caller_of(&request);
        Ok(Response::new(verify_otp::verify_otp(self, caller, request.into_inner()).await?))
    }

    async fn forget_person(
        &self,
        request: Request<pb::ForgetPersonRequest>,
    ) -> Result<Response<pb::ForgetPersonResponse>, Status> {
        Ok(Response::new(forget_person::forget_person(self, request.into_inner()).await?))
    }
}

fn caller_of<T>(request: &Request<T>) -> String {
    request.extensions().get::<Caller>().map(|caller| caller.name.clone()).unwrap_or_default()
}
