//! `backroom chat`: the chat of the page, in a terminal.

use std::io::{BufRead as _, IsTerminal as _};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use platform::Process;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::ui;

/// Write to a running development stack from the terminal, or from a pipe: one message a line.
///
/// `/1` taps the first button of the last reply.
#[derive(Args, Clone, Debug)]
pub(super) struct Chat {
    /// The chat page of the stack.
    #[arg(long, default_value = "http://127.0.0.1:8081")]
    url: String,
    /// Who writes: a name or a user id.
    #[arg(long = "as", default_value = "Thandi")]
    person: String,
    /// How long to wait for a reply, in seconds.
    #[arg(long, default_value_t = 30)]
    timeout_s: u64,
}

#[derive(Deserialize)]
struct About {
    #[serde(default)]
    people: Vec<Person>,
    notice: Option<String>,
}

#[derive(Deserialize)]
struct Person {
    name: String,
    user_id: String,
}

#[derive(Deserialize)]
struct Said {
    wamid: String,
}

#[derive(Deserialize)]
struct Reply {
    entry: Entry,
}

#[derive(Deserialize)]
struct Entry {
    wamid: String,
    text: String,
    buttons: Vec<Button>,
}

#[derive(Deserialize)]
struct Button {
    id: String,
    title: String,
}

/// A conversation with a stack.
struct Line {
    client: reqwest::Client,
    url: String,
    user_id: String,
    timeout: Duration,
    last: Option<Entry>,
}

impl Chat {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let mut line = self.call().await?;
        let is_terminal = std::io::stdin().is_terminal();
        if is_terminal {
            ui::say("Write as a shopkeeper would. /1 taps the first button. Ctrl-D ends.");
        }
        let mut written = lines_of_stdin();
        loop {
            if is_terminal {
                ui::prompt("> ");
            }
            let text = tokio::select! {
                () = process.shutdown.draining() => break,
                text = written.recv() => text,
            };
            let Some(text) = text else { break };
            if !text.trim().is_empty() {
                tokio::select! {
                    () = process.shutdown.draining() => break,
                    outcome = line.exchange(text.trim()) => outcome?,
                }
            }
        }
        Ok(())
    }

    /// Looks who is there and takes their phone.
    async fn call(self) -> Result<Line> {
        let timeout = Duration::from_secs(self.timeout_s);
        let client = platform::http::client(&platform::http::Options {
            user_agent_part: "chat",
            connect_timeout: Duration::from_secs(5),
            timeout: timeout + Duration::from_secs(5),
            redirects: false,
        })?;
        let url = self.url.trim_end_matches('/').to_owned();
        let about: About = answer(client.get(format!("{url}/_sim/about")))
            .await
            .with_context(|| format!("no stack answers at {url}: start one with `backroom dev`, or give --url"))?;
        if let Some(notice) = about.notice {
            bail!(notice);
        }
        let wanted = &self.person;
        let found =
            about.people.iter().find(|person| person.name.eq_ignore_ascii_case(wanted) || person.user_id == *wanted);
        let Some(found) = found else {
            let names: Vec<_> = about.people.iter().map(|person| person.name.as_str()).collect();
            bail!("nobody there is called {wanted}: --as takes one of {}", names.join(", "));
        };
        Ok(Line { client, url, user_id: found.user_id.clone(), timeout, last: None })
    }
}

impl Line {
    /// Says one thing and prints what comes back.
    async fn exchange(&mut self, text: &str) -> Result<()> {
        let said = match text.strip_prefix('/').and_then(|number| number.parse::<usize>().ok()) {
            Some(number) => {
                let Some((wamid, button_id)) = self.button(number) else {
                    ui::say(format_args!("The last reply has no button {number}."));
                    return Ok(());
                };
                let tap = json!({"person": self.user_id, "wamid": wamid, "button_id": button_id});
                self.post("tap", &tap).await?
            }
            None => self.post("say", &json!({"person": self.user_id, "text": text})).await?,
        };
        let timeout_ms = self.timeout.as_millis().to_string();
        let question = self.client.get(format!("{}/_sim/reply", self.url)).query(&[
            ("person", self.user_id.as_str()),
            ("after", said.wamid.as_str()),
            ("timeout_ms", timeout_ms.as_str()),
        ]);
        let reply: Reply = answer(question).await.context("wait for the reply")?;
        ui::say(&reply.entry.text);
        for (index, button) in reply.entry.buttons.iter().enumerate() {
            ui::say(format_args!("  /{} {}", index + 1, button.title));
        }
        self.last = Some(reply.entry);
        Ok(())
    }

    fn button(&self, number: usize) -> Option<(String, String)> {
        let last = self.last.as_ref()?;
        let button = last.buttons.get(number.checked_sub(1)?)?;
        Some((last.wamid.clone(), button.id.clone()))
    }

    async fn post(&self, what: &str, body: &Value) -> Result<Said> {
        answer(self.client.post(format!("{}/_sim/{what}", self.url)).json(body)).await.context("send the message")
    }
}

/// Makes a call and reads its answer, or the reason why there is none.
async fn answer<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T> {
    let response = request.send().await?;
    if response.status().is_success() {
        return Ok(response.json().await?);
    }
    let status = response.status();
    let refusal: Value = response.json().await.unwrap_or_default();
    match refusal["error"].as_str() {
        Some(reason) => bail!("{reason}"),
        None => bail!("the stack answered {status}"),
    }
}

/// Reads standard input on a thread of its own: a runtime would wait for the next line before it could end.
fn lines_of_stdin() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
