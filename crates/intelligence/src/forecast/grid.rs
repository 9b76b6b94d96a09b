//! The regular grid under a series: the step between its times, and which value stands where.

use super::Series;
use crate::MISSING_TIME;
use domain::calendar::{civil, day_of, iso};
use domain::forecast::{Step, StepUnit};
use domain::{Error, Result};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// Longest stretch of the grid that is looked at.
pub(super) const LONGEST: usize = 3000;

/// Where times stand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    pub(super) step: Step,
    /// The first place's time.
    origin: i64,
    /// Day of the month that months, quarters and years begin at; 31 for their last day.
    day: i64,
    /// Whether times have a time of day.
    timed: bool,
}

/// A series on its grid; NaN where a value is missing.
#[derive(Clone, Debug)]
pub(super) struct Regular {
    pub(super) grid: Grid,
    /// Place of the first value.
    pub(super) first: i64,
    pub(super) values: Vec<f64>,
    pub(super) notes: Vec<String>,
}

impl Regular {
    /// The time of a value, or of a step ahead.
    pub(super) fn time(&self, index: usize) -> i64 {
        self.grid.time(self.first + index as i64)
    }

    /// The time of a value as text.
    pub(super) fn ds(&self, index: usize) -> String {
        self.grid.text(self.time(index))
    }
}

/// Puts a series on its grid, or on that of a step that was chosen.
pub(super) fn regular(series: &Series, step: Option<Step>) -> Result<Regular> {
    let mut rows: Vec<(i64, f64)> = series
        .times
        .iter()
        .zip(&series.values)
        .filter(|(t, _)| **t != MISSING_TIME && t.abs() < 8_000 * 366 * DAY)
        .map(|(t, v)| (*t, if v.is_finite() { *v } else { f64::NAN }))
        .collect();
    rows.sort_by_key(|(t, _)| *t);
    let mut notes = Vec::new();
    let infinite = series.values.iter().filter(|v| v.is_infinite()).count();
    if infinite > 0 {
        notes.push(format!("{} infinite; treated as missing.", count(infinite, "value is", "values are")));
    }
    let mut times: Vec<i64> = rows.iter().map(|(t, _)| *t).collect();
    times.dedup();
    if times.len() < 2 {
        return Err(Error::invalid("A forecast needs values at two times at least.")
            .hint("Choose a time column with more than one moment, or a finer grain."));
    }
    let grid = Grid::of(&times, step)?;
    let (first, last) = (grid.place(times[0]), grid.place(times[times.len() - 1]));
    let begin = first.max(last - LONGEST as i64 + 1);
    if begin > first {
        notes.push(format!("Only the newest {LONGEST} of {} steps were used.", last - first + 1));
    }
    let length = (last - begin + 1) as usize;
    let mut sums = vec![(0.0, 0usize); length];
    let (mut repeated, mut moved) = (0, 0);
    for (t, v) in &rows {
        let place = grid.place(*t);
        if place < begin || v.is_nan() {
            continue;
        }
        let cell = &mut sums[(place - begin) as usize];
        repeated += usize::from(cell.1 > 0);
        moved += usize::from(grid.time(place) != *t);
        cell.0 += v;
        cell.1 += 1;
    }
    if repeated > 0 {
        notes.push(format!(
            "{} of one time; their mean was taken.",
            count(repeated, "more value is", "more values are")
        ));
    }
    if moved > 0 && moved * 20 > rows.len() {
        notes.push(format!(
            "The times are not regular; {} put on the nearest step.",
            count(moved, "value was", "values were")
        ));
    }
    let values: Vec<f64> = sums.iter().map(|(s, n)| if *n > 0 { s / *n as f64 } else { f64::NAN }).collect();
    if values.iter().filter(|v| !v.is_nan()).count() < 2 {
        return Err(Error::invalid("A forecast needs two values at least; here all but one are missing."));
    }
    Ok(Regular { grid, first: begin, values, notes })
}

/// "1 value is", "3 values are".
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

impl Grid {
    /// The grid under ascending distinct times, two at least.
    fn of(times: &[i64], chosen: Option<Step>) -> Result<Self> {
        let timed = times.iter().any(|t| t.rem_euclid(DAY) != 0);
        let dates: Vec<(i64, i64, i64)> = times.iter().map(|t| civil(t.div_euclid(DAY))).collect();
        let is_month_end = |d: &(i64, i64, i64)| d.2 == days_in(d.0, d.1);
        let ends = dates.iter().all(is_month_end);
        let day = if ends { 31 } else { dates.iter().map(|d| d.2).max().unwrap_or(1) };
        let step = match chosen {
            Some(step) if step.n == 0 || step.n > 10_000 => {
                return Err(Error::invalid("A step has to be 1 to 10,000 units.").field("step.n"));
            }
            Some(step) => step,
            None => detect(times, &dates, timed, ends),
        };
        let day = match step.unit {
            // Weeks of months that begin on no fixed day still make whole months.
            StepUnit::Month | StepUnit::Quarter | StepUnit::Year
                if !ends && dates.iter().any(|d| d.2 != dates[0].2) =>
            {
                1
            }
            _ => day,
        };
        let origin = match step.unit {
            StepUnit::Week | StepUnit::Day => times[0].div_euclid(DAY) * DAY,
            _ => times[0],
        };
        Ok(Self { step, origin, day, timed: timed && sub_day(step.unit) })
    }

    /// Whether a day has several steps.
    pub(super) fn is_sub_day(&self) -> bool {
        sub_day(self.step.unit)
    }

    /// The place of the step that a time belongs to.
    pub(super) fn place(&self, time: i64) -> i64 {
        let n = i64::from(self.step.n);
        match self.step.unit {
            StepUnit::Second | StepUnit::Minute | StepUnit::Hour => {
                let width = width(self.step);
                (time - self.origin + width / 2).div_euclid(width)
            }
            StepUnit::Day | StepUnit::Week => (time - self.origin).div_euclid(width(self.step)),
            StepUnit::BusinessDay => business(time.div_euclid(DAY)).div_euclid(n),
            StepUnit::Month | StepUnit::Quarter | StepUnit::Year => {
                let (year, month, _) = civil(time.div_euclid(DAY));
                let (year0, month0, _) = civil(self.origin.div_euclid(DAY));
                ((year - year0) * 12 + month - month0).div_euclid(n * months(self.step.unit))
            }
        }
    }

    /// The time of a place.
    pub(super) fn time(&self, place: i64) -> i64 {
        let n = i64::from(self.step.n);
        match self.step.unit {
            StepUnit::Second | StepUnit::Minute | StepUnit::Hour | StepUnit::Day | StepUnit::Week => {
                self.origin + place * width(self.step)
            }
            StepUnit::BusinessDay => {
                let at = place * n;
                (at.div_euclid(5) * 7 + at.rem_euclid(5) + MONDAY) * DAY
            }
            StepUnit::Month | StepUnit::Quarter | StepUnit::Year => {
                let (year0, month0, _) = civil(self.origin.div_euclid(DAY));
                let month = year0 * 12 + month0 - 1 + place * n * months(self.step.unit);
                let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
                day_of(year, month, self.day.min(days_in(year, month))) * DAY
            }
        }
    }

    /// A time as text: a date, or with its time of day.
    pub(super) fn text(&self, time: i64) -> String {
        let date = iso(time.div_euclid(DAY));
        if !self.timed && !sub_day(self.step.unit) {
            return date;
        }
        let seconds = time.rem_euclid(DAY) / SECOND;
        format!("{date}T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// The first Monday of 1970, in days.
const MONDAY: i64 = 4;

/// Working days since the first Monday of 1970; a weekend belongs to its Friday.
fn business(day: i64) -> i64 {
    let day = day - MONDAY;
    day.div_euclid(7) * 5 + day.rem_euclid(7).min(4)
}

fn sub_day(unit: StepUnit) -> bool {
    matches!(unit, StepUnit::Second | StepUnit::Minute | StepUnit::Hour)
}

fn months(unit: StepUnit) -> i64 {
    match unit {
        StepUnit::Quarter => 3,
        StepUnit::Year => 12,
        _ => 1,
    }
}

fn width(step: Step) -> i64 {
    let unit = match step.unit {
        StepUnit::Second => SECOND,
        StepUnit::Minute => 60 * SECOND,
        StepUnit::Hour => 3600 * SECOND,
        StepUnit::Week => 7 * DAY,
        _ => DAY,
    };
    unit * i64::from(step.n)
}

fn days_in(year: i64, month: i64) -> i64 {
    let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    day_of(next_year, next, 1) - day_of(year, month, 1)
}

/// The step that most neighbours have between them.
fn detect(times: &[i64], dates: &[(i64, i64, i64)], timed: bool, ends: bool) -> Step {
    let mut gaps: Vec<i64> = times.windows(2).map(|w| w[1] - w[0]).collect();
    gaps.sort_unstable();
    let usual = usual(&gaps);
    let step = |unit, n: i64| Step { unit, n: n.clamp(1, 10_000) as u32 };
    if timed && usual < DAY {
        let seconds = (usual + SECOND / 2) / SECOND;
        return match seconds {
            0 | 1 => step(StepUnit::Second, 1),
            s if s % 3600 == 0 => step(StepUnit::Hour, s / 3600),
            s if s % 60 == 0 => step(StepUnit::Minute, s / 60),
            s => step(StepUnit::Second, s),
        };
    }
    let days = (usual + DAY / 2) / DAY;
    let regular_months = ends || dates.iter().all(|d| d.2 == dates[0].2);
    if regular_months && days >= 28 {
        let gap = dates.windows(2).map(|w| (w[1].0 - w[0].0) * 12 + w[1].1 - w[0].1).filter(|m| *m > 0).fold(0, gcd);
        return match gap {
            g if g > 0 && g % 12 == 0 => step(StepUnit::Year, g / 12),
            g if g > 0 && g % 3 == 0 => step(StepUnit::Quarter, g / 3),
            g => step(StepUnit::Month, g),
        };
    }
    match days {
        0 | 1 => {
            let weekday = |t: &i64| (t.div_euclid(DAY) - MONDAY).rem_euclid(7);
            let spans = (times[times.len() - 1] - times[0]) / DAY;
            if spans >= 10 && times.iter().all(|t| weekday(t) < 5) {
                step(StepUnit::BusinessDay, 1)
            } else {
                step(StepUnit::Day, 1)
            }
        }
        360..=372 => step(StepUnit::Year, 1),
        88..=93 => step(StepUnit::Quarter, 1),
        27..=32 if days != 28 => step(StepUnit::Month, 1),
        d if d % 7 == 0 => step(StepUnit::Week, d / 7),
        d => step(StepUnit::Day, d),
    }
}

/// The most frequent of ascending gaps; the smaller one of two.
fn usual(gaps: &[i64]) -> i64 {
    let (mut best, mut most) = (gaps[0], 0);
    for run in gaps.chunk_by(|a, b| a == b) {
        if run.len() > most {
            (best, most) = (run[0], run.len());
        }
    }
    // Where none is frequent the middle one says more.
    if most * 4 < gaps.len() { gaps[gaps.len() / 2] } else { best }
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
