//! What the conversation holds: the open question, what was done last, and what a quoted message did. Looked up only for
//! messages that do not stand by themselves.

use proto::parser::v1 as parsed;
use uuid::Uuid;

use super::Pipeline;
use super::act::Draft;
use super::failure::Failure;
use super::inbound::Inbound;
use super::message::{Sender, member_id};
use super::quoted::{Quoted, newest, quoted};
use crate::conversation::{Asked, Past};
use crate::store;

/// What stands before a message.
pub(super) struct Context {
    /// The question that waits for an answer.
    pub question: Option<(Uuid, Draft)>,
    /// The newest operation of the person that stands.
    pub newest: Option<Past>,
    /// What the quoted message did.
    pub quoted: Option<Quoted>,
    /// The message just before, when it said only half of something.
    pub previous_text: String,
}

/// Looks it all up at once.
pub(super) async fn gather(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    previous_text: Option<&str>,
) -> Result<Context, Failure> {
    let member = member_id(sender)?;
    let question = async {
        let open = store::open_question(&pipeline.pool, member, &inbound.wamid, pipeline.clock.now()).await?;
        open.map(|(id, draft)| Ok((id, Draft::read(draft)?))).transpose()
    };
    let (question, newest, quoted) =
        futures::try_join!(question, newest(pipeline, sender, None), quoted(pipeline, inbound, sender))?;
    pipeline.asked.note(member, question.is_some());
    // Who quotes something else speaks of that and answers no question.
    let question = question.filter(|(id, _)| quoted.as_ref().is_none_or(|quoted| quoted.question == *id));
    // What was put right since is what it says now.
    let quoted = quoted.map(|quoted| match (&quoted.past, &newest) {
        (Some(past), Some(newest)) if past.is_undone && newest.corrects == past.operation_id => {
            Quoted { past: Some(newest.clone()), ..quoted }
        }
        _ => quoted,
    });
    Ok(Context { question, newest, quoted, previous_text: previous_text.unwrap_or_default().to_owned() })
}

impl Context {
    /// Returns it as the parser takes it.
    pub fn wire(&self) -> parsed::Context {
        let quoted = self.quoted.as_ref().and_then(|quoted| quoted.past.as_ref());
        parsed::Context {
            last_actions: self.newest.as_ref().map(Past::actions).unwrap_or_default(),
            quoted_actions: quoted.map(Past::actions).unwrap_or_default(),
            open_question: self.question.as_ref().and_then(|(_, draft)| draft.asked.as_ref()).map(Asked::question),
            counting: false,
            previous_text: self.previous_text.clone(),
            booked_documents: Vec::new(),
        }
    }
}
