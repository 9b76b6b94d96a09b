//! The periods that the rows of a table fall into: hours, days, weeks, months, quarters or years, as
//! many as make a series worth looking at.

use crate::MISSING_TIME;
use domain::calendar::{civil, day_of, iso};
use domain::query::Grain;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
/// Rows without a time.
pub(super) const NO_PERIOD: u32 = u32::MAX;
/// More periods than this are no series for these tests.
const MOST_PERIODS: i64 = 5_000;

/// Times, put into periods without gaps.
pub(super) struct Periods {
    pub(super) grain: Grain,
    /// The period of each row, or [`NO_PERIOD`].
    pub(super) of: Vec<u32>,
    /// How many there are, empty ones too.
    pub(super) count: usize,
    /// Days since the first time, one per row; NaN where it is missing.
    pub(super) days: Vec<f64>,
    /// 0 is Monday; none where the times do not tell days apart.
    pub(super) weekday: Option<Vec<u8>>,
    /// 0 is January; none below two years.
    pub(super) month: Option<Vec<u8>>,
    first: i64,
    /// The period that the times begin, and end, in the middle of.
    pub(super) cut: (bool, bool),
}

impl Periods {
    /// Periods of times in microseconds, of the grain that suits, or of `grain`.
    pub(super) fn new(times: &[i64], grain: Option<Grain>) -> Option<Self> {
        let there = || times.iter().copied().filter(|t| *t != MISSING_TIME);
        let (low, high) = (there().min()?, there().max()?);
        // Beyond the years that a calendar writes there is nothing to tell.
        if low == high || low < -62_000_000_000_000_000 || high > 250_000_000_000_000_000 {
            return None;
        }
        let step = natural_step(times);
        let grain = grain.unwrap_or_else(|| suits(high - low, step));
        let first = index(low, grain);
        let count = index(high, grain) - first + 1;
        if !(2..=MOST_PERIODS).contains(&count) {
            return None;
        }
        let of = times
            .iter()
            .map(|t| if *t == MISSING_TIME { NO_PERIOD } else { (index(*t, grain) - first) as u32 })
            .collect();
        let days =
            times.iter().map(|t| if *t == MISSING_TIME { f64::NAN } else { (t - low) as f64 / DAY as f64 }).collect();
        let span = high - low;
        let weekday = (step < 2 * DAY && span >= 28 * DAY)
            .then(|| times.iter().map(|t| (t.div_euclid(DAY) + 3).rem_euclid(7) as u8).collect());
        let month = (step < 45 * DAY && span >= 700 * DAY)
            .then(|| times.iter().map(|t| (civil(t.div_euclid(DAY)).1 - 1) as u8).collect());
        // A few days without rows at an end are no sign that it was cut.
        let slack = (step * 2).max((start(first + 1, grain) - start(first, grain)) / 10);
        let cut = (low > start(first, grain) + slack, high + slack < start(first + count, grain));
        Some(Self { grain, of, count: count as usize, days, weekday, month, first, cut })
    }

    /// The beginning of a period: a month as `2024-03`, a year as `2024`, else a day or an hour.
    pub(super) fn name(&self, period: usize) -> String {
        let at = start(self.first + period as i64, self.grain);
        let day = iso(at.div_euclid(DAY));
        match self.grain {
            Grain::Month => day[..day.len() - 3].to_owned(),
            Grain::Year => day[..day.len() - 6].to_owned(),
            Grain::Hour => format!("{day}T{:02}:00", at.rem_euclid(DAY) / HOUR),
            _ => day,
        }
    }

    /// The day on which a period begins; of an hour, the hour.
    pub(super) fn day(&self, period: usize) -> String {
        let at = start(self.first + period as i64, self.grain);
        let day = iso(at.div_euclid(DAY));
        if self.grain == Grain::Hour { format!("{day}T{:02}:00", at.rem_euclid(DAY) / HOUR) } else { day }
    }

    /// The periods that are there in full.
    pub(super) fn whole(&self) -> std::ops::Range<usize> {
        usize::from(self.cut.0)..self.count - usize::from(self.cut.1)
    }

    /// What people call one of them.
    pub(super) fn word(&self) -> &'static str {
        self.grain.as_str()
    }
}

/// A moment as text.
pub(super) fn moment(micros: i64) -> String {
    let day = iso(micros.div_euclid(DAY));
    let rest = micros.rem_euclid(DAY) / 1_000_000;
    if rest == 0 { day } else { format!("{day}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60) }
}

/// The gap that most neighbouring times have.
fn natural_step(times: &[i64]) -> i64 {
    let mut sorted: Vec<i64> = times.iter().copied().filter(|t| *t != MISSING_TIME).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut gaps: Vec<i64> = sorted.windows(2).map(|w| w[1] - w[0]).collect();
    if gaps.is_empty() {
        return DAY;
    }
    let middle = gaps.len() / 2;
    *gaps.select_nth_unstable(middle).1
}

fn suits(span: i64, step: i64) -> Grain {
    let by_span = match span / DAY {
        0..=3 => Grain::Hour,
        4..=120 => Grain::Day,
        121..=400 => Grain::Week,
        401..=4_000 => Grain::Month,
        4_001..=12_000 => Grain::Quarter,
        _ => Grain::Year,
    };
    let by_step = match step / DAY {
        0 if step < 20 * HOUR => Grain::Hour,
        0..=5 => Grain::Day,
        6..=26 => Grain::Week,
        27..=84 => Grain::Month,
        85..=349 => Grain::Quarter,
        _ => Grain::Year,
    };
    by_span.max_by_length(by_step)
}

trait Longer {
    fn max_by_length(self, other: Self) -> Self;
}

impl Longer for Grain {
    fn max_by_length(self, other: Self) -> Self {
        let place = |g: Grain| Grain::ALL.iter().position(|x| *x == g);
        if place(other) > place(self) { other } else { self }
    }
}

fn index(micros: i64, grain: Grain) -> i64 {
    let day = micros.div_euclid(DAY);
    let month = || {
        let (year, month, _) = civil(day);
        year * 12 + month - 1
    };
    match grain {
        Grain::Second => micros.div_euclid(1_000_000),
        Grain::Minute => micros.div_euclid(60_000_000),
        Grain::Hour => micros.div_euclid(HOUR),
        Grain::Week => (day + 3).div_euclid(7),
        Grain::Month => month(),
        Grain::Quarter => month().div_euclid(3),
        Grain::Year => month().div_euclid(12),
        _ => day,
    }
}

fn start(index: i64, grain: Grain) -> i64 {
    let month = |m: i64| day_of(m.div_euclid(12), m.rem_euclid(12) + 1, 1) * DAY;
    match grain {
        Grain::Second => index * 1_000_000,
        Grain::Minute => index * 60_000_000,
        Grain::Hour => index * HOUR,
        Grain::Week => (index * 7 - 3) * DAY,
        Grain::Month => month(index),
        Grain::Quarter => month(index * 3),
        Grain::Year => month(index * 12),
        _ => index * DAY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: i64, n: i64) -> Vec<i64> {
        (0..n).map(|i| (from + i) * DAY).collect()
    }

    #[test]
    fn two_years_of_days_are_months() {
        let periods = Periods::new(&days(day_of(2023, 1, 1), 731), None).unwrap();
        assert_eq!((periods.grain, periods.count, periods.cut), (Grain::Month, 24, (false, false)));
        assert_eq!(periods.name(14), "2024-03");
        assert_eq!(periods.day(14), "2024-03-01");
        assert_eq!(periods.weekday.as_ref().unwrap()[0], 6);
        assert_eq!(periods.month.as_ref().unwrap()[31], 1);
    }

    #[test]
    fn what_is_measured_once_a_month_is_months() {
        let times: Vec<i64> = (0..14).map(|m| day_of(2020 + m / 12, m % 12 + 1, 1) * DAY).collect();
        let periods = Periods::new(&times, None).unwrap();
        assert_eq!((periods.grain, periods.count), (Grain::Month, 14));
        assert!(periods.weekday.is_none());
    }

    #[test]
    fn before_1970_and_in_the_middle() {
        let periods = Periods::new(&days(day_of(1969, 12, 20), 40), None).unwrap();
        assert_eq!(periods.grain, Grain::Day);
        assert_eq!(periods.name(0), "1969-12-20");
        let cut = Periods::new(&days(day_of(2023, 1, 15), 500), None).unwrap();
        assert_eq!(cut.cut, (true, true));
        assert!(Periods::new(&[MISSING_TIME, 5], None).is_none());
        assert!(Periods::new(&[i64::MIN + 1, i64::MAX], None).is_none());
    }
}
