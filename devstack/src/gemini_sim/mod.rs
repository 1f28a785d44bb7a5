//! Gemini's `generateContent`, simulated over its own wire protocol and as strict as the reference.
//!
//! - `check`: which requests are taken
//! - `brain`: what is answered when nobody scripted it: "unclear", in the shape of the request's schema
//! - `ear`: what is made of the words that a recording or a picture is noted to say
//! - `answer`, `error`: the JSON of good and of bad answers
//! - `fault`: what can go wrong, on demand
//! - `routes`: the API, and the same scripting by HTTP under `/_sim/`

mod answer;
mod brain;
mod check;
mod ear;
mod error;
mod fault;
mod routes;

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use rand::distr::{Alphanumeric, SampleString as _};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use fault::GeminiFault;

use crate::hearsay::Hearsay;
use crate::script::{Script, When};

/// Everything the simulator has to know. Holds a secret, so it does not print itself.
pub struct GeminiSimOptions {
    /// Where it is served.
    pub listener: TcpListener,
    /// The key that calls must show: the parser's `GEMINI_API_KEY`.
    pub api_key: String,
    /// The models there are.
    pub models: Vec<String>,
    /// What recordings and pictures say: shared with the simulated WhatsApp, where people attach them.
    pub hearsay: Hearsay,
}

impl GeminiSimOptions {
    /// Returns options with a fresh key and the models that can be had.
    pub fn new(listener: TcpListener) -> Self {
        let models = ["gemini-3.5-flash-lite", "gemini-3.1-flash-lite", "gemini-3.8-flash", "gemini-3.6-flash"];
        Self {
            listener,
            api_key: format!("AQ.{}", Alphanumeric.sample_string(&mut rand::rng(), 40)),
            models: models.map(str::to_owned).to_vec(),
            hearsay: Hearsay::default(),
        }
    }
}

/// A running simulator. Clones are handles on the same one.
#[derive(Clone)]
pub struct GeminiSim {
    model_house: Arc<ModelHouse>,
    address: SocketAddr,
}

/// One call, good or bad.
#[derive(Clone, Debug, Serialize)]
pub struct GeminiCall {
    /// Which model was asked.
    pub model: String,
    /// The request, with the length of what was attached in place of its bytes.
    pub body: Value,
    /// What was attached.
    pub media: Vec<SeenMedia>,
    /// The trace it belongs to, as the request's header said.
    pub traceparent: Option<String>,
    /// Why it was refused, when it was.
    pub refusal: Option<String>,
}

/// A recording, a picture or a document as it came.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct SeenMedia {
    /// What it is said to be.
    pub mime_type: String,
    /// How large it is, in bytes.
    pub length: usize,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
}

/// Answers a request by its user text and schema; `None` leaves it to the default.
pub type Rule = Arc<dyn Fn(&str, Option<&Value>) -> Option<Value> + Send + Sync>;

struct ModelHouse {
    api_key: String,
    models: Vec<String>,
    scripted: Mutex<VecDeque<String>>,
    /// Answers to calls with something attached, in order, and by the hash of what is attached.
    scripted_media: Mutex<VecDeque<String>>,
    scripted_by_hash: Mutex<HashMap<String, String>>,
    hearsay: Hearsay,
    rule: Mutex<Option<Rule>>,
    script: Script<GeminiFault>,
    calls: Mutex<Vec<Arc<GeminiCall>>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl GeminiSim {
    /// Starts the simulator; it runs until [`GeminiSim::stop`].
    pub fn start(options: GeminiSimOptions) -> Result<Self> {
        let address = options.listener.local_addr().context("ask the listener for its address")?;
        let model_house = Arc::new(ModelHouse {
            api_key: options.api_key,
            models: options.models,
            scripted: Mutex::default(),
            scripted_media: Mutex::default(),
            scripted_by_hash: Mutex::default(),
            hearsay: options.hearsay,
            rule: Mutex::default(),
            script: Script::default(),
            calls: Mutex::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        let router = routes::routes().with_state(Arc::clone(&model_house));
        model_house.tasks.spawn(crate::wire::serve(options.listener, router, model_house.stop.clone()));
        Ok(Self { model_house, address })
    }

    /// Returns the address: `GEMINI_API_URL`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers the next calls with these, one each.
    pub fn answer_next(&self, answers: impl IntoIterator<Item = Value>) {
        lock(&self.model_house.scripted).extend(answers.into_iter().map(|answer| answer.to_string()));
    }

    /// Answers the next calls with something attached with these, one each.
    pub fn answer_next_media(&self, answers: impl IntoIterator<Item = Value>) {
        lock(&self.model_house.scripted_media).extend(answers.into_iter().map(|answer| answer.to_string()));
    }

    /// Answers every call that these bytes are attached to with this.
    pub fn answer_media(&self, content: &[u8], answer: &Value) {
        lock(&self.model_house.scripted_by_hash).insert(hash(content), answer.to_string());
    }

    /// Notes what a recording or a picture says: calls it is attached to are answered by that.
    pub fn note_words(&self, content: &[u8], words: impl Into<String>) {
        self.model_house.hearsay.note(content, words);
    }

    /// Answers calls by a rule over the user's text and the schema, where nothing else is scripted.
    pub fn answer_by(&self, rule: impl Fn(&str, Option<&Value>) -> Option<Value> + Send + Sync + 'static) {
        *lock(&self.model_house.rule) = Some(Arc::new(rule));
    }

    /// Makes coming calls go wrong. Rules are looked at in the order they were added.
    pub fn fail(&self, when: When, fault: GeminiFault) {
        self.model_house.script.add(when, fault, None);
    }

    /// Makes coming calls to one model go wrong.
    pub fn fail_model(&self, model: &str, when: When, fault: GeminiFault) {
        self.model_house.script.add(when, fault, Some(model.to_owned()));
    }

    /// Lets calls go right again.
    pub fn clear_faults(&self) {
        self.model_house.script.clear();
    }

    /// Returns every call, oldest first.
    pub fn calls(&self) -> Vec<Arc<GeminiCall>> {
        lock(&self.model_house.calls).clone()
    }

    /// Stops everything at once and frees the port.
    pub async fn stop(&self) {
        self.model_house.stop.cancel();
        self.model_house.tasks.close();
        self.model_house.tasks.wait().await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hash(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}
