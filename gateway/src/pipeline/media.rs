//! Voice notes, photos and documents: from a file to a plan.

use super::Pipeline;
use super::failure::Failure;
use super::inbound::Inbound;
use super::message::Sender;
use crate::conversation::{Plan, Saying, Step};
use crate::webhook::Media;

/// Makes the plan for a file. The plan is saved by the caller before its first effect.
#[expect(clippy::unused_async, reason = "reading a file asks the messenger and the parser")]
pub(super) async fn plan(
    _pipeline: &Pipeline,
    _inbound: &Inbound,
    sender: &Sender,
    _file: &Media,
) -> Result<Plan, Failure> {
    Ok(Plan { language: sender.member.language_code.clone(), steps: vec![Step::Say(Saying::TextOnly)] })
}
