//! Whether values of one column are found in another: what a suggestion of a join goes by.

use crate::Source;
use crate::scan;
use crate::scope::{ROWS, read};
use crate::sql::{self, Select};
use domain::Column;

/// How many rows are looked at ...
const ROWS_LOOKED_AT: u64 = 100_000;
/// ... and how many different values of theirs are looked for.
const VALUES_LOOKED_FOR: u64 = 2_000;

/// Which part of the different values here is found there, 0 to 1: one row with one column, NULL
/// where there are no values. It looks at the first rows here, and at all rows there.
pub fn overlap_sql(here: (&Source<'_>, &Column), there: (&Source<'_>, &Column)) -> String {
    let known = |(source, column): (&Source<'_>, &Column), name: &str| Select {
        filter: vec![sql::is_not_null(&read(column))],
        ..Select::of(vec![sql::named(&read(column), name)], sql::aliased(&scan::relation(source, &[column]), ROWS))
    };
    let first = Select { limit: Some(ROWS_LOOKED_AT), ..known(here, "v") };
    let value = sql::column("s", "v");
    let different = Select {
        group: vec!["1".to_owned()],
        limit: Some(VALUES_LOOKED_FOR),
        ..Select::of(vec![sql::named(&value, "v")], sql::aliased(&sql::nested(&first), "s"))
    };
    let is_found = format!("{} IN {}", sql::column("d", "v"), sql::nested(&known(there, "w")));
    let marked = Select::of(
        vec![sql::named(&sql::case(&[(&is_found, "1.0")], "0.0"), "found")],
        sql::aliased(&sql::nested(&different), "d"),
    );
    let share = sql::call("avg", &[&sql::column("m", "found")]);
    Select::of(vec![sql::named(&share, "overlap")], sql::aliased(&sql::nested(&marked), "m")).print()
}
