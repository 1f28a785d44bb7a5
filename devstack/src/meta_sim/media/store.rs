//! The files there are, their ids, and the addresses they can be fetched from.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use rand::Rng as _;
use rand::distr::{Alphanumeric, SampleString as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::magic;
use crate::meta_sim::chat::Side;

/// How long the id of a file from a person can be used.
const INBOUND_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long the id of an uploaded file can be used.
const UPLOAD_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long an address can be used.
const LINK_LIFE: SignedDuration = SignedDuration::from_mins(5);

/// How Graph describes files: the sources show both ways of each.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct MediaManner {
    /// How a lookup writes the hash; webhooks write base64.
    pub hash: HashStyle,
    /// How a lookup writes the size.
    pub size: SizeStyle,
    /// Whether webhooks carry an address beside the id, as they do since November 2025 for some.
    pub has_inline_url: bool,
}

/// How 32 bytes are written.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum HashStyle {
    /// As in the captures.
    #[default]
    Hex,
    /// As in webhooks.
    Base64,
}

/// How a length is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum SizeStyle {
    /// As in the captures.
    #[default]
    Number,
    /// As in Meta's reference.
    Text,
}

/// A file that has an id.
#[derive(Clone, Debug)]
pub(crate) struct Medium {
    pub(crate) id: String,
    pub(crate) mime_type: String,
    pub(crate) filename: Option<String>,
    pub(crate) content: Bytes,
    pub(crate) by: Side,
    sha256: [u8; 32],
    usable_until: Timestamp,
}

/// A file that gets an id.
pub(crate) struct NewMedium {
    pub(crate) by: Side,
    pub(crate) mime_type: String,
    pub(crate) filename: Option<String>,
    pub(crate) content: Bytes,
}

struct Link {
    medium: Arc<Medium>,
    usable_until: Timestamp,
}

#[derive(Default)]
pub(crate) struct Store {
    media: Mutex<HashMap<String, Arc<Medium>>>,
    links: Mutex<HashMap<String, Link>>,
    manner: RwLock<MediaManner>,
}

impl Medium {
    pub(crate) fn sha256_base64(&self) -> String {
        STANDARD.encode(self.sha256)
    }

    /// Returns the hash as lookups write it.
    pub(crate) fn sha256(&self, style: HashStyle) -> String {
        match style {
            HashStyle::Hex => hex::encode(self.sha256),
            HashStyle::Base64 => self.sha256_base64(),
        }
    }

    /// Returns the MIME type without parameters.
    pub(crate) fn essence(&self) -> String {
        magic::essence(&self.mime_type)
    }
}

impl Store {
    pub(crate) fn new(manner: MediaManner) -> Self {
        Self { manner: RwLock::new(manner), ..Self::default() }
    }

    pub(crate) fn manner(&self) -> MediaManner {
        *self.manner.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_manner(&self, manner: MediaManner) {
        *self.manner.write().unwrap_or_else(PoisonError::into_inner) = manner;
    }

    /// Gives a file an id.
    pub(crate) fn keep(&self, new: NewMedium, now: Timestamp) -> Arc<Medium> {
        let NewMedium { by, mime_type, filename, content } = new;
        let life = if by == Side::Person { INBOUND_LIFE } else { UPLOAD_LIFE };
        let medium = Arc::new(Medium {
            id: rand::rng().random_range(100_000_000_000_000_u64..10_000_000_000_000_000).to_string(),
            mime_type,
            filename,
            by,
            sha256: Sha256::digest(&content).into(),
            content,
            usable_until: now + life,
        });
        self.media.lock().unwrap_or_else(PoisonError::into_inner).insert(medium.id.clone(), Arc::clone(&medium));
        medium
    }

    /// Returns a file whose id can still be used.
    pub(crate) fn find(&self, id: &str, now: Timestamp) -> Option<Arc<Medium>> {
        self.find_ever(id).filter(|medium| now < medium.usable_until)
    }

    /// Returns a file whatever became of its id: people keep what is on their phones.
    pub(crate) fn find_ever(&self, id: &str) -> Option<Arc<Medium>> {
        self.media.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Forgets a file and returns whether there was one.
    pub(crate) fn forget(&self, id: &str) -> bool {
        self.media.lock().unwrap_or_else(PoisonError::into_inner).remove(id).is_some()
    }

    /// Makes an address that can be used for five minutes, and returns its path and query.
    pub(crate) fn link(&self, medium: &Arc<Medium>, now: Timestamp) -> String {
        let hash = Alphanumeric.sample_string(&mut rand::rng(), 32);
        let link = Link { medium: Arc::clone(medium), usable_until: now + LINK_LIFE };
        let ext = link.usable_until.as_second();
        self.links.lock().unwrap_or_else(PoisonError::into_inner).insert(hash.clone(), link);
        format!("/whatsapp_business/attachments/?mid={}&ext={ext}&hash={hash}", medium.id)
    }

    /// Returns what an address leads to, while it can be used.
    pub(crate) fn follow(&self, hash: &str, now: Timestamp) -> Option<Arc<Medium>> {
        let links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.get(hash).filter(|link| now < link.usable_until).map(|link| Arc::clone(&link.medium))
    }
}
