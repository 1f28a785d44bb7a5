//! What a message can mean, and what every reading has to pass before it may change stock. Pure: no proto, no network.

mod action;
mod agreement;
mod check;
mod completion;
mod grounding;
mod message;

pub use action::{
    Act, Action, AddReason, Clarification, CorrectTarget, CountSessionStep, Flag, GreetingKind, Intent, Item, Line,
    MemberChange, MemberRole, Price, PriceBasis, QueryField, RemoveReason, RenameMode, Report, ReportKind, SetReason,
    Span, UndoTarget,
};
pub use agreement::{Agreed, agree, ask_about_large_numbers};
pub use check::{MAX_ACTIONS, check};
pub use completion::{complete, confirm_all, is_telling};
pub use grounding::{Said, Size, Ungrounded, ground, ground_lines, ground_paper};
pub use message::{CatalogueItem, Channel, Context, Event, Message, OpenQuestion, Paper, Reading};
