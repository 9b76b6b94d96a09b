//! What is wrong with the data itself: missing values, repeated rows, columns that say nothing,
//! stand-ins for missing values, one thing written in two ways, mixed units, gaps in time.

use super::periods::Periods;
use super::prepare::{Prepared, most_members};
use crate::{FrameColumn, MISSING_TIME, Values};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// An issue of a column, or of the whole table.
pub(super) struct Issue {
    pub(super) kind: IssueKind,
    pub(super) column: Option<usize>,
    pub(super) rows: u64,
    /// 0 to 1.
    pub(super) strength: f64,
}

/// Which.
pub(super) enum IssueKind {
    Missing,
    Constant(String),
    Duplicates,
    /// A value that looks like "none".
    Default {
        text: String,
        value: serde_json::Value,
    },
    /// The same word in two spellings, the more frequent first.
    Spellings(String, String),
    /// How much larger the larger unit is.
    MixedUnits(f64),
    Gap {
        from: String,
        to: String,
        periods: u64,
        word: &'static str,
    },
    Infinite,
}

impl IssueKind {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Constant(_) => "constant",
            Self::Duplicates => "duplicates",
            Self::Default { .. } => "default",
            Self::Spellings(..) => "spellings",
            Self::MixedUnits(_) => "units",
            Self::Gap { .. } => "gap",
            Self::Infinite => "infinite",
        }
    }
}

/// Rows that are compared to find repeated ones.
const MOST_COMPARED: usize = 100_000;
/// Values that stand for "none" in many systems.
const STAND_INS: [f64; 10] = [-1.0, -99.0, -999.0, -9999.0, 99.0, 999.0, 9999.0, 99_999.0, 999_999.0, -99_999.0];

/// Everything that is wrong, the worst first.
pub(super) fn issues(prepared: &Prepared<'_>, periods: Option<&Periods>) -> Vec<Issue> {
    let frame = prepared.frame;
    let mut out = Vec::new();
    if frame.rows < 2 {
        return out;
    }
    for (place, column) in frame.columns.iter().enumerate() {
        of_column(place, column, frame.rows, &mut out);
    }
    if frame.rows <= MOST_COMPARED {
        out.extend(repeated(prepared));
    }
    if let (Some(periods), Some(time)) = (periods, prepared.time) {
        let column = frame.columns.iter().position(|c| c.name == time.name);
        out.extend(gap(periods).map(|kind| Issue { kind, column, rows: 0, strength: 0.5 }));
    }
    out.sort_by(|a, b| b.strength.total_cmp(&a.strength).then(a.column.cmp(&b.column)));
    out
}

fn of_column(place: usize, column: &FrameColumn, rows: usize, out: &mut Vec<Issue>) {
    let missing = (0..rows).filter(|r| column.values.is_missing(*r)).count();
    let part = missing as f64 / rows as f64;
    let mut add = |kind, rows: usize, strength: f64| {
        out.push(Issue { kind, column: Some(place), rows: rows as u64, strength });
    };
    if missing > 0 {
        add(IssueKind::Missing, missing, 0.25 + 0.6 * part);
    }
    if missing == rows {
        return;
    }
    match &column.values {
        Values::Number(values) => {
            let infinite = values.iter().filter(|v| v.is_infinite()).count();
            if infinite > 0 {
                add(IssueKind::Infinite, infinite, 0.6);
            }
            let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
            let constant = finite.first().filter(|first| finite.len() > 1 && finite.iter().all(|v| v == *first));
            if let Some(value) = constant {
                add(IssueKind::Constant(value.to_string()), finite.len(), 0.4);
            } else if let Some((value, n)) = stand_in(&finite) {
                add(IssueKind::Default { text: value.to_string(), value: number(value) }, n, 0.6);
            } else if let Some((factor, n)) = two_units(&finite) {
                add(IssueKind::MixedUnits(factor), n, 0.7);
            }
        }
        Values::Member { codes, members } => {
            if members.len() == 1 && rows > 1 && missing == 0 {
                add(IssueKind::Constant(members[0].clone()), rows, 0.4);
            }
            let mut counts = vec![0_usize; members.len()];
            for code in codes {
                if let Some(n) = counts.get_mut(*code as usize) {
                    *n += 1;
                }
            }
            if let Some(code) = members.iter().position(|m| is_no_value(m)) {
                let value = members[code].as_str().into();
                add(
                    IssueKind::Default { text: format!("\u{201c}{}\u{201d}", members[code]), value },
                    counts[code],
                    0.55,
                );
            }
            if let Some((often, rare)) = spellings(members, &counts) {
                let n = counts[rare];
                add(IssueKind::Spellings(members[often].clone(), members[rare].clone()), n, 0.6);
            }
        }
        Values::Time(times) => {
            let there: Vec<i64> = times.iter().copied().filter(|t| *t != MISSING_TIME).collect();
            let first = there[0];
            if there.len() > 1 && there.iter().all(|t| *t == first) {
                add(IssueKind::Constant(super::periods::moment(first)), there.len(), 0.4);
            }
            let early = there.iter().filter(|t| **t == 0).count();
            if early > 1 && early < there.len() {
                let value = "1970-01-01".into();
                add(IssueKind::Default { text: "1970-01-01".into(), value }, early, 0.6);
            }
        }
    }
}

fn number(value: f64) -> serde_json::Value {
    if value.fract() == 0.0 && value.abs() < 9e15 { (value as i64).into() } else { value.into() }
}

/// A value that stands apart from the others, repeats, and is one of those that systems write for none.
fn stand_in(values: &[f64]) -> Option<(f64, usize)> {
    STAND_INS.into_iter().find_map(|wanted| {
        let n = values.iter().filter(|v| **v == wanted).count();
        if n < 3 || n * 2 > values.len() {
            return None;
        }
        let others = || values.iter().filter(|v| **v != wanted);
        let high = others().copied().fold(f64::NEG_INFINITY, f64::max);
        let low = others().copied().fold(f64::INFINITY, f64::min);
        let range = high - low;
        let apart = if wanted < 0.0 {
            low >= 0.0 && low - wanted > if wanted == -1.0 { 0.0 } else { 0.25 * range }
        } else {
            wanted - high > 0.25 * range
        };
        apart.then_some((wanted, n))
    })
}

fn is_no_value(member: &str) -> bool {
    let word = member.trim().to_lowercase();
    matches!(
        word.as_str(),
        "n/a" | "na" | "null" | "none" | "nan" | "unknown" | "undefined" | "-" | "?" | "tbd" | "" | "#n/a"
    )
}

/// Two members that are the same word but for capitals and spaces.
fn spellings(members: &[String], counts: &[usize]) -> Option<(usize, usize)> {
    // Of free text every second one has another spelling.
    if members.len() > most_members(counts.iter().sum()) {
        return None;
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (code, member) in members.iter().enumerate() {
        let plain = member.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        if let Some(other) = seen.insert(plain, code) {
            return Some(if counts[other] >= counts[code] { (other, code) } else { (code, other) });
        }
    }
    None
}

/// Positive values in two clusters, far apart by a factor that units differ by, with nothing between.
fn two_units(values: &[f64]) -> Option<(f64, usize)> {
    if values.len() < 40 || values.iter().any(|v| *v <= 0.0) {
        return None;
    }
    let mut logs: Vec<f64> = values.iter().step_by(values.len() / 50_000 + 1).map(|v| v.log10()).collect();
    logs.sort_unstable_by(f64::total_cmp);
    let gap = (1..logs.len()).max_by(|a, b| {
        let width = |i: usize| logs[i] - logs[i - 1];
        width(*a).total_cmp(&width(*b)).then(b.cmp(a))
    })?;
    let (low, high) = logs.split_at(gap);
    if high.len() * 50 < logs.len() || low.len() * 50 < logs.len() {
        return None;
    }
    let width = high[0] - low[low.len() - 1];
    let spread = (low[low.len() - 1] - low[0]).max(high[high.len() - 1] - high[0]);
    let factor = 10_f64.powf(crate::stats::median(high) - crate::stats::median(low));
    let units = [100.0, 1_000.0, 1_024.0, 1_000_000.0, 60.0, 3_600.0, 86_400.0];
    let fits = units.into_iter().find(|u| (factor / u).ln().abs() < 0.15)?;
    let above = 10_f64.powf(high[0]);
    (width > 0.5 && width > 0.4 * spread).then(|| (fits, values.iter().filter(|v| **v >= above * 0.999).count()))
}

/// Rows that are there before, column by column the same.
fn repeated(prepared: &Prepared<'_>) -> Option<Issue> {
    let frame = prepared.frame;
    if frame.columns.len() < 2 {
        return None;
    }
    let hash = |r: usize| {
        let mut hasher = DefaultHasher::new();
        for column in &frame.columns {
            match &column.values {
                Values::Number(v) => v[r].to_bits().hash(&mut hasher),
                Values::Member { codes, .. } => codes[r].hash(&mut hasher),
                Values::Time(t) => t[r].hash(&mut hasher),
            }
        }
        hasher.finish()
    };
    let mut hashes: Vec<u64> = (0..frame.rows).map(hash).collect();
    hashes.sort_unstable();
    let repeats = hashes.windows(2).filter(|w| w[0] == w[1]).count();
    // A table of few different rows repeats them by its nature.
    let by_nature = repeats * 2 > frame.rows;
    (repeats > 0 && !by_nature).then(|| Issue {
        kind: IssueKind::Duplicates,
        column: None,
        rows: repeats as u64,
        strength: 0.35 + 0.5 * repeats as f64 / frame.rows as f64,
    })
}

/// The longest run of periods without rows, in a table that has rows in nearly all.
fn gap(periods: &Periods) -> Option<IssueKind> {
    let mut filled = vec![false; periods.count];
    for period in &periods.of {
        if let Some(is) = filled.get_mut(*period as usize) {
            *is = true;
        }
    }
    let empty = filled.iter().filter(|is| !**is).count();
    if empty == 0 || empty * 3 > periods.count || periods.count < 10 {
        return None;
    }
    let (mut best, mut start) = ((0, 0), 0);
    for i in 0..=filled.len() {
        if filled.get(i).copied().unwrap_or(true) {
            if i - start > best.0 {
                best = (i - start, start);
            }
            start = i + 1;
        }
    }
    let (length, from) = best;
    // Single holes in a table with many of them are how it is.
    if length < 2 && empty > 1 {
        return None;
    }
    Some(IssueKind::Gap {
        from: periods.name(from),
        to: periods.name(from + length - 1),
        periods: length as u64,
        word: periods.word(),
    })
}
