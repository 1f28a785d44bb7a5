//! The ledger against a model: random programs of calls, one after the other and by many at once, with crashes between
//! effect and answer, against the rules written down once more in plain memory.
//!
//! - `book`: the rules
//! - `program`: what is asked for; `dice`: from a seed, so that a program that failed can be run again
//! - `single`: one caller at a time, every answer compared
//! - `crowd`: many at once: twins, repeats, refusals that were so, and what always holds; in the long run compared with the
//!   book too, in the order in which the ledger says it was done
//! - `house`: the service, which dies; `call`: what can be said to it; `shop`: where; `invariants`: what always holds
//!
//! The suite runs 2,000 operations, and `cargo test -p inventory-svc --test model -- --ignored` 100,000. What fails names
//! its seed: put it into `SEED` to begin with it.

#![expect(clippy::similar_names, reason = "what is told and what is expected of it have names alike")]
#![expect(clippy::print_stdout, reason = "who runs it wants to know how much was tried")]

mod book;
mod call;
mod crowd;
mod dice;
mod house;
mod invariants;
mod program;
mod shop;
mod single;

use house::House;

/// The first seed; each shop has the next one.
const SEED: u64 = 1;
/// Calls in one shop: a history that is long enough to go back in, and short enough to think of.
const STEPS_OF_SHOP: usize = 250;

/// Runs that many operations, half of them one after the other and half by many at once, and asks what always holds
/// after each database. What many did at once is compared with the book when `orders_crowds` is set.
async fn run(operation_count: usize, orders_crowds: bool) {
    let shops_of_house = (operation_count / STEPS_OF_SHOP).min(20);
    let house_count = operation_count / (shops_of_house * STEPS_OF_SHOP);
    let mut crash_count = 0;
    for house_number in 0..house_count {
        let house = House::start().await;
        let seed = SEED + (house_number * shops_of_house) as u64;
        // A crowd has the house for itself, because the clock is everybody's.
        for (place, seed) in (0..shops_of_house).zip(seed..) {
            let is_strict = place % 4 >= 2;
            let outcome = if place % 2 == 0 {
                single::run(&house, seed, STEPS_OF_SHOP, is_strict).await
            } else {
                crowd::run(&house, seed, STEPS_OF_SHOP, is_strict, orders_crowds).await
            };
            outcome.unwrap_or_else(|error| panic!("{error}"));
        }
        let held = invariants::check(&mut house.owner().await).await;
        held.unwrap_or_else(|error| panic!("seeds from {seed}: {error}"));
        crash_count += house.crash_count.load(std::sync::atomic::Ordering::Relaxed);
        house.close();
    }
    println!("{operation_count} operations, {crash_count} crashes between effect and answer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_operations_are_those_of_the_model() {
    run(2_000, false).await;
}

#[ignore = "takes a quarter of an hour"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_operations_are_those_of_the_model() {
    run(100_000, true).await;
}
