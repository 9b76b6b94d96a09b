//! Groups of rows that are alike: k-means with a proposed number of groups, and DBSCAN, both by linfa.

use super::encode::{Content, Encoder, Matrix, Style, cell, column, quantile};
use super::file::{Body, ModelFile};
use super::{Progress, Settings, Trained, cancelled, fitting, report, spread_over, text, training_rows};
use crate::{Frame, Values};
use domain::learn::{ClusterSummary, Clusters, MetricValue, ModelKind, Prediction, Predictions, TrainSpec};
use domain::{Cell, Error, ErrorCode, Result};
use linfa::DatasetBase;
use linfa::traits::{Fit, Transformer};
use linfa_clustering::{Dbscan, KMeans};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// Rows that a silhouette is measured by.
const MOST_MEASURED: usize = 1_500;
/// Rows that DBSCAN is run on, and that a model of it keeps.
const MOST_DENSE: usize = 10_000;
const MOST_KEPT: usize = 2_000;
const MOST_GROUPS: usize = 1_000;
const MOST_TRAITS: usize = 3;

/// Centres, and how far the usual row of a group is from its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Centres {
    #[serde(with = "crate::learn::exact::lists")]
    centres: Vec<Vec<f64>>,
    #[serde(with = "crate::learn::exact")]
    usual: Vec<f64>,
}

/// Rows of dense places with their groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dense {
    #[serde(with = "crate::learn::exact::lists")]
    rows: Vec<Vec<f64>>,
    groups: Vec<u32>,
    radius: f64,
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

/// The nearest of some rows and how far it is.
fn nearest(row: &[f64], others: &[Vec<f64>]) -> Option<(usize, f64)> {
    let all = others.iter().map(|other| distance(row, other)).enumerate();
    all.min_by(|a, b| a.1.total_cmp(&b.1))
}

impl Centres {
    fn group(&self, row: &[f64]) -> Option<(usize, f64)> {
        nearest(row, &self.centres).map(|(group, far)| (group, far / self.usual[group]))
    }

    pub(crate) fn check(&self, width: usize) -> bool {
        (1..=MOST_GROUPS).contains(&self.centres.len())
            && self.centres.iter().all(|centre| centre.len() == width && centre.iter().all(|v| v.is_finite()))
            && self.usual.len() == self.centres.len()
            && self.usual.iter().all(|far| far.is_finite() && *far > 0.0)
    }
}

impl Dense {
    fn group(&self, row: &[f64]) -> Option<(usize, f64)> {
        let (place, far) = nearest(row, &self.rows)?;
        (far <= self.radius).then(|| (self.groups[place] as usize, far / self.radius))
    }

    pub(crate) fn check(&self, width: usize) -> bool {
        self.rows.len() <= MOST_KEPT
            && self.rows.iter().all(|row| row.len() == width && row.iter().all(|v| v.is_finite()))
            && self.groups.len() == self.rows.len()
            && self.groups.iter().all(|group| (*group as usize) < MOST_GROUPS)
            && self.radius.is_finite()
            && self.radius > 0.0
    }
}

fn group(body: &Body, row: &[f64]) -> Option<(usize, f64)> {
    match body {
        Body::Centres(model) => model.group(row),
        Body::Dense(model) => model.group(row),
        _ => None,
    }
}

/// Finds groups.
pub(super) fn train(frame: &Frame, spec: &TrainSpec, settings: &Settings, progress: Progress<'_>) -> Result<Trained> {
    let rows = training_rows(frame.rows);
    let encoder = Encoder::learn(frame, &spec.features, &rows, Style::Flags)?;
    let most = if settings.kind == ModelKind::Dbscan { MOST_DENSE } else { fitting(encoder.width()) };
    let rows: Vec<usize> = spread_over(rows.len(), most).into_iter().map(|i| rows[i]).collect();
    let encoded = encoder.encode(frame, &rows)?;
    let measured = encoded.select(&spread_over(encoded.rows(), MOST_MEASURED));
    let mut tried = Vec::new();
    let body = if settings.kind == ModelKind::Dbscan {
        Body::Dense(dense(&encoded, settings)?)
    } else {
        let given = settings.count("clusters");
        let most = measured.rows().saturating_sub(1).max(1);
        let mut best: Option<(f64, Centres)> = None;
        let numbers = if given > 0 { given.min(most)..=given.min(most) } else { 2.min(most)..=10.min(most) };
        let steps = numbers.clone().count() as f64;
        for (done, k) in numbers.enumerate() {
            if !progress(done as f64 / steps) {
                return Err(cancelled());
            }
            let model = centres(&encoded, k)?;
            let groups = groups_of(&measured, |row| model.group(row));
            let fit = silhouette(&measured, &groups);
            if let Some(fit) = fit {
                tried.push((k as u32, fit));
            }
            let fit = fit.unwrap_or(-1.0);
            if best.as_ref().is_none_or(|(most, _)| fit > *most) {
                best = Some((fit, model));
            }
        }
        Body::Centres(best.ok_or_else(Error::internal)?.1)
    };
    let assigned: Vec<Option<usize>> =
        (0..encoded.rows()).map(|row| group(&body, encoded.row(row)).map(|g| g.0)).collect();
    let measured_groups = groups_of(&measured, |row| group(&body, row));
    let mut model = ModelFile::new(spec, frame, rows.len(), body);
    let mut report = report(&model, settings, encoder.summaries());
    let groups = summaries(frame, &encoder, &rows, &assigned)?;
    let metric = |name: &str, label: &str, value: f64, more_is_better| MetricValue {
        name: name.into(),
        label: label.into(),
        value,
        low: None,
        high: None,
        more_is_better,
    };
    if let Some(fit) = silhouette(&measured, &measured_groups) {
        report.metrics.push(metric("silhouette", "Silhouette", fit, true));
        if fit < 0.25 {
            report.notes.push("The groups are hardly apart: there may be none in this data.".into());
        }
    }
    let noise = assigned.iter().filter(|group| group.is_none()).count();
    report.metrics.push(metric("clusters", "Groups", groups.len() as f64, true));
    report.metrics.push(metric("noise", "Share in no group", noise as f64 / rows.len().max(1) as f64, false));
    report.clusters = Some(Clusters { groups, noise: noise as u64, tried });
    model.encoder = Some(encoder);
    Ok(Trained { model, report, detection: None })
}

fn records(rows: &Matrix) -> Result<Array2<f64>> {
    Array2::from_shape_vec((rows.rows(), rows.cols), rows.data.clone()).map_err(|_| Error::internal())
}

fn centres(rows: &Matrix, k: usize) -> Result<Centres> {
    let no_groups = |_| Error::new(ErrorCode::RuleRefused, "No groups were found in these rows.");
    let data = DatasetBase::from(records(rows)?);
    let fitted = KMeans::params(k).n_runs(5).max_n_iterations(200).tolerance(1e-5).fit(&data).map_err(no_groups)?;
    let mut centres: Vec<Vec<f64>> = fitted.centroids().rows().into_iter().map(|row| row.to_vec()).collect();
    centres.retain(|centre| centre.iter().all(|v| v.is_finite()));
    let mut found: Vec<Vec<f64>> = vec![Vec::new(); centres.len()];
    for row in (0..rows.rows()).map(|row| rows.row(row)) {
        if let Some((group, far)) = nearest(row, &centres) {
            found[group].push(far);
        }
    }
    // The largest first; a centre without rows is none.
    let mut groups: Vec<(Vec<f64>, Vec<f64>)> = centres.into_iter().zip(found).filter(|g| !g.1.is_empty()).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.1.len()));
    let usual = groups.iter_mut().map(|(_, far)| {
        far.sort_by(f64::total_cmp);
        quantile(far, 0.5).max(1e-9)
    });
    let usual = usual.collect();
    Ok(Centres { usual, centres: groups.into_iter().map(|group| group.0).collect() })
}

fn dense(rows: &Matrix, settings: &Settings) -> Result<Dense> {
    let neighbours = settings.count("neighbours");
    let radius = match settings.number("radius") {
        0.0 => propose_radius(rows, neighbours),
        radius => radius,
    };
    let radius = radius.max(1e-9);
    let groups = Dbscan::params(neighbours)
        .tolerance(radius)
        .transform(&records(rows)?)
        .map_err(|_| Error::invalid("The radius is no distance.").field("parameters.radius"))?;
    let mut sizes: Vec<(usize, usize)> = Vec::new();
    for group in groups.iter().flatten() {
        if sizes.len() <= *group {
            sizes.resize(group + 1, (0, 0));
        }
        sizes[*group].0 += 1;
    }
    sizes.iter_mut().enumerate().for_each(|(i, size)| size.1 = i);
    sizes.sort_by_key(|(rows, group)| (std::cmp::Reverse(*rows), *group));
    sizes.truncate(MOST_GROUPS);
    let order = |group: usize| sizes.iter().position(|(_, i)| *i == group);
    let members: Vec<(usize, usize)> =
        groups.iter().enumerate().filter_map(|(row, group)| Some((row, order((*group)?)?))).collect();
    let kept = spread_over(members.len(), MOST_KEPT);
    Ok(Dense {
        rows: kept.iter().map(|i| rows.row(members[*i].0).to_vec()).collect(),
        groups: kept.iter().map(|i| members[*i].1 as u32).collect(),
        radius,
    })
}

/// The distance to the k-th neighbour where it begins to rise steeply: the point of the sorted
/// distances that is furthest below the line from the first to the last.
fn propose_radius(rows: &Matrix, neighbours: usize) -> f64 {
    let sample = spread_over(rows.rows(), 1_000);
    let picked = rows.select(&sample);
    let n = picked.rows();
    let mut far: Vec<f64> = (0..n)
        .filter_map(|row| {
            let mut all: Vec<f64> =
                (0..n).filter(|o| *o != row).map(|o| distance(picked.row(row), picked.row(o))).collect();
            let k = neighbours.min(all.len()).checked_sub(1)?;
            all.select_nth_unstable_by(k, f64::total_cmp);
            Some(all[k])
        })
        .collect();
    far.sort_by(f64::total_cmp);
    let (Some(first), Some(last)) = (far.first().copied(), far.last().copied()) else { return 1.0 };
    let below = |i: usize| first + (last - first) * i as f64 / far.len() as f64 - far[i];
    let knee = (0..far.len()).fold(0, |best, i| if below(i) > below(best) { i } else { best });
    let radius = far[knee];
    if radius > 0.0 { radius } else { quantile(&far, 0.9).max(1e-3) }
}

fn groups_of(rows: &Matrix, group: impl Fn(&[f64]) -> Option<(usize, f64)>) -> Vec<Option<usize>> {
    (0..rows.rows()).map(|row| group(rows.row(row)).map(|g| g.0)).collect()
}

/// How much nearer rows are to their own group than to the next (P. Rousseeuw 1987); none where
/// there are not two groups.
fn silhouette(rows: &Matrix, groups: &[Option<usize>]) -> Option<f64> {
    let count = groups.iter().flatten().max()? + 1;
    let mut sizes = vec![0.0; count];
    groups.iter().flatten().for_each(|group| sizes[*group] += 1.0);
    if sizes.iter().filter(|size| **size > 0.0).count() < 2 {
        return None;
    }
    let (mut sum, mut measured) = (0.0, 0.0);
    for (row, own) in groups.iter().enumerate() {
        let Some(own) = *own else { continue };
        measured += 1.0;
        if sizes[own] < 2.0 {
            continue;
        }
        let mut far = vec![0.0; count];
        for (other, group) in groups.iter().enumerate() {
            if let Some(group) = group {
                far[*group] += distance(rows.row(row), rows.row(other));
            }
        }
        let within = far[own] / (sizes[own] - 1.0);
        let next =
            (0..count).filter(|g| *g != own && sizes[*g] > 0.0).map(|g| far[g] / sizes[g]).fold(f64::MAX, f64::min);
        let larger = within.max(next);
        sum += if larger > 0.0 { (next - within) / larger } else { 0.0 };
    }
    (measured > 0.0).then(|| sum / measured)
}

/// What sets each group apart.
fn summaries(
    frame: &Frame,
    encoder: &Encoder,
    rows: &[usize],
    groups: &[Option<usize>],
) -> Result<Vec<ClusterSummary>> {
    let count = groups.iter().flatten().max().map_or(0, |most| most + 1);
    let mut found = Vec::with_capacity(count);
    for group in 0..count {
        let within = |place: &usize| groups[*place] == Some(group);
        let (inside, others): (Vec<usize>, Vec<usize>) = (0..rows.len()).partition(within);
        let of = |places: &[usize]| places.iter().map(|i| rows[*i]).collect::<Vec<usize>>();
        let (inside, others) = (of(&inside), of(&others));
        if inside.is_empty() {
            continue;
        }
        let mut traits: Vec<(f64, String)> = Vec::new();
        for feature in &encoder.features {
            let column = column(frame, &feature.name)?;
            let label = text::short(&feature.label);
            match (&column.values, &feature.content) {
                (Values::Number(values), Content::Number { knots }) => {
                    let middle = |rows: &[usize]| {
                        let mut v: Vec<f64> = rows.iter().map(|row| values[*row]).filter(|v| v.is_finite()).collect();
                        v.sort_by(f64::total_cmp);
                        quantile(&v, 0.5)
                    };
                    let (here, there) = (middle(&inside), middle(&others));
                    let range = quantile(knots, 0.9) - quantile(knots, 0.1);
                    let strength = (here - there).abs() / range;
                    if range > 0.0 && strength > 0.3 {
                        let word = if here > there { "high" } else { "low" };
                        let (here, there) = (text::number(here), text::number(there));
                        traits.push((strength, format!("{label} is {word} (median {here}; elsewhere {there})")));
                    }
                }
                (Values::Member { .. }, _) => {
                    let share = |rows: &[usize], member: &Cell| {
                        rows.iter().filter(|row| cell(column, **row) == *member).count() as f64
                            / rows.len().max(1) as f64
                    };
                    let Some(best) = most_frequent(column, &inside) else { continue };
                    let (here, there) = (share(&inside, &best), share(&others, &best));
                    if here - there > 0.3 {
                        let (name, here_text) = (text::short(&best.to_text()), text::percent(here));
                        let sentence = format!("{label} is {name} ({here_text}; elsewhere {})", text::percent(there));
                        traits.push((here - there, sentence));
                    }
                }
                _ => {}
            }
        }
        traits.sort_by(|a, b| b.0.total_cmp(&a.0));
        let traits = traits.into_iter().take(MOST_TRAITS).map(|t| t.1).collect();
        found.push(ClusterSummary { cluster: group as u32, rows: inside.len() as u64, traits });
    }
    Ok(found)
}

fn most_frequent(column: &crate::FrameColumn, rows: &[usize]) -> Option<Cell> {
    let (codes, members) = column.values.members()?;
    let mut counts = vec![0_usize; members.len()];
    for row in rows {
        if let Some(count) = counts.get_mut(codes[*row] as usize) {
            *count += 1;
        }
    }
    let (code, count) = counts.iter().enumerate().max_by_key(|(i, count)| (**count, std::cmp::Reverse(*i)))?;
    let row = rows.iter().find(|row| codes[**row] as usize == code)?;
    (*count > 0).then(|| cell(column, *row))
}

/// The group of every row of a frame; null for noise.
pub(super) fn predict(model: &ModelFile, frame: &Frame) -> Result<Predictions> {
    let encoder = model.encoder()?;
    let bound = encoder.bind(frame)?;
    let mut row = vec![0.0; encoder.width()];
    let rows = (0..frame.rows)
        .map(|r| {
            bound.write(r, &mut row);
            let found = group(&model.body, &row);
            Prediction {
                value: found.map_or(Cell::Null, |(group, _)| Cell::Int(group as i64)),
                probability: None,
                low: None,
                high: None,
                distance: found.map(|(_, far)| far),
                probabilities: Vec::new(),
            }
        })
        .collect();
    Ok(Predictions { rows, ..Predictions::default() })
}
