//! Classification and regression: training, judging, predicting.

use super::bayes::Bayes;
use super::encode::{Encoder, Matrix, Style};
use super::file::{Body, ModelFile};
use super::linear::Linear;
use super::target::Target;
use super::tree::Trees;
use super::{Progress, Settings, Trained, cancelled, fitting, judge, report, spread_over};
use crate::Frame;
use domain::learn::{ModelKind, Prediction, Predictions, TrainSpec};
use domain::{Cell, Error, Result};

/// Fits a model of the kind to encoded rows.
pub(super) fn fit(
    rows: &Matrix,
    target: &Target,
    settings: &Settings,
    keep: &mut dyn FnMut(f64) -> bool,
) -> Result<Body> {
    if !keep(0.0) {
        return Err(cancelled());
    }
    Ok(match (settings.kind, target) {
        (ModelKind::Logistic | ModelKind::Ridge | ModelKind::ElasticNet, _) => {
            Body::Linear(Linear::learn(rows, target, settings)?)
        }
        (ModelKind::NaiveBayes, Target::Classes { labels, classes }) => {
            Body::Bayes(Bayes::learn(rows, labels, classes.len()))
        }
        _ => Body::Trees(Trees::learn(rows, target, settings, keep)?),
    })
}

/// Probabilities of classes, or a number.
pub(super) fn outputs(body: &Body, row: &[f64]) -> Vec<f64> {
    match body {
        Body::Linear(model) => model.predict(row),
        Body::Trees(model) => model.predict(row),
        Body::Bayes(model) => model.predict(row),
        _ => Vec::new(),
    }
}

/// Trains and judges.
pub(super) fn train(frame: &Frame, spec: &TrainSpec, settings: &Settings, progress: Progress<'_>) -> Result<Trained> {
    let (target, rows) = Target::read(frame, spec)?;
    let encoder = Encoder::learn(frame, &spec.features, &rows, Style::Flags)?;
    // Where the features are many, fewer rows.
    let kept = spread_over(rows.len(), fitting(encoder.width()));
    let (target, rows) = (target.select(&kept), kept.iter().map(|i| rows[*i]).collect::<Vec<_>>());
    let judged = judge::judge(frame, spec, settings, &target, &rows, &mut |done| progress(done * 0.8))?;
    let encoded = encoder.encode(frame, &rows)?;
    let body = fit(&encoded, &target, settings, &mut |done| progress(0.8 + 0.2 * done))?;
    let mut model = ModelFile::new(spec, frame, rows.len(), body);
    let mut report = report(&model, settings, encoder.summaries());
    model.encoder = Some(encoder);
    model.error = judged.error;
    if let Target::Classes { classes, .. } = target {
        model.classes = classes;
    }
    report.metrics = judged.metrics;
    report.confusion = judged.confusion;
    report.importance = judged.importance;
    report.notes.extend(judged.notes);
    Ok(Trained { model, report, detection: None })
}

/// Predicts every row of a frame.
pub(super) fn predict(model: &ModelFile, frame: &Frame) -> Result<Predictions> {
    let encoder = model.encoder()?;
    let bound = encoder.bind(frame)?;
    let mut row = vec![0.0; encoder.width()];
    let mut rows = Vec::with_capacity(frame.rows);
    for r in 0..frame.rows {
        bound.write(r, &mut row);
        let out = outputs(&model.body, &row);
        rows.push(if model.classes.is_empty() { number(model, &out) } else { class(model, out)? });
    }
    Ok(Predictions { rows, classes: model.classes.clone(), ..Predictions::default() })
}

fn number(model: &ModelFile, out: &[f64]) -> Prediction {
    let value = out.first().copied().filter(|value| value.is_finite());
    Prediction {
        value: value.map_or(Cell::Null, Cell::Float),
        probability: None,
        low: value.map(|v| v - model.error),
        high: value.map(|v| v + model.error),
        distance: None,
        probabilities: Vec::new(),
    }
}

fn class(model: &ModelFile, out: Vec<f64>) -> Result<Prediction> {
    let best = judge::likeliest(&out);
    let name = model.classes.get(best).ok_or_else(Error::internal)?;
    Ok(Prediction {
        value: Cell::Text(name.clone()),
        probability: out.get(best).copied(),
        low: None,
        high: None,
        distance: None,
        probabilities: out,
    })
}
