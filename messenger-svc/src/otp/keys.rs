//! What the key of one-time codes is used for: hashes by which codes and phones are found again, and the seal of a code that waits.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use platform::secret::Secret;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::domain::otp::Code;
use crate::domain::recipient::Phone;

/// Characters of a key; 32 random bytes have 44 in base64.
const KEY_CHARS_MIN: usize = 32;

/// A keyed hash.
pub type Hash = [u8; 32];

/// The keys that count now. Taken at each use, so that a file that changes is a rotation. Does not print itself.
pub struct Keys(Vec<[u8; 32]>);

/// Checks OTP_KEY at the start, where an operator reads what is wrong with it.
pub fn check(secret: &Secret) -> anyhow::Result<()> {
    let text = secret.expose();
    anyhow::ensure!(
        words(&text).count() > 0 && words(&text).all(|word| word.len() >= KEY_CHARS_MIN),
        "OTP_KEY holds a key of less than {KEY_CHARS_MIN} characters: make one with `openssl rand -base64 32`"
    );
    Keys::current(secret).map(|_| ()).context("use OTP_KEY")
}

impl Keys {
    /// Takes the keys as they are now, the newest first.
    pub fn current(secret: &Secret) -> anyhow::Result<Self> {
        let text = secret.expose();
        let keys: Vec<[u8; 32]> =
            words(&text).map(|word| mac(word.as_bytes(), &[b"thebackroom one-time codes"])).collect();
        anyhow::ensure!(!keys.is_empty(), "OTP_KEY holds no key");
        Ok(Self(keys))
    }

    /// Returns the hash of a phone under each key, the newest first; however it is written, so that limits hold.
    pub fn phone(&self, phone: &Phone) -> Vec<Hash> {
        self.hash(&[b"phone", phone.folded().as_bytes()])
    }

    /// Returns the hash of a request under each key, the newest first.
    pub fn request(&self, parts: &[&str]) -> Vec<Hash> {
        let parts: Vec<&[u8]> = std::iter::once("request").chain(parts.iter().copied()).map(str::as_bytes).collect();
        self.hash(&parts)
    }

    /// Returns the hash of a code under each key, the newest first.
    pub fn code(&self, id: Uuid, phone: &Phone, purpose: &str, code: &Code) -> Vec<Hash> {
        self.hash(&[b"code", id.as_bytes(), phone.as_str().as_bytes(), purpose.as_bytes(), code.expose().as_bytes()])
    }

    /// Seals a code for its message.
    pub fn seal(&self, id: Uuid, code: &Code) -> String {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).expect("the machine has randomness once it has started");
        let mut bytes = code.expose().as_bytes().to_vec();
        let key = self.0.first().expect("there is a key, as was checked when they were taken");
        sealer(key)
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(id.as_bytes()), &mut bytes)
            .expect("six bytes are not too many to seal");
        STANDARD.encode([&nonce[..], &bytes].concat())
    }

    /// Opens what was sealed for a message; `None` when no key fits any more.
    pub fn open(&self, id: Uuid, sealed: &str) -> Option<Code> {
        let bytes = STANDARD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>()?;
        self.0.iter().find_map(|key| {
            let mut bytes = sealed.to_vec();
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let opened = sealer(key).open_in_place(nonce, Aad::from(id.as_bytes()), &mut bytes).ok()?;
            Code::parse(std::str::from_utf8(opened).ok()?)
        })
    }

    fn hash(&self, parts: &[&[u8]]) -> Vec<Hash> {
        self.0.iter().map(|key| mac(key, parts)).collect()
    }
}

/// Returns whether one of the hashes is the stored one, in the same time for any.
pub fn is_any(hashes: &[Hash], stored: &[u8]) -> bool {
    hashes.iter().fold(subtle::Choice::from(0), |found, hash| found | hash.ct_eq(stored)).into()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}

fn sealer(key: &[u8; 32]) -> LessSafeKey {
    let key = mac(key, &[b"seal"]);
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &key).expect("the cipher takes 32 bytes"))
}

// Each part goes in with its length, so that no two lists of parts look the same.
fn mac(key: &[u8], parts: &[&[u8]]) -> Hash {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "an old key that is long enough to be one";
    const NEW: &str = "a new key that is long enough to be one";

    fn keys(text: &str) -> Keys {
        Keys::current(&Secret::fixed(text)).unwrap()
    }

    #[test]
    fn a_sealed_code_opens_for_its_message_alone_and_under_its_key() {
        let (id, code) = (Uuid::from_u128(1), Code::parse("483920").unwrap());
        let sealed = keys(OLD).seal(id, &code);

        assert!(!sealed.contains("483920") && sealed != keys(OLD).seal(id, &code), "a nonce of its own each time");
        for text in [OLD.to_owned(), format!("{NEW}, {OLD}")] {
            assert_eq!(keys(&text).open(id, &sealed).unwrap().expose(), "483920");
        }
        assert!(keys(OLD).open(Uuid::from_u128(2), &sealed).is_none());
        assert!(keys(NEW).open(id, &sealed).is_none());
        for odd in ["", "AAAA", "?", &sealed[..sealed.len() - 4]] {
            assert!(keys(OLD).open(id, odd).is_none());
        }
    }

    #[test]
    fn a_hash_is_found_under_an_older_key_and_covers_every_part() {
        let (id, phone) = (Uuid::from_u128(1), Phone::parse("27820000000").unwrap());
        let other_phone = Phone::parse("27820000001").unwrap();
        let (code, other) = (Code::parse("483920").unwrap(), Code::parse("483921").unwrap());
        let stored = keys(OLD).code(id, &phone, "login", &code)[0];
        let rotated = keys(&format!("{NEW},{OLD}"));

        assert!(is_any(&rotated.code(id, &phone, "login", &code), &stored));
        for hashes in [
            rotated.code(Uuid::from_u128(2), &phone, "login", &code),
            rotated.code(id, &other_phone, "login", &code),
            rotated.code(id, &phone, "pay", &code),
            rotated.code(id, &phone, "login", &other),
            keys(NEW).code(id, &phone, "login", &code),
        ] {
            assert!(!is_any(&hashes, &stored));
        }
    }

    #[test]
    fn a_short_key_is_refused_at_the_start_and_not_quoted() {
        assert!(check(&Secret::fixed(OLD)).is_ok());
        for bad in ["short", "", ",", &format!("{OLD},short")] {
            let error = check(&Secret::fixed(bad)).unwrap_err();
            assert!(!format!("{error:#}").contains("short"), "{error:#}");
        }
    }
}
