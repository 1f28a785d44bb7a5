//! Forgetting a person, for `backroom forget`: what the gateway keeps of them goes, and nothing of them is in work meanwhile.
//!
//! Their lanes are taken as a worker takes them. So a message that is in work is finished before, and one that comes meanwhile
//! waits until the other services have forgotten the person as well: nothing is done by half for somebody who is half known.

mod person;

use std::time::Duration;

use sqlx::PgPool;

pub use person::Person;

use crate::inbox::{KIND_MESSAGE, lane_of};
use crate::store::{self, HeldLane};

pub use crate::store::Kept;

/// How often taken lanes are asked for.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// Messages whose keys tell which business numbers are served.
const NEWEST: i64 = 20_000;

/// Why the gateway did not forget.
#[derive(Debug, thiserror::Error)]
pub enum NotForgotten {
    /// Something of the person is in work.
    #[error("a message or a receipt of this person is still in work: try again when the services work")]
    Busy,
    /// The lanes were held for too long.
    #[error("it took too long, and the person's messages are in work again: run it once more")]
    Lost,
    /// The database failed.
    #[error("the gateway's database: {0}")]
    Database(#[from] sqlx::Error),
}

/// The lanes of a person, held: nothing of theirs is handled until they are released, or for ten minutes.
#[derive(Debug)]
pub struct Held {
    lanes: Vec<HeldLane>,
}

/// Counts what the gateway keeps of a person.
pub async fn count(pool: &PgPool, person: &Person) -> Result<Kept, NotForgotten> {
    Ok(store::count_kept(pool, &lanes(pool, person).await?, &person.filter()).await?)
}

/// Waits until nothing of the person is in work, for `patience` at most, and holds their lanes.
pub async fn hold(pool: &PgPool, person: &Person, patience: Duration) -> Result<Held, NotForgotten> {
    let mut missing = lanes(pool, person).await?;
    let mut held = Held { lanes: Vec::new() };
    let end = tokio::time::Instant::now() + patience;
    loop {
        let taken = store::hold_lanes(pool, &missing).await?;
        missing.retain(|lane| taken.iter().all(|held| held.name != *lane));
        held.lanes.extend(taken);
        // Receipts are nobody's lane; each is done in a moment when the messenger works.
        if missing.is_empty() && !store::has_receipts(pool, &person.filter()).await? {
            return Ok(held);
        }
        if tokio::time::Instant::now() >= end {
            held.release(pool).await?;
            return Err(NotForgotten::Busy);
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

impl Held {
    /// Takes out what the gateway keeps of the person. What tells repeats from news stays, without content.
    pub async fn erase(&self, pool: &PgPool, person: &Person) -> Result<Kept, NotForgotten> {
        store::forget_person(pool, &self.lanes, &person.filter()).await?.ok_or(NotForgotten::Lost)
    }

    /// Lets the person's messages be handled again: those that came meanwhile are a stranger's.
    pub async fn release(self, pool: &PgPool) -> Result<(), NotForgotten> {
        Ok(store::release_lanes(pool, &self.lanes).await?)
    }
}

/// Returns the names of the lanes in which messages of the person come, and apologies for them.
async fn lanes(pool: &PgPool, person: &Person) -> Result<Vec<String>, sqlx::Error> {
    let salt = store::lane_salt(pool).await?;
    let numbers = store::business_numbers(pool, KIND_MESSAGE, NEWEST).await?;
    let mut lanes = Vec::new();
    for number in &numbers {
        for name in person.names() {
            let lane = lane_of(&salt, "m", &format!("{number}/{name}"));
            lanes.push(format!("a/{lane}"));
            lanes.push(lane);
        }
    }
    lanes.sort_unstable();
    lanes.dedup();
    Ok(lanes)
}
