//! Dimensions: what a question groups by.

use crate::dialect::Spelling;
use crate::path::Path;
use crate::scope::{Clock, Ref, Scope};
use crate::sql::{self, Select};
use domain::query::{Bin, Dimension, Grain};
use domain::{DataType, Result};

/// The most bins of a bin by count.
const MAX_BINS: u32 = 1_000;

/// What a dimension groups by and what it shows of it.
pub(crate) struct Group<'a> {
    pub(crate) of: Ref<'a>,
    /// The expression that groups rows.
    pub(crate) key: String,
    pub(crate) shown: Shown,
    pub(crate) ty: DataType,
    /// A column whose range the key needs: a bin by count.
    pub(crate) range: Option<Range>,
    /// Whether its values follow one another: a time, a folded time, a bin.
    pub(crate) is_ordered: bool,
    pub(crate) grain: Option<Grain>,
}

/// What is returned of a key, once a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Key,
    /// The key is local time, and the instant is shown.
    Instant,
}

impl Shown {
    pub(crate) fn of(self, key: &str, clock: &Clock<'_>) -> String {
        match self {
            Self::Key => key.to_owned(),
            Self::Instant => clock.db.to_utc(key, clock.zone),
        }
    }
}

/// The extent of a column over the rows of the question, as relation `alias` with `lo`, `hi`, `step`.
pub(crate) struct Range {
    pub(crate) alias: String,
    column: String,
    /// Whether values may be infinite, or no number at all.
    has_no_number: bool,
    /// Whole numbers: their bins have a whole width, so that each holds as many of them.
    is_whole: bool,
    bins: u32,
    db: Spelling,
}

/// Checks and prints the dimension at `index`.
pub(crate) fn group<'a>(
    scope: &mut Scope<'a>,
    dimension: &Dimension,
    index: usize,
    path: &Path<'_>,
) -> Result<Group<'a>> {
    let of = scope.column(&dimension.column, &path.key("column"))?;
    match (dimension.grain, dimension.bin) {
        (Some(_), Some(_)) => Err(path.key("bin").refuse("A dimension has a grain or a bin, not both.")),
        (Some(grain), None) => by_grain(scope, of, grain, &path.key("grain")),
        (None, Some(bin)) => by_bin(of, bin, index, scope.clock.db, &path.key("bin")),
        (None, None) => {
            let (key, ty) = (of.sql.clone(), of.column.ty);
            Ok(Group { is_ordered: ty.is_time(), ..plain(of, key, ty) })
        }
    }
}

fn plain(of: Ref<'_>, key: String, ty: DataType) -> Group<'_> {
    Group { of, shown: Shown::Key, key, ty, range: None, is_ordered: true, grain: None }
}

fn by_grain<'a>(scope: &mut Scope<'a>, of: Ref<'a>, grain: Grain, path: &Path<'_>) -> Result<Group<'a>> {
    let (name, ty) = (&of.column.name, of.column.ty);
    if !ty.is_time() {
        return Err(path
            .refuse(format!("A grain needs a date or a timestamp, but `{name}` has the type {}.", ty.as_str()))
            .hint("Use `bin` to put numbers into ranges."));
    }
    let within_a_day = matches!(grain, Grain::Second | Grain::Minute | Grain::Hour);
    if ty == DataType::Date && (within_a_day || grain == Grain::HourOfDay) {
        return Err(path.refuse(format!("`{name}` holds dates, which have no {}.", grain.as_str().replace('_', " "))));
    }
    let grained = |of: Ref<'a>, key: String, ty: DataType| Group { grain: Some(grain), ..plain(of, key, ty) };
    if grain.is_folded() {
        let key = scope.clock.db.fold(&scope.local(&of, path)?, grain);
        return Ok(grained(of, key, DataType::Integer));
    }
    let (instant, calendar, db) = (of.sql.clone(), scope.clock.calendar, scope.clock.db);
    // Offsets are whole minutes, and whole hours in most zones: there UTC's own rounding is right.
    let needs_zone = match grain {
        Grain::Second | Grain::Minute => false,
        Grain::Hour => !scope.clock.zone.has_whole_hours(),
        _ => true,
    };
    if ty == DataType::Date || !needs_zone || scope.clock.zone.is_utc() {
        return Ok(grained(of, db.truncate(&instant, grain, ty, calendar), ty));
    }
    let local = scope.local(&of, path)?;
    let rounded = db.truncate(&local, grain, ty, calendar);
    if grain == Grain::Hour {
        // Counted back from the instant, since an hour that the clock shows twice is two hours.
        let into_hour = sql::group(&sql::binary(&local, "-", &rounded));
        return Ok(grained(of, db.instant(&sql::binary(&instant, "-", &into_hour)), ty));
    }
    Ok(Group { shown: Shown::Instant, ..grained(of, rounded, ty) })
}

fn by_bin<'a>(of: Ref<'a>, bin: Bin, index: usize, db: Spelling, path: &Path<'_>) -> Result<Group<'a>> {
    let column = of.column;
    if !column.ty.is_number() {
        let (name, ty) = (&column.name, column.ty.as_str());
        return Err(path
            .refuse(format!("A bin needs numbers, but `{name}` has the type {ty}."))
            .hint("Use `grain` to round times."));
    }
    match bin {
        Bin::Width(width) if width.is_finite() && width > 0.0 => {
            let (key, ty) = by_width(&of, width, db);
            Ok(plain(of, key, ty))
        }
        Bin::Width(_) => Err(path.key("width").refuse("The width of a bin is a number above zero.")),
        Bin::Count(bins) if (1..=MAX_BINS).contains(&bins) => {
            let alias = format!("b{}", index + 1);
            let (has_no_number, is_whole) = (column.ty == DataType::Float, column.ty == DataType::Integer);
            let range = Range { alias, column: of.sql.clone(), has_no_number, is_whole, bins, db };
            let key = range.lower_edge();
            Ok(Group { range: Some(range), ..plain(of, key, DataType::Float) })
        }
        Bin::Count(_) => Err(path.key("count").refuse(format!("The number of bins is between 1 and {MAX_BINS}."))),
    }
}

/// The lower edge of a bin of fixed width. Integers in whole steps stay exact. Elsewhere the quotient
/// is rounded first, so that 0.3 lies in the bin at 0.3 and not just below it, and the edge is given
/// as many digits as the width has.
fn by_width(of: &Ref<'_>, width: f64, db: Spelling) -> (String, DataType) {
    let (column, value) = (of.column, &of.sql);
    let step = sql::number(width);
    if column.ty == DataType::Integer && width.fract() == 0.0 && width < 1e15 {
        // The cast keeps small integer types from overflowing.
        let wide = sql::cast(&step, db.bigint());
        let key = format!("{value} - ({value} % {wide} + {step}) % {step}");
        return (key, DataType::Integer);
    }
    let quotient = sql::binary(&sql::cast(value, db.double()), "/", &sql::double(width));
    let edge = sql::binary(&sql::call("floor", &[&db.round(&quotient, "9")]), "*", &sql::double(width));
    let digits = width.to_string().split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let key = if (1..=12).contains(&digits) { db.round(&edge, &digits.to_string()) } else { edge };
    (key, DataType::Float)
}

impl Range {
    /// The extent of the column over the rows of `relation`.
    pub(crate) fn relation(&self, relation: &str) -> String {
        // The extreme is converted, not every value: DuckDB knows it without reading the column.
        let end = |name: &str, alias: &str| {
            let end = match self.has_no_number {
                true => {
                    let finite = self.db.is_finite(&self.value(), DataType::Float);
                    sql::filtered(&sql::call(name, &[&self.value()]), &finite)
                }
                false => sql::cast(&sql::call(name, &[&self.column]), self.db.double()),
            };
            sql::named(&end, alias)
        };
        let ends = Select::of(vec![end("min", "lo"), end("max", "hi")], relation);
        let width = match self.is_whole {
            true => format!("greatest(1, ceil((r.hi - r.lo + 1) / {}))", self.bins),
            false => format!("(r.hi - r.lo) / {}", self.bins),
        };
        let step = sql::named(&width, "step");
        let range =
            Select::of(vec!["r.lo".to_owned(), "r.hi".to_owned(), step], sql::aliased(&sql::nested(&ends), "r"));
        sql::aliased(&sql::nested(&range), &self.alias)
    }

    fn value(&self) -> String {
        sql::cast(&self.column, self.db.double())
    }

    /// The lower edge of the bin that holds the value; of numbers that are not whole the last bin holds
    /// the maximum too.
    fn lower_edge(&self) -> String {
        let (x, b, last) = (&self.value(), &self.alias, self.bins - 1);
        let no_number = self.has_no_number.then(|| sql::not(&self.db.is_finite(x, DataType::Float)));
        let (is_top, top) = (format!("{x} >= {b}.hi"), format!("{b}.lo + {last} * {b}.step"));
        let edge = format!("{b}.lo + floor(({x} - {b}.lo) / {b}.step) * {b}.step");
        if self.is_whole {
            return edge;
        }
        let cases: Vec<(&str, &str)> =
            no_number.iter().map(|when| (when.as_str(), "NULL")).chain([(is_top.as_str(), top.as_str())]).collect();
        sql::case(&cases, &edge)
    }
}
