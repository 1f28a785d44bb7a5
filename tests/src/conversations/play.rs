//! Playing a script: what people do goes in as signed webhooks, what is expected is held against what reaches their phones.

use std::time::Duration;

use anyhow::{Context as _, Result};

use super::compare::fits;
use super::people::People;
use super::report::{Report, as_written};
use super::script::{Act, Doing, Level, Script, Turn};
use super::stage::Stage;

/// How long an answer may take on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_mins(1);
/// The same where it is known that something is wrong.
const LITTLE_PATIENCE: Duration = Duration::from_secs(5);
/// What everybody asks for at the end. Its answer comes after all others, so what came unasked is there before it.
const LAST_THING: &str = "moonstone";

impl Stage {
    /// Plays a script and returns how it went.
    pub async fn play(&self, script: &Script) -> Result<Report> {
        self.try_to_play(script).await.with_context(|| format!("play {}", script.path))
    }

    async fn try_to_play(&self, script: &Script) -> Result<Report> {
        let mut play =
            Play { script, people: People::gather(self, script).await?, stage: self, report: Report::of(script) };
        let mut turns = script.turns.as_slice();
        while let Some((turn, rest)) = turns.split_first() {
            let together = said_together(turns);
            if together.len() > 1 {
                play.say_together(&turns[..together.len()], &together).await?;
                turns = &turns[together.len()..];
                continue;
            }
            if !play.take(turn).await? {
                return Ok(play.report); // what follows would make no sense
            }
            turns = rest;
        }
        play.end().await?;
        Ok(play.report)
    }
}

struct Play<'a> {
    script: &'a Script,
    people: People<'a>,
    stage: &'a Stage,
    report: Report,
}

impl Play<'_> {
    /// Returns whether it makes sense to go on.
    async fn take(&mut self, turn: &Turn) -> Result<bool> {
        match &turn.doing {
            Doing::Act { person, act } => {
                if let Err(error) = self.people.act(person, act).await {
                    self.report.differs(self.script, turn, &format!("{error:#}"), &[]);
                    return Ok(false);
                }
                self.report.went_well(self.script, turn);
            }
            Doing::Answer { person, lines } => {
                let Some(came) = self.people.next_answer(person, self.patience()).await? else {
                    self.report.differs(self.script, turn, "nothing is answered", &[]);
                    return Ok(false);
                };
                if fits(lines, &came) {
                    self.report.went_well(self.script, turn);
                } else {
                    self.report.differs(self.script, turn, "the answer differs", &as_written("bot", &came));
                }
            }
            Doing::Silence { person } => match self.people.answer_there_is(person)? {
                None => self.report.went_well(self.script, turn),
                Some(came) => {
                    self.report.differs(self.script, turn, "something is answered", &as_written("bot", &came));
                }
            },
            Doing::Later(time) => {
                self.stage.let_pass(*time)?;
                self.report.went_well(self.script, turn);
            }
            Doing::Stock { owner, levels } => {
                let mut expected = levels.clone();
                expected.sort();
                let there = self.stage.stock_of(self.people.person(owner)?).await?;
                if expected == there {
                    self.report.went_well(self.script, turn);
                } else {
                    let there: Vec<String> = there.iter().map(Level::to_string).collect();
                    let there = if there.is_empty() { "nothing".to_owned() } else { there.join(", ") };
                    self.report.differs(self.script, turn, "the stock differs", &[format!("stock: {there}")]);
                }
            }
        }
        Ok(true)
    }

    async fn say_together(&mut self, turns: &[Turn], texts: &[(String, String)]) -> Result<()> {
        let said: Vec<String> = texts.iter().map(|(_, text)| text.clone()).collect();
        self.people.say_together(&texts[0].0, &said).await?;
        for turn in turns {
            self.report.went_well(self.script, turn);
        }
        Ok(())
    }

    /// Sees that nothing came that is not in the file.
    async fn end(&mut self) -> Result<()> {
        for name in self.people.who_acted() {
            self.people.say_together(&name, &[format!("how many {LAST_THING}s")]).await?;
            let mut more = Vec::new();
            loop {
                match self.people.next_answer(&name, self.patience()).await? {
                    Some(answer) if answer.iter().any(|line| line.contains(LAST_THING)) => break,
                    Some(answer) => more.extend(as_written("bot", &answer)),
                    None => {
                        self.report.has_more(self.script, &format!("{name} gets no answer any more"), &[]);
                        break;
                    }
                }
            }
            if !more.is_empty() {
                self.report.has_more(self.script, &format!("{name} is answered more than is written down"), &more);
            }
        }
        Ok(())
    }

    fn patience(&self) -> Duration {
        if self.script.missing.is_none() && self.report.is_good() { PATIENCE } else { LITTLE_PATIENCE }
    }
}

/// Returns who says what in the messages that one person writes one right after the other.
fn said_together(turns: &[Turn]) -> Vec<(String, String)> {
    let mut said: Vec<(String, String)> = Vec::new();
    for turn in turns {
        match &turn.doing {
            Doing::Act { person, act: Act::Say { text, manner } }
                if manner.is_plain() && said.first().is_none_or(|(first, _)| first == person) =>
            {
                said.push((person.clone(), text.clone()));
            }
            _ => break,
        }
    }
    said
}
