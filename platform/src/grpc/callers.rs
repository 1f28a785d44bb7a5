//! Caller keys: who may call which method, within what, how often and until when. Servers hold hashes, callers show the
//! key as a bearer token.
//!
//! An entry is `name sha256 methods` and any of these words after it:
//! - `rate=100/s` (also `/min`, `/h`) and `burst=20`: how often it may call; `burst` is how much at once, the rate itself
//!   unless it is said
//! - `until=2027-01-31T00:00:00Z`: when it stops to count
//! - `shops=<id>,<id>`, or whatever else the service calls what its callers can be held to ([`super::Scope`])

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use arc_swap::ArcSwap;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::rate::{Rate, RateLimit};
use crate::secret::Secret;

/// Who is calling, as the server's list names them. In the extensions of each request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The caller's name.
    pub name: String,
    scopes: Arc<Scopes>,
}

type Scopes = BTreeMap<String, BTreeSet<String>>;

impl Caller {
    /// Returns what the caller is held to by a word of its entry; `None` when it is not held to anything by it.
    pub fn scope(&self, word: &str) -> Option<&BTreeSet<String>> {
        self.scopes.get(word)
    }

    /// Returns the words by which the caller is held to something.
    pub(super) fn scope_words(&self) -> impl Iterator<Item = &str> {
        self.scopes.keys().map(String::as_str)
    }
}

/// The callers that a server accepts.
#[derive(Clone, Debug)]
pub struct CallerKeys {
    source: Secret,
    parsed: Arc<ArcSwap<(String, Vec<Entry>)>>,
}

#[derive(Clone, Debug)]
struct Entry {
    hash: [u8; 32],
    methods: Vec<String>,
    caller: Caller,
    rate: Option<Arc<RateLimit>>,
    until: Option<Timestamp>,
}

/// Somebody who may make the call, and the key they showed.
#[derive(Clone, Debug)]
pub(super) struct Admitted {
    pub(super) caller: Caller,
    hash: [u8; 32],
}

/// How a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    UnknownCaller,
    MethodNotAllowed,
    /// Too many calls; the next one may come after this.
    RateLimited(Duration),
    /// The key is held to something else than when the call began.
    Changed,
}

/// Returns the hash of a caller key as the servers' lists hold it.
///
/// A plain SHA-256 is enough: keys are 256 random bits, not words.
pub fn key_hash(key: &str) -> String {
    hex::encode(Sha256::digest(key.as_bytes()))
}

impl CallerKeys {
    /// Reads the list; an entry that cannot be read is an error that names its place.
    pub fn new(source: Secret) -> anyhow::Result<Self> {
        let text = source.expose();
        let entries = parse(&text, &[])?;
        anyhow::ensure!(!entries.is_empty(), "CALLER_KEYS holds no entry: nobody could call this service");
        Ok(Self { source, parsed: Arc::new(ArcSwap::from_pointee((text, entries))) })
    }

    /// Returns who shows `bearer`, if they may call `method` (`package.Service/Method`) now. Counts the call.
    pub(super) fn admit(&self, bearer: Option<&str>, method: &str, now: Timestamp) -> Result<Admitted, Refused> {
        let presented: [u8; 32] = Sha256::digest(bearer.ok_or(Refused::UnknownCaller)?.as_bytes()).into();
        self.with_entry(&presented, now, |entry| {
            // Before the method: asking for what is not allowed is asking too.
            if let Some(rate) = &entry.rate {
                rate.check().map_err(Refused::RateLimited)?;
            }
            entry.may_call(method)?;
            Ok(Admitted { caller: entry.caller.clone(), hash: entry.hash })
        })
    }

    /// Checks that a call that was admitted, and goes on, would be admitted as it was. Counts nothing.
    pub(super) fn still_admits(&self, admitted: &Admitted, method: &str, now: Timestamp) -> Result<(), Refused> {
        self.with_entry(&admitted.hash, now, |entry| {
            entry.may_call(method)?;
            if entry.caller.scopes == admitted.caller.scopes { Ok(()) } else { Err(Refused::Changed) }
        })
    }

    fn with_entry<T>(
        &self,
        hash: &[u8; 32],
        now: Timestamp,
        look: impl FnOnce(&Entry) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        self.reread();
        let parsed = self.parsed.load();
        // All entries are compared, in constant time each, so time tells nothing about which one matched.
        let mut found = None;
        for entry in &parsed.1 {
            if bool::from(entry.hash.ct_eq(hash)) {
                found = Some(entry);
            }
        }
        let entry = found.ok_or(Refused::UnknownCaller)?;
        if entry.until.is_some_and(|until| until <= now) {
            return Err(Refused::UnknownCaller);
        }
        look(entry)
    }

    fn reread(&self) {
        let text = self.source.expose();
        let parsed = self.parsed.load();
        if parsed.0 != text {
            match parse(&text, &parsed.1) {
                Ok(entries) => self.parsed.store(Arc::new((text, entries))),
                Err(error) => {
                    tracing::error!(error = %format!("{error:#}"), "CALLER_KEYS changed and cannot be read: the old list stands");
                    // Remembered with its text, so that the complaint is not repeated at each call.
                    self.parsed.store(Arc::new((text, parsed.1.clone())));
                }
            }
        }
    }
}

impl Entry {
    fn may_call(&self, method: &str) -> Result<(), Refused> {
        let is_open = self.methods.iter().any(|pattern| matches(pattern, method));
        if is_open { Ok(()) } else { Err(Refused::MethodNotAllowed) }
    }
}

fn matches(pattern: &str, method: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => method.starts_with(prefix),
        None => pattern == method,
    }
}

/// Checks a list as a server would, and returns what each entry says, without the hash of its key.
pub fn describe_caller_keys(text: &str) -> anyhow::Result<Vec<String>> {
    parse(text, &[])?;
    let entries = text.split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let without_hash = |line: &str| {
        let words = line.split_whitespace().enumerate().filter(|(index, _)| *index != 1);
        words.map(|(_, word)| word).collect::<Vec<_>>().join(" ")
    };
    Ok(entries.map(without_hash).collect())
}

/// Reads a list. What was counted by the entries of `before` goes on, as far as their rate is the same.
fn parse(text: &str, before: &[Entry]) -> anyhow::Result<Vec<Entry>> {
    text.split(['\n', ';'])
        .map(str::trim)
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(index, line)| {
            // The line is not quoted in the error: it holds a hash of a secret.
            parse_entry(line, before).with_context(|| format!("entry {} of CALLER_KEYS", index + 1))
        })
        .collect()
}

fn parse_entry(line: &str, before: &[Entry]) -> anyhow::Result<Entry> {
    let mut words = line.split_whitespace();
    let (Some(name), Some(hex_hash), Some(methods)) = (words.next(), words.next(), words.next()) else {
        anyhow::bail!("it is not `name sha256 methods`");
    };
    let mut hash = [0_u8; 32];
    hex::decode_to_slice(hex_hash, &mut hash).context("the hash is not 64 hex digits")?;
    let (mut rate, mut burst, mut until) = (None, None, None);
    let mut scopes = Scopes::new();
    for word in words {
        let (word, value) = word.split_once('=').context("a word after the methods is not `word=value`")?;
        match word {
            "rate" => rate = Some(value),
            "burst" => burst = Some(value),
            "until" => until = Some(value.parse().context("until is not a time like 2027-01-31T00:00:00Z")?),
            _ => {
                let values: BTreeSet<String> = value.split(',').map(str::to_owned).collect();
                anyhow::ensure!(!values.contains(""), "`{word}=` holds an empty value");
                anyhow::ensure!(scopes.insert(word.to_owned(), values).is_none(), "`{word}=` is there twice");
            }
        }
    }
    let rate = Rate::parse(rate, burst)?.map(|rate| {
        let known = before.iter().filter(|entry| entry.hash == hash).find_map(|entry| entry.rate.clone());
        known.filter(|known| known.rate() == rate).unwrap_or_else(|| Arc::new(RateLimit::new(rate)))
    });
    Ok(Entry {
        hash,
        methods: methods.split(',').map(str::to_owned).collect(),
        caller: Caller { name: name.to_owned(), scopes: Arc::new(scopes) },
        rate,
        until,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T10:00:00Z".parse().unwrap()
    }

    fn keys(list: &str) -> CallerKeys {
        CallerKeys::new(Secret::fixed(list)).unwrap()
    }

    fn name(admitted: Result<Admitted, Refused>) -> Result<String, Refused> {
        admitted.map(|admitted| admitted.caller.name)
    }

    #[test]
    fn a_key_opens_the_methods_of_its_entry_and_no_others() {
        let keys = keys(&format!("gateway {} *; reports {} a.S/List,a.S/Get", key_hash("k1"), key_hash("k2")));
        let admit = |key, method| name(keys.admit(key, method, now()));

        assert_eq!(admit(Some("k1"), "a.S/Post"), Ok("gateway".to_owned()));
        assert_eq!(admit(Some("k2"), "a.S/Get"), Ok("reports".to_owned()));
        assert_eq!(admit(Some("k2"), "a.S/Post"), Err(Refused::MethodNotAllowed));
        assert_eq!(admit(Some("k3"), "a.S/Get"), Err(Refused::UnknownCaller));
        assert_eq!(admit(None, "a.S/Get"), Err(Refused::UnknownCaller));
    }

    #[test]
    fn a_malformed_list_is_refused_without_being_quoted() {
        let hash = key_hash("k");
        for (list, says) in [
            ("gateway secretword *".to_owned(), "64 hex digits"),
            (format!("gateway {hash}"), "name sha256 methods"),
            (format!("gateway {hash} * secretword"), "word=value"),
            (format!("gateway {hash} * rate=secretword"), "rate"),
            (format!("gateway {hash} * burst=5"), "burst"),
            (format!("gateway {hash} * until=secretword"), "until"),
            (format!("gateway {hash} * shops="), "empty"),
            (format!("gateway {hash} * shops=a shops=b"), "twice"),
        ] {
            let error = format!("{:#}", CallerKeys::new(Secret::fixed(list.clone())).unwrap_err());

            assert!(error.contains("entry 1") && error.contains(says), "{list}: {error}");
            assert!(!error.contains("secretword") && !error.contains(&hash), "{error}");
        }
    }

    #[test]
    fn a_list_is_described_without_the_hashes() {
        let hash = key_hash("k");
        let list = format!("# callers\ntill {hash} a.S/Get shops=1 rate=5/s; gateway {hash} *");

        assert_eq!(describe_caller_keys(&list).unwrap(), ["till a.S/Get shops=1 rate=5/s", "gateway *"]);
        assert!(describe_caller_keys(&format!("till {hash} * rate=often")).is_err());
    }

    #[test]
    fn a_key_counts_until_its_time_and_not_a_moment_longer() {
        let keys = keys(&format!("till {} * until=2026-11-22T10:00:01Z", key_hash("k")));
        let admitted = keys.admit(Some("k"), "a.S/Get", now()).unwrap();
        let end = "2026-11-22T10:00:01Z".parse().unwrap();

        assert!(keys.admit(Some("k"), "a.S/Get", end - jiff::SignedDuration::from_millis(1)).is_ok());
        assert_eq!(name(keys.admit(Some("k"), "a.S/Get", end)), Err(Refused::UnknownCaller));
        assert_eq!(keys.still_admits(&admitted, "a.S/Get", end), Err(Refused::UnknownCaller));
    }

    #[test]
    fn a_caller_is_held_to_its_scopes_and_calls_as_often_as_it_may() {
        let keys = keys(&format!("till {} * shops=a,b rate=2/h", key_hash("k")));
        let admitted = keys.admit(Some("k"), "a.S/Get", now()).unwrap();

        assert_eq!(admitted.caller.scope("shops").unwrap().iter().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(admitted.caller.scope("places"), None);
        assert!(keys.admit(Some("k"), "a.S/Get", now()).is_ok());
        let third = keys.admit(Some("k"), "a.S/Get", now()).unwrap_err();
        assert!(matches!(third, Refused::RateLimited(wait) if wait > Duration::from_mins(20)), "{third:?}");
    }

    #[test]
    fn a_list_that_is_read_again_forgets_no_call() {
        let entry = format!("till {} * rate=1/h", key_hash("k"));
        let before = parse(&entry, &[]).unwrap();
        before[0].rate.as_ref().unwrap().check().unwrap();

        let same = parse(&format!("other {} *\n{entry}", key_hash("o")), &before).unwrap();
        let more = parse(&entry.replace("1/h", "2/h"), &before).unwrap();

        assert!(same[1].rate.as_ref().unwrap().check().is_err());
        assert!(more[0].rate.as_ref().unwrap().check().is_ok());
    }
}
