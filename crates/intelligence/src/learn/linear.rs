//! Weighted sums of features: logistic regression and the elastic net by linfa, ridge regression
//! by its normal equations.

use super::encode::Matrix;
use super::target::Target;
use super::{Settings, bayes};
use domain::learn::ModelKind;
use domain::{Error, ErrorCode, Result};
use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_elasticnet::ElasticNet;
use linfa_logistic::MultiLogisticRegression;
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

/// Of a class that training never met, far below every other.
const NEVER: f64 = -30.0;

/// For each output, the weights of the numbers of a row and where they start from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Linear {
    #[serde(with = "crate::learn::exact::lists")]
    weights: Vec<Vec<f64>>,
    #[serde(with = "crate::learn::exact")]
    starts: Vec<f64>,
    is_class: bool,
}

impl Linear {
    pub(crate) fn learn(rows: &Matrix, target: &Target, settings: &Settings) -> Result<Self> {
        match target {
            Target::Classes { labels, classes } => logistic(rows, labels, classes.len(), settings.number("penalty")),
            Target::Numbers(values) => {
                let n = values.len() as f64;
                let mean = values.iter().sum::<f64>() / n;
                let spread = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
                let spread = if spread > 0.0 && spread.is_finite() { spread } else { 1.0 };
                let scaled: Vec<f64> = values.iter().map(|v| (v - mean) / spread).collect();
                let (weights, start) = if settings.kind == ModelKind::Ridge {
                    (ridge(rows, &scaled, settings.number("penalty"))?, 0.0)
                } else {
                    elastic_net(rows, scaled, settings)?
                };
                let weights: Vec<f64> = weights.into_iter().map(|w| w * spread).collect();
                Self { weights: vec![weights], starts: vec![start * spread + mean], is_class: false }.sound()
            }
        }
    }

    fn sound(self) -> Result<Self> {
        let finite = self.weights.iter().flatten().chain(&self.starts).all(|w| w.is_finite());
        if finite { Ok(self) } else { Err(not_found()) }
    }

    /// Probabilities of classes, or a number.
    pub(crate) fn predict(&self, row: &[f64]) -> Vec<f64> {
        let sum = |weights: &Vec<f64>| weights.iter().zip(row).map(|(w, v)| w * v).sum::<f64>();
        let sums: Vec<f64> = self.weights.iter().zip(&self.starts).map(|(w, start)| sum(w) + start).collect();
        if self.is_class { bayes::shares(&sums) } else { sums }
    }

    pub(crate) fn check(&self, width: usize, outputs: usize, is_class: bool) -> bool {
        self.weights.len() == outputs
            && self.starts.len() == outputs
            && self.is_class == is_class
            && self.weights.iter().all(|weights| weights.len() == width && weights.iter().all(|w| w.is_finite()))
            && self.starts.iter().all(|start| start.is_finite())
    }
}

fn not_found() -> Error {
    Error::new(ErrorCode::RuleRefused, "No weights were found that fit these rows.")
        .hint("Raise the penalty, or take a forest.")
}

fn records(rows: &Matrix) -> Result<Array2<f64>> {
    Array2::from_shape_vec((rows.rows(), rows.cols), rows.data.clone()).map_err(|_| Error::internal())
}

fn logistic(rows: &Matrix, labels: &[usize], classes: usize, penalty: f64) -> Result<Linear> {
    let mut met: Vec<usize> = labels.to_vec();
    met.sort_unstable();
    met.dedup();
    let mut model =
        Linear { weights: vec![vec![0.0; rows.cols]; classes], starts: vec![NEVER; classes], is_class: true };
    if let [only] = met[..] {
        model.starts[only] = 0.0;
        return Ok(model);
    }
    let data = DatasetBase::new(records(rows)?, Array1::from_vec(labels.to_vec()));
    // The search can lose its way where classes are apart without a doubt; a penalty leads it back.
    for alpha in [penalty, penalty * 10.0 + 0.01, penalty * 100.0 + 1.0] {
        let Ok(fitted) = MultiLogisticRegression::default().alpha(alpha).max_iterations(200).fit(&data) else {
            continue;
        };
        for (place, &class) in fitted.classes().iter().enumerate() {
            model.weights[class] = fitted.params().column(place).to_vec();
            model.starts[class] = fitted.intercept()[place];
        }
        if let Ok(sound) = model.clone().sound() {
            return Ok(sound);
        }
    }
    Err(not_found())
}

fn elastic_net(rows: &Matrix, target: Vec<f64>, settings: &Settings) -> Result<(Vec<f64>, f64)> {
    let data = DatasetBase::new(records(rows)?, Array1::from_vec(target));
    let fitted = ElasticNet::params()
        .penalty(settings.number("penalty"))
        .l1_ratio(settings.number("mix"))
        .max_iterations(2_000)
        .fit(&data)
        .map_err(|_| not_found())?;
    Ok((fitted.hyperplane().to_vec(), fitted.intercept()))
}

/// Solves `(X'X + penalty I) w = X'y` by Cholesky's decomposition. Rows are scaled, so that the
/// penalty is the same for every feature.
fn ridge(rows: &Matrix, target: &[f64], penalty: f64) -> Result<Vec<f64>> {
    let p = rows.cols;
    let mut square = vec![0.0; p * p];
    let mut right = vec![0.0; p];
    for (row, y) in rows.data.chunks(p).zip(target) {
        for i in (0..p).filter(|i| row[*i] != 0.0) {
            right[i] += row[i] * y;
            for j in 0..=i {
                square[i * p + j] += row[i] * row[j];
            }
        }
    }
    for i in 0..p {
        // Features that say the same have many solutions; a trace of a penalty picks the smallest.
        square[i * p + i] += penalty.max(1e-8 * target.len() as f64);
    }
    for i in 0..p {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| square[i * p + k] * square[j * p + k]).sum();
            let rest = square[i * p + j] - known;
            square[i * p + j] = if i == j {
                if rest <= 0.0 {
                    return Err(not_found());
                }
                rest.sqrt()
            } else {
                rest / square[j * p + j]
            };
        }
    }
    for i in 0..p {
        let known: f64 = (0..i).map(|k| square[i * p + k] * right[k]).sum();
        right[i] = (right[i] - known) / square[i * p + i];
    }
    for i in (0..p).rev() {
        let known: f64 = (i + 1..p).map(|k| square[k * p + i] * right[k]).sum();
        right[i] = (right[i] - known) / square[i * p + i];
    }
    Ok(right)
}
