//! What questions mean that do not say: the calendar of an installation.

use domain::Query;
use std::borrow::Cow;

/// The time zone, the first day of weeks and the first month of years. What is absent is UTC, Monday
/// and January.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuestionDefaults {
    timezone: Option<String>,
    week_start: Option<u8>,
    fiscal_year_start: Option<u8>,
}

impl QuestionDefaults {
    /// Reads the settings.
    ///
    /// # Errors
    /// A sentence about the one that is not valid, with its place in the order of the arguments.
    pub fn parse(timezone: &str, week_start: &str, fiscal_year_start: &str) -> Result<Self, (usize, &'static str)> {
        let zone = Some(timezone.trim()).filter(|zone| !zone.is_empty());
        if zone.is_some_and(|zone| jiff::tz::TimeZone::get(zone).is_err()) {
            return Err((0, "the name of a time zone, such as Europe/Berlin"));
        }
        let within = |text: &str, most: u8| match text.trim() {
            "" => Some(None),
            text => text.parse().ok().filter(|n| (1..=most).contains(n)).map(Some),
        };
        Ok(Self {
            timezone: zone.map(str::to_owned),
            week_start: within(week_start, 7).ok_or((1, "a day from 1 (Monday) to 7 (Sunday)"))?,
            fiscal_year_start: within(fiscal_year_start, 12).ok_or((2, "a month from 1 (January) to 12 (December)"))?,
        })
    }

    /// The question with everything said.
    pub(crate) fn fill<'q>(&self, query: &'q Query) -> Cow<'q, Query> {
        let is_said = query.timezone.is_some() && query.week_start.is_some() && query.fiscal_year_start.is_some();
        if is_said || *self == Self::default() {
            return Cow::Borrowed(query);
        }
        Cow::Owned(Query {
            timezone: query.timezone.clone().or_else(|| self.timezone.clone()),
            week_start: query.week_start.or(self.week_start),
            fiscal_year_start: query.fiscal_year_start.or(self.fiscal_year_start),
            ..query.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_question_says_goes_first() {
        let defaults = QuestionDefaults::parse("Europe/Berlin", "7", "4").unwrap();
        let said = Query { week_start: Some(2), ..Query::default() };
        let filled = defaults.fill(&said);
        assert_eq!(filled.timezone.as_deref(), Some("Europe/Berlin"));
        assert_eq!((filled.week_start, filled.fiscal_year_start), (Some(2), Some(4)));
        assert!(matches!(QuestionDefaults::default().fill(&said), Cow::Borrowed(_)));
    }

    #[test]
    fn each_setting_is_checked() {
        assert_eq!(QuestionDefaults::parse("Mars", "", "").unwrap_err().0, 0);
        assert_eq!(QuestionDefaults::parse("", "8", "").unwrap_err().0, 1);
        assert_eq!(QuestionDefaults::parse("", "", "0").unwrap_err().0, 2);
        assert_eq!(QuestionDefaults::parse("", "", "").unwrap(), QuestionDefaults::default());
    }
}
