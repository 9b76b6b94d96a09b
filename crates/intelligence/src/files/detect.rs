//! A CSV file scored by the detector that suits it: a file of times and one column of numbers is a
//! series, any other a table. A column that says what is odd is never read.

use crate::{Frame, FrameColumn, MISSING_MEMBER, MISSING_TIME, Values, detect, learn};
use domain::learn::{MOST_FEATURES, ModelKind, TrainSpec};
use domain::{DataType, Error, ErrorCode, Result, Role};
use jiff::civil::DateTime;
use std::collections::HashMap;

/// Columns of these names hold the answer.
const ANSWERS: &[&str] = &["label", "labels", "is_anomaly", "anomaly", "is_outlier", "outlier", "ground_truth"];

/// A file with its scores.
#[derive(Clone, Debug)]
pub struct Scored {
    pub kind: ModelKind,
    /// One per row, from 0 to 1.
    pub scores: Vec<f64>,
    /// From this score a row is odd.
    pub threshold: f64,
    pub notes: Vec<String>,
}

/// Scores every row of a CSV file with a header.
///
/// # Errors
/// A file that is no CSV with a header, or has no column that can be read.
pub fn score_csv(bytes: &[u8]) -> Result<Scored> {
    let frame = read_csv(bytes)?;
    let is_answer = |column: &&FrameColumn| ANSWERS.contains(&column.name.trim().to_lowercase().as_str());
    let read: Vec<&FrameColumn> = frame.columns.iter().filter(|column| !is_answer(column)).collect();
    let times: Vec<&&FrameColumn> = read.iter().filter(|c| c.values.times().is_some()).collect();
    let numbers: Vec<&&FrameColumn> = read.iter().filter(|c| c.values.numbers().is_some()).collect();
    let spec = match (times[..].first(), numbers[..].first()) {
        (Some(time), Some(value)) if read.len() == 2 => {
            let mut spec = TrainSpec::new(ModelKind::SeriesEnsemble, [value.name.clone()]);
            spec.time = Some(time.name.clone());
            spec
        }
        _ => TrainSpec::new(ModelKind::RankEnsemble, read.iter().take(MOST_FEATURES).map(|column| column.name.clone())),
    };
    let kind = spec.kind;
    match learn::train(&frame, &spec, &mut |_| true) {
        Ok(trained) => {
            let detection = match trained.detection {
                Some(detection) => detection,
                None => detect::score(&trained.model, &frame, &detect::ScoreOptions::default())?,
            };
            let notes = trained.report.notes;
            Ok(Scored { kind, scores: detection.scores, threshold: detection.threshold, notes })
        }
        // Rows that are all the same, or too few: none of them is odd.
        Err(error) if error.code == ErrorCode::RuleRefused => {
            Ok(Scored { kind, scores: vec![0.0; frame.rows], threshold: 1.0, notes: vec![error.message] })
        }
        Err(error) => Err(error),
    }
}

fn unusable(sentence: String) -> Error {
    Error::new(ErrorCode::UnusableFile, sentence)
}

/// Reads a CSV: what is all numbers becomes numbers, what is all times becomes times, the rest
/// members; an empty field is missing.
///
/// # Errors
/// A file that is no CSV with a header.
pub fn read_csv(bytes: &[u8]) -> Result<Frame> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let broken = |error: csv::Error| unusable(format!("It cannot be read as CSV: {error}."));
    let names: Vec<String> = reader.headers().map_err(broken)?.iter().map(ToOwned::to_owned).collect();
    let mut fields: Vec<Vec<String>> = vec![Vec::new(); names.len()];
    for record in reader.records() {
        let record = record.map_err(broken)?;
        for (i, column) in fields.iter_mut().enumerate() {
            column.push(record.get(i).unwrap_or_default().trim().to_owned());
        }
    }
    let rows = fields.first().map_or(0, Vec::len);
    let mut columns: Vec<FrameColumn> = Vec::with_capacity(names.len());
    for (i, (name, texts)) in names.into_iter().zip(fields).enumerate() {
        let (ty, role, values) = typed(&texts);
        let is_free = !name.is_empty() && columns.iter().all(|column| column.name != name);
        let name = if is_free { name } else { format!("column_{}", i + 1) };
        columns.push(FrameColumn { label: name.clone(), name, ty, role, format: None, values });
    }
    Ok(Frame { columns, rows, total_rows: rows as u64 })
}

fn is_missing(text: &str) -> bool {
    ["", "na", "nan", "null", "none"].contains(&text.to_ascii_lowercase().as_str())
}

fn typed(texts: &[String]) -> (DataType, Role, Values) {
    let there = || texts.iter().filter(|text| !is_missing(text));
    if there().all(|text| text.parse::<f64>().is_ok()) {
        let read = |text: &String| if is_missing(text) { f64::NAN } else { text.parse().unwrap_or(f64::NAN) };
        return (DataType::Float, Role::Measure, Values::Number(texts.iter().map(read).collect()));
    }
    if there().all(|text| moment(text).is_some()) {
        let times = texts.iter().map(|text| moment(text).unwrap_or(MISSING_TIME)).collect();
        return (DataType::Timestamp, Role::Time, Values::Time(times));
    }
    let mut members: Vec<String> = Vec::new();
    let mut known: HashMap<&str, u32> = HashMap::new();
    let mut codes = Vec::with_capacity(texts.len());
    for text in texts {
        codes.push(if is_missing(text) {
            MISSING_MEMBER
        } else {
            *known.entry(text).or_insert_with(|| {
                members.push(text.clone());
                members.len() as u32 - 1
            })
        });
    }
    (DataType::Text, Role::Dimension, Values::Member { codes, members })
}

/// A time as people and programs write it, without a zone taken as UTC.
fn moment(text: &str) -> Option<i64> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(moment.as_microsecond());
    }
    let civil: DateTime = text.parse().ok().or_else(|| {
        let forms = ["%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M"];
        forms.iter().find_map(|form| DateTime::strptime(form, text).ok())
    })?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_told_from_a_table() {
        let mut series = String::from("timestamp,value\n");
        let mut table = String::from("a,b,label\n");
        for i in 0..300 {
            let value = if i == 200 { 500 } else { i * 7 % 13 };
            series.push_str(&format!("2024-01-{:02} {:02}:00:00,{value}\n", 1 + i / 24, i % 24));
            table.push_str(&format!("{value},{},{}\n", i % 11, u8::from(i == 7)));
        }
        let scored = score_csv(series.as_bytes()).unwrap();
        assert_eq!((scored.kind, scored.scores.len()), (ModelKind::SeriesEnsemble, 300));
        let most = (0..300).max_by(|a, b| scored.scores[*a].total_cmp(&scored.scores[*b]));
        assert_eq!(most, Some(200));
        assert!(scored.scores[200] >= scored.threshold);
        let scored = score_csv(table.as_bytes()).unwrap();
        assert_eq!(scored.kind, ModelKind::RankEnsemble);
        let most = (0..300).max_by(|a, b| scored.scores[*a].total_cmp(&scored.scores[*b]));
        assert_eq!(most, Some(200));
        // The answer in the file makes no difference.
        let other = score_csv(table.replace(",1\n", ",0\n").as_bytes()).unwrap();
        assert_eq!(other.scores, scored.scores);
    }

    #[test]
    fn rows_that_are_all_the_same_are_nothing_odd() {
        let scored = score_csv(b"a,b\n1,x\n1,x\n1,x\n").unwrap();
        assert_eq!(scored.scores, [0.0; 3]);
        assert!(score_csv(b"a,b\n1,2\n").unwrap().notes[0].contains("too few"));
        assert!(score_csv(&[0xff, b',', 0xfe, b'\n', 0xff]).is_err() || score_csv(b"").is_err());
        assert_eq!(moment("2024-02-30 00:00:00"), None);
        assert_eq!(moment("1970-01-01T00:00:01Z"), Some(1_000_000));
    }
}
