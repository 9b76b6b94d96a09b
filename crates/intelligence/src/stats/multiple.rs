//! What is left of a p-value when many were tried.

/// Bonferroni's: the chance that any of `tried` true nulls looks like this.
pub fn bonferroni(p: f64, tried: f64) -> f64 {
    (p * tried.max(1.0)).clamp(0.0, 1.0)
}

/// Holm's step-down correction: as safe as Bonferroni's, never larger.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut out = vec![1.0; p.len()];
    let mut largest = 0.0_f64;
    for (rank, i) in order.into_iter().enumerate() {
        largest = largest.max(bonferroni(p[i], (p.len() - rank) as f64));
        out[i] = largest;
    }
    out
}

/// Benjamini and Hochberg's step-up correction: the share of false ones among those claimed.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*b].total_cmp(&p[*a]));
    let mut out = vec![1.0; p.len()];
    let mut least = 1.0_f64;
    for (passed, i) in order.into_iter().enumerate() {
        let rank = (p.len() - passed) as f64;
        least = least.min(p[i] * p.len() as f64 / rank);
        out[i] = least;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fifteen p-values of Benjamini and Hochberg (1995), section 4.
    const PAPER: [f64; 15] = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
        1.0,
    ];

    #[test]
    fn benjamini_hochberg_rejects_the_four_of_the_paper() {
        let q = benjamini_hochberg(&PAPER);
        assert_eq!(q.iter().filter(|q| **q <= 0.05).count(), 4);
        assert!((q[3] - 0.035_625).abs() < 1e-9);
    }

    #[test]
    fn holm_rejects_three_of_them() {
        let p = holm(&PAPER);
        assert_eq!(p.iter().filter(|p| **p <= 0.05).count(), 3);
        assert!((p[0] - 0.0015).abs() < 1e-12);
    }

    #[test]
    fn nothing_stays_nothing() {
        assert!(holm(&[]).is_empty());
        assert!(benjamini_hochberg(&[]).is_empty());
    }
}
