//! The call with its retries: at most three tries inside one budget of time, then the grammar's reading has to do.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use platform::Process;
use platform::clock::Clock;
use platform::ids::Ids;
use platform::secret::Secret;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::Instrument as _;
use url::Url;

use super::answer;
use super::breaker::Breaker;
use super::error::{CallError, MAX_CALLS, Next, from_status};
use super::price;
use super::request::{self, Body, Shape};
use super::response::{self, Served};
use crate::metrics;
use crate::model::{Answer, Answered, Failure, Model, Proposal, Question, Usage};

/// Largest answer that is read; a form of thirty lines has a few kilobytes.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// The first backoff; the next is twice as long.
const BACKOFF: Duration = Duration::from_millis(400);

/// How to call.
#[derive(Debug, Clone)]
pub struct Options {
    /// Base address.
    pub url: Url,
    /// The model that is asked first.
    pub model: String,
    /// The model that is asked when that one is retired or overloaded; empty for none.
    pub fallback_model: String,
    /// How much it thinks.
    pub thinking_level: Option<&'static str>,
    /// Time of one call about a text.
    pub timeout: Duration,
    /// Time of one call about a voice note or a photo.
    pub media_timeout: Duration,
    /// Time of all calls for one message.
    pub budget: Duration,
    /// Calls under way at once.
    pub max_concurrent: usize,
    /// Most tokens of an answer about a text.
    pub max_output_tokens: u32,
    /// Most tokens of an answer about a voice note or a photo.
    pub media_max_output_tokens: u32,
}

/// Gemini as the parser's model.
#[derive(Debug)]
pub struct Gemini {
    http: reqwest::Client,
    key: Secret,
    options: Options,
    slots: Semaphore,
    breaker: Breaker,
    clock: Clock,
    ids: Ids,
    is_model_gone: AtomicBool,
    edition: String,
}

/// A call and what came of it.
struct Called {
    told: Result<answer::Told, CallError>,
    served: Option<Served>,
}

impl Gemini {
    /// Prepares the client.
    pub fn new(options: Options, key: Secret, process: &Process) -> anyhow::Result<Self> {
        let http = platform::http::client(&platform::http::Options {
            user_agent_part: "parser-svc",
            connect_timeout: Duration::from_secs(5),
            timeout: options.media_timeout.max(options.timeout),
            redirects: false,
        })?;
        Ok(Self {
            http,
            key,
            slots: Semaphore::new(options.max_concurrent),
            breaker: Breaker::new(process.clock.clone()),
            clock: process.clock.clone(),
            ids: process.ids.clone(),
            is_model_gone: AtomicBool::new(false),
            edition: edition(&options),
            options,
        })
    }

    async fn ask(&self, question: Question<'_>) -> Answered {
        let mut usage = Usage::default();
        let started = Instant::now();
        let told = self.try_to_read(&question, started + self.options.budget, &mut usage).await;
        usage.latency = started.elapsed();
        Answered { told, usage }
    }

    async fn try_to_read(
        &self,
        question: &Question<'_>,
        deadline: Instant,
        usage: &mut Usage,
    ) -> Result<Proposal, Failure> {
        if let Some(left) = self.breaker.open_for() {
            return Err(Failure::Quota(Some(left)));
        }
        // Waiting for a slot comes out of the same budget: late answers help nobody.
        let slot = tokio::time::timeout_at(deadline, self.slots.acquire()).await;
        let Ok(Ok(_slot)) = slot else { return Err(Failure::Unavailable) };
        let is_media = question.media.is_some();
        let mut shape = Shape {
            max_output_tokens: if is_media {
                self.options.media_max_output_tokens
            } else {
                self.options.max_output_tokens
            },
            thinking_level: self.options.thinking_level,
        };
        let call_timeout = if is_media { self.options.media_timeout } else { self.options.timeout };
        let mut use_fallback = self.is_model_gone.load(Ordering::Relaxed) && self.has_fallback();
        loop {
            let marker = format!("=== {} ===", self.ids.uuid().simple());
            let body = request::body(question, shape, &marker);
            let model = if use_fallback { &self.options.fallback_model } else { &self.options.model };
            let time = call_timeout.min(deadline.saturating_duration_since(Instant::now()));
            let called = self.call(model, body, time, shape.max_output_tokens).await;
            usage.call_count += 1;
            if let Some(served) = called.served {
                self.count(usage, served);
            }
            let error = match called.told {
                Ok(told) => {
                    return Ok(Proposal { reading: told.reading, transcript: told.transcript, paper: told.paper });
                }
                Err(error) => error,
            };
            let calls = usage.call_count;
            let is_last_model = use_fallback || !self.has_fallback();
            let wait = match error.next(calls) {
                Next::GiveUp => None,
                Next::OtherModel if is_last_model => None,
                Next::OtherModel => {
                    if error == CallError::NoSuchModel {
                        tracing::error!(
                            gen_ai.request.model = model,
                            "GEMINI_MODEL {model} is not known there: using the fallback"
                        );
                        self.is_model_gone.store(true, Ordering::Relaxed);
                    }
                    use_fallback = true;
                    Some(Duration::ZERO)
                }
                Next::After(delay) => Some(delay + jitter(BACKOFF)),
                Next::Again { most } => (calls < most).then(|| jitter(BACKOFF * 2_u32.pow(calls - 1))),
            };
            if error == CallError::Truncated {
                shape.max_output_tokens = shape.max_output_tokens.saturating_mul(4);
            }
            let fits = wait.filter(|wait| calls < MAX_CALLS && Instant::now() + *wait < deadline);
            let Some(wait) = fits else { return Err(self.settle(&error)) };
            tokio::time::sleep(wait).await;
        }
    }

    /// Adds what one answer cost.
    fn count(&self, usage: &mut Usage, served: Served) {
        let cost = price::cost(&served.model_version, &served.tokens, self.clock.now());
        usage.cost = usage.cost.zip(cost).map(|(before, cost)| before + cost);
        usage.model_version = served.model_version;
        usage.input_token_count = usage.input_token_count.saturating_add(served.tokens.input);
        usage.output_token_count = usage.output_token_count.saturating_add(served.tokens.output);
    }

    fn has_fallback(&self) -> bool {
        !self.options.fallback_model.is_empty() && self.options.fallback_model != self.options.model
    }

    /// Says what the last error comes to, and keeps further calls back where they make no sense.
    fn settle(&self, error: &CallError) -> Failure {
        match error {
            CallError::DailyQuota => {
                let left = self.breaker.open_until_midnight_pacific();
                tracing::warn!(
                    "the Gemini quota of the day is used up: the grammar reads alone until midnight Pacific"
                );
                Failure::Quota(Some(left))
            }
            CallError::Quota(delay) => Failure::Quota(Some(self.breaker.open_for_at_least(*delay))),
            CallError::Misconfigured { .. } | CallError::NoSuchModel => {
                tracing::error!(error.kind = error.kind(), "Gemini: {error}");
                error.failure()
            }
            other => {
                tracing::warn!(error.kind = other.kind(), "Gemini: {other}");
                other.failure()
            }
        }
    }

    async fn call(&self, model: &str, body: Body, time: Duration, max_tokens: u32) -> Called {
        let span = tracing::info_span!(
            "generate_content",
            otel.name = format!("generate_content {model}"),
            otel.kind = "client",
            otel.status_code = tracing::field::Empty,
            gen_ai.operation.name = "generate_content",
            gen_ai.provider.name = "gcp.gemini",
            gen_ai.request.model = model,
            gen_ai.request.max_tokens = max_tokens,
            gen_ai.output.r#type = "json",
            gen_ai.response.model = tracing::field::Empty,
            gen_ai.response.id = tracing::field::Empty,
            gen_ai.usage.input_tokens = tracing::field::Empty,
            gen_ai.usage.output_tokens = tracing::field::Empty,
            server.address = self.options.url.host_str(),
            server.port = self.options.url.port_or_known_default(),
            error.r#type = tracing::field::Empty,
        );
        let started = Instant::now();
        let (told, served) = match self.exchange(model, body, time).instrument(span.clone()).await {
            Ok(served) => {
                span.record("gen_ai.response.model", &served.model_version);
                span.record("gen_ai.response.id", &served.response_id);
                span.record("gen_ai.usage.input_tokens", served.tokens.input);
                span.record("gen_ai.usage.output_tokens", served.tokens.output);
                (served.text.as_ref().map_err(Clone::clone).and_then(|text| answer::read(text)), Some(served))
            }
            Err(error) => (Err(error), None),
        };
        if let Err(error) = &told {
            span.record("error.type", error.kind());
            span.record("otel.status_code", "ERROR");
        } else if let Some(answer) = &served {
            tracing::info!(
                parent: &span,
                gen_ai.response.model = answer.model_version,
                gen_ai.response.id = answer.response_id,
                gen_ai.usage.input_tokens = answer.tokens.input,
                gen_ai.usage.output_tokens = answer.tokens.output,
                "the model read a message"
            );
        }
        self.measure(model, started.elapsed(), served.as_ref(), told.as_ref().err());
        Called { told, served }
    }

    fn measure(&self, model: &str, duration: Duration, served: Option<&Served>, error: Option<&CallError>) {
        let count = |tokens: i32| u64::try_from(tokens).unwrap_or_default();
        // A name that only they know would be a label without bounds.
        let known = served.map(|served| served.model_version.as_str());
        let known = known.filter(|model| price::is_known(model, self.clock.now()));
        metrics::operation(&metrics::Operation {
            request_model: model,
            response_model: known,
            server_address: self.options.url.host_str().unwrap_or_default(),
            error_type: error.map(CallError::kind),
            duration,
            tokens: served.map(|served| (count(served.tokens.input), count(served.tokens.output))),
        });
    }

    async fn exchange(&self, model: &str, body: Body, time: Duration) -> Result<Served, CallError> {
        let url = format!("{}/v1beta/models/{model}:generateContent", self.options.url.as_str().trim_end_matches('/'));
        let mut request = self.http.post(url);
        if let Some(traceparent) = platform::telemetry::current_traceparent() {
            request = request.header("traceparent", traceparent);
        }
        let response = request
            .header("x-goog-api-key", self.key.expose())
            .header("x-server-timeout", time.as_secs().max(1).to_string())
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_LENGTH, body.length())
            .timeout(time)
            .body(reqwest::Body::wrap_stream(futures::stream::iter(body.pieces.into_iter().map(Ok::<_, Infallible>))))
            .send()
            .await
            .map_err(|error| transport(&error))?;
        let status = response.status().as_u16();
        let body = read_body(response).await?;
        if status == 200 { response::read(&body) } else { Err(from_status(status, &body)) }
    }
}

impl Model for Gemini {
    fn read<'a>(&'a self, question: Question<'a>) -> Answer<'a> {
        Box::pin(self.ask(question))
    }

    fn edition(&self) -> &str {
        &self.edition
    }
}

/// The models, how they think, and a digest of the rules, forms and examples they get.
fn edition(options: &Options) -> String {
    let thinking = options.thinking_level.unwrap_or("OFF");
    format!("{} {} {thinking} {}", options.model, options.fallback_model, request::prompt_digest())
}

async fn read_body(mut response: reqwest::Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| transport(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER_BYTES {
            return Err(CallError::BadJson);
        }
    }
    Ok(body)
}

/// The error without its address and cause: those may hold what is not for a log.
fn transport(error: &reqwest::Error) -> CallError {
    if error.is_timeout() { CallError::Timeout } else { CallError::Connection }
}

/// Anything between nothing and the whole, so that many callers do not come back at once.
fn jitter(most: Duration) -> Duration {
    let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(rand::random_range(0..=most))
}
