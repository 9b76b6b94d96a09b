//! A question in words: "average departure delay by month and carrier, JFK and LGA, last 3 months of
//! data". It says what was asked, in the labels of the schema; it decides nothing.

use super::{
    Agg, AsOf, Calc, CalcKind, CalcOver, CompareTo, Condition, Dimension, Dir, Fill, Filter, Measure, Op, Query,
    Relative, RelativeOf, RelativeUnit, TopN,
};
use crate::names;
use serde_json::Value;

/// Values of a list that are named before the rest is counted.
const SHOWN_VALUES: usize = 5;
/// Columns of raw rows that are named before the rest is counted.
const SHOWN_COLUMNS: usize = 4;
/// How deep groups of conditions are told.
const SHOWN_DEPTH: usize = 4;

/// The question in words. `label` is what people call a column, or a metric.
pub fn sentence(query: &Query, label: &dyn Fn(&str) -> Option<String>) -> String {
    let words = Words { query, label };
    let mut parts = vec![words.subject()];
    if let Some(filter) = &query.filter {
        parts.extend(words.outer(filter));
    }
    if let Some(having) = &query.having {
        parts.push(format!("only where {}", words.filter(having, 1)));
    }
    if let Some(compare) = &query.compare {
        parts.push(match compare.to {
            CompareTo::PreviousPeriod => "compared with the period before".to_owned(),
            CompareTo::PreviousYear => "compared with the same time last year".to_owned(),
        });
    }
    match query.fill {
        Some(Fill::Zero) => parts.push("gaps as zero".to_owned()),
        Some(Fill::Previous) => parts.push("gaps as the value before".to_owned()),
        Some(Fill::Null) => parts.push("with the gaps".to_owned()),
        None => {}
    }
    for (at, order) in query.order.iter().enumerate() {
        let name = words.output(&order.by);
        let way = if order.dir == Dir::Desc { "largest" } else { "smallest" };
        parts.push(if at == 0 { format!("{way} {name} first") } else { format!("then {way} {name}") });
    }
    if let Some(limit) = query.limit.filter(|_| !query.order.is_empty()) {
        parts.push(if limit == 1 { "the first row".to_owned() } else { format!("the first {limit} rows") });
    }
    parts.retain(|p| !p.is_empty());
    parts.join(", ")
}

struct Words<'a> {
    query: &'a Query,
    label: &'a dyn Fn(&str) -> Option<String>,
}

impl Words<'_> {
    /// What is asked for, by what.
    fn subject(&self) -> String {
        let query = self.query;
        let name = |c: &String| self.column(c);
        if !query.columns.is_empty() {
            let mut columns: Vec<String> = query.columns.iter().take(SHOWN_COLUMNS).map(name).collect();
            if let Some(more) = query.columns.len().checked_sub(SHOWN_COLUMNS).filter(|more| *more > 0) {
                columns.push(format!("{more} more columns"));
            }
            return format!("rows with {}", list(&columns, "and"));
        }
        let measures: Vec<String> = query.measures.iter().map(|m| self.measure(m, 1)).collect();
        let dimensions: Vec<String> = query.dimensions.iter().map(|d| self.dimension(d)).collect();
        match (measures.is_empty(), dimensions.is_empty()) {
            (true, true) => "nothing yet".to_owned(),
            (true, false) => format!("each {}", list(&dimensions, "and")),
            (false, true) => list(&measures, "and"),
            (false, false) => format!("{} by {}", list(&measures, "and"), list(&dimensions, "and")),
        }
    }

    fn column(&self, name: &str) -> String {
        let known = (self.label)(name);
        let label = known.unwrap_or_else(|| names::to_label(name.rsplit('.').next().unwrap_or(name)));
        lower_first(&label)
    }

    /// A time by grain is called by its grain, where that is clear.
    fn dimension(&self, dimension: &Dimension) -> String {
        let name = self.column(&dimension.column);
        if let Some(grain) = dimension.grain {
            let words = grain.as_str().replace('_', " ");
            let times = self.query.dimensions.iter().filter(|d| d.grain.is_some()).map(|d| &d.column);
            let is_clear = times.clone().all(|c| *c == dimension.column);
            return if is_clear { words } else { format!("{words} of {name}") };
        }
        if dimension.bin.is_some() { format!("ranges of {name}") } else { name }
    }

    fn measure(&self, measure: &Measure, depth: usize) -> String {
        let plain = if let Some(alias) = &measure.alias {
            lower_first(&names::to_label(alias))
        } else if let Some(metric) = &measure.metric {
            lower_first(&(self.label)(metric).unwrap_or_else(|| names::to_label(metric)))
        } else {
            self.aggregate(measure, depth)
        };
        match &measure.calc {
            Some(calc) => self.calc(calc, &plain),
            None => plain,
        }
    }

    fn aggregate(&self, measure: &Measure, depth: usize) -> String {
        let of = measure.column.as_deref().map(|c| self.column(c));
        let Some(agg) = measure.agg else { return "value".to_owned() };
        match (agg, of) {
            (Agg::Count, None) => "number of rows".to_owned(),
            (Agg::Count, Some(of)) => format!("number of {of} values"),
            (Agg::CountDistinct, Some(of)) => format!("number of different {of} values"),
            (Agg::Sum, Some(of)) => format!("total {of}"),
            (Agg::CountIf, _) => match &measure.filter {
                Some(filter) => format!("number of rows where {}", self.filter(filter, 1)),
                None => "number of rows".to_owned(),
            },
            (Agg::Ratio, _) if depth < SHOWN_DEPTH => {
                let side = |m: &Option<Box<Measure>>| {
                    m.as_deref().map_or_else(|| "nothing".to_owned(), |m| self.measure(m, depth + 1))
                };
                format!("{} per {}", side(&measure.numerator), side(&measure.denominator))
            }
            (Agg::Percentile, Some(of)) => {
                format!("percentile {} of {of}", measure.p.map_or_else(String::new, |p| p.to_string()))
            }
            (agg, Some(of)) => format!("{} {of}", lower_first(&agg.label())),
            (agg, None) => lower_first(&agg.label()),
        }
    }

    fn calc(&self, calc: &Calc, of: &str) -> String {
        let over = if calc.over == Some(CalcOver::Row) { " from row to row" } else { "" };
        match calc.kind {
            CalcKind::RunningTotal => format!("running total of {of}"),
            CalcKind::Share => format!("share of {of}"),
            CalcKind::Rank => format!("rank by {of}"),
            CalcKind::Change => format!("change of {of}{over}"),
            CalcKind::PercentChange => format!("percent change of {of}{over}"),
            CalcKind::MovingAvg => format!("moving average of {of} over {}", calc.window.unwrap_or(3)),
        }
    }

    /// An output as it was called in the subject.
    fn output(&self, name: &str) -> String {
        let measure = self.query.measures.iter().find(|m| m.output_name() == name);
        let dimension = self.query.dimensions.iter().find(|d| d.alias.as_deref() == Some(name) || d.column == name);
        match (measure, dimension) {
            (Some(measure), _) => self.measure(measure, 1),
            (None, Some(dimension)) => self.dimension(dimension),
            (None, None) => self.column(name),
        }
    }

    /// The conditions that all hold, one after the other; the date comes last.
    fn outer(&self, filter: &Filter) -> Vec<String> {
        let Filter::And(all) = filter else { return vec![self.filter(filter, 1)] };
        let is_date = |f: &&Filter| matches!(f, Filter::Is(test) if test.op == Op::Relative);
        let (dates, others): (Vec<&Filter>, Vec<&Filter>) = all.iter().partition(is_date);
        others.into_iter().chain(dates).map(|f| self.filter(f, 1)).collect()
    }

    fn filter(&self, filter: &Filter, depth: usize) -> String {
        let (all, word) = match filter {
            Filter::Is(test) => return self.condition(test),
            Filter::And(all) => (all, "and"),
            Filter::Or(any) => (any, "or"),
        };
        if depth > SHOWN_DEPTH {
            return "other conditions".to_owned();
        }
        let parts: Vec<String> = all.iter().map(|f| self.filter(f, depth + 1)).filter(|p| !p.is_empty()).collect();
        let text = parts.join(&format!(" {word} "));
        if parts.len() > 1 && depth > 1 { format!("({text})") } else { text }
    }

    fn condition(&self, test: &Condition) -> String {
        let name = self.output(&test.column);
        let one = || value(&test.value);
        let many = |word: &str| match &test.value {
            Value::Array(all) => {
                let mut shown: Vec<String> = all.iter().take(SHOWN_VALUES).map(value).collect();
                if all.len() > SHOWN_VALUES {
                    shown.push(format!("{} more", all.len() - SHOWN_VALUES));
                }
                list(&shown, word)
            }
            other => value(other),
        };
        // A name says by itself what it is; a number does not.
        let speaks = |v: &Value| match v {
            Value::String(text) => !text.starts_with(|c: char| c.is_ascii_digit()),
            Value::Array(all) => {
                !all.is_empty()
                    && all.iter().all(|v| matches!(v, Value::String(t) if !t.starts_with(|c: char| c.is_ascii_digit())))
            }
            _ => false,
        };
        match test.op {
            Op::Eq if test.value.is_null() => format!("no {name}"),
            Op::Ne if test.value.is_null() => format!("any {name}"),
            Op::Eq if speaks(&test.value) => one(),
            Op::In if speaks(&test.value) => many("and"),
            Op::Eq => format!("{name} {}", one()),
            Op::In => format!("{name} {}", many("or")),
            Op::Ne => format!("{name} not {}", one()),
            Op::NotIn => format!("{name} neither {}", many("nor")),
            Op::Gt => format!("{name} above {}", one()),
            Op::Gte => format!("{name} at least {}", one()),
            Op::Lt => format!("{name} below {}", one()),
            Op::Lte => format!("{name} at most {}", one()),
            Op::Between => format!("{name} from {}", many("to")),
            Op::NotBetween => format!("{name} not from {}", many("to")),
            Op::Contains => format!("{name} contains {}", one()),
            Op::NotContains => format!("{name} does not contain {}", one()),
            Op::StartsWith => format!("{name} starts with {}", one()),
            Op::EndsWith => format!("{name} ends with {}", one()),
            Op::IsNull => format!("no {name}"),
            Op::IsNotNull => format!("any {name}"),
            Op::IsTrue => name,
            Op::IsFalse => format!("not {name}"),
            Op::Relative => match serde_json::from_value::<Relative>(test.value.clone()) {
                Ok(relative) => stretch(&relative),
                Err(_) => format!("{name} at some time"),
            },
            Op::TopN => match serde_json::from_value::<TopN>(test.value.clone()) {
                Ok(top) => {
                    let others = if top.others { " and the others" } else { "" };
                    format!("top {} {name} by {}{others}", top.n, self.output(&top.by))
                }
                Err(_) => format!("top {name}"),
            },
        }
    }
}

/// "last 3 months of data".
fn stretch(relative: &Relative) -> String {
    let unit = match relative.unit {
        RelativeUnit::Minute => "minute",
        RelativeUnit::Hour => "hour",
        RelativeUnit::Day => "day",
        RelativeUnit::Week => "week",
        RelativeUnit::Month => "month",
        RelativeUnit::Quarter => "quarter",
        RelativeUnit::Year => "year",
    };
    let several = |word: &str| {
        let running = if relative.include_current { " and this one" } else { "" };
        if relative.n == 1 {
            format!("{word} {unit}{running}")
        } else {
            format!("{word} {} {unit}s{running}", relative.n)
        }
    };
    let when = match relative.of {
        RelativeOf::Previous => several("last"),
        RelativeOf::Next => several("next"),
        RelativeOf::Current => format!("this {unit}"),
        RelativeOf::ToDate => format!("{unit} to date"),
    };
    let ago = match relative.offset {
        0 => String::new(),
        n @ 1.. => format!(", {n} {unit}{} before", if n == 1 { "" } else { "s" }),
        n => format!(", {} {unit}{} later", n.unsigned_abs(), if n == -1 { "" } else { "s" }),
    };
    let of_data = if relative.as_of == AsOf::Latest { " of data" } else { "" };
    format!("{when}{ago}{of_data}")
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) if text.is_empty() => "empty text".to_owned(),
        Value::String(text) => text.chars().take(60).collect(),
        Value::Bool(true) => "true".to_owned(),
        Value::Bool(false) => "false".to_owned(),
        other => other.to_string().chars().take(60).collect(),
    }
}

/// "a, b and c".
fn list(parts: &[String], word: &str) -> String {
    match parts {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} {word} {last}", all.join(", ")),
    }
}

/// "Departure delay" within a sentence; "USD" and "IATA code" as they are.
fn lower_first(label: &str) -> String {
    let mut chars = label.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(_), Some(second)) if second.is_uppercase() || second.is_ascii_digit() => label.to_owned(),
        (Some(first), _) => first.to_lowercase().chain(chars).collect(),
        (None, _) => String::new(),
    }
}
