//! How a column of texts is read as a type: strictly, so that no value changes silently.

use super::dates::{CLOCKS, DATES};
use super::values::MISSING;
use crate::load::source::Target;
use crate::types;
use domain::DataType;
use semantic::sql::text;

/// What a person said about the whole file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Formats {
    pub(crate) comma: Option<bool>,
    pub(crate) date: Option<String>,
    pub(crate) stamp: Option<String>,
}

/// What the texts of a column are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    Text,
    Boolean,
    Integer,
    /// Whole numbers that need more than 64 bits, or decimals with more digits than a double has.
    Exact,
    Float,
    /// Index in [`DATES`].
    Date(usize),
    /// Date and clock forms; none for ISO 8601 with or without an offset.
    Stamp(Option<(usize, usize)>),
    Time,
}

/// How to read a column of texts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Traits {
    pub(crate) shape: Shape,
    /// 1.234,56 rather than 1,234.56.
    pub(crate) comma: bool,
    pub(super) group: Option<char>,
    pub(super) symbol: bool,
    /// Blanks stand around values, or instead of them.
    pub(super) padded: bool,
    /// Texts that mean "missing".
    pub(super) missing: Vec<&'static str>,
    pub(crate) whole: u8,
    pub(crate) fraction: u8,
}

impl Traits {
    /// A column of plain text.
    pub(crate) fn plain(shape: Shape) -> Self {
        Self {
            shape,
            comma: false,
            group: None,
            symbol: false,
            padded: false,
            missing: Vec::new(),
            whole: 0,
            fraction: 0,
        }
    }

    /// Takes a shape that more values have.
    pub(crate) fn become_wider(&mut self, shape: Shape) {
        self.shape = shape;
        if shape == Shape::Exact {
            self.whole = 38;
            self.fraction = 0;
        }
    }

    pub(crate) fn data_type(&self) -> DataType {
        match self.shape {
            Shape::Text => DataType::Text,
            Shape::Boolean => DataType::Boolean,
            Shape::Integer => DataType::Integer,
            Shape::Exact => DataType::Decimal,
            Shape::Float => DataType::Float,
            Shape::Date(_) => DataType::Date,
            Shape::Stamp(_) => DataType::Timestamp,
            Shape::Time => DataType::Time,
        }
    }

    /// DuckDB's pattern of its dates or timestamps, where they are not ISO 8601.
    pub(crate) fn pattern(&self) -> Option<String> {
        match self.shape {
            Shape::Date(form) => DATES[form].pattern.map(str::to_owned),
            Shape::Stamp(Some((date, clock))) => Some(format!("{} {}", DATES[date].pattern?, CLOCKS[clock])),
            _ => None,
        }
    }

    /// The column stored as the type a person wants, else as what it is.
    pub(crate) fn target(
        &self,
        at: usize,
        name: String,
        raw: &str,
        want: Option<DataType>,
        formats: &Formats,
    ) -> Target {
        let ty = want.unwrap_or_else(|| self.data_type());
        if matches!(ty, DataType::Text | DataType::Other) {
            return Target {
                name,
                ty,
                expr: raw.to_owned(),
                check: None,
                source: Some(at),
                chosen: want.is_some(),
                role: None,
            };
        }
        let base = self.base(raw);
        let expr = self.expression(&base, ty, formats);
        Target { name, ty, expr, check: Some(base), source: Some(at), chosen: want.is_some(), role: None }
    }

    /// The text, NULL where it means "missing".
    fn base(&self, raw: &str) -> String {
        // A column that was not seen to be of a type but shall be: any of the words may stand in it.
        let words = if self.shape == Shape::Text { MISSING } else { &self.missing };
        let bare =
            if self.padded || self.shape == Shape::Text { format!("nullif(trim({raw}), '')") } else { raw.to_owned() };
        if words.is_empty() {
            return bare;
        }
        let list: Vec<String> = words.iter().filter_map(|w| text(w).ok()).collect();
        format!("(CASE WHEN trim({raw}) IN ({}) THEN NULL ELSE {bare} END)", list.join(", "))
    }

    fn expression(&self, base: &str, ty: DataType, formats: &Formats) -> String {
        let pattern = |own: Option<String>, said: &Option<String>, applies: bool| {
            if applies { own } else { said.clone() }.and_then(|p| text(&p).ok())
        };
        match ty {
            DataType::Boolean => format!("CAST(trim({base}) AS BOOLEAN)"),
            DataType::Integer => {
                let number = self.digits(base);
                // A cast would round 1.5 and would make 7 of 007.
                format!(
                    "CASE WHEN contains({number}, '.') OR (prefix({number}, '0') AND length({number}) > 1) \
                     THEN CAST(concat({number}, ' is not whole') AS BIGINT) ELSE CAST({number} AS BIGINT) END"
                )
            }
            DataType::Float => format!("CAST({} AS DOUBLE)", self.digits(base)),
            DataType::Decimal => {
                let (number, scale) = (self.digits(base), self.scale());
                let known = self.shape != Shape::Text && self.whole.saturating_add(scale) <= 16;
                let width = if known { 18 } else { 38 };
                format!(
                    "CASE WHEN length(split_part({number}, '.', 2)) > {scale} \
                     THEN CAST(concat({number}, ' is too fine') AS DECIMAL({width},{scale})) \
                     ELSE CAST({number} AS DECIMAL({width},{scale})) END"
                )
            }
            DataType::Date => {
                let detected = matches!(self.shape, Shape::Date(_) | Shape::Stamp(_));
                match pattern(self.pattern(), &formats.date, detected) {
                    Some(pattern) => format!("CAST(strptime(trim({base}), {pattern}) AS DATE)"),
                    // A cast would drop a time of day.
                    None if want_strict(self.shape) => format!(
                        "CASE WHEN contains({base}, ':') THEN CAST(concat({base}, ' has a time') AS DATE) \
                         ELSE CAST({base} AS DATE) END"
                    ),
                    None => format!("CAST({base} AS DATE)"),
                }
            }
            DataType::Timestamp => {
                let detected = matches!(self.shape, Shape::Date(_) | Shape::Stamp(_));
                match pattern(self.pattern(), &formats.stamp, detected) {
                    Some(pattern) => format!("CAST(strptime(trim({base}), {pattern}) AS TIMESTAMP)"),
                    // DuckDB's cast to TIMESTAMP ignores an offset.
                    None => format!(
                        "CASE WHEN length({base}) = 19 AND {base}[17] = ':' THEN CAST({base} AS TIMESTAMP) \
                         ELSE CAST({base} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END"
                    ),
                }
            }
            DataType::Time => format!("CAST({base} AS TIME)"),
            DataType::Text | DataType::Other => base.to_owned(),
        }
    }

    /// Digits behind the point that are kept.
    fn scale(&self) -> u8 {
        match self.shape {
            Shape::Integer | Shape::Float | Shape::Exact => self.fraction.min(38 - self.whole.min(38)),
            _ => 6,
        }
    }

    /// The text as a number that DuckDB reads: without currency and groups, with a point.
    fn digits(&self, base: &str) -> String {
        let mut out = base.to_owned();
        if self.symbol {
            out = format!("regexp_replace({out}, '[$€£¥\\s]', '', 'g')");
        }
        let group = self.group.or((self.comma && self.shape == Shape::Text).then_some('.'));
        if let Some(group) = group
            && let Ok(group) = text(&group.to_string())
        {
            out = format!("replace({out}, {group}, '')");
        }
        if self.comma {
            out = format!("replace({out}, ',', '.')");
        }
        out
    }

    /// The type a column turns out to have beyond its sample, given how many of its values each
    /// wider type reads: `(sql that counts misfits, shape)`, narrowest first.
    pub(crate) fn wider(&self, raw: &str) -> Vec<(String, Shape)> {
        let base = self.base(raw);
        let misfits =
            |fits: String| format!("count(*) FILTER (WHERE ({base}) IS NOT NULL AND NOT coalesce({fits}, false))");
        let number = self.digits(&base);
        match self.shape {
            Shape::Integer => vec![
                (misfits(format!("regexp_full_match({number}, '[+-]?([1-9][0-9]{{0,37}}|0)')")), Shape::Exact),
                (misfits(format!("regexp_full_match({number}, '[0-9]+')")), Shape::Text),
                (
                    misfits(format!(
                        "TRY_CAST({number} AS DOUBLE) IS NOT NULL AND NOT regexp_matches({number}, '^0[0-9]')"
                    )),
                    Shape::Float,
                ),
            ],
            Shape::Exact => {
                vec![(misfits(format!("regexp_full_match({number}, '[+-]?[0-9]+(\\.[0-9]+)?')")), Shape::Text)]
            }
            Shape::Date(0) => {
                vec![(misfits(format!("TRY_CAST({base} AS TIMESTAMPTZ) IS NOT NULL")), Shape::Stamp(None))]
            }
            _ => Vec::new(),
        }
    }
}

fn want_strict(shape: Shape) -> bool {
    matches!(shape, Shape::Date(_))
}

/// A word for what a value should have been.
pub(crate) fn noun(ty: DataType) -> &'static str {
    types::noun(ty)
}
