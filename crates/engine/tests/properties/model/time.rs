//! Time zones and the calendar, as polars and its own zone data have them.

use super::value::{clock, iso};
use domain::calendar::{civil, day_of};
use domain::query::{Grain, Relative, RelativeOf, RelativeUnit};
use polars::prelude::*;

pub const SECOND: i64 = 1_000_000;
pub const DAY: i64 = 86_400 * SECOND;

/// Where days begin in a question, and with which day its weeks and years do.
pub struct Calendar {
    zone: Option<TimeZone>,
    pub week_start: i64,
    pub year_start: i64,
}

impl Calendar {
    pub fn new(zone: Option<&str>, week_start: Option<u8>, year_start: Option<u8>) -> Self {
        let zone = zone.filter(|z| *z != "UTC");
        Self {
            zone: TimeZone::opt_try_new(zone.map(str::to_owned)).unwrap(),
            week_start: week_start.unwrap_or(1).into(),
            year_start: year_start.unwrap_or(1).into(),
        }
    }

    fn replaced(&self, micros: i64, is_utc: bool) -> Option<i64> {
        let (from, to) = if is_utc { (self.zone.clone(), None) } else { (None, self.zone.as_ref()) };
        let one = Int64Chunked::from_slice("t".into(), &[micros]).into_datetime(TimeUnit::Microseconds, from);
        let early = StringChunked::from_slice("a".into(), &["earliest"]);
        replace_time_zone(&one, to, &early, NonExistent::Null).unwrap().physical().get(0)
    }

    /// What a clock in the zone shows at that instant.
    pub fn local(&self, instant: i64) -> i64 {
        if self.zone.is_none() { instant } else { self.replaced(instant, true).unwrap() }
    }

    /// The first instant at which a clock in the zone shows this. Where it never does, because it was
    /// turned forward, the instant at which it would have been, had it not yet been turned.
    pub fn instant(&self, local: i64) -> i64 {
        if self.zone.is_none() {
            return local;
        }
        self.replaced(local, false).unwrap_or_else(|| {
            let before = local - 2 * DAY;
            local - (before - self.replaced(before, false).unwrap())
        })
    }

    /// `2024-02-29T08:30:00+01:00`.
    pub fn written(&self, instant: i64) -> String {
        let local = self.local(instant);
        let whole = format!("{}T{}", iso(local.div_euclid(DAY)), clock(local.rem_euclid(DAY)));
        if self.zone.is_none() {
            return format!("{whole}Z");
        }
        let minutes = (local - instant) / (60 * SECOND);
        let sign = if minutes < 0 { '-' } else { '+' };
        format!("{whole}{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
    }

    /// The first day of the unit that holds a day.
    pub fn first_day(&self, grain: Grain, day: i64) -> i64 {
        let (year, month, _) = civil(day);
        // Back to the month in which a stretch of so many begins.
        let back = |length: i64| {
            let into = (month - self.year_start).rem_euclid(length);
            let (year, month) = if month - into < 1 { (year - 1, month - into + 12) } else { (year, month - into) };
            day_of(year, month, 1)
        };
        match grain {
            Grain::Week => day - (weekday(day) - self.week_start).rem_euclid(7),
            Grain::Month => day_of(year, month, 1),
            Grain::Quarter => back(3),
            Grain::Year => back(12),
            _ => day,
        }
    }

    /// The beginning of the unit that holds an instant.
    pub fn start(&self, grain: Grain, instant: i64) -> i64 {
        let local = self.local(instant);
        let into = |length: i64| instant - local.rem_euclid(length * SECOND);
        match grain {
            Grain::Second => into(1),
            Grain::Minute => into(60),
            Grain::Hour => into(3600),
            _ => self.instant(self.first_day(grain, local.div_euclid(DAY)) * DAY),
        }
    }

    /// The part of a local time that repeats.
    pub fn folded(grain: Grain, local: i64) -> i64 {
        match grain {
            Grain::HourOfDay => local.rem_euclid(DAY) / (3600 * SECOND),
            Grain::DayOfWeek => weekday(local.div_euclid(DAY)),
            _ => civil(local.div_euclid(DAY)).1,
        }
    }

    /// The stretch `[from, to)` of a relative date.
    pub fn stretch(&self, of: &Relative, now: i64) -> (i64, i64) {
        let grain = grain_of(of.unit);
        let (n, extra, offset) = (i64::from(of.n), i64::from(of.include_current), i64::from(of.offset));
        let running = self.start(grain, now);
        let at = |k: i64| self.step(of.unit, running, k - offset);
        match of.of {
            RelativeOf::Previous => (at(-n), at(extra)),
            RelativeOf::Current => (at(0), at(1)),
            RelativeOf::Next => (at(1 - extra), at(n + 1)),
            RelativeOf::ToDate => {
                let then = self.moved(of.unit, now, -offset);
                (self.start(grain, then), self.start(Grain::Minute, then) + 60 * SECOND)
            }
        }
    }

    /// `k` units after the start of one.
    fn step(&self, unit: RelativeUnit, start: i64, k: i64) -> i64 {
        match unit {
            RelativeUnit::Minute => start + k * 60 * SECOND,
            RelativeUnit::Hour => start + k * 3600 * SECOND,
            _ => {
                let day = self.local(start).div_euclid(DAY);
                self.instant(add(day, length(unit), k) * DAY)
            }
        }
    }

    /// The same time of day `k` units later.
    fn moved(&self, unit: RelativeUnit, instant: i64, k: i64) -> i64 {
        match unit {
            _ if k == 0 => instant,
            RelativeUnit::Minute | RelativeUnit::Hour => self.step(unit, instant, k),
            _ => self.later(instant, length(unit), k),
        }
    }

    /// An instant so many days or months later on the zone's calendar.
    pub fn later(&self, instant: i64, length: Length, k: i64) -> i64 {
        let local = self.local(instant);
        let (day, time) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        self.instant(add(day, length, k) * DAY + time)
    }
}

/// 1 on Monday.
pub fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7) + 1
}

/// Days or months.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Length {
    Days(i64),
    Months(i64),
}

pub fn length(unit: RelativeUnit) -> Length {
    match unit {
        RelativeUnit::Week => Length::Days(7),
        RelativeUnit::Month => Length::Months(1),
        RelativeUnit::Quarter => Length::Months(3),
        RelativeUnit::Year => Length::Months(12),
        _ => Length::Days(1),
    }
}

/// `k` lengths after a day; the 31st of a month that has none is its last day.
pub fn add(day: i64, length: Length, k: i64) -> i64 {
    match length {
        Length::Days(n) => day + n * k,
        Length::Months(n) => {
            let (year, month, date) = civil(day);
            let months = year * 12 + month - 1 + n * k;
            let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
            let next = if month == 12 { day_of(year + 1, 1, 1) } else { day_of(year, month + 1, 1) };
            (day_of(year, month, 1) + date - 1).min(next - 1)
        }
    }
}

pub fn grain_of(unit: RelativeUnit) -> Grain {
    match unit {
        RelativeUnit::Minute => Grain::Minute,
        RelativeUnit::Hour => Grain::Hour,
        RelativeUnit::Day => Grain::Day,
        RelativeUnit::Week => Grain::Week,
        RelativeUnit::Month => Grain::Month,
        RelativeUnit::Quarter => Grain::Quarter,
        RelativeUnit::Year => Grain::Year,
    }
}
