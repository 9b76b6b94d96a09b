//! What the texts of a sample have in common, and so what their column is.

use super::dates::{self, CLOCKS, DATES, Stamp};
use super::traits::{Formats, Shape, Traits};
use super::values::{self, Kind, MISSING, Number};

/// What a sample of a column's texts has in common.
#[derive(Clone, Debug)]
pub(crate) struct Gathered {
    texts: usize,
    booleans: usize,
    numbers: usize,
    dates: usize,
    stamps: usize,
    times: usize,
    missing: u32,
    date_forms: u16,
    stamp_dates: u16,
    clocks: u8,
    iso_stamps: usize,
    leading_zero: bool,
    exponent: bool,
    symbol: bool,
    padded: bool,
    whole: u8,
    fraction: u8,
    digits: u8,
    pub(crate) point: bool,
    pub(crate) comma: bool,
    unclear_point: bool,
    unclear_comma: bool,
    groups: Vec<char>,
}

impl Default for Gathered {
    fn default() -> Self {
        Self {
            texts: 0,
            booleans: 0,
            numbers: 0,
            dates: 0,
            stamps: 0,
            times: 0,
            missing: 0,
            date_forms: u16::MAX,
            stamp_dates: u16::MAX,
            clocks: u8::MAX,
            iso_stamps: 0,
            leading_zero: false,
            exponent: false,
            symbol: false,
            padded: false,
            whole: 0,
            fraction: 0,
            digits: 0,
            point: false,
            comma: false,
            unclear_point: false,
            unclear_comma: false,
            groups: Vec::new(),
        }
    }
}

impl Gathered {
    pub(crate) fn add(&mut self, raw: &str) {
        self.padded |= raw.starts_with(' ') || raw.ends_with(' ');
        match values::classify(raw) {
            Kind::Empty => {}
            Kind::Missing(at) => self.missing |= 1 << at,
            Kind::Boolean => self.booleans += 1,
            Kind::Number(number) => self.add_number(&number),
            Kind::Date(forms) => {
                self.dates += 1;
                self.date_forms &= forms;
            }
            Kind::Stamp(stamp) => self.add_stamp(stamp),
            Kind::Time => self.times += 1,
            Kind::Text => self.texts += 1,
        }
    }

    fn add_number(&mut self, number: &Number) {
        self.numbers += 1;
        self.leading_zero |= number.leading_zero;
        self.exponent |= number.exponent;
        self.symbol |= number.symbol;
        self.whole = self.whole.max(number.whole);
        self.fraction = self.fraction.max(number.fraction);
        self.digits = self.digits.max(number.whole.saturating_add(number.fraction));
        match number.mark {
            Some('.') => self.point = true,
            Some(_) => self.comma = true,
            None => {}
        }
        match number.unclear {
            Some('.') => self.unclear_point = true,
            Some(_) => self.unclear_comma = true,
            None => {}
        }
        if let Some(group) = number.group
            && !self.groups.contains(&group)
        {
            self.groups.push(group);
        }
    }

    fn add_stamp(&mut self, stamp: Stamp) {
        self.stamps += 1;
        match stamp.clock {
            None => self.iso_stamps += 1,
            Some(clock) => {
                self.stamp_dates &= stamp.dates;
                self.clocks &= 1 << clock;
            }
        }
    }

    fn seen(&self) -> usize {
        self.texts + self.booleans + self.numbers + self.dates + self.stamps + self.times
    }

    /// Whether anything but text and emptiness was seen, and nothing else.
    pub(crate) fn is_typed(&self) -> bool {
        self.texts == 0 && self.seen() > 0
    }

    /// What the column is. `comma` says which decimal mark the file uses where a column leaves it
    /// open, `day_first` which of 5/6 is the day, `formats` what a person said.
    pub(crate) fn finish(&self, comma: bool, day_first: bool, formats: &Formats) -> Traits {
        let comma = formats.comma.unwrap_or(if self.point { false } else { self.comma || comma });
        let mut traits = Traits {
            shape: Shape::Text,
            comma,
            group: None,
            symbol: self.symbol,
            padded: self.padded,
            missing: (0..MISSING.len()).filter(|at| self.missing >> at & 1 == 1).map(|at| MISSING[at]).collect(),
            whole: self.whole,
            fraction: self.fraction,
        };
        let all = |n: usize| n > 0 && n == self.seen();
        traits.shape = if all(self.booleans) {
            Shape::Boolean
        } else if all(self.numbers) {
            self.number_shape(&mut traits)
        } else if all(self.dates) {
            pick(self.date_forms, day_first, formats.date.as_deref()).map_or(Shape::Text, Shape::Date)
        } else if all(self.times) {
            Shape::Time
        } else if all(self.stamps + self.dates) {
            self.stamp_shape(day_first, formats)
        } else {
            Shape::Text
        };
        if traits.shape == Shape::Text {
            traits.missing.clear();
        }
        traits
    }

    fn number_shape(&self, traits: &mut Traits) -> Shape {
        if self.leading_zero {
            return Shape::Text;
        }
        let (mark, other) = if traits.comma { (',', '.') } else { ('.', ',') };
        let (wrong_mark, unclear_other) =
            if traits.comma { (self.point, self.unclear_point) } else { (self.comma, self.unclear_comma) };
        let mut groups = self.groups.clone();
        if unclear_other && !groups.contains(&other) {
            groups.push(other);
        }
        if wrong_mark || groups.len() > 1 || groups.contains(&mark) {
            return Shape::Text;
        }
        traits.group = groups.first().copied();
        let fractional = if traits.comma { self.comma || self.unclear_comma } else { self.point || self.unclear_point };
        if self.exponent {
            Shape::Float
        } else if !fractional {
            if unclear_other {
                // `1,234` was counted as one digit and three decimals.
                traits.whole = self.digits;
                traits.fraction = 0;
            }
            match traits.whole {
                0..=18 => Shape::Integer,
                19..=38 => Shape::Exact,
                _ => Shape::Text,
            }
        } else if self.digits <= 17 {
            Shape::Float
        } else if self.whole.saturating_add(self.fraction) <= 38 {
            Shape::Exact
        } else {
            Shape::Text
        }
    }

    fn stamp_shape(&self, day_first: bool, formats: &Formats) -> Shape {
        if self.iso_stamps == self.stamps && (self.dates == 0 || self.date_forms & 1 == 1) {
            return Shape::Stamp(None);
        }
        if self.iso_stamps > 0 || self.dates > 0 {
            return Shape::Text;
        }
        let wanted = formats.stamp.as_deref().and_then(|p| p.split(' ').next());
        let clock = (0..CLOCKS.len()).find(|at| self.clocks >> at & 1 == 1);
        match (pick(self.stamp_dates, day_first, wanted), clock) {
            (Some(date), Some(clock)) => Shape::Stamp(Some((date, clock))),
            _ => Shape::Text,
        }
    }
}

/// One of the date forms that read every text.
fn pick(forms: u16, day_first: bool, wanted: Option<&str>) -> Option<usize> {
    let reads = |at: usize| forms >> at & 1 == 1;
    if let Some(at) = (0..DATES.len()).find(|at| reads(*at) && wanted.is_some() && DATES[*at].pattern == wanted) {
        return Some(at);
    }
    let first = (0..DATES.len()).find(|at| reads(*at))?;
    let twin = dates::day_first_twin(first).filter(|t| day_first && reads(*t));
    Some(twin.unwrap_or(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(texts: &[&str]) -> Traits {
        let mut gathered = Gathered::default();
        texts.iter().for_each(|t| gathered.add(t));
        gathered.finish(false, false, &Formats::default())
    }

    #[test]
    fn a_sample_decides_the_type() {
        assert_eq!(shape(&["1", "2", ""]).shape, Shape::Integer);
        assert_eq!(shape(&["1", "2.5"]).shape, Shape::Float);
        assert_eq!(shape(&["1", "x"]).shape, Shape::Text);
        assert_eq!(shape(&["01234", "99999"]).shape, Shape::Text, "codes stay text");
        assert_eq!(shape(&["9223372036854775808"]).shape, Shape::Exact);
        assert_eq!(shape(&[&"9".repeat(39)]).shape, Shape::Text, "nothing is lost");
        assert_eq!(shape(&["1000000000000000000000000001.01"]).shape, Shape::Exact);
        assert_eq!(shape(&["0.30000000000000004"]).shape, Shape::Float);
        assert_eq!(shape(&["true", "FALSE"]).shape, Shape::Boolean);
        assert_eq!(shape(&["", "NA"]).shape, Shape::Text);
        assert_eq!(shape(&["1", "NA"]).shape, Shape::Integer);
        assert_eq!(shape(&["DE", "NA"]).missing.len(), 0, "Namibia is no missing value");
    }

    #[test]
    fn decimal_commas_and_groups() {
        let t = shape(&["6448,28", "3172,00"]);
        assert_eq!((t.shape, t.comma), (Shape::Float, true));
        let t = shape(&["1.234,50", "12,00"]);
        assert_eq!((t.shape, t.comma, t.group), (Shape::Float, true, Some('.')));
        let t = shape(&["1,234", "12"]);
        assert_eq!((t.shape, t.group, t.whole), (Shape::Integer, Some(','), 4));
        let t = shape(&["1,234", "0,5"]);
        assert_eq!((t.shape, t.comma, t.group), (Shape::Float, true, None));
        assert_eq!(shape(&["1.5", "1,5"]).shape, Shape::Text, "both marks");
    }

    #[test]
    fn days_and_months_are_told_apart_where_they_can_be() {
        assert_eq!(shape(&["05/06/2024", "25/06/2024"]).shape, Shape::Date(4));
        assert_eq!(shape(&["05/06/2024", "06/25/2024"]).shape, Shape::Date(3));
        assert_eq!(shape(&["05/06/2024"]).shape, Shape::Date(3));
        let mut open = Gathered::default();
        open.add("05/06/2024");
        assert_eq!(open.finish(false, true, &Formats::default()).shape, Shape::Date(4));
        let said = Formats { date: Some("%d/%m/%Y".into()), ..Formats::default() };
        assert_eq!(open.finish(false, false, &said).shape, Shape::Date(4));
        assert_eq!(shape(&["2024-01-01T00:00:00Z", "2024-01-01"]).shape, Shape::Stamp(None));
        assert_eq!(shape(&["31.12.2024 23:59"]).pattern().as_deref(), Some("%d.%m.%Y %H:%M"));
        assert_eq!(shape(&["25/06/2024", "06/25/2024"]).shape, Shape::Text);
    }
}
