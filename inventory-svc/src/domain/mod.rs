//! Pure rules. Nothing here is async, and nothing here knows protobuf or SQL.
//!
//! - `cost`: what an item cost that lies at several places
//! - `key`: the one spelling of a name
//! - `matching`: which item a name may mean
//! - `number`: numbers as people and spreadsheets write them
//! - `unit`: what a unit is and what a new item is kept in
//! - `movement_kind`: why stock changes and in which direction
//! - `reference`: the four characters people can say aloud

pub(crate) mod cost;
pub(crate) mod key;
pub(crate) mod matching;
pub(crate) mod movement_kind;
pub(crate) mod number;
pub(crate) mod paper;
pub(crate) mod reference;
pub(crate) mod unit;
