//! Training and scoring of the detectors of tables.

use super::table::{Ready, TableDetector, threshold_at};
use super::{ScoreOptions, burst, flagged, histogram};
use crate::Frame;
use crate::learn::{self, Body, Encoder, ModelFile, Progress, Settings, Style, Trained, cell, column, text};
use domain::Result;
use domain::learn::{Anomaly, Burst, Detection, TrainSpec};
use std::collections::BTreeMap;

/// Flagged rows of one burst have at most so many others between them.
const GAP: usize = 3;

/// Trains a detector on the rows of a table.
pub(crate) fn train(frame: &Frame, spec: &TrainSpec, settings: &Settings, progress: Progress<'_>) -> Result<Trained> {
    let rows = learn::training_rows(frame.rows);
    let encoder = Encoder::learn(frame, &spec.features, &rows, Style::Rarity)?;
    let encoded = encoder.encode(frame, &rows)?;
    let detector = TableDetector::learn(&encoded, settings, &mut |done| progress(done * 0.5))?;
    let ready = detector.ready();
    let mut scores = Vec::with_capacity(rows.len());
    for row in 0..encoded.rows() {
        if row.is_multiple_of(4_096) && !progress(0.5 + 0.5 * row as f64 / encoded.rows() as f64) {
            return Err(learn::cancelled());
        }
        scores.push(ready.score(encoded.row(row)));
    }
    let threshold = threshold_at(&scores, settings.number("contamination"));
    let mut model = ModelFile::new(spec, frame, rows.len(), Body::Table(detector));
    model.threshold = threshold;
    let mut report = learn::report(&model, settings, encoder.summaries());
    report.histogram = Some(histogram(scores.iter().copied(), threshold));
    if threshold >= 1.0 {
        report.notes.push("No row stands out from the others enough for a threshold.".into());
    }
    model.encoder = Some(encoder);
    let detection = (rows.len() == frame.rows).then(|| {
        let options = ScoreOptions { dimensions: dimensions(&model), ..ScoreOptions::default() };
        found(&model, frame, scores, threshold, &options)
    });
    Ok(Trained { detection: detection.transpose()?, model, report })
}

fn dimensions(model: &ModelFile) -> Vec<String> {
    model.spec.features.clone()
}

/// Scores every row of a table.
pub(super) fn score(
    model: &ModelFile,
    detector: &TableDetector,
    frame: &Frame,
    threshold: f64,
    options: &ScoreOptions,
) -> Result<Detection> {
    let encoder = model.encoder()?;
    let bound = encoder.bind(frame)?;
    let ready = detector.ready();
    let mut row = vec![0.0; encoder.width()];
    let scores = (0..frame.rows).map(|r| {
        bound.write(r, &mut row);
        let score = ready.score(&row);
        if score >= threshold && detector.is_fine(&row) { threshold * 0.99 } else { score }
    });
    let scores: Vec<f64> = scores.collect();
    found(model, frame, scores, threshold, options)
}

/// What there is to say about scored rows.
fn found(
    model: &ModelFile,
    frame: &Frame,
    scores: Vec<f64>,
    threshold: f64,
    options: &ScoreOptions,
) -> Result<Detection> {
    let Body::Table(detector) = &model.body else { return Err(super::no_detector()) };
    let encoder = model.encoder()?;
    let ready = detector.ready();
    let (odd, oddest) = flagged(&scores, threshold, options.most());
    let anomalies = oddest.iter().map(|row| anomaly(frame, encoder, &ready, *row, scores[*row]));
    let anomalies = anomalies.collect::<Result<Vec<Anomaly>>>()?;
    let mut bursts: Vec<Burst> = burst::runs(&odd, GAP)
        .into_iter()
        .map(|(first, last)| {
            let within = within(&odd, first, last);
            let peak = within.iter().fold(first, |a, &b| if scores[b] > scores[a] { b } else { a });
            Burst {
                first,
                last,
                peak,
                score: scores[peak],
                rows: within.len() as u64,
                from: None,
                until: None,
                sentence: String::new(),
                carriers: Vec::new(),
            }
        })
        .collect();
    // The strongest only, in the order of rows.
    bursts.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.first.cmp(&b.first)));
    bursts.truncate(options.most());
    bursts.sort_by_key(|burst| burst.first);
    for burst in &mut bursts {
        burst.carriers = super::carriers(frame, within(&odd, burst.first, burst.last), &options.dimensions);
        let because = anomalies.iter().find(|a| a.index == burst.peak).and_then(|a| a.because.first());
        burst.sentence = match (burst.rows, because) {
            (1, Some(why)) => why.sentence.clone(),
            (1, None) => "The row is unlike the others".into(),
            (n, Some(why)) => format!("{} odd rows; of the oddest, {}", text::number(n as f64), why.sentence),
            (n, None) => format!("{} odd rows", text::number(n as f64)),
        };
    }
    let histogram = histogram(scores.iter().copied(), threshold);
    Ok(Detection { scores, threshold, histogram, anomalies, bursts, ..Detection::default() })
}

/// The flagged rows from one to another.
fn within(odd: &[usize], first: usize, last: usize) -> &[usize] {
    &odd[odd.partition_point(|row| *row < first)..odd.partition_point(|row| *row <= last)]
}

fn anomaly(frame: &Frame, encoder: &Encoder, ready: &Ready<'_>, row: usize, score: f64) -> Result<Anomaly> {
    let encoded = encoder.encode(frame, &[row])?;
    let mut values = Vec::with_capacity(encoder.features.len());
    for feature in &encoder.features {
        values.push(cell(column(frame, &feature.name)?, row));
    }
    let because = ready.explain(encoder, encoded.row(0), &values);
    let data: BTreeMap<_, _> = encoder.features.iter().map(|feature| feature.name.clone()).zip(values).collect();
    Ok(Anomaly { index: row, score, data, detected_at: None, at: None, expected: None, because })
}
