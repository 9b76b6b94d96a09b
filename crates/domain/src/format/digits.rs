//! A number as decimal digits. Rounding happens on what people typed (1.005 to two places is 1.01),
//! not on the binary fraction next to it, and numbers that came as text lose nothing.

/// `0.d1d2d3… × 10^point`; no digits are zero. Never holds leading or trailing zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digits {
    pub(super) negative: bool,
    digits: Vec<u8>,
    point: i32,
}

impl Digits {
    /// The digits of a finite number: the fewest that mean this number and no other.
    pub(super) fn of(value: f64) -> Option<Self> {
        if value.is_finite() { Self::parse(&format!("{value:e}")) } else { None }
    }

    /// The digits of decimal text such as `-12.50` or `1e3`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = || whole.bytes().chain(fraction.bytes());
        // Text comes from a database and may be anything; nobody reads a number of 400 digits.
        if all().next().is_none() || all().count() > 400 || exponent.abs() > 400 || !all().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let digits = all().map(|b| b - b'0').collect();
        Some(Self { negative, digits, point: whole.len() as i32 + exponent }.trimmed())
    }

    fn trimmed(mut self) -> Self {
        let zeros = self.digits.iter().take_while(|d| **d == 0).count();
        self.digits.drain(..zeros);
        self.point -= zeros as i32;
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            // There is no minus zero for people.
            self = Self { negative: false, digits: Vec::new(), point: 0 };
        }
        self
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    pub(super) fn is_integer(&self) -> bool {
        self.digits.len() as i32 <= self.point.max(0)
    }

    /// How many digits stand before the point; 0.05 has -1, its zeros counted backwards.
    pub(super) fn magnitude(&self) -> i32 {
        self.point
    }

    /// Times ten to the power of `by`.
    pub(super) fn shifted(mut self, by: i32) -> Self {
        if !self.is_zero() {
            self.point += by;
        }
        self
    }

    /// Rounded to so many places after the point, halves away from zero.
    pub(super) fn rounded(mut self, places: i32) -> Self {
        let keep = self.point + places;
        if keep >= self.digits.len() as i32 {
            return self;
        }
        let up = keep >= 0 && self.digits.get(keep as usize).is_some_and(|d| *d >= 5);
        self.digits.truncate(keep.max(0) as usize);
        if up {
            while self.digits.last() == Some(&9) {
                self.digits.pop();
            }
            match self.digits.last_mut() {
                Some(last) => *last += 1,
                None => {
                    // Every digit was a nine, or there was none: 0.99 becomes 1.
                    self.digits.push(1);
                    self.point += 1;
                }
            }
        }
        self.trimmed()
    }

    /// The digits before and after the point, without sign or separators; at least `places` after it.
    pub(super) fn written(&self, places: i32) -> (String, String) {
        let digit =
            |i: i32| usize::try_from(i).ok().and_then(|i| self.digits.get(i)).map_or('0', |d| (b'0' + d) as char);
        let whole: String = (0..self.point).map(digit).collect();
        let last = (self.digits.len() as i32 - self.point).max(places);
        let fraction = (0..last).map(|i| digit(self.point + i)).collect();
        (if whole.is_empty() { "0".to_owned() } else { whole }, fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounded(text: &str, places: i32) -> String {
        let digits = Digits::parse(text).unwrap().rounded(places);
        let (whole, fraction) = digits.written(places);
        format!("{}{whole}.{fraction}", if digits.negative { "-" } else { "" })
    }

    #[test]
    fn halves_go_away_from_zero_as_written() {
        assert_eq!(rounded("1.005", 2), "1.01");
        assert_eq!(rounded("-1.005", 2), "-1.01");
        assert_eq!(rounded("999.95", 1), "1000.0");
        assert_eq!(rounded("0.05", 1), "0.1");
        assert_eq!(rounded("0.04", 1), "0.0");
        assert_eq!(rounded("-0.04", 1), "0.0");
        assert_eq!(rounded("0.004", 1), "0.0");
        assert_eq!(rounded("9.99", 0), "10.");
        assert_eq!(rounded("1e3", 1), "1000.0");
    }

    #[test]
    fn text_that_is_no_number_is_refused() {
        for bad in ["", "-", "1.2.3", "abc", "1e", "0x1", "1e99999", "NaN"] {
            assert_eq!(Digits::parse(bad), None, "{bad}");
        }
        assert_eq!(Digits::of(f64::INFINITY), None);
    }
}
