//! What a reading means next: pure rules from actions and what is known to a plan. No network, no clock of its own.

mod answer;
mod draft;
mod forwarded;
mod heard;
mod plan;
mod read;

pub(crate) use answer::{ShortAnswer, Tap};
pub(crate) use draft::{DraftLine, Fix, PaperDraft};
pub(crate) use forwarded::forwarded;
pub(crate) use heard::{FileKind, FileSaying, numbers_of};
pub(crate) use plan::{Choice, Effect, Item, Line, Plan, Saying, Step, Tampering};
pub(crate) use read::{Known, KnownItem, needs_known_items, plan};
