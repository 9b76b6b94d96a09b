//! The time zone of a question.

use crate::path::Path;
use crate::sql;
use domain::Result;
use jiff::Timestamp;
use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;

/// The years whose changes of offset are written into SQL.
const USUAL_YEARS: (i16, i16) = (1970, 2050);

/// A known time zone.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    tz: TimeZone,
    name: String,
    sql: String,
    /// `(from, offset in seconds)` of each stretch of the usual years; `from` is a literal.
    offsets: Vec<(String, i32)>,
}

impl Zone {
    /// The zone of that name; UTC when the question names none.
    pub(crate) fn parse(name: Option<&str>) -> Result<Self> {
        let path = Path::Root("timezone");
        let wanted = name.unwrap_or("UTC");
        let unknown = || {
            path.refuse(format!("There is no time zone `{}`.", wanted.chars().take(60).collect::<String>()))
                .hint("Use a name of the IANA list, such as Europe/Berlin or America/New_York.")
        };
        // Files beside the zones of a system's database, which other programs do not know by that name.
        let elsewhere = |n: &str| n.starts_with("posix") || n.starts_with("right/") || n == "localtime";
        let tz = TimeZone::get(wanted).map_err(|_| unknown())?;
        let name = tz.iana_name().filter(|n| !elsewhere(n)).ok_or_else(unknown)?.to_owned();
        let sql = sql::text(&name)?;
        let offsets = offsets(&tz);
        Ok(Self { tz, name, sql, offsets })
    }

    /// Its IANA name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its name as a text literal.
    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    /// Its rules.
    pub(crate) fn tz(&self) -> &TimeZone {
        &self.tz
    }

    /// Whether local time is UTC, so that nothing needs converting.
    pub(crate) fn is_utc(&self) -> bool {
        matches!(self.name.as_str(), "UTC" | "Etc/UTC")
    }

    /// Whether its hours begin with UTC's, throughout the usual years.
    pub(crate) fn has_whole_hours(&self) -> bool {
        self.offsets.iter().all(|(_, seconds)| seconds % 3600 == 0)
    }

    /// The usual years as literals `[from, to)`.
    pub(crate) fn usual_years(&self) -> (String, String) {
        (timestamp(year_start(USUAL_YEARS.0)), timestamp(year_start(USUAL_YEARS.1)))
    }

    /// When each offset of the usual years began.
    pub(crate) fn offsets(&self) -> &[(String, i32)] {
        &self.offsets
    }
}

fn offsets(tz: &TimeZone) -> Vec<(String, i32)> {
    let start = year_start(USUAL_YEARS.0);
    let end = year_start(USUAL_YEARS.1);
    let mut offsets = vec![(timestamp(start), tz.to_offset(start).seconds())];
    for change in tz.following(start).take_while(|c| c.timestamp() < end) {
        let seconds = change.offset().seconds();
        // Some changes are of the name alone.
        if offsets.last().is_none_or(|(_, before)| *before != seconds) {
            offsets.push((timestamp(change.timestamp()), seconds));
        }
    }
    offsets
}

/// The first instant of a year, UTC.
fn year_start(year: i16) -> Timestamp {
    date(year, 1, 1).to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |z| z.timestamp())
}

/// An instant as a literal, in UTC.
pub(crate) fn timestamp(at: Timestamp) -> String {
    civil(TimeZone::UTC.to_datetime(at))
}

/// A date and a time of no zone as a literal.
pub(crate) fn civil(civil: DateTime) -> String {
    let micros = civil.subsec_nanosecond() / 1_000;
    let seconds = civil.strftime("%Y-%m-%d %H:%M:%S").to_string();
    sql::moment("TIMESTAMP", &if micros == 0 { seconds } else { format!("{seconds}.{micros:06}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert!(Zone::parse(None).unwrap().is_utc());
        assert_eq!(Zone::parse(Some("europe/berlin")).unwrap().name(), "Europe/Berlin");
        for bad in ["Mars/Olympus", "", "'; DROP TABLE x", "posix/Europe/Berlin", "localtime"] {
            assert_eq!(Zone::parse(Some(bad)).unwrap_err().field.as_deref(), Some("timezone"), "{bad}");
        }
    }

    #[test]
    fn offsets_are_those_of_the_zone() {
        let zone = Zone::parse(Some("Europe/Berlin")).unwrap();
        let ((from, to), offsets) = (zone.usual_years(), zone.offsets());
        assert_eq!(
            (from.as_str(), to.as_str()),
            ("TIMESTAMP '1970-01-01 00:00:00'", "TIMESTAMP '2050-01-01 00:00:00'")
        );
        assert_eq!(offsets.first().map(|o| o.1), Some(3600));
        assert!(offsets.contains(&("TIMESTAMP '2024-03-31 01:00:00'".to_owned(), 7200)));
        assert!(offsets.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 != w[1].1));
        assert!(!Zone::parse(Some("Asia/Kolkata")).unwrap().has_whole_hours());
        assert!(Zone::parse(Some("America/New_York")).unwrap().has_whole_hours());
    }
}
