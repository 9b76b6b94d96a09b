//! What is left of a measure when the claims so far are taken out of it, and the score tests on it.

use super::{Candidate, What};
use crate::insights::periods::{NO_PERIOD, Periods};
use crate::insights::prepare::Prepared;
use crate::stats::long_run_factor;

/// Members, and the rest, have at least so many rows.
pub(super) const LEAST_ROWS: f64 = 8.0;
/// Less than this part of a regressor left by the others: it says nothing new.
pub(super) const LEAST_LEFT: f64 = 0.05;

/// A measure without what was claimed of it.
pub(in crate::insights) struct Ground<'a> {
    /// One per tested row; NaN where it is missing.
    pub(super) rest: Vec<f64>,
    /// Orthonormal; the first is the mean.
    pub(super) basis: Vec<Vec<f64>>,
    pub(super) n: f64,
    /// Of `rest`.
    pub(super) variance: f64,
    pub(super) dimensions: Vec<(&'a [u32], usize)>,
    pub(super) periods: Option<&'a Periods>,
}

/// Sums over the rows of one group.
#[derive(Clone, Default)]
pub(super) struct Sums {
    pub(super) n: f64,
    pub(super) sum: f64,
    pub(super) squares: f64,
    /// Of each vector of the basis.
    pub(super) basis: Vec<f64>,
}

impl<'a> Ground<'a> {
    /// The ground of values, one per tested row.
    pub(in crate::insights) fn new(values: Vec<f64>, prepared: &'a Prepared<'_>, periods: Option<&'a Periods>) -> Self {
        let n = values.iter().filter(|v| !v.is_nan()).count() as f64;
        let dimensions = prepared.dimensions.iter().map(|d| (d.tested.as_slice(), d.members.len())).collect();
        let ones = values.iter().map(|v| if v.is_nan() { 0.0 } else { 1.0 / n.sqrt() }).collect();
        let mut ground = Self { rest: values, basis: Vec::new(), n, variance: 0.0, dimensions, periods };
        ground.project(ones);
        ground
    }

    /// Takes a normed vector out of the rest.
    fn project(&mut self, vector: Vec<f64>) {
        let along: f64 = self.rest.iter().zip(&vector).filter(|(r, _)| !r.is_nan()).map(|(r, v)| r * v).sum();
        let mut squares = 0.0;
        for (r, v) in self.rest.iter_mut().zip(&vector) {
            *r -= along * v;
            if !r.is_nan() {
                squares += *r * *r;
            }
        }
        self.basis.push(vector);
        self.variance = squares / (self.n - self.basis.len() as f64).max(1.0);
    }

    /// Takes the effect of a claim out.
    pub(in crate::insights) fn take_out(&mut self, what: What) {
        let mut x = self.regressor(what);
        for vector in &self.basis {
            let along: f64 = x.iter().zip(vector).map(|(x, v)| x * v).sum();
            x.iter_mut().zip(vector).for_each(|(x, v)| *x -= along * v);
        }
        let length: f64 = x.iter().map(|x| x * x).sum::<f64>().sqrt();
        if length > 1e-9 {
            x.iter_mut().for_each(|x| *x /= length);
            self.project(x);
        }
    }

    /// What a claim says of each row, 0 where the measure is missing.
    fn regressor(&self, what: What) -> Vec<f64> {
        let rows = || (0..self.rest.len()).map(|r| (r, !self.rest[r].is_nan()));
        let flag = |is: &dyn Fn(usize) -> bool| -> Vec<f64> {
            rows().map(|(r, there)| f64::from(u8::from(there && is(r)))).collect()
        };
        let days = |is: &dyn Fn(usize) -> bool| -> Vec<f64> {
            let Some(periods) = self.periods else { return vec![0.0; self.rest.len()] };
            let fits = |r: usize, there: bool| there && is(r) && !periods.days[r].is_nan();
            let (mut n, mut sum) = (0.0, 0.0);
            for (r, there) in rows() {
                if fits(r, there) {
                    n += 1.0;
                    sum += periods.days[r];
                }
            }
            let mean = if n > 0.0 { sum / n } else { 0.0 };
            rows().map(|(r, there)| if fits(r, there) { periods.days[r] - mean } else { 0.0 }).collect()
        };
        match (what, self.periods) {
            (What::Member { dimension, code }, _) => flag(&|r| self.dimensions[dimension].0[r] as usize == code),
            (What::Cell { dimensions: (a, b), codes: (x, y) }, _) => {
                let (a, b) = (self.dimensions[a].0, self.dimensions[b].0);
                flag(&|r| a[r] as usize == x && b[r] as usize == y)
            }
            (What::Trend, _) => days(&|_| true),
            (What::MemberTrend { dimension, code }, _) => days(&|r| self.dimensions[dimension].0[r] as usize == code),
            (What::Change { at }, Some(p)) => flag(&|r| p.of[r] != NO_PERIOD && p.of[r] as usize >= at),
            (What::Spike { at }, Some(p)) => flag(&|r| p.of[r] as usize == at),
            (What::Weekday { day }, Some(p)) => flag(&|r| p.weekday.as_ref().is_some_and(|w| w[r] as usize == day)),
            (What::Month { month }, Some(p)) => flag(&|r| p.month.as_ref().is_some_and(|m| m[r] as usize == month)),
            (_, None) => vec![0.0; self.rest.len()],
        }
    }

    /// Every claim that can be tested, with its test.
    pub(in crate::insights) fn candidates(&self) -> Vec<Candidate> {
        let mut out = Vec::new();
        if self.variance.is_nan() || self.variance <= 1e-12 || self.n < 2.0 * LEAST_ROWS {
            return out;
        }
        for (dimension, (codes, members)) in self.dimensions.iter().enumerate() {
            let sums = self.sums(*members, |r| codes[r] as usize);
            out.extend(
                self.groups(&sums)
                    .into_iter()
                    .map(|(code, t, df, d, n)| Candidate::new(What::Member { dimension, code }, t, df, d, n)),
            );
        }
        self.over_time(&mut out);
        self.pairs(&mut out);
        out
    }

    /// Sums by group; rows whose group is none of them count nowhere.
    pub(super) fn sums(&self, groups: usize, of: impl Fn(usize) -> usize) -> Vec<Sums> {
        let mut out = vec![Sums { basis: vec![0.0; self.basis.len()], ..Sums::default() }; groups];
        for (r, value) in self.rest.iter().enumerate() {
            if value.is_nan() {
                continue;
            }
            if let Some(group) = out.get_mut(of(r)) {
                group.n += 1.0;
                group.sum += value;
                group.squares += value * value;
                for (sum, vector) in group.basis.iter_mut().zip(&self.basis) {
                    *sum += vector[r];
                }
            }
        }
        out
    }

    /// Welch's test of each group against the others, given what is in the basis:
    /// `(group, t, df, d, n)`.
    pub(super) fn groups(&self, sums: &[Sums]) -> Vec<(usize, f64, f64, f64, usize)> {
        let n: f64 = sums.iter().map(|g| g.n).sum();
        let sum: f64 = sums.iter().map(|g| g.sum).sum();
        let squares: f64 = sums.iter().map(|g| g.squares).sum();
        let mut out = Vec::new();
        for (i, group) in sums.iter().enumerate() {
            let others = n - group.n;
            if group.n < LEAST_ROWS || others < LEAST_ROWS {
                continue;
            }
            let plain = group.n * (1.0 - group.n / self.n);
            let left = group.n - group.basis.iter().map(|q| q * q).sum::<f64>();
            if left < LEAST_LEFT * plain {
                continue;
            }
            let (mean, mean_others) = (group.sum / group.n, (sum - group.sum) / others);
            let variance = |squares: f64, mean: f64, n: f64| ((squares / n - mean * mean).max(0.0)) * n / (n - 1.0);
            let own = variance(group.squares, mean, group.n) / group.n;
            let rest = variance(squares - group.squares, mean_others, others) / others;
            // A group that does not vary at all says nothing of how sure its mean is.
            let error = (own + rest).max(0.25 * self.variance * (1.0 / group.n + 1.0 / others));
            let df = (own + rest).powi(2)
                / (own * own / (group.n - 1.0) + rest * rest / (others - 1.0)).max(f64::MIN_POSITIVE);
            let difference = mean - mean_others;
            let t = difference / error.sqrt() * (plain / left).sqrt();
            let d = difference * plain / left / self.variance.sqrt();
            out.push((i, t, df.max(2.0), d, group.n as usize));
        }
        out
    }

    /// The same candidate, less sure by as much as its rows lean on those before them in time.
    pub(super) fn guard(&self, found: Candidate) -> Candidate {
        let Some(periods) = self.periods else { return found };
        let codes = match found.what {
            What::Member { dimension, code } | What::MemberTrend { dimension, code } => {
                Some((self.dimensions[dimension].0, code as u32))
            }
            What::Cell { .. } => return found,
            _ => None,
        };
        let mut without = self.rest.clone();
        let x = self.regressor(found.what);
        let (xx, xr) = x
            .iter()
            .zip(&self.rest)
            .filter(|(_, r)| !r.is_nan())
            .fold((0.0, 0.0), |(xx, xr), (x, r)| (xx + x * x, xr + x * r));
        if xx > 0.0 {
            without.iter_mut().zip(&x).for_each(|(r, x)| *r -= x * xr / xx);
        }
        // At most so many points in time: enough to see what leans on what.
        let last = periods.days.iter().copied().filter(|d| !d.is_nan()).fold(0.0, f64::max);
        let buckets = 400.0_f64.min(self.n);
        let mut sums = vec![(0.0_f64, 0.0_f64); buckets as usize + 1];
        for (r, value) in without.iter().enumerate() {
            let day = periods.days[r];
            let mine = codes.is_none_or(|(codes, code)| codes[r] == code);
            if mine && !value.is_nan() && !day.is_nan() && last > 0.0 {
                let bucket = &mut sums[(day / last * buckets) as usize];
                bucket.0 += value;
                bucket.1 += 1.0;
            }
        }
        // Means of few rows vary more; what is compared is how they follow each other.
        let series: Vec<f64> = sums.iter().filter(|b| b.1 > 0.0).map(|b| b.0 / b.1.sqrt()).collect();
        let factor = long_run_factor(&series);
        Candidate::new(found.what, found.t / factor.sqrt(), found.df, found.d, found.n)
    }
}
