//! What a reading means next: pure rules from actions and what is known to a plan. No network, no clock of its own.

mod answer;
mod asked;
mod correct;
mod count;
mod dates;
mod draft;
mod forwarded;
mod heard;
mod names;
mod openness;
mod past;
mod people;
mod plan;
mod read;
mod report;
mod restock;
mod talk;
mod undo;
mod upkeep;

pub(crate) use answer::{ShortAnswer, Tap};
pub(crate) use asked::{Asked, Taken, action_of, is_measure};
pub(crate) use count::{CountSaying, CountStep, recorded, shown_again, ways_to_end, while_counting};
pub(crate) use draft::{DraftLine, Fix, PaperDraft};
pub(crate) use forwarded::forwarded;
pub(crate) use heard::{FileKind, FileSaying, numbers_of};
pub(crate) use names::{KnownName, excerpt};
pub(crate) use openness::{doubted, is_fragment, leaves_open};
pub(crate) use past::Past;
pub(crate) use people::{OfPeople, People};
pub(crate) use plan::{Choice, Effect, Item, Line, Plan, Saying, Step, Tampering};
pub(crate) use read::{Known, KnownItem, needs_known_items, plan};
pub(crate) use report::{About, Called, Days, Export, Report};
pub(crate) use restock::{Restock, speaks_of_restock};
pub(crate) use talk::Talk;
pub(crate) use upkeep::Upkeep;
