//! Random tables: of every type, with gaps, and with the values that go wrong elsewhere. The same rows
//! stand in DuckDB files, as the engine has them, and in frames of polars, for the model.

use crate::model::rows::Known;
use crate::model::value::{Value, clock, decimal_text, iso};
use crate::tape::Tape;
use domain::{Column, DataType, Role};
use engine::Segment;
use polars::prelude::{Column as Series, DataFrame, Int32Chunked, Int64Chunked, IntoColumn, IntoSeries, TimeUnit};
use std::path::Path;

/// A dataset: `frame` has its rows, `digits` those that follow the point in its decimals.
pub struct Sheet {
    pub name: &'static str,
    pub columns: Vec<Column>,
    pub digits: Vec<u32>,
    pub frame: DataFrame,
    pub segments: Vec<Segment>,
    pub unique: Vec<Vec<String>>,
}

impl Sheet {
    /// A column by its own name.
    pub fn known(&self, at: usize) -> Known {
        let Column { name, ty, .. } = self.columns[at].clone();
        Known { table: 0, full: name.clone(), name, ty, digits: self.digits[at], latest: None }
    }
}

/// A column to be: its name, its type here and in DuckDB, its values.
struct Draft {
    name: &'static str,
    ty: DataType,
    duck: String,
    digits: u32,
    values: Vec<Value>,
}

/// Moments at which clocks are turned or years end, in zones that questions are asked in.
const TURNS: [&str; 12] = [
    "2024-03-31T01:00:00Z",
    "2024-10-27T01:00:00Z",
    "2024-03-10T07:00:00Z",
    "2024-11-03T06:00:00Z",
    "2023-12-31T23:00:00Z",
    "2024-01-01T00:00:00Z",
    "2018-11-04T03:00:00Z",
    "2018-02-18T02:00:00Z",
    "2024-11-03T05:00:00Z",
    "2024-04-06T15:00:00Z",
    "2011-12-30T10:00:00Z",
    "1969-12-31T12:00:00Z",
];

const NAMES: [&str; 16] = [
    "", "a", "A", "Zürich", "ZÜRICH", "O'Hare", "100%", "_x", "x_y", "naïve", "日本", "Others", "a\"b", "é", " ", "\\n",
];

pub fn instant(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_microsecond()
}

fn moment(tape: &mut Tape<'_>) -> i64 {
    let turn = instant(TURNS[tape.pick(TURNS.len())]);
    let minute = 60_000_000;
    turn + match tape.pick(5) {
        0 => tape.around(180) * minute,
        1 => tape.around(3) * 60 * minute,
        2 => tape.around(40) * 1440 * minute + tape.around(30) * minute,
        3 => tape.around(2_000_000),
        _ => tape.around(400) * 1440 * minute,
    }
}

/// `n` values of which some are missing.
fn some(tape: &mut Tape<'_>, n: usize, mut value: impl FnMut(&mut Tape<'_>) -> Value) -> Vec<Value> {
    let gaps = tape.of(&[8, 3, 1000]);
    (0..n).map(|_| if tape.once_in(gaps) { Value::Null } else { value(tape) }).collect()
}

fn draft(name: &'static str, ty: DataType, duck: &str, values: Vec<Value>) -> Draft {
    Draft { name, ty, duck: duck.to_owned(), digits: 0, values }
}

fn decimals(tape: &mut Tape<'_>, name: &'static str, n: usize) -> Draft {
    let (width, digits, most) = tape.of(&[(9, 2, 500_000), (4, 1, 999), (18, 4, 90_000_000), (38, 6, 4_000_000_000)]);
    let few = tape.pick(2) == 0;
    let values = some(tape, n, |t| {
        Value::Decimal((if few { t.around(9) * (most / 10) } else { t.around(most) }).into(), digits)
    });
    Draft { name, ty: DataType::Decimal, duck: format!("DECIMAL({width}, {digits})"), digits, values }
}

fn integers(tape: &mut Tape<'_>, name: &'static str, n: usize) -> Draft {
    let (duck, most) = tape.of(&[("BIGINT", 30), ("TINYINT", 127), ("SMALLINT", 30_000), ("INTEGER", 2_000_000_000)]);
    let most = if tape.pick(2) == 0 { most.min(6) } else { most };
    draft(name, DataType::Integer, duck, some(tape, n, |t| Value::Int(t.around(most).into())))
}

/// The table that questions are asked of: one row or a hundred, seldom none.
fn base(tape: &mut Tape<'_>) -> Vec<Draft> {
    let n = if tape.once_in(12) { tape.pick(2) } else { 10 + tape.pick(110) };
    let huge = |t: &mut Tape<'_>| match t.pick(4) {
        0 => Value::Int(i128::from(i64::MAX - t.pick(3) as i64)),
        1 => Value::Int(i128::from(i64::MIN + t.pick(3) as i64)),
        2 => Value::Int(i128::from((1_i64 << 53) + t.around(3))),
        _ => Value::Int(i128::from(t.around(1 << 40))),
    };
    let wild = |t: &mut Tape<'_>| {
        Value::Float(match t.pick(8) {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3 => -0.0,
            4 => 0.0,
            5 => 1e12,
            _ => t.around(20) as f64 / 4.0,
        })
    };
    let eighths = tape.of(&[8_i64, 800_000]);
    vec![
        draft("id", DataType::Integer, "BIGINT", (0..n).map(|i| Value::Int(i as i128)).collect()),
        draft("city", DataType::Text, "VARCHAR", some(tape, n, |t| Value::Text(t.of(&CITIES).to_owned()))),
        draft("flag", DataType::Boolean, "BOOLEAN", some(tape, n, |t| Value::Bool(t.pick(2) == 0))),
        integers(tape, "n", n),
        draft("huge", DataType::Integer, "BIGINT", some(tape, n, huge)),
        decimals(tape, "price", n),
        draft("x", DataType::Float, "DOUBLE", some(tape, n, |t| Value::Float(t.around(eighths) as f64 / 8.0))),
        draft("wild", DataType::Float, "DOUBLE", some(tape, n, wild)),
        draft("na\"me", DataType::Text, "VARCHAR", some(tape, n, |t| Value::Text(t.of(&NAMES).to_owned()))),
        draft("day", DataType::Date, "DATE", some(tape, n, |t| Value::Date(moment(t).div_euclid(86_400_000_000)))),
        draft("at", DataType::Timestamp, "TIMESTAMP", some(tape, n, |t| Value::Instant(moment(t)))),
        draft(
            "clock",
            DataType::Time,
            "TIME",
            some(tape, n, |t| Value::Time(t.pick(1440) as i64 * 60_000_000 + t.of(&[0, 500_000, 7]))),
        ),
    ]
}

const CITIES: [&str; 6] = ["Rome", "Oslo", "Bonn", "rome", "Köln", ""];

/// One row for each city, or more where it is not said that there is one.
fn places(tape: &mut Tape<'_>, repeats: bool) -> Vec<Draft> {
    let n = if repeats { 9 } else { 5 };
    let city = |t: &mut Tape<'_>, i: usize| Value::Text(if repeats { t.of(&CITIES) } else { CITIES[i] }.to_owned());
    let cities = (0..n).map(|i| city(tape, i)).collect();
    vec![
        draft("city", DataType::Text, "VARCHAR", cities),
        draft(
            "region",
            DataType::Text,
            "VARCHAR",
            some(tape, n, |t| Value::Text(t.of(&["North", "South"]).to_owned())),
        ),
        integers(tape, "people", n),
        draft("since", DataType::Date, "DATE", some(tape, n, |t| Value::Date(moment(t).div_euclid(86_400_000_000)))),
    ]
}

/// Several rows for one of the base, and some for none.
fn items(tape: &mut Tape<'_>, of: usize) -> Vec<Draft> {
    let n = tape.pick(90);
    vec![
        draft("owner", DataType::Integer, "INTEGER", some(tape, n, |t| Value::Int(t.pick(of + 3) as i128))),
        draft(
            "sku",
            DataType::Text,
            "VARCHAR",
            some(tape, n, |t| Value::Text(t.of(&["pen", "ink", "cap"]).to_owned())),
        ),
        integers(tape, "quantity", n),
        decimals(tape, "fee", n),
        draft("sold", DataType::Timestamp, "TIMESTAMP", some(tape, n, |t| Value::Instant(moment(t)))),
    ]
}

/// The three tables; their files go into `dir`.
pub fn tables(tape: &mut Tape<'_>, dir: &Path) -> Vec<Sheet> {
    let base = base(tape);
    let rows = base[0].values.len();
    let repeats = tape.once_in(3);
    let places = places(tape, repeats);
    let items = items(tape, rows);
    let key = |name: &str| vec![vec![name.to_owned()]];
    vec![
        sheet(tape, "t", base, key("id"), dir),
        sheet(tape, "u", places, if repeats { Vec::new() } else { key("city") }, dir),
        sheet(tape, "v", items, Vec::new(), dir),
    ]
}

fn sheet(tape: &mut Tape<'_>, name: &'static str, drafts: Vec<Draft>, unique: Vec<Vec<String>>, dir: &Path) -> Sheet {
    let column = |d: &Draft| Column {
        name: d.name.to_owned(),
        label: d.name.to_owned(),
        ty: d.ty,
        role: Role::Dimension,
        description: String::new(),
        format: None,
        is_calculated: false,
    };
    let rows = drafts[0].values.len();
    let parts = 1 + tape.pick(3);
    let ends: Vec<usize> = (0..=parts).map(|i| rows * i / parts).collect();
    Sheet {
        name,
        columns: drafts.iter().map(column).collect(),
        digits: drafts.iter().map(|d| d.digits).collect(),
        frame: DataFrame::new(rows, drafts.iter().map(series).collect()).unwrap(),
        segments: ends.windows(2).map(|w| file(&drafts, w[0]..w[1], dir)).collect(),
        unique,
    }
}

/// A column of polars.
fn series(draft: &Draft) -> Series {
    let name = || draft.name.into();
    let whole = || {
        draft.values.iter().map(|v| match v {
            Value::Int(i) | Value::Decimal(i, _) => Some(*i as i64),
            Value::Date(i) | Value::Time(i) | Value::Instant(i) => Some(*i),
            _ => None,
        })
    };
    match draft.ty {
        DataType::Boolean => {
            let all: Vec<Option<bool>> =
                draft.values.iter().map(|v| if let Value::Bool(b) = v { Some(*b) } else { None }).collect();
            Series::new(name(), all)
        }
        DataType::Float => {
            let all: Vec<Option<f64>> = draft.values.iter().map(Value::number).collect();
            Series::new(name(), all)
        }
        DataType::Text => {
            let all: Vec<Option<String>> =
                draft.values.iter().map(|v| if let Value::Text(t) = v { Some(t.clone()) } else { None }).collect();
            Series::new(name(), all)
        }
        DataType::Date => {
            whole().map(|v| v.map(|v| v as i32)).collect::<Int32Chunked>().with_name(name()).into_date().into_column()
        }
        DataType::Timestamp => {
            let all = whole().collect::<Int64Chunked>().with_name(name());
            all.into_datetime(TimeUnit::Microseconds, None).into_column()
        }
        _ => whole().collect::<Int64Chunked>().with_name(name()).into_series().into_column(),
    }
}

/// The rows as a segment.
fn file(drafts: &[Draft], rows: std::ops::Range<usize>, dir: &Path) -> Segment {
    let id = uuid::Uuid::now_v7().simple().to_string();
    let path = dir.join("segments").join(format!("{id}.duckdb"));
    let db = duckdb::Connection::open(&path).unwrap();
    let ident = semantic::sql::ident;
    let declared: Vec<String> = drafts.iter().map(|d| format!("{} {}", ident(d.name), d.duck)).collect();
    let mut sql = format!("CREATE TABLE data ({});", declared.join(", "));
    if !rows.is_empty() {
        let row = |i: usize| drafts.iter().map(|d| literal(&d.values[i])).collect::<Vec<_>>().join(", ");
        let all: Vec<String> = rows.clone().map(|i| format!("({})", row(i))).collect();
        sql.push_str(&format!("INSERT INTO data VALUES {};", all.join(", ")));
    }
    db.execute_batch(&format!("{sql} CHECKPOINT;")).unwrap();
    db.close().unwrap();
    let bytes = std::fs::metadata(&path).unwrap().len();
    serde_json::from_value(serde_json::json!({"id": id, "rows": rows.len(), "bytes": bytes})).unwrap()
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Decimal(units, digits) => decimal_text(*units, *digits),
        Value::Float(f) if f.is_finite() => format!("{f:e}"),
        Value::Float(f) => format!("'{f}'::DOUBLE"),
        Value::Text(t) => semantic::sql::text(t).unwrap(),
        Value::Date(d) => format!("DATE '{}'", iso(*d)),
        Value::Time(t) => format!("TIME '{}'", clock(*t)),
        Value::Instant(t) => {
            format!("TIMESTAMP '{} {}'", iso(t.div_euclid(86_400_000_000)), clock(t.rem_euclid(86_400_000_000)))
        }
    }
}
