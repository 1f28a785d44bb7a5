//! Who may call: version, token, number.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use http::{HeaderMap, header};

use super::error::GraphError;
use crate::meta_sim::world::World;

/// The oldest and the newest version that is served; section 8 of the reference.
const VERSIONS: std::ops::RangeInclusive<u32> = 13..=26;

/// Which tokens are good, and which were.
pub(crate) struct Tokens(RwLock<TokenSets>);

#[derive(Default)]
struct TokenSets {
    good: HashSet<String>,
    expired: HashSet<String>,
}

impl Tokens {
    pub(crate) fn new(token: String) -> Self {
        Self(RwLock::new(TokenSets { good: HashSet::from([token]), ..TokenSets::default() }))
    }

    /// Takes another token beside those that are good.
    pub(crate) fn admit(&self, token: String) {
        let mut sets = self.0.write().unwrap_or_else(PoisonError::into_inner);
        sets.expired.remove(&token);
        sets.good.insert(token);
    }

    /// Ends every token that is good.
    pub(crate) fn expire(&self) {
        let mut sets = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let ended = std::mem::take(&mut sets.good);
        sets.expired.extend(ended);
    }

    /// Makes every token good again that once was.
    pub(crate) fn revive(&self) {
        let mut sets = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let ended = std::mem::take(&mut sets.expired);
        sets.good.extend(ended);
    }

    /// Returns whether any token is good.
    pub(crate) fn has_good(&self) -> bool {
        !self.0.read().unwrap_or_else(PoisonError::into_inner).good.is_empty()
    }

    /// Returns whether a token is not good and never was.
    pub(crate) fn is_unknown(&self, token: &str) -> bool {
        let sets = self.0.read().unwrap_or_else(PoisonError::into_inner);
        !sets.good.contains(token) && !sets.expired.contains(token)
    }

    /// Refuses a token that is not good, and says of one that was that it has expired.
    pub(crate) fn check(&self, token: Option<&str>) -> Result<(), GraphError> {
        let sets = self.0.read().unwrap_or_else(PoisonError::into_inner);
        match token {
            Some(token) if sets.good.contains(token) => Ok(()),
            Some(token) if sets.expired.contains(token) => Err(GraphError::expired_token()),
            _ => Err(GraphError::bad_token()),
        }
    }
}

/// Refuses versions that there are not.
pub(crate) fn check_version(version: &str, path: &str) -> Result<(), GraphError> {
    let major = version.strip_prefix('v').and_then(|rest| rest.strip_suffix(".0")).and_then(|major| major.parse().ok());
    if major.is_some_and(|major: u32| VERSIONS.contains(&major)) { Ok(()) } else { Err(GraphError::unknown_path(path)) }
}

/// Refuses calls without a good token.
pub(crate) fn check_token(world: &World, headers: &HeaderMap) -> Result<(), GraphError> {
    world.tokens.check(bearer(headers))
}

/// Refuses other business numbers than ours.
pub(crate) fn check_number(world: &World, number: &str) -> Result<(), GraphError> {
    if number == world.number.phone_number_id { Ok(()) } else { Err(GraphError::no_such_object(number)) }
}

/// Refuses bodies that are not JSON by their label.
pub(crate) fn check_json(headers: &HeaderMap) -> Result<(), GraphError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if content_type.starts_with("application/json") {
        return Ok(());
    }
    Err(GraphError::invalid_parameter("The Content-Type must be application/json."))
}

/// Returns the Bearer token of a call.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}
