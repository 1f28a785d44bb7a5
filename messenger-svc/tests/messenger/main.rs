//! The messenger through its own door: gRPC in, a Graph API that answers by script, a real Postgres.

#![expect(missing_docs, reason = "a panic is how a test says no, its name is its documentation")]

mod graph;
mod sending;
mod world;
