//! Questions: what is kept of them, their buttons, and opening them.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use platform::db;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tonic::Status;
use uuid::Uuid;

use super::Acted;
use crate::conversation::{Asked, Choice, CountSaying, PaperDraft, Plan, Saying, Step, Tap};
use crate::pipeline::Pipeline;
use crate::pipeline::failure::Failure;
use crate::pipeline::inbound::Inbound;
use crate::pipeline::message::{Sender, member_id};
use crate::reply::{self, Language, Outcome};
use crate::store::{self, NewQuestion};

/// How long a question stays open.
pub(in crate::pipeline) const QUESTION_OPEN: SignedDuration = SignedDuration::from_hours(12);

/// WhatsApp shows at most this many buttons.
const BUTTONS_MAX: usize = 3;

/// UTF-16 units of a button's title.
const BUTTON_TITLE_MAX: usize = 20;

/// WhatsApp shows at most this many rows in one list.
const ROWS_MAX: usize = 10;

/// UTF-16 units of a row's title.
const ROW_TITLE_MAX: usize = 24;

/// UTF-16 units of a row's description.
const ROW_DESCRIPTION_MAX: usize = 72;

/// A question with its answers.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::pipeline) struct Question {
    pub(super) id: Uuid,
    saying: Saying,
    draft: Draft,
}

impl Question {
    /// Returns whether a paper is to be approved.
    pub fn is_paper(&self) -> bool {
        self.draft.paper().is_some()
    }
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
    /// What words and numbers may answer.
    #[serde(default)]
    pub asked: Option<Asked>,
    /// What was asked; absent in questions of the version before.
    #[serde(default)]
    pub saying: Option<Saying>,
    /// What is asked after it, whatever the answer is.
    #[serde(default)]
    pub then: Vec<Step>,
}

impl Draft {
    /// Reads what was kept.
    pub fn read(value: serde_json::Value) -> Result<Self, Failure> {
        serde_json::from_value(value)
            .map_err(|_| Failure::Unreadable("the open question cannot be read by this version".to_owned()))
    }

    /// Returns what asks the same once more.
    pub fn ask_again(&self) -> Vec<Step> {
        let Some(saying) = self.saying.clone() else { return vec![Step::Say(Saying::NotUnderstood)] };
        let ask = Step::Ask { saying, choices: self.choices.clone(), asked: self.asked.clone() };
        std::iter::once(ask).chain(self.then.iter().cloned()).collect()
    }

    /// Names the item that the ledger found by its id, in lines that were settled by words.
    pub fn name_items(&self, steps: &mut [Step]) {
        let Some(item) = self.asked.as_ref().and_then(|asked| asked.item.as_ref()) else { return };
        for step in steps {
            if let Step::Post { lines, .. } = step {
                for line in lines.iter_mut().filter(|line| line.item.id.is_none()) {
                    line.item.id.clone_from(&item.id);
                }
            }
        }
    }

    /// Returns whether it asks to save a stock-take as it was shown.
    pub fn is_count(&self) -> bool {
        self.saying == Some(Saying::Count(CountSaying::ReallySave))
    }

    /// Returns the paper that waits for approval, if that is the question.
    pub fn paper(&self) -> Option<&PaperDraft> {
        match self.choices.first()?.steps.as_slice() {
            [Step::SavePaper { draft }] => Some(draft),
            _ => None,
        }
    }
}

/// Keeps the first question of a message: one open question per person. The next ones are said, too, and asked once more
/// when the one before is answered.
pub(super) fn ask(
    inbound: &Inbound,
    plan: &Plan,
    saying: &Saying,
    choices: &[Choice],
    asked: Option<&Asked>,
    acted: &mut Acted,
) {
    acted.outcomes.push(Outcome::Asked(saying.clone()));
    ask_with(inbound, plan, saying, choices, asked, acted);
}

/// Asks without words of its own: they were said already.
pub(super) fn ask_with(
    inbound: &Inbound,
    plan: &Plan,
    saying: &Saying,
    choices: &[Choice],
    asked: Option<&Asked>,
    acted: &mut Acted,
) {
    if choices.is_empty() && asked.is_none() {
        return;
    }
    if let Some(first) = &mut acted.question {
        let later = Step::Ask { saying: saying.clone(), choices: choices.to_vec(), asked: asked.cloned() };
        first.draft.then.push(later);
        return;
    }
    acted.question = Some(Question {
        id: question_id(&inbound.wamid),
        saying: saying.clone(),
        draft: Draft {
            language: plan.language.clone(),
            is_yes_or_no: saying.is_yes_or_no(),
            choices: choices.to_vec(),
            asked: asked.cloned(),
            saying: Some(saying.clone()),
            then: Vec::new(),
        },
    });
}

/// Made from the message, so that a replay asks the same question.
pub(in crate::pipeline) fn question_id(wamid: &str) -> Uuid {
    let digest = Sha256::digest(format!("{wamid}/question"));
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// How a question can be answered by a tap.
#[derive(Default)]
pub(in crate::pipeline) struct Ways {
    /// Id and title of each button.
    pub buttons: Vec<(String, String)>,
    /// Rows of a list, when buttons would be too many or too alike.
    pub rows: Vec<Row>,
}

/// A row of a list.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::pipeline) struct Row {
    /// Comes back when it is chosen.
    pub id: String,
    /// What it says.
    pub title: String,
    /// The whole of it, when the title is cut.
    pub description: String,
}

/// Returns up to three buttons, up to ten rows of a list, or nothing: then the number is the answer, as it always may be.
pub(in crate::pipeline) fn ways_to_answer(language: Language, question: &Question) -> Ways {
    let words = reply::buttons_for(language, &question.saying);
    let names: Vec<&str> = question
        .draft
        .choices
        .iter()
        .enumerate()
        .map(|(index, choice)| words.get(index).unwrap_or(&choice.title).trim())
        .collect();
    let tap = |choice| Tap::Answer { question: question.id, choice }.id();
    if names.iter().any(|name| name.is_empty()) || names.len() > ROWS_MAX {
        return Ways::default();
    }
    let titles: Vec<String> = names.iter().map(|name| reply::cut(name, BUTTON_TITLE_MAX)).collect();
    let distinct: BTreeSet<&String> = titles.iter().collect();
    // WhatsApp wants buttons that differ; names that are alike for so long stand in full in a list.
    if titles.len() <= BUTTONS_MAX && distinct.len() == titles.len() {
        let buttons = titles.into_iter().enumerate().map(|(index, title)| (tap(index), title)).collect();
        return Ways { buttons, rows: Vec::new() };
    }
    let rows = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let title = reply::cut(name, ROW_TITLE_MAX);
            let description = if title == *name { String::new() } else { reply::cut(name, ROW_DESCRIPTION_MAX) };
            Row { id: tap(index), title, description }
        })
        .collect();
    Ways { buttons: Vec::new(), rows }
}

/// Opens the question, in place of the one before.
pub(in crate::pipeline) async fn open_question(
    pipeline: &Pipeline,
    sender: &Sender,
    question: Question,
) -> Result<(), Failure> {
    let shop_id = Uuid::parse_str(&sender.shop.shop_id)
        .map_err(|_| Failure::of("identify")(Status::internal("inventory-svc named a shop whose id is no UUID")))?;
    let member_id = member_id(sender)?;
    // Before it is open, so that nobody believes in between that there is none.
    pipeline.asked.note(member_id, true);
    let question = NewQuestion {
        id: question.id,
        member_id,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn question(titles: &[&str]) -> Question {
        let choices = titles.iter().map(|title| Choice { title: (*title).to_owned(), steps: Vec::new() }).collect();
        let saying = Saying::WhichOf { said: "x".to_owned(), names: Vec::new() };
        let draft = Draft {
            language: "en".to_owned(),
            is_yes_or_no: false,
            choices,
            asked: None,
            saying: None,
            then: Vec::new(),
        };
        Question { id: Uuid::nil(), saying, draft }
    }

    fn ways(titles: &[&str]) -> Ways {
        ways_to_answer(Language::English, &question(titles))
    }

    #[test]
    fn three_choices_are_buttons_four_to_ten_a_list_and_eleven_a_number() {
        let names: Vec<String> = (0..11).map(|number| format!("item {number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();

        assert_eq!(ways(&names[..3]).buttons.len(), 3);
        assert_eq!(ways(&names[..4]).rows.len(), 4);
        assert_eq!(ways(&names[..10]).rows.len(), 10);
        let eleven = ways(&names);
        assert!(eleven.rows.is_empty() && eleven.buttons.is_empty());
        assert_eq!(Tap::read(&ways(&names[..10]).rows[9].id), Some(Tap::Answer { question: Uuid::nil(), choice: 9 }));
    }

    #[test]
    fn a_row_says_the_whole_name_when_its_title_is_cut() {
        let (fits, long) = ("a".repeat(24), "b".repeat(25));

        let rows = ways(&[&fits, &long, "c", "d"]).rows;

        assert_eq!((rows[0].title.as_str(), rows[0].description.as_str()), (fits.as_str(), ""));
        assert_eq!(rows[1].title, format!("{}…", "b".repeat(23)));
        assert_eq!(rows[1].description, long);
        let longest = ways(&[&"e".repeat(72), &"f".repeat(73), "c", "d"]).rows;
        assert_eq!(longest[0].description, "e".repeat(72));
        assert_eq!(longest[1].description, format!("{}…", "f".repeat(71)));
    }

    #[test]
    fn names_that_are_alike_for_twenty_letters_stand_in_a_list() {
        let (one, two) = ("Tastic long grain rice 2kg", "Tastic long grain rice 5kg");
        let list = ways(&[one, two]);
        assert!(list.buttons.is_empty());
        assert_eq!(list.rows[1].description, two);
        assert_eq!(ways(&["Tastic rice 2kg", "Tastic rice 5kg"]).buttons[1].1, "Tastic rice 5kg");
    }

    #[test]
    fn a_button_is_cut_between_letters() {
        let title = |name: &str| ways(&[name]).buttons[0].1.clone();
        assert_eq!(title(&"a".repeat(20)), "a".repeat(20));
        assert_eq!(title(&"a".repeat(21)), format!("{}…", "a".repeat(19)));
        assert_eq!(title(&format!("{}👍🏽👍🏽", "a".repeat(14))), format!("{}👍🏽…", "a".repeat(14)));
    }
}
