//! Gaps in time: a row for every period between the ends, within each series of the other dimensions.
//! The ends are those of the filter where it has them (not beyond now), else those of the data.

use crate::calc;
use crate::compare;
use crate::dialect::{Spelling, Unit};
use crate::dimension::Shown;
use crate::output::Output;
use crate::path::Path;
use crate::scope::Scope;
use crate::sql::{self, Select};
use crate::zone;
use domain::query::{Fill, Query};
use domain::{DataType, Error, ErrorCode, Result};
use jiff::{SignedDuration, Zoned};

/// The most rows that filling may make of an answer.
pub(crate) const MAX_ROWS: u64 = 100_000;
/// How the message begins that ends a question with more.
const TOO_MANY: &str = "orrery_fill_too_large";

/// The rows of a window up to the present one.
const SO_FAR: &str = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";

/// The number of the run of a value.
fn run(value: usize) -> String {
    format!("n{}", value + 1)
}

/// The gaps of a question.
pub(crate) struct Gaps {
    with: Fill,
    /// The time dimension.
    time: usize,
    ty: DataType,
    step: (u32, Unit),
    /// The first and the last period of the filter, as keys.
    ends: Option<(String, String)>,
    db: Spelling,
}

/// Checks which gaps a question wants filled.
pub(crate) fn gaps(scope: &Scope<'_>, query: &Query, outputs: &[Output]) -> Result<Option<Gaps>> {
    let Some(with) = query.fill else { return Ok(None) };
    let found = outputs.iter().enumerate().find_map(|(i, o)| {
        let dimension = o.dimension().filter(|_| o.field.grain.is_some())?;
        Some((i, o, dimension, calc::period(&o.field)?))
    });
    let Some((time, output, dimension, step)) = found else {
        return Err(Path::Root("fill")
            .refuse("Gaps can be filled only along a time with a grain.")
            .hint("Give the time dimension a grain such as month, or leave out `fill`."));
    };
    let (grain, ty) = (output.field.grain.ok_or_else(Error::internal)?, output.field.ty);
    let column = scope.find_in(dimension.table, &dimension.column).ok_or_else(Error::internal)?.1;
    let window = compare::window(scope, query, dimension.table, column).and_then(|(from, to)| {
        let now = scope.clock.now.to_zoned(scope.clock.zone.tz().clone());
        let last = to.checked_sub(SignedDuration::from_micros(1)).ok()?;
        let last = if from < now && now < last { now } else { last };
        let key = |at: &Zoned| {
            // Keys of whole days and more are local, shorter ones are instants.
            let is_local = dimension.shown == Shown::Instant || ty == DataType::Date;
            let literal = match ty {
                DataType::Date => crate::literal::date_literal(at.date()),
                _ if is_local => zone::civil(at.datetime()),
                _ => zone::timestamp(at.timestamp()),
            };
            scope.clock.db.truncate(&literal, grain, ty, scope.clock.calendar)
        };
        // Hours of half-hour zones begin at the half: there the data says where.
        let is_certain = !matches!(step.1, Unit::Hour) || scope.clock.zone.has_whole_hours();
        is_certain.then(|| (key(&from), key(&last)))
    });
    Ok(Some(Gaps { with, time, ty, step, ends: window, db: scope.clock.db }))
}

impl Gaps {
    /// The statements that fill `from`, whose columns are `keys` and `values` (with whether zero is one
    /// of theirs). The last of them has the same columns.
    pub(crate) fn statements(&self, from: &str, keys: &[String], values: &[(String, bool)]) -> Vec<sql::With> {
        let time = &keys[self.time];
        let others: Vec<&String> = keys.iter().filter(|k| *k != time).collect();
        let read = |relation: &str, name: &str| sql::column(relation, name);
        let extreme = |name: &str, least: &str, end: Option<&String>| {
            let found = sql::call(name, &[&read("g", time)]);
            end.map_or(found.clone(), |end| sql::call(least, &[&found, end]))
        };
        let ends = self.ends.as_ref();
        let lo = extreme("min", "least", ends.map(|e| &e.0));
        let hi = extreme("max", "greatest", ends.map(|e| &e.1));
        let source = sql::aliased(&sql::ident(from), "g");
        let bounds = Select::of(vec![sql::named(&lo, "lo"), sql::named(&hi, "hi")], source.clone());
        let mut with = vec![sql::kept("ends", bounds.line())];
        let series = Select {
            group: (1..=others.len()).map(|i| i.to_string()).collect(),
            ..Select::of(others.iter().map(|k| read("g", k)).collect(), source.clone())
        };
        let mut count = "1".to_owned();
        if !others.is_empty() {
            with.push(sql::kept("series", series.line()));
            count = sql::nested(&Select::of(vec!["count(*)".to_owned()], sql::ident("series")));
        }
        let periods = self.db.steps("e.lo", "e.hi", self.step);
        let rows = format!("({periods} + 1) * {count}");
        let guard = sql::case(
            &[(&format!("{rows} > {MAX_ROWS}"), &self.db.raise(TOO_MANY, &sql::cast(&rows, self.db.text())))],
            &sql::cast("e.hi", "TIMESTAMP"),
        );
        let each = self.db.series("e.lo", &guard, self.step, self.ty);
        let spine = Select::of(vec![sql::named(&each, time)], "\"ends\" AS e");
        with.push(sql::with("periods", spine.line()));

        let mut all = vec!["\"periods\" AS p".to_owned()];
        let mut items = vec![sql::column("p", time)];
        if !others.is_empty() {
            all.push("\"series\" AS s".to_owned());
            items.extend(others.iter().map(|k| read("s", k)));
        }
        with.push(sql::with("places", Select { from: all, ..Select::of(items, "") }.line()));

        let found = Select::of(vec!["g.*".to_owned(), "TRUE AS there".to_owned()], source);
        let on: Vec<(String, String)> = keys.iter().map(|k| (read("s", k), read("g", k))).collect();
        // Rows without a time have no place in it and stay as they are.
        let joined = sql::full_join("\"places\" AS s", &sql::aliased(&sql::nested(&found), "g"), &self.db.same(&on));
        let mut items: Vec<String> =
            keys.iter().map(|k| sql::named(&sql::call("coalesce", &[&read("s", k), &read("g", k)]), k)).collect();
        items.extend(values.iter().map(|(v, _)| read("g", v)));
        items.push("g.there IS NULL AS missing".to_owned());
        with.push(sql::with("spread", Select::of(items, joined).line()));
        let source = self.marked(&mut with, time, &others, values);

        let filled = values.iter().enumerate().map(|(i, (v, is_number))| {
            let value = read("g", v);
            let instead = match self.with {
                Fill::Zero if *is_number => "0".to_owned(),
                Fill::Zero | Fill::Null => return value,
                Fill::Previous => {
                    let mut within: Vec<String> = others.iter().map(|k| read("g", k)).collect();
                    let last = self.db.last_known(&value).unwrap_or_else(|| {
                        within.push(read("g", &run(i)));
                        sql::call("first_value", &[&value])
                    });
                    sql::over(&last, &within, &[sql::sort(&read("g", time), true)], SO_FAR)
                }
            };
            sql::named(&sql::case(&[("g.missing", &instead)], &value), v)
        });
        let items: Vec<String> = keys.iter().map(|k| read("g", k)).chain(filled).collect();
        with.push(sql::kept("filled", Select::of(items, sql::aliased(&sql::ident(source), "g")).line()));
        with
    }

    /// Where the database cannot look back to the last value that is one: a step that numbers, for each
    /// value, the runs that begin with one. Answers the step to read.
    fn marked(
        &self,
        with: &mut Vec<sql::With>,
        time: &str,
        others: &[&String],
        values: &[(String, bool)],
    ) -> &'static str {
        if self.with != Fill::Previous || self.db.last_known("").is_some() {
            return "spread";
        }
        let within: Vec<String> = others.iter().map(|k| sql::column("g", k)).collect();
        let order = [sql::sort(&sql::column("g", time), true)];
        let runs = values.iter().enumerate().map(|(i, (v, _))| {
            let so_far = sql::over(&sql::call("count", &[&sql::column("g", v)]), &within, &order, SO_FAR);
            sql::named(&so_far, &run(i))
        });
        let items = std::iter::once("g.*".to_owned()).chain(runs).collect();
        with.push(sql::with("marked", Select::of(items, "\"spread\" AS g").line()));
        "marked"
    }
}

/// The error that the SQL of a question ends itself with, if that is what the database's message says.
pub fn raised(message: &str) -> Option<Error> {
    message.contains(TOO_MANY).then(|| {
        Error::new(ErrorCode::QueryTooLarge, format!("Filling the gaps would give more than {MAX_ROWS} rows."))
            .hint("Use a coarser grain, a shorter period or fewer series.")
            .field("fill")
    })
}
