//! Caller keys: who may call which method. Servers hold hashes, callers show the key as a bearer token.

use std::sync::Arc;

use anyhow::Context as _;
use arc_swap::ArcSwap;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::secret::Secret;

/// Who is calling, as the server's list names them. In the extensions of each request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The caller's name.
    pub name: String,
}

/// The callers that a server accepts.
#[derive(Clone, Debug)]
pub struct CallerKeys {
    source: Secret,
    parsed: Arc<ArcSwap<(String, Vec<Entry>)>>,
}

#[derive(Clone, Debug)]
struct Entry {
    name: String,
    hash: [u8; 32],
    methods: Vec<String>,
}

/// How a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    UnknownCaller,
    MethodNotAllowed,
}

/// Returns the hash of a caller key as the servers' lists hold it.
///
/// A plain SHA-256 is enough: keys are 256 random bits, not words.
pub fn key_hash(key: &str) -> String {
    hex::encode(Sha256::digest(key.as_bytes()))
}

impl CallerKeys {
    /// Reads the list; an entry that cannot be read is an error that names its line.
    pub fn new(source: Secret) -> anyhow::Result<Self> {
        let text = source.expose();
        let entries = parse(&text)?;
        anyhow::ensure!(!entries.is_empty(), "CALLER_KEYS holds no entry: nobody could call this service");
        Ok(Self { source, parsed: Arc::new(ArcSwap::from_pointee((text, entries))) })
    }

    /// Returns who shows `bearer` and whether they may call `method` (`package.Service/Method`).
    pub(super) fn admit(&self, bearer: Option<&str>, method: &str) -> Result<Caller, Refused> {
        self.reread();
        let presented: [u8; 32] = Sha256::digest(bearer.ok_or(Refused::UnknownCaller)?.as_bytes()).into();
        let parsed = self.parsed.load();
        // All entries are compared, in constant time each, so time tells nothing about which one matched.
        let mut found = None;
        for entry in &parsed.1 {
            if bool::from(entry.hash.ct_eq(&presented)) {
                found = Some(entry);
            }
        }
        let entry = found.ok_or(Refused::UnknownCaller)?;
        if entry.methods.iter().any(|pattern| matches(pattern, method)) {
            Ok(Caller { name: entry.name.clone() })
        } else {
            Err(Refused::MethodNotAllowed)
        }
    }

    fn reread(&self) {
        let text = self.source.expose();
        if self.parsed.load().0 != text {
            match parse(&text) {
                Ok(entries) => self.parsed.store(Arc::new((text, entries))),
                Err(error) => {
                    tracing::error!(error = %format!("{error:#}"), "CALLER_KEYS changed and cannot be read: the old list stands");
                    // Remembered with its text, so that the complaint is not repeated at each call.
                    self.parsed.store(Arc::new((text, self.parsed.load().1.clone())));
                }
            }
        }
    }
}

fn matches(pattern: &str, method: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => method.starts_with(prefix),
        None => pattern == method,
    }
}

fn parse(text: &str) -> anyhow::Result<Vec<Entry>> {
    text.split(['\n', ';'])
        .map(str::trim)
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(index, line)| {
            // The line is not quoted in the error: it holds a hash of a secret.
            let mut words = line.split_whitespace();
            let (Some(name), Some(hash), Some(methods), None) =
                (words.next(), words.next(), words.next(), words.next())
            else {
                anyhow::bail!("entry {} of CALLER_KEYS is not `name sha256 methods`", index + 1);
            };
            let mut bytes = [0_u8; 32];
            hex::decode_to_slice(hash, &mut bytes)
                .with_context(|| format!("entry {} of CALLER_KEYS: the hash is not 64 hex digits", index + 1))?;
            Ok(Entry { name: name.to_owned(), hash: bytes, methods: methods.split(',').map(str::to_owned).collect() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_the_methods_of_its_entry_and_no_others() {
        let list = format!("gateway {} *; reports {} a.S/List,a.S/Get", key_hash("k1"), key_hash("k2"));
        let keys = CallerKeys::new(Secret::fixed(list)).unwrap();

        assert_eq!(keys.admit(Some("k1"), "a.S/Post"), Ok(Caller { name: "gateway".into() }));
        assert_eq!(keys.admit(Some("k2"), "a.S/Get"), Ok(Caller { name: "reports".into() }));
        assert_eq!(keys.admit(Some("k2"), "a.S/Post"), Err(Refused::MethodNotAllowed));
        assert_eq!(keys.admit(Some("k3"), "a.S/Get"), Err(Refused::UnknownCaller));
        assert_eq!(keys.admit(None, "a.S/Get"), Err(Refused::UnknownCaller));
    }

    #[test]
    fn a_malformed_list_is_refused_without_being_quoted() {
        let error = CallerKeys::new(Secret::fixed("gateway secretword *")).unwrap_err();

        assert!(!format!("{error:#}").contains("secretword"));
    }
}
