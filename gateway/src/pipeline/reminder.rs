//! A question that still waits is repeated once, behind the answer to something else; one that was answered by the way is
//! closed.

use super::Pipeline;
use super::act::{Acted, Draft};
use super::failure::Failure;
use super::inbound::Inbound;
use super::message::{Sender, member_id};
use crate::conversation::{Saying, Talk};
use crate::reply::Outcome;
use crate::store;

/// Adds the question that is still open to an answer. Who is known not to be asked anything is not looked up.
pub(super) async fn remind(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    acted: &mut Acted,
) -> Result<(), Failure> {
    let member = member_id(sender)?;
    if acted.question.is_some() || pipeline.asked.is_asked(member) == Some(false) {
        return Ok(());
    }
    let now = pipeline.clock.now();
    let Some((id, draft)) = store::remind_of_question(&pipeline.pool, member, &inbound.wamid, now).await? else {
        return Ok(());
    };
    // The message is done: a question that only a newer version can read costs it nothing.
    let Ok(draft) = Draft::read(draft) else { return Ok(()) };
    let posted = acted.outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Posted(lines) => Some(lines.as_slice()),
        _ => None,
    });
    let names: Vec<&str> =
        posted.flatten().flat_map(|line| [line.line.item.said.as_str(), line.name.as_str()]).collect();
    if draft.asked.as_ref().is_some_and(|asked| asked.speaks_of(&names)) {
        // The person said it in full instead of answering: an answer now would count it twice.
        return Ok(store::close_question(&pipeline.pool, id).await?);
    }
    if let Some(saying) = draft.saying.clone().filter(|_| draft.paper().is_none()) {
        let still_open = Talk::StillOpen { question: Box::new(saying) };
        acted.outcomes.push(Outcome::Said(Saying::Talk(still_open)));
    }
    Ok(())
}
