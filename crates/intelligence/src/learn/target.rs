//! What a model learns to predict.

use super::encode::column;
use super::{spread_over, text, too_few};
use crate::{Frame, MISSING_MEMBER, Values};
use domain::learn::{MOST_CLASSES, MOST_TRAINING_ROWS, Task, TrainSpec};
use domain::{Error, ErrorCode, Result};
use std::collections::BTreeMap;

/// The fewest rows that can be learnt from and judged.
const FEWEST: usize = 10;

/// The targets of rows.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    Classes { labels: Vec<usize>, classes: Vec<String> },
    Numbers(Vec<f64>),
}

impl Target {
    /// Reads the target; gives the rows that have one, at most as many as are trained on.
    pub(crate) fn read(frame: &Frame, spec: &TrainSpec) -> Result<(Self, Vec<usize>)> {
        let name = spec.target.as_deref().unwrap_or_default();
        let column = column(frame, name).map_err(|error| error.field("target"))?;
        let wrong = |sentence: String, hint: &str| Err(Error::invalid(sentence).hint(hint).field("target"));
        if spec.kind.task() == Task::Regression {
            let Values::Number(values) = &column.values else {
                return wrong(format!("{} is no number.", column.label), "Predict a class instead.");
            };
            let rows = thinned((0..frame.rows).filter(|row| values[*row].is_finite()).collect());
            let target: Vec<f64> = rows.iter().map(|row| values[*row]).collect();
            if target.len() < FEWEST {
                return Err(too_few(FEWEST));
            }
            if target.iter().all(|value| *value == target[0]) {
                return Err(Error::new(ErrorCode::RuleRefused, format!("{} has one value only.", column.label))
                    .hint("There is nothing to predict.")
                    .field("target"));
            }
            return Ok((Self::Numbers(target), rows));
        }
        let label_of: Box<dyn Fn(usize) -> Option<String> + '_> = match &column.values {
            Values::Member { codes, members } => {
                Box::new(|row| (codes[row] != MISSING_MEMBER).then(|| members[codes[row] as usize].clone()))
            }
            Values::Number(values) => Box::new(|row| values[row].is_finite().then(|| format!("{}", values[row]))),
            Values::Time(_) => {
                return wrong(format!("{} is a time, no class.", column.label), "Choose another target.");
            }
        };
        let rows = thinned((0..frame.rows).filter(|row| !column.values.is_missing(*row)).collect());
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut named: Vec<(usize, String)> = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(label) = label_of(row) else { continue };
            *counts.entry(label.clone()).or_default() += 1;
            if counts.len() > MOST_CLASSES {
                let sentence = format!("{} has more than {MOST_CLASSES} classes.", text::short(&column.label));
                return wrong(sentence, "Group its values, or predict it as a number.");
            }
            named.push((row, label));
        }
        if named.len() < FEWEST {
            return Err(too_few(FEWEST));
        }
        if counts.len() < 2 {
            return Err(Error::new(ErrorCode::RuleRefused, format!("{} has one class only.", column.label))
                .hint("A model needs rows of at least two classes.")
                .field("target"));
        }
        let classes: Vec<String> = counts.into_keys().collect();
        let place: BTreeMap<&String, usize> = classes.iter().enumerate().map(|(i, class)| (class, i)).collect();
        let labels = named.iter().map(|(_, label)| place[label]).collect();
        let rows = named.iter().map(|(row, _)| *row).collect();
        Ok((Self::Classes { labels, classes }, rows))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Classes { labels, .. } => labels.len(),
            Self::Numbers(values) => values.len(),
        }
    }

    /// How many numbers a prediction has.
    pub(crate) fn outputs(&self) -> usize {
        match self {
            Self::Classes { classes, .. } => classes.len(),
            Self::Numbers(_) => 1,
        }
    }

    pub(crate) fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Classes { labels, classes } => {
                Self::Classes { labels: rows.iter().map(|row| labels[*row]).collect(), classes: classes.clone() }
            }
            Self::Numbers(values) => Self::Numbers(rows.iter().map(|row| values[*row]).collect()),
        }
    }
}

fn thinned(rows: Vec<usize>) -> Vec<usize> {
    if rows.len() <= MOST_TRAINING_ROWS {
        return rows;
    }
    spread_over(rows.len(), MOST_TRAINING_ROWS).into_iter().map(|i| rows[i]).collect()
}
