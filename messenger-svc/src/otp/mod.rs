//! One-time codes: sent through the outbox, where they are sealed, and checked against keyed hashes.
//!
//! What is sent and tried by one caller, and for one phone, is done one after the other: the limits are exact, and of two
//! right tries one wins.

mod keys;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use platform::secret::Secret;
use platform::{Process, db, telemetry};
use sqlx::PgPool;
use uuid::Uuid;

pub use self::keys::Keys;
use crate::domain::content::{Template, Violation};
use crate::domain::otp::{self, Code, KEPT_FOR, Quota, SealedMessage};
use crate::domain::recipient::{Phone, Recipient};
use crate::error::Error;
use crate::outbox::put::Outbox;
use crate::store::otp as store;
use crate::store::otp::{NewCode, NewMessage, NewTry, Subject};

/// What an operator says of one-time codes.
#[derive(Clone, Debug)]
pub struct Config {
    /// The keys, separated by commas, the newest first.
    pub key: Secret,
    /// Name of the authentication template.
    pub template: String,
    /// Its language, unless a request names one.
    pub language: String,
    /// Codes that one caller may have sent, and may try, in a minute.
    pub caller_per_minute: u32,
}

/// Sends codes and checks them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Codes {
    config: Option<Arc<Config>>,
    pool: PgPool,
    process: Process,
    outbox: Outbox,
}

/// Opens codes that wait in the outbox. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Opener(Option<Arc<Config>>);

/// Why a code is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unopened {
    /// It does not count any more.
    Expired,
    /// No key of this replica fits: another one may have it.
    NoKey,
}

/// A code that is to be sent.
#[derive(Clone, Debug)]
pub struct ToSend {
    /// Names the request for good.
    pub request_id: String,
    /// Who asks.
    pub caller: String,
    /// Who gets it.
    pub recipient: Recipient,
    /// The number of theirs that it goes to.
    pub phone: Phone,
    /// What it is for.
    pub purpose: String,
    /// Language of the template, when the caller names one.
    pub language: Option<String>,
}

/// A code that somebody typed.
#[derive(Clone, Debug)]
pub struct ToVerify {
    /// Names the request for good.
    pub request_id: String,
    /// Who asks.
    pub caller: String,
    /// Who got it.
    pub phone: Phone,
    /// What it is for.
    pub purpose: String,
    /// What was typed.
    pub code: Code,
}

/// A code that is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The message that carries it.
    pub message_id: Uuid,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Whether an equal request had it sent before.
    pub is_replayed: bool,
}

// What came of a transaction that was committed.
enum Outcome<T> {
    Done(T),
    TooSoon(SignedDuration),
    Limit(SignedDuration),
    Reused,
    Rejected,
}

impl Config {
    /// Checks it, so that an operator hears of a fault at the start.
    pub fn check(&self) -> anyhow::Result<()> {
        keys::check(&self.key)
    }
}

impl Opener {
    /// Opens codes under the keys of a configuration, if there is one.
    pub fn new(config: Option<Arc<Config>>) -> Self {
        Self(config)
    }

    /// Returns the message with its code, or why it is not opened.
    pub fn open(&self, id: Uuid, message: &SealedMessage, now: Timestamp) -> Result<Template, Unopened> {
        if now >= message.expires_at {
            return Err(Unopened::Expired);
        }
        let keys = self.0.as_ref().and_then(|config| Keys::current(&config.key).ok());
        let code = keys.and_then(|keys| keys.open(id, &message.sealed));
        code.map(|code| message.opened(&code)).ok_or(Unopened::NoKey)
    }
}

impl Codes {
    /// Prepares them. Without a configuration every request is refused.
    pub fn new(config: Option<Arc<Config>>, pool: PgPool, process: Process, outbox: Outbox) -> Self {
        Self { config, pool, process, outbox }
    }

    fn config(&self) -> Result<(&Config, Keys), Error> {
        let config = self.config.as_deref().ok_or(Error::OtpNotConfigured)?;
        let keys = Keys::current(&config.key).map_err(|_| Error::OtpNotConfigured)?;
        Ok((config, keys))
    }

    /// Sends a code; durable when it returns.
    pub async fn send(&self, wanted: ToSend) -> Result<Sent, Error> {
        let (config, keys) = self.config()?;
        let now = self.process.clock.now();
        let place = self.outbox.place(&wanted.recipient)?;
        let (id, code) = (self.process.ids.uuid(), Code::random());
        let language = wanted.language.as_deref();
        let content = SealedMessage {
            template: config.template.clone(),
            language: language.unwrap_or(&config.language).to_owned(),
            expires_at: now + otp::VALID_FOR,
            sealed: keys.seal(id, &code),
        };
        let request_hashes = keys.request(&[wanted.phone.as_str(), &wanted.purpose, language.unwrap_or_default()]);
        let phone_hashes = keys.phone(&wanted.phone);
        let code_hash = keys.code(id, &wanted.phone, &wanted.purpose, &code)[0];
        let new = NewCode {
            id,
            request_id: &wanted.request_id,
            request_hash: &request_hashes[0],
            subject: Subject { caller: &wanted.caller, phone_hashes: &phone_hashes },
            purpose: &wanted.purpose,
            code_hash: &code_hash,
            created_at: now,
            expires_at: content.expires_at,
        };
        let message = NewMessage {
            recipient: &wanted.recipient,
            place: &place,
            content: serde_json::to_value(&content).expect("strings and times always become JSON"),
            traceparent: telemetry::current_traceparent(),
        };
        let (new, message, request_hashes) = (&new, &message, &request_hashes);
        let outcome = db::transact(&self.pool, "send_otp", |mut tx| async move {
            store::lock(&mut tx, &new.subject).await?;
            if let Some(seen) = store::find_sent(&mut tx, new.request_id).await? {
                let is_same = keys::is_any(request_hashes, &seen.request_hash);
                let sent = Sent { message_id: seen.id, created_at: seen.created_at, is_replayed: true };
                return Ok::<_, sqlx::Error>(tx.done(if is_same { Outcome::Done(sent) } else { Outcome::Reused }));
            }
            if let Some(last) = store::last_sent(&mut tx, &new.subject, new.purpose).await? {
                let wait = (last + otp::RESEND_AFTER).duration_since(now);
                if wait.is_positive() {
                    return Ok(tx.done(Outcome::TooSoon(wait)));
                }
            }
            let of_caller = per_minute(config.caller_per_minute);
            let mut full_until = store::sends_of_caller(&mut tx, &new.subject, of_caller, now).await?;
            for quota in otp::SENDS_OF_PHONE {
                full_until = full_until.max(store::sends_of_phone(&mut tx, &new.subject, quota, now).await?);
            }
            if let Some(until) = full_until {
                return Ok(tx.done(Outcome::Limit(until.duration_since(now))));
            }
            store::replace(&mut tx, new).await?;
            store::insert_message(&mut tx, new, message).await?;
            Ok(tx.done(Outcome::Done(Sent { message_id: new.id, created_at: now, is_replayed: false })))
        })
        .await?;
        let sent = outcome.into_result()?;
        if !sent.is_replayed {
            self.outbox.note_put();
        }
        Ok(sent)
    }

    /// Checks a code; a right one is used up. Returns when it was sent.
    pub async fn verify(&self, typed: ToVerify) -> Result<Timestamp, Error> {
        let (config, keys) = self.config()?;
        let now = self.process.clock.now();
        let phone_hashes = keys.phone(&typed.phone);
        let request_hashes = keys.request(&[typed.phone.as_str(), &typed.purpose, typed.code.expose()]);
        let subject = Subject { caller: &typed.caller, phone_hashes: &phone_hashes };
        let (keys, subject, typed, request_hashes) = (&keys, &subject, &typed, &request_hashes);
        let outcome = db::transact(&self.pool, "verify_otp", |mut tx| async move {
            store::lock(&mut tx, subject).await?;
            if let Some(seen) = store::find_try(&mut tx, &typed.request_id).await? {
                let outcome = match seen.sent {
                    _ if !keys::is_any(request_hashes, &seen.request_hash) => Outcome::Reused,
                    Some((created_at, expires_at)) if now < expires_at => Outcome::Done(created_at),
                    _ => Outcome::Rejected,
                };
                return Ok::<_, sqlx::Error>(tx.done(outcome));
            }
            let of_caller = per_minute(config.caller_per_minute);
            let full_until = store::tries_of_caller(&mut tx, subject, of_caller, now).await?;
            let full_until = full_until.max(store::tries_of_phone(&mut tx, subject, otp::TRIES_OF_PHONE, now).await?);
            if let Some(until) = full_until {
                return Ok(tx.done(Outcome::Limit(until.duration_since(now))));
            }
            // From here on the same is done for every phone, so that neither time nor words tell which ones have a code.
            let live = store::find_live(&mut tx, subject, &typed.purpose).await?;
            let id = live.as_ref().map_or(Uuid::nil(), |live| live.id);
            let stored = live.as_ref().map_or([0; 32].as_slice(), |live| live.code_hash.as_slice());
            let is_same = keys::is_any(&keys.code(id, &typed.phone, &typed.purpose, &typed.code), stored);
            let counts = live.as_ref().is_some_and(|live| live.tries < otp::TRIES_MAX && now < live.expires_at);
            let is_right = is_same & counts;
            store::count_try(&mut tx, id, is_right, now).await?;
            let new = NewTry {
                request_id: &typed.request_id,
                request_hash: &request_hashes[0],
                subject,
                code_id: is_right.then_some(id),
                tried_at: now,
            };
            store::insert_try(&mut tx, &new).await?;
            Ok(tx.done(match live.filter(|_| is_right) {
                Some(live) => Outcome::Done(live.created_at),
                None => Outcome::Rejected,
            }))
        })
        .await?;
        match outcome {
            Outcome::Reused => {
                Err(Error::Invalid(vec![Violation::new("request_id", "was used to try something else")]))
            }
            outcome => outcome.into_result(),
        }
    }
}

/// Forgets what was sent and tried so long ago that no limit looks back to it.
pub async fn forget(pool: &PgPool, now: Timestamp) -> Result<(), sqlx::Error> {
    store::forget(pool, now - KEPT_FOR).await
}

fn per_minute(count: u32) -> Quota {
    Quota { count, period: SignedDuration::from_mins(1) }
}

impl<T> Outcome<T> {
    fn into_result(self) -> Result<T, Error> {
        match self {
            Self::Done(value) => Ok(value),
            Self::TooSoon(wait) => Err(Error::OtpTooSoon { wait }),
            Self::Limit(wait) => Err(Error::OtpLimit { wait }),
            Self::Reused => Err(Error::RequestIdReused),
            Self::Rejected => Err(Error::OtpRejected),
        }
    }
}
