//! `ParseMessage`: the grammar first, the model for what it leaves open, and the same checks for both.

use proto::parser::v1 as pb;
use proto::parser::v1::{ModelOutcome, ParseSource};
use tonic::Status;

use super::parse_media::{self, Heard};
use super::{Parser, from_proto, to_proto};
use crate::domain::{self, Reading};
use crate::grammar;
use crate::model::{Proposal, Question, Usage};
use crate::rpc::from_proto::Parsed;

/// What the model came to.
struct Asked {
    outcome: ModelOutcome,
    proposal: Option<Proposal>,
    usage: Option<Usage>,
    retry_delay: Option<std::time::Duration>,
}

impl Asked {
    /// The grammar's reading has to do.
    fn not(outcome: ModelOutcome) -> Self {
        Self { outcome, proposal: None, usage: None, retry_delay: None }
    }
}

pub async fn parse_message(
    parser: &Parser,
    request: pb::ParseMessageRequest,
) -> Result<pb::ParseMessageResponse, Status> {
    let grammar_only = request.grammar_only;
    let Parsed { message, media } = from_proto::parse(request)?;
    if let Some(media) = media {
        let model = if grammar_only { Err(ModelOutcome::NotAsked) } else { parser.model() };
        return Ok(heard(parse_media::read(model, &message, &media).await));
    }
    let by_grammar = grammar::read(&message);
    let asked = if by_grammar.is_whole() {
        Asked::not(ModelOutcome::NotNeeded)
    } else if grammar_only {
        Asked::not(ModelOutcome::NotAsked)
    } else {
        ask(parser, &message).await
    };
    tracing::debug!(
        parser.actions = by_grammar.actions.len(),
        parser.uncovered = by_grammar.uncovered.len(),
        parser.model_outcome = asked.outcome.as_str_name(),
        "read a message"
    );
    Ok(answer(by_grammar, asked))
}

async fn ask(parser: &Parser, message: &domain::Message) -> Asked {
    let model = match parser.model() {
        Ok(model) => model,
        Err(outcome) => return Asked::not(outcome),
    };
    match model.read(Question { message, media: None }).await {
        Ok(mut proposal) => {
            let usage = Some(proposal.usage.clone());
            proposal.reading = domain::check(proposal.reading);
            match domain::ground(&proposal.reading, &grammar::said(&message.text)) {
                Ok(()) => {
                    grammar::distrust(&mut proposal.reading, &message.text, false);
                    Asked { outcome: ModelOutcome::Used, proposal: Some(proposal), usage, retry_delay: None }
                }
                Err(error) => {
                    tracing::info!(parser.ungrounded = %error, "refused an answer of the model: {error}");
                    Asked { usage, ..Asked::not(ModelOutcome::Ungrounded) }
                }
            }
        }
        Err(failure) => {
            let (outcome, retry_delay) = parse_media::outcome_of(failure);
            Asked { retry_delay, ..Asked::not(outcome) }
        }
    }
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

fn answer(by_grammar: Reading, asked: Asked) -> pb::ParseMessageResponse {
    let (source, reading) = match asked.proposal {
        Some(proposal) => (ParseSource::Model, proposal.reading),
        None => (ParseSource::Grammar, by_grammar),
    };
    pb::ParseMessageResponse {
        actions: reading.actions.into_iter().map(to_proto::action).collect(),
        language_code: reading.language,
        source: source.into(),
        model_outcome: asked.outcome.into(),
        transcript: String::new(),
        document: None,
        uncovered: reading.uncovered.into_iter().map(to_proto::span).collect(),
        model_usage: asked.usage.map(to_proto::usage),
        retry_delay: asked.retry_delay.and_then(|delay| prost_types::Duration::try_from(delay).ok()),
    }
}
