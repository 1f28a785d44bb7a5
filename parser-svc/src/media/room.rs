//! How much media may be in memory. Who does not fit waits a moment and is then asked to come back.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room for media, counted in KiB.
#[derive(Clone)]
pub struct Room {
    kib: Arc<Semaphore>,
    wait: Duration,
}

/// There is none.
#[derive(Debug)]
pub struct NoRoom;

/// What one of them takes of it, given back when it is dropped.
pub struct Place {
    room: Room,
    held: Option<OwnedSemaphorePermit>,
    kib: usize,
}

impl Room {
    /// Makes room for so many mebibytes. Each piece waits for it at most this long.
    pub fn new(mebibytes: u32, wait: Duration) -> Self {
        let kib = usize::try_from(mebibytes).unwrap_or(usize::MAX / 1024) * 1024;
        Self { kib: Arc::new(Semaphore::new(kib)), wait }
    }

    /// Begins a place of no size.
    pub fn place(&self) -> Place {
        Place { room: self.clone(), held: None, kib: 0 }
    }
}

impl Place {
    /// Grows it to hold so many bytes in base64.
    pub async fn hold(&mut self, bytes: usize) -> Result<(), NoRoom> {
        let wanted = bytes.div_ceil(3).saturating_mul(4).div_ceil(1024);
        let more = wanted.saturating_sub(self.kib);
        if more == 0 {
            return Ok(());
        }
        let count = u32::try_from(more).map_err(|_| NoRoom)?;
        let permits = tokio::time::timeout(self.room.wait, Arc::clone(&self.room.kib).acquire_many_owned(count)).await;
        let Ok(Ok(permits)) = permits else { return Err(NoRoom) };
        match &mut self.held {
            Some(held) => held.merge(permits),
            held @ None => *held = Some(permits),
        }
        self.kib = wanted;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_does_not_fit_waits_and_is_refused_until_somebody_leaves() {
        let room = Room::new(1, Duration::from_millis(20));
        let mut first = room.place();
        let mut second = room.place();
        first.hold(512 * 1024).await.unwrap();

        assert!(second.hold(512 * 1024).await.is_err());
        drop(first);
        assert!(second.hold(512 * 1024).await.is_ok());
        assert!(second.hold(768 * 1024).await.is_ok(), "768 KiB are 1 MiB in base64");
        assert!(second.hold(768 * 1024 + 1).await.is_err());
    }
}
