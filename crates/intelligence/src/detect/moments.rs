//! Training and scoring of the detectors of series.

use super::series::{Moment, SeriesDetector, View, season_of_step};
use super::{ScoreOptions, burst, flagged, histogram};
use crate::learn::{self, Body, Encoder, ModelFile, Progress, Settings, Style, Trained, cell, column, text};
use crate::{Frame, FrameColumn, MISSING_TIME};
use domain::learn::{Anomaly, Burst, Contribution, Detection, MOST_TRAINING_ROWS, TrainSpec};
use domain::{Cell, DataType, Error, Result};

/// A series in the order of its times: rows of the frame, and their values.
struct Ordered<'a> {
    rows: Vec<usize>,
    values: Vec<f64>,
    times: Vec<i64>,
    time: &'a FrameColumn,
    value: &'a FrameColumn,
}

impl<'a> Ordered<'a> {
    fn read(frame: &'a Frame, spec: &TrainSpec) -> Result<Self> {
        let ([name], Some(time)) = (spec.features.as_slice(), &spec.time) else {
            return Err(Error::invalid("A detector of series needs a column of times and one column of values.")
                .hint("Choose one feature and a time.")
                .field(if spec.time.is_some() { "features" } else { "time" }));
        };
        let (time, value) = (column(frame, time)?, column(frame, name)?);
        let Some(times) = time.values.times() else {
            return Err(Error::invalid(format!("{} is no column of times.", time.label)).field("time"));
        };
        let Some(values) = value.values.numbers() else {
            return Err(Error::invalid(format!("{} is no column of numbers.", value.label)).field("features"));
        };
        let mut rows: Vec<usize> = (0..frame.rows).filter(|row| times[*row] != MISSING_TIME).collect();
        rows.sort_by_key(|row| times[*row]);
        let surplus = rows.len().saturating_sub(MOST_TRAINING_ROWS);
        rows.drain(..surplus);
        Ok(Self {
            values: rows.iter().map(|row| values[*row]).collect(),
            times: rows.iter().map(|row| times[*row]).collect(),
            rows,
            time,
            value,
        })
    }

    fn moment(&self, place: usize) -> String {
        text::time(self.times[place], self.time.ty == DataType::Date)
    }

    fn step(&self) -> i64 {
        let mut steps: Vec<i64> = self.times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
        steps.retain(|step| *step > 0);
        steps.sort_unstable();
        steps.get(steps.len() / 2).copied().unwrap_or(0)
    }
}

/// Trains a detector on a series.
pub(crate) fn train(frame: &Frame, spec: &TrainSpec, settings: &Settings, progress: Progress<'_>) -> Result<Trained> {
    let series = Ordered::read(frame, spec)?;
    let all: Vec<usize> = (0..frame.rows).collect();
    let encoder = Encoder::learn(frame, &spec.features, &all, Style::Rarity)?;
    let season = match settings.count("season") {
        0 => season_of_step(series.step()),
        season => season,
    };
    // Two seasons at least, or there is nothing that repeats.
    let season = if season >= 2 && 2 * season <= series.rows.len() { season } else { 0 };
    let mut detector = SeriesDetector::new(settings, season, series.rows.len());
    let mut moments = Vec::with_capacity(series.rows.len());
    for (i, value) in series.values.iter().enumerate() {
        if i.is_multiple_of(256) && !progress(i as f64 / series.rows.len() as f64) {
            return Err(learn::cancelled());
        }
        moments.push(detector.next(*value));
    }
    detector.last_time = series.times.last().copied().unwrap_or(i64::MIN);
    let threshold = settings.number("sensitivity");
    let mut model = ModelFile::new(spec, frame, series.rows.len(), Body::Series(Box::new(detector.clone())));
    model.threshold = threshold;
    let mut report = learn::report(&model, settings, encoder.summaries());
    model.encoder = Some(encoder);
    let detection = found(frame, &series, &detector, &moments, threshold, &ScoreOptions::default());
    report.histogram = Some(detection.histogram.clone());
    report.notes.extend(detection.notes.iter().cloned());
    report.notes.push(match season {
        0 => "No season is looked for.".into(),
        season => format!("The pattern is taken to repeat every {} rows.", text::number(season as f64)),
    });
    Ok(Trained { model, report, detection: Some(detection) })
}

/// Scores a series.
pub(super) fn score(
    model: &ModelFile,
    detector: &SeriesDetector,
    frame: &Frame,
    threshold: f64,
    options: &ScoreOptions,
) -> Result<Detection> {
    let series = Ordered::read(frame, &model.spec)?;
    let goes_on = series.times.first().is_some_and(|first| *first > detector.last_time);
    let mut detector = if goes_on { detector.clone() } else { detector.fresh() };
    let moments: Vec<Moment> = series.values.iter().map(|value| detector.next(*value)).collect();
    Ok(found(frame, &series, &detector, &moments, threshold, options))
}

fn found(
    frame: &Frame,
    series: &Ordered<'_>,
    detector: &SeriesDetector,
    moments: &[Moment],
    threshold: f64,
    options: &ScoreOptions,
) -> Detection {
    let alerts: Vec<f64> = moments.iter().map(|moment| moment.alert).collect();
    let (told, _) = flagged(&alerts, threshold.max(f64::MIN_POSITIVE), 0);
    let usual = detector.usual();
    // What grows odder while it lasts is one burst.
    let mut runs: Vec<(usize, usize, f64)> = burst::runs(&told, detector.quiet_rows())
        .into_iter()
        .map(|(first, last)| (first, last, alerts[first..=last].iter().copied().fold(0.0, f64::max)))
        .collect();
    runs.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
    runs.truncate(options.most());
    runs.sort_unstable_by_key(|run| run.0);
    let (mut anomalies, mut bursts): (Vec<Anomaly>, Vec<Burst>) = (Vec::new(), Vec::new());
    for (first, told_last, score) in runs {
        // Until it is calm again.
        let end = (told_last + detector.quiet_rows()).min(moments.len());
        let is_odd = |place: &usize| moments[*place].score >= threshold;
        let last = (told_last..end).rev().find(is_odd).unwrap_or(told_last);
        let peak = (first..=last).fold(first, |a, b| if moments[b].score > moments[a].score { b } else { a });
        let odd: Vec<usize> = (first..=last).filter(is_odd).map(|place| series.rows[place]).collect();
        let because = because(detector.views(), &moments[peak], series, peak, usual);
        let row = series.rows[first];
        bursts.push(Burst {
            first: row,
            last: series.rows[last],
            peak: series.rows[peak],
            score,
            rows: odd.len() as u64,
            from: Some(series.moment(first)),
            until: Some(series.moment(last)),
            sentence: because.first().map_or_else(String::new, |why| why.sentence.clone()),
            carriers: super::carriers(frame, &odd, &options.dimensions),
        });
        anomalies.push(Anomaly {
            index: row,
            score,
            data: [series.time, series.value].iter().map(|c| (c.name.clone(), cell(c, row))).collect(),
            detected_at: None,
            at: Some(series.moment(first)),
            expected: moments[first].expected,
            because,
        });
    }
    anomalies.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)));
    let mut scores = vec![0.0; frame.rows];
    let mut expected = vec![None; frame.rows];
    for (row, moment) in series.rows.iter().zip(moments) {
        scores[*row] = moment.alert;
        expected[*row] = moment.expected;
    }
    let mut notes = Vec::new();
    if series.rows.len() < frame.rows {
        notes.push(format!(
            "Of {} rows the last {} with a time were looked at.",
            text::number(frame.rows as f64),
            text::number(series.rows.len() as f64)
        ));
    }
    let histogram = histogram(alerts.iter().copied().filter(|score| *score > 0.0), threshold);
    Detection { threshold, histogram, anomalies, bursts, expected, scores, notes }
}

/// The views that carry a moment, in words.
fn because(
    views: &[View],
    moment: &Moment,
    series: &Ordered<'_>,
    place: usize,
    usual: Option<(f64, f64)>,
) -> Vec<Contribution> {
    let value = series.values[place];
    let usual = usual.map_or_else(String::new, |(a, b)| format!("{} to {}", text::number(a), text::number(b)));
    let total: f64 = moment.surprises.iter().map(|s| s * s).sum();
    // Views of different lengths that say the same are one reason.
    let mut parts: Vec<(&'static str, f64)> = Vec::new();
    for (view, surprise) in views.iter().zip(&moment.surprises) {
        let share = if total > 0.0 { surprise * surprise / total } else { 0.0 };
        match parts.iter_mut().find(|part| part.0 == view.label()) {
            Some(part) => part.1 += share,
            None => parts.push((view.label(), share)),
        }
    }
    parts.retain(|part| part.1 > 0.02);
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    parts.truncate(5);
    let label = text::short(&series.value.label);
    let told = |reason: &str| match moment.expected {
        Some(expected) => {
            format!("{reason}: {label} is {}, about {} was expected", text::number(value), text::number(expected))
        }
        None => format!("{reason}: {label} is {}", text::number(value)),
    };
    parts
        .into_iter()
        .map(|(reason, share)| Contribution {
            feature: reason.to_owned(),
            share,
            value: if value.is_finite() { Cell::Float(value) } else { Cell::Null },
            usual: usual.clone(),
            sentence: told(reason),
        })
        .collect()
}
