//! The simulator's own door: the chat page, its live updates, and everything a test can do, by HTTP.

mod files;
mod page;
mod routes;

pub(crate) use page::notice_routes;
pub(crate) use routes::routes;
