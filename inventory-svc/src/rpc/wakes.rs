//! Tells those who watch a shop in this process that this process changed something in it.
//!
//! Only a hint: what other processes do is found by looking again, and so is what nobody gave a hint of. So it costs a post
//! nothing in the database, and nothing at all where nobody watches.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use uuid::Uuid;

/// Who watches what in this process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wakes(Arc<Mutex<HashMap<Uuid, watch::Sender<()>>>>);

/// Somebody who watches a shop.
#[derive(Debug)]
pub(super) struct Listener {
    wakes: Wakes,
    shop_id: Uuid,
    hints: watch::Receiver<()>,
}

/// A change that is under way: whoever watches its shop is woken when it is over, however it ends.
#[derive(Debug)]
#[must_use = "it wakes when it is dropped"]
pub(super) struct Change {
    wakes: Wakes,
    shop_id: Uuid,
}

impl Wakes {
    /// Begins to listen to a shop.
    pub(super) fn listen(&self, shop_id: Uuid) -> Listener {
        let hints = self.lock().entry(shop_id).or_insert_with(|| watch::Sender::new(())).subscribe();
        Listener { wakes: self.clone(), shop_id, hints }
    }

    /// Begins a change of a shop. Nobody is woken by an id that is none.
    pub(super) fn change(&self, shop_id: &str) -> Option<Change> {
        // Who begins to listen meanwhile finds it by looking again.
        if self.lock().is_empty() {
            return None;
        }
        let shop_id = Uuid::try_parse(shop_id).ok()?;
        Some(Change { wakes: self.clone(), shop_id })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, watch::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    /// Forgets the hints so far: what they were about is looked at next.
    pub(super) fn forget(&mut self) {
        self.hints.mark_unchanged();
    }

    /// Waits for a hint.
    pub(super) async fn hint(&mut self) {
        if self.hints.changed().await.is_err() {
            std::future::pending::<()>().await; // the sender is kept for as long as anybody listens
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut shops = self.wakes.lock();
        // Its own receiver is still counted.
        if shops.get(&self.shop_id).is_some_and(|hints| hints.receiver_count() <= 1) {
            shops.remove(&self.shop_id);
        }
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        if let Some(hints) = self.wakes.lock().get(&self.shop_id) {
            hints.send_replace(());
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn a_change_wakes_those_of_its_shop_once_and_nobody_is_kept() {
        let (wakes, here, there) = (Wakes::default(), Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(wakes.change(&here.to_string()).is_none(), "nobody listens");
        let (mut first, mut second, mut other) = (wakes.listen(here), wakes.listen(here), wakes.listen(there));

        let change = wakes.change(&here.to_string()).unwrap();
        assert!(first.hint().now_or_never().is_none(), "it is not over");
        drop(change);

        assert!(first.hint().now_or_never().is_some() && second.hint().now_or_never().is_some());
        assert!(first.hint().now_or_never().is_none() && other.hint().now_or_never().is_none());
        drop(wakes.change(&here.to_string()));
        first.forget();
        assert!(first.hint().now_or_never().is_none());
        drop(first);
        assert_eq!(wakes.lock().len(), 2, "the second still listens");
        drop((second, other));
        assert!(wakes.lock().is_empty());
    }
}
