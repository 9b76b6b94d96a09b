//! What a rule would have done: the same steps over what is known of the past.

use super::band::Usual;
use super::judge::{Sample, judge};
use super::schedule::next_check;
use super::state::{Event, Observation, Outcome, Rule, State, step};
use domain::alert::{AlertDef, Check, Condition, Pending};

/// A rule that is looked at more often than this in the past is looked at with each value instead.
const MOST_CHECKS: usize = 20_000;

/// The past of one value: moments in milliseconds, in order.
pub type Course = Vec<(i64, Option<f64>)>;

/// What would have happened. Nobody is muted in the past: it is asked when the rule would have fired.
/// With `as_they_come`, each value counts as one check whatever the rule says, because the course is
/// coarser than its checks.
pub fn backtest(def: &AlertDef, course: &[(i64, Option<f64>)], as_they_come: bool) -> Vec<Event> {
    let mut rule = Rule { quiet_hours: None, ..Rule::of(def, None) };
    if as_they_come && let Pending::Checks(_) = rule.pending {
        // A check of the rule is not a point of the course: what held at a point, held long enough.
        rule.pending = Pending::Checks(1);
    }
    let usual = matches!(def.condition, Condition::OutsideBand { .. })
        .then(|| Usual::new(course.iter().filter_map(|(at, value)| Some((*at, (*value)?)))));
    let mut state = State::default();
    let mut events = Vec::new();
    for (at, value) in checks(&def.check, course, as_they_come) {
        let sample = Sample {
            at,
            value,
            previous: state.value,
            rows: usize::from(value.is_some()),
            data_at: if value.is_some() { at } else { state.data_at },
            is_up: state.is_up(),
            usual: usual.as_ref(),
            band: None,
        };
        let outcome: Outcome = judge(&def.condition, def.recover_at, &sample);
        let (next, mut happened) = step(&state, &Observation { at, clock: at, outcome }, &rule);
        state = next;
        events.append(&mut happened);
    }
    events
}

/// What each check would have seen.
fn checks(check: &Check, course: &[(i64, Option<f64>)], as_they_come: bool) -> Course {
    let (Some((first, _)), Some((last, _))) = (course.first(), course.last()) else { return Vec::new() };
    if as_they_come || matches!(check, Check::OnRefresh) {
        return course.to_vec();
    }
    let mut seen = Vec::new();
    let mut at = *first;
    while let Ok(Some(next)) = next_check(check, false, at) {
        if next > *last {
            break;
        }
        if seen.len() == MOST_CHECKS {
            return course.to_vec();
        }
        let known = course.partition_point(|(moment, _)| *moment <= next);
        seen.push((next, course[known - 1].1));
        at = next;
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::alert::{EventKind, Subject};

    const MINUTE: i64 = 60_000;

    fn above(value: f64) -> AlertDef {
        AlertDef::new(Subject::Metric { id: "m".into() }, Condition::Above { value })
    }

    fn fired(def: &AlertDef, course: &[(i64, Option<f64>)]) -> Vec<i64> {
        backtest(def, course, false).into_iter().filter(|e| e.kind == EventKind::Fired).map(|e| e.at).collect()
    }

    #[test]
    fn it_fires_once_for_each_time_it_is_crossed() {
        let course: Course = (1..=9).map(|i| (i * MINUTE, Some([1.0, 9.0, 9.0][i as usize % 3]))).collect();
        assert_eq!(fired(&above(5.0), &course), [MINUTE, 4 * MINUTE, 7 * MINUTE]);
        assert_eq!(fired(&above(9.0), &course), [0; 0]);
        assert_eq!(fired(&AlertDef { pending: Pending::Checks(2), ..above(5.0) }, &course).len(), 3);
        assert_eq!(fired(&AlertDef { pending: Pending::Checks(3), ..above(5.0) }, &course).len(), 0);
        assert_eq!(fired(&AlertDef { keep_firing: 120, ..above(5.0) }, &course).len(), 1);
    }

    #[test]
    fn a_rule_sees_only_what_its_checks_see() {
        // A peak of ten minutes between two full hours.
        let course: Course =
            (0..300).map(|i| (i * MINUTE, Some(if (70..80).contains(&i) { 9.0 } else { 1.0 }))).collect();
        assert_eq!(fired(&above(5.0), &course).len(), 1);
        assert_eq!(fired(&AlertDef { check: Check::Hourly, ..above(5.0) }, &course).len(), 0);
        assert_eq!(fired(&AlertDef { check: Check::EveryMinute, ..above(5.0) }, &course).len(), 1);
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert!(backtest(&above(1.0), &[], false).is_empty());
    }
}
