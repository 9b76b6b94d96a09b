//! A number tile as words and shapes, from an answer or from a metric's reading.

use domain::api::{MetricReading, TileData};
use domain::format::{self, Format, NOTHING};
use domain::metric::{Direction, Favourable};
use domain::query::Grain;
use domain::{ChartSpec, Role};

/// The drawing surface of a sparkline.
pub const SPARK: (f64, f64) = (100.0, 24.0);

/// What a number tile shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    /// The number itself, and how it is written short.
    pub value: Option<f64>,
    pub format: Format,
    /// Short.
    pub text: String,
    /// Every digit.
    pub full: String,
    /// What it is, and when: "Revenue, Mar 2024".
    pub caption: String,
    pub direction: Direction,
    /// Whether the change is good news; `None` when neither.
    pub good: Option<bool>,
    /// "12% more than in Feb 2024".
    pub change: Option<String>,
    /// "Target 900K, 88% reached".
    pub target: Option<String>,
    /// 0 to 1, for a bar.
    pub progress: Option<f64>,
    /// Whether the target is met.
    pub reached: Option<bool>,
    /// Paths of a line and its last point.
    pub spark: Option<Spark>,
    /// What a rule makes of the value: the wire name of a tone.
    pub tone: Option<&'static str>,
    /// When a metric was read, RFC 3339.
    pub at: Option<String>,
    /// The usual time between two readings of a metric, in milliseconds.
    pub pace: Option<i64>,
    /// Why its last refresh failed.
    pub error: Option<String>,
    /// Since when, RFC 3339.
    pub failing_since: Option<String>,
}

/// A line through the values over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Spark {
    pub line: String,
    pub area: String,
    pub last: (f64, f64),
}

impl Figure {
    /// Reads an answer or a metric.
    pub fn of(data: &TileData, spec: &ChartSpec, locale: &str) -> Self {
        match &data.reading {
            Some(reading) => Self::of_metric(reading, locale),
            None => Self::of_answer(data, spec, locale),
        }
    }

    fn of_answer(data: &TileData, spec: &ChartSpec, locale: &str) -> Self {
        let n = charts::number_in(spec, &data.table, locale);
        let grain = data.table.columns.iter().find(|c| c.role == Role::Time).and_then(|c| c.grain);
        let before = n.previous_period.as_ref().map(|period| than(period, grain));
        let size = n.trend.percent_change.map(|p| percent(p, locale));
        let target = n.target_formatted.as_ref().map(|target| target_words(target, n.progress, n.reached, locale));
        Self {
            value: n.value,
            format: n.format,
            text: n.formatted,
            full: n.full,
            caption: n.period.map_or_else(|| n.label.clone(), |period| format!("{}, {period}", n.label)),
            direction: n.trend.direction,
            good: n.good,
            change: change(n.trend.direction, size, before.as_deref()),
            target,
            progress: n.progress,
            reached: n.reached,
            spark: spark(&n.sparkline),
            tone: n.tone,
            at: None,
            pace: None,
            error: None,
            failing_since: None,
        }
    }

    fn of_metric(metric: &MetricReading, locale: &str) -> Self {
        let reading = &metric.reading;
        let write = |v: f64, compact: bool| format::number(v, &metric.format, compact, locale);
        let size = reading.trend.percent_change.map(|p| percent(p, locale));
        let progress = metric.target.zip(reading.value).filter(|(t, _)| *t != 0.0).map(|(t, v)| v / t);
        let reached = metric.target.zip(reading.value).and_then(|(t, v)| match metric.favourable {
            Favourable::Up => Some(v >= t),
            Favourable::Down => Some(v <= t),
            Favourable::None => None,
        });
        let values: Vec<Option<f64>> = reading.history.iter().map(|(_, value)| *value).collect();
        Self {
            value: reading.value,
            format: metric.format.clone(),
            text: reading.value.map_or_else(|| NOTHING.to_owned(), |v| write(v, true)),
            full: reading.value.map_or_else(|| NOTHING.to_owned(), |v| write(v, false)),
            caption: metric.name.clone(),
            direction: reading.trend.direction,
            good: reading.trend.is_good(metric.favourable),
            change: change(reading.trend.direction, size, Some("than before")),
            target: metric.target.map(|t| target_words(&write(t, true), progress, reached, locale)),
            progress,
            reached,
            spark: spark(&values),
            tone: reached.map(|reached| if reached { "good" } else { "bad" }).filter(|_| metric.target.is_some()),
            at: reading.calculated_at.clone(),
            pace: pace(&reading.history),
            error: reading.error.clone(),
            failing_since: reading.failing_since.clone(),
        }
    }

    /// Another number, written as this one is.
    pub fn written(&self, value: f64, locale: &str) -> String {
        format::number(value, &self.format, true, locale)
    }

    /// Since when a metric that is read now and then has not been read, at this moment.
    pub fn stalled_since(&self, at: Option<f64>, now: f64) -> Option<f64> {
        let (at, pace) = (at?, self.pace? as f64);
        (now - at > (PATIENCE * pace).max(LEAST_STALL_MS)).then_some(at)
    }

    /// The CSS class of its direction.
    pub fn trend_class(&self) -> &'static str {
        match self.direction {
            Direction::Up => "trend-up",
            Direction::Down => "trend-down",
            Direction::Flat => "trend-flat",
            Direction::Unknown => "trend-unknown",
        }
    }

    /// The CSS class of its news.
    pub fn news_class(&self) -> &'static str {
        match self.good {
            Some(true) => "is-good",
            Some(false) => "is-bad",
            None => "is-plain",
        }
    }

    /// The icon of its direction.
    pub fn icon(&self) -> &'static str {
        match self.direction {
            Direction::Up => "arrow-up-right",
            Direction::Down => "arrow-down-right",
            Direction::Flat | Direction::Unknown => "arrow-right",
        }
    }
}

/// So many usual pauses without a reading are a stall, but never less than the other.
const PATIENCE: f64 = 3.0;
const LEAST_STALL_MS: f64 = 10_000.0;

/// The usual time between readings: the median of the last ones. `None` where there are too few.
fn pace(history: &[(String, Option<f64>)]) -> Option<i64> {
    let times: Vec<i64> = history.iter().rev().take(12).filter_map(|(at, _)| utc_ms(at)).collect();
    let mut pauses: Vec<i64> = times.windows(2).map(|pair| pair[0] - pair[1]).collect();
    pauses.sort_unstable();
    (pauses.len() >= 3).then(|| pauses[pauses.len() / 2].max(1))
}

/// A time in UTC (RFC 3339) in milliseconds.
fn utc_ms(at: &str) -> Option<i64> {
    let of_day = format::Moment::parse(at)?.millis?;
    Some(domain::calendar::parse(at)? * 86_400_000 + i64::from(of_day))
}

/// A number on its way from one to another: fast first, then slower.
pub fn between(from: f64, to: f64, share: f64) -> f64 {
    let rest = 1.0 - share.clamp(0.0, 1.0);
    to + (from - to) * rest * rest * rest
}

/// A period to compare with, in a sentence.
fn than(period: &str, grain: Option<Grain>) -> String {
    match grain {
        Some(Grain::Month | Grain::Quarter | Grain::Year) => format!("than in {period}"),
        Some(Grain::Week) => format!("than in the week of {period}"),
        Some(Grain::Second | Grain::Minute | Grain::Hour) => format!("than at {period}"),
        _ => format!("than on {period}"),
    }
}

fn change(direction: Direction, size: Option<String>, than: Option<&str>) -> Option<String> {
    let than = than?;
    Some(match (direction, size) {
        (Direction::Up, Some(size)) => format!("{size} more {than}"),
        (Direction::Down, Some(size)) => format!("{size} less {than}"),
        (Direction::Up, None) => format!("More {than}"),
        (Direction::Down, None) => format!("Less {than}"),
        (Direction::Flat, _) => format!("The same as {}", than.trim_start_matches("than ")),
        (Direction::Unknown, _) => return None,
    })
}

/// "12%", "0.4%", "1,240%".
fn percent(percent: f64, locale: &str) -> String {
    let size = percent.abs();
    let decimals = if size >= 10.0 || size == 0.0 { 0 } else { 1 };
    let format = Format { style: format::Style::Percent, decimals: Some(decimals), ..Format::default() };
    format::number(size / 100.0, &format, false, locale)
}

fn target_words(target: &str, progress: Option<f64>, reached: Option<bool>, locale: &str) -> String {
    match (reached, progress) {
        (Some(true), _) => format!("Target {target} reached"),
        (_, Some(progress)) => format!("{} of the target {target}", percent(progress * 100.0, locale)),
        _ => format!("Target {target}"),
    }
}

/// The line through the values, lowest at the bottom; gaps are left out. `None` for fewer than two.
pub fn spark(values: &[Option<f64>]) -> Option<Spark> {
    let known = || values.iter().flatten().copied().filter(|v| v.is_finite());
    if known().count() < 2 {
        return None;
    }
    let (low, high) = known().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
    let (width, height) = SPARK;
    let step = width / (values.len().max(2) - 1) as f64;
    // Room for the width of the line.
    let y = |v: f64| if high > low { height - 2.0 - (v - low) / (high - low) * (height - 4.0) } else { height / 2.0 };
    let round = |v: f64| (v * 100.0).round() / 100.0;
    let (mut line, mut first, mut last, mut pen) = (String::new(), None, (0.0, 0.0), false);
    for (i, value) in values.iter().enumerate() {
        let Some(value) = value.filter(|v| v.is_finite()) else {
            pen = false;
            continue;
        };
        let (x, y) = (round(i as f64 * step), round(y(value)));
        line.push_str(&format!("{}{x} {y}", if pen { "L" } else { "M" }));
        (pen, last) = (true, (x, y));
        first.get_or_insert(x);
    }
    let gapless = !line[1..].contains('M');
    let area = match first {
        Some(first) if gapless => format!("{line}L{} {height}L{first} {height}Z", last.0),
        _ => String::new(),
    };
    Some(Spark { line, area, last })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::metric::{Reading, Trend};

    fn metric(previous: f64, value: f64, favourable: Favourable) -> MetricReading {
        MetricReading {
            id: "m".into(),
            name: "Cost".into(),
            format: Format::default(),
            target: Some(100.0),
            favourable,
            reading: Reading {
                value: Some(value),
                trend: Trend::between(Some(previous), Some(value)),
                history: vec![("a".into(), Some(previous)), ("b".into(), None), ("c".into(), Some(value))],
                ..Reading::default()
            },
        }
    }

    #[test]
    fn a_falling_cost_is_good_news() {
        let figure = Figure::of_metric(&metric(200.0, 150.0, Favourable::Down), "en-US");
        assert_eq!((figure.trend_class(), figure.news_class()), ("trend-down", "is-good"));
        assert_eq!(figure.change.as_deref(), Some("25% less than before"));
        assert_eq!(figure.target.as_deref(), Some("150% of the target 100"));
        assert_eq!(figure.reached, Some(false));
    }

    #[test]
    fn a_metric_that_is_late_has_stalled() {
        let mut reading = metric(1.0, 2.0, Favourable::Up);
        let at = |s: i64| (format!("2024-03-01T10:{:02}:{:02}Z", s / 60, s % 60), Some(1.0));
        reading.reading.history = (0..5).map(|i| at(i * 20)).collect();
        let figure = Figure::of_metric(&reading, "en-US");
        assert_eq!(figure.pace, Some(20_000));
        assert_eq!(figure.stalled_since(Some(0.0), 59_000.0), None);
        assert_eq!(figure.stalled_since(Some(0.0), 61_000.0), Some(0.0));
        assert_eq!(Figure { pace: Some(1), ..figure }.stalled_since(Some(0.0), 9_000.0), None);
        assert_eq!(Figure::default().stalled_since(Some(0.0), 1e12), None);
    }

    #[test]
    fn a_number_counts_from_one_to_another() {
        assert_eq!((between(10.0, 20.0, 0.0), between(10.0, 20.0, 1.0)), (10.0, 20.0));
        assert!((15.0..20.0).contains(&between(10.0, 20.0, 0.5)));
        assert_eq!(
            utc_ms("2024-03-01T00:00:00Z").zip(utc_ms("2024-02-28T23:59:59Z")).map(|(a, b)| a - b),
            Some(86_401_000)
        );
    }

    #[test]
    fn a_change_without_percentage_still_has_words() {
        let figure = Figure::of_metric(&metric(0.0, 5.0, Favourable::Up), "en-US");
        assert_eq!(figure.change.as_deref(), Some("More than before"));
        let figure = Figure::of_metric(&metric(5.0, 5.0, Favourable::Up), "en-US");
        assert_eq!(figure.change.as_deref(), Some("The same as before"));
    }

    #[test]
    fn periods_are_spoken_of_by_their_grain() {
        assert_eq!(than("Feb 2024", Some(Grain::Month)), "than in Feb 2024");
        assert_eq!(than("Mar 4, 2024", Some(Grain::Week)), "than in the week of Mar 4, 2024");
        assert_eq!(than("Mar 4, 2024", Some(Grain::Day)), "than on Mar 4, 2024");
    }

    #[test]
    fn a_line_has_gaps_where_values_are_missing() {
        let spark = spark(&[Some(0.0), None, Some(1.0), Some(2.0)]).unwrap();
        assert_eq!(spark.line, "M0 22M66.67 12L100 2");
        assert_eq!((spark.area.as_str(), spark.last), ("", (100.0, 2.0)));
        assert!(super::spark(&[Some(1.0), Some(1.0)]).unwrap().area.ends_with("L100 24L0 24Z"));
        assert_eq!(super::spark(&[None, Some(1.0)]), None);
    }
}
