//! What an operator does, by the built `backroom`: look, connect, ask; against the simulated Meta in every state.

mod commands;
mod connect;
mod dev;
mod doctor;
mod house;
mod manage;
mod stock;
mod stock_answers;
mod stock_files;
mod stock_keeping;
mod tls;
mod written;
