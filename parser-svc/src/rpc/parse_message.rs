//! `ParseMessage`: the grammar first, the model for what it leaves open, and the same checks for both.

use proto::parser::v1 as pb;
use proto::parser::v1::{ModelOutcome, ParseSource};
use tonic::Status;

use super::{Parser, from_proto, to_proto};
use crate::domain::{self, Action, Reading};
use crate::grammar;
use crate::model::{Failure, Media, Proposal, Question, Usage};
use crate::rpc::from_proto::Parsed;

/// What the model came to.
struct Asked {
    outcome: ModelOutcome,
    proposal: Option<Proposal>,
    usage: Option<Usage>,
    retry_delay: Option<std::time::Duration>,
}

pub async fn parse_message(
    parser: &Parser,
    request: pb::ParseMessageRequest,
) -> Result<pb::ParseMessageResponse, Status> {
    let Parsed { message, media } = from_proto::parse(request)?;
    let by_grammar = if media.is_some() { unread() } else { grammar::read(&message) };
    let is_enough = media.is_none() && by_grammar.is_whole();
    let asked = if is_enough {
        Asked { outcome: ModelOutcome::NotNeeded, proposal: None, usage: None, retry_delay: None }
    } else {
        ask(parser, &message, media.as_ref()).await
    };
    tracing::debug!(
        parser.actions = by_grammar.actions.len(),
        parser.uncovered = by_grammar.uncovered.len(),
        parser.model_outcome = asked.outcome.as_str_name(),
        "read a message"
    );
    Ok(answer(by_grammar, asked))
}

/// A voice note or a photo says nothing to a grammar.
fn unread() -> Reading {
    Reading { actions: vec![Action::default()], ..Reading::default() }
}

async fn ask(parser: &Parser, message: &domain::Message, media: Option<&Media>) -> Asked {
    let failed = |outcome| Asked { outcome, proposal: None, usage: None, retry_delay: None };
    let Some(model) = &parser.model else { return failed(ModelOutcome::NotConfigured) };
    match model.read(Question { message, media }).await {
        Ok(mut proposal) => {
            let usage = Some(proposal.usage.clone());
            // What was heard or seen is all that a voice note or a photo says; its words must bear the actions out.
            let source = if media.is_some() {
                format!("{}\n{}", proposal.transcript, message.text)
            } else {
                message.text.clone()
            };
            let said = grammar::said(&source);
            proposal.reading = domain::check(proposal.reading);
            match domain::ground(&proposal.reading, &said) {
                Ok(()) => {
                    let is_paper = media.is_some_and(|media| !media.mime_type.starts_with("audio/"));
                    grammar::distrust(&mut proposal.reading, &source, is_paper);
                    Asked { outcome: ModelOutcome::Used, proposal: Some(proposal), usage, retry_delay: None }
                }
                Err(error) => {
                    tracing::info!(parser.ungrounded = %error, "refused an answer of the model: {error}");
                    Asked { usage, ..failed(ModelOutcome::Ungrounded) }
                }
            }
        }
        Err(Failure::Unusable) => failed(ModelOutcome::Unusable),
        Err(Failure::Blocked) => failed(ModelOutcome::Blocked),
        Err(Failure::Unavailable) => failed(ModelOutcome::Unavailable),
        Err(Failure::Quota(delay)) => Asked { retry_delay: delay, ..failed(ModelOutcome::Quota) },
        Err(Failure::Misconfigured) => failed(ModelOutcome::Misconfigured),
    }
}

fn answer(by_grammar: Reading, asked: Asked) -> pb::ParseMessageResponse {
    let (source, reading, transcript) = match asked.proposal {
        Some(proposal) => (ParseSource::Model, proposal.reading, proposal.transcript),
        None => (ParseSource::Grammar, by_grammar, String::new()),
    };
    pb::ParseMessageResponse {
        actions: reading.actions.into_iter().map(to_proto::action).collect(),
        language_code: reading.language,
        source: source.into(),
        model_outcome: asked.outcome.into(),
        transcript,
        document: None,
        uncovered: reading.uncovered.into_iter().map(to_proto::span).collect(),
        model_usage: asked.usage.map(|usage| pb::ModelUsage {
            model_version: usage.model_version,
            input_token_count: usage.input_token_count,
            output_token_count: usage.output_token_count,
            latency: prost_types::Duration::try_from(usage.latency).ok(),
        }),
        retry_delay: asked.retry_delay.and_then(|delay| prost_types::Duration::try_from(delay).ok()),
    }
}
