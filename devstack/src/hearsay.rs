//! What recordings and pictures say. No simulator can hear or read: somebody tells it, and both simulators share it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

/// Words by the bytes they stand for. Clones share what they know.
#[derive(Clone, Debug, Default)]
pub struct Hearsay(Arc<Mutex<HashMap<[u8; 32], String>>>);

impl Hearsay {
    /// Notes what a file says.
    pub fn note(&self, content: &[u8], words: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(digest(content), words.into());
    }

    /// Returns what a file says, when somebody noted it.
    pub fn of(&self, content: &[u8]) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&digest(content)).cloned()
    }
}

fn digest(content: &[u8]) -> [u8; 32] {
    Sha256::digest(content).into()
}
