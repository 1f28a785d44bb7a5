//! `WatchStock`: what is committed in a shop, from a cursor on, each once and none left out.
//!
//! A page is read when the one before it was taken: who reads slowly holds one page, no connection and no lock. What this
//! process posts wakes its watchers; what others post is found by looking again.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use futures::Stream;
use proto::inventory::v1 as pb;
use tokio::time::Instant;
use tonic::Status;
use uuid::Uuid;

use super::fields::Fields;
use super::wakes::Listener;
use super::{Inventory, answers, page_token};
use crate::error::Error;
use crate::store::{ChangeRow, Place};

/// What a watcher gets.
pub(crate) type Changes = Pin<Box<dyn Stream<Item = Result<pb::WatchStockResponse, Status>> + Send>>;

/// Operations of a page.
const PAGE_LENGTH: i32 = 100;
/// How long to wait for the next operation before looking again: at first, and when a shop is at rest.
const POLL_MIN: Duration = Duration::from_millis(50);
const POLL_MAX: Duration = Duration::from_millis(500);
/// The same after a hint that something was committed: an older transaction may still be running, which it waits for.
const POLL_AFTER_HINT: Duration = Duration::from_millis(5);
/// How far apart two looks are at least, unless there is more than a page: what comes quickly is read together.
const READ_APART: Duration = Duration::from_millis(10);
/// How long nothing may be said.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(super) async fn watch_stock(inventory: &Inventory, request: pb::WatchStockRequest) -> Result<Changes, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    fields.finish()?;
    let place = match read_cursor(shop_id, &request.cursor)? {
        Some(place) => place,
        None if request.only_new => inventory.store.newest_place().await?,
        None => Place { written_in: -1, operation_id: Uuid::nil() },
    };
    let hints = inventory.wakes.listen(shop_id);
    let mut watcher = Watcher {
        inventory: inventory.clone(),
        hints,
        shop_id,
        place,
        page: VecDeque::new(),
        read_again_at: Instant::now(),
    };
    // Read at once, so that a shop that is not there is said before the stream begins.
    watcher.read().await?;
    Ok(Box::pin(futures::stream::try_unfold(watcher, Watcher::next)))
}

/// Somebody who watches a shop.
struct Watcher {
    inventory: Inventory,
    hints: Listener,
    shop_id: Uuid,
    /// The last that was told.
    place: Place,
    /// What was read and not told yet.
    page: VecDeque<ChangeRow>,
    /// When the next page may be read.
    read_again_at: Instant,
}

impl Watcher {
    /// Returns the next response once there is one, and nothing when the service is drained: the cursor goes on elsewhere.
    async fn next(mut self) -> Result<Option<(pb::WatchStockResponse, Self)>, Status> {
        let heartbeat_at = Instant::now() + HEARTBEAT;
        let mut pause = POLL_MIN;
        loop {
            if self.inventory.shutdown.is_draining() {
                return Ok(None);
            }
            if let Some(change) = self.page.pop_front() {
                self.place = change.place;
                let operation = answers::operation(change.operation, change.movements, false)?;
                let change = pb::StockChange { operation: Some(operation) };
                return Ok(Some((self.response(Some(change)), self)));
            }
            tokio::time::sleep_until(self.read_again_at).await;
            self.read().await?;
            if !self.page.is_empty() {
                continue;
            }
            if Instant::now() >= heartbeat_at {
                return Ok(Some((self.response(None), self)));
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(POLL_MAX),
                () = self.hints.hint() => pause = POLL_AFTER_HINT,
                () = self.inventory.shutdown.draining() => {}
            }
        }
    }

    /// Reads the next page.
    async fn read(&mut self) -> Result<(), Error> {
        // Forgotten before it is looked, so that nothing is between the two.
        self.hints.forget();
        self.page = self.inventory.store.list_changes(self.shop_id, self.place, PAGE_LENGTH).await?.into();
        let is_full = self.page.len() >= usize::try_from(PAGE_LENGTH).expect("a literal above zero");
        self.read_again_at = Instant::now() + if is_full { Duration::ZERO } else { READ_APART };
        Ok(())
    }

    fn response(&self, change: Option<pb::StockChange>) -> pb::WatchStockResponse {
        pb::WatchStockResponse { cursor: write_cursor(self.shop_id, self.place), change }
    }
}

fn write_cursor(shop_id: Uuid, place: Place) -> String {
    let key = [&place.written_in.to_be_bytes()[..], place.operation_id.as_bytes()].concat();
    page_token::encode(&["changes", &shop_id.to_string()], &key)
}

fn read_cursor(shop_id: Uuid, cursor: &str) -> Result<Option<Place>, Error> {
    let Some(key) = page_token::decode(&["changes", &shop_id.to_string()], cursor)? else { return Ok(None) };
    let (written_in, operation_id) = key.split_first_chunk::<8>().ok_or(Error::InvalidPageToken)?;
    Ok(Some(Place {
        written_in: i64::from_be_bytes(*written_in),
        operation_id: Uuid::from_slice(operation_id).map_err(|_| Error::InvalidPageToken)?,
    }))
}
