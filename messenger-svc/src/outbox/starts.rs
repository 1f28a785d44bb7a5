//! Which of the messages that are next in their lanes may be handed over now. Lanes that ask at the same time share the
//! two statements that decide.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use platform::batch::{BatchOptions, Batcher};
use platform::clock::Clock;
use platform::db;
use sqlx::PgPool;
use tracing::Instrument as _;
use uuid::Uuid;

use super::merging::{self, Leader};
use super::numbers::HALTED;
use crate::domain::content::{Content, Template};
use crate::domain::delivery::State;
use crate::domain::dispatch::{Policy, Turn};
use crate::domain::otp::SealedMessage;
use crate::domain::rate::{Pace, Rate};
use crate::domain::recipient::{Phone, Recipient, UserId};
use crate::domain::window::{Access, WINDOW_CLOSED_CODE};
use crate::flush;
use crate::graph::{Graph, Outgoing};
use crate::otp::{Opener, Unopened};
use crate::store::merging::Merge;
use crate::store::numbers::{self, NewProbe};
use crate::store::sending::{self, Next, Start};

/// When to look again at a message that somebody else has in hand.
const TAKEN_WAIT: SignedDuration = SignedDuration::from_millis(50);
/// When to look again for the key of a one-time code.
const KEY_WAIT: SignedDuration = SignedDuration::from_secs(5);
/// Meta's code for too many messages to one person.
const PAIR_LIMIT_CODE: i32 = 131_056;

/// What to do with a message that is next.
#[derive(Clone, Debug)]
pub(super) enum Started {
    /// It is in doubt now: hand it over.
    Send(Box<Ready>),
    /// Its turn has come, and its document is to be uploaded first. Nothing is taken for it yet.
    Upload(Box<Ready>),
    /// Nothing is left to do.
    Settled,
    /// Its last hand-over may still turn out to have worked.
    Doubtful(SignedDuration),
    /// Not yet.
    Later(SignedDuration, &'static str),
    /// Nobody waits for it any more.
    TooOld {
        /// Meta's code of its last error.
        error_code: i32,
        /// Sends so far.
        attempts: u32,
    },
    /// It cannot be sent any more: it carries a one-time code.
    Hopeless {
        /// Meta's code of its last error.
        error_code: i32,
        /// Sends so far.
        attempts: u32,
        /// Why, for an operator.
        detail: &'static str,
    },
    /// The 24 hours after the person's last message are over, and there is nothing else to send.
    WindowClosed {
        /// Sends so far.
        attempts: u32,
        /// By whose word it is closed.
        access: Access,
    },
}

/// A message that is to be handed over.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    pub(super) outgoing: Outgoing,
    /// Its lane.
    pub(super) lane: String,
    /// Its slot in the pace of the number.
    pub(super) slot_at: Timestamp,
    /// Errors that passed, before this send.
    pub(super) refusals: u32,
    /// The number of this send, counted from one; before an upload that of the last one.
    pub(super) attempt: u32,
    /// Whether and why this message tries a number that is halted.
    pub(super) probe: Probe,
    /// Whether a template waits for the case that the window is closed.
    pub(super) has_fallback: bool,
}

/// Whether a message tries a number that is halted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    /// The number is not halted.
    None,
    /// A send was refused: one that is accepted shows that it works again.
    OfRefusals,
    /// Receipts told it: only a receipt shows that it works again.
    OfReceipts,
}

/// A message that is next, and its trace.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) id: Uuid,
    pub(super) traceparent: Option<String>,
}

pub(super) type Starts = Batcher<Asked, Started, sqlx::Error>;

/// What decides, besides the database.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) policy: Policy,
    pub(super) pair_rate: Rate,
    pub(super) number_pace: Pace,
    pub(super) graph: Graph,
    pub(super) opener: Opener,
    pub(super) clock: Clock,
}

/// Starts the batcher.
pub(super) fn starts(pool: PgPool, rules: Rules) -> Starts {
    let options = BatchOptions { max_items: 256, max_queue: 8192, flushes_at_once: 1 };
    Batcher::new("start_sends", options, move |asked: Vec<Asked>| {
        let (pool, rules) = (pool.clone(), rules.clone());
        let span = flush::span("start_sends", asked.len(), asked.iter().map(|asked| asked.traceparent.as_deref()));
        let ids: Vec<Uuid> = asked.into_iter().map(|asked| asked.id).collect();
        async move { decide_all(&pool, &rules, &ids).await }.instrument(span)
    })
}

async fn decide_all(pool: &PgPool, rules: &Rules, ids: &[Uuid]) -> Result<Vec<Started>, sqlx::Error> {
    let rows = db::statement(pool, "read_next_messages", || sending::read_next(pool, ids)).await?;
    let mut rows: HashMap<Uuid, Next> = rows.into_iter().map(|row| (row.id, row)).collect();
    let known: HashSet<Uuid> = rows.keys().copied().collect();
    let now = rules.clock.now();
    let mut round = Round {
        pool,
        rules,
        now,
        lanes: HashSet::new(),
        slots: HashMap::new(),
        starts: Vec::new(),
        leaders: Vec::new(),
    };
    let mut decided = Vec::with_capacity(ids.len());
    for id in ids {
        decided.push(match rows.remove(id) {
            Some(next) => round.decide(next).await?,
            // Asked for twice in one round, by a worker that lost its lease: what comes of it is not known yet.
            None if known.contains(id) => Started::Later(TAKEN_WAIT, "it is in other hands"),
            None => Started::Settled, // forgotten
        });
    }
    let Round { starts, leaders, .. } = round;
    if starts.is_empty() {
        return Ok(decided);
    }
    let merges = if leaders.is_empty() { Vec::new() } else { merging::find(pool, &leaders).await? };
    let period_us = rules.number_pace.period_us();
    let slots = if merges.is_empty() {
        db::statement(pool, "start_sends", || sending::start(pool, &starts, now, period_us)).await?
    } else {
        let (merges, contents): (Vec<Merge>, Vec<Content>) = merges.into_iter().unzip();
        let mut contents: HashMap<Uuid, Content> = merges.iter().map(|merge| merge.leader).zip(contents).collect();
        for started in &mut decided {
            if let Started::Send(ready) = started
                && let Some(content) = contents.remove(&ready.outgoing.id)
            {
                ready.outgoing.content = content;
                ready.outgoing.quoted_message_id = None;
            }
        }
        merging::start(pool, &starts, &merges, now, period_us).await?
    };
    let slots: HashMap<Uuid, Timestamp> = slots.into_iter().collect();
    for started in &mut decided {
        if let Started::Send(ready) = started {
            match slots.get(&ready.outgoing.id) {
                Some(slot_at) => ready.slot_at = *slot_at,
                None => *started = Started::Later(TAKEN_WAIT, "it was settled or taken in the meantime"),
            }
        }
    }
    Ok(decided)
}

/// One round of decisions.
struct Round<'a> {
    pool: &'a PgPool,
    rules: &'a Rules,
    now: Timestamp,
    lanes: HashSet<String>,
    slots: HashMap<String, usize>,
    starts: Vec<Start>,
    leaders: Vec<Leader>,
}

impl Round<'_> {
    async fn decide(&mut self, mut next: Next) -> Result<Started, sqlx::Error> {
        let (rules, now) = (self.rules, self.now);
        match rules.policy.turn(&next.standing, now) {
            Turn::Settled => return Ok(Started::Settled),
            Turn::Doubtful(wait) => return Ok(Started::Doubtful(wait)),
            Turn::TooOld => {
                return Ok(Started::TooOld { error_code: next.error_code, attempts: next.standing.attempts });
            }
            Turn::Send => {}
        }
        // A worker that lost its lease may still ask for the lane's head.
        if self.lanes.contains(&next.lane) {
            return Ok(Started::Later(TAKEN_WAIT, "its lane is in other hands"));
        }
        if let Some(sealed) = next.content.as_ref().and_then(SealedMessage::read) {
            let hopeless = |detail| {
                Ok(Started::Hopeless { error_code: next.error_code, attempts: next.standing.attempts, detail })
            };
            if next.is_code_ended {
                return hopeless("given up: its code was used, tried too often or replaced");
            }
            match rules.opener.open(next.id, &sealed, now) {
                // It stays open for as long as this try takes; what is stored stays sealed.
                Ok(template) => next.content = serde_json::to_value(Content::Template(template)).ok(),
                Err(Unopened::Expired) => return hopeless("given up: its code does not count any more"),
                // Another replica may have the key, or this one tomorrow's settings.
                Err(Unopened::NoKey) => return Ok(Started::Later(KEY_WAIT, "no key of OTP_KEY fits its seal")),
            }
        }
        let Some((mut outgoing, fallback)) = outgoing(&next) else {
            tracing::error!(message.id = %next.id, "message {} cannot be read by this version and waits for a newer one", next.id);
            return Ok(Started::Later(SignedDuration::from_secs(60), "this version cannot read it"));
        };
        let has_fallback = fallback.is_some() && !outgoing.content.is_template();
        if let Some(closed) = self.heed_window(&next, &mut outgoing, fallback) {
            return Ok(closed);
        }
        let pair_full_at = match rules.pair_rate.take(next.pair_full_at, now) {
            Ok(full_at) => full_at,
            Err(wait) => return Ok(Started::Later(wait, "the pair limit is used up")),
        };
        let ahead = self.slots.get(&next.phone_number_id).copied().unwrap_or(0);
        let slot_at = match rules.number_pace.slot(next.number.next_slot_at, ahead, now) {
            Ok(slot_at) => slot_at,
            Err(wait) => return Ok(Started::Later(wait, "the rate of the number is used up")),
        };
        let probe = match (next.number.probe_at, next.number.is_halted_by_receipt) {
            (None, _) => Probe::None,
            (Some(_), false) => Probe::OfRefusals,
            (Some(_), true) => Probe::OfReceipts,
        };
        if let Some(probe_at) = next.number.probe_at
            && let Some(wait) = self.wait_for_probe(&next, probe_at, ahead)
        {
            return Ok(Started::Later(wait, HALTED));
        }
        let (refusals, attempts) = (next.refusals, next.standing.attempts);
        if matches!(outgoing.content, Content::Document(_)) && outgoing.media_id.is_none() {
            self.lanes.insert(next.lane.clone());
            let (lane, probe) = (next.lane, Probe::None);
            let ready = Ready { outgoing, lane, slot_at, refusals, attempt: attempts, probe, has_fallback };
            return Ok(Started::Upload(Box::new(ready)));
        }
        if let Some(probe_at) = next.number.probe_at
            && !self.claim_probe(&next, probe_at).await?
        {
            return Ok(Started::Later(rules.policy.probe_interval, HALTED));
        }
        // When this one leaves less than half of the burst, whoever waits goes along; also when Meta counted otherwise.
        let is_scarce = rules.pair_rate.is_below_half(pair_full_at, now) || next.error_code == PAIR_LIMIT_CODE;
        let is_certain = next.standing.state == State::Queued;
        let is_fresh = rules.policy.may_lead(&next.standing, next.refusals, now);
        if is_scarce
            && is_certain
            && is_fresh
            && !has_fallback
            && probe == Probe::None
            && outgoing.content.is_mergeable()
        {
            self.leaders.push(Leader {
                id: next.id,
                attempts: next.standing.attempts,
                lane: next.lane.clone(),
                content: outgoing.content.clone(),
            });
        }
        self.lanes.insert(next.lane.clone());
        self.slots.insert(next.phone_number_id.clone(), ahead + 1);
        self.starts.push(Start {
            id: next.id,
            attempts: next.standing.attempts,
            lane: next.lane.clone(),
            pair_full_at,
            phone_number_id: next.phone_number_id,
        });
        let (lane, attempt) = (next.lane, attempts + 1);
        Ok(Started::Send(Box::new(Ready { outgoing, lane, slot_at, refusals, attempt, probe, has_fallback })))
    }

    /// Puts the fallback in the place of what may not be sent; returns what to do when there is none.
    fn heed_window(&self, next: &Next, outgoing: &mut Outgoing, fallback: Option<Template>) -> Option<Started> {
        if outgoing.content.is_template() {
            return None;
        }
        let access = next.window.access(self.now, self.rules.policy.window_margin);
        match fallback {
            // Meta's own word about this message outweighs what is stored of the person.
            Some(template) if access != Access::Open || next.error_code == WINDOW_CLOSED_CODE => {
                outgoing.content = Content::Template(template);
                None
            }
            // Without the user id it is not known what the person wrote under it, so Meta's answer decides.
            None if access.is_closed() && outgoing.recipient.user_id().is_some() => {
                Some(Started::WindowClosed { attempts: next.standing.attempts, access })
            }
            _ => None,
        }
    }

    /// Returns how long the next try of a halted number is to be waited for; `None`: it may be claimed.
    fn wait_for_probe(&self, next: &Next, probe_at: Timestamp, ahead: usize) -> Option<SignedDuration> {
        if let Some(quiet_until) = next.number.quiet_until {
            // Housekeeping ends the halt then, and wakes its lanes.
            return Some(quiet_until.duration_since(self.now).max(SignedDuration::from_secs(1)));
        }
        let is_token_new = next.number.token_digest.as_deref() != Some(&self.rules.graph.token_digest());
        let wait = probe_at.duration_since(self.now);
        if wait.is_positive() && !is_token_new {
            return Some(wait);
        }
        (ahead > 0).then_some(self.rules.policy.probe_interval)
    }

    /// Claims the try of a halted number: one message at a time tries it.
    async fn claim_probe(&self, next: &Next, probe_at: Timestamp) -> Result<bool, sqlx::Error> {
        let digest = self.rules.graph.token_digest();
        let probe = NewProbe {
            phone_number_id: &next.phone_number_id,
            message_id: next.id,
            seen: probe_at,
            next: self.now + self.rules.policy.probe_interval,
            token_digest: &digest,
        };
        db::statement(self.pool, "claim_probe", || numbers::claim_probe(self.pool, &probe)).await
    }
}

/// What is sent, and what is sent in its place when the window is closed.
fn outgoing(next: &Next) -> Option<(Outgoing, Option<Template>)> {
    let user_id = match &next.user_id {
        Some(text) => Some(UserId::parse(text)?),
        None => None,
    };
    let phone = match &next.phone {
        Some(text) => Some(Phone::parse(text)?),
        None => None,
    };
    let content: Content = serde_json::from_value(next.content.clone()?).ok()?;
    let fallback = match next.fallback.clone() {
        Some(json) => Some(serde_json::from_value::<Template>(json).ok()?),
        None => None,
    };
    let outgoing = Outgoing {
        id: next.id,
        phone_number_id: next.phone_number_id.clone(),
        recipient: Recipient::new(user_id, phone)?,
        content,
        quoted_message_id: next.quoted_message_id.clone(),
        media_id: next.media_id.clone(),
    };
    Some((outgoing, fallback))
}
