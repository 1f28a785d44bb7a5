//! Words that somebody else wrote and the person passed on.

use super::plan::{Choice, Plan, Saying, Step};

/// Puts a plan that changes stock behind a yes; what only looks or says something stays as it is.
pub(crate) fn forwarded(plan: Plan) -> Plan {
    if !plan.steps.iter().any(Step::may_change_stock) {
        return plan;
    }
    let lines = plan
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Post { lines, .. } => Some(lines.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    let ask = Step::Ask {
        saying: Saying::ReallyForwarded { lines },
        choices: vec![
            Choice { title: String::new(), steps: plan.steps },
            Choice { title: String::new(), steps: vec![Step::Say(Saying::Dropped)] },
        ],
        asked: None,
    };
    Plan { language: plan.language, steps: vec![ask] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(steps: Vec<Step>) -> Plan {
        Plan { language: "en".to_owned(), steps }
    }

    #[test]
    fn what_changes_stock_waits_for_a_yes() {
        let undo = plan(vec![Step::UndoLast]);
        let question = Step::Ask {
            saying: Saying::ReallyUndo,
            choices: vec![Choice { title: String::new(), steps: vec![Step::UndoLast] }],
            asked: None,
        };

        for plan in [undo, plan(vec![question])] {
            let asked = forwarded(plan.clone());
            let [Step::Ask { saying: Saying::ReallyForwarded { .. }, choices, .. }] = asked.steps.as_slice() else {
                panic!("{asked:?}")
            };
            assert_eq!(choices[0].steps, plan.steps);
            assert_eq!(choices[1].steps, [Step::Say(Saying::Dropped)]);
        }
    }

    #[test]
    fn what_only_looks_is_answered() {
        let looking = plan(vec![Step::List, Step::Say(Saying::Help)]);
        assert_eq!(forwarded(looking.clone()), looking);
    }
}
