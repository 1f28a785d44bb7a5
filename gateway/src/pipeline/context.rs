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
use crate::conversation::{self, Asked, CountStep, Past, Plan, Step};
use crate::store::{self, CountingRow};

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
    /// The stock-take that the person is in the middle of.
    pub counting: Option<Counting>,
}

/// A stock-take that was not ended.
pub(super) struct Counting {
    row: CountingRow,
    /// Whether nobody went on with it for too long.
    is_expired: bool,
}

/// Looks it all up at once.
pub(super) async fn gather(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    previous_text: Option<&str>,
) -> Result<Context, Failure> {
    let member = member_id(sender)?;
    let now = pipeline.clock.now();
    let open = async {
        let open = store::what_is_open(&pipeline.pool, member, &inbound.wamid, now).await?;
        let question = open.question.map(|(id, draft)| Ok::<_, Failure>((id, Draft::read(draft)?))).transpose()?;
        Ok((question, open.counting))
    };
    let ((question, counting), newest, quoted) =
        futures::try_join!(open, newest(pipeline, sender, None), quoted(pipeline, inbound, sender))?;
    pipeline.asked.note(member, question.is_some() || counting.is_some());
    let counting = counting.map(|row| Counting { row, is_expired: row.expires_at <= now });
    // Who quotes something else speaks of that and answers no question.
    let question = question.filter(|(id, _)| quoted.as_ref().is_none_or(|quoted| quoted.question == *id));
    // What was put right since is what it says now.
    let quoted = quoted.map(|quoted| match (&quoted.past, &newest) {
        (Some(past), Some(newest)) if past.is_undone && newest.corrects == past.operation_id => {
            Quoted { past: Some(newest.clone()), ..quoted }
        }
        _ => quoted,
    });
    Ok(Context { question, newest, quoted, previous_text: previous_text.unwrap_or_default().to_owned(), counting })
}

impl Context {
    /// Returns the stock-take that goes on: its id in the ledger.
    pub fn counting_id(&self) -> Option<String> {
        self.counting
            .as_ref()
            .filter(|counting| !counting.is_expired)
            .map(|counting| counting.row.session_id.to_string())
    }

    /// Makes a new plan mean what it means while somebody counts, or says that the stock-take of before is given up.
    pub fn fit(&self, plan: Plan, text: &str) -> Plan {
        match self.counting_id() {
            Some(session_id) => {
                let is_answer = self.question.is_some() || self.quoted.is_some();
                match conversation::shown_again(text, &session_id).filter(|_| !is_answer) {
                    Some(step) => Plan { steps: vec![step], ..plan },
                    None => conversation::while_counting(plan, &session_id, text),
                }
            }
            None => self.told_expired(plan),
        }
    }

    /// Writes what answers a question down in the stock-take that goes on, where it was counted.
    pub fn fit_answer(&self, plan: Plan) -> Plan {
        match self.counting_id() {
            Some(session_id) => conversation::recorded(plan, &session_id),
            None => self.told_expired(plan),
        }
    }

    fn told_expired(&self, mut plan: Plan) -> Plan {
        if let Some(counting) = &self.counting {
            let session_id = counting.row.session_id.to_string();
            plan.steps.insert(0, Step::Count(CountStep::Expired { session_id }));
        }
        plan
    }

    /// Returns it as the parser takes it.
    pub fn wire(&self) -> parsed::Context {
        let quoted = self.quoted.as_ref().and_then(|quoted| quoted.past.as_ref());
        parsed::Context {
            last_actions: self.newest.as_ref().map(Past::actions).unwrap_or_default(),
            quoted_actions: quoted.map(Past::actions).unwrap_or_default(),
            open_question: self.question.as_ref().and_then(|(_, draft)| draft.asked.as_ref()).map(Asked::question),
            counting: self.counting_id().is_some(),
            previous_text: self.previous_text.clone(),
            booked_documents: Vec::new(),
        }
    }
}
