//! What the doctor found: verdicts, their text and their JSON.

use std::fmt::Write as _;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::subject::Subject;

/// Version of the JSON. Fields may be added; what is there keeps its name and meaning.
const FORMAT: u32 = 1;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// In order.
    Pass,
    /// Works, and somebody should look.
    Warn,
    /// Does not work.
    Fail,
    /// Could not be looked at.
    Skip,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
            Self::Skip => "skip",
        }
    }
}

/// What a check is about, in the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Our own variables, services, databases and clock.
    Here,
    /// The public address and Meta's verification call.
    Address,
    /// Signed notifications.
    Notification,
    /// The access token.
    Token,
    /// The business number.
    Number,
    /// Meta's own verdict.
    Health,
    /// Who gets the webhooks.
    Subscription,
    /// Whether the app is live.
    Live,
    /// The version of the Graph API.
    Version,
    /// Templates.
    Templates,
    /// The payment method.
    Payment,
}

impl Section {
    /// Returns its number in the report.
    pub fn number(self) -> u8 {
        self as u8
    }

    fn title(self) -> &'static str {
        match self {
            Self::Here => "This installation",
            Self::Address => "Public address",
            Self::Notification => "Signed notifications",
            Self::Token => "Access token",
            Self::Number => "Business number",
            Self::Health => "What Meta says of its health",
            Self::Subscription => "Who gets the webhooks",
            Self::Live => "App live",
            Self::Version => "Version of the Graph API",
            Self::Templates => "Templates",
            Self::Payment => "Payment",
        }
    }
}

/// One check.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// Its name, for programs: `token.scopes`.
    pub id: String,
    /// Number of its section, 0 to 10.
    pub section: u8,
    /// How it came out.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do, in Meta's words where it gives some.
    pub remedy: Option<String>,
}

/// All checks.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of this shape.
    pub format: u32,
    /// When the checks were made.
    pub checked_at: Timestamp,
    /// The worst verdict; a skipped check makes nothing worse.
    pub verdict: Verdict,
    /// How many came out how.
    pub counts: Counts,
    /// The checks, in order.
    pub checks: Vec<Check>,
}

/// How many checks came out how.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Counts {
    /// In order.
    pub pass: usize,
    /// To be looked at.
    pub warn: usize,
    /// Broken.
    pub fail: usize,
    /// Not looked at.
    pub skip: usize,
}

/// A report that is being written. What it is told passes a filter that knows every secret.
pub struct Chart {
    section: Section,
    checks: Vec<Check>,
    secrets: Vec<SecretString>,
}

impl Chart {
    /// Begins a report that keeps the subject's secrets.
    pub fn new(subject: &Subject) -> Self {
        Self { section: Section::Here, checks: Vec::new(), secrets: subject.secrets() }
    }

    /// Goes on with another section.
    pub fn section(&mut self, section: Section) {
        self.section = section;
    }

    /// Notes what is in order.
    pub fn pass(&mut self, id: impl Into<String>, found: impl Into<String>) {
        self.note(id.into(), Verdict::Pass, &found.into(), None);
    }

    /// Notes what somebody should look at.
    pub fn warn(&mut self, id: impl Into<String>, found: impl Into<String>, remedy: impl Into<String>) {
        self.note(id.into(), Verdict::Warn, &found.into(), Some(&remedy.into()));
    }

    /// Notes what is broken.
    pub fn fail(&mut self, id: impl Into<String>, found: impl Into<String>, remedy: impl Into<String>) {
        self.note(id.into(), Verdict::Fail, &found.into(), Some(&remedy.into()));
    }

    /// Notes what could not be looked at, and how it could.
    pub fn skip(&mut self, id: impl Into<String>, found: impl Into<String>, remedy: impl Into<String>) {
        self.note(id.into(), Verdict::Skip, &found.into(), Some(&remedy.into()));
    }

    fn note(&mut self, id: String, verdict: Verdict, found: &str, remedy: Option<&str>) {
        let found = self.without_secrets(found);
        let remedy = remedy.map(|remedy| self.without_secrets(remedy));
        self.checks.push(Check { id, section: self.section.number(), verdict, found, remedy });
    }

    /// Meta quotes a malformed token in its answer, and a remedy may quote Meta.
    fn without_secrets(&self, text: &str) -> String {
        without(text, &self.secrets)
    }

    /// Ends the report.
    pub fn close(self, now: Timestamp) -> Report {
        let mut counts = Counts::default();
        for check in &self.checks {
            match check.verdict {
                Verdict::Pass => counts.pass += 1,
                Verdict::Warn => counts.warn += 1,
                Verdict::Fail => counts.fail += 1,
                Verdict::Skip => counts.skip += 1,
            }
        }
        let verdict = match counts {
            Counts { fail: 1.., .. } => Verdict::Fail,
            Counts { warn: 1.., .. } => Verdict::Warn,
            _ => Verdict::Pass,
        };
        Report { format: FORMAT, checked_at: now, verdict, counts, checks: self.checks }
    }
}

/// Returns a text without any of these secrets.
pub fn without(text: &str, secrets: &[SecretString]) -> String {
    secrets
        .iter()
        .map(SecretString::expose_secret)
        .filter(|secret| !secret.is_empty())
        .fold(text.to_owned(), |text, secret| text.replace(secret, "[secret]"))
}

impl Report {
    /// Returns it for people.
    pub fn text(&self) -> String {
        let sections = [
            Section::Here,
            Section::Address,
            Section::Notification,
            Section::Token,
            Section::Number,
            Section::Health,
            Section::Subscription,
            Section::Live,
            Section::Version,
            Section::Templates,
            Section::Payment,
        ];
        let mut text = String::new();
        for section in sections {
            let checks: Vec<&Check> = self.checks.iter().filter(|check| check.section == section.number()).collect();
            let Some(width) = checks.iter().map(|check| check.id.len()).max() else { continue };
            let _ = writeln!(text, "{:>2}  {}", section.number(), section.title());
            for check in checks {
                let _ = writeln!(text, "    {}  {:<width$}  {}", check.verdict.word(), check.id, check.found);
                if let Some(remedy) = &check.remedy {
                    let _ = writeln!(text, "          -> {remedy}");
                }
            }
        }
        let Counts { pass, warn, fail, skip } = self.counts;
        let _ = write!(text, "\n{pass} passed, {warn} to look at, {fail} failed, {skip} not looked at.");
        text
    }
}
