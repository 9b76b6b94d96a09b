//! How far rows are from those of the training: each value by itself, and all of them together.

use super::encode::{Content, Encoder, Feature, column, quantile};
use super::text;
use crate::{Frame, MISSING_MEMBER, Values};
use domain::Result;
use domain::learn::{DriftLevel, DriftReport, FeatureDrift, OutsideRow};
use std::collections::HashMap;

/// Parts that the training data is divided into.
const PARTS: usize = 10;
/// With fewer rows an index is mostly chance.
const FEWEST: usize = 50;
/// No share is less, or a single member more would count for everything.
const LEAST_SHARE: f64 = 0.005;
/// How many times its range a number lies beyond it to be far outside.
const FAR: f64 = 0.5;
const MOST_LISTED: usize = 1_000;

/// The population stability index of each feature.
pub(super) fn drift(encoder: &Encoder, frame: &Frame) -> Result<DriftReport> {
    let is_thin = frame.rows < FEWEST;
    let mut features = Vec::new();
    for feature in &encoder.features {
        let column = column(frame, &feature.name)?;
        // Times move on by themselves.
        let Some((before, now)) = shares(feature, &column.values) else { continue };
        let psi = index(&before, &now);
        let level = if is_thin { DriftLevel::Steady } else { DriftLevel::of(psi) };
        features.push(FeatureDrift { feature: feature.name.clone(), psi, level });
    }
    features.sort_by(|a, b| b.psi.total_cmp(&a.psi));
    let psi = features.first().map_or(0.0, |feature| feature.psi);
    let level = features.iter().map(|feature| feature.level).max().unwrap_or(DriftLevel::Steady);
    let (_, outside) = outside(encoder, frame)?;
    let outside = outside as f64 / frame.rows.max(1) as f64;
    Ok(DriftReport { rows: frame.rows as u64, psi, level, features, outside, is_thin })
}

fn index(before: &[f64], now: &[f64]) -> f64 {
    let pairs = before.iter().zip(now).map(|(a, b)| (a.max(LEAST_SHARE), b.max(LEAST_SHARE)));
    pairs.map(|(a, b)| (b - a) * (b / a).ln()).sum()
}

/// Shares of the parts of a feature in training and now; the last part is what is missing.
fn shares(feature: &Feature, values: &Values) -> Option<(Vec<f64>, Vec<f64>)> {
    let n = values.len().max(1) as f64;
    let there = 1.0 - feature.missing;
    match (&feature.content, values) {
        (Content::Number { knots }, Values::Number(values)) => {
            let mut edges: Vec<f64> = (1..PARTS).map(|i| quantile(knots, i as f64 / PARTS as f64)).collect();
            edges.retain(|edge| edge.is_finite());
            edges.dedup();
            let part = |value: f64| edges.partition_point(|edge| *edge < value);
            // Quantiles stand for rows: as many of them lie in a part as rows did.
            let mut before = vec![0.0; edges.len() + 2];
            knots.iter().for_each(|knot| before[part(*knot)] += there / knots.len() as f64);
            let mut now = vec![0.0; edges.len() + 2];
            let last = now.len() - 1;
            values.iter().for_each(|v| now[if v.is_nan() { last } else { part(*v) }] += 1.0 / n);
            before[last] = feature.missing;
            Some((before, now))
        }
        (Content::Member { members, shares, .. }, Values::Member { codes, members: own }) => {
            let kept = members.len().min(30);
            let known: HashMap<&str, usize> =
                members[..kept].iter().enumerate().map(|(i, m)| (m.as_str(), i)).collect();
            let place: Vec<usize> = own.iter().map(|m| known.get(m.as_str()).copied().unwrap_or(kept)).collect();
            let mut before: Vec<f64> = shares[..kept].iter().map(|share| share * there).collect();
            before.push((there - before.iter().sum::<f64>()).max(0.0));
            before.push(feature.missing);
            let mut now = vec![0.0; kept + 2];
            for code in codes {
                let part = if *code == MISSING_MEMBER { kept + 1 } else { place[*code as usize] };
                now[part] += 1.0 / n;
            }
            Some((before, now))
        }
        _ => None,
    }
}

/// Rows with values far outside the training data: the first of them, and how many there are.
pub(super) fn outside(encoder: &Encoder, frame: &Frame) -> Result<(Vec<OutsideRow>, u64)> {
    let mut reasons: HashMap<usize, Vec<String>> = HashMap::new();
    let mut is_out = vec![false; frame.rows];
    for feature in &encoder.features {
        let column = column(frame, &feature.name)?;
        let label = text::short(&feature.label);
        let mut note = |row: usize, sentence: &dyn Fn() -> String| {
            is_out[row] = true;
            if reasons.len() < MOST_LISTED || reasons.contains_key(&row) {
                reasons.entry(row).or_default().push(sentence());
            }
        };
        match (&feature.content, &column.values) {
            (Content::Number { knots }, Values::Number(values)) => {
                let (Some(min), Some(max)) = (knots.first().copied(), knots.last().copied()) else { continue };
                let range = if max > min { max - min } else { min.abs().max(1.0) };
                let span = || format!("the training data ({} to {})", text::number(min), text::number(max));
                for (row, value) in values.iter().enumerate() {
                    if *value > max + FAR * range {
                        note(row, &|| format!("{label} {} is far above {}", text::number(*value), span()));
                    } else if *value < min - FAR * range {
                        note(row, &|| format!("{label} {} is far below {}", text::number(*value), span()));
                    }
                }
            }
            (Content::Member { members, distinct, .. }, Values::Member { codes, members: own })
                if members.len() as u64 == *distinct =>
            {
                let known: std::collections::HashSet<&String> = members.iter().collect();
                let is_new: Vec<bool> = own.iter().map(|m| !known.contains(m)).collect();
                for (row, code) in codes.iter().enumerate() {
                    if is_new.get(*code as usize).copied().unwrap_or(false) {
                        let name = text::short(&own[*code as usize]);
                        note(row, &|| format!("{label} {name} was not met in training"));
                    }
                }
            }
            _ => {}
        }
    }
    let count = is_out.iter().filter(|out| **out).count() as u64;
    let mut rows: Vec<OutsideRow> = reasons.into_iter().map(|(index, because)| OutsideRow { index, because }).collect();
    rows.sort_by_key(|row| row.index);
    Ok((rows, count))
}
