//! How the RPCs ask the model: once for equal questions, within the budget of the shop, and counted.

use std::sync::Arc;

use super::{Answered, Budgets, Failure, Model, Payer, Proposal, Question, Readings, Usage, brief, readings};
use crate::domain::Message;
use crate::grammar;
use crate::media::Media;
use crate::metrics;

/// The model with what stands around it.
pub struct Counsel {
    model: Arc<dyn Model>,
    budgets: Budgets,
    readings: Readings,
}

/// What came of asking.
pub struct Advice {
    /// The proposal, or why there is none.
    pub told: Result<Proposal, Failure>,
    /// What it cost; `None` when nobody was called for this message.
    pub usage: Option<Usage>,
    /// Whether it is the answer to an earlier or another message of the same words.
    pub is_kept: bool,
}

impl Counsel {
    /// Puts them together.
    pub fn new(model: Arc<dyn Model>, budgets: Budgets, readings: Readings) -> Self {
        Self { model, budgets, readings }
    }

    /// Asks about a text, unless the same was asked before. Only an answer that is sound is kept.
    pub async fn read(&self, payer: &Payer, message: &Message, is_sound: impl Fn(&Proposal) -> bool) -> Advice {
        let brief = brief::of_text(message);
        let key = readings::key(&[
            &payer.shop_id,
            self.model.edition(),
            &message.language,
            &brief,
            &grammar::normalised(&message.context.previous_text),
            &grammar::normalised(&message.text),
        ]);
        let mut usage = None;
        let ask = async {
            let answered = self.call(payer, Question { message, brief: &brief, media: None }).await;
            usage = Some(answered.usage);
            match answered.told {
                Ok(proposal) if is_sound(&proposal) => Ok(proposal),
                unkept => Err(unkept),
            }
        };
        let told = match self.readings.get_or(key, ask).await {
            Ok(proposal) => Ok(Proposal::clone(&proposal)),
            Err(unkept) => Result::clone(&unkept),
        };
        let is_kept = usage.is_none();
        metrics::looked_up(is_kept);
        Advice { told, usage: usage.filter(is_real), is_kept }
    }

    /// Asks about a voice note, a photo or a document. No two of them are the same.
    pub async fn read_media(&self, payer: &Payer, message: &Message, media: &Media) -> Advice {
        let brief = brief::of_media(message);
        let Answered { told, usage } = self.call(payer, Question { message, brief: &brief, media: Some(media) }).await;
        Advice { told, usage: Some(usage).filter(is_real), is_kept: false }
    }

    async fn call(&self, payer: &Payer, question: Question<'_>) -> Answered {
        let reserved = match self.budgets.reserve(payer) {
            Ok(reserved) => reserved,
            Err(left) => {
                metrics::refused_by_budget();
                return Answered { told: Err(Failure::Budget(left)), usage: Usage::default() };
            }
        };
        let answered = self.model.read(question).await;
        reserved.settle(&answered.usage);
        metrics::spent(&answered.usage);
        answered
    }
}

/// Whether somebody was called at all.
fn is_real(usage: &Usage) -> bool {
    usage.call_count > 0
}
