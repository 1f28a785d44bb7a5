//! How much of what shopkeepers write is understood: a file of messages through the parser's gRPC, scored line by line.

mod board;
mod hostile;
mod parser;
// The golden tests of the parser read with the same eyes.
#[path = "../../../parser-svc/tests/parser/utterance/mod.rs"]
mod utterance;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use proto::parser::v1::{ModelOutcome, ParseSource};

use board::{Board, Line};
use parser::Parser;
use utterance::{Utterance, judge, load, request};

/// How often each message is read for the time it takes.
const TURNS: u32 = 20;

/// Reads every message, compares and prints.
pub(crate) async fn measure(file: Option<PathBuf>, with_gemini: bool, as_json: bool) -> anyhow::Result<()> {
    let utterances = read_files(file)?;
    let parser = Parser::start(with_gemini).await?;
    let mut board = Board::default();
    for utterance in &utterances {
        board.add(score(&parser, utterance).await?);
    }
    parser.stop().await?;
    board.add_hostile(hostile::measure()?);
    board.print(as_json)
}

async fn score(parser: &Parser, utterance: &Utterance) -> anyhow::Result<Line> {
    let start = Instant::now();
    let answer = parser.read(request(utterance)).await.with_context(|| format!("read {}", utterance.id))?;
    let round_trip = start.elapsed();
    let asked = request(utterance);
    let start = Instant::now();
    for _ in 0..TURNS {
        parser_svc::read_alone(std::hint::black_box(asked.clone())).context("read it alone")?;
    }
    let by_grammar = start.elapsed() / TURNS;
    let verdict = judge(utterance, &answer);
    let is_open = answer.model_outcome() != ModelOutcome::NotNeeded;
    let is_without_model = !is_open && answer.source() != ParseSource::Model;
    Ok(Line { utterance: utterance.clone(), verdict, round_trip, by_grammar, is_without_model })
}

/// The file that was named; else the shared one beside the repository; else the golden files.
fn read_files(file: Option<PathBuf>) -> anyhow::Result<Vec<Utterance>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let shared = root.join("../shared/data/utterances.jsonl");
    let golden = root.join("parser-svc/golden");
    let files = match file {
        Some(file) => vec![file],
        None if shared.exists() => vec![shared],
        None => vec![golden.join("shopkeepers.jsonl"), golden.join("shopkeepers_later.jsonl")],
    };
    let mut utterances = Vec::new();
    for file in files {
        utterances.extend(load(&file).map_err(anyhow::Error::msg)?);
    }
    anyhow::ensure!(!utterances.is_empty(), "the file holds no message");
    Ok(utterances)
}
