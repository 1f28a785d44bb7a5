//! Questions: what is kept of them, their buttons, and opening them.

use jiff::SignedDuration;
use platform::db;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tonic::Status;
use uuid::Uuid;

use super::Acted;
use crate::conversation::{Choice, Plan, Saying, Tap};
use crate::pipeline::Pipeline;
use crate::pipeline::failure::Failure;
use crate::pipeline::inbound::Inbound;
use crate::pipeline::message::{Sender, member_id};
use crate::reply::{self, Language, Outcome};
use crate::store::{self, NewQuestion};

/// How long a question stays open.
const QUESTION_OPEN: SignedDuration = SignedDuration::from_hours(12);

/// WhatsApp shows at most this many buttons.
const BUTTONS_MAX: usize = 3;

/// UTF-16 units of a button's title.
const TITLE_MAX: usize = 20;

/// A question with its answers.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::pipeline) struct Question {
    pub(super) id: Uuid,
    saying: Saying,
    draft: Draft,
}

/// What is kept of a question.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::pipeline) struct Draft {
    /// The language it was asked in.
    pub language: String,
    /// Whether the answers are yes and no.
    pub is_yes_or_no: bool,
    /// The answers.
    pub choices: Vec<Choice>,
}

impl Draft {
    /// Reads what was kept.
    pub fn read(value: serde_json::Value) -> Result<Self, Failure> {
        serde_json::from_value(value)
            .map_err(|_| Failure::Unreadable("the open question cannot be read by this version".to_owned()))
    }
}

/// Keeps the first question of a message: one open question per person. A second one is said without buttons.
pub(super) fn ask(inbound: &Inbound, plan: &Plan, saying: &Saying, choices: &[Choice], acted: &mut Acted) {
    acted.outcomes.push(Outcome::Asked(saying.clone()));
    if choices.is_empty() || acted.question.is_some() {
        return;
    }
    acted.question = Some(Question {
        id: question_id(&inbound.wamid),
        saying: saying.clone(),
        draft: Draft {
            language: plan.language.clone(),
            is_yes_or_no: matches!(saying, Saying::ReallyDo { .. } | Saying::ReallyUndo),
            choices: choices.to_vec(),
        },
    });
}

/// Made from the message, so that a replay asks the same question.
pub(super) fn question_id(wamid: &str) -> Uuid {
    let digest = Sha256::digest(format!("{wamid}/question"));
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// Returns the buttons of a question; more than three choices are answered by number.
pub(in crate::pipeline) fn buttons_of(language: Language, question: &Question) -> Vec<(String, String)> {
    let choices = &question.draft.choices;
    if choices.len() > BUTTONS_MAX {
        return Vec::new();
    }
    let words = reply::buttons_for(language, &question.saying);
    let mut buttons: Vec<(String, String)> = Vec::new();
    for (index, choice) in choices.iter().enumerate() {
        let title = words.get(index).map_or_else(|| reply::cut(&choice.title, TITLE_MAX), |word| (*word).to_owned());
        if title.is_empty() || buttons.iter().any(|(_, other)| *other == title) {
            // WhatsApp wants different titles; two that are cut to the same are answered by number.
            return Vec::new();
        }
        let tap = Tap::Answer { question: question.id, choice: index };
        buttons.push((tap.id(), title));
    }
    buttons
}

/// Opens the question, in place of the one before.
pub(in crate::pipeline) async fn open_question(
    pipeline: &Pipeline,
    sender: &Sender,
    question: Question,
) -> Result<(), Failure> {
    let shop_id = Uuid::parse_str(&sender.shop.shop_id)
        .map_err(|_| Failure::of("identify")(Status::internal("inventory-svc named a shop whose id is no UUID")))?;
    let question = NewQuestion {
        id: question.id,
        member_id: member_id(sender)?,
        shop_id,
        draft: serde_json::to_value(&question.draft).expect("plans serialise"),
        expires_at: pipeline.clock.now() + QUESTION_OPEN,
    };
    let question = &question;
    db::transact(&pipeline.pool, "ask_question", |mut tx| async move {
        store::ask_question(&mut tx, question).await?;
        Ok::<_, Failure>(tx.done(()))
    })
    .await
}
