//! What may be downloaded: how large each kind may be, and hashes in either of Meta's spellings.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const MIB: u64 = 1024 * 1024;
/// Hex digits of a SHA-256.
const HEX_DIGITS: usize = 64;
const BASE64: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// What a person sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A voice note or sound file.
    Audio,
    /// A photo.
    Image,
    /// A document.
    Document,
}

/// What a hash that was announced says of the bytes that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// None was announced.
    Absent,
    /// It is theirs.
    Matches,
    /// It is not theirs.
    Differs,
    /// It is no SHA-256 in hex or base64.
    Unreadable,
}

impl Kind {
    /// Returns how large it may be.
    pub fn bytes_max(self) -> u64 {
        match self {
            Self::Audio | Self::Document => 16 * MIB,
            Self::Image => 5 * MIB,
        }
    }

    /// Returns the word for metrics and logs.
    pub fn label(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Image => "image",
            Self::Document => "document",
        }
    }
}

impl Check {
    /// Compares bytes that came, by their digest, with a hash that was announced.
    pub fn of(announced: &str, digest: &[u8; 32]) -> Self {
        if announced.is_empty() {
            return Self::Absent;
        }
        match parse_sha256(announced) {
            None => Self::Unreadable,
            Some(announced) if announced == *digest => Self::Matches,
            Some(_) => Self::Differs,
        }
    }
}

/// Reads a SHA-256: hex as Meta's descriptors have it, base64 as its webhooks do.
fn parse_sha256(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    let mut digest = [0; 32];
    // 64 hex digits are base64, too, but of 48 bytes.
    if text.len() == HEX_DIGITS {
        return hex::decode_to_slice(text, &mut digest).ok().map(|()| digest);
    }
    [alphabet::STANDARD, alphabet::URL_SAFE]
        .iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, BASE64).decode(text).ok())
        .and_then(|bytes| bytes.try_into().ok())
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn hash_is_read_in_hex_and_base64_in_any_dress() {
        let digest: [u8; 32] = Sha256::digest(b"opus 3").into();
        let padded = base64::engine::general_purpose::STANDARD.encode(digest);
        let url_safe = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest);
        let upper = hex::encode_upper(digest);
        let spellings = [&hex::encode(digest), &upper, &padded, padded.trim_end_matches('='), &url_safe];

        for spelling in spellings {
            assert_eq!(Check::of(spelling, &digest), Check::Matches, "{spelling}");
            assert_eq!(Check::of(spelling, &[0; 32]), Check::Differs, "{spelling}");
        }
    }

    #[test]
    fn what_is_no_hash_is_unreadable_and_none_is_absent() {
        for odd in ["x", "deadbeef", &"g".repeat(64), &"a".repeat(65), "AAAA"] {
            assert_eq!(Check::of(odd, &[0; 32]), Check::Unreadable, "{odd}");
        }
        assert_eq!(Check::of("", &[0; 32]), Check::Absent);
    }
}
