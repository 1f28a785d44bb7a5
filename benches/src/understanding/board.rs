//! What the measurement of understanding says, for people and for machines.
#![expect(clippy::print_stdout, reason = "the report is what this program is for")]

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::hostile::Timed;
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
    hostile: Vec<Timed>,
}

/// Microseconds: the middle, 99 of 100, and the worst.
struct Micros {
    median: u128,
    p99: u128,
    worst: u128,
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

    /// Adds the texts that were made to be slow.
    pub(crate) fn add_hostile(&mut self, timed: Vec<Timed>) {
        self.hostile = timed;
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

    fn micros(&self, time: impl Fn(&Line) -> Duration) -> Micros {
        let mut times: Vec<u128> = self.lines.iter().map(|line| time(line).as_micros()).collect();
        times.sort_unstable();
        let at = |index: usize| times.get(index.min(times.len().saturating_sub(1))).copied().unwrap_or_default();
        Micros { median: at(times.len() / 2), p99: at(times.len() * 99 / 100), worst: at(times.len()) }
    }

    /// The slowest of the texts that were made to be slow.
    fn slowest(&self) -> Option<&Timed> {
        self.hostile.iter().max_by_key(|timed| timed.worst())
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
        println!("\nanswered without a model: {} %", percent(self.without_model(), self.lines.len()));
        println!("\n| microseconds per message | median | 99 of 100 | worst |");
        println!("| --- | --- | --- | --- |");
        let rows = [
            ("in the grammar", self.micros(|line| line.by_grammar)),
            ("over gRPC and back", self.micros(|line| line.round_trip)),
        ];
        for (name, Micros { median, p99, worst }) in rows {
            println!("| {name} | {median} | {p99} | {worst} |");
        }
        println!("\n| microseconds for 4,096 characters of | median | worst |");
        println!("| --- | --- | --- |");
        for timed in &self.hostile {
            let piece = timed.piece.replace('|', "\\|");
            println!("| `{piece}` | {} | {} |", timed.median().as_micros(), timed.worst().as_micros());
        }
        if let Some(timed) = self.slowest() {
            println!("\nslowest of them: {} microseconds, {}", timed.worst().as_micros(), timed.piece);
        }
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
        let whole = |micros: u128| u64::try_from(micros).unwrap_or(u64::MAX);
        let times = |Micros { median, p99, worst }: Micros| json!({ "median": whole(median), "p99": whole(p99), "worst": whole(worst) });
        report.insert("grammar_micros".to_owned(), times(self.micros(|line| line.by_grammar)));
        report.insert("grpc_micros".to_owned(), times(self.micros(|line| line.round_trip)));
        let hostile = |timed: &Timed| {
            let (median, worst) = (timed.median().as_micros(), timed.worst().as_micros());
            json!({ "repeated": timed.piece, "median": whole(median), "worst": whole(worst) })
        };
        report.insert("hostile_micros".to_owned(), self.hostile.iter().map(hostile).collect::<Vec<_>>().into());
        let worst = self.slowest().map(|timed| whole(timed.worst().as_micros()));
        report.insert("hostile_worst_micros".to_owned(), worst.into());
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
