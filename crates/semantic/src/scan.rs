//! Where the rows come from: the parts of a dataset, what of them a question needs, and the rules
//! on rows that nothing may pass by.

use crate::dialect::duckdb;
use crate::scope::{ROWS, Scope, read};
use crate::sql::{self, Select};
use crate::{Policy, Source, filter, path::Path};
use domain::{Column, Error, ErrorCode, Result};

/// The relation `t` of a question. Call it last: it holds the columns used until then.
pub(crate) fn rows(scope: &mut Scope<'_>, policies: &[Policy]) -> Result<String> {
    let path = Path::Root("policy");
    let mut rules = Vec::new();
    for policy in policies {
        // The reader may know neither the rule nor its columns: no rows, and no details.
        rules.push(filter::rows(scope, &policy.filter, &path).map_err(|_| broken_rule())?);
    }
    let used = scope.used();
    let base = relation(scope.source, &used);
    let local = scope.local_items();
    if rules.is_empty() && local.is_empty() {
        return Ok(sql::aliased(&base, ROWS));
    }
    let items = used.iter().map(|c| read(c)).chain(local).collect();
    let select = Select { filter: rules, ..Select::of(items, sql::aliased(&base, ROWS)) };
    Ok(sql::aliased(&sql::nested(&select), ROWS))
}

fn broken_rule() -> Error {
    Error::new(ErrorCode::RuleRefused, "A rule on the rows of this dataset cannot be applied.")
        .hint("Ask the owner of the dataset to look at its rules.")
}

/// All rows of a dataset, with at least these columns.
pub(crate) fn relation(source: &Source<'_>, columns: &[&Column]) -> String {
    let items = |item: &dyn Fn(&Column) -> String| -> Vec<String> {
        // A relation has at least one column, even where rows are only counted.
        if columns.is_empty() { vec!["1 AS one".to_owned()] } else { columns.iter().map(|c| item(c)).collect() }
    };
    match source.parts {
        [] => {
            let empty = |c: &Column| sql::named(&sql::cast("NULL", duckdb::type_name(c.ty)), &c.name);
            let select = Select { items: items(&empty), filter: vec!["FALSE".to_owned()], ..Select::default() };
            sql::nested(&select)
        }
        [part] => sql::table(part),
        parts => {
            let select = |part: &String| Select::of(items(&|c| sql::ident(&c.name)), sql::table(part));
            sql::union(&parts.iter().map(select).collect::<Vec<_>>())
        }
    }
}
