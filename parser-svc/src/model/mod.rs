//! What the parser asks of a model, whoever serves it.
//!
//! - [`Model`]: the trait behind which a provider stands
//! - [`Counsel`]: how the RPCs ask: once for equal questions, within the budget of the shop
//! - `brief`: what a model is told beside the message

mod brief;
mod budget;
mod candidates;
mod counsel;
mod readings;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use rust_decimal::Decimal;

pub use brief::plain;
pub use budget::{Budgets, Limits, Payer};
pub use counsel::Counsel;
pub use readings::Readings;

use crate::domain::{Message, Paper, Reading};
use crate::media::Media;

/// What a model is asked to read.
pub struct Question<'a> {
    /// The text. For media: the caption.
    pub message: &'a Message,
    /// What the model is told beside it: a few names of the shop, what was recorded last, what is asked.
    pub brief: &'a str,
    /// The media, when that is what has to be read.
    pub media: Option<&'a Media>,
}

/// What a model made of it, not yet checked against what was said.
#[derive(Clone)]
pub struct Proposal {
    /// The actions it proposes.
    pub reading: Reading,
    /// What it heard or read, for media.
    pub transcript: String,
    /// What the paper says of itself, for a photo or document.
    pub paper: Paper,
}

/// What a model answered, and what that cost.
pub struct Answered {
    /// Its proposal, or why there is none.
    pub told: Result<Proposal, Failure>,
    /// What it cost, also when nothing came of it.
    pub usage: Usage,
}

/// What the calls for one message cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Usage {
    /// The model that served, as it names itself.
    pub model_version: String,
    /// Tokens in.
    pub input_token_count: i32,
    /// Tokens out, thinking included.
    pub output_token_count: i32,
    /// Time until the answer was complete, retries included.
    pub latency: Duration,
    /// Calls that were made.
    pub call_count: u32,
    /// Cost in US dollars; `None` when the price of one of the calls is not known.
    pub cost: Option<Decimal>,
}

impl Default for Usage {
    fn default() -> Self {
        Self {
            model_version: String::new(),
            input_token_count: 0,
            output_token_count: 0,
            latency: Duration::ZERO,
            call_count: 0,
            cost: Some(Decimal::ZERO),
        }
    }
}

/// Why a model could not serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No valid reading: cut off, empty, not JSON, outside the schema.
    Unusable,
    /// It refused the content.
    Blocked,
    /// Too slow, or a passing fault.
    Unavailable,
    /// A quota is used up, for this long if that is known.
    Quota(Option<Duration>),
    /// An operator has to act.
    Misconfigured,
    /// The shop's budget of the day is used up, for this long.
    Budget(Duration),
}

/// The answer of a model, in time.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Answered> + Send + 'a>>;

/// Reads what the grammar could not. Its answer is untrusted: the caller checks and grounds it.
pub trait Model: Send + Sync {
    /// Asks the model.
    fn read<'a>(&'a self, question: Question<'a>) -> Answer<'a>;

    /// Names everything that would make it read otherwise: model, rules, form, examples.
    fn edition(&self) -> &str;
}
