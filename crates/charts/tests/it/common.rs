//! Answers for the tests of charts.

#![allow(dead_code)] // The gallery uses part of them, the tests another.

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
    ChartSpec::new(kind, domain::chart::Encodings::default(), options)
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

/// A number a day for a year, weekends lower, with a fortnight missing.
pub(crate) fn orders_by_day() -> Table {
    let days: Vec<usize> = (0..366).filter(|d| !(200..214).contains(d)).collect();
    let starts = [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335];
    let date = |d: usize| {
        let month = starts.iter().rposition(|s| *s <= d).unwrap_or(0);
        format!("2024-{:02}-{:02}", month + 1, d - starts[month] + 1)
    };
    let orders = |d: usize| {
        let weekend = if matches!(d % 7, 5 | 6) { 0.35 } else { 1.0 };
        ((80.0 + d as f64 / 4.0 + 60.0 * wobble(d)) * weekend).round()
    };
    table(vec![
        (Field { ty: DataType::Date, ..time("day", Grain::Day) }, texts(days.iter().map(|d| date(*d)))),
        (measure("orders"), floats(days.iter().map(|d| orders(*d)))),
    ])
}

/// Flights by ranges of distance, two ranges without any.
pub(crate) fn flights_by_distance() -> Table {
    let bins: Vec<i64> = (0..24).filter(|b| *b != 19 && *b != 21).collect();
    let flights = |b: i64| (9000.0 * (-((b - 5) as f64 / 5.0).powi(2)).exp() + 900.0 * wobble(b as usize)).round();
    table(vec![
        (field("distance", DataType::Float, Role::Dimension), floats(bins.iter().map(|b| *b as f64 * 100.0))),
        (field("flights", DataType::Integer, Role::Measure), ints(bins.iter().map(|b| flights(*b) as i64))),
    ])
}

/// Quartiles of the delay by carrier, as the query answers them.
pub(crate) fn delay_quartiles() -> Table {
    let names = ["United", "JetBlue", "Delta", "American", "Envoy", "Southwest"];
    let base = |i: usize| 4.0 + 12.0 * wobble(i);
    let column = |f: fn(f64, usize) -> f64| floats((0..6).map(|i| (f(base(i), i) * 10.0).round() / 10.0));
    table(vec![
        (group("carrier"), texts(names)),
        (measure("min_delay"), column(|b, i| -b - 14.0 - 4.0 * wobble(i + 9))),
        (measure("p25_delay"), column(|b, _| b - 11.0)),
        (measure("delay"), column(|b, _| b - 2.0)),
        (measure("p75_delay"), column(|b, i| b + 9.0 + 6.0 * wobble(i + 3))),
        (measure("max_delay"), column(|b, i| b + 34.0 + 30.0 * wobble(i + 7))),
    ])
}

/// Sales by region, category and product.
pub(crate) fn sales_by_product() -> Table {
    let tree = [
        ("Europe", "Drinks", &["Tea", "Coffee", "Juice"][..]),
        ("Europe", "Food", &["Bread", "Cheese", "Fruit", "Nuts"][..]),
        ("Americas", "Drinks", &["Coffee", "Soda"][..]),
        ("Americas", "Food", &["Corn", "Beans", "Fruit"][..]),
        ("Asia", "Drinks", &["Tea", "Soy milk"][..]),
        ("Asia", "Food", &["Rice", "Noodles", "Fruit"][..]),
        ("Africa", "Food", &["Millet", "Dates"][..]),
    ];
    let rows: Vec<(&str, &str, &str)> =
        tree.iter().flat_map(|(r, c, ps)| ps.iter().map(move |p| (*r, *c, *p))).collect();
    let amount = |i: usize| (12_000.0 + 90_000.0 * wobble(i * 3 + 1)).round();
    table(vec![
        (group("region"), texts(rows.iter().map(|r| r.0))),
        (group("category"), texts(rows.iter().map(|r| r.1))),
        (group("product"), texts(rows.iter().map(|r| r.2))),
        (dollars("amount"), floats((0..rows.len()).map(amount))),
    ])
}

pub(crate) fn signups() -> Table {
    let stages = ["Visited", "Signed up", "Tried it", "Invited others", "Paid"];
    table(vec![
        (group("stage"), texts(stages)),
        (field("people", DataType::Integer, Role::Measure), ints([48_210, 17_930, 11_204, 4_118, 2_265])),
    ])
}

/// What made this year's profit of last year's.
pub(crate) fn profit_bridge() -> Table {
    let steps = ["Last year", "New customers", "Price", "Churn", "Wages", "Energy", "Currency"];
    let values = [420_000.0, 185_000.0, 64_000.0, -142_000.0, -88_000.0, -31_000.0, 12_000.0];
    table(vec![(group("step"), texts(steps)), (dollars("profit"), floats(values))])
}

pub(crate) fn one(name: &str, value: f64) -> Table {
    table(vec![(measure(name), floats([value]))])
}

/// Sales of teams against their targets.
pub(crate) fn teams() -> Table {
    table(vec![
        (group("team"), texts(["North", "South", "East", "West", "Online"])),
        (dollars("amount"), floats([318_000.0, 254_000.0, 402_000.0, 120_000.0, 365_000.0])),
        (dollars("target"), floats([300_000.0, 320_000.0, 380_000.0, 280_000.0, 360_000.0])),
    ])
}

pub(crate) fn revenue_by_month() -> Table {
    let months = (0..24).map(|m| format!("{}-{:02}-01", 2023 + m / 12, m % 12 + 1));
    let value = |m: usize| (420_000.0 + 9_000.0 * m as f64 + 60_000.0 * wobble(m)).round();
    let field = Field { ty: DataType::Date, ..time("month", Grain::Month) };
    table(vec![(field, texts(months)), (dollars("revenue"), floats((0..24).map(value)))])
}

/// Where passengers come from and go to, one link leading back.
pub(crate) fn journeys() -> Table {
    let rows = [
        ("Search", "Product page", 5200.0),
        ("Mail", "Product page", 2100.0),
        ("Direct", "Home", 3900.0),
        ("Home", "Product page", 2600.0),
        ("Home", "Left", 1300.0),
        ("Product page", "Basket", 4300.0),
        ("Product page", "Left", 5600.0),
        ("Basket", "Paid", 2900.0),
        ("Basket", "Left", 1400.0),
        ("Basket", "Product page", 300.0),
    ];
    table(vec![
        (group("from"), texts(rows.iter().map(|r| r.0))),
        (group("to"), texts(rows.iter().map(|r| r.1))),
        (measure("visitors"), floats(rows.iter().map(|r| r.2))),
    ])
}

/// Groups of people who write to each other, and some who write to other groups.
pub(crate) fn letters(people: usize) -> Table {
    let groups = (people / 11).max(1);
    let pairs: Vec<(usize, usize)> = (0..people * 2)
        .map(|i| {
            let a = i % people;
            let near = (wobble(i) * 11.0) as usize * groups + a % groups;
            let far = (wobble(i + 7) * people as f64) as usize;
            (a, if i % 9 == 0 { far } else { near } % people)
        })
        .filter(|(a, b)| a != b)
        .collect();
    table(vec![
        (group("from"), texts(pairs.iter().map(|p| format!("Person {}", p.0)))),
        (group("to"), texts(pairs.iter().map(|p| format!("Person {}", p.1)))),
        (measure("letters"), floats((0..pairs.len()).map(|i| (1.0 + 8.0 * wobble(i + 5)).round()))),
    ])
}

/// Marks of three products.
pub(crate) fn marks() -> Table {
    let marks = [
        ("Alpha", [8.1, 6.2, 9.0, 5.5, 7.2]),
        ("Beta", [6.4, 8.8, 5.1, 8.2, 6.0]),
        ("Gamma", [7.2, 7.0, 7.4, 6.9, 9.1]),
    ];
    let mut columns = vec![(group("product"), texts(marks.iter().map(|m| m.0)))];
    for (i, name) in ["price", "comfort", "range", "service", "design"].into_iter().enumerate() {
        columns.push((measure(name), floats(marks.iter().map(|m| m.1[i]))));
    }
    table(columns)
}

pub(crate) fn users_by_country() -> Table {
    let rows = [
        ("United States", 91_200),
        ("DE", 32_800),
        ("FRA", 24_100),
        ("United Kingdom", 28_700),
        ("Brazil", 21_000),
        ("India", 64_300),
        ("JP", 18_900),
        ("Australia", 9_400),
        ("South Africa", 5_200),
        ("Nigeria", 8_800),
        ("Mexico", 12_400),
        ("Canada", 14_600),
        ("Indonesia", 17_300),
        ("Dem. Rep. Congo", 1_900),
        ("Singapore", 3_300),
        ("Poland", 7_700),
        ("Spain", 15_100),
        ("Italy", 16_900),
        ("Turkey", 10_800),
        ("Atlantis", 12),
    ];
    table(vec![
        (group("country"), texts(rows.iter().map(|r| r.0))),
        (field("users", DataType::Integer, Role::Measure), ints(rows.iter().map(|r| r.1))),
    ])
}

pub(crate) fn airports() -> Table {
    let rows = [
        ("ATL", 33.6, -84.4, 104.0),
        ("LHR", 51.5, -0.5, 79.0),
        ("DXB", 25.3, 55.4, 87.0),
        ("HND", 35.6, 139.8, 79.0),
        ("GRU", -23.4, -46.5, 41.0),
        ("JNB", -26.1, 28.2, 17.0),
        ("SYD", -33.9, 151.2, 39.0),
        ("DEL", 28.6, 77.1, 72.0),
        ("FRA", 50.0, 8.6, 59.0),
        ("LAX", 33.9, -118.4, 75.0),
        ("MEX", 19.4, -99.1, 48.0),
        ("LOS", 6.6, 3.3, 6.5),
    ];
    table(vec![
        (group("airport"), texts(rows.iter().map(|r| r.0))),
        (measure("latitude"), floats(rows.iter().map(|r| r.1))),
        (measure("longitude"), floats(rows.iter().map(|r| r.2))),
        (measure("passengers"), floats(rows.iter().map(|r| r.3))),
    ])
}

/// The kinds that most dashboards are made of: name, kind, options, answer.
pub(crate) fn everyday() -> Vec<(&'static str, ChartKind, Value, Table)> {
    use ChartKind as K;
    let none = || serde_json::json!({});
    vec![
        ("line", K::Line, none(), sales_by_month_and_region()),
        ("line_two_units", K::Line, none(), visits_by_day()),
        ("area", K::Area, none(), sales_by_month_and_region()),
        ("bar", K::Bar, none(), sales_by_month_and_region()),
        ("row", K::Row, none(), flights_by_carrier()),
        ("pie", K::Pie, none(), flights_by_carrier()),
        ("scatter", K::Scatter, none(), delays()),
        ("heatmap", K::Heatmap, none(), delay_by_weekday_and_hour()),
    ]
}

/// The other kinds with an answer that suits each: name, kind, options, answer.
pub(crate) fn gallery() -> Vec<(&'static str, ChartKind, Value, Table)> {
    use ChartKind as K;
    use serde_json::json;
    let none = || json!({});
    let goal = json!({"annotations": [
        {"kind": "average"}, {"kind": "band", "value": 60_000, "to": 90_000, "label": "Plan"},
        {"kind": "time", "at": "2024-06-10", "label": "Launch"},
        {"kind": "range", "at": "2024-08-01", "until": "2024-10-01", "label": "Strike"}]});
    let tones = json!([{"when": "above", "value": 80, "tone": "good", "label": "On track"},
        {"when": "between", "value": 50, "to": 80, "tone": "warn"}, {"when": "below", "value": 50, "tone": "bad"}]);
    let visits = visits_by_day();
    let combo = Table {
        columns: visits.columns.clone(),
        data: visits.data.iter().map(|c| c[..14].to_vec()).collect(),
        truncated: false,
    };
    vec![
        ("trend", K::Trend, none(), revenue_by_month()),
        ("line_annotated", K::Line, goal, sales_by_month_and_region()),
        (
            "bar_rules",
            K::Bar,
            json!({"rules": [{"when": "above", "value": 50_000, "tone": "good"}, {"when": "below", "value": 15_000, "tone": "bad"}]}),
            flights_by_carrier(),
        ),
        ("combo", K::Combo, none(), combo),
        ("histogram", K::Histogram, none(), flights_by_distance()),
        ("box_plot", K::BoxPlot, none(), delay_quartiles()),
        ("calendar", K::Calendar, none(), orders_by_day()),
        ("treemap", K::Treemap, none(), sales_by_product()),
        ("sunburst", K::Sunburst, none(), sales_by_product()),
        ("funnel", K::Funnel, none(), signups()),
        ("waterfall", K::Waterfall, json!({"opening": true}), profit_bridge()),
        ("gauge", K::Gauge, json!({"rules": tones, "target": 90, "max": 100}), one("satisfaction", 83.0)),
        ("progress", K::Progress, json!({"target": 1_000_000, "format": "currency"}), one("revenue", 723_400.0)),
        ("progress_many", K::Progress, none(), teams()),
        (
            "bullet",
            K::Bullet,
            json!({"rules": [{"when": "above", "value": 300_000, "tone": "good"}, {"when": "between", "value": 200_000, "to": 300_000, "tone": "warn"}, {"when": "below", "value": 200_000, "tone": "bad"}]}),
            teams(),
        ),
        ("sparkline", K::Sparkline, none(), revenue_by_month()),
        ("sankey", K::Sankey, none(), journeys()),
        ("network", K::Network, none(), letters(60)),
        ("network_circular", K::Network, json!({"layout": "circular", "size": "betweenness"}), letters(40)),
        ("radar", K::Radar, none(), marks()),
        ("map", K::Map, none(), users_by_country()),
        ("map_points", K::Map, none(), airports()),
    ]
}
