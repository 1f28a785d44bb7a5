//! How much of its limits Meta says is used, in the headers of its answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::SignedDuration;
use reqwest::header::HeaderMap;
use serde::Deserialize;

use crate::metrics;

/// Where Meta says it.
const HEADERS: [&str; 2] = ["x-app-usage", "x-business-use-case-usage"];
/// Percent from which it is said.
const LOUD_PERCENT: u32 = 80;
/// How long a limit that is used up is left alone when Meta does not say.
const USED_UP_WAIT: SignedDuration = SignedDuration::from_secs(60);
/// Meta's own figure may not stop a number for longer: it is asked again then.
const WAIT_MAX: SignedDuration = SignedDuration::from_mins(15);

/// How much of the limits is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The limit that is used most, in percent.
    pub percent: u32,
    /// How long to leave it alone, when it is used up.
    pub wait: Option<SignedDuration>,
}

/// Remembers what was said already, so that every ten percent are said once. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch(Arc<AtomicU32>);

// Percentages are whole numbers as a rule; what is not is as good as absent.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Limit {
    call_count: f64,
    total_cputime: f64,
    total_time: f64,
    estimated_time_to_regain_access: f64,
}

impl Limit {
    fn usage(&self) -> Usage {
        let percent = self.call_count.max(self.total_cputime).max(self.total_time).clamp(0.0, 1_000.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
        let (percent, minutes) =
            (percent as u32, self.estimated_time_to_regain_access.clamp(0.0, 10_000.0).ceil() as i64);
        let wait = match minutes {
            0 if percent >= 100 => Some(USED_UP_WAIT),
            0 => None,
            minutes => Some(SignedDuration::from_mins(minutes).min(WAIT_MAX)),
        };
        Usage { percent, wait }
    }
}

impl Watch {
    /// Reads the headers of an answer; what is close to a limit is counted and logged.
    pub(super) fn note(&self, headers: &HeaderMap) -> Usage {
        if !HEADERS.iter().any(|name| headers.contains_key(*name)) {
            return Usage::default();
        }
        let usage = read(headers);
        // Always, or a gauge would stay where it last was loud.
        metrics::get().graph_usage.record(u64::from(usage.percent), &[]);
        let tens = if usage.percent >= LOUD_PERCENT { usage.percent / 10 } else { 0 };
        if tens > self.0.swap(tens, Ordering::Relaxed) {
            // The name is stable: operators alert on it.
            tracing::warn!(
                event.name = "messenger.graph.usage",
                graph.usage_percent = usage.percent,
                "{} % of a limit of the Graph API is used",
                usage.percent,
            );
        }
        usage
    }
}

fn read(headers: &HeaderMap) -> Usage {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let [app, business] = HEADERS;
    let app = text(app).and_then(|text| serde_json::from_str::<Limit>(text).ok());
    let business = text(business)
        .and_then(|text| serde_json::from_str::<HashMap<String, Vec<Limit>>>(text).ok())
        .unwrap_or_default();
    business.values().flatten().chain(&app).map(Limit::usage).fold(Usage::default(), |most, usage| Usage {
        percent: most.percent.max(usage.percent),
        wait: most.wait.max(usage.wait),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(name: &'static str, value: &str) -> Usage {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        read(&headers)
    }

    #[test]
    fn fullest_limit_counts() {
        let app = r#"{"call_count":12,"total_cputime":81,"total_time":3}"#;
        assert_eq!(usage("x-app-usage", app), Usage { percent: 81, wait: None });
        let business = r#"{"1":[{"type":"messenger","call_count":5},{"call_count":99,"estimated_time_to_regain_access":0}],"2":[]}"#;
        assert_eq!(usage("x-business-use-case-usage", business), Usage { percent: 99, wait: None });
    }

    #[test]
    fn limit_that_is_used_up_is_left_alone_for_as_long_as_meta_says_up_to_a_quarter_of_an_hour() {
        let of = |call_count: u32, minutes: u32| {
            let limit =
                format!(r#"{{"1":[{{"call_count":{call_count},"estimated_time_to_regain_access":{minutes}}}]}}"#);
            usage("x-business-use-case-usage", &limit).wait.map(|wait| wait.as_secs())
        };
        assert_eq!(of(99, 0), None);
        assert_eq!(of(100, 0), Some(60));
        assert_eq!(of(100, 3), Some(180));
        assert_eq!(of(100, 600), Some(900));
    }

    #[test]
    fn headers_that_make_no_sense_say_nothing() {
        for odd in ["", "{", "[]", r#"{"call_count":"many"}"#, "12"] {
            assert_eq!(usage("x-app-usage", odd), Usage::default());
            assert_eq!(usage("x-business-use-case-usage", odd), Usage::default());
        }
    }
}
