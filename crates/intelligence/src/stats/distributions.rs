//! Tails of the distributions that the tests refer to. What is not a number has a p of 1.

use statrs::distribution::{ChiSquared, ContinuousCDF, FisherSnedecor, Normal, StudentsT};

/// The probability of a standard normal value at least as far from 0.
pub fn normal_two_sided(z: f64) -> f64 {
    if z.is_nan() {
        return 1.0;
    }
    // erfc keeps its precision far out, where 1 - cdf does not.
    statrs::function::erf::erfc(z.abs() / std::f64::consts::SQRT_2).clamp(0.0, 1.0)
}

/// The value that a standard normal stays below with probability `p`.
pub fn normal_quantile(p: f64) -> f64 {
    let p = p.clamp(1e-300, 1.0 - 1e-16);
    Normal::new(0.0, 1.0).map_or(f64::NAN, |normal| normal.inverse_cdf(p))
}

/// The probability of a t at least as far from 0, with `df` degrees of freedom.
pub fn student_two_sided(t: f64, df: f64) -> f64 {
    if t.is_nan() || df.is_nan() || df <= 0.0 {
        return 1.0;
    }
    if df > 5e4 {
        return normal_two_sided(t);
    }
    if t.is_infinite() {
        return 0.0;
    }
    // P(|T| > t) is the regularised incomplete beta function, which keeps its precision far out.
    let x = df / (df + t * t);
    if x <= 0.0 {
        return 0.0;
    }
    statrs::function::beta::checked_beta_reg(df / 2.0, 0.5, x.min(1.0))
        .or_else(|_| StudentsT::new(0.0, 1.0, df).map(|law| 2.0 * law.sf(t.abs())))
        .map_or(1.0, |p| p.clamp(0.0, 1.0))
}

/// The probability of a chi-squared at least as large.
pub fn chi_squared_tail(x: f64, df: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return 1.0;
    }
    ChiSquared::new(df).map_or(1.0, |law| law.sf(x).clamp(0.0, 1.0))
}

/// The probability of an F at least as large.
pub fn f_tail(f: f64, df1: f64, df2: f64) -> f64 {
    if f.is_nan() || f <= 0.0 {
        return 1.0;
    }
    FisherSnedecor::new(df1, df2).map_or(1.0, |law| law.sf(f).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-4 * b.abs().max(1e-12), "{a} is not {b}");
    }

    #[test]
    fn tails_of_published_tables() {
        near(normal_two_sided(1.959_964), 0.05);
        near(normal_two_sided(6.0), 1.973_175e-9);
        near(student_two_sided(2.228_139, 10.0), 0.05);
        near(student_two_sided(12.706_205, 1.0), 0.05);
        near(chi_squared_tail(3.841_459, 1.0), 0.05);
        near(chi_squared_tail(18.307_04, 10.0), 0.05);
        near(f_tail(4.964_603, 1.0, 10.0), 0.05);
        near(normal_quantile(0.975), 1.959_964);
    }

    #[test]
    fn far_out_is_small_and_nothing_is_one() {
        assert!(student_two_sided(40.0, 100.0) < 1e-60);
        assert!(student_two_sided(40.0, 100.0) > 0.0);
        assert_eq!(student_two_sided(f64::NAN, 10.0), 1.0);
        assert_eq!(student_two_sided(2.0, 0.0), 1.0);
        assert_eq!(normal_two_sided(f64::NAN), 1.0);
    }
}
