//! Voice notes, photos and documents on their way to a model: what they are, how large they may be, and their bytes in the
//! form in which they travel on.
//!
//! - `kind`: what it is, by its first bytes and its label
//! - `room`: how much of it may be in memory
//! - `sheet`: tables, which need no model when they name their columns
//! - `workbook`: the rows of a table of Excel's

mod kind;
mod room;
pub mod sheet;
mod workbook;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

pub use kind::{HEAD_LENGTH, Kind, kind_of};
pub use room::{NoRoom, Place, Room};

/// Largest of anything.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Largest piece of a stream.
pub const MAX_CHUNK_BYTES: usize = 1024 * 1024;

/// A voice note, photo or document that came in whole.
#[derive(Clone)]
pub struct Media {
    /// What it is.
    pub kind: Kind,
    /// Its bytes in base64, in pieces: nobody ever holds it twice, and a repeated call costs no copy. For a table, which
    /// is read here, the bytes as they came.
    pub pieces: Vec<Bytes>,
}

impl std::fmt::Debug for Media {
    // Somebody's voice must not reach a log by a stray `{:?}`.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Media").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Media {
    /// Makes one of bytes that are there already.
    pub fn whole(label: &str, file_name: &str, content: &[u8]) -> Result<Self, Refused> {
        let mut receiving = Receiving::new(label, file_name);
        receiving.push(content)?;
        receiving.finish()
    }

    /// Makes a table into what a model reads: one piece of CSV.
    pub fn table(text: &str) -> Self {
        Self { kind: Kind::Csv, pieces: vec![STANDARD.encode(text).into()] }
    }
}

/// Why it is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There are no bytes.
    #[error("must hold at least one byte")]
    Empty,
    /// It is larger than its kind may be.
    #[error("must hold at most {most} bytes for its kind")]
    TooLarge {
        /// How large it may be.
        most: usize,
    },
    /// No reader takes this kind.
    #[error("is of no kind that can be read")]
    Unknown,
}

/// Takes the bytes as they come.
pub struct Receiving {
    label: String,
    file_name: String,
    kind: Option<Kind>,
    /// What came before its kind was known, then the one or two bytes that do not fill a group of base64.
    rest: Vec<u8>,
    pieces: Vec<Bytes>,
    length: usize,
}

impl Receiving {
    /// Begins with nothing.
    pub fn new(label: &str, file_name: &str) -> Self {
        Self {
            label: label.to_owned(),
            file_name: file_name.to_owned(),
            kind: None,
            rest: Vec::new(),
            pieces: Vec::new(),
            length: 0,
        }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Refused> {
        self.length += chunk.len();
        let most = self.kind.map_or(MAX_BYTES, Kind::most_bytes);
        if self.length > most {
            return Err(Refused::TooLarge { most });
        }
        self.rest.extend_from_slice(chunk);
        if self.kind.is_none() && self.rest.len() >= HEAD_LENGTH {
            self.settle_kind()?;
        }
        match self.kind {
            Some(kind) if kind.is_table() => self.pieces.push(std::mem::take(&mut self.rest).into()),
            Some(_) => {
                let whole = self.rest.len() - self.rest.len() % 3;
                self.pieces.push(STANDARD.encode(&self.rest[..whole]).into());
                self.rest.drain(..whole);
                // A large first piece must not keep its place for a byte or two.
                self.rest.shrink_to(0);
            }
            None => {}
        }
        Ok(())
    }

    /// Returns the whole.
    pub fn finish(mut self) -> Result<Media, Refused> {
        if self.length == 0 {
            return Err(Refused::Empty);
        }
        if self.kind.is_none() {
            self.settle_kind()?;
        }
        let kind = self.kind.ok_or(Refused::Unknown)?;
        if !self.rest.is_empty() {
            let last = if kind.is_table() { self.rest.into() } else { STANDARD.encode(&self.rest).into() };
            self.pieces.push(last);
        }
        Ok(Media { kind, pieces: self.pieces })
    }

    fn settle_kind(&mut self) -> Result<(), Refused> {
        let kind = kind_of(&self.label, &self.file_name, &self.rest).ok_or(Refused::Unknown)?;
        if self.length > kind.most_bytes() {
            return Err(Refused::TooLarge { most: kind.most_bytes() });
        }
        self.kind = Some(kind);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base64_of(media: &Media) -> String {
        media.pieces.iter().map(|piece| String::from_utf8_lossy(piece)).collect()
    }

    #[test]
    fn however_it_is_cut_the_base64_is_that_of_the_whole() {
        let mut content = b"OggS".to_vec();
        content.extend((0..1000_u32).flat_map(u32::to_be_bytes));
        let whole = STANDARD.encode(&content);

        for size in [1, 2, 3, 5, 64, 4096] {
            let mut receiving = Receiving::new("audio/ogg; codecs=opus", "");
            for chunk in content.chunks(size) {
                receiving.push(chunk).unwrap();
            }
            assert_eq!(base64_of(&receiving.finish().unwrap()), whole, "pieces of {size}");
        }
    }

    #[test]
    fn both_sides_of_each_limit() {
        let cases: [(&[u8], &str, usize); 4] = [
            (b"OggS", "audio/ogg", 16 * 1024 * 1024),
            (&[0xff, 0xd8, 0xff, 0xe0], "image/jpeg", 5 * 1024 * 1024),
            (b"%PDF", "application/pdf", 16 * 1024 * 1024),
            (b"item", "text/csv", 1024 * 1024),
        ];
        for (head, label, most) in cases {
            let of_length = |length: usize| {
                let mut content = head.to_vec();
                content.resize(length, b'x');
                Media::whole(label, "", &content).map(|_| ())
            };
            assert_eq!(of_length(most), Ok(()), "{label}");
            assert_eq!(of_length(most + 1), Err(Refused::TooLarge { most }), "{label}");
        }
    }

    #[test]
    fn nothing_and_short_things_are_told_apart() {
        assert_eq!(Receiving::new("audio/ogg", "").finish().err(), Some(Refused::Empty));
        assert!(Media::whole("audio/ogg", "", b"OggS").is_ok());
        assert_eq!(Media::whole("application/zip", "", b"abc").err(), Some(Refused::Unknown));
    }
}
