//! Statistics that the parts share: distributions, ranks, robust scale, correction for many tests,
//! tests of trends that stand autocorrelation.

mod distributions;
mod multiple;
mod rank;
mod robust;
mod trend;

pub use distributions::{chi_squared_tail, f_tail, normal_quantile, normal_two_sided, student_two_sided};
pub use multiple::{benjamini_hochberg, bonferroni, holm};
pub use rank::{average_ranks, fisher_difference_p, fisher_interval, normal_scores, pearson, pearson_p, spearman};
pub use robust::{NORMAL_MAD, mad, mean, median, quantile_sorted, skewness, std_dev, variance};
pub use trend::{MannKendall, autocorrelation, bias_corrected_lag_one, long_run_factor, mann_kendall, theil_sen};
