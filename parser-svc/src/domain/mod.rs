//! What a message can mean, and what every reading has to pass before it may change stock. Pure: no proto, no network.

mod action;
mod check;
mod grounding;
mod message;

pub use action::{
    Act, Action, AddReason, Clarification, CorrectTarget, CountSessionStep, Flag, GreetingKind, Intent, Item, Line,
    MemberChange, Price, PriceBasis, QueryField, RemoveReason, RenameMode, ReportKind, SetReason, Span, UndoTarget,
};
pub use check::check;
pub use grounding::{Said, ground};
pub use message::{CatalogueItem, Context, Message, OpenQuestion, Reading};
