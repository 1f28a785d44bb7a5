//! How often one client and one phone may ask, counted in this process.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Clients and phones that are remembered; the oldest are forgotten first.
const REMEMBERED_MAX: usize = 50_000;
const RESEND_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// What the messenger allows a phone.
const QUOTAS: [(usize, SignedDuration); 2] = [(5, SignedDuration::from_hours(1)), (10, SignedDuration::from_hours(24))];
/// How long a request that is repeated is recognised: as long as a code counts.
const REPEATED_FOR: SignedDuration = SignedDuration::from_mins(5);

/// Counts. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    per_minute: usize,
    clients: Arc<Mutex<HashMap<IpAddr, VecDeque<Timestamp>>>>,
    phones: Arc<Mutex<HashMap<u64, VecDeque<Code>>>>,
    // Phone numbers are not kept.
    hasher: Arc<RandomState>,
}

/// A code that was asked for.
#[derive(Clone, Debug)]
struct Code {
    at: Timestamp,
    purpose: u64,
    request: u64,
}

/// What comes of asking for a code.
pub(super) enum Asked {
    /// Go on.
    First,
    /// The same request asked then.
    Again(Timestamp),
    /// Not yet.
    Refused(Duration),
}

impl Limits {
    pub(super) fn new(per_minute: u32) -> Self {
        Self {
            per_minute: usize::try_from(per_minute).unwrap_or(usize::MAX).max(1),
            clients: Arc::default(),
            phones: Arc::default(),
            hasher: Arc::default(),
        }
    }

    /// Counts a request of a client, or says how long it has to wait.
    pub(super) fn admit_client(&self, client: IpAddr, now: Timestamp) -> Result<(), Duration> {
        let minute = SignedDuration::from_mins(1);
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut clients, now - minute, |at| *at);
        let times = clients.entry(network(client)).or_default();
        while times.front().is_some_and(|at| now.duration_since(*at) >= minute) {
            times.pop_front();
        }
        if times.len() >= self.per_minute {
            return Err(until(times[0] + minute, now));
        }
        times.push_back(now);
        Ok(())
    }

    /// Counts a code for a phone.
    pub(super) fn ask(&self, phone: &str, purpose: &str, request_id: &str, now: Timestamp) -> Asked {
        let (purpose, request) = (self.hash(purpose), self.hash(request_id));
        let day = SignedDuration::from_hours(24);
        let mut phones = self.phones.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut phones, now - day, |code| code.at);
        let codes = phones.entry(self.hash(phone)).or_default();
        while codes.front().is_some_and(|code| now.duration_since(code.at) >= day) {
            codes.pop_front();
        }
        let repeated = codes.iter().find(|code| code.request == request);
        if let Some(code) = repeated.filter(|code| now.duration_since(code.at) < REPEATED_FOR) {
            return Asked::Again(code.at);
        }
        let resend_at = codes.iter().rfind(|code| code.purpose == purpose).map(|code| code.at + RESEND_AFTER);
        let quota_at = QUOTAS.iter().filter_map(|(count, period)| {
            let oldest = codes.len().checked_sub(*count)?;
            Some(codes[oldest].at + *period)
        });
        if let Some(free_at) = quota_at.chain(resend_at).max().filter(|free_at| *free_at > now) {
            return Asked::Refused(until(free_at, now));
        }
        codes.push_back(Code { at: now, purpose, request });
        Asked::First
    }

    fn hash(&self, value: &str) -> u64 {
        self.hasher.hash_one(value)
    }
}

/// Forgets whom nothing is remembered of, and everybody when that is not enough: memory is bounded, whoever asks.
fn make_room<K: Eq + Hash, V>(map: &mut HashMap<K, VecDeque<V>>, since: Timestamp, at: impl Fn(&V) -> Timestamp) {
    if map.len() < REMEMBERED_MAX {
        return;
    }
    map.retain(|_, entries| entries.back().is_some_and(|entry| at(entry) > since));
    if map.len() >= REMEMBERED_MAX {
        tracing::warn!("more clients or phones ask for codes than are remembered: counting begins anew");
        map.clear();
    }
}

/// Who has one address of an IPv6 network has all of it.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

fn until(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_client_has_its_requests_a_minute_and_its_network_shares_them() {
        let limits = Limits::new(2);
        let client: IpAddr = "2001:db8:1:2::1".parse().unwrap();
        let neighbour: IpAddr = "2001:db8:1:2:ffff::9".parse().unwrap();

        assert_eq!(limits.admit_client(client, at(0)), Ok(()));
        assert_eq!(limits.admit_client(neighbour, at(20)), Ok(()));
        assert_eq!(limits.admit_client(client, at(59)), Err(Duration::from_secs(1)));
        assert_eq!(limits.admit_client("2001:db8:1:3::1".parse().unwrap(), at(59)), Ok(()));
        assert_eq!(limits.admit_client("::ffff:1.2.3.4".parse().unwrap(), at(59)), Ok(()));
        assert_eq!(limits.admit_client(client, at(60)), Ok(()));
    }

    #[test]
    fn a_phone_has_the_limits_that_the_messenger_has() {
        let limits = Limits::new(100);
        let mut request = 0;
        let mut ask = |purpose: &str, seconds: i64| {
            request += 1;
            match limits.ask("27820000001", purpose, &request.to_string(), at(seconds)) {
                Asked::First => 0,
                Asked::Again(_) => unreachable!("each request has a name of its own"),
                Asked::Refused(wait) => wait.as_secs(),
            }
        };
        assert_eq!(ask("login", 0), 0);
        assert_eq!(ask("login", 29), 1);
        assert_eq!(ask("pay", 29), 0);
        assert_eq!(ask("login", 30), 0);
        assert_eq!((ask("a", 31), ask("b", 32)), (0, 0));
        assert_eq!(ask("c", 100), 3500);
        assert_eq!(ask("c", 3599), 1);
        assert_eq!(ask("c", 3600), 0);
    }

    #[test]
    fn a_repeated_request_is_not_counted() {
        let limits = Limits::new(100);
        assert!(matches!(limits.ask("1", "login", "r", at(0)), Asked::First));
        assert!(matches!(limits.ask("1", "login", "r", at(10)), Asked::Again(first) if first == at(0)));
        assert!(matches!(limits.ask("1", "login", "s", at(10)), Asked::Refused(_)));
        assert!(matches!(limits.ask("1", "login", "r", at(300)), Asked::First));
    }
}
