//! Expressions of calculated columns: small, typed, and safe. Text becomes tokens, a tree, then SQL with
//! a type; nothing that is typed reaches SQL but as a quoted literal or a column that was looked up.
//!
//! | | |
//! |---|---|
//! | literals | `12`, `1.5`, `'text'` (a quote is doubled), `true`, `false`, `null` |
//! | columns | `dep_delay`, or `"Departure delay"` and `[Departure delay]` for names with other characters |
//! | operators | `+ - * / %`, `= != < <= > >=`, `and or not`, `is null`, `is not null`, `in (...)`, `not in (...)` |
//! | choices | `if(test, then, else)`, `case when test then value else other end` |
//! | functions | [`FUNCTIONS`] |
//!
//! Dividing by zero gives no value. Times are those of the question's time zone.

mod functions;
mod lexer;
mod parser;
mod print;

pub use functions::{FUNCTIONS, Function};

use crate::calendar::Calendar;
use crate::dialect::Dialect;
use crate::scope::Clock;
use crate::zone::Zone;
use domain::{Column, DataType, Error, ErrorCode};
use std::ops::Range;

/// The longest expression, in characters.
const MAX_LENGTH: usize = 4_000;

/// What is wrong with an expression, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub message: String,
    pub hint: Option<String>,
    /// The bytes of the expression that it is about.
    pub at: Range<usize>,
}

impl Fault {
    fn new(at: &Range<usize>, message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, at: at.clone() }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let error = Self::new(ErrorCode::InvalidQuery, fault.message).field("expression");
        match fault.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

/// An expression as SQL.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compiled {
    pub(crate) sql: String,
    pub(crate) ty: DataType,
}

/// The type of an expression over these columns.
pub fn check(expression: &str, columns: &[Column]) -> Result<DataType, Fault> {
    let zone = Zone::parse(None).map_err(|e| Fault::new(&(0..0), e.message))?;
    let clock = Clock {
        zone: &zone,
        now: jiff::Timestamp::UNIX_EPOCH,
        calendar: Calendar::default(),
        db: Dialect::DuckDb.spelling(),
    };
    let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    let mut find = |name: &str| columns.iter().find(|c| c.name == name).map(|c| (crate::scope::read(c), c.ty));
    compile(expression, &clock, &names, &mut find).map(|c| c.ty)
}

/// The columns that an expression names, each once.
pub fn columns(expression: &str) -> Result<Vec<String>, Fault> {
    Ok(parser::parse(expression)?.columns())
}

/// The SQL of an expression whose columns `find` reads; `names` are those a typing error may mean.
pub(crate) fn compile(
    expression: &str,
    clock: &Clock<'_>,
    names: &[&str],
    find: &mut dyn FnMut(&str) -> Option<(String, DataType)>,
) -> Result<Compiled, Fault> {
    let tree = parser::parse(expression)?;
    let typed = print::Printer { clock, names, find }.print(&tree)?;
    match typed.ty {
        Some(ty) => Ok(Compiled { sql: typed.sql, ty }),
        None => Err(Fault::new(&tree.at, "The expression never has a value.")),
    }
}
