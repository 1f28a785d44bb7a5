//! SQL of the gateway beside the lanes.

mod counting;
mod deployment;
mod fate;
mod forget;
mod kept_event;
mod question;
mod restock;
mod retention;

pub(crate) use counting::{CountingRow, end_counting, keep_counting, what_is_open};
pub(crate) use deployment::lane_salt;
pub(crate) use fate::{Fate, fate_of};
pub use forget::Kept;
pub(crate) use forget::{
    HeldLane, PersonFilter, business_numbers, count_kept, forget_person, has_receipts, hold_lanes, release_lanes,
};
pub(crate) use kept_event::{KeptEvent, keep_events};
pub(crate) use question::{
    Claimed, NewQuestion, answer_question, answer_to, ask_question, close_question, open_question, question_fate,
    remind_of_question,
};
pub(crate) use restock::{keep_restock, restock_adds};
pub(crate) use retention::{Removed, Retention, remove_old};
