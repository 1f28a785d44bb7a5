//! Faults on demand: which of the coming calls go wrong, and how.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// Which calls a fault strikes.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// The next so many.
    Next(u64),
    /// Every so-manieth, until cleared.
    Every(u64),
    /// All of them, until cleared.
    Always,
}

/// The faults that wait for their call.
#[derive(Debug)]
pub(crate) struct Script<F> {
    rules: Mutex<Vec<Rule<F>>>,
}

#[derive(Debug)]
struct Rule<F> {
    when: When,
    fault: F,
    only_for: Option<String>,
    seen_count: u64,
}

impl<F> Default for Script<F> {
    fn default() -> Self {
        Self { rules: Mutex::default() }
    }
}

impl<F: Clone> Script<F> {
    /// Adds a rule; `only_for` narrows it to one person or model.
    pub(crate) fn add(&self, when: When, fault: F, only_for: Option<String>) {
        self.lock().push(Rule { when, fault, only_for, seen_count: 0 });
    }

    /// Forgets every rule.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Counts one call and returns what is to go wrong with it; the oldest rule that applies wins.
    pub(crate) fn strike(&self, subject: Option<&str>) -> Option<F> {
        let mut rules = self.lock();
        let index = rules.iter_mut().position(|rule| rule.applies_to(subject))?;
        let fault = rules[index].fault.clone();
        if matches!(rules[index].when, When::Next(left) if left <= rules[index].seen_count) {
            rules.remove(index);
        }
        Some(fault)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Rule<F>>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F> Rule<F> {
    /// Counts a call that is within the scope and says whether it is one to strike.
    fn applies_to(&mut self, subject: Option<&str>) -> bool {
        if self.only_for.is_some() && self.only_for.as_deref() != subject {
            return false;
        }
        self.seen_count += 1;
        match self.when {
            When::Next(count) => self.seen_count <= count,
            When::Every(step) => step > 0 && self.seen_count.is_multiple_of(step),
            When::Always => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(script: &Script<u8>, count: usize) -> Vec<Option<u8>> {
        (0..count).map(|_| script.strike(None)).collect()
    }

    #[test]
    fn next_strikes_that_many_and_then_no_more() {
        let script = Script::default();

        script.add(When::Next(2), 7, None);

        assert_eq!(strikes(&script, 4), [Some(7), Some(7), None, None]);
    }

    #[test]
    fn every_third_is_struck_until_cleared() {
        let script = Script::default();

        script.add(When::Every(3), 7, None);

        assert_eq!(strikes(&script, 6), [None, None, Some(7), None, None, Some(7)]);
        script.clear();
        assert_eq!(strikes(&script, 3), [None, None, None]);
    }

    #[test]
    fn a_rule_for_one_person_leaves_the_others_alone() {
        let script = Script::default();

        script.add(When::Next(1), 7, Some("ZA.1".to_owned()));

        assert_eq!(script.strike(Some("ZA.2")), None);
        assert_eq!(script.strike(Some("ZA.1")), Some(7));
        assert_eq!(script.strike(Some("ZA.1")), None);
    }

    #[test]
    fn faults_are_used_in_the_order_they_were_scripted() {
        let script = Script::default();

        script.add(When::Next(1), 1, None);
        script.add(When::Next(1), 2, None);

        assert_eq!(strikes(&script, 3), [Some(1), Some(2), None]);
    }
}
