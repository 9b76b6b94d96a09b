//! Times in words: "last quarter", "in June", "since 2024", "summer", "weekends", and the grains.

use super::words::{Kind, Token};
use domain::DataType;
use domain::query::{AsOf, Filter, Grain, Op, Relative, RelativeOf, RelativeUnit};
use jiff::Span;
use jiff::civil::{Date, date};
use serde_json::json;

/// A stretch of time as it was said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    Relative {
        unit: RelativeUnit,
        n: u32,
        of: RelativeOf,
    },
    /// From a day to the day before another.
    Range(Date, Date),
    Since(Date),
    /// Before that day.
    Until(Date),
    /// Months from one to another, of no said year: June is (6, 6), winter (12, 2).
    Months(i8, i8),
    /// A quarter of no said year.
    Quarter(i8),
    Weekends,
    Weekdays,
}

/// What a stretch is meant of.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    pub(crate) today: Date,
    pub(crate) first: Option<Date>,
    pub(crate) last: Option<Date>,
}

impl Calendar {
    pub(crate) fn new(today: Date, extent: Option<&(String, String)>) -> Self {
        let day = |text: &String| text.get(..10).and_then(|d| d.parse::<Date>().ok());
        Self { today, first: extent.and_then(|e| day(&e.0)), last: extent.and_then(|e| day(&e.1)) }
    }

    /// The day that "last" is before: the end of the data where it lies behind by more than two months.
    fn anchor(&self) -> Date {
        match self.last {
            Some(last) if self.is_old() || last > self.today => last,
            _ => self.today,
        }
    }

    fn is_old(&self) -> bool {
        self.last.is_some_and(|last| plus_days(last, 62) < self.today)
    }
}

fn plus_days(day: Date, n: i64) -> Date {
    Span::new().try_days(n).ok().and_then(|s| day.checked_add(s).ok()).unwrap_or(day)
}

fn plus_months(day: Date, n: i64) -> Date {
    Span::new().try_months(n).ok().and_then(|s| day.checked_add(s).ok()).unwrap_or(day)
}

fn first_of(year: i16, month: i8) -> Date {
    if (1..=9998).contains(&year) && (1..=12).contains(&month) { date(year, month, 1) } else { date(2000, 1, 1) }
}

/// A month by its name.
pub(crate) fn month(low: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let full = MONTHS.iter().position(|m| *m == low);
    let short =
        || MONTHS.iter().position(|m| low.len() == 3 && m.starts_with(low) || low == "sept" && *m == "september");
    full.or_else(short).and_then(|m| i8::try_from(m + 1).ok())
}

fn season(low: &str) -> Option<(i8, i8)> {
    match low {
        "spring" => Some((3, 5)),
        "summer" => Some((6, 8)),
        "autumn" | "fall" => Some((9, 11)),
        "winter" => Some((12, 2)),
        _ => None,
    }
}

pub(crate) fn unit(low: &str) -> Option<RelativeUnit> {
    Some(match low {
        "minute" | "minutes" => RelativeUnit::Minute,
        "hour" | "hours" => RelativeUnit::Hour,
        "day" | "days" => RelativeUnit::Day,
        "week" | "weeks" => RelativeUnit::Week,
        "month" | "months" => RelativeUnit::Month,
        "quarter" | "quarters" => RelativeUnit::Quarter,
        "year" | "years" => RelativeUnit::Year,
        _ => return None,
    })
}

pub(crate) fn grain_of(unit: RelativeUnit) -> Grain {
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

/// A grain from one word or more, from token `i` on; the token after it.
pub(crate) fn grain(tokens: &[Token], i: usize) -> Option<(usize, Grain)> {
    let low = |k: usize| tokens.get(k).map_or("", |t| t.low.as_str());
    let the = |k: usize| if low(k) == "the" { k + 1 } else { k };
    let of = |k: usize| if low(k) == "of" { the(k + 1) } else { usize::MAX };
    let folded = |word: &str, at: usize| at != usize::MAX && low(at) == word;
    match low(i) {
        "weekday" | "weekdays" | "dayofweek" => Some((i + 1, Grain::DayOfWeek)),
        "day" | "days" if folded("week", of(i + 1)) => Some((of(i + 1) + 1, Grain::DayOfWeek)),
        "hour" | "hours" if folded("day", of(i + 1)) => Some((of(i + 1) + 1, Grain::HourOfDay)),
        "month" | "months" if folded("year", of(i + 1)) => Some((of(i + 1) + 1, Grain::MonthOfYear)),
        "monthly" => Some((i + 1, Grain::Month)),
        "weekly" => Some((i + 1, Grain::Week)),
        "daily" => Some((i + 1, Grain::Day)),
        "hourly" => Some((i + 1, Grain::Hour)),
        "quarterly" => Some((i + 1, Grain::Quarter)),
        "yearly" | "annually" | "annual" => Some((i + 1, Grain::Year)),
        word => unit(word).map(|u| (i + 1, grain_of(u))),
    }
}

/// A stretch of time from token `i` on, with the token after it. `has_year`: a number may be a year.
pub(crate) fn said(tokens: &[Token], i: usize) -> Option<(usize, Said)> {
    let low = |k: usize| tokens.get(k).map_or("", |t| t.low.as_str());
    let skip = |k: usize| if matches!(low(k), "the" | "of" | "in" | "year" | ",") { k + 1 } else { k };
    match low(i) {
        "last" | "past" | "previous" | "next" | "coming" | "this" | "current" | "preceding" | "recent" => {
            let of = match low(i) {
                "next" | "coming" => RelativeOf::Next,
                "this" | "current" => RelativeOf::Current,
                _ => RelativeOf::Previous,
            };
            let number =
                tokens.get(i + 1).and_then(Token::number).filter(|n| *n >= 1.0 && *n <= 10_000.0 && n.fract() == 0.0);
            let at = if number.is_some() { i + 2 } else { i + 1 };
            if let Some(unit) = unit(low(at)) {
                let n = number.unwrap_or(1.0) as u32;
                return Some((at + 1, Said::Relative { unit, n, of }));
            }
            // "last summer", "last June".
            if let Some((from, to)) = season(low(i + 1)).or_else(|| month(low(i + 1)).map(|m| (m, m))) {
                return (number.is_none()).then_some((i + 2, Said::Months(from, to)));
            }
            return None;
        }
        "today" => return Some((i + 1, Said::Relative { unit: RelativeUnit::Day, n: 1, of: RelativeOf::Current })),
        "yesterday" => {
            return Some((i + 1, Said::Relative { unit: RelativeUnit::Day, n: 1, of: RelativeOf::Previous }));
        }
        "ytd" => return Some((i + 1, Said::Relative { unit: RelativeUnit::Year, n: 1, of: RelativeOf::ToDate })),
        "mtd" => return Some((i + 1, Said::Relative { unit: RelativeUnit::Month, n: 1, of: RelativeOf::ToDate })),
        "year" | "month" | "quarter" | "week" if low(i + 1) == "to" && low(i + 2) == "date" => {
            let unit = unit(low(i))?;
            return Some((i + 3, Said::Relative { unit, n: 1, of: RelativeOf::ToDate }));
        }
        "weekend" | "weekends" => return Some((i + 1, Said::Weekends)),
        "workdays" | "workday" => return Some((i + 1, Said::Weekdays)),
        "since" | "after" | "from" | "before" | "until" | "till" | "between" => {
            let at = if low(i + 1) == "the" { i + 2 } else { i + 1 };
            let (next, (from, to)) = point(tokens, at, true)?;
            if matches!(low(i), "from" | "between")
                && matches!(low(next), "to" | "until" | "till" | "and" | "through" | "-")
            {
                let (end, (_, last)) = point(tokens, next + 1, true)?;
                return match (from, last) {
                    (Point::Day(a), Point::Day(b)) if a < b => Some((end, Said::Range(a, b))),
                    (Point::Month(a), Point::Month(b)) => Some((end, Said::Months(a, if b == 1 { 12 } else { b - 1 }))),
                    (Point::Month(a), Point::Day(b)) => {
                        let year = if a < b.month() || b.month() == 1 { plus_days(b, -1).year() } else { b.year() - 1 };
                        Some((end, Said::Range(first_of(year, a), b)))
                    }
                    _ => None,
                };
            }
            let (Point::Day(from), Point::Day(to)) = (from, to) else { return None };
            return match low(i) {
                "since" | "from" => Some((next, Said::Since(from))),
                "after" => Some((next, Said::Since(to))),
                "before" => Some((next, Said::Until(from))),
                "until" | "till" => Some((next, Said::Until(to))),
                _ => None,
            };
        }
        _ => {}
    }
    // "first half of 2024".
    if matches!(low(i), "first" | "second" | "1st" | "2nd") && low(i + 1) == "half" {
        let at = skip(i + 2);
        let y = year(tokens, at)?;
        let from = if matches!(low(i), "first" | "1st") { 1 } else { 7 };
        return Some((at + 1, Said::Range(first_of(y, from), plus_months(first_of(y, from), 6))));
    }
    // "Q2 2024", "second quarter of 2024".
    let quarter = match (low(i), low(i + 1)) {
        ("q1", _) => Some((1, i + 1)),
        ("q2", _) => Some((2, i + 1)),
        ("q3", _) => Some((3, i + 1)),
        ("q4", _) => Some((4, i + 1)),
        ("first" | "1st", "quarter") => Some((1, i + 2)),
        ("second" | "2nd", "quarter") => Some((2, i + 2)),
        ("third" | "3rd", "quarter") => Some((3, i + 2)),
        ("fourth" | "4th", "quarter") => Some((4, i + 2)),
        _ => None,
    };
    if let Some((q, at)) = quarter {
        return Some(match year(tokens, skip(at)) {
            Some(year) => {
                (skip(at) + 1, Said::Range(first_of(year, q * 3 - 2), plus_months(first_of(year, q * 3 - 2), 3)))
            }
            None => (at, Said::Quarter(q)),
        });
    }
    if let Some((from, to)) = season(low(i)) {
        return Some(match year(tokens, skip(i + 1)) {
            Some(year) => {
                let start = first_of(year, from);
                let months = i64::from((to - from).rem_euclid(12)) + 1;
                (skip(i + 1) + 1, Said::Range(start, plus_months(start, months)))
            }
            None => (i + 1, Said::Months(from, to)),
        });
    }
    let (next, (from, to)) = point(tokens, i, false)?;
    match (from, to) {
        (Point::Day(a), Point::Day(b)) => Some((next, Said::Range(a, b))),
        (Point::Month(m), _) => Some((next, Said::Months(m, m))),
        _ => None,
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Point {
    Day(Date),
    /// A month of no said year.
    Month(i8),
}

/// A day, month or year: where it begins and where the next begins.
fn point(tokens: &[Token], i: usize, is_told: bool) -> Option<(usize, (Point, Point))> {
    let low = |k: usize| tokens.get(k).map_or("", |t| t.low.as_str());
    let token = tokens.get(i)?;
    if let Kind::Date(day) = token.kind {
        return Some((i + 1, (Point::Day(day), Point::Day(plus_days(day, 1)))));
    }
    if let Some(m) = month(&token.low) {
        // "may" is rarely the month, and "march" is when it stands alone.
        let is_plain = !matches!(token.low.as_str(), "may" | "mar" | "sat")
            || is_told
            || token.text.starts_with(char::is_uppercase);
        if !is_plain {
            return None;
        }
        let mut at = i + 1;
        let mut day = None;
        if let Some(Kind::Number(n)) = tokens.get(at).map(|t| &t.kind)
            && (1.0..=31.0).contains(n)
            && n.fract() == 0.0
        {
            day = Some(*n as i8);
            at += 1;
        }
        let after = if matches!(low(at), "," | "of") { at + 1 } else { at };
        return match (year(tokens, after), day) {
            (Some(y), None) => {
                Some((after + 1, (Point::Day(first_of(y, m)), Point::Day(plus_months(first_of(y, m), 1)))))
            }
            (Some(y), Some(d)) => {
                let day = Date::new(y, m, d).ok()?;
                Some((after + 1, (Point::Day(day), Point::Day(plus_days(day, 1)))))
            }
            (None, None) => Some((i + 1, (Point::Month(m), Point::Month(m % 12 + 1)))),
            (None, Some(_)) => None,
        };
    }
    let y = year(tokens, i)?;
    is_told.then(|| (i + 1, (Point::Day(first_of(y, 1)), Point::Day(first_of(y + 1, 1)))))
}

/// A year in four digits.
pub(crate) fn year(tokens: &[Token], i: usize) -> Option<i16> {
    let token = tokens.get(i)?;
    match token.kind {
        Kind::Number(n) if token.text.len() == 4 && (1500.0..2200.0).contains(&n) && n.fract() == 0.0 => Some(n as i16),
        _ => None,
    }
}

impl Said {
    /// The condition on a time column, and what it says.
    pub(crate) fn filter(&self, column: &str, ty: DataType, calendar: &Calendar) -> Option<(Filter, String)> {
        let day = |d: Date| d.to_string();
        let range = |a: Date, b: Date, text: String| {
            let last = plus_days(b, -1);
            Some((Filter::is(column, Op::Between, json!([day(a), day(last)])), text))
        };
        match self {
            Self::Relative { unit, n, of } => {
                if ty == DataType::Date && matches!(unit, RelativeUnit::Minute | RelativeUnit::Hour) {
                    return None;
                }
                let as_of = if calendar.is_old() { AsOf::Latest } else { AsOf::Now };
                let relative = Relative { unit: *unit, n: *n, of: *of, include_current: false, offset: 0, as_of };
                let name = grain_of(*unit).as_str();
                let word = match of {
                    RelativeOf::Previous => "last",
                    RelativeOf::Current => "this",
                    RelativeOf::Next => "next",
                    RelativeOf::ToDate => {
                        return Some((Filter::is(column, Op::Relative, json!(relative)), format!("{name} to date")));
                    }
                };
                let of_data = if as_of == AsOf::Latest { " of the data" } else { "" };
                let text =
                    if *n == 1 { format!("{word} {name}{of_data}") } else { format!("{word} {n} {name}s{of_data}") };
                Some((Filter::is(column, Op::Relative, json!(relative)), text))
            }
            Self::Range(a, b) => range(*a, *b, stretch(*a, *b)),
            Self::Since(a) => Some((Filter::is(column, Op::Gte, day(*a)), format!("since {a}"))),
            Self::Until(b) => Some((Filter::is(column, Op::Lt, day(*b)), format!("before {b}"))),
            Self::Months(..) | Self::Quarter(_) => {
                let (a, b) = self.resolve(calendar)?;
                range(a, b, stretch(a, b))
            }
            Self::Weekends | Self::Weekdays => {
                let is_wanted = |d: &Date| (d.weekday().to_monday_one_offset() >= 6) == (*self == Self::Weekends);
                let (first, last) = (calendar.first?, calendar.last?);
                let last = if calendar.is_old() { last } else { last.max(calendar.today) };
                // Each day is named: a lifetime of them is enough.
                if plus_days(first, 30_000) < last {
                    return None;
                }
                let days: Vec<String> = first
                    .series(Span::new().days(1))
                    .take_while(|d| *d <= last)
                    .filter(is_wanted)
                    .take(9_000)
                    .map(day)
                    .collect();
                let text = if *self == Self::Weekends { "weekends" } else { "working days" };
                Some((Filter::is(column, Op::In, json!(days)), text.to_owned()))
            }
        }
    }

    /// The days that it means, the last excluded; the most recent ones where no year is said.
    pub(crate) fn resolve(&self, calendar: &Calendar) -> Option<(Date, Date)> {
        let anchor = calendar.anchor();
        match self {
            Self::Range(a, b) => Some((*a, *b)),
            Self::Months(..) | Self::Quarter(_) => {
                let (from, to) = match self {
                    Self::Quarter(q) => (q * 3 - 2, q * 3),
                    Self::Months(from, to) => (*from, *to),
                    _ => return None,
                };
                let mut start = first_of(anchor.year(), from);
                if start > anchor {
                    start = first_of(anchor.year() - 1, from);
                }
                let months = i64::from((to - from).rem_euclid(12)) + 1;
                Some((start, plus_months(start, months)))
            }
            Self::Relative { unit, n, of } => {
                let n = i64::from(*n);
                let running = match unit {
                    RelativeUnit::Week => plus_days(anchor, -i64::from(anchor.weekday().to_monday_zero_offset())),
                    RelativeUnit::Month => anchor.first_of_month(),
                    RelativeUnit::Quarter => first_of(anchor.year(), (anchor.month() - 1) / 3 * 3 + 1),
                    RelativeUnit::Year => first_of(anchor.year(), 1),
                    _ => anchor,
                };
                let step = |k: i64| match unit {
                    RelativeUnit::Week => plus_days(running, 7 * k),
                    RelativeUnit::Month => plus_months(running, k),
                    RelativeUnit::Quarter => plus_months(running, 3 * k),
                    RelativeUnit::Year => plus_months(running, 12 * k),
                    _ => plus_days(running, k),
                };
                Some(match of {
                    RelativeOf::Previous => (step(-n), step(0)),
                    RelativeOf::Current | RelativeOf::ToDate => (step(0), step(1)),
                    RelativeOf::Next => (step(1), step(n + 1)),
                })
            }
            Self::Since(a) => Some((*a, plus_days(anchor, 1))),
            Self::Until(_) | Self::Weekends | Self::Weekdays => None,
        }
    }

    /// The year that it is, where it is one: for columns that hold years.
    pub(crate) fn years(&self) -> Option<(Op, serde_json::Value)> {
        match self {
            Self::Range(a, b) if a.day_of_year() == 1 && b.day_of_year() == 1 => {
                let (first, last) = (a.year(), b.year() - 1);
                Some(if first == last { (Op::Eq, json!(first)) } else { (Op::Between, json!([first, last])) })
            }
            Self::Since(a) if a.day_of_year() == 1 => Some((Op::Gte, json!(a.year()))),
            Self::Until(b) if b.day_of_year() == 1 => Some((Op::Lt, json!(b.year()))),
            _ => None,
        }
    }
}

/// "June 2013", "2013", "2013-06-01 to 2013-08-31".
fn stretch(a: Date, b: Date) -> String {
    let last = plus_days(b, -1);
    if a.day_of_year() == 1 && b == first_of(a.year() + 1, 1) {
        return a.year().to_string();
    }
    if a.day() == 1 && b == plus_months(a, 1) {
        return a.strftime("%B %Y").to_string();
    }
    if a == last {
        return a.to_string();
    }
    if a.day() == 1 && b.day() == 1 {
        return format!("{} to {}", a.strftime("%B %Y"), last.strftime("%B %Y"));
    }
    format!("{a} to {last}")
}

/// The grain that suits so long a time.
pub(crate) fn suitable(calendar: &Calendar, ty: DataType) -> Grain {
    let (Some(first), Some(last)) = (calendar.first, calendar.last) else { return Grain::Month };
    let days = (i64::from(last.year()) - i64::from(first.year())) * 365 + i64::from(last.day_of_year())
        - i64::from(first.day_of_year());
    match days {
        i64::MIN..=2 if ty == DataType::Timestamp => Grain::Hour,
        i64::MIN..=70 => Grain::Day,
        71..=2200 => Grain::Month,
        _ => Grain::Year,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::words::{Stems, tokens};

    fn say(text: &str) -> Option<(Filter, String)> {
        let tokens = tokens(text, &Stems::new());
        let (end, said) = said(&tokens, 0)?;
        assert_eq!(end, tokens.len(), "{text}");
        let extent = ("2013-01-01".to_owned(), "2013-12-31T23:00:00Z".to_owned());
        said.filter("t", DataType::Date, &Calendar::new(date(2013, 12, 20), Some(&extent)))
    }

    #[test]
    fn stretches_are_found_on_the_calendar() {
        for (text, says) in [
            ("June", "June 2013"),
            ("June 2012", "June 2012"),
            ("summer", "June 2013 to August 2013"),
            ("winter 2012", "December 2012 to February 2013"),
            ("Q2", "April 2013 to June 2013"),
            ("last quarter", "last quarter"),
            ("past 6 weeks", "last 6 weeks"),
            ("since 2012", "since 2012-01-01"),
            ("before March 2013", "before 2013-03-01"),
            ("from March to May", "March 2013 to May 2013"),
            ("between 2011 and 2012", "January 2011 to December 2012"),
            ("2013-02-03", "2013-02-03"),
            ("year to date", "year to date"),
            ("weekends", "weekends"),
            ("after 2012", "since 2013-01-01"),
        ] {
            assert_eq!(say(text).map(|s| s.1).as_deref(), Some(says), "{text}");
        }
    }

    #[test]
    fn old_data_is_asked_as_of_its_end() {
        let extent = ("2013-01-01".to_owned(), "2013-12-31".to_owned());
        let calendar = Calendar::new(date(2026, 1, 5), Some(&extent));
        let said = Said::Relative { unit: RelativeUnit::Month, n: 1, of: RelativeOf::Previous };
        assert_eq!(said.filter("t", DataType::Date, &calendar).map(|f| f.1).as_deref(), Some("last month of the data"));
        assert_eq!(said.resolve(&calendar), Some((date(2013, 11, 1), date(2013, 12, 1))));
    }
}
