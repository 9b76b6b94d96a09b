//! Questions in words over tables in files: each becomes SQL that runs where the tables have their names.

use crate::ask::{self, AskColumn, AskDataset, Catalog, Surroundings};
use domain::ask::{Outcome, Reading};
use domain::query::{MAX_LIMIT, Query};
use domain::{Cell, Column, DataType, Error, Result, Role, names};
use jiff::civil::Date;
use semantic::{Context, Dialect, Parts, Source, Table};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Values of a column that are kept to be asked for.
const MOST_VALUES: usize = 5_000;

/// A line of the file of questions; what else stands in it is passed over.
#[derive(Debug, Deserialize)]
pub struct Question {
    pub id: String,
    pub question: String,
    /// The folder of its tables.
    pub db: String,
    /// The one table that it is about, where that is known.
    #[serde(default)]
    pub table: Option<String>,
}

/// A line of the file of answers.
#[derive(Debug, PartialEq, Serialize)]
pub struct Prediction {
    pub id: String,
    /// Null where nothing is asserted.
    pub sql: Option<String>,
    pub chart: Option<String>,
    pub outcome: Outcome,
    pub confidence: f64,
    /// What was understood, or why nothing is answered.
    pub says: String,
    /// The SQL of what is offered, the likeliest first, where nothing is asserted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// Reads the lines of a file of questions.
///
/// # Errors
/// A line that is no question is named.
pub fn questions(text: &str) -> Result<Vec<Question>> {
    let lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty());
    lines
        .map(|(i, line)| {
            serde_json::from_str(line).map_err(|e| {
                Error::invalid(format!("Line {} is no question: {e}.", i + 1))
                    .hint("Each line is an object with `id`, `question` and `db`.")
            })
        })
        .collect()
}

/// The day, in UTC, that is so many seconds after the beginning of 1970.
pub fn day_of(seconds: u64) -> Date {
    let moment = i64::try_from(seconds).ok().and_then(|s| jiff::Timestamp::from_second(s).ok()).unwrap_or_default();
    moment.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The tables of one folder.
pub struct Tables {
    catalog: Catalog,
    columns: Vec<Vec<Column>>,
    unique: Vec<Vec<Vec<String>>>,
    places: Vec<Table>,
}

impl Tables {
    /// Reads CSV files, each by its name without the ending and its text.
    ///
    /// # Errors
    /// A file that is no CSV with a header is named.
    pub fn read(files: &[(String, Vec<u8>)]) -> Result<Self> {
        let mut tables =
            Self { catalog: Catalog::default(), columns: Vec::new(), unique: Vec::new(), places: Vec::new() };
        for (name, bytes) in files {
            let dataset = dataset(name, bytes)?;
            let unique = dataset.columns.iter().filter(|c| c.is_unique).map(|c| vec![c.column.name.clone()]);
            tables.unique.push(unique.collect());
            tables.columns.push(dataset.columns.iter().map(|c| c.column.clone()).collect());
            let path = vec![name.clone()];
            tables.places.push(Table { source: String::new(), dialect: Dialect::DuckDb, path, read_as: Vec::new() });
            tables.catalog.datasets.push(dataset);
        }
        Ok(tables)
    }

    /// Answers a question.
    pub fn answer(&self, question: &Question, today: Date) -> Prediction {
        let around = Surroundings { previous: None, dataset: question.table.as_deref(), today };
        let understood = ask::understand(&question.question, &self.catalog, &around);
        let first = understood.readings.first();
        let mut says = if understood.reason.is_empty() { String::new() } else { format!("{} ", understood.reason) };
        says.push_str(first.map_or("", |r| &r.sentence));
        let planned = |r: &Reading| self.sql(&r.query, today).ok();
        let is_asserted = understood.outcome == Outcome::Answer;
        Prediction {
            id: question.id.clone(),
            sql: first.filter(|_| is_asserted).and_then(planned),
            chart: first.map(|r| ask::chart_word(r.kind, r.is_stacked, &r.query).to_owned()),
            outcome: understood.outcome,
            confidence: first.map_or(0.0, |r| r.confidence),
            says,
            choices: if is_asserted { Vec::new() } else { understood.readings.iter().filter_map(planned).collect() },
        }
    }

    fn sql(&self, query: &Query, today: Date) -> Result<String> {
        let mut query = query.clone();
        query.limit = Some(query.limit.unwrap_or(MAX_LIMIT));
        let nothing = BTreeMap::new();
        let latest: Vec<BTreeMap<String, String>> = self.catalog.datasets.iter().map(latest).collect();
        let dataset = |name: &str| -> Result<semantic::Dataset<'_>> {
            let at =
                self.catalog.datasets.iter().position(|d| d.name == name).ok_or_else(|| Error::not_found("table"))?;
            let source = Source {
                name: &self.catalog.datasets[at].name,
                columns: &self.columns[at],
                parts: Parts::Table(&self.places[at]),
            };
            Ok(semantic::Dataset {
                unique: &self.unique[at],
                latest: latest.get(at).unwrap_or(&nothing),
                ..semantic::Dataset::from(source)
            })
        };
        let base = dataset(&query.dataset)?;
        let joins = query.joins.iter().map(|j| dataset(&j.dataset)).collect::<Result<Vec<_>>>()?;
        let now = today.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| Error::internal())?.timestamp();
        let plan = semantic::plan(&query, &Context { base, joins: &joins, metrics: &[], now })?;
        Ok(semantic::written_sql(&plan))
    }
}

fn latest(dataset: &AskDataset) -> BTreeMap<String, String> {
    let times = dataset.columns.iter();
    times.filter_map(|c| Some((c.column.name.clone(), c.extent.as_ref()?.1.clone()))).collect()
}

fn dataset(name: &str, bytes: &[u8]) -> Result<AskDataset> {
    let bad = |e: csv::Error| Error::invalid(format!("The table `{name}` cannot be read: {e}."));
    let text = String::from_utf8_lossy(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header: Vec<String> =
        reader.headers().map_err(bad)?.iter().map(|h| h.trim_start_matches('\u{feff}').to_owned()).collect();
    let mut cells: Vec<Vec<String>> = vec![Vec::new(); header.len()];
    for record in reader.records() {
        let record = record.map_err(bad)?;
        for (i, column) in cells.iter_mut().enumerate() {
            column.push(record.get(i).unwrap_or_default().to_owned());
        }
    }
    let rows = cells.first().map_or(0, Vec::len);
    let columns = header.iter().zip(&cells).map(|(name, values)| column(name, values)).collect();
    Ok(AskDataset {
        name: name.to_owned(),
        label: names::to_label(name),
        columns,
        rows: Some(rows as u64),
        relationships: Vec::new(),
    })
}

/// A column with the type that its values have.
fn column(name: &str, cells: &[String]) -> AskColumn {
    let filled: Vec<&str> = cells.iter().map(String::as_str).filter(|c| !c.is_empty()).collect();
    let all = |test: &dyn Fn(&str) -> bool| !filled.is_empty() && filled.iter().all(|c| test(c));
    let ty = if all(&|c| c.trim().parse::<i64>().is_ok()) {
        DataType::Integer
    } else if all(&|c| c.trim().parse::<f64>().is_ok()) {
        DataType::Float
    } else if all(&|c| day(c).is_some()) {
        DataType::Date
    } else if all(&|c| moment(c)) {
        DataType::Timestamp
    } else if all(&|c| matches!(c.to_ascii_lowercase().as_str(), "true" | "false")) {
        DataType::Boolean
    } else {
        DataType::Text
    };
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for cell in &filled {
        *counts.entry(cell).or_default() += 1;
    }
    let distinct = counts.len();
    let mut common: Vec<(&str, usize)> = counts.into_iter().collect();
    common.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let cell = |text: &str| match ty {
        DataType::Integer => text.trim().parse().map_or(Cell::Null, Cell::Int),
        DataType::Float => text.trim().parse().map_or(Cell::Null, Cell::Float),
        _ => Cell::Text(text.to_owned()),
    };
    let role = match ty {
        ty if ty.is_time() => Role::Time,
        DataType::Integer | DataType::Float => Role::Measure,
        _ => Role::Dimension,
    };
    let extent = ty.is_time().then(|| {
        let mut days: Vec<String> = filled
            .iter()
            .filter_map(|c| day(c.get(..10).unwrap_or(c)).or_else(|| day(c)))
            .map(|d| d.to_string())
            .collect();
        days.sort_unstable();
        days.first().cloned().zip(days.last().cloned())
    });
    AskColumn {
        column: Column {
            name: name.to_owned(),
            label: names::to_label(name),
            ty,
            role,
            description: String::new(),
            format: None,
            is_calculated: false,
        },
        synonyms: Vec::new(),
        values: common.iter().take(MOST_VALUES).map(|(text, _)| cell(text)).collect(),
        distinct: Some(distinct as u64),
        is_unique: distinct == cells.len() && !cells.is_empty(),
        extent: extent.flatten(),
    }
}

/// A date of the calendar, also with a month or day of one digit.
fn day(text: &str) -> Option<Date> {
    let mut parts = text.trim().splitn(3, '-');
    let year: i16 = parts.next().filter(|y| y.len() == 4)?.parse().ok()?;
    let month: i8 = parts.next()?.parse().ok()?;
    let day: i8 = parts.next()?.parse().ok()?;
    Date::new(year, month, day).ok()
}

fn moment(text: &str) -> bool {
    let text = text.trim();
    let (Some(date), Some(rest)) = (text.get(..10), text.get(10..)) else { return false };
    let is_time = rest.strip_prefix([' ', 'T']).is_some_and(|t| {
        t.len() >= 5 && t.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | 'Z' | '+' | '-'))
    });
    date.parse::<Date>().is_ok() && (rest.is_empty() || is_time)
}
