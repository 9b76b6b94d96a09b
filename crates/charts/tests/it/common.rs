//! Answers for the tests of charts.

use domain::format::{Format, Style};
use domain::query::Grain;
use domain::{Cell, ChartKind, ChartSpec, DataType, Field, Role, Table};
use serde_json::Value;

pub(crate) fn field(name: &str, ty: DataType, role: Role) -> Field {
    Field { name: name.into(), label: domain::names::to_label(name), ty, role, format: None, grain: None }
}

pub(crate) fn group(name: &str) -> Field {
    field(name, DataType::Text, Role::Dimension)
}

pub(crate) fn measure(name: &str) -> Field {
    field(name, DataType::Float, Role::Measure)
}

pub(crate) fn dollars(name: &str) -> Field {
    Field { format: Some(Format { style: Style::Currency, ..Format::default() }), ..measure(name) }
}

pub(crate) fn time(name: &str, grain: Grain) -> Field {
    let ty = if grain.is_folded() { DataType::Integer } else { DataType::Timestamp };
    Field { grain: Some(grain), ..field(name, ty, Role::Time) }
}

/// A table from columns.
pub(crate) fn table(columns: Vec<(Field, Vec<Cell>)>) -> Table {
    let (columns, data) = columns.into_iter().unzip();
    Table { columns, data, truncated: false }
}

pub(crate) fn texts<T: ToString>(values: impl IntoIterator<Item = T>) -> Vec<Cell> {
    values.into_iter().map(|v| Cell::Text(v.to_string())).collect()
}

pub(crate) fn floats(values: impl IntoIterator<Item = f64>) -> Vec<Cell> {
    values.into_iter().map(Cell::Float).collect()
}

pub(crate) fn ints(values: impl IntoIterator<Item = i64>) -> Vec<Cell> {
    values.into_iter().map(Cell::Int).collect()
}

pub(crate) fn spec(kind: ChartKind, options: Value) -> ChartSpec {
    let options = options.as_object().cloned().unwrap_or_default();
    ChartSpec { kind, encodings: domain::chart::Encodings::default(), options }
}

/// A number that looks measured and is the same every time.
pub(crate) fn wobble(i: usize) -> f64 {
    let x = (i as f64 * 12.9898).sin() * 43_758.545;
    x - x.floor()
}

const REGIONS: [&str; 4] = ["North", "South", "East", "West"];

/// Sales by month and region; the West begins late.
pub(crate) fn sales_by_month_and_region() -> Table {
    let rows: Vec<(usize, usize)> =
        (0..12).flat_map(|m| (0..4).map(move |r| (m, r))).filter(|(m, r)| *r < 3 || *m > 3).collect();
    let amount = |(m, r): (usize, usize)| {
        (40_000.0 * (r + 2) as f64 * (1.0 + m as f64 / 20.0) * (0.8 + 0.4 * wobble(m * 7 + r))).round()
    };
    table(vec![
        (time("month", Grain::Month), texts(rows.iter().map(|(m, _)| format!("2024-{:02}-01T00:00:00+00:00", m + 1)))),
        (group("region"), texts(rows.iter().map(|(_, r)| REGIONS[*r]))),
        (dollars("amount"), floats(rows.iter().map(|row| amount(*row)))),
    ])
}

/// Visits and conversion by day: two units, and a weekend without an answer.
pub(crate) fn visits_by_day() -> Table {
    let mut rate = floats((0..60).map(|d| 0.02 + 0.01 * wobble(d)));
    rate[30] = Cell::Null;
    rate[31] = Cell::Null;
    let percent = Some(Format { style: Style::Percent, ..Format::default() });
    table(vec![
        (
            time("day", Grain::Day),
            texts((0..60).map(|d| format!("2024-{:02}-{:02}T00:00:00+02:00", 3 + d / 30, 1 + d % 30))),
        ),
        (
            field("visits", DataType::Integer, Role::Measure),
            ints((0..60).map(|d| 1200 + d * 10 + (wobble(d as usize) * 300.0) as i64)),
        ),
        (Field { format: percent, ..measure("conversion") }, rate),
    ])
}

pub(crate) fn flights_by_carrier() -> Table {
    let names = [
        "United Air Lines",
        "JetBlue Airways",
        "ExpressJet",
        "Delta Air Lines",
        "American Airlines",
        "Envoy Air",
        "US Airways",
        "Endeavor Air",
        "Southwest Airlines",
        "Virgin America",
    ];
    let counts = [58_665, 54_635, 54_173, 48_110, 32_729, 26_397, 20_536, 18_460, 12_275, 5_162];
    table(vec![(group("carrier"), texts(names)), (field("flights", DataType::Integer, Role::Measure), ints(counts))])
}

/// Distance, delay and passengers of many flights.
pub(crate) fn delays() -> Table {
    let n = 48;
    table(vec![
        (group("carrier"), texts((0..n).map(|i| ["AA", "B6", "UA"][i % 3]))),
        (measure("distance"), floats((0..n).map(|i| (300.0 + 2200.0 * wobble(i)).round()))),
        (
            measure("delay"),
            floats((0..n).map(|i| (20.0 * wobble(i + 900) - 8.0 + 10.0 * wobble(i) * wobble(i + 5)).round())),
        ),
        (measure("passengers"), floats((0..n).map(|i| (40.0 + 250.0 * wobble(i + 77)).round()))),
    ])
}

/// Average delay by weekday and hour, on both sides of zero.
pub(crate) fn delay_by_weekday_and_hour() -> Table {
    let cells: Vec<(i64, i64)> = (1..=7).flat_map(|d| (5..=22).map(move |h| (d, h))).collect();
    let delay = |(d, h): &(i64, i64)| ((h - 12) as f64 * 1.8 + 6.0 * wobble((d * 31 + h) as usize) - 3.0).round();
    table(vec![
        (time("hour", Grain::HourOfDay), ints(cells.iter().map(|c| c.1))),
        (time("weekday", Grain::DayOfWeek), ints(cells.iter().map(|c| c.0))),
        (measure("avg_delay"), floats(cells.iter().map(delay))),
    ])
}
