//! The way of a message from the request to Meta.
//!
//! - [`put`]: into the outbox, many requests per commit
//! - [`sender`]: out of it, lane by lane: hand over, record the answer
//! - `starts`: which of the messages that are next may be handed over now; many lanes per statement
//! - `merging`: several that wait for one person made one
//! - `documents`: files uploaded before they are sent
//! - [`numbers`]: halting and resuming a business number
//! - [`housekeeping`]: what nobody waits for
//!
//! A message is marked in doubt before the call and settled after it, because the Graph API knows no idempotency key.
//! What a crash leaves in doubt is settled by a receipt or, when none comes in time, by one more send.

mod documents;
pub mod housekeeping;
mod merging;
pub mod numbers;
pub mod put;
pub mod sender;
mod starts;

/// The kind of all jobs of the outbox.
pub const JOB_KIND: &str = "send";
