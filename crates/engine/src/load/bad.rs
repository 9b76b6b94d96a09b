//! Rows that cannot be read: how many, on which lines, and why. Also: which type a column turns
//! out to have when its sample was misleading.

use super::Bench;
use super::csv::{self, CsvSource, REJECTS_LIMIT};
use super::fill::one;
use super::source::{Origin, Relation, Source, Target};
use crate::fault::{self, Kind};
use domain::dataset::BadRow;
use domain::{Error, Result};

/// Bad rows that are named.
pub(crate) const NAMED: usize = 10;

/// Rows that could not be read.
#[derive(Default)]
pub(crate) struct Bad {
    pub(crate) count: u64,
    pub(crate) first: Vec<BadRow>,
}

/// Whether a statement may have failed because of a value that is not of its column's type.
pub(crate) fn may_be_values(error: &duckdb::Error, targets: &[Target]) -> bool {
    matches!(fault::kind(&error.to_string()), Kind::Conversion | Kind::Format)
        && targets.iter().any(|t| t.check.is_some())
}

/// True for a row whose value is not of the type.
pub(crate) fn misfit(target: &Target) -> Option<String> {
    let check = target.check.as_ref()?;
    Some(format!("(({check}) IS NOT NULL AND TRY({}) IS NULL)", target.expr))
}

/// Gives columns whose type was only guessed from a sample the type that all their values have.
pub(crate) fn widen(bench: &Bench, source: &mut Source, targets: &[Target], relation: &str) -> Result<bool> {
    let mut tests = Vec::new();
    for target in targets.iter().filter(|t| !t.chosen) {
        let Some(at) = target.source else { continue };
        if let Origin::Text { raw, traits } = &source.columns[at].origin
            && let Some(misfit) = misfit(target)
        {
            let wider = traits.wider(raw);
            if !wider.is_empty() {
                tests.push((at, format!("count(*) FILTER (WHERE {misfit})"), wider));
            }
        }
    }
    if tests.is_empty() {
        return Ok(false);
    }
    let items: Vec<&str> = tests
        .iter()
        .flat_map(|(_, own, wider)| std::iter::once(own.as_str()).chain(wider.iter().map(|(sql, _)| sql.as_str())))
        .collect();
    let sql = format!("SELECT array_to_string([{}], ' ') AS n FROM {relation}", items.join(", "));
    keep(bench, "counts", &sql)?;
    let counts: String =
        bench.db.query_row("SELECT n FROM memory.main.counts", [], |row| row.get(0)).map_err(|e| fault::writing(&e))?;
    let mut counts = counts.split(' ').filter_map(|n| n.parse::<u64>().ok());
    let mut changed = false;
    for (at, _, wider) in tests {
        let own = counts.next().unwrap_or(0);
        let fits: Vec<u64> = counts.by_ref().take(wider.len()).collect();
        if own == 0 {
            continue;
        }
        let shape = wider.iter().zip(fits).find(|(_, misfits)| *misfits == 0).map(|((_, shape), _)| *shape);
        if let (Some(shape), Origin::Text { traits, .. }) = (shape, &mut source.columns[at].origin) {
            traits.become_wider(shape);
            changed = true;
        }
    }
    Ok(changed)
}

/// Counts the rows with values that are not of their type, and names the first.
pub(crate) fn misfits(bench: &Bench, source: &Source, targets: &[Target], relation: &str) -> Result<Bad> {
    if targets.iter().all(|t| t.check.is_none()) {
        return Ok(Bad::default());
    }
    let mut which = String::from("CASE");
    let mut value = String::from("CASE");
    for (at, target) in targets.iter().enumerate() {
        if let (Some(misfit), Some(check)) = (misfit(target), &target.check) {
            which.push_str(&format!(" WHEN {misfit} THEN {at}"));
            value.push_str(&format!(" WHEN {misfit} THEN left(CAST(({check}) AS VARCHAR), 60)"));
        }
    }
    let sql = format!(
        "SELECT count(*) OVER () AS total, n, which, value FROM (
           SELECT row_number() OVER () AS n, {which} END AS which, {value} END AS value FROM {relation}
         ) WHERE which IS NOT NULL ORDER BY n LIMIT {NAMED}"
    );
    let report = |e: &duckdb::Error| fault::writing(e);
    // Row numbers mean lines only in the order of the file.
    bench.worker.execute("SET GLOBAL preserve_insertion_order = true").map_err(|e| report(&e))?;
    keep(bench, "misfits", &sql)?;
    let mut statement = bench
        .db
        .prepare("SELECT total, n, which, value FROM memory.main.misfits ORDER BY n")
        .map_err(|e| report(&e))?;
    type Misfit = (i64, i64, i32, Option<String>);
    let found = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)));
    let found: Vec<Misfit> = found.and_then(Iterator::collect).map_err(|e| report(&e))?;
    let numbers: Vec<u64> = found.iter().map(|(_, n, ..)| u64::try_from(*n).unwrap_or(0)).collect();
    let lines = match &source.relation {
        Relation::Csv(csv) => csv.lines(&numbers),
        Relation::Sql(_) => numbers,
    };
    let count = found.first().map_or(0, |(total, ..)| u64::try_from(*total).unwrap_or(0));
    let first = found.iter().zip(lines).map(|((_, _, which, value), line)| {
        let target = usize::try_from(*which).ok().and_then(|w| targets.get(w));
        let (name, noun) = target.map_or(("", ""), |t| (t.name.as_str(), csv::noun(t.ty)));
        let value = value.as_deref().unwrap_or_default();
        BadRow { line, reason: format!("column \"{name}\": \"{value}\" is not {noun}") }
    });
    Ok(Bad { count, first: first.collect() })
}

/// Rows of a wrong shape that the reader left out.
pub(crate) fn rejects(bench: &Bench, csv: &CsvSource) -> Result<Bad> {
    let sql = "SELECT line, arg_min(CAST(error_type AS VARCHAR), byte_position) AS kind,
               arg_min(left(csv_line, 100000), byte_position) AS content
        FROM reject_errors WHERE scan_id = (SELECT max(scan_id) FROM reject_errors) GROUP BY line";
    keep(bench, "bad", sql)?;
    let count: u64 = one(bench, "SELECT count(*) FROM memory.main.bad")?;
    if count == 0 {
        return Ok(Bad::default());
    }
    let sql = format!("SELECT line, kind, content FROM memory.main.bad ORDER BY line LIMIT {NAMED}");
    let mut statement = bench.db.prepare(&sql).map_err(|e| fault::writing(&e))?;
    let rows =
        statement.query_map([], |r| Ok((r.get::<_, u64>(0)?, r.get::<_, String>(1)?, r.get::<_, Option<String>>(2)?)));
    let rows: Vec<(u64, String, Option<String>)> = rows.and_then(Iterator::collect).map_err(|e| fault::writing(&e))?;
    let first = rows.into_iter().map(|(line, kind, content)| {
        let found = csv.fields(content.as_deref().unwrap_or_default()).len();
        let reason = match kind.as_str() {
            "UNQUOTED VALUE" => csv::shape_problem(0, 0, true),
            "LINE SIZE OVER MAXIMUM" => Some("it is longer than 2 MB".into()),
            "INVALID ENCODING" => Some("it has characters of another encoding".into()),
            _ => csv::shape_problem(found, csv.width(), false),
        };
        BadRow { line, reason: reason.unwrap_or_else(|| "it cannot be read".into()) }
    });
    Ok(Bad { count, first: first.collect() })
}

/// The sentence for a file with bad rows.
pub(crate) fn refused(bad: &Bad) -> Error {
    let count = if bad.count >= REJECTS_LIMIT { format!("At least {}", bad.count) } else { bad.count.to_string() };
    let rows = if bad.count == 1 { "row cannot" } else { "rows cannot" };
    let named: Vec<String> = bad.first.iter().map(|r| format!("line {}: {}", r.line, r.reason)).collect();
    fault::unusable(format!("{count} {rows} be read. {}.", named.join("; ")))
        .hint("Correct the file, choose other column types, or load it without these rows.")
        .field("options.skip_bad_rows")
}

/// Keeps the rows of a statement as a table in memory. The worker runs it, so that it can be
/// cancelled and so that the rows the reader refuses are listed where [`rejects`] finds them.
fn keep(bench: &Bench, name: &str, sql: &str) -> Result<()> {
    let sql = format!("CREATE OR REPLACE TABLE memory.main.{name} AS {sql}");
    bench.worker.execute(&sql).map_err(|e| fault::writing(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_count_and_lines() {
        let bad = Bad { count: 12, first: vec![BadRow { line: 5, reason: "3 fields instead of 5".into() }] };
        let error = refused(&bad);
        assert_eq!(error.message, "12 rows cannot be read. line 5: 3 fields instead of 5.");
    }
}
