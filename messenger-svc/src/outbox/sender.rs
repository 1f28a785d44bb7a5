//! Out of the outbox: one lane's messages in order. Hand over, record the answer, go on.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use opentelemetry::KeyValue;
use platform::Process;
use platform::batch::{BatchError, BatchOptions, Batcher};
use platform::lanes::{ClaimedLane, Handler, Job, Outcome};
use platform::{db, telemetry};
use sqlx::PgPool;
use tokio::sync::Notify;
use tracing::Instrument as _;
use uuid::Uuid;

use super::documents::{Documents, NotUploaded};
use super::numbers::Numbers;
use super::starts::{self, Asked, Probe, Ready, Rules, Started, Starts};
use crate::domain::backoff;
use crate::domain::delivery::State;
use crate::domain::dispatch::{AfterRefusal, Policy};
use crate::domain::rate::{Pace, Rate};
use crate::domain::verdict::{self, Action, Verdict};
use crate::domain::window::{Access, WINDOW_CLOSED_CODE};
use crate::flush;
use crate::graph::{Answered, Doubt, Graph, GraphError, SendAnswer};
use crate::metrics;
use crate::otp::Opener;
use crate::store::sending::{self, Answer};
use crate::store::windows;

/// How long recording an answer is tried before the message is left in doubt.
const RECORD_TRIES: u32 = 6;

/// How often a doubt is looked at, although a receipt wakes its lane.
const DOUBT_POLL: SignedDuration = SignedDuration::from_secs(5);

/// When to look again whether a document may be uploaded.
const BUSY_WAIT: SignedDuration = SignedDuration::from_millis(250);

const WINDOW_OVER: &str =
    "not handed to Meta: the person last wrote more than 24 hours ago, and only a template may be sent then";
const WINDOW_REFUSED: &str = "not handed to Meta: it refused an earlier message because the person last wrote more than 24 hours ago, and they have not \
                              written since";

type Records = Batcher<(Answer, Option<String>), State, sqlx::Error>;

/// Sends what lies in the outbox.
#[derive(Debug)]
pub struct Sender {
    starts: Starts,
    records: Records,
    numbers: Numbers,
    documents: Documents,
    graph: Graph,
    policy: Policy,
    process: Process,
    pool: PgPool,
}

/// What limits the sender.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Messages to one person.
    pub pair_rate: Rate,
    /// Messages of one number.
    pub number_pace: Pace,
}

impl Sender {
    /// Prepares a sender.
    ///
    /// `parked` is told when a receipt waits for a message that was accepted.
    pub fn new(
        pool: PgPool,
        process: Process,
        graph: Graph,
        numbers: Numbers,
        limits: Limits,
        opener: Opener,
        parked: Arc<Notify>,
    ) -> Self {
        let policy = numbers.policy;
        let rules = Rules {
            policy,
            pair_rate: limits.pair_rate,
            number_pace: limits.number_pace,
            graph: graph.clone(),
            opener,
            clock: process.clock.clone(),
        };
        let options = BatchOptions { max_items: 256, max_queue: 8192, flushes_at_once: 1 };
        let clock = process.clock.clone();
        let records = Batcher::new("record_answers", options, {
            let pool = pool.clone();
            move |answers: Vec<(Answer, Option<String>)>| {
                let (pool, now) = (pool.clone(), clock.now());
                let span =
                    flush::span("record_answers", answers.len(), answers.iter().map(|(_, trace)| trace.as_deref()));
                let answers: Vec<Answer> = answers.into_iter().map(|(answer, _)| answer).collect();
                let parked = Arc::clone(&parked);
                async move {
                    let recorded =
                        db::statement(&pool, "record_answers", || sending::record(&pool, &answers, now)).await?;
                    if recorded.is_parked {
                        parked.notify_one();
                    }
                    Ok(recorded.states)
                }
                .instrument(span)
            }
        });
        let documents = Documents::new(pool.clone(), numbers.clone());
        Self { starts: starts::starts(pool.clone(), rules), records, numbers, documents, graph, policy, process, pool }
    }

    async fn deliver(&self, job: &Job) -> Outcome {
        let Ok(id) = job.dedup_key.parse::<Uuid>() else {
            return Outcome::Dead { reason: "the key of the job is no message id".to_owned() };
        };
        match self.starts.submit(Asked { id, traceparent: job.traceparent.clone() }).await {
            Ok(Started::Settled) => Outcome::Done,
            Ok(Started::Doubtful(wait)) => not_now(wait.min(DOUBT_POLL), "in doubt: a receipt may settle it"),
            Ok(Started::Later(wait, reason)) => not_now(wait, reason),
            Ok(Started::TooOld { error_code, attempts }) => {
                let detail = "given up: it could not be sent while somebody waited for it".to_owned();
                let answer = Answer {
                    id,
                    attempt: Some(attempts),
                    state: State::Failed,
                    whatsapp_id: None,
                    error_code,
                    error_detail: detail,
                    counts: false,
                };
                self.conclude(answer).await
            }
            Ok(Started::Hopeless { attempts, error_code, detail }) => {
                count_send("hopeless");
                self.conclude(Answer {
                    id,
                    attempt: Some(attempts),
                    state: State::Failed,
                    whatsapp_id: None,
                    error_code,
                    error_detail: detail.to_owned(),
                    counts: false,
                })
                .await
            }
            Ok(Started::WindowClosed { attempts, access }) => {
                count_send("window_closed");
                self.conclude(Answer {
                    id,
                    attempt: Some(attempts),
                    state: State::Failed,
                    whatsapp_id: None,
                    error_code: WINDOW_CLOSED_CODE,
                    error_detail: if access == Access::Refused { WINDOW_REFUSED } else { WINDOW_OVER }.to_owned(),
                    counts: false,
                })
                .await
            }
            Ok(Started::Upload(ready)) => {
                let span = tracing::info_span!("upload_document", otel.kind = "consumer", message.id = %id);
                if let Some(traceparent) = &job.traceparent {
                    telemetry::set_parent(&span, traceparent);
                }
                self.upload(&ready).instrument(span).await
            }
            Ok(Started::Send(ready)) => {
                let span = tracing::info_span!("send_message", otel.kind = "consumer", message.id = %id, send.attempt = ready.attempt);
                if let Some(traceparent) = &job.traceparent {
                    telemetry::set_parent(&span, traceparent);
                }
                self.hand_over(&ready).instrument(span).await
            }
            Err(error) => {
                tracing::warn!(message.id = %id, %error, "message {id} waits for the database");
                not_now(SignedDuration::from_secs(1), "the database does not answer")
            }
        }
    }

    // Before the message takes its slot, and before it is in doubt: an upload may take long.
    async fn upload(&self, ready: &Ready) -> Outcome {
        match self.documents.upload(&ready.outgoing).await {
            Ok(()) => not_now(SignedDuration::ZERO, "its document is uploaded"),
            Err(NotUploaded::Busy) => not_now(BUSY_WAIT, "other documents are uploaded"),
            Err(NotUploaded::Failed { verdict, error }) => self.refused(ready, verdict, &error).await,
        }
    }

    async fn hand_over(&self, ready: &Ready) -> Outcome {
        let wait = ready.slot_at.duration_since(self.process.clock.now());
        if wait.is_positive() {
            tokio::time::sleep(duration(wait)).await;
        }
        let message = &ready.outgoing;
        let number = message.phone_number_id.as_str();
        let Answered { answer, usage } = self.graph.send(message).await;
        if let Some(wait) = usage.wait {
            note(self.numbers.pause(number, u32::try_from(wait.as_secs()).unwrap_or(0)).await);
        }
        match answer {
            SendAnswer::Accepted { id: whatsapp_id } => {
                count_send("accepted");
                match ready.probe {
                    Probe::None => {}
                    Probe::OfRefusals => note(self.numbers.resume(number).await),
                    Probe::OfReceipts => note(self.numbers.await_receipt(number).await),
                }
                self.conclude(Answer {
                    id: message.id,
                    attempt: Some(ready.attempt),
                    state: State::Accepted,
                    whatsapp_id: Some(whatsapp_id),
                    error_code: 0,
                    error_detail: String::new(),
                    counts: false,
                })
                .await
            }
            SendAnswer::Refused(error) => {
                let verdict = verdict::judge_send(error.code, error.subcode, error.http);
                self.refused(ready, verdict, &error).await
            }
            SendAnswer::Unreached => {
                let verdict = Verdict { action: Action::Retry, meaning: "the Graph API could not be reached" };
                self.refused(ready, verdict, &GraphError::default()).await
            }
            SendAnswer::Doubtful(doubt) => self.doubtful(ready, doubt).await,
        }
    }

    async fn doubtful(&self, ready: &Ready, doubt: Doubt) -> Outcome {
        count_send("in_doubt");
        let id = ready.outgoing.id;
        let answer = Answer {
            id,
            attempt: Some(ready.attempt),
            state: State::InDoubt,
            whatsapp_id: None,
            error_code: 0,
            error_detail: format!("nobody knows whether it was taken: {}", doubt.label()),
            counts: false,
        };
        // A receipt may have come while the call was hanging.
        if self.record(answer).await.is_ok_and(State::is_settled) {
            return Outcome::Done;
        }
        let wait = backoff::settle(self.policy.settle_after, ready.attempt);
        tracing::warn!(
            message.id = %id,
            error.r#type = doubt.label(),
            "nobody knows whether message {id} was taken ({}): waiting {} s for a receipt",
            doubt.label(),
            wait.as_secs(),
        );
        not_now(wait.min(DOUBT_POLL), "in doubt: a receipt may settle it")
    }

    async fn refused(&self, ready: &Ready, verdict: Verdict, error: &GraphError) -> Outcome {
        count_send(verdict.action.label());
        let message = &ready.outgoing;
        let number = message.phone_number_id.as_str();
        let code = error.code.unwrap_or(0);
        match verdict.action {
            Action::HaltNumber(halt) => note(self.numbers.halt(number, code, halt).await),
            Action::PauseNumber { seconds } => note(self.numbers.pause(number, seconds).await),
            Action::WindowClosed => note(windows::close(&self.pool, &ready.lane, self.process.clock.now()).await),
            Action::Never | Action::PairBackoff | Action::Retry | Action::FewTries => {}
        }
        // Meta judged the message itself, so the number works.
        let is_of_message = matches!(verdict.action, Action::Never | Action::WindowClosed | Action::PairBackoff);
        if is_of_message && ready.probe == Probe::OfRefusals {
            note(self.numbers.resume(number).await);
        }
        let next = if verdict.action == Action::WindowClosed && ready.has_fallback && !message.content.is_template() {
            AfterRefusal::Later(SignedDuration::ZERO) // now that the window is known to be closed the template goes
        } else {
            self.policy.after_refusal(verdict.action, ready.refusals, error.retry_after)
        };
        let detail = if error.http == 0 { verdict.meaning.to_owned() } else { error.describe(verdict.meaning) };
        tracing::warn!(
            message.id = %message.id,
            graph.error.code = code,
            graph.error.action = verdict.action.label(),
            "message {} was refused: {detail}",
            message.id,
        );
        let answer = Answer {
            id: message.id,
            attempt: Some(ready.attempt),
            state: if next == AfterRefusal::Failed { State::Failed } else { State::Queued },
            whatsapp_id: None,
            error_code: code,
            error_detail: detail,
            // A halt is the number's fault, not the message's.
            counts: !matches!(verdict.action, Action::HaltNumber(_)),
        };
        match (self.conclude(answer).await, next) {
            (Outcome::Done, AfterRefusal::Later(wait)) => not_now(wait, verdict.meaning),
            (outcome, _) => outcome,
        }
    }

    async fn record(&self, answer: Answer) -> Result<State, BatchError<sqlx::Error>> {
        self.records.submit((answer, telemetry::current_traceparent())).await
    }

    // A lost record would mean a second message to the person, so it is tried for some seconds.
    async fn conclude(&self, answer: Answer) -> Outcome {
        let mut pause = Duration::from_millis(100);
        for tries_left in (0..RECORD_TRIES).rev() {
            match self.record(answer.clone()).await {
                Ok(state) if answer.state.is_settled() && !state.is_settled() => {
                    return not_now(SignedDuration::from_secs(1), "it was handed over once more in the meantime");
                }
                Ok(_) => return Outcome::Done,
                Err(error) if tries_left == 0 => {
                    tracing::error!(message.id = %answer.id, %error, "what came of message {} was not recorded", answer.id);
                }
                Err(_) => tokio::time::sleep(pause).await,
            }
            pause *= 2;
        }
        not_now(SignedDuration::from_secs(1), "the database does not answer")
    }
}

impl Handler for Sender {
    async fn handle(&self, lane: &ClaimedLane) -> Vec<(i64, Outcome)> {
        let mut outcomes = Vec::with_capacity(lane.jobs.len());
        for job in &lane.jobs {
            let outcome = self.deliver(job).await;
            let goes_on = outcome == Outcome::Done && !self.process.shutdown.is_draining();
            outcomes.push((job.id, outcome));
            if !goes_on {
                break;
            }
        }
        outcomes
    }

    async fn give_up(&self, _: &ClaimedLane, job: &Job) -> bool {
        let Ok(id) = job.dedup_key.parse::<Uuid>() else { return true };
        let answer = Answer {
            id,
            attempt: None,
            state: State::Failed,
            whatsapp_id: None,
            error_code: 0,
            error_detail: "given up: the sender could not handle it".to_owned(),
            counts: false,
        };
        self.conclude(answer).await == Outcome::Done
    }
}

fn not_now(wait: SignedDuration, reason: &str) -> Outcome {
    // Never zero: a lane without a delay counts as one that kills its workers.
    Outcome::NotNow { delay: duration(wait).max(Duration::from_millis(5)), reason: reason.to_owned() }
}

fn duration(wait: SignedDuration) -> Duration {
    Duration::try_from(wait).unwrap_or_default()
}

fn count_send(outcome: &'static str) {
    metrics::get().sends.add(1, &[KeyValue::new("outcome", outcome)]);
}

// The message is not to blame when its number's state is not recorded; the next refusal records it.
fn note(result: Result<(), sqlx::Error>) {
    if let Err(error) = result {
        tracing::error!(%error, "the state of a number was not recorded");
    }
}
