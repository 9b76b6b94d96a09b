//! A tree to SQL, each part with its type.

use super::Fault;
use super::functions::{FUNCTIONS, Function, Gives, Kind, UNITS};
use super::parser::{Expr, Node};
use crate::calendar::Calendar;
use crate::dialect::Spelling;
use crate::scope::Clock;
use crate::sql::{self, binary, call, cast, group};
use crate::{literal, zone};
use domain::{DataType, names};

/// The most arguments of one call.
const MAX_ARGUMENTS: usize = 100;

/// SQL and its type; nothing (`null`) fits every type.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) sql: String,
    pub(super) ty: Option<DataType>,
}

/// An argument of a function.
pub(super) struct Argument<'a> {
    pub(super) sql: String,
    pub(super) ty: Option<DataType>,
    /// The literal text that it is.
    text: Option<&'a str>,
    clock: Clock<'a>,
}

impl Argument<'_> {
    /// The literal text that it is.
    pub(super) fn word(&self) -> &str {
        self.text.unwrap_or_default()
    }

    pub(super) fn db(&self) -> Spelling {
        self.clock.db
    }

    pub(super) fn calendar(&self) -> Calendar {
        self.clock.calendar
    }

    fn is_zoned(&self) -> bool {
        self.ty == Some(DataType::Timestamp) && !self.clock.zone.is_utc()
    }

    /// A timestamp as the clocks of the question's zone show it.
    pub(super) fn local(&self) -> String {
        if self.is_zoned() { self.db().to_local_once(&self.sql, self.clock.zone) } else { self.sql.clone() }
    }

    /// The same, where a date is its midnight.
    pub(super) fn moment(&self) -> String {
        if self.ty == Some(DataType::Date) { cast(&self.sql, "TIMESTAMP") } else { self.local() }
    }

    /// What the clocks of the zone show as an instant.
    pub(super) fn instant(&self, local: &str) -> String {
        if self.is_zoned() { self.db().to_utc(local, self.clock.zone) } else { local.to_owned() }
    }
}

pub(super) struct Printer<'p, 'c> {
    pub(super) clock: &'p Clock<'c>,
    pub(super) names: &'p [&'p str],
    pub(super) find: &'p mut dyn FnMut(&str) -> Option<(String, DataType)>,
}

impl Printer<'_, '_> {
    pub(super) fn print(&mut self, expr: &Expr) -> Result<Typed, Fault> {
        let typed = |sql: String, ty: DataType| Ok(Typed { sql, ty: Some(ty) });
        match &expr.node {
            Node::Number(digits) => number(digits, expr),
            Node::Text(text) => typed(sql::text(text).map_err(|e| Fault::new(&expr.at, e.message))?, DataType::Text),
            Node::Bool(value) => typed(if *value { "TRUE" } else { "FALSE" }.to_owned(), DataType::Boolean),
            Node::Null => Ok(Typed { sql: "NULL".to_owned(), ty: None }),
            Node::Column(name) => self.column(name, expr),
            Node::Not(inner) => {
                let inner = self.of_type(inner, DataType::Boolean, "`not`")?;
                typed(group(&sql::not(&inner)), DataType::Boolean)
            }
            Node::Minus(inner) => {
                let value = self.number(inner, "The minus sign")?;
                Ok(Typed { sql: group(&format!("-{}", value.sql)), ty: value.ty })
            }
            Node::Binary(op @ ("and" | "or"), a, b) => {
                let what = format!("`{op}`");
                let (a, b) = (self.of_type(a, DataType::Boolean, &what)?, self.of_type(b, DataType::Boolean, &what)?);
                typed(group(&binary(&a, &op.to_uppercase(), &b)), DataType::Boolean)
            }
            Node::Binary(op @ ("+" | "-" | "*" | "/" | "%"), a, b) => self.arithmetic(op, a, b),
            Node::Binary(op, a, b) => {
                let (left, right) = (self.print(a)?, self.print(b)?);
                common(&[&left, &right]).ok_or_else(|| misfit(expr, &left, &right, "cannot be compared"))?;
                let op = match *op {
                    "!=" => "<>",
                    "==" => "=",
                    other => other,
                };
                let texts = op.starts_with(['<', '>']) && op != "<>" && left.ty == Some(DataType::Text);
                let left = if texts { self.clock.db.ordered(&left.sql, DataType::Text) } else { left.sql };
                typed(group(&binary(&left, op, &right.sql)), DataType::Boolean)
            }
            Node::IsNull(inner, negated) => {
                let inner = self.print(inner)?.sql;
                let test = if *negated { sql::is_not_null(&inner) } else { sql::is_null(&inner) };
                typed(group(&test), DataType::Boolean)
            }
            Node::In(inner, list, negated) => {
                let value = self.print(inner)?;
                let mut all = Vec::with_capacity(list.len());
                for each in list {
                    let one = self.print(each)?;
                    common(&[&value, &one]).ok_or_else(|| misfit(each, &value, &one, "cannot be compared"))?;
                    all.push(one.sql);
                }
                let op = if *negated { "NOT IN" } else { "IN" };
                typed(group(&sql::within(&value.sql, op, &all)), DataType::Boolean)
            }
            Node::Call(name, args) => self.call(name, args, expr),
            Node::Case(whens, other) => {
                let mut tests = Vec::new();
                let mut values = Vec::new();
                for (test, value) in whens {
                    tests.push(self.of_type(test, DataType::Boolean, "`when`")?);
                    values.push((self.print(value)?, value));
                }
                if let Some(other) = other {
                    values.push((self.print(other)?, other));
                }
                let ty = self.common_of(&values)?;
                let pairs: Vec<(&str, &str)> =
                    tests.iter().zip(&values).map(|(t, (v, _))| (t.as_str(), v.sql.as_str())).collect();
                let otherwise = if other.is_some() { values.last().map_or("NULL", |(v, _)| &v.sql) } else { "NULL" };
                Ok(Typed { sql: group(&sql::case(&pairs, otherwise)), ty })
            }
        }
    }

    fn column(&mut self, name: &str, expr: &Expr) -> Result<Typed, Fault> {
        if let Some((sql, ty)) = (self.find)(name) {
            return Ok(Typed { sql, ty: Some(ty) });
        }
        let short = crate::scope::shorten(name);
        let fault = Fault::new(&expr.at, format!("There is no column `{short}`."));
        Err(match names::nearest(&short, self.names.iter().copied()) {
            Some(near) if near != name => fault.hint(format!("Did you mean `{near}`?")),
            _ => fault.hint("Text stands in single quotes, a column's name in double ones."),
        })
    }

    fn of_type(&mut self, expr: &Expr, wanted: DataType, what: &str) -> Result<String, Fault> {
        let found = self.print(expr)?;
        match found.ty {
            Some(ty) if ty != wanted => {
                Err(Fault::new(&expr.at, format!("{what} needs a {}, but this is {}.", words(wanted), words(ty))))
            }
            _ => Ok(found.sql),
        }
    }

    fn number(&mut self, expr: &Expr, what: &str) -> Result<Typed, Fault> {
        let found = self.print(expr)?;
        match found.ty {
            Some(ty) if !ty.is_number() => {
                let fault = Fault::new(&expr.at, format!("{what} needs a number, but this is {}.", words(ty)));
                Err(match ty {
                    DataType::Text => fault.hint("Join texts with concat, or read a number with to_number."),
                    _ if ty.is_time() => fault.hint("Use date_add and date_diff with times."),
                    _ => fault,
                })
            }
            _ => Ok(found),
        }
    }

    fn arithmetic(&mut self, op: &str, a: &Expr, b: &Expr) -> Result<Typed, Fault> {
        let what = format!("`{op}`");
        let (left, right) = (self.number(a, &what)?, self.number(b, &what)?);
        let both = common(&[&left, &right]).unwrap_or(Some(DataType::Float));
        let db = self.clock.db;
        let as_double = |v: &Typed| cast(&v.sql, db.double());
        let is_whole = both == Some(DataType::Integer);
        // Small integer types would overflow among themselves, and decimals run out of digits.
        let wide = |v: &Typed| if is_whole { cast(&v.sql, db.bigint()) } else { v.sql.clone() };
        let never_zero = |sql: String| call("nullif", &[&sql, "0"]);
        let (sql, ty) = match op {
            "/" => (binary(&as_double(&left), "/", &never_zero(as_double(&right))), Some(DataType::Float)),
            "%" if is_whole => (binary(&wide(&left), "%", &never_zero(wide(&right))), both),
            "%" => (db.remainder(&as_double(&left), &never_zero(as_double(&right))), Some(DataType::Float)),
            "*" if !is_whole => (binary(&as_double(&left), "*", &as_double(&right)), Some(DataType::Float)),
            _ if both == Some(DataType::Float) => (binary(&as_double(&left), op, &as_double(&right)), both),
            _ => (binary(&wide(&left), op, &wide(&right)), both),
        };
        Ok(Typed { sql: group(&sql), ty })
    }

    fn common_of(&self, values: &[(Typed, &Expr)]) -> Result<Option<DataType>, Fault> {
        let mut so_far = Typed { sql: String::new(), ty: None };
        for (value, expr) in values {
            let ty = common(&[&so_far, value]).ok_or_else(|| misfit(expr, &so_far, value, "do not go together"))?;
            so_far.ty = ty;
        }
        Ok(so_far.ty)
    }

    fn call(&mut self, name: &str, args: &[Expr], expr: &Expr) -> Result<Typed, Fault> {
        let lower = name.to_lowercase();
        let Some(function) = FUNCTIONS.iter().find(|f| f.name == lower) else {
            let fault = Fault::new(&expr.at, format!("There is no function `{}`.", crate::scope::shorten(name)));
            return Err(match names::nearest(&lower, FUNCTIONS.iter().map(|f| f.name)) {
                Some(near) => fault.hint(format!("Did you mean `{near}`?")),
                None => fault,
            });
        };
        let most = if function.repeats { MAX_ARGUMENTS } else { function.takes.len() };
        if args.len() < function.least || args.len() > most {
            let fault = Fault::new(&expr.at, format!("`{lower}` does not take {} arguments.", args.len()));
            return Err(fault.hint(format!("Write {}, such as {}.", function.signature, function.example)));
        }
        match function.name {
            "today" => {
                let day = self.clock.now.to_zoned(self.clock.zone.tz().clone()).date();
                return Ok(Typed { sql: literal::date_literal(day), ty: Some(DataType::Date) });
            }
            "now" => {
                // To the minute, so that answers can be used again.
                let seconds = self.clock.now.as_second().div_euclid(60) * 60;
                let minute = jiff::Timestamp::from_second(seconds).unwrap_or(self.clock.now);
                return Ok(Typed { sql: zone::timestamp(minute), ty: Some(DataType::Timestamp) });
            }
            _ => {}
        }
        let mut given = Vec::with_capacity(args.len());
        for (i, arg) in args.iter().enumerate() {
            let kind = function.takes.get(i).or(function.takes.last()).copied().unwrap_or(Kind::Any);
            given.push((self.argument(function, kind, arg)?, arg));
        }
        let ty = match function.gives {
            Gives::Always(ty) => Some(ty),
            Gives::Common(from) => {
                let upto = if function.repeats { args.len() } else { last_common(function) };
                self.common_of(&given[from..given.len().min(upto)])?
            }
        };
        let clock = *self.clock;
        let arguments: Vec<Argument<'_>> = given
            .into_iter()
            .map(|(t, arg)| {
                let text = if let Node::Text(text) = &arg.node { Some(text.as_str()) } else { None };
                Argument { sql: t.sql, ty: t.ty, text, clock }
            })
            .collect();
        Ok(Typed { sql: group(&(function.sql)(&arguments)), ty })
    }

    fn argument(&mut self, function: &Function, kind: Kind, arg: &Expr) -> Result<Typed, Fault> {
        let what = format!("`{}`", function.name);
        match kind {
            Kind::Any => self.print(arg),
            Kind::Number => self.number(arg, &what),
            Kind::Whole => {
                let sql = self.of_type(arg, DataType::Integer, &what)?;
                Ok(Typed { sql, ty: Some(DataType::Integer) })
            }
            Kind::Words => {
                let sql = self.of_type(arg, DataType::Text, &what)?;
                Ok(Typed { sql, ty: Some(DataType::Text) })
            }
            Kind::Test => {
                let sql = self.of_type(arg, DataType::Boolean, &what)?;
                Ok(Typed { sql, ty: Some(DataType::Boolean) })
            }
            Kind::When => {
                let found = self.print(arg)?;
                match found.ty {
                    Some(ty) if ty.is_time() => Ok(found),
                    None => Ok(Typed { sql: cast(&found.sql, "TIMESTAMP"), ty: Some(DataType::Timestamp) }),
                    Some(ty) => {
                        let fault = Fault::new(
                            &arg.at,
                            format!("{what} needs a date or a timestamp, but this is {}.", words(ty)),
                        );
                        Err(if ty == DataType::Text { fault.hint("Read one with to_date.") } else { fault })
                    }
                }
            }
            Kind::Period => match &arg.node {
                Node::Text(unit) if UNITS.contains(&unit.as_str()) => Ok(Typed { sql: String::new(), ty: None }),
                _ => Err(Fault::new(&arg.at, format!("{what} needs a unit of time here."))
                    .hint("Use 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter' or 'year'.")),
            },
        }
    }
}

/// Up to which argument they have a type in common with the result.
fn last_common(function: &Function) -> usize {
    match function.name {
        "round" | "date_add" => 1,
        _ => function.takes.len(),
    }
}

fn number(digits: &str, expr: &Expr) -> Result<Typed, Fault> {
    if !digits.contains('.')
        && let Ok(whole) = digits.parse::<i64>()
    {
        return Ok(Typed { sql: whole.to_string(), ty: Some(DataType::Integer) });
    }
    match digits.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Typed { sql: sql::double(value), ty: Some(DataType::Float) }),
        _ => Err(Fault::new(&expr.at, "This number is too large.")),
    }
}

/// The type that holds both, where there is one; nothing fits every type.
fn common(values: &[&Typed]) -> Option<Option<DataType>> {
    use DataType::{Date, Decimal, Float, Integer, Timestamp};
    let mut ty = None;
    for value in values {
        ty = match (ty, value.ty) {
            (None, other) | (other, None) => other,
            (Some(a), Some(b)) if a == b => Some(a),
            (Some(a), Some(b)) => Some(match (a, b) {
                (Float, Integer | Decimal) | (Integer | Decimal, Float) => Float,
                (Decimal, Integer) | (Integer, Decimal) => Decimal,
                (Date, Timestamp) | (Timestamp, Date) => Timestamp,
                _ => return None,
            }),
        };
    }
    Some(ty)
}

fn misfit(expr: &Expr, a: &Typed, b: &Typed, why: &str) -> Fault {
    let name = |t: &Typed| t.ty.map_or("nothing", words);
    Fault::new(&expr.at, format!("{} and {} {why}.", name(a), name(b)))
        .hint("Change one of them with to_number, to_text or to_date.")
}

/// A type in words.
fn words(ty: DataType) -> &'static str {
    match ty {
        DataType::Boolean => "true or false",
        DataType::Integer => "whole number",
        DataType::Float | DataType::Decimal => "number",
        DataType::Text => "text",
        DataType::Date => "date",
        DataType::Time => "time of day",
        DataType::Timestamp => "timestamp",
        DataType::Other => "value of another kind",
    }
}
