//! Score tests over time: trends of everything and of members, changes of level, unusual periods,
//! weekdays and months.

use super::ground::{Ground, LEAST_LEFT, LEAST_ROWS, Sums};
use super::{Candidate, What};
use crate::insights::periods::{NO_PERIOD, Periods};
use crate::stats::mad;

/// Periods on each side of a change, at least.
const LEAST_PERIODS: usize = 3;
/// A period that is to stand out has at least so many rows; where there are fewer, single values do.
const ROWS_OF_A_PERIOD: f64 = 3.0;

#[derive(Clone, Default)]
struct Line {
    n: f64,
    t: f64,
    tt: f64,
    r: f64,
    rr: f64,
    rt: f64,
    basis: Vec<(f64, f64)>,
}

impl Ground<'_> {
    pub(super) fn over_time(&self, out: &mut Vec<Candidate>) {
        let Some(periods) = self.periods else { return };
        let whole = self.lines(periods, 1, |_| 0);
        out.extend(whole.iter().filter_map(|line| self.slope(line, What::Trend)));
        for (dimension, (codes, members)) in self.dimensions.iter().enumerate() {
            let lines = self.lines(periods, *members, |r| codes[r] as usize);
            let found = lines.iter().enumerate();
            out.extend(found.filter_map(|(code, line)| self.slope(line, What::MemberTrend { dimension, code })));
        }
        let by_period = self.sums(periods.count, |r| periods.of[r] as usize);
        self.changes(&by_period, out);
        self.spikes(&by_period, out);
        let folded = [
            (periods.weekday.as_ref(), 7, (|day| What::Weekday { day }) as fn(usize) -> What),
            (periods.month.as_ref(), 12, |month| What::Month { month }),
        ];
        for (codes, groups, what) in folded {
            let Some(codes) = codes else { continue };
            let sums = self.sums(groups, |r| if periods.of[r] == NO_PERIOD { usize::MAX } else { codes[r] as usize });
            if sums.iter().filter(|g| g.n >= LEAST_ROWS).count() >= 3 {
                out.extend(self.groups(&sums).into_iter().map(|(i, t, df, d, n)| Candidate::new(what(i), t, df, d, n)));
            }
        }
    }

    fn lines(&self, periods: &Periods, groups: usize, of: impl Fn(usize) -> usize) -> Vec<Line> {
        let mut lines = vec![Line { basis: vec![(0.0, 0.0); self.basis.len()], ..Line::default() }; groups];
        for (i, r) in self.rest.iter().enumerate() {
            let t = periods.days[i];
            if r.is_nan() || t.is_nan() {
                continue;
            }
            let Some(line) = lines.get_mut(of(i)) else { continue };
            line.n += 1.0;
            line.t += t;
            line.tt += t * t;
            line.r += r;
            line.rr += r * r;
            line.rt += r * t;
            for (sums, vector) in line.basis.iter_mut().zip(&self.basis) {
                sums.0 += vector[i];
                sums.1 += vector[i] * t;
            }
        }
        lines
    }

    fn slope(&self, line: &Line, what: What) -> Option<Candidate> {
        if line.n < LEAST_ROWS {
            return None;
        }
        let mean = line.t / line.n;
        let whole = line.tt - line.n * mean * mean;
        let left = whole - line.basis.iter().map(|(q, qt)| (qt - mean * q).powi(2)).sum::<f64>();
        let along = line.rt - mean * line.r;
        if whole.is_nan() || whole <= 1e-9 || left < LEAST_LEFT * whole {
            return None;
        }
        let own = (line.rr - line.r * line.r / line.n - along * along / left).max(0.0) / (line.n - 2.0);
        let variance = own.max(0.25 * self.variance);
        let t = along / (variance * left).sqrt();
        // From one end to the other, in standard deviations: an even spread has a span of sqrt(12) of its own.
        let d = along / left * (12.0 * whole / line.n).sqrt() / variance.sqrt();
        Some(Candidate::new(what, t, line.n - 2.0, d, line.n as usize))
    }

    fn changes(&self, periods: &[Sums], out: &mut Vec<Candidate>) {
        let n: f64 = periods.iter().map(|p| p.n).sum();
        let filled = periods.iter().filter(|p| p.n > 0.0).count();
        if filled < 4 * LEAST_PERIODS {
            return;
        }
        let mut after = Sums { basis: vec![0.0; self.basis.len()], ..Sums::default() };
        let mut seen = 0;
        for at in (1..periods.len()).rev() {
            let period = &periods[at];
            if period.n == 0.0 {
                continue;
            }
            seen += 1;
            after.n += period.n;
            after.sum += period.sum;
            after.basis.iter_mut().zip(&period.basis).for_each(|(sum, q)| *sum += q);
            let before = n - after.n;
            let sides = seen >= LEAST_PERIODS && filled - seen >= LEAST_PERIODS;
            if !sides || after.n < LEAST_ROWS || before < LEAST_ROWS {
                continue;
            }
            let plain = after.n * (1.0 - after.n / self.n);
            let left = after.n - after.basis.iter().map(|q| q * q).sum::<f64>();
            if left < LEAST_LEFT * plain {
                continue;
            }
            let along = after.sum;
            let variance = self.variance * (1.0 - (along * along / left / (self.n * self.variance)).min(0.95));
            let t = along / (left * variance).sqrt();
            out.push(Candidate::new(
                What::Change { at },
                t,
                self.n - 3.0,
                along / left / variance.sqrt(),
                self.n as usize,
            ));
        }
    }

    fn spikes(&self, periods: &[Sums], out: &mut Vec<Candidate>) {
        let filled: Vec<usize> = (0..periods.len()).filter(|i| periods[*i].n >= ROWS_OF_A_PERIOD).collect();
        if filled.len() < 8 {
            return;
        }
        let z = |i: usize| -> Option<(f64, f64)> {
            let period = &periods[i];
            let plain = period.n * (1.0 - period.n / self.n);
            let left = period.n - period.basis.iter().map(|q| q * q).sum::<f64>();
            let along = period.sum;
            (left >= LEAST_LEFT * plain)
                .then(|| (along / (left * self.variance).sqrt(), along / left / self.variance.sqrt()))
        };
        let all: Vec<f64> = filled.iter().filter_map(|i| z(*i)).map(|(z, _)| z).collect();
        // Where periods differ anyway, one of them has to differ from that.
        let spread = mad(&all).1;
        let spread = if spread > 1.4 { spread } else { 1.0 };
        for at in filled {
            if let Some((z, d)) = z(at) {
                let n = periods[at].n;
                out.push(Candidate::new(What::Spike { at }, z / spread, (self.n - 2.0).max(1.0), d, n as usize));
            }
        }
    }
}
