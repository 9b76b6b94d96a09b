//! A number tile: one value, where it comes from and whether that is good news.

use crate::drawing::{Drawing, sound};
use crate::pivot;
use crate::roles::is_moment;
use crate::text::{DEFAULT_LOCALE, percent};
use crate::theme::Theme;
use domain::format::{self, Format};
use domain::metric::{Direction, Favourable, Trend};
use domain::{Cell, ChartSpec, Field, Table};
use serde::Serialize;

/// What a number tile shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Number {
    pub value: Option<f64>,
    /// How it is written.
    #[serde(skip)]
    pub format: Format,
    /// Short, for the tile.
    pub formatted: String,
    /// Every digit, for whoever asks.
    pub full: String,
    /// What the number is.
    pub label: String,
    /// When it was, where the answer runs over time: `Mar 2024`.
    pub period: Option<String>,
    /// The value one period before.
    pub previous: Option<f64>,
    pub previous_formatted: Option<String>,
    /// The period of the previous value.
    pub previous_period: Option<String>,
    /// The same as the answer has it, to be written in another language.
    #[serde(skip)]
    pub previous_at: Option<String>,
    /// Unknown where nothing is compared.
    pub trend: Trend,
    /// Its words, with the sign in them: `+5.2%`.
    pub change: Option<String>,
    /// Whether the change is good news; `None` when neither.
    pub good: Option<bool>,
    /// What a rule makes of the value: a tone by its wire name, and the word that stands beside it.
    pub tone: Option<&'static str>,
    pub tone_label: Option<String>,
    /// The values over time, oldest first; empty without a time.
    pub sparkline: Vec<Option<f64>>,
    pub target: Option<f64>,
    pub target_formatted: Option<String>,
    /// Value over target, 1 at the target.
    pub progress: Option<f64>,
    /// Whether the target is met, in its favourable direction.
    pub reached: Option<bool>,
}

/// More points than this do not fit in a sparkline.
const MOST_POINTS: usize = 120;

/// Reads a number tile, formatted for en-US.
pub fn number(spec: &ChartSpec, table: &Table) -> Number {
    number_in(spec, table, DEFAULT_LOCALE)
}

/// Reads a number tile: the first measure of the last row, which with a time column is the latest.
pub fn number_in(spec: &ChartSpec, table: &Table, locale: &str) -> Number {
    let table = &*sound(table);
    let drawing = Drawing::new(spec, table, Theme::Light);
    let Some(y) = drawing.roles.y.first().copied() else {
        return Number { formatted: format::NOTHING.into(), full: format::NOTHING.into(), ..Number::default() };
    };
    let field =
        Field { format: drawing.own_format.clone().or(drawing.field(y).format.clone()), ..drawing.field(y).clone() };
    let time = drawing.roles.x.filter(|x| is_moment(drawing.field(*x)));
    let rows = rows_in_time(table, time);
    let cell = |row: Option<&usize>| row.and_then(|r| table.data[y].get(*r)).unwrap_or(&Cell::Null);
    let last = cell(rows.last());
    let value = pivot::number(last);
    let before = rows.len().checked_sub(2).and_then(|i| rows.get(i)).filter(|_| time.is_some());
    let compared = drawing.options.choice("compare") != "none";
    let previous = before.filter(|_| compared).and_then(|r| pivot::number(cell(Some(r))));
    let favourable = match drawing.options.choice("favourable") {
        "down" => Favourable::Down,
        "none" => Favourable::None,
        _ => Favourable::Up,
    };
    let trend = Trend::between(previous, value);
    let write = |v: f64| format::number(v, field.format.as_ref().unwrap_or(&Format::default()), true, locale);
    let target = drawing.options.number("target");
    let rules = drawing.rules();
    let hit = rules.hit(value, &field.name);
    let period = |row: Option<&usize>| {
        let time = time?;
        Some(format::cell(table.data[time].get(*row?)?, drawing.field(time), false, locale))
    };
    Number {
        value,
        format: field.format.clone().unwrap_or_default(),
        formatted: format::cell(last, &field, true, locale),
        full: format::cell(last, &field, false, locale),
        label: field.label.clone(),
        period: period(rows.last()),
        previous,
        previous_formatted: previous.map(write),
        previous_period: previous.and_then(|_| period(before)),
        previous_at: previous.and_then(|_| Some(table.data[time?].get(*before?)?.to_text())),
        change: change(&trend, write),
        good: trend.is_good(favourable),
        trend,
        tone: hit.map(|r| r.tone.as_str()),
        tone_label: hit.and_then(|r| r.label.clone()),
        sparkline: sparkline(table, &rows, y, time),
        target,
        target_formatted: target.map(write),
        progress: target.zip(value).filter(|(target, _)| *target != 0.0).map(|(target, value)| value / target),
        reached: target.zip(value).and_then(|(target, value)| match favourable {
            Favourable::Up => Some(value >= target),
            Favourable::Down => Some(value <= target),
            Favourable::None => None,
        }),
    }
}

/// The value of a number tile and the rows it was read from, oldest first.
pub(crate) fn reading(drawing: &Drawing<'_>) -> (Option<f64>, Vec<usize>) {
    let time = drawing.roles.x.filter(|x| is_moment(drawing.field(*x)));
    let rows = rows_in_time(drawing.table, time);
    let cell = |y: usize| rows.last().and_then(|r| drawing.table.data[y].get(*r));
    (drawing.roles.y.first().and_then(|y| cell(*y)).and_then(pivot::number), rows)
}

/// The rows, oldest first; without a time as they come.
fn rows_in_time(table: &Table, time: Option<usize>) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..table.row_count()).collect();
    if let Some(time) = time {
        let cells = &table.data[time];
        rows.retain(|r| !cells[*r].is_null());
        rows.sort_by(|a, b| cells[*a].as_str().cmp(&cells[*b].as_str()));
    }
    rows
}

/// The change in percent, or in the number's own unit where there is no percentage.
fn change(trend: &Trend, write: impl Fn(f64) -> String) -> Option<String> {
    let sign = match trend.direction {
        Direction::Up => "+",
        Direction::Down => "−",
        Direction::Flat => "",
        Direction::Unknown => return None,
    };
    let size = match trend.percent_change {
        Some(p) => percent(p, DEFAULT_LOCALE),
        None => write(trend.change?.abs()),
    };
    Some(format!("{sign}{size}"))
}

fn sparkline(table: &Table, rows: &[usize], y: usize, time: Option<usize>) -> Vec<Option<f64>> {
    if time.is_none() {
        return Vec::new();
    }
    let latest = &rows[rows.len().saturating_sub(MOST_POINTS)..];
    latest.iter().map(|r| pivot::number(&table.data[y][*r])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{measure, month, spec, table};
    use domain::ChartKind;
    use serde_json::{Value, json};

    fn read(rows: Value, options: Value) -> Number {
        number(&spec(ChartKind::Number, options), &table(vec![month(), measure("amount")], rows))
    }

    fn sales() -> Value {
        json!([["2024-03-01", 1260], ["2024-01-01", 900], ["2024-02-01", 1200], [null, 7]])
    }

    #[test]
    fn the_latest_value_is_compared_with_the_one_before() {
        let n = read(sales(), json!({}));
        assert_eq!((n.value, n.previous), (Some(1260.0), Some(1200.0)));
        assert_eq!((n.formatted.as_str(), n.full.as_str(), n.label.as_str()), ("1.26K", "1,260", "Amount"));
        assert_eq!((n.period.as_deref(), n.previous_period.as_deref()), (Some("Mar 2024"), Some("Feb 2024")));
        assert_eq!((n.trend.direction, n.change.as_deref(), n.good), (Direction::Up, Some("+5%"), Some(true)));
        assert_eq!(n.sparkline, [Some(900.0), Some(1200.0), Some(1260.0)]);
    }

    #[test]
    fn what_is_good_news_and_what_is_reached_can_be_chosen() {
        let n = read(sales(), json!({"favourable": "down", "target": 1000}));
        assert_eq!((n.good, n.reached), (Some(false), Some(false)));
        assert_eq!((n.target_formatted.as_deref(), n.progress), (Some("1K"), Some(1.26)));
        let n = read(sales(), json!({"favourable": "none", "target": 0, "compare": "none", "format": "currency"}));
        assert_eq!((n.good, n.reached, n.progress), (None, None, None));
        assert_eq!((n.trend.direction, n.change), (Direction::Unknown, None));
        assert_eq!(n.formatted, "$1.26K");
    }

    #[test]
    fn nothing_is_a_dash() {
        for rows in [json!([]), json!([["2024-01-01", null]])] {
            let n = read(rows, json!({"target": 5}));
            assert_eq!((n.formatted.as_str(), n.value, n.progress), ("—", None, None));
        }
    }

    #[test]
    fn a_change_from_zero_has_no_percentage() {
        let n = read(json!([["2024-01-01", 0], ["2024-02-01", 5]]), json!({}));
        assert_eq!(n.change.as_deref(), Some("+5"));
    }
}
