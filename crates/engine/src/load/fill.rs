//! From an opened source to a finished segment: one statement writes it; what cannot be read is
//! counted and named, and either left out or the reason to refuse the file.

use super::csv::{CsvSource, REJECTS_LIMIT};
use super::source::{self, Origin, Relation, Source, SourceColumn, Target, label};
use super::{Bench, Job, KEEP_ORDER_BYTES, Loaded, csv, format};
use crate::fault::{self, Kind};
use crate::roles;
use crate::segment::Draft;
use domain::dataset::BadRow;
use domain::{Column, Error, Result};
use semantic::sql::ident;

/// Bad rows that are named.
const NAMED: usize = 10;

/// Rows that could not be read.
#[derive(Default)]
pub(crate) struct Bad {
    pub(crate) count: u64,
    pub(crate) first: Vec<BadRow>,
}

/// Loads the file of a job.
pub(crate) fn load(job: &Job, expect: Option<&[Column]>) -> Result<Loaded> {
    let size = job.size()?;
    let bench = job.bench(size <= KEEP_ORDER_BYTES)?;
    let mut source = format::open(job, &bench, true)?;
    let draft = job.inner.folders.draft();
    attach(&bench, &draft)?;
    job.check()?;
    let (targets, bad) = fill(job, &bench, &mut source, expect)?;
    let rows: u64 = one(&bench, "SELECT count(*) FROM draft.main.data")?;
    if rows == 0 {
        return Err(match bad.count {
            0 => fault::unusable("The file has no rows."),
            _ => refused(&bad),
        });
    }
    let columns = describe(&bench, &targets, expect)?;
    detach(job, &bench)?;
    job.check()?;
    let segment = draft.publish(rows)?;
    job.progress.set_done(size);
    job.progress.set_rows(rows);
    Ok(Loaded { segment, columns, rejected: bad.count, rejects: bad.first })
}

/// Attaches a draft to write into, under the name `draft`.
pub(crate) fn attach(bench: &Bench, draft: &Draft) -> Result<()> {
    let path = source::path_text(&draft.path)?;
    // The file is not part of anything until it is complete: no write-ahead log is needed.
    let sql = format!("ATTACH {path} AS draft (RECOVERY_MODE 'NO_WAL_WRITES')");
    bench.worker.execute(&sql).map_err(|e| fault::writing(&e))
}

/// Writes everything out and lets the draft go.
pub(crate) fn detach(job: &Job, bench: &Bench) -> Result<()> {
    bench.worker.execute("CHECKPOINT draft; DETACH draft").map_err(|e| job.failed(&e))
}

fn fill(job: &Job, bench: &Bench, source: &mut Source, expect: Option<&[Column]>) -> Result<(Vec<Target>, Bad)> {
    let skip = job.options.skip_bad_rows;
    let mut targets = source.targets(expect)?;
    let mut bad = Bad::default();
    let relation = source.from(false)?;
    let mut written = bench.worker.execute(&create(&targets, &relation, false));
    if let Err(error) = &written
        && may_be_values(error, &targets)
    {
        job.check()?;
        if widen(bench, source, &targets, &relation)? {
            targets = source.targets(expect)?;
            written = bench.worker.execute(&create(&targets, &relation, false));
        }
    }
    if let Err(error) = &written {
        job.check()?;
        if may_be_values(error, &targets) {
            bad = misfits(bench, source, &targets, &relation)?;
        }
        if bad.count == 0 {
            return Err(format::explain(job, &source.options, error));
        }
        if skip {
            bench.worker.execute(&create(&targets, &relation, true)).map_err(|e| job.failed(&e))?;
        }
    }
    if let Relation::Csv(csv) = &source.relation {
        let shape = rejects(bench, csv)?;
        bad.count += shape.count;
        bad.first.extend(shape.first);
        bad.first.sort_by_key(|row| row.line);
        bad.first.truncate(NAMED);
    }
    if bad.count > 0 && !skip {
        return Err(refused(&bad));
    }
    Ok((targets, bad))
}

/// Whether a statement may have failed because of a value that is not of its column's type.
fn may_be_values(error: &duckdb::Error, targets: &[Target]) -> bool {
    matches!(fault::kind(&error.to_string()), Kind::Conversion | Kind::Format)
        && targets.iter().any(|t| t.check.is_some())
}

/// The statement that writes the segment; `lenient` leaves out rows with unreadable values.
fn create(targets: &[Target], relation: &str, lenient: bool) -> String {
    let select = select(targets, relation, lenient);
    format!("CREATE OR REPLACE TABLE draft.main.data AS {select}")
}

/// The rows as they are to be stored.
pub(crate) fn select(targets: &[Target], relation: &str, lenient: bool) -> String {
    let item = |target: &Target| {
        let expr =
            if lenient && target.check.is_some() { format!("TRY({})", target.expr) } else { target.expr.clone() };
        format!("{expr} AS {}", ident(&target.name))
    };
    let items: Vec<String> = targets.iter().map(item).collect();
    let mut sql = format!("SELECT {} FROM {relation}", items.join(", "));
    let misfits: Vec<String> = targets.iter().filter_map(misfit).collect();
    if lenient && !misfits.is_empty() {
        sql.push_str(&format!(" WHERE NOT ({})", misfits.join(" OR ")));
    }
    sql
}

/// True for a row whose value is not of the type.
fn misfit(target: &Target) -> Option<String> {
    let check = target.check.as_ref()?;
    Some(format!("(({check}) IS NOT NULL AND TRY({}) IS NULL)", target.expr))
}

/// Gives columns whose type was only guessed from a sample the type that all their values have.
fn widen(bench: &Bench, source: &mut Source, targets: &[Target], relation: &str) -> Result<bool> {
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
fn rejects(bench: &Bench, csv: &CsvSource) -> Result<Bad> {
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
fn refused(bad: &Bad) -> Error {
    let count = if bad.count >= REJECTS_LIMIT { format!("At least {}", bad.count) } else { bad.count.to_string() };
    let rows = if bad.count == 1 { "row cannot" } else { "rows cannot" };
    let named: Vec<String> = bad.first.iter().map(|r| format!("line {}: {}", r.line, r.reason)).collect();
    fault::unusable(format!("{count} {rows} be read. {}.", named.join("; ")))
        .hint("Correct the file, choose other column types, or load it without these rows.")
        .field("options.skip_bad_rows")
}

/// The dataset's columns: types as written, labels and roles guessed.
pub(crate) fn describe(bench: &Bench, targets: &[Target], expect: Option<&[Column]>) -> Result<Vec<Column>> {
    if let Some(expect) = expect {
        return Ok(expect.to_vec());
    }
    let names: Vec<(String, domain::DataType)> = targets.iter().map(|t| (t.name.clone(), t.ty)).collect();
    let facts = roles::facts(&bench.db, "draft.main.data", &names)?;
    let column = |((name, ty), facts): ((String, domain::DataType), roles::Facts)| {
        let (role, format) = roles::guess(&name, ty, &facts);
        Column { label: label(&name), name, ty, role, description: String::new(), format }
    };
    Ok(names.into_iter().zip(facts).map(column).collect())
}

/// The one number of a statement.
pub(crate) fn one(bench: &Bench, sql: &str) -> Result<u64> {
    bench.db.query_row(sql, [], |row| row.get(0)).map_err(|e| fault::writing(&e))
}

/// Keeps the rows of a statement as a table in memory. The worker runs it, so that it can be
/// cancelled and so that the rows the reader refuses are listed where [`rejects`] finds them.
fn keep(bench: &Bench, name: &str, sql: &str) -> Result<()> {
    let sql = format!("CREATE OR REPLACE TABLE memory.main.{name} AS {sql}");
    bench.worker.execute(&sql).map_err(|e| fault::writing(&e))
}

/// The names and types of a relation, as DuckDB describes them.
pub(crate) fn describe_relation(bench: &Bench, relation: &str) -> duckdb::Result<Vec<(String, String)>> {
    let mut statement = bench.db.prepare(&format!("DESCRIBE SELECT * FROM {relation}"))?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Typed columns of a relation. Whole numbers of 128 bits are kept as 64-bit ones or as decimals
/// where all of them fit, else as text.
pub(crate) fn typed_columns(
    bench: &Bench,
    relation: &str,
    described: &[(String, String)],
) -> Result<Vec<SourceColumn>> {
    let mut columns = source::typed_columns(described)?;
    for column in &mut columns {
        let Origin::Typed { raw, duck } = &mut column.origin else { continue };
        if duck != "HUGEINT" && duck != "UHUGEINT" {
            continue;
        }
        let within = |limit: &str| format!("coalesce(min({raw}) >= -{limit} AND max({raw}) <= {limit}, true)");
        let sql = format!(
            "SELECT CASE WHEN {} THEN 1 WHEN {} THEN 2 ELSE 3 END FROM {relation}",
            within("9223372036854775807"),
            within("99999999999999999999999999999999999999")
        );
        let fits = match one(bench, &sql)? {
            1 => "BIGINT",
            2 => "DECIMAL(38,0)",
            _ => "VARCHAR",
        };
        *raw = format!("CAST({raw} AS {fits})");
        *duck = fits.to_owned();
    }
    Ok(columns)
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
