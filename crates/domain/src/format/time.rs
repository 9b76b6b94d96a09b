//! Times as people read them. A time is shown as it is written: by the clock of its own offset,
//! which is the question's time zone.

use super::locale::Locale;
use crate::query::Grain;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Writes a date or timestamp (ISO 8601), or a part of the cycle (`1` with `day_of_week`), as
/// finely as its grain. What is neither stays as it is.
pub fn time(iso: &str, grain: Option<Grain>, locale: &str) -> String {
    if let Some(grain) = grain.filter(|g| g.is_folded()) {
        return folded(iso, grain).unwrap_or_else(|| iso.to_owned());
    }
    Moment::parse(iso).map_or_else(|| iso.to_owned(), |moment| moment.written(grain, Locale::of(locale)))
}

fn folded(text: &str, grain: Grain) -> Option<String> {
    let n: usize = text.trim().parse().ok()?;
    let name = |names: &[&str]| n.checked_sub(1).and_then(|i| names.get(i)).map(|name| (*name).to_owned());
    match grain {
        Grain::HourOfDay => (n < 24).then(|| format!("{n:02}:00")),
        Grain::DayOfWeek => name(&DAYS),
        Grain::MonthOfYear => name(&MONTHS),
        _ => None,
    }
}

/// A date or timestamp as it is written: what a clock at its own offset showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub year: u32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// Milliseconds since midnight; a date alone has none.
    pub millis: Option<u32>,
}

impl Moment {
    /// Reads ISO 8601 with a four-digit year: `2024-03-04`, `2024-03-04T14:05:09.25+02:00`.
    pub fn parse(iso: &str) -> Option<Self> {
        let number = |from: usize, to: usize| -> Option<u32> {
            let part = iso.get(from..to)?;
            if part.bytes().all(|b| b.is_ascii_digit()) { part.parse().ok() } else { None }
        };
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let dashes = iso.as_bytes()[4] == b'-' && iso.as_bytes()[7] == b'-';
        if !dashes || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let millis = match iso.as_bytes().get(10) {
            None => None,
            Some(b'T' | b' ') => {
                let seconds = number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19).unwrap_or(0);
                let fraction = iso.get(19..).and_then(|rest| rest.strip_prefix('.')).unwrap_or("");
                let fraction = fraction.chars().take_while(char::is_ascii_digit).chain("000".chars()).take(3);
                Some(seconds * 1000 + fraction.collect::<String>().parse().unwrap_or(0))
            }
            Some(_) => return None,
        };
        Some(Self { year, month, day, millis })
    }

    fn written(self, grain: Option<Grain>, locale: Locale) -> String {
        let Self { year, day, .. } = self;
        let month = MONTHS[(self.month as usize - 1) % 12];
        let seconds = self.millis.unwrap_or(0) / 1000;
        let minutes = format!("{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
        let seconds = format!("{:02}", seconds % 60);
        let short_date = if locale.month_first() { format!("{month} {day}") } else { format!("{day} {month}") };
        let date =
            if locale.month_first() { format!("{short_date}, {year:04}") } else { format!("{short_date} {year:04}") };
        match grain {
            Some(Grain::Year) => format!("{year:04}"),
            Some(Grain::Quarter) => format!("Q{} {year:04}", (self.month - 1) / 3 + 1),
            Some(Grain::Month) => format!("{month} {year:04}"),
            Some(Grain::Hour | Grain::Minute) => format!("{short_date}, {minutes}"),
            Some(Grain::Second) => format!("{short_date}, {minutes}:{seconds}"),
            None if self.millis.is_some() && seconds == "00" => format!("{date}, {minutes}"),
            None if self.millis.is_some() => format!("{date}, {minutes}:{seconds}"),
            _ => date,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_fine_as_their_grain() {
        let iso = "2024-03-04T14:05:09+02:00";
        for (grain, us, gb) in [
            (Some(Grain::Year), "2024", "2024"),
            (Some(Grain::Quarter), "Q1 2024", "Q1 2024"),
            (Some(Grain::Month), "Mar 2024", "Mar 2024"),
            (Some(Grain::Week), "Mar 4, 2024", "4 Mar 2024"),
            (Some(Grain::Day), "Mar 4, 2024", "4 Mar 2024"),
            (Some(Grain::Hour), "Mar 4, 14:05", "4 Mar, 14:05"),
            (Some(Grain::Second), "Mar 4, 14:05:09", "4 Mar, 14:05:09"),
            (None, "Mar 4, 2024, 14:05:09", "4 Mar 2024, 14:05:09"),
        ] {
            assert_eq!(time(iso, grain, "en-US"), us);
            assert_eq!(time(iso, grain, "en-GB"), gb);
        }
        assert_eq!(time("2024-03-04T14:00:00Z", Some(Grain::Hour), "en-US"), "Mar 4, 14:00");
        assert_eq!(time("2024-12-31", None, "de-DE"), "31 Dec 2024");
        assert_eq!(time("2024-12-31 08:30", None, "en-US"), "Dec 31, 2024, 08:30");
    }

    #[test]
    fn parts_of_the_cycle_have_names() {
        assert_eq!(time("1", Some(Grain::DayOfWeek), "en-US"), "Mon");
        assert_eq!(time("12", Some(Grain::MonthOfYear), "en-US"), "Dec");
        assert_eq!(time("9", Some(Grain::HourOfDay), "en-US"), "09:00");
        assert_eq!(time("0", Some(Grain::DayOfWeek), "en-US"), "0");
        assert_eq!(time("24", Some(Grain::HourOfDay), "en-US"), "24");
    }

    #[test]
    fn what_is_no_time_stays_as_it_is() {
        for text in [
            "",
            "soon",
            "2024",
            "2024-13-01",
            "2024-01-0é",
            "20240101",
            "2024-01-01x",
            "2024-01-01Tzz:00",
            "é024-01-01",
        ] {
            assert_eq!(time(text, None, "en-US"), text);
        }
    }
}
