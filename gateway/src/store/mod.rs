//! SQL of the gateway beside the lanes.

mod deployment;
mod fate;
mod kept_event;
mod question;
mod restock;

pub(crate) use deployment::lane_salt;
pub(crate) use fate::{Fate, fate_of};
pub(crate) use kept_event::{KeptEvent, keep_events};
pub(crate) use question::{
    Claimed, NewQuestion, answer_question, answer_to, ask_question, close_question, open_question, purge_old,
    question_fate, remind_of_question,
};
pub(crate) use restock::{keep_restock, restock_adds};
