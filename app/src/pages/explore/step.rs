//! The steps of a question, in the order they are worked out: what the rows look like after each,
//! and which one an error is about.

use crate::tiles::logic::conditions::{all_of, parts};
use domain::Column;
use domain::query::{Filter, Measure, Op, Query};

/// Rows of a preview.
const ROWS: u64 = 8;
/// Columns of a preview of rows as they are.
const COLUMNS: usize = 12;
/// Of these, so many of the dataset itself where others are joined.
const OWN_COLUMNS: usize = 5;

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Data,
    Join,
    Filter,
    Summarise,
    Calculate,
    Having,
    Sort,
    Limit,
}

impl Step {
    /// From the top.
    pub(super) const ALL: [Step; 8] =
        [Step::Data, Step::Join, Step::Filter, Step::Summarise, Step::Calculate, Step::Having, Step::Sort, Step::Limit];

    /// A stable name for attributes.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Join => "join",
            Self::Filter => "filter",
            Self::Summarise => "summarise",
            Self::Calculate => "calculate",
            Self::Having => "having",
            Self::Sort => "sort",
            Self::Limit => "limit",
        }
    }

    /// Its heading.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Data => "Data",
            Self::Join => "Join",
            Self::Filter => "Filter",
            Self::Summarise => "Summarise",
            Self::Calculate => "Calculate",
            Self::Having => "Filter groups",
            Self::Sort => "Sort",
            Self::Limit => "Limit",
        }
    }

    pub(super) fn icon(self) -> &'static str {
        match self {
            Self::Data => "database",
            Self::Join => "waypoints",
            Self::Filter => "filter",
            Self::Summarise => "sigma",
            Self::Calculate => "percent",
            Self::Having => "funnel",
            Self::Sort => "arrow-up-down",
            Self::Limit => "list",
        }
    }

    /// How much of it the question uses.
    pub(super) fn used(self, query: &Query) -> usize {
        match self {
            Self::Data => usize::from(!query.dataset.is_empty()),
            Self::Join => query.joins.len(),
            Self::Filter => count(query.filter.as_ref()),
            Self::Summarise => query.dimensions.len() + query.measures.len() + query.columns.len(),
            Self::Calculate => {
                let calculated = query.measures.iter().filter(|m| m.calc.is_some()).count();
                calculated + usize::from(query.compare.is_some()) + usize::from(query.fill.is_some())
            }
            Self::Having => count(query.having.as_ref()),
            Self::Sort => query.order.len(),
            Self::Limit => usize::from(query.limit.is_some() || query.offset > 0),
        }
    }

    /// The question up to and with this step, for its first rows; nothing where there is nothing yet.
    pub(super) fn preview(self, query: &Query, columns: &[Column]) -> Option<Query> {
        if query.dataset.is_empty() || columns.is_empty() {
            return None;
        }
        let mut cut = Query { limit: Some(query.limit.unwrap_or(ROWS).min(ROWS)), ..query.clone() };
        if self.at() < Self::Limit.at() {
            cut.limit = Some(ROWS);
            cut.offset = 0;
        }
        if self.at() < Self::Sort.at() {
            cut.order.clear();
        }
        if self.at() < Self::Having.at() {
            cut.having = None;
        }
        if self.at() < Self::Calculate.at() {
            cut.measures = cut.measures.into_iter().map(|m| Measure { calc: None, ..m }).collect();
            cut.measures.dedup();
            (cut.compare, cut.fill) = (None, None);
        }
        if self.at() >= Self::Summarise.at() {
            let asks = !(cut.dimensions.is_empty() && cut.measures.is_empty() && cut.columns.is_empty());
            return asks.then_some(cut);
        }
        // Before it is summed up there are rows, and nothing to rank them by.
        let (own, joined): (Vec<&Column>, Vec<&Column>) =
            columns.iter().partition(|c| crate::tiles::logic::joined::qualifier(query, &c.name).is_none());
        let is_joined = self.at() >= Self::Join.at() && !joined.is_empty();
        let few = own.into_iter().take(if is_joined { OWN_COLUMNS } else { COLUMNS });
        let more = joined.into_iter().take(if is_joined { COLUMNS - OWN_COLUMNS } else { 0 });
        cut.columns = few.chain(more).map(|c| c.name.clone()).collect();
        cut.dimensions.clear();
        cut.measures.clear();
        if self.at() < Self::Join.at() {
            cut.joins.clear();
        }
        cut.filter = match self {
            Self::Filter => all_of(parts(query.filter.as_ref()).into_iter().filter(|f| !ranks(f)).collect()),
            _ => None,
        };
        Some(cut)
    }

    /// The step that an error is about, by the path of its field.
    pub(super) fn of_field(field: &str) -> Option<Self> {
        let name = field.split(['.', '[']).next().unwrap_or_default();
        Some(match name {
            "dataset" => Self::Data,
            "joins" => Self::Join,
            "filter" => Self::Filter,
            "measures" if field.contains(".calc") => Self::Calculate,
            "dimensions" | "measures" | "columns" | "timezone" | "week_start" | "fiscal_year_start" => Self::Summarise,
            "compare" | "fill" => Self::Calculate,
            "having" => Self::Having,
            "order" => Self::Sort,
            "limit" | "offset" | "others_label" => Self::Limit,
            _ => return None,
        })
    }

    fn at(self) -> usize {
        Self::ALL.iter().position(|step| *step == self).unwrap_or_default()
    }
}

fn count(filter: Option<&Filter>) -> usize {
    let mut conditions = 0;
    if let Some(filter) = filter {
        filter.each(&mut |_| conditions += 1);
    }
    conditions
}

/// Whether a condition is about the groups, and not about rows.
fn ranks(filter: &Filter) -> bool {
    let mut any = false;
    filter.each(&mut |c| any |= c.op == Op::TopN);
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::logic::testing::flights;
    use serde_json::json;

    fn query() -> Query {
        serde_json::from_value(json!({"dataset": "flights",
            "joins": [{"dataset": "airlines", "on": [["carrier", "carrier"]]}],
            "dimensions": [{"column": "origin"}],
            "measures": [{"agg": "count", "calc": {"kind": "share"}}],
            "filter": {"and": [{"column": "dep_delay", "op": "gt", "value": 0},
                {"column": "origin", "op": "top_n", "value": {"n": 2, "by": "count"}}]},
            "having": {"column": "count", "op": "gt", "value": 0.1},
            "order": [{"by": "count", "dir": "desc"}], "limit": 3}))
        .unwrap()
    }

    #[test]
    fn a_preview_has_what_was_done_so_far() {
        let preview = |step: Step| step.preview(&query(), &flights()).unwrap();
        let data = preview(Step::Data);
        assert_eq!((data.columns.len(), data.joins.len(), data.filter), (5, 0, None));
        assert_eq!(preview(Step::Join).joins.len(), 1);
        assert_eq!(count(preview(Step::Filter).filter.as_ref()), 1, "ranks come with the groups");
        let groups = preview(Step::Summarise);
        assert_eq!((groups.measures[0].calc.clone(), groups.having, groups.order.len()), (None, None, 0));
        assert_eq!(groups.limit, Some(ROWS));
        assert!(preview(Step::Calculate).measures[0].calc.is_some());
        assert!(preview(Step::Having).having.is_some());
        assert_eq!(preview(Step::Limit), query());
        assert_eq!(Step::Data.preview(&Query::default(), &flights()), None);
    }

    #[test]
    fn errors_find_their_step() {
        for (field, step) in [
            ("filter.and[0].column", Some(Step::Filter)),
            ("measures[0].calc.within", Some(Step::Calculate)),
            ("measures[0].column", Some(Step::Summarise)),
            ("joins[1].on", Some(Step::Join)),
            ("having", Some(Step::Having)),
            ("f", None),
        ] {
            assert_eq!(Step::of_field(field), step, "{field}");
        }
    }
}
