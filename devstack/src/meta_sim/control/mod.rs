//! The simulator's own door: the chat page, its live updates, and everything a test can do, by HTTP.

mod deeds;
mod files;
mod page;
mod routes;
mod trouble;

pub(crate) use page::notice_routes;
pub(crate) use routes::routes;
