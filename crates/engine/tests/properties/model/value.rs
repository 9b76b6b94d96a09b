//! Values as the model has them, their order, and how an answer shows them.

use domain::Cell;
use std::cmp::Ordering;

#[derive(Clone, Debug)]
pub enum Value {
    Bool(bool),
    Int(i128),
    /// So many units of the last digit, and how many digits follow the point.
    Decimal(i128, u32),
    Float(f64),
    Text(String),
    /// Days since 1970.
    Date(i64),
    /// Microseconds since midnight.
    Time(i64),
    /// Microseconds since 1970, UTC.
    Instant(i64),
    Null,
}

use Value::{Bool, Date, Decimal, Float, Instant, Int, Null, Text, Time};

impl Value {
    pub fn is_null(&self) -> bool {
        matches!(self, Null)
    }

    /// A number as a double.
    pub fn number(&self) -> Option<f64> {
        match self {
            Int(i) => Some(*i as f64),
            Decimal(units, scale) => Some(*units as f64 / 10_f64.powi(*scale as i32)),
            Float(f) => Some(*f),
            _ => None,
        }
    }

    /// `self - other`, where both are numbers.
    pub fn minus(&self, other: &Value) -> Value {
        match (self, other) {
            (Int(a), Int(b)) => Int(a - b),
            (Decimal(a, s), Decimal(b, t)) if s == t => Decimal(a - b, *s),
            _ => self.number().zip(other.number()).map_or(Null, |(a, b)| Float(a - b)),
        }
    }

    /// `self + other`; nothing adds nothing.
    pub fn plus(&self, other: &Value) -> Value {
        match (self, other) {
            (Null, other) => other.clone(),
            (one, Null) => one.clone(),
            (Int(a), Int(b)) => Int(a + b),
            (Decimal(a, s), Decimal(b, t)) if s == t => Decimal(a + b, *s),
            _ => self.number().zip(other.number()).map_or(Null, |(a, b)| Float(a + b)),
        }
    }
}

/// NaN is the greatest number, and both zeros are one.
fn floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// The order of values; nothing comes last.
impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Null, Null) => Ordering::Equal,
            (Null, _) => Ordering::Greater,
            (_, Null) => Ordering::Less,
            (Bool(a), Bool(b)) => a.cmp(b),
            (Text(a), Text(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Date(a), Date(b)) | (Time(a), Time(b)) | (Instant(a), Instant(b)) => a.cmp(b),
            (Int(a), Int(b)) => a.cmp(b),
            (Int(a), Decimal(b, s)) => (a * 10_i128.pow(*s)).cmp(b),
            (Decimal(a, s), Int(b)) => a.cmp(&(b * 10_i128.pow(*s))),
            (Decimal(a, s), Decimal(b, t)) => (a * 10_i128.pow(*t)).cmp(&(b * 10_i128.pow(*s))),
            (a, b) => match (a.number(), b.number()) {
                (Some(a), Some(b)) => floats(a, b),
                _ => panic!("{self:?} and {other:?} have no order"),
            },
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

/// `YYYY-MM-DD`.
pub fn iso(day: i64) -> String {
    domain::calendar::iso(day)
}

/// `08:30:00`, with three or six digits of a second where there are any.
pub fn clock(micros: i64) -> String {
    let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
    let whole = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    match rest {
        0 => whole,
        _ if rest % 1000 == 0 => format!("{whole}.{:03}", rest / 1000),
        _ => format!("{whole}.{rest:06}"),
    }
}

/// A decimal as its digits, without zeros at the end.
fn digits(text: &str) -> Option<(bool, String, String)> {
    let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let is_plain = whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
    let is_zero = whole.is_empty() && fraction.is_empty();
    is_plain.then(|| (is_negative && !is_zero, whole.to_owned(), fraction.to_owned()))
}

pub fn decimal_text(units: i128, scale: u32) -> String {
    let (sign, units) = (if units < 0 { "-" } else { "" }, units.unsigned_abs());
    let base = 10_u128.pow(scale);
    if scale == 0 {
        format!("{sign}{units}")
    } else {
        format!("{sign}{}.{:0>2$}", units / base, units % base, scale as usize)
    }
}

/// Whether an answer shows this value so. `instant` writes moments as the question's zone has them.
pub fn is_shown(value: &Value, cell: &Cell, instant: &dyn Fn(i64) -> String) -> bool {
    match (value, cell) {
        (Null, Cell::Null) => true,
        (Float(f), Cell::Null) => !f.is_finite(),
        (Bool(a), Cell::Bool(b)) => a == b,
        (Int(a), Cell::Int(b)) => *a == i128::from(*b),
        (Int(a), Cell::Text(b)) => a.unsigned_abs() > 1 << 53 && a.to_string() == *b,
        (Decimal(a, s), Cell::Int(_) | Cell::Float(_) | Cell::Text(_)) => {
            digits(&cell.to_text()).is_some_and(|d| digits(&decimal_text(*a, *s)) == Some(d))
        }
        (Float(a), Cell::Float(b)) => a.is_finite() && (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0),
        (Text(a), Cell::Text(b)) => a == b,
        (Date(a), Cell::Text(b)) => iso(*a) == *b,
        (Time(a), Cell::Text(b)) => clock(*a) == *b,
        (Instant(a), Cell::Text(b)) => instant(*a) == *b,
        _ => false,
    }
}
