//! The version of the Graph API: whether it exists, when it ends (section 8); and Meta's clock beside ours.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use platform::clock::Clock;
use serde::Deserialize;

use super::graph::{As, Failure, Graph};
use super::report::{Chart, Section};
use super::subject::Subject;

/// How long before its end a version is warned about.
const WARN_DAYS: i32 = 90;
/// What the window of 24 hours and the expiry of codes bear.
const SKEW_WARN: SignedDuration = SignedDuration::from_secs(30);
const SKEW_MAX: SignedDuration = SignedDuration::from_mins(5);

/// The dated table of versions.
#[derive(Clone, Debug, Deserialize)]
pub struct Table {
    /// The day on which it was true.
    pub as_of: Date,
    /// Where it comes from.
    pub source: String,
    /// The versions, newest first.
    pub versions: Vec<Row>,
}

/// A version.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    /// Its name.
    pub version: String,
    /// When it came out.
    pub released: Date,
    /// When it ends; `None`: not announced.
    pub expires: Option<Date>,
}

/// What a question without a token told.
pub(super) struct Probe {
    /// Whether the version exists; the failure when that is not known.
    exists: Result<bool, Failure>,
    /// How far Meta's clock is ahead of ours.
    skew: Option<SignedDuration>,
    base: String,
}

/// What can be said of a version from the table alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Age {
    /// Its end is far away, or not announced.
    Fresh(Option<Date>),
    /// It ends soon.
    Ending(Date),
    /// It has ended.
    Ended(Date),
    /// Newer than the table.
    Newer,
    /// Older than the table, or none.
    Unknown,
}

impl Table {
    /// Returns the table of this release.
    pub fn of_this_release() -> Self {
        serde_json::from_str(include_str!("graph_versions.json")).expect("the table is part of the release")
    }

    /// Returns how a version stands on a day.
    pub fn age(&self, version: &str, today: Date) -> Age {
        let Some(row) = self.versions.iter().find(|row| row.version == version) else {
            let newest = self.versions.first().and_then(|row| major(&row.version));
            return if major(version).is_some() && major(version) > newest { Age::Newer } else { Age::Unknown };
        };
        match row.expires {
            Some(end) if end <= today => Age::Ended(end),
            Some(end) if (end - today).get_days() <= WARN_DAYS => Age::Ending(end),
            end => Age::Fresh(end),
        }
    }

    fn newest(&self) -> &str {
        self.versions.first().map_or("the newest", |row| &row.version)
    }
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.strip_suffix(".0")?.parse().ok()
}

/// Asks Meta without a token whether the version exists; dates the answer.
pub(super) async fn probe(graph: &Graph, clock: &Clock) -> Probe {
    let began = clock.now();
    let dated = graph.call(As::Nobody, http::Method::GET, "me", &[], None).await;
    let ended = clock.now();
    let exists = match dated.answer {
        Ok(_) => Ok(true),
        Err(Failure::Refused(refused)) => Ok(!refused.message.contains("Unknown path components")),
        Err(failure) => Err(failure),
    };
    // The header has whole seconds; the middle of the call is when it was written.
    let middle = began + (ended.duration_since(began) / 2);
    Probe { exists, skew: dated.date.map(|date| date.duration_since(middle)), base: graph.base().to_owned() }
}

/// Compares Meta's clock with ours.
pub(super) fn check_clock(chart: &mut Chart, probe: &Probe) {
    chart.section(Section::Here);
    if let Err(failure) = &probe.exists {
        chart.fail("graph.reachable", format!("{}: {}", probe.base, failure.words()), failure.remedy());
    } else {
        chart.pass("graph.reachable", format!("{} answers", probe.base));
    }
    let remedy = "Let this machine take its time from the network (timedatectl set-ntp true): Meta's 24 hours and one-time \
                  codes are counted by it.";
    match probe.skew {
        None => chart.skip("clock.skew", "Meta named no time", "It does when it answers."),
        Some(skew) => {
            let seconds = skew.as_secs();
            let found = match seconds {
                -1..=1 => "our clock agrees with Meta's".to_owned(),
                2.. => format!("our clock is {seconds} s behind Meta's"),
                _ => format!("our clock is {} s ahead of Meta's", -seconds),
            };
            if skew.abs() > SKEW_MAX {
                chart.fail("clock.skew", found, remedy);
            } else if skew.abs() > SKEW_WARN {
                chart.warn("clock.skew", found, remedy);
            } else {
                chart.pass("clock.skew", found);
            }
        }
    }
}

/// Checks the version against the table and against Meta.
pub(super) fn check(chart: &mut Chart, subject: &Subject, probe: &Probe, clock: &Clock) {
    let version = &subject.graph_version;
    match &probe.exists {
        Ok(true) => chart.pass("version.exists", format!("Meta serves {version}")),
        Ok(false) => {
            let newest = Table::of_this_release();
            let remedy = format!(
                "Set GRAPH_API_VERSION to one of the table in docs/go-live.md, for example {}.",
                newest.newest()
            );
            chart.fail("version.exists", format!("Meta knows no {version}"), remedy);
            return;
        }
        Err(_) => chart.skip("version.exists", "the Graph API cannot be reached", "See graph.reachable."),
    }
    let table = Table::of_this_release();
    let remedy =
        format!("Set GRAPH_API_VERSION to a newer one, for example {}, and run the doctor again.", table.newest());
    match table.age(version, date_of(clock.now())) {
        Age::Fresh(Some(end)) => chart.pass("version.expiry", format!("{version} is served until {end}")),
        Age::Fresh(None) => {
            chart.pass("version.expiry", format!("no end of {version} was announced as of {}", table.as_of));
        }
        Age::Ending(end) => chart.warn("version.expiry", format!("{version} ends on {end}"), remedy),
        Age::Ended(end) => chart.fail(
            "version.expiry",
            format!("{version} ended on {end}: Meta serves the oldest living version in its place, without a word"),
            remedy,
        ),
        Age::Newer => chart.warn(
            "version.expiry",
            format!("{version} is newer than this release knows of (as of {})", table.as_of),
            format!("Read its changelog at {}, or pin {}.", table.source, table.newest()),
        ),
        Age::Unknown => chart.fail("version.expiry", format!("{version} is no version that is served"), remedy),
    }
}

fn date_of(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_version_is_warned_about_ninety_days_before_its_end_and_fails_on_the_day() {
        let table = Table::of_this_release();
        let end = date(2027, 1, 21);

        assert_eq!(table.age("v21.0", date(2026, 10, 22)), Age::Fresh(Some(end)));
        assert_eq!(table.age("v21.0", date(2026, 10, 23)), Age::Ending(end));
        assert_eq!(table.age("v21.0", date(2027, 1, 20)), Age::Ending(end));
        assert_eq!(table.age("v21.0", date(2027, 1, 21)), Age::Ended(end));
        assert_eq!(table.age("v18.0", date(2026, 11, 22)), Age::Ended(date(2026, 1, 26)));
        assert_eq!(table.age("v26.0", date(2040, 1, 1)), Age::Fresh(None));
    }

    #[test]
    fn what_is_not_in_the_table_is_newer_or_unknown() {
        let table = Table::of_this_release();
        let today = date(2026, 11, 22);

        assert_eq!(table.age("v27.0", today), Age::Newer);
        for version in ["v9.0", "v25", "25.0", "latest", ""] {
            assert_eq!(table.age(version, today), Age::Unknown, "{version}");
        }
    }

    #[test]
    fn the_table_is_in_order_and_has_dates_that_can_be() {
        let table = Table::of_this_release();

        let majors: Vec<_> = table.versions.iter().map(|row| major(&row.version).expect("a version")).collect();
        assert!(majors.is_sorted_by(|newer, older| newer > older), "{majors:?}");
        for row in &table.versions {
            assert!(row.expires.is_none_or(|end| end > row.released), "{}", row.version);
        }
    }
}
