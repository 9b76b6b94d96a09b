//! What of a table can be talked about: its measures, dimensions and time, and which of its rows the
//! tests look at.

use super::Subject;
use crate::stats::{mad, normal_scores, pearson};
use crate::{Frame, FrameColumn, MISSING_MEMBER, MISSING_TIME, Values};
use domain::format::Format;
use domain::insight::NeededColumn;
use domain::query::{Agg, Measure as Asked, Query};
use domain::{DataType, Role};
use std::borrow::Cow;

/// Rows that tests look at; of more, every so many one.
pub(super) const TESTED_ROWS: usize = 60_000;
/// Measures and dimensions at most: a table may have a thousand columns.
const MOST_MEASURES: usize = 16;
const MOST_DIMENSIONS: usize = 16;
/// A dimension has at most so many members; more are names, not groups.
const MOST_MEMBERS: usize = 100;
const DAY: f64 = 86_400e6;

/// Something that can be summed or averaged.
pub(super) struct Measure<'a> {
    /// The column in questions.
    pub(super) name: String,
    pub(super) label: String,
    pub(super) format: Format,
    pub(super) needs: Option<NeededColumn>,
    /// Whether a total means something.
    pub(super) adds_up: bool,
    /// Whether every value is a whole number.
    pub(super) whole: bool,
    /// One per row of the frame; what is infinite counts as missing.
    pub(super) values: Cow<'a, [f64]>,
    /// Of the rows that are tested.
    pub(super) tested: Vec<f64>,
}

impl Measure<'_> {
    /// The question's part that shows it.
    pub(super) fn asked(&self, agg: Agg) -> Asked {
        Asked::of(agg, &self.name)
    }
}

/// Something to group by.
pub(super) struct Dimension<'a> {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) codes: Cow<'a, [u32]>,
    pub(super) members: Cow<'a, [String]>,
    /// Of the rows that are tested.
    pub(super) tested: Vec<u32>,
    /// It is numbers or truth values, which conditions name as such.
    pub(super) ty: DataType,
}

impl Dimension<'_> {
    /// A member as conditions name it.
    pub(super) fn value(&self, code: usize) -> serde_json::Value {
        let text = self.members[code].as_str();
        match self.ty {
            DataType::Boolean => (text == "true").into(),
            ty if ty.is_number() => text
                .parse::<i64>()
                .map(Into::into)
                .or_else(|_| text.parse::<f64>().map(Into::into))
                .unwrap_or(text.into()),
            _ => text.into(),
        }
    }
}

/// A table, sorted out.
pub(super) struct Prepared<'a> {
    pub(super) frame: &'a Frame,
    pub(super) subject: &'a Subject,
    pub(super) measures: Vec<Measure<'a>>,
    pub(super) dimensions: Vec<Dimension<'a>>,
    /// The time that the table goes by.
    pub(super) time: Option<&'a FrameColumn>,
    /// Which rows are tested.
    pub(super) picked: Vec<u32>,
    /// Normal scores of the tested rows of each measure.
    pub(super) scores: Vec<Vec<f64>>,
    /// For an amount that follows a quantity: that quantity, and the scores without what it explains.
    /// An amount at a given quantity tells more than the amount alone.
    pub(super) given: Vec<Option<(usize, Vec<f64>)>>,
}

impl<'a> Prepared<'a> {
    /// Sorts a table out.
    pub(super) fn new(frame: &'a Frame, subject: &'a Subject) -> Self {
        let picked = pick(frame.rows);
        let times = time_columns(frame);
        let mut measures: Vec<Measure<'a>> = Vec::new();
        let mut dimensions = Vec::new();
        for column in &frame.columns {
            match &column.values {
                Values::Number(values) if column.role == Role::Measure => {
                    if let Some(measure) = measure(column, values, &picked) {
                        measures.push(measure);
                    }
                }
                Values::Number(values) => dimensions.extend(numbered(column, values, &picked)),
                Values::Member { codes, members } => {
                    let groups = (2..=most_members(frame.rows)).contains(&members.len());
                    if groups {
                        dimensions.push(Dimension {
                            name: column.name.clone(),
                            label: column.label.clone(),
                            tested: picked.iter().map(|r| codes[*r as usize]).collect(),
                            codes: Cow::Borrowed(codes),
                            members: Cow::Borrowed(members),
                            ty: column.ty,
                        });
                    }
                }
                Values::Time(_) => {}
            }
        }
        measures.extend(durations(&times, &picked));
        measures.truncate(MOST_MEASURES);
        dimensions.truncate(MOST_DIMENSIONS);
        let scores: Vec<Vec<f64>> = measures.iter().map(|m| normal_scores(&m.tested)).collect();
        let given = (0..measures.len()).map(|m| given(m, &measures, &scores)).collect();
        Self { frame, subject, measures, dimensions, time: times.first().copied(), picked, scores, given }
    }

    /// A question of this dataset.
    pub(super) fn query(&self) -> Query {
        Query { dataset: self.subject.dataset.clone(), ..Query::default() }
    }

    /// Whether not every row there is was tested.
    pub(super) fn is_sampled(&self) -> bool {
        self.frame.is_sample() || self.picked.len() < self.frame.rows
    }

    /// How many rows of the dataset a tested one stands for.
    pub(super) fn each(&self) -> f64 {
        self.frame.total_rows.max(self.frame.rows as u64) as f64 / self.picked.len().max(1) as f64
    }

    /// How many rows of the dataset a row of the frame stands for.
    pub(super) fn each_read(&self) -> f64 {
        self.frame.total_rows.max(self.frame.rows as u64) as f64 / self.frame.rows.max(1) as f64
    }

    /// The times of the tested rows.
    pub(super) fn tested_times(&self) -> Option<Vec<i64>> {
        let times = self.time?.values.times()?;
        Some(self.picked.iter().map(|r| times[*r as usize]).collect())
    }
}

/// A number as it is written for people.
pub(super) fn write(value: f64, format: &Format) -> String {
    domain::format::number(value, format, false, "en-US")
}

/// An amount and the quantity it follows most closely, if it does: whole numbers, none below 0.
fn given(m: usize, measures: &[Measure<'_>], scores: &[Vec<f64>]) -> Option<(usize, Vec<f64>)> {
    if measures[m].whole {
        return None;
    }
    let counts = |c: &usize| *c != m && measures[*c].whole && !measures[*c].tested.iter().any(|v| *v < 0.0);
    let along = (0..measures.len()).filter(counts).map(|c| (pearson(&scores[m], &scores[c]).0, c));
    let (r, c) =
        along.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))).filter(|(r, _)| (0.5..0.98).contains(r))?;
    let left: Vec<f64> = scores[m].iter().zip(&scores[c]).map(|(y, x)| y - r * x).collect();
    Some((c, normal_scores(&left)))
}

/// Groups of a few rows each are names.
pub(super) fn most_members(rows: usize) -> usize {
    (rows / 8).clamp(2, MOST_MEMBERS)
}

fn pick(rows: usize) -> Vec<u32> {
    let mut step = rows.div_ceil(TESTED_ROWS).max(1);
    // A step of seven would see nothing but Mondays.
    while step > 1 && (2..step).any(|d| step.is_multiple_of(d)) {
        step += 1;
    }
    (0..rows as u32).step_by(step).collect()
}

fn measure<'a>(column: &'a FrameColumn, values: &'a [f64], picked: &[u32]) -> Option<Measure<'a>> {
    let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let first = *finite.first()?;
    if finite.len() < 2 || finite.iter().all(|v| *v == first) || is_number_of_rows(column, &finite) {
        return None;
    }
    let values = if values.iter().any(|v| v.is_infinite()) {
        Cow::Owned(values.iter().map(|v| if v.is_infinite() { f64::NAN } else { *v }).collect())
    } else {
        Cow::Borrowed(values)
    };
    let format = column.format.clone().unwrap_or_default();
    Some(Measure {
        name: column.name.clone(),
        label: column.label.clone(),
        needs: None,
        adds_up: adds_up(column, &finite),
        whole: finite.iter().all(|v| v.fract() == 0.0),
        tested: picked.iter().map(|r| values[*r as usize]).collect(),
        format,
        values,
    })
}

/// Whole numbers that never repeat and go up row by row only number the rows.
fn is_number_of_rows(column: &FrameColumn, values: &[f64]) -> bool {
    column.ty == DataType::Integer && values.len() > 20 && values.windows(2).all(|w| w[1] - w[0] == 1.0)
}

/// A total means nothing of rates, scores and temperatures: of what is a percentage, falls on both
/// sides of 0, or has few whole steps.
fn adds_up(column: &FrameColumn, values: &[f64]) -> bool {
    let percent = column.format.as_ref().is_some_and(|f| f.style == domain::format::Style::Percent);
    let words = [
        "rate",
        "ratio",
        "percent",
        "pct",
        "avg",
        "average",
        "mean",
        "price",
        "score",
        "rating",
        "temperature",
        "age",
        "index",
    ];
    let name = column.name.to_lowercase();
    if percent || name.split(['_', ' ', '-', '.']).any(|part| words.contains(&part)) {
        return false;
    }
    let below = values.iter().filter(|v| **v < 0.0).count();
    let part = below as f64 / values.len() as f64;
    !(0.05..=0.95).contains(&part)
}

/// Few different numbers that are no measure are members.
fn numbered<'a>(column: &'a FrameColumn, values: &[f64], picked: &[u32]) -> Option<Dimension<'a>> {
    let mut distinct: Vec<f64> = Vec::new();
    for value in values.iter().filter(|v| v.is_finite()) {
        if let Err(place) = distinct.binary_search_by(|d| d.total_cmp(value)) {
            if distinct.len() >= most_members(values.len()) {
                return None;
            }
            distinct.insert(place, *value);
        }
    }
    if distinct.len() < 2 {
        return None;
    }
    let code = |v: &f64| distinct.binary_search_by(|d| d.total_cmp(v)).map_or(MISSING_MEMBER, |place| place as u32);
    let codes: Vec<u32> = values.iter().map(code).collect();
    Some(Dimension {
        name: column.name.clone(),
        label: column.label.clone(),
        tested: picked.iter().map(|r| codes[*r as usize]).collect(),
        codes: Cow::Owned(codes),
        members: Cow::Owned(distinct.iter().map(f64::to_string).collect()),
        ty: column.ty,
    })
}

/// The times of a table: that by which it goes first. Where one always precedes another, the table
/// is about what begins at the first; what only says when a row was last written comes last.
fn time_columns(frame: &Frame) -> Vec<&FrameColumn> {
    let mut times: Vec<(&FrameColumn, &[i64])> =
        frame.columns.iter().filter_map(|c| Some((c, c.values.times()?))).collect();
    times.retain(|(_, t)| {
        let present = t.iter().filter(|v| **v != MISSING_TIME).count();
        let mut there = t.iter().filter(|v| **v != MISSING_TIME);
        let first = there.next();
        present * 2 >= t.len() && present > 1 && there.any(|v| Some(v) != first)
    });
    let after = |a: &[i64]| times.iter().filter(|(_, b)| mostly_before(b, a)).count();
    let key: Vec<(bool, usize)> = times.iter().map(|(c, t)| (is_upkeep(&c.name), after(t))).collect();
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by_key(|i| (key[*i], *i));
    order.into_iter().map(|i| times[i].0).collect()
}

/// When, and by whom, a row was last written is about the system, not about the business.
pub(super) fn is_upkeep(name: &str) -> bool {
    let name = name.to_lowercase();
    ["updated", "modified", "synced", "loaded", "ingested"].iter().any(|word| name.contains(word))
}

/// Whether one time precedes another in most rows and the other follows it: the time between them
/// varies less than they do.
fn mostly_before(a: &[i64], b: &[i64]) -> bool {
    let (mut before, mut equal) = (0_usize, 0_usize);
    let (mut starts, mut gaps) = (Vec::new(), Vec::new());
    for (x, y) in a.iter().zip(b).step_by(a.len() / 50_000 + 1) {
        if *x != MISSING_TIME && *y != MISSING_TIME {
            before += usize::from(x <= y);
            equal += usize::from(x == y);
            starts.push(*x as f64);
            gaps.push(y.wrapping_sub(*x) as f64);
        }
    }
    let both = starts.len();
    let (spread, apart) = (mad(&starts).1, mad(&gaps).1);
    both > 10 && before * 10 >= both * 8 && equal * 2 < both && apart < 0.5 * spread
}

/// How long it took from one time to another, where the second follows the first.
fn durations<'a>(times: &[&'a FrameColumn], picked: &[u32]) -> Vec<Measure<'a>> {
    let mut out: Vec<Measure<'a>> = Vec::new();
    let Some((from, later)) = times.split_first() else { return out };
    let Some(begin) = from.values.times() else { return out };
    for to in later.iter().filter(|c| !is_upkeep(&c.name)).take(3) {
        let Some(end) = to.values.times().filter(|end| mostly_before(begin, end)) else { continue };
        let days: Vec<f64> = begin
            .iter()
            .zip(end)
            .map(
                |(a, b)| {
                    if *a == MISSING_TIME || *b == MISSING_TIME { f64::NAN } else { b.wrapping_sub(*a) as f64 / DAY }
                },
            )
            .collect();
        let mut there: Vec<f64> = days.iter().copied().filter(|d| d.is_finite()).collect();
        there.sort_unstable_by(f64::total_cmp);
        if there.first() == there.last() {
            continue;
        }
        let long = crate::stats::quantile_sorted(&there, 0.5) >= 1.0;
        let (unit, per_day, minutes) = if long { ("days", 1.0, 1440) } else { ("hours", 24.0, 60) };
        let values: Vec<f64> = days.into_iter().map(|d| d * per_day).collect();
        let name = format!("{unit}_{}_to_{}", from.name, to.name);
        let label = format!("{} from {} to {}", if long { "Days" } else { "Hours" }, from.label, to.label);
        let expression = format!("date_diff('minute', {}, {}) / {minutes}.0", quoted(&from.name), quoted(&to.name));
        out.push(Measure {
            needs: Some(NeededColumn { name: name.clone(), label: label.clone(), expression }),
            name,
            label,
            format: Format::default(),
            adds_up: false,
            whole: false,
            tested: picked.iter().map(|r| values[*r as usize]).collect(),
            values: Cow::Owned(values),
        });
    }
    out
}

/// A column as expressions name it.
fn quoted(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}
