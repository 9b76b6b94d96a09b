//! When weeks and years begin.

use crate::path::Path;
use domain::Result;
use domain::query::Query;

/// The beginnings of weeks and years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Days from Monday to the first day of a week.
    week: u8,
    /// Months from January to the first month of a year.
    year: u8,
}

impl Calendar {
    /// Weeks begin on `week_start`, 1 (Monday) to 7; years in month `fiscal_year_start`, 1 to 12.
    pub fn new(week_start: Option<u8>, fiscal_year_start: Option<u8>) -> Result<Self> {
        let week = week_start.unwrap_or(1);
        if !(1..=7).contains(&week) {
            return Err(Path::Root("week_start").refuse("A week starts on day 1 (Monday) to 7 (Sunday)."));
        }
        let year = fiscal_year_start.unwrap_or(1);
        if !(1..=12).contains(&year) {
            return Err(Path::Root("fiscal_year_start").refuse("A year starts in month 1 (January) to 12 (December)."));
        }
        Ok(Self { week: week - 1, year: year - 1 })
    }

    /// The calendar of a question.
    pub(crate) fn of(query: &Query) -> Result<Self> {
        Self::new(query.week_start, query.fiscal_year_start)
    }

    /// Days from Monday to the first day of a week.
    pub(crate) fn week(self) -> u8 {
        self.week
    }

    /// Months from January to the first month of a year.
    pub(crate) fn year(self) -> u8 {
        self.year
    }

    /// Months from January to the first month of a quarter.
    pub(crate) fn quarter(self) -> u8 {
        self.year % 3
    }
}
