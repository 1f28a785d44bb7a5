//! The whole product in one process: as a library, as a developer runs it, as an operator runs it.

mod backroom;
mod serve;
mod stack;
