//! Insights from a CSV to JSON lines.

use crate::insights::{Subject, discover};
use crate::{Frame, FrameColumn, MISSING_MEMBER, MISSING_TIME, Values};
use domain::calendar::day_of;
use domain::insight::{Direction, Finding, FindingKind, Insights};
use domain::names::to_label;
use domain::query::Agg;
use domain::{DataType, Error, ErrorCode, Result, Role};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::io::{Read, Write};

/// Words that stand for a missing value in a file.
const MISSING: [&str; 6] = ["", "NA", "NaN", "nan", "null", "NULL"];

/// Reads a CSV with a header and writes its insights, one JSON object a line, the best first.
///
/// # Errors
/// The file is no CSV, or writing fails.
pub fn insights_of_csv(input: impl Read, name: &str, output: impl Write) -> Result<Insights> {
    let frame = frame_of_csv(input)?;
    let subject = Subject { dataset: name.to_owned(), label: to_label(name), most: 0 };
    let found = discover(&frame, &subject);
    write_lines(&found, &frame, output)?;
    Ok(found)
}

/// One line for each finding: what it is, flat, and the whole of it as `finding`.
///
/// # Errors
/// Writing fails.
pub fn write_lines(found: &Insights, frame: &Frame, mut output: impl Write) -> Result<()> {
    for (place, finding) in found.findings.iter().enumerate() {
        let line = line(finding, place + 1, frame);
        let written = serde_json::to_writer(&mut output, &line).map_err(std::io::Error::from);
        written.and_then(|()| output.write_all(b"\n")).map_err(failed)?;
    }
    output.flush().map_err(failed)
}

fn failed(error: std::io::Error) -> Error {
    Error::new(ErrorCode::UnusableFile, format!("The file of insights was not written: {error}."))
}

/// A finding, flat: what a script wants to know of it.
fn line(finding: &Finding, rank: usize, frame: &Frame) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| {
        out.insert(key.to_owned(), value);
    };
    put("rank", rank.into());
    put("id", finding.id.as_str().into());
    put("kind", finding.kind.as_str().into());
    put("claimed", finding.claimed.into());
    put("p", finding.test.as_ref().map_or(1.0, |t| t.p_corrected).into());
    put("p_raw", finding.test.as_ref().map_or(Value::Null, |t| t.p.into()));
    put("strength", finding.strength.into());
    put("text", finding.sentence.text().into());
    let is_view = matches!(finding.kind, FindingKind::Breakdown | FindingKind::Concentration | FindingKind::Course);
    let grouped: Vec<&str> = finding.view.query.dimensions.iter().map(|d| d.column.as_str()).collect();
    let by_member: Vec<&str> = finding.members.iter().map(|m| m.column.as_str()).collect();
    match finding.kind {
        FindingKind::Interaction => {
            put("dimensions", json!(by_member));
            put("values", finding.members.iter().map(|m| json!(m.value)).collect());
        }
        _ if is_view => put("dimension", json!(grouped.first())),
        _ => {
            if let Some(member) = finding.members.first() {
                put("dimension", member.column.as_str().into());
                put("value", json!(member.value));
            }
        }
    }
    if is_view {
        if let [high, low] = finding.members.as_slice() {
            put("top", json!(high.value));
            put("bottom", json!(low.value));
        }
        put("filter", Value::Null);
    }
    match finding.kind {
        FindingKind::Correlation => {
            let mut both = finding.columns.clone();
            both.sort();
            put("measures", json!(both));
            put("r", finding.effect.value.into());
        }
        FindingKind::SegmentRate => put("measure", format!("{}/{}", finding.columns[0], finding.columns[1]).into()),
        FindingKind::Quality => put("columns", json!(finding.columns)),
        _ => {
            let asked = finding.view.query.measures.first();
            let column = asked.and_then(|m| m.column.clone());
            let outlier = (finding.kind == FindingKind::Outlier).then(|| finding.columns[0].clone());
            put("measure", column.or(outlier).map_or_else(|| "*".into(), |c| measure_name(&c, frame)).into());
            let agg = match asked.and_then(|m| m.agg) {
                Some(Agg::Avg) => "mean".to_owned(),
                Some(agg) => agg.name(),
                None => "none".into(),
            };
            put("agg", agg.into());
        }
    }
    if let Some(direction) = finding.direction {
        let word = match direction {
            Direction::Increasing => "up",
            Direction::Decreasing => "down",
            Direction::Stable => "flat",
        };
        put("direction", word.into());
    }
    if let Some(at) = &finding.at {
        put("at", at.as_str().into());
    }
    if let Some(day) = finding.weekday {
        put("weekday", (day - 1).into());
    }
    if let Some(month) = finding.month {
        put("month", month.into());
    }
    put("chart", finding.view.chart.as_str().into());
    put("query", json!(finding.view.query));
    put("finding", json!(finding));
    Value::Object(out)
}

/// A measure as it is called in the file: durations by the two columns between which they are.
fn measure_name(column: &str, frame: &Frame) -> String {
    if frame.column(column).is_some() {
        return column.to_owned();
    }
    let times: Vec<&str> = frame.columns.iter().filter(|c| c.ty.is_time()).map(|c| c.name.as_str()).collect();
    for unit in ["days", "hours"] {
        for from in &times {
            for to in &times {
                if column == format!("{unit}_{from}_to_{to}") {
                    return format!("{unit}({to}-{from})");
                }
            }
        }
    }
    column.to_owned()
}

/// A CSV with a header as a frame: numbers, dates and truth values are found out.
///
/// # Errors
/// It is no CSV.
pub fn frame_of_csv(mut input: impl Read) -> Result<Frame> {
    let unusable = |text: String| {
        Error::new(ErrorCode::UnusableFile, format!("The file cannot be read as CSV: {text}."))
            .hint("It needs a header, and as many values in each line.")
    };
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(|e| unusable(e.to_string()))?;
    // Once to find out what the columns hold, once to read them so.
    let mut kinds: Vec<Kinds> = Vec::new();
    let header = each_row(&bytes, |values| {
        kinds.resize_with(kinds.len().max(values.len()), Kinds::default);
        kinds.iter_mut().zip(values.iter()).for_each(|(kind, value)| kind.see(value.trim()));
    });
    let header = header.map_err(|e| unusable(e.to_string()))?;
    kinds.resize_with(header.len(), Kinds::default);
    let mut columns: Vec<Building> = kinds.iter().map(Building::new).collect();
    let read = each_row(&bytes, |values| {
        columns.iter_mut().zip(values.iter()).for_each(|(column, value)| column.push(value.trim()));
    });
    read.map_err(|e| unusable(e.to_string()))?;
    let rows = columns.first().map_or(0, |c| c.values.len());
    let named = header.iter().zip(columns).zip(&kinds);
    let columns = named.map(|((name, column), kind)| column.done(name.trim(), kind)).collect();
    Ok(Frame { columns, rows, total_rows: rows as u64 })
}

fn each_row(bytes: &[u8], mut row: impl FnMut(&csv::StringRecord)) -> Result<csv::StringRecord, csv::Error> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers()?.clone();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        row(&record);
    }
    Ok(header)
}

/// What the values of a column may all be.
struct Kinds {
    number: bool,
    whole: bool,
    moment: bool,
    date: bool,
    truth: bool,
    any: bool,
}

impl Default for Kinds {
    fn default() -> Self {
        Self { number: true, whole: true, moment: true, date: true, truth: true, any: false }
    }
}

impl Kinds {
    fn see(&mut self, value: &str) {
        if MISSING.contains(&value) {
            return;
        }
        self.any = true;
        self.number = self.number && value.parse::<f64>().is_ok();
        self.whole = self.whole && self.number && value.parse::<i64>().is_ok();
        self.moment = self.moment && !self.number && moment(value).is_some();
        self.date = self.date && value.len() == 10;
        self.truth = self.truth && matches!(value, "true" | "false" | "True" | "False" | "TRUE" | "FALSE");
    }
}

/// A column while it is read.
struct Building {
    values: Values,
    /// Capitals do not matter.
    truth: bool,
    seen: HashMap<String, u32>,
}

impl Building {
    fn new(kinds: &Kinds) -> Self {
        let values = match kinds {
            Kinds { any: true, number: true, .. } => Values::Number(Vec::new()),
            Kinds { any: true, moment: true, .. } => Values::Time(Vec::new()),
            _ => Values::Member { codes: Vec::new(), members: Vec::new() },
        };
        Self { values, truth: kinds.any && kinds.truth, seen: HashMap::new() }
    }

    fn push(&mut self, value: &str) {
        let missing = MISSING.contains(&value);
        match &mut self.values {
            Values::Number(values) => values.push(if missing { f64::NAN } else { value.parse().unwrap_or(f64::NAN) }),
            Values::Time(values) => values.push(moment(value).filter(|_| !missing).unwrap_or(MISSING_TIME)),
            Values::Member { codes, .. } if missing => codes.push(MISSING_MEMBER),
            Values::Member { codes, members } => {
                let lower = if self.truth { value.to_lowercase() } else { String::new() };
                let value = if self.truth { lower.as_str() } else { value };
                let code = self.seen.get(value).copied().unwrap_or_else(|| {
                    let code = members.len() as u32;
                    members.push(value.to_owned());
                    self.seen.insert(value.to_owned(), code);
                    code
                });
                codes.push(code);
            }
        }
    }

    fn done(self, name: &str, kinds: &Kinds) -> FrameColumn {
        let (ty, role) = match &self.values {
            Values::Number(values) if kinds.whole => {
                (DataType::Integer, if is_key(name, values) { Role::Dimension } else { Role::Measure })
            }
            Values::Number(_) => (DataType::Float, Role::Measure),
            Values::Time(_) => (if kinds.date { DataType::Date } else { DataType::Timestamp }, Role::Time),
            Values::Member { .. } if self.truth => (DataType::Boolean, Role::Dimension),
            Values::Member { .. } => (DataType::Text, Role::Dimension),
        };
        FrameColumn { name: name.to_owned(), label: to_label(name), ty, role, format: None, values: self.values }
    }
}

/// Whole numbers that name things rather than count them.
fn is_key(name: &str, values: &[f64]) -> bool {
    let name = name.to_lowercase();
    let parts: Vec<&str> = name.split(['_', ' ', '-', '.']).collect();
    if !parts.iter().any(|p| matches!(*p, "id" | "key" | "code" | "zip" | "year" | "number" | "no")) {
        return false;
    }
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.dedup();
    parts.contains(&"year") || parts.contains(&"id") || sorted.len() * 2 > values.len() || sorted.len() <= 50
}

/// `2024-01-31`, with or without a time of day, in microseconds.
fn moment(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<i64> {
        let part = bytes.get(from..to)?;
        part.iter().all(u8::is_ascii_digit).then(|| part.iter().fold(0, |n, b| 10 * n + i64::from(b - b'0')))
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if bytes[4] != b'-' || bytes[7] != b'-' || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let date = day_of(year, month, day) * 86_400_000_000;
    if bytes.len() == 10 {
        return Some(date);
    }
    if !matches!(bytes[10], b' ' | b'T') || bytes.get(13) != Some(&b':') {
        return None;
    }
    let (hour, minute) = (number(11, 13)?, number(14, 16)?);
    let second = if bytes.get(16) == Some(&b':') { number(17, 19)? } else { 0 };
    if hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    let fraction: String = text.get(19..).unwrap_or("").strip_prefix('.').unwrap_or("").chars().take(6).collect();
    let micros = format!("{fraction:0<6}").parse::<i64>().unwrap_or(0);
    Some(date + ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_out() {
        let csv = "day,shop,sales,open,when\n2024-01-01,A,1.5,true,2024-01-01 10:00:00.5\n,B,NA,false,\n";
        let frame = frame_of_csv(csv.as_bytes()).unwrap();
        let types: Vec<DataType> = frame.columns.iter().map(|c| c.ty).collect();
        use DataType::{Boolean, Date, Float, Text, Timestamp};
        assert_eq!(types, [Date, Text, Float, Boolean, Timestamp]);
        assert_eq!(frame.rows, 2);
        assert!(frame.columns[2].values.is_missing(1) && frame.columns[0].values.is_missing(1));
        assert_eq!(frame.columns[4].values.times().unwrap()[0], day_of(2024, 1, 1) * 86_400_000_000 + 36_000_500_000);
    }

    #[test]
    fn a_file_that_is_none_says_so() {
        let error = frame_of_csv("a,b\n1,2,3\n".as_bytes()).unwrap_err();
        assert_eq!(error.code, ErrorCode::UnusableFile);
        let empty = frame_of_csv("a,b\n".as_bytes()).unwrap();
        assert_eq!(empty.rows, 0);
        let mut out = Vec::new();
        insights_of_csv("a,b\n".as_bytes(), "empty", &mut out).unwrap();
    }
}
