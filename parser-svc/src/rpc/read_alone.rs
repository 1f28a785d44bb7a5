//! What the grammar makes of a message by itself: for measuring and fuzzing, without a server and a runtime.

use proto::parser::v1 as pb;
use tonic::Status;

use super::from_proto;
use super::to_proto;
use crate::grammar;

/// Reads a text as `ParseMessage` does when no model is configured.
pub fn read_alone(request: pb::ParseMessageRequest) -> Result<pb::ParseMessageResponse, Status> {
    let reading = grammar::read(&from_proto::parse(request)?.message);
    let mut answer =
        pb::ParseMessageResponse { language_code: reading.language, ..pb::ParseMessageResponse::default() };
    answer.set_source(pb::ParseSource::Grammar);
    answer.actions = reading.actions.into_iter().map(to_proto::action).collect();
    answer.uncovered = reading.uncovered.into_iter().map(to_proto::span).collect();
    Ok(answer)
}
