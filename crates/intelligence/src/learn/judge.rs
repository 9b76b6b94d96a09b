//! How good a kind of model is on rows it was not trained on: cross-validation, with intervals
//! that allow for the overlap of its training parts (C. Nadeau, Y. Bengio, "Inference for the
//! Generalization Error", 2003), and what each feature is worth by shuffling it (L. Breiman 2001).

use super::encode::{Encoder, Matrix, Style, quantile};
use super::file::Body;
use super::supervised::{fit, outputs};
use super::target::Target;
use super::{Settings, spread_over, text};
use crate::Frame;
use domain::Result;
use domain::learn::{Confusion, Importance, MetricValue, TrainSpec};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Rows that are judged by at most.
const MOST_ROWS: usize = 50_000;
/// Rows of a fold whose features are shuffled.
const MOST_SHUFFLED: usize = 2_000;
const SHUFFLES: usize = 3;
/// Of few rows every division into folds is another; several of them are less left to chance.
const FEW_ROWS: usize = 2_000;
const ROUNDS: usize = 4;

/// What cross-validation finds.
pub(super) struct Judged {
    pub(super) metrics: Vec<MetricValue>,
    pub(super) confusion: Option<Confusion>,
    pub(super) importance: Vec<Importance>,
    /// Four of five predictions of numbers are nearer than this.
    pub(super) error: f64,
    pub(super) notes: Vec<String>,
}

/// The place of the greatest, the first where several are.
pub(super) fn likeliest(shares: &[f64]) -> usize {
    (0..shares.len()).fold(0, |best, i| if shares[i] > shares[best] { i } else { best })
}

/// The fold of each row, by chance: as many of each class, or of low and high numbers, in every one.
fn folds(target: &Target, count: usize, seed: u64) -> Vec<usize> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut groups: Vec<Vec<usize>> = match target {
        Target::Classes { labels, classes } => {
            let mut groups = vec![Vec::new(); classes.len()];
            labels.iter().enumerate().for_each(|(row, label)| groups[*label].push(row));
            groups
        }
        Target::Numbers(values) => {
            let mut order: Vec<usize> = (0..values.len()).collect();
            order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
            order.chunks(count).map(<[usize]>::to_vec).collect()
        }
    };
    let mut fold = vec![0; target.len()];
    let mut next = 0;
    for group in &mut groups {
        group.shuffle(&mut random);
        for &row in group.iter() {
            fold[row] = next % count;
            next += 1;
        }
    }
    fold
}

/// Trains on all folds but one, predicts that one, for each.
pub(super) fn judge(
    frame: &Frame,
    spec: &TrainSpec,
    settings: &Settings,
    target: &Target,
    rows: &[usize],
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<Judged> {
    let mut notes = Vec::new();
    let picked = spread_over(rows.len(), MOST_ROWS);
    if picked.len() < rows.len() {
        notes.push(format!("Judged by {} of the rows.", text::number(picked.len() as f64)));
    }
    let target = target.select(&picked);
    let rows: Vec<usize> = picked.iter().map(|i| rows[*i]).collect();
    let count = settings.count("folds").clamp(2, rows.len().max(2));
    let rounds = if rows.len() <= FEW_ROWS { ROUNDS } else { 1 };
    let divided: Vec<Vec<usize>> =
        (0..rounds).map(|round| folds(&target, count, settings.seed.wrapping_add(round as u64))).collect();
    let mut found: Vec<Vec<(&'static str, f64)>> = Vec::with_capacity(count);
    let mut losses: Vec<Vec<f64>> = vec![Vec::new(); spec.features.len()];
    let mut errors: Vec<f64> = Vec::new();
    let mut confusion = match &target {
        Target::Classes { classes, .. } => {
            Some(Confusion { classes: classes.clone(), counts: vec![vec![0; classes.len()]; classes.len()] })
        }
        Target::Numbers(_) => None,
    };
    let steps = (rounds * count) as f64;
    for (step, (round, part)) in (0..rounds).flat_map(|round| (0..count).map(move |part| (round, part))).enumerate() {
        let (inside, outside): (Vec<usize>, Vec<usize>) = (0..rows.len()).partition(|i| divided[round][*i] == part);
        if inside.is_empty() || outside.is_empty() {
            continue;
        }
        let of = |places: &[usize]| places.iter().map(|i| rows[*i]).collect::<Vec<usize>>();
        // A feature may be constant in one part; the model of that part is then not counted.
        let Ok(encoder) = Encoder::learn(frame, &spec.features, &of(&outside), Style::Flags) else { continue };
        let known = encoder.encode(frame, &of(&outside))?;
        let start = step as f64 / steps;
        let body = fit(&known, &target.select(&outside), settings, &mut |done| progress(start + done / steps))?;
        let held = encoder.encode(frame, &of(&inside))?;
        let truth = target.select(&inside);
        let said: Vec<Vec<f64>> = (0..held.rows()).map(|row| outputs(&body, held.row(row))).collect();
        match &truth {
            // Every row is counted once.
            _ if round > 0 => {}
            Target::Classes { labels, .. } => {
                if let Some(confusion) = &mut confusion {
                    labels.iter().zip(&said).for_each(|(l, s)| confusion.counts[*l][likeliest(s)] += 1);
                }
            }
            Target::Numbers(values) => errors.extend(values.iter().zip(&said).map(|(v, s)| (v - s[0]).abs())),
        }
        found.push(figures(&truth, &said));
        if round > 0 {
            continue;
        }
        shuffle(&encoder, &body, &held, &truth, settings.seed.wrapping_add(part as u64), &mut losses);
    }
    errors.sort_by(f64::total_cmp);
    let error = if errors.is_empty() { 0.0 } else { quantile(&errors, 0.8) };
    let mut importance: Vec<Importance> = spec.features.iter().zip(&losses).map(|(f, l)| worth(f, l)).collect();
    importance.sort_by(|a, b| b.loss.total_cmp(&a.loss));
    Ok(Judged { metrics: summed_up(&found, count), confusion, importance, error, notes })
}

/// Accuracy or R2, which importance is measured by.
fn merit(truth: &Target, said: &[Vec<f64>]) -> f64 {
    match truth {
        Target::Classes { labels, .. } => {
            let right = labels.iter().zip(said).filter(|(label, s)| likeliest(s) == **label).count();
            right as f64 / labels.len().max(1) as f64
        }
        Target::Numbers(values) => {
            let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
            let all: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
            let left: f64 = values.iter().zip(said).map(|(v, s)| (v - s[0]).powi(2)).sum();
            if all > 0.0 { 1.0 - left / all } else { f64::NAN }
        }
    }
}

fn figures(truth: &Target, said: &[Vec<f64>]) -> Vec<(&'static str, f64)> {
    match truth {
        Target::Classes { labels, classes } => {
            let loss = labels.iter().zip(said).map(|(label, s)| -s[*label].clamp(1e-15, 1.0).ln()).sum::<f64>();
            let areas: Vec<f64> = (0..classes.len())
                .filter(|class| classes.len() > 2 || *class == 1)
                .filter_map(|class| {
                    let scores: Vec<f64> = said.iter().map(|s| s[class]).collect();
                    let is_one: Vec<bool> = labels.iter().map(|label| *label == class).collect();
                    area(&scores, &is_one)
                })
                .collect();
            let area = areas.iter().sum::<f64>() / areas.len() as f64;
            vec![
                ("accuracy", merit(truth, said)),
                ("f1", macro_f1(labels, said, classes.len())),
                ("roc_auc", area),
                ("log_loss", loss / labels.len().max(1) as f64),
            ]
        }
        Target::Numbers(values) => {
            let n = values.len().max(1) as f64;
            let away = || values.iter().zip(said).map(|(v, s)| v - s[0]);
            vec![
                ("r2", merit(truth, said)),
                ("mae", away().map(f64::abs).sum::<f64>() / n),
                ("rmse", (away().map(|e| e * e).sum::<f64>() / n).sqrt()),
            ]
        }
    }
}

/// The mean over the classes that are there or were predicted.
fn macro_f1(labels: &[usize], said: &[Vec<f64>], classes: usize) -> f64 {
    let scores: Vec<f64> = (0..classes)
        .filter_map(|class| {
            let (mut both, mut either) = (0.0, 0.0);
            for (label, s) in labels.iter().zip(said) {
                let (is, told) = (*label == class, likeliest(s) == class);
                both += f64::from(u8::from(is && told));
                either += f64::from(u8::from(is)) + f64::from(u8::from(told));
            }
            (either > 0.0).then(|| 2.0 * both / either)
        })
        .collect();
    scores.iter().sum::<f64>() / scores.len().max(1) as f64
}

/// The area under the ROC curve: how often one of a class scores above one of the others.
pub(crate) fn area(scores: &[f64], is_one: &[bool]) -> Option<f64> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let ones = is_one.iter().filter(|one| **one).count() as f64;
    let others = scores.len() as f64 - ones;
    let (mut ranks, mut start) = (0.0, 0);
    while start < order.len() {
        let same = order[start..].iter().take_while(|i| scores[**i] == scores[order[start]]).count();
        let rank = start as f64 + (same as f64 + 1.0) / 2.0;
        ranks += rank * order[start..start + same].iter().filter(|i| is_one[**i]).count() as f64;
        start += same;
    }
    (ones > 0.0 && others > 0.0).then(|| (ranks - ones * (ones + 1.0) / 2.0) / (ones * others))
}

/// Shuffles each feature among the rows of a fold and notes what that costs.
fn shuffle(encoder: &Encoder, body: &Body, held: &Matrix, truth: &Target, seed: u64, losses: &mut [Vec<f64>]) {
    let places = spread_over(held.rows(), MOST_SHUFFLED);
    let (held, truth) = (held.select(&places), truth.select(&places));
    let said = |rows: &Matrix| (0..rows.rows()).map(|row| outputs(body, rows.row(row))).collect::<Vec<_>>();
    let whole = merit(&truth, &said(&held));
    if !whole.is_finite() {
        return;
    }
    let mut random = StdRng::seed_from_u64(seed);
    for (feature, slots) in encoder.slots().into_iter().enumerate() {
        for _ in 0..SHUFFLES {
            let mut order: Vec<usize> = (0..held.rows()).collect();
            order.shuffle(&mut random);
            let mut mixed = held.clone();
            for (row, from) in order.into_iter().enumerate() {
                let at = row * held.cols;
                mixed.data[at + slots.start..at + slots.end].copy_from_slice(&held.row(from)[slots.clone()]);
            }
            losses[feature].push(whole - merit(&truth, &said(&mixed)));
        }
    }
}

fn worth(feature: &str, losses: &[f64]) -> Importance {
    let n = losses.len().max(1) as f64;
    let loss = losses.iter().sum::<f64>() / n;
    let spread = (losses.iter().map(|l| (l - loss).powi(2)).sum::<f64>() / n).sqrt();
    Importance { feature: feature.to_owned(), loss, spread }
}

/// Means over the folds, with intervals of 95 %.
fn summed_up(folds: &[Vec<(&'static str, f64)>], parts: usize) -> Vec<MetricValue> {
    let Some(first) = folds.first() else { return Vec::new() };
    let mut metrics = Vec::new();
    for (name, _) in first {
        let values: Vec<f64> =
            folds.iter().flatten().filter(|(n, v)| n == name && v.is_finite()).map(|(_, v)| *v).collect();
        if values.is_empty() {
            continue;
        }
        let k = values.len() as f64;
        let mean = values.iter().sum::<f64>() / k;
        let (label, more_is_better, range) = match *name {
            "accuracy" => ("Accuracy", true, (0.0, 1.0)),
            "f1" => ("F1, mean of classes", true, (0.0, 1.0)),
            "roc_auc" => ("Area under ROC curve", true, (0.0, 1.0)),
            "log_loss" => ("Log loss", false, (0.0, f64::MAX)),
            "r2" => ("R²", true, (f64::MIN, 1.0)),
            "mae" => ("Mean absolute error", false, (0.0, f64::MAX)),
            _ => ("Root mean square error", false, (0.0, f64::MAX)),
        };
        let reach = (values.len() > 1)
            .then(|| {
                let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (k - 1.0);
                // Each fold is tested on 1 / (parts - 1) of what it is trained on.
                let t = StudentsT::new(0.0, 1.0, k - 1.0).ok()?.inverse_cdf(0.975);
                Some(t * (variance * (1.0 / k + 1.0 / (parts.max(2) as f64 - 1.0))).sqrt())
            })
            .flatten();
        metrics.push(MetricValue {
            name: (*name).to_owned(),
            label: label.to_owned(),
            value: mean,
            low: reach.map(|r| (mean - r).clamp(range.0, range.1)),
            high: reach.map(|r| (mean + r).clamp(range.0, range.1)),
            more_is_better,
        });
    }
    metrics
}
