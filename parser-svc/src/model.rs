//! What the parser asks of a model, whoever serves it.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::domain::{Message, Paper, Reading};
use crate::media::Media;

/// What a model is asked to read.
pub struct Question<'a> {
    /// The text with its context. For media: the caption.
    pub message: &'a Message,
    /// The media, when that is what has to be read.
    pub media: Option<&'a Media>,
}

/// What a model made of it, not yet checked against what was said.
pub struct Proposal {
    /// The actions it proposes.
    pub reading: Reading,
    /// What it heard or read, for media.
    pub transcript: String,
    /// What the paper says of itself, for a photo or document.
    pub paper: Paper,
    /// What it cost.
    pub usage: Usage,
}

/// What a call cost.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    /// The model that served, as it names itself.
    pub model_version: String,
    /// Tokens in.
    pub input_token_count: i32,
    /// Tokens out, thinking included.
    pub output_token_count: i32,
    /// Time until the answer was complete, retries included.
    pub latency: Duration,
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
}

/// The answer of a model, in time.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Proposal, Failure>> + Send + 'a>>;

/// Reads what the grammar could not. Its answer is untrusted: the caller checks and grounds it.
pub trait Model: Send + Sync {
    /// Asks the model.
    fn read<'a>(&'a self, question: Question<'a>) -> Answer<'a>;
}
