//! Rows of a frame become rows of numbers: what is missing is filled, members become flags or
//! rarities, times become places in the day, the week and the year, and all is scaled.

use super::text;
use crate::{Frame, FrameColumn, MISSING_MEMBER, MISSING_TIME, Values};
use domain::learn::{FeatureKind, FeatureSummary, MOST_FEATURES};
use domain::{Cell, DataType, Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The most members of a column that get a flag of their own.
const MOST_FLAGS: usize = 30;
/// The most members of a column whose share is kept.
const MOST_MEMBERS: usize = 1_000;
/// Quantiles that are kept of a column of numbers, less one.
const KNOTS: usize = 128;
/// How many times its range a number may lie outside it before it is cut.
const REACH: f64 = 10.0;
const DAY: f64 = 86_400e6;

/// Numbers, row after row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matrix {
    pub(crate) cols: usize,
    pub(crate) data: Vec<f64>,
}

impl Matrix {
    pub(crate) fn rows(&self) -> usize {
        self.data.len().checked_div(self.cols).unwrap_or(0)
    }

    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.data[row * self.cols..(row + 1) * self.cols]
    }

    pub(crate) fn select(&self, rows: &[usize]) -> Self {
        let data = rows.iter().flat_map(|&row| self.row(row)).copied().collect();
        Self { cols: self.cols, data }
    }
}

/// What members become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Style {
    /// How rare they are: what detectors look for.
    Rarity,
    /// A flag each: what models learn from.
    Flags,
}

/// How features become numbers, and what they looked like in training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Encoder {
    style: Style,
    pub(crate) features: Vec<Feature>,
    /// Of each number that comes out.
    #[serde(with = "crate::learn::exact")]
    centres: Vec<f64>,
    /// 0 where it never varied.
    #[serde(with = "crate::learn::exact")]
    spreads: Vec<f64>,
}

/// A column that a model reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Feature {
    pub(crate) name: String,
    pub(crate) label: String,
    /// Share of rows without a value.
    pub(crate) missing: f64,
    pub(crate) content: Content,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Content {
    /// Quantiles from the least to the greatest.
    Number {
        #[serde(with = "crate::learn::exact")]
        knots: Vec<f64>,
    },
    /// The most frequent first, with their shares among rows that have one.
    Member {
        members: Vec<String>,
        #[serde(with = "crate::learn::exact")]
        shares: Vec<f64>,
        distinct: u64,
        rows: u64,
    },
    Time {
        first: i64,
        last: i64,
    },
}

/// The quantile of sorted values.
pub(crate) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = q.clamp(0.0, 1.0) * last as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    let high = (low + 1).min(last);
    sorted[low] * (1.0 - part) + sorted[high] * part
}

impl Feature {
    fn learn(column: &FrameColumn, rows: &[usize]) -> Self {
        let missing = rows.iter().filter(|&&row| column.values.is_missing(row)).count();
        let content = match &column.values {
            Values::Number(values) => {
                let mut finite: Vec<f64> = rows.iter().map(|&row| values[row]).filter(|v| v.is_finite()).collect();
                finite.sort_by(f64::total_cmp);
                let knots = if finite.len() <= KNOTS + 1 {
                    finite
                } else {
                    (0..=KNOTS).map(|i| quantile(&finite, i as f64 / KNOTS as f64)).collect()
                };
                Content::Number { knots }
            }
            Values::Member { codes, members } => {
                let mut counts = vec![0_u64; members.len()];
                for code in rows.iter().map(|&row| codes[row]).filter(|&code| code != MISSING_MEMBER) {
                    counts[code as usize] += 1;
                }
                let total: u64 = counts.iter().sum();
                let mut met: Vec<(u64, &String)> = counts.iter().copied().zip(members).filter(|m| m.0 > 0).collect();
                met.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
                let distinct = met.len() as u64;
                met.truncate(MOST_MEMBERS);
                Content::Member {
                    shares: met.iter().map(|m| m.0 as f64 / total as f64).collect(),
                    members: met.into_iter().map(|m| m.1.clone()).collect(),
                    distinct,
                    rows: total,
                }
            }
            Values::Time(values) => {
                let times = || rows.iter().map(|&row| values[row]).filter(|&time| time != MISSING_TIME);
                Content::Time { first: times().min().unwrap_or(0), last: times().max().unwrap_or(0) }
            }
        };
        Self {
            name: column.name.clone(),
            label: column.label.clone(),
            missing: missing as f64 / rows.len().max(1) as f64,
            content,
        }
    }

    /// How many numbers it becomes.
    pub(crate) fn width(&self, style: Style) -> usize {
        match (&self.content, style) {
            (Content::Number { .. }, _) => 2,
            (Content::Member { .. }, Style::Rarity) => 1,
            (Content::Member { members, .. }, Style::Flags) => members.len().min(MOST_FLAGS),
            (Content::Time { .. }, _) => 7,
        }
    }

    /// What a row without a value becomes.
    fn without_value(&self, style: Style) -> Vec<f64> {
        let mut values = vec![0.0; self.width(style)];
        match (&self.content, style) {
            (Content::Number { knots }, _) => {
                values[0] = if knots.is_empty() { 0.0 } else { quantile(knots, 0.5) };
                values[1] = 1.0;
            }
            (Content::Member { rows, .. }, Style::Rarity) => {
                let unseen = (*rows as f64 * 2.0).max(2.0).ln();
                values[0] = if self.missing > 0.0 { -self.missing.ln() } else { unseen };
            }
            (Content::Member { .. }, Style::Flags) => {}
            (Content::Time { first, last }, _) => time_parts(first.midpoint(*last), &mut values),
        }
        values
    }

    pub(crate) fn is_constant(&self) -> bool {
        let varies = match &self.content {
            Content::Number { knots } => knots.first() != knots.last(),
            Content::Member { distinct, .. } => *distinct > 1,
            Content::Time { first, last } => first != last,
        };
        !varies && (self.missing == 0.0 || self.missing == 1.0)
    }

    fn summary(&self) -> FeatureSummary {
        let mut summary = FeatureSummary {
            name: self.name.clone(),
            label: self.label.clone(),
            kind: FeatureKind::Number,
            missing: self.missing,
            min: None,
            median: None,
            max: None,
            members: None,
            is_constant: self.is_constant(),
        };
        match &self.content {
            Content::Number { knots } => {
                summary.min = knots.first().copied();
                summary.median = (!knots.is_empty()).then(|| quantile(knots, 0.5));
                summary.max = knots.last().copied();
            }
            Content::Member { distinct, .. } => {
                summary.kind = FeatureKind::Member;
                summary.members = Some(*distinct);
            }
            Content::Time { .. } => summary.kind = FeatureKind::Time,
        }
        summary
    }

    fn check(&self) -> bool {
        (0.0..=1.0).contains(&self.missing)
            && match &self.content {
                Content::Number { knots } => {
                    knots.len() <= KNOTS + 1
                        && knots.iter().all(|k| k.is_finite())
                        && knots.windows(2).all(|pair| pair[0] <= pair[1])
                }
                Content::Member { members, shares, distinct, .. } => {
                    members.len() <= MOST_MEMBERS
                        && members.len() == shares.len()
                        && members.len() as u64 <= *distinct
                        && shares.iter().all(|share| *share > 0.0 && *share <= 1.0)
                }
                Content::Time { first, last } => first <= last,
            }
    }
}

/// How the values of a frame's column are read.
enum Reader<'a> {
    Number {
        values: &'a [f64],
        middle: f64,
        low: f64,
        high: f64,
    },
    /// The rarity of each code, and of a missing one.
    Rarity {
        codes: &'a [u32],
        rarity: Vec<f64>,
        missing: f64,
    },
    /// The flag of each code.
    Flags {
        codes: &'a [u32],
        flag: Vec<usize>,
        width: usize,
    },
    Time {
        values: &'a [i64],
        first: i64,
        last: i64,
    },
    /// What a row without a value becomes.
    Missing(Vec<f64>),
}

/// An encoder with the columns of a frame.
pub(crate) struct Bound<'a> {
    encoder: &'a Encoder,
    readers: Vec<Reader<'a>>,
}

impl Encoder {
    /// Learns features from some rows.
    pub(crate) fn learn(frame: &Frame, names: &[String], rows: &[usize], style: Style) -> Result<Self> {
        if names.is_empty() || names.len() > MOST_FEATURES {
            let sentence = format!("A model has from 1 to {MOST_FEATURES} features.");
            return Err(Error::invalid(sentence).field("features"));
        }
        let mut features: Vec<Feature> = Vec::with_capacity(names.len());
        for name in names {
            if features.iter().any(|feature| feature.name == *name) {
                return Err(Error::invalid(format!("The feature \"{name}\" is named twice.")).field("features"));
            }
            features.push(Feature::learn(column(frame, name)?, rows));
        }
        if features.iter().all(Feature::is_constant) {
            return Err(Error::new(ErrorCode::RuleRefused, "Every feature has one value only, or none.")
                .hint("Choose features that differ from row to row.")
                .field("features"));
        }
        let width: usize = features.iter().map(|feature| feature.width(style)).sum();
        let mut encoder = Self { style, features, centres: vec![0.0; width], spreads: vec![1.0; width] };
        let raw = encoder.encode(frame, rows)?;
        let n = raw.rows().max(1) as f64;
        for col in 0..width {
            let values = || raw.data.iter().skip(col).step_by(width);
            let centre = values().sum::<f64>() / n;
            let spread = (values().map(|v| (v - centre).powi(2)).sum::<f64>() / n).sqrt();
            let scale = values().fold(0.0_f64, |most, v| most.max(v.abs()));
            encoder.centres[col] = centre;
            // What remains of rounding is no spread.
            encoder.spreads[col] = if spread > scale * 1e-12 && spread.is_finite() { spread } else { 0.0 };
        }
        Ok(encoder)
    }

    /// How many numbers a row becomes.
    pub(crate) fn width(&self) -> usize {
        self.centres.len()
    }

    /// The numbers that each feature becomes.
    pub(crate) fn slots(&self) -> Vec<std::ops::Range<usize>> {
        let mut start = 0;
        let next = |feature: &Feature| {
            let range = start..start + feature.width(self.style);
            start = range.end;
            range
        };
        self.features.iter().map(next).collect()
    }

    pub(crate) fn summaries(&self) -> Vec<FeatureSummary> {
        self.features.iter().map(Feature::summary).collect()
    }

    /// Finds the columns in a frame.
    pub(crate) fn bind<'a>(&'a self, frame: &'a Frame) -> Result<Bound<'a>> {
        let reader = |feature: &Feature| -> Result<Reader<'a>> {
            let column = column(frame, &feature.name)?;
            Ok(match (&feature.content, &column.values) {
                (Content::Number { knots }, Values::Number(values)) => {
                    let (min, max) = (knots.first().copied().unwrap_or(0.0), knots.last().copied().unwrap_or(0.0));
                    // Half first: the range of extreme numbers is not finite.
                    let reach = (max / 2.0 - min / 2.0) * 2.0 * REACH;
                    let reach = if reach.is_finite() { reach } else { f64::MAX / 4.0 };
                    let reach = if reach > 0.0 { reach } else { REACH * min.abs().clamp(1.0, f64::MAX / 40.0) };
                    let middle = if knots.is_empty() { 0.0 } else { quantile(knots, 0.5) };
                    let limit = f64::MAX / 8.0;
                    let (low, high) = ((min - reach).clamp(-limit, limit), (max + reach).clamp(-limit, limit));
                    Reader::Number { values, middle: middle.clamp(low, high), low, high }
                }
                (Content::Member { members, shares, rows, .. }, Values::Member { codes, members: own }) => {
                    let known: HashMap<&str, usize> =
                        members.iter().enumerate().map(|(i, m)| (m.as_str(), i)).collect();
                    match self.style {
                        Style::Rarity => {
                            let unseen = (*rows as f64 * 2.0).max(2.0).ln();
                            let rare = |m: &String| known.get(m.as_str()).map_or(unseen, |&i| -shares[i].ln());
                            let missing = feature.without_value(self.style)[0];
                            Reader::Rarity { codes, rarity: own.iter().map(rare).collect(), missing }
                        }
                        Style::Flags => {
                            let flag = |m: &String| known.get(m.as_str()).copied().unwrap_or(usize::MAX);
                            let width = feature.width(self.style);
                            Reader::Flags { codes, flag: own.iter().map(flag).collect(), width }
                        }
                    }
                }
                (Content::Time { first, last }, Values::Time(values)) => {
                    Reader::Time { values, first: *first, last: *last }
                }
                // A column without any value may come as any type.
                (_, values) if (0..values.len()).all(|row| values.is_missing(row)) => {
                    Reader::Missing(feature.without_value(self.style))
                }
                _ => {
                    let sentence = format!("{} is of another type than when the model was trained.", feature.label);
                    return Err(Error::invalid(sentence).hint("Train the model again.").field(feature.name.clone()));
                }
            })
        };
        Ok(Bound { encoder: self, readers: self.features.iter().map(reader).collect::<Result<_>>()? })
    }

    /// Rows as numbers.
    pub(crate) fn encode(&self, frame: &Frame, rows: &[usize]) -> Result<Matrix> {
        let bound = self.bind(frame)?;
        let mut data = vec![0.0; rows.len() * self.width()];
        for (row, out) in rows.iter().zip(data.chunks_mut(self.width().max(1))) {
            bound.write(*row, out);
        }
        Ok(Matrix { cols: self.width(), data })
    }

    /// A row with nothing odd in it.
    pub(crate) fn usual(&self) -> Vec<f64> {
        let mut row = Vec::with_capacity(self.width());
        for (feature, slots) in self.features.iter().zip(self.slots()) {
            let start = row.len();
            row.resize(slots.end, 0.0);
            let values = &mut row[start..];
            match (&feature.content, self.style) {
                (Content::Number { knots }, _) if !knots.is_empty() => values[0] = quantile(knots, 0.5),
                (Content::Member { shares, .. }, Style::Rarity) => {
                    values[0] = shares.first().map_or(0.0, |share| -share.ln());
                }
                (Content::Member { .. }, Style::Flags) => {
                    if let Some(first) = values.first_mut() {
                        *first = 1.0;
                    }
                }
                _ => values.copy_from_slice(&self.centres[slots]),
            }
        }
        self.scale(&mut row);
        row
    }

    fn scale(&self, row: &mut [f64]) {
        for ((value, centre), spread) in row.iter_mut().zip(&self.centres).zip(&self.spreads) {
            *value = if *spread > 0.0 { (*value - centre) / spread } else { 0.0 };
        }
    }

    /// Whether a file with it can be used.
    pub(crate) fn check(&self) -> bool {
        let width: usize = self.features.iter().map(|feature| feature.width(self.style)).sum();
        !self.features.is_empty()
            && self.features.len() <= MOST_FEATURES
            && self.features.iter().all(Feature::check)
            && self.centres.len() == width
            && self.spreads.len() == width
            && self.centres.iter().all(|c| c.is_finite())
            && self.spreads.iter().all(|s| s.is_finite() && *s >= 0.0)
    }
}

impl Bound<'_> {
    /// One row, scaled.
    pub(crate) fn write(&self, row: usize, out: &mut [f64]) {
        let mut at = 0;
        for (reader, feature) in self.readers.iter().zip(&self.encoder.features) {
            let width = feature.width(self.encoder.style);
            let values = &mut out[at..at + width];
            at += width;
            values.fill(0.0);
            match reader {
                Reader::Number { values: numbers, middle, low, high } => {
                    let value = numbers[row];
                    let is_missing = value.is_nan();
                    values[0] = if is_missing { *middle } else { value.clamp(*low, *high) };
                    values[1] = f64::from(u8::from(is_missing));
                }
                Reader::Rarity { codes, rarity, missing } => {
                    values[0] = rarity.get(codes[row] as usize).copied().unwrap_or(*missing);
                }
                Reader::Flags { codes, flag, width } => {
                    if let Some(&place) = flag.get(codes[row] as usize)
                        && place < *width
                    {
                        values[place] = 1.0;
                    }
                }
                Reader::Missing(usual) => values.copy_from_slice(usual),
                Reader::Time { values: times, first, last } => {
                    let time = times[row];
                    let time = if time == MISSING_TIME { first.midpoint(*last) } else { time };
                    time_parts(time, values);
                }
            }
        }
        self.encoder.scale(out);
    }
}

/// Places on the circles of day, week and year, and the day itself.
fn time_parts(micros: i64, out: &mut [f64]) {
    let days = micros as f64 / DAY;
    // 1970 began on a Thursday; the mean year is near enough for a season.
    let turns = [days.rem_euclid(1.0), ((days + 3.0) / 7.0).rem_euclid(1.0), (days / 365.2425).rem_euclid(1.0)];
    for (i, turn) in turns.into_iter().enumerate() {
        let (sin, cos) = (turn * std::f64::consts::TAU).sin_cos();
        out[2 * i] = sin;
        out[2 * i + 1] = cos;
    }
    out[6] = days;
}

/// The column of a name, or what to do about it.
pub(crate) fn column<'a>(frame: &'a Frame, name: &str) -> Result<&'a FrameColumn> {
    frame.column(name).ok_or_else(|| {
        Error::new(ErrorCode::UnknownColumn, format!("There is no column \"{name}\" in these rows."))
            .hint("The model needs every column that it was trained on.")
            .field(name.to_owned())
    })
}

/// A value of a frame as a cell.
pub(crate) fn cell(column: &FrameColumn, row: usize) -> Cell {
    if column.values.is_missing(row) {
        return Cell::Null;
    }
    match &column.values {
        Values::Number(values) => {
            let value = values[row];
            if value.fract() == 0.0 && value.abs() < 9e15 && column.ty == DataType::Integer {
                Cell::Int(value as i64)
            } else {
                Cell::Float(value)
            }
        }
        Values::Member { codes, members } => {
            let member = members.get(codes[row] as usize).map_or("", String::as_str);
            match (column.ty, member) {
                (DataType::Boolean, "true") => Cell::Bool(true),
                (DataType::Boolean, "false") => Cell::Bool(false),
                _ => Cell::Text(member.to_owned()),
            }
        }
        Values::Time(values) => Cell::Text(text::time(values[row], column.ty == DataType::Date)),
    }
}
