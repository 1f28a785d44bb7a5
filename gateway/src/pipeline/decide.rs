//! From a message to a plan.

use super::answer::take_tap;
use super::failure::Failure;
use super::inbound::Inbound;
use super::message::Sender;
use super::read::{Decision, Place, read_words};
use super::{Pipeline, contacts, media, tampering};
use crate::conversation::{Plan, Saying, Step, Tap};
use crate::webhook::{MediaKind, MessageBody};

/// Decides what is going to be done about a message. `docs/inbound.md` is this as a table.
pub(super) async fn make_plan(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    place: Place<'_>,
) -> Result<Decision, Failure> {
    let language = sender.member.language_code.clone();
    let only = |step| Plan { language: language.clone(), steps: vec![step] };
    let plan = match &inbound.body {
        MessageBody::Text(text) => return read_words(pipeline, inbound, sender, text, place).await,
        MessageBody::Tap(id) => match Tap::read(id) {
            Some(tap) => take_tap(pipeline, inbound, sender, tap).await?,
            None => only(Step::Say(Saying::QuestionGone)),
        },
        MessageBody::TemplateButton { payload, text } => match Tap::read(payload) {
            Some(tap) => take_tap(pipeline, inbound, sender, tap).await?,
            // What the button said is what the person says by tapping it.
            None => return read_words(pipeline, inbound, sender, text, Place::default()).await,
        },
        MessageBody::Media(file) => match file.kind {
            MediaKind::Sticker => only(Step::Silence),
            MediaKind::Video if file.caption.trim().is_empty() => only(Step::Say(Saying::NoVideo)),
            MediaKind::Video => return read_words(pipeline, inbound, sender, &file.caption, Place::default()).await,
            MediaKind::Audio { .. } | MediaKind::Image | MediaKind::Document => {
                media::plan(pipeline, inbound, sender, file).await?
            }
        },
        MessageBody::Contacts { cards, is_requested } => contacts::plan(inbound, sender, cards, *is_requested),
        MessageBody::Location => only(Step::Say(Saying::NoLocation)),
        MessageBody::Order => only(Step::Say(Saying::NoOrders)),
        MessageBody::Edit { .. } | MessageBody::Revoke { .. } | MessageBody::Unsupported { .. } => {
            tampering::plan(pipeline, inbound, sender).await?
        }
        MessageBody::Unknown(_) => only(Step::Say(Saying::CannotRead)),
        MessageBody::Reaction | MessageBody::System(_) | MessageBody::OtherInteractive => only(Step::Silence),
    };
    Ok(plan.into())
}
