//! Values that add up: after an append only the new segments are asked, and their answer is added to
//! what is known of the others. Everything else is asked as a whole: what reads the clock, joins,
//! means and medians, sources and SELECTs, a dataset whose segments were replaced or merged.

use super::single_value;
use crate::Services;
use crate::catalog::Loaded;
use domain::Result;
use domain::metric::MetricDef;
use domain::query::{Agg, Op};
use engine::Segment;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// After so many additions the whole is asked, so that rounding does not pile up.
const MOST_STEPS: u32 = 1_000;

/// What is known of each metric that adds up.
#[derive(Default)]
pub(crate) struct Sums(Mutex<HashMap<String, Known>>);

#[derive(Clone, Debug, PartialEq)]
struct Known {
    /// What was asked, and of which columns.
    question: String,
    segments: Vec<String>,
    value: Option<f64>,
    steps: u32,
}

/// What is left to be asked.
#[derive(Debug, PartialEq)]
enum Rest {
    Nothing(Option<f64>),
    /// These segments, whose answer is added to a value.
    Of(Vec<Segment>, Option<f64>, u32),
    Everything,
}

impl Known {
    fn rest(&self, question: &str, segments: &[Segment]) -> Rest {
        let is_kept = self.segments.iter().all(|id| segments.iter().any(|s| s.id == *id));
        if self.question != question || !is_kept || self.steps >= MOST_STEPS {
            return Rest::Everything;
        }
        let new: Vec<Segment> = segments.iter().filter(|s| !self.segments.contains(&s.id)).cloned().collect();
        match new.is_empty() {
            true => Rest::Nothing(self.value),
            false => Rest::Of(new, self.value, self.steps + 1),
        }
    }
}

impl Sums {
    pub(super) fn forget(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// The aggregate by which answers about parts of the rows add up to the answer about all.
fn adds_up(def: &MetricDef, loaded: &Loaded) -> Option<Agg> {
    let query = &def.query;
    let agg = query.measures.first()?.agg?;
    let is_plain =
        query.is_one_aggregate() && query.offset == 0 && query.limit != Some(0) && query.subtotals.is_empty();
    // Rules may read the clock too, and change without the rows.
    let is_stored = loaded.statement.is_none() && loaded.place().is_none() && !loaded.is_narrowed;
    let mut reads_all = false;
    if let Some(filter) = &query.filter {
        filter.each(&mut |c| reads_all |= matches!(c.op, Op::Relative | Op::TopN));
    }
    let reads_clock = loaded.calculated.iter().any(|c| {
        let text = c.expression.to_ascii_lowercase();
        text.contains("now") || text.contains("today")
    });
    let adds = matches!(agg, Agg::Sum | Agg::Count | Agg::Min | Agg::Max);
    (adds && is_plain && is_stored && !reads_all && !reads_clock).then_some(agg)
}

fn add(agg: Agg, a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(match agg {
            Agg::Min => a.min(b),
            Agg::Max => a.max(b),
            _ => a + b,
        }),
        (a, b) => a.or(b),
    }
}

impl Services {
    /// The value of a metric that adds up; `None` for one that does not.
    pub(super) async fn added_up(&self, def: &MetricDef, loaded: &Arc<Loaded>) -> Result<Option<Option<f64>>> {
        let Some(agg) = adds_up(def, loaded) else { return Ok(None) };
        let question = format!("{}|{}|{}", crate::to_json(&def.query), loaded.row.columns_json, loaded.model.version);
        let sums = &self.metrics.sums.0;
        let known = sums.lock().unwrap_or_else(PoisonError::into_inner).get(&def.id).cloned();
        let rest = known.map_or(Rest::Everything, |known| known.rest(&question, &loaded.segments));
        let (value, steps) = match rest {
            Rest::Nothing(value) => return Ok(Some(value)),
            Rest::Of(segments, base, steps) => {
                let part = loaded.with(|stored| stored.segments = segments);
                let (answer, _) = self.answer(&part, &def.query, false).await?;
                (add(agg, base, single_value(&answer.table)), steps)
            }
            Rest::Everything => {
                let (answer, _) = self.answer(loaded, &def.query, false).await?;
                (single_value(&answer.table), 0)
            }
        };
        let segments = loaded.segments.iter().map(|s| s.id.clone()).collect();
        let known = Known { question, segments, value, steps };
        sums.lock().unwrap_or_else(PoisonError::into_inner).insert(def.id.clone(), known);
        Ok(Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(ids: &[&str]) -> Vec<Segment> {
        let one = |id: &&str| serde_json::from_value(serde_json::json!({"id": id, "rows": 1, "bytes": 1})).unwrap();
        ids.iter().map(one).collect()
    }

    #[test]
    fn only_new_segments_are_left_to_be_asked() {
        let known = Known { question: "q".into(), segments: vec!["a".into(), "b".into()], value: Some(5.0), steps: 3 };
        assert_eq!(known.rest("q", &segments(&["a", "b"])), Rest::Nothing(Some(5.0)));
        assert_eq!(known.rest("q", &segments(&["a", "b", "c"])), Rest::Of(segments(&["c"]), Some(5.0), 4));
        assert_eq!(known.rest("q", &segments(&["a", "c"])), Rest::Everything, "b was merged or replaced");
        assert_eq!(known.rest("other", &segments(&["a", "b"])), Rest::Everything);
        let tired = Known { steps: MOST_STEPS, ..known };
        assert_eq!(tired.rest("q", &segments(&["a", "b", "c"])), Rest::Everything);
    }

    #[test]
    fn nothing_adds_nothing() {
        assert_eq!(add(Agg::Sum, None, None), None);
        assert_eq!(add(Agg::Sum, Some(2.0), None), Some(2.0));
        assert_eq!((add(Agg::Min, Some(2.0), Some(1.0)), add(Agg::Max, Some(2.0), Some(1.0))), (Some(1.0), Some(2.0)));
    }
}
