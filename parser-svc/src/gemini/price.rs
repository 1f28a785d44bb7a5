//! What a call costs, by the table in `prices/gemini.json`. What the table does not know has no price: nothing is guessed.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::response::Tokens;

/// The prices, with the day they were looked up and where.
const TABLE: &str = include_str!("../../prices/gemini.json");
/// What a price is for.
const MILLION: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

static PRICES: LazyLock<Table> = LazyLock::new(|| serde_json::from_str(TABLE).expect("the table is read by a test"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "for those who read the table, and so that nobody leaves it out")]
    as_of: Date,
    #[expect(dead_code, reason = "for those who read the table, and so that nobody leaves it out")]
    source: String,
    usd_per_million_tokens: Vec<Price>,
}

/// US dollars for a million tokens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    model: String,
    from: Option<Date>,
    until: Option<Date>,
    input: Decimal,
    audio: Option<Decimal>,
    cached: Option<Decimal>,
    output: Decimal,
}

/// Whether the model has a price at that time.
pub fn is_known(model: &str, at: Timestamp) -> bool {
    price(model, at).is_some()
}

/// What these tokens cost with this model at that time, in US dollars.
pub fn cost(model: &str, tokens: &Tokens, at: Timestamp) -> Option<Decimal> {
    let price = price(model, at)?;
    let of = |count: i32, each: Option<Decimal>| {
        if count == 0 { Some(Decimal::ZERO) } else { each?.checked_mul(count.into()) }
    };
    // Cached tokens may be sound as well; nobody says, and our prompts are too short to be cached.
    let plain = (tokens.input - tokens.audio - tokens.cached).max(0);
    let parts = [
        of(plain, Some(price.input))?,
        of(tokens.audio, price.audio)?,
        of(tokens.cached, price.cached)?,
        of(tokens.output, Some(price.output))?,
    ];
    let total = parts.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add)?;
    Some((total / MILLION).normalize())
}

fn price(model: &str, at: Timestamp) -> Option<&'static Price> {
    let day = at.to_zoned(TimeZone::UTC).date();
    PRICES.usd_per_million_tokens.iter().find(|price| {
        is_edition(model, &price.model)
            && price.from.is_none_or(|from| from <= day)
            && price.until.is_none_or(|until| day <= until)
    })
}

/// `gemini-3.5-flash-lite` also calls itself `gemini-3.5-flash-lite-001`.
fn is_edition(model: &str, name: &str) -> bool {
    let rest = model.strip_prefix("models/").unwrap_or(model).strip_prefix(name);
    rest.is_some_and(|rest| {
        rest.is_empty() || rest.strip_prefix('-').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: &str) -> Timestamp {
        format!("{day}T12:00:00Z").parse().expect("a timestamp")
    }

    fn tokens(input: i32, output: i32) -> Tokens {
        Tokens { input, output, ..Tokens::default() }
    }

    fn costs(model: &str, tokens: &Tokens, day: &str) -> Option<String> {
        cost(model, tokens, at(day)).map(|cost| cost.to_string())
    }

    #[test]
    fn a_text_costs_what_the_reference_reckons() {
        // 700 tokens in at 0.30, 80 out at 2.50.
        assert_eq!(costs("gemini-3.5-flash-lite", &tokens(700, 80), "2026-12-01").as_deref(), Some("0.00041"));
        assert_eq!(costs("gemini-3.5-flash-lite-001", &tokens(700, 80), "2026-12-01").as_deref(), Some("0.00041"));
    }

    #[test]
    fn sound_has_its_own_price_where_there_is_one() {
        let spoken = Tokens { audio: 400, ..tokens(1000, 0) };

        assert_eq!(costs("gemini-3.1-flash-lite", &spoken, "2026-12-01").as_deref(), Some("0.00035"));
        assert_eq!(costs("gemini-2.5-flash-lite", &spoken, "2026-12-01"), None);
    }

    #[test]
    fn what_the_table_does_not_know_has_no_price() {
        for model in ["gemini-9-neon", "gemini-3.5-flash-lite-preview", "gemini-3.5-flash", ""] {
            assert_eq!(costs(model, &tokens(700, 80), "2026-12-01"), None, "{model}");
        }
    }

    #[test]
    fn a_price_holds_for_its_days() {
        let one = tokens(1_000_000, 0);

        assert_eq!(costs("gemini-4-argon", &one, "2026-11-30").as_deref(), Some("2"));
        assert_eq!(costs("gemini-4-argon", &one, "2026-12-01").as_deref(), Some("4"));
        assert!(costs("gemini-3.8-flash", &one, "2026-12-31").is_some());
        assert_eq!(costs("gemini-3.8-flash", &one, "2027-01-01"), None);
    }

    #[test]
    fn counts_beyond_all_measure_do_not_panic() {
        assert!(cost("gemini-3.5-flash-lite", &tokens(i32::MAX, i32::MAX), at("2026-12-01")).is_some());
        assert!(cost("gemini-3.5-flash-lite", &tokens(-5, 0), at("2026-12-01")).is_some());
    }
}
