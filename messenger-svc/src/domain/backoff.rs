//! How long to wait before the next try.

use jiff::SignedDuration;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Tries after the first for errors that may pass or may not.
pub const FEW_TRIES_MAX: u32 = 3;
/// Tries after the first when Meta says that this person gets too much: together six hours.
pub const PAIR_TRIES_MAX: u32 = 8;

/// Returns the wait after the `refusals`th refusal that will pass, counted from 0: doubles from a second to five minutes.
pub fn growing(refusals: u32) -> SignedDuration {
    (SECOND * (1_i32 << refusals.min(10))).min(SECOND * 300)
}

/// Returns the wait after a refusal that may pass or may not: minutes.
pub fn minutes(refusals: u32) -> SignedDuration {
    SECOND * 60 * (1_i32 << refusals.min(4))
}

/// Returns Meta's own figure for the pair limit: 4^x seconds, x from 0.
pub fn pair(refusals: u32) -> SignedDuration {
    SECOND * 4_i32.pow(refusals.min(PAIR_TRIES_MAX))
}

/// Returns how long receipts may take to settle a doubt after the `attempts`th send; each further doubt waits
/// twice as long, a quarter of an hour or the setting itself at most.
pub fn settle(setting: SignedDuration, attempts: u32) -> SignedDuration {
    let doubled = setting.saturating_mul(1_i32 << attempts.saturating_sub(1).min(8));
    doubled.min(setting.max(SECOND * 900))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_caps() {
        assert_eq!([0, 1, 2, 20].map(growing), [1, 2, 4, 300].map(SignedDuration::from_secs));
        assert_eq!([0, 1, 2].map(minutes), [60, 120, 240].map(SignedDuration::from_secs));
        assert_eq!([0, 1, 2, 3].map(pair), [1, 4, 16, 64].map(SignedDuration::from_secs));
        assert_eq!([1, 2, 3, 20].map(|n| settle(SECOND * 60, n)), [60, 120, 240, 900].map(SignedDuration::from_secs));
    }
}
