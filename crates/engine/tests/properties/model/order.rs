//! The order of an answer: as the question says, else along a time, else along ranges or hours, else
//! the largest first; what is still equal by its groups.

use super::group::Key;
use super::value::Value;
use super::{Line, Model, Top};
use domain::query::Dir;
use std::cmp::Ordering;

/// Up or down, nothing last.
pub fn compare(a: &Value, b: &Value, ascending: bool) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (false, false) if ascending => a.cmp(b),
        (false, false) => b.cmp(a),
        (a, b) => a.cmp(&b),
    }
}

impl Model<'_> {
    /// The outputs to sort by, each with whether it ascends.
    pub fn sort_keys(&self, keys: &[Key]) -> Vec<(usize, bool)> {
        let names = self.all_names();
        let column = |by: &str| self.query.dimensions.iter().position(|d| d.column == by);
        let at = |by: &str| names.iter().position(|n| n == by).or_else(|| column(by)).unwrap();
        let mut found: Vec<(usize, bool)> = self.query.order.iter().map(|o| (at(&o.by), o.dir == Dir::Asc)).collect();
        if found.is_empty() {
            let time = keys.iter().position(Key::is_time);
            let range = keys.iter().position(Key::has_order);
            let measure = (!self.query.measures.is_empty()).then_some((keys.len(), false));
            found.extend(time.or(range).map(|i| (i, true)).or(measure));
        }
        for i in 0..keys.len() {
            if !found.iter().any(|(k, _)| *k == i) {
                found.push((i, true));
            }
        }
        found
    }

    /// The names of all outputs, with what a comparison adds.
    fn all_names(&self) -> Vec<String> {
        let mut names = self.names();
        let compare = self.query.compare.iter().flat_map(|c| c.show.iter());
        let endings: Vec<&str> = compare
            .map(|what| match what {
                domain::query::Compared::Previous => "previous",
                domain::query::Compared::Change => "change",
                domain::query::Compared::PercentChange => "percent_change",
            })
            .collect();
        let measures = names[self.query.dimensions.len()..].to_vec();
        names.extend(measures.iter().flat_map(|m| endings.iter().map(move |e| format!("{m}_{e}"))));
        names
    }

    /// Sorts the lines: totals first, others after the members of their moment.
    pub fn sort(&self, keys: &[Key], tops: &[Top], lines: &mut [Line]) {
        let by = self.sort_keys(keys);
        let leading = by.iter().take_while(|(i, _)| keys.get(*i).is_some_and(Key::is_time)).count();
        let others: Vec<usize> = tops.iter().filter(|t| t.wanted.others).filter_map(|t| t.dimension).collect();
        let each = |a: &Line, b: &Line, by: &[(usize, bool)]| {
            by.iter().map(|(i, up)| compare(&a.shown[*i], &b.shown[*i], *up)).fold(Ordering::Equal, Ordering::then)
        };
        let gathered = |line: &Line| others.iter().map(|i| line.keys[*i].is_null()).collect::<Vec<_>>();
        lines.sort_by(|a, b| {
            let totals = b.set.cmp(&a.set);
            let first = totals.then_with(|| each(a, b, &by[..leading]));
            first.then_with(|| gathered(a).cmp(&gathered(b))).then_with(|| each(a, b, &by[leading..]))
        });
    }
}
