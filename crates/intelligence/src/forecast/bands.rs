//! Bands from what was held back: how far forecasts from past moments were from what came, by
//! step ahead (conformal prediction: Vovk, Gammerman and Shafer, 2005; for several steps Stankeviciute,
//! Alaa and van der Schaar, 2021).

use super::clean::quantile;

/// Half widths of the bands, by step ahead.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Bands {
    pub(super) w80: Vec<f64>,
    pub(super) w95: Vec<f64>,
}

/// Errors of forecasts made at one moment of the past, by step ahead; as many as were known.
pub(super) type Errors = Vec<f64>;

/// Calibrates. `steps` are errors one step ahead over the whole past, which count where nothing
/// was held back.
pub(super) fn calibrate(held: &[Errors], steps: &[f64], horizon: usize) -> Bands {
    // Parameters were estimated on what they forecast; refitted ones err more, the more so the
    // shorter the series.
    let widening = 1.0 + 1.0 / (steps.len().max(1) as f64).sqrt();
    let one = root_mean_square(steps);
    let profile = profile(held, horizon, one);
    // Errors over the profile are of one size whatever the step, so that few of them suffice.
    let mut ratios: Vec<f64> = held
        .iter()
        .flat_map(|errors| errors.iter().zip(&profile))
        .filter(|(_, p)| **p > 0.0)
        .map(|(e, p)| (e / p).abs())
        .collect();
    ratios.sort_by(f64::total_cmp);
    let origins = held.iter().filter(|e| !e.is_empty()).count();
    let width = |share: f64, normal: f64| -> f64 {
        if ratios.len() < 8 {
            return normal * 1.3;
        }
        // Neighbouring errors are alike: the sample is hardly larger than the moments it is from.
        let weight = (origins as f64 / 12.0).min(1.0);
        let found = quantile(&ratios, (share * (1.0 + 1.0 / origins as f64)).min(0.995));
        weight * found + (1.0 - weight) * normal.max(found)
    };
    let (z80, z95) = (width(0.8, 1.2816), width(0.95, 1.96));
    Bands {
        w80: profile.iter().map(|p| p * z80 * widening).collect(),
        w95: profile.iter().map(|p| p * z95.max(z80 * 1.2) * widening).collect(),
    }
}

/// The usual size of an error by step ahead: a power of the step, by least squares over the
/// logarithms of the root mean squares, which weigh as much as they know.
fn profile(held: &[Errors], horizon: usize, one: f64) -> Vec<f64> {
    let (mut sw, mut sx, mut sy, mut sxx, mut sxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for h in 0..horizon {
        let errors: Vec<f64> = held.iter().filter_map(|e| e.get(h).copied()).collect();
        let size = root_mean_square(&errors);
        if errors.len() < 2 || size <= 0.0 {
            continue;
        }
        let (w, x, y) = (errors.len() as f64, ((h + 1) as f64).ln(), size.ln());
        sw += w;
        sx += w * x;
        sy += w * y;
        sxx += w * x * x;
        sxy += w * x * y;
    }
    let spread = sxx - sx * sx / sw.max(1e-12);
    if sw < 4.0 {
        return (1..=horizon).map(|h| one * (h as f64).sqrt()).collect();
    }
    // Little evidence is drawn towards growth between none and that of a random walk, a half.
    let prior = 3.0 * sw.sqrt();
    let slope = ((sxy - sx * sy / sw + prior * 0.35) / (spread + prior)).clamp(0.0, 1.0);
    let height = (sy - slope * sx) / sw;
    (1..=horizon).map(|h| (height + slope * (h as f64).ln()).exp()).collect()
}

fn root_mean_square(values: &[f64]) -> f64 {
    let known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    if known.is_empty() {
        return 0.0;
    }
    (known.iter().map(|v| v * v).sum::<f64>() / known.len() as f64).sqrt()
}
