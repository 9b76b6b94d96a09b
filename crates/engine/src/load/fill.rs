//! From an opened source to a finished segment: one statement writes it; what cannot be read is
//! counted and named, and either left out or the reason to refuse the file.

use super::bad::{self, Bad, NAMED, may_be_values, misfit};
use super::source::{self, Origin, Relation, Source, SourceColumn, Target, label};
use super::{Bench, Job, KEEP_ORDER_BYTES, Loaded, format};
use crate::fault;
use crate::roles;
use crate::segment::Draft;
use domain::{Column, Result};
use semantic::sql::ident;

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
            _ => bad::refused(&bad),
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
        if bad::widen(bench, source, &targets, &relation)? {
            targets = source.targets(expect)?;
            written = bench.worker.execute(&create(&targets, &relation, false));
        }
    }
    if let Err(error) = &written {
        job.check()?;
        if may_be_values(error, &targets) {
            bad = bad::misfits(bench, source, &targets, &relation)?;
        }
        if bad.count == 0 {
            return Err(format::explain(job, &source.options, error));
        }
        if skip {
            bench.worker.execute(&create(&targets, &relation, true)).map_err(|e| job.failed(&e))?;
        }
    }
    if let Relation::Csv(csv) = &source.relation {
        let shape = bad::rejects(bench, csv)?;
        bad.count += shape.count;
        bad.first.extend(shape.first);
        bad.first.sort_by_key(|row| row.line);
        bad.first.truncate(NAMED);
    }
    if bad.count > 0 && !skip {
        return Err(bad::refused(&bad));
    }
    Ok((targets, bad))
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

/// The dataset's columns: types as written, labels and roles guessed.
pub(crate) fn describe(bench: &Bench, targets: &[Target], expect: Option<&[Column]>) -> Result<Vec<Column>> {
    if let Some(expect) = expect {
        return Ok(expect.to_vec());
    }
    guessed(bench, "draft.main.data", targets)
}

/// The columns of a table: labels, and the roles and formats that nobody chose, are guessed.
pub(crate) fn guessed(bench: &Bench, table: &str, targets: &[Target]) -> Result<Vec<Column>> {
    let names: Vec<(String, domain::DataType)> = targets.iter().map(|t| (t.name.clone(), t.ty)).collect();
    let facts = roles::facts(&bench.db, table, &names)?;
    let column = |(target, facts): (&Target, roles::Facts)| {
        let (guess, format) = roles::guess(&target.name, target.ty, &facts);
        let role = target.role.unwrap_or(guess);
        let format = format.filter(|_| role == guess);
        let (name, ty) = (target.name.clone(), target.ty);
        Column { label: label(&name), name, ty, role, description: String::new(), format, is_calculated: false }
    };
    Ok(targets.iter().zip(facts).map(column).collect())
}

/// The one number of a statement.
pub(crate) fn one(bench: &Bench, sql: &str) -> Result<u64> {
    bench.db.query_row(sql, [], |row| row.get(0)).map_err(|e| fault::writing(&e))
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
