//! What the measurement of understanding says, for people and for machines.
#![expect(clippy::print_stdout, reason = "the report is what this program is for")]

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::utterance::{Utterance, Verdict};

/// One message and how it went.
pub(crate) struct Line {
    /// What was asked.
    pub(crate) utterance: Utterance,
    /// How it was judged.
    pub(crate) verdict: Verdict,
    /// Over gRPC and back.
    pub(crate) round_trip: Duration,
    /// In the grammar alone.
    pub(crate) by_grammar: Duration,
    /// Whether no model had to be asked.
    pub(crate) is_without_model: bool,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Board {
    lines: Vec<Line>,
}

#[derive(Default)]
struct Tally {
    messages: usize,
    exact: usize,
    complete: usize,
    wrong_writes: usize,
    needless_questions: usize,
    missed_questions: usize,
}

impl Tally {
    fn add(&mut self, verdict: &Verdict) {
        self.messages += 1;
        self.exact += usize::from(verdict.is_exact);
        self.complete += usize::from(verdict.is_complete);
        self.wrong_writes += usize::from(verdict.has_wrong_write);
        self.needless_questions += usize::from(verdict.has_needless_question);
        self.missed_questions += usize::from(verdict.has_missed_question);
    }

    fn json(&self) -> Value {
        json!({
            "messages": self.messages,
            "exact": self.exact,
            "exact_percent": percent(self.exact, self.messages),
            "complete": self.complete,
            "wrong_writes": self.wrong_writes,
            "needless_questions": self.needless_questions,
            "missed_questions": self.missed_questions,
        })
    }

    fn row(&self, name: &str) -> String {
        let exact = percent(self.exact, self.messages);
        format!(
            "| {name} | {} | {} ({exact} %) | {} | {} | {} | {} |",
            self.messages, self.exact, self.complete, self.wrong_writes, self.needless_questions, self.missed_questions
        )
    }
}

impl Board {
    /// Adds a message.
    pub(crate) fn add(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// Prints the score.
    pub(crate) fn print(&self, as_json: bool) -> anyhow::Result<()> {
        if as_json {
            println!("{}", serde_json::to_string_pretty(&self.json())?);
        } else {
            self.print_table();
        }
        Ok(())
    }

    fn tally(&self, group: impl Fn(&Line) -> Vec<String>) -> BTreeMap<String, Tally> {
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        for line in &self.lines {
            for name in group(line) {
                tallies.entry(name).or_default().add(&line.verdict);
            }
        }
        tallies
    }

    fn groups(&self) -> [(&'static str, BTreeMap<String, Tally>); 3] {
        [
            ("all", self.tally(|_| vec!["all".to_owned()])),
            ("language", self.tally(|line| vec![line.utterance.lang.clone()])),
            ("intent", self.tally(intents)),
        ]
    }

    fn without_model(&self) -> usize {
        self.lines.iter().filter(|line| line.is_without_model).count()
    }

    fn micros(&self, time: impl Fn(&Line) -> Duration) -> (u128, u128) {
        let mut times: Vec<u128> = self.lines.iter().map(|line| time(line).as_micros()).collect();
        times.sort_unstable();
        let at = |index: usize| times.get(index.min(times.len().saturating_sub(1))).copied().unwrap_or_default();
        (at(times.len() / 2), at(times.len() * 99 / 100))
    }

    fn print_table(&self) {
        for (name, tallies) in self.groups() {
            println!(
                "\n| {name} | messages | exact | complete | wrong writes | needless questions | missed questions |"
            );
            println!("| --- | --- | --- | --- | --- | --- | --- |");
            for (group, tally) in tallies {
                println!("{}", tally.row(&group));
            }
        }
        let (grammar, slowest) = self.micros(|line| line.by_grammar);
        let (round_trip, _) = self.micros(|line| line.round_trip);
        println!("\nwithout a model: {} %", percent(self.without_model(), self.lines.len()));
        println!(
            "microseconds per message: {grammar} in the grammar (99 of 100 under {slowest}), {round_trip} over gRPC"
        );
        for line in self.lines.iter().filter(|line| !line.verdict.is_complete) {
            println!("\n{}{} {:?}", mark(&line.verdict), line.utterance.id, shortened(&line.utterance.text));
            println!("  wanted {}", Value::from(line.utterance.expect.clone()));
            println!("  read   {}", line.verdict.read.join(" / "));
        }
    }

    fn json(&self) -> Value {
        let mut report = Map::new();
        for (name, tallies) in self.groups() {
            let group: Map<String, Value> = tallies.iter().map(|(name, tally)| (name.clone(), tally.json())).collect();
            report.insert(name.to_owned(), group.into());
        }
        let times = |(median, p99): (u128, u128)| json!({ "median": median.to_string(), "p99": p99.to_string() });
        report.insert("grammar_micros".to_owned(), times(self.micros(|line| line.by_grammar)));
        report.insert("grpc_micros".to_owned(), times(self.micros(|line| line.round_trip)));
        report.insert("without_model_percent".to_owned(), percent(self.without_model(), self.lines.len()).into());
        let failures: Vec<Value> = self.lines.iter().filter(|line| !line.verdict.is_exact).map(failure).collect();
        report.insert("failures".to_owned(), failures.into());
        report.into()
    }
}

fn failure(line: &Line) -> Value {
    json!({
        "id": line.utterance.id,
        "text": line.utterance.text,
        "wanted": line.utterance.expect,
        "read": line.verdict.read,
        "wrong_write": line.verdict.has_wrong_write,
        "needless_question": line.verdict.has_needless_question,
        "missed_question": line.verdict.has_missed_question,
    })
}

fn mark(verdict: &Verdict) -> &'static str {
    match verdict {
        _ if verdict.has_wrong_write => "WRONG WRITE ",
        _ if verdict.has_missed_question => "MISSED QUESTION ",
        _ if verdict.has_needless_question => "NEEDLESS QUESTION ",
        _ if verdict.is_exact => "(exact, not complete) ",
        _ => "",
    }
}

/// The intents a message holds, each once.
fn intents(line: &Line) -> Vec<String> {
    let mut intents: Vec<String> =
        line.utterance.expect.iter().filter_map(|action| action.get("intent")?.as_str().map(String::from)).collect();
    intents.sort();
    intents.dedup();
    intents
}

fn shortened(text: &str) -> String {
    text.chars().take(160).collect()
}

/// Rounded down, so that nothing looks better than it is.
fn percent(part: usize, whole: usize) -> usize {
    part * 100 / whole.max(1)
}
