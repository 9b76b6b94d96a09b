//! What was read of a question, part by part, each with the words it came from.

use super::lexicon::ColumnRef;
use super::time::Said;
use domain::ChartKind;
use domain::query::{Agg, Bin, CalcKind, Dir, Grain, Op};
use serde_json::Value;

/// Tokens, the last excluded.
pub(crate) type Span = (usize, usize);

/// What is read so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) chart: Option<Chart>,
    /// It asks for a picture.
    pub(crate) is_visual: bool,
    pub(crate) selects: Vec<Select>,
    pub(crate) groups: Vec<Group>,
    pub(crate) measures: Vec<Worked>,
    pub(crate) counts: Vec<Count>,
    pub(crate) filters: Vec<Test>,
    pub(crate) times: Vec<(Said, Span, Option<ColumnRef>)>,
    pub(crate) having: Vec<Having>,
    pub(crate) order: Option<Ordered>,
    pub(crate) top: Option<Top>,
    /// Datasets that are named, in their order.
    pub(crate) entities: Vec<(usize, Span)>,
    pub(crate) calc: Option<(CalcKind, Span)>,
    /// Beside the same of a year or a period before.
    pub(crate) compare: Option<(bool, Span)>,
    pub(crate) is_distinct: bool,
    /// What was said and cannot be asked.
    pub(crate) faults: Vec<String>,
    /// A trend or a development over time is asked for.
    pub(crate) over_time: Option<Span>,
}

/// A kind of chart that was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Chart {
    pub(crate) kind: ChartKind,
    pub(crate) is_stacked: bool,
    pub(crate) is_grouped: bool,
    pub(crate) span: Span,
}

/// A column that was named without a word that says what to do with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Select {
    pub(crate) column: ColumnRef,
    pub(crate) span: Span,
    pub(crate) axis: Option<Axis>,
}

/// An axis that was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axis {
    X,
    Y,
}

/// What to group by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Group {
    /// None: the time that goes with the rest.
    pub(crate) column: Option<ColumnRef>,
    pub(crate) grain: Option<Grain>,
    pub(crate) bin: Option<Bin>,
    pub(crate) span: Span,
    pub(crate) is_color: bool,
}

/// What a measure is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Column(ColumnRef),
    Metric(usize),
}

/// A measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Worked {
    pub(crate) agg: Option<Agg>,
    pub(crate) of: Of,
    pub(crate) span: Span,
}

/// A number of things.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Count {
    pub(crate) dataset: Option<usize>,
    pub(crate) column: Option<ColumnRef>,
    pub(crate) is_distinct: bool,
    pub(crate) span: Span,
}

/// A condition on rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Test {
    pub(crate) column: ColumnRef,
    pub(crate) op: Op,
    pub(crate) value: Value,
    pub(crate) span: Span,
    /// Joined with the one before by "or".
    pub(crate) is_or: bool,
}

/// A condition on groups.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Having {
    pub(crate) dataset: Option<usize>,
    pub(crate) measure: Option<(Agg, ColumnRef)>,
    pub(crate) op: Op,
    pub(crate) value: f64,
    pub(crate) span: Span,
}

/// An order that was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ordered {
    pub(crate) by: OrderBy,
    pub(crate) dir: Dir,
    pub(crate) span: Span,
}

/// What to order by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum OrderBy {
    /// What is shown first, or along the axis.
    First,
    /// The number of each.
    Measure,
    Column(ColumnRef, Option<Agg>),
}

/// Only the largest or smallest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Top {
    pub(crate) n: u64,
    pub(crate) dir: Dir,
    pub(crate) by: TopBy,
    pub(crate) span: Span,
}

/// What makes something the largest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TopBy {
    /// Whatever is measured.
    Any,
    Column(ColumnRef, Option<Agg>),
    /// The number of rows of a dataset.
    Count(Option<usize>),
}
