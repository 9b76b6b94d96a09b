//! A sheet's cell: its text, and what kind of value that is.

use super::csv::Shape;

/// One cell.
pub(crate) enum Value<'a> {
    Number(f64),
    Text(&'a str),
    Bool(bool),
    Iso(&'a str),
    Moment { date: Option<(u16, u8, u8)>, clock: (u8, u8, u8, u16) },
}

/// What the cells of a column have been so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    whole: bool,
    fractional: bool,
    boolean: bool,
    date: bool,
    stamp: bool,
    clock: bool,
    pub(crate) text: bool,
}

impl Seen {
    pub(crate) fn add(&mut self, other: Seen) {
        self.whole |= other.whole;
        self.fractional |= other.fractional;
        self.boolean |= other.boolean;
        self.date |= other.date;
        self.stamp |= other.stamp;
        self.clock |= other.clock;
        self.text |= other.text;
    }

    pub(crate) fn anything(self) -> bool {
        self.whole || self.fractional || self.boolean || self.date || self.stamp || self.clock || self.text
    }

    pub(crate) fn shape(self) -> Shape {
        let kinds = [self.whole || self.fractional, self.boolean, self.date || self.stamp, self.clock, self.text];
        if kinds.iter().filter(|k| **k).count() != 1 || self.text {
            return Shape::Text;
        }
        match self {
            Seen { fractional: true, .. } => Shape::Float,
            Seen { whole: true, .. } => Shape::Integer,
            Seen { boolean: true, .. } => Shape::Boolean,
            Seen { stamp: true, .. } => Shape::Stamp(None),
            Seen { date: true, .. } => Shape::Date(0),
            _ => Shape::Time,
        }
    }
}

/// The text of a cell, and its kind.
pub(crate) fn render(value: &Value<'_>) -> (String, Seen) {
    let seen = Seen::default();
    match value {
        Value::Number(n) if !n.is_finite() => (String::new(), seen),
        Value::Number(n) if n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0 => {
            (format!("{}", *n as i64), Seen { whole: true, ..seen })
        }
        Value::Number(n) => (n.to_string(), Seen { fractional: true, ..seen }),
        Value::Bool(b) => (b.to_string(), Seen { boolean: true, ..seen }),
        Value::Text(t) => (t.replace('\0', ""), Seen { text: true, ..seen }),
        Value::Iso(t) => {
            let is_date = crate::clock::parse_date(t).is_some();
            let is_stamp = !is_date && crate::clock::parse_timestamp(t).is_some();
            ((*t).to_owned(), Seen { date: is_date, stamp: is_stamp, text: !is_date && !is_stamp, ..seen })
        }
        Value::Moment { date, clock: (hour, minute, second, milli) } => {
            let mut clock = format!("{hour:02}:{minute:02}:{second:02}");
            if *milli > 0 {
                clock.push_str(&format!(".{milli:03}"));
            }
            match date {
                None => (clock, Seen { clock: true, ..seen }),
                Some((y, m, d)) if clock == "00:00:00" => {
                    (format!("{y:04}-{m:02}-{d:02}"), Seen { date: true, ..seen })
                }
                Some((y, m, d)) => (format!("{y:04}-{m:02}-{d:02} {clock}"), Seen { stamp: true, ..seen }),
            }
        }
    }
}
