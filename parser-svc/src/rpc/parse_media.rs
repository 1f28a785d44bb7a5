//! `ParseMedia`: what was spoken, photographed or printed, by the model, and the same checks as for what was typed.

use std::time::Duration;

use futures::{Stream, StreamExt as _};
use platform::error::{Refusal, Situation};
use proto::parser::v1 as pb;
use proto::parser::v1::parse_media_request::Part;
use proto::parser::v1::{ModelOutcome, ParseSource};
use tonic::Status;

use super::{Asking, Parser, from_proto, log_ungrounded, outcome_of, to_proto};
use crate::domain::{self, Action, AddReason, Agreed, Intent, Message, Paper, Reading, SetReason};
use crate::error::DOMAIN;
use crate::media::{MAX_CHUNK_BYTES, Media, NoRoom, Place, Receiving, Room, sheet};
use crate::model::{Payer, Proposal, Usage};
use crate::{grammar, metrics};

/// When to come back when there is no room: others finish in seconds.
const COME_BACK: Duration = Duration::from_secs(2);
/// Longest transcript that the grammar reads as one message; a longer one is the model's alone.
const SPOKEN_MAX: usize = 4096;

/// What was heard or seen.
pub struct Heard {
    pub reading: Reading,
    pub transcript: String,
    pub paper: Paper,
    pub source: ParseSource,
    pub outcome: ModelOutcome,
    pub usage: Option<Usage>,
    pub retry_delay: Option<Duration>,
}

pub async fn parse_media(
    parser: &Parser,
    parts: impl Stream<Item = Result<pb::ParseMediaRequest, Status>> + Unpin,
) -> Result<pb::ParseMediaResponse, Status> {
    // The place is held until the answer is there: a call that is tried again sends the same bytes.
    let Received { message, payer, media, place: _place } = receive(&parser.room, parts).await?;
    let heard = read(parser.asking(payer), &message, &media).await;
    Ok(pb::ParseMediaResponse {
        actions: heard.reading.actions.into_iter().map(to_proto::action).collect(),
        language_code: heard.reading.language,
        source: heard.source.into(),
        model_outcome: heard.outcome.into(),
        transcript: heard.transcript,
        document: to_proto::document(heard.paper),
        model_usage: heard.usage.map(to_proto::usage),
        retry_delay: heard.retry_delay.and_then(|delay| prost_types::Duration::try_from(delay).ok()),
    })
}

/// What came, with its place in memory.
struct Received {
    message: Message,
    payer: Payer,
    media: Media,
    place: Place,
}

/// Takes the description, then the bytes, as they come.
async fn receive(
    room: &Room,
    mut parts: impl Stream<Item = Result<pb::ParseMediaRequest, Status>> + Unpin,
) -> Result<Received, Status> {
    let first = parts.next().await.transpose()?.and_then(|request| request.part);
    let Some(Part::Message(description)) = first else {
        return Err(from_proto::wrong_part("message", "is required, and comes first"));
    };
    let mut receiving = Receiving::new(&description.mime_type, &description.file_name);
    let payer = Payer { shop_id: description.shop_id.clone(), time_zone: description.time_zone.clone() };
    let message = from_proto::media_message(*description)?;
    let mut place = room.place();
    let mut length = 0;
    while let Some(part) = parts.next().await.transpose()? {
        let Some(Part::Chunk(chunk)) = part.part else {
            return Err(from_proto::wrong_part("message", "comes once, before the bytes"));
        };
        if chunk.len() > MAX_CHUNK_BYTES {
            return Err(from_proto::wrong_part("chunk", "may hold at most 1 MiB"));
        }
        length += chunk.len();
        place.hold(length).await.map_err(|NoRoom| no_room())?;
        receiving.push(&chunk).map_err(from_proto::refused_stream)?;
    }
    let media = receiving.finish().map_err(from_proto::refused_stream)?;
    Ok(Received { message, payer, media, place })
}

fn no_room() -> Status {
    Refusal::new(
        Situation::Unavailable,
        DOMAIN,
        pb::ErrorReason::Overloaded.as_str_name(),
        "more voice notes and photos are in work than may be",
    )
    .retry_after(COME_BACK)
    .into_status()
}

/// Reads it. Never fails because the model did.
pub async fn read(asking: Asking<'_>, message: &Message, media: &Media) -> Heard {
    let heard = read_kind(asking, message, media).await;
    let kind = if media.kind.is_voice() { "voice" } else { "paper" };
    metrics::read(kind, heard.source, heard.outcome);
    heard
}

async fn read_kind(asking: Asking<'_>, message: &Message, media: &Media) -> Heard {
    if !media.kind.is_table() {
        return ask(asking, message, media).await;
    }
    let copy = media.clone();
    // Beside the calls that wait; and a reader that panics over a broken workbook has not read it.
    let unpacked = tokio::task::spawn_blocking(move || sheet::unpack(&copy)).await;
    let Some(table) = unpacked.ok().flatten() else { return Heard::nothing(ModelOutcome::NotNeeded) };
    let text = table.text();
    if let Some((reading, paper)) = table.read() {
        let mut heard = from_paper(message, Proposal { reading, transcript: text, paper });
        (heard.outcome, heard.source) = (ModelOutcome::NotNeeded, ParseSource::Grammar);
        return heard;
    }
    ask(asking, message, &Media::table(&text)).await
}

async fn ask(asking: Asking<'_>, message: &Message, media: &Media) -> Heard {
    let (counsel, payer) = match asking {
        Ok(asking) => asking,
        Err(outcome) => return Heard::nothing(outcome),
    };
    let advice = counsel.read_media(&payer, message, media).await;
    let heard = match advice.told {
        Ok(proposal) if media.kind.is_voice() => from_voice(message, proposal),
        Ok(proposal) => from_paper(message, proposal),
        Err(failure) => {
            let (outcome, retry_delay) = outcome_of(failure);
            Heard { retry_delay, ..Heard::nothing(outcome) }
        }
    };
    Heard { usage: advice.usage, ..heard }
}

/// A voice note: the model's reading and the grammar's reading of its transcript have to agree.
fn from_voice(message: &Message, proposal: Proposal) -> Heard {
    let transcript = proposal.transcript;
    let is_short = transcript.chars().count() <= SPOKEN_MAX;
    let spoken = Message { text: if is_short { transcript.clone() } else { String::new() }, ..message.clone() };
    let by_grammar = grammar::read(&spoken);
    let by_model = domain::check(proposal.reading);
    let grounded = domain::ground(&by_model, &grammar::said(&transcript));
    let (mut reading, source, outcome) = match grounded {
        Ok(()) => {
            let Agreed { mut reading, is_same } = domain::agree(by_model, by_grammar);
            if !is_same {
                // The model's own words: what turns a sentence around or speaks to the reader needs a yes.
                grammar::distrust(&mut reading, &transcript, false);
                grammar::doubt(&mut reading, &transcript);
            }
            (reading, ParseSource::Model, ModelOutcome::Used)
        }
        Err(error) => {
            log_ungrounded(&error);
            // A model that makes up actions may have made up the transcript as well.
            let mut reading = by_grammar;
            domain::confirm_all(&mut reading);
            (reading, ParseSource::Grammar, ModelOutcome::Ungrounded)
        }
    };
    domain::ask_about_large_numbers(&mut reading);
    Heard { reading, transcript, paper: Paper::default(), source, outcome, usage: None, retry_delay: None }
}

/// A photo, PDF or table: a draft to approve. It speaks of goods that came in, unless the caption or every line of it says
/// otherwise.
fn from_paper(message: &Message, proposal: Proposal) -> Heard {
    let Proposal { reading, transcript, mut paper } = proposal;
    let source = format!("{transcript}\n{}", message.text);
    let mut reading = domain::check(reading);
    let turn = direction_of(message);
    let stands = turn.is_none() && is_all_out_or_all_counted(&reading);
    for action in &mut reading.actions {
        if !(stands && has_direction(&action.intent)) {
            turned(action, turn.as_ref());
        }
    }
    let grounded = domain::ground_paper(&mut reading, &mut paper, &grammar::said(&source));
    if let Err(error) = grounded {
        log_ungrounded(&error);
        return Heard { transcript, ..Heard::nothing(ModelOutcome::Ungrounded) };
    }
    grammar::distrust(&mut reading, &source, true);
    let (source, outcome) = (ParseSource::Model, ModelOutcome::Used);
    Heard { reading, transcript, paper, source, outcome, usage: None, retry_delay: None }
}

/// What the caption says to do with the goods: "sold these". `None` when it names no direction.
fn direction_of(message: &Message) -> Option<Intent> {
    if message.text.trim().is_empty() {
        return None;
    }
    let caption = grammar::read(message).actions.into_iter().next()?;
    let is_trusted = caption.flags.is_empty() && has_direction(&caption.intent);
    is_trusted.then_some(caption.intent)
}

/// Whether every line takes goods out, or every line counts them: what a stock-take sets must not be added to what there is.
fn is_all_out_or_all_counted(reading: &Reading) -> bool {
    let directed = || reading.actions.iter().map(|action| &action.intent).filter(|intent| has_direction(intent));
    directed().all(|intent| matches!(intent, Intent::Remove { .. }))
        || directed().all(|intent| matches!(intent, Intent::SetStock { .. }))
}

fn has_direction(intent: &Intent) -> bool {
    matches!(intent, Intent::Add { .. } | Intent::Remove { .. } | Intent::SetStock { .. })
}

fn turned(action: &mut Action, turn: Option<&Intent>) {
    let line = match &mut action.intent {
        Intent::Add { line, .. } | Intent::Remove { line, .. } | Intent::SetStock { line, .. } => std::mem::take(line),
        // Whatever is printed on a paper, it takes nothing back and corrects nothing.
        Intent::Unknown { .. } => return,
        _ => {
            *action = Action::default();
            return;
        }
    };
    action.intent = match turn {
        Some(Intent::Remove { reason, .. }) => Intent::Remove { line, reason: *reason, all: false },
        Some(Intent::SetStock { .. }) => Intent::SetStock { line, reason: SetReason::Count },
        Some(Intent::Add { reason, .. }) => Intent::Add { line, reason: *reason },
        _ => Intent::Add { line, reason: AddReason::Receipt },
    };
}

impl Heard {
    fn nothing(outcome: ModelOutcome) -> Self {
        Self {
            reading: Reading { actions: vec![Action::default()], ..Reading::default() },
            transcript: String::new(),
            paper: Paper::default(),
            source: ParseSource::Grammar,
            outcome,
            usage: None,
            retry_delay: None,
        }
    }
}
