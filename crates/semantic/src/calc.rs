//! Calculations over the groups: running totals, shares, ranks, changes, moving averages.
//!
//! They run along one dimension, the time where there is one, within each combination of the others
//! (or of those that `within` names), over all groups: before `having` and the limit leave any out.
//! "Over the period" means the period before on the calendar, which may have no rows; "over the row"
//! means the row before.

use crate::dialect::{Spelling, Unit};
use crate::measure::Aggregate;
use crate::output::Output;
use crate::path::Path;
use crate::sql;
use domain::format::{Format, Style};
use domain::query::{Calc, CalcKind, CalcOver, Compared, Grain};
use domain::{DataType, Field, Result, Role};

/// The longest moving average.
const MAX_WINDOW: u32 = 10_000;

/// A calculation that was checked.
#[derive(Clone, Debug)]
pub(crate) struct Calculation {
    kind: CalcKind,
    /// The dimension along which it runs.
    pub(crate) axis: Option<usize>,
    /// The dimensions within which it begins afresh.
    pub(crate) within: Vec<usize>,
    /// The length of a period, where it looks at periods.
    period: Option<(u32, Unit)>,
    window: u32,
    ty: DataType,
}

impl Calculation {
    pub(crate) fn is_rank(&self) -> bool {
        self.kind == CalcKind::Rank
    }

    pub(crate) fn is_share(&self) -> bool {
        self.kind == CalcKind::Share
    }

    /// The dimensions that it neither runs along nor begins afresh in.
    pub(crate) fn free(&self, dimensions: usize) -> Vec<usize> {
        (0..dimensions).filter(|i| Some(*i) != self.axis && !self.within.contains(i)).collect()
    }
}

/// Checks a calculation of a measure over the dimensions before it, and says in `field` what its
/// values are.
pub(crate) fn check(
    calc: &Calc,
    of: &Aggregate,
    outputs: &[Output],
    field: &mut Field,
    is_named: bool,
    path: &Path<'_>,
) -> Result<Calculation> {
    use CalcKind::{Change, MovingAvg, PercentChange, Rank, RunningTotal, Share};
    let label = of.label.clone();
    if !of.ty.is_number() {
        return Err(path.refuse(format!("A calculation needs numbers; {label} is not one.")));
    }
    if calc.window.is_some() && calc.kind != MovingAvg {
        return Err(path.key("window").refuse("Only a moving average has a window."));
    }
    let window = calc.window.unwrap_or(3);
    if !(1..=MAX_WINDOW).contains(&window) {
        return Err(path.key("window").refuse(format!("The window is between 1 and {MAX_WINDOW}.")));
    }
    let is_over = matches!(calc.kind, Change | PercentChange | MovingAvg);
    if calc.over.is_some() && !is_over {
        return Err(path.key("over").refuse("Only changes and moving averages are over rows or periods."));
    }
    let refuse = |what: &str| {
        Err(path
            .key("kind")
            .refuse(format!("{label} does not add up, so it has no {what}."))
            .hint("Use a sum or a count."))
    };
    if calc.kind == RunningTotal && !of.is_sum && !(of.has_parts && of.value.is_repeated()) {
        return refuse("running total");
    }
    if calc.kind == Share && !of.has_parts {
        return refuse("share");
    }
    let (axis, within) = along(calc, outputs, path)?;
    let period = axis.and_then(|i| period(&outputs[i].field));
    let period = match calc.over {
        Some(CalcOver::Row) => None,
        Some(CalcOver::Period) if period.is_none() => {
            return Err(path
                .key("over")
                .refuse("There are periods only along a time with a grain.")
                .hint("Give the time dimension a grain such as month, or calculate over the row."));
        }
        _ => period,
    };
    let is_free = |i: &usize| outputs[*i].is_dimension() && Some(*i) != axis && !within.contains(i);
    let is_change = matches!(calc.kind, Change | PercentChange) && period.is_some();
    if let Some(free) = (0..outputs.len()).find(is_free).filter(|_| is_change) {
        let name = &outputs[free].field.name;
        return Err(path
            .key("within")
            .refuse(format!("A period has a value for each `{name}`, so there is no one value of the period before."))
            .hint(format!("Name `{name}` in `within`, or calculate over the row.")));
    }
    let (words, ty, format) = match calc.kind {
        RunningTotal => ("Running total of", of.ty, field.format.take()),
        Share => ("Share of", DataType::Float, Some(percent())),
        Rank => ("Rank by", DataType::Integer, None),
        Change => ("Change of", of.ty, field.format.take()),
        PercentChange => ("Percent change of", DataType::Float, Some(in_percent())),
        MovingAvg => ("Moving average of", DataType::Float, field.format.take()),
    };
    if !is_named {
        field.label = format!("{words} {}", lower_first(&label));
    }
    (field.ty, field.format) = (ty, format);
    Ok(Calculation { kind: calc.kind, axis, within, period, window, ty: of.ty })
}

/// The dimension along which a calculation runs, and those within which it does.
fn along(calc: &Calc, outputs: &[Output], path: &Path<'_>) -> Result<(Option<usize>, Vec<usize>)> {
    let dimensions: Vec<usize> = (0..outputs.len()).filter(|i| outputs[*i].is_dimension()).collect();
    let first = |left: &[usize]| {
        let time = left.iter().copied().find(|i| outputs[*i].field.role == Role::Time);
        time.or_else(|| left.first().copied())
    };
    let Some(names) = &calc.within else {
        let axis = first(&dimensions);
        return Ok((axis, dimensions.into_iter().filter(|i| Some(*i) != axis).collect()));
    };
    let (list, mut within) = (path.key("within"), Vec::new());
    for (i, name) in names.iter().enumerate() {
        let place = list.at(i);
        let at = crate::output::find(outputs, name, &place)?;
        if !outputs[at].is_dimension() {
            return Err(place.refuse(format!("`{}` is not a dimension.", crate::scope::shorten(name))));
        }
        if !within.contains(&at) {
            within.push(at);
        }
    }
    let left: Vec<usize> = dimensions.into_iter().filter(|i| !within.contains(i)).collect();
    Ok((first(&left), within))
}

/// How long a period of a dimension is; ungrained dates are days.
pub(crate) fn period(field: &Field) -> Option<(u32, Unit)> {
    if !field.ty.is_time() {
        return None;
    }
    match field.grain {
        Some(grain) => length(grain),
        None if field.ty == DataType::Date => Some((1, Unit::Day)),
        None => None,
    }
}

/// How long a grain is.
pub(crate) fn length(grain: Grain) -> Option<(u32, Unit)> {
    Some(match grain {
        Grain::Second => (1, Unit::Second),
        Grain::Minute => (1, Unit::Minute),
        Grain::Hour => (1, Unit::Hour),
        Grain::Day => (1, Unit::Day),
        Grain::Week => (7, Unit::Day),
        Grain::Month => (1, Unit::Month),
        Grain::Quarter => (3, Unit::Month),
        Grain::Year => (1, Unit::Year),
        Grain::HourOfDay | Grain::DayOfWeek | Grain::MonthOfYear => return None,
    })
}

/// 0.25 is a quarter.
fn percent() -> Format {
    Format { style: Style::Percent, ..Format::default() }
}

/// 25 is a quarter.
fn in_percent() -> Format {
    Format { suffix: " %".to_owned(), ..Format::default() }
}

fn lower_first(label: &str) -> String {
    let mut chars = label.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

impl Calculation {
    /// Its SQL over groups: `value` is the measure, `keys` the dimensions by their position, `rows` the
    /// order of rows where the axis has none of its own. `apart` tells rows apart that are no groups of
    /// the same level. `whole` is the measure of all groups, where adding theirs up does not give it.
    pub(crate) fn print(
        &self,
        value: &str,
        keys: &[String],
        rows: &[String],
        apart: Option<&str>,
        whole: Option<&str>,
        db: Spelling,
    ) -> String {
        let own = self.within.iter().map(|i| keys[*i].clone());
        let within: Vec<String> = own.chain(apart.map(str::to_owned)).collect();
        let over = |function: &str, order: &[String], frame: &str| sql::over(function, &within, order, frame);
        match self.kind {
            CalcKind::Share => {
                let whole = whole.map_or_else(|| over(&sql::call("sum", &[value]), &[], ""), str::to_owned);
                sql::binary(&sql::cast(value, db.double()), "/", &sql::call("nullif", &[&whole, "0"]))
            }
            CalcKind::Rank => {
                let rank = over("rank()", &[sql::sort(value, false)], "");
                sql::case(&[(&sql::is_null(value), "NULL")], &rank)
            }
            CalcKind::RunningTotal => {
                over(&sql::call("sum", &[value]), rows, "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW")
            }
            CalcKind::MovingAvg => {
                let average = sql::call("avg", &[&sql::cast(value, db.double())]);
                let before = self.window - 1;
                match self.periods(before, keys, db) {
                    Some((key, order, start)) => {
                        let frame = format!("RANGE BETWEEN {start} PRECEDING AND CURRENT ROW");
                        sql::case(&[(&sql::is_null(&key), "NULL")], &over(&average, &[order], &frame))
                    }
                    None => over(&average, rows, &format!("ROWS BETWEEN {before} PRECEDING AND CURRENT ROW")),
                }
            }
            CalcKind::Change => difference(value, &self.previous(value, keys, rows, &within, db), self.ty, db),
            CalcKind::PercentChange => percent_change(value, &self.previous(value, keys, rows, &within, db), db),
        }
    }

    /// The measure of the row or period before.
    fn previous(&self, value: &str, keys: &[String], rows: &[String], within: &[String], db: Spelling) -> String {
        match self.periods(1, keys, db) {
            Some((key, order, length)) => {
                let frame = format!("RANGE BETWEEN {length} PRECEDING AND {length} PRECEDING");
                let before = sql::over(&db.only_value(value), within, &[order], &frame);
                sql::case(&[(&sql::is_null(&key), "NULL")], &before)
            }
            None => sql::over(&sql::call("lag", &[value]), within, rows, ""),
        }
    }

    /// The key of the axis, the order along it, and the length of so many periods.
    fn periods(&self, n: u32, keys: &[String], db: Spelling) -> Option<(String, String, String)> {
        let (length, unit) = self.period?;
        let key = keys[self.axis?].clone();
        let order = sql::cast(&key, "TIMESTAMP");
        Some((key, order, db.interval(length.saturating_mul(n), unit)))
    }
}

/// `value - previous`, in a type that can be negative.
pub(crate) fn difference(value: &str, previous: &str, ty: DataType, db: Spelling) -> String {
    let signed = |v: &str| if ty == DataType::Integer { sql::cast(v, db.wide()) } else { v.to_owned() };
    sql::binary(&signed(value), "-", &signed(previous))
}

/// The change from `previous`, in percent of it; from zero there is none.
pub(crate) fn percent_change(value: &str, previous: &str, db: Spelling) -> String {
    let previous = sql::cast(previous, db.double());
    let change = sql::group(&sql::binary(&sql::cast(value, db.double()), "-", &previous));
    let quotient = sql::binary(&change, "/", &sql::call("nullif", &[&sql::call("abs", &[&previous]), "0"]));
    sql::binary(&quotient, "*", "100")
}

/// What a comparison adds for a measure.
pub(crate) fn compared(of: &Field, what: Compared, is_rank: bool) -> Field {
    let (ending, words, ty, format) = match what {
        Compared::Previous => ("previous", "previously", of.ty, of.format.clone()),
        Compared::Change => ("change", "change", of.ty, of.format.clone()),
        Compared::PercentChange => ("percent_change", "percent change", DataType::Float, Some(in_percent())),
    };
    let format = if is_rank { None } else { format };
    Field { name: format!("{}_{ending}", of.name), label: format!("{}, {words}", of.label), ty, format, ..of.clone() }
}
