//! `ParseMessage`: the grammar first, the model for what it leaves open, and the same checks for both.

use std::time::Duration;

use proto::parser::v1 as pb;
use proto::parser::v1::{ModelOutcome, ParseSource};
use tonic::Status;

use super::parse_media::{self, Heard};
use super::{Asking, Parser, from_proto, log_ungrounded, outcome_of, to_proto};
use crate::domain::{self, Channel, Event, Message, Reading};
use crate::model::{Payer, Usage};
use crate::rpc::from_proto::Parsed;
use crate::{grammar, metrics};

/// What came of a text.
struct Read {
    reading: Reading,
    source: ParseSource,
    outcome: ModelOutcome,
    usage: Option<Usage>,
    retry_delay: Option<Duration>,
}

impl Read {
    /// The grammar's reading has to do.
    fn by_grammar(reading: Reading, outcome: ModelOutcome) -> Self {
        Self { reading, source: ParseSource::Grammar, outcome, usage: None, retry_delay: None }
    }
}

pub async fn parse_message(
    parser: &Parser,
    request: pb::ParseMessageRequest,
) -> Result<pb::ParseMessageResponse, Status> {
    let grammar_only = request.grammar_only;
    let payer = Payer { shop_id: request.shop_id.clone(), time_zone: request.time_zone.clone() };
    let Parsed { message, media } = from_proto::parse(request)?;
    let asking = if grammar_only { Err(ModelOutcome::NotAsked) } else { parser.asking(payer) };
    if let Some(media) = media {
        return Ok(heard(parse_media::read(asking, &message, &media).await));
    }
    let read = read(asking, &message).await;
    metrics::read("text", read.source, read.outcome);
    tracing::debug!(
        parser.actions = read.reading.actions.len(),
        parser.uncovered = read.reading.uncovered.len(),
        parser.model_outcome = read.outcome.as_str_name(),
        "read a message"
    );
    Ok(answer(read))
}

/// Reads a text. What the grammar left open, and nothing else, decides whether the model is asked.
async fn read(asking: Asking<'_>, message: &Message) -> Read {
    let by_grammar = grammar::read(message);
    if by_grammar.is_whole() {
        return Read::by_grammar(by_grammar, ModelOutcome::NotNeeded);
    }
    let (counsel, payer) = match asking {
        Ok(asking) => asking,
        Err(outcome) => return Read::by_grammar(by_grammar, outcome),
    };
    let text = spoken_of(message);
    let said = grammar::said(&text);
    // "I do not know" is not worth keeping: another time it may know.
    let is_sound = |reading: &Reading| {
        domain::is_telling(reading) && domain::ground(&domain::check(reading.clone()), &said).is_ok()
    };
    let advice = counsel.read(&payer, message, |proposal| is_sound(&proposal.reading)).await;
    let proposal = match advice.told {
        Ok(proposal) => proposal,
        Err(failure) => {
            let (outcome, retry_delay) = outcome_of(failure);
            return Read { usage: advice.usage, retry_delay, ..Read::by_grammar(by_grammar, outcome) };
        }
    };
    let mut by_model = domain::check(proposal.reading);
    let grounded = domain::ground_lines(&mut by_model, &said);
    if let Event::Edited(before) = &message.event {
        // The message has done something already: what it says now replaces that, or is asked about.
        by_model.actions = grammar::edited(by_model.actions, before);
    }
    grammar::distrust(&mut by_model, &text, message.channel == Channel::Photo);
    grammar::doubt(&mut by_model, &text);
    domain::ask_about_large_numbers(&mut by_model);
    let uncovered = by_grammar.uncovered.clone();
    if let Err(error) = &grounded {
        log_ungrounded(error);
        // Whoever makes one thing up may have made up more.
        domain::confirm_all(&mut by_model);
    }
    let mut reading = domain::complete(by_model, by_grammar);
    let outcome = if grounded.is_ok() { ModelOutcome::Used } else { ModelOutcome::Ungrounded };
    if grounded.is_err() {
        reading.uncovered = uncovered;
    }
    let source = if advice.is_kept { ParseSource::Cache } else { ParseSource::Model };
    Read { reading, source, outcome, usage: advice.usage, retry_delay: None }
}

/// What the person said in all: the half sentence before and this one.
fn spoken_of(message: &Message) -> String {
    let before = &message.context.previous_text;
    if before.is_empty() { message.text.clone() } else { format!("{before}\n{}", message.text) }
}

/// The answer to media that came in one piece.
fn heard(heard: Heard) -> pb::ParseMessageResponse {
    pb::ParseMessageResponse {
        actions: heard.reading.actions.into_iter().map(to_proto::action).collect(),
        language_code: heard.reading.language,
        source: heard.source.into(),
        model_outcome: heard.outcome.into(),
        transcript: heard.transcript,
        document: to_proto::document(heard.paper),
        uncovered: Vec::new(),
        model_usage: heard.usage.map(to_proto::usage),
        retry_delay: heard.retry_delay.and_then(|delay| prost_types::Duration::try_from(delay).ok()),
    }
}

fn answer(read: Read) -> pb::ParseMessageResponse {
    pb::ParseMessageResponse {
        actions: read.reading.actions.into_iter().map(to_proto::action).collect(),
        language_code: read.reading.language,
        source: read.source.into(),
        model_outcome: read.outcome.into(),
        transcript: String::new(),
        document: None,
        uncovered: read.reading.uncovered.into_iter().map(to_proto::span).collect(),
        model_usage: read.usage.map(to_proto::usage),
        retry_delay: read.retry_delay.and_then(|delay| prost_types::Duration::try_from(delay).ok()),
    }
}
