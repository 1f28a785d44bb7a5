//! What an operator does, by the built `backroom`: look, connect, ask; against the simulated Meta in every state.

#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

mod commands;
mod connect;
mod dev;
mod doctor;
mod house;
mod manage;
mod tls;
