//! Answers to questions: by a tap, a number, a word, or a quoted reply; and what an answer that comes too late is told.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::act::Draft;
use super::context::Context;
use super::failure::Failure;
use super::inbound::Inbound;
use super::message::{Sender, member_id};
use super::read::known_of;
use super::{Pipeline, act};
use crate::conversation::{self, FileSaying, Fix, Known, Plan, Saying, ShortAnswer, Step, Taken, Talk, Tap};
use crate::store::{self, Claimed};

/// Takes a tap on a button or row of ours.
pub(super) async fn take_tap(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    tap: Tap,
) -> Result<Plan, Failure> {
    match tap {
        Tap::Undo { operation_id } => {
            Ok(Plan { language: sender.member.language_code.clone(), steps: vec![Step::Undo { operation_id }] })
        }
        Tap::Answer { question, choice } => {
            claim(pipeline, inbound, sender, question, |draft| chosen(draft, choice)).await
        }
    }
}

/// Takes a bare "2", "yes" or "2: 12" as an answer, only while a question is open, or to the question that it quotes.
pub(super) async fn short_answer(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    text: &str,
    context: Option<&Context>,
) -> Result<Option<Plan>, Failure> {
    let fixes = Fix::read_all(text);
    let short = ShortAnswer::read(text);
    if fixes.is_none() && short.is_none() {
        return Ok(None);
    }
    let open = if let Some(context) = context {
        context.question.clone()
    } else {
        let member = member_id(sender)?;
        let open = store::open_question(&pipeline.pool, member, &inbound.wamid, pipeline.clock.now()).await?;
        open.map(|(id, draft)| Ok::<_, Failure>((id, Draft::read(draft)?))).transpose()?
    };
    let Some((question, draft)) = open else { return closed(pipeline, sender, context).await };
    if let Some(fixes) = fixes {
        return fix_paper(pipeline, inbound, sender, question, &draft, &fixes).await;
    }
    let Some(short) = short else { return Ok(None) };
    if let (ShortAnswer::Number(_), Some(_)) = (&short, draft.paper()) {
        // A number is a line of a paper that is shown, and no button under it.
        let steps = vec![Step::Say(Saying::File(FileSaying::HowToFix))];
        return Ok(Some(Plan { language: draft.language, steps }));
    }
    match meaning(&short, &draft) {
        Some(taken) => take_words(pipeline, inbound, sender, question, &draft, taken, text).await.map(Some),
        // No answer to this question: the parser knows what else it means.
        None => Ok(None),
    }
}

fn meaning(short: &ShortAnswer, draft: &Draft) -> Option<Taken> {
    let is_paper = draft.paper().is_some();
    Some(match short {
        ShortAnswer::Yes | ShortAnswer::Save if is_paper => Taken::Choice(0),
        ShortAnswer::Save if draft.is_count() => Taken::Choice(0),
        ShortAnswer::Fix if is_paper => Taken::Choice(1),
        ShortAnswer::Cancel if is_paper => Taken::Choice(2),
        ShortAnswer::Number(number) => return number_of(*number, draft),
        ShortAnswer::Place(place) => {
            return (!is_paper && *place <= draft.choices.len()).then(|| Taken::Choice(*place - 1));
        }
        ShortAnswer::Yes if draft.is_yes_or_no => Taken::Choice(0),
        ShortAnswer::No if draft.is_yes_or_no => Taken::Choice(1),
        ShortAnswer::No | ShortAnswer::Cancel => Taken::Dropped,
        ShortAnswer::Yes | ShortAnswer::Save | ShortAnswer::Fix => return None,
    })
}

fn number_of(number: Decimal, draft: &Draft) -> Option<Taken> {
    if let Some(asked) = &draft.asked {
        return asked.take_number(number, draft.choices.len());
    }
    let row = number.is_integer().then(|| usize::try_from(number).ok()).flatten()?;
    (1..=draft.choices.len()).contains(&row).then(|| Taken::Choice(row - 1))
}

/// Says what became of the question that a message quotes and that is not open any more.
async fn closed(pipeline: &Pipeline, sender: &Sender, context: Option<&Context>) -> Result<Option<Plan>, Failure> {
    let Some(quoted) = context.and_then(|context| context.quoted.as_ref()) else { return Ok(None) };
    if quoted.past.is_some() {
        return Ok(None);
    }
    let fate = store::question_fate(&pipeline.pool, quoted.question, member_id(sender)?).await?;
    Ok(fate.map(|fate| late(sender, &fate)))
}

/// Carries out what an answer came to.
pub(super) async fn take_words(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    question: Uuid,
    draft: &Draft,
    taken: Taken,
    text: &str,
) -> Result<Plan, Failure> {
    if taken == Taken::Again {
        return Ok(Plan { language: draft.language.clone(), steps: draft.ask_again() });
    }
    claim(pipeline, inbound, sender, question, |draft| match taken {
        Taken::Choice(choice) => chosen(draft, choice),
        Taken::Settled(actions) => {
            let known = Known { text: text.to_owned(), ..known_of(inbound, sender) };
            let mut steps = conversation::plan(&actions, &draft.language, &known).steps;
            draft.name_items(&mut steps);
            steps
        }
        Taken::Dropped | Taken::Again => vec![Step::Say(Saying::Dropped)],
    })
    .await
}

fn chosen(draft: &Draft, choice: usize) -> Vec<Step> {
    draft.choices.get(choice).map_or_else(|| vec![Step::Say(Saying::Dropped)], |choice| choice.steps.clone())
}

/// Gives the question to this message, once, and does what the answer says; what was to be asked after it is asked then.
async fn claim(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    question: Uuid,
    answer: impl FnOnce(&Draft) -> Vec<Step>,
) -> Result<Plan, Failure> {
    let member = member_id(sender)?;
    let now = pipeline.clock.now();
    Ok(match store::answer_question(&pipeline.pool, question, member, &inbound.wamid, now).await? {
        Claimed::Yours(draft) => {
            let draft = Draft::read(draft)?;
            let mut steps = answer(&draft);
            steps.extend(draft.then.iter().cloned());
            Plan { language: draft.language, steps }
        }
        late_answer => late(sender, &late_answer),
    })
}

fn late(sender: &Sender, fate: &Claimed) -> Plan {
    let saying = match fate {
        Claimed::Answered => Saying::AlreadyAnswered,
        Claimed::Replaced => Saying::Talk(Talk::QuestionReplaced),
        Claimed::Gone | Claimed::Yours(_) => Saying::QuestionGone,
    };
    Plan { language: sender.member.language_code.clone(), steps: vec![Step::Say(saying)] }
}

/// Changes the lines of a paper that waits for approval, and shows it again.
async fn fix_paper(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    question: Uuid,
    open: &act::Draft,
    fixes: &[Fix],
) -> Result<Option<Plan>, Failure> {
    let Some(draft) = open.paper() else { return Ok(None) };
    let plan = |step| Some(Plan { language: open.language.clone(), steps: vec![step] });
    let Some(changed) = draft.fixed(fixes) else {
        let saying = FileSaying::NoSuchLine { count: draft.lines.len() };
        return Ok(plan(Step::Say(Saying::File(saying))));
    };
    // What is shown now takes the place of what was shown before: an old Save all is of no use any more.
    let (member, now) = (member_id(sender)?, pipeline.clock.now());
    Ok(match store::answer_question(&pipeline.pool, question, member, &inbound.wamid, now).await? {
        Claimed::Yours(_) if changed.lines.is_empty() => plan(Step::Say(Saying::File(FileSaying::NothingLeft))),
        Claimed::Yours(_) => plan(Step::ShowPaper { draft: changed }),
        late_answer => Some(late(sender, &late_answer)),
    })
}
