//! Texts of the greatest length, made to be slow: how long the reader takes for them at worst.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use proto::parser::v1::ParseMessageRequest;
use proto::parser::v1::parse_message_request::Content;

/// Longest text that the parser takes, in characters.
const LENGTH: usize = 4096;
/// How often each is read.
const TURNS: usize = 25;
/// What is repeated until the text is full: each has stood for something that a reader may try too often.
const PIECES: [&str; 20] = [
    "a ",
    "5 ",
    "a1",
    "add 5 bread ",
    "bread 5, ",
    "5 red and 3 blue pens and ",
    "no wait 5 ",
    "sold half of the other half ",
    "voeg by ",
    "ngithengise izinkwa ezi-5 ",
    "twenty one hundred ",
    "\n",
    "- 5 x\n",
    "((((",
    "+5",
    "ne-",
    "1,",
    "if i sell ",
    "e\u{301}\u{301}\u{301}",
    "\u{fdfa}",
];

/// One text and the times it took, the shortest first.
pub(crate) struct Timed {
    /// What was repeated, as a programmer would write it.
    pub(crate) piece: String,
    times: Vec<Duration>,
}

impl Timed {
    /// The time in the middle.
    pub(crate) fn median(&self) -> Duration {
        self.times[self.times.len() / 2]
    }

    /// The longest time.
    pub(crate) fn worst(&self) -> Duration {
        self.times[self.times.len() - 1]
    }
}

/// Reads each of them by the grammar alone, as often as it takes to see a pause of the machine for what it is.
pub(crate) fn measure() -> anyhow::Result<Vec<Timed>> {
    PIECES.iter().map(|piece| time(piece)).collect()
}

fn time(piece: &str) -> anyhow::Result<Timed> {
    let text: String = piece.chars().cycle().take(LENGTH).collect();
    let request = ParseMessageRequest {
        shop_id: "hostile".to_owned(),
        content: Some(Content::Text(text)),
        ..ParseMessageRequest::default()
    };
    let mut times = Vec::with_capacity(TURNS);
    for _ in 0..TURNS {
        let request = request.clone();
        let start = Instant::now();
        let answer = parser_svc::read_alone(std::hint::black_box(request)).context("read a hostile text")?;
        times.push(start.elapsed());
        anyhow::ensure!(!answer.actions.is_empty(), "{piece:?} got no answer");
    }
    times.sort_unstable();
    Ok(Timed { piece: format!("{piece:?}"), times })
}
