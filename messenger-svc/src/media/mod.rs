//! The way of a file from Meta to whoever asked, never held whole.
//!
//! A slot first, then the address, then the bytes: an address counts for five minutes and is seconds old when it is used,
//! however long the slot took. Bytes go on as fast as the reader takes them and wait on Meta's side otherwise.

mod hosts;

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;
use proto::messenger::v1 as pb;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Semaphore, mpsc};
use tonic::Status;
use tracing::Instrument as _;

pub use self::hosts::Hosts;
use crate::domain::media::{Check, Kind};
use crate::domain::verdict::{self, Action, Halt};
use crate::error::Error;
use crate::graph::{Descriptor, Download, GraphError, MediaGraph, Trouble};
use crate::metrics;
use crate::outbox::numbers::Numbers;

/// Bytes of a chunk.
const CHUNK_BYTES_MAX: usize = 64 * 1024;
/// Chunks that wait for the reader, besides those on their way in the connection.
const CHUNKS_WAITING_MAX: usize = 2;

/// A part of an answer.
pub type Part = Result<pb::GetMediaResponse, Status>;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Meta's id of it.
    pub media_id: String,
    /// What it is.
    pub kind: Kind,
    /// Its SHA-256 as the webhook gave it; empty: not known.
    pub sha256: String,
    /// The number it was sent to, when the caller names one.
    pub phone_number_id: Option<String>,
}

/// Fetches files. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Media {
    graph: MediaGraph,
    numbers: Numbers,
    default_number: Arc<str>,
    slots: Arc<Semaphore>,
    timeout: Duration,
}

/// What limits downloads.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many run at once.
    pub downloads_at_once: usize,
    /// How long one may wait for its slot, and how long it may then take.
    pub timeout: Duration,
}

/// Why a stream ended early.
enum Stop {
    Failed(Error),
    /// Nobody listens any more.
    ReaderLeft,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Media {
    /// Prepares it; nothing is fetched before it is asked for.
    pub fn new(graph: MediaGraph, numbers: Numbers, default_number: &str, limits: Limits) -> Self {
        Self {
            graph,
            numbers,
            default_number: default_number.into(),
            slots: Arc::new(Semaphore::new(limits.downloads_at_once)),
            timeout: limits.timeout,
        }
    }

    /// Begins to fetch a file; what comes of it comes out of the channel.
    pub fn fetch(&self, wanted: Wanted) -> mpsc::Receiver<Part> {
        let (parts, reader) = mpsc::channel(CHUNKS_WAITING_MAX);
        let media = self.clone();
        let work = async move {
            let ended = tokio::select! {
                ended = media.pass_on(&wanted, &parts) => ended,
                () = parts.closed() => Err(Stop::ReaderLeft),
            };
            count_end(wanted.kind, &ended);
            if let Err(Stop::Failed(error)) = ended {
                parts.send(Err(Status::from(error))).await.ok();
            }
        };
        tokio::spawn(work.in_current_span());
        reader
    }

    async fn pass_on(&self, wanted: &Wanted, parts: &mpsc::Sender<Part>) -> Result<(), Stop> {
        let late = |_| Error::GraphUnavailable("it took longer than MEDIA_TIMEOUT_MS");
        let _slot = tokio::time::timeout(self.timeout, self.slots.acquire())
            .await
            .map_err(late)?
            .expect("the slots are never closed");
        tokio::time::timeout(self.timeout, self.stream(wanted, parts)).await.map_err(late)?
    }

    async fn stream(&self, wanted: &Wanted, parts: &mpsc::Sender<Part>) -> Result<(), Stop> {
        let (descriptor, mut download) = self.open(wanted).await?;
        let bytes_max = wanted.kind.bytes_max();
        let announced = [descriptor.size_bytes, download.size_bytes()];
        if announced.into_iter().flatten().any(|size| size > bytes_max) {
            return Err(Error::MediaTooLarge { bytes_max }.into());
        }
        let description = pb::MediaDescription {
            mime_type: descriptor.mime_type.clone(),
            size_bytes: descriptor.size_bytes.and_then(|size| i64::try_from(size).ok()).unwrap_or(0),
        };
        send(parts, pb::get_media_response::Part::Description(description)).await?;
        let mut hash = Sha256::new();
        let mut count = 0;
        loop {
            let Some(mut bytes) = download.chunk().await.map_err(Error::from)? else { break };
            count += bytes.len() as u64;
            if count > bytes_max {
                return Err(Error::MediaTooLarge { bytes_max }.into());
            }
            hash.update(&bytes);
            while !bytes.is_empty() {
                let chunk = bytes.split_to(bytes.len().min(CHUNK_BYTES_MAX));
                send(parts, pb::get_media_response::Part::Chunk(chunk.into())).await?;
            }
        }
        check_hashes(&wanted.sha256, &descriptor.sha256, &hash.finalize().into());
        Ok(())
    }

    /// Asks for the address and opens it; one that does not count is asked for once more.
    async fn open(&self, wanted: &Wanted) -> Result<(Descriptor, Download), Error> {
        let number = wanted.phone_number_id.as_deref().unwrap_or(&self.default_number);
        let mut fresh_left = 1;
        loop {
            let opened = async {
                let descriptor = self.graph.describe(&wanted.media_id, number).await?;
                let download = self.graph.download(&descriptor.url).await?;
                Ok((descriptor, download))
            };
            match opened.await {
                Ok(opened) => return Ok(opened),
                Err(Trouble::NotFound) if fresh_left > 0 => fresh_left -= 1,
                Err(Trouble::NotFound) => {
                    tracing::warn!(
                        event.name = "messenger.media.not_found",
                        "a file is not where Meta just said it is: it is gone, or the access token may not read it"
                    );
                    return Err(Error::MediaGone);
                }
                Err(Trouble::Error(error)) => return Err(self.judge(number, &error).await),
                Err(trouble) => return Err(trouble.into()),
            }
        }
    }

    /// Says what an error of Meta's means, and halts the number when its token does not count any more.
    async fn judge(&self, number: &str, error: &GraphError) -> Error {
        let verdict = verdict::judge(error.code, Some(error.http));
        tracing::warn!(
            graph.error.code = error.code.unwrap_or(0),
            "a file was not handed out: {}",
            error.describe(verdict.meaning)
        );
        if let (Action::HaltNumber(Halt::Token), Some(code)) = (verdict.action, error.code)
            && let Err(error) = self.numbers.halt(number, code, Halt::Token).await
        {
            tracing::error!(%error, "the state of a number was not recorded");
        }
        // Code 100 with subcode 33 is how an expired or foreign id looks. What will never work is as good as gone; an answer
        // without a code is not Meta's.
        match (verdict.action, error.code) {
            (Action::Never, Some(_)) => Error::MediaGone,
            _ => Error::GraphUnavailable(verdict.meaning),
        }
    }
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Error(error) => Self::GraphUnavailable(verdict::judge(error.code, Some(error.http)).meaning),
            Trouble::NotFound => Self::MediaGone,
            Trouble::Refused(why) => {
                // The name is stable: an address outside of Meta's hosts is either an attack or a host to add.
                tracing::warn!(event.name = "messenger.media.refused", "a file was refused: {why}");
                Self::MediaRefused(why)
            }
            Trouble::Unavailable(why) => Self::GraphUnavailable(why),
        }
    }
}

async fn send(parts: &mpsc::Sender<Part>, part: pb::get_media_response::Part) -> Result<(), Stop> {
    parts.send(Ok(pb::GetMediaResponse { part: Some(part) })).await.map_err(|_| Stop::ReaderLeft)
}

fn check_hashes(of_webhook: &str, of_descriptor: &str, digest: &[u8; 32]) {
    for (whose, announced) in [("webhook", of_webhook), ("descriptor", of_descriptor)] {
        let outcome = match Check::of(announced, digest) {
            Check::Absent | Check::Matches => continue,
            Check::Differs => "differs",
            Check::Unreadable => "unreadable",
        };
        let labels = [KeyValue::new("announced_by", whose), KeyValue::new("outcome", outcome)];
        metrics::get().media_hash_mismatches.add(1, &labels);
        // Meta spells hashes in two ways and may find a third, so the file is passed on.
        tracing::warn!(
            event.name = "messenger.media.hash_mismatch",
            announced_by = whose,
            outcome,
            "the hash of a file, as the {whose} had it, {}",
            if outcome == "differs" { "is another" } else { "cannot be read" }
        );
    }
}

fn count_end(kind: Kind, ended: &Result<(), Stop>) {
    let outcome = match ended {
        Ok(()) => "passed_on",
        Err(Stop::ReaderLeft) => "reader_left",
        Err(Stop::Failed(Error::MediaGone)) => "gone",
        Err(Stop::Failed(Error::MediaTooLarge { .. })) => "too_large",
        Err(Stop::Failed(Error::MediaRefused(_))) => "refused",
        Err(Stop::Failed(_)) => "unavailable",
    };
    metrics::get().media.add(1, &[KeyValue::new("kind", kind.label()), KeyValue::new("outcome", outcome)]);
}
